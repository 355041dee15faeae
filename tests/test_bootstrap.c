/* test_bootstrap.c - intervals against resampling by hand. */
#include "bootstrap.h"

#include "rng.h"
#include "test.h"

enum { GROUPS = 7, RESAMPLES = 200, SIDE = 4, CELLS = SIDE * SIDE };

typedef struct setting {
  mpp_meter *meter;
  mpp_tally tally;
  double value[GROUPS][3]; /* RMSE of each window of each trajectory */
  size_t windows[GROUPS];
} setting;

/* One or two windows a trajectory; the prediction is the truth plus a number of its own. */
static void prepare(setting *s, size_t ngroups)
{
  const size_t grid[3] = {1, SIDE, SIDE};
  float truth[CELLS], y[CELLS];
  *s = (setting){.meter = NULL};
  test_fill(truth, CELLS, 1);
  REQUIRE_OK(mpp_meter_create(&s->meter, grid, 1));
  REQUIRE_OK(mpp_tally_create(&s->tally, s->meter, ngroups, 1, 1, 1));
  double *record = calloc(mpp_meter_length(s->meter), sizeof *record);
  for (size_t g = 0; g < ngroups; g++) {
    for (size_t w = 0; w < 1 + g % 3; w++) {
      for (size_t i = 0; i < CELLS; i++) { y[i] = truth[i] + 0.1f * (float)(g * g + w + 1); }
      mpp_meter_measure(s->meter, record, y, truth);
      mpp_tally_add(&s->tally, g, MPP_BY_MODEL, 0, record);
      s->tally.windows[g]++;
      s->value[g][w] = record[MPP_REC_RMSE];
      s->windows[g]++;
    }
  }
  free(record);
}

static void clean_up(setting *s)
{
  mpp_tally_free(&s->tally);
  mpp_meter_destroy(s->meter);
}

static int ascending(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void intervals_are_quantiles_of_means_over_drawn_trajectories(void)
{
  setting s;
  double low[2 * MPP_METRICS], high[2 * MPP_METRICS], mean[RESAMPLES];
  prepare(&s, GROUPS);
  REQUIRE_OK(mpp_bootstrap(low, high, &s.tally, RESAMPLES, 0.9));
  for (size_t r = 0; r < RESAMPLES; r++) {
    double sum = 0.0, count = 0.0;
    for (size_t j = 0; j < GROUPS; j++) {
      const size_t g = mpp_rng_below(0, MPP_STREAM_BOOTSTRAP, r, (uint32_t)j, GROUPS);
      for (size_t w = 0; w < s.windows[g]; w++) { sum += s.value[g][w]; }
      count += (double)s.windows[g];
    }
    mean[r] = sum / count;
  }
  qsort(mean, RESAMPLES, sizeof *mean, ascending);
  /* 0.05 * 199 = 9.95 and 0.95 * 199 = 189.05, linear in between; a dozen terms in another order */
  const double expected_low = mean[9] + 0.95 * (mean[10] - mean[9]),
               expected_high = mean[189] + 0.05 * (mean[190] - mean[189]);
  CU_ASSERT(fabs(low[MPP_METRIC_RMSE] - expected_low) < 1e-13);
  CU_ASSERT(fabs(high[MPP_METRIC_RMSE] - expected_high) < 1e-13);
  CU_ASSERT(expected_low < expected_high);
  CU_ASSERT_EQUAL(low[MPP_METRICS + MPP_METRIC_RMSE], low[MPP_METRIC_RMSE]); /* of one field */
  CU_ASSERT(isnan(low[MPP_METRIC_FRMSE_HIGH]));
  clean_up(&s);
}

static void one_trajectory_has_no_interval(void)
{
  setting s;
  double low[2 * MPP_METRICS], high[2 * MPP_METRICS];
  prepare(&s, 1);
  REQUIRE_OK(mpp_bootstrap(low, high, &s.tally, RESAMPLES, 0.95));
  CU_ASSERT(isnan(low[MPP_METRIC_RMSE]) && isnan(high[MPP_METRIC_RMSE]));
  clean_up(&s);
}

static void any_number_of_threads_gives_the_same_bits(void)
{
  setting s;
  double a[2][2 * MPP_METRICS], b[2][2 * MPP_METRICS];
  prepare(&s, GROUPS);
  mpp_set_threads(1);
  REQUIRE_OK(mpp_bootstrap(a[0], a[1], &s.tally, RESAMPLES, 0.95));
  mpp_set_threads(3);
  REQUIRE_OK(mpp_bootstrap(b[0], b[1], &s.tally, RESAMPLES, 0.95));
  mpp_set_threads(0);
  CU_ASSERT_EQUAL(memcmp(a, b, sizeof a), 0);
  clean_up(&s);
}

/* A trajectory that is not drawn must not make the mean of the others no number. */
static void a_diverged_trajectory_counts_only_when_drawn(void)
{
  setting s;
  double low[2 * MPP_METRICS], high[2 * MPP_METRICS];
  prepare(&s, GROUPS);
  double *record = calloc(mpp_meter_length(s.meter), sizeof *record);
  mpp_meter_diverged(s.meter, record);
  mpp_tally_add(&s.tally, 2, MPP_BY_MODEL, 0, record);
  s.tally.windows[2]++;
  REQUIRE_OK(mpp_bootstrap(low, high, &s.tally, RESAMPLES, 0.95));
  CU_ASSERT(isfinite(low[MPP_METRIC_RMSE]));
  CU_ASSERT(isinf(high[MPP_METRIC_RMSE]));
  free(record);
  clean_up(&s);
}

TESTS({"intervals are quantiles of means over drawn trajectories",
       intervals_are_quantiles_of_means_over_drawn_trajectories},
      {"one trajectory has no interval", one_trajectory_has_no_interval},
      {"any number of threads gives the same bits", any_number_of_threads_gives_the_same_bits},
      {"a diverged trajectory counts only when drawn",
       a_diverged_trajectory_counts_only_when_drawn})
