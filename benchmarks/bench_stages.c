/* bench_stages.c - where the time of a prediction and of a training step goes: each part of the
 * network in the order of avit.c, with the multiplications and additions of its products (a backward
 * pass counts twice those of its forward pass; what it computes again is not counted).
 *   bench_stages [SIZE [GRID [FRAMES [THREADS [REPEATS]]]]]     default: Ti 128 16 0 15
 * Prints, best of the repetitions: milliseconds, GFLOP, GFLOP/s. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "mpp/mpp.h"
#include "optimizer.h"
#include "rng.h"
#include "tape.h"
#include "threads.h"

enum { STEM, TIME, SPACE, DESTEM, STEM_BACK, TIME_BACK, SPACE_BACK, DESTEM_BACK, UPDATE, STAGES };
static const char *const names[STAGES] = {
    "stem",          "time blocks",           "space blocks",           "destem",
    "stem backward", "time blocks, backward", "space blocks, backward", "destem backward",
    "clip and AdamW"};

typedef struct bench {
  mpp_model *model;
  mpp_window_shape shape;
  float *x, *y, *gradients;
  mpp_optimizer optimizer;
  double seconds[STAGES], best[STAGES], work[STAGES];
  double start; /* of the stage that runs */
} bench;

static const mpp_optimizer_settings adamw = {
    .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8, .weight_decay = 1e-3};

static void stop(bench *b, int stage)
{
  const double now = mpp_clock();
  b->seconds[stage] += now - b->start;
  b->start = now;
}

static void forward(bench *b)
{
  mpp_tape *t = b->model->tape;
  const mpp_layout *l = b->model->params->layout;
  const float *w = b->model->weights;
  b->start = mpp_clock();
  mpp_stem_forward(t->tokens, &t->stem, b->x, t->mean, t->sd, w, &l->stem, &t->dims);
  stop(b, STEM);
  for (int i = 0; i < b->model->config.processor_blocks; i++) {
    mpp_time_forward(&t->time[i], w, &l->block[i], &t->dims, &t->scratch);
    stop(b, TIME);
    mpp_space_forward(&t->space[i], w, &l->block[i], &t->dims, &t->scratch);
    stop(b, SPACE);
  }
  mpp_destem_forward(t->net, &t->destem, w, &l->destem, &t->dims);
  stop(b, DESTEM);
}

static void backward(bench *b)
{
  mpp_tape *t = b->model->tape;
  const mpp_layout *l = b->model->params->layout;
  const mpp_dims *d = &t->dims;
  float *w = b->model->weights, *g = b->gradients;
  const size_t total = b->model->params->total, frame = d->B * d->s * d->width;
  const int blocks = b->model->config.processor_blocks;
  float *dlast = t->dtokens + (d->T - 1) * frame;
  memset(g, 0, total * sizeof *g);
  mpp_zero(t->dtokens, d->T * frame);
  b->start = mpp_clock();
  mpp_destem_backward(dlast, g, t->net, &t->destem, w, &l->destem, d);
  stop(b, DESTEM_BACK);
  for (int i = blocks - 1; i >= 0; i--) {
    mpp_time_output(&t->time[i], w, &l->block[i], d, &t->scratch);
    stop(b, TIME_BACK);
    mpp_space_backward(i + 1 == blocks ? dlast : t->dtokens, g, &t->space[i], w, &l->block[i], d,
                       &t->scratch);
    stop(b, SPACE_BACK);
    mpp_time_backward(t->dtokens, g, &t->time[i], w, &l->block[i], d, &t->scratch);
    stop(b, TIME_BACK);
  }
  mpp_stem_backward(g, t->dtokens, &t->stem, b->x, t->mean, t->sd, w, &l->stem, d);
  stop(b, STEM_BACK);
  const double norm = mpp_gradient_norm(g, b->model->params, NULL);
  mpp_gradient_clip(g, total, norm, 1.0);
  mpp_optimizer_step(&b->optimizer, w, g, b->model->params, NULL, 1e-6);
  stop(b, UPDATE);
}

/* Two operations for each multiplication of the products, attention's included. */
static void count_work(bench *b)
{
  const mpp_tape *t = b->model->tape;
  const mpp_dims *d = &t->dims;
  const double c = (double)d->width, s = (double)(d->B * d->s), T = (double)d->T;
  for (size_t i = 0; i < d->npatch; i++) {
    const double taps = (double)(d->factor[i] * d->factor[i]);
    const double in = (double)(i == 0 ? d->inputs : d->stem), out = (double)mpp_stage_width(d, i);
    const double above = (double)(i == 0 ? d->fields : d->stem);
    b->work[STEM] += 2.0 * T * (double)(d->B * d->cells[i + 1]) * taps * in * out;
    b->work[DESTEM] += 2.0 * (double)(d->B * d->cells[i + 1]) * taps * above * out;
  }
  for (int i = 0; i < b->model->config.processor_blocks; i++) {
    const double queries = (double)t->time[i].nq * s;
    const double axes = (double)(d->grid[d->npatch][1] + d->grid[d->npatch][2]);
    b->work[TIME] += 6.0 * T * s * c * c + 2.0 * queries * c * c + 4.0 * queries * T * c;
    b->work[SPACE] += 24.0 * queries * c * c + 4.0 * queries * axes * c;
  }
  for (int i = STEM; i <= DESTEM; i++) { b->work[STEM_BACK + i] = 2.0 * b->work[i]; }
}

static mpp_status prepare(bench *b, int size, size_t grid, size_t frames)
{
  mpp_status st = MPP_OK;
  mpp_model_config config;
  static const mpp_name free_columns[MPP_MAX_FIELDS] = {""};
  mpp_model_config_defaults(&config, (mpp_size)size);
  b->shape = (mpp_window_shape){.T = frames, .B = 1, .C = 4, .grid = {1, grid, grid}};
  for (int c = 0; c < 4; c++) { b->shape.column[c] = c; }
  b->shape.boundary[1] = b->shape.boundary[2] = MPP_PERIODIC;
  const size_t values = 4 * grid * grid;
  MPP_TRY(mpp_model_create(&b->model, &config, free_columns, 12, 1));
  MPP_TRY(MPP_ALLOC(&b->x, frames * values));
  MPP_TRY(MPP_ALLOC(&b->y, values));
  MPP_TRY(MPP_ALLOC(&b->gradients, b->model->params->total));
  MPP_TRY(mpp_optimizer_create(&b->optimizer, mpp_optimizer_method_of(MPP_OPTIMIZER_ADAMW),
                               b->model->params->total, &adamw));
  for (size_t i = 0; i < frames * values; i++) {
    b->x[i] = (float)mpp_rng_normal(1, MPP_STREAM_NOISE, i, 0);
  }
  MPP_TRY(mpp_predict_forward(b->model, b->y, b->x, &b->shape, true, NULL)); /* lays out the tape */
  count_work(b);
done:
  return st;
}

static mpp_status measure(bench *b, int repeats)
{
  mpp_status st = MPP_OK;
  for (int r = 0; r < repeats; r++) {
    memset(b->seconds, 0, sizeof b->seconds);
    forward(b);
    backward(b);
    for (int i = 0; i < STAGES; i++) {
      b->best[i] = r == 0 ? b->seconds[i] : fmin(b->best[i], b->seconds[i]);
    }
  }
  MPP_REQUIRE(isfinite(mpp_gradient_norm(b->gradients, b->model->params, NULL)), MPP_ERR_DIVERGED,
              "the gradient is not finite: it has no speed");
  double seconds = 0.0, work = 0.0;
  printf("%-24s %10s %10s %10s\n", "stage", "ms", "GFLOP", "GFLOP/s");
  for (int i = 0; i < STAGES; i++) {
    seconds += b->best[i];
    work += b->work[i];
    printf("%-24s %10.2f %10.2f %10.1f\n", names[i], 1e3 * b->best[i], 1e-9 * b->work[i],
           1e-9 * b->work[i] / b->best[i]);
    if (i == DESTEM || i == UPDATE) {
      printf("%-24s %10.2f %10.2f %10.1f\n", i == DESTEM ? "= forward" : "= step", 1e3 * seconds,
             1e-9 * work, 1e-9 * work / seconds);
    }
  }
done:
  return st;
}

/* Argument `i` as a number. */
static int number(int argc, char **argv, int i, int otherwise)
{
  return argc > i ? (int)strtol(argv[i], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
  mpp_status st = MPP_OK;
  bench b = {.model = NULL};
  const char *const sizes[] = {"Ti", "S", "B", "L"}, *wanted = argc > 1 ? argv[1] : sizes[0];
  int size = 0;
  while (size < 4 && strcmp(sizes[size], wanted) != 0) { size++; }
  const int grid = number(argc, argv, 2, 128), frames = number(argc, argv, 3, 16);
  const int repeats = number(argc, argv, 5, 15);
  MPP_REQUIRE(size < 4 && grid > 0 && frames > 0 && repeats > 0, MPP_ERR_USAGE,
              "bad value: see the head of bench_stages.c");
  mpp_set_threads(number(argc, argv, 4, 0));
  MPP_TRY(prepare(&b, (int)MPP_SIZE_TI + size, (size_t)grid, (size_t)frames));
  printf("%s, %d frames of %dx%d, 4 fields, %d threads\n", wanted, frames, grid, grid,
         mpp_get_threads());
  MPP_TRY(measure(&b, repeats));
done:
  if (st != MPP_OK) {
    fprintf(stderr, "bench_stages: %s\n", mpp_last_error());
  }
  mpp_optimizer_destroy(&b.optimizer);
  mpp_free(b.gradients);
  mpp_free(b.y);
  mpp_free(b.x);
  mpp_model_destroy(b.model);
  return mpp_status_exit_code(st);
}
