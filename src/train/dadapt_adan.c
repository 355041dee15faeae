/* dadapt_adan.c - Adan whose step size finds itself: D-Adaptation (Defazio and Mishchenko,
 * "Learning-Rate-Free Learning by D-Adaptation") as the package dadaptation's DAdaptAdan: without
 * corrections for the zeros that the means start from, decay by a division after the step. As in
 * dadapt_adam.c, one pass does the update and the sums of the next d. */
#include <math.h>

#include "optimizer_method.h"

enum { MEAN, DIFFERENCE, SQUARE, SUM, BEFORE };
enum { D, GRADIENTS };
enum { GRADIENT_SUM, SQUARE_SUM, LENGTH_SUM };

/* What is the same for all elements of one step. */
typedef struct rates {
  float *w, *m, *v, *n, *s, *before; /* whole arrays */
  const float *g;
  float clip;        /* of the gradients */
  float beta1, of_m; /* of_m: (1 - beta1) d rate; m and v hold steps, not gradients */
  float beta2, of_v; /* of_v: (1 - beta2) d rate */
  float beta3, of_n; /* of_n: 1 - beta3 */
  float of_s;        /* (1 - beta3) d rate */
  float epsilon, decay;
  float has_before; /* 0 in the first step: its gradient stands for the one before */
} rates;

static void update(float *restrict w, float *restrict m, float *restrict v, float *restrict n,
                   float *restrict s, float *restrict before, const float *restrict g, size_t count,
                   float decay, const rates *r, double *sum)
{
  const float keep = 1.0f / (1.0f + decay);
  const float lost = decay * keep; /* w / (1 + decay) = w - lost w, which keeps a small decay */
  double energy = 0.0, path = 0.0, length = 0.0;
#pragma omp simd reduction(+ : energy, path, length)
  for (size_t i = 0; i < count; i++) {
    const float gradient = r->clip * g[i], weight = w[i];
    const float difference = r->has_before * (gradient - before[i]);
    const float ahead = gradient + r->beta2 * difference;
    const float mean = r->beta1 * m[i] + r->of_m * gradient;
    const float change = r->beta2 * v[i] + r->of_v * difference;
    const float square = r->beta3 * n[i] + r->of_n * ahead * ahead;
    const float past = r->beta3 * s[i] + r->of_s * gradient;
    const float scale = 1.0f / (sqrtf(square) + r->epsilon);
    energy += (double)(gradient * scale) * (double)gradient;
    path += (double)(past * scale) * (double)past;
    length += (double)fabsf(past);
    w[i] = weight - (keep * (mean + r->beta2 * change) * scale + lost * weight);
    m[i] = mean;
    v[i] = change;
    n[i] = square;
    s[i] = past;
    before[i] = gradient;
  }
  sum[GRADIENT_SUM] += energy;
  sum[SQUARE_SUM] += path;
  sum[LENGTH_SUM] += length;
}

static void update_piece(const void *context, size_t begin, size_t end, bool decays, float factor,
                         double *sum)
{
  const rates *r = context;
  (void)factor; /* one d for all: settings with another factor than 1 are refused */
  update(r->w + begin, r->m + begin, r->v + begin, r->n + begin, r->s + begin, r->before + begin,
         r->g + begin, end - begin, decays ? r->decay : 0.0f, r, sum);
}

/* The next d, from the sums of a step that was done with d * learning rate = rate. */
static void adapt(mpp_optimizer *o, const double sum[MPP_PIECE_SUMS], double rate)
{
  const double beta3 = o->set.beta3;
  if (sum[LENGTH_SUM] > 0.0) { /* 0: no gradient yet, or a rate of 0 */
    o->scalar[GRADIENTS] =
        beta3 * o->scalar[GRADIENTS] + (1.0 - beta3) * rate * rate * sum[GRADIENT_SUM];
    o->scalar[D] = mpp_dadapt_next(
        o->scalar[D], (sum[SQUARE_SUM] / (1.0 - beta3) - o->scalar[GRADIENTS]) / sum[LENGTH_SUM],
        o->set.growth);
  }
}

static void step(mpp_optimizer *o, float *weights, const float *gradients, const mpp_params *params,
                 const float *factors, double learning_rate)
{
  const mpp_optimizer_settings *set = &o->set;
  const double rate = o->scalar[D] * learning_rate;
  double sum[MPP_PIECE_SUMS];
  const rates r = {.w = weights,
                   .m = o->vector[MEAN],
                   .v = o->vector[DIFFERENCE],
                   .n = o->vector[SQUARE],
                   .s = o->vector[SUM],
                   .before = o->vector[BEFORE],
                   .g = gradients,
                   .clip = o->clip,
                   .beta1 = (float)set->beta1,
                   .of_m = (float)((1.0 - set->beta1) * rate),
                   .beta2 = (float)set->beta2,
                   .of_v = (float)((1.0 - set->beta2) * rate),
                   .beta3 = (float)set->beta3,
                   .of_n = (float)(1.0 - set->beta3),
                   .of_s = (float)((1.0 - set->beta3) * rate),
                   .epsilon = (float)set->epsilon,
                   .decay = (float)(rate * set->weight_decay),
                   .has_before = o->step > 1 ? 1.0f : 0.0f};
  mpp_optimizer_walk(sum, params, factors, update_piece, &r);
  adapt(o, sum, rate);
}

const mpp_optimizer_method mpp_dadapt_adan_method = {
    .name = "dadapt-adan",
    .learning_rate = 1.0,
    .beta1 = 0.98,
    .beta2 = 0.92,
    .beta3 = 0.99,
    .vector = {"m", "v", "n", "s", "before"},
    .scalar = {"train_dadapt_d", "train_dadapt_numerator"},
    .start = {1e-6, 0.0},
    .step = step};
