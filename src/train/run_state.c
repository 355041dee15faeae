/* run_state.c - writes checkpoints of a run. State arrays are stored tensor by tensor under the
 * parameters' names, so that no order of parameters is part of the format. */
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
#include "number.h"
#include "threads.h"

enum {
  NUMBER_MAX = MPP_NUMBER_MAX,
  PAIRS_MAX = 15 + MPP_OPTIMIZER_SCALARS + MPP_ADAPTER_PAIRS,
  ARRAYS_MAX = MPP_OPTIMIZER_VECTORS + 2
};

void mpp_run_array_name(mpp_array_name out, const char *prefix, const mpp_param *e)
{
  snprintf(out, sizeof(mpp_array_name), "%s%s", prefix, e->name);
}

void mpp_provenance_free(mpp_provenance *p)
{
  mpp_free(p->command);
  mpp_free(p->config);
  mpp_free(p->data);
  *p = (mpp_provenance){0};
}

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
  mpp_pair pair[PAIRS_MAX];
  char number[PAIRS_MAX][NUMBER_MAX];
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
  mpp_number_format(p->number[p->count], value);
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

/* Arrays of the layout of the weights and what their tensors' names begin with. */
typedef struct arrays {
  size_t count;
  const float *data[ARRAYS_MAX]; /* borrowed */
  char prefix[ARRAYS_MAX][32];
} arrays;

static void put_array(arrays *a, const float *data, const char *folder, const char *name)
{
  snprintf(a->prefix[a->count], sizeof *a->prefix, "%s%s/", folder, name);
  a->data[a->count++] = data;
}

static void put_optimizer(arrays *a, pairs *meta, const mpp_optimizer *o)
{
  put_text(meta, "train_optimizer", o->method->name);
  put_count(meta, "train_updates", o->step);
  for (size_t k = 0; k < mpp_optimizer_vectors(o->method); k++) {
    put_array(a, o->vector[k], "optim/", o->method->vector[k]);
  }
  for (size_t k = 0; k < MPP_OPTIMIZER_SCALARS && o->method->scalar[k] != NULL; k++) {
    put_real(meta, o->method->scalar[k], o->scalar[k]);
  }
}

static mpp_status check_finite(const mpp_model *model, const arrays *a, const mpp_params *list,
                               const mpp_optimizer *o, const char *path)
{
  mpp_status st = MPP_OK;
  MPP_TRY(require_finite(model->weights, model->params->total, "weights", path));
  for (size_t k = 0; k < a->count; k++) {
    MPP_TRY(require_finite(a->data[k], list->total, a->prefix[k], path));
  }
  for (size_t k = 0; k < MPP_OPTIMIZER_SCALARS; k++) {
    MPP_REQUIRE(isfinite(o->scalar[k]), MPP_ERR_DIVERGED, "%s: not saved: %s is not finite", path,
                o->method->scalar[k]);
  }
done:
  return st;
}

/* What the maps were before the adapter: nothing but the file itself is needed to go on. */
static void list_base(mpp_tensor *tensors, mpp_array_name *names, const mpp_adapter *a,
                      const mpp_model *model)
{
  for (size_t i = 0, at = 0; i < a->nparts; i++) {
    const mpp_param *e = &model->params->entry[a->part[i].of];
    if (!a->part[i].columns) {
      mpp_run_array_name(names[at], "base/", e);
      tensors[at] = (mpp_tensor){
          .name = names[at], .dtype = MPP_F32, .rank = e->rank, .data = a->base + a->part[i].kept};
      memcpy(tensors[at].shape, e->shape, e->rank * sizeof *e->shape);
      at++;
    }
  }
}

static size_t base_count(const mpp_adapter *a)
{
  size_t count = 0;
  for (size_t i = 0; a != NULL && i < a->nparts; i++) { count += !a->part[i].columns; }
  return count;
}

/* Tensors of all arrays, one for each parameter, and room for `extra` more after them; the caller
 * owns both lists. */
static mpp_status list_tensors(mpp_tensor **tensors, mpp_array_name **names, const arrays *a,
                               const mpp_params *params, size_t extra)
{
  mpp_status st = MPP_OK;
  mpp_tensor *t = NULL;
  mpp_array_name *n = NULL;
  MPP_TRY(MPP_ALLOC(&t, a->count * params->count + extra));
  MPP_TRY(MPP_ALLOC(&n, a->count * params->count + extra));
  for (size_t at = 0; at < a->count * params->count; at++) {
    const size_t k = at / params->count;
    const mpp_param *e = &params->entry[at % params->count];
    mpp_run_array_name(n[at], a->prefix[k], e);
    t[at] = (mpp_tensor){
        .name = n[at], .dtype = MPP_F32, .rank = e->rank, .data = a->data[k] + e->offset};
    memcpy(t[at].shape, e->shape, e->rank * sizeof *e->shape);
  }
  *tensors = t;
  *names = n;
  t = NULL;
  n = NULL;
done:
  mpp_free(t);
  mpp_free(n);
  return st;
}

mpp_status mpp_run_state_save(const char *path, const mpp_model *model, const mpp_adapter *adapter,
                              const mpp_optimizer *optimizer, const mpp_ema *ema,
                              const mpp_run_state *state, const mpp_provenance *provenance)
{
  mpp_status st = MPP_OK;
  mpp_tensor *tensors = NULL;
  mpp_array_name *names = NULL;
  mpp_adapter_text text = {.fields = NULL};
  pairs meta = {.count = 0};
  arrays a = {.count = 0};
  const mpp_params *list = adapter != NULL ? adapter->params : model->params;
  const size_t extra = base_count(adapter);
  put_provenance(&meta, provenance, state->step);
  put_count(&meta, "train_skipped", state->skipped);
  put_count(&meta, "train_skipped_in_a_row", state->skipped_in_a_row);
  put_count(&meta, "train_validated", state->validated);
  put_real(&meta, "train_best", state->best);
  put_count(&meta, "train_best_step", state->best_step);
  put_count(&meta, "train_stale", state->stale);
  put_optimizer(&a, &meta, optimizer);
  if (ema->mean != NULL) {
    put_array(&a, ema->mean, "ema", "");
  }
  if (adapter != NULL) {
    put_array(&a, adapter->values, "adapter", "");
    MPP_TRY(mpp_adapter_pairs(meta.pair + meta.count, &text, adapter));
    meta.count += MPP_ADAPTER_PAIRS;
  }
  MPP_TRY(check_finite(model, &a, list, optimizer, path));
  MPP_TRY(list_tensors(&tensors, &names, &a, list, extra));
  const size_t count = a.count * list->count;
  if (adapter != NULL) {
    list_base(tensors + count, names + count, adapter, model);
  }
  MPP_TRY(mpp_checkpoint_write(model, path, tensors, count + extra, meta.pair, meta.count));
done:
  free(text.fields);
  mpp_free(tensors);
  mpp_free(names);
  return st;
}

mpp_status mpp_run_state_export(const char *path, const mpp_model *model,
                                const mpp_adapter *adapter, uint64_t step, double score,
                                const mpp_provenance *provenance)
{
  mpp_status st = MPP_OK;
  pairs meta = {.count = 0};
  MPP_TRY(require_finite(model->weights, model->params->total, "weights", path));
  put_provenance(&meta, provenance, step);
  if (isfinite(score)) {
    put_real(&meta, "train_score", score);
  }
  MPP_TRY(adapter != NULL ? mpp_adapter_write(adapter, model, path, meta.pair, meta.count)
                          : mpp_checkpoint_write(model, path, NULL, 0, meta.pair, meta.count));
done:
  return st;
}
