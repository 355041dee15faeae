/* plot.c - from an input to a picture file. */
#include "mpp/plot.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "check.h"
#include "file.h"
#include "mpp/info.h"
#include "pictures.h"

#define MEMBER(member) offsetof(mpp_plot_options, member)
const mpp_option mpp_plot_table[] = {
    {"input", 'i', MPP_OPT_TEXT, MEMBER(input), NULL, 0, 0, NULL, "FILE",
     "forecast (netCDF of mpp rollout), dataset (PATH[:SYSTEM]), or folder of a training"},
    {"output", 'o', MPP_OPT_TEXT, MEMBER(output), NULL, 0, 0, NULL, "FILE",
     "picture to write: .png, .svg, .pdf; or an animation: .webp, .mp4 (needs ffmpeg)"},
    {"field", 'f', MPP_OPT_TEXT, MEMBER(field), NULL, 0, 0, NULL, "NAME",
     "field to draw; default: the first"},
    {"show", 0, MPP_OPT_CHOICE, MEMBER(show), "fields", 0, 0, MPP_PLOT_SHOW_CHOICES, "WHAT",
     "of a forecast: fields, errors of all fields over time, or spectra of one"},
    {"steps", 'n', MPP_OPT_INTS, MEMBER(steps), NULL, 0, 1e9, NULL, "N,...",
     "predicted steps from 1, or frames of a dataset from 0; default: four, evenly spread, of an "
     "animation all"},
    {"sample", 0, MPP_OPT_LONG, MEMBER(sample), "0", 0, 1e12, NULL, "N",
     "trajectory of a dataset, from 0"},
    {"slice", 0, MPP_OPT_TEXT, MEMBER(slice), NULL, 0, 0, NULL, "AXIS=WHERE",
     "of data with three axes: the plane to draw, as z=0.5; default: the middle of the first axis"},
    {"size", 0, MPP_OPT_LONG, MEMBER(size), "240", 32, 4096, NULL, "PIXELS",
     "longest side of a panel, rounded to whole pixels a cell"},
    {"rate", 0, MPP_OPT_LONG, MEMBER(rate), "10", 1, 100, NULL, "N",
     "frames of an animation a second"},
    MPP_DATA_FLAG_ROWS(mpp_plot_options, flags),
    {"overwrite", 0, MPP_OPT_FLAG, MEMBER(overwrite), NULL, 0, 0, NULL, NULL,
     "replace an existing picture"},
    {.name = NULL}};
#undef MEMBER

typedef enum { AS_PNG, AS_SVG, AS_PDF, AS_WEBP, AS_MP4, ENDINGS } ending;

static mpp_status find_ending(ending *out, const char *path)
{
  static const char *const text[ENDINGS] = {".png", ".svg", ".pdf", ".webp", ".mp4"};
  const size_t n = strlen(path);
  for (int i = 0; i < ENDINGS; i++) {
    const size_t m = strlen(text[i]);
    if (n > m && strcmp(path + n - m, text[i]) == 0) {
      *out = (ending)i;
      return MPP_OK;
    }
  }
  return mpp_fail(MPP_ERR_USAGE, "%s: pictures end in .png, .svg, .pdf, .webp or .mp4", path);
}

/* A path that exists may be a forecast; anything else is for the dataset's own grammar. */
mpp_status mpp_plot_read(mpp_plot_source *s, const mpp_plot_options *o)
{
  mpp_status st = MPP_OK;
  mpp_file_kind kind = MPP_FILE_DATASET;
  if (access(o->input, F_OK) == 0 && mpp_check_input(o->input) == MPP_OK) {
    MPP_TRY(mpp_identify(&kind, o->input));
  }
  MPP_REQUIRE(kind != MPP_FILE_MODEL && kind != MPP_FILE_ADAPTER, MPP_ERR_DATA,
              "%s: is a model, expected a forecast, a dataset or the folder of a training",
              o->input);
  MPP_TRY(kind == MPP_FILE_FORECAST ? mpp_plot_read_forecast(s, o) : mpp_plot_read_dataset(s, o));
done:
  return st;
}

mpp_status mpp_picture_panels(mpp_drawing **out, mpp_draw_kind kind, const mpp_plot_source *s,
                              long size, bool beside, const mpp_color_scale *scale)
{
  mpp_status st = MPP_OK;
  mpp_drawing *d = NULL;
  mpp_color_scale own[MPP_PLOT_ROWS];
  const mpp_panels at = mpp_panels_arrange(s, size, beside);
  for (size_t r = 0; r < s->nrows; r++) {
    own[r] = scale != NULL ? scale[r] : mpp_panels_scale(s, r);
  }
  if (s->ny == 1) {
    return mpp_picture_lines(out, kind, s, size, own);
  }
  MPP_TRY(mpp_drawing_create(&d, kind, (double)at.all_width, (double)at.all_height));
  MPP_TRY(mpp_panels_draw(d, s, &at, own));
  *out = d;
  d = NULL;
done:
  mpp_drawing_destroy(d);
  return st;
}

bool mpp_is_run_folder(const char *path)
{
  char log[MPP_PATH_MAX];
  return snprintf(log, sizeof log, "%s/metrics.jsonl", path) < (int)sizeof log &&
         access(log, F_OK) == 0;
}

static mpp_status draw(mpp_drawing **out, mpp_draw_kind kind, const mpp_plot_options *o)
{
  mpp_status st = MPP_OK;
  mpp_plot_source source;
  mpp_run_history history = {0};
  memset(&source, 0, sizeof source);
  if (mpp_is_run_folder(o->input)) {
    MPP_TRY(mpp_run_history_read(&history, o->input));
    MPP_TRY(mpp_picture_history(out, kind, &history));
  } else if (o->show != MPP_SHOW_FIELDS) {
    MPP_TRY(mpp_picture_scores(out, kind, o));
  } else {
    MPP_TRY(mpp_plot_read(&source, o));
    MPP_TRY(mpp_picture_panels(out, kind, &source, o->size, false, NULL));
  }
done:
  mpp_run_history_free(&history);
  mpp_plot_source_free(&source);
  return st;
}

static mpp_status write_picture(const mpp_plot_options *o, mpp_draw_kind kind)
{
  mpp_status st = MPP_OK;
  mpp_drawing *d = NULL;
  unsigned char *bytes = NULL;
  size_t size = 0;
  MPP_TRY(draw(&d, kind, o));
  MPP_TRY(mpp_drawing_encode(&bytes, &size, d));
  MPP_TRY(mpp_write_bytes(o->output, bytes, size));
done:
  mpp_drawing_destroy(d);
  mpp_free(bytes);
  return st;
}

mpp_status mpp_plot(const mpp_plot_options *o)
{
  mpp_status st = MPP_OK;
  ending end = AS_PNG;
  MPP_REQUIRE(o->input[0] != '\0', MPP_ERR_USAGE,
              "plot: the forecast, dataset or training to draw is missing");
  MPP_REQUIRE(o->output[0] != '\0', MPP_ERR_USAGE, "plot: --output is missing");
  MPP_REQUIRE(o->size >= 32 && o->size <= 4096, MPP_ERR_USAGE,
              "plot: size %ld, expected 32 to 4096 pixels", o->size);
  MPP_TRY(find_ending(&end, o->output));
  MPP_TRY(mpp_check_output(o->output, o->overwrite));
  if (end == AS_WEBP || end == AS_MP4) {
    MPP_REQUIRE(o->show == MPP_SHOW_FIELDS && !mpp_is_run_folder(o->input), MPP_ERR_USAGE,
                "%s: animations show fields", o->output);
    MPP_TRY(mpp_animation_write(o));
  } else {
    MPP_TRY(write_picture(o, end == AS_SVG   ? MPP_DRAW_SVG
                             : end == AS_PDF ? MPP_DRAW_PDF
                                             : MPP_DRAW_PNG));
  }
done:
  return st;
}
