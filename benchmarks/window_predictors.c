/* window_predictors.c - errors of every predictor of the window on datasets, of the choice by
 * backtest, and of the oracle: field by field the predictor that turns out best at that very horizon.
 *   window_predictors [--context 16] [--horizons 1,5,10,20,40] [--starts 4] [--threads 0] FILE...
 * NRMSE, mean over fields and windows; +- is half the 95 % interval of the mean over windows (1.96
 * standard errors; windows of one trajectory count as independent). Windows are evenly spread starts
 * of all trajectories. The last columns of the choice say how far its geometric mean error is above
 * the oracle's. Times are those of the choice with the first step, and of the largest fit with it. */
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "backtest.h"
#include "check.h"
#include "mpp/mpp.h"
#include "threads.h"
#include "window_forecast.h"

enum { ROWS = MPP_BACKTEST_PREDICTORS + 2, HORIZONS = 8 };

typedef struct settings {
  size_t context, starts, nhorizons, horizon[HORIZONS];
} settings;

/* Sums over windows, and of their squares. */
typedef struct tally {
  size_t windows, predictors;
  double sum[ROWS][HORIZONS], square[ROWS][HORIZONS];
  double excess[HORIZONS]; /* log of choice over oracle, means over fields */
  double seconds, one;     /* until the first step: of the choice, of the largest stencil */
} tally;

/* error [HORIZONS][fields] of one forecast from w; *seconds until its first frame. */
static mpp_status forecast(double error[HORIZONS][MPP_MAX_FIELDS], double *seconds,
                           const settings *s, const mpp_window *w, const char *name, float *y)
{
  mpp_status st = MPP_OK;
  mpp_window_forecast *f = NULL;
  const size_t cells = w->stride / w->C, reach = s->horizon[s->nhorizons - 1];
  const double begin = mpp_clock();
  MPP_TRY(mpp_window_forecast_create(&f, w, name));
  for (size_t step = 1; step <= reach; step++) {
    mpp_window_forecast_step(f, y);
    *seconds = step == 1 ? mpp_clock() - begin : *seconds;
    for (size_t h = 0; h < s->nhorizons; h++) {
      for (size_t c = 0; s->horizon[h] == step && c < w->C; c++) {
        const float *truth = w->x + (w->T - 1 + step) * w->stride + c * cells;
        error[h][c] = mpp_nrmse(y + c * cells, truth, cells);
      }
    }
  }
done:
  mpp_window_forecast_destroy(f);
  return st;
}

static void add_row(tally *t, size_t row, const settings *s, size_t fields,
                    double error[HORIZONS][MPP_MAX_FIELDS])
{
  for (size_t h = 0; h < s->nhorizons; h++) {
    double mean = 0.0;
    for (size_t c = 0; c < fields; c++) { mean += error[h][c] / (double)fields; }
    t->sum[row][h] += mean;
    t->square[row][h] += mean * mean;
  }
}

static mpp_status add_window(tally *t, const settings *s, const mpp_window *w, float *y)
{
  mpp_status st = MPP_OK;
  double error[HORIZONS][MPP_MAX_FIELDS], best[HORIZONS][MPP_MAX_FIELDS], seconds = 0.0;
  size_t p = 0;
  for (; mpp_window_predictor_at(p) != NULL; p++) {
    MPP_TRY(forecast(error, &seconds, s, w, mpp_window_predictor_at(p)->name, y));
    if (strcmp(mpp_window_predictor_at(p)->name, "stencil-5x2-cubic") == 0) {
      t->one += seconds;
    }
    add_row(t, p, s, w->C, error);
    for (size_t i = 0; i < s->nhorizons * w->C; i++) {
      const size_t h = i / w->C, c = i % w->C;
      best[h][c] = p == 0 || error[h][c] < best[h][c] ? error[h][c] : best[h][c];
    }
  }
  t->predictors = p;
  MPP_TRY(forecast(error, &seconds, s, w, NULL, y));
  add_row(t, p, s, w->C, error);
  add_row(t, p + 1, s, w->C, best);
  for (size_t i = 0; i < s->nhorizons * w->C; i++) {
    const size_t h = i / w->C, c = i % w->C;
    t->excess[h] += log(fmax(error[h][c], 1e-12) / fmax(best[h][c], 1e-12)) / (double)w->C;
  }
  t->seconds += seconds;
  t->windows++;
done:
  return st;
}

static void print_tally(const tally *t, const settings *s, const char *path)
{
  const double n = (double)t->windows;
  printf("%s: %zu windows of %zu frames; first step after %.1f ms, of stencil-5x2-cubic %.1f ms\n",
         path, t->windows, s->context, 1e3 * t->seconds / n, 1e3 * t->one / n);
  printf("  %-20s", "NRMSE after steps");
  for (size_t h = 0; h < s->nhorizons; h++) { printf(" %17zu", s->horizon[h]); }
  for (size_t p = 0; p < t->predictors + 2; p++) {
    printf("\n  %-20s", p < t->predictors    ? mpp_window_predictor_at(p)->name
                        : p == t->predictors ? "choice by backtest"
                                             : "oracle");
    for (size_t h = 0; h < s->nhorizons; h++) {
      const double mean = t->sum[p][h] / n, variance = t->square[p][h] / n - mean * mean;
      const double half = n > 1.0 ? 1.96 * sqrt(fmax(variance, 0.0) / (n - 1.0)) : NAN;
      printf(" %8.2g +-%7.1g", mean, half);
    }
  }
  printf("\n  %-20s", "choice over oracle");
  for (size_t h = 0; h < s->nhorizons; h++) {
    printf(" %16.0f%%", 100.0 * expm1(t->excess[h] / n));
  }
  printf("\n");
}

static mpp_status measure(const settings *s, const char *path)
{
  mpp_status st = MPP_OK;
  mpp_dataset *data = NULL;
  float *x = NULL, *y = NULL;
  tally t = {0};
  settings part = *s;
  MPP_TRY(mpp_dataset_open(&data, path, NULL));
  const mpp_dataset_info *info = mpp_dataset_get_info(data);
  while (part.nhorizons > 0 && s->context + part.horizon[part.nhorizons - 1] > info->nframes) {
    part.nhorizons--; /* as far as the trajectories go */
  }
  MPP_REQUIRE(part.nhorizons > 0, MPP_ERR_DATA, "%s: trajectories are too short", path);
  const size_t frames = s->context + part.horizon[part.nhorizons - 1];
  const size_t frame = info->nfields * info->grid[0] * info->grid[1] * info->grid[2];
  mpp_window w = {.T = s->context, .C = info->nfields, .stride = frame};
  for (int a = 0; a < 3; a++) {
    w.grid[a] = info->grid[a];
    w.edge[a] = mpp_edge_of(info->boundary[a]);
  }
  MPP_TRY(MPP_ALLOC(&x, frames * frame));
  MPP_TRY(MPP_ALLOC(&y, frame));
  w.x = x;
  for (size_t n = 0; n < info->ntrajectories; n++) {
    for (size_t k = 0; k < s->starts; k++) {
      const size_t start = (2 * k + 1) * (info->nframes - frames) / (2 * s->starts);
      MPP_TRY(mpp_dataset_read(data, x, n, start, frames));
      MPP_TRY(add_window(&t, &part, &w, y));
    }
  }
  print_tally(&t, &part, path);
done:
  mpp_free(x);
  mpp_free(y);
  mpp_dataset_close(data);
  return st;
}

static size_t read_horizons(size_t horizon[HORIZONS], const char *text)
{
  size_t n = 0;
  for (char *end; n < HORIZONS; n++, text = end + 1) {
    horizon[n] = strtoul(text, &end, 10);
    if (*end != ',') {
      return n + 1;
    }
  }
  return n;
}

int main(int argc, char **argv)
{
  static const struct option table[] = {{"context", 1, NULL, 'c'},
                                        {"horizons", 1, NULL, 'h'},
                                        {"starts", 1, NULL, 's'},
                                        {"threads", 1, NULL, 't'},
                                        {NULL, 0, NULL, 0}};
  settings s = {.context = 16, .starts = 4, .nhorizons = 5, .horizon = {1, 5, 10, 20, 40}};
  int threads = 0;
  for (int o; (o = getopt_long(argc, argv, "", table, NULL)) != -1;) {
    switch (o) {
    case 'c':
      s.context = strtoul(optarg, NULL, 10);
      break;
    case 'h':
      s.nhorizons = read_horizons(s.horizon, optarg);
      break;
    case 's':
      s.starts = strtoul(optarg, NULL, 10);
      break;
    case 't':
      threads = atoi(optarg);
      break;
    default:
      return 64;
    }
  }
  mpp_set_threads(threads);
  for (int i = optind; i < argc; i++) {
    if (measure(&s, argv[i]) != MPP_OK) {
      fprintf(stderr, "%s\n", mpp_last_error());
      return 1;
    }
    fflush(stdout);
  }
  return 0;
}
