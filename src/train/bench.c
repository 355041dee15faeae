/* bench.c - times predictions and training steps of a network on random data, and the products that
 * they are made of alone. */
#include "mpp/bench.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "alloc.h"
#include "blas.h"
#include "blocks.h"
#include "check.h"
#include "gemm_kernel.h"
#include "micro_batch.h"
#include "optimizer.h"
#include "rng.h"
#include "threads.h"

#define AT(member) offsetof(mpp_bench_options, member)

/* clang-format off */
const mpp_option mpp_bench_table[] = {
  {"size", 0, MPP_OPT_CHOICE, AT(size), "Ti", .choices = MPP_SIZE_CHOICES,
   .help = "width, heads and blocks of the network"},
  {"mode", 0, MPP_OPT_CHOICE, AT(mode), "frame", .choices = MPP_MODE_CHOICES,
   .help = "what the network predicts"},
  {"precision", 0, MPP_OPT_CHOICE, AT(precision), "float32", .choices = MPP_PRECISION_CHOICES,
   .help = "of the products inside the network"},
  {"grid", 0, MPP_OPT_INTS, AT(grid), "128", .min = 1, .max = 65536, .arg = "N,...",
   .help = "cells: one number for a square, or those of each axis"},
  {"frames", 0, MPP_OPT_LONG, AT(frames), "16", .min = 1, .max = 65536, .arg = "T",
   .help = "frames of a window"},
  {"batch", 0, MPP_OPT_LONG, AT(batch), "1", .min = 1, .max = 65535, .arg = "N",
   .help = "windows at a time"},
  {"fields", 0, MPP_OPT_LONG, AT(fields), "4", .min = 1, .max = MPP_MAX_FIELDS, .arg = "N",
   .help = "fields of a window"},
  {"repeat", 0, MPP_OPT_LONG, AT(repeat), "5", .min = 1, .max = 100000, .arg = "N",
   .help = "predictions, and steps, that are timed"},
  {"threads", 't', MPP_OPT_LONG, AT(threads), "0", .min = 0, .max = 4096, .arg = "N",
   .help = "threads; 0: as many as OpenMP takes"},
  {"stages", 0, MPP_OPT_FLAG, AT(stages), .help = "operations, bytes and time of each stage too"},
  {"json", 0, MPP_OPT_FLAG, AT(json), .help = "report as JSON"},
  {.name = NULL},
};
/* clang-format on */

enum { COLUMNS_LEAST = 12 }; /* of the embedding, as the published models have */

typedef struct bench {
  const mpp_bench_options *options;
  mpp_bench_report report;
  mpp_model *model;
  mpp_optimizer optimizer;
  mpp_micro_work work;
  mpp_stage_clock clock;
  float *x, *y;    /* [T + 1, B, C, S], [B, C, S] */
  double *seconds; /* [repeat] */
} bench;

static mpp_status shape_of(mpp_window_shape *s, const mpp_bench_options *o)
{
  mpp_status st = MPP_OK;
  const size_t axes = o->grid.count == 1 ? 2 : o->grid.count;
  MPP_REQUIRE(axes >= 1 && axes <= 3, MPP_ERR_CONFIG, "grid: found %zu axes, expected 1 to 3",
              o->grid.count);
  *s = (mpp_window_shape){.T = (size_t)o->frames, .B = (size_t)o->batch, .C = (size_t)o->fields};
  for (size_t a = 0; a < 3; a++) {
    const bool present = a + axes >= 3;
    s->grid[a] = present ? (size_t)o->grid.item[o->grid.count == 1 ? 0 : a + axes - 3] : 1;
    s->boundary[a] = MPP_PERIODIC;
  }
  for (size_t c = 0; c < s->C; c++) { s->column[c] = (int)c; }
done:
  return st;
}

static void fill(float *x, size_t n)
{
#pragma omp parallel for num_threads(mpp_threads()) schedule(static)
  for (size_t i = 0; i < n; i++) { x[i] = (float)mpp_rng_normal(1, MPP_STREAM_NOISE, i, 0); }
}

static mpp_status prepare(bench *b)
{
  mpp_status st = MPP_OK;
  static const mpp_name free_columns[MPP_MAX_FIELDS] = {""};
  const mpp_bench_options *o = b->options;
  const size_t columns = o->fields > COLUMNS_LEAST ? (size_t)o->fields : COLUMNS_LEAST;
  mpp_window_shape *s = &b->report.shape;
  mpp_model_config config;
  mpp_model_config_defaults(&config, (mpp_size)o->size);
  config.mode = (mpp_mode)o->mode;
  MPP_TRY(shape_of(s, o));
  MPP_TRY(mpp_cost_of(&b->report.cost, &config, columns, s));
  const size_t frame = s->B * s->C * s->grid[0] * s->grid[1] * s->grid[2];
  const size_t total = b->report.cost.parameters;
  const mpp_optimizer_settings adamw = {
      .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8, .weight_decay = 1e-3};
  MPP_TRY(MPP_ALLOC(&b->x, (s->T + 1) * frame));
  MPP_TRY(MPP_ALLOC(&b->y, frame));
  MPP_TRY(MPP_ALLOC(&b->seconds, (size_t)o->repeat));
  fill(b->x, (s->T + 1) * frame);
  MPP_TRY(mpp_model_create(&b->model, &config, free_columns, columns, 1));
  MPP_TRY(mpp_model_set_precision(b->model, (mpp_precision)o->precision));
  b->model->gradients_within = true;
  MPP_TRY(mpp_optimizer_create(&b->optimizer, mpp_optimizer_method_of(MPP_OPTIMIZER_ADAMW), total,
                               &adamw));
  b->model->clock = &b->clock;
done:
  return st;
}

static mpp_status predict(bench *b)
{
  return mpp_model_predict(b->model, b->y, b->x, &b->report.shape);
}

/* As the trainer's step. */
static mpp_status step(bench *b)
{
  mpp_status st = MPP_OK;
  double loss, nrmse;
  const mpp_objective objective = {.unroll = 1};
  const mpp_params *params = b->model->params;
  MPP_TRY(mpp_micro_batch(&loss, &nrmse, NULL, b->model, &b->work, b->x, NULL, NULL,
                          &b->report.shape, &objective, 0, 1.0));
  mpp_stage_begin(&b->clock, MPP_PASS_BACKWARD);
  const float *gradients = mpp_predict_gradients(b->model);
  const double norm = mpp_gradient_norm(gradients, params, NULL);
  MPP_REQUIRE(isfinite(loss) && isfinite(norm), MPP_ERR_DIVERGED,
              "loss %g, norm of the gradient %g: not finite, so without a speed", loss, norm);
  mpp_optimizer_clip(&b->optimizer, norm, 1.0);
  mpp_optimizer_step(&b->optimizer, b->model->weights, gradients, params, NULL, 1e-4);
  mpp_stage_mark(&b->clock, MPP_STAGE_UPDATE);
done:
  return st;
}

static int compare(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The first run touches memory for the first time and is not counted. */
static mpp_status repeat(mpp_bench_time *time, size_t *memory, bench *b, mpp_status (*run)(bench *))
{
  mpp_status st = MPP_OK;
  struct rusage usage;
  const size_t n = (size_t)b->options->repeat;
  MPP_TRY(run(b));
  for (size_t i = 0; i < n; i++) {
    memset(&b->clock, 0, sizeof b->clock);
    const double start = mpp_clock();
    MPP_TRY(run(b));
    b->seconds[i] = mpp_clock() - start;
    if (run == step && (i == 0 || b->seconds[i] < b->report.fastest_step)) {
      b->report.fastest_step = b->seconds[i];
      memcpy(b->report.stage, b->clock.seconds, sizeof b->report.stage);
    }
  }
  getrusage(RUSAGE_SELF, &usage);
  *memory = (size_t)usage.ru_maxrss * 1024;
  qsort(b->seconds, n, sizeof *b->seconds, compare);
  *time = (mpp_bench_time){b->seconds[n / 2], b->seconds[0], b->seconds[n - 1]};
done:
  return st;
}

/* Operations a second of a product whose operands fit in the second-level caches no more, by the
 * fastest of the kernels: what this machine can do. */
static mpp_status measure_peak(double *flops)
{
  mpp_status st = MPP_OK;
  enum { SIDE = 1152, ROUNDS = 12 };
  float *arrays = NULL;
  const mpp_gemm_kernel *kernels[MPP_GEMM_KERNELS];
  const size_t count = (size_t)SIDE * SIDE;
  MPP_TRY(mpp_blas_reserve()); /* one of the kernels */
  MPP_TRY(MPP_ALLOC(&arrays, 3 * count));
  fill(arrays, 2 * count);
  mpp_gemm_kernels(kernels);
  *flops = 0.0;
  for (size_t k = 0; kernels[k] != NULL; k++) {
    const mpp_gemm_product p = {.c = arrays + 2 * count,
                                .ldc = SIDE,
                                .a = arrays,
                                .a_row = SIDE,
                                .a_column = 1,
                                .b = arrays + count,
                                .ldb = SIDE,
                                .m = SIDE,
                                .n = SIDE,
                                .k = SIDE};
    for (int round = 0; round < ROUNDS; round++) {
      const double start = mpp_clock();
      mpp_gemm_run_with(kernels[k], &p);
      *flops = fmax(*flops, 2.0 * pow(SIDE, 3.0) / (mpp_clock() - start));
    }
  }
done:
  mpp_free(arrays);
  return st;
}

mpp_status mpp_bench(mpp_bench_report *report, const mpp_bench_options *options)
{
  mpp_status st = MPP_OK;
  bench b = {.options = options};
  mpp_set_threads((int)options->threads);
  MPP_TRY(prepare(&b));
  MPP_TRY(repeat(&b.report.forward, &b.report.forward_memory, &b, predict));
  MPP_TRY(repeat(&b.report.step, &b.report.step_memory, &b, step));
  MPP_TRY(measure_peak(&b.report.peak_flops));
  *report = b.report;
done:
  mpp_micro_work_free(&b.work);
  mpp_optimizer_destroy(&b.optimizer);
  mpp_model_destroy(b.model);
  mpp_free(b.seconds);
  mpp_free(b.x);
  mpp_free(b.y);
  return st;
}
