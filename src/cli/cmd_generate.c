/* cmd_generate.c - reference data from the built-in solvers. */
#include "cli.h"

#include <string.h>

enum { COLUMN = 16 }; /* width of names in lists */

typedef struct generate_extra {
  bool list, json;
} generate_extra;

static const mpp_option extra_table[] = {
    {"list", 'l', MPP_OPT_FLAG, offsetof(generate_extra, list), NULL, 0, 0, NULL, NULL,
     "list the systems; with --json parameters and published datasets too"},
    {"json", 0, MPP_OPT_FLAG, offsetof(generate_extra, json), NULL, 0, 0, NULL, NULL,
     "report as JSON"},
    {.name = NULL}};

/* "128 x 128 cells, 101 frames to t = 1, x=open,y=open" */
static void print_defaults(FILE *out, const mpp_pde *pde)
{
  static const char *const cells[] = {"", "%zu cells", "%zu^2 cells", "%zu^3 cells"};
  const mpp_pde_defaults d = mpp_pde_get_defaults(pde);
  char text[256], grid[64];
  snprintf(grid, sizeof grid, cells[d.dimensions], d.resolution);
  if (d.frames > 1) {
    snprintf(text, sizeof text, "%s, %zu frames to t = %g, boundary %s (%s)", grid, d.frames,
             d.horizon, d.boundary, d.boundaries);
  } else {
    snprintf(text, sizeof text, "%s, steady, boundary %s (%s)", grid, d.boundary, d.boundaries);
  }
  cli_help_row(out, COLUMN, "default", text);
}

static void print_head(FILE *out, const mpp_pde *pde)
{
  fprintf(out, "%s - %s\n", mpp_pde_name(pde), mpp_pde_summary(pde));
  cli_help_row(out, COLUMN, "source", mpp_pde_reference(pde));
  print_defaults(out, pde);
}

static void print_parameter(FILE *out, const mpp_pde_param *p)
{
  char text[512], word[MPP_NAME_MAX];
  const bool plain = strcmp(p->units, "1") == 0;
  if (p->kind == MPP_PARAM_CHOICE) {
    mpp_options_choice(word, sizeof word, p->choices, (int)p->fallback);
    snprintf(text, sizeof text, "%s: %s (default %s)", p->help, p->choices, word);
  } else {
    snprintf(text, sizeof text, "%s%s%s%s (default %g; %g to %g)", p->help, plain ? "" : " [",
             plain ? "" : p->units, plain ? "" : "]", p->fallback, p->min, p->max);
  }
  cli_help_row(out, COLUMN, p->name, text);
}

static void print_system(FILE *out, const mpp_pde *pde)
{
  char text[512];
  print_head(out, pde);
  fputs("  parameters, set with --set NAME=VALUE:\n", out);
  for (const mpp_pde_param *p = mpp_pde_params(pde); p->name != NULL; p++) {
    print_parameter(out, p);
  }
  const mpp_pde_preset *preset = mpp_pde_presets(pde);
  if (preset != NULL) {
    fputs("  published datasets, taken with --preset NAME:\n", out);
  }
  for (; preset != NULL && preset->name != NULL; preset++) {
    snprintf(text, sizeof text, "%zu samples%s%s%s%s", preset->samples,
             preset->set[0] != '\0' ? ", " : "", preset->set, preset->boundary != NULL ? ", " : "",
             preset->boundary != NULL ? preset->boundary : "");
    cli_help_row(out, COLUMN, preset->name, text);
  }
}

static void more_help(FILE *out, const char *word)
{
  const mpp_pde *pde = word != NULL ? mpp_pde_find(word) : NULL;
  if (pde != NULL) {
    fputc('\n', out);
    print_system(out, pde);
    return;
  }
  fputs("\nSystems ('mpp generate SYSTEM --help' has parameters and published datasets):\n", out);
  for (size_t i = 0; (pde = mpp_pde_at(i)) != NULL; i++) {
    cli_help_row(out, 24, mpp_pde_name(pde), mpp_pde_summary(pde));
  }
}

static json_t *parameters_of(const mpp_pde *pde)
{
  json_t *list = json_array();
  for (const mpp_pde_param *p = mpp_pde_params(pde); p->name != NULL; p++) {
    json_t *entry = json_pack("{s:s,s:s,s:f,s:s}", "name", p->name, "units", p->units, "default",
                              p->fallback, "help", p->help);
    if (p->kind == MPP_PARAM_CHOICE) {
      json_object_set_new(entry, "choices", json_string(p->choices));
    } else {
      json_object_set_new(entry, "min", json_real(p->min));
      json_object_set_new(entry, "max", json_real(p->max));
    }
    json_array_append_new(list, entry);
  }
  return list;
}

static json_t *presets_of(const mpp_pde *pde)
{
  json_t *list = json_array();
  for (const mpp_pde_preset *p = mpp_pde_presets(pde); p != NULL && p->name != NULL; p++) {
    json_array_append_new(list, json_pack("{s:s,s:s,s:I}", "name", p->name, "set", p->set,
                                          "samples", (json_int_t)p->samples));
  }
  return list;
}

static mpp_status list_systems(bool json)
{
  json_t *list = json_array();
  const mpp_pde *pde = NULL;
  for (size_t i = 0; (pde = mpp_pde_at(i)) != NULL; i++) {
    if (!json) {
      fputs(i > 0 ? "\n" : "", stdout);
      print_head(stdout, pde);
      continue;
    }
    const mpp_pde_defaults d = mpp_pde_get_defaults(pde);
    json_array_append_new(
        list,
        json_pack("{s:s,s:s,s:s,s:i,s:I,s:I,s:f,s:s,s:s,s:o,s:o}", "name", mpp_pde_name(pde),
                  "summary", mpp_pde_summary(pde), "reference", mpp_pde_reference(pde),
                  "dimensions", d.dimensions, "resolution", (json_int_t)d.resolution, "frames",
                  (json_int_t)d.frames, "horizon", d.horizon, "boundary", d.boundary, "boundaries",
                  d.boundaries, "parameters", parameters_of(pde), "presets", presets_of(pde)));
  }
  if (json) {
    return cli_json_print(list);
  }
  json_decref(list);
  return MPP_OK;
}

static mpp_status find_system(const mpp_pde **out, const cli_args *args)
{
  if (args->nwords == 0) {
    return cli_fail(MPP_ERR_USAGE, "generate: which system? 'mpp generate --list' shows them");
  }
  *out = mpp_pde_find(args->word[0]);
  if (*out != NULL) {
    return MPP_OK;
  }
  const char *names[64];
  size_t count = 0;
  for (const mpp_pde *pde; count < 64 && (pde = mpp_pde_at(count)) != NULL; count++) {
    names[count] = mpp_pde_name(pde);
  }
  const char *close = mpp_closest(args->word[0], names, count);
  return cli_fail(MPP_ERR_USAGE,
                  "generate: unknown system '%s'%s%s%s; 'mpp generate --list' shows them",
                  args->word[0], close != NULL ? " (did you mean '" : "",
                  close != NULL ? close : "", close != NULL ? "'?)" : "");
}

static void show_progress(void *context, size_t done, size_t total)
{
  const mpp_pde *const *pde = context;
  cli_progress((double)done / (double)total, "%s: %zu of %zu trajectories", mpp_pde_name(*pde),
               done, total);
}

static mpp_status report(const mpp_generate_options *o, bool json, double seconds)
{
  mpp_dataset *data = NULL;
  mpp_status st = mpp_dataset_open(&data, o->output, NULL);
  if (st != MPP_OK) {
    return st;
  }
  const mpp_dataset_info *info = mpp_dataset_get_info(data);
  if (json) {
    json_t *root = json_object();
    json_t *grid = json_array();
    for (int a = 0; a < 3; a++) {
      json_array_append_new(grid, json_integer((json_int_t)info->grid[a]));
    }
    json_object_set_new(root, "file", cli_json_text(o->output));
    json_object_set_new(root, "system", cli_json_text(info->system));
    json_object_set_new(root, "fields", cli_json_names(info->field, info->nfields));
    json_object_set_new(root, "trajectories", json_integer((json_int_t)info->ntrajectories));
    json_object_set_new(root, "frames", json_integer((json_int_t)info->nframes));
    json_object_set_new(root, "grid", grid);
    json_object_set_new(root, "seconds", cli_json_real(seconds));
    st = cli_json_print(root);
  } else {
    cli_number_text text;
    printf("%s: %zu trajectories of %s, %zu frames of ", o->output, info->ntrajectories,
           info->system, info->nframes);
    for (int a = 0, first = 1; a < 3; a++) {
      if (info->axis[a][0] != '\0') {
        printf("%s%zu", first ? "" : " x ", info->grid[a]);
        first = 0;
      }
    }
    printf(" cells, %s s\n", cli_number(text, seconds));
  }
  mpp_dataset_close(data);
  return st;
}

static mpp_status run(const cli_args *args)
{
  const mpp_pde *pde = NULL;
  mpp_generate_options o = {0};
  generate_extra extra = {0};
  mpp_status st = MPP_OK;
  CLI_TRY(mpp_options_defaults(&o, mpp_generate_table));
  CLI_TRY(cli_args_apply(args, &o, &extra));
  if (extra.list) {
    st = list_systems(extra.json);
    goto done;
  }
  CLI_TRY(find_system(&pde, args));
  const double start = cli_clock();
  CLI_TRY(mpp_generate(pde, &o, show_progress, &pde));
  cli_progress_end();
  st = report(&o, extra.json, cli_clock() - start);
done:
  return st;
}

const cli_command cli_generate = {
    .name = "generate",
    .summary = "generate a dataset with a built-in solver",
    .usage = "SYSTEM -o FILE [options]",
    .details =
        "Writes trajectories in PDEBench's HDF5 layout. Trajectory i depends on the seed and "
        "i alone, whatever the number of trajectories and threads.\n"
        "\n"
        "  mpp generate swe -n 100 --resolution 128 --seed 7 -o data/swe.h5\n"
        "  mpp generate cns-2d --preset 2D_CFD_Rand_M1.0_Eta0.01_Zeta0.01_periodic_128 -n 10 -o "
        "c.h5\n"
        "  mpp generate --list\n"
        "\n"
        "Finished samples are kept in FILE.partial until the dataset is whole: after a kill, the "
        "same line with --resume goes on and gives the same dataset. The file has a certificate "
        "(scheme, order measured by this build, drift of conserved quantities, smallest density "
        "and pressure, steps): 'mpp info FILE' shows it.",
    .table = mpp_generate_table,
    .extra = extra_table,
    .max_words = 1,
    .run = run,
    .more_help = more_help,
};
