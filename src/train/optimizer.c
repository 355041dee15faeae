/* optimizer.c - what all update rules share. Arrays are walked in a fixed number of pieces, so that
 * every element meets the same instructions, and every sum the same order, for any number of
 * threads. */
#include "optimizer.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "optimizer_method.h"
#include "threads.h"

enum { PIECES = 256 };

enum { METHODS = MPP_OPTIMIZER_SGD + 1 };
static const mpp_optimizer_method *const methods[METHODS] = {
    [MPP_OPTIMIZER_ADAMW] = &mpp_adamw_method,
    [MPP_OPTIMIZER_ADAN] = &mpp_adan_method,
    [MPP_OPTIMIZER_DADAPT_ADAN] = &mpp_dadapt_adan_method,
    [MPP_OPTIMIZER_DADAPT_ADAM] = &mpp_dadapt_adam_method,
    [MPP_OPTIMIZER_SGD] = &mpp_sgd_method,
};

const mpp_optimizer_method *mpp_optimizer_method_of(mpp_optimizer_kind kind)
{
  assert((size_t)kind < METHODS);
  return methods[kind];
}

const mpp_optimizer_method *mpp_optimizer_method_named(const char *name)
{
  for (size_t i = 0; i < METHODS; i++) {
    if (strcmp(methods[i]->name, name) == 0) {
      return methods[i];
    }
  }
  return NULL;
}

size_t mpp_optimizer_vectors(const mpp_optimizer_method *method)
{
  size_t count = 0;
  while (count < MPP_OPTIMIZER_VECTORS && method->vector[count] != NULL) { count++; }
  return count;
}

/* ---- life ---- */

mpp_status mpp_optimizer_create(mpp_optimizer *o, const mpp_optimizer_method *method, size_t total,
                                const mpp_optimizer_settings *set)
{
  mpp_status st = MPP_OK;
  mpp_optimizer new = {.method = method, .clip = 1.0f, .total = total};
  for (size_t k = 0; k < mpp_optimizer_vectors(method); k++) {
    MPP_TRY(MPP_ALLOC(&new.vector[k], total));
  }
  memcpy(new.scalar, method->start, sizeof new.scalar);
  mpp_optimizer_set(&new, set);
  *o = new;
  new = (mpp_optimizer){0};
done:
  mpp_optimizer_destroy(&new);
  return st;
}

void mpp_optimizer_destroy(mpp_optimizer *o)
{
  for (size_t k = 0; k < MPP_OPTIMIZER_VECTORS; k++) { mpp_free(o->vector[k]); }
  *o = (mpp_optimizer){0};
}

void mpp_optimizer_set(mpp_optimizer *o, const mpp_optimizer_settings *set)
{
  const mpp_optimizer_method *m = o->method;
  o->set = *set;
  o->set.beta1 = set->beta1 < 0.0 ? m->beta1 : set->beta1;
  o->set.beta2 = set->beta2 < 0.0 ? m->beta2 : set->beta2;
  o->set.beta3 = set->beta3 < 0.0 ? m->beta3 : set->beta3;
  o->set.growth = set->growth > 0.0 ? set->growth : 1.05;
}

void mpp_optimizer_step(mpp_optimizer *o, float *weights, const float *gradients,
                        const mpp_params *params, const float *factors, double learning_rate)
{
  assert(params->total == o->total);
  o->step++;
  o->method->step(o, weights, gradients, params, factors, learning_rate);
  o->clip = 1.0f;
}

double mpp_dadapt_next(double d, double estimate, double growth)
{
  return fmax(d, fmin(estimate, d * growth));
}

/* ---- pieces ---- */

/* [first, last) of the flat array that piece `k` covers. */
static void piece_range(size_t *first, size_t *last, size_t total, size_t k)
{
  const size_t width = total / PIECES, rest = total % PIECES;
  *first = k * width + (k < rest ? k : rest);
  *last = *first + width + (k < rest ? 1 : 0);
}

static float factor_of(const float *factors, size_t entry)
{
  return factors != NULL ? factors[entry] : 1.0f;
}

/* The part of an entry that lies in [first, last); false if none of it is to be trained. */
static bool entry_range(size_t *begin, size_t *end, const mpp_params *params, size_t i,
                        const float *factors, size_t first, size_t last)
{
  const mpp_param *e = &params->entry[i];
  *begin = e->offset > first ? e->offset : first;
  *end = e->offset + e->count < last ? e->offset + e->count : last;
  return *begin < *end && e->used && factor_of(factors, i) > 0.0f;
}

void mpp_optimizer_walk(double sum[MPP_PIECE_SUMS], const mpp_params *params, const float *factors,
                        mpp_piece_update update, const void *context)
{
  double partial[PIECES][MPP_PIECE_SUMS] = {{0}};
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t k = 0; k < PIECES; k++) {
    size_t first, last, begin, end;
    piece_range(&first, &last, params->total, k);
    for (size_t i = 0; i < params->count; i++) {
      if (entry_range(&begin, &end, params, i, factors, first, last)) {
        update(context, begin, end, params->entry[i].decays, factor_of(factors, i), partial[k]);
      }
    }
  }
  for (size_t s = 0; sum != NULL && s < MPP_PIECE_SUMS; s++) {
    sum[s] = 0.0;
    for (size_t k = 0; k < PIECES; k++) { sum[s] += partial[k][s]; }
  }
}

double mpp_gradient_norm(const float *gradients, const mpp_params *params, const float *factors)
{
  double partial[PIECES];
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t k = 0; k < PIECES; k++) {
    size_t first, last, begin, end;
    double sum = 0.0;
    piece_range(&first, &last, params->total, k);
    for (size_t i = 0; i < params->count; i++) {
      if (entry_range(&begin, &end, params, i, factors, first, last)) {
#pragma omp simd reduction(+ : sum)
        for (size_t j = begin; j < end; j++) { sum += (double)gradients[j] * gradients[j]; }
      }
    }
    partial[k] = sum;
  }
  double sum = 0.0;
  for (size_t k = 0; k < PIECES; k++) { sum += partial[k]; }
  return sqrt(sum);
}

void mpp_optimizer_clip(mpp_optimizer *o, double norm, double limit)
{
  o->clip = 1.0f;
  if (limit > 0.0 && norm > limit) {
    o->clip = (float)(limit / (norm + 1e-6)); /* as torch's clip_grad_norm_ */
  }
}
