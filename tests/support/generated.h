/* generated.h - small datasets of a built-in solver. */
#ifndef MPP_TEST_GENERATED_H
#define MPP_TEST_GENERATED_H

#include "test.h"

/* Options of `samples` trajectories at 16 cells an axis. */
static inline void generated_options(mpp_generate_options *o, const char *path, long samples,
                                     long frames)
{
  REQUIRE_OK(mpp_options_defaults(o, mpp_generate_table));
  o->samples = samples;
  o->resolution = 16;
  o->frames = frames;
  o->seed = 5;
  o->overwrite = true;
  snprintf(o->output, sizeof o->output, "%s", path);
}

static inline void generated_file(const char *path, const char *solver, long samples, long frames)
{
  static mpp_generate_options o;
  generated_options(&o, path, samples, frames);
  REQUIRE_OK(mpp_generate(mpp_pde_find(solver), &o, NULL, NULL));
}

#endif
