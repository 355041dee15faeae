/* checkpoint_config.c - what a file says a model is: sizes from the shapes of its tensors, so that
 * published weights load without metadata, and what the metadata says beside them must agree. Mode,
 * context and vocabulary stand in the metadata alone; without it: frame, 16 and, for 12 columns,
 * the published vocabulary. */
#include "checkpoint_config.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "config.h"
#include "mpp/version.h"
#include "text.h"

static const char *const bias_names[] = {
    [MPP_BIAS_REL] = "rel", [MPP_BIAS_CONTINUOUS] = "continuous"};
static const char *const mode_names[] = {[MPP_MODE_FRAME] = "frame",
                                         [MPP_MODE_DELTA] = "delta",
                                         [MPP_MODE_EXTRAPOLATE] = "extrapolate",
                                         [MPP_MODE_AUTOREGRESS] = "autoregress",
                                         [MPP_MODE_WINDOW] = "window"};

const char *mpp_checkpoint_bare_name(const char *name)
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

const mpp_tensor *mpp_checkpoint_find(const mpp_tensor_file *file, const char *name)
{
  for (size_t i = 0; i < mpp_tensors_count(file); i++) {
    const mpp_tensor *t = mpp_tensors_at(file, i);
    if (strcmp(mpp_checkpoint_bare_name(t->name), name) == 0) {
      return t;
    }
  }
  return NULL;
}

/* ---- configuration ---- */

/* *out = extent of an axis of a tensor that every model has. */
static mpp_status extent(int *out, const mpp_tensor_file *file, const char *name, size_t axis)
{
  mpp_status st = MPP_OK;
  const mpp_tensor *t = mpp_checkpoint_find(file, name);
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
    if (i > 0 && mpp_checkpoint_find(file, name) == NULL) {
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
  c->bias = mpp_checkpoint_find(file, bias) != NULL ? MPP_BIAS_REL : MPP_BIAS_CONTINUOUS;
  c->increments = mpp_checkpoint_find(file, "space_bag.increment_weight") != NULL;
  c->edges = mpp_checkpoint_find(file, "edge_embed.weight") != NULL;
  MPP_TRY(infer_patch(c, file));
  c->processor_blocks = 1;
  for (; c->processor_blocks < MPP_MAX_BLOCKS; c->processor_blocks++) {
    snprintf(name, sizeof name, "blocks.%d.temporal.gamma", c->processor_blocks);
    if (mpp_checkpoint_find(file, name) == NULL) {
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

mpp_status mpp_checkpoint_read_config(mpp_model_config *c, int *n_states,
                                      const mpp_tensor_file *file)
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
  MPP_TRY(read_choice(&mode, file, "mode", mode_names, MPP_MODE_WINDOW + 1));
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

mpp_status mpp_checkpoint_read_vocabulary(mpp_name *names, size_t count,
                                          const mpp_tensor_file *file)
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
  errno = 0;
  list = mpp_fault() ? NULL : json_loads(text, JSON_REJECT_DUPLICATES, NULL);
  MPP_REQUIRE(json_is_array(list) && json_array_size(list) == count, mpp_or_memory(MPP_ERR_DATA),
              "%s: metadata 'vocabulary': expected a JSON list of %zu names", path, count);
  for (size_t i = 0; i < count; i++) {
    const char *name = json_string_value(json_array_get(list, i));
    mpp_copy_text(names[i], sizeof names[i], name != NULL ? name : "");
    MPP_REQUIRE(name != NULL && strcmp(names[i], name) == 0, MPP_ERR_DATA,
                "%s: metadata 'vocabulary': entry %zu is no name of at most %d characters", path, i,
                MPP_NAME_MAX - 1);
  }
done:
  json_decref(list);
  return st;
}

/* ---- writing ---- */

static mpp_status vocabulary_text(char **out, const mpp_model *m)
{
  mpp_status st = MPP_OK;
  json_t *list = mpp_fault() ? NULL : json_array();
  MPP_REQUIRE(list != NULL, MPP_ERR_NOMEM, "vocabulary: out of memory");
  errno = 0;
  for (size_t i = 0; i < m->n_states; i++) {
    MPP_REQUIRE(json_array_append_new(list, json_string(m->vocabulary[i])) == 0,
                mpp_or_memory(MPP_ERR_DATA),
                "vocabulary: name %zu is no UTF-8 text, or memory ran out", i);
  }
  *out = json_dumps(list, JSON_COMPACT);
  MPP_REQUIRE(*out != NULL, MPP_ERR_NOMEM, "vocabulary: out of memory");
done:
  json_decref(list);
  return st;
}

mpp_status mpp_checkpoint_write_config(mpp_pair pairs[MPP_CONFIG_PAIRS], mpp_config_text *t,
                                       const mpp_model *m)
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
  const mpp_pair all[MPP_CONFIG_PAIRS] = {
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
      {"vocabulary", t->vocabulary},
  };
  memcpy(pairs, all, sizeof all);
done:
  return st;
}
