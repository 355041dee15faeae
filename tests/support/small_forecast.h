/* small_forecast.h - a forecast of the small case as a file. */
#ifndef MPP_SMALL_FORECAST_H
#define MPP_SMALL_FORECAST_H

#include "small_case.h"

enum { FORECAST_STEPS = 6 };

/* Context from frame `start` on, of four frames; with start 0 all six steps have their truth. Uses
 * slots 4 and 5 of test_path. */
static inline void small_forecast(const char *path, long start)
{
  static mpp_rollout_options o;
  mpp_model *m = small_model(MPP_MODE_EXTRAPOLATE, true);
  REQUIRE_OK(mpp_model_save(m, test_path(4, "model.safetensors")));
  mpp_model_destroy(m);
  small_data(test_path(5, "forecast_data.h5"), 2);
  REQUIRE_OK(mpp_options_defaults(&o, mpp_rollout_table));
  snprintf(o.model, sizeof o.model, "%s", test_path(4, "model.safetensors"));
  snprintf(o.data, sizeof o.data, "%s", test_path(5, "forecast_data.h5"));
  snprintf(o.output, sizeof o.output, "%s", path);
  snprintf(o.start, sizeof o.start, "%ld", start);
  snprintf(o.steps, sizeof o.steps, "%d", (int)FORECAST_STEPS);
  o.overwrite = true;
  REQUIRE_OK(mpp_rollout(NULL, &o, NULL, NULL, NULL));
}

#endif
