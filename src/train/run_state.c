/* run_state.c - checkpoints of a run. Moments are stored tensor by tensor under the parameters'
 * names, so that no order of parameters is part of the format. */
#include "run_state.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "checkpoint.h"
#include "mpp/version.h"
#include "threads.h"

enum { NUMBER_MAX = 32, PROVENANCE_PAIRS = 6, STATE_PAIRS = 6, MOMENTS = 2 };
typedef char moment_name[112];

void mpp_provenance_free(mpp_provenance *p)
{
  mpp_free(p->command);
  mpp_free(p->config);
  mpp_free(p->data);
  *p = (mpp_provenance){0};
}

/* ---- writing ---- */

static bool all_finite(const float *x, size_t n)
{
  bool finite = true;
#pragma omp parallel for schedule(static) reduction(&& : finite) num_threads(mpp_threads())
  for (size_t i = 0; i < n; i++) { finite = finite && isfinite(x[i]); }
  return finite;
}

static mpp_status require_finite(const float *x, size_t n, const char *what, const char *path)
{
  return all_finite(x, n)
             ? MPP_OK
             : mpp_fail(MPP_ERR_DIVERGED, "%s: not saved: %s are not finite", path, what);
}

/* Metadata pairs and the texts of their numbers. */
typedef struct pairs {
  mpp_pair pair[PROVENANCE_PAIRS + STATE_PAIRS + 1];
  char number[PROVENANCE_PAIRS + STATE_PAIRS + 1][NUMBER_MAX];
  size_t count;
} pairs;

static void put_text(pairs *p, const char *key, const char *text)
{
  p->pair[p->count++] = (mpp_pair){key, text};
}

static void put_count(pairs *p, const char *key, uint64_t value)
{
  snprintf(p->number[p->count], NUMBER_MAX, "%" PRIu64, value);
  put_text(p, key, p->number[p->count]);
}

static void put_real(pairs *p, const char *key, double value)
{
  snprintf(p->number[p->count], NUMBER_MAX, "%.17g", value);
  put_text(p, key, p->number[p->count]);
}

static void put_provenance(pairs *p, const mpp_provenance *provenance, uint64_t step)
{
  put_text(p, "train_command", provenance->command);
  put_text(p, "train_config", provenance->config);
  put_text(p, "train_data", provenance->data);
  put_text(p, "train_version", MPP_VERSION);
  put_count(p, "train_seed", provenance->seed);
  put_count(p, "train_step", step);
}

/* Moment `kind` ("m" or "v") of a parameter. */
static void name_moment(moment_name out, const char *kind, const mpp_param *e)
{
  snprintf(out, sizeof(moment_name), "optim/%s/%s", kind, e->name);
}

mpp_status mpp_run_state_save(const char *path, const mpp_model *model, const mpp_adamw *optimizer,
                              const mpp_run_state *state, const mpp_provenance *provenance)
{
  mpp_status st = MPP_OK;
  const mpp_params *params = model->params;
  const float *moment[MOMENTS] = {optimizer->m, optimizer->v};
  static const char *const kind[MOMENTS] = {"m", "v"};
  mpp_tensor *tensors = NULL;
  moment_name *names = NULL;
  pairs meta = {.count = 0};
  MPP_TRY(require_finite(model->weights, params->total, "weights", path));
  MPP_TRY(require_finite(optimizer->m, params->total, "moments of the gradient", path));
  MPP_TRY(require_finite(optimizer->v, params->total, "moments of the gradient", path));
  MPP_TRY(MPP_ALLOC(&tensors, MOMENTS * params->count));
  MPP_TRY(MPP_ALLOC(&names, MOMENTS * params->count));
  for (size_t k = 0; k < MOMENTS; k++) {
    for (size_t i = 0; i < params->count; i++) {
      const mpp_param *e = &params->entry[i];
      const size_t at = k * params->count + i;
      name_moment(names[at], kind[k], e);
      tensors[at] = (mpp_tensor){
          .name = names[at], .dtype = MPP_F32, .rank = e->rank, .data = moment[k] + e->offset};
      memcpy(tensors[at].shape, e->shape, e->rank * sizeof *e->shape);
    }
  }
  put_provenance(&meta, provenance, state->step);
  put_count(&meta, "train_skipped", state->skipped);
  put_count(&meta, "train_skipped_in_a_row", state->skipped_in_a_row);
  put_count(&meta, "train_validated", state->validated);
  put_real(&meta, "train_best", state->best);
  put_count(&meta, "train_updates", optimizer->step);
  MPP_TRY(
      mpp_checkpoint_write(model, path, tensors, MOMENTS * params->count, meta.pair, meta.count));
done:
  mpp_free(tensors);
  mpp_free(names);
  return st;
}

mpp_status mpp_run_state_export(const char *path, const mpp_model *model, uint64_t step,
                                double score, const mpp_provenance *provenance)
{
  mpp_status st = MPP_OK;
  pairs meta = {.count = 0};
  MPP_TRY(require_finite(model->weights, model->params->total, "weights", path));
  put_provenance(&meta, provenance, step);
  if (isfinite(score)) {
    put_real(&meta, "train_score", score);
  }
  MPP_TRY(mpp_checkpoint_write(model, path, NULL, 0, meta.pair, meta.count));
done:
  return st;
}

/* ---- reading ---- */

static mpp_status get_text(char **out, const mpp_tensor_file *file, const char *key)
{
  const char *text = mpp_tensors_meta(file, key);
  return text != NULL ? mpp_format(out, "%s", text)
                      : mpp_fail(MPP_ERR_DATA,
                                 "%s: no '%s' in its metadata: not a checkpoint of a "
                                 "run",
                                 mpp_tensors_path(file), key);
}

static mpp_status get_real(double *out, const mpp_tensor_file *file, const char *key)
{
  const char *text = mpp_tensors_meta(file, key);
  char *end = NULL;
  const double value = text != NULL ? strtod(text, &end) : 0.0;
  if (text == NULL || end == text || *end != '\0') {
    return mpp_fail(MPP_ERR_DATA, "%s: metadata '%s': found '%s', expected a number",
                    mpp_tensors_path(file), key, text != NULL ? text : "nothing");
  }
  *out = value;
  return MPP_OK;
}

static mpp_status get_count(uint64_t *out, const mpp_tensor_file *file, const char *key)
{
  const char *text = mpp_tensors_meta(file, key);
  char *end = NULL;
  const uint64_t value = text != NULL ? strtoull(text, &end, 10) : 0;
  if (text == NULL || end == text || *end != '\0' || *text == '-') {
    return mpp_fail(MPP_ERR_DATA, "%s: metadata '%s': found '%s', expected a count",
                    mpp_tensors_path(file), key, text != NULL ? text : "nothing");
  }
  *out = value;
  return MPP_OK;
}

static mpp_status get_moments(float *out, const mpp_tensor_file *file, const char *kind,
                              const mpp_params *params)
{
  for (size_t i = 0; i < params->count; i++) {
    const mpp_param *e = &params->entry[i];
    moment_name name;
    name_moment(name, kind, e);
    const mpp_tensor *t = mpp_tensors_find(file, name);
    if (t == NULL || t->dtype != MPP_F32 || mpp_tensor_elements(t) != e->count) {
      return mpp_fail(MPP_ERR_DATA, "%s: %s: found %s, expected %zu float32 values",
                      mpp_tensors_path(file), name, t == NULL ? "nothing" : "another shape",
                      e->count);
    }
    memcpy(out + e->offset, t->data, e->count * sizeof *out);
  }
  return MPP_OK;
}

static mpp_status get_state(mpp_run_state *out, const mpp_tensor_file *file)
{
  mpp_status st = MPP_OK;
  mpp_run_state s = {0};
  MPP_TRY(get_count(&s.step, file, "train_step"));
  MPP_TRY(get_count(&s.skipped, file, "train_skipped"));
  MPP_TRY(get_count(&s.skipped_in_a_row, file, "train_skipped_in_a_row"));
  MPP_TRY(get_count(&s.validated, file, "train_validated"));
  MPP_TRY(get_real(&s.best, file, "train_best"));
  *out = s;
done:
  return st;
}

static mpp_status get_provenance(mpp_provenance *out, const mpp_tensor_file *file)
{
  mpp_status st = MPP_OK;
  mpp_provenance p = {0};
  MPP_TRY(get_text(&p.command, file, "train_command"));
  MPP_TRY(get_text(&p.config, file, "train_config"));
  MPP_TRY(get_text(&p.data, file, "train_data"));
  MPP_TRY(get_count(&p.seed, file, "train_seed"));
  *out = p;
  p = (mpp_provenance){0};
done:
  mpp_provenance_free(&p);
  return st;
}

mpp_status mpp_run_state_load(const char *path, mpp_model **model, mpp_adamw *optimizer,
                              mpp_run_state *state, mpp_provenance *provenance)
{
  mpp_status st = MPP_OK;
  mpp_tensor_file *file = NULL;
  mpp_model *m = NULL;
  mpp_adamw o = {0};
  mpp_run_state s;
  mpp_provenance p = {0};
  MPP_TRY(mpp_tensors_read(&file, path));
  MPP_TRY(get_state(&s, file));
  MPP_TRY(get_provenance(&p, file));
  MPP_TRY(mpp_checkpoint_model(&m, file));
  MPP_TRY(mpp_adamw_create(&o, m->params->total, 0.0, 0.0, 0.0, 0.0));
  MPP_TRY(get_moments(o.m, file, "m", m->params));
  MPP_TRY(get_moments(o.v, file, "v", m->params));
  MPP_TRY(get_count(&o.step, file, "train_updates"));
  *model = m;
  *optimizer = o;
  *state = s;
  *provenance = p;
  m = NULL;
  o = (mpp_adamw){0};
  p = (mpp_provenance){0};
done:
  mpp_tensors_free(file);
  mpp_model_destroy(m);
  mpp_adamw_destroy(&o);
  mpp_provenance_free(&p);
  return st;
}
