/* adapter_file.c - adapters as files of their own: the trained values, and in the metadata rank and
 * alpha, the digest of the base model, the names of the fields that were appended to it, and the
 * configuration and vocabulary of the model that comes out. */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "adapter.h"
#include "alloc.h"
#include "check.h"
#include "checkpoint.h"
#include "checkpoint_config.h"
#include "config.h"
#include "number.h"
#include "text.h"

static const char kind_key[] = "mpp_kind", kind_text[] = "adapter";
enum { NAMES_MAX = 4096 };

/* ---- the digest of a base ---- */

static mpp_status add_model(XXH3_state_t *state, const mpp_model *m)
{
  const mpp_model_config *c = &m->config;
  const int64_t sizes[] = {c->embed_dim,
                           c->num_heads,
                           c->processor_blocks,
                           c->npatch,
                           c->bias,
                           c->mode,
                           (c->increments ? 1 : 0) + (c->edges ? 2 : 0),
                           (int64_t)m->n_states};
  bool good = XXH3_128bits_update(state, sizes, sizeof sizes) == XXH_OK;
  for (int i = 0; i < c->npatch; i++) {
    good = good && XXH3_128bits_update(state, &c->patch[i], sizeof c->patch[i]) == XXH_OK;
  }
  for (size_t i = 0; i < m->n_states; i++) { /* with the NUL that ends it */
    const char *name = m->vocabulary[i];
    good = good && XXH3_128bits_update(state, name, strlen(name) + 1) == XXH_OK;
  }
  good = good &&
         XXH3_128bits_update(state, m->weights, m->params->total * sizeof *m->weights) == XXH_OK;
  return good ? MPP_OK : mpp_fail(MPP_ERR_INTERNAL, "digest of a model: cannot be computed");
}

mpp_status mpp_model_digest(char out[MPP_DIGEST_SIZE], const mpp_model *m)
{
  mpp_status st = MPP_OK;
  XXH3_state_t *state = mpp_fault() ? NULL : XXH3_createState();
  MPP_REQUIRE(state != NULL && XXH3_128bits_reset(state) == XXH_OK, MPP_ERR_NOMEM,
              "out of memory: state of a digest");
  MPP_TRY(add_model(state, m));
  const XXH128_hash_t hash = XXH3_128bits_digest(state);
  mpp_digest_print(out, hash.high64, hash.low64);
done:
  XXH3_freeState(state);
  return st;
}

/* ---- metadata ---- */

bool mpp_adapter_is(const mpp_tensor_file *file)
{
  const char *kind = mpp_tensors_meta(file, kind_key);
  return kind != NULL && strcmp(kind, kind_text) == 0;
}

static mpp_status names_text(char **out, const mpp_adapter *a)
{
  mpp_status st = MPP_OK;
  json_t *list = mpp_fault() ? NULL : json_array();
  MPP_REQUIRE(list != NULL, MPP_ERR_NOMEM, "adapter: out of memory");
  errno = 0;
  for (size_t i = 0; i < a->nfields; i++) {
    MPP_REQUIRE(json_array_append_new(list, json_string(a->field[i])) == 0,
                mpp_or_memory(MPP_ERR_DATA),
                "adapter: name %zu is no UTF-8 text, or memory ran out", i);
  }
  *out = json_dumps(list, JSON_COMPACT);
  MPP_REQUIRE(*out != NULL, MPP_ERR_NOMEM, "adapter: out of memory");
done:
  json_decref(list);
  return st;
}

mpp_status mpp_adapter_pairs(mpp_pair pairs[MPP_ADAPTER_PAIRS], mpp_adapter_text *text,
                             const mpp_adapter *a)
{
  mpp_status st = MPP_OK;
  snprintf(text->rank, sizeof text->rank, "%zu", a->set.rank);
  mpp_number_format(text->alpha, a->set.alpha);
  MPP_TRY(names_text(&text->fields, a));
  const mpp_pair all[MPP_ADAPTER_PAIRS] = {{"adapter_rank", text->rank},
                                           {"adapter_alpha", text->alpha},
                                           {"adapter_maps", a->set.mlp ? "all" : "attention"},
                                           {"adapter_base", a->base_digest},
                                           {"adapter_fields", text->fields}};
  memcpy(pairs, all, sizeof all);
done:
  return st;
}

mpp_status mpp_adapter_number(double *out, const mpp_tensor_file *file, const char *key)
{
  const char *text = mpp_tensors_meta(file, key);
  char *end = NULL;
  const double value = text != NULL ? mpp_number_read(text, &end) : 0.0;
  if (text == NULL || end == text || *end != '\0' || !(value > 0.0) || value > 1e9) {
    return mpp_fail(MPP_ERR_DATA, "%s: metadata '%s': found '%.40s', expected a number above 0",
                    mpp_tensors_path(file), key, text != NULL ? text : "nothing");
  }
  *out = value;
  return MPP_OK;
}

static mpp_status read_settings(mpp_adapter_settings *set, const mpp_tensor_file *file)
{
  mpp_status st = MPP_OK;
  double rank = 0.0;
  const char *maps = mpp_tensors_meta(file, "adapter_maps");
  MPP_TRY(mpp_adapter_number(&rank, file, "adapter_rank"));
  MPP_TRY(mpp_adapter_number(&set->alpha, file, "adapter_alpha"));
  set->rank = (size_t)rank;
  MPP_REQUIRE(maps != NULL && (strcmp(maps, "all") == 0 || strcmp(maps, "attention") == 0),
              MPP_ERR_DATA, "%s: metadata 'adapter_maps': found '%.40s', expected attention or all",
              mpp_tensors_path(file), maps != NULL ? maps : "nothing");
  set->mlp = strcmp(maps, "all") == 0;
done:
  return st;
}

mpp_status mpp_adapter_names(mpp_name **out, size_t *count, const mpp_tensor_file *file)
{
  mpp_status st = MPP_OK;
  const char *text = mpp_tensors_meta(file, "adapter_fields"), *path = mpp_tensors_path(file);
  mpp_name *names = NULL;
  errno = 0;
  json_t *list =
      text == NULL || mpp_fault() ? NULL : json_loads(text, JSON_REJECT_DUPLICATES, NULL);
  MPP_REQUIRE(json_is_array(list) && json_array_size(list) <= NAMES_MAX,
              mpp_or_memory(MPP_ERR_DATA),
              "%s: metadata 'adapter_fields': expected a JSON list of names", path);
  const size_t n = json_array_size(list);
  MPP_TRY(MPP_ALLOC(&names, n));
  for (size_t i = 0; i < n; i++) {
    const char *name = json_string_value(json_array_get(list, i));
    mpp_copy_text(names[i], sizeof names[i], name != NULL ? name : "");
    MPP_REQUIRE(name != NULL && name[0] != '\0' && strcmp(names[i], name) == 0, MPP_ERR_DATA,
                "%s: metadata 'adapter_fields': entry %zu is no name of at most %d characters",
                path, i, MPP_NAME_MAX - 1);
  }
  *out = names;
  *count = n;
  names = NULL;
done:
  json_decref(list);
  mpp_free(names);
  return st;
}

mpp_status mpp_adapter_described(mpp_adapter **out, const mpp_tensor_file *file, const mpp_model *m)
{
  mpp_status st = MPP_OK;
  mpp_adapter_settings set;
  mpp_name *names = NULL;
  size_t count = 0;
  const char *digest = mpp_tensors_meta(file, "adapter_base");
  MPP_TRY(read_settings(&set, file));
  MPP_TRY(mpp_adapter_names(&names, &count, file));
  st = mpp_adapter_create(out, m, &set, digest != NULL ? digest : "", (const mpp_name *)names,
                          count, 0);
  if (st == MPP_ERR_CONFIG || st == MPP_ERR_DATA) {
    st = mpp_fail_prefix(MPP_ERR_DATA, "%s", mpp_tensors_path(file));
  }
done:
  mpp_free(names);
  return st;
}

/* ---- values ---- */

void mpp_adapter_tensors(mpp_tensor *tensors, const mpp_adapter *a)
{
  for (size_t i = 0; i < a->params->count; i++) {
    const mpp_param *e = &a->params->entry[i];
    tensors[i] = (mpp_tensor){
        .name = e->name, .dtype = MPP_F32, .rank = e->rank, .data = a->values + e->offset};
    memcpy(tensors[i].shape, e->shape, e->rank * sizeof *e->shape);
  }
}

mpp_status mpp_adapter_read_values(mpp_adapter *a, const mpp_tensor_file *file, const char *prefix)
{
  for (size_t i = 0; i < a->params->count; i++) {
    const mpp_param *e = &a->params->entry[i];
    char name[128];
    snprintf(name, sizeof name, "%s%s", prefix, e->name);
    const mpp_tensor *t = mpp_tensors_find(file, name);
    if (t == NULL || t->dtype != MPP_F32 || t->rank != e->rank ||
        memcmp(t->shape, e->shape, e->rank * sizeof *e->shape) != 0) {
      return mpp_fail(MPP_ERR_DATA, "%s: tensor '%s': found %s, expected %zu float32 values",
                      mpp_tensors_path(file), name, t == NULL ? "nothing" : "another shape",
                      e->count);
    }
    memcpy(a->values + e->offset, t->data, e->count * sizeof *a->values);
    for (size_t k = 0; k < e->count; k++) {
      if (!isfinite(a->values[e->offset + k])) {
        return mpp_fail(MPP_ERR_DATA, "%s: tensor '%s': value %zu is not finite",
                        mpp_tensors_path(file), name, k);
      }
    }
  }
  return MPP_OK;
}

mpp_status mpp_adapter_write(const mpp_adapter *a, const mpp_model *m, const char *path,
                             const mpp_pair *meta, size_t nmeta)
{
  enum { OWN = 1 + MPP_ADAPTER_PAIRS + MPP_CONFIG_PAIRS };
  mpp_status st = MPP_OK;
  mpp_tensor *tensors = NULL;
  mpp_pair *pairs = NULL;
  mpp_adapter_text text = {.fields = NULL};
  mpp_config_text config = {.vocabulary = NULL};
  for (size_t i = 0; i < a->params->total; i++) {
    MPP_REQUIRE(isfinite(a->values[i]), MPP_ERR_DIVERGED, "%s: not saved: a value is not finite",
                path);
  }
  MPP_TRY(MPP_ALLOC(&tensors, a->params->count));
  MPP_TRY(MPP_ALLOC(&pairs, OWN + nmeta));
  mpp_adapter_tensors(tensors, a);
  pairs[0] = (mpp_pair){kind_key, kind_text};
  MPP_TRY(mpp_adapter_pairs(pairs + 1, &text, a));
  MPP_TRY(mpp_checkpoint_write_config(pairs + 1 + MPP_ADAPTER_PAIRS, &config, m));
  if (nmeta > 0) {
    memcpy(pairs + OWN, meta, nmeta * sizeof *meta);
  }
  MPP_TRY(mpp_tensors_write(path, tensors, a->params->count, pairs, OWN + nmeta));
done:
  free(text.fields);
  free(config.vocabulary);
  mpp_free(pairs);
  mpp_free(tensors);
  return st;
}
