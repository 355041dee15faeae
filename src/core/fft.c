/* fft.c - transforms of FFTW (Frigo and Johnson, Proc. IEEE 93, 2005). Plans depend on how arrays
 * are aligned, so transforms run in an array of our own: the same input, the same bits. */
#include "fft.h"

#include <fftw3.h>
#include <limits.h>
#include <pthread.h>
#include <string.h>

#include "alloc.h"
#include "check.h"

static pthread_mutex_t planner = PTHREAD_MUTEX_INITIALIZER;

const char *mpp_fft_version(void) { return fftw_version; }

/* FFTW's REDFT01 is y_j = x_0 + 2 sum_{k>0} x_k cos(pi k (j + 1/2) / n): all but the first
 * coefficient of each axis go in halved. */
mpp_status mpp_fft_cosine_sum(double *u, size_t ny, size_t nx)
{
  mpp_status st = MPP_OK;
  double *work = NULL;
  fftw_plan plan = NULL;
  size_t count = 0;
  MPP_REQUIRE(ny > 0 && nx > 0 && ny <= INT_MAX && nx <= INT_MAX && mpp_mul(&count, ny, nx),
              MPP_ERR_INTERNAL, "cosine sum on a grid of %zu x %zu", ny, nx);
  MPP_TRY(MPP_ALLOC(&work, count));
  for (size_t i = 0; i < ny; i++) {
    for (size_t j = 0; j < nx; j++) {
      work[i * nx + j] = u[i * nx + j] * (i > 0 ? 0.5 : 1.0) * (j > 0 ? 0.5 : 1.0);
    }
  }
  pthread_mutex_lock(&planner);
  plan = mpp_fault() ? NULL
                     : fftw_plan_r2r_2d((int)ny, (int)nx, work, work, FFTW_REDFT01, FFTW_REDFT01,
                                        FFTW_ESTIMATE);
  pthread_mutex_unlock(&planner);
  MPP_REQUIRE(plan != NULL, MPP_ERR_NOMEM, "out of memory: plan of a transform of %zu x %zu", ny,
              nx);
  fftw_execute(plan);
  memcpy(u, work, count * sizeof *u);
done:
  if (plan != NULL) {
    pthread_mutex_lock(&planner);
    fftw_destroy_plan(plan);
    pthread_mutex_unlock(&planner);
  }
  mpp_free(work);
  return st;
}
