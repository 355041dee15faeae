/* members.c - which files of members are open. */
#include "members.h"

#include "alloc.h"
#include "check.h"

enum { KEPT = 8 }; /* files that stay open: an ensemble may have thousands */

mpp_rollout_nc_layout mpp_members_layout(const mpp_job *job, size_t steps)
{
  return (mpp_rollout_nc_layout){
      .info = job->info,
      .coordinate = {job->coordinate[0], job->coordinate[1], job->coordinate[2]},
      .steps = steps,
      .style = job->style};
}

/* Opens one; *length is found, or where it is not 0, known. */
static mpp_status open_one(mpp_rollout_nc **out, size_t *length, const mpp_members *m,
                           size_t member)
{
  mpp_status st = MPP_OK;
  const mpp_plan *plan = &m->job->plan;
  const mpp_plan_key key =
      mpp_plan_at(plan, member / plan->members, m->context, member % plan->members);
  const mpp_rollout_nc_layout layout = mpp_members_layout(m->job, key.steps);
  char path[MPP_PATH_MAX];
  MPP_TRY(mpp_plan_name(path, plan, &key, false));
  MPP_TRY(*length == 0 ? mpp_rollout_nc_open(out, length, path, &layout)
                       : mpp_rollout_nc_open_again(out, *length, path, &layout));
done:
  return st;
}

mpp_status mpp_members_open(mpp_members *m, const mpp_job *job, size_t context)
{
  mpp_status st = MPP_OK;
  m->job = job;
  m->context = context;
  m->count = job->plan.members * job->plan.checkpoints;
  MPP_TRY(mpp_alloc((void **)&m->open, m->count, sizeof(void *)));
  MPP_TRY(MPP_ALLOC(&m->length, m->count));
  for (size_t i = 0; i < m->count; i++) {
    MPP_TRY(open_one(&m->open[i], &m->length[i], m, i));
    m->records = m->length[i] > m->records ? m->length[i] : m->records;
    mpp_members_leave(m, i, m->open[i]);
  }
done:
  return st;
}

void mpp_members_close(mpp_members *m)
{
  for (size_t i = 0; m->open != NULL && i < m->count; i++) { mpp_rollout_nc_abandon(m->open[i]); }
  mpp_free((void *)m->open);
  mpp_free(m->length);
  *m = (mpp_members){0};
}

mpp_status mpp_members_use(mpp_rollout_nc **out, mpp_members *m, size_t member)
{
  mpp_status st = MPP_OK;
  if (m->open[member] == NULL) {
    MPP_TRY(open_one(&m->open[member], &m->length[member], m, member));
  }
  *out = m->open[member];
done:
  return st;
}

void mpp_members_leave(mpp_members *m, size_t member, mpp_rollout_nc *file)
{
  if (file != NULL && member >= KEPT) {
    mpp_rollout_nc_abandon(file);
    m->open[member] = NULL;
  }
}
