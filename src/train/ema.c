/* ema.c - exponential moving average of the weights (Polyak averaging with forgetting). */
#include "ema.h"

#include <math.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "threads.h"

mpp_status mpp_ema_create(mpp_ema *e, const float *weights, size_t total, double decay)
{
  mpp_status st = MPP_OK;
  mpp_ema new = {.decay = decay, .total = total};
  MPP_TRY(MPP_ALLOC(&new.mean, total));
  memcpy(new.mean, weights, total * sizeof *weights);
  *e = new;
done:
  return st;
}

void mpp_ema_destroy(mpp_ema *e)
{
  mpp_free(e->mean);
  *e = (mpp_ema){0};
}

void mpp_ema_update(mpp_ema *e, const float *weights, uint64_t updates)
{
  const double t = (double)updates;
  const float share = (float)(1.0 - fmin(e->decay, (1.0 + t) / (10.0 + t)));
  float *mean = e->mean;
#pragma omp parallel for simd schedule(static) num_threads(mpp_threads())
  for (size_t i = 0; i < e->total; i++) { mean[i] += share * (weights[i] - mean[i]); }
}
