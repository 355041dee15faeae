/* bench_model.c - seconds and memory of a prediction and of a training step (forward, loss,
 * backward, clipping, AdamW) on random data. Options and defaults as the PyTorch program it is
 * compared with: bench_model [--size Ti] [--mode step|forward] [--prediction frame] [--frames 16]
 * [--batch 1]
 *               [--grid 128] [--fields 4] [--repeat 5] [--threads 0] [--precision float32]
 *   bench_model --numbers DIR [options]     writes there a model, a window, a target, the
 * prediction and the gradient's norm, for the other program to hold its own to */
#include <getopt.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "alloc.h"
#include "avit.h"
#include "blocks.h"
#include "check.h"
#include "mpp/mpp.h"
#include "nn.h"
#include "optimizer.h"
#include "rng.h"
#include "threads.h"

typedef struct settings {
  mpp_model_config config;
  const char *size;
  bool step;
  mpp_precision precision;
  const char *numbers;
  size_t repeat;
  mpp_window_shape shape;
} settings;

static const mpp_optimizer_settings adamw = {
    .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8, .weight_decay = 1e-3};

typedef struct arrays {
  mpp_model *model;
  float *x, *y, *target, *dy;
  mpp_optimizer optimizer;
  size_t frame;
} arrays;

/* Index of `word` in "a|b|c", or -1. */
static int choice(const char *choices, const char *word)
{
  const size_t length = strlen(word);
  int index = 0;
  for (const char *c = choices; c != NULL; index++) {
    if (strncmp(c, word, length) == 0 && (c[length] == '|' || c[length] == '\0')) {
      return index;
    }
    c = strchr(c, '|');
    c = c != NULL ? c + 1 : NULL;
  }
  return -1;
}

static mpp_status number(size_t *out, const char *name, const char *text)
{
  char *end;
  const long value = strtol(text, &end, 10);
  if (*end != '\0' || value < 0 || value > 1 << 20) {
    return mpp_fail(MPP_ERR_USAGE, "--%s: found '%s', expected a number", name, text);
  }
  *out = (size_t)value;
  return MPP_OK;
}

static mpp_status read_settings(settings *s, int argc, char **argv)
{
  static const struct option table[] = {
      {"size", 1, NULL, 's'},      {"mode", 1, NULL, 'm'},    {"prediction", 1, NULL, 'p'},
      {"frames", 1, NULL, 'T'},    {"batch", 1, NULL, 'B'},   {"grid", 1, NULL, 'g'},
      {"fields", 1, NULL, 'C'},    {"repeat", 1, NULL, 'r'},  {"threads", 1, NULL, 't'},
      {"precision", 1, NULL, 'x'}, {"numbers", 1, NULL, 'n'}, {NULL, 0, NULL, 0}};
  mpp_status st = MPP_OK;
  size_t grid = 128, threads = 0;
  int size = MPP_SIZE_TI, mode = MPP_MODE_FRAME, step = 1, precision = 0;
  *s = (settings){.size = "Ti", .repeat = 5, .shape = {.T = 16, .B = 1, .C = 4}};
  for (int o; (o = getopt_long(argc, argv, "", table, NULL)) != -1;) {
    switch (o) {
    case 's':
      s->size = optarg, size = choice(MPP_SIZE_CHOICES, optarg);
      break;
    case 'm':
      step = choice("forward|step", optarg);
      break;
    case 'p':
      mode = choice(MPP_MODE_CHOICES, optarg);
      break;
    case 'x':
      precision = choice(MPP_PRECISION_CHOICES, optarg);
      break;
    case 'n':
      s->numbers = optarg;
      break;
    case 'T':
      MPP_TRY(number(&s->shape.T, "frames", optarg));
      break;
    case 'B':
      MPP_TRY(number(&s->shape.B, "batch", optarg));
      break;
    case 'g':
      MPP_TRY(number(&grid, "grid", optarg));
      break;
    case 'C':
      MPP_TRY(number(&s->shape.C, "fields", optarg));
      break;
    case 'r':
      MPP_TRY(number(&s->repeat, "repeat", optarg));
      break;
    case 't':
      MPP_TRY(number(&threads, "threads", optarg));
      break;
    default:
      return mpp_fail(MPP_ERR_USAGE, "unknown option: see the head of bench_model.c");
    }
  }
  MPP_REQUIRE(size >= 0 && mode >= 0 && step >= 0 && precision >= 0 && s->repeat >= 1 &&
                  s->shape.C <= MPP_MAX_FIELDS,
              MPP_ERR_USAGE, "bad value: see the head of bench_model.c");
  mpp_model_config_defaults(&s->config, (mpp_size)size);
  s->config.mode = (mpp_mode)mode;
  s->step = step == 1 || s->numbers != NULL;
  s->precision = (mpp_precision)precision;
  s->shape.grid[0] = 1;
  s->shape.grid[1] = s->shape.grid[2] = grid;
  for (size_t c = 0; c < s->shape.C; c++) { s->shape.column[c] = (int)c; }
  s->shape.boundary[1] = s->shape.boundary[2] = MPP_PERIODIC;
  mpp_set_threads((int)threads);
done:
  return st;
}

static void fill(float *x, size_t n, uint32_t stream)
{
#pragma omp parallel for num_threads(mpp_threads())
  for (size_t i = 0; i < n; i++) { x[i] = (float)mpp_rng_normal(1, MPP_STREAM_NOISE, i, stream); }
}

static mpp_status prepare(arrays *a, const settings *s)
{
  mpp_status st = MPP_OK;
  const size_t grid = s->shape.grid[1];
  const size_t states = s->shape.C > 12 ? s->shape.C : 12;
  static const mpp_name free_columns[MPP_MAX_FIELDS] = {""};
  a->frame = s->shape.B * s->shape.C * grid * grid;
  MPP_TRY(mpp_model_create(&a->model, &s->config, free_columns, states, 1));
  MPP_TRY(mpp_model_set_precision(a->model, s->precision));
  a->model->gradients_within = true;
  MPP_TRY(MPP_ALLOC(&a->x, s->shape.T * a->frame));
  MPP_TRY(MPP_ALLOC(&a->y, a->frame));
  MPP_TRY(MPP_ALLOC(&a->target, a->frame));
  fill(a->x, s->shape.T * a->frame, 1);
  fill(a->target, a->frame, 2);
  if (s->step) {
    const size_t total = a->model->params->total;
    MPP_TRY(MPP_ALLOC(&a->dy, a->frame));
    MPP_TRY(mpp_optimizer_create(&a->optimizer, mpp_optimizer_method_of(MPP_OPTIMIZER_ADAMW), total,
                                 &adamw));
  }
done:
  return st;
}

/* Loss, and the gradients of all weights, from the prediction in y. */
static double backward(arrays *a, const settings *s)
{
  const size_t cells = s->shape.grid[1] * s->shape.grid[2], B = s->shape.B, C = s->shape.C;
  memset(a->dy, 0, a->frame * sizeof *a->dy);
  const double loss = mpp_nmse_forward(NULL, a->y, a->target, B, C, cells);
  mpp_nmse_backward(a->dy, a->y, a->target, 1.0f, B, C, cells);
  mpp_predict_backward(a->model, NULL, a->dy, a->x, &s->shape, NULL);
  return loss;
}

static mpp_status write_floats(const char *folder, const char *name, const float *x, size_t n)
{
  mpp_status st = MPP_OK;
  char path[4096];
  snprintf(path, sizeof path, "%s/%s.bin", folder, name);
  FILE *f = fopen(path, "wb");
  MPP_REQUIRE(f != NULL && fwrite(x, sizeof *x, n, f) == n, MPP_ERR_IO, "%s: cannot write", path);
done:
  if (f != NULL && fclose(f) != 0 && st == MPP_OK) {
    st = mpp_fail(MPP_ERR_IO, "%s: cannot write", path);
  }
  return st;
}

/* New layer scales are 1e-6 and would hide all blocks. */
static mpp_status write_numbers(arrays *a, const settings *s)
{
  mpp_status st = MPP_OK;
  char path[4096];
  mpp_model *m = a->model;
  for (size_t i = 0; i < m->params->count; i++) {
    const mpp_param *e = &m->params->entry[i];
    for (size_t j = 0; j < e->count && strstr(e->name, "gamma") != NULL; j++) {
      m->weights[e->offset + j] = 0.5f;
    }
  }
  snprintf(path, sizeof path, "%s/model.pt", s->numbers);
  MPP_TRY(mpp_model_export_torch(m, path, MPP_STORE_F32));
  MPP_TRY(mpp_predict_forward(m, a->y, a->x, &s->shape, true, NULL));
  backward(a, s);
  const float norm = (float)mpp_gradient_norm(mpp_predict_gradients(m), m->params, NULL);
  MPP_TRY(write_floats(s->numbers, "x", a->x, s->shape.T * a->frame));
  MPP_TRY(write_floats(s->numbers, "target", a->target, a->frame));
  MPP_TRY(write_floats(s->numbers, "y", a->y, a->frame));
  MPP_TRY(write_floats(s->numbers, "norm", &norm, 1));
done:
  return st;
}

/* One prediction or one training step; *value is the mean square of y or the loss. */
static mpp_status run(double *value, arrays *a, const settings *s)
{
  mpp_status st = MPP_OK;
  MPP_TRY(mpp_predict_forward(a->model, a->y, a->x, &s->shape, s->step, NULL));
  *value = 0.0;
  for (size_t i = 0; i < a->frame; i++) { *value += (double)a->y[i] * a->y[i] / (double)a->frame; }
  if (s->step) {
    *value = backward(a, s);
    const float *gradients = mpp_predict_gradients(a->model);
    const double norm = mpp_gradient_norm(gradients, a->model->params, NULL);
    mpp_optimizer_clip(&a->optimizer, norm, 1.0);
    mpp_optimizer_step(&a->optimizer, a->model->weights, gradients, a->model->params, NULL, 1e-3);
    *value += 0.0 * norm; /* not finite if the norm is not */
  }
  MPP_REQUIRE(isfinite(*value), MPP_ERR_DIVERGED, "the result is not finite: it has no speed");
done:
  return st;
}

static int compare(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static mpp_status measure(arrays *a, const settings *s)
{
  mpp_status st = MPP_OK;
  double *seconds = NULL, first = 0.0, last = 0.0;
  struct rusage usage;
  MPP_TRY(MPP_ALLOC(&seconds, s->repeat));
  MPP_TRY(run(&first, a, s)); /* warm-up: memory is touched for the first time */
  for (size_t i = 0; i < s->repeat; i++) {
    const double start = mpp_clock();
    MPP_TRY(run(&last, a, s));
    seconds[i] = mpp_clock() - start;
  }
  MPP_REQUIRE(!s->step || last < first, MPP_ERR_DIVERGED,
              "the loss on one batch went from %g to %g", first, last);
  qsort(seconds, s->repeat, sizeof *seconds, compare);
  getrusage(RUSAGE_SELF, &usage);
  printf("%s %s T=%zu B=%zu %zux%zu fields=%zu threads=%d: median %.3f s, min %.3f s, "
         "peak memory %ld MiB\n",
         s->size, s->step ? "step" : "forward", s->shape.T, s->shape.B, s->shape.grid[1],
         s->shape.grid[2], s->shape.C, mpp_get_threads(), seconds[s->repeat / 2], seconds[0],
         usage.ru_maxrss / 1024);
done:
  mpp_free(seconds);
  return st;
}

int main(int argc, char **argv)
{
  mpp_status st = MPP_OK;
  settings s;
  arrays a = {.model = NULL};
  MPP_TRY(read_settings(&s, argc, argv));
  MPP_TRY(prepare(&a, &s));
  MPP_TRY(s.numbers != NULL ? write_numbers(&a, &s) : measure(&a, &s));
done:
  if (st != MPP_OK) {
    fprintf(stderr, "bench_model: %s\n", mpp_last_error());
  }
  mpp_optimizer_destroy(&a.optimizer);
  mpp_free(a.dy);
  mpp_free(a.target);
  mpp_free(a.y);
  mpp_free(a.x);
  mpp_model_destroy(a.model);
  return mpp_status_exit_code(st);
}
