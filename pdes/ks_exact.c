/* ks_exact.c - a plane wave reduces the equation to one for each harmonic,
 *   c_m' = (m^2 q - m^4 q^2) c_m - q/4 (2 sum_a s_a s_{a+m} - sum_{a+b=m} s_a s_b),   s_m = m c_m,
 * whose solution follows its Taylor series, term by term: product coefficients are sums of
 * products. */
#include "ks_exact.h"

#include <math.h>
#include <string.h>

enum { M = MPP_KS_HARMONICS, TERMS = 24 };

/* Coefficient j of the series of the sum in brackets for harmonic m; s[j][m] up to j known. */
static double bracket(double (*s)[M + 1], int j, int m)
{
  double sum = 0.0;
  for (int i = 0; i <= j; i++) {
    for (int a = 1; a + m <= M; a++) { sum += 2.0 * s[i][a] * s[j - i][a + m]; }
    for (int a = 1; a < m; a++) { sum -= s[i][a] * s[j - i][m - a]; }
  }
  return sum;
}

static void taylor_step(double c[M + 1], double q, double h)
{
  double series[TERMS + 1][M + 1], s[TERMS + 1][M + 1];
  memcpy(series[0], c, sizeof series[0]);
  for (int j = 0; j < TERMS; j++) {
    for (int m = 1; m <= M; m++) { s[j][m] = m * series[j][m]; }
    for (int m = 1; m <= M; m++) {
      const double mq = m * m * q;
      series[j + 1][m] =
          ((mq - mq * mq) * series[j][m] - 0.25 * q * bracket(s, j, m)) / (double)(j + 1);
    }
  }
  for (int m = 1; m <= M; m++) {
    double sum = series[TERMS][m];
    for (int j = TERMS - 1; j >= 0; j--) { sum = series[j][m] + h * sum; }
    c[m] = sum;
  }
}

/* Steps short enough for the fastest harmonic: |lambda h| <= 2, 2^24 / 24! < 1e-16. */
void mpp_ks_plane_wave(double c[MPP_KS_HARMONICS + 1], double amplitude, double q, double t)
{
  const double fastest = pow(M, 4) * q * q;
  const int steps = 1 + (int)(0.5 * fastest * t);
  memset(c, 0, (M + 1) * sizeof *c);
  c[1] = amplitude;
  for (int k = 0; k < steps && t > 0.0; k++) { taylor_step(c, q, t / steps); }
}
