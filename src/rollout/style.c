/* style.c - what names, dimensions and attributes the input has. */
#include "style.h"

#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "number.h"

void mpp_style_free(mpp_style *s)
{
  if (s == NULL) {
    return;
  }
  mpp_style_list_free(&s->global);
  mpp_style_list_free(&s->clock);
  for (int a = 0; a < 3; a++) { mpp_style_list_free(&s->axis[a]); }
  for (size_t f = 0; f < MPP_MAX_FIELDS; f++) { mpp_style_list_free(&s->field[f]); }
  for (size_t i = 0; s->aside_look != NULL && i < s->nasides; i++) {
    mpp_style_list_free(&s->aside_look[i].attributes);
  }
  mpp_free(s->aside_look);
  mpp_asides_free(s->aside, s->nasides);
  mpp_free(s->left);
  mpp_free(s);
}

/* ---- variables that fields name ---- */

static bool is_aside(const mpp_style *s, const char *name)
{
  for (size_t i = 0; i < s->nasides; i++) {
    if (strcmp(s->aside_look[i].name, name) == 0) {
      return true;
    }
  }
  return false;
}

/* An attribute that names variables, of a field or a coordinate: it stays as far as they do. */
typedef struct link {
  const mpp_style *style;
  mpp_style_list *list;
} link;

static mpp_status keep_link(void *context, const mpp_data_attribute *a)
{
  mpp_status st = MPP_OK;
  const link *l = context;
  char *text = NULL, *kept = NULL, *longer = NULL, *rest = NULL;
  const bool coordinates = strcmp(a->name, "coordinates") == 0;
  const bool other = strcmp(a->name, "grid_mapping") == 0 ||
                     strcmp(a->name, "cell_measures") == 0 || strcmp(a->name, "bounds") == 0;
  bool whole = true;
  if (a->text == NULL || !(coordinates || other)) {
    return MPP_OK;
  }
  MPP_TRY(mpp_format(&text, "%s", a->text));
  for (char *word = strtok_r(text, " \t\n", &rest); word != NULL;
       word = strtok_r(NULL, " \t\n", &rest)) {
    const bool label = word[strlen(word) - 1] == ':'; /* "area:" says what comes */
    if (label ? coordinates : !is_aside(l->style, word)) {
      whole = false;
      continue;
    }
    MPP_TRY(mpp_format(&longer, "%s%s%s", kept != NULL ? kept : "", kept != NULL ? " " : "", word));
    mpp_free(kept);
    kept = longer;
    longer = NULL;
  }
  if (kept != NULL && (whole || coordinates)) {
    mpp_style_attribute *own = NULL;
    MPP_TRY(mpp_style_list_add(&own, l->list));
    own->text = kept;
    kept = NULL;
    MPP_TRY(mpp_format(&own->name, "%s", a->name));
  }
done:
  mpp_free(text);
  mpp_free(kept);
  return st;
}

/* Names that forecasts have for what is their own. */
static bool is_reserved(const char *name)
{
  static const char *const all[] = {"sim_time", "guard", "origin", "members"};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    if (strcmp(name, all[i]) == 0) {
      return true;
    }
  }
  return false;
}

/* Names of the variables beside the fields; those whose names are taken, by one of another group
 * too, or longer than those of forecasts are taken out. */
static mpp_status list_asides(mpp_style *s, mpp_dataset *d)
{
  mpp_status st = MPP_OK;
  size_t count = 0, kept = 0;
  MPP_TRY(mpp_dataset_asides(&s->aside, &count, &s->left, d));
  s->nasides = count;
  MPP_TRY(MPP_ALLOC(&s->aside_look, count));
  for (size_t i = 0; i < count; i++) {
    const char *path = s->aside[i].path, *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    if (is_reserved(name) || is_aside(s, name) || strlen(name) >= MPP_NC_NAME_SIZE) {
      MPP_TRY(mpp_aside_leave(&s->left, path));
      mpp_free(s->aside[i].value);
      s->aside[i].value = NULL;
      continue;
    }
    snprintf(s->aside_look[kept].name, MPP_NC_NAME_SIZE, "%s", name);
    const mpp_aside one = s->aside[i];
    s->aside[i].value = NULL;
    s->aside[kept++] = one;
    s->nbeside += one.timed ? one.n : 0;
  }
  s->nasides = kept;
done:
  return st;
}

/* All of them are known before it is read which of them name which. */
static mpp_status read_asides(mpp_style *s, mpp_dataset *d)
{
  mpp_status st = MPP_OK;
  MPP_TRY(list_asides(s, d));
  for (size_t i = 0; i < s->nasides; i++) {
    link links = {s, &s->aside_look[i].attributes};
    MPP_TRY(mpp_dataset_object_attributes(d, s->aside[i].path, mpp_style_keep, links.list));
    MPP_TRY(mpp_dataset_object_attributes(d, s->aside[i].path, keep_link, &links));
  }
done:
  return st;
}

/* Attributes of an axis, and its bounds. */
static mpp_status read_axis(mpp_style_list *out, const mpp_style *s, mpp_dataset *d,
                            const char *axis)
{
  mpp_status st = MPP_OK;
  link links = {s, out};
  MPP_TRY(mpp_dataset_attributes(d, axis, mpp_style_keep, out));
  MPP_TRY(mpp_dataset_attributes(d, axis, keep_link, &links));
done:
  return st;
}

/* ---- variables ---- */

static void name_packing(char out[128], const mpp_data_variable *v)
{
  if (v->scale != 0.0) {
    char scale[MPP_NUMBER_MAX], offset[MPP_NUMBER_MAX];
    mpp_number_format(scale, v->scale);
    mpp_number_format(offset, v->offset);
    snprintf(out, 128, "%s * %s + %s, unpacked", v->stored[0] != '\0' ? v->stored : "stored", scale,
             offset);
  }
}

static mpp_style_vector *vector_of(mpp_style *s, const char *name)
{
  for (size_t i = 0; i < s->nvectors; i++) {
    if (strcmp(s->vector[i].name, name) == 0) {
      return &s->vector[i];
    }
  }
  return &s->vector[s->nvectors++];
}

/* A component: its vector is whole when all of them were seen. */
static void add_component(mpp_style *s, const mpp_data_variable *v, size_t field, size_t *seen)
{
  mpp_style_vector *vector = vector_of(s, v->name);
  const size_t index = (size_t)(vector - s->vector);
  if (seen[index]++ == 0) {
    snprintf(vector->name, sizeof vector->name, "%.95s", v->name);
    snprintf(vector->axis, sizeof vector->axis, "%.31s", v->component_axis);
    if (vector->axis[0] == '\0') {
      snprintf(vector->axis, sizeof vector->axis, "%.80s_component", v->name);
    }
    vector->length = v->ncomponents;
    vector->first = v->components_first;
    vector->attributes = &s->field[field];
  }
  vector->field[v->component] = field;
}

/* Vectors that are not whole are not kept. */
static void drop_partial(mpp_style *s, const size_t *seen)
{
  size_t kept = 0;
  for (size_t i = 0; i < s->nvectors; i++) {
    if (seen[i] == s->vector[i].length) {
      s->vector[kept++] = s->vector[i];
    }
  }
  s->nvectors = kept;
}

static mpp_status read_fields(mpp_style *s, mpp_dataset *d, const mpp_dataset_info *info)
{
  mpp_status st = MPP_OK;
  size_t seen[MPP_MAX_FIELDS] = {0};
  for (size_t f = 0; f < info->nfields; f++) {
    mpp_data_variable v;
    link links = {s, &s->field[f]};
    MPP_TRY(mpp_dataset_attributes(d, info->field[f], mpp_style_keep, &s->field[f]));
    MPP_TRY(mpp_dataset_attributes(d, info->field[f], keep_link, &links));
    MPP_TRY(mpp_dataset_variable(d, &v, f));
    name_packing(s->packing[f], &v);
    if (v.ncomponents == 1) {
      snprintf(s->name[f], sizeof s->name[f], "%.95s", v.name);
    } else if (v.component_axes == 1 && v.ncomponents <= MPP_MAX_FIELDS) {
      add_component(s, &v, f, seen);
    }
  }
  drop_partial(s, seen);
done:
  return st;
}

mpp_status mpp_style_read(mpp_style **out, mpp_dataset *d)
{
  mpp_status st = MPP_OK;
  mpp_style *s = NULL;
  const mpp_dataset_info *info = d != NULL ? mpp_dataset_get_info(d) : NULL;
  *out = NULL;
  if (info == NULL || (strcmp(info->layout, "netcdf") != 0 && strcmp(info->layout, "hdf5") != 0)) {
    return MPP_OK;
  }
  MPP_TRY(MPP_ALLOC(&s, 1));
  MPP_TRY(mpp_dataset_attributes(d, "/", mpp_style_keep, &s->global));
  MPP_TRY(read_asides(s, d));
  if (info->timed && strcmp(info->time, "sim_time") != 0) {
    snprintf(s->time, sizeof s->time, "%s", info->time);
    MPP_TRY(read_axis(&s->clock, s, d, info->time));
  }
  for (int a = 0; a < 3; a++) {
    if (info->axis[a][0] != '\0') {
      MPP_TRY(read_axis(&s->axis[a], s, d, info->axis[a]));
    }
  }
  MPP_TRY(read_fields(s, d, info));
  *out = s;
  s = NULL;
done:
  mpp_style_free(s);
  return st;
}
