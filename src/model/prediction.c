/* prediction.c - from physical values to physical values: the network sees the window normalised by
 * its own statistics, and its output is put back on the mean of the window or on the base that a
 * predictor fitted to it gives. Statistics, base and scale take no gradient. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "config.h"
#include "patch_kernel.h"
#include "patch_shift.h"
#include "tape.h"
#include "threads.h"
#include "window_gain.h"

static mpp_status check_grid(const mpp_model *m, const mpp_window_shape *s)
{
  mpp_status st = MPP_OK;
  const size_t *grid = s->grid;
  const size_t patch = (size_t)mpp_config_patch_size(&m->config);
  size_t patches = 1;
  for (int a = 0; a < 3; a++) {
    MPP_REQUIRE(grid[a] >= 1 && grid[a] <= MPP_MAX_AXIS, MPP_ERR_DATA,
                "window: grid %zux%zux%zu, expected 1 to %d cells along each axis", grid[0],
                grid[1], grid[2], MPP_MAX_AXIS);
    MPP_REQUIRE(s->boundary[a] == MPP_OPEN || s->boundary[a] == MPP_PERIODIC, MPP_ERR_DATA,
                "window: boundary %d of axis %d, expected open or periodic", (int)s->boundary[a],
                a);
  }
  for (int a = 0; a < 3; a++) { patches *= (grid[a] + patch - 1) / patch; }
  /* The norms divide by a standard deviation over the patches of a frame. */
  MPP_REQUIRE(patches >= 2, MPP_ERR_DATA,
              "window: grid %zux%zux%zu is one patch of size %zu, expected at least two", grid[0],
              grid[1], grid[2], patch);
done:
  return st;
}

static mpp_status check_shape(const mpp_model *m, const mpp_window_shape *s)
{
  mpp_status st = MPP_OK;
  size_t values;
  const size_t most = (size_t)1 << 36;
  const size_t extent[] = {s->T, s->B, s->C, s->grid[0], s->grid[1], s->grid[2]};
  MPP_REQUIRE(s->T >= 1 && s->T <= MPP_MAX_AXIS, MPP_ERR_DATA,
              "window: %zu frames, expected 1 to %d", s->T, MPP_MAX_AXIS);
  MPP_REQUIRE(s->B >= 1 && s->B < MPP_MAX_AXIS, MPP_ERR_DATA,
              "window: %zu samples, expected 1 to %d", s->B, MPP_MAX_AXIS - 1);
  MPP_REQUIRE(s->C >= 1 && s->C <= MPP_MAX_FIELDS, MPP_ERR_DATA,
              "window: %zu fields, expected 1 to %d", s->C, MPP_MAX_FIELDS);
  MPP_REQUIRE(s->given < s->C, MPP_ERR_DATA, "window: %zu of %zu fields are given, expected fewer",
              s->given, s->C);
  for (size_t c = 0; c < s->C; c++) {
    MPP_REQUIRE(s->column[c] >= 0 && (size_t)s->column[c] < m->n_states, MPP_ERR_DATA,
                "window: field %zu has column %d, expected 0 to %zu", c, s->column[c],
                m->n_states - 1);
    for (size_t k = 0; k < c; k++) {
      MPP_REQUIRE(s->column[k] != s->column[c], MPP_ERR_DATA,
                  "window: fields %zu and %zu have the same column %d", k, c, s->column[c]);
    }
  }
  MPP_TRY(check_grid(m, s));
  MPP_REQUIRE(mpp_product(&values, extent, 6) && values <= most, MPP_ERR_DATA,
              "window: %zux%zux%zux%zux%zux%zu values, expected at most 2^36", s->T, s->B, s->C,
              s->grid[0], s->grid[1], s->grid[2]);
done:
  return st;
}

/* The columns of the increments lie in another tensor of the same width: they are reached from the
 * first weight of the values' by a constant distance. */
static void set_inputs(mpp_dims *d, const mpp_model *m)
{
  const mpp_stem_layout *l = &m->params->layout->stem;
  d->inputs = m->config.increments ? 2 * d->fields : d->fields;
  memcpy(d->input_column, d->column, d->fields * sizeof *d->column);
  for (size_t c = d->fields; c < d->inputs; c++) {
    d->input_column[c] = d->column[c - d->fields] + (int)(l->increment_w - l->bag_w);
  }
}

mpp_status mpp_dims_of(mpp_dims *d, const mpp_model *m, const mpp_window_shape *s)
{
  mpp_status st = MPP_OK;
  const mpp_model_config *config = &m->config;
  MPP_TRY(check_shape(m, s));
  *d = (mpp_dims){.T = s->T,
                  .B = s->B,
                  .fields = s->C,
                  .predicted = s->C - s->given,
                  .n_states = m->n_states,
                  .width = (size_t)config->embed_dim,
                  .heads = (size_t)config->num_heads,
                  .stem = mpp_config_stem_dim(config),
                  .npatch = (size_t)config->npatch,
                  .bias = config->bias,
                  .edges = config->edges,
                  .masked = s->mask != NULL,
                  .bf16 = m->precision == MPP_PRECISION_BF16,
                  .attention_kept = m->attention_kept,
                  .mlp_kept = m->mlp_kept};
  memcpy(d->column, s->column, s->C * sizeof *d->column);
  set_inputs(d, m);
  for (int a = 0; a < 3; a++) {
    d->field[a] = s->grid[a];
    d->attends[a] = s->grid[a] > 1;
    d->periodic[a] = s->boundary[a] == MPP_PERIODIC;
    for (int side = 0; side < 2; side++) { d->wall[a][side] = s->edge[a][side] == MPP_SIDE_WALL; }
  }
  d->field_cells = d->field[0] * d->field[1] * d->field[2];
  MPP_TRY(mpp_patch_shift_set(d, s->shift, (size_t)mpp_config_patch_size(config)));
  for (size_t i = 0; i <= d->npatch; i++) {
    if (i > 0) {
      d->factor[i - 1] = (size_t)config->patch[i - 1];
      for (int a = 0; a < 3; a++) {
        const bool split = d->attends[a];
        d->grid[i][a] = split ? d->grid[i - 1][a] / d->factor[i - 1] : 1;
      }
    }
    d->cells[i] = d->grid[i][0] * d->grid[i][1] * d->grid[i][2];
  }
  d->s = d->cells[d->npatch];
done:
  return st;
}

/* Where the values of row `row` (of all samples, fields, planes and rows) begin in net [B, patches,
 * taps, predicted], and how its columns go on. */
typedef struct net_row {
  size_t patch; /* of column 0 of what the network sees */
  size_t tap;   /* of the first column of a patch */
  size_t field;
} net_row;

static net_row row_of(const mpp_dims *d, size_t row)
{
  const size_t rows = d->field[0] * d->field[1], pair = row / rows, f = d->factor[0];
  const size_t z = mpp_patch_shift_seen(d, 0, row % rows / d->field[1]);
  const size_t y = mpp_patch_shift_seen(d, 1, row % d->field[1]);
  const size_t fd = d->attends[0] ? f : 1, fh = d->attends[1] ? f : 1, fw = d->attends[2] ? f : 1;
  const size_t plane = (pair / d->predicted * d->grid[1][0] + z / fd) * d->grid[1][1] + y / fh;
  return (net_row){plane * d->grid[1][2], (z % fd * fh + y % fh) * fw, pair % d->predicted};
}

static inline size_t net_index(const mpp_dims *d, const net_row *r, size_t taps, size_t column)
{
  const size_t w = mpp_patch_shift_seen(d, 2, column), fw = d->attends[2] ? d->factor[0] : 1;
  return ((r->patch + w / fw) * taps + r->tap + w % fw) * d->predicted + r->field;
}

/* Where the statistics of predicted pair b, c stand among those of all fields. */
static size_t seen_pair(const mpp_dims *d, size_t pair)
{
  return pair / d->predicted * d->fields + pair % d->predicted;
}

/* y [B, predicted, D, H, W] = base + scale net. */
static void put_on_grid(float *y, const mpp_tape *t)
{
  const mpp_dims *d = &t->dims;
  const size_t rows = d->field[0] * d->field[1], columns = d->field[2];
  const size_t taps = mpp_kernel_taps(d, 0);
#pragma omp parallel for num_threads(mpp_threads()) schedule(static)
  for (size_t i = 0; i < d->B * d->predicted * rows; i++) {
    const size_t pair = i / rows, seen = seen_pair(d, pair);
    const net_row r = row_of(d, i);
    for (size_t w = 0; w < columns; w++) {
      const float net = t->net[net_index(d, &r, taps, w)];
      const size_t at = i * columns + w;
      y[at] =
          t->base != NULL ? t->base[at] + t->scale[pair] * net : t->mean[seen] + t->sd[seen] * net;
    }
  }
}

/* net = the gradient of the network's output. */
static void take_from_grid(mpp_tape *t, const float *dy)
{
  const mpp_dims *d = &t->dims;
  const size_t rows = d->field[0] * d->field[1], columns = d->field[2];
  const size_t taps = mpp_kernel_taps(d, 0);
  if (d->cells[0] > d->field_cells) { /* the margin has no gradient */
    mpp_zero(t->net, d->B * d->predicted * d->cells[0]);
  }
#pragma omp parallel for num_threads(mpp_threads()) schedule(static)
  for (size_t i = 0; i < d->B * d->predicted * rows; i++) {
    const size_t pair = i / rows;
    const float scale = t->base != NULL ? t->scale[pair] : t->sd[seen_pair(d, pair)];
    const net_row r = row_of(d, i);
    for (size_t w = 0; w < columns; w++) {
      t->net[net_index(d, &r, taps, w)] = scale * dy[i * columns + w];
    }
  }
}

mpp_status mpp_predict_forward(mpp_model *m, float *y, const float *x,
                               const mpp_window_shape *shape, bool keep_tape, const mpp_drop *drop)
{
  return mpp_predict_forward_fitted(m, y, x, shape, NULL, keep_tape, drop);
}

static size_t spare_bytes(const mpp_model *m)
{
  const size_t weights = m->params->total * sizeof(float), taken = 2 * (weights / 5) + m->withheld;
  const size_t given = MPP_SPARE + (m->gradients_within ? weights : 0);
  return taken < given ? given - taken : 0;
}

mpp_status mpp_predict_forward_fitted(mpp_model *m, float *y, const float *x,
                                      const mpp_window_shape *shape, mpp_window_fit *const *fit,
                                      bool keep_tape, const mpp_drop *drop)
{
  mpp_status st = MPP_OK;
  mpp_dims d;
  const bool drops = drop != NULL && drop->rate > 0.0;
  MPP_TRY(mpp_dims_of(&d, m, shape));
  mpp_tape *t = m->tape;
  if (t == NULL) {
    MPP_TRY(mpp_tape_create(&t, &m->config));
    m->tape = t;
  }
  t->recompute = m->recompute;
  t->spare = spare_bytes(m);
  MPP_TRY(mpp_tape_prepare(t, m, &d, keep_tape, drops));
  t->scratch.clock = m->clock;
  const float *clean = mpp_mask_window(t, x, shape->mask), *seen = mpp_patch_shift_window(t, clean);
  mpp_mask_shift(t, shape->mask);
  mpp_window_input(t, seen);
  if (m->config.mode != MPP_MODE_FRAME) {
    MPP_TRY(mpp_window_base(t, clean, shape->mask, m->config.mode, fit));
  }
  mpp_avit_forward(m, seen, drops ? drop : NULL);
  put_on_grid(y, t);
  if (t->base != NULL && fit != NULL) {
    mpp_window_hold(y, t, clean, fit);
  }
done:
  return st;
}

void mpp_predict_backward(mpp_model *m, float *gradients, const float *dy, const float *x,
                          const mpp_window_shape *shape, const mpp_drop *drop)
{
  mpp_tape *t = m->tape;
  assert(t != NULL && t->kept && "needs the tape of a forward pass");
  assert(t->dims.T == shape->T && t->dims.B == shape->B && t->dims.fields == shape->C &&
         t->dims.predicted == shape->C - shape->given);
  assert((t->time[0].keep != NULL) == (drop != NULL && drop->rate > 0.0));
  assert(gradients != NULL || t->gradients != NULL);
  (void)shape;
  (void)drop;      /* its draws lie on the tape */
  t->kept = false; /* the gradient of the output takes the place of the output */
  take_from_grid(t, dy);
  mpp_avit_backward(m, gradients,
                    t->shifted != NULL ? t->shifted
                    : t->clean != NULL ? t->clean
                                       : x);
}

float *mpp_predict_gradients(const mpp_model *m)
{
  return m->tape != NULL ? m->tape->gradients : NULL;
}

bool mpp_predict_keeps_fit(const mpp_model *m) { return mpp_window_base_keeps(m->config.mode); }

mpp_status mpp_predict_fit(mpp_window_fit **fit, const mpp_model *m, const float *x,
                           const mpp_window_shape *shape)
{
  mpp_status st = MPP_OK;
  mpp_dims d;
  float *clean = NULL;
  MPP_TRY(mpp_dims_of(&d, m, shape));
  if (shape->mask != NULL && mpp_window_base_keeps(m->config.mode)) {
    MPP_TRY(MPP_ALLOC(&clean, d.T * d.B * d.fields * d.field_cells));
    mpp_mask_clean(clean, x, shape->mask, &d);
  }
  MPP_TRY(mpp_window_fits(fit, &d, clean != NULL ? clean : x, shape->mask, m->config.mode));
done:
  mpp_free(clean);
  return st;
}

const float *mpp_predict_base(const mpp_model *m) { return m->tape != NULL ? m->tape->base : NULL; }

const float *mpp_predict_scale(const mpp_model *m)
{
  return m->tape != NULL ? m->tape->scale : NULL;
}

mpp_status mpp_predict_memory(size_t *bytes, const mpp_model *m, const mpp_window_shape *shape,
                              bool keep_tape)
{
  mpp_status st = MPP_OK;
  mpp_tape *t = NULL;
  mpp_arena arena = {NULL, 0, 0};
  MPP_TRY(mpp_tape_create(&t, &m->config));
  MPP_TRY(mpp_dims_of(&t->dims, m, shape));
  t->recompute = m->recompute;
  t->spare = spare_bytes(m);
  mpp_tape_take(t, &arena, m, keep_tape, keep_tape);
  *bytes = arena.used;
done:
  mpp_tape_destroy(t);
  return st;
}

/* Index of the first value that is not finite, or n. */
static size_t first_bad(const float *y, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    if (!isfinite(y[i])) {
      return i;
    }
  }
  return n;
}

mpp_status mpp_model_predict(mpp_model *m, float *y, const float *x, const mpp_window_shape *shape)
{
  return mpp_predict_frame(m, y, x, shape, NULL);
}

mpp_status mpp_predict_frame(mpp_model *m, float *y, const float *x, const mpp_window_shape *shape,
                             mpp_window_fit *const *fit)
{
  mpp_status st = MPP_OK;
  mpp_dims d;
  float *next = NULL; /* y stays as it is when the prediction fails */
  MPP_TRY(mpp_dims_of(&d, m, shape));
  const size_t count = d.B * d.predicted * d.field_cells;
  MPP_TRY(MPP_ALLOC(&next, count));
  MPP_TRY(mpp_predict_forward_fitted(m, next, x, shape, fit, false, NULL));
  const size_t bad = first_bad(next, count);
  if (bad < count) {
    const size_t field = bad / d.field_cells % d.predicted, cell = bad % d.field_cells;
    const char *name = m->vocabulary[d.column[field]];
    st = mpp_fail(MPP_ERR_DIVERGED,
                  "prediction: sample %zu, field %s: %g at row %zu, column %zu, expected a finite "
                  "value",
                  bad / d.field_cells / d.predicted, name[0] != '\0' ? name : "(unnamed)",
                  (double)next[bad], cell / d.field[2], cell % d.field[2]);
    goto done;
  }
  memcpy(y, next, count * sizeof *y);
done:
  mpp_free(next);
  return st;
}
