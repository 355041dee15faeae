/* checkpoint.c - models as safetensors under the published tensor names. Names with a '/' are no
 * weights ("optim/m"). */
#include "checkpoint.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapter.h"
#include "alloc.h"
#include "check.h"
#include "checkpoint_config.h"
#include "torch_file.h"

/* "[48, 12, 2, 2]" */
static const char *shape_text(char out[96], size_t rank, const size_t *shape)
{
  size_t at = (size_t)snprintf(out, 96, "[");
  for (size_t i = 0; i < rank && at < 72; i++) {
    at += (size_t)snprintf(out + at, 96 - at, "%s%zu", i > 0 ? ", " : "", shape[i]);
  }
  snprintf(out + at, 96 - at, "]");
  return out;
}

/* ---- weights ---- */

static mpp_status check_finite(mpp_status failure, const char *path, const mpp_param *e,
                               const float *w)
{
  mpp_status st = MPP_OK;
  for (size_t i = 0; i < e->count; i++) {
    MPP_REQUIRE(isfinite(w[i]), failure, "%s: tensor '%s': value %zu is %g, expected a finite one",
                path, e->name, i, (double)w[i]);
  }
done:
  return st;
}

/* Every tensor of the list is there with its shape, and no tensor without a place: else a message
 * that lists the first ones that differ. */
static mpp_status check_tensors(const mpp_tensor_file *file, const mpp_params *p)
{
  mpp_status st = MPP_OK;
  char found[96], expected[96], list[640] = "";
  size_t differ = 0, at = 0;
  for (size_t i = 0; i < p->count; i++) {
    const mpp_param *e = &p->entry[i];
    const mpp_tensor *t = mpp_checkpoint_find(file, e->name);
    if (t != NULL && t->dtype != MPP_I64 && t->rank == e->rank &&
        memcmp(t->shape, e->shape, e->rank * sizeof *t->shape) == 0) {
      continue;
    }
    if (differ++ < 4 && at < sizeof list) {
      shape_text(expected, e->rank, e->shape);
      at += (size_t)snprintf(list + at, sizeof list - at, "; %s: found %s, expected %s", e->name,
                             t == NULL             ? "nothing"
                             : t->dtype == MPP_I64 ? "integers"
                                                   : shape_text(found, t->rank, t->shape),
                             expected);
    }
  }
  for (size_t i = 0; i < mpp_tensors_count(file); i++) {
    const mpp_tensor *t = mpp_tensors_at(file, i);
    const char *name = mpp_checkpoint_bare_name(t->name);
    if (strchr(name, '/') == NULL &&
        (mpp_params_find(p, name) == NULL || mpp_checkpoint_find(file, name) != t)) {
      if (differ++ < 4 && at < sizeof list) {
        at += (size_t)snprintf(list + at, sizeof list - at, "; %.80s: found %s, expected nothing",
                               t->name, shape_text(found, t->rank, t->shape));
      }
    }
  }
  MPP_REQUIRE(differ == 0, MPP_ERR_DATA, "%s: %zu tensors do not fit the model%s%s",
              mpp_tensors_path(file), differ, list, differ > 4 ? "; ..." : "");
done:
  return st;
}

static mpp_status read_weights(mpp_model *m, const mpp_tensor_file *file)
{
  mpp_status st = MPP_OK;
  MPP_TRY(check_tensors(file, m->params));
  for (size_t k = 0; k < m->params->count; k++) {
    const mpp_param *e = &m->params->entry[k];
    const mpp_tensor *t = mpp_checkpoint_find(file, e->name);
    float *w = m->weights + e->offset;
    if (t->dtype == MPP_F32) {
      memcpy(w, t->data, e->count * sizeof *w);
    } else {
      const double *data = t->data;
      for (size_t i = 0; i < e->count; i++) { w[i] = (float)data[i]; }
    }
    MPP_TRY(check_finite(MPP_ERR_DATA, mpp_tensors_path(file), e, w));
  }
done:
  return st;
}

mpp_status mpp_checkpoint_model(mpp_model **out, const mpp_tensor_file *file)
{
  mpp_status st = MPP_OK;
  mpp_model *m = NULL;
  mpp_name *names = NULL;
  mpp_model_config config;
  int n_states = 0;
  MPP_REQUIRE(
      !mpp_adapter_is(file), MPP_ERR_DATA,
      "%s: is an adapter, which needs its model: give that one as the model and this file as "
      "the adapter",
      mpp_tensors_path(file));
  MPP_TRY(mpp_checkpoint_read_config(&config, &n_states, file));
  MPP_TRY(MPP_ALLOC(&names, (size_t)n_states));
  MPP_TRY(mpp_checkpoint_read_vocabulary(names, (size_t)n_states, file));
  st = mpp_model_allocate(&m, &config, (const mpp_name *)names, (size_t)n_states);
  if (st == MPP_ERR_CONFIG) { /* the file's, not the user's */
    st = mpp_fail_prefix(MPP_ERR_DATA, "%s", mpp_tensors_path(file));
  }
  MPP_TRY(st);
  MPP_TRY(read_weights(m, file));
  MPP_TRY(mpp_format(&m->path, "%s", mpp_tensors_path(file)));
  *out = m;
  m = NULL;
done:
  mpp_model_destroy(m);
  mpp_free(names);
  return st;
}

mpp_status mpp_checkpoint_list(mpp_tensor *tensors, const mpp_model *m, const char *path)
{
  mpp_status st = MPP_OK;
  for (size_t k = 0; k < m->params->count; k++) {
    const mpp_param *e = &m->params->entry[k];
    tensors[k] = (mpp_tensor){.name = e->name, .dtype = MPP_F32, .rank = e->rank};
    memcpy(tensors[k].shape, e->shape, e->rank * sizeof *e->shape);
    tensors[k].data = m->weights + e->offset;
    MPP_TRY(check_finite(MPP_ERR_DIVERGED, path, e, m->weights + e->offset));
  }
done:
  return st;
}

mpp_status mpp_checkpoint_write(const mpp_model *m, const char *path, const mpp_tensor *extra,
                                size_t nextra, const mpp_pair *meta, size_t nmeta)
{
  mpp_status st = MPP_OK;
  mpp_tensor *tensors = NULL;
  mpp_pair *pairs = NULL;
  mpp_config_text text = {.vocabulary = NULL};
  const size_t count = m->params->count;
  MPP_TRY(MPP_ALLOC(&tensors, count + nextra));
  MPP_TRY(MPP_ALLOC(&pairs, MPP_CONFIG_PAIRS + nmeta));
  MPP_TRY(mpp_checkpoint_list(tensors, m, path));
  MPP_TRY(mpp_checkpoint_write_config(pairs, &text, m));
  if (nextra > 0) {
    memcpy(tensors + count, extra, nextra * sizeof *extra);
  }
  if (nmeta > 0) {
    memcpy(pairs + MPP_CONFIG_PAIRS, meta, nmeta * sizeof *meta);
  }
  MPP_TRY(mpp_tensors_write(path, tensors, count + nextra, pairs, MPP_CONFIG_PAIRS + nmeta));
done:
  free(text.vocabulary);
  mpp_free(pairs);
  mpp_free(tensors);
  return st;
}

mpp_status mpp_model_load(mpp_model **out, const char *path)
{
  mpp_status st = MPP_OK;
  mpp_tensor_file *file = NULL;
  MPP_TRY(mpp_torch_is(path) ? mpp_torch_read(&file, path) : mpp_tensors_read(&file, path));
  MPP_TRY(mpp_checkpoint_model(out, file));
done:
  mpp_tensors_free(file);
  return st;
}

mpp_status mpp_model_save(const mpp_model *m, const char *path)
{
  return mpp_checkpoint_write(m, path, NULL, 0, NULL, 0);
}
