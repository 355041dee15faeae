/* window_predictors.c - errors of every predictor of the window on datasets, of the choice by
 * backtest, and of the oracle: field by field the predictor that turns out best at that very
 * horizon; and of trained models beside them. window_predictors [--context 16] [--horizons
 * 1,5,10,20,40] [--starts 2] [--threads 0]
 *                     [--model FILE]... [NAME=]FILE[,FILE...]...
 * Tables in Markdown: NRMSE, mean over fields, windows and trajectories; +- is half the 95 %
 * confidence interval of the mean over trajectories (Student's t). Windows are evenly spread starts
 * of all trajectories; files joined by commas count as one dataset of one shape. The last row says
 * how far the geometric mean error of the choice is above the oracle's. A model is left out of
 * datasets whose fields or grid it does not take. */
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

enum { HORIZONS = 8, MODELS = 8, ROWS = MPP_BACKTEST_PREDICTORS + 2 + MODELS };

typedef struct settings {
  size_t context, starts, nhorizons, horizon[HORIZONS];
  size_t nmodels;
  const char *path[MODELS];
  mpp_model *model[MODELS]; /* owned */
} settings;

/* Means over the windows of a trajectory, their sums over trajectories, and those of their
 * squares. */
typedef struct tally {
  size_t trajectories, windows, predictors;
  bool takes[MODELS];
  char why[MODELS][256];       /* it does not take the data */
  double mean[ROWS][HORIZONS]; /* of the trajectory at hand */
  double sum[ROWS][HORIZONS], square[ROWS][HORIZONS];
  double excess[HORIZONS]; /* log of choice over oracle, means over fields */
  double seconds;          /* of the choice */
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

/* The same of a model. */
static mpp_status forecast_model(double error[HORIZONS][MPP_MAX_FIELDS], const settings *s,
                                 mpp_model *model, const mpp_window *w,
                                 const mpp_window_shape *shape, float *y)
{
  mpp_status st = MPP_OK;
  mpp_forecast *f = NULL;
  const size_t cells = w->stride / w->C;
  for (size_t i = 0; i < s->nhorizons * w->C; i++) { error[i / w->C][i % w->C] = INFINITY; }
  MPP_TRY(mpp_forecast_create(&f, model, w->x, shape));
  for (size_t step = 1; step <= s->horizon[s->nhorizons - 1] && st == MPP_OK; step++) {
    st = mpp_forecast_step(f, y);
    for (size_t i = 0; st == MPP_OK && i < s->nhorizons * w->C; i++) {
      const size_t c = i % w->C;
      if (s->horizon[i / w->C] == step) {
        const float *truth = w->x + (w->T - 1 + step) * w->stride + c * cells;
        error[i / w->C][c] = mpp_nrmse(y + c * cells, truth, cells);
      }
    }
  }
  st = st == MPP_ERR_DIVERGED ? MPP_OK : st;
done:
  mpp_forecast_destroy(f);
  return st;
}

static void add_row(tally *t, size_t row, const settings *s, size_t fields,
                    double error[HORIZONS][MPP_MAX_FIELDS])
{
  for (size_t i = 0; i < s->nhorizons * fields; i++) {
    const size_t h = i / fields;
    t->mean[row][h] += error[h][i % fields] / (double)(fields * s->starts);
  }
}

static void end_trajectory(tally *t, const settings *s)
{
  for (size_t i = 0; i < ROWS * s->nhorizons; i++) {
    const size_t p = i / s->nhorizons, h = i % s->nhorizons;
    t->sum[p][h] += t->mean[p][h];
    t->square[p][h] += t->mean[p][h] * t->mean[p][h];
  }
  memset(t->mean, 0, sizeof t->mean);
  t->trajectories++;
}

static mpp_status add_window(tally *t, const settings *s, const mpp_window *w,
                             mpp_window_shape *shape, const mpp_name *fields, float *y)
{
  mpp_status st = MPP_OK;
  double error[HORIZONS][MPP_MAX_FIELDS], best[HORIZONS][MPP_MAX_FIELDS], seconds = 0.0;
  size_t p = 0;
  for (; mpp_window_predictor_at(p) != NULL; p++) {
    MPP_TRY(forecast(error, &seconds, s, w, mpp_window_predictor_at(p)->name, y));
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
  for (size_t m = 0; m < s->nmodels; m++) {
    mpp_status takes = mpp_model_columns(s->model[m], shape->column, fields, w->C);
    if (takes == MPP_OK) {
      takes = forecast_model(error, s, s->model[m], w, shape, y);
    }
    t->takes[m] = takes == MPP_OK;
    if (takes == MPP_ERR_DATA) { /* fields or a grid that are not for it */
      snprintf(t->why[m], sizeof t->why[m], "%.255s", mpp_last_error());
      continue;
    }
    MPP_TRY(takes);
    add_row(t, p + 2 + m, s, w->C, error);
  }
done:
  return st;
}

/* 97.5 % quantile of Student's t (Abramowitz and Stegun, table 26.10). */
static double student(size_t freedom)
{
  static const double t[] = {NAN,   12.706, 4.303, 3.182, 2.776, 2.571, 2.447,
                             2.365, 2.306,  2.262, 2.228, 2.201, 2.179, 2.160,
                             2.145, 2.131,  2.120, 2.110, 2.101, 2.093, 2.086};
  return freedom < sizeof t / sizeof *t ? t[freedom] : 1.96 + 2.5 / (double)freedom;
}

static void print_row(const tally *t, const settings *s, size_t row, const char *name)
{
  const double n = (double)t->trajectories;
  printf("| %s |", name);
  for (size_t h = 0; h < s->nhorizons; h++) {
    const double mean = t->sum[row][h] / n, variance = t->square[row][h] / n - mean * mean;
    const double half = student(t->trajectories - 1) * sqrt(fmax(variance, 0.0) / (n - 1.0));
    printf(" %.2g ± %.1g |", mean, half);
  }
  printf("\n");
}

static void print_tally(const tally *t, const settings *s, const char *name,
                        const mpp_dataset_info *info)
{
  printf("\n**%s**, ", name);
  for (int a = 0; a < 3; a++) {
    if (info->grid[a] > 1) {
      printf("%zu%s", info->grid[a], a < 2 ? " × " : "");
    }
  }
  printf(" cells, %zu field%s, %zu windows of %zu trajectories; the choice takes %.1f ms\n\n",
         info->nfields, info->nfields == 1 ? "" : "s", t->windows, t->trajectories,
         1e3 * t->seconds / (double)t->windows);
  printf("| NRMSE after steps |");
  for (size_t h = 0; h < s->nhorizons; h++) { printf(" %zu |", s->horizon[h]); }
  printf("\n| --- |");
  for (size_t h = 0; h < s->nhorizons; h++) { printf(" --- |"); }
  printf("\n");
  for (size_t p = 0; p < t->predictors; p++) {
    print_row(t, s, p, mpp_window_predictor_at(p)->name);
  }
  print_row(t, s, t->predictors, "**choice by backtest**");
  print_row(t, s, t->predictors + 1, "oracle");
  for (size_t m = 0; m < s->nmodels; m++) {
    if (t->takes[m]) {
      print_row(t, s, t->predictors + 2 + m, s->path[m]);
    }
  }
  printf("| choice over oracle |");
  for (size_t h = 0; h < s->nhorizons; h++) {
    printf(" %.0f %% |", 100.0 * expm1(t->excess[h] / (double)t->windows));
  }
  printf("\n");
  for (size_t m = 0; m < s->nmodels; m++) {
    if (!t->takes[m]) {
      printf("\n%s is left out: %s.\n", s->path[m], t->why[m]);
    }
  }
}

/* Adds the trajectories of an open dataset; shortens the horizons to those they reach. */
static mpp_status add_dataset(tally *t, settings *s, mpp_dataset *data, const char *path)
{
  mpp_status st = MPP_OK;
  float *x = NULL, *y = NULL;
  const mpp_dataset_info *info = mpp_dataset_get_info(data);
  while (s->nhorizons > 0 && s->context + s->horizon[s->nhorizons - 1] > info->nframes) {
    s->nhorizons--;
  }
  MPP_REQUIRE(s->nhorizons > 0, MPP_ERR_DATA, "%s: trajectories are too short", path);
  const size_t frames = s->context + s->horizon[s->nhorizons - 1];
  const size_t frame = info->nfields * info->grid[0] * info->grid[1] * info->grid[2];
  mpp_window w = {.T = s->context, .C = info->nfields, .stride = frame};
  mpp_window_shape shape = {.T = s->context, .B = 1, .C = info->nfields};
  for (int a = 0; a < 3; a++) {
    shape.grid[a] = info->grid[a];
    shape.boundary[a] = info->boundary[a];
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
      MPP_TRY(add_window(t, s, &w, &shape, info->field, y));
    }
    end_trajectory(t, s);
  }
done:
  mpp_free(x);
  mpp_free(y);
  return st;
}

static mpp_status measure(const settings *s, const char *argument)
{
  mpp_status st = MPP_OK;
  const char *equals = strchr(argument, '='), *path = equals != NULL ? equals + 1 : argument;
  char name[64], file[4096];
  snprintf(name, sizeof name, "%.*s", equals != NULL ? (int)(equals - argument) : 63, argument);
  mpp_dataset *data = NULL;
  tally *t = NULL;
  settings part = *s;
  MPP_TRY(MPP_ALLOC(&t, 1));
  for (bool more = true; more;) {
    const size_t length = strcspn(path, ",");
    snprintf(file, sizeof file, "%.*s", (int)length, path);
    mpp_dataset_close(data);
    data = NULL;
    MPP_TRY(mpp_dataset_open(&data, file, NULL));
    MPP_TRY(add_dataset(t, &part, data, file));
    more = path[length] == ',';
    path += length + 1;
  }
  print_tally(t, &part, name, mpp_dataset_get_info(data));
done:
  mpp_free(t);
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
  static const struct option table[] = {{"context", 1, NULL, 'c'}, {"horizons", 1, NULL, 'h'},
                                        {"starts", 1, NULL, 's'},  {"threads", 1, NULL, 't'},
                                        {"model", 1, NULL, 'm'},   {NULL, 0, NULL, 0}};
  settings s = {.context = 16, .starts = 2, .nhorizons = 5, .horizon = {1, 5, 10, 20, 40}};
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
    case 'm':
      if (s.nmodels < MODELS) {
        s.path[s.nmodels++] = optarg;
      }
      break;
    default:
      return 64;
    }
  }
  mpp_set_threads(threads);
  mpp_status st = MPP_OK;
  for (size_t m = 0; m < s.nmodels; m++) { MPP_TRY(mpp_model_load(&s.model[m], s.path[m])); }
  for (int i = optind; i < argc; i++) {
    MPP_TRY(measure(&s, argv[i]));
    fflush(stdout);
  }
done:
  if (st != MPP_OK) {
    fprintf(stderr, "window_predictors: %s\n", mpp_last_error());
  }
  for (size_t m = 0; m < s.nmodels; m++) { mpp_model_destroy(s.model[m]); }
  return mpp_status_exit_code(st);
}
