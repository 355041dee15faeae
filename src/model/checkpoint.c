/* checkpoint.c - models as safetensors under the published tensor names.
 *
 * Sizes are read from the shapes of the tensors, so that published weights load without metadata;
 * what the metadata says beside them must agree. Mode, context and vocabulary stand in the metadata
 * alone; without it: frame, 16 and, for 12 columns, the published vocabulary. Names with a '/' are
 * no weights ("optim/m"). */
#include "checkpoint.h"

#include <ctype.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "config.h"
#include "mpp/version.h"

static const char *const bias_names[] = {
    [MPP_BIAS_REL] = "rel", [MPP_BIAS_CONTINUOUS] = "continuous"};
static const char *const mode_names[] = {[MPP_MODE_FRAME] = "frame",
                                         [MPP_MODE_DELTA] = "delta",
                                         [MPP_MODE_EXTRAPOLATE] = "extrapolate",
                                         [MPP_MODE_AUTOREGRESS] = "autoregress"};

/* ---- names and shapes ---- */

/* Wrappers of distributed and of compiled training put their name before each tensor's. */
static const char *bare_name(const char *name)
{
  static const char *const prefix[] = {"module.", "_orig_mod."};
  for (size_t i = 0; i < 2; i++) {
    const size_t length = strlen(prefix[i]);
    if (strncmp(name, prefix[i], length) == 0) {
      name += length;
      i = (size_t)-1; /* from the start again: they nest in any order */
    }
  }
  return name;
}

static const mpp_tensor *find(const mpp_tensor_file *file, const char *name)
{
  for (size_t i = 0; i < mpp_tensors_count(file); i++) {
    const mpp_tensor *t = mpp_tensors_at(file, i);
    if (strcmp(bare_name(t->name), name) == 0) {
      return t;
    }
  }
  return NULL;
}

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

/* ---- configuration ---- */

/* *out = extent of an axis of a tensor that every model has. */
static mpp_status extent(int *out, const mpp_tensor_file *file, const char *name, size_t axis)
{
  mpp_status st = MPP_OK;
  const mpp_tensor *t = find(file, name);
  MPP_REQUIRE(t != NULL, MPP_ERR_DATA, "%s: tensor '%s' is missing: not the weights of an AViT",
              mpp_tensors_path(file), name);
  MPP_REQUIRE(axis < t->rank && t->shape[axis] >= 1 && t->shape[axis] <= MPP_MAX_WIDTH,
              MPP_ERR_DATA, "%s: tensor '%s' has no plausible extent along axis %zu",
              mpp_tensors_path(file), name, axis);
  *out = (int)t->shape[axis];
done:
  return st;
}

/* The patch factors are the kernels of the stem's convolutions. */
static mpp_status infer_patch(mpp_model_config *c, const mpp_tensor_file *file)
{
  mpp_status st = MPP_OK;
  char name[64];
  c->npatch = 0;
  memset(c->patch, 0, sizeof c->patch);
  for (int i = 0; i < MPP_MAX_STAGES; i++) {
    snprintf(name, sizeof name, "embed.in_proj.%d.weight", 3 * i);
    if (i > 0 && find(file, name) == NULL) {
      break;
    }
    MPP_TRY(extent(&c->patch[i], file, name, 2));
    c->npatch = i + 1;
  }
done:
  return st;
}

static mpp_status infer_config(mpp_model_config *c, int *n_states, const mpp_tensor_file *file)
{
  static const char *const bias = "blocks.0.temporal.rel_pos_bias.relative_attention_bias.weight";
  mpp_status st = MPP_OK;
  char name[64];
  int head_width = 1;
  mpp_model_config_defaults(c, MPP_SIZE_TI);
  MPP_TRY(extent(n_states, file, "debed.out_bias", 0));
  MPP_TRY(extent(&c->embed_dim, file, "blocks.0.temporal.gamma", 0));
  MPP_TRY(extent(&head_width, file, "blocks.0.temporal.qnorm.weight", 0));
  c->num_heads = c->embed_dim / head_width;
  c->bias = find(file, bias) != NULL ? MPP_BIAS_REL : MPP_BIAS_CONTINUOUS;
  c->increments = find(file, "space_bag.increment_weight") != NULL;
  MPP_TRY(infer_patch(c, file));
  c->processor_blocks = 1;
  for (; c->processor_blocks < MPP_MAX_BLOCKS; c->processor_blocks++) {
    snprintf(name, sizeof name, "blocks.%d.temporal.gamma", c->processor_blocks);
    if (find(file, name) == NULL) {
      break;
    }
  }
done:
  return st;
}

/* Metadata that repeats what the tensors say must repeat it rightly. */
static mpp_status check_number(const mpp_tensor_file *file, const char *key, long expected)
{
  mpp_status st = MPP_OK;
  const char *text = mpp_tensors_meta(file, key);
  char found[24];
  if (text != NULL) {
    snprintf(found, sizeof found, "%ld", expected);
    MPP_REQUIRE(strcmp(text, found) == 0, MPP_ERR_DATA,
                "%s: metadata '%s': found %.40s, expected %ld by the shapes of the tensors",
                mpp_tensors_path(file), key, text, expected);
  }
done:
  return st;
}

static mpp_status read_choice(int *out, const mpp_tensor_file *file, const char *key,
                              const char *const *names, int count)
{
  mpp_status st = MPP_OK;
  const char *text = mpp_tensors_meta(file, key);
  if (text == NULL) {
    return MPP_OK;
  }
  for (int i = 0; i < count; i++) {
    if (strcmp(text, names[i]) == 0) {
      *out = i;
      return MPP_OK;
    }
  }
  st = mpp_fail(MPP_ERR_DATA, "%s: metadata '%s': found '%.40s', unknown to this version",
                mpp_tensors_path(file), key, text);
  return st;
}

static void patch_text(char *out, size_t size, const mpp_model_config *c)
{
  size_t at = 0;
  for (int i = 0; i < c->npatch && at < size; i++) {
    at += (size_t)snprintf(out + at, size - at, "%s%d", i > 0 ? "," : "", c->patch[i]);
  }
}

static mpp_status read_config(mpp_model_config *c, int *n_states, const mpp_tensor_file *file)
{
  mpp_status st = MPP_OK;
  const char *path = mpp_tensors_path(file), *text;
  char patch[64] = "";
  int bias, mode = MPP_MODE_FRAME;
  MPP_TRY(infer_config(c, n_states, file));
  st = mpp_config_check(c);
  if (st != MPP_OK) {
    st = mpp_fail_prefix(MPP_ERR_DATA, "%s", path);
    goto done;
  }
  MPP_TRY(check_number(file, "embed_dim", c->embed_dim));
  MPP_TRY(check_number(file, "num_heads", c->num_heads));
  MPP_TRY(check_number(file, "processor_blocks", c->processor_blocks));
  MPP_TRY(check_number(file, "n_states", *n_states));
  MPP_TRY(check_number(file, "patch_size", mpp_config_patch_size(c)));
  patch_text(patch, sizeof patch, c);
  text = mpp_tensors_meta(file, "patch");
  MPP_REQUIRE(text == NULL || strcmp(text, patch) == 0, MPP_ERR_DATA,
              "%s: metadata 'patch': found %.40s, expected %s by the shapes of the tensors", path,
              text, patch);
  bias = (int)c->bias;
  MPP_TRY(read_choice(&bias, file, "bias_type", bias_names, 2));
  MPP_REQUIRE(bias == (int)c->bias, MPP_ERR_DATA,
              "%s: metadata 'bias_type': found %s, expected %s by the names of the tensors", path,
              bias_names[bias], bias_names[c->bias]);
  MPP_TRY(read_choice(&mode, file, "mode", mode_names, 4));
  c->mode = (mpp_mode)mode;
  text = mpp_tensors_meta(file, "context");
  if (text != NULL) {
    char *end;
    const long context = strtol(text, &end, 10);
    MPP_REQUIRE(isdigit((unsigned char)text[0]) && *end == '\0' && context >= 1 &&
                    context <= MPP_MAX_AXIS,
                MPP_ERR_DATA, "%s: metadata 'context': found '%.40s', expected 1 to %d", path, text,
                MPP_MAX_AXIS);
    c->context = (int)context;
  }
done:
  return st;
}

/* ---- vocabulary: a JSON list of names, "" for free columns ---- */

static mpp_status read_vocabulary(mpp_name *names, size_t count, const mpp_tensor_file *file)
{
  mpp_status st = MPP_OK;
  const char *text = mpp_tensors_meta(file, "vocabulary"), *path = mpp_tensors_path(file);
  json_t *list = NULL;
  const size_t published = sizeof mpp_published_vocabulary / sizeof *mpp_published_vocabulary;
  if (text == NULL) {
    if (count == published) {
      memcpy(names, mpp_published_vocabulary, sizeof mpp_published_vocabulary);
    }
    return MPP_OK;
  }
  list = mpp_fault() ? NULL : json_loads(text, JSON_REJECT_DUPLICATES, NULL);
  MPP_REQUIRE(json_is_array(list) && json_array_size(list) == count, MPP_ERR_DATA,
              "%s: metadata 'vocabulary': expected a JSON list of %zu names", path, count);
  for (size_t i = 0; i < count; i++) {
    const char *name = json_string_value(json_array_get(list, i));
    MPP_REQUIRE(name != NULL && strlen(name) < MPP_NAME_MAX, MPP_ERR_DATA,
                "%s: metadata 'vocabulary': entry %zu is no name of at most %d characters", path, i,
                MPP_NAME_MAX - 1);
    memcpy(names[i], name, strlen(name) + 1);
  }
done:
  json_decref(list);
  return st;
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
    const mpp_tensor *t = find(file, e->name);
    if (t != NULL && t->dtype != MPP_I64 && t->rank == e->rank &&
        memcmp(t->shape, e->shape, e->rank * sizeof *t->shape) == 0) {
      continue;
    }
    if (differ++ < 4) {
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
    const char *name = bare_name(t->name);
    if (strchr(name, '/') == NULL && (mpp_params_find(p, name) == NULL || find(file, name) != t)) {
      if (differ++ < 4) {
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
    const mpp_tensor *t = find(file, e->name);
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
  MPP_TRY(read_config(&config, &n_states, file));
  MPP_TRY(MPP_ALLOC(&names, (size_t)n_states));
  MPP_TRY(read_vocabulary(names, (size_t)n_states, file));
  st = mpp_model_allocate(&m, &config, (const mpp_name *)names, (size_t)n_states);
  if (st == MPP_ERR_CONFIG) { /* the file's, not the user's */
    st = mpp_fail_prefix(MPP_ERR_DATA, "%s", mpp_tensors_path(file));
  }
  MPP_TRY(st);
  MPP_TRY(read_weights(m, file));
  *out = m;
  m = NULL;
done:
  mpp_model_destroy(m);
  mpp_free(names);
  return st;
}

/* ---- writing ---- */

enum { CONFIG_PAIRS = 10 };

typedef struct config_text {
  char embed_dim[16], num_heads[16], processor_blocks[16], n_states[24], patch[64], context[16];
  char *vocabulary; /* JSON list; jansson's, free() */
} config_text;

static mpp_status vocabulary_text(char **out, const mpp_model *m)
{
  mpp_status st = MPP_OK;
  json_t *list = mpp_fault() ? NULL : json_array();
  for (size_t i = 0; i < m->n_states; i++) {
    MPP_REQUIRE(json_array_append_new(list, json_string(m->vocabulary[i])) == 0, MPP_ERR_DATA,
                "vocabulary: name %zu is no UTF-8 text, or memory ran out", i);
  }
  *out = json_dumps(list, JSON_COMPACT);
  MPP_REQUIRE(*out != NULL, MPP_ERR_NOMEM, "vocabulary: out of memory");
done:
  json_decref(list);
  return st;
}

static mpp_status write_config(mpp_pair pairs[CONFIG_PAIRS], config_text *t, const mpp_model *m)
{
  mpp_status st = MPP_OK;
  const mpp_model_config *c = &m->config;
  snprintf(t->embed_dim, sizeof t->embed_dim, "%d", c->embed_dim);
  snprintf(t->num_heads, sizeof t->num_heads, "%d", c->num_heads);
  snprintf(t->processor_blocks, sizeof t->processor_blocks, "%d", c->processor_blocks);
  snprintf(t->n_states, sizeof t->n_states, "%zu", m->n_states);
  snprintf(t->context, sizeof t->context, "%d", c->context);
  patch_text(t->patch, sizeof t->patch, c);
  MPP_TRY(vocabulary_text(&t->vocabulary, m));
  const mpp_pair all[CONFIG_PAIRS] = {
      {"format", "pt"},
      {"mpp_version", MPP_VERSION},
      {"embed_dim", t->embed_dim},
      {"num_heads", t->num_heads},
      {"processor_blocks", t->processor_blocks},
      {"n_states", t->n_states},
      {"patch", t->patch},
      {"bias_type", bias_names[c->bias]},
      {"mode", mode_names[c->mode]},
      {"context", t->context},
  };
  memcpy(pairs, all, sizeof all);
done:
  return st;
}

mpp_status mpp_checkpoint_write(const mpp_model *m, const char *path, const mpp_tensor *extra,
                                size_t nextra, const mpp_pair *meta, size_t nmeta)
{
  mpp_status st = MPP_OK;
  mpp_tensor *tensors = NULL;
  mpp_pair *pairs = NULL;
  config_text text = {.vocabulary = NULL};
  const size_t count = m->params->count;
  MPP_TRY(MPP_ALLOC(&tensors, count + nextra));
  MPP_TRY(MPP_ALLOC(&pairs, CONFIG_PAIRS + 1 + nmeta));
  for (size_t k = 0; k < count; k++) {
    const mpp_param *e = &m->params->entry[k];
    tensors[k] = (mpp_tensor){.name = e->name, .dtype = MPP_F32, .rank = e->rank};
    memcpy(tensors[k].shape, e->shape, e->rank * sizeof *e->shape);
    tensors[k].data = m->weights + e->offset;
    MPP_TRY(check_finite(MPP_ERR_DIVERGED, path, e, m->weights + e->offset));
  }
  MPP_TRY(write_config(pairs, &text, m));
  pairs[CONFIG_PAIRS] = (mpp_pair){"vocabulary", text.vocabulary};
  if (nextra > 0) {
    memcpy(tensors + count, extra, nextra * sizeof *extra);
  }
  if (nmeta > 0) {
    memcpy(pairs + CONFIG_PAIRS + 1, meta, nmeta * sizeof *meta);
  }
  MPP_TRY(mpp_tensors_write(path, tensors, count + nextra, pairs, CONFIG_PAIRS + 1 + nmeta));
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
  MPP_TRY(mpp_tensors_read(&file, path));
  MPP_TRY(mpp_checkpoint_model(out, file));
done:
  mpp_tensors_free(file);
  return st;
}

mpp_status mpp_model_save(const mpp_model *m, const char *path)
{
  return mpp_checkpoint_write(m, path, NULL, 0, NULL, 0);
}
