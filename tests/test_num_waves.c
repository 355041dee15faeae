#include "mpp/threads.h"
#include "num_waves.h"
#include "test.h"

enum { COUNT = 40 };

/* Waves of all signs, some along one axis only. */
static void draw(mpp_wave waves[COUNT], double phase[COUNT], double amplitude[COUNT], bool flat)
{
  float x[5 * COUNT];
  test_fill(x, 5 * (size_t)COUNT, 7);
  for (size_t m = 0; m < COUNT; m++) {
    const int k[3] = {flat ? 0 : (int)lroundf(3.0F * x[5 * m]), (int)lroundf(5.0F * x[5 * m + 1]),
                      (int)lroundf(4.0F * x[5 * m + 2])};
    amplitude[m] = x[5 * m + 3];
    phase[m] = 4.0 * x[5 * m + 4];
    waves[m] = mpp_wave_make(k, amplitude[m], phase[m]);
  }
}

static double worst_error(const size_t n[3])
{
  mpp_wave waves[COUNT];
  double phase[COUNT], amplitude[COUNT], *u = NULL, worst = 0.0;
  draw(waves, phase, amplitude, n[0] == 1);
  REQUIRE_OK(MPP_ALLOC(&u, n[0] * n[1] * n[2]));
  REQUIRE_OK(mpp_waves_sum(u, n, waves, COUNT));
  for (size_t i = 0; i < n[0] * n[1] * n[2]; i++) {
    const size_t at[3] = {i / n[2] / n[1], i / n[2] % n[1], i % n[2]};
    double sum = 0.0;
    for (int m = 0; m < COUNT; m++) {
      double angle = phase[m];
      for (int a = 0; a < 3; a++) {
        angle += 2.0 * M_PI * waves[m].k[a] * ((double)at[a] + 0.5) / (double)n[a];
      }
      sum += amplitude[m] * sin(angle);
    }
    worst = fmax(worst, fabs(u[i] - sum));
  }
  mpp_free(u);
  return worst;
}

/* Tolerances: rounding of 40 terms of size 1 at angles up to 80. */
static void sums_are_those_of_the_sines_in_three_dimensions(void)
{
  CU_ASSERT(worst_error((const size_t[]){7, 12, 9}) < 1e-12);
}

static void sums_are_those_of_the_sines_in_two_dimensions(void)
{
  CU_ASSERT(worst_error((const size_t[]){1, 33, 16}) < 1e-12);
}

static void threads_do_not_change_a_bit(void)
{
  enum { CELLS = 32 * 33 * 35 };
  const size_t n[3] = {32, 33, 35};
  static double one[CELLS], three[CELLS];
  mpp_wave waves[COUNT];
  double phase[COUNT], amplitude[COUNT];
  draw(waves, phase, amplitude, false);
  const int before = mpp_get_threads();
  mpp_set_threads(1);
  REQUIRE_OK(mpp_waves_sum(one, n, waves, COUNT));
  mpp_set_threads(3);
  REQUIRE_OK(mpp_waves_sum(three, n, waves, COUNT));
  mpp_set_threads(before);
  CU_ASSERT(memcmp(one, three, sizeof one) == 0);
}

static void a_wave_number_beyond_the_tables_is_refused(void)
{
  double u[8];
  const mpp_wave wave = {{0, 0, MPP_WAVES_LARGEST + 1}, 1.0, 0.0};
  ASSERT_STATUS(mpp_waves_sum(u, (const size_t[]){1, 1, 8}, &wave, 1), MPP_ERR_INTERNAL);
}

static void lack_of_memory_leaves_nothing_behind(void)
{
  double u[8];
  const mpp_wave wave = {{0, 0, 1}, 1.0, 0.0};
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    const mpp_status st =
        TEST_FAULT(&faults, mpp_waves_sum(u, (const size_t[]){1, 1, 8}, &wave, 1));
    CU_ASSERT(st == MPP_OK || st == MPP_ERR_NOMEM);
  }
  CU_ASSERT_EQUAL(faults.failed, 5); /* arrays */
}

TESTS({"sums are those of the sines in three dimensions",
       sums_are_those_of_the_sines_in_three_dimensions},
      {"sums are those of the sines in two dimensions",
       sums_are_those_of_the_sines_in_two_dimensions},
      {"threads do not change a bit", threads_do_not_change_a_bit},
      {"a wave number beyond the tables is refused", a_wave_number_beyond_the_tables_is_refused},
      {"lack of memory leaves nothing behind", lack_of_memory_leaves_nothing_behind})
