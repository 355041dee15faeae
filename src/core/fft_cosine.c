/* fft_cosine.c - sums of half-range cosines by the inverse of MPP_FFT_COSINE, which is
 *   u_j = c_0 + 2 sum_{k>0} c_k cos(pi k (j + 1/2) / n)
 * along each axis: all but the first coefficient go in halved. */
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "fft.h"

mpp_status mpp_fft_cosine_sum(double *u, size_t ny, size_t nx)
{
  mpp_status st = MPP_OK;
  mpp_fft *fft = NULL;
  double *c = NULL, *sum = NULL;
  const mpp_fft_layout layout = {.n = {1, ny, nx},
                                 .kind = {MPP_FFT_COSINE, MPP_FFT_COSINE, MPP_FFT_COSINE}};
  MPP_TRY(mpp_fft_create(&fft, &layout));
  MPP_TRY(MPP_ALLOC(&c, mpp_fft_get_shape(fft).spectrum));
  MPP_TRY(MPP_ALLOC(&sum, mpp_fft_get_shape(fft).values));
  for (size_t i = 0; i < ny; i++) {
    for (size_t j = 0; j < nx; j++) {
      c[i * nx + j] = u[i * nx + j] * (i > 0 ? 0.5 : 1.0) * (j > 0 ? 0.5 : 1.0);
    }
  }
  mpp_fft_inverse(fft, sum, c, 1);
  memcpy(u, sum, ny * nx * sizeof *u);
done:
  mpp_fft_destroy(fft);
  mpp_free(c);
  mpp_free(sum);
  return st;
}
