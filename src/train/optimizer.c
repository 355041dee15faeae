/* optimizer.c - AdamW (Loshchilov and Hutter, "Decoupled Weight Decay Regularization") in the order
 * of operations of torch.optim.AdamW. Arrays are walked in a fixed number of pieces, so that every
 * element meets the same instructions, and every sum the same order, for any number of threads. */
#include "optimizer.h"

#include <assert.h>
#include <math.h>

#include "alloc.h"
#include "check.h"
#include "threads.h"

enum { PIECES = 256 };

/* [first, last) of the flat array that piece `k` covers. */
static void piece_range(size_t *first, size_t *last, size_t total, size_t k)
{
  const size_t width = total / PIECES, rest = total % PIECES;
  *first = k * width + (k < rest ? k : rest);
  *last = *first + width + (k < rest ? 1 : 0);
}

/* The part of an entry that lies in [first, last); false if none of it is to be trained. */
static bool entry_range(size_t *begin, size_t *end, const mpp_params *params, size_t i,
                        const bool *trainable, size_t first, size_t last)
{
  const mpp_param *e = &params->entry[i];
  *begin = e->offset > first ? e->offset : first;
  *end = e->offset + e->count < last ? e->offset + e->count : last;
  return *begin < *end && e->used && (trainable == NULL || trainable[i]);
}

mpp_status mpp_adamw_create(mpp_adamw *o, size_t total, double beta1, double beta2, double epsilon,
                            double weight_decay)
{
  mpp_status st = MPP_OK;
  mpp_adamw new = {.beta1 = beta1,
                   .beta2 = beta2,
                   .epsilon = epsilon,
                   .weight_decay = weight_decay,
                   .total = total};
  MPP_TRY(MPP_ALLOC(&new.m, total));
  MPP_TRY(MPP_ALLOC(&new.v, total));
  *o = new;
  new = (mpp_adamw){0};
done:
  mpp_adamw_destroy(&new);
  return st;
}

void mpp_adamw_destroy(mpp_adamw *o)
{
  mpp_free(o->m);
  mpp_free(o->v);
  *o = (mpp_adamw){0};
}

/* What is the same for all elements of one step. */
typedef struct rates {
  float one_minus_beta1, beta2, one_minus_beta2; /* of the moments */
  float step_size;                               /* rate / (1 - beta1^t) */
  float root;                                    /* 1 / sqrt(1 - beta2^t) */
  float epsilon;
} rates;

/* One subtraction of both parts: a decay of 1e-8 would be lost in a factor 1 - 1e-8. */
static void update(float *restrict w, float *restrict m, float *restrict v, const float *restrict g,
                   size_t n, float decay, const rates *r)
{
  for (size_t i = 0; i < n; i++) {
    m[i] += r->one_minus_beta1 * (g[i] - m[i]);
    v[i] = r->beta2 * v[i] + r->one_minus_beta2 * g[i] * g[i];
    w[i] -= r->step_size * m[i] / (sqrtf(v[i]) * r->root + r->epsilon) + decay * w[i];
  }
}

void mpp_adamw_step(mpp_adamw *o, float *weights, const float *gradients, const mpp_params *params,
                    const bool *trainable, double learning_rate)
{
  assert(params->total == o->total);
  o->step++;
  const double t = (double)o->step;
  const rates r = {.one_minus_beta1 = (float)(1.0 - o->beta1),
                   .beta2 = (float)o->beta2,
                   .one_minus_beta2 = (float)(1.0 - o->beta2),
                   .step_size = (float)(learning_rate / (1.0 - pow(o->beta1, t))),
                   .root = (float)(1.0 / sqrt(1.0 - pow(o->beta2, t))),
                   .epsilon = (float)o->epsilon};
  const float decay = (float)(learning_rate * o->weight_decay);
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t k = 0; k < PIECES; k++) {
    size_t first, last, begin, end;
    piece_range(&first, &last, params->total, k);
    for (size_t i = 0; i < params->count; i++) {
      if (entry_range(&begin, &end, params, i, trainable, first, last)) {
        update(weights + begin, o->m + begin, o->v + begin, gradients + begin, end - begin,
               params->entry[i].decays ? decay : 0.0f, &r);
      }
    }
  }
}

double mpp_gradient_norm(const float *gradients, const mpp_params *params, const bool *trainable)
{
  double partial[PIECES];
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t k = 0; k < PIECES; k++) {
    size_t first, last, begin, end;
    double sum = 0.0;
    piece_range(&first, &last, params->total, k);
    for (size_t i = 0; i < params->count; i++) {
      if (entry_range(&begin, &end, params, i, trainable, first, last)) {
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

void mpp_gradient_clip(float *gradients, size_t total, double norm, double limit)
{
  if (limit > 0.0 && norm > limit) {
    const float factor = (float)(limit / (norm + 1e-6)); /* as torch's clip_grad_norm_ */
#pragma omp parallel for simd schedule(static) num_threads(mpp_threads())
    for (size_t i = 0; i < total; i++) { gradients[i] *= factor; }
  }
}
