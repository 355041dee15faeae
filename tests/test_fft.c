/* test_fft.c - transforms against the sums that they stand for. */
#include "test.h"

#include <complex.h>
#include <pthread.h>

#include "fft.h"
#include "rng.h"

static void fill(double *u, size_t n, uint64_t seed)
{
  for (size_t i = 0; i < n; i++) { u[i] = mpp_rng_normal(seed, MPP_STREAM_PDE, i, 0); }
}

static mpp_fft *made(const mpp_fft_layout *layout)
{
  mpp_fft *fft = NULL;
  REQUIRE_OK(mpp_fft_create(&fft, layout));
  return fft;
}

static double *array(size_t n)
{
  double *u = NULL;
  REQUIRE_OK(MPP_ALLOC(&u, n));
  return u;
}

/* Weight of value j in coefficient k of an axis, as the header has it. */
static double complex weight(mpp_fft_kind kind, size_t n, size_t k, size_t j)
{
  const double pi = acos(-1.0), length = (double)n, mode = (double)k, at = (double)j;
  if (n == 1) {
    return 1.0;
  }
  switch (kind) {
  case MPP_FFT_PERIODIC:
    return cexp(-2.0 * I * pi * fmod(mode * at, length) / length);
  case MPP_FFT_COSINE:
    return 2.0 * cos(pi * mode * (at + 0.5) / length);
  case MPP_FFT_SINE:
    return 2.0 * sin(pi * (mode + 1.0) * (at + 0.5) / length);
  case MPP_FFT_COSINE_NODE:
    return (j == 0 || j + 1 == n ? 1.0 : 2.0) * cos(pi * mode * at / (length - 1.0));
  default:
    return 2.0 * sin(pi * (mode + 1.0) * (at + 1.0) / (length + 1.0));
  }
}

/* Coefficient (k0, k1, k2) of u by the definition. */
static double complex direct(const double *u, const mpp_fft_layout *l, const size_t k[3])
{
  double complex sum = 0.0;
  for (size_t i = 0; i < l->n[0]; i++) {
    for (size_t j = 0; j < l->n[1]; j++) {
      const double complex w =
          weight(l->kind[0], l->n[0], k[0], i) * weight(l->kind[1], l->n[1], k[1], j);
      for (size_t m = 0; m < l->n[2]; m++) {
        sum += u[(i * l->n[1] + j) * l->n[2] + m] * w * weight(l->kind[2], l->n[2], k[2], m);
      }
    }
  }
  return sum;
}

/* Largest difference of the coefficients of u from the definition; modes beyond `modes` must be
 * 0. */
static double forward_error(const mpp_fft *fft, const mpp_fft_layout *l, const double *u,
                            const double *c)
{
  const mpp_fft_shape s = mpp_fft_get_shape(fft);
  double worst = 0.0;
  for (size_t i = 0; i < s.m[0] * s.m[1] * s.m[2]; i++) {
    const size_t k[3] = {i / s.m[2] / s.m[1], i / s.m[2] % s.m[1], i % s.m[2]};
    const double complex got = s.halved < 0 ? c[i] : c[2 * i] + I * c[2 * i + 1];
    const bool zero = l->modes > 0 && k[s.halved] >= l->modes;
    worst = fmax(worst, cabs(got - (zero ? 0.0 : direct(u, l, k))));
  }
  return worst;
}

#define P  MPP_FFT_PERIODIC
#define C  MPP_FFT_COSINE
#define S  MPP_FFT_SINE
#define CN MPP_FFT_COSINE_NODE
#define SN MPP_FFT_SINE_NODE

/* Lengths even, odd, prime and 1; blocks whole, narrower and both (16 lines a block); all kinds;
 * the halved axis first, in the middle and last. */
static const mpp_fft_layout layouts[] = {{.n = {1, 1, 1}, .kind = {P, P, P}},
                                         {.n = {1, 1, 12}, .kind = {P, P, P}},
                                         {.n = {1, 1, 33}, .kind = {P, P, P}},
                                         {.n = {1, 32, 34}, .kind = {P, P, P}},
                                         {.n = {1, 33, 33}, .kind = {P, P, P}},
                                         {.n = {1, 8, 7}, .kind = {P, P, P}},
                                         {.n = {1, 40, 1}, .kind = {P, P, P}},
                                         {.n = {5, 1, 9}, .kind = {P, P, P}},
                                         {.n = {6, 5, 35}, .kind = {P, P, P}},
                                         {.n = {17, 4, 6}, .kind = {P, P, P}},
                                         {.n = {1, 32, 32}, .kind = {P, P, P}, .modes = 11},
                                         {.n = {1, 19, 50}, .kind = {P, P, P}, .modes = 17},
                                         {.n = {1, 1, 16}, .kind = {P, P, P}, .modes = 1},
                                         {.n = {6, 9, 21}, .kind = {P, P, P}, .modes = 8},
                                         {.n = {1, 20, 1}, .kind = {P, P, P}, .modes = 7},
                                         {.n = {1, 1, 9}, .kind = {C, C, C}},
                                         {.n = {1, 20, 33}, .kind = {C, C, C}},
                                         {.n = {1, 33, 20}, .kind = {S, S, S}},
                                         {.n = {1, 9, 10}, .kind = {CN, CN, CN}},
                                         {.n = {1, 10, 9}, .kind = {SN, SN, SN}},
                                         {.n = {1, 2, 3}, .kind = {CN, CN, SN}},
                                         {.n = {5, 6, 17}, .kind = {C, S, SN}},
                                         {.n = {1, 16, 18}, .kind = {P, P, C}},
                                         {.n = {1, 35, 6}, .kind = {P, S, P}},
                                         {.n = {7, 18, 5}, .kind = {C, P, S}},
                                         {.n = {18, 3, 5}, .kind = {P, C, CN}},
                                         {.n = {4, 9, 10}, .kind = {P, S, P}}};
enum { LAYOUTS = sizeof layouts / sizeof layouts[0] };

static void coefficients_agree_with_the_direct_sums(void)
{
  for (size_t i = 0; i < LAYOUTS; i++) {
    mpp_fft *fft = made(&layouts[i]);
    const mpp_fft_shape s = mpp_fft_get_shape(fft);
    double *u = array(2 * s.values), *before = array(2 * s.values), *c = array(2 * s.spectrum);
    fill(u, 2 * s.values, i);
    memcpy(before, u, 2 * s.values * sizeof *u);
    mpp_fft_forward(fft, c, u, 2);
    CU_ASSERT_EQUAL(memcmp(u, before, 2 * s.values * sizeof *u), 0);
    for (size_t f = 0; f < 2; f++) {
      /* up to 1155 terms of size 4, the arguments of whose cosines, up to 100, are rounded by
       * 1e-14: random signs give 4 sqrt(1155) 1e-14 = 1.4e-12 */
      CU_ASSERT(forward_error(fft, &layouts[i], u + f * s.values, c + f * s.spectrum) < 4e-12);
    }
    mpp_free(u);
    mpp_free(before);
    mpp_free(c);
    mpp_fft_destroy(fft);
  }
}

static void the_inverse_undoes_the_forward_transform(void)
{
  for (size_t i = 0; i < LAYOUTS; i++) {
    mpp_fft *fft = made(&layouts[i]);
    const mpp_fft_shape s = mpp_fft_get_shape(fft);
    const size_t count = layouts[i].n[0] * layouts[i].n[1] * layouts[i].n[2];
    double *u = array(3 * s.values), *v = array(3 * s.values), *c = array(3 * s.spectrum);
    double worst = 0.0;
    fill(u, 3 * s.values, i);
    /* with modes left out: to the space of the others first */
    mpp_fft_forward(fft, c, u, 3);
    mpp_fft_inverse(fft, u, c, 3);
    mpp_fft_forward(fft, c, u, 3);
    for (size_t k = 0; layouts[i].modes > 0 && k < 3 * s.spectrum / 2; k++) {
      if (k % s.m[2] >= layouts[i].modes && s.halved == 2 &&
          s.spectrum == 2 * s.m[0] * s.m[1] * s.m[2]) {
        c[2 * k] = 7.0; /* must not be looked at */
      }
    }
    mpp_fft_inverse(fft, v, c, 3);
    for (size_t f = 0; f < 3; f++) {
      for (size_t k = f * s.values; k < f * s.values + count; k++) {
        worst = fmax(worst, fabs(v[k] * s.scale - u[k]) * s.scale);
      }
    }
    CU_ASSERT(worst < 2e-14); /* values of size 1: some roundings for each of 10 levels */
    mpp_free(u);
    mpp_free(v);
    mpp_free(c);
    mpp_fft_destroy(fft);
  }
}

/* Modes are numbered so that derivatives are right: of the function whose coefficient k is
 * alone. */
static void modes_have_their_numbers(void)
{
  const mpp_fft_layout odd = {.n = {1, 5, 6}, .kind = {P, P, P}};
  const mpp_fft_layout walls = {.n = {1, 5, 6}, .kind = {P, C, S}};
  mpp_fft *a = made(&odd), *b = made(&walls);
  static const double five[] = {0, 1, 2, -2, -1}, six[] = {0, 1, 2, 3, -2, -1};
  for (size_t k = 0; k < 6; k++) {
    CU_ASSERT(k == 5 || mpp_fft_mode(a, 1, k) == five[k]);
    CU_ASSERT_EQUAL(mpp_fft_mode(a, 2, k), six[k]);
    CU_ASSERT_EQUAL(mpp_fft_mode(b, 1, k), (double)k);
    CU_ASSERT_EQUAL(mpp_fft_mode(b, 2, k), (double)k + 1.0);
  }
  CU_ASSERT_EQUAL(mpp_fft_mode(b, 0, 0), 0.0);
  mpp_fft_destroy(a);
  mpp_fft_destroy(b);
}

static void the_bits_do_not_depend_on_threads(void)
{
  for (size_t i = 0; i < 2; i++) {
    const mpp_fft_layout layout = {.n = {1, 147, 275}, .kind = {P, i == 0 ? P : C, i == 0 ? P : S}};
    mpp_fft *fft = made(&layout);
    const mpp_fft_shape s = mpp_fft_get_shape(fft);
    double *u = array(s.values), *c = array(s.spectrum), *first = array(s.values + s.spectrum);
    for (int threads = 1; threads < 5; threads++) {
      mpp_set_threads(threads);
      fill(u, s.values, 1);
      mpp_fft_forward(fft, c, u, 1);
      if (threads == 1) {
        memcpy(first, c, s.spectrum * sizeof *c);
      }
      CU_ASSERT_EQUAL(memcmp(first, c, s.spectrum * sizeof *c), 0);
      mpp_fft_inverse(fft, u, c, 1);
      if (threads == 1) {
        memcpy(first + s.spectrum, u, s.values * sizeof *u);
      }
      CU_ASSERT_EQUAL(memcmp(first + s.spectrum, u, s.values * sizeof *u), 0);
    }
    mpp_set_threads(0);
    mpp_free(u);
    mpp_free(c);
    mpp_free(first);
    mpp_fft_destroy(fft);
  }
}

typedef struct job {
  const mpp_fft *fft;
  double *u, *c;
  uint64_t seed;
  bool good;
} job;

static void *transform_often(void *argument)
{
  job *j = argument;
  const mpp_fft_shape s = mpp_fft_get_shape(j->fft);
  double first[24 * 20];
  j->good = true;
  for (int i = 0; i < 50; i++) {
    fill(j->u, s.values, j->seed);
    mpp_fft_forward(j->fft, j->c, j->u, 1);
    mpp_fft_inverse(j->fft, j->u, j->c, 1);
    if (i == 0) {
      memcpy(first, j->u, sizeof first);
    }
    j->good = j->good && memcmp(first, j->u, sizeof first) == 0 &&
              fabs(first[7] * s.scale - mpp_rng_normal(j->seed, MPP_STREAM_PDE, 7, 0)) < 1e-13;
  }
  return NULL;
}

static void threads_may_share_a_transform(void)
{
  const mpp_fft_layout layout = {.n = {1, 24, 20}, .kind = {P, P, P}};
  mpp_fft *fft = made(&layout);
  const mpp_fft_shape s = mpp_fft_get_shape(fft);
  pthread_t thread[4];
  job jobs[4];
  for (uint64_t i = 0; i < 4; i++) {
    jobs[i] = (job){.fft = fft, .u = array(s.values), .c = array(s.spectrum), .seed = i};
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread[i], NULL, transform_often, &jobs[i]), 0);
  }
  for (int i = 0; i < 4; i++) {
    pthread_join(thread[i], NULL);
    CU_ASSERT(jobs[i].good);
    mpp_free(jobs[i].u);
    mpp_free(jobs[i].c);
  }
  mpp_fft_destroy(fft);
}

static void time_is_counted_on_demand(void)
{
  const mpp_fft_layout layout = {.n = {1, 64, 64}, .kind = {P, P, P}};
  mpp_fft *fft = made(&layout);
  double *u = array(mpp_fft_get_shape(fft).values), *c = array(mpp_fft_get_shape(fft).spectrum);
  const double before = mpp_fft_seconds();
  mpp_fft_forward(fft, c, u, 1);
  CU_ASSERT_EQUAL(mpp_fft_seconds(), before);
  mpp_fft_count_time(true);
  mpp_fft_forward(fft, c, u, 1);
  mpp_fft_count_time(false);
  const double counted = mpp_fft_seconds();
  CU_ASSERT(counted > before);
  mpp_fft_inverse(fft, u, c, 1);
  CU_ASSERT_EQUAL(mpp_fft_seconds(), counted);
  mpp_free(u);
  mpp_free(c);
  mpp_fft_destroy(fft);
}

static void what_cannot_be_made_leaves_nothing_behind(void)
{
  const mpp_fft_layout good = {.n = {3, 17, 18}, .kind = {P, C, P}};
  const mpp_fft_layout bad[] = {{.n = {1, 0, 4}, .kind = {P, P, P}},
                                {.n = {1, 4, 4}, .kind = {P, P, P}, .modes = 4},
                                {.n = {1, 4, 4}, .kind = {P, P, C}, .modes = 2},
                                {.n = {1, 4, 4}, .kind = {C, C, C}, .modes = 2}};
  mpp_fft *fft = NULL;
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    const mpp_status st = TEST_FAULT(&faults, mpp_fft_create(&fft, &good));
    CU_ASSERT_EQUAL(st, fft != NULL ? MPP_OK : MPP_ERR_NOMEM);
    mpp_fft_destroy(fft);
    fft = NULL;
  }
  CU_ASSERT_EQUAL(faults.failed,
                  3 + 12); /* arrays; plans of 3 axes, 2 ways, whole and narrower blocks */
  mpp_fft_destroy(NULL);
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    fft = NULL;
    ASSERT_STATUS(mpp_fft_create(&fft, &bad[i]), MPP_ERR_INTERNAL);
    CU_ASSERT_PTR_NULL(fft);
  }
}

TESTS({"coefficients agree with the direct sums", coefficients_agree_with_the_direct_sums},
      {"the inverse undoes the forward transform", the_inverse_undoes_the_forward_transform},
      {"modes have their numbers", modes_have_their_numbers},
      {"the bits do not depend on threads", the_bits_do_not_depend_on_threads},
      {"threads may share a transform", threads_may_share_a_transform},
      {"time is counted on demand", time_is_counted_on_demand},
      {"what cannot be made leaves nothing behind", what_cannot_be_made_leaves_nothing_behind})
