/* scores.c - how scores are shown: the model beside the trivial predictors. */
#include "cli.h"

#include <math.h>
#include <string.h>

/* Field `nfields` is the mean over the fields. */
static double best_of(const mpp_scores *s, mpp_predictor first, size_t horizon, size_t field,
                      mpp_metric m)
{
  const double sign = m == MPP_METRIC_CORRELATION ? -1.0 : 1.0; /* the more the better */
  double best = HUGE_VAL;
  for (mpp_predictor p = first; p < mpp_scores_end(s); p++) {
    best = fmin(best, sign * mpp_scores_value(s, p, m, horizon, field));
  }
  return sign * best;
}

/* The mark goes by what is shown: equal digits are equally good. */
static void set_score(cli_table *t, size_t row, size_t column, double value, double best)
{
  cli_number_text text, best_text;
  const bool marked = strcmp(cli_number(text, value), cli_number(best_text, best)) == 0;
  cli_table_set(t, row, column, "%s%c", text, marked ? '*' : ' ');
}

double cli_scores_over_steps(const mpp_scores *s, mpp_predictor p, mpp_metric m, size_t field)
{
  double sum = 0.0;
  for (size_t h = 0; h < s->nhorizons; h++) { sum += mpp_scores_value(s, p, m, h, field); }
  return sum / (double)s->nhorizons;
}

/* What a table shows: of every step only the horizons that were asked for. */
typedef struct view {
  const mpp_scores *s;
  mpp_predictor first;
  size_t column[MPP_LIST_MAX], ncolumns; /* indices of horizons */
  bool intervals;
} view;

static void fill_predictor(cli_table *t, const view *v, mpp_predictor p, size_t field, mpp_metric m)
{
  const mpp_scores *s = v->s;
  const size_t row = cli_table_row(t);
  if (p == v->first) {
    cli_table_set(t, row, 0, "%s", field < s->nfields ? s->field[field] : "mean");
  }
  cli_table_set(t, row, 1, "%s", mpp_predictor_name(p));
  for (size_t k = 0; k < v->ncolumns; k++) {
    const size_t h = v->column[k];
    set_score(t, row, 2 + k, mpp_scores_value(s, p, m, h, field),
              best_of(s, v->first, h, field, m));
  }
  if (s->every_step) {
    cli_number_text mean;
    cli_table_set(t, row, 2 + v->ncolumns, "%s ",
                  cli_number(mean, cli_scores_over_steps(s, p, m, field)));
  }
  if (v->intervals) {
    const size_t below = cli_table_row(t);
    for (size_t k = 0; k < v->ncolumns; k++) {
      cli_number_text low, high;
      const mpp_interval i = mpp_scores_interval(s, p, m, v->column[k], field);
      cli_table_set(t, below, 2 + k, "%s..%s ", cli_number(low, i.low), cli_number(high, i.high));
    }
  }
}

static void print_metric(FILE *out, const view *v, mpp_metric m)
{
  const mpp_scores *s = v->s;
  cli_table t;
  char name[32] = "";
  cli_table_begin(&t, 2 + v->ncolumns + (s->every_step ? 1 : 0), 2);
  const size_t head = cli_table_row(&t);
  for (size_t i = 0; i < sizeof name - 1 && mpp_metric_name(m)[i] != '\0'; i++) {
    const char c = mpp_metric_name(m)[i];
    name[i] = c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
  }
  cli_table_set(&t, head, 0, "%s", name);
  cli_table_set(&t, head, 1, "after steps");
  for (size_t k = 0; k < v->ncolumns; k++) {
    cli_table_set(&t, head, 2 + k, "%ld ", s->horizon[v->column[k]]);
  }
  if (s->every_step) {
    cli_table_set(&t, head, 2 + v->ncolumns, "all %zu ", s->nhorizons);
  }
  const size_t nrows = s->nfields > 1 ? s->nfields + 1 : 1; /* of one field no mean is shown */
  for (size_t f = 0; f < nrows; f++) {
    for (mpp_predictor p = v->first; p < mpp_scores_end(s); p++) { fill_predictor(&t, v, p, f, m); }
  }
  cli_table_print(out, &t, 2);
  cli_table_free(&t);
}

static void print_correlation_times(FILE *out, const view *v)
{
  const mpp_scores *s = v->s;
  cli_table t;
  cli_table_begin(&t, 1 + s->nfields, 1);
  const size_t head = cli_table_row(&t);
  cli_table_set(&t, head, 0, "STEPS UNTIL CORRELATION < %g", MPP_CORRELATION_LEVEL);
  for (size_t f = 0; f < s->nfields; f++) { cli_table_set(&t, head, 1 + f, "%s", s->field[f]); }
  for (mpp_predictor p = v->first; p < mpp_scores_end(s); p++) {
    const size_t row = cli_table_row(&t);
    cli_table_set(&t, row, 0, "%s", mpp_predictor_name(p));
    for (size_t f = 0; f < s->nfields; f++) {
      const long step = mpp_scores_correlation_time(s, p, f);
      cli_table_set(&t, row, 1 + f, step > 0 ? "%ld" : "more than %ld",
                    step > 0 ? step : s->horizon[s->nhorizons - 1]);
    }
  }
  cli_table_print(out, &t, 2);
  cli_table_free(&t);
}

/* Horizons asked for, or of every step 1, 2, 5, 10, 20, 50, ... and the last. */
size_t cli_scores_columns(size_t column[MPP_LIST_MAX], const mpp_scores *s,
                          const mpp_int_list *horizons)
{
  size_t count = 0;
  for (size_t h = 0; h < s->nhorizons && count < MPP_LIST_MAX; h++) {
    bool shown = !s->every_step || (horizons->count == 0 && h + 1 == s->nhorizons);
    for (size_t i = 0; i < horizons->count; i++) {
      shown = shown || s->horizon[h] == horizons->item[i];
    }
    for (long k = 1; horizons->count == 0 && k <= s->horizon[h]; k *= 10) {
      shown = shown || s->horizon[h] == k || s->horizon[h] == 2 * k || s->horizon[h] == 5 * k;
    }
    if (shown) {
      column[count++] = h;
    }
  }
  return count;
}

static void print_head(FILE *out, const mpp_scores *s)
{
  static const char *const splits[] = {[MPP_TRAIN] = "the training split",
                                       [MPP_VALID] = "the validation split",
                                       [MPP_TEST] = "the test split",
                                       [MPP_ALL] = "all trajectories"};
  if (s->of_files) {
    fprintf(out, "%s: means over %zu forecast%s; * marks the best\n", s->system, s->nwindows,
            s->nwindows == 1 ? "" : "s");
  } else {
    fprintf(out, "%s: means over %zu windows of %s%s; * marks the best\n", s->system, s->nwindows,
            splits[s->split], s->distinct ? ", equal trajectories on one side" : "");
  }
  fprintf(out, "  %zu trajector%s, windows from frame ", s->ntrajectories,
          s->ntrajectories == 1 ? "y" : "ies");
  if (s->first_start == s->last_start) {
    fprintf(out, "%zu", s->first_start);
  } else {
    fprintf(out, "%zu to %zu", s->first_start, s->last_start);
  }
  fprintf(out, " on, %zu context frames, epsilon %g\n", s->context, MPP_SCORE_EPSILON);
}

static void print_all(FILE *out, view *v, const bool shown[MPP_METRICS],
                      const mpp_int_list *horizons)
{
  const mpp_scores *s = v->s;
  v->ncolumns = cli_scores_columns(v->column, s, horizons);
  print_head(out, s);
  if (v->intervals) {
    fprintf(out, "  below: %g %% intervals, percentile bootstrap, %zu resamples of trajectories\n",
            100.0 * s->details->confidence, s->details->resamples);
  }
  for (mpp_metric m = 0; m < MPP_METRICS; m++) {
    if (shown[m]) {
      fprintf(out, "  %s: %s\n", mpp_metric_name(m), mpp_metric_formula(m));
    }
  }
  for (mpp_metric m = 0; m < MPP_METRICS; m++) {
    if (shown[m]) {
      print_metric(out, v, m);
    }
  }
  if (s->every_step) {
    print_correlation_times(out, v);
  }
}

mpp_status cli_scores_show(FILE *out, const mpp_scores *s, bool has_model,
                           const mpp_evaluate_options *o)
{
  mpp_status st = MPP_OK;
  bool shown[MPP_METRICS] = {false};
  CLI_TRY(cli_metrics_chosen(shown, &o->metrics));
  view v = {.s = s,
            .first = has_model ? MPP_BY_MODEL : MPP_BY_PERSISTENCE,
            .intervals = o->intervals && s->details != NULL && s->details->resamples > 0};
  print_all(out, &v, shown, &o->horizons);
done:
  return st;
}

void cli_scores_print(FILE *out, const mpp_scores *s, bool has_model)
{
  static const mpp_int_list all = {.count = 0};
  const bool shown[MPP_METRICS] = {[MPP_METRIC_NRMSE] = true, [MPP_METRIC_VRMSE] = true};
  view v = {.s = s, .first = has_model ? MPP_BY_MODEL : MPP_BY_PERSISTENCE};
  print_all(out, &v, shown, &all);
}

void cli_scores_brief(FILE *out, const mpp_scores *scores, size_t ndatasets)
{
  cli_table t;
  const mpp_predictor end = ndatasets > 0 ? mpp_scores_end(&scores[0]) : MPP_PREDICTORS;
  cli_table_begin(&t, 2 + (size_t)end, 1);
  const size_t head = cli_table_row(&t);
  cli_table_set(&t, head, 0, "NRMSE");
  cli_table_set(&t, head, 1, "step");
  for (mpp_predictor p = 0; p < end; p++) {
    cli_table_set(&t, head, 2 + p, "%s ", mpp_predictor_name(p));
  }
  for (size_t d = 0; d < ndatasets; d++) {
    const mpp_scores *s = &scores[d];
    for (size_t h = 0; h < s->nhorizons; h++) {
      const size_t row = cli_table_row(&t);
      const double best = best_of(s, MPP_BY_MODEL, h, s->nfields, MPP_METRIC_NRMSE);
      cli_table_set(&t, row, 0, "%s", h == 0 ? s->system : "");
      cli_table_set(&t, row, 1, "%ld", s->horizon[h]);
      for (mpp_predictor p = 0; p < end; p++) {
        set_score(&t, row, 2 + p, mpp_scores_value(s, p, MPP_METRIC_NRMSE, h, s->nfields), best);
      }
    }
  }
  cli_table_print(out, &t, 2);
  cli_table_free(&t);
}
