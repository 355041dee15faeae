/* cmd_report.c - a page about trainings, forecasts and datasets. */
#include "cli.h"

#include "mpp/plot.h"

static mpp_status run(const cli_args *args)
{
  static mpp_report_options o;
  mpp_status st = MPP_OK;
  CLI_TRY(mpp_options_defaults(&o, mpp_report_table));
  CLI_TRY(cli_args_apply(args, &o, NULL));
  for (size_t i = 0; i < args->nwords && o.input.count < MPP_LIST_MAX; i++) {
    snprintf(o.input.item[o.input.count++], MPP_TEXT_MAX, "%s", args->word[i]);
  }
  if (o.input.count == 0 || o.output[0] == '\0') {
    st = cli_fail(MPP_ERR_USAGE,
                  "report: needs trainings, forecasts or datasets, and --output FILE.html");
    goto done;
  }
  CLI_TRY(mpp_report(&o));
  printf("%s\n", o.output);
done:
  return st;
}

const cli_command cli_report = {
    .name = "report",
    .summary = "write trainings, forecasts and datasets up as one HTML page",
    .usage = "PATH... -o FILE.html [options]",
    .details =
        "The page holds everything it shows and needs no network: configuration, curves and scores "
        "of a training; errors, spectra and, with a slider through time, the fields of a forecast; "
        "the fields of a dataset.\n"
        "\n"
        "  mpp report finetuned out.nc -o report.html",
    .table = mpp_report_table,
    .max_words = MPP_LIST_MAX,
    .run = run,
};
