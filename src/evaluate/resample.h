/* resample.h - fields from one grid to another, axis by axis. */
#ifndef MPP_RESAMPLE_H
#define MPP_RESAMPLE_H

#include <stdbool.h>
#include <stddef.h>

/* Weights [n_out, n_in] of means of n_in equal cells over n_out equal cells of the same domain:
 * sums are kept. */
void mpp_resample_means(double *weight, size_t n_out, size_t n_in);

/* Weights [n_out, n_in] of cubic interpolation (Lagrange, four points; fewer if there are fewer)
 * from equally spaced points x_in to x_out. period: length after which the field repeats, or 0;
 * without it the outermost four points serve beyond their ends. */
void mpp_resample_cubic(double *weight, const double *x_out, size_t n_out, const double *x_in,
                        size_t n_in, double period);

/* out [n_out] from in [n_in]; weight[a] [n_out[a], n_in[a]]. work: as many doubles as twice the
 * larger of max(n_out[a], n_in[a]) over all axes multiplied. */
void mpp_resample_apply(float *out, const size_t n_out[3], const float *in, const size_t n_in[3],
                        double *const weight[3], double *work);

/* Doubles that `work` must have. */
size_t mpp_resample_work(const size_t n_out[3], const size_t n_in[3]);

#endif
