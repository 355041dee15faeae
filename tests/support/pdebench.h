/* pdebench.h - the files that tests/data/make_pdebench.py writes, and what is in them. */
#ifndef MPP_TEST_PDEBENCH_H
#define MPP_TEST_PDEBENCH_H

#include "test.h"

#define FIXTURE(name) MPP_TEST_DATA "/pdebench/" name

/* The number at field f, sample s, frame t, cell (i, j) of a synthetic file: exact in float32. */
static inline float fixture_value(size_t f, size_t s, size_t t, size_t i, size_t j)
{
  return (float)f * 1000.0f + (float)s * 100.0f + (float)t * 10.0f + (float)i + (float)j / 16.0f;
}

/* Entries of x [count, C, H, W] that are not those of sample s, frames from `start` on, where field
 * c of the dataset is field order[c] of the fixture. */
static inline size_t fixture_differences(const float *x, const size_t *order, size_t C, size_t s,
                                         size_t start, size_t count, size_t H, size_t W)
{
  size_t different = 0;
  for (size_t t = 0; t < count; t++) {
    for (size_t c = 0; c < C; c++) {
      for (size_t i = 0; i < H; i++) {
        for (size_t j = 0; j < W; j++) {
          different += *x++ != fixture_value(order[c], s, start + t, i, j);
        }
      }
    }
  }
  return different;
}

/* Entries of a and b that are not equal. */
static inline size_t entries_different(const float *a, const float *b, size_t n)
{
  size_t different = 0;
  for (size_t i = 0; i < n; i++) { different += a[i] != b[i]; }
  return different;
}

#endif
