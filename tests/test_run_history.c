/* What is read from the log of a training. */
#include "run_history.h"

#include "training_log.h"

static void steps_and_validations_are_read(void)
{
  const char *folder = test_path(0, "run");
  mpp_run_history h;
  training_log(folder);
  REQUIRE_OK(mpp_run_history_read(&h, folder));
  CU_ASSERT(h.nsteps == 4 && h.nvalidations == 2 && h.ndatasets == 1);
  CU_ASSERT(h.step[2] == 3.0 && h.loss[0] == 0.5 && isnan(h.loss[1]) && h.loss[2] == 0.125);
  CU_ASSERT(h.learning_rate[1] == 0.2 && h.validated[0] == 2.0 && h.validated[1] == 3.0);
  const mpp_history_scores *s = &h.dataset[0];
  CU_ASSERT_STRING_EQUAL(s->system, "swe");
  CU_ASSERT(s->nhorizons == 2 && s->horizon[1] == 4 && s->npredictors == 2);
  CU_ASSERT_STRING_EQUAL(s->predictor[0], "model");
  CU_ASSERT_STRING_EQUAL(s->predictor[1], "persistence");
  /* means over the fields, exact in binary; [predictor, horizon, validation] */
  static const double expected[] = {0.5, 0.125, NAN, 1.0, 2.0, 2.0, 5.0, 5.0};
  for (int i = 0; i < 8; i++) {
    CU_ASSERT(s->nrmse[i] == expected[i] || (isnan(s->nrmse[i]) && isnan(expected[i])));
  }
  mpp_run_history_free(&h);
}

static void datasets_in_training_and_times_are_read(void)
{
  const char *folder = test_path(0, "parts");
  mpp_run_history h;
  training_log_with_parts(folder);
  REQUIRE_OK(mpp_run_history_read(&h, folder));
  CU_ASSERT(h.nsteps == 3 && h.nparts == 3 && h.ntimes == 2);
  CU_ASSERT_STRING_EQUAL(h.part[0].system, "swe");
  CU_ASSERT(h.part[0].count == 2 && h.part[0].step[0] == 2.0 && h.part[0].nrmse[1] == 0.25);
  CU_ASSERT(h.part[0].loss[0] == 0.25 && h.part[2].loss[0] == 0.5);
  CU_ASSERT_EQUAL(h.part[1].count, 0);
  CU_ASSERT_STRING_EQUAL(h.part[2].system, "lab");
  CU_ASSERT(h.part[2].count == 2 && h.part[2].nrmse[0] == 0.75 && isnan(h.part[2].nrmse[1]));
  CU_ASSERT(h.timed[1] == 2.0 && h.samples[0] == 16.0 && h.samples[1] == 32.0);
  mpp_run_history_free(&h);
}

static void what_is_no_log_is_refused(void)
{
  const char *folder = test_path(0, "empty");
  char path[MPP_PATH_MAX];
  mpp_run_history h;
  REQUIRE_OK(mpp_make_folder(folder));
  ASSERT_STATUS(mpp_run_history_read(&h, folder), MPP_ERR_NOINPUT);
  snprintf(path, sizeof path, "%s/metrics.jsonl", folder);
  REQUIRE_OK(mpp_write_text(path, "[1, 2]\nno JSON\n{\"step\":1}\n3\n"));
  ASSERT_STATUS(mpp_run_history_read(&h, folder), MPP_ERR_DATA);
  ASSERT_MESSAGE("no steps");
  mpp_run_history_free(&h);
}

static void every_allocation_may_fail(void)
{
  const char *folder = test_path(0, "fault");
  training_log_with_parts(folder);
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    mpp_run_history h;
    TEST_FAULT(&faults, mpp_run_history_read(&h, folder));
    mpp_run_history_free(&h);
  }
  CU_ASSERT(faults.failed >= 7); /* texts, arrays of steps, parts and times */
}

TESTS({"steps and validations are read", steps_and_validations_are_read},
      {"datasets in training and times are read", datasets_in_training_and_times_are_read},
      {"what is no log is refused", what_is_no_log_is_refused},
      {"every allocation may fail", every_allocation_may_fail})
