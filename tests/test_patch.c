/* test_patch.c - patches as a permutation, and weights between the two orders: strided convolutions
 * and transposed ones against their definitions. */
#include "nn.h"
#include "same_bits.h"
#include "test.h"

#define MOST ((size_t)8192)

static float x[MOST], p[MOST], back[MOST];

typedef struct patch_case {
  size_t n, grid[3], f, c;
} patch_case;

static const patch_case cases[] = {
    {2, {1, 8, 12}, 4, 5}, /* 2D */
    {3, {1, 1, 6}, 2, 3},  /* 1D: H is not cut */
    {1, {4, 6, 2}, 2, 7},  /* 3D */
    {2, {1, 4, 4}, 4, 1},  /* one patch, one channel */
};
enum { NCASES = sizeof cases / sizeof cases[0] };

static size_t cells(const patch_case *k) { return k->n * k->grid[0] * k->grid[1] * k->grid[2]; }

/* Index into x of entry `at` of p, by the definition p [N, D/fd, H/fh, W/fw, fd, fh, fw, C]. */
static size_t source_of(const patch_case *k, size_t at)
{
  size_t f[3], block[3], tap[3];
  for (size_t a = 0; a < 3; a++) { f[a] = k->grid[a] == 1 ? 1 : k->f; }
  const size_t c = at % k->c;
  at /= k->c;
  for (size_t a = 3; a-- > 0; at /= f[a]) { tap[a] = at % f[a]; }
  for (size_t a = 3; a-- > 0; at /= k->grid[a] / f[a]) { block[a] = at % (k->grid[a] / f[a]); }
  size_t cell = at; /* the frame */
  for (size_t a = 0; a < 3; a++) { cell = cell * k->grid[a] + block[a] * f[a] + tap[a]; }
  return cell * k->c + c;
}

static void gather_follows_the_definition(void)
{
  test_fill(x, MOST, 1);
  for (size_t i = 0; i < NCASES; i++) {
    const patch_case *k = &cases[i];
    const size_t count = cells(k) * k->c;
    mpp_patch_gather(p, x, k->n, k->grid, k->f, k->c);
    for (size_t at = 0; at < count; at++) { CU_ASSERT_EQUAL(p[at], x[source_of(k, at)]); }
    mpp_patch_gather_add(p, x, k->n, k->grid, k->f, k->c);
    for (size_t at = 0; at < count; at++) {
      CU_ASSERT_EQUAL(p[at], x[source_of(k, at)] + x[source_of(k, at)]);
    }
  }
}

static void scatter_is_the_inverse_and_the_transpose(void)
{
  test_fill(x, MOST, 1);
  for (size_t i = 0; i < NCASES; i++) {
    const patch_case *k = &cases[i];
    const size_t count = cells(k) * k->c;
    mpp_patch_gather(p, x, k->n, k->grid, k->f, k->c);
    memset(back, 0x55, sizeof back);
    mpp_patch_scatter(back, p, k->n, k->grid, k->f, k->c);
    CU_ASSERT_EQUAL(memcmp(back, x, count * sizeof *x), 0);
    mpp_patch_scatter_add(back, p, k->n, k->grid, k->f, k->c);
    for (size_t at = 0; at < count; at++) { CU_ASSERT_EQUAL(back[at], x[at] + x[at]); }
  }
}

static void weights_are_reordered_and_back(void)
{
  const size_t first = 5, second = 7, taps = 4, count = first * second * taps;
  test_fill(x, count, 2);
  mpp_conv_pack(p, x, first, second, taps); /* [out, in, taps] -> [out, taps, in] */
  for (size_t at = 0; at < count; at++) {
    const size_t o = at / (second * taps), i = at / taps % second, t = at % taps;
    CU_ASSERT_EQUAL(p[(o * taps + t) * second + i], x[at]);
  }
  memcpy(back, x, sizeof back);
  mpp_conv_unpack_add(back, p, first, second, taps);
  for (size_t at = 0; at < count; at++) { CU_ASSERT_EQUAL(back[at], x[at] + x[at]); }

  mpp_deconv_pack(p, x, first, second, taps); /* [in, out, taps] -> [taps, out, in] */
  for (size_t at = 0; at < count; at++) {
    const size_t i = at / (second * taps), o = at / taps % second, t = at % taps;
    CU_ASSERT_EQUAL(p[(t * second + o) * first + i], x[at]);
  }
  memcpy(back, x, sizeof back);
  mpp_deconv_unpack_add(back, p, first, second, taps);
  for (size_t at = 0; at < count; at++) { CU_ASSERT_EQUAL(back[at], x[at] + x[at]); }
}

/* Gather, product: y [N, h, w, o] = sum over taps and i of w [o, i, kh, kw] x. */
static void gather_and_product_is_the_strided_convolution(void)
{
  enum { N = 2, H = 4, W = 6, F = 2, IN = 3, OUT = 5, TAPS = F * F };
  static float w[OUT * IN * TAPS], wp[OUT * IN * TAPS], y[N * H * W / TAPS * OUT];
  const size_t grid[3] = {1, H, W};
  test_fill(x, MOST, 3);
  test_fill(w, sizeof w / sizeof w[0], 4);
  mpp_conv_pack(wp, w, OUT, IN, TAPS);
  mpp_patch_gather(p, x, N, grid, F, IN);
  const size_t patches = sizeof y / sizeof y[0] / OUT;
  mpp_linear_forward(y, p, wp, NULL, patches, (size_t)TAPS * IN, OUT, false);
  for (size_t at = 0; at < patches * OUT; at++) {
    const size_t o = at % OUT, b = at / OUT % (W / F), a = at / OUT / (W / F) % (H / F);
    const size_t n = at / OUT / (W / F) / (H / F);
    double sum = 0.0;
    for (size_t k = 0; k < (size_t)IN * TAPS; k++) {
      const size_t i = k / TAPS, kh = k / F % F, kw = k % F;
      sum += (double)w[o * IN * TAPS + k] *
             (double)x[((n * H + a * F + kh) * W + b * F + kw) * IN + i];
    }
    CU_ASSERT(fabs(sum - (double)y[at]) < 1e-6); /* 12 terms of order 1 in float32 */
  }
}

/* Product, scatter: y [N, H, W, o] = sum_i x [N, h, w, i] w [i, o, kh, kw]. */
static void product_and_scatter_is_the_transposed_convolution(void)
{
  enum { N = 2, H = 4, W = 6, F = 2, IN = 3, OUT = 5, TAPS = F * F };
  static float w[IN * OUT * TAPS], wp[IN * OUT * TAPS], y[N * H * W * OUT];
  const size_t grid[3] = {1, H, W};
  test_fill(x, MOST, 5);
  test_fill(w, sizeof w / sizeof w[0], 6);
  mpp_deconv_pack(wp, w, IN, OUT, TAPS);
  mpp_linear_forward(p, x, wp, NULL, (size_t)N * H * W / TAPS, IN, (size_t)TAPS * OUT, false);
  mpp_patch_scatter(y, p, N, grid, F, OUT);
  for (size_t at = 0; at < sizeof y / sizeof y[0]; at++) {
    const size_t o = at % OUT, b = at / OUT % W, a = at / OUT / W % H, n = at / OUT / W / H;
    double sum = 0.0;
    for (size_t i = 0; i < IN; i++) {
      sum += (double)x[((n * (H / F) + a / F) * (W / F) + b / F) * IN + i] *
             (double)w[(i * OUT + o) * TAPS + a % F * F + b % F];
    }
    CU_ASSERT(fabs(sum - (double)y[at]) < 1e-6); /* 3 terms of order 1 in float32 */
  }
}

static void run_gather(void)
{
  mpp_patch_gather(p, x, cases[0].n, cases[0].grid, cases[0].f, cases[0].c);
  mpp_patch_gather_add(p, x, cases[0].n, cases[0].grid, cases[0].f, cases[0].c);
}

static void bits_do_not_depend_on_threads(void)
{
  test_fill(x, MOST, 1);
  CU_ASSERT(same_bits(run_gather, p, cells(&cases[0]) * cases[0].c));
}

TESTS({"patch: gather follows the definition", gather_follows_the_definition},
      {"patch: scatter is the inverse and the transpose", scatter_is_the_inverse_and_the_transpose},
      {"patch: weights are reordered and back", weights_are_reordered_and_back},
      {"patch: gather and product is the strided convolution",
       gather_and_product_is_the_strided_convolution},
      {"patch: product and scatter is the transposed convolution",
       product_and_scatter_is_the_transposed_convolution},
      {"patch: bits do not depend on threads", bits_do_not_depend_on_threads})
