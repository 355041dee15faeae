/* rollout_log.c - lines, tables and JSON about forecasts. */
#include "rollout_log.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- while they run ---- */

/* Makes room for `wanted` items of `size` bytes; false without memory. */
static bool grow(void **items, size_t *room, size_t wanted, size_t size)
{
  if (wanted <= *room) {
    return true;
  }
  const size_t more = 2 * wanted + 16;
  void *grown = realloc(*items, more * size);
  if (grown == NULL) {
    return false;
  }
  memset((char *)grown + *room * size, 0, (more - *room) * size);
  *items = grown;
  *room = more;
  return true;
}

static void note_nrmse(rollout_log *log, rollout_file *file, size_t step, const double *nrmse)
{
  size_t sum_room = log->room, count_room = log->room;
  void *sum = log->sum, *count = log->count;
  const bool good = grow(&sum, &sum_room, step, log->nfields * sizeof *log->sum) &&
                    grow(&count, &count_room, step, sizeof *log->count);
  log->sum = sum;
  log->count = count;
  if (!good) { /* the summary will lack them */
    log->out_of_memory = true;
    return;
  }
  log->room = count_room;
  for (size_t f = 0; f < log->nfields; f++) {
    log->sum[(step - 1) * log->nfields + f] += nrmse[f];
    file->last_nrmse[f] = nrmse[f];
  }
  log->count[step - 1]++;
  log->nsteps = step > log->nsteps ? step : log->nsteps;
  file->truth_steps = step;
}

static rollout_file *file_of(rollout_log *log, const mpp_rollout_event *e)
{
  size_t room = log->nfiles;
  if (e->forecast >= log->nfiles) {
    void *files = log->file;
    if (!grow(&files, &room, e->forecast + 1, sizeof *log->file)) {
      log->out_of_memory = true;
      return NULL;
    }
    log->file = files;
    log->nfiles = room;
  }
  rollout_file *file = &log->file[e->forecast];
  if (file->name == NULL) {
    const size_t n = strlen(e->file) + 1;
    file->name = malloc(n);
    file->last_nrmse = calloc(log->nfields + 1, sizeof *file->last_nrmse);
    if (file->name == NULL || file->last_nrmse == NULL) {
      log->out_of_memory = true;
      return NULL;
    }
    memcpy(file->name, e->file, n);
  }
  return file;
}

static void show(const rollout_log *log, const mpp_rollout_event *e)
{
  char errors[256] = "";
  size_t used = 0;
  cli_number_text text;
  for (size_t f = 0; e->nrmse != NULL && f < log->nfields && used < sizeof errors; f++) {
    used += (size_t)snprintf(errors + used, sizeof errors - used, "%s%s", f == 0 ? ", NRMSE " : " ",
                             cli_number(text, e->nrmse[f]));
  }
  cli_message("%s: step %zu of %zu: %s ms%s%s", e->file, e->step, e->steps,
              cli_number(text, 1e3 * e->seconds), e->by_solver ? " by the solver" : "", errors);
}

void rollout_log_note(void *context, const mpp_rollout_event *e)
{
  rollout_log *log = context;
  rollout_file *file = file_of(log, e);
  double mean = 0.0;
  cli_number_text text;
  if (file == NULL) {
    return;
  }
  file->steps = e->steps;
  file->done = e->step;
  file->by_solver += e->by_solver;
  if (e->violation != NULL && file->violations++ == 0) {
    cli_message("%s: step %zu: %s", e->file, e->step, e->violation);
  }
  if (e->nrmse != NULL && log->nfields > 0) {
    note_nrmse(log, file, e->step, e->nrmse);
  }
  if (log->live) {
    show(log, e);
  }
  for (size_t f = 0; e->nrmse != NULL && f < log->nfields; f++) { mean += e->nrmse[f]; }
  const double part = ((double)e->forecast + (double)e->step / (double)e->steps);
  cli_progress(part / (double)e->forecasts, "%s: step %zu of %zu%s%s", e->file, e->step, e->steps,
               e->nrmse != NULL ? ", NRMSE " : "",
               e->nrmse != NULL ? cli_number(text, mean / (double)log->nfields) : "");
}

void rollout_log_free(rollout_log *log)
{
  for (size_t i = 0; i < log->nfiles; i++) {
    free(log->file[i].name);
    free(log->file[i].last_nrmse);
  }
  free(log->file);
  free(log->sum);
  free(log->count);
}

/* ---- afterwards ---- */

double rollout_log_nrmse(const rollout_log *log, size_t step, size_t field)
{
  double sum = 0.0;
  if (step < 1 || step > log->nsteps || log->count[step - 1] == 0) {
    return NAN;
  }
  const double *row = log->sum + (step - 1) * log->nfields, n = (double)log->count[step - 1];
  if (field < log->nfields) {
    return row[field] / n;
  }
  for (size_t f = 0; f < log->nfields; f++) { sum += row[f]; }
  return sum / n / (double)log->nfields;
}

/* 1, 2, 5, 10, 20, 50, ... and the last one with a truth */
static bool is_shown(size_t step, size_t last)
{
  size_t decade = 1;
  while (decade * 10 <= step) { decade *= 10; }
  return step == last || step == decade || step == 2 * decade || step == 5 * decade;
}

static void print_errors(const rollout_log *log, const mpp_rollout_summary *s)
{
  cli_number_text text;
  cli_table t;
  cli_table_begin(&t, 2 + log->nfields, 0);
  const size_t head = cli_table_row(&t);
  cli_table_set(&t, head, 0, "NRMSE at step");
  for (size_t f = 0; f < log->nfields; f++) { cli_table_set(&t, head, 1 + f, "%s", s->field[f]); }
  cli_table_set(&t, head, 1 + log->nfields, "mean");
  for (size_t step = 1; step <= log->nsteps; step++) {
    if (!is_shown(step, log->nsteps) || isnan(rollout_log_nrmse(log, step, 0))) {
      continue;
    }
    const size_t row = cli_table_row(&t);
    cli_table_set(&t, row, 0, "%zu", step);
    for (size_t f = 0; f <= log->nfields; f++) {
      cli_table_set(&t, row, 1 + f, "%s", cli_number(text, rollout_log_nrmse(log, step, f)));
    }
  }
  cli_table_print(stdout, &t, 2);
  cli_table_free(&t);
}

static void print_guards(const mpp_rollout_summary *s)
{
  if (s->violations > 0) {
    printf("guards: %zu of %zu records are marked", s->violations, s->steps_done);
    if (s->solver_frames > 0) {
      printf("; %zu frames are by the reference solver", s->solver_frames);
    }
    if (s->stopped > 0) {
      printf("; %zu forecast%s stopped", s->stopped, s->stopped == 1 ? " was" : "s were");
    }
    printf("\n");
  }
}

void rollout_log_print(const rollout_log *log, const mpp_rollout_summary *s)
{
  cli_number_text text, other;
  if (s->forecasts > 1) {
    printf("%s and %zu other%s: %zu steps of %zu field%s in all", s->file, s->forecasts - 1,
           s->forecasts == 2 ? "" : "s", s->steps_done, s->nfields, s->nfields == 1 ? "" : "s");
  } else {
    printf("%s: %zu steps of %zu field%s", s->file, s->steps_done, s->nfields,
           s->nfields == 1 ? "" : "s");
  }
  if (s->seconds_per_step > 0.0) {
    printf(", %s ms a step", cli_number(text, 1e3 * s->seconds_per_step));
  }
  if (s->solver_seconds_per_step > 0.0 && s->seconds_per_step > 0.0) {
    printf("; the reference solver takes %s ms (%s times as long)",
           cli_number(text, 1e3 * s->solver_seconds_per_step),
           cli_number(other, s->solver_seconds_per_step / s->seconds_per_step));
  }
  printf("\n");
  if (s->ensemble[0] != '\0') {
    printf("%s: mean and spread of the members\n", s->ensemble);
  }
  if (s->left_out[0] != '\0') {
    printf("not carried over from the data: %s\n", s->left_out);
  }
  print_guards(s);
  if (log->nsteps > 0) {
    print_errors(log, s);
  }
}

mpp_status rollout_log_json(const rollout_log *log, const mpp_rollout_options *o,
                            const mpp_rollout_summary *s)
{
  json_t *root = json_object(), *errors = json_array(), *files = json_array();
  for (size_t step = 1; step <= log->nsteps; step++) {
    json_t *one = json_array();
    for (size_t f = 0; f < log->nfields; f++) {
      json_array_append_new(one, cli_json_real(rollout_log_nrmse(log, step, f)));
    }
    json_array_append_new(errors, one);
  }
  for (size_t i = 0; i < log->nfiles; i++) {
    const rollout_file *file = &log->file[i];
    if (file->name != NULL) {
      json_t *one = json_object();
      json_object_set_new(one, "file", cli_json_text(file->name));
      json_object_set_new(one, "steps", json_integer((json_int_t)file->done));
      json_object_set_new(one, "asked", json_integer((json_int_t)file->steps));
      json_object_set_new(one, "truth_steps", json_integer((json_int_t)file->truth_steps));
      json_object_set_new(one, "violations", json_integer((json_int_t)file->violations));
      json_object_set_new(one, "solver_frames", json_integer((json_int_t)file->by_solver));
      json_array_append_new(files, one);
    }
  }
  json_object_set_new(root, "file", cli_json_text(s->file));
  json_object_set_new(root, "model", cli_json_text(o->model));
  json_object_set_new(root, "data", cli_json_text(o->data));
  json_object_set_new(root, "fields", cli_json_names(s->field, s->nfields));
  json_object_set_new(root, "steps", json_integer((json_int_t)s->steps_done));
  json_object_set_new(root, "truth_steps", json_integer((json_int_t)s->truth_steps));
  json_object_set_new(root, "seconds_per_step", cli_json_real(s->seconds_per_step));
  json_object_set_new(
      root, "solver_seconds_per_step",
      cli_json_real(s->solver_seconds_per_step > 0.0 ? s->solver_seconds_per_step : NAN));
  json_object_set_new(root, "violations", json_integer((json_int_t)s->violations));
  json_object_set_new(root, "solver_frames", json_integer((json_int_t)s->solver_frames));
  json_object_set_new(root, "stopped", json_integer((json_int_t)s->stopped));
  json_object_set_new(root, "ensemble",
                      s->ensemble[0] != '\0' ? cli_json_text(s->ensemble) : json_null());
  json_object_set_new(root, "left_out",
                      s->left_out[0] != '\0' ? cli_json_text(s->left_out) : json_null());
  json_object_set_new(root, "forecasts", files); /* those that were run, not taken over */
  json_object_set_new(root, "nrmse", errors); /* [step][field], mean over forecasts; null: none */
  return cli_json_print(root);
}
