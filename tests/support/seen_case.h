/* seen_case.h - a small network, a window with a given field and room for a mask, and the loss of
 * its next frame: on one, two or three axes. */
#ifndef SEEN_CASE_H
#define SEEN_CASE_H

#include "micro_batch.h"
#include "threads.h"
#include "tiny_model.h"

enum { SEEN_GRIDS = 3, SEEN_FIELDS = 3, SEEN_FRAMES = 4 + 3, SEEN_MOST = 256 };

static const size_t seen_grid[SEEN_GRIDS][3] = {{1, 1, 20}, {1, 8, 12}, {4, 8, 8}};

typedef struct seen_case {
  mpp_model *model; /* columns 2, 0 are predicted, 1 is given */
  mpp_window_shape shape;
  mpp_objective objective;
  mpp_micro_work work;
  size_t cells, frame; /* of a field; of all fields and samples */
  float *gradients;
  float x[SEEN_FRAMES * 2 * SEEN_FIELDS * SEEN_MOST];
  unsigned char mask[SEEN_FRAMES * 2 * SEEN_FIELDS * SEEN_MOST];
  bool masked;
  double nrmse;
} seen_case;

/* The mask has a block of cells, the same in all frames, and one cell that moves. */
static inline void seen_open(seen_case *c, mpp_mode mode, int dimensions, uint64_t seed)
{
  const mpp_model_config config = tiny_config(mode, MPP_BIAS_REL);
  memset(c, 0, sizeof *c);
  mpp_set_threads(1);
  c->model = tiny_model(&config, seed);
  c->shape = (mpp_window_shape){
      .T = 4, .B = 2, .C = SEEN_FIELDS, .given = 1, .column = {2, 0, 1}, .boundary = {0, 0, 1}};
  memcpy(c->shape.grid, seen_grid[dimensions - 1], sizeof c->shape.grid);
  c->cells = c->shape.grid[0] * c->shape.grid[1] * c->shape.grid[2];
  c->frame = c->shape.B * c->shape.C * c->cells;
  c->objective = (mpp_objective){.loss = MPP_LOSS_SCALED, .unroll = 1, .seed = 5};
  REQUIRE_OK(MPP_ALLOC(&c->gradients, c->model->params->total));
  for (size_t t = 0; t < SEEN_FRAMES; t++) {
    for (size_t i = 0; i < c->frame; i++) {
      const size_t cell = i % c->cells, field = i / c->cells % SEEN_FIELDS;
      const double phase = 0.37 * (double)i + (field == 2 ? 0.0 : 0.5 * (double)t);
      c->x[t * c->frame + i] = (float)(2.0 + sin(phase) + 0.1 * (double)(t * t) * cos(phase));
      c->mask[t * c->frame + i] = (cell >= 3 && cell < 8) || cell == 9 + t;
    }
  }
}

static inline void seen_close(seen_case *c)
{
  mpp_model_destroy(c->model);
  mpp_micro_work_free(&c->work);
  mpp_free(c->gradients);
}

/* The loss; its gradient is added to c->gradients. */
static inline double seen_loss(void *context)
{
  seen_case *c = context;
  double loss = 0.0;
  REQUIRE_OK(mpp_micro_batch(&loss, &c->nrmse, c->gradients, c->model, &c->work, c->x,
                             c->masked ? c->mask : NULL, NULL, &c->shape, &c->objective, 2, 1.0));
  return loss;
}

/* Puts `value` wherever the mask is. */
static inline void seen_bury(seen_case *c, float value)
{
  for (size_t i = 0; i < SEEN_FRAMES * c->frame; i++) { c->x[i] = c->mask[i] ? value : c->x[i]; }
}

#endif
