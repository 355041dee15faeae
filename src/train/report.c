/* report.c - scores of several models on the same held-out windows, and their file. */
#include "report.h"

#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "file.h"
#include "run_log.h"
#include "stop.h"
#include "trainer.h"

const char *mpp_compared_name(mpp_compared c)
{
  static const char *const names[MPP_COMPARED] = {
      [MPP_FINETUNED] = "finetuned", [MPP_BEFORE] = "before", [MPP_FROM_SCRATCH] = "from-scratch"};
  return (size_t)c < MPP_COMPARED ? names[c] : "";
}

static void tell(const mpp_train_observer *observer, const char *path, const char *what)
{
  char text[2 * MPP_TEXT_MAX];
  if (observer != NULL && observer->message != NULL) {
    snprintf(text, sizeof text, "%s: %s", path, what);
    observer->message(observer->context, text);
  }
}

/* The windows of one dataset; false if nothing is held out, or its trajectories are too short. */
static bool choose_windows(mpp_evaluate_options *how, const mpp_train_options *o,
                           const mpp_model *model, const mpp_dataset *data)
{
  const size_t nframes = mpp_dataset_get_info(data)->nframes;
  const long context = mpp_model_get_config(model)->context;
  size_t first = 0, count = 0;
  how->split = MPP_TEST;
  mpp_dataset_split(data, MPP_TEST, &first, &count);
  if (count == 0) {
    how->split = MPP_VALID;
    mpp_dataset_split(data, MPP_VALID, &first, &count);
  }
  how->horizons.count = 0;
  for (size_t i = 0; i < o->horizons.count; i++) {
    if (o->horizons.item[i] > 0 && (size_t)(context + o->horizons.item[i]) <= nframes) {
      how->horizons.item[how->horizons.count++] = o->horizons.item[i];
    }
  }
  how->context = context;
  how->windows = o->report_windows;
  return count > 0 && how->horizons.count > 0;
}

/* The predictors that need no training are scored once, beside the first model. */
static mpp_status compare_one(mpp_comparison *out, const mpp_compared_models *models,
                              mpp_dataset *data, mpp_evaluate_options *how)
{
  mpp_status st = MPP_OK;
  for (mpp_compared c = 0; c < MPP_COMPARED; c++) {
    if (models->of[c] != NULL) {
      MPP_REQUIRE(!mpp_stop_requested(), MPP_STOPPED,
                  "stopped while the models were compared; go on with resume");
      how->stencils = c == MPP_FINETUNED;
      MPP_TRY(mpp_evaluate(&out->of[c], models->of[c], data, how, NULL, NULL));
    }
  }
done:
  return st;
}

mpp_status mpp_compare(mpp_comparison **out, size_t *count, const mpp_train_options *o,
                       const mpp_compared_models *models, const mpp_train_observer *observer)
{
  mpp_status st = MPP_OK;
  mpp_comparison *list = NULL;
  mpp_evaluate_options *how = NULL;
  mpp_dataset *data = NULL;
  size_t n = 0;
  MPP_TRY(MPP_ALLOC(&list, o->ndata));
  MPP_TRY(MPP_ALLOC(&how, 1));
  for (size_t i = 0; i < o->ndata; i++) {
    MPP_TRY(mpp_trainer_open_dataset(&data, o, i));
    if (choose_windows(how, o, models->of[MPP_FINETUNED], data)) {
      snprintf(list[n].data, sizeof list[n].data, "%s", o->data[i].path);
      MPP_TRY(compare_one(&list[n++], models, data, how));
    } else {
      tell(observer, o->data[i].path,
           "not in the report: no trajectory is left for it, or too few frames");
    }
    mpp_dataset_close(data);
    data = NULL;
  }
  *out = list;
  *count = n;
  list = NULL;
done:
  mpp_dataset_close(data);
  mpp_free(how);
  mpp_comparisons_free(list, n);
  return st;
}

void mpp_comparisons_free(mpp_comparison *list, size_t count)
{
  for (size_t i = 0; list != NULL && i < count; i++) {
    for (mpp_compared c = 0; c < MPP_COMPARED; c++) { mpp_scores_free(&list[i].of[c]); }
  }
  mpp_free(list);
}

/* ---- the file ---- */

static void put_metric(mpp_json *j, const mpp_comparison *c, mpp_metric m)
{
  const mpp_scores *trivial = &c->of[MPP_FINETUNED];
  mpp_json_open(j, mpp_metric_name(m), '{');
  for (mpp_compared k = 0; k < MPP_COMPARED; k++) {
    if (c->of[k].score != NULL) {
      mpp_run_log_table(j, mpp_compared_name(k), &c->of[k], MPP_BY_MODEL, m);
    }
  }
  for (mpp_predictor p = MPP_BY_PERSISTENCE; p < mpp_scores_end(trivial); p++) {
    mpp_run_log_table(j, mpp_predictor_name(p), trivial, p, m);
  }
  mpp_json_close(j, '}');
}

static void put_comparison(mpp_json *j, const mpp_comparison *c)
{
  const mpp_scores *s = &c->of[MPP_FINETUNED];
  mpp_json_open(j, NULL, '{');
  mpp_json_text(j, "data", c->data);
  mpp_json_text(j, "system", s->system);
  mpp_json_text(j, "split", s->split == MPP_TEST ? "test" : "valid");
  mpp_json_int(j, "trajectories", (int64_t)s->ntrajectories);
  mpp_json_int(j, "windows", (int64_t)s->nwindows);
  mpp_json_open(j, "fields", '[');
  for (size_t f = 0; f < s->nfields; f++) { mpp_json_text(j, NULL, s->field[f]); }
  mpp_json_close(j, ']');
  mpp_json_open(j, "horizons", '[');
  for (size_t h = 0; h < s->nhorizons; h++) { mpp_json_int(j, NULL, s->horizon[h]); }
  mpp_json_close(j, ']');
  put_metric(j, c, MPP_METRIC_NRMSE);
  put_metric(j, c, MPP_METRIC_VRMSE);
  mpp_json_close(j, '}');
}

mpp_status mpp_report_write(const char *path, const mpp_comparison *list, size_t count)
{
  mpp_status st = MPP_OK;
  mpp_json j;
  char *text = NULL;
  mpp_json_begin(&j);
  mpp_json_open(&j, NULL, '{');
  mpp_json_open(&j, "datasets", '[');
  for (size_t i = 0; i < count; i++) { put_comparison(&j, &list[i]); }
  mpp_json_close(&j, ']');
  mpp_json_close(&j, '}');
  MPP_REQUIRE(!j.failed, MPP_ERR_NOMEM, "%s: out of memory", path);
  MPP_TRY(mpp_format(&text, "%s\n", j.text));
  MPP_TRY(mpp_write_text(path, text));
done:
  mpp_free(text);
  mpp_json_free(&j);
  return st;
}
