/* test_num_modes.c - random periodic fields against the sums that they stand for. */
#include "num_modes.h"
#include "test.h"

static mpp_modes *drawn(int most, double power, uint64_t sample, uint32_t field)
{
  mpp_modes *m = NULL;
  REQUIRE_OK(MPP_ALLOC(&m, 1));
  mpp_modes_draw(m, most, power, 11, sample, field);
  return m;
}

static double *summed(const mpp_modes *m, size_t nx, size_t ny, double factor, double offset)
{
  double *u = NULL;
  REQUIRE_OK(MPP_ALLOC(&u, nx * ny));
  REQUIRE_OK(mpp_modes_sum(u, nx, ny, m, factor, offset));
  return u;
}

/* f at (x, y), shares of the sides, of the modes with |k| < x_limit / 2 and l < y_limit / 2. */
static double direct(const mpp_modes *m, double x, double y, int x_limit, int y_limit)
{
  double sum = 0.0;
  for (int k = -MPP_MODES_MAX; k <= MPP_MODES_MAX; k++) {
    for (int l = 0; l <= MPP_MODES_MAX; l++) {
      const double *c = m->c[mpp_modes_at(k, l)], phase = 2.0 * M_PI * (k * x + l * y);
      if ((l > 0 || k > 0) && 2 * abs(k) < x_limit && 2 * l < y_limit) {
        sum += c[0] * cos(phase) - c[1] * sin(phase);
      }
    }
  }
  return sum;
}

static void sums_agree_with_the_definition(void)
{
  static const int shape[][2] = {{16, 14}, {9, 13}, {8, 8}, {70, 5}};
  mpp_modes *m = drawn(5, -0.5, 3, 1);
  for (size_t s = 0; s < sizeof shape / sizeof shape[0]; s++) {
    const int nx = shape[s][0], ny = shape[s][1];
    double *u = summed(m, (size_t)nx, (size_t)ny, 2.0, 0.5), worst = 0.0;
    for (int i = 0; i < nx * ny; i++) {
      const int row = i / ny, column = i % ny;
      const double x = (row + 0.5) / nx, y = (column + 0.5) / ny;
      worst = fmax(worst, fabs(u[i] - 0.5 - 2.0 * direct(m, x, y, nx, ny)));
    }
    CU_ASSERT(worst < 2e-14); /* 60 terms below 1 */
    mpp_free(u);
  }
  mpp_free(m);
}

static void a_field_has_mean_0_and_variance_1_on_any_grid(void)
{
  mpp_modes *m = drawn(MPP_MODES_MAX, -1.0, 0, 0);
  for (size_t n = 66; n < 100; n += 33) {
    double *u = summed(m, n, n, 1.0, 0.0), sum = 0.0, square = 0.0;
    for (size_t i = 0; i < n * n; i++) {
      sum += u[i];
      square += u[i] * u[i];
    }
    CU_ASSERT(fabs(sum / (double)(n * n)) < 1e-14); /* rounding of 1e4 terms */
    CU_ASSERT(fabs(square / (double)(n * n) - 1.0) <
              1e-13); /* likewise: products alias to 0 only */
    mpp_free(u);
  }
  mpp_free(m);
}

/* The ratio of two coefficients is that of their draws, however many there are. */
static void draws_belong_to_their_modes(void)
{
  mpp_modes *few = drawn(3, 0.0, 5, 2), *many = drawn(9, 0.0, 5, 2);
  mpp_modes *other_field = drawn(3, 0.0, 5, 1), *other_sample = drawn(3, 0.0, 6, 2);
  const size_t a = mpp_modes_at(-3, 2), b = mpp_modes_at(1, 0);
  const double ratio = few->c[a][0] / few->c[b][1];
  CU_ASSERT_DOUBLE_EQUAL(many->c[a][0] / many->c[b][1], ratio, 1e-14 * fabs(ratio));
  CU_ASSERT(fabs(other_field->c[a][0] / other_field->c[b][1] / ratio - 1.0) > 1e-3);
  CU_ASSERT(fabs(other_sample->c[a][0] / other_sample->c[b][1] / ratio - 1.0) > 1e-3);
  CU_ASSERT_EQUAL(few->c[mpp_modes_at(4, 0)][0], 0.0);
  CU_ASSERT(many->c[mpp_modes_at(4, 0)][0] != 0.0);
  CU_ASSERT_EQUAL(few->c[mpp_modes_at(-1, 0)][0], 0.0); /* stands as (1, 0) */
  CU_ASSERT_EQUAL(few->c[mpp_modes_at(0, 0)][0], 0.0);
  mpp_free(few);
  mpp_free(many);
  mpp_free(other_field);
  mpp_free(other_sample);
}

/* Coefficients have the spectrum asked for: 40 x 9 numbers near |(k, l)| = 5, whose mean square has
 * a relative standard deviation of sqrt(2 / 360) = 7 %. */
static void amplitudes_follow_the_power(void)
{
  double near_5 = 0.0, at_1 = 0.0;
  for (uint64_t sample = 0; sample < 40; sample++) {
    mpp_modes *m = drawn(6, -1.0, sample, 0);
    static const int five[][2] = {{3, 4}, {4, 3}, {-3, 4}, {-4, 3}, {0, 5}, {5, 0}};
    static const int one[][2] = {{1, 0}, {0, 1}};
    for (size_t i = 0; i < 6; i++) {
      const double *c = m->c[mpp_modes_at(five[i][0], five[i][1])];
      near_5 += (c[0] * c[0] + c[1] * c[1]) / 12.0;
    }
    for (size_t i = 0; i < 2; i++) {
      const double *c = m->c[mpp_modes_at(one[i][0], one[i][1])];
      at_1 += (c[0] * c[0] + c[1] * c[1]) / 4.0;
    }
    mpp_free(m);
  }
  CU_ASSERT(fabs(log(at_1 / near_5) - 4.0 * log(5.0)) < 0.5); /* (k^2)^-1, squared; 4 deviations */
}

static void failures_leave_nothing_behind(void)
{
  mpp_modes *m = drawn(2, 0.0, 0, 0);
  double u[64];
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    const mpp_status st = TEST_FAULT(&faults, mpp_modes_sum(u, 8, 8, m, 1.0, 0.0));
    CU_ASSERT(st == MPP_OK || st == MPP_ERR_NOMEM);
  }
  ASSERT_STATUS(mpp_modes_sum(u, 1, 8, m, 1.0, 0.0), MPP_ERR_INTERNAL);
  mpp_free(m);
}

TESTS({"sums agree with the definition", sums_agree_with_the_definition},
      {"a field has mean 0 and variance 1 on any grid",
       a_field_has_mean_0_and_variance_1_on_any_grid},
      {"draws belong to their modes", draws_belong_to_their_modes},
      {"amplitudes follow the power", amplitudes_follow_the_power},
      {"failures leave nothing behind", failures_leave_nothing_behind})
