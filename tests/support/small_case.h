/* small_case.h - a dataset and a model that fit each other: what forecasts and evaluations are made
 * of. Diffusion-reaction's two fields on 8 x 12 cells (y, x); waves that no polynomial in time
 * continues exactly. */
#ifndef MPP_SMALL_CASE_H
#define MPP_SMALL_CASE_H

#include "test.h"
#include "tiny_model.h"

enum { SMALL_H = 8, SMALL_W = 12, SMALL_CELLS = SMALL_H * SMALL_W, SMALL_FRAME = 2 * SMALL_CELLS };
enum { SMALL_FRAMES = 16, SMALL_ALL = SMALL_FRAMES * SMALL_FRAME, SMALL_TRAJECTORIES = 4 };

/* Field c of trajectory n, frame t, cell (i, j). */
static inline float small_value(size_t n, size_t t, size_t c, size_t i, size_t j)
{
  const double time = 0.25 * (double)t, x = (double)j / SMALL_W, y = (double)i / SMALL_H;
  return (float)(1.0 + (double)c + sin(2.0 * time + 6.0 * x + (double)n) * cos(3.0 * y + time) +
                 0.3 * sin(5.0 * time - 4.0 * y * x));
}

static inline void small_trajectory(float *x, size_t n)
{
  for (size_t at = 0; at < SMALL_ALL; at++) {
    const size_t cell = at % SMALL_CELLS;
    x[at] = small_value(n, at / SMALL_FRAME, at / SMALL_CELLS % 2, cell / SMALL_W, cell % SMALL_W);
  }
}

static inline void small_data(const char *path, size_t ntrajectories)
{
  double x[SMALL_W], y[SMALL_H], time[SMALL_FRAMES];
  float *frames = malloc(SMALL_FRAMES * SMALL_FRAME * sizeof *frames);
  mpp_writer *w = NULL;
  for (size_t i = 0; i < SMALL_W; i++) { x[i] = ((double)i + 0.5) / SMALL_W; }
  for (size_t i = 0; i < SMALL_H; i++) { y[i] = ((double)i + 0.5) / SMALL_H; }
  for (size_t i = 0; i < SMALL_FRAMES; i++) { time[i] = 0.5 * (double)i; }
  const mpp_writer_options options = {.path = path,
                                      .layout = "pdebench-groups",
                                      .nfields = 2,
                                      .field = {"activator", "inhibitor"},
                                      .ntrajectories = ntrajectories,
                                      .nframes = SMALL_FRAMES,
                                      .grid = {1, SMALL_H, SMALL_W},
                                      .axis = {"", "y", "x"},
                                      .coordinate = {NULL, y, x},
                                      .time = time,
                                      .overwrite = true};
  REQUIRE_OK(mpp_writer_create(&w, &options));
  for (size_t n = 0; n < ntrajectories; n++) {
    small_trajectory(frames, n);
    REQUIRE_OK(mpp_writer_append(w, frames, NULL, NULL, 0));
  }
  REQUIRE_OK(mpp_writer_finish(w));
  free(frames);
}

/* T = 4, patch 2 x 2; `stir`: weights of a size at which the output depends on everything. */
static inline mpp_model *small_model(mpp_mode mode, bool stir)
{
  static const mpp_name names[] = {"diffre2d:inhibitor", "diffre2d:activator"};
  mpp_model *m = NULL;
  const mpp_model_config config = tiny_config(mode, MPP_BIAS_REL);
  REQUIRE_OK(mpp_model_create(&m, &config, names, 2, 5));
  if (stir) {
    tiny_stir(m, 5);
  }
  return m;
}

/* Makes each prediction about `factor` times as large as the frames that it is made from. */
static inline void small_model_grows(mpp_model *m, float factor)
{
  for (size_t i = 0; i < m->params->count; i++) {
    const mpp_param *e = &m->params->entry[i];
    for (size_t k = 0; e->part == MPP_PART_HEAD && e->decays && e->field_axis >= 0 && k < e->count;
         k++) {
      m->weights[e->offset + k] *= factor;
    }
  }
}

#endif
