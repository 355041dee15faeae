/* seeded_file.h - small datasets whose trajectories are equal where their seeds are. */
#ifndef MPP_TEST_SEEDED_FILE_H
#define MPP_TEST_SEEDED_FILE_H

#include "test.h"

enum { SEEDED_FRAMES = 5, SEEDED_CELLS = 6, SEEDED_ALL = SEEDED_FRAMES * 2 * SEEDED_CELLS };

/* x [frames, 2, 1, 2, 3] of a seed. */
static inline void seeded_values(float *x, size_t seed) { test_fill(x, SEEDED_ALL, seed + 1); }

/* Fields "activator" and "inhibitor"; `change` (may be NULL) may alter trajectory n. */
static inline void seeded_file(const char *path, const size_t *seed, size_t n,
                               void (*change)(float *x, size_t n))
{
  static const double x[3] = {0.5, 1.5, 2.5}, y[2] = {0.5, 1.5}, t[SEEDED_FRAMES] = {0, 1, 2, 3, 4};
  mpp_writer *w = NULL;
  const mpp_writer_options o = {.path = path,
                                .layout = "pdebench-groups",
                                .nfields = 2,
                                .field = {"activator", "inhibitor"},
                                .ntrajectories = n,
                                .nframes = SEEDED_FRAMES,
                                .grid = {1, 2, 3},
                                .axis = {"", "y", "x"},
                                .coordinate = {NULL, y, x},
                                .time = t,
                                .overwrite = true};
  REQUIRE_OK(mpp_writer_create(&w, &o));
  for (size_t i = 0; i < n; i++) {
    float values[SEEDED_ALL];
    seeded_values(values, seed[i]);
    if (change != NULL) {
      change(values, i);
    }
    REQUIRE_OK(mpp_writer_append(w, values, NULL, NULL, 0));
  }
  REQUIRE_OK(mpp_writer_finish(w));
}

#endif
