/* test_optimizer.c - AdamW against torch.optim.AdamW, decay groups, frozen entries, the norm. */
#include "optimizer.h"
#include "safetensors.h"
#include "test.h"

/* A list of `count` entries one after the other; the caller frees `entry`. */
static mpp_params make_params(size_t count, const size_t *floats)
{
  mpp_params p = {.count = count};
  REQUIRE_OK(MPP_ALLOC(&p.entry, count));
  for (size_t i = 0; i < count; i++) {
    p.entry[i] = (mpp_param){.offset = p.total, .count = floats[i], .decays = true, .used = true};
    p.total += floats[i];
  }
  return p;
}

/* Tensors "<kind><i>.<step>" of all parameters, one after the other. */
static void gather(float *out, const mpp_tensor_file *file, const char *kind, const mpp_params *p,
                   int step)
{
  for (size_t i = 0; i < p->count; i++) {
    char name[64];
    snprintf(name, sizeof name, "%s%zu.%d", kind, i, step);
    const mpp_tensor *t = mpp_tensors_find(file, name);
    CU_ASSERT_FATAL(t != NULL && mpp_tensor_elements(t) == p->entry[i].count);
    if (t != NULL) { /* the assertion does not return, but does not say so */
      memcpy(out + p->entry[i].offset, t->data, p->entry[i].count * sizeof *out);
    }
  }
}

static void adamw_follows_torch(void)
{
  static const size_t floats[] = {40, 7, 9};
  float w[56], g[56], expected[56];
  mpp_tensor_file *file = NULL;
  mpp_adamw o;
  mpp_params p = make_params(3, floats);
  p.entry[1].decays = false; /* the vector */
  REQUIRE_OK(mpp_tensors_read(&file, MPP_TEST_DATA "/golden/optim/adamw.safetensors"));
  REQUIRE_OK(mpp_adamw_create(&o, p.total, 0.9, 0.999, 1e-8, 1e-3));
  gather(w, file, "param", &p, 0);
  double worst = 0.0;
  for (int s = 1; s <= 25; s++) {
    gather(g, file, "grad", &p, s);
    gather(expected, file, "param", &p, s);
    mpp_adamw_step(&o, w, g, &p, NULL, 0.01);
    worst = fmax(worst, test_relative_error(w, expected, p.total));
  }
  printf("(worst %.1e) ", worst);
  CU_ASSERT(worst < 2e-7); /* float32 against float64: 25 steps of half an ulp, 6e-8 each */
  CU_ASSERT_EQUAL(o.step, 25);
  mpp_adamw_destroy(&o);
  mpp_tensors_free(file);
  mpp_free(p.entry);
}

static void only_entries_that_decay_shrink_without_a_gradient(void)
{
  static const size_t floats[] = {3, 3};
  float w[6] = {1, 2, 3, 1, 2, 3};
  const float g[6] = {0};
  mpp_adamw o;
  mpp_params p = make_params(2, floats);
  p.entry[1].decays = false;
  REQUIRE_OK(mpp_adamw_create(&o, p.total, 0.9, 0.999, 1e-8, 0.5));
  mpp_adamw_step(&o, w, g, &p, NULL, 0.1);
  for (size_t i = 0; i < 3; i++) {
    const float start = (float)(i + 1);
    CU_ASSERT_DOUBLE_EQUAL(w[i], 0.95 * start, 1e-6); /* 1 - 0.1 * 0.5, in float32 */
    CU_ASSERT_EQUAL(w[3 + i], start);
  }
  mpp_adamw_destroy(&o);
  mpp_free(p.entry);
}

static void frozen_and_unused_entries_stay_as_they_are(void)
{
  static const size_t floats[] = {300, 300, 300};
  const bool trainable[] = {true, false, true};
  static float w[900], g[900];
  mpp_adamw o;
  mpp_params p = make_params(3, floats);
  p.entry[2].used = false;
  for (size_t i = 0; i < 900; i++) { w[i] = g[i] = 1.0f; }
  REQUIRE_OK(mpp_adamw_create(&o, p.total, 0.9, 0.999, 1e-8, 0.1));
  mpp_adamw_step(&o, w, g, &p, trainable, 0.01);
  for (size_t i = 0; i < 900; i++) {
    CU_ASSERT_EQUAL(w[i] != 1.0f, i < 300);
    CU_ASSERT_EQUAL(o.m[i] != 0.0f, i < 300);
  }
  CU_ASSERT_DOUBLE_EQUAL(mpp_gradient_norm(g, &p, trainable), sqrt(300.0), 1e-12);
  mpp_adamw_destroy(&o);
  mpp_free(p.entry);
}

static bool same_bits(const void *a, const void *b, size_t bytes)
{
  return memcmp(a, b, bytes) == 0;
}

static void norm_and_update_have_the_same_bits_for_any_number_of_threads(void)
{
  static const size_t floats[] = {70001, 13, 5000};
  enum { TOTAL = 75014 };
  static float w[3][TOTAL], g[TOTAL];
  double norm[3], plain = 0.0;
  mpp_params p = make_params(3, floats);
  test_fill(g, TOTAL, 5);
  for (size_t i = 0; i < TOTAL; i++) { plain += (double)g[i] * g[i]; }
  for (int n = 0; n < 3; n++) {
    mpp_adamw o;
    mpp_set_threads(n + 1);
    test_fill(w[n], TOTAL, 6);
    REQUIRE_OK(mpp_adamw_create(&o, p.total, 0.9, 0.999, 1e-8, 1e-3));
    norm[n] = mpp_gradient_norm(g, &p, NULL);
    for (int s = 0; s < 3; s++) { mpp_adamw_step(&o, w[n], g, &p, NULL, 0.01); }
    mpp_adamw_destroy(&o);
  }
  mpp_set_threads(0);
  CU_ASSERT_DOUBLE_EQUAL(norm[0], sqrt(plain), 1e-10); /* order of a sum of 75000 doubles */
  CU_ASSERT(norm[0] == norm[1] && norm[0] == norm[2]);
  CU_ASSERT(same_bits(w[0], w[1], sizeof w[0]));
  CU_ASSERT(same_bits(w[0], w[2], sizeof w[0]));
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

static void clipping_brings_a_long_gradient_to_the_limit_and_leaves_a_short_one(void)
{
  float g[2] = {3.0f, 4.0f};
  mpp_gradient_clip(g, 2, 5.0, 0.0); /* no limit */
  mpp_gradient_clip(g, 2, 5.0, 5.0);
  CU_ASSERT(g[0] == 3.0f && g[1] == 4.0f);
  mpp_gradient_clip(g, 2, 5.0, 1.0);
  CU_ASSERT_DOUBLE_EQUAL(g[0], 0.6, 1e-6); /* 1e-6 is added to the norm */
  CU_ASSERT_DOUBLE_EQUAL(g[1], 0.8, 1e-6);
}

TESTS({"AdamW follows torch", adamw_follows_torch},
      {"only entries that decay shrink without a gradient",
       only_entries_that_decay_shrink_without_a_gradient},
      {"frozen and unused entries stay as they are", frozen_and_unused_entries_stay_as_they_are},
      {"norm and update have the same bits for any number of threads",
       norm_and_update_have_the_same_bits_for_any_number_of_threads},
      {"clipping brings a long gradient to the limit and leaves a short one",
       clipping_brings_a_long_gradient_to_the_limit_and_leaves_a_short_one},
      {"a non-finite gradient gives a non-finite norm",
       a_non_finite_gradient_gives_a_non_finite_norm})
