/* cmd_evaluate.c - how good a model is, beside the trivial predictors on the same windows. */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

typedef struct evaluate_progress {
  const char *what;
  size_t index, count; /* dataset, of how many */
} evaluate_progress;

static void show_progress(void *context, size_t done, size_t total)
{
  const evaluate_progress *p = context;
  const double part = total > 0 ? (double)done / (double)total : 1.0;
  cli_progress(((double)p->index + part) / (double)p->count, "%s: window %zu of %zu", p->what, done,
               total);
}

/* What is known of one dataset or of the forecasts. */
typedef struct result {
  mpp_scores scores;
  mpp_break_even solver; /* nruns = 0: not asked for */
  bool has_model;
} result;

static void result_free(result *r)
{
  if (r != NULL) {
    mpp_scores_free(&r->scores);
    mpp_break_even_free(&r->solver);
  }
  free(r);
}

/* Printed, or appended to `list`. `name`: of the dataset or forecast; `index`: the how-manieth. */
static mpp_status put(const result *r, const mpp_evaluate_options *o, const char *name,
                      size_t index, json_t *list)
{
  mpp_status st = MPP_OK;
  const bool solver = r->solver.nruns > 0;
  cli_progress_end();
  if (list != NULL) {
    json_t *one = cli_scores_json(&r->scores, r->has_model);
    json_object_set_new(one, "data", cli_json_text(name));
    if (solver) {
      json_object_set_new(one, "break_even",
                          cli_break_even_json(&r->solver, &r->scores, r->has_model));
    }
    json_array_append_new(list, one);
  } else if (o->csv) {
    cli_scores_csv(stdout, &r->scores, r->has_model, name);
    if (solver) {
      cli_break_even_csv(stdout, &r->solver, &r->scores, name);
    }
  } else {
    printf("%s%s\n", index > 0 ? "\n" : "", name);
    st = cli_scores_show(stdout, &r->scores, r->has_model, o);
    cli_spectra_print(stdout, &r->scores, r->has_model);
    if (st == MPP_OK && solver) {
      cli_break_even_print(stdout, &r->solver, &r->scores, r->has_model, o);
    }
    fflush(stdout); /* the next dataset may take long */
  }
  return st;
}

static mpp_status evaluate_one(mpp_model *model, const mpp_evaluate_options *o, size_t index,
                               json_t *list)
{
  bool distinct = false;
  mpp_evaluate_split(&distinct, o->split);
  const mpp_dataset_options choices = {.boundary = o->boundary[0] != '\0' ? o->boundary : NULL,
                                       .train = o->train_fraction,
                                       .valid = o->valid_fraction,
                                       .distinct = distinct,
                                       .flags = &o->flags};
  evaluate_progress progress = {o->data.item[index], index, o->data.count};
  mpp_dataset *data = NULL;
  result *r = calloc(1, sizeof *r);
  mpp_status st = MPP_OK;
  if (r == NULL) {
    st = cli_fail(MPP_ERR_NOMEM, "no memory for scores");
    goto done;
  }
  r->has_model = model != NULL;
  CLI_TRY(mpp_dataset_open(&data, o->data.item[index], &choices));
  CLI_TRY(mpp_evaluate(&r->scores, model, data, o, show_progress, &progress));
  if (o->break_even) {
    progress.what = "solver";
    CLI_TRY(mpp_break_even_run(&r->solver, &r->scores, data, show_progress, &progress));
  }
  CLI_TRY(put(r, o, o->data.item[index], index, list));
done:
  result_free(r);
  mpp_dataset_close(data);
  return st;
}

static void say(void *context, const char *line)
{
  (void)context;
  cli_message("no rows of predictors without training: %s", line);
}

/* Forecasts of the command line, words and --forecast, all in one table. */
static mpp_status evaluate_forecasts(const cli_args *args, const mpp_evaluate_options *o,
                                     json_t *list)
{
  enum { MOST = CLI_WORDS + MPP_LIST_MAX };
  const mpp_evaluate_observe_text told = {say, NULL};
  const char *path[MOST];
  char name[MPP_TEXT_MAX];
  evaluate_progress progress = {"forecasts", 0, 1};
  size_t count = 0;
  result *r = calloc(1, sizeof *r);
  mpp_status st = MPP_OK;
  if (r == NULL) {
    st = cli_fail(MPP_ERR_NOMEM, "no memory for scores");
    goto done;
  }
  r->has_model = true;
  for (size_t i = 0; i < args->nwords; i++) { path[count++] = args->word[i]; }
  for (size_t i = 0; i < o->forecast.count; i++) { path[count++] = o->forecast.item[i]; }
  CLI_TRY(mpp_evaluate_forecasts(&r->scores, path, count, o, show_progress, &told, &progress));
  if (o->break_even) {
    progress.what = "solver";
    CLI_TRY(mpp_break_even_forecasts(&r->solver, &r->scores, path[0],
                                     o->data.count > 0 ? o->data.item[0] : "", show_progress,
                                     &progress));
  }
  snprintf(name, sizeof name, count > 1 ? "%s and %zu more" : "%s", path[0], count - 1);
  CLI_TRY(put(r, o, name, 0, list));
done:
  result_free(r);
  return st;
}

/* What goes with what. */
static mpp_status check_options(const mpp_evaluate_options *o, bool forecasts)
{
  bool shown[MPP_METRICS];
  if (forecasts && o->model[0] != '\0') {
    return cli_fail(MPP_ERR_USAGE, "evaluate: give a model or forecasts, not both");
  }
  if (o->adapter[0] != '\0' && o->model[0] == '\0') {
    return cli_fail(MPP_ERR_USAGE,
                    "evaluate: --adapter needs --model, the model it was trained on");
  }
  if (!forecasts && o->data.count == 0) {
    return cli_fail(MPP_ERR_USAGE,
                    "evaluate: no data; give --data FILE[:SYSTEM], or forecasts (FILE.nc)");
  }
  if (o->json && o->csv) {
    return cli_fail(MPP_ERR_USAGE, "evaluate: --json and --csv exclude each other");
  }
  return cli_metrics_chosen(shown, &o->metrics);
}

static mpp_status run(const cli_args *args)
{
  static mpp_evaluate_options o; /* large: texts of fixed length */
  mpp_model *model = NULL;
  json_t *list = NULL;
  mpp_status st = MPP_OK;
  CLI_TRY(mpp_options_defaults(&o, mpp_evaluate_table));
  CLI_TRY(cli_args_apply(args, &o, NULL));
  mpp_set_threads((int)o.threads);
  const bool forecasts = args->nwords > 0 || o.forecast.count > 0;
  CLI_TRY(check_options(&o, forecasts));
  if (o.model[0] != '\0') {
    CLI_TRY(mpp_model_load_adapted(&model, o.model, o.adapter));
    CLI_TRY(mpp_model_set_precision(model, (mpp_precision)o.precision));
  }
  list = o.json ? json_array() : NULL;
  if (o.csv) {
    cli_scores_csv_head(stdout);
  }
  if (forecasts) {
    CLI_TRY(evaluate_forecasts(args, &o, list));
  }
  for (size_t i = 0; !forecasts && i < o.data.count; i++) {
    CLI_TRY(evaluate_one(model, &o, i, list));
  }
  if (o.json) {
    json_t *root = json_object();
    json_object_set_new(root, "model", model != NULL ? cli_json_text(o.model) : json_null());
    if (o.adapter[0] != '\0') {
      json_object_set_new(root, "adapter", cli_json_text(o.adapter));
    }
    json_object_set_new(root, "datasets", json_incref(list));
    st = cli_json_print(root);
  }
done:
  json_decref(list);
  mpp_model_destroy(model);
  return st;
}

const cli_command cli_evaluate = {
    .name = "evaluate",
    .summary = "score a model on datasets, or forecasts in files, beside trivial predictors",
    .usage = "--model FILE --data FILE[:SYSTEM] [options] | FORECAST.nc... [options]",
    .details =
        "Prints metrics of MPP, The Well and PDEBench of forecasts of several lengths for every "
        "dataset and field, beside persistence, linear and quadratic extrapolation, the one of the "
        "three "
        "that did best inside the window, auto-regression and local stencils fitted to the "
        "window, and (as window) the one of all that did best inside it. Without --model, only "
        "these.\n"
        "\n"
        "  mpp evaluate --model runs/a/best.safetensors --data data/swe.h5 --horizons 1,20\n"
        "  mpp evaluate out.nc --metrics all --csv",
    .table = mpp_evaluate_table,
    .max_words = CLI_WORDS,
    .run = run,
};
