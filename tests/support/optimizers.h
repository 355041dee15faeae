/* optimizers.h - parameter lists for tests of the update rules, and the published runs to
 * follow. */
#ifndef MPP_TEST_OPTIMIZERS_H
#define MPP_TEST_OPTIMIZERS_H

#include <math.h>

#include "optimizer.h"
#include "safetensors.h"
#include "test.h"

/* Betas as the method has them. */
static const mpp_optimizer_settings own_betas = {
    .beta1 = -1.0, .beta2 = -1.0, .beta3 = -1.0, .epsilon = 1e-8, .weight_decay = 1e-3};

/* A list of `count` entries one after the other; the caller frees `entry`. */
static inline mpp_params make_params(size_t count, const size_t *floats)
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
static inline void gather(float *out, const mpp_tensor_file *file, const char *kind,
                          const mpp_params *p, int step)
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

/* Largest relative error of the weights, and of d where the method has one, over a stored run of
 * `steps` steps: three parameters, the second a vector without decay. */
static inline void follow(double *weights, double *d, mpp_optimizer_kind kind, const char *path,
                          int steps, double rate)
{
  static const size_t floats[] = {40, 7, 9};
  float w[56], g[56], expected[56];
  mpp_tensor_file *file = NULL;
  mpp_optimizer o;
  mpp_params p = make_params(3, floats);
  p.entry[1].decays = false;
  *weights = *d = 0.0;
  REQUIRE_OK(mpp_tensors_read(&file, path));
  REQUIRE_OK(mpp_optimizer_create(&o, mpp_optimizer_method_of(kind), p.total, &own_betas));
  gather(w, file, "param", &p, 0);
  for (int s = 1; s <= steps; s++) {
    char name[16];
    gather(g, file, "grad", &p, s);
    gather(expected, file, "param", &p, s);
    mpp_optimizer_step(&o, w, g, &p, NULL, rate);
    *weights = fmax(*weights, test_relative_error(w, expected, p.total));
    snprintf(name, sizeof name, "d.%d", s);
    const mpp_tensor *stored = mpp_tensors_find(file, name);
    if (stored != NULL) {
      const double right = *(const double *)stored->data;
      *d = fmax(*d, fabs(o.scalar[0] / right - 1.0));
    }
  }
  printf("(worst %.1e, d %.1e) ", *weights, *d);
  CU_ASSERT_EQUAL(o.step, (uint64_t)steps);
  mpp_optimizer_destroy(&o);
  mpp_tensors_free(file);
  mpp_free(p.entry);
}

/* Steps of a D-Adaptation method over one weight with gradient 2 in every step; returns d. */
static inline double adapted(mpp_optimizer_kind kind, int steps, double growth, double rate)
{
  static const size_t floats[] = {1};
  const float g[1] = {2.0f};
  float w[1] = {1.0f};
  mpp_optimizer o;
  mpp_optimizer_settings set = own_betas;
  mpp_params p = make_params(1, floats);
  set.growth = growth;
  REQUIRE_OK(mpp_optimizer_create(&o, mpp_optimizer_method_of(kind), 1, &set));
  for (int s = 0; s < steps; s++) { mpp_optimizer_step(&o, w, g, &p, NULL, rate); }
  const double d = o.scalar[0];
  mpp_optimizer_destroy(&o);
  mpp_free(p.entry);
  return d;
}

#endif
