/* fft.h - the only owner of FFTW plans (the planner is not thread-safe; plans are ESTIMATE, so that
 * the same transform has the same bits in every run). */
#ifndef MPP_FFT_H
#define MPP_FFT_H

#include <stdbool.h>
#include <stddef.h>

#include "mpp/status.h"

/* What a function is beyond the ends of an axis, and where its n values lie; h = length / n but
 * where said otherwise. Coefficient k of an axis, from values u_j, j < n:
 *   PERIODIC    sum_j u_j exp(-2 pi i k j / n)                      complex; see the halved axis
 *   COSINE      2 sum_j u_j cos(pi k (j + 1/2) / n)                 DCT-II: even about the faces at
 *                                                                   both ends, values at centres
 *   SINE        2 sum_j u_j sin(pi (k + 1) (j + 1/2) / n)           DST-II: odd about them
 *   COSINE_NODE u_0 + (-1)^k u_n-1 + 2 sum_0<j<n-1 u_j cos(pi k j / (n - 1))
 *                                                                   DCT-I: values at nodes, both
 * ends included, n > 1; h = length/(n-1) SINE_NODE   2 sum_j u_j sin(pi (k + 1) (j + 1) / (n + 1))
 * DST-I: values at nodes between the ends; h = length / (n + 1) In several dimensions these apply
 * axis after axis; axes of length 1 are left out. */
typedef enum {
  MPP_FFT_PERIODIC,
  MPP_FFT_COSINE,
  MPP_FFT_SINE,
  MPP_FFT_COSINE_NODE,
  MPP_FFT_SINE_NODE
} mpp_fft_kind;

/* Real values u [n0, n1, n2] and their coefficients c [m0, m1, m2]. The last periodic axis with
 * n > 1 is halved: m = n / 2 + 1 there, the rest being conjugates; m = n elsewhere. With a periodic
 * axis of n > 1 the coefficients are complex, pairs (re, im) of doubles; without one they are
 * real. */
typedef struct mpp_fft_layout {
  size_t n[3];
  mpp_fft_kind kind[3];
  /* Modes 0 <= k < modes of the halved axis that may differ from 0; 0: all. Fewer cost less. The
   * halved axis must be the last one with n > 1 then. */
  size_t modes;
} mpp_fft_layout;

typedef struct mpp_fft mpp_fft;

/* The caller owns *out. A transform is not changed by executing it: threads may share it. */
MPP_MUST_CHECK mpp_status mpp_fft_create(mpp_fft **out, const mpp_fft_layout *layout);
void mpp_fft_destroy(mpp_fft *fft); /* takes NULL */

typedef struct mpp_fft_shape {
  size_t m[3];     /* coefficients along each axis */
  int halved;      /* the halved axis; -1: coefficients are real */
  size_t values;   /* doubles from one field of values to the next: n0 n1 n2 and padding */
  size_t spectrum; /* doubles from one field of coefficients to the next, likewise */
  double scale;    /* inverse(forward(u)) = u / scale */
} mpp_fft_shape;
mpp_fft_shape mpp_fft_get_shape(const mpp_fft *fft);

/* Number of the mode of coefficient k of an axis: -n/2 .. n/2 with n/2 > 0 for PERIODIC (wave
 * number 2 pi / length times it), k for cosines, k + 1 for sines (pi / length times it). */
double mpp_fft_mode(const mpp_fft *fft, int axis, size_t k);

/* Transforms `fields` fields, one after the other at the distances of the shape, as defined above.
 * Arrays start at multiples of 64 bytes, as those of MPP_ALLOC. Threads: mpp_threads(), or the
 * calling one alone inside a parallel region; the bits do not depend on them.
 * forward leaves `values` as it is; modes beyond `modes` become 0.
 * inverse is the unnormalised inverse and destroys `spectrum`; modes beyond `modes` count as 0. */
void mpp_fft_forward(const mpp_fft *fft, double *spectrum, const double *values, size_t fields);
void mpp_fft_inverse(const mpp_fft *fft, double *values, double *spectrum, size_t fields);

/* For benchmarks: from now on (or no longer) the time spent in forward and inverse is counted, over
 * all threads that call them. */
void mpp_fft_count_time(bool on);
double mpp_fft_seconds(void); /* counted so far */

/* Sum of half-range cosines on cell centres, per axis
 *   u_j = sum_k c_k cos(pi k (j + 1/2) / n):
 * in place on u [ny, nx] (DCT-III up to the usual factors). */
MPP_MUST_CHECK mpp_status mpp_fft_cosine_sum(double *u, size_t ny, size_t nx);

const char *mpp_fft_version(void); /* "fftw-3.3.10-..." */

#endif
