/* cmd_evaluate.c - how good a model is, beside the trivial predictors on the same windows. */
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

/* Scores of one dataset, printed or appended to `list`. */
static mpp_status evaluate_one(mpp_model *model, const mpp_evaluate_options *o, size_t index,
                               json_t *list)
{
  bool distinct = false;
  mpp_evaluate_split(&distinct, o->split);
  const mpp_dataset_options choices = {.boundary = o->boundary[0] != '\0' ? o->boundary : NULL,
                                       .train = o->train_fraction,
                                       .valid = o->valid_fraction,
                                       .distinct = distinct};
  evaluate_progress progress = {o->data.item[index], index, o->data.count};
  mpp_dataset *data = NULL;
  mpp_scores scores = {0};
  mpp_status st = MPP_OK;
  CLI_TRY(mpp_dataset_open(&data, o->data.item[index], &choices));
  CLI_TRY(mpp_evaluate(&scores, model, data, o, show_progress, &progress));
  cli_progress_end();
  if (list != NULL) {
    json_t *one = cli_scores_json(&scores, model != NULL);
    json_object_set_new(one, "data", cli_json_text(o->data.item[index]));
    json_array_append_new(list, one);
  } else if (o->csv) {
    cli_scores_csv(stdout, &scores, model != NULL, o->data.item[index]);
  } else {
    printf("%s%s\n", index > 0 ? "\n" : "", o->data.item[index]);
    CLI_TRY(cli_scores_show(stdout, &scores, model != NULL, o));
    fflush(stdout); /* the next dataset may take long */
  }
done:
  mpp_scores_free(&scores);
  mpp_dataset_close(data);
  return st;
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
  if (o.data.count == 0) {
    st = cli_fail(MPP_ERR_USAGE, "evaluate: no data; give --data FILE[:SYSTEM]");
    goto done;
  }
  if (o.adapter[0] != '\0' && o.model[0] == '\0') {
    st = cli_fail(MPP_ERR_USAGE, "evaluate: --adapter needs --model, the model it was trained on");
    goto done;
  }
  if (o.json && o.csv) {
    st = cli_fail(MPP_ERR_USAGE, "evaluate: --json and --csv exclude each other");
    goto done;
  }
  bool shown[MPP_METRICS];
  CLI_TRY(cli_metrics_chosen(shown, &o.metrics)); /* before the work */
  if (o.csv) {
    cli_scores_csv_head(stdout);
  }
  if (o.model[0] != '\0') {
    CLI_TRY(mpp_model_load_adapted(&model, o.model, o.adapter));
    CLI_TRY(mpp_model_set_precision(model, (mpp_precision)o.precision));
  }
  list = o.json ? json_array() : NULL;
  for (size_t i = 0; i < o.data.count; i++) { CLI_TRY(evaluate_one(model, &o, i, list)); }
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
    .summary = "score a model on datasets, beside trivial predictors",
    .usage = "--model FILE --data FILE[:SYSTEM] [options]",
    .details =
        "Prints metrics of MPP, The Well and PDEBench of forecasts of several lengths for every "
        "dataset and field, beside persistence, linear and quadratic extrapolation, the one of the "
        "three "
        "that did best inside the window, auto-regression and local stencils fitted to the "
        "window, and (as window) the one of all that did best inside it. Without --model, only "
        "these.\n"
        "\n"
        "  mpp evaluate --model runs/a/best.safetensors --data data/swe.h5 --horizons 1,20",
    .table = mpp_evaluate_table,
    .max_words = 0,
    .run = run,
};
