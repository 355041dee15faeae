/* dadapt_adam.c - Adam whose step size finds itself: D-Adaptation (Defazio and Mishchenko,
 * "Learning-Rate-Free Learning by D-Adaptation") as the package dadaptation's DAdaptAdam with
 * decoupled decay. d, a lower bound of the distance to the solution, multiplies the rate; it only
 * grows. A step uses the d of the steps before it, so that one pass over the arrays does both the
 * update and the sums of the next d. */
#include <math.h>

#include "optimizer_method.h"

enum { MEAN, SQUARE, SUM };
enum { D, NUMERATOR };
enum { NUMERATOR_SUM, LENGTH_SUM };

/* What is the same for all elements of one step. */
typedef struct rates {
  float *w, *m, *v, *s; /* whole arrays */
  const float *g;
  float clip;             /* of the gradients */
  float beta1, of_m;      /* of_m: (1 - beta1) d rate; m holds steps, not gradients */
  float beta2, of_v;      /* of_v: 1 - beta2 */
  float sqrt_beta2, of_s; /* of_s: (1 - sqrt(beta2)) d rate */
  float epsilon, decay;
} rates;

static void update(float *restrict w, float *restrict m, float *restrict v, float *restrict s,
                   const float *restrict g, size_t n, float decay, const rates *r, double *sum)
{
  double dot = 0.0, length = 0.0;
#pragma omp simd reduction(+ : dot, length)
  for (size_t i = 0; i < n; i++) {
    const float gradient = r->clip * g[i], weight = w[i];
    const float mean = r->beta1 * m[i] + r->of_m * gradient;
    const float square = r->beta2 * v[i] + r->of_v * gradient * gradient;
    const float past = r->sqrt_beta2 * s[i] + r->of_s * gradient;
    dot += (double)(gradient * s[i] / (sqrtf(v[i]) + r->epsilon));
    length += (double)fabsf(past);
    w[i] = weight - (mean / (sqrtf(square) + r->epsilon) + decay * weight);
    m[i] = mean;
    v[i] = square;
    s[i] = past;
  }
  sum[NUMERATOR_SUM] += dot;
  sum[LENGTH_SUM] += length;
}

static void update_piece(const void *context, size_t begin, size_t end, bool decays, float factor,
                         double *sum)
{
  const rates *r = context;
  (void)factor; /* one d for all: settings with another factor than 1 are refused */
  update(r->w + begin, r->m + begin, r->v + begin, r->s + begin, r->g + begin, end - begin,
         decays ? r->decay : 0.0f, r, sum);
}

static void step(mpp_optimizer *o, float *weights, const float *gradients, const mpp_params *params,
                 const float *factors, double learning_rate)
{
  const mpp_optimizer_settings *set = &o->set;
  const double rate = o->scalar[D] * learning_rate, sqrt_beta2 = sqrt(set->beta2);
  double sum[MPP_PIECE_SUMS];
  const rates r = {.w = weights,
                   .m = o->vector[MEAN],
                   .v = o->vector[SQUARE],
                   .s = o->vector[SUM],
                   .g = gradients,
                   .clip = o->clip,
                   .beta1 = (float)set->beta1,
                   .of_m = (float)((1.0 - set->beta1) * rate),
                   .beta2 = (float)set->beta2,
                   .of_v = (float)(1.0 - set->beta2),
                   .sqrt_beta2 = (float)sqrt_beta2,
                   .of_s = (float)((1.0 - sqrt_beta2) * rate),
                   .epsilon = (float)set->epsilon,
                   .decay = (float)(rate * set->weight_decay)};
  mpp_optimizer_walk(sum, params, factors, update_piece, &r);
  if (sum[LENGTH_SUM] > 0.0) { /* 0: no gradient yet, or a rate of 0 */
    o->scalar[NUMERATOR] =
        sqrt_beta2 * o->scalar[NUMERATOR] + (1.0 - sqrt_beta2) * rate * sum[NUMERATOR_SUM];
    o->scalar[D] = mpp_dadapt_next(
        o->scalar[D], o->scalar[NUMERATOR] / ((1.0 - sqrt_beta2) * sum[LENGTH_SUM]), set->growth);
  }
}

const mpp_optimizer_method mpp_dadapt_adam_method = {
    .name = "dadapt-adam",
    .learning_rate = 1.0,
    .beta1 = 0.9,
    .beta2 = 0.999,
    .vector = {"m", "v", "s"},
    .scalar = {"train_dadapt_d", "train_dadapt_numerator"},
    .start = {1e-6, 0.0},
    .step = step};
