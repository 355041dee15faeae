/* run_state_read.c - reads checkpoints of a run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "checkpoint.h"
#include "number.h"
#include "run_state.h"

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
  const double value = text != NULL ? mpp_number_read(text, &end) : 0.0;
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

static mpp_status get_array(float *out, const mpp_tensor_file *file, const char *prefix,
                            const mpp_params *params)
{
  for (size_t i = 0; i < params->count; i++) {
    const mpp_param *e = &params->entry[i];
    mpp_array_name name;
    mpp_run_array_name(name, prefix, e);
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

static mpp_status get_optimizer(mpp_optimizer *out, const mpp_tensor_file *file,
                                const mpp_params *params)
{
  mpp_status st = MPP_OK;
  const char *name = mpp_tensors_meta(file, "train_optimizer");
  const mpp_optimizer_settings none = {0};
  char prefix[32];
  mpp_optimizer o = {0};
  name = name != NULL ? name : "adamw"; /* written when there was no other */
  const mpp_optimizer_method *method = mpp_optimizer_method_named(name);
  MPP_REQUIRE(method != NULL, MPP_ERR_DATA, "%s: optimizer: found '%s', expected one of %s",
              mpp_tensors_path(file), name, MPP_OPTIMIZER_CHOICES);
  MPP_TRY(mpp_optimizer_create(&o, method, params->total, &none));
  for (size_t k = 0; k < mpp_optimizer_vectors(method); k++) {
    snprintf(prefix, sizeof prefix, "optim/%s/", method->vector[k]);
    MPP_TRY(get_array(o.vector[k], file, prefix, params));
  }
  for (size_t k = 0; k < MPP_OPTIMIZER_SCALARS && method->scalar[k] != NULL; k++) {
    MPP_TRY(get_real(&o.scalar[k], file, method->scalar[k]));
  }
  MPP_TRY(get_count(&o.step, file, "train_updates"));
  *out = o;
  o = (mpp_optimizer){0};
done:
  mpp_optimizer_destroy(&o);
  return st;
}

/* Leaves `out` as it is where the run keeps no mean. */
static mpp_status get_ema(mpp_ema *out, const mpp_tensor_file *file, const mpp_params *params,
                          const float *values)
{
  mpp_status st = MPP_OK;
  mpp_array_name name;
  mpp_ema e = {0};
  mpp_run_array_name(name, "ema/", &params->entry[0]);
  if (mpp_tensors_find(file, name) != NULL) {
    MPP_TRY(mpp_ema_create(&e, values, params->total, 0.0));
    MPP_TRY(get_array(e.mean, file, "ema/", params));
    *out = e;
    e = (mpp_ema){0};
  }
done:
  mpp_ema_destroy(&e);
  return st;
}

/* The maps as they were before the adapter. */
static mpp_status get_base(mpp_adapter *a, const mpp_tensor_file *file, const mpp_params *params)
{
  for (size_t i = 0; i < a->nparts; i++) {
    const mpp_param *e = &params->entry[a->part[i].of];
    mpp_array_name name;
    mpp_run_array_name(name, "base/", e);
    const mpp_tensor *t = mpp_tensors_find(file, name);
    if (a->part[i].columns) {
      continue;
    }
    if (t == NULL || t->dtype != MPP_F32 || mpp_tensor_elements(t) != e->count) {
      return mpp_fail(MPP_ERR_DATA, "%s: %s: found %s, expected %zu float32 values",
                      mpp_tensors_path(file), name, t == NULL ? "nothing" : "another shape",
                      e->count);
    }
    memcpy(a->base + a->part[i].kept, t->data, e->count * sizeof *a->base);
  }
  return MPP_OK;
}

/* Leaves `out` as it is where the run trains the weights themselves. */
static mpp_status get_adapter(mpp_adapter **out, const mpp_tensor_file *file, const mpp_model *m)
{
  mpp_status st = MPP_OK;
  mpp_adapter *a = NULL;
  if (mpp_tensors_meta(file, "adapter_rank") != NULL) {
    MPP_TRY(mpp_adapter_described(&a, file, m));
    MPP_TRY(mpp_adapter_read_values(a, file, "adapter/"));
    MPP_TRY(get_base(a, file, m->params));
    *out = a;
    a = NULL;
  }
done:
  mpp_adapter_destroy(a);
  return st;
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
  if (mpp_tensors_meta(file, "train_stale") != NULL) { /* there is no patience in older ones */
    MPP_TRY(get_count(&s.best_step, file, "train_best_step"));
    MPP_TRY(get_count(&s.stale, file, "train_stale"));
  }
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

mpp_status mpp_run_state_load(const char *path, mpp_model **model, mpp_adapter **adapter,
                              mpp_optimizer *optimizer, mpp_ema *ema, mpp_run_state *state,
                              mpp_provenance *provenance)
{
  mpp_status st = MPP_OK;
  mpp_tensor_file *file = NULL;
  mpp_model *m = NULL;
  mpp_adapter *a = NULL;
  mpp_optimizer o = {0};
  mpp_ema e = {0};
  mpp_run_state s;
  mpp_provenance p = {0};
  MPP_TRY(mpp_tensors_read(&file, path));
  MPP_TRY(get_state(&s, file));
  MPP_TRY(get_provenance(&p, file));
  MPP_TRY(mpp_checkpoint_model(&m, file));
  MPP_TRY(get_adapter(&a, file, m));
  const mpp_params *list = a != NULL ? a->params : m->params;
  MPP_TRY(get_optimizer(&o, file, list));
  MPP_TRY(get_ema(&e, file, list, a != NULL ? a->values : m->weights));
  *model = m;
  *adapter = a;
  *optimizer = o;
  *ema = e;
  *state = s;
  *provenance = p;
  m = NULL;
  o = (mpp_optimizer){0};
  e = (mpp_ema){0};
  p = (mpp_provenance){0};
  a = NULL;
done:
  mpp_tensors_free(file);
  mpp_adapter_destroy(a);
  mpp_model_destroy(m);
  mpp_optimizer_destroy(&o);
  mpp_ema_destroy(&e);
  mpp_provenance_free(&p);
  return st;
}
