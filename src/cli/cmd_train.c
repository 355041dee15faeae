/* cmd_train.c - pretrain and finetune: one training run, followed on stderr. */
#include "cli.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct train_log {
  mpp_train_progress progress; /* of the last step */
  mpp_scores *scores;          /* last validation, owned */
  size_t ndatasets;
  bool json;
  json_t *report; /* of a finetuning, if there was one and it is wanted as JSON; owned */
  bool reported;
} train_log;

static void log_clear(train_log *log)
{
  for (size_t d = 0; d < log->ndatasets; d++) { free(log->scores[d].score); }
  free(log->scores);
  log->scores = NULL;
  log->ndatasets = 0;
}

static void on_step(void *context, const mpp_train_progress *p)
{
  train_log *log = context;
  cli_number_text loss, rate;
  cli_time_text left;
  if (!p->from_scratch) {
    log->progress = *p;
  }
  cli_progress((double)p->step / (double)p->steps,
               "%sstep %llu of %llu, loss %s, %s samples/s, %s left",
               p->from_scratch ? "from scratch: " : "", (unsigned long long)p->step,
               (unsigned long long)p->steps, cli_number(loss, p->loss),
               cli_number(rate, p->samples_per_second), cli_time(left, p->seconds_left));
}

/* A copy, since the scores live only as long as the call. Without memory none is kept. */
static void keep_scores(train_log *log, const mpp_scores *scores, size_t ndatasets)
{
  log_clear(log);
  log->scores = calloc(ndatasets, sizeof *log->scores);
  for (size_t d = 0; log->scores != NULL && d < ndatasets; d++) {
    const size_t count = (size_t)MPP_PREDICTORS * scores[d].nhorizons * scores[d].nfields;
    mpp_score *copy = calloc(count + 1, sizeof *copy);
    if (copy == NULL) {
      break;
    }
    memcpy(copy, scores[d].score, count * sizeof *copy);
    log->scores[d] = scores[d];
    log->scores[d].score = copy;
    log->scores[d].details = NULL;
    log->ndatasets = d + 1;
  }
}

static void on_validation(void *context, uint64_t step, const mpp_scores *scores, size_t ndatasets)
{
  keep_scores(context, scores, ndatasets);
  FILE *out = cli_message_stream();
  if (out != NULL) {
    fprintf(out, "validation at step %llu\n", (unsigned long long)step);
    cli_scores_brief(out, scores, ndatasets);
  }
}

static void on_message(void *context, const char *text)
{
  (void)context;
  cli_message("%s", text);
}

static void on_report(void *context, const mpp_comparison *list, size_t ndatasets)
{
  train_log *log = context;
  log->reported = true;
  log->report = log->json ? json_array() : NULL;
  for (size_t d = 0; d < ndatasets; d++) {
    if (log->json) {
      json_array_append_new(log->report, cli_report_json(&list[d]));
    } else {
      cli_progress_end();
      cli_report_print(stdout, &list[d]);
    }
  }
}

/* ---- signals: the first asks for a checkpoint and the end, the second ends at once ---- */

static volatile sig_atomic_t interrupts;

static void on_signal(int number)
{
  mpp_train_request_stop();
  if (number != SIGUSR1 && interrupts++ > 0) {
    signal(number, SIG_DFL);
    raise(number); /* takes effect when this handler returns */
  }
}

static void catch_signals(void)
{
  const int numbers[] = {SIGTERM, SIGINT, SIGUSR1};
  struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
    sigaction(numbers[i], &action, NULL);
  }
}

/* ---- results ---- */

static mpp_status print_json(const mpp_train_options *o, const train_log *log, mpp_status ended,
                             double seconds)
{
  const mpp_train_progress *p = &log->progress;
  json_t *root = json_object(), *validation = json_array();
  for (size_t d = 0; d < log->ndatasets; d++) {
    json_array_append_new(validation, cli_scores_json(&log->scores[d], true));
  }
  json_object_set_new(root, "output", cli_json_text(o->output));
  json_object_set_new(root, "finished", json_boolean(ended == MPP_OK));
  json_object_set_new(root, "step", json_integer((json_int_t)p->step));
  json_object_set_new(root, "steps", json_integer((json_int_t)o->steps));
  json_object_set_new(root, "loss", cli_json_real(p->step > 0 ? p->loss : NAN));
  json_object_set_new(root, "skipped", json_integer((json_int_t)p->skipped));
  json_object_set_new(root, "seconds", cli_json_real(seconds));
  json_object_set_new(root, "input_wait", cli_json_real(p->step > 0 ? p->input_wait : NAN));
  json_object_set_new(root, "validation", validation);
  if (log->report != NULL) {
    json_object_set(root, "report", log->report);
  }
  return cli_json_print(root);
}

static void print_text(const mpp_train_options *o, const train_log *log, double seconds)
{
  cli_number_text loss;
  cli_time_text time;
  if (log->progress.step > 0) {
    printf("%s: %llu steps in %s, last loss %s, input wait %.1f %%\n", o->output,
           (unsigned long long)log->progress.step, cli_time(time, seconds),
           cli_number(loss, log->progress.loss), 100.0 * log->progress.input_wait);
  } else {
    printf("%s: all %ld steps were done before\n", o->output, o->steps);
  }
  for (size_t d = 0; d < log->ndatasets && !log->reported; d++) {
    cli_scores_print(stdout, &log->scores[d], true);
  }
}

typedef mpp_status (*train_function)(const mpp_train_options *options, const char *command,
                                     const mpp_train_observer *observer);

static mpp_status train(const cli_args *args, const mpp_train_options *o, train_function run)
{
  train_log log = {.json = o->json};
  const mpp_train_observer observer = {&log, on_step, on_validation, on_message, on_report};
  mpp_set_threads((int)o->threads);
  cli_progress_interval((double)o->log_every);
  catch_signals();
  const double start = cli_clock();
  mpp_status st = run(o, args->line, &observer);
  const double seconds = cli_clock() - start;
  cli_progress_end();
  if (st == MPP_OK || st == MPP_STOPPED) {
    mpp_status printed = MPP_OK;
    if (o->json) {
      printed = print_json(o, &log, st, seconds);
    } else if (st == MPP_OK) {
      print_text(o, &log, seconds);
    }
    st = printed != MPP_OK ? printed : st;
  }
  if (st == MPP_STOPPED) {
    cli_fail(st, "%s: stopped at step %llu of %ld with a checkpoint; --resume continues", o->output,
             (unsigned long long)log.progress.step, o->steps);
  }
  json_decref(log.report);
  log_clear(&log);
  return st;
}

/* ---- the commands ---- */

typedef struct run_extra {
  char config[MPP_TEXT_MAX];
} run_extra;

static const mpp_option run_table[] = {CLI_CONFIG_ROW(run_extra, config), {.name = NULL}};

static mpp_status run_pretrain(const cli_args *args)
{
  static mpp_train_options o; /* large: texts of fixed length */
  mpp_status st = MPP_OK;
  run_extra extra;
  const mpp_option *table = mpp_pretrain_table;
  CLI_TRY(mpp_options_defaults(&extra, run_table));
  CLI_TRY(cli_train_settings(&o, &table, args, &extra, extra.config));
  if (args->nwords == 0 && o.ndata == 0 && o.data_words.count == 0) {
    st = cli_fail(MPP_ERR_USAGE, "pretrain: on which data? usage: mpp pretrain CONFIG.yaml, or "
                                 "mpp pretrain --data FILE[:SYSTEM]");
    goto done;
  }
  st = train(args, &o, table == mpp_finetune_table ? mpp_finetune : mpp_pretrain);
done:
  return st;
}

static mpp_status run_finetune(const cli_args *args)
{
  static mpp_train_options o;
  mpp_status st = MPP_OK;
  run_extra extra;
  const mpp_option *table = mpp_finetune_table;
  CLI_TRY(mpp_options_defaults(&extra, run_table));
  CLI_TRY(cli_train_settings(&o, &table, args, &extra, extra.config));
  if (o.model[0] == '\0') {
    st = cli_fail(MPP_ERR_USAGE, "finetune: which model? give --model FILE");
    goto done;
  }
  st = train(args, &o, mpp_finetune);
done:
  return st;
}

const cli_command cli_pretrain = {
    .name = "pretrain",
    .summary = "train a new model on a mix of datasets",
    .usage = "[CONFIG.yaml] [--key=value ...]",
    .details =
        "The configuration has the options below as keys, and 'data', a list of files or of "
        "maps with path, weight and boundary, or with solver, a system of mpp generate, and its "
        "parameters, whose trajectories are computed while the training goes on; what stands on "
        "the command line wins. Writes "
        "config.yaml, metrics.jsonl and checkpoints into the run folder. SIGTERM, SIGINT, "
        "SIGUSR1 and --max-walltime save a checkpoint and end with code 75; the same command "
        "with --resume then gives the weights of an uninterrupted run, bit for bit; so does "
        "--resume --output FOLDER alone, and after the folder was copied elsewhere.\n"
        "\n"
        "Configurations of the published trainer are read as they are; --config chooses one, and "
        "one with 'pretrained: True' finetunes.\n"
        "\n"
        "  mpp pretrain examples/configs/quickstart.yaml --output=runs/a --steps=500",
    .table = mpp_pretrain_table,
    .extra = run_table,
    .max_words = 1,
    .run = run_pretrain,
};

const cli_command cli_finetune = {
    .name = "finetune",
    .summary = "train a model further on new data, with new fields",
    .usage = "[CONFIG.yaml] --model FILE --data FILE[:SYSTEM] --output FOLDER [options]",
    .details = "Fields are matched by name; those that the model does not know are appended to it. "
               "FILE:LABEL gives the fields of a file new names, LABEL:field. Stops, resumes and "
               "writes as pretrain does. At the end the model is set beside the one that it began "
               "with, beside new weights trained on the same data (--against-scratch) and the "
               "predictors that need no training, on trajectories that none has seen; report.json "
               "in the run folder keeps it.\n"
               "\n"
               "  mpp finetune --model runs/a/best.safetensors --data lab.h5:lab --output runs/lab "
               "--steps 300",
    .table = mpp_finetune_table,
    .extra = run_table,
    .max_words = 1,
    .run = run_finetune,
};
