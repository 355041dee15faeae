/* sgd.c - gradient descent with momentum in the form of torch.optim.SGD (the sum of past gradients
 * holds no factor 1 - momentum), with the decoupled decay of the other methods. beta1 is the
 * momentum. */
#include "optimizer_method.h"

/* What is the same for all elements of one step. */
typedef struct rates {
  float *w, *m; /* whole arrays */
  const float *g;
  float clip; /* of the gradients */
  float momentum, rate, decay;
} rates;

static void update(float *restrict w, float *restrict m, const float *restrict g, size_t n,
                   float decay, const rates *r)
{
  for (size_t i = 0; i < n; i++) {
    m[i] = r->momentum * m[i] + r->clip * g[i];
    w[i] -= r->rate * m[i] + decay * w[i];
  }
}

static void update_piece(const void *context, size_t begin, size_t end, bool decays, float factor,
                         double *sum)
{
  rates r = *(const rates *)context;
  (void)sum;
  r.rate *= factor;
  r.decay *= factor;
  update(r.w + begin, r.m + begin, r.g + begin, end - begin, decays ? r.decay : 0.0f, &r);
}

static void step(mpp_optimizer *o, float *weights, const float *gradients, const mpp_params *params,
                 const float *factors, double learning_rate)
{
  const rates r = {.w = weights,
                   .m = o->vector[0],
                   .g = gradients,
                   .clip = o->clip,
                   .momentum = (float)o->set.beta1,
                   .rate = (float)learning_rate,
                   .decay = (float)(learning_rate * o->set.weight_decay)};
  mpp_optimizer_walk(NULL, params, factors, update_piece, &r);
}

const mpp_optimizer_method mpp_sgd_method = {
    .name = "sgd", .learning_rate = 1e-2, .beta1 = 0.9, .vector = {"m"}, .step = step};
