/* test_meter.c - metrics against NumPy's on the same arrays (tests/data/make_metrics.py). */
#include "meter.h"

#include "h5.h"
#include "tally.h"
#include "test.h"

enum { WINDOWS = 5, FIELDS = 2, CELLS_MAX = 10 * 9 * 12, BINS_MAX = 32 };

/* Both sides sum at most 1080 float64 numbers in another order, and a transform of as many terms:
 * some hundred roundings. */
static const double tolerance = 1e-12;

typedef struct arrays {
  size_t grid[3], cells;
  float prediction[WINDOWS * FIELDS * CELLS_MAX], truth[WINDOWS * FIELDS * CELLS_MAX];
  double metrics[FIELDS * MPP_METRICS], power[FIELDS * BINS_MAX];
} arrays;

static void read_case(arrays *a, const char *group)
{
  static const size_t zero[5] = {0};
  const char *path = MPP_TEST_DATA "/metrics.h5";
  char name[64];
  size_t shape[MPP_H5_MAX_RANK];
  int rank = 0;
  hid_t file = H5I_INVALID_HID;
  REQUIRE_OK(mpp_h5_init());
  REQUIRE_OK(mpp_h5_open(&file, path));
  snprintf(name, sizeof name, "%s/prediction", group);
  REQUIRE_OK(mpp_h5_shape(shape, &rank, file, path, name));
  CU_ASSERT_FATAL(rank == 5 && shape[0] == WINDOWS && shape[1] == FIELDS);
  memcpy(a->grid, shape + 2, sizeof a->grid);
  a->cells = shape[2] * shape[3] * shape[4];
  CU_ASSERT_FATAL(a->cells <= CELLS_MAX);
  REQUIRE_OK(mpp_h5_read_f32(a->prediction, file, path, name, zero, shape));
  snprintf(name, sizeof name, "%s/truth", group);
  REQUIRE_OK(mpp_h5_read_f32(a->truth, file, path, name, zero, shape));
  snprintf(name, sizeof name, "%s/metrics", group);
  REQUIRE_OK(mpp_h5_shape(shape, &rank, file, path, name));
  CU_ASSERT_FATAL(rank == 2 && shape[0] == FIELDS && shape[1] == MPP_METRICS);
  REQUIRE_OK(mpp_h5_read_f64(a->metrics, file, path, name, zero, shape));
  snprintf(name, sizeof name, "%s/power", group);
  REQUIRE_OK(mpp_h5_shape(shape, &rank, file, path, name));
  CU_ASSERT_FATAL(rank == 2 && shape[0] == FIELDS && shape[1] <= BINS_MAX);
  REQUIRE_OK(mpp_h5_read_f64(a->power, file, path, name, zero, shape));
  mpp_h5_close(file);
}

static void expect(double got, double expected, const char *group, const char *what)
{
  const bool same =
      isnan(expected) ? isnan(got) : fabs(got - expected) <= tolerance * fabs(expected);
  if (!same) {
    fprintf(stderr, "\n%s: %s: %.17g is not %.17g\n", group, what, got, expected);
    CU_FAIL("metric");
  }
}

static void check_case(const char *group)
{
  static arrays a;
  mpp_meter *m = NULL;
  mpp_tally t = {0};
  double metric[(FIELDS + 1) * MPP_METRICS], power[FIELDS * BINS_MAX];
  double sum[FIELDS * BINS_MAX] = {0.0};
  read_case(&a, group);
  REQUIRE_OK(mpp_meter_create(&m, a.grid, FIELDS));
  REQUIRE_OK(mpp_tally_create(&t, m, 2, 1, 1, FIELDS)); /* windows 0, 1, 2 of one trajectory */
  double *record = calloc(FIELDS * mpp_meter_length(m), sizeof *record);
  const size_t frame = FIELDS * a.cells, bins = mpp_meter_power_bins(m);
  CU_ASSERT_FATAL(record != NULL && bins <= BINS_MAX);
  for (size_t b = 0; b < WINDOWS; b++) {
    mpp_meter_measure(m, record, a.prediction + b * frame, a.truth + b * frame);
    mpp_tally_add(&t, b / 3, MPP_BY_MODEL, 0, record);
    t.windows[b / 3]++;
    mpp_meter_power(m, power, a.truth + b * frame);
    for (size_t i = 0; i < FIELDS * bins; i++) { sum[i] += power[i] / WINDOWS; }
  }
  mpp_tally_metrics(&t, metric, MPP_BY_MODEL, 0, NULL, record);
  for (size_t i = 0; i < FIELDS * MPP_METRICS; i++) {
    expect(metric[i], a.metrics[i], group, mpp_metric_name((mpp_metric)(i % MPP_METRICS)));
  }
  for (size_t i = 0; i < MPP_METRICS; i++) {
    expect(metric[FIELDS * MPP_METRICS + i], 0.5 * (a.metrics[i] + a.metrics[MPP_METRICS + i]),
           group, "mean over fields");
  }
  for (size_t i = 0; i < FIELDS * bins; i++) { expect(sum[i], a.power[i], group, "power"); }
  free(record);
  mpp_tally_free(&t);
  mpp_meter_destroy(m);
}

static void metrics_in_one_dimension_are_those_of_numpy(void) { check_case("line"); }
static void metrics_in_two_dimensions_are_those_of_numpy(void) { check_case("plane"); }
static void metrics_in_three_dimensions_are_those_of_numpy(void) { check_case("box"); }

static void a_perfect_forecast_has_no_error_and_correlates(void)
{
  const size_t grid[3] = {1, 4, 6};
  float y[24];
  mpp_meter *m = NULL;
  test_fill(y, 24, 3);
  REQUIRE_OK(mpp_meter_create(&m, grid, 1));
  double *record = calloc(mpp_meter_length(m), sizeof *record), metric[MPP_METRICS];
  mpp_meter_measure(m, record, y, y);
  mpp_meter_metrics(m, metric, record, 1.0);
  for (int i = 0; i < MPP_METRICS; i++) {
    const bool empty = i == MPP_METRIC_FRMSE_MID || i == MPP_METRIC_FRMSE_HIGH; /* two bins */
    /* the correlation is a quotient of two equal sums: one rounding of the root */
    CU_ASSERT(empty                         ? isnan(metric[i])
              : i == MPP_METRIC_CORRELATION ? fabs(metric[i] - 1.0) < 1e-15
                                            : metric[i] == 0.0);
  }
  free(record);
  mpp_meter_destroy(m);
}

static void constant_fields_correlate_only_with_constant_fields(void)
{
  const size_t grid[3] = {1, 2, 2};
  const float flat[4] = {2.0f, 2.0f, 2.0f, 2.0f}, other[4] = {3.0f, 3.0f, 3.0f, 3.0f},
              steep[4] = {1.0f, 2.0f, 3.0f, 4.0f};
  mpp_meter *m = NULL;
  REQUIRE_OK(mpp_meter_create(&m, grid, 1));
  double *record = calloc(mpp_meter_length(m), sizeof *record);
  mpp_meter_measure(m, record, other, flat);
  CU_ASSERT_EQUAL(record[MPP_REC_CORRELATION], 1.0);
  mpp_meter_measure(m, record, steep, flat);
  CU_ASSERT_EQUAL(record[MPP_REC_CORRELATION], 0.0);
  mpp_meter_measure(m, record, flat, steep);
  CU_ASSERT_EQUAL(record[MPP_REC_CORRELATION], 0.0);
  free(record);
  mpp_meter_destroy(m);
}

/* Parseval: the power of all modes is the mean square, where the bins reach the corners. */
static void power_adds_up_to_the_mean_square(void)
{
  const size_t grid[3] = {1, 1, 32};
  float y[32];
  double power[17], sum = 0.0, squares = 0.0;
  mpp_meter *m = NULL;
  test_fill(y, 32, 5);
  REQUIRE_OK(mpp_meter_create(&m, grid, 1));
  CU_ASSERT_EQUAL_FATAL(mpp_meter_power_bins(m), 17);
  mpp_meter_power(m, power, y);
  for (int i = 0; i < 17; i++) { sum += power[i]; }
  for (int i = 0; i < 32; i++) { squares += (double)y[i] * y[i] / 32.0; }
  CU_ASSERT(fabs(sum - squares) < 1e-14 * squares); /* a few dozen roundings */
  mpp_meter_destroy(m);
}

static void a_diverged_forecast_is_infinitely_wrong(void)
{
  const size_t grid[3] = {1, 32, 32};
  mpp_meter *m = NULL;
  REQUIRE_OK(mpp_meter_create(&m, grid, 2));
  double *record = calloc(2 * mpp_meter_length(m), sizeof *record), metric[MPP_METRICS];
  mpp_meter_diverged(m, record);
  mpp_meter_metrics(m, metric, record + mpp_meter_length(m), 1.0);
  for (int i = 0; i < MPP_METRICS; i++) {
    CU_ASSERT(i == MPP_METRIC_CORRELATION ? metric[i] == 0.0 : isinf(metric[i]));
  }
  free(record);
  mpp_meter_destroy(m);
}

static void every_fallible_call_may_fail(void)
{
  const size_t grid[3] = {1, 4, 4};
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    mpp_meter *m = NULL;
    const mpp_status st = TEST_FAULT(&faults, mpp_meter_create(&m, grid, 1));
    CU_ASSERT((st == MPP_OK) == (m != NULL));
    mpp_meter_destroy(m);
  }
  CU_ASSERT(faults.failed >= 5);
}

TESTS({"metrics in one dimension are those of numpy", metrics_in_one_dimension_are_those_of_numpy},
      {"metrics in two dimensions are those of numpy",
       metrics_in_two_dimensions_are_those_of_numpy},
      {"metrics in three dimensions are those of numpy",
       metrics_in_three_dimensions_are_those_of_numpy},
      {"a perfect forecast has no error and correlates",
       a_perfect_forecast_has_no_error_and_correlates},
      {"constant fields correlate only with constant fields",
       constant_fields_correlate_only_with_constant_fields},
      {"power adds up to the mean square", power_adds_up_to_the_mean_square},
      {"a diverged forecast is infinitely wrong", a_diverged_forecast_is_infinitely_wrong},
      {"every fallible call may fail", every_fallible_call_may_fail})
