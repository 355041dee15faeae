/* test_ks_exact.c - the harmonics of plane waves obey the equation. */
#include "ks_exact.h"
#include "test.h"

enum { POINTS = 64 };

/* Rate of harmonic m by the equation itself: u at points of one wavelength, its terms there, and
 * the projection on cos(m theta). */
static double rate(const double *c, double q, int m)
{
  double sum = 0.0;
  for (int i = 0; i < POINTS; i++) {
    const double theta = 2.0 * M_PI * i / POINTS;
    double second = 0.0, fourth = 0.0, slope = 0.0;
    for (int k = 1; k <= MPP_KS_HARMONICS; k++) {
      slope -= k * c[k] * sin(k * theta);
      second -= k * k * c[k] * cos(k * theta);
      fourth += pow(k, 4) * c[k] * cos(k * theta);
    }
    const double u_t = -q * second - q * q * fourth - 0.5 * q * slope * slope;
    sum += u_t * cos(m * theta) * 2.0 / POINTS;
  }
  return sum;
}

static void harmonics_obey_the_equation(void)
{
  const double q = 0.49, t = 1.3, dt = 1e-3;
  double before[MPP_KS_HARMONICS + 1], now[MPP_KS_HARMONICS + 1], after[MPP_KS_HARMONICS + 1];
  mpp_ks_plane_wave(before, 0.8, q, t - dt);
  mpp_ks_plane_wave(now, 0.8, q, t);
  mpp_ks_plane_wave(after, 0.8, q, t + dt);
  for (int m = 1; m <= 5; m++) {
    /* the central difference: dt^2 / 6 times third derivatives below 1 */
    CU_ASSERT_DOUBLE_EQUAL((after[m] - before[m]) / (2.0 * dt), rate(now, q, m), 1e-6);
  }
  CU_ASSERT(fabs(now[2]) > 0.01 && fabs(now[3]) > 1e-4); /* that something is compared */
}

static void small_waves_grow_alone(void)
{
  double c[MPP_KS_HARMONICS + 1];
  mpp_ks_plane_wave(c, 1e-9, 0.3, 5.0);
  CU_ASSERT_DOUBLE_EQUAL(c[1] / 1e-9, exp(5.0 * (0.3 - 0.09)), 1e-13); /* roundings of 50 steps */
  CU_ASSERT(fabs(c[2]) < 1e-17);
}

static void neglected_harmonics_are_negligible(void)
{
  double c[MPP_KS_HARMONICS + 1];
  mpp_ks_plane_wave(c, 0.3, 5.0 * pow(2.0 * M_PI / 20.0, 2), 2.0);
  CU_ASSERT(fabs(c[MPP_KS_HARMONICS]) < 1e-13); /* those beyond are smaller still */
  mpp_ks_plane_wave(c, 0.25, 0.5, 0.0);
  CU_ASSERT(c[1] == 0.25 && c[2] == 0.0);
}

TESTS({"harmonics obey the equation", harmonics_obey_the_equation},
      {"small waves grow alone", small_waves_grow_alone},
      {"neglected harmonics are negligible", neglected_harmonics_are_negligible})
