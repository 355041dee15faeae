/* evaluate_case.h - the small case as data for scores. */
#ifndef MPP_EVALUATE_CASE_H
#define MPP_EVALUATE_CASE_H

#include "small_case.h"

enum { T = 4 };

static inline mpp_dataset *open_data(size_t ntrajectories, const mpp_dataset_options *options)
{
  mpp_dataset *d = NULL;
  small_data(test_path(0, "data.h5"), ntrajectories);
  REQUIRE_OK(mpp_dataset_open(&d, test_path(0, "data.h5"), options));
  return d;
}

static inline mpp_evaluate_options options_with(long windows, int split, size_t count,
                                                const long *horizons)
{
  mpp_evaluate_options o;
  REQUIRE_OK(mpp_options_defaults(&o, mpp_evaluate_table));
  o.context = T;
  o.windows = windows;
  o.split = split;
  o.horizons.count = count;
  for (size_t i = 0; i < count; i++) { o.horizons.item[i] = horizons[i]; }
  return o;
}

static inline bool close_to(double a, double b)
{
  /* both are means of a few numbers, added in the same order at most two ways: some roundings */
  return fabs(a - b) <= 1e-13 * fabs(b);
}

#endif
