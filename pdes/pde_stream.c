/* pde_stream.c - a solver as a source of frames: drawn trajectories, or from given frames on. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "pde_case.h"

struct mpp_pde_stream {
  mpp_pde_case c;
  mpp_dataset_info info;
  mpp_pde_run *run;
  double *u;      /* [nfields, D, H, W], owned */
  double *shown;  /* the same, of a frame that is looked at; owned */
  size_t next;    /* frame that comes next */
  size_t last;    /* frames that there are */
  bool ready;     /* something was drawn or given */
  bool knows_all; /* u has what is stored once */
  bool continued; /* the next frame is at next * interval, of the run */
};

void mpp_pde_stream_close(mpp_pde_stream *s)
{
  if (s != NULL) {
    s->c.pde->close(s->run);
    mpp_free(s->u);
    mpp_free(s->shown);
    mpp_free(s);
  }
}

static mpp_status fill_info(mpp_pde_stream *s)
{
  mpp_status st = MPP_OK;
  const mpp_pde *pde = s->c.pde;
  mpp_dataset_info *info = &s->info;
  *info = (mpp_dataset_info){.path = pde->name,
                             .layout = "solver",
                             .nfields = pde->nstored,
                             .ntrajectories = UINT32_MAX,
                             .nframes = s->c.frames};
  snprintf(info->system, sizeof info->system, "%s", pde->label);
  for (size_t f = 0; f < pde->nstored; f++) {
    MPP_TRY(mpp_field_qualify(info->field[f], pde->label, pde->field[f]));
    const mpp_field_info *known = mpp_field_find(info->field[f]);
    snprintf(info->units[f], sizeof info->units[f], "%s", known != NULL ? known->units : "1");
  }
  info->ngiven = pde->nonce;
  for (size_t f = 0; f < pde->nonce; f++) {
    MPP_TRY(mpp_field_qualify(info->given[f], pde->label, pde->field[pde->nstored + f]));
    info->constant[f] = true;
  }
  for (int a = 0; a < 3; a++) {
    info->grid[a] = s->c.stored[a];
    snprintf(info->axis[a], sizeof info->axis[a], "%s", pde->axis[a]);
    info->boundary[a] = pde->axis[a][0] != '\0' && s->c.setup.edge[a] == MPP_EDGE_PERIODIC
                            ? MPP_PERIODIC
                            : MPP_OPEN;
    for (int side = 0; side < 2 && pde->axis[a][0] != '\0'; side++) {
      info->edge[a][side] = s->c.setup.edge[a] == MPP_EDGE_PERIODIC ? MPP_SIDE_PERIODIC
                            : s->c.setup.edge[a] == MPP_EDGE_WALL   ? MPP_SIDE_WALL
                                                                    : MPP_SIDE_OPEN;
    }
  }
done:
  return st;
}

/* Takes over a checked case. */
static mpp_status open_case(mpp_pde_stream **out, const mpp_pde_case *c)
{
  mpp_status st = MPP_OK;
  mpp_pde_stream *s = NULL;
  *out = NULL;
  MPP_TRY(MPP_ALLOC(&s, 1));
  s->c = *c;
  s->last = c->frames;
  MPP_TRY(fill_info(s));
  MPP_TRY(MPP_ALLOC(&s->u, c->pde->nfields * c->cells));
  MPP_TRY(MPP_ALLOC(&s->shown, c->pde->nfields * c->cells));
  MPP_TRY(c->pde->open(&s->run, &s->c.setup));
  *out = s;
  s = NULL;
done:
  mpp_pde_stream_close(s);
  return st;
}

mpp_status mpp_pde_stream_open(mpp_pde_stream **out, const mpp_pde *pde,
                               const mpp_generate_options *options)
{
  mpp_status st = MPP_OK;
  mpp_pde_case c;
  *out = NULL;
  MPP_TRY(mpp_pde_case_make(&c, pde, options));
  MPP_TRY(open_case(out, &c));
done:
  return st;
}

mpp_status mpp_pde_stream_open_on(mpp_pde_stream **out, const mpp_pde *pde,
                                  const mpp_generate_options *options, const mpp_dataset_info *info,
                                  const double *const coordinate[3], double interval, size_t frames)
{
  mpp_status st = MPP_OK;
  mpp_pde_case c;
  *out = NULL;
  MPP_TRY(mpp_pde_case_on(&c, pde, options, info, coordinate, interval, frames));
  MPP_TRY(open_case(out, &c));
done:
  return st;
}

/* ---- what it has ---- */

const mpp_dataset_info *mpp_pde_stream_info(const mpp_pde_stream *s) { return &s->info; }

void mpp_pde_stream_coordinates(const mpp_pde_stream *s, double *x, int axis)
{
  for (size_t i = 0; i < s->c.stored[axis]; i++) {
    x[i] = s->c.pde->axis[axis][0] != '\0' ? mpp_pde_case_coordinate(&s->c, axis, i) : 0.0;
  }
}

double mpp_pde_stream_time(const mpp_pde_stream *s, size_t frame)
{
  return mpp_pde_case_time(&s->c, frame);
}

/* ---- frames ---- */

mpp_status mpp_pde_stream_draw(mpp_pde_stream *s, uint64_t sample)
{
  mpp_status st = MPP_OK;
  s->ready = false;
  MPP_TRY(s->c.pde->init(s->u, &s->c.setup, sample));
  s->c.pde->start(s->run, s->u);
  s->next = 0;
  s->ready = s->knows_all = true;
  s->continued = false;
done:
  return st;
}

/* Quantities without which there is no speed of sound or of waves. */
static mpp_status check_state(const mpp_pde_stream *s, const float *x)
{
  const mpp_pde *pde = s->c.pde;
  mpp_cell_text cell;
  for (size_t f = 0; f < pde->nstored; f++) {
    bool positive = false;
    for (int q = 0; q < MPP_PDE_MAX_POSITIVE && pde->positive[q] != NULL; q++) {
      positive = positive || strcmp(pde->positive[q], pde->field[f]) == 0;
    }
    for (size_t i = 0; i < s->c.cells; i++) {
      const double v = (double)x[f * s->c.cells + i];
      if (!isfinite(v) || (positive && !(v > 0.0))) {
        mpp_pde_case_cell_text(cell, &s->c, i);
        return mpp_fail(MPP_ERR_DATA, "solver %s: given %s in cell (%s): found %g, expected a %s",
                        pde->name, pde->field[f], cell, v,
                        positive ? "positive value" : "finite value");
      }
    }
  }
  return MPP_OK;
}

mpp_status mpp_pde_stream_continue(mpp_pde_stream *s, const float *x, size_t count)
{
  mpp_status st = MPP_OK;
  const mpp_pde *pde = s->c.pde;
  const size_t frame = pde->nstored * s->c.cells, known = pde->nstored + pde->nonce;
  double *given = NULL;
  size_t values = 0;
  MPP_REQUIRE(!pde->steady && s->c.stride == 1 && count >= 1, MPP_ERR_USAGE,
              "solver %s: cannot go on from frames", pde->name);
  MPP_REQUIRE(pde->nfields == known || pde->complete != NULL, MPP_ERR_USAGE,
              "solver %s: cannot go on from frames: its %s is not in them", pde->name,
              pde->field[known]);
  MPP_REQUIRE(pde->nonce == 0 || s->knows_all, MPP_ERR_USAGE,
              "solver %s: cannot go on from frames: %s is not known", pde->name,
              pde->field[pde->nstored]);
  MPP_TRY(check_state(s, x + (count - 1) * frame));
  for (size_t i = 0; i < frame; i++) { s->u[i] = (double)x[(count - 1) * frame + i]; }
  if (pde->complete != NULL) {
    x += (count > 3 ? count - 3 : 0) * frame;
    count = count < 3 ? count : 3;
    MPP_REQUIRE(mpp_mul(&values, frame, count), MPP_ERR_USAGE, "solver %s: frames are too large",
                pde->name);
    MPP_TRY(MPP_ALLOC(&given, values));
    for (size_t i = 0; i < values; i++) { given[i] = (double)x[i]; }
    MPP_TRY(pde->complete(s->u, &s->c.setup, given, count));
  }
  pde->start(s->run, s->u);
  s->next = 1;
  s->ready = s->continued = true;
done:
  mpp_free(given);
  return st;
}

static mpp_status diverged(const mpp_pde_stream *s, double time, size_t index, double value)
{
  mpp_cell_text cell;
  const mpp_pde *pde = s->c.pde;
  mpp_pde_case_cell_text(cell, &s->c, index % s->c.cells);
  return mpp_fail(MPP_ERR_DIVERGED,
                  "solver %s: the solution diverged at t = %g: %s in cell (%s): found %g",
                  pde->name, time, pde->field[index / s->c.cells], cell, value);
}

/* x = fields first .. first + count - 1 of u; the place in u of the first value that is not finite,
 * or SIZE_MAX. */
static size_t store(const mpp_pde_stream *s, float *x, size_t first, size_t count)
{
  const size_t *n = s->c.stored;
  for (size_t f = first, at = 0; f < first + count; f++) {
    for (size_t i = 0; i < n[0] * n[1]; i++) {
      const size_t row = f * s->c.cells + mpp_pde_case_cell(&s->c, i / n[1], i % n[1], 0);
      for (size_t w = 0; w < n[2]; w++, at++) {
        x[at] = (float)s->u[row + w * s->c.stride];
        if (!isfinite(x[at])) {
          return row + w * s->c.stride;
        }
      }
    }
  }
  return SIZE_MAX;
}

mpp_status mpp_pde_stream_next(mpp_pde_stream *s, float *x)
{
  const mpp_pde *pde = s->c.pde;
  if (!s->ready || s->next >= s->last) {
    return mpp_fail(MPP_ERR_USAGE, "solver %s: %s", pde->name,
                    s->ready ? "there are no more frames" : "no sample was drawn");
  }
  const double time =
      s->continued ? (double)s->next * s->c.setup.interval : mpp_pde_case_time(&s->c, s->next);
  if ((s->next > 0 || pde->steady) && !pde->advance(s->run, s->u, time)) {
    s->ready = false;
    return diverged(s, s->run->t, s->run->bad, s->run->bad_value);
  }
  const size_t bad = store(s, x, 0, pde->nstored);
  if (bad < SIZE_MAX) {
    s->ready = false;
    return diverged(s, time, bad, s->u[bad]);
  }
  s->next++;
  return MPP_OK;
}

mpp_status mpp_pde_stream_given(const mpp_pde_stream *s, float *x)
{
  mpp_status st = MPP_OK;
  MPP_REQUIRE(s->knows_all, MPP_ERR_USAGE, "solver %s: no sample was drawn", s->c.pde->name);
  const size_t bad = store(s, x, s->c.pde->nstored, s->c.pde->nonce);
  MPP_REQUIRE(bad == SIZE_MAX, MPP_ERR_DIVERGED,
              "solver %s: %s: found %g, expected a finite number", s->c.pde->name,
              s->c.pde->field[bad / s->c.cells], s->u[bad]);
done:
  return st;
}

/* ---- balance ---- */

void mpp_pde_stream_balance(mpp_pde_stream *s, mpp_pde_balance *out, const float *x)
{
  const mpp_pde *pde = s->c.pde;
  double value[MPP_PDE_MAX_CONSERVED] = {0.0}, size[MPP_PDE_MAX_CONSERVED] = {0.0};
  *out = (mpp_pde_balance){.closed = true};
  for (int a = 0; a < 3; a++) {
    out->closed = out->closed && (pde->axis[a][0] == '\0' || s->c.setup.edge[a] != MPP_EDGE_OPEN);
  }
  if (pde->conserve == NULL || s->c.stride != 1) {
    return;
  }
  /* Fields that a frame does not have are 0 here, or as drawn if they do not change: what needs the
   * former, or the latter where nothing was drawn, comes out as no number. */
  for (size_t i = 0; i < pde->nstored * s->c.cells; i++) { s->shown[i] = (double)x[i]; }
  if (s->knows_all) {
    const size_t from = pde->nstored * s->c.cells, count = pde->nonce * s->c.cells;
    memcpy(s->shown + from, s->u + from, count * sizeof *s->u);
  }
  const size_t count = pde->conserve(value, size, s->shown, &s->c.setup);
  for (size_t i = 0; i < count && i < MPP_PDE_QUANTITIES; i++) {
    if (isfinite(value[i]) && isfinite(size[i])) {
      out->name[out->count] = pde->conserved[i];
      out->value[out->count] = value[i];
      out->size[out->count++] = size[i];
    }
  }
}
