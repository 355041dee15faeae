/* test_ensemble.c - members, their mean and their spread. */
#include "rollout_case.h"

enum { MEMBERS = 4, SIZE = STEPS * SMALL_CELLS };

static double x[MEMBERS][SIZE], mean[SIZE], spread[SIZE], members[STEPS];

static const char *beside(int slot, const char *name) { return test_path(slot, name); }

static void mean_and_spread_are_those_of_the_members(void)
{
  mpp_rollout_summary s;
  char name[64];
  mpp_model_destroy(write_inputs(MPP_MODE_EXTRAPOLATE, 1.0f));
  mpp_rollout_options o = options_for(beside(2, "out.nc"));
  mpp_model *other = small_model(MPP_MODE_DELTA, true);
  REQUIRE_OK(mpp_model_save(other, beside(3, "other.safetensors")));
  mpp_model_destroy(other);
  o.members = 2;
  o.perturb = 0.1;
  o.ensemble.count = 1;
  snprintf(o.ensemble.item[0], sizeof o.ensemble.item[0], "%s", beside(3, "other.safetensors"));
  REQUIRE_OK(mpp_rollout(&s, &o, NULL, NULL, NULL));
  CU_ASSERT(s.forecasts == MEMBERS && strstr(s.ensemble, "out_ensemble.nc") != NULL);
  for (size_t m = 0; m < MEMBERS; m++) {
    snprintf(name, sizeof name, "out_member%zu.nc", m);
    CU_ASSERT_EQUAL(read_variable(beside(4, name), "activator", x[m], SIZE), SIZE);
  }
  CU_ASSERT_EQUAL(read_variable(s.ensemble, "activator", mean, SIZE), SIZE);
  read_variable(s.ensemble, "activator_spread", spread, SIZE);
  read_variable(s.ensemble, "members", members, STEPS);
  for (size_t i = 0; i < SIZE; i++) {
    double sum = 0.0, square = 0.0;
    for (size_t m = 0; m < MEMBERS; m++) { sum += x[m][i] / MEMBERS; }
    for (size_t m = 0; m < MEMBERS; m++) { square += (x[m][i] - sum) * (x[m][i] - sum); }
    CU_ASSERT_DOUBLE_EQUAL(mean[i], sum, 1e-6); /* float32 of values up to 4 */
    CU_ASSERT_DOUBLE_EQUAL(spread[i], sqrt(square / (MEMBERS - 1)), 1e-6);
  }
  for (size_t k = 0; k < STEPS; k++) { CU_ASSERT_EQUAL(members[k], (double)MEMBERS); }
}

static void the_first_member_is_the_forecast_without_noise(void)
{
  static double alone[SIZE];
  mpp_model_destroy(write_inputs(MPP_MODE_EXTRAPOLATE, 1.0f));
  mpp_rollout_options o = options_for(beside(2, "alone.nc"));
  REQUIRE_OK(run(&o));
  o.members = 3;
  snprintf(o.output, sizeof o.output, "%s", beside(2, "three.nc"));
  REQUIRE_OK(run(&o));
  read_variable(beside(3, "alone.nc"), "inhibitor", alone, SIZE);
  for (size_t m = 0; m < 3; m++) {
    char name[64];
    snprintf(name, sizeof name, "three_member%zu.nc", m);
    read_variable(beside(4, name), "inhibitor", x[m], SIZE);
  }
  CU_ASSERT_EQUAL(memcmp(x[0], alone, sizeof alone), 0);
  CU_ASSERT(memcmp(x[1], alone, sizeof alone) != 0 && memcmp(x[1], x[2], sizeof alone) != 0);
  o.member = 2; /* one of them alone is the same */
  snprintf(o.output, sizeof o.output, "%s", beside(2, "second.nc"));
  REQUIRE_OK(run(&o));
  read_variable(beside(3, "second.nc"), "inhibitor", alone, SIZE);
  CU_ASSERT_EQUAL(memcmp(x[2], alone, sizeof alone), 0);
  CU_ASSERT_FALSE(exists(beside(3, "second_ensemble.nc")));
}

/* Noise that is the same in all frames of the context leaves a persistence forecast that far
 * away. */
static void noise_has_the_size_that_was_asked_for(void)
{
  static float data[SMALL_ALL];
  double sum = 0.0, square = 0.0, difference = 0.0;
  mpp_model_destroy(write_inputs(MPP_MODE_EXTRAPOLATE, 1.0f));
  mpp_rollout_options o = options_for(beside(2, "noise.nc"));
  snprintf(o.model, sizeof o.model, "window:persistence");
  o.context = T;
  o.members = 2;
  o.perturb = 0.5;
  REQUIRE_OK(run(&o));
  for (size_t m = 0; m < 2; m++) {
    read_variable(beside(3, m == 0 ? "noise_member0.nc" : "noise_member1.nc"), "activator", x[m],
                  SIZE);
  }
  small_trajectory(data, 1);
  for (size_t k = 0; k < T; k++) {
    for (size_t i = 0; i < SMALL_CELLS; i++) {
      const double v = (double)data[(START + k) * SMALL_FRAME + i];
      sum += v / (T * SMALL_CELLS);
      square += v * v / (T * SMALL_CELLS);
    }
  }
  for (size_t i = 0; i < SMALL_CELLS; i++) {
    difference += (x[1][i] - x[0][i]) * (x[1][i] - x[0][i]) / SMALL_CELLS;
  }
  /* 96 normal numbers: their mean square scatters by sqrt(2/96) = 14 % */
  CU_ASSERT_DOUBLE_EQUAL(difference / (square - sum * sum), 0.25, 0.1);
}

TESTS({"mean and spread are those of the members", mean_and_spread_are_those_of_the_members},
      {"the first member is the forecast without noise",
       the_first_member_is_the_forecast_without_noise},
      {"noise has the size that was asked for", noise_has_the_size_that_was_asked_for})
