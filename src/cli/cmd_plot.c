/* cmd_plot.c - pictures of forecasts and datasets. */
#include "cli.h"

#include "mpp/plot.h"

static mpp_status run(const cli_args *args)
{
  static mpp_plot_options o;
  mpp_status st = MPP_OK;
  CLI_TRY(mpp_options_defaults(&o, mpp_plot_table));
  if (args->nwords > 0) {
    snprintf(o.input, sizeof o.input, "%s", args->word[0]);
  }
  CLI_TRY(cli_args_apply(args, &o, NULL));
  if (o.input[0] == '\0' || o.output[0] == '\0') {
    st = cli_fail(MPP_ERR_USAGE,
                  "plot: needs a forecast, a dataset or a training, and --output FILE.png");
    goto done;
  }
  CLI_TRY(mpp_plot(&o));
  printf("%s\n", o.output);
done:
  return st;
}

const cli_command cli_plot = {
    .name = "plot",
    .summary = "draw forecasts, datasets and trainings; animate them",
    .usage = "INPUT -o PICTURE [options]",
    .details =
        "Of a forecast: rows of truth, prediction and error, a column a step. Of a dataset: "
        "one row of frames. Of a training: loss, learning rate and validation over the steps. "
        "The ending of the output says how: PNG, SVG, PDF, or WebP and MP4 animations.\n"
        "\n"
        "  mpp plot out.nc --field h --steps 1,10,20 -o out.png\n"
        "  mpp plot out.nc --show errors -o errors.svg\n"
        "  mpp plot out.nc -o out.webp\n"
        "  mpp plot pretrained -o curves.svg",
    .table = mpp_plot_table,
    .max_words = 1,
    .run = run,
};
