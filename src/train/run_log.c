/* run_log.c - the metrics of a run, line by line. JSON has no NaN: such numbers are null, and
 * "nonfinite" lists their names. */
#include "run_log.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "json.h"

void mpp_run_log_warn(mpp_run_log *log, const char *path, const char *cause)
{
  char text[sizeof log->metrics.path + 256];
  if (!log->warned && log->observer != NULL && log->observer->message != NULL) {
    snprintf(text, sizeof text, "%s: %s; the training goes on without complete metrics", path,
             cause);
    log->observer->message(log->observer->context, text);
  }
  log->warned = true;
}

/* `wrong`: what a file of the log says of a failure. */
static void check(mpp_run_log *log, const mpp_line_file *file, const char *wrong)
{
  if (wrong != NULL) {
    mpp_run_log_warn(log, file->path, wrong);
  }
}

static mpp_run_log closed_log(const mpp_train_observer *observer)
{
  return (mpp_run_log){
      .metrics = {.fd = -1}, .timing = {.fd = -1}, .events = -1, .observer = observer};
}

void mpp_run_log_create(mpp_run_log *log, const char *metrics, const char *timing,
                        const mpp_train_observer *observer)
{
  *log = closed_log(observer);
  check(log, &log->metrics, mpp_line_file_create(&log->metrics, metrics));
  check(log, &log->timing, mpp_line_file_create(&log->timing, timing));
}

void mpp_run_log_resume(mpp_run_log *log, const char *metrics, const char *timing, uint64_t step,
                        uint64_t validated, const mpp_train_observer *observer)
{
  *log = closed_log(observer);
  check(log, &log->metrics, mpp_line_file_resume(&log->metrics, metrics, step, validated));
  check(log, &log->timing, mpp_line_file_resume(&log->timing, timing, step, validated));
}

void mpp_run_log_close(mpp_run_log *log)
{
  mpp_line_file_close(&log->metrics);
  mpp_line_file_close(&log->timing);
  mpp_run_events_close(log);
}

void mpp_run_log_micro(mpp_run_log *log, size_t dataset, const char *system, double loss,
                       double nrmse)
{
  mpp_run_part *part = &log->part[dataset];
  part->count++;
  part->system = system;
  part->loss += loss;
  part->nrmse += nrmse;
}

/* Means of the step by dataset. */
static void put_parts(mpp_json *j, const mpp_run_log *log)
{
  mpp_json_open(j, "datasets", '[');
  for (size_t i = 0; i < MPP_LIST_MAX; i++) {
    const mpp_run_part *part = &log->part[i];
    if (part->count > 0) {
      mpp_json_open(j, NULL, '{');
      mpp_json_int(j, "dataset", (int64_t)i);
      mpp_json_text(j, "system", part->system);
      mpp_json_int(j, "micro_batches", (int64_t)part->count);
      mpp_json_real(j, "loss", part->loss / (double)part->count);
      mpp_json_real(j, "nrmse", part->nrmse / (double)part->count);
      mpp_json_close(j, '}');
    }
  }
  mpp_json_close(j, ']');
}

static void append(mpp_run_log *log, mpp_line_file *file, mpp_json *j)
{
  check(log, file, mpp_line_file_append(file, j));
}

double mpp_run_log_speed(const mpp_train_progress *progress)
{
  return (double)progress->samples / fmax(progress->step_time, 1e-9);
}

/* What depends on the machine and the hour. */
static void put_timing(mpp_run_log *log, const mpp_train_progress *p)
{
  mpp_json j;
  mpp_json_begin(&j);
  mpp_json_open(&j, NULL, '{');
  mpp_json_int(&j, "step", (int64_t)p->step);
  mpp_json_real(&j, "step_time", p->step_time);
  mpp_json_real(&j, "data_time", p->data_time);
  mpp_json_real(&j, "samples_per_second", mpp_run_log_speed(p));
  mpp_json_close(&j, '}');
  append(log, &log->timing, &j);
}

void mpp_run_log_step(mpp_run_log *log, const mpp_train_progress *progress)
{
  const struct {
    const char *key;
    double value;
  } number[] = {{"loss", progress->loss},
                {"nrmse", progress->nrmse},
                {"gradient_norm", progress->gradient_norm},
                {"learning_rate", progress->learning_rate}};
  enum { NUMBERS = sizeof number / sizeof *number };
  mpp_json j;
  bool finite = true;
  mpp_json_begin(&j);
  mpp_json_open(&j, NULL, '{');
  mpp_json_int(&j, "step", (int64_t)progress->step);
  for (size_t i = 0; i < NUMBERS; i++) {
    mpp_json_real(&j, number[i].key, number[i].value);
    finite = finite && isfinite(number[i].value);
  }
  mpp_json_int(&j, "skipped", (int64_t)progress->skipped);
  if (!finite) {
    mpp_json_open(&j, "nonfinite", '[');
    for (size_t i = 0; i < NUMBERS; i++) {
      if (!isfinite(number[i].value)) {
        mpp_json_text(&j, NULL, number[i].key);
      }
    }
    mpp_json_close(&j, ']');
  }
  put_parts(&j, log);
  mpp_json_close(&j, '}');
  append(log, &log->metrics, &j);
  put_timing(log, progress);
  mpp_run_events_step(log, progress);
  memset(log->part, 0, sizeof log->part);
}

void mpp_run_log_table(mpp_json *j, const char *key, const mpp_scores *s, mpp_predictor p,
                       mpp_metric m)
{
  mpp_json_open(j, key, '[');
  for (size_t h = 0; h < s->nhorizons; h++) {
    mpp_json_open(j, NULL, '[');
    for (size_t f = 0; f < s->nfields; f++) {
      mpp_json_real(j, NULL, mpp_scores_value(s, p, m, h, f));
    }
    mpp_json_close(j, ']');
  }
  mpp_json_close(j, ']');
}

static bool all_finite(const mpp_scores *s, mpp_predictor p)
{
  for (size_t h = 0; h < s->nhorizons; h++) {
    for (size_t f = 0; f < s->nfields; f++) {
      const mpp_score score = mpp_scores_at(s, p, h, f);
      if (!isfinite(score.nrmse) || !isfinite(score.vrmse)) {
        return false;
      }
    }
  }
  return true;
}

static void put_dataset(mpp_json *j, const mpp_scores *s)
{
  mpp_json_open(j, NULL, '{');
  mpp_json_text(j, "system", s->system);
  mpp_json_int(j, "windows", (int64_t)s->nwindows);
  mpp_json_open(j, "fields", '[');
  for (size_t f = 0; f < s->nfields; f++) { mpp_json_text(j, NULL, s->field[f]); }
  mpp_json_close(j, ']');
  mpp_json_open(j, "horizons", '[');
  for (size_t h = 0; h < s->nhorizons; h++) { mpp_json_int(j, NULL, s->horizon[h]); }
  mpp_json_close(j, ']');
  for (mpp_predictor p = 0; p < mpp_scores_end(s); p++) {
    mpp_json_open(j, mpp_predictor_name(p), '{');
    mpp_run_log_table(j, "nrmse", s, p, MPP_METRIC_NRMSE);
    mpp_run_log_table(j, "vrmse", s, p, MPP_METRIC_VRMSE);
    mpp_json_close(j, '}');
  }
  mpp_json_close(j, '}');
}

void mpp_run_log_validation(mpp_run_log *log, uint64_t step, double score, const mpp_scores *scores,
                            size_t ndatasets)
{
  char name[MPP_NAME_MAX + 32];
  mpp_json j;
  bool listing = false;
  mpp_json_begin(&j);
  mpp_json_open(&j, NULL, '{');
  mpp_json_int(&j, "step", (int64_t)step);
  mpp_json_open(&j, "validation", '{');
  mpp_json_real(&j, "score", score);
  mpp_json_open(&j, "datasets", '[');
  for (size_t i = 0; i < ndatasets; i++) { put_dataset(&j, &scores[i]); }
  mpp_json_close(&j, ']');
  mpp_json_close(&j, '}');
  for (size_t i = 0; i < ndatasets; i++) {
    for (mpp_predictor p = 0; p < mpp_scores_end(&scores[i]); p++) {
      if (!all_finite(&scores[i], p)) {
        if (!listing) {
          mpp_json_open(&j, "nonfinite", '[');
          listing = true;
        }
        snprintf(name, sizeof name, "%s.%s", scores[i].system, mpp_predictor_name(p));
        mpp_json_text(&j, NULL, name);
      }
    }
  }
  if (listing) {
    mpp_json_close(&j, ']');
  }
  mpp_json_close(&j, '}');
  append(log, &log->metrics, &j);
  mpp_run_events_validation(log, step, score, scores, ndatasets);
}
