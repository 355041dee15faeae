/* html_report.c - a page about trainings, forecasts and datasets: one HTML file, no network, no
 * script but the slider's. */
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "file.h"
#include "html.h"
#include "mpp/info.h"
#include "pictures.h"
#include "report_parts.h"

#define MEMBER(member) offsetof(mpp_report_options, member)
const mpp_option mpp_report_table[] = {
    {"input", 'i', MPP_OPT_TEXTS, MEMBER(input), NULL, 0, 0, NULL, "PATH",
     "folder of a training, forecast (netCDF of mpp rollout) or dataset; may be repeated"},
    {"output", 'o', MPP_OPT_TEXT, MEMBER(output), NULL, 0, 0, NULL, "FILE", "HTML file to write"},
    {"title", 0, MPP_OPT_TEXT, MEMBER(title), NULL, 0, 0, NULL, "TEXT",
     "heading; default: mpp report"},
    {"frames", 0, MPP_OPT_LONG, MEMBER(frames), "40", 1, 10000, NULL, "N",
     "at most so many frames of each field, evenly spread"},
    {"size", 0, MPP_OPT_LONG, MEMBER(size), "240", 32, 4096, NULL, "PIXELS",
     "longest side of a panel"},
    {"overwrite", 0, MPP_OPT_FLAG, MEMBER(overwrite), NULL, 0, 0, NULL, NULL,
     "replace an existing report"},
    MPP_DATA_FLAG_ROWS(mpp_report_options, flags),
    {.name = NULL}};
#undef MEMBER

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<style>\n"
    "body{font:16px/1.5 system-ui,sans-serif;color:#28282e;background:#fff;margin:0 auto;"
    "padding:1rem;max-width:62rem}\n"
    "h1{font-size:1.6rem}h2{font-size:1.25rem;margin-top:2.5rem;border-top:1px solid #ccc;"
    "padding-top:1rem;overflow-wrap:anywhere}h3{font-size:1.05rem}\n"
    "img{max-width:100%;height:auto;display:block}img[hidden]{display:none}\n"
    ".picture{overflow-x:auto}"
    /* on a telephone pictures keep the size of their letters and are moved sideways */
    "@media(max-width:40rem){.picture img{max-width:none;width:40rem}}\n"
    ".wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}\n"
    "th,td{padding:.15rem .7rem;text-align:right;border-bottom:1px solid #e4e4e8}"
    "th:first-child,td:first-child{text-align:left}\n"
    ".about td{text-align:left;overflow-wrap:anywhere}\n"
    "pre{overflow-x:auto;background:#f6f6f8;padding:.7rem;font-size:.85rem}\n"
    ".player label{display:flex;gap:.7rem;align-items:center;margin:.4rem 0}"
    ".player input{flex:1;min-height:2rem}\n"
    "</style>\n";

/* One frame is shown at a time; without scripts the first one stays. */
static const char foot[] =
    "<script>\n"
    "for (const player of document.querySelectorAll('.player')) {\n"
    "  const frames = player.querySelectorAll('img'), slider = player.querySelector('input');\n"
    "  const show = () => frames.forEach((img, i) => { img.hidden = i !== +slider.value; });\n"
    "  slider.addEventListener('input', show);\n"
    "  show();\n"
    "}\n"
    "</script>\n</body>\n</html>\n";

static mpp_status write_input(mpp_html *h, const char *input, const mpp_report_options *o)
{
  mpp_status st = MPP_OK;
  mpp_html_put(h, "<h2>");
  mpp_html_text(h, input);
  mpp_html_put(h, "</h2>\n");
  if (mpp_is_run_folder(input)) {
    MPP_TRY(mpp_report_training(h, input));
  } else {
    MPP_TRY(mpp_report_fields(h, input, o));
  }
done:
  return st;
}

mpp_status mpp_report(const mpp_report_options *o)
{
  mpp_status st = MPP_OK;
  mpp_html h = {0};
  const char *title = o->title[0] != '\0' ? o->title : "mpp report";
  MPP_REQUIRE(o->input.count > 0, MPP_ERR_USAGE,
              "report: the training, forecast or dataset to report on is missing");
  MPP_REQUIRE(o->output[0] != '\0', MPP_ERR_USAGE, "report: --output is missing");
  MPP_REQUIRE(o->frames >= 1 && o->size >= 32 && o->size <= 4096, MPP_ERR_USAGE,
              "report: frames %ld, size %ld, expected at least 1, and 32 to 4096 pixels", o->frames,
              o->size);
  MPP_TRY(mpp_check_output(o->output, o->overwrite));
  mpp_html_put(&h, head);
  mpp_html_put(&h, "<title>");
  mpp_html_text(&h, title);
  mpp_html_put(&h, "</title>\n</head>\n<body>\n<h1>");
  mpp_html_text(&h, title);
  mpp_html_put(&h, "</h1>\n");
  for (size_t i = 0; i < o->input.count; i++) { MPP_TRY(write_input(&h, o->input.item[i], o)); }
  mpp_html_put(&h, foot);
  MPP_REQUIRE(!h.failed, MPP_ERR_NOMEM, "%s: a report of more than %zu bytes", o->output, h.length);
  MPP_TRY(mpp_write_bytes(o->output, h.text, h.length));
done:
  mpp_html_free(&h);
  return st;
}
