/* cmd_describe.c - what files of any origin are, as a description that every command takes. */
#include "cli.h"

typedef struct describe_settings {
  char output[MPP_TEXT_MAX], boundary[MPP_TEXT_MAX];
  bool overwrite;
  mpp_data_flags flags;
} describe_settings;

#define AT(member) offsetof(describe_settings, member)
static const mpp_option describe_table[] = {
    {"output", 'o', MPP_OPT_TEXT, AT(output), NULL, 0, 0, NULL, "FILE.yaml",
     "file to write; default: standard output"},
    {"overwrite", 0, MPP_OPT_FLAG, AT(overwrite), NULL, 0, 0, NULL, NULL,
     "replace the output if it exists"},
    {"boundary", 0, MPP_OPT_TEXT, AT(boundary), NULL, 0, 0, NULL, "AXIS=KIND,...",
     "boundaries, as x=periodic,y=wall"},
    MPP_DATA_FLAG_ROWS(describe_settings, flags),
    {.name = NULL}};
#undef AT

static mpp_status run(const cli_args *args)
{
  static describe_settings s; /* large: texts of fixed length */
  mpp_status st = MPP_OK;
  char *text = NULL;
  CLI_TRY(mpp_options_defaults(&s, describe_table));
  CLI_TRY(cli_args_apply(args, &s, NULL));
  if (args->nwords == 0) {
    st = cli_fail(MPP_ERR_USAGE, "describe: which files? usage: mpp describe 'run_*.nc'");
    goto done;
  }
  const mpp_dataset_options options = {.boundary = s.boundary, .flags = &s.flags};
  CLI_TRY(mpp_describe(&text, args->word[0], &options));
  if (s.output[0] != '\0') {
    CLI_TRY(mpp_text_save(s.output, text, s.overwrite));
  } else {
    fputs(text, stdout);
  }
done:
  mpp_text_free(text);
  return st;
}

const cli_command cli_describe = {
    .name = "describe",
    .summary = "say what data files of any origin are, as a description to edit and use",
    .usage = "FILE|'PATTERN'|FOLDER [options]",
    .details =
        "Recognises PDEBench, The Well, PDEArena, pyro2 and netCDF with CF conventions; of other "
        "HDF5 and netCDF files it guesses which variables are fields and which axes are sample, "
        "time and space. Prints a description (YAML) with what is sure and what is not. Edit it, "
        "and give it in place of data: --data run.yaml; or give the same options to any command "
        "that takes data.\n"
        "\n"
        "  mpp describe 'run_*.nc' -o run.yaml\n"
        "  mpp finetune --model M --data run.yaml\n"
        "  mpp finetune --model M --data 'run_*.nc' --fields u,v,p --time t --space y,x "
        "--boundary x=periodic,y=wall",
    .table = describe_table,
    .max_words = 1,
    .run = run,
};
