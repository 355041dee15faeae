/* run_log.c - the metrics of a run, appended line by line: each line is one write of O_APPEND, so
 * that a killed run leaves whole lines and at most one cut short. JSON has no NaN: such numbers are
 * null, and "nonfinite" lists their names. */
#include "run_log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "json.h"

void mpp_run_log_warn(mpp_run_log *log, const char *path, const char *cause)
{
  char text[sizeof log->path + 256];
  if (!log->warned && log->observer != NULL && log->observer->message != NULL) {
    snprintf(text, sizeof text, "%s: %s; the training goes on without complete metrics", path,
             cause);
    log->observer->message(log->observer->context, text);
  }
  log->warned = true;
}

static void warn(mpp_run_log *log, const char *cause) { mpp_run_log_warn(log, log->path, cause); }

static void open_log(mpp_run_log *log, const char *path, int flags,
                     const mpp_train_observer *observer)
{
  *log = (mpp_run_log){.fd = -1, .events = -1, .observer = observer};
  snprintf(log->path, sizeof log->path, "%s", path);
  if (mpp_fault()) {
    errno = EIO;
  } else {
    log->fd =
        open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | flags, (mode_t)0666);
  }
  if (log->fd < 0) {
    warn(log, strerror(errno));
  }
}

void mpp_run_log_create(mpp_run_log *log, const char *path, const mpp_train_observer *observer)
{
  open_log(log, path, O_TRUNC, observer);
}

/* Whether a line belongs to what was done by `step`, with validations up to `validated`. Lines
 * that are not ours stay. */
static bool belongs(const char *line, uint64_t step, uint64_t validated)
{
  uint64_t at = 0;
  if (sscanf(line, "{\"step\":%" SCNu64, &at) != 1) {
    return true;
  }
  return at <= (strstr(line, "\"validation\"") != NULL ? validated : step);
}

/* Bytes of the leading lines that stay. */
static int64_t measure(const char *path, uint64_t step, uint64_t validated)
{
  char *line = NULL; /* of the C library */
  size_t capacity = 0;
  int64_t size = 0;
  FILE *f = fopen(path, "re");
  if (f == NULL) {
    return 0;
  }
  for (;;) {
    const ssize_t n = getline(&line, &capacity, f);
    if (n <= 0 || line[n - 1] != '\n' || !belongs(line, step, validated)) {
      break;
    }
    size += n;
  }
  free(line);
  fclose(f);
  return size;
}

void mpp_run_log_resume(mpp_run_log *log, const char *path, uint64_t step, uint64_t validated,
                        const mpp_train_observer *observer)
{
  const int64_t size = measure(path, step, validated);
  open_log(log, path, 0, observer);
  if (log->fd < 0) {
    return;
  }
  log->size = size;
  if (mpp_fault() || ftruncate(log->fd, size) != 0) {
    warn(log, strerror(errno));
  }
}

void mpp_run_log_close(mpp_run_log *log)
{
  if (log->fd > 0) {
    close(log->fd);
  }
  mpp_run_events_close(log);
  log->fd = -1;
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

/* Ends the line of `j`, appends it and frees it. A line that did not go in whole is taken back. */
static void append(mpp_run_log *log, mpp_json *j)
{
  if (log->fd >= 0 && !j->failed) {
    j->text[j->length] = '\n'; /* in the place of the NUL: one write a line */
    const size_t bytes = j->length + 1;
    ssize_t n = -1;
    errno = EIO;
    if (!mpp_fault()) {
      do {
        n = write(log->fd, j->text, bytes);
      } while (n < 0 && errno == EINTR);
    }
    if (n == (ssize_t)bytes) {
      log->size += n;
    } else {
      warn(log, n >= 0 ? "the disk is full" : strerror(errno));
      if (n > 0 && ftruncate(log->fd, log->size) != 0) {
        warn(log, strerror(errno));
      }
    }
  } else if (j->failed) {
    warn(log, "out of memory");
  }
  mpp_json_free(j);
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
  append(log, &j);
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
  append(log, &j);
  mpp_run_events_validation(log, step, score, scores, ndatasets);
}
