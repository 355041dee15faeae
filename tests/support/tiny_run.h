/* tiny_run.h - datasets and settings of a training that takes a second: two systems with different
 * grids, a network of width 16. */
#ifndef MPP_TINY_RUN_H
#define MPP_TINY_RUN_H

#include <math.h>

#include "test.h"

enum { TINY_FRAMES = 14, TINY_TRAJECTORIES = 10 };

/* A wave that travels and fades, its phase another in each trajectory, [frames, C, H, W]. */
static inline void tiny_wave(float *x, size_t nfields, size_t height, size_t width, size_t sample)
{
  size_t i = 0;
  for (size_t t = 0; t < TINY_FRAMES; t++) {
    for (size_t f = 0; f < nfields; f++) {
      const double phase = 0.13 * (double)t + 0.7 * (double)sample + (double)f;
      for (size_t h = 0; h < height; h++) {
        for (size_t w = 0; w < width; w++) {
          const double a = 2.0 * M_PI * (double)w / (double)width;
          const double b = 2.0 * M_PI * (double)h / (double)height;
          x[i++] =
              (float)(1.0 + 0.3 * exp(-0.02 * (double)t) * sin(a + phase) * cos(b - 0.2 * phase));
        }
      }
    }
  }
}

/* Writes such a dataset with `nfields` fields (1: fits swe, 2: diffre2d). */
static inline void tiny_dataset(const char *path, size_t nfields, size_t height, size_t width)
{
  static float frames[TINY_FRAMES * 2 * 16 * 16];
  double x[16], y[16], time[TINY_FRAMES];
  mpp_writer *w = NULL;
  mpp_writer_options o = {.path = path,
                          .layout = "pdebench-groups",
                          .nfields = nfields,
                          .ntrajectories = TINY_TRAJECTORIES,
                          .nframes = TINY_FRAMES,
                          .grid = {1, height, width},
                          .axis = {"", "y", "x"},
                          .coordinate = {NULL, y, x},
                          .time = time};
  snprintf(o.field[0], sizeof o.field[0], "%s", nfields == 1 ? "h" : "activator");
  snprintf(o.field[1], sizeof o.field[1], "%s", "inhibitor");
  for (size_t i = 0; i < width; i++) { x[i] = ((double)i + 0.5) / (double)width; }
  for (size_t i = 0; i < height; i++) { y[i] = ((double)i + 0.5) / (double)height; }
  for (size_t i = 0; i < TINY_FRAMES; i++) { time[i] = 0.1 * (double)i; }
  REQUIRE_OK(mpp_writer_create(&w, &o));
  for (size_t n = 0; n < TINY_TRAJECTORIES; n++) {
    tiny_wave(frames, nfields, height, width, n);
    REQUIRE_OK(mpp_writer_append(w, frames, NULL, NULL, 0));
  }
  REQUIRE_OK(mpp_writer_finish(w));
}

/* Settings of a run of 30 steps on those datasets, written to `output`. */
static inline void tiny_options(mpp_train_options *o, const char *output, const char *swe,
                                const char *diffre2d)
{
  memset(o, 0, sizeof *o);
  REQUIRE_OK(mpp_options_defaults(o, mpp_pretrain_table));
  snprintf(o->output, sizeof o->output, "%s", output);
  o->threads = 1; /* spinning threads cost more than they bring on arrays this small */
  o->width = 16;
  o->heads = 2;
  o->blocks = 2;
  o->patch = (mpp_int_list){2, {2, 2}};
  o->context = 4;
  o->steps = 30;
  o->batch = 2;
  o->warmup = 5;
  o->accumulate = 2;
  o->drop_path = 0.2;
  o->unroll = 2;
  o->noise = 0.01;
  o->checkpoint_every = 5;
  o->validate_every = 10;
  o->validate_windows = 2;
  o->horizons = (mpp_int_list){2, {1, 3}};
  const char *path[] = {swe, diffre2d}, *system[] = {"swe", "diffre2d"};
  for (size_t i = 0; i < 2; i++) {
    if (path[i] != NULL) {
      mpp_data_entry *entry = &o->data[o->ndata++];
      *entry = (mpp_data_entry){.weight = 1.0};
      snprintf(entry->path, sizeof entry->path, "%s:%s", path[i], system[i]);
    }
  }
}

#endif
