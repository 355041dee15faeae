/* run_history.c - the logs of a run, read twice: first counted, then taken. */
#include "run_history.h"

#include <assert.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "check.h"
#include "file.h"

enum { LIMIT = 1 << 30 };

static double number_of(const json_t *value)
{
  return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

/* Mean over the fields of a table [horizon][field]; NaN where one is missing. */
static double mean_at(const json_t *table, size_t horizon)
{
  const json_t *row = json_array_get(table, horizon);
  const size_t n = json_array_size(row);
  double sum = 0.0;
  for (size_t f = 0; f < n; f++) { sum += number_of(json_array_get(row, f)); }
  return n > 0 ? sum / (double)n : (double)NAN;
}

/* Names and sizes of a dataset from its first validation. */
static mpp_status begin_dataset(mpp_history_scores *s, json_t *entry, size_t room)
{
  mpp_status st = MPP_OK;
  const json_t *horizons = json_object_get(entry, "horizons");
  const char *system = json_string_value(json_object_get(entry, "system"));
  const char *key = NULL;
  json_t *value = NULL;
  snprintf(s->system, sizeof s->system, "%s", system != NULL ? system : "");
  for (; s->nhorizons < json_array_size(horizons) && s->nhorizons < MPP_LIST_MAX; s->nhorizons++) {
    s->horizon[s->nhorizons] = (long)json_integer_value(json_array_get(horizons, s->nhorizons));
  }
  json_object_foreach(entry, key, value)
  {
    if (json_is_object(value) && json_is_array(json_object_get(value, "nrmse")) &&
        s->npredictors < MPP_HISTORY_PREDICTORS) {
      snprintf(s->predictor[s->npredictors++], sizeof(mpp_name), "%s", key);
    }
  }
  const size_t count = s->npredictors * s->nhorizons * room;
  MPP_TRY(MPP_ALLOC(&s->nrmse, count > 0 ? count : 1));
  for (size_t i = 0; i < count; i++) { s->nrmse[i] = (double)NAN; }
done:
  return st;
}

static mpp_status take_validation(mpp_run_history *h, const json_t *validation, size_t index)
{
  mpp_status st = MPP_OK;
  const json_t *datasets = json_object_get(validation, "datasets");
  if (h->dataset == NULL && json_array_size(datasets) > 0) {
    const size_t n = json_array_size(datasets);
    MPP_TRY(MPP_ALLOC(&h->dataset, n < MPP_HISTORY_DATASETS ? n : MPP_HISTORY_DATASETS));
    h->ndatasets = n < MPP_HISTORY_DATASETS ? n : MPP_HISTORY_DATASETS;
    for (size_t d = 0; d < h->ndatasets; d++) {
      MPP_TRY(begin_dataset(&h->dataset[d], json_array_get(datasets, d), h->room));
    }
  }
  for (size_t d = 0; d < h->ndatasets; d++) {
    assert(h->dataset != NULL);
    mpp_history_scores *s = &h->dataset[d];
    for (size_t p = 0; p < s->npredictors; p++) {
      const json_t *scores = json_object_get(json_array_get(datasets, d), s->predictor[p]);
      const json_t *table = json_object_get(scores, "nrmse");
      for (size_t k = 0; k < s->nhorizons; k++) {
        s->nrmse[(p * s->nhorizons + k) * h->room + index] = mean_at(table, k);
      }
    }
  }
done:
  return st;
}

/* What a step had of each dataset; `nsteps` is the room of each. */
static mpp_status take_parts(mpp_run_history *h, const json_t *datasets, double step, size_t room)
{
  mpp_status st = MPP_OK;
  const json_t *entry = NULL;
  size_t i = 0;
  json_array_foreach(datasets, i, entry)
  {
    const json_int_t number = json_integer_value(json_object_get(entry, "dataset"));
    const char *system = json_string_value(json_object_get(entry, "system"));
    if (number < 0 || number >= MPP_LIST_MAX || system == NULL) {
      continue;
    }
    mpp_history_part *part = &h->part[number];
    if (part->step == NULL) {
      snprintf(part->system, sizeof part->system, "%s", system);
      MPP_TRY(MPP_ALLOC(&part->step, room));
      MPP_TRY(MPP_ALLOC(&part->loss, room));
      MPP_TRY(MPP_ALLOC(&part->nrmse, room));
      h->nparts = (size_t)number >= h->nparts ? (size_t)number + 1 : h->nparts;
    }
    if (part->count < room) {
      part->step[part->count] = step;
      part->loss[part->count] = number_of(json_object_get(entry, "loss"));
      part->nrmse[part->count++] = number_of(json_object_get(entry, "nrmse"));
    }
  }
done:
  return st;
}

/* Takes one line, or only counts it. */
static mpp_status take_line(mpp_run_history *h, const json_t *line, bool take)
{
  mpp_status st = MPP_OK;
  const json_t *validation = json_object_get(line, "validation");
  const double step = number_of(json_object_get(line, "step"));
  if (validation != NULL) {
    if (take) {
      h->validated[h->nvalidations] = step;
      MPP_TRY(take_validation(h, validation, h->nvalidations));
    }
    h->nvalidations++;
  } else if (json_object_get(line, "step_time") != NULL) {
    if (take) {
      h->timed[h->ntimes] = step;
      h->samples[h->ntimes] = number_of(json_object_get(line, "samples_per_second"));
    }
    h->ntimes++;
  } else if (json_object_get(line, "loss") != NULL) {
    if (take) {
      MPP_TRY(take_parts(h, json_object_get(line, "datasets"), step, h->room_steps));
      h->step[h->nsteps] = step;
      h->loss[h->nsteps] = number_of(json_object_get(line, "loss"));
      h->learning_rate[h->nsteps] = number_of(json_object_get(line, "learning_rate"));
    }
    h->nsteps++;
  }
done:
  return st;
}

static mpp_status walk(mpp_run_history *h, const char *text, bool take)
{
  mpp_status st = MPP_OK;
  const char *end = NULL;
  for (; st == MPP_OK && (end = strchr(text, '\n')) != NULL; text = end + 1) {
    json_t *line = json_loadb(text, (size_t)(end - text), 0, NULL);
    st = take_line(h, line, take);
    json_decref(line);
  }
  return st; /* what follows the last end of a line was cut short */
}

/* Runs of earlier versions have no timing.jsonl: "". */
static mpp_status read_timing(char **text, const char *folder)
{
  char path[MPP_PATH_MAX];
  size_t size = 0;
  snprintf(path, sizeof path, "%.*s/timing.jsonl", MPP_PATH_MAX - 32, folder);
  return access(path, F_OK) != 0 ? mpp_format(text, "%s", "")
                                 : mpp_read_text(text, &size, path, LIMIT);
}

mpp_status mpp_run_history_read(mpp_run_history *h, const char *folder)
{
  mpp_status st = MPP_OK;
  char path[MPP_PATH_MAX];
  char *text = NULL, *timing = NULL;
  size_t size = 0;
  memset(h, 0, sizeof *h);
  MPP_REQUIRE(snprintf(path, sizeof path, "%s/metrics.jsonl", folder) < (int)sizeof path,
              MPP_ERR_NOINPUT, "%.100s...: the path is too long", folder);
  MPP_TRY(mpp_read_text(&text, &size, path, LIMIT));
  MPP_TRY(read_timing(&timing, folder));
  MPP_TRY(walk(h, text, false));
  MPP_TRY(walk(h, timing, false));
  MPP_REQUIRE(h->nsteps > 0, MPP_ERR_DATA, "%s: no steps, expected the log of a training", path);
  MPP_TRY(MPP_ALLOC(&h->step, h->nsteps));
  MPP_TRY(MPP_ALLOC(&h->loss, h->nsteps));
  MPP_TRY(MPP_ALLOC(&h->learning_rate, h->nsteps));
  MPP_TRY(MPP_ALLOC(&h->validated, h->nvalidations + 1));
  MPP_TRY(MPP_ALLOC(&h->timed, h->ntimes + 1));
  MPP_TRY(MPP_ALLOC(&h->samples, h->ntimes + 1));
  h->room = h->nvalidations;
  h->room_steps = h->nsteps;
  h->nsteps = h->nvalidations = h->ntimes = 0;
  MPP_TRY(walk(h, text, true));
  MPP_TRY(walk(h, timing, true));
done:
  mpp_free(text);
  mpp_free(timing);
  return st;
}

void mpp_run_history_free(mpp_run_history *h)
{
  for (size_t d = 0; d < h->ndatasets && h->dataset != NULL; d++) { mpp_free(h->dataset[d].nrmse); }
  for (size_t i = 0; i < MPP_LIST_MAX; i++) {
    mpp_free(h->part[i].step);
    mpp_free(h->part[i].loss);
    mpp_free(h->part[i].nrmse);
  }
  mpp_free(h->timed);
  mpp_free(h->samples);
  mpp_free(h->dataset);
  mpp_free(h->step);
  mpp_free(h->loss);
  mpp_free(h->learning_rate);
  mpp_free(h->validated);
  memset(h, 0, sizeof *h);
}
