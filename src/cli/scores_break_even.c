/* scores_break_even.c - the coarsest run of the reference solver that is as good as a forecast. */
#include <math.h>

#include "cli.h"

/* "24: 0.0031 s", or what is not to be had. */
static void set_cell(cli_table *t, size_t row, size_t column, const mpp_break_even *b, size_t h,
                     double nrmse)
{
  const size_t r = mpp_break_even_find(b, h, nrmse);
  cli_number_text seconds;
  if (r == b->nruns) {
    cli_table_set(t, row, column, "none");
  } else {
    cli_table_set(t, row, column, "%zu: %s s", b->run_cells[r],
                  cli_number(seconds, b->seconds[r * b->nhorizons + h]));
  }
}

void cli_break_even_print(FILE *out, const mpp_break_even *b, const mpp_scores *s, bool has_model,
                          const mpp_evaluate_options *o)
{
  size_t column[MPP_LIST_MAX];
  const size_t n = cli_scores_columns(column, s, &o->horizons);
  cli_number_text seconds;
  cli_table t;
  fprintf(
      out,
      "  BREAK-EVEN: cells along an axis of the coarsest run of the solver %s whose NRMSE (mean) "
      "is no larger, and its time; the data have %zu\n",
      b->solver, b->cells);
  cli_table_begin(&t, 1 + n, 1);
  const size_t head = cli_table_row(&t);
  cli_table_set(&t, head, 0, "after steps");
  for (size_t k = 0; k < n; k++) { cli_table_set(&t, head, 1 + k, "%ld", s->horizon[column[k]]); }
  for (mpp_predictor p = has_model ? MPP_BY_MODEL : MPP_BY_PERSISTENCE; p < mpp_scores_end(s);
       p++) {
    const size_t row = cli_table_row(&t);
    cli_table_set(&t, row, 0, "%s", mpp_predictor_name(p));
    for (size_t k = 0; k < n; k++) {
      set_cell(&t, row, 1 + k, b, column[k],
               mpp_scores_value(s, p, MPP_METRIC_NRMSE, column[k], s->nfields));
    }
  }
  const size_t own = cli_table_row(&t), model = cli_table_row(&t);
  cli_table_set(&t, own, 0, "solver at %zu cells", b->cells);
  cli_table_set(&t, model, 0, "model itself");
  for (size_t k = 0; k < n; k++) {
    cli_table_set(&t, own, 1 + k, "%s s", cli_number(seconds, b->seconds[column[k]]));
    cli_table_set(
        &t, model, 1 + k, "%s s",
        cli_number(seconds, s->details->seconds_per_step * (double)s->horizon[column[k]]));
  }
  t.nrows -= isnan(s->details->seconds_per_step) ? 1 : 0;
  cli_table_print(out, &t, 2);
  cli_table_free(&t);
}

static json_t *list_of(const double *value, size_t count)
{
  json_t *list = json_array();
  for (size_t i = 0; i < count; i++) { json_array_append_new(list, cli_json_real(value[i])); }
  return list;
}

/* Of a predictor: cells and seconds of the coarsest run as good, null where there is none. */
static json_t *predictor_json(const mpp_break_even *b, const mpp_scores *s, mpp_predictor p)
{
  json_t *cells = json_array(), *seconds = json_array(), *one = json_object();
  for (size_t h = 0; h < b->nhorizons; h++) {
    const size_t r =
        mpp_break_even_find(b, h, mpp_scores_value(s, p, MPP_METRIC_NRMSE, h, s->nfields));
    const bool found = r < b->nruns;
    json_array_append_new(cells, found ? json_integer((json_int_t)b->run_cells[r]) : json_null());
    json_array_append_new(seconds,
                          found ? cli_json_real(b->seconds[r * b->nhorizons + h]) : json_null());
  }
  json_object_set_new(one, "cells", cells);
  json_object_set_new(one, "seconds", seconds);
  return one;
}

json_t *cli_break_even_json(const mpp_break_even *b, const mpp_scores *s, bool has_model)
{
  json_t *root = json_object(), *runs = json_array(), *predictors = json_object();
  for (size_t r = 0; r < b->nruns; r++) {
    json_t *run = json_object();
    json_object_set_new(run, "cells", json_integer((json_int_t)b->run_cells[r]));
    json_object_set_new(run, "from",
                        json_string(b->from_context[r] ? "context" : "initial condition"));
    json_object_set_new(run, "nrmse", list_of(b->nrmse + r * b->nhorizons, b->nhorizons));
    json_object_set_new(run, "seconds", list_of(b->seconds + r * b->nhorizons, b->nhorizons));
    json_array_append_new(runs, run);
  }
  for (mpp_predictor p = has_model ? MPP_BY_MODEL : MPP_BY_PERSISTENCE; p < mpp_scores_end(s);
       p++) {
    json_object_set_new(predictors, mpp_predictor_name(p), predictor_json(b, s, p));
  }
  json_object_set_new(root, "solver", cli_json_text(b->solver));
  json_object_set_new(root, "cells", json_integer((json_int_t)b->cells));
  json_object_set_new(root, "method",
                      json_string("NRMSE, mean over windows and fields; frames come to the grid of "
                                  "the data by cubic interpolation; a run from the initial "
                                  "condition has erred since t = 0, one from the context starts "
                                  "from cell averages of its frames; seconds are of one window"));
  json_object_set_new(root, "runs", runs);
  json_object_set_new(root, "predictors", predictors);
  json_object_set_new(root, "model_seconds_per_step", cli_json_real(s->details->seconds_per_step));
  return root;
}

void cli_break_even_csv(FILE *out, const mpp_break_even *b, const mpp_scores *s, const char *data)
{
  for (size_t i = 0; i < b->nruns * b->nhorizons * 2; i++) {
    const size_t r = i / 2 / b->nhorizons, h = i / 2 % b->nhorizons;
    const double value = (i % 2 == 0 ? b->nrmse : b->seconds)[r * b->nhorizons + h];
    cli_csv_text(out, data);
    fputc(',', out);
    cli_csv_text(out, s->system);
    fprintf(out, ",,solver-%zu%s,mean,%ld,%s,%.9g,,\n", b->run_cells[r],
            b->from_context[r] ? "-from-context" : "", s->horizon[h],
            i % 2 == 0 ? "nrmse" : "seconds", value);
  }
}
