/* linear.c - y = x w^T + b as matrix products on [tokens, channels]. */
#include <string.h>

#include "chunks.h"
#include "gemm.h"
#include "nn.h"
#include "threads.h"

/* x [m, in], w [out, in], y [m, out]. */
void mpp_linear_forward(float *y, const float *x, const float *w, const float *b, size_t m,
                        size_t in, size_t out)
{
  const mpp_gemm_product p = {.c = y,
                              .ldc = out,
                              .a = x,
                              .a_row = in,
                              .a_column = 1,
                              .b = w,
                              .ldb = in,
                              .b_transposed = true,
                              .m = m,
                              .n = out,
                              .k = in,
                              .bias = b};
  mpp_gemm_run(&p);
}

/* db[j] += sum_i dy[i, j]. */
static void add_column_sums(float *db, const float *dy, size_t m, size_t out)
{
  for (size_t c0 = 0; c0 < out; c0 += MPP_NN_COLUMNS) {
    const size_t nc = mpp_min_size(MPP_NN_COLUMNS, out - c0);
    mpp_chunk_sums part;
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
    for (size_t chunk = 0; chunk < MPP_NN_CHUNKS; chunk++) {
      double *sum = part[chunk];
      memset(sum, 0, nc * sizeof *sum);
      for (size_t i = mpp_chunk_start(m, chunk); i < mpp_chunk_start(m, chunk + 1); i++) {
        const float *row = dy + i * out + c0;
#pragma omp simd
        for (size_t j = 0; j < nc; j++) { sum[j] += (double)row[j]; }
      }
    }
    mpp_chunks_add(db + c0, part, nc);
  }
}

/* dx += dy w, dw += dy^T x, db += column sums of dy. */
void mpp_linear_backward(float *dx, float *dw, float *db, const float *dy, const float *x,
                         const float *w, size_t m, size_t in, size_t out)
{
  if (dx != NULL) {
    mpp_gemm_parallel(dx, in, dy, out, false, w, in, false, m, in, out, 1.0f);
  }
  mpp_gemm_parallel(dw, in, dy, out, true, x, in, false, out, in, m, 1.0f);
  if (db != NULL) {
    add_column_sums(db, dy, m, out);
  }
}
