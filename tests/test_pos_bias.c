/* test_pos_bias.c - relative position biases: buckets against the formula of the published code,
 * wraps against small cases written out, gradients against central differences. */
#include "gradcheck.h"
#include "nn.h"
#include "same_bits.h"
#include "test.h"

#define HEADS  ((size_t)3)
#define MOST   ((size_t)256)
#define HIDDEN ((size_t)512)
#define ODD    ((size_t)37)

/* Entries of a head along n tokens: entry query - key + n - 1. */
#define ENTRIES(n) (2 * (n)-1)

static float table[32 * HEADS], bias[HEADS * ENTRIES(MOST)], dbias[HEADS * ENTRIES(MOST)];

/* key - query of entry `at` of all heads. */
static long offset_at(size_t at, size_t n) { return (long)n - 1 - (long)(at % ENTRIES(n)); }

/* The published formula, in float32 as it runs there. */
static size_t published_bucket(long offset)
{
  const long distance = labs(offset);
  long k = distance;
  if (distance >= 8) {
    k = 8 + (long)(logf((float)distance / 8.0f) / (float)log(4.0) * 8.0f);
    k = k < 15 ? k : 15;
  }
  return (size_t)(k + (offset > 0 ? 16 : 0));
}

static long modulo(long a, long b) { return ((a % b) + b) % b; } /* Python's %, b > 0 */

static long published_wrap(long offset, long n)
{
  const long half = n / 2;
  if (offset < -half) {
    return modulo(offset, half);
  }
  return offset > half ? -modulo(-offset, half) : offset;
}

static void check_rel(size_t n, bool periodic)
{
  mpp_rel_bias_forward(bias, table, HEADS, n, periodic);
  size_t wrong = 0;
  for (size_t at = 0; at < HEADS * ENTRIES(n); at++) {
    const size_t h = at / ENTRIES(n);
    long offset = offset_at(at, n);
    if (periodic) {
      offset = published_wrap(offset, (long)n);
    }
    wrong += bias[at] != table[published_bucket(offset) * HEADS + h];
  }
  CU_ASSERT_EQUAL(wrong, 0);
}

static void buckets_are_the_published_ones(void)
{
  test_fill(table, 32 * HEADS, 1);
  const size_t lengths[] = {1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 33, 64, 255, 256};
  for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
    check_rel(lengths[i], false);
    check_rel(lengths[i], true);
  }
}

static void buckets_change_at_these_distances(void)
{
  /* From the formula in NumPy float32: the first distance of buckets 8 to 15. */
  static const size_t start[] = {8, 10, 12, 14, 16, 20, 23, 27};
  for (size_t k = 0; k < 32; k++) { table[k] = (float)k; }
  mpp_rel_bias_forward(bias, table, 1, MOST, false);
  for (size_t j = 1; j < MOST; j++) {
    size_t k = j;
    if (j >= 8) {
      for (k = 8; k < 15 && start[k + 1 - 8] <= j;) { k++; }
    }
    CU_ASSERT_EQUAL(bias[MOST - 1 - j], (float)(16 + k)); /* keys after the query */
    CU_ASSERT_EQUAL(bias[MOST - 1 + j], (float)k);        /* and before it */
  }
}

static void a_periodic_axis_has_its_nearest_image(void)
{
  for (size_t k = 0; k < 32; k++) { table[k] = (float)k; }
  mpp_rel_bias_forward(bias, table, 1, 8, true);
  /* offsets 0 1 2 3 4 -3 -2 -1 of the first query; -4 of the fifth */
  const float expected[8] = {0, 17, 18, 19, 20, 3, 2, 1};
  for (size_t j = 0; j < 8; j++) { CU_ASSERT_EQUAL(bias[7 - j], expected[j]); }
  CU_ASSERT_EQUAL(bias[7 + 4], 4.0f);
  CU_ASSERT_EQUAL(bias[7 + 5], 19.0f); /* -5 is +3 */
}

static void rel_backward_is_the_transpose(void)
{
  static float dtable[32 * HEADS];
  for (int periodic = 0; periodic < 2; periodic++) {
    test_fill(table, 32 * HEADS, 2);
    test_fill(dbias, HEADS * ENTRIES(ODD), 3);
    for (size_t i = 0; i < 32 * HEADS; i++) { dtable[i] = 1.0f; }
    mpp_rel_bias_forward(bias, table, HEADS, ODD, periodic != 0);
    mpp_rel_bias_backward(dtable, dbias, HEADS, ODD, periodic != 0);
    double sum[32 * HEADS] = {0.0};
    for (size_t at = 0; at < HEADS * ENTRIES(ODD); at++) {
      const size_t h = at / ENTRIES(ODD);
      long offset = offset_at(at, ODD);
      offset = periodic != 0 ? published_wrap(offset, (long)ODD) : offset;
      sum[published_bucket(offset) * HEADS + h] += (double)dbias[at];
    }
    for (size_t i = 0; i < 32 * HEADS; i++) {
      CU_ASSERT(fabs((double)dtable[i] - 1.0 - sum[i]) < 3e-6); /* an ulp of sums up to 30 */
    }
  }
}

/* ---- continuous ---- */

static float w0[HIDDEN], b0[HIDDEN], w2[HEADS * HIDDEN];
static float grads[(2 + HEADS) * HIDDEN];
static size_t length;
static bool wraps;

static void fill(void)
{
  test_fill(w0, HIDDEN, 4);
  test_fill(b0, HIDDEN, 5);
  test_fill(w2, HEADS * HIDDEN, 6);
  for (size_t i = 0; i < HEADS * HIDDEN; i++) { w2[i] *= 0.05f; } /* sigmoids that are not flat */
  test_fill(dbias, HEADS * ENTRIES(MOST), 7);
}

/* Coordinates in the order of the published code: one list over offset + n - 1. */
static double published_coordinate(long offset, long n, bool periodic)
{
  if (!periodic) {
    return (double)offset / (double)(n - 1);
  }
  const long half = n / 2, k = offset + n - 1;
  long value;
  if (k < half) {
    value = 1 + k;
  } else if (k < 3 * half) {
    value = 1 - half + (k - half);
  } else {
    value = 1 - half + (k - 3 * half);
  }
  return (double)value / (double)(n - 1);
}

static double reference_bias(size_t h, double coordinate)
{
  double sum = 0.0;
  for (size_t k = 0; k < HIDDEN; k++) {
    const double pre = (double)w0[k] * coordinate + (double)b0[k];
    sum += pre > 0.0 ? pre * (double)w2[h * HIDDEN + k] : 0.0;
  }
  return 16.0 / (1.0 + exp(-sum));
}

static double loss(void *context)
{
  (void)context;
  double sum = 0.0;
  const long n = (long)length;
  for (long offset = 1 - n; offset < n; offset++) {
    const double coordinate = published_coordinate(offset, n, wraps);
    for (size_t h = 0; h < HEADS; h++) {
      const float weight = dbias[(long)h * ENTRIES(n) + n - 1 - offset];
      sum += (double)weight * reference_bias(h, coordinate);
    }
  }
  return sum;
}

static void continuous_forward_is_the_published_function(void)
{
  fill();
  const size_t lengths[] = {2, 3, 8, 12};
  for (size_t l = 0; l < sizeof lengths / sizeof lengths[0]; l++) {
    const size_t n = lengths[l];
    for (int periodic = 0; periodic < 2 - (int)(n % 2); periodic++) { /* published: even n */
      mpp_cont_bias_forward(bias, w0, b0, w2, HEADS, n, periodic != 0);
      for (size_t at = 0; at < HEADS * ENTRIES(n); at++) {
        const double coordinate = published_coordinate(offset_at(at, n), (long)n, periodic != 0);
        const double exact = reference_bias(at / ENTRIES(n), coordinate);
        CU_ASSERT(fabs((double)bias[at] - exact) < 1e-6); /* one rounding of a value below 16 */
      }
    }
  }
}

static void continuous_bias_of_odd_periodic_and_single_axes_is_defined(void)
{
  fill();
  mpp_cont_bias_forward(bias, w0, b0, w2, HEADS, 5, true);
  const long image[5] = {0, 1, 2, -2, -1};
  for (size_t j = 0; j < 5; j++) {
    const double exact = reference_bias(0, (double)image[j] / 4.0);
    CU_ASSERT(fabs((double)bias[4 - j] - exact) < 1e-6); /* one rounding of a value below 16 */
  }
  mpp_cont_bias_forward(bias, w0, b0, w2, HEADS, 1, false);
  CU_ASSERT(fabs((double)bias[1] - reference_bias(1, 0.0)) < 1e-6);
}

static void check_gradient(size_t n, bool periodic, size_t stride)
{
  length = n;
  wraps = periodic;
  for (size_t i = 0; i < sizeof grads / sizeof grads[0]; i++) { grads[i] = 1.0f; }
  mpp_cont_bias_backward(grads, grads + HIDDEN, grads + 2 * HIDDEN, dbias, w0, b0, w2, HEADS, n,
                         periodic);
  for (size_t i = 0; i < sizeof grads / sizeof grads[0]; i++) { grads[i] -= 1.0f; }
  /* ReLU bends inside the step of a few units in a thousand; smooth elsewhere (h^2: 1e-6). */
  CU_ASSERT(gradcheck(w0, grads, HIDDEN, stride, 1e-4, loss, NULL) < 1e-4);
  CU_ASSERT(gradcheck(b0, grads + HIDDEN, HIDDEN, stride, 1e-4, loss, NULL) < 1e-4);
  CU_ASSERT(gradcheck(w2, grads + 2 * HIDDEN, HEADS * HIDDEN, stride, 1e-3, loss, NULL) < 1e-4);
}

static void continuous_backward_agrees_with_central_differences(void)
{
  fill();
  check_gradient(8, true, 7);
  check_gradient(7, false, 7);
  check_gradient(40, false, 31); /* more offsets than a round */
}

/* Groups of heads add up: 20 heads at once, and the same in pieces of 7 and 13. */
static void many_heads_are_the_sum_of_few(void)
{
  enum { MANY = 20, FEW = 7, N = 6 };
  static float w[MANY * 512], d[MANY * ENTRIES(N)], all[(2 + MANY) * 512], parts[(2 + MANY) * 512];
  fill();
  test_fill(w, sizeof w / sizeof w[0], 8);
  test_fill(d, sizeof d / sizeof d[0], 9);
  for (size_t i = 0; i < sizeof w / sizeof w[0]; i++) { w[i] *= 0.05f; }
  memset(all, 0, sizeof all);
  memset(parts, 0, sizeof parts);
  mpp_cont_bias_backward(all, all + HIDDEN, all + 2 * HIDDEN, d, w0, b0, w, MANY, N, false);
  mpp_cont_bias_backward(parts, parts + HIDDEN, parts + 2 * HIDDEN, d, w0, b0, w, FEW, N, false);
  mpp_cont_bias_backward(parts, parts + HIDDEN, parts + (2 + FEW) * HIDDEN,
                         d + (size_t)FEW * ENTRIES(N), w0, b0, w + FEW * HIDDEN, MANY - FEW, N,
                         false);
  /* float32 sums of a few terms */
  CU_ASSERT(test_relative_error(all, parts, sizeof all / sizeof all[0]) < 1e-6);
}

static void run_rel(void) { mpp_rel_bias_forward(bias, table, HEADS, ODD, true); }
static void run_cont(void) { mpp_cont_bias_forward(bias, w0, b0, w2, HEADS, ODD, true); }
static void run_rel_backward(void)
{
  memset(grads, 0, sizeof grads);
  mpp_rel_bias_backward(grads, dbias, HEADS, ODD, true);
}
static void run_cont_backward(void)
{
  memset(grads, 0, sizeof grads);
  mpp_cont_bias_backward(grads, grads + HIDDEN, grads + 2 * HIDDEN, dbias, w0, b0, w2, HEADS, ODD,
                         true);
}

static void bits_do_not_depend_on_threads(void)
{
  fill();
  test_fill(table, 32 * HEADS, 1);
  CU_ASSERT(same_bits(run_rel, bias, HEADS * ENTRIES(ODD)));
  CU_ASSERT(same_bits(run_cont, bias, HEADS * ENTRIES(ODD)));
  CU_ASSERT(same_bits(run_rel_backward, grads, 32 * HEADS));
  CU_ASSERT(same_bits(run_cont_backward, grads, sizeof grads / sizeof grads[0]));
}

TESTS({"pos_bias: buckets are the published ones", buckets_are_the_published_ones},
      {"pos_bias: buckets change at these distances", buckets_change_at_these_distances},
      {"pos_bias: a periodic axis has its nearest image", a_periodic_axis_has_its_nearest_image},
      {"pos_bias: rel backward is the transpose", rel_backward_is_the_transpose},
      {"pos_bias: continuous forward is the published function",
       continuous_forward_is_the_published_function},
      {"pos_bias: continuous bias of odd periodic and single axes is defined",
       continuous_bias_of_odd_periodic_and_single_axes_is_defined},
      {"pos_bias: continuous backward agrees with central differences",
       continuous_backward_agrees_with_central_differences},
      {"pos_bias: many heads are the sum of few", many_heads_are_the_sum_of_few},
      {"pos_bias: bits do not depend on threads", bits_do_not_depend_on_threads})
