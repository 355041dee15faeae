/* scores.c - how scores are shown: the model beside the trivial predictors. */
#include "cli.h"

#include <math.h>
#include <string.h>

typedef enum { BY_NRMSE, BY_VRMSE } metric;

static double value_of(mpp_score s, metric m) { return m == BY_NRMSE ? s.nrmse : s.vrmse; }

/* Field `nfields` is the mean over the fields. */
static double score_of(const mpp_scores *s, mpp_predictor p, size_t horizon, size_t field, metric m)
{
  return value_of(
      field < s->nfields ? mpp_scores_at(s, p, horizon, field) : mpp_scores_mean(s, p, horizon), m);
}

static double best_of(const mpp_scores *s, mpp_predictor first, size_t horizon, size_t field,
                      metric m)
{
  double best = HUGE_VAL;
  for (mpp_predictor p = first; p < mpp_scores_end(s); p++) {
    best = fmin(best, score_of(s, p, horizon, field, m));
  }
  return best;
}

/* The mark goes by what is shown: equal digits are equally good. */
static void set_score(cli_table *t, size_t row, size_t column, double value, double best)
{
  cli_number_text text, best_text;
  const bool marked = strcmp(cli_number(text, value), cli_number(best_text, best)) == 0;
  cli_table_set(t, row, column, "%s%c", text, marked ? '*' : ' ');
}

static void fill_predictor(cli_table *t, const mpp_scores *s, mpp_predictor first, mpp_predictor p,
                           size_t field, metric m)
{
  const size_t row = cli_table_row(t);
  if (p == first) {
    cli_table_set(t, row, 0, "%s", field < s->nfields ? s->field[field] : "mean");
  }
  cli_table_set(t, row, 1, "%s", mpp_predictor_name(p));
  for (size_t h = 0; h < s->nhorizons; h++) {
    set_score(t, row, 2 + h, score_of(s, p, h, field, m), best_of(s, first, h, field, m));
  }
}

static void print_metric(FILE *out, const mpp_scores *s, mpp_predictor first, metric m)
{
  cli_table t;
  cli_table_begin(&t, 2 + s->nhorizons, 2);
  const size_t head = cli_table_row(&t);
  cli_table_set(&t, head, 0, "%s", m == BY_NRMSE ? "NRMSE" : "VRMSE");
  cli_table_set(&t, head, 1, "after steps");
  for (size_t h = 0; h < s->nhorizons; h++) {
    cli_table_set(&t, head, 2 + h, "%ld ", s->horizon[h]);
  }
  const size_t nrows = s->nfields > 1 ? s->nfields + 1 : 1; /* of one field no mean is shown */
  for (size_t f = 0; f < nrows; f++) {
    for (mpp_predictor p = first; p < mpp_scores_end(s); p++) {
      fill_predictor(&t, s, first, p, f, m);
    }
  }
  cli_table_print(out, &t, 2);
  cli_table_free(&t);
}

void cli_scores_print(FILE *out, const mpp_scores *s, bool has_model)
{
  static const char *const splits[] = {[MPP_TRAIN] = "the training split",
                                       [MPP_VALID] = "the validation split",
                                       [MPP_TEST] = "the test split",
                                       [MPP_ALL] = "all trajectories"};
  const mpp_predictor first = has_model ? MPP_BY_MODEL : MPP_BY_PERSISTENCE;
  fprintf(out, "%s: means over %zu windows of %s; * marks the best\n", s->system, s->nwindows,
          splits[s->split]);
  print_metric(out, s, first, BY_NRMSE);
  print_metric(out, s, first, BY_VRMSE);
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
      const double best = best_of(s, MPP_BY_MODEL, h, s->nfields, BY_NRMSE);
      cli_table_set(&t, row, 0, "%s", h == 0 ? s->system : "");
      cli_table_set(&t, row, 1, "%ld", s->horizon[h]);
      for (mpp_predictor p = 0; p < end; p++) {
        set_score(&t, row, 2 + p, score_of(s, p, h, s->nfields, BY_NRMSE), best);
      }
    }
  }
  cli_table_print(out, &t, 2);
  cli_table_free(&t);
}

static json_t *metric_json(const mpp_scores *s, mpp_predictor p, metric m)
{
  json_t *fields = json_object();
  for (size_t f = 0; f <= s->nfields; f++) {
    json_t *list = json_array();
    for (size_t h = 0; h < s->nhorizons; h++) {
      json_array_append_new(list, cli_json_real(score_of(s, p, h, f, m)));
    }
    json_object_set_new(fields, f < s->nfields ? s->field[f] : "mean", list);
  }
  return fields;
}

json_t *cli_scores_json(const mpp_scores *s, bool has_model)
{
  json_t *predictors = json_object(), *horizons = json_array();
  for (size_t h = 0; h < s->nhorizons; h++) {
    json_array_append_new(horizons, json_integer(s->horizon[h]));
  }
  for (mpp_predictor p = has_model ? MPP_BY_MODEL : MPP_BY_PERSISTENCE; p < mpp_scores_end(s);
       p++) {
    json_t *one = json_object();
    json_object_set_new(one, "nrmse", metric_json(s, p, BY_NRMSE));
    json_object_set_new(one, "vrmse", metric_json(s, p, BY_VRMSE));
    json_object_set_new(predictors, mpp_predictor_name(p), one);
  }
  static const char *const splits[] = {"train", "valid", "test", "all"}; /* mpp_split */
  json_t *root = json_object();
  json_object_set_new(root, "system", cli_json_text(s->system));
  json_object_set_new(root, "fields", cli_json_names(s->field, s->nfields));
  json_object_set_new(root, "split", json_string(splits[s->split]));
  json_object_set_new(root, "windows", json_integer((json_int_t)s->nwindows));
  json_object_set_new(root, "horizons", horizons);
  json_object_set_new(root, "predictors", predictors);
  return root;
}
