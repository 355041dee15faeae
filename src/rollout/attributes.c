/* attributes.c - global attributes of a forecast (CF 1.10 and ACDD 1.3 names, then our own). */
#include "attributes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <xxhash.h>

#include "alloc.h"
#include "check.h"
#include "digest.h"
#include "mpp/version.h"
#include "plan.h"

/* Takes over `text`, which is of no use to the caller after a failure either. */
static void add(mpp_attributes *p, const char *name, char *text, bool identifies)
{
  p->text[p->count++] = (mpp_nc_text){name, text, identifies};
}

#define ADD(name, identifies, ...)            \
  do {                                        \
    char *text_ = NULL;                       \
    MPP_TRY(mpp_format(&text_, __VA_ARGS__)); \
    add(p, (name), text_, (identifies));      \
  } while (0)

void mpp_attributes_free(mpp_attributes *p)
{
  for (size_t i = 0; i < p->count; i++) { mpp_free((void *)p->text[i].text); }
  p->count = 0;
}

/* "x=periodic,y=open" */
static void boundary_text(char *out, size_t size, const mpp_dataset_info *info)
{
  static const char *const words[] = {
      [MPP_SIDE_OPEN] = "open", [MPP_SIDE_PERIODIC] = "periodic", [MPP_SIDE_WALL] = "wall"};
  size_t used = 0;
  out[0] = '\0';
  for (size_t a = 0; a < 3; a++) {
    const mpp_side *side = info->edge[a];
    const bool periodic = info->boundary[a] == MPP_PERIODIC, both = periodic || side[0] == side[1];
    if (info->axis[a][0] != '\0' && used < size) {
      used += (size_t)snprintf(out + used, size - used, "%s%s=%s%s%s", used > 0 ? "," : "",
                               info->axis[a], periodic ? "periodic" : words[side[0]],
                               both ? "" : ":", both ? "" : words[side[1]]);
    }
  }
}

/* "h, u" */
static void field_list(char *out, size_t size, const mpp_dataset_info *info)
{
  size_t used = 0;
  out[0] = '\0';
  for (size_t f = 0; f < info->nfields && used < size; f++) {
    used += (size_t)snprintf(out + used, size - used, "%s%s", f > 0 ? ", " : "",
                             mpp_field_short(info->field[f]));
  }
}

/* Appends to *text, which grows. */
static mpp_status append(char **text, size_t *used, size_t *capacity, const char *piece, size_t n)
{
  mpp_status st = MPP_OK;
  char *grown = NULL;
  if (*used + n + 1 > *capacity) {
    *capacity = 2 * (*used + n + 1);
    MPP_TRY(MPP_ALLOC(&grown, *capacity));
    memcpy(grown, *text != NULL ? *text : "", *used);
    mpp_free(*text);
    *text = grown;
  }
  memcpy(*text + *used, piece, n);
  *used += n;
  (*text)[*used] = '\0';
done:
  return st;
}

/* The settings as YAML that mpp_options_set reads back; texts in double quotes. */
static mpp_status config_text(char **out, const mpp_rollout_options *options)
{
  mpp_status st = MPP_OK;
  char *text = NULL, *value = NULL;
  size_t used = 0, capacity = 0;
  const size_t most = (size_t)MPP_LIST_MAX * MPP_TEXT_MAX;
  MPP_TRY(MPP_ALLOC(&value, most));
  for (const mpp_option *entry = mpp_rollout_table; entry->name != NULL; entry++) {
    const bool quote = entry->kind == MPP_OPT_TEXT || entry->kind == MPP_OPT_TEXTS;
    mpp_options_format(value, most, options, entry);
    MPP_TRY(append(&text, &used, &capacity, entry->name, strlen(entry->name)));
    MPP_TRY(append(&text, &used, &capacity, quote ? ": \"" : ": ", quote ? 3 : 2));
    for (const char *c = value; *c != '\0'; c++) {
      const bool escape = quote && (*c == '"' || *c == '\\');
      MPP_TRY(append(&text, &used, &capacity, "\\", escape));
      MPP_TRY(append(&text, &used, &capacity, c, 1));
    }
    MPP_TRY(append(&text, &used, &capacity, quote ? "\"\n" : "\n", quote ? 2 : 1));
  }
  *out = text;
  text = NULL;
done:
  mpp_free(text);
  mpp_free(value);
  return st;
}

/* The digest that the checkpoint carries; of weights without one, over names and data. */
static mpp_status model_digest(char **out, const mpp_tensor_file *model)
{
  static const size_t size[] = {
      [MPP_F32] = 4, [MPP_F64] = 8, [MPP_I64] = 8, [MPP_F16] = 2, [MPP_BF16] = 2};
  mpp_status st = MPP_OK;
  char text[MPP_DIGEST_SIZE];
  const char *stored = mpp_tensors_meta(model, "mpp_digest");
  XXH3_state_t *state = NULL;
  if (stored != NULL) {
    MPP_TRY(mpp_format(out, "%s", stored));
    goto done;
  }
  state = XXH3_createState();
  MPP_REQUIRE(state != NULL && XXH3_128bits_reset(state) == XXH_OK, MPP_ERR_NOMEM, "digest");
  for (size_t i = 0; i < mpp_tensors_count(model); i++) {
    const mpp_tensor *t = mpp_tensors_at(model, i);
    XXH3_128bits_update(state, t->name, strlen(t->name) + 1);
    XXH3_128bits_update(state, t->data, mpp_tensor_elements(t) * size[t->dtype]);
  }
  const XXH128_hash_t hash = XXH3_128bits_digest(state);
  mpp_digest_print(text, hash.high64, hash.low64);
  MPP_TRY(mpp_format(out, "%s", text));
done:
  XXH3_freeState(state);
  return st;
}

/* That of the adapter's file, which always has one. */
static mpp_status adapter_digest(char **out, const char *path)
{
  mpp_status st = MPP_OK;
  mpp_tensor_file *file = NULL;
  MPP_TRY(mpp_tensors_read(&file, path));
  MPP_TRY(model_digest(out, file));
done:
  mpp_tensors_free(file);
  return st;
}

static mpp_status add_discovery(mpp_attributes *p, const char *command,
                                const mpp_dataset_info *info, const char *fields, size_t T,
                                bool by_window)
{
  mpp_status st = MPP_OK;
  char date[32] = "";
  struct tm utc;
  const time_t now = time(NULL);
  const char *user = getenv("USER");
  if (gmtime_r(&now, &utc) != NULL) {
    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", &utc);
  }
  ADD("Conventions", false, "CF-1.10, ACDD-1.3");
  ADD("title", false, "Forecast of %s (%s)", info->system, fields);
  ADD("summary", false,
      "Autoregressive forecast by %s %zu context frames, which are not "
      "stored. "
      "Where the dataset has them, true frames (_truth), their difference (_error, prediction "
      "minus "
      "truth) and scores per step (_nrmse, _vrmse) stand beside the predicted ones.",
      by_window ? "predictors fitted to nothing but its" : "a neural surrogate from", T);
  ADD("history", false, "%s: %s", date, command);
  ADD("source", true, "mpp %s", MPP_VERSION);
  ADD("references", false,
      "McCabe et al., Multiple Physics Pretraining for Spatiotemporal Surrogate Models, NeurIPS "
      "2024 "
      "(arXiv:2310.02994)");
  ADD("institution", false, "not stated");
  ADD("date_created", false, "%s", date);
  ADD("license", false, "not stated: see those of the model and of the dataset");
  ADD("creator_name", false, "%s", user != NULL && user[0] != '\0' ? user : "not stated");
done:
  return st;
}

/* Settings that change the forecast; the same when it is continued. */
static mpp_status add_choices(mpp_attributes *p, const mpp_rollout_options *options)
{
  static const char *const names[] = {"shifts",     "conserve",    "positive",       "floor",
                                      "max-growth", "max-drift",   "max-high-share", "on-violation",
                                      "solver",     "solver-steps"};
  mpp_status st = MPP_OK;
  char *all = NULL, *value = NULL;
  size_t used = 0, capacity = 0;
  const size_t most = (size_t)MPP_LIST_MAX * MPP_TEXT_MAX;
  MPP_TRY(MPP_ALLOC(&value, most));
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    mpp_options_format(value, most, options, mpp_options_find(mpp_rollout_table, names[i]));
    MPP_TRY(append(&all, &used, &capacity, "; ", i > 0 ? 2 : 0));
    MPP_TRY(append(&all, &used, &capacity, names[i], strlen(names[i])));
    MPP_TRY(append(&all, &used, &capacity, " ", 1));
    MPP_TRY(append(&all, &used, &capacity, value, strlen(value)));
  }
  add(p, "mpp_guards_and_corrections", all, true);
  all = NULL;
  if (options->members > 1) {
    ADD("mpp_seed", true, "%ld", options->seed);
    ADD("mpp_member", true, "%ld of %ld, noise %g", options->member, options->members,
        options->perturb);
  } else {
    ADD("mpp_seed", false, "none: this forecast draws no random numbers");
  }
done:
  mpp_free(all);
  mpp_free(value);
  return st;
}

/* What was read of the data, where it was not all. */
static mpp_status add_selection(mpp_attributes *p, const mpp_rollout_options *options,
                                const char *space)
{
  mpp_status st = MPP_OK;
  const mpp_data_flags *f = &options->flags;
  if (space[0] != '\0') {
    ADD("mpp_space_stride", true, "%s%s", space, f->antialias ? ", smoothed before" : "");
  }
  if (f->crop[0] != '\0') {
    ADD("mpp_crop", true, "%s", f->crop);
  }
  if (f->fill[0] != '\0') {
    ADD("mpp_fill", true, "%s", f->fill);
  }
done:
  return st;
}

mpp_status mpp_attributes_padding(mpp_attributes *p, const mpp_dataset_info *info, size_t patch)
{
  mpp_status st = MPP_OK;
  char text[256] = "";
  size_t used = 0;
  for (int a = 0; a < 3; a++) {
    const size_t n = info->grid[a], whole = patch > 0 ? (n + patch - 1) / patch * patch : n;
    if (n > 1 && whole > n && used < sizeof text) {
      used += (size_t)snprintf(text + used, sizeof text - used,
                               "%s%.31s: %zu cells filled up to %zu by %s", used > 0 ? "; " : "",
                               info->axis[a], n, whole,
                               info->boundary[a] == MPP_PERIODIC ? "wrapping" : "reflection");
    }
  }
  if (used > 0) {
    ADD("mpp_padding", false, "%s, cropped after each step", text);
  }
done:
  return st;
}

mpp_status mpp_attributes_fill(mpp_attributes *p, const mpp_rollout_options *options,
                               const char *command, const mpp_tensor_file *model,
                               const char *sha256, const mpp_attribute_texts *fitted,
                               const mpp_dataset_info *info, const float *context, size_t T,
                               size_t n)
{
  mpp_status st = MPP_OK;
  char fields[MPP_MAX_FIELDS * (MPP_NAME_MAX + 2)], boundary[160], digest[MPP_DIGEST_SIZE];
  char *text = NULL, space[MPP_TEXT_MAX];
  long stride = 1;
  const mpp_attribute_texts none = {.predictor = NULL}, *own = fitted != NULL ? fitted : &none;
  field_list(fields, sizeof fields, info);
  boundary_text(boundary, sizeof boundary, info);
  MPP_TRY(
      add_discovery(p, command != NULL ? command : "", info, fields, T, own->predictor != NULL));
  ADD("mpp_command", false, "%s", command != NULL ? command : "");
  MPP_TRY(config_text(&text, options));
  add(p, "mpp_config", text, false);
  if (own->predictor != NULL) {
    ADD("mpp_predictor", true, "%s", own->predictor);
  } else if (model != NULL) { /* else several, named in the settings */
    MPP_TRY(model_digest(&text, model));
    add(p, "mpp_checkpoint_digest", text, true);
    ADD("mpp_checkpoint_sha256", false, "%s", sha256);
    if (options->adapter[0] != '\0') {
      MPP_TRY(adapter_digest(&text, options->adapter));
      add(p, "mpp_adapter_digest", text, true);
    }
    ADD("mpp_precision", true, "%s", options->precision == MPP_PRECISION_BF16 ? "bf16" : "float32");
  }
  if (own->base != NULL) {
    ADD("mpp_base", true, "%s", own->base);
    ADD("mpp_gain", true, "%s", own->gain);
  }
  ADD("mpp_dataset", true, "%s", options->data);
  ADD("mpp_system", true, "%s", info->system);
  ADD("mpp_fields", true, "%s", fields);
  ADD("mpp_sample", true, "%s", options->sample);
  ADD("mpp_start", true, "%s", options->start);
  MPP_TRY(mpp_rollout_stride(&stride, space, options->flags.stride));
  ADD("mpp_stride", true, "%ld", stride);
  MPP_TRY(add_selection(p, options, space));
  ADD("mpp_context", true, "%zu", T);
  const XXH128_hash_t hash = XXH3_128bits(context, n * sizeof *context);
  mpp_digest_print(digest, hash.high64, hash.low64);
  ADD("mpp_context_digest", true, "%s", digest);
  ADD("mpp_boundary", true, "%s", boundary);
  MPP_TRY(add_choices(p, options));
  ADD("mpp_threads", false, "%d", mpp_get_threads());
done:
  return st;
}

mpp_status mpp_attributes_known(mpp_attributes *p, const mpp_dataset_info *info,
                                const size_t *which, size_t nwhich, bool hold)
{
  mpp_status st = MPP_OK;
  char text[MPP_MAX_FIELDS * (MPP_NAME_MAX + 2)] = "";
  size_t used = 0;
  for (size_t g = 0; g < nwhich && used < sizeof text; g++) {
    used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", g > 0 ? ", " : "",
                             mpp_field_short(info->given[which[g]]));
  }
  if (nwhich > 0) {
    ADD("mpp_given", true, "%s%s", text, hold ? "; held where the data end" : "");
  }
  if (info->masked) {
    ADD("mpp_masked", true, "%s", "masked cells of the dataset hold fill values here");
  }
done:
  return st;
}
