/* report.c - the end of a finetuning: its model beside those that it is compared with. */
#include "cli.h"

#include <math.h>
#include <string.h>

/* Rows: the models first, then the predictors that need no training. */
enum { ROWS = MPP_COMPARED + MPP_PREDICTORS - 1 };

static bool has_row(const mpp_comparison *c, int row)
{
  return row < MPP_COMPARED ? c->of[row].score != NULL
                            : row - MPP_COMPARED + 1 < (int)mpp_scores_end(&c->of[MPP_FINETUNED]);
}

static const char *row_name(int row)
{
  return row < MPP_COMPARED ? mpp_compared_name((mpp_compared)row)
                            : mpp_predictor_name((mpp_predictor)(row - MPP_COMPARED + 1));
}

/* Field `nfields` is the mean over the fields. */
static double value_at(const mpp_comparison *c, int row, mpp_metric m, size_t horizon, size_t field)
{
  return row < MPP_COMPARED
             ? mpp_scores_value(&c->of[row], MPP_BY_MODEL, m, horizon, field)
             : mpp_scores_value(&c->of[MPP_FINETUNED], (mpp_predictor)(row - MPP_COMPARED + 1), m,
                                horizon, field);
}

static double best_at(const mpp_comparison *c, size_t horizon, size_t field)
{
  double best = HUGE_VAL;
  for (int row = 0; row < ROWS; row++) {
    if (has_row(c, row)) {
      best = fmin(best, value_at(c, row, MPP_METRIC_NRMSE, horizon, field));
    }
  }
  return best;
}

static void fill_row(cli_table *t, const mpp_comparison *c, int row, size_t field)
{
  const mpp_scores *s = &c->of[MPP_FINETUNED];
  const size_t r = cli_table_row(t);
  if (row == 0) {
    cli_table_set(t, r, 0, "%s", field < s->nfields ? s->field[field] : "mean");
  }
  cli_table_set(t, r, 1, "%s", row_name(row));
  for (size_t h = 0; h < s->nhorizons; h++) {
    cli_number_text text, best;
    const bool marked =
        strcmp(cli_number(text, value_at(c, row, MPP_METRIC_NRMSE, h, field)),
               cli_number(best, best_at(c, h, field))) == 0; /* equal digits are equally good */
    cli_table_set(t, r, 2 + h, "%s%c", text, marked ? '*' : ' ');
  }
}

void cli_report_print(FILE *out, const mpp_comparison *c)
{
  const mpp_scores *s = &c->of[MPP_FINETUNED];
  cli_table t;
  fprintf(out,
          "%s: means over %zu windows of %zu held-out trajector%s (%s split); * marks the best\n",
          s->system, s->nwindows, s->ntrajectories, s->ntrajectories == 1 ? "y" : "ies",
          s->split == MPP_TEST ? "test" : "validation");
  cli_table_begin(&t, 2 + s->nhorizons, 2);
  const size_t head = cli_table_row(&t);
  cli_table_set(&t, head, 0, "NRMSE");
  cli_table_set(&t, head, 1, "after steps");
  for (size_t h = 0; h < s->nhorizons; h++) {
    cli_table_set(&t, head, 2 + h, "%ld ", s->horizon[h]);
  }
  for (size_t f = 0; f < (s->nfields > 1 ? s->nfields + 1 : 1); f++) { /* of one, no mean */
    for (int row = 0; row < ROWS; row++) {
      if (has_row(c, row)) {
        fill_row(&t, c, row, f);
      }
    }
  }
  cli_table_print(out, &t, 2);
  cli_table_free(&t);
}

static json_t *metric_json(const mpp_comparison *c, int row, mpp_metric m)
{
  const mpp_scores *s = &c->of[MPP_FINETUNED];
  json_t *fields = json_object();
  for (size_t f = 0; f <= s->nfields; f++) {
    json_t *list = json_array();
    for (size_t h = 0; h < s->nhorizons; h++) {
      json_array_append_new(list, cli_json_real(value_at(c, row, m, h, f)));
    }
    json_object_set_new(fields, f < s->nfields ? s->field[f] : "mean", list);
  }
  return fields;
}

json_t *cli_report_json(const mpp_comparison *c)
{
  const mpp_scores *s = &c->of[MPP_FINETUNED];
  json_t *root = json_object(), *horizons = json_array(), *rows = json_object();
  for (size_t h = 0; h < s->nhorizons; h++) {
    json_array_append_new(horizons, json_integer(s->horizon[h]));
  }
  for (int row = 0; row < ROWS; row++) {
    if (has_row(c, row)) {
      json_t *one = json_object();
      json_object_set_new(one, "nrmse", metric_json(c, row, MPP_METRIC_NRMSE));
      json_object_set_new(one, "vrmse", metric_json(c, row, MPP_METRIC_VRMSE));
      json_object_set_new(rows, row_name(row), one);
    }
  }
  json_object_set_new(root, "data", cli_json_text(c->data));
  json_object_set_new(root, "system", cli_json_text(s->system));
  json_object_set_new(root, "fields", cli_json_names(s->field, s->nfields));
  json_object_set_new(root, "split", json_string(s->split == MPP_TEST ? "test" : "valid"));
  json_object_set_new(root, "trajectories", json_integer((json_int_t)s->ntrajectories));
  json_object_set_new(root, "windows", json_integer((json_int_t)s->nwindows));
  json_object_set_new(root, "horizons", horizons);
  json_object_set_new(root, "compared", rows);
  return root;
}
