/* num_noise.c - the average of cos(k pi x) over cell j of n is
 *   cos(pi k (j + 1/2) / n) sin(z) / z,  z = pi k / (2 n).
 * On the cell centres a mode k >= n equals plus or minus a mode below n, so that all modes fold
 * onto the n that a cosine transform sums. */
#include "num_noise.h"

#include <math.h>

#include "alloc.h"
#include "check.h"
#include "fft.h"
#include "rng.h"

/* Mode k on n cells: sign and place among the modes below n; sign 0 where it vanishes. */
typedef struct folded {
  size_t mode;
  double factor;
} folded;

static folded fold(size_t k, size_t n)
{
  const double z = M_PI * (double)k / (2.0 * (double)n);
  const double norm = k == 0 ? 1.0 : sqrt(2.0) * sin(z) / z;
  const size_t turn = k / (2 * n), rest = k % (2 * n);
  const double sign = turn % 2 == 0 ? 1.0 : -1.0;
  if (rest == n) {
    return (folded){0, 0.0};
  }
  return rest < n ? (folded){rest, sign * norm} : (folded){2 * n - rest, -sign * norm};
}

/* Draws of a field have room for MPP_NOISE_MAX_MODES^2 numbers, whatever `modes` is. */
static uint32_t draw_of(uint32_t field, size_t k, size_t l)
{
  return (field * MPP_NOISE_MAX_MODES + (uint32_t)k) * MPP_NOISE_MAX_MODES + (uint32_t)l;
}

mpp_status mpp_noise_cosine(double *u, size_t ny, size_t nx, size_t modes, double amplitude,
                            uint64_t seed, uint64_t sample, uint32_t field)
{
  if (modes == 0 || modes > MPP_NOISE_MAX_MODES || ny == 0 || nx == 0) {
    return mpp_fail(MPP_ERR_INTERNAL, "noise: %zu modes on %zu x %zu cells", modes, ny, nx);
  }
  for (size_t i = 0; i < ny * nx; i++) { u[i] = 0.0; }
  for (size_t k = 0; k < modes; k++) {
    const folded y = fold(k, ny);
    for (size_t l = 0; l < modes; l++) {
      const folded x = fold(l, nx);
      const double xi = mpp_rng_normal(seed, MPP_STREAM_PDE, sample, draw_of(field, k, l));
      u[y.mode * nx + x.mode] += amplitude * xi * (y.factor * x.factor);
    }
  }
  return mpp_fft_cosine_sum(u, ny, nx);
}
