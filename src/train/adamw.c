/* adamw.c - AdamW (Loshchilov and Hutter, "Decoupled Weight Decay Regularization") in the order of
 * operations of torch.optim.AdamW. */
#include <math.h>

#include "optimizer_method.h"

/* What is the same for all elements of one step. */
typedef struct rates {
  float *w, *m, *v; /* whole arrays */
  const float *g;
  float clip;                                    /* of the gradients */
  float one_minus_beta1, beta2, one_minus_beta2; /* of the moments */
  float step_size;                               /* rate / (1 - beta1^t) */
  float root;                                    /* 1 / sqrt(1 - beta2^t) */
  float epsilon;
  float decay;
} rates;

/* One subtraction of both parts: a decay of 1e-8 would be lost in a factor 1 - 1e-8. Everything is
 * loaded before anything is stored, here and in the other methods: where the arrays lie a multiple
 * of 4096 bytes apart, a load waits for a store before it (measured: a fourth of the time). */
static void update(float *restrict w, float *restrict m, float *restrict v, const float *restrict g,
                   size_t n, float decay, const rates *r)
{
  for (size_t i = 0; i < n; i++) {
    const float gradient = r->clip * g[i], weight = w[i];
    const float mean = m[i] + r->one_minus_beta1 * (gradient - m[i]);
    const float square = r->beta2 * v[i] + r->one_minus_beta2 * gradient * gradient;
    w[i] = weight - (r->step_size * mean / (sqrtf(square) * r->root + r->epsilon) + decay * weight);
    m[i] = mean;
    v[i] = square;
  }
}

static void update_piece(const void *context, size_t begin, size_t end, bool decays, float factor,
                         double *sum)
{
  rates r = *(const rates *)context;
  (void)sum;
  r.step_size *= factor;
  r.decay *= factor;
  update(r.w + begin, r.m + begin, r.v + begin, r.g + begin, end - begin, decays ? r.decay : 0.0f,
         &r);
}

static void step(mpp_optimizer *o, float *weights, const float *gradients, const mpp_params *params,
                 const float *factors, double learning_rate)
{
  const double t = (double)o->step;
  const rates r = {.w = weights,
                   .m = o->vector[0],
                   .v = o->vector[1],
                   .g = gradients,
                   .clip = o->clip,
                   .one_minus_beta1 = (float)(1.0 - o->set.beta1),
                   .beta2 = (float)o->set.beta2,
                   .one_minus_beta2 = (float)(1.0 - o->set.beta2),
                   .step_size = (float)(learning_rate / (1.0 - pow(o->set.beta1, t))),
                   .root = (float)(1.0 / sqrt(1.0 - pow(o->set.beta2, t))),
                   .epsilon = (float)o->set.epsilon,
                   .decay = (float)(learning_rate * o->set.weight_decay)};
  mpp_optimizer_walk(NULL, params, factors, update_piece, &r);
}

const mpp_optimizer_method mpp_adamw_method = {.name = "adamw",
                                               .learning_rate = 1e-3,
                                               .beta1 = 0.9,
                                               .beta2 = 0.999,
                                               .vector = {"m", "v"},
                                               .step = step};
