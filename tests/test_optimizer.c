/* test_optimizer.c - what all update rules share: decay groups, frozen entries, threads; the
 * norm. */
#include "optimizers.h"

enum { KINDS = MPP_OPTIMIZER_SGD + 1 };

static void methods_have_the_names_and_the_order_of_the_choices(void)
{
  for (int kind = 0; kind < KINDS; kind++) {
    char name[32];
    const mpp_optimizer_method *m = mpp_optimizer_method_of((mpp_optimizer_kind)kind);
    mpp_options_choice(name, sizeof name, MPP_OPTIMIZER_CHOICES, kind);
    CU_ASSERT_STRING_EQUAL(m->name, name);
    CU_ASSERT_PTR_EQUAL(mpp_optimizer_method_named(name), m);
  }
  CU_ASSERT_PTR_NULL(mpp_optimizer_method_named("adam"));
}

static void only_entries_that_decay_shrink_without_a_gradient(void)
{
  static const size_t floats[] = {3, 3};
  const float g[6] = {0};
  mpp_params p = make_params(2, floats);
  mpp_optimizer_settings set = own_betas;
  p.entry[1].decays = false;
  set.weight_decay = 0.5;
  for (int kind = 0; kind < KINDS; kind++) {
    float w[6] = {1, 2, 3, 1, 2, 3};
    mpp_optimizer o;
    REQUIRE_OK(
        mpp_optimizer_create(&o, mpp_optimizer_method_of((mpp_optimizer_kind)kind), p.total, &set));
    const double scale = o.method->scalar[0] != NULL ? 1e6 : 1.0; /* d is 1e-6 */
    const bool divides = kind == MPP_OPTIMIZER_ADAN || kind == MPP_OPTIMIZER_DADAPT_ADAN;
    mpp_optimizer_step(&o, w, g, &p, NULL, 0.1 * scale);
    for (size_t i = 0; i < 3; i++) {
      const float start = (float)(i + 1);
      /* 1 - 0.1 * 0.5 or 1/(1 + 0.1 * 0.5), in float32 */
      CU_ASSERT_DOUBLE_EQUAL(w[i], (divides ? 1.0 / 1.05 : 0.95) * start, 1e-6);
      CU_ASSERT_EQUAL(w[3 + i], start);
    }
    mpp_optimizer_destroy(&o);
  }
  mpp_free(p.entry);
}

static void frozen_and_unused_entries_stay_as_they_are(void)
{
  static const size_t floats[] = {300, 300, 300};
  const float factors[] = {1.0f, 0.0f, 1.0f};
  static float w[900], g[900];
  mpp_params p = make_params(3, floats);
  p.entry[2].used = false;
  for (int kind = 0; kind < KINDS; kind++) {
    mpp_optimizer o;
    for (size_t i = 0; i < 900; i++) { w[i] = g[i] = 1.0f; }
    REQUIRE_OK(mpp_optimizer_create(&o, mpp_optimizer_method_of((mpp_optimizer_kind)kind), p.total,
                                    &own_betas));
    for (int s = 0; s < 2; s++) { mpp_optimizer_step(&o, w, g, &p, factors, 1.0); }
    for (size_t i = 0; i < 900; i++) {
      CU_ASSERT_EQUAL(w[i] != 1.0f, i < 300);
      CU_ASSERT_EQUAL(o.vector[0][i] != 0.0f, i < 300);
    }
    mpp_optimizer_destroy(&o);
  }
  CU_ASSERT_DOUBLE_EQUAL(mpp_gradient_norm(g, &p, factors), sqrt(300.0), 1e-12);
  mpp_free(p.entry);
}

/* Three steps of weights drawn anew with n threads; returns the first scalar. */
static double updated(float *w, mpp_optimizer_kind kind, const mpp_params *p, const float *g, int n)
{
  mpp_optimizer o;
  mpp_optimizer_settings set = own_betas;
  set.growth = 1e9; /* so that the sums of all pieces show in d */
  mpp_set_threads(n);
  test_fill(w, p->total, 6);
  REQUIRE_OK(mpp_optimizer_create(&o, mpp_optimizer_method_of(kind), p->total, &set));
  for (int s = 0; s < 3; s++) { mpp_optimizer_step(&o, w, g, p, NULL, 0.01); }
  const double d = o.scalar[0];
  mpp_optimizer_destroy(&o);
  mpp_set_threads(0);
  return d;
}

static void updates_have_the_same_bits_for_any_number_of_threads(void)
{
  static const size_t floats[] = {70001, 13, 5000};
  enum { TOTAL = 75014 };
  static float one[TOTAL], more[TOTAL], g[TOTAL];
  mpp_params p = make_params(3, floats);
  test_fill(g, TOTAL, 5);
  for (int kind = 0; kind < KINDS; kind++) {
    const double d = updated(one, (mpp_optimizer_kind)kind, &p, g, 1);
    for (int n = 2; n <= 3; n++) {
      CU_ASSERT_EQUAL(updated(more, (mpp_optimizer_kind)kind, &p, g, n), d);
      CU_ASSERT_EQUAL(memcmp(one, more, sizeof one), 0);
    }
  }
  mpp_free(p.entry);
}

static void the_norm_has_the_same_bits_for_any_number_of_threads(void)
{
  static const size_t floats[] = {70001, 13, 5000};
  enum { TOTAL = 75014 };
  static float g[TOTAL];
  double norm[3], plain = 0.0;
  mpp_params p = make_params(3, floats);
  test_fill(g, TOTAL, 5);
  for (size_t i = 0; i < TOTAL; i++) { plain += (double)g[i] * g[i]; }
  for (int n = 0; n < 3; n++) {
    mpp_set_threads(n + 1);
    norm[n] = mpp_gradient_norm(g, &p, NULL);
  }
  mpp_set_threads(0);
  CU_ASSERT_DOUBLE_EQUAL(norm[0], sqrt(plain), 1e-10); /* order of a sum of 75000 doubles */
  CU_ASSERT(norm[0] == norm[1] && norm[0] == norm[2]);
  mpp_free(p.entry);
}

/* f(w) = |w - 1|^2/2 from w = 0, where every method has to come closer. */
static void every_method_comes_down_a_bowl(void)
{
  static const size_t floats[] = {20};
  mpp_params p = make_params(1, floats);
  for (int kind = 0; kind < KINDS; kind++) {
    float w[20] = {0}, g[20];
    mpp_optimizer o;
    mpp_optimizer_settings set = own_betas;
    set.weight_decay = 0.0;
    const mpp_optimizer_method *m = mpp_optimizer_method_of((mpp_optimizer_kind)kind);
    REQUIRE_OK(mpp_optimizer_create(&o, m, p.total, &set));
    for (int s = 0; s < 1500; s++) {
      for (size_t i = 0; i < 20; i++) { g[i] = w[i] - 1.0f; }
      mpp_optimizer_step(&o, w, g, &p, NULL, m->learning_rate);
    }
    printf("(%s %.2g) ", m->name, fabs(1.0 - (double)w[0]));
    CU_ASSERT(fabs(1.0 - (double)w[0]) < 0.2); /* most have 1500 steps of 1e-3 to go a way of 1 */
    mpp_optimizer_destroy(&o);
  }
  mpp_free(p.entry);
}

static void a_non_finite_gradient_gives_a_non_finite_norm(void)
{
  static const size_t floats[] = {10};
  float g[10] = {1.0f};
  mpp_params p = make_params(1, floats);
  g[7] = NAN;
  CU_ASSERT(!isfinite(mpp_gradient_norm(g, &p, NULL)));
  g[7] = INFINITY;
  CU_ASSERT(!isfinite(mpp_gradient_norm(g, &p, NULL)));
  g[7] = 1e38f; /* its square overflows float32, not the sum in double */
  CU_ASSERT(isfinite(mpp_gradient_norm(g, &p, NULL)));
  mpp_free(p.entry);
}

/* Steps of two methods' copies, the gradients of the odd steps cut to a length of 1: by the step,
 * or before it. */
static void clipping_brings_a_long_gradient_to_the_limit_for_one_step(void)
{
  enum { COUNT = 100 };
  static const size_t floats[] = {COUNT};
  mpp_params p = make_params(1, floats);
  for (int kind = 0; kind < KINDS; kind++) {
    const mpp_optimizer_method *m = mpp_optimizer_method_of((mpp_optimizer_kind)kind);
    float w[2][COUNT], g[COUNT], cut[COUNT];
    mpp_optimizer o[2];
    for (int k = 0; k < 2; k++) {
      test_fill(w[k], COUNT, 1);
      REQUIRE_OK(mpp_optimizer_create(&o[k], m, p.total, &own_betas));
    }
    for (uint32_t step = 0; step < 5; step++) {
      test_fill(g, COUNT, 2 + step);
      const double norm = mpp_gradient_norm(g, &p, NULL);
      CU_ASSERT(norm > 2.0);
      for (size_t i = 0; i < COUNT; i++) { /* 1e-6 is added to the norm */
        cut[i] = step % 2 == 1 ? (float)(1.0 / (norm + 1e-6)) * g[i] : g[i];
      }
      if (step % 2 == 1) {
        mpp_optimizer_clip(&o[0], norm, 1.0);
      }
      mpp_optimizer_step(&o[0], w[0], g, &p, NULL, m->learning_rate);
      mpp_optimizer_step(&o[1], w[1], cut, &p, NULL, m->learning_rate);
    }
    /* a fused multiply-add may round the cut gradient later: a few last digits of float32 */
    CU_ASSERT(test_relative_error(w[0], w[1], COUNT) < 1e-6);
    CU_ASSERT(test_relative_error(o[0].vector[0], o[1].vector[0], COUNT) < 1e-6);
    for (int k = 0; k < 2; k++) { mpp_optimizer_destroy(&o[k]); }
  }
  mpp_free(p.entry);
}

static void clipping_leaves_a_short_gradient(void)
{
  mpp_optimizer o = {.clip = 0.5f};
  mpp_optimizer_clip(&o, 5.0, 0.0); /* no limit */
  CU_ASSERT(o.clip == 1.0f);
  o.clip = 0.5f;
  mpp_optimizer_clip(&o, 5.0, 5.0);
  CU_ASSERT(o.clip == 1.0f);
  mpp_optimizer_clip(&o, 5.0, 1.0);
  CU_ASSERT_DOUBLE_EQUAL(o.clip, 0.2, 1e-6); /* 1e-6 is added to the norm */
}

TESTS({"methods have the names and the order of the choices",
       methods_have_the_names_and_the_order_of_the_choices},
      {"only entries that decay shrink without a gradient",
       only_entries_that_decay_shrink_without_a_gradient},
      {"frozen and unused entries stay as they are", frozen_and_unused_entries_stay_as_they_are},
      {"updates have the same bits for any number of threads",
       updates_have_the_same_bits_for_any_number_of_threads},
      {"the norm has the same bits for any number of threads",
       the_norm_has_the_same_bits_for_any_number_of_threads},
      {"every method comes down a bowl", every_method_comes_down_a_bowl},
      {"clipping brings a long gradient to the limit for one step",
       clipping_brings_a_long_gradient_to_the_limit_for_one_step},
      {"clipping leaves a short gradient", clipping_leaves_a_short_gradient},
      {"a non-finite gradient gives a non-finite norm",
       a_non_finite_gradient_gives_a_non_finite_norm})
