/* plan_measure.c - real steps on random data, for a limited time. Windows move in time as data do,
 * so that what is fitted to them is fitted as ever. */
#include <math.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "memory.h"
#include "rng.h"
#include "threads.h"
#include "train_plan.h"

/* What a training takes that no step does: the caches of HDF5, the reading thread, the buffers and
 * the header of a checkpoint. Measured: 2.4 to 3.9 MiB over seven runs, nano to S. */
static const size_t beside_steps = (size_t)3 << 20;

/* One network at work. */
typedef struct bench {
  mpp_model *model;
  float *x, *y;
  float *sum; /* of gradients [params->total]; NULL: those of one micro-batch */
  mpp_micro_work work;
  mpp_objective objective;
  mpp_window_fit **fit; /* [B] */
  mpp_window_shape shape;
} bench;

static void fill(float *x, size_t frames, size_t frame)
{
#pragma omp parallel for num_threads(mpp_threads()) schedule(static)
  for (size_t i = 0; i < frame; i++) {
    const double phase = 6.0 * mpp_rng_uniform(1, MPP_STREAM_NOISE, i, 0);
    for (size_t t = 0; t < frames; t++) {
      x[t * frame + i] = (float)(1.5 + sin(phase + 0.1 * (double)t));
    }
  }
}

static void close_window(bench *b)
{
  for (size_t i = 0; b->fit != NULL && i < b->shape.B; i++) { mpp_window_fit_destroy(b->fit[i]); }
  mpp_free(b->fit);
  mpp_free(b->x);
  mpp_free(b->y);
  b->fit = NULL;
  b->x = b->y = NULL;
}

static mpp_status open_window(bench *b, const mpp_window_shape *shape)
{
  mpp_status st = MPP_OK;
  const size_t frame = shape->B * shape->C * shape->grid[0] * shape->grid[1] * shape->grid[2];
  b->shape = *shape;
  MPP_TRY(MPP_ALLOC(&b->x, (shape->T + 1) * frame));
  MPP_TRY(MPP_ALLOC(&b->y, frame));
  MPP_TRY(mpp_alloc((void **)&b->fit, shape->B, sizeof(void *)));
  fill(b->x, shape->T + 1, frame);
  MPP_TRY(mpp_predict_fit(b->fit, b->model, b->x, shape));
done:
  return st;
}

static mpp_status train_once(double *seconds, bench *b, uint64_t position)
{
  mpp_status st = MPP_OK;
  double loss = 0.0, nrmse = 0.0;
  const double begin = mpp_clock();
  MPP_TRY(mpp_micro_batch(&loss, &nrmse, b->sum, b->model, &b->work, b->x, NULL, b->fit, &b->shape,
                          &b->objective, position, 1.0));
  *seconds = mpp_clock() - begin;
done:
  return st;
}

/* Seconds of a micro-batch: the mean after a first one, which touches its memory. */
static mpp_status time_batches(double *seconds, size_t *measured, bench *b, double limit)
{
  mpp_status st = MPP_OK;
  double sum = 0.0, one = 0.0, first = 0.0;
  size_t n = 0;
  const double begin = mpp_clock();
  MPP_TRY(train_once(&first, b, 0));
  while (first <= limit && (n == 0 || mpp_clock() - begin + one < limit)) {
    MPP_TRY(train_once(&one, b, n + 1));
    sum += one;
    n++;
  }
  *seconds = n > 0 ? sum / (double)n : first;
  *measured += n > 0 ? n : 1;
done:
  return st;
}

/* Seconds of a micro-batch of one shape, rolled ahead by so many steps in the mean. Where the time
 * does not reach for the whole batch, one window stands for each of them. */
static mpp_status time_shape(double *seconds, size_t *measured, bench *b,
                             const mpp_window_shape *shape, double limit, double ahead)
{
  mpp_status st = MPP_OK;
  double step = 0.0, rolling = 0.0, windows = (double)shape->B;
  size_t single = 0;
  mpp_window_shape one = *shape;
  one.B = 1;
  MPP_TRY(open_window(b, &one));
  MPP_TRY(time_batches(&step, &single, b, 0.2 * limit));
  if (windows * step < 0.3 * limit) {
    close_window(b);
    MPP_TRY(open_window(b, shape));
    MPP_TRY(time_batches(&step, measured, b, 0.6 * limit));
    windows = 1.0;
  } else {
    *measured += single;
  }
  if (ahead > 0.0) { /* a step of a forecast */
    const double start = mpp_clock();
    MPP_TRY(mpp_predict_forward_fitted(b->model, b->y, b->x, &b->shape, b->fit, false, NULL));
    rolling = mpp_clock() - start;
  }
  *seconds = windows * (step + ahead * rolling);
done:
  close_window(b);
  return st;
}

/* Clipping and an update. */
static mpp_status time_update(double *seconds, bench *b, const mpp_train_options *o)
{
  mpp_status st = MPP_OK;
  mpp_optimizer optimizer = {.method = NULL};
  const mpp_params *params = b->model->params;
  float *gradients = NULL; /* zeros: what they are takes no time */
  const mpp_optimizer_settings set = {.beta1 = o->beta1,
                                      .beta2 = o->beta2,
                                      .beta3 = o->beta3,
                                      .epsilon = o->epsilon,
                                      .weight_decay = o->weight_decay};
  MPP_TRY(mpp_optimizer_create(
      &optimizer, mpp_optimizer_method_of((mpp_optimizer_kind)o->optimizer), params->total, &set));
  MPP_TRY(MPP_ALLOC(&gradients, params->total));
  for (int i = 0; i < 2; i++) { /* the first touches the memory */
    const double begin = mpp_clock();
    const double norm = mpp_gradient_norm(gradients, params, NULL);
    mpp_optimizer_clip(&optimizer, norm, o->clip);
    mpp_optimizer_step(&optimizer, b->model->weights, gradients, params, NULL, 1e-6);
    *seconds = mpp_clock() - begin;
  }
done:
  mpp_free(gradients);
  mpp_optimizer_destroy(&optimizer);
  return st;
}

mpp_status mpp_plan_library(size_t *bytes, const mpp_model *model, const mpp_train_options *o)
{
  static const mpp_name names[] = {"plan:0"};
  const mpp_window_shape shape = {.T = 2, .B = 1, .C = 1, .grid = {1, 16, 16}};
  mpp_status st = MPP_OK;
  double seconds = 0.0;
  bench b = {.objective = {.unroll = 1}};
  mpp_model_config config;
  mpp_model_config_defaults(&config, MPP_SIZE_NANO);
  config.npatch = 1;
  config.processor_blocks = 1;
  config.mode = model->config.mode;
  MPP_TRY(mpp_model_create(&b.model, &config, names, 1, 1));
  b.model->gradients_within = true;
  MPP_TRY(open_window(&b, &shape));
  MPP_TRY(train_once(&seconds, &b, 0));
  MPP_TRY(time_update(&seconds, &b, o));
done:
  close_window(&b);
  mpp_micro_work_free(&b.work);
  mpp_model_destroy(b.model);
  if (st == MPP_OK) {
    /* the kernel adds up what stands in "status" late, by megabytes where there are many cores */
    const size_t resident =
        mpp_memory_line("/proc/self/smaps_rollup", "Rss", mpp_memory_look().resident);
    const size_t loaded =
        model->weights != NULL ? model->params->total * sizeof *model->weights : 0;
    *bytes = (resident > loaded ? resident - loaded : 0) + beside_steps;
  }
  return st;
}

mpp_status mpp_plan_measure(mpp_plan *out, mpp_planner *p)
{
  mpp_status st = MPP_OK;
  const mpp_train_options *o = &p->trainer->options;
  bench b = {.objective = {.loss = (mpp_loss_kind)o->loss,
                           .unroll = 1,
                           .noise = o->noise,
                           .jitter = o->jitter,
                           .drop_path = o->drop_path,
                           .seed = 1}};
  mpp_model *own = NULL;
  double update = 0.0, micro = 0.0;
  size_t measured = 0;
  const double ahead = 0.5 * (double)(o->unroll - 1);
  if (p->model->weights == NULL) {
    MPP_TRY(mpp_model_create(&own, &p->model->config, (const mpp_name *)p->model->vocabulary,
                             p->model->n_states, 1));
  }
  b.model = own != NULL ? own : p->model;
  b.model->recompute = out->recompute;
  MPP_TRY(mpp_model_set_precision(b.model, (mpp_precision)o->precision));
  b.model->gradients_within = out->accumulate == 1;
  if (!b.model->gradients_within) {
    MPP_TRY(MPP_ALLOC(&b.sum, b.model->params->total));
  }
  for (size_t i = 0; i < p->count; i++) {
    double seconds = 0.0;
    mpp_window_shape shape = p->source[i].shape;
    shape.B = (size_t)out->batch;
    MPP_TRY(
        time_shape(&seconds, &measured, &b, &shape, p->request->seconds / (double)p->count, ahead));
    micro += p->source[i].share * seconds;
  }
  MPP_TRY(time_update(&update, &b, o));
  out->seconds = (double)out->accumulate * micro + update;
  out->measured = measured;
done:
  close_window(&b);
  mpp_micro_work_free(&b.work);
  mpp_free(b.sum);
  mpp_model_destroy(own);
  return st;
}
