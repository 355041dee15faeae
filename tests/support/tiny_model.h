/* tiny_model.h - a small network for tests: every path of the full one, few numbers. */
#ifndef MPP_TINY_MODEL_H
#define MPP_TINY_MODEL_H

#include "avit.h"
#include "gradcheck.h"
#include "layout.h"
#include "tape.h"
#include "test.h"

/* Width 24, 3 heads, 2 blocks, patch 2 x 2, four columns "a:0" .. "a:3", T = 4. With
 * increments in mode autoregress, so that tests of all modes see both kinds of input. */
static inline mpp_model_config tiny_config(mpp_mode mode, mpp_bias_type bias)
{
  return (mpp_model_config){.embed_dim = 24,
                            .num_heads = 3,
                            .processor_blocks = 2,
                            .npatch = 2,
                            .patch = {2, 2},
                            .bias = bias,
                            .mode = mode,
                            .context = 4,
                            .increments = mode == MPP_MODE_AUTOREGRESS};
}

/* Initial weights all of a size at which every branch matters: layer scales near 1, norm weights
 * and biases spread out, a head that is not zero. */
static inline void tiny_stir(mpp_model *m, uint64_t seed)
{
  for (size_t i = 0; i < m->params->count; i++) {
    const mpp_param *e = &m->params->entry[i];
    float *w = m->weights + e->offset;
    float *noise = malloc(e->count * sizeof *noise);
    test_fill(noise, e->count, seed + i);
    const bool vector = !e->decays;
    const bool norm = strstr(e->name, "gamma") != NULL ||
                      (strstr(e->name, "norm") != NULL && strstr(e->name, "weight") != NULL) ||
                      (e->part != MPP_PART_BLOCK && vector && strstr(e->name, "bias") == NULL);
    const double fan_in = vector ? 1.0 : (double)e->count / (double)e->shape[0];
    for (size_t k = 0; k < e->count; k++) {
      w[k] = norm ? 1.0f + 0.3f * noise[k] : (float)(1.2 / sqrt(fan_in)) * noise[k];
    }
    free(noise);
  }
}

static inline mpp_model *tiny_model(const mpp_model_config *config, uint64_t seed)
{
  static const mpp_name names[] = {"a:0", "a:1", "a:2", "a:3"};
  mpp_model *m = NULL;
  REQUIRE_OK(mpp_model_create(&m, config, names, 4, seed));
  tiny_stir(m, seed);
  return m;
}

/* B = 2, two fields in swapped columns, 12 x 8 cells, x (W) periodic, y (H) open. */
static inline mpp_window_shape tiny_shape(void)
{
  return (mpp_window_shape){.T = 4,
                            .B = 2,
                            .C = 2,
                            .grid = {1, 12, 8},
                            .column = {2, 0},
                            .boundary = {MPP_OPEN, MPP_OPEN, MPP_PERIODIC}};
}

static inline size_t frame_size(const mpp_window_shape *s)
{
  return s->B * s->C * s->grid[0] * s->grid[1] * s->grid[2];
}

/* A smooth window with noise: no field extrapolates exactly. */
static inline void tiny_window(float *x, const mpp_window_shape *s, uint64_t seed)
{
  const size_t frame = frame_size(s);
  test_fill(x, s->T * frame, seed);
  for (size_t t = 0; t < s->T; t++) {
    for (size_t i = 0; i < frame; i++) {
      const double phase = 0.37 * (double)i + 0.2 * (double)t;
      x[t * frame + i] = (float)(2.0 + sin(phase) + 0.1 * (double)x[t * frame + i]);
    }
  }
}

/* A tape laid out for a window of `m`, as a forward pass leaves it. The caller runs parts on it. */
static inline mpp_tape *tiny_tape(mpp_model *m, const mpp_window_shape *s, const float *x)
{
  float *y = malloc(frame_size(s) * sizeof *y);
  REQUIRE_OK(mpp_predict_forward(m, y, x, s, true, NULL));
  free(y);
  return m->tape;
}

/* One part of the network in the hands of gradcheck: the loss is the scalar product of its output
 * with fixed numbers. `run` computes the part from the current inputs and weights. */
typedef struct tiny_part {
  mpp_tape *tape;
  mpp_model *model;
  void (*run)(const struct tiny_part *part);
  const float *out, *r;
  size_t n;
  const float *x; /* window, for the stem */
} tiny_part;

static inline double tiny_loss(void *context)
{
  const tiny_part *p = context;
  double sum = 0.0;
  p->run(p);
  for (size_t i = 0; i < p->n; i++) { sum += (double)p->out[i] * p->r[i]; }
  return sum;
}

/* Holds the gradient of the flat-array entry at `offset` against central differences of every
 * `stride`-th weight. Measured: below 5e-3 at this step, where rounding of the loss (falling with
 * the step) and curvature (growing with its square) meet; most entries are below 1e-3. */
static inline void tiny_check_weights(tiny_part *part, const float *gradients, size_t offset,
                                      size_t stride)
{
  const mpp_params *p = part->model->params;
  for (size_t i = 0; i < p->count; i++) {
    if (p->entry[i].offset == offset) {
      const double error = gradcheck(part->model->weights + offset, gradients + offset,
                                     p->entry[i].count, stride, 2e-3, tiny_loss, part);
      if (!(error < 1e-2)) {
        fprintf(stderr, "\n%s: gradient error %.2e\n", p->entry[i].name, error);
      }
      CU_ASSERT(error < 1e-2);
      return;
    }
  }
  CU_FAIL("no entry at this offset");
}

#endif
