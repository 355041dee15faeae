/* report_training.c - a training in a report. */
#include <math.h>
#include <stdio.h>

#include "alloc.h"
#include "check.h"
#include "file.h"
#include "pictures.h"
#include "report_parts.h"

enum { CONFIG_LIMIT = 1 << 20 };

static mpp_status write_configuration(mpp_html *h, const char *folder)
{
  mpp_status st = MPP_OK;
  char path[MPP_PATH_MAX];
  char *text = NULL;
  size_t size = 0;
  MPP_REQUIRE(snprintf(path, sizeof path, "%s/config.yaml", folder) < (int)sizeof path,
              MPP_ERR_NOINPUT, "%.100s...: the path is too long", folder);
  MPP_TRY(mpp_read_text(&text, &size, path, CONFIG_LIMIT));
  mpp_html_put(h, "<details><summary>Configuration</summary>\n<pre>");
  mpp_html_text(h, text);
  mpp_html_put(h, "</pre></details>\n");
done:
  mpp_free(text);
  return st;
}

/* The last validation of one dataset: a row a predictor, a column a horizon. */
static void write_scores(mpp_html *h, const mpp_run_history *history, const mpp_history_scores *s)
{
  const size_t n = history->nvalidations;
  mpp_html_put(h, "<h3>");
  mpp_html_text(h, s->system);
  mpp_html_printf(h, ", NRMSE at step %.0f</h3>\n<div class=\"wide\"><table>\n<tr><th>steps ahead",
                  history->validated[n - 1]);
  for (size_t k = 0; k < s->nhorizons; k++) { mpp_html_printf(h, "<th>%ld", s->horizon[k]); }
  for (size_t p = 0; p < s->npredictors; p++) {
    mpp_html_put(h, "\n<tr><td>");
    mpp_html_text(h, s->predictor[p]);
    for (size_t k = 0; k < s->nhorizons; k++) {
      const double value = s->nrmse[(p * s->nhorizons + k) * n + n - 1];
      if (isfinite(value)) {
        mpp_html_printf(h, "<td>%.2g", value);
      } else {
        mpp_html_put(h, "<td>&ndash;");
      }
    }
  }
  mpp_html_put(h, "\n</table></div>\n");
}

mpp_status mpp_report_training(mpp_html *h, const char *folder)
{
  mpp_status st = MPP_OK;
  mpp_run_history history = {0};
  mpp_drawing *d = NULL;
  MPP_TRY(mpp_run_history_read(&history, folder));
  MPP_TRY(write_configuration(h, folder));
  MPP_TRY(mpp_picture_history(&d, MPP_DRAW_SVG, &history));
  MPP_TRY(mpp_html_picture(h, d, "loss, learning rate and validation over steps"));
  for (size_t k = 0; k < history.ndatasets && history.nvalidations > 0; k++) {
    write_scores(h, &history, &history.dataset[k]);
  }
done:
  mpp_run_history_free(&history);
  return st;
}
