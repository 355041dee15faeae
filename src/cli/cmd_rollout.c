/* cmd_rollout.c - forecasts as netCDF files. */
#include "cli.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* NRMSE of the steps of this run, where the dataset has the truth; NaN elsewhere. */
typedef struct rollout_log {
  size_t nfields, steps;
  double *nrmse; /* [steps, nfields], owned */
} rollout_log;

static double mean_of(const rollout_log *log, size_t step)
{
  double sum = 0.0;
  for (size_t f = 0; f < log->nfields; f++) { sum += log->nrmse[(step - 1) * log->nfields + f]; }
  return sum / (double)log->nfields;
}

static void note_step(void *context, size_t step, size_t steps, const double *nrmse)
{
  rollout_log *log = context;
  cli_number_text text;
  if (nrmse == NULL || step < 1 || step > log->steps) {
    cli_progress((double)step / (double)steps, "step %zu of %zu", step, steps);
    return;
  }
  memcpy(log->nrmse + (step - 1) * log->nfields, nrmse, log->nfields * sizeof *nrmse);
  cli_progress((double)step / (double)steps, "step %zu of %zu, NRMSE %s", step, steps,
               cli_number(text, mean_of(log, step)));
}

/* The names and number of fields come from the dataset. */
static mpp_status log_create(rollout_log *log, const mpp_rollout_options *o)
{
  mpp_dataset *data = NULL;
  mpp_status st = mpp_dataset_open(&data, o->data, NULL);
  if (st != MPP_OK) {
    return st;
  }
  log->nfields = mpp_dataset_get_info(data)->nfields;
  log->steps = o->steps > 0 ? (size_t)o->steps : 0;
  mpp_dataset_close(data);
  log->nrmse = calloc(log->steps + 1, log->nfields * sizeof *log->nrmse);
  if (log->nrmse == NULL) {
    return cli_fail(MPP_ERR_NOMEM, "no memory for the errors of %zu steps", log->steps);
  }
  for (size_t i = 0; i < log->steps * log->nfields; i++) { log->nrmse[i] = NAN; }
  return MPP_OK;
}

/* 1, 2, 5, 10, 20, 50, ... and the last one with a truth */
static bool is_shown(size_t step, size_t last)
{
  size_t decade = 1;
  while (decade * 10 <= step) { decade *= 10; }
  return step == last || step == decade || step == 2 * decade || step == 5 * decade;
}

static void print_errors(const rollout_log *log, const mpp_rollout_summary *s)
{
  cli_number_text text;
  cli_table t;
  const size_t nfields = s->nfields < log->nfields ? s->nfields : log->nfields;
  const size_t last = s->truth_steps < log->steps ? s->truth_steps : log->steps;
  cli_table_begin(&t, 2 + nfields, 0);
  const size_t head = cli_table_row(&t);
  cli_table_set(&t, head, 0, "NRMSE at step");
  for (size_t f = 0; f < nfields; f++) { cli_table_set(&t, head, 1 + f, "%s", s->field[f]); }
  cli_table_set(&t, head, 1 + nfields, "mean");
  for (size_t step = 1; step <= last; step++) {
    if (!is_shown(step, last) || isnan(mean_of(log, step))) { /* NaN: done by an earlier run */
      continue;
    }
    const size_t row = cli_table_row(&t);
    cli_table_set(&t, row, 0, "%zu", step);
    for (size_t f = 0; f < nfields; f++) {
      cli_table_set(&t, row, 1 + f, "%s",
                    cli_number(text, log->nrmse[(step - 1) * log->nfields + f]));
    }
    cli_table_set(&t, row, 1 + nfields, "%s", cli_number(text, mean_of(log, step)));
  }
  cli_table_print(stdout, &t, 2);
  cli_table_free(&t);
}

static mpp_status print_json(const mpp_rollout_options *o, const rollout_log *log,
                             const mpp_rollout_summary *s)
{
  json_t *root = json_object(), *errors = json_array();
  for (size_t step = 1; step <= s->truth_steps && step <= log->steps; step++) {
    json_t *one = json_array();
    for (size_t f = 0; f < log->nfields; f++) {
      json_array_append_new(one, cli_json_real(log->nrmse[(step - 1) * log->nfields + f]));
    }
    json_array_append_new(errors, one);
  }
  json_object_set_new(root, "file", cli_json_text(o->output));
  json_object_set_new(root, "model", cli_json_text(o->model));
  json_object_set_new(root, "data", cli_json_text(o->data));
  json_object_set_new(root, "fields", cli_json_names(s->field, s->nfields));
  json_object_set_new(root, "steps", json_integer((json_int_t)s->steps_done));
  json_object_set_new(root, "truth_steps", json_integer((json_int_t)s->truth_steps));
  json_object_set_new(root, "seconds_per_step", cli_json_real(s->seconds_per_step));
  json_object_set_new(root, "nrmse", errors); /* [step][field]; null: no truth, or an earlier run */
  return cli_json_print(root);
}

static mpp_status run(const cli_args *args)
{
  static mpp_rollout_options o;
  rollout_log log = {0};
  mpp_rollout_summary summary = {0};
  cli_number_text text;
  mpp_status st = MPP_OK;
  CLI_TRY(mpp_options_defaults(&o, mpp_rollout_table));
  CLI_TRY(cli_args_apply(args, &o, NULL));
  mpp_set_threads((int)o.threads);
  if (o.model[0] == '\0' || o.data[0] == '\0' || o.output[0] == '\0') {
    st = cli_fail(MPP_ERR_USAGE, "rollout: needs --model, --data and --output");
    goto done;
  }
  CLI_TRY(log_create(&log, &o));
  CLI_TRY(mpp_rollout(&summary, &o, args->line, note_step, &log));
  cli_progress_end();
  if (o.json) {
    st = print_json(&o, &log, &summary);
    goto done;
  }
  printf("%s: %zu steps of %zu field%s, %s ms a step\n", o.output, summary.steps_done,
         summary.nfields, summary.nfields == 1 ? "" : "s",
         cli_number(text, 1e3 * summary.seconds_per_step));
  if (summary.has_truth) {
    print_errors(&log, &summary);
  }
done:
  free(log.nrmse);
  return st;
}

const cli_command cli_rollout = {
    .name = "rollout",
    .summary = "forecast from frames of a dataset and write netCDF",
    .usage = "--model FILE|window[:NAME] --data FILE[:SYSTEM] -o FILE.nc [options]",
    .details = "Takes frames of a trajectory as context and predicts the following ones, each from "
               "those before it. Where the dataset has the true frames, they and the error of each "
               "step are written too. A killed run keeps its complete records; --resume continues "
               "it to the same data.\n"
               "\n"
               "With --model window no checkpoint is needed: predictors are fitted to the context "
               "frames themselves, and for each field the one is taken that does best when the "
               "last third of them is forecast from the rest. window:NAME takes a certain one, "
               "window:? lists them.\n"
               "\n"
               "  mpp rollout --model runs/a/best.safetensors --data data/swe.h5 --sample 3 "
               "--steps 50 -o out.nc\n"
               "  mpp rollout --model window --data data/swe.h5 --start 40 -o out.nc",
    .table = mpp_rollout_table,
    .max_words = 0,
    .run = run,
};
