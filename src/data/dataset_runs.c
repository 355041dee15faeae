/* dataset_runs.c - several files as one dataset. A run is one file, or several that follow each
 * other in time; each file holds one trajectory or more. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "dataset_impl.h"
#include "parameters.h"
#include "text.h"

/* ---- what the first file says of all ---- */

static void copy(char *out, size_t size, const char *text) { snprintf(out, size, "%s", text); }
#define COPY(member, text) copy(member, sizeof(member), text)

/* "wet=0" */
static void mask_text(mpp_mask_name out, const mpp_condition *when)
{
  if (when->sign == MPP_SIGN_NOT_EQUAL && when->value == 0.0) {
    snprintf(out, sizeof(mpp_mask_name), "%s", when->name);
  } else {
    snprintf(out, sizeof(mpp_mask_name), "%s%s%g", when->name, mpp_sign_text(when->sign),
             when->value);
  }
}

/* "@u+v" after a mask that does not cover all fields. */
static void name_covered(mpp_mask_name out, const mpp_description *a, unsigned bit)
{
  const size_t n = a->nfields - a->nmasks;
  bool all = true;
  for (size_t i = 0; i < n; i++) { all = all && (a->field[i].masks & bit) != 0; }
  for (size_t i = 0, named = 0; !all && i < n; i++) {
    const size_t used = strlen(out);
    if ((a->field[i].masks & bit) != 0) {
      snprintf(out + used, sizeof(mpp_mask_name) - used, "%s%s", named++ > 0 ? "+" : "@",
               a->field[i].name);
    }
  }
}

static mpp_status name_fields(mpp_dataset_info *info, const mpp_description *a)
{
  mpp_status st = MPP_OK;
  info->nfields = a->npredicted;
  info->nmasks = a->nmasks;
  info->ngiven = a->nfields - a->npredicted - a->nmasks;
  for (size_t c = 0; c < a->npredicted; c++) {
    const mpp_described_field *f = &a->field[c];
    MPP_TRY(mpp_field_qualify(info->field[c], a->system, f->name));
    const mpp_field_info *known = mpp_field_find(info->field[c]);
    COPY(info->units[c], f->units[0] != '\0' ? f->units : known != NULL ? known->units : "1");
    COPY(info->long_name[c], f->long_name);
    COPY(info->standard_name[c], f->standard_name);
  }
  for (size_t c = 0; c < info->ngiven; c++) {
    const mpp_described_field *f = &a->field[a->npredicted + c];
    MPP_TRY(mpp_field_qualify(info->given[c], a->system, f->name));
    info->constant[c] = f->constant;
  }
  for (size_t c = 0; c < info->nmasks; c++) {
    const mpp_described_field *f = &a->field[a->nfields - a->nmasks + c];
    mask_text(info->mask[c], &f->when);
    name_covered(info->mask[c], a, 1U << c);
  }
done:
  return st;
}

static mpp_status fill_info(mpp_dataset *d, const mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  mpp_dataset_info *info = &d->info;
  const mpp_description *a = f->about;
  MPP_TRY(MPP_ALLOC(&d->about, 1));
  *d->about = *a;
  info->layout = f->layout->name;
  memcpy(info->system, a->system, sizeof info->system);
  for (int k = 0; k < 3; k++) {
    mpp_copy_text(info->axis[k], sizeof info->axis[k], a->space[k].name);
    COPY(info->axis_units[k], a->space[k].units);
    COPY(info->axis_long_name[k], a->space[k].long_name);
    COPY(info->axis_standard_name[k], a->space[k].standard_name);
  }
  info->filled = d->request->fill != MPP_FILL_NONE;
  info->masked = d->request->fill == MPP_FILL_MASK || a->nmasks > 0;
  COPY(info->time, a->time.name);
  COPY(info->time_units, a->time.units);
  COPY(info->calendar, a->time.calendar);
  info->timed = a->time.array.path[0] != '\0' || a->time.attribute[0] != '\0';
  info->nparameters = a->nparameters;
  for (size_t i = 0; i < a->nparameters; i++) { COPY(info->parameter[i], a->parameter[i].name); }
  MPP_TRY(name_fields(info, a));
done:
  return st;
}

/* ---- how the files go together ---- */

/* What is kept of each file until the runs are known. */
typedef struct look {
  size_t ntrajectories;
  double first, last; /* times of trajectory 0 */
  bool timed;         /* the file has times */
  bool single;        /* one trajectory, without an axis for more */
} look;

static mpp_status look_at_times(look *out, const mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  const mpp_description *a = f->about;
  double *t = NULL;
  *out = (look){.ntrajectories = a->ntrajectories,
                .timed = a->time.array.path[0] != '\0' || a->time.attribute[0] != '\0',
                .single = !a->has_sample_axis && f->group == NULL};
  if (out->timed) {
    MPP_TRY(MPP_ALLOC(&t, a->nframes));
    MPP_TRY(mpp_described_times(f, t, 0));
    out->first = t[0];
    out->last = t[a->nframes - 1];
  }
done:
  mpp_free(t);
  return st;
}

/* Files whose times go on where those before end are pieces of a run; a time that does not begins
 * the next run. All runs have as many pieces. */
static mpp_status find_runs(mpp_dataset *d, const look *seen)
{
  mpp_status st = MPP_OK;
  const size_t n = d->files.count;
  assert(n > 0);
  const mpp_along along = d->request->along;
  size_t first_run = 1;
  d->pieces = along == MPP_ALONG_TIME ? n : 1;
  bool guess = along == MPP_ALONG_GUESS && n > 1;
  for (size_t i = 0; i < n && guess; i++) { guess = seen[i].timed && seen[i].single; }
  while (guess && first_run < n && seen[first_run].first > seen[first_run - 1].last) {
    first_run++;
  }
  if (guess && first_run > 1) {
    d->pieces = first_run;
    for (size_t i = 1; i < n; i++) {
      const bool begins = seen[i].first <= seen[i - 1].last;
      MPP_REQUIRE(begins == (i % d->pieces == 0), MPP_ERR_DATA,
                  "%s: its times %s %s, expected runs of %zu files as the first (--along sample "
                  "takes each file for a run)",
                  d->files.file[i], begins ? "do not go on from" : "go on from",
                  d->files.file[i - 1], d->pieces);
    }
    MPP_REQUIRE(n % d->pieces == 0, MPP_ERR_DATA,
                "%s: %zu files, expected a multiple of the %zu of the first run", d->info.path, n,
                d->pieces);
  }
  d->nruns = n / d->pieces;
done:
  return st;
}

/* Pieces have the same trajectories, runs the same number of frames. */
static mpp_status check_runs(size_t *nframes, const mpp_dataset *d, const look *seen)
{
  mpp_status st = MPP_OK;
  size_t first = 0;
  for (size_t run = 0; run < d->nruns; run++) {
    size_t total = 0;
    for (size_t k = 0; k < d->pieces; k++) {
      const size_t i = run * d->pieces + k, lead = run * d->pieces;
      total += d->frames[i];
      MPP_REQUIRE(seen[i].ntrajectories == seen[lead].ntrajectories, MPP_ERR_DATA,
                  "%s: found %zu trajectories, expected %zu as in %s", d->files.file[i],
                  seen[i].ntrajectories, seen[lead].ntrajectories, d->files.file[lead]);
    }
    first = run == 0 ? total : first;
    MPP_REQUIRE(total == first, MPP_ERR_DATA, "%s: found %zu frames, expected %zu as in %s",
                d->files.file[run * d->pieces], total, first, d->files.file[0]);
  }
  *nframes = first;
done:
  return st;
}

/* ---- which trajectories ---- */

static mpp_status keep_where(size_t **kept, size_t *count, const mpp_data_file *f,
                             const char *where)
{
  mpp_status st = MPP_OK;
  const mpp_description *a = f->about;
  double value[MPP_MAX_PARAMETERS];
  size_t *list = NULL, n = 0;
  bool holds = false;
  MPP_TRY(MPP_ALLOC(&list, a->ntrajectories));
  for (size_t i = 0; i < a->ntrajectories; i++) {
    MPP_TRY(mpp_described_parameters(f, value, i));
    MPP_TRY(mpp_parameters_where(&holds, where, a, value, f->path));
    if (holds) {
      list[n++] = i;
    }
  }
  *kept = list;
  *count = n;
  list = NULL;
done:
  mpp_free(list);
  return st;
}

static mpp_status choose_trajectories(mpp_dataset *d, const look *seen)
{
  mpp_status st = MPP_OK;
  const char *where = d->request->where;
  size_t total = 0;
  MPP_TRY(MPP_ALLOC(&d->in_run, d->nruns));
  MPP_TRY(MPP_ALLOC(&d->kept, d->nruns));
  for (size_t run = 0; run < d->nruns; run++) {
    d->in_run[run] = seen[run * d->pieces].ntrajectories;
    if (where[0] != '\0') {
      MPP_TRY(mpp_dataset_use_file(d, run * d->pieces));
      MPP_TRY(keep_where(&d->kept[run], &d->in_run[run], &d->open, where));
    }
    MPP_REQUIRE(mpp_add(&total, total, d->in_run[run]), MPP_ERR_DATA, "%s: too many trajectories",
                d->info.path);
  }
  MPP_REQUIRE(total > 0, MPP_ERR_USAGE, "%s: no trajectory fulfils '%s'", d->info.path, where);
  d->info.ntrajectories = total;
done:
  return st;
}

mpp_status mpp_dataset_look(mpp_dataset *d, const bool *verified)
{
  mpp_status st = MPP_OK;
  look *seen = NULL;
  size_t nframes = 0;
  MPP_TRY(MPP_ALLOC(&seen, d->files.count));
  MPP_TRY(MPP_ALLOC(&d->frames, d->files.count));
  for (size_t i = 0; i < d->files.count; i++) {
    MPP_TRY(mpp_dataset_use_file(d, i));
    if (!verified[i]) {
      MPP_TRY(mpp_described_verify(&d->open));
    }
    if (i == 0) {
      MPP_TRY(fill_info(d, &d->open));
    }
    d->frames[i] = d->open.about->nframes;
    MPP_TRY(look_at_times(&seen[i], &d->open));
    MPP_REQUIRE(d->request->boundary[0] != '\0' ||
                    memcmp(d->open.about->edge, d->about->edge, sizeof d->about->edge) == 0,
                MPP_ERR_DATA,
                "%s: boundaries are not those of %s: state which, or use one of them alone",
                d->open.path, d->files.file[0]);
  }
  MPP_TRY(find_runs(d, seen));
  MPP_TRY(check_runs(&nframes, d, seen));
  MPP_TRY(choose_trajectories(d, seen));
  MPP_TRY(mpp_dataset_select(d, nframes));
done:
  mpp_free(seen);
  return st;
}
