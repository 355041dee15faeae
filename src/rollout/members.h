/* members.h - the files of an ensemble's members, open a few at a time. */
#ifndef MPP_MEMBERS_H
#define MPP_MEMBERS_H

#include "track.h"

typedef struct mpp_members {
  const mpp_job *job;
  size_t context, count, records; /* of the plan; files; records of the longest */
  size_t *length;                 /* [count] records, owned */
  mpp_rollout_nc **open;          /* [count], NULL: not open; owned */
} mpp_members;

/* Looks at each file of a context of the plan. Close it in any case; begin with a zeroed one.
 * MPP_ERR_DATA: damaged, or not of this run. */
MPP_MUST_CHECK mpp_status mpp_members_open(mpp_members *m, const mpp_job *job, size_t context);
void mpp_members_close(mpp_members *m);

/* A file to read from, and the end of that. leave() takes NULL. */
MPP_MUST_CHECK mpp_status mpp_members_use(mpp_rollout_nc **out, mpp_members *m, size_t member);
void mpp_members_leave(mpp_members *m, size_t member, mpp_rollout_nc *file);

/* What such a file has at least. */
mpp_rollout_nc_layout mpp_members_layout(const mpp_job *job, size_t steps);

#endif
