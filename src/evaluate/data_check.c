/* data_check.c - all values of all trajectories read once: what is not finite, constant, out of
 * order in time, or there twice. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "distinct.h"
#include "file_set.h"
#include "mpp/info.h"

const char *mpp_finding_name(mpp_finding_kind k)
{
  static const char *const names[MPP_FINDINGS] = {
      "unreadable", "non-finite", "constant", "times", "duplicate", "leak", "missing", "changed"};
  return (unsigned)k < MPP_FINDINGS ? names[k] : "unknown";
}

static const char *const part_of[] = {"training part", "validation part", "test part", "data"};

/* One trajectory that could be read. */
typedef struct entry {
  mpp_digest digest;
  size_t data, trajectory; /* number of the dataset, number in it */
  mpp_split split;
  size_t other; /* entry that it equals: of another part if there is one; itself if there is none */
} entry;

/* What is seen of a field of the trajectory at hand. */
typedef struct seen {
  float low, high;
  size_t bad, frame; /* values that are not finite, frame of the first */
} seen;

typedef struct source {
  mpp_dataset *dataset; /* NULL: does not open */
} source;

typedef struct job {
  const mpp_check_options *options;
  const mpp_check_observer *observer;
  mpp_check_summary *summary;
  source *data; /* [ndata] */
  entry *list;  /* [count], room for all */
  size_t count;
  const mpp_dataset_info *info; /* of the trajectory at hand */
  seen field[MPP_MAX_FIELDS];
} job;

static void MPP_PRINTF(3, 4) report(const job *j, mpp_finding *f, const char *format, ...)
{
  char text[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  f->text = text;
  f->field = f->field != NULL ? f->field : "";
  f->at.file = f->at.file != NULL ? f->at.file : "";
  f->other.file = f->other.file != NULL ? f->other.file : "";
  j->summary->found[f->kind]++;
  j->summary->faults += f->fault;
  if (j->observer->finding != NULL) {
    j->observer->finding(j->observer->context, f);
  }
  f->text = NULL;
}

static mpp_split split_of(const mpp_dataset *d, size_t trajectory)
{
  for (mpp_split p = MPP_TRAIN; p < MPP_TEST; p++) {
    size_t first = 0, count = 0;
    mpp_dataset_split(d, p, &first, &count);
    if (trajectory >= first && trajectory - first < count) {
      return p;
    }
  }
  return MPP_TEST;
}

static mpp_place place(const job *j, size_t data, size_t trajectory)
{
  mpp_place p = {.split = split_of(j->data[data].dataset, trajectory)};
  p.file = mpp_dataset_file(j->data[data].dataset, trajectory, &p.trajectory);
  return p;
}

/* Failures that say something of the data, not of this process. */
static bool is_finding(mpp_status st) { return st == MPP_ERR_DATA || st == MPP_ERR_NOINPUT; }

/* ---- opening ---- */

static mpp_status unreadable(const job *j, const char *file)
{
  mpp_finding f = {
      .kind = MPP_FOUND_UNREADABLE, .fault = true, .whole = true, .at = {.file = file}};
  report(j, &f, "%s", mpp_last_error());
  return MPP_OK;
}

/* A set does not open: which of its files? */
static mpp_status find_unreadable(const job *j, const char *spec,
                                  const mpp_dataset_options *options)
{
  mpp_status st = MPP_OK;
  mpp_file_set set = {0};
  char *one = NULL, *message = NULL;
  size_t found = 0;
  MPP_TRY(mpp_format(&message, "%s", mpp_last_error()));
  st = mpp_file_set_find(&set, spec);
  for (size_t i = 0; st == MPP_OK && set.count > 1 && i < set.count; i++) {
    mpp_dataset *d = NULL;
    MPP_TRY(mpp_format(&one, "%s%s%s", set.file[i], set.system[0] != '\0' ? ":" : "", set.system));
    st = mpp_dataset_open(&d, one, options);
    mpp_dataset_close(d);
    mpp_free(one);
    one = NULL;
    if (is_finding(st)) {
      st = unreadable(j, set.file[i]);
      found++;
    }
    MPP_TRY(st);
  }
  if (found == 0) { /* one file; or each opens alone, but they do not belong together */
    mpp_finding f = {
        .kind = MPP_FOUND_UNREADABLE, .fault = true, .whole = true, .at = {.file = spec}};
    report(j, &f, "%s", message);
  }
  st = is_finding(st) ? MPP_OK : st;
done:
  mpp_free(one);
  mpp_free(message);
  mpp_file_set_free(&set);
  return st;
}

static mpp_status open_all(job *j)
{
  mpp_status st = MPP_OK;
  const mpp_check_options *o = j->options;
  const mpp_dataset_options how = {
      .boundary = o->boundary != NULL && o->boundary[0] != '\0' ? o->boundary : NULL,
      .train = o->train,
      .valid = o->valid,
      .distinct = o->distinct,
      .flags = o->flags};
  size_t total = 0;
  MPP_TRY(MPP_ALLOC(&j->data, o->ndata));
  for (size_t i = 0; i < o->ndata; i++) {
    st = mpp_dataset_open(&j->data[i].dataset, o->data[i], &how);
    if (is_finding(st)) {
      st = find_unreadable(j, o->data[i], &how);
    } else if (st == MPP_OK) {
      total += mpp_dataset_get_info(j->data[i].dataset)->ntrajectories;
    }
    MPP_TRY(st);
  }
  MPP_TRY(MPP_ALLOC(&j->list, total));
done:
  return st;
}

/* ---- one trajectory ---- */

static void look_at_piece(void *context, const float *x, size_t start, size_t count)
{
  job *j = context;
  const mpp_dataset_info *info = j->info;
  const size_t cells = info->grid[0] * info->grid[1] * info->grid[2];
  for (size_t i = 0; i < count * info->nfields; i++) {
    const float *u = x + i * cells;
    seen *s = &j->field[i % info->nfields];
    float low = s->low, high = s->high;
    size_t bad = 0;
    for (size_t k = 0; k < cells; k++) {
      bad += isfinite(u[k]) || (info->filled && isnan(u[k])) ? 0 : 1;
      low = u[k] < low ? u[k] : low;
      high = u[k] > high ? u[k] : high;
    }
    s->frame = s->bad == 0 && bad > 0 ? start + i / info->nfields : s->frame;
    s->bad += bad;
    s->low = low;
    s->high = high;
  }
}

static mpp_status check_times(const job *j, mpp_dataset *d, size_t data, size_t trajectory)
{
  mpp_status st = MPP_OK;
  double *t = NULL;
  const size_t n = j->info->nframes;
  mpp_finding f = {.kind = MPP_FOUND_TIMES, .fault = true, .at = place(j, data, trajectory)};
  MPP_TRY(MPP_ALLOC(&t, n));
  st = mpp_dataset_times(d, t, trajectory);
  if (is_finding(st)) {
    report(j, &f, "%s: trajectory %zu: %s", f.at.file, f.at.trajectory, mpp_last_error());
    st = MPP_OK;
    goto done;
  }
  MPP_TRY(st);
  for (size_t k = 1; k < n; k++) {
    if (!(t[k] > t[k - 1])) {
      f.frame = k;
      report(j, &f, "%s: trajectory %zu: time %g of frame %zu follows %g", f.at.file,
             f.at.trajectory, t[k], k, t[k - 1]);
      break;
    }
  }
done:
  mpp_free(t);
  return st;
}

static void report_fields(const job *j, size_t data, size_t trajectory)
{
  for (size_t c = 0; c < j->info->nfields; c++) {
    const seen *s = &j->field[c];
    mpp_finding f = {.fault = true, .at = place(j, data, trajectory), .field = j->info->field[c]};
    if (s->bad > 0) {
      f.kind = MPP_FOUND_NONFINITE;
      f.frame = s->frame;
      f.count = s->bad;
      report(j, &f,
             "%s: trajectory %zu: field '%s': %zu values are not finite, the first in frame %zu",
             f.at.file, f.at.trajectory, f.field, s->bad, s->frame);
    } else if (s->low == s->high) {
      f.kind = MPP_FOUND_CONSTANT;
      report(j, &f, "%s: trajectory %zu: field '%s' is %g in all frames and cells", f.at.file,
             f.at.trajectory, f.field, (double)s->low);
    }
  }
}

static mpp_status look_at(job *j, size_t data, size_t trajectory)
{
  mpp_status st = MPP_OK;
  mpp_dataset *d = j->data[data].dataset;
  entry *e = &j->list[j->count];
  for (size_t c = 0; c < MPP_MAX_FIELDS; c++) { j->field[c] = (seen){INFINITY, -INFINITY, 0, 0}; }
  st = mpp_dataset_digest_pieces(&e->digest, d, trajectory, look_at_piece, j);
  if (is_finding(st)) {
    mpp_finding f = {.kind = MPP_FOUND_UNREADABLE, .fault = true, .at = place(j, data, trajectory)};
    report(j, &f, "trajectory %zu: %s", f.at.trajectory, mpp_last_error());
    return MPP_OK;
  }
  if (st != MPP_OK) {
    return st;
  }
  e->data = data;
  e->trajectory = trajectory;
  e->split = split_of(d, trajectory);
  e->other = j->count++;
  report_fields(j, data, trajectory);
  return check_times(j, d, data, trajectory);
}

/* ---- duplicates ---- */

static int by_digest(const void *a, const void *b, void *list)
{
  const entry *e = list;
  const size_t x = *(const size_t *)a, y = *(const size_t *)b;
  const int order = mpp_digest_compare(e[x].digest, e[y].digest);
  return order != 0 ? order : (x > y) - (x < y);
}

/* Sets `other` of all entries that equal an earlier one. */
static mpp_status find_duplicates(job *j)
{
  mpp_status st = MPP_OK;
  size_t *order = NULL;
  entry *e = j->list;
  MPP_TRY(MPP_ALLOC(&order, j->count));
  for (size_t i = 0; i < j->count; i++) { order[i] = i; }
  if (j->count > 0) {
    qsort_r(order, j->count, sizeof *order, by_digest, e);
  }
  for (size_t begin = 0, end = 0; begin < j->count; begin = end) {
    size_t first_of[3] = {SIZE_MAX, SIZE_MAX, SIZE_MAX}; /* of each part, first entry so far */
    for (end = begin;
         end < j->count && mpp_digest_compare(e[order[end]].digest, e[order[begin]].digest) == 0;
         end++) {
      entry *one = &e[order[end]];
      const size_t here = order[end];
      if (end > begin) {
        one->other = order[begin];
      }
      for (int p = 0; p < 3; p++) { /* an earlier one in another part says more */
        if (p != (int)one->split && first_of[p] != SIZE_MAX && e[one->other].split == one->split) {
          one->other = first_of[p];
        }
      }
      first_of[one->split] = first_of[one->split] == SIZE_MAX ? here : first_of[one->split];
    }
    j->summary->distinct++;
  }
done:
  mpp_free(order);
  return st;
}

static void report_duplicates(const job *j)
{
  for (size_t i = 0; i < j->count; i++) {
    const entry *e = &j->list[i], *other = &j->list[e->other];
    if (e->other == i) {
      continue;
    }
    const bool leak = e->split != other->split;
    mpp_finding f = {.kind = leak ? MPP_FOUND_LEAK : MPP_FOUND_DUPLICATE,
                     .fault = leak || !j->options->distinct,
                     .at = place(j, e->data, e->trajectory),
                     .other = place(j, other->data, other->trajectory)};
    report(j, &f, "%s: trajectory %zu, of the %s, equals trajectory %zu%s%s, of the %s", f.at.file,
           f.at.trajectory, part_of[f.at.split], f.other.trajectory,
           strcmp(f.at.file, f.other.file) != 0 ? " of " : "",
           strcmp(f.at.file, f.other.file) != 0 ? f.other.file : "", part_of[f.other.split]);
  }
}

mpp_status mpp_check_data(mpp_check_summary *out, const mpp_check_options *options,
                          const mpp_check_observer *observer)
{
  static const mpp_check_observer silent = {NULL, NULL, NULL};
  mpp_status st = MPP_OK;
  mpp_check_summary summary = {.trajectories = 0};
  job j = {
      .options = options, .observer = observer != NULL ? observer : &silent, .summary = &summary};
  MPP_TRY(open_all(&j));
  for (size_t i = 0; i < options->ndata; i++) {
    j.info = j.data[i].dataset != NULL ? mpp_dataset_get_info(j.data[i].dataset) : NULL;
    for (size_t k = 0; j.info != NULL && k < j.info->ntrajectories; k++) {
      MPP_TRY(look_at(&j, i, k));
      if (j.observer->progress != NULL) {
        const double part = (double)(k + 1) / (double)j.info->ntrajectories;
        j.observer->progress(j.observer->context, ((double)i + part) / (double)options->ndata);
      }
    }
  }
  summary.trajectories = j.count;
  MPP_TRY(find_duplicates(&j));
  report_duplicates(&j);
  *out = summary;
done:
  for (size_t i = 0; j.data != NULL && i < options->ndata; i++) {
    mpp_dataset_close(j.data[i].dataset);
  }
  mpp_free(j.data);
  mpp_free(j.list);
  return st;
}
