/* cmd_info.c - what a file is: model, dataset or forecast. */
#include "info_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MEMBER(member) offsetof(cli_check_settings, member)
static const mpp_option info_table[] = {
    {"check", 0, MPP_OPT_FLAG, MEMBER(check), NULL, 0, 0, NULL, NULL,
     "read all values of datasets: find what is not finite, constant, wrongly shaped, there twice, "
     "or in two parts of the split"},
    {"manifest", 0, MPP_OPT_TEXT, MEMBER(manifest), NULL, 0, 0, NULL, "FILE",
     "write sizes and digests of the files to FILE"},
    {"verify", 0, MPP_OPT_TEXT, MEMBER(verify), NULL, 0, 0, NULL, "FILE",
     "compare files with a manifest"},
    {"split", 0, MPP_OPT_CHOICE, MEMBER(split), "published", 0, 0, MPP_TRAIN_SPLIT_CHOICES, NULL,
     "with --check: the split; distinct keeps equal trajectories on one side"},
    {"train-fraction", 0, MPP_OPT_REAL, MEMBER(train_fraction), "0", 0, 1, NULL, "X",
     "with --check: share of the trajectories that train; 0 in both: the published 0.8 and 0.1"},
    {"valid-fraction", 0, MPP_OPT_REAL, MEMBER(valid_fraction), "0", 0, 1, NULL, "X",
     "with --check: share of the trajectories that validate"},
    {"overwrite", 0, MPP_OPT_FLAG, MEMBER(overwrite), NULL, 0, 0, NULL, NULL,
     "replace an existing manifest"},
    {"boundary", 0, MPP_OPT_TEXT, MEMBER(boundary), NULL, 0, 0, NULL, "AXIS=KIND,...",
     "boundaries of a dataset, as x=periodic,y=wall, instead of the file's"},
    MPP_DATA_FLAG_ROWS(cli_check_settings, flags),
    {"json", 0, MPP_OPT_FLAG, MEMBER(json), NULL, 0, 0, NULL, NULL, "report as JSON"},
    {.name = NULL}};
#undef MEMBER

void info_begin(const info_description *d, const char *spec, const char *kind)
{
  info_say_text(d, "file", spec);
  info_say_text(d, "kind", kind);
}

/* Long texts (a whole configuration) get lines of their own. */
static void each_attribute(void *context, const char *name, const char *text)
{
  const info_description *d = context;
  if (d->root != NULL) {
    json_object_set_new(d->root, name, cli_json_text(text));
  } else if (strchr(text, '\n') == NULL) {
    printf("  %-24s %s\n", name, text);
  } else {
    printf("  %s\n", name);
    for (const char *line = text; *line != '\0';) {
      const size_t length = strcspn(line, "\n");
      printf("    %.*s\n", (int)length, line);
      line += length + (line[length] == '\n' ? 1 : 0);
    }
  }
}

mpp_status info_say_attributes(const info_description *d, const char *path)
{
  info_description inner = {d->root != NULL ? json_object() : NULL};
  if (inner.root != NULL) {
    json_object_set_new(d->root, "attributes", inner.root);
  } else {
    puts("attributes");
  }
  return mpp_read_attributes(path, each_attribute, &inner);
}

static void say_vocabulary(const info_description *d, const mpp_model *m)
{
  size_t count = 0;
  const mpp_name *names = mpp_model_vocabulary(m, &count);
  if (d->root != NULL) {
    json_object_set_new(d->root, "vocabulary", cli_json_names(names, count));
    return;
  }
  for (size_t i = 0; i < count; i++) {
    const mpp_field_info *field = mpp_field_find(names[i]);
    printf("%-14s %2zu %-20s %s\n", i == 0 ? "vocabulary" : "", i,
           names[i][0] != '\0' ? names[i] : "(free)", field != NULL ? field->long_name : "");
  }
}

static mpp_status describe_model(const info_description *d, const char *path)
{
  mpp_model *m = NULL;
  char text[128], choice[32];
  mpp_status st = mpp_model_load(&m, path);
  if (st != MPP_OK) {
    return st;
  }
  const mpp_model_config *c = mpp_model_get_config(m);
  info_begin(d, path, "model");
  info_say_count(d, "parameters", mpp_model_parameter_count(m));
  info_say_count(d, "width", (size_t)c->embed_dim);
  info_say_count(d, "heads", (size_t)c->num_heads);
  info_say_count(d, "blocks", (size_t)c->processor_blocks);
  int product = 1;
  size_t used = 0;
  text[0] = '\0';
  for (int k = 0; k < c->npatch; k++) {
    used +=
        (size_t)snprintf(text + used, sizeof text - used, "%s%d", k > 0 ? " x " : "", c->patch[k]);
    product *= c->patch[k];
  }
  snprintf(text + used, sizeof text - used, " = %d", product);
  info_say_text(d, "patch", text);
  mpp_options_choice(choice, sizeof choice, MPP_BIAS_CHOICES, (int)c->bias);
  info_say_text(d, "bias", choice);
  mpp_options_choice(choice, sizeof choice, MPP_MODE_CHOICES, (int)c->mode);
  info_say_text(d, "mode", choice);
  info_say_count(d, "context", (size_t)c->context);
  info_say_text(d, "increments", c->increments ? "yes" : "no");
  info_say_text(d, "edges", c->edges ? "yes" : "no");
  say_vocabulary(d, m);
  mpp_model_destroy(m);
  return info_say_attributes(d, path);
}

/* "activator       [1] (time, y, x) = 30 x 64 x 64" */
static void each_variable(void *context, const mpp_variable *v)
{
  const info_description *d = context;
  json_t *shape = json_array(), *names = json_array();
  char dimensions[256] = "", lengths[128] = "";
  size_t a = 0, b = 0;
  for (size_t k = 0; k < v->ndims; k++) {
    json_array_append_new(names, cli_json_text(v->dimension[k]));
    json_array_append_new(shape, json_integer((json_int_t)v->shape[k]));
    if (a < sizeof dimensions && b < sizeof lengths) {
      a += (size_t)snprintf(dimensions + a, sizeof dimensions - a, "%s%s", k > 0 ? ", " : "",
                            v->dimension[k]);
      b += (size_t)snprintf(lengths + b, sizeof lengths - b, "%s%zu", k > 0 ? " x " : "",
                            v->shape[k]);
    }
  }
  if (d->root != NULL) {
    json_t *one = json_object();
    json_object_set_new(one, "name", cli_json_text(v->name));
    json_object_set_new(one, "units", cli_json_text(v->units));
    json_object_set_new(one, "long_name", cli_json_text(v->long_name));
    json_object_set_new(one, "dimensions", json_incref(names));
    json_object_set_new(one, "shape", json_incref(shape));
    json_array_append_new(d->root, one);
  } else {
    char what[640];
    snprintf(what, sizeof what, "(%s) = %s  [%s] %s", dimensions, lengths, v->units, v->long_name);
    cli_help_row(stdout, 22, v->name, what);
  }
  json_decref(names);
  json_decref(shape);
}

static mpp_status describe_forecast(const info_description *d, const char *path)
{
  info_description inner = {d->root != NULL ? json_array() : NULL};
  info_begin(d, path, "forecast");
  if (inner.root != NULL) {
    json_object_set_new(d->root, "variables", inner.root);
  } else {
    puts("variables");
  }
  const mpp_status st = mpp_read_variables(path, each_variable, &inner);
  return st != MPP_OK ? st : info_say_attributes(d, path);
}

/* PATH of PATH[:SYSTEM] where it names one file; NULL for a folder or a pattern. */
static const char *single_file(char *out, size_t size, const char *spec)
{
  struct stat about;
  snprintf(out, size, "%s", spec);
  char *colon = strrchr(out, ':');
  bool found = stat(out, &about) == 0;
  if (!found && colon != NULL) {
    *colon = '\0';
    found = stat(out, &about) == 0;
  }
  return found ? (S_ISDIR(about.st_mode) ? NULL : out) : (strpbrk(out, "*?[") != NULL ? NULL : out);
}

/* A description of data (mpp describe): a dataset. */
static bool is_description(const char *path)
{
  const char *dot = strrchr(path, '.');
  return dot != NULL && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

/* What one file is. */
static mpp_status describe(const info_description *d, const char *spec, const cli_check_settings *o)
{
  char buffer[4096];
  mpp_file_kind kind = MPP_FILE_DATASET;
  const char *file = single_file(buffer, sizeof buffer, spec);
  const bool described = file != NULL && is_description(file);
  if (file != NULL && !described) {
    const mpp_status st = mpp_identify(&kind, file);
    if (st != MPP_OK) {
      return st;
    }
  }
  if (kind == MPP_FILE_ADAPTER) {
    info_begin(d, file, "adapter");
    return info_say_attributes(d, file);
  }
  return kind == MPP_FILE_MODEL     ? describe_model(d, file)
         : kind == MPP_FILE_DATASET ? info_dataset(d, spec, described ? NULL : file, o)
                                    : describe_forecast(d, file);
}

/* All that was asked for; a fault found in the data does not keep the rest from being done. */
static mpp_status trust(const cli_args *args, const cli_check_settings *o, json_t *root)
{
  mpp_status st = MPP_OK, found = MPP_OK;
  if (o->verify[0] != '\0') {
    found = cli_info_verify(o->verify, root);
    CLI_TRY(found == MPP_ERR_DATA ? MPP_OK : found);
  }
  if (o->check) {
    const mpp_status checked = cli_info_check(args->word, args->nwords, o, root);
    CLI_TRY(checked == MPP_ERR_DATA ? MPP_OK : checked);
    found = checked != MPP_OK ? checked : found;
  }
  if (o->manifest[0] != '\0') {
    CLI_TRY(cli_info_manifest(o->manifest, args->word, args->nwords, o->overwrite));
  }
done:
  return st != MPP_OK ? st : found;
}

static mpp_status run(const cli_args *args)
{
  static cli_check_settings o; /* large: texts of fixed length */
  info_description d = {NULL};
  mpp_status st = MPP_OK;
  CLI_TRY(mpp_options_defaults(&o, info_table));
  CLI_TRY(cli_args_apply(args, &o, NULL));
  const bool trusting = o.check || o.manifest[0] != '\0' || o.verify[0] != '\0';
  if (args->nwords == 0 && (o.verify[0] == '\0' || o.check || o.manifest[0] != '\0')) {
    st = cli_fail(MPP_ERR_USAGE, "info: which file? usage: mpp info FILE");
    goto done;
  }
  if (!trusting && args->nwords > 1) {
    st = cli_fail(MPP_ERR_USAGE,
                  "info: unexpected '%s'; several files go with --check or --manifest",
                  args->word[1]);
    goto done;
  }
  d.root = o.json ? json_object() : NULL;
  st = trusting ? trust(args, &o, d.root) : describe(&d, args->word[0], &o);
  if (d.root != NULL && (st == MPP_OK || (trusting && st == MPP_ERR_DATA))) {
    const mpp_status printed = cli_json_print(json_incref(d.root));
    st = printed != MPP_OK ? printed : st;
  }
done:
  json_decref(d.root);
  return st;
}

const cli_command cli_info = {
    .name = "info",
    .summary = "describe a model, adapter, dataset or forecast file; check data",
    .usage = "FILE[:SYSTEM] [--check|--manifest FILE] [--verify FILE] [--json]",
    .details =
        "Says which of the four a file is, its sizes and fields, and what it says of its "
        "own origin.\n"
        "\n"
        "With --check, whether datasets can be trusted: every value is read once; code 65 if "
        "anything is found. With --manifest, sizes and digests of the files are written down, "
        "and with --verify compared.\n"
        "\n"
        "  mpp info runs/a/best.safetensors\n"
        "  mpp info --check data/swe.h5 data/dr.h5 --manifest data/manifest.json\n"
        "  mpp info --verify data/manifest.json",
    .table = info_table,
    .max_words = CLI_WORDS,
    .run = run,
};
