#include "ins_noise.h"
#include "rng.h"
#include "test.h"

enum { N = 20, CELLS = N * N };

static const mpp_ins_noise standard = {
    .modes = 6, .scale = 0.4, .smoothness = 1.0, .seed = 3, .sample = 5, .field = 1};

static mpp_ins_points points_of(size_t n)
{
  return (mpp_ins_points){
      .n = {n, n}, .low = {0.0, 0.0}, .step = {1.0 / (double)n, 1.0 / (double)n}};
}

static void fill(double u[CELLS], const mpp_ins_noise *noise)
{
  const mpp_ins_points p = points_of(N);
  REQUIRE_OK(mpp_ins_noise_fill(u, N, &p, noise));
}

/* Twice the mean of u exp(-2 pi i m x): the complex amplitude of mode m. */
static double amplitude(const double u[CELLS], int mx, int my)
{
  double re = 0.0, im = 0.0;
  for (int i = 0; i < CELLS; i++) {
    const int row = i / N, column = i % N;
    const double angle = 2.0 * M_PI * (mx * row + my * column) / N;
    re += 2.0 * u[i] * cos(angle) / CELLS;
    im += 2.0 * u[i] * sin(angle) / CELLS;
  }
  return sqrt(re * re + im * im);
}

/* Points that resolve all modes make the sums over them exact. */
static void mean_and_variance_are_0_and_1(void)
{
  for (uint64_t sample = 0; sample < 10; sample++) {
    mpp_ins_noise noise = standard;
    double u[CELLS], mean = 0.0, variance = 0.0;
    noise.sample = sample;
    fill(u, &noise);
    for (int i = 0; i < CELLS; i++) {
      mean += u[i] / CELLS;
      variance += u[i] * u[i] / CELLS;
    }
    CU_ASSERT_DOUBLE_EQUAL(mean, 0.0, 1e-14); /* rounding */
    CU_ASSERT_DOUBLE_EQUAL(variance, 1.0, 1e-13);
  }
}

/* Mode (mx, my) by the two normals that the header names, relative to mode (1, 0). */
static double drawn(const mpp_ins_noise *n, int mx, int my)
{
  const uint32_t place = (uint32_t)(my + 256) + (uint32_t)mx * 513;
  const uint32_t at = (1u << 24) + 2 * (place + n->field * 513 * 513);
  const double a = mpp_rng_normal(n->seed, MPP_STREAM_PDE, n->sample, at);
  const double b = mpp_rng_normal(n->seed, MPP_STREAM_PDE, n->sample, at + 1);
  return sqrt(a * a + b * b) * pow(mx * mx + my * my, -n->smoothness);
}

static void modes_have_the_power_law_and_their_own_draws(void)
{
  static const int mode[][2] = {{0, 1}, {1, -1}, {3, 2}, {6, -6}, {0, 6}, {5, -2}};
  for (int smooth = 0; smooth < 3; smooth++) {
    mpp_ins_noise noise = standard;
    double u[CELLS];
    noise.smoothness = smooth;
    fill(u, &noise);
    const double unit = amplitude(u, 1, 0) / drawn(&noise, 1, 0);
    for (size_t k = 0; k < sizeof mode / sizeof mode[0]; k++) {
      CU_ASSERT_DOUBLE_EQUAL(amplitude(u, mode[k][0], mode[k][1]),
                             unit * drawn(&noise, mode[k][0], mode[k][1]), 1e-13); /* rounding */
    }
    CU_ASSERT(amplitude(u, 7, 0) < 1e-14 && amplitude(u, 2, 7) < 1e-14);
  }
}

/* (0.15 m)^2 > 0.1 from |m|^2 = 5 on. */
static void long_waves_are_cut_off(void)
{
  mpp_ins_noise noise = standard;
  double u[CELLS];
  noise.scale = 0.15;
  noise.smoothness = 3.0;
  fill(u, &noise);
  CU_ASSERT(amplitude(u, 2, 0) < 1e-14 && amplitude(u, 1, 1) < 1e-14);
  CU_ASSERT(amplitude(u, 2, 1) > 1e-3 && amplitude(u, 1, -2) > 1e-3);
  noise.scale = 0.01; /* nothing is left */
  fill(u, &noise);
  for (int i = 0; i < CELLS; i++) { CU_ASSERT_EQUAL(u[i], 0.0); }
}

static void another_grid_has_the_same_field(void)
{
  const mpp_ins_points few = points_of(N), many = points_of((size_t)3 * N);
  static double a[CELLS], b[9 * CELLS];
  double worst = 0.0;
  REQUIRE_OK(mpp_ins_noise_fill(a, N, &few, &standard));
  REQUIRE_OK(mpp_ins_noise_fill(b, (size_t)3 * N, &many, &standard));
  for (size_t i = 0; i < CELLS; i++) {
    worst = fmax(worst, fabs(a[i] - b[i / N * 9 * N + i % N * 3]));
  }
  CU_ASSERT(worst < 1e-13); /* rounding of angles */
}

static void samples_fields_and_seeds_are_drawn_apart(void)
{
  double u[4][CELLS];
  for (int k = 0; k < 4; k++) {
    mpp_ins_noise noise = standard;
    noise.sample += k == 1;
    noise.field += k == 2;
    noise.seed += k == 3;
    fill(u[k], &noise);
  }
  for (int k = 1; k < 4; k++) {
    double correlation = 0.0;
    for (int i = 0; i < CELLS; i++) { correlation += u[0][i] * u[k][i] / CELLS; }
    CU_ASSERT(fabs(correlation) < 0.9); /* few modes carry the field */
  }
}

static void failures_leave_nothing_behind(void)
{
  const mpp_ins_points p = points_of(N);
  const long before = mpp_alloc_live();
  mpp_ins_noise noise = standard;
  double u[CELLS];
  for (long n = 0; n < 3; n++) {
    mpp_fault_after(n);
    ASSERT_STATUS(mpp_ins_noise_fill(u, N, &p, &noise), MPP_ERR_NOMEM);
    mpp_fault_after(-1);
    CU_ASSERT_EQUAL(mpp_alloc_live(), before);
  }
  noise.modes = MPP_INS_NOISE_MAX_MODES + 1;
  ASSERT_STATUS(mpp_ins_noise_fill(u, N, &p, &noise), MPP_ERR_INTERNAL);
}

TESTS({"mean and variance are 0 and 1", mean_and_variance_are_0_and_1},
      {"modes have the power law and their own draws",
       modes_have_the_power_law_and_their_own_draws},
      {"long waves are cut off", long_waves_are_cut_off},
      {"another grid has the same field", another_grid_has_the_same_field},
      {"samples, fields and seeds are drawn apart", samples_fields_and_seeds_are_drawn_apart},
      {"failures leave nothing behind", failures_leave_nothing_behind})
