/* test_gemm_kernel.c - every kernel that this processor has, against sums in double, at the edges
 * of its tiles. */
#include "test.h"

#include "gemm_kernel.h"

typedef struct example {
  size_t m, n, k;
  bool ta, tb, bias, gain, add, times;
  float beta;
  bool rounded; /* the operands are bfloat16 numbers */
} example;

/* A matrix of `height` rows with three unused columns that hold NaN: reading one spoils a
 * result. */
static float *matrix(size_t height, size_t width, uint64_t seed)
{
  float *x = NULL;
  REQUIRE_OK(MPP_ALLOC(&x, height * (width + 3) + 1));
  test_fill(x, height * (width + 3), seed);
  for (size_t i = 0; i < height; i++) {
    for (size_t j = width; j < width + 3; j++) { x[i * (width + 3) + j] = NAN; }
  }
  return x;
}

/* To the nearest bfloat16 number, ties to even: the upper half of the bits. */
static void round_all(const float *x, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    uint32_t bits;
    memcpy(&bits, x + i, sizeof bits);
    if (!isnan(x[i])) {
      bits = (bits + 0x7fffu + (bits >> 16 & 1u)) & 0xffff0000u;
      memcpy((float *)(uintptr_t)x + i, &bits, sizeof bits);
    }
  }
}

static const float sample_gain[3] = {0.0f, 2.0f, -1.25f};

/* The product of an example, its arrays to be freed by release(). */
static mpp_gemm_product product_of(const example *e)
{
  mpp_gemm_product p = {.c = matrix(e->m, e->n, 3),
                        .ldc = e->n + 3,
                        .a = e->ta ? matrix(e->k, e->m, 1) : matrix(e->m, e->k, 1),
                        .a_row = e->ta ? 1 : e->k + 3,
                        .a_column = e->ta ? e->m + 3 : 1,
                        .b = e->tb ? matrix(e->n, e->k, 2) : matrix(e->k, e->n, 2),
                        .ldb = (e->tb ? e->k : e->n) + 3,
                        .b_transposed = e->tb,
                        .m = e->m,
                        .n = e->n,
                        .k = e->k,
                        .bias = e->bias ? matrix(1, e->n, 4) : NULL,
                        .gain = e->gain ? matrix(1, e->n, 5) : NULL,
                        .times = e->times ? matrix(e->m, e->n, 7) : NULL,
                        .add = e->add ? matrix(e->m, e->n, 6) : NULL,
                        .beta = e->beta,
                        .sample_gain = e->gain ? sample_gain : NULL,
                        .sample_rows = 5,
                        .samples = 3,
                        .first_row = 4};
  if (e->rounded) {
    round_all(p.a, (e->ta ? e->k : e->m) * ((e->ta ? e->m : e->k) + 3));
    round_all(p.b, (e->tb ? e->n : e->k) * p.ldb);
  }
  for (size_t i = 0; (e->beta == 0.0f || e->add) && i < e->m * p.ldc; i++) {
    p.c[i] = NAN;
  } /* not read */
  return p;
}

static void release(const mpp_gemm_product *p)
{
  mpp_free(p->c);
  mpp_free((void *)(uintptr_t)p->a);
  mpp_free((void *)(uintptr_t)p->b);
  mpp_free((void *)(uintptr_t)p->bias);
  mpp_free((void *)(uintptr_t)p->gain);
  mpp_free((void *)(uintptr_t)p->times);
  mpp_free((void *)(uintptr_t)p->add);
}

/* An element of the result, and the sum of the magnitudes of its terms. */
static double exact(double *magnitude, const mpp_gemm_product *p, size_t i, size_t j)
{
  double sum = p->bias != NULL ? p->bias[j] : 0.0, added = 0.0, gain = 1.0;
  *magnitude = fabs(sum);
  for (size_t l = 0; l < p->k; l++) {
    const float b = p->b_transposed ? p->b[j * p->ldb + l] : p->b[l * p->ldb + j];
    const double term = (double)p->a[i * p->a_row + l * p->a_column] * b;
    sum += term;
    *magnitude += fabs(term);
  }
  if (p->gain != NULL) {
    gain = (double)p->gain[j] * sample_gain[(i + 4) / 5 % 3];
  }
  if (p->times != NULL) {
    gain *= (double)p->times[i * p->ldc + j];
  }
  if (p->beta != 0.0f) {
    added = (double)p->beta * (p->add != NULL ? p->add : p->c)[i * p->ldc + j];
  }
  *magnitude = *magnitude * fabs(gain) + fabs(added);
  return sum * gain + added;
}

/* Largest error of an element of the result, relative to the magnitudes of its terms; NaN where the
 * kernel read or wrote beside its operands. */
static double error_in(const mpp_gemm_product *p, const double *want, const double *magnitude)
{
  double worst = 0.0;
  for (size_t i = 0; i < p->m * p->ldc; i++) {
    const size_t row = i / p->ldc, column = i % p->ldc, at = row * p->n + column;
    double error = isnan(p->c[i]) ? 0.0 : (double)NAN; /* beside the result */
    if (column < p->n) {
      error = fabs(p->c[i] - want[at]) / fmax(magnitude[at], 1e-30);
    }
    worst = error <= worst ? worst : error;
  }
  return worst;
}

/* The error of each of the kernels for such operands, all against one product in double; that of
 * bfloat16 gets operands that it need not round. */
static void measure(double *error, const mpp_gemm_kernel *const *kernels, const example *e)
{
  mpp_gemm_product p = product_of(e);
  double *want = NULL, *magnitude = NULL;
  float *start = NULL;
  REQUIRE_OK(MPP_ALLOC(&start, e->m * p.ldc));
  memcpy(start, p.c, e->m * p.ldc * sizeof *start);
  REQUIRE_OK(MPP_ALLOC(&want, e->m * e->n));
  REQUIRE_OK(MPP_ALLOC(&magnitude, e->m * e->n));
  for (size_t i = 0; i < e->m * e->n; i++) {
    want[i] = exact(&magnitude[i], &p, i / e->n, i % e->n);
  }
  for (size_t i = 0; kernels[i] != NULL; i++) {
    if ((kernels[i] == mpp_gemm_bf16_kernel()) == e->rounded) {
      memcpy(p.c, start, e->m * p.ldc * sizeof *start);
      kernels[i]->run(&p);
      error[i] = error_in(&p, want, magnitude);
    }
  }
  release(&p);
  mpp_free(start);
  mpp_free(want);
  mpp_free(magnitude);
}

/* Rows about 4 and 8, columns about 8, 16, 24 and 48, sums about 16 and 192: where register tiles,
 * vectors, panels and blocks of the sums end. */
static const size_t row_counts[] = {1, 3, 4, 5, 8, 9, 31};
static const size_t column_counts[] = {1, 7, 8, 16, 17, 24, 47, 48, 49, 72, 101};
static const size_t term_counts[] = {0, 1, 15, 16, 192, 193, 400};
static const struct {
  bool bias, gain, add, times;
  float beta;
} ends[] = {{false, false, false, false, 0.0f}, {false, false, false, false, 0.5f},
            {true, false, false, false, 0.0f},  {true, true, true, false, 1.0f},
            {false, true, false, false, 1.0f},  {false, false, false, true, 0.0f},
            {true, true, false, true, -1.0f}};

#define COUNT(list) (sizeof(list) / sizeof *(list))
enum { EXAMPLES = 7 * 11 * 7 * 4 * 7 };

static example example_of(size_t index)
{
  example e = {.ta = index & 1, .tb = index & 2};
  index /= 4;
  e.bias = ends[index % COUNT(ends)].bias;
  e.gain = ends[index % COUNT(ends)].gain;
  e.add = ends[index % COUNT(ends)].add;
  e.times = ends[index % COUNT(ends)].times;
  e.beta = ends[index % COUNT(ends)].beta;
  index /= COUNT(ends);
  e.m = row_counts[index % COUNT(row_counts)];
  index /= COUNT(row_counts);
  e.n = column_counts[index % COUNT(column_counts)];
  e.k = term_counts[index / COUNT(column_counts)];
  return e;
}

/* All kernels, that of bfloat16 as well where the processor has it; NULL after the last. */
static void all_kernels(const mpp_gemm_kernel *list[MPP_GEMM_KERNELS + 1])
{
  size_t count = 0;
  mpp_gemm_kernels(list);
  while (list[count] != NULL) { count++; }
  CU_ASSERT(count > 0);
  list[count] = mpp_gemm_bf16_kernel();
  list[count + 1] = NULL;
  if (list[count] == NULL) {
    fprintf(stderr, "this processor has no AVX512_BF16: its kernel does not run\n");
  }
}

static void every_kernel_gives_sums_in_double_at_the_edges_of_its_tiles(void)
{
  const mpp_gemm_kernel *kernels[MPP_GEMM_KERNELS + 1];
  all_kernels(kernels);
  for (size_t x = 0; x < EXAMPLES; x++) {
    example e = example_of(x);
    double error[MPP_GEMM_KERNELS + 1];
    for (size_t i = 0; kernels[i] != NULL; i++) { error[i] = (double)NAN; }
    measure(error, kernels, &e);
    e.rounded = mpp_gemm_bf16_kernel() != NULL;
    if (e.rounded) {
      measure(error, kernels, &e);
    }
    for (size_t i = 0; kernels[i] != NULL; i++) {
      /* Roundings of 400 terms, independent of each other: sqrt(400) 2^-24 = 1.2e-6 of the sum of
       * the magnitudes, were each as large as the whole sum. */
      const bool good = error[i] < 1e-6;
      if (!good) {
        fprintf(
            stderr,
            "%s: [%zu, %zu] k = %zu, ta %d, tb %d, bias %d, gain %d, add %d, beta %g: error %g\n",
            kernels[i]->name, e.m, e.n, e.k, e.ta, e.tb, e.bias, e.gain, e.add, (double)e.beta,
            error[i]);
      }
      CU_ASSERT(good);
    }
  }
}

/* The bytes of C by a kernel, on 0 threads at once, else by tiles of it. */
static float *result_of(const mpp_gemm_kernel *kernel, const example *e, int threads)
{
  mpp_gemm_product p = product_of(e);
  mpp_set_threads(threads);
  if (threads > 0) {
    mpp_gemm_run_with(kernel, &p);
  } else {
    kernel->run(&p);
  }
  mpp_set_threads(0);
  float *c = p.c;
  p.c = NULL;
  release(&p);
  for (size_t i = 0; i < e->m; i++) { memset(c + i * p.ldc + e->n, 0, 3 * sizeof *c); }
  return c;
}

static const example large[] = {
    {1030, 193, 200, false, true, true, true, true, true, 1.0f, false},
    {1030, 193, 200, false, false, false, false, false, false, 1.0f, false},
    {193, 200, 1030, true, false, false, false, false, false, 1.0f, false},
    {64, 1536, 385, false, true, true, false, false, false, 0.0f, false},
    /* more of B than is rounded at a time */
    {40, 2900, 801, true, true, true, true, false, false, 1.0f, false}};

/* A product of bfloat16 numbers is what the kernel makes of any operands. */
static void bfloat16_products_round_their_operands_to_nearest(void)
{
  const mpp_gemm_kernel *kernel = mpp_gemm_bf16_kernel();
  for (size_t x = 0; kernel != NULL && x < COUNT(large); x++) {
    example e = large[x];
    float *any = result_of(kernel, &e, 1);
    e.rounded = true;
    float *rounded = result_of(kernel, &e, 1);
    CU_ASSERT_EQUAL(memcmp(any, rounded, e.m * (e.n + 3) * sizeof *any), 0);
    mpp_free(any);
    mpp_free(rounded);
  }
}

static void tiles_on_any_number_of_threads_give_the_same_bits(void)
{
  const mpp_gemm_kernel *kernels[MPP_GEMM_KERNELS + 1];
  all_kernels(kernels);
  for (size_t i = 0; kernels[i] != NULL; i++) {
    for (size_t x = 0; x < COUNT(large); x++) {
      const size_t bytes = large[x].m * (large[x].n + 3) * sizeof(float);
      float *one = result_of(kernels[i], &large[x], 1);
      for (int threads = 0; threads <= 7; threads++) {
        float *more = result_of(kernels[i], &large[x], threads);
        /* what OpenBLAS adds in which order depends on the tiles */
        const bool whole_blas = threads == 0 && kernels[i] == &mpp_gemm_blas;
        CU_ASSERT(whole_blas || memcmp(one, more, bytes) == 0);
        mpp_free(more);
      }
      mpp_free(one);
    }
  }
}

/* What is added to may be C itself, also where the sums are made of several blocks. */
static void c_may_be_what_is_added_to(void)
{
  const mpp_gemm_kernel *kernels[MPP_GEMM_KERNELS + 1];
  all_kernels(kernels);
  for (size_t i = 0; kernels[i] != NULL; i++) {
    const example e = {50, 70, 400, false, true, true, true, true, true, 1.0f, false};
    mpp_gemm_product beside = product_of(&e), in_place = product_of(&e);
    memcpy(in_place.c, in_place.add, e.m * in_place.ldc * sizeof(float));
    kernels[i]->run(&beside);
    const float *add = in_place.add;
    in_place.add = NULL;
    kernels[i]->run(&in_place);
    in_place.add = add;
    for (size_t row = 0; row < e.m; row++) {
      const size_t at = row * beside.ldc;
      CU_ASSERT_EQUAL(memcmp(beside.c + at, in_place.c + at, e.n * sizeof(float)), 0);
    }
    release(&beside);
    release(&in_place);
  }
}

/* Both sum in the same order by fused multiply-adds. */
static void avx512_and_avx2_give_the_same_bits(void)
{
  const mpp_gemm_kernel *kernels[MPP_GEMM_KERNELS];
  mpp_gemm_kernels(kernels);
  if (strcmp(kernels[0]->name, "AVX-512") != 0) {
    fprintf(stderr, "this processor has no AVX-512: the kernels are not compared\n");
    return;
  }
  CU_ASSERT_STRING_EQUAL(kernels[1]->name, "AVX2");
  for (size_t x = 0; x < COUNT(large); x++) {
    float *a = result_of(kernels[0], &large[x], 2), *b = result_of(kernels[1], &large[x], 3);
    CU_ASSERT_EQUAL(memcmp(a, b, large[x].m * (large[x].n + 3) * sizeof *a), 0);
    mpp_free(a);
    mpp_free(b);
  }
}

/* Like layers: a NaN or infinity of an operand is in every sum that it belongs to, and in no
 * other. */
static void values_that_are_not_finite_stay_in_their_row(void)
{
  const mpp_gemm_kernel *kernels[MPP_GEMM_KERNELS + 1];
  all_kernels(kernels);
  for (size_t i = 0; kernels[i] != NULL; i++) {
    const example e = {9, 50, 20, false, true, false, false, false, false, 0.0f, false};
    mpp_gemm_product p = product_of(&e);
    ((float *)(uintptr_t)p.a)[4 * p.a_row + 7] = NAN;
    kernels[i]->run(&p);
    for (size_t k = 0; k < e.m * e.n; k++) {
      CU_ASSERT_EQUAL(isnan(p.c[k / e.n * p.ldc + k % e.n]) != 0, k / e.n == 4);
    }
    release(&p);
  }
}

TESTS({"bfloat16 products round their operands to nearest",
       bfloat16_products_round_their_operands_to_nearest},
      {"every kernel gives sums in double at the edges of its tiles",
       every_kernel_gives_sums_in_double_at_the_edges_of_its_tiles},
      {"tiles on any number of threads give the same bits",
       tiles_on_any_number_of_threads_give_the_same_bits},
      {"C may be what is added to", c_may_be_what_is_added_to},
      {"AVX-512 and AVX2 give the same bits", avx512_and_avx2_give_the_same_bits},
      {"values that are not finite stay in their row",
       values_that_are_not_finite_stay_in_their_row})
