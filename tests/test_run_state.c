/* test_run_state.c - what a run keeps in its checkpoints. Saving and resuming are held together by
 * test_trainer.c. */
#include "run_state.h"

#include <unistd.h>

#include "tiny_model.h"

static void a_state_that_is_not_finite_is_never_saved(void)
{
  const mpp_model_config config = tiny_config(MPP_MODE_DELTA, MPP_BIAS_REL);
  mpp_model *m = tiny_model(&config, 3);
  mpp_adamw o;
  const mpp_run_state state = {.step = 1};
  char command[] = "c", settings[] = "s", data[] = "d";
  const mpp_provenance p = {command, settings, data, 0};
  REQUIRE_OK(mpp_adamw_create(&o, m->params->total, 0.9, 0.999, 1e-8, 0.0));
  float *const bad[] = {o.v, o.m, m->weights};
  for (size_t i = 0; i < 3; i++) {
    bad[i][10] = NAN;
    ASSERT_STATUS(mpp_run_state_save(test_path(0, "bad.safetensors"), m, &o, &state, &p),
                  MPP_ERR_DIVERGED);
    CU_ASSERT_NOT_EQUAL(access(test_path(0, "bad.safetensors"), F_OK), 0);
    bad[i][10] = 0.0f;
  }
  ASSERT_OK(mpp_run_state_save(test_path(0, "bad.safetensors"), m, &o, &state, &p));
  mpp_adamw_destroy(&o);
  mpp_model_destroy(m);
}

TESTS({"a state that is not finite is never saved", a_state_that_is_not_finite_is_never_saved})
