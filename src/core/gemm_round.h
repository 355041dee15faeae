/* gemm_round.h - matrices rounded to bfloat16 (to nearest, ties to even), in pairs of terms that
 * are carried as a float of these bits, the first term in the lower half. For processors with
 * AVX512_BF16; to be included by gemm_bf16.c. */
#ifndef MPP_GEMM_ROUND_H
#define MPP_GEMM_ROUND_H

#include <immintrin.h>
#include <stddef.h>

#include "lanes.h"

/* The first n (at most 16) of the floats at x, zeros after them. */
static inline __m512 load_first(const float *x, size_t n)
{
  const __mmask16 there = (__mmask16)(n >= 16 ? 0xffffu : (1u << n) - 1);
  return _mm512_maskz_loadu_ps(there, x);
}

/* 16 pairs: of 32 terms in a row, of which n are there. */
static inline __m512 pairs_of_row(const float *x, size_t n)
{
  if (n >= 32) {
    return (__m512)_mm512_cvtne2ps_pbh(_mm512_loadu_ps(x + 16), _mm512_loadu_ps(x));
  }
  const __m512 low = load_first(x, n), high = load_first(x + 16, n > 16 ? n - 16 : 0);
  return (__m512)_mm512_cvtne2ps_pbh(high, low);
}

/* 16 pairs: of two terms each, which lie in two rows. */
static inline __m512 interleave(__m512 first, __m512 second)
{
  static const short order[32] = {0, 16, 1, 17, 2,  18, 3,  19, 4,  20, 5,  21, 6,  22, 7,  23,
                                  8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
  const __m512bh both = _mm512_cvtne2ps_pbh(second, first);
  return (__m512)_mm512_permutexvar_epi16(_mm512_loadu_si512(order), (__m512i)both);
}

enum { ROWS_AHEAD = 4, AHEAD = 16 }; /* rows that are asked for early, of either shape */

/* out [rows, stride] = pairs of the terms of each row of x, k of them in order. */
static void round_rows(float *restrict out, size_t stride, const float *restrict x, size_t ld,
                       size_t rows, size_t k)
{
  for (size_t i = 0; i < rows; i++) {
    for (size_t l = 0; l < k; l += 32) {
      __builtin_prefetch(x + (i + ROWS_AHEAD) * ld + l);
      __builtin_prefetch(x + (i + ROWS_AHEAD) * ld + l + 16);
      _mm512_storeu_ps(out + i * stride + l / 2, pairs_of_row(x + i * ld + l, k - l));
    }
  }
}

/* out [pairs, stride] = pairs of terms l and l + 1 of x [k, n], zeros in the padding of the
 * rows. */
static void round_columns(float *restrict out, size_t stride, const float *restrict x, size_t ld,
                          size_t n, size_t k)
{
  for (size_t l = 0; l < k; l += 2) {
    const float *first = x + l * ld, *second = first + ld;
    float *to = out + l / 2 * stride;
    size_t j = 0;
    for (size_t at = 0; at < n; at += 16) { /* rows lie too far apart for the hardware to see */
      __builtin_prefetch(first + AHEAD * ld + at);
      __builtin_prefetch(second + AHEAD * ld + at);
    }
    for (; j + 16 <= n && l + 1 < k; j += 16) {
      _mm512_storeu_ps(to + j, interleave(_mm512_loadu_ps(first + j), _mm512_loadu_ps(second + j)));
    }
    for (; j < n; j += 16) {
      const __m512 next = l + 1 < k ? load_first(second + j, n - j) : _mm512_setzero_ps();
      _mm512_storeu_ps(to + j, interleave(load_first(first + j, n - j), next));
    }
  }
}

/* panel [pairs, width] = pairs of transposed b [n, k], zeros in the padding. */
static void round_transposed(float *restrict panel, size_t width, const float *restrict b,
                             size_t ldb, size_t n, size_t k)
{
  for (size_t j = 0; j < n; j += 16) {
    for (size_t l = 0; l < k; l += 32) {
      mpp_lanes block[MPP_LANES];
#pragma GCC unroll 16
      for (size_t i = 0; i < 16; i++) {
        block[i] = (mpp_lanes){0};
        if (j + i < n) {
          block[i] = (mpp_lanes)pairs_of_row(b + (j + i) * ldb + l, k - l);
        }
      }
      mpp_lanes_transpose(block);
      const size_t pairs = k - l >= 32 ? 16 : (k - l + 1) / 2;
      for (size_t i = 0; i < pairs; i++) {
        *(mpp_lanes *)(panel + (l / 2 + i) * width + j) = block[i];
      }
    }
  }
}

#endif
