/* cmd_rollout.c - forecasts as netCDF files, and made again. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rollout_log.h"

typedef struct rollout_extra {
  bool live;
  char repeat[MPP_TEXT_MAX];
} rollout_extra;

static const mpp_option extra_table[] = {
    {"live", 0, MPP_OPT_FLAG, offsetof(rollout_extra, live), NULL, 0, 0, NULL, NULL,
     "list the time and the errors of each step on stderr"},
    {"repeat", 0, MPP_OPT_TEXT, offsetof(rollout_extra, repeat), NULL, 0, 0, NULL, "FILE",
     "make the forecast of FILE again, by the settings in it, and say what differs; --model and "
     "--data stand for files that have moved"},
    {.name = NULL}};

/* The number of fields comes from the data. */
static mpp_status count_fields(size_t *nfields, const mpp_rollout_options *o)
{
  static mpp_generate_options options;
  mpp_dataset *data = NULL;
  mpp_pde_stream *stream = NULL;
  const mpp_pde *pde = NULL;
  static const char prefix[] = "solver:";
  mpp_status st = MPP_OK;
  if (strncmp(o->data, prefix, sizeof prefix - 1) == 0) {
    CLI_TRY(mpp_pde_parse(&pde, &options, o->data + sizeof prefix - 1));
    CLI_TRY(mpp_pde_stream_open(&stream, pde, &options));
    *nfields = mpp_pde_stream_info(stream)->nfields;
    mpp_pde_stream_close(stream);
  } else {
    static mpp_data_flags flags; /* large */
    flags = o->flags;
    flags.stride[0] = '\0'; /* may count frames */
    CLI_TRY(mpp_dataset_open(&data, o->data, &(mpp_dataset_options){.flags = &flags}));
    *nfields = mpp_dataset_get_info(data)->nfields;
    mpp_dataset_close(data);
  }
done:
  return st;
}

/* ---- --repeat ---- */

static void print_difference(const mpp_rollout_difference *d)
{
  cli_number_text text;
  if (d->first[0] != '\0' || d->second[0] != '\0') {
    printf("  %s: '%s', now '%s'\n", d->name, d->first[0] != '\0' ? d->first : "is there",
           d->second[0] != '\0' ? d->second : "is there");
  } else {
    printf("  %s: from record %zu on, by up to %s\n", d->name, d->record,
           cli_number(text, d->largest));
  }
}

static mpp_status print_differences(const mpp_rollout_options *o, const char *path,
                                    const mpp_rollout_difference *d, size_t count)
{
  if (!o->json) {
    printf("%s: %s\n", path, count == 0 ? "the same bits" : "differs when made again");
    for (size_t i = 0; i < count; i++) { print_difference(&d[i]); }
    return MPP_OK;
  }
  json_t *root = json_object(), *list = json_array();
  for (size_t i = 0; i < count; i++) {
    json_t *one = json_object();
    json_object_set_new(one, "name", cli_json_text(d[i].name));
    json_object_set_new(one, "record", json_integer((json_int_t)d[i].record));
    json_object_set_new(one, "largest", cli_json_real(d[i].largest));
    json_object_set_new(one, "was", cli_json_text(d[i].first));
    json_object_set_new(one, "is", cli_json_text(d[i].second));
    json_array_append_new(list, one);
  }
  json_object_set_new(root, "file", cli_json_text(path));
  json_object_set_new(root, "same", json_boolean(count == 0));
  json_object_set_new(root, "differences", list);
  return cli_json_print(root);
}

static mpp_status repeat(const mpp_rollout_options *o, const char *path, const char *line)
{
  mpp_rollout_difference *differences = NULL;
  size_t count = 0;
  rollout_log log = {0};
  mpp_status st = MPP_OK;
  CLI_TRY(mpp_rollout_repeat(&differences, &count, path, o->model, o->data, line, rollout_log_note,
                             &log));
  cli_progress_end();
  CLI_TRY(print_differences(o, path, differences, count));
  if (count > 0) {
    st = cli_fail(MPP_ERR_DATA, "%s: %zu variables or attributes differ when made again", path,
                  count);
  }
done:
  rollout_log_free(&log);
  mpp_rollout_differences_free(differences);
  return st;
}

/* ---- the command ---- */

static mpp_status run(const cli_args *args)
{
  static mpp_rollout_options o;
  static mpp_rollout_summary summary;
  rollout_extra extra;
  rollout_log log = {0};
  mpp_status st = MPP_OK;
  CLI_TRY(mpp_options_defaults(&o, mpp_rollout_table));
  CLI_TRY(mpp_options_defaults(&extra, extra_table));
  CLI_TRY(cli_args_apply(args, &o, &extra));
  mpp_set_threads((int)o.threads);
  if (extra.repeat[0] != '\0') {
    return repeat(&o, extra.repeat, args->line);
  }
  if (o.model[0] == '\0' || o.data[0] == '\0' || o.output[0] == '\0') {
    st = cli_fail(MPP_ERR_USAGE, "rollout: needs --model, --data and --output");
    goto done;
  }
  CLI_TRY(count_fields(&log.nfields, &o));
  log.live = extra.live;
  st = mpp_rollout(&summary, &o, args->line, rollout_log_note, &log);
  cli_progress_end();
  if (st == MPP_OK || (st == MPP_ERR_DIVERGED && summary.forecasts > 0)) {
    if (o.json) {
      const mpp_status printed = rollout_log_json(&log, &o, &summary);
      st = st == MPP_OK ? printed : st;
    } else {
      rollout_log_print(&log, &summary);
    }
  }
done:
  rollout_log_free(&log);
  return st;
}

const cli_command cli_rollout = {
    .name = "rollout",
    .summary = "forecast from frames of a dataset or a solver and write netCDF",
    .usage = "--model FILE|window[:NAME] --data DATA -o FILE.nc [options]",
    .details =
        "Takes frames of a trajectory as context and predicts the following ones, each from those "
        "before it. Where the data has the true frames, they and the error of each step are "
        "written too. A killed run keeps its complete records; --resume continues it to the same "
        "data. Lists of samples, starts, steps and members make a file each, named by what "
        "varies.\n"
        "\n"
        "With --model window no checkpoint is needed: predictors are fitted to the context frames "
        "themselves, and the one is taken that does best when the last third of them is forecast "
        "from the rest. window:NAME takes a certain one, window:? lists them.\n"
        "\n"
        "Range, conserved quantities and the share of short waves are watched at each step and "
        "stored as variables; --on-violation says what happens when one leaves its bounds.\n"
        "\n"
        "  mpp rollout --model runs/a/best.safetensors --data data/swe.h5 --sample 3 --steps 50 "
        "-o out.nc\n"
        "  mpp rollout --model window --data data/swe.h5 --start 40 -o out.nc\n"
        "  mpp rollout --model m.safetensors --data solver:swe,seed=5 --sample 0-9 -o "
        "'out/{sample}.nc'\n"
        "  mpp rollout --repeat out.nc",
    .table = mpp_rollout_table,
    .extra = extra_table,
    .max_words = 0,
    .run = run,
};
