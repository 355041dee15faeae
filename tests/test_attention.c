/* test_attention.c - the norm of queries and keys and attention along an axis against plain loops
 * in double, their gradients against central differences of them. */
#include "gradcheck.h"
#include "nn.h"
#include "same_bits.h"
#include "test.h"

/* One case and its arrays, owned. y, dy [outer, nq, inner, heads*dh]. */
typedef struct setup {
  mpp_axis a;
  size_t nqkv, ny, nbias, nwork;
  float *qkv, *normed, *rstd, *bias, *y, *dy, *dqkv, *dbias, *work;
  float *norm, *dnorm; /* [4, dh]: gq, bq, gk, bk */
  float weight;
} setup;

static setup create(mpp_axis a)
{
  const size_t sequences = a.outer * a.inner, dh = a.dh;
  setup s = {.a = a, .weight = 0.5f};
  s.nqkv = sequences * a.n * a.heads * 3 * dh;
  s.ny = sequences * a.nq * a.heads * dh;
  s.nbias = a.heads * (2 * a.n - 1);
  s.nwork = mpp_attention_work(&a);
  REQUIRE_OK(MPP_ALLOC(&s.qkv, s.nqkv));
  REQUIRE_OK(MPP_ALLOC(&s.dqkv, s.nqkv));
  REQUIRE_OK(MPP_ALLOC(&s.normed, s.nqkv));
  REQUIRE_OK(MPP_ALLOC(&s.rstd, sequences * a.n * a.heads * 2));
  REQUIRE_OK(MPP_ALLOC(&s.bias, s.nbias));
  REQUIRE_OK(MPP_ALLOC(&s.dbias, s.nbias));
  REQUIRE_OK(MPP_ALLOC(&s.y, s.ny));
  REQUIRE_OK(MPP_ALLOC(&s.dy, s.ny));
  REQUIRE_OK(MPP_ALLOC(&s.work, s.nwork));
  REQUIRE_OK(MPP_ALLOC(&s.norm, 4 * dh));
  REQUIRE_OK(MPP_ALLOC(&s.dnorm, 4 * dh));
  test_fill(s.qkv, s.nqkv, 1);
  test_fill(s.bias, s.nbias, 2);
  test_fill(s.dy, s.ny, 3);
  test_fill(s.norm, 4 * dh, 4);
  for (size_t i = 0; i < s.nwork; i++) { s.work[i] = NAN; } /* nothing may lean on what was there */
  return s;
}

static void destroy(setup *s)
{
  float *const arrays[] = {s->qkv, s->dqkv, s->normed, s->rstd, s->bias, s->dbias,
                           s->y,   s->dy,   s->work,   s->norm, s->dnorm};
  for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) { mpp_free(arrays[i]); }
}

static void forward(const setup *s, bool add)
{
  const size_t dh = s->a.dh;
  const mpp_qk_norm norm = {s->norm, s->norm + dh, s->norm + 2 * dh, s->norm + 3 * dh};
  memcpy(s->normed, s->qkv, s->nqkv * sizeof *s->qkv);
  mpp_attention_forward(s->y, s->normed, s->rstd, &norm, s->bias, &s->a, s->weight, add, s->work);
}

/* Attention's part `times` times over, the norm once. Needs what forward() left. */
static void backward(const setup *s, int times)
{
  const size_t dh = s->a.dh;
  const mpp_qk_norm norm = {s->norm, s->norm + dh, s->norm + 2 * dh, s->norm + 3 * dh};
  const mpp_qk_norm_grad dnorm = {s->dnorm, s->dnorm + dh, s->dnorm + 2 * dh, s->dnorm + 3 * dh};
  for (int i = 0; i < times; i++) {
    mpp_attention_backward(s->dqkv, i + 1 == times ? &dnorm : NULL, s->dbias, s->dy, s->normed,
                           s->rstd, &norm, s->bias, &s->a, s->weight, i > 0, s->work);
  }
}

static void norm_row(double *out, const float *x, const float *g, const float *b, size_t dh)
{
  double mean = 0.0, variance = 0.0;
  for (size_t j = 0; j < dh; j++) { mean += (double)x[j] / (double)dh; }
  for (size_t j = 0; j < dh; j++) { variance += pow((double)x[j] - mean, 2.0) / (double)dh; }
  const double rstd = 1.0 / sqrt(variance + 1e-5);
  for (size_t j = 0; j < dh; j++) {
    out[j] = ((double)x[j] - mean) * rstd * (double)g[j] + (double)b[j];
  }
}

/* One sequence and head: returns sum dy y, stores y where `y` is set. */
static double reference_unit(const setup *s, float *y, size_t outer, size_t inner, size_t head)
{
  enum { MOST = 256, MOST_DH = 64 };
  static double q[MOST][MOST_DH], k[MOST][MOST_DH];
  const mpp_axis *a = &s->a;
  const size_t dh = a->dh, row = a->heads * 3 * dh;
  const float *first = s->qkv + (outer * a->n * a->inner + inner) * row + head * 3 * dh;
  double loss = 0.0;
  for (size_t t = 0; t < a->n; t++) {
    const float *x = first + t * a->inner * row;
    norm_row(q[t], x, s->norm, s->norm + dh, dh);
    norm_row(k[t], x + dh, s->norm + 2 * dh, s->norm + 3 * dh, dh);
  }
  for (size_t i = 0; i < a->nq; i++) {
    const size_t t = a->n - a->nq + i;
    double p[MOST], sum = 0.0;
    for (size_t u = 0; u < a->n; u++) {
      double score = 0.0;
      for (size_t j = 0; j < dh; j++) { score += q[t][j] * k[u][j]; }
      p[u] =
          exp(score / sqrt((double)dh) + (double)s->bias[head * (2 * a->n - 1) + t + a->n - 1 - u]);
      sum += p[u];
    }
    for (size_t j = 0; j < dh; j++) {
      const size_t at = (((outer * a->nq + i) * a->inner + inner) * a->heads + head) * dh + j;
      double value = 0.0;
      for (size_t u = 0; u < a->n; u++) {
        value += p[u] / sum * (double)first[u * a->inner * row + 2 * dh + j];
      }
      loss += (double)s->weight * value * (double)s->dy[at];
      if (y != NULL) {
        y[at] = (float)((double)s->weight * value);
      }
    }
  }
  return loss;
}

static double reference(const setup *s, float *y)
{
  double loss = 0.0;
  for (size_t outer = 0; outer < s->a.outer; outer++) {
    for (size_t inner = 0; inner < s->a.inner; inner++) {
      for (size_t head = 0; head < s->a.heads; head++) {
        loss += reference_unit(s, y, outer, inner, head);
      }
    }
  }
  return loss;
}

static double loss(void *context) { return reference((const setup *)context, NULL); }

static const mpp_axis cases[] = {
    /* outer, n, inner, nq, heads, dh */
    {3, 5, 2, 5, 3, 5},    /* nothing is a multiple of a vector */
    {2, 16, 3, 1, 2, 32},  /* the last position alone asks */
    {5, 8, 3, 8, 3, 64},   /* the published width of a head */
    {1, 37, 2, 20, 1, 20}, /* some positions ask; rows longer than a vector */
    {2, 1, 3, 1, 2, 16},   /* one token: y is v */
    {1, 3, 1, 3, 70, 4},   /* slots that hold several heads */
    {7, 4, 11, 4, 3, 48},  /* more sequences than slots */
};
enum { NCASES = sizeof cases / sizeof cases[0] };

static void check_forward(mpp_axis a, float size, double tolerance)
{
  setup s = create(a);
  float *expected = NULL;
  REQUIRE_OK(MPP_ALLOC(&expected, s.ny));
  for (size_t i = 0; i < s.nqkv; i++) { s.qkv[i] *= size; }
  reference(&s, expected);
  for (size_t i = 0; i < s.ny; i++) { s.y[i] = NAN; } /* is overwritten */
  forward(&s, false);
  CU_ASSERT(test_relative_error(s.y, expected, s.ny) < tolerance);
  for (size_t i = 0; i < s.ny; i++) { s.y[i] = 0.25f * size; }
  forward(&s, true);
  for (size_t i = 0; i < s.ny; i++) { s.y[i] -= 0.25f * size; }
  CU_ASSERT(test_relative_error(s.y, expected, s.ny) < tolerance);
  mpp_free(expected);
  destroy(&s);
}

/* Scores of order 3 in float32 give probabilities to 3e-7. */
static const double short_tolerance = 1e-6;

static void forward_is_softmax_attention(void)
{
  for (size_t c = 0; c < NCASES; c++) { check_forward(cases[c], 1.0f, short_tolerance); }
}

/* Variance 3e-6 of the rows beside the norm's 1e-5. */
static void small_rows_are_normed_with_the_epsilon(void)
{
  for (size_t c = 0; c < NCASES; c++) { check_forward(cases[c], 0.003f, short_tolerance); }
}

/* All six gradients; every `stride`-th entry of the large ones. */
static void check_gradients(mpp_axis a, size_t stride)
{
  setup s = create(a);
  const size_t dh = a.dh;
  for (size_t i = 0; i < s.nqkv; i++) { s.dqkv[i] = NAN; } /* is overwritten */
  for (size_t i = 0; i < s.nbias; i++) { s.dbias[i] = 1.0f; }
  for (size_t i = 0; i < 4 * dh; i++) { s.dnorm[i] = 1.0f; }
  forward(&s, false);
  backward(&s, 1);
  for (size_t i = 0; i < s.nbias; i++) { s.dbias[i] -= 1.0f; }
  for (size_t i = 0; i < 4 * dh; i++) { s.dnorm[i] -= 1.0f; }
  /* The loss is in double; left are the h^2 term and float32 roundings next to 1 of gradients of
   * order 0.01 to 0.1: below 1e-5 of them. */
  CU_ASSERT(gradcheck(s.qkv, s.dqkv, s.nqkv, stride, 1e-3, loss, &s) < 3e-5);
  if (a.n > 1) { /* one token has probability 1 whatever the scores are */
    const size_t bias_stride = s.nbias / 100 | 1;
    CU_ASSERT(gradcheck(s.bias, s.dbias, s.nbias, bias_stride, 1e-3, loss, &s) < 3e-5);
    for (size_t i = 0; i < a.n - a.nq; i++) { /* distances that no query has */
      CU_ASSERT_EQUAL(s.dbias[i], 0.0f);
    }
    for (size_t i = 0; i < 3; i++) { /* bk is zero in theory: see below */
      CU_ASSERT(gradcheck(s.norm + i * dh, s.dnorm + i * dh, dh, dh / 20 + 1, 1e-3, loss, &s) <
                3e-5);
    }
    for (size_t j = 0; j < dh; j++) { CU_ASSERT(fabsf(s.dnorm[3 * dh + j]) < 1e-5f); }
  }
  destroy(&s);
}

static void backward_agrees_with_central_differences(void)
{
  for (size_t c = 0; c < NCASES; c++) {
    const mpp_axis *a = &cases[c];
    check_gradients(*a, a->outer * a->n * a->inner * a->heads * 3 * a->dh / 150 | 1);
  }
}

static void backward_adds_where_it_is_asked_to(void)
{
  for (size_t c = 0; c < NCASES; c++) {
    setup s = create(cases[c]);
    float *once = NULL;
    REQUIRE_OK(MPP_ALLOC(&once, s.nqkv));
    forward(&s, false);
    backward(&s, 1);
    for (size_t i = 0; i < s.nqkv; i++) { once[i] = 3.0f * s.dqkv[i]; }
    backward(&s, 3);
    /* All is linear in the gradient: what is left are roundings. */
    CU_ASSERT(test_relative_error(s.dqkv, once, s.nqkv) < 1e-6);
    mpp_free(once);
    destroy(&s);
  }
}

/* From 128 tokens on units work in tiles; 127 is the longest axis without. */
static const mpp_axis long_cases[] = {
    {1, 127, 1, 127, 1, 16}, {1, 256, 1, 256, 1, 16}, {1, 131, 2, 131, 1, 20},
    {2, 150, 1, 40, 2, 16},  {1, 129, 1, 1, 2, 32},
};
enum { NLONG = sizeof long_cases / sizeof long_cases[0] };

static void long_axes_work(void)
{
  for (size_t c = 0; c < NLONG; c++) {
    /* Up to 127 small terms are added to 0.25 one by one: measured 3.4e-6, in tiles 5e-7. */
    check_forward(long_cases[c], 1.0f, long_cases[c].n < 128 ? 5e-6 : 1e-6);
    setup s = create(long_cases[c]);
    for (size_t i = 0; i < s.nqkv; i++) { s.dqkv[i] = NAN; } /* is overwritten */
    forward(&s, false);
    backward(&s, 1);
    for (size_t i = 0; i < s.nqkv; i++) { CU_ASSERT(isfinite(s.dqkv[i])); }
    /* Gradients of order 1e-3, not rounded next to 1 here. */
    CU_ASSERT(gradcheck(s.qkv, s.dqkv, s.nqkv, s.nqkv / 40 | 1, 1e-2, loss, &s) < 1e-4);
    CU_ASSERT(gradcheck(s.bias, s.dbias, s.nbias, s.nbias / 40 | 1, 1e-2, loss, &s) < 1e-4);
    destroy(&s);
  }
}

/* Twice the axis, twice the memory, but for what does not depend on it. */
static void memory_is_linear_in_a_long_axis(void)
{
  size_t floats[3];
  for (size_t i = 0; i < 3; i++) {
    const size_t n = (size_t)512 << i;
    const mpp_axis a = {1, n, 64, n, 3, 64};
    floats[i] = mpp_attention_work(&a);
  }
  CU_ASSERT(floats[2] - floats[1] <= 2 * (floats[1] - floats[0]) + 1024); /* rounding of sizes */
}

/* Scores far apart, and past what exp can hold: the softmax becomes a choice, here of the key two
 * places before the query. */
static void large_scores_choose_one_key(void)
{
  const size_t lengths[] = {7, 9, 150};
  for (size_t c = 0; c < sizeof lengths / sizeof lengths[0]; c++) {
    const size_t n = lengths[c];
    setup s = create((mpp_axis){1, n, 1, n, 1, 8});
    for (size_t i = 0; i < s.nbias; i++) { s.bias[i] = -1e4f + (float)i; }
    s.bias[n + 1] = 110.0f; /* query - key = 2 */
    s.bias[n] = 80.0f;
    forward(&s, false);
    for (size_t i = 16; i < s.ny; i++) {
      const float *v = s.qkv + (i / 8 - 2) * 24 + 16;
      /* The key before the query keeps exp(-30 +- 6) < 1e-10. */
      CU_ASSERT(fabsf(s.y[i] - s.weight * v[i % 8]) < 1e-7f);
    }
    destroy(&s);
  }
}

static void a_nan_reaches_its_sequence_and_no_other(void)
{
  const mpp_axis a = {2, 5, 1, 5, 1, 8};
  setup s = create(a);
  s.qkv[3] = NAN; /* query of the first token of the first sequence */
  forward(&s, false);
  CU_ASSERT(isnan(s.y[0]));
  for (size_t i = 8; i < s.ny; i++) { CU_ASSERT(isfinite(s.y[i])); }
  destroy(&s);
}

static setup shared;
static void run_forward(void) { forward(&shared, false); }
static void run_backward(void)
{
  forward(&shared, false);
  memset(shared.dbias, 0, shared.nbias * sizeof(float));
  memset(shared.dnorm, 0, 4 * shared.a.dh * sizeof(float));
  backward(&shared, 2);
}

static void bits_do_not_depend_on_threads(void)
{
  const mpp_axis chosen[] = {cases[0], cases[2], cases[3], cases[6], long_cases[2], long_cases[3]};
  for (size_t c = 0; c < sizeof chosen / sizeof chosen[0]; c++) {
    shared = create(chosen[c]);
    CU_ASSERT(same_bits(run_forward, shared.y, shared.ny));
    CU_ASSERT(same_bits(run_backward, shared.dqkv, shared.nqkv));
    CU_ASSERT(same_bits(run_backward, shared.dbias, shared.nbias));
    CU_ASSERT(same_bits(run_backward, shared.dnorm, 4 * shared.a.dh));
    destroy(&shared);
  }
}

TESTS({"attention: forward is softmax attention", forward_is_softmax_attention},
      {"attention: small rows are normed with the epsilon", small_rows_are_normed_with_the_epsilon},
      {"attention: backward agrees with central differences",
       backward_agrees_with_central_differences},
      {"attention: backward adds where it is asked to", backward_adds_where_it_is_asked_to},
      {"attention: long axes work", long_axes_work},
      {"attention: memory is linear in a long axis", memory_is_linear_in_a_long_axis},
      {"attention: large scores choose one key", large_scores_choose_one_key},
      {"attention: a NaN reaches its sequence and no other",
       a_nan_reaches_its_sequence_and_no_other},
      {"attention: bits do not depend on threads", bits_do_not_depend_on_threads})
