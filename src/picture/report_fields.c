/* report_fields.c - a forecast or a dataset in a report. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "alloc.h"
#include "check.h"
#include "film.h"
#include "mpp/dataset.h"
#include "mpp/info.h"
#include "pictures.h"
#include "report_parts.h"

/* ---- what the file says of itself ---- */

enum { LONGEST = 400 };

static void write_attribute(void *context, const char *name, const char *text)
{
  mpp_html *h = context;
  char cut[LONGEST + 4];
  snprintf(cut, sizeof cut, "%.*s%s", (int)LONGEST, text, strlen(text) > LONGEST ? "..." : "");
  mpp_html_put(h, "<tr><td>");
  mpp_html_text(h, name);
  mpp_html_put(h, "<td>");
  mpp_html_text(h, cut);
  mpp_html_put(h, "\n");
}

static mpp_status write_about(mpp_html *h, const char *path)
{
  mpp_html_put(h, "<details><summary>What the file says of itself</summary>\n"
                  "<div class=\"wide\"><table class=\"about\">\n");
  const mpp_status st = mpp_read_attributes(path, write_attribute, h);
  mpp_html_put(h, "</table></div></details>\n");
  return st;
}

/* ---- fields through time ---- */

typedef struct field_list {
  size_t count;
  mpp_name name[MPP_MAX_FIELDS];
} field_list;

static bool ends_with(const char *text, const char *end)
{
  const size_t n = strlen(text), m = strlen(end);
  return n > m && strcmp(text + n - m, end) == 0;
}

static void take_variable(void *context, const mpp_variable *v)
{
  field_list *list = context;
  if (v->ndims >= 2 && v->ndims <= 4 && v->field[0] != '\0' && !ends_with(v->name, "_truth") &&
      !ends_with(v->name, "_error") && list->count < MPP_MAX_FIELDS) {
    snprintf(list->name[list->count++], sizeof(mpp_name), "%s", v->name);
  }
}

/* A file that is looked into: folders, patterns and descriptions (mpp describe) are datasets. */
static bool is_plain_file(const char *path)
{
  struct stat about;
  const char *dot = strrchr(path, '.');
  return stat(path, &about) == 0 && S_ISREG(about.st_mode) &&
         (dot == NULL || (strcmp(dot, ".yaml") != 0 && strcmp(dot, ".yml") != 0));
}

static mpp_status list_fields(field_list *list, bool *is_forecast, const char *input,
                              const mpp_data_flags *flags)
{
  mpp_status st = MPP_OK;
  mpp_dataset *data = NULL;
  mpp_file_kind kind = MPP_FILE_DATASET;
  list->count = 0;
  if (is_plain_file(input)) {
    MPP_TRY(mpp_identify(&kind, input));
  }
  *is_forecast = kind == MPP_FILE_FORECAST;
  if (*is_forecast) {
    MPP_TRY(mpp_read_variables(input, take_variable, list));
    goto done;
  }
  MPP_TRY(mpp_dataset_open(&data, input, &(mpp_dataset_options){.flags = flags}));
  const mpp_dataset_info *info = mpp_dataset_get_info(data);
  list->count = info->nfields;
  memcpy(list->name, info->field, sizeof list->name);
done:
  mpp_dataset_close(data);
  return st;
}

/* All frames of a field, of which the slider shows one. */
static mpp_status write_player(mpp_html *h, const mpp_plot_options *o, long most)
{
  mpp_status st = MPP_OK;
  mpp_film frames;
  mpp_plot_source s;
  mpp_drawing *d = NULL;
  memset(&s, 0, sizeof s);
  MPP_TRY(mpp_film_open(&frames, o, most));
  mpp_html_put(h, "<h3>");
  mpp_html_text(h, o->field);
  mpp_html_printf(h,
                  "</h3>\n<div class=\"player\"><label>time <input type=\"range\" min=\"0\" "
                  "max=\"%ld\" value=\"0\" aria-label=\"time of ",
                  frames.count - 1);
  mpp_html_text(h, o->field);
  mpp_html_put(h, "\"></label>\n<div class=\"picture\">\n");
  for (long i = 0; i < frames.count; i++) {
    mpp_plot_source_free(&s);
    MPP_TRY(mpp_film_read(&s, &frames, i));
    MPP_TRY(mpp_picture_panels(&d, MPP_DRAW_PNG, &s, o->size, true, frames.scale));
    MPP_TRY(mpp_html_drawing(h, d, MPP_DRAW_PNG, s.column[0]));
  }
  mpp_html_put(h, "</div></div>\n");
done:
  mpp_plot_source_free(&s);
  return st;
}

mpp_status mpp_report_fields(mpp_html *h, const char *input, const mpp_report_options *options)
{
  static _Thread_local mpp_plot_options o;
  static _Thread_local field_list fields;
  mpp_status st = MPP_OK;
  mpp_drawing *d = NULL;
  bool is_forecast = false;
  MPP_TRY(list_fields(&fields, &is_forecast, input, &options->flags));
  MPP_TRY(mpp_options_defaults(&o, mpp_plot_table));
  snprintf(o.input, sizeof o.input, "%s", input);
  o.size = options->size;
  o.flags = options->flags;
  if (is_forecast) {
    MPP_TRY(write_about(h, input));
    o.show = MPP_SHOW_ERRORS;
    st = mpp_picture_scores(&d, MPP_DRAW_SVG, &o);
    if (st == MPP_ERR_DATA) { /* no truth, no error */
      mpp_html_put(h, "<p>The file holds no truth, so errors are not known.</p>\n");
    } else {
      MPP_TRY(st);
      MPP_TRY(mpp_html_picture(h, d, "errors over time"));
    }
    o.show = MPP_SHOW_FIELDS;
  }
  for (size_t f = 0; f < fields.count; f++) {
    snprintf(o.field, sizeof o.field, "%s", fields.name[f]);
    MPP_TRY(write_player(h, &o, options->frames));
    if (is_forecast) {
      o.show = MPP_SHOW_SPECTRA;
      MPP_TRY(mpp_picture_scores(&d, MPP_DRAW_SVG, &o));
      MPP_TRY(mpp_html_picture(h, d, "spectra"));
      o.show = MPP_SHOW_FIELDS;
    }
  }
done:
  return st;
}
