/* convert_file.c - trajectories into one file of a layout, one in memory at a time. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "convert_impl.h"
#include "mpp/version.h"
#include "writer_impl.h"

/* ---- a trajectory ---- */

/* A field from the axes of the input to those of the output. */
static void turn(float *to, const mpp_conversion *j, size_t source, size_t frame)
{
  const size_t all = j->info->nfields + j->info->ngiven;
  const float *x = j->x + (frame * all + source) * j->cells;
  for (size_t i = 0; i < j->cells; i++) { to[i] = x[j->from[i]]; }
}

static mpp_status read_trajectory(mpp_conversion *j, size_t trajectory)
{
  mpp_status st = MPP_OK;
  const mpp_convert_plan *p = &j->plan;
  const size_t T = j->info->nframes;
  MPP_TRY(mpp_dataset_read_seen(j->data, j->x, j->missing, j->which, j->info->ngiven, trajectory, 0,
                                T));
  for (size_t t = 0; t < T; t++) {
    for (size_t f = 0; f < p->nfields; f++) {
      turn(j->y + (t * p->nfields + f) * j->cells, j, p->source[f], t);
    }
  }
  for (size_t f = 0; f < p->nonce; f++) {
    turn(j->once + f * j->cells, j, p->source[p->nfields + f], 0);
  }
  mpp_convert_mask(j);
done:
  return st;
}

/* ---- a file ---- */

/* Times [count, nframes] and parameters [count, nparameters] of trajectories. */
typedef struct scalars {
  double *time, *parameter; /* owned */
  bool same_times;
} scalars;

static mpp_status read_scalars(scalars *s, const mpp_conversion *j, size_t first, size_t count)
{
  mpp_status st = MPP_OK;
  const size_t T = j->info->nframes, P = j->info->nparameters;
  size_t n = 0;
  MPP_REQUIRE(mpp_mul(&n, count, T), MPP_ERR_NOMEM, "%s: too many times", j->info->path);
  MPP_TRY(MPP_ALLOC(&s->time, n));
  MPP_TRY(MPP_ALLOC(&s->parameter, count * P + 1));
  s->same_times = true;
  for (size_t i = 0; i < count; i++) {
    MPP_TRY(mpp_dataset_times(j->data, s->time + i * T, first + i));
    MPP_TRY(mpp_dataset_parameters(j->data, s->parameter + i * P, first + i));
    s->same_times = s->same_times && memcmp(s->time, s->time + i * T, T * sizeof *s->time) == 0;
  }
done:
  return st;
}

/* "x=periodic,y=open:wall" */
static void boundary_text(char out[160], const mpp_conversion *j)
{
  static const char *const names[] = {
      [MPP_SIDE_OPEN] = "open", [MPP_SIDE_PERIODIC] = "periodic", [MPP_SIDE_WALL] = "wall"};
  size_t used = 0;
  out[0] = '\0';
  for (int a = 0; a < 3; a++) {
    if (j->plan.axis[a][0] != '\0' && used < 160) {
      const mpp_side *edge = j->info->edge[j->plan.from[a]];
      used += (size_t)snprintf(out + used, 160 - used, "%s%s=%s:%s", used > 0 ? "," : "",
                               j->plan.axis[a], names[edge[0]], names[edge[1]]);
    }
  }
}

static mpp_status put_provenance(const mpp_conversion *j, mpp_writer *w, const scalars *s,
                                 size_t count)
{
  mpp_status st = MPP_OK;
  char text[MPP_MAX_FIELDS * (MPP_NAME_MAX + 1)] = "";
  size_t used = 0;
  MPP_TRY(mpp_writer_text(w, "mpp_source", j->info->path));
  MPP_TRY(mpp_writer_text(w, "mpp_source_layout", j->info->layout));
  MPP_TRY(mpp_writer_text(w, "mpp_conversion", j->command != NULL ? j->command : ""));
  MPP_TRY(mpp_writer_text(w, "mpp_version", MPP_VERSION));
  if (j->options->to == MPP_TO_WELL) {
    goto done;
  }
  for (size_t f = 0; f < j->plan.nfields; f++) {
    used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", f > 0 ? "," : "",
                             j->plan.name[f]);
  }
  MPP_TRY(mpp_writer_text(w, "system", j->plan.system));
  MPP_TRY(mpp_writer_text(w, "mpp_fields", text));
  boundary_text(text, j);
  MPP_TRY(mpp_writer_text(w, "boundary", text));
  assert(s->parameter != NULL);                       /* read before */
  for (size_t i = 0; i < j->info->nparameters; i++) { /* what all have in common */
    mpp_note note = {.value = s->parameter[i]};
    bool same = true;
    for (size_t k = 0; k < count; k++) {
      same = same && s->parameter[k * j->info->nparameters + i] == note.value;
    }
    memcpy(note.key, j->info->parameter[i], sizeof note.key);
    MPP_TRY(same ? mpp_writer_notes(w, &note, 1) : MPP_OK);
  }
done:
  return st;
}

static void describe_well(mpp_writer_well *well, const mpp_conversion *j, const scalars *s)
{
  const mpp_convert_plan *p = &j->plan;
  *well = (mpp_writer_well){.name = p->system,
                            .nparts = p->nparts,
                            .nparameters = j->info->nparameters,
                            .value = s->parameter,
                            .times = s->same_times ? NULL : s->time};
  memcpy(well->part, p->part, sizeof well->part);
  for (size_t f = 0; f < p->nfields; f++) {
    if (p->source[f] < j->info->nfields) {
      well->units[f] = j->info->units[p->source[f]];
      well->long_name[f] = j->info->long_name[p->source[f]];
    }
  }
  for (int a = 0; a < 3; a++) {
    memcpy(well->edge[a], j->info->edge[p->from[a]], sizeof well->edge[a]);
  }
  for (size_t i = 0; i < j->info->nparameters; i++) { well->parameter[i] = j->info->parameter[i]; }
}

static mpp_status append_all(mpp_conversion *j, mpp_writer *w, const scalars *s, size_t first,
                             size_t count, bool moments, bool masks)
{
  mpp_status st = MPP_OK;
  const size_t P = j->info->nparameters;
  const bool groups = strcmp(j->plan.layout, "pdebench-groups") == 0;
  mpp_note note[MPP_MAX_PARAMETERS + 1];
  for (size_t i = 0; i < count; i++) {
    size_t n = 0;
    for (size_t k = 0; k < P && groups; k++) {
      if (!isfinite(s->parameter[i * P + k])) {
        continue; /* varies in time */
      }
      note[n] = (mpp_note){.value = s->parameter[i * P + k]};
      memcpy(note[n++].key, j->info->parameter[k], sizeof note->key);
    }
    MPP_TRY(read_trajectory(j, first + i));
    if (j->options->to != MPP_TO_WELL) {
      MPP_TRY(mpp_writer_times(w, s->time + i * j->info->nframes));
    }
    if (masks) {
      MPP_TRY(mpp_writer_mask(w, j->common));
    }
    MPP_TRY(mpp_writer_append(w, j->y, j->plan.nonce > 0 ? j->once : NULL, note, n));
    if (moments) {
      MPP_TRY(mpp_convert_moments(j));
    }
    j->done++;
    if (j->observer != NULL) {
      j->observer(j->context, (double)j->done / (double)j->total);
    }
  }
done:
  return st;
}

mpp_status mpp_convert_file(mpp_conversion *j, const char *path, size_t first, size_t count,
                            bool moments)
{
  mpp_status st = MPP_OK;
  const mpp_convert_plan *p = &j->plan;
  mpp_writer *w = NULL;
  mpp_writer_well *well = NULL;
  scalars s = {NULL, NULL, false};
  bool masks = false, varies = false;
  mpp_writer_options o = {.path = path,
                          .layout = p->layout,
                          .nfields = p->nfields,
                          .nonce = p->nonce,
                          .ntrajectories = count,
                          .nframes = j->info->nframes,
                          .overwrite = j->options->overwrite};
  MPP_TRY(read_scalars(&s, j, first, count));
  MPP_TRY(mpp_convert_look_at_masks(&masks, &varies, j, first, count));
  memcpy(o.field, p->name, sizeof o.field);
  memcpy(o.dataset, p->dataset, sizeof o.dataset);
  for (int a = 0; a < 3; a++) {
    o.grid[a] = p->grid[a];
    memcpy(o.axis[a], p->axis[a], sizeof o.axis[a]);
    o.coordinate[a] = j->coordinate[a];
  }
  o.time = s.time;
  if (j->options->to == MPP_TO_WELL) {
    MPP_TRY(MPP_ALLOC(&well, 1));
    describe_well(well, j, &s);
    well->mask = masks && !varies ? j->first : NULL;
    well->mask_varies = masks && varies;
    o.well = well;
  }
  masks = masks && well != NULL;
  MPP_TRY(mpp_writer_create(&w, &o));
  if (j->info->masked) {
    mpp_writer_allow_gaps(w);
  }
  MPP_TRY(put_provenance(j, w, &s, count));
  MPP_TRY(append_all(j, w, &s, first, count, moments, masks && varies));
  mpp_writer *finished = w;
  w = NULL;
  MPP_TRY(mpp_writer_finish(finished));
done:
  mpp_writer_abort(w);
  mpp_free(well);
  mpp_free(s.time);
  mpp_free(s.parameter);
  return st;
}
