/* adan.c - Adan (Xie, Zhou, Li, Lin and Yan, "Adan: Adaptive Nesterov Momentum Algorithm"), as the
 * package adan-pytorch does it: the first step only remembers its gradient, corrections for the
 * zeros that the means start from, decay by a division after the step. */
#include <math.h>

#include "optimizer_method.h"

enum { MEAN, DIFFERENCE, SQUARE, BEFORE };

/* What is the same for all elements of one step. */
typedef struct rates {
  float *w, *m, *v, *n, *before; /* whole arrays */
  const float *g;
  float clip;                                              /* of the gradients */
  float one_minus_beta1, one_minus_beta2, one_minus_beta3; /* of the three means; 0 at the start */
  float beta2, beta3;
  float of_m, of_v, root; /* corrections: rate on m and on v, 1 / sqrt(1 - beta3^t) */
  float epsilon, decay;
} rates;

static void update(float *restrict w, float *restrict m, float *restrict v, float *restrict n,
                   float *restrict before, const float *restrict g, size_t count, float decay,
                   const rates *r)
{
  const float keep = 1.0f / (1.0f + decay);
  const float lost = decay * keep; /* w / (1 + decay) = w - lost w, which keeps a small decay */
  for (size_t i = 0; i < count; i++) {
    const float gradient = r->clip * g[i], weight = w[i];
    const float difference = gradient - before[i];
    const float ahead = gradient + r->beta2 * difference;
    const float mean = m[i] + r->one_minus_beta1 * (gradient - m[i]);
    const float change = v[i] + r->one_minus_beta2 * (difference - v[i]);
    const float square = r->beta3 * n[i] + r->one_minus_beta3 * ahead * ahead;
    const float move = (r->of_m * mean + r->of_v * change) / (sqrtf(square) * r->root + r->epsilon);
    w[i] = weight - (keep * move + lost * weight);
    m[i] = mean;
    v[i] = change;
    n[i] = square;
    before[i] = gradient;
  }
}

static void update_piece(const void *context, size_t begin, size_t end, bool decays, float factor,
                         double *sum)
{
  rates r = *(const rates *)context;
  (void)sum;
  r.of_m *= factor;
  r.of_v *= factor;
  r.decay *= factor;
  update(r.w + begin, r.m + begin, r.v + begin, r.n + begin, r.before + begin, r.g + begin,
         end - begin, decays ? r.decay : 0.0f, &r);
}

static void step(mpp_optimizer *o, float *weights, const float *gradients, const mpp_params *params,
                 const float *factors, double learning_rate)
{
  const mpp_optimizer_settings *s = &o->set;
  const double t = (double)o->step;
  const bool first = o->step == 1; /* there is no difference yet: the means stay zero */
  const rates r = {.w = weights,
                   .m = o->vector[MEAN],
                   .v = o->vector[DIFFERENCE],
                   .n = o->vector[SQUARE],
                   .before = o->vector[BEFORE],
                   .g = gradients,
                   .clip = o->clip,
                   .one_minus_beta1 = first ? 0.0f : (float)(1.0 - s->beta1),
                   .one_minus_beta2 = first ? 0.0f : (float)(1.0 - s->beta2),
                   .one_minus_beta3 = first ? 0.0f : (float)(1.0 - s->beta3),
                   .beta2 = (float)s->beta2,
                   .beta3 = (float)s->beta3,
                   .of_m = (float)(learning_rate / (1.0 - pow(s->beta1, t))),
                   .of_v = (float)(learning_rate * s->beta2 / (1.0 - pow(s->beta2, t))),
                   .root = (float)(1.0 / sqrt(1.0 - pow(s->beta3, t))),
                   .epsilon = (float)s->epsilon,
                   .decay = (float)(learning_rate * s->weight_decay)};
  mpp_optimizer_walk(NULL, params, factors, update_piece, &r);
}

const mpp_optimizer_method mpp_adan_method = {.name = "adan",
                                              .learning_rate = 1e-3,
                                              .beta1 = 0.98,
                                              .beta2 = 0.92,
                                              .beta3 = 0.99,
                                              .vector = {"m", "v", "n", "before"},
                                              .step = step};
