/* bench_window.c - what the base of mode window costs, as shares of a forward pass of the network
 * in the same run: the choice by backtest, the fit of one predictor, and a step of a kept fit.
 *   bench_window [--size Ti] [--frames 16] [--repeat 5] [--threads 0] FILE
 * Windows are evenly spread over the first trajectory of a dataset; medians. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "avit.h"
#include "check.h"
#include "mpp/mpp.h"
#include "threads.h"
#include "window_fit.h"

enum { WHAT = 4, REPEATS = 64 };

typedef struct job {
  mpp_dataset *data;
  mpp_model *model;
  mpp_window_shape shape;
  mpp_window window;
  float *x, *y;
  double seconds[WHAT][REPEATS];
} job;

static mpp_status set_up(job *j, const char *path, mpp_size size, size_t T)
{
  mpp_status st = MPP_OK;
  mpp_model_config config;
  static const mpp_name names[MPP_MAX_FIELDS] = {""};
  MPP_TRY(mpp_dataset_open(&j->data, path, NULL));
  const mpp_dataset_info *info = mpp_dataset_get_info(j->data);
  MPP_REQUIRE(info->nframes >= T, MPP_ERR_DATA, "%s: %zu frames", path, info->nframes);
  mpp_model_config_defaults(&config, size);
  MPP_TRY(mpp_model_create(&j->model, &config, names, MPP_MAX_FIELDS, 1));
  j->shape = (mpp_window_shape){.T = T, .B = 1, .C = info->nfields};
  const size_t frame = info->nfields * info->grid[0] * info->grid[1] * info->grid[2];
  MPP_TRY(MPP_ALLOC(&j->x, T * frame));
  MPP_TRY(MPP_ALLOC(&j->y, frame));
  j->window = (mpp_window){.x = j->x, .T = T, .C = info->nfields, .stride = frame};
  for (size_t c = 0; c < info->nfields; c++) { j->shape.column[c] = (int)c; }
  for (int a = 0; a < 3; a++) {
    j->shape.grid[a] = j->window.grid[a] = info->grid[a];
    j->shape.boundary[a] = info->boundary[a];
    j->window.edge[a] = mpp_edge_of(info->boundary[a]);
  }
done:
  return st;
}

static mpp_status measure(job *j, size_t i)
{
  mpp_status st = MPP_OK;
  mpp_window_fit *fit = NULL;
  double begin = mpp_clock();
  MPP_TRY(mpp_model_predict(j->model, j->y, j->x, &j->shape));
  j->seconds[0][i] = mpp_clock() - begin;
  begin = mpp_clock();
  MPP_TRY(mpp_window_fit_named(&fit, &j->window, "stencil-3x2-linear"));
  j->seconds[2][i] = mpp_clock() - begin;
  mpp_window_fit_destroy(fit);
  fit = NULL;
  begin = mpp_clock();
  MPP_TRY(mpp_window_fit_create(&fit, &j->window, MPP_RULE_BACKTEST));
  j->seconds[1][i] = mpp_clock() - begin;
  begin = mpp_clock();
  MPP_TRY(mpp_window_fit_next(fit, j->y, &j->window));
  j->seconds[3][i] = mpp_clock() - begin;
done:
  mpp_window_fit_destroy(fit);
  return st;
}

static int compare(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void print(job *j, size_t repeat, const char *path)
{
  static const char *const what[WHAT] = {"forward pass", "choice by backtest",
                                         "fit of stencil-3x2-linear", "step of the kept fit"};
  for (size_t k = 0; k < WHAT; k++) {
    qsort(j->seconds[k], repeat, sizeof(double), compare);
    printf("%s: %-26s %8.2f ms  %5.1f %%\n", path, what[k], 1e3 * j->seconds[k][repeat / 2],
           100.0 * j->seconds[k][repeat / 2] / j->seconds[0][repeat / 2]);
  }
}

static mpp_status run(const char *path, mpp_size size, size_t T, size_t repeat)
{
  mpp_status st = MPP_OK;
  job *j = NULL;
  MPP_TRY(MPP_ALLOC(&j, 1));
  MPP_TRY(set_up(j, path, size, T));
  const size_t starts = mpp_dataset_get_info(j->data)->nframes - T;
  for (size_t i = 0; i < repeat + 1; i++) { /* the first warms up, and is measured over */
    const size_t at = i > 0 ? i - 1 : 0;
    MPP_TRY(mpp_dataset_read(j->data, j->x, 0, at * starts / repeat, T));
    MPP_TRY(measure(j, at));
  }
  print(j, repeat, path);
done:
  if (j != NULL) {
    mpp_dataset_close(j->data);
    mpp_model_destroy(j->model);
    mpp_free(j->x);
    mpp_free(j->y);
  }
  mpp_free(j);
  return st;
}

int main(int argc, char **argv)
{
  static const struct option table[] = {{"size", 1, NULL, 's'},
                                        {"frames", 1, NULL, 'T'},
                                        {"repeat", 1, NULL, 'r'},
                                        {"threads", 1, NULL, 't'},
                                        {NULL, 0, NULL, 0}};
  static const char *const sizes[] = {"nano", "micro", "Ti", "S", "B", "L"};
  mpp_size size = MPP_SIZE_TI;
  size_t T = 16, repeat = 5;
  for (int o; (o = getopt_long(argc, argv, "", table, NULL)) != -1;) {
    switch (o) {
    case 's':
      for (int k = 0; k < (int)(sizeof sizes / sizeof *sizes); k++) {
        size = strcmp(optarg, sizes[k]) == 0 ? (mpp_size)k : size;
      }
      break;
    case 'T':
      T = strtoul(optarg, NULL, 10);
      break;
    case 'r':
      repeat = strtoul(optarg, NULL, 10);
      break;
    case 't':
      mpp_set_threads((int)strtol(optarg, NULL, 10));
      break;
    default:
      return 64;
    }
  }
  repeat = repeat < 1 ? 1 : repeat > REPEATS ? REPEATS : repeat;
  if (optind + 1 != argc || run(argv[optind], size, T, repeat) != MPP_OK) {
    fprintf(stderr, "bench_window: %s\n", optind + 1 == argc ? mpp_last_error() : "one FILE");
    return 1;
  }
  return 0;
}
