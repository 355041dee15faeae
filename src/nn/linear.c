/* linear.c - y = x w^T + b as matrix products on [tokens, channels], and the residual branch that
 * ends in one. */
#include <string.h>

#include "chunks.h"
#include "columns.h"
#include "gemm.h"
#include "nn.h"
#include "threads.h"

/* x [m, in], w [out, in], y [m, out]. */
void mpp_linear_forward(float *y, const float *x, const float *w, const float *b, size_t m,
                        size_t in, size_t out, bool bf16)
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
                              .bias = b,
                              .bf16 = bf16};
  mpp_gemm_run(&p);
}

/* Columns that are summed together, and of their sums: as wide as columns.h could work. */
enum { BLOCK = 32, BLOCK_ROOM = 64 };

/* Some columns of the sums below: those of the pieces of the rows in double, then their sum. */
static void column_sums(float *db, const float *dy, const mpp_branch *branch, size_t m, size_t out,
                        size_t columns)
{
  double total[BLOCK] = {0.0};
  for (size_t chunk = 0; chunk < MPP_NN_CHUNKS; chunk++) {
    double sum[BLOCK_ROOM] = {0.0};
    const size_t begin = mpp_chunk_start(m, chunk), end = mpp_chunk_start(m, chunk + 1);
    if (branch == NULL || branch->keep == NULL) {
      mpp_columns_sum(sum, dy + begin * out, end - begin, out, columns);
    }
    for (size_t i = begin; i < end && branch != NULL && branch->keep != NULL; i++) {
      const double keep = (double)mpp_branch_keep(branch, i);
#pragma omp simd
      for (size_t j = 0; j < columns; j++) { sum[j] += keep * (double)dy[i * out + j]; }
    }
    for (size_t j = 0; j < columns; j++) { total[j] += sum[j]; }
  }
  for (size_t j = 0; j < columns; j++) { db[j] += (float)total[j]; }
}

/* db[j] += sum_i keep dy[i, j], keep that of the row's sample. Threads take columns, as in the
 * product that gives the gradient of the weights. */
static void add_column_sums(float *db, const float *dy, const mpp_branch *branch, size_t m,
                            size_t out)
{
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t j = 0; j < out; j += BLOCK) {
    column_sums(db + j, dy + j, branch, m, out, mpp_min_size(BLOCK, out - j));
  }
}

/* dw = dy^T x + beta dw. */
static void weight_gradient(float *dw, float beta, const float *dy, const float *x, size_t m,
                            size_t in, size_t out, bool bf16)
{
  const mpp_gemm_product p = {.c = dw,
                              .ldc = in,
                              .a = dy,
                              .a_row = 1,
                              .a_column = out,
                              .b = x,
                              .ldb = in,
                              .m = out,
                              .n = in,
                              .k = m,
                              .beta = beta,
                              .bf16 = bf16};
  mpp_gemm_run(&p);
}

/* dx = dy w + beta dx, multiplied by `times` unless that is NULL. */
static void input_gradient(float *dx, float beta, const float *dy, const float *w,
                           const float *times, size_t m, size_t in, size_t out, bool bf16)
{
  const mpp_gemm_product p = {.c = dx,
                              .ldc = in,
                              .a = dy,
                              .a_row = out,
                              .a_column = 1,
                              .b = w,
                              .ldb = in,
                              .m = m,
                              .n = in,
                              .k = out,
                              .beta = beta,
                              .times = times,
                              .bf16 = bf16};
  mpp_gemm_run(&p);
}

/* dx = dy w + beta dx, dw += dy^T x, db += column sums of dy. */
static void backward(float *dx, float beta, float *dw, float *db, const float *dy, const float *x,
                     const float *w, size_t m, size_t in, size_t out, bool bf16)
{
  if (dx != NULL) {
    input_gradient(dx, beta, dy, w, NULL, m, in, out, bf16);
  }
  if (dw != NULL) {
    weight_gradient(dw, 1.0f, dy, x, m, in, out, bf16);
  }
  if (db != NULL) {
    add_column_sums(db, dy, NULL, m, out);
  }
}

void mpp_linear_backward(float *dx, float *dw, float *db, const float *dy, const float *x,
                         const float *w, size_t m, size_t in, size_t out, bool bf16)
{
  backward(dx, 1.0f, dw, db, dy, x, w, m, in, out, bf16);
}

void mpp_linear_backward_times(float *dx, const float *dy, const float *w, const float *times,
                               size_t m, size_t in, size_t out, bool bf16)
{
  input_gradient(dx, 0.0f, dy, w, times, m, in, out, bf16);
}

void mpp_linear_backward_set(float *dx, float *dw, float *db, const float *dy, const float *x,
                             const float *w, size_t m, size_t in, size_t out, bool bf16)
{
  backward(dx, 0.0f, dw, db, dy, x, w, m, in, out, bf16);
}

/* ---- residual branch ---- */

void mpp_linear_branch_forward(float *y, const float *x, const float *a, const float *w,
                               const float *b, const mpp_branch *branch, size_t m, size_t in,
                               size_t out, bool bf16)
{
  const mpp_gemm_product p = {.c = y,
                              .ldc = out,
                              .a = a,
                              .a_row = in,
                              .a_column = 1,
                              .b = w,
                              .ldb = in,
                              .b_transposed = true,
                              .m = m,
                              .n = out,
                              .k = in,
                              .bias = b,
                              .gain = branch->gamma,
                              .add = x,
                              .beta = 1.0f,
                              .sample_gain = branch->keep,
                              .sample_rows = branch->tokens,
                              .samples = branch->samples,
                              .bf16 = bf16};
  mpp_gemm_run(&p);
}

size_t mpp_linear_branch_work(size_t in, size_t out) { return 2 * in * out + out; }

static void scale_rows(float *a, const mpp_branch *branch, size_t m, size_t in)
{
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t i = 0; i < m; i++) {
    const float keep = mpp_branch_keep(branch, i);
#pragma omp simd
    for (size_t j = 0; j < in; j++) { a[i * in + j] *= keep; }
  }
}

/* The parameter gradients from sum = (keep dy)^T a and sum_b, those of the branch without gamma:
 *   dw += gamma sum,   db += gamma sum_b,   dgamma += <w, sum> + b sum_b   for each output. */
static void spread(float *dw, float *db, float *dgamma, const float *sum, const float *sum_b,
                   const float *w, const float *b, const float *gamma, size_t in, size_t out)
{
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t j = 0; j < out; j++) {
    const float *wj = w + j * in, *sum_j = sum + j * in;
    double product = 0.0;
#pragma omp simd reduction(+ : product)
    for (size_t k = 0; k < in; k++) {
      product += (double)wj[k] * (double)sum_j[k];
      dw[j * in + k] += gamma[j] * sum_j[k];
    }
    db[j] += gamma[j] * sum_b[j];
    dgamma[j] += (float)(product + (double)b[j] * (double)sum_b[j]);
  }
}

/* da = keep dy (gamma w): neither the branch nor its gradient exists as an array. */
void mpp_linear_branch_backward(float *da, float *dw, float *db, float *dgamma, const float *dy,
                                float *a, const float *w, const float *b, const mpp_branch *branch,
                                size_t m, size_t in, size_t out, float *work, bool bf16)
{
  float *scaled = work, *sum = scaled + in * out, *sum_b = sum + in * out;
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t j = 0; j < out; j++) {
    for (size_t k = 0; k < in; k++) { scaled[j * in + k] = branch->gamma[j] * w[j * in + k]; }
    sum_b[j] = 0.0f;
  }
  const mpp_gemm_product p = {.c = da,
                              .ldc = in,
                              .a = dy,
                              .a_row = out,
                              .a_column = 1,
                              .b = scaled,
                              .ldb = in,
                              .m = m,
                              .n = in,
                              .k = out,
                              .sample_gain = branch->keep,
                              .sample_rows = branch->tokens,
                              .samples = branch->samples,
                              .bf16 = bf16};
  mpp_gemm_run(&p);
  if (branch->keep != NULL) {
    scale_rows(a, branch, m, in);
  }
  weight_gradient(sum, 0.0f, dy, a, m, in, out, bf16);
  add_column_sums(sum_b, dy, branch, m, out);
  spread(dw, db, dgamma, sum, sum_b, w, b, branch->gamma, in, out);
}
