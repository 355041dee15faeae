/* aside.c - auxiliary coordinates, grid mappings and measures of cells. */
#include "aside.h"

#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "dataset_impl.h"
#include "guess.h"

enum { MOST = 32 };

typedef struct search {
  mpp_dataset *d;
  const mpp_array *field; /* the one that names them */
  const mpp_described_array *described;
  mpp_aside *list; /* [MOST] */
  size_t count;
} search;

void mpp_asides_free(mpp_aside *list, size_t count)
{
  for (size_t i = 0; list != NULL && i < count; i++) { mpp_free(list[i].value); }
  mpp_free(list);
}

/* Axis of the grid that a dimension is, or -1. */
static int axis_of(const search *s, const char *dimension)
{
  for (int i = 0; dimension != NULL && i < s->field->rank; i++) {
    const mpp_axis_role role = s->described->role[i];
    if (role >= MPP_ROLE_SPACE && role <= MPP_ROLE_LAST_SPACE && s->field->dimension[i] != NULL &&
        strcmp(s->field->dimension[i], dimension) == 0) {
      return (int)role - MPP_ROLE_SPACE;
    }
  }
  return -1;
}

static bool is_known(const search *s, const char *path)
{
  const mpp_description *a = s->d->about;
  bool known = strcmp(path, a->time.array.path) == 0;
  for (int k = 0; k < 3; k++) { known = known || strcmp(path, a->space[k].array.path) == 0; }
  for (size_t i = 0; i < a->nfields; i++) {
    known = known || strcmp(path, a->array[a->field[i].array].path) == 0;
  }
  for (size_t i = 0; i < s->count; i++) { known = known || strcmp(path, s->list[i].path) == 0; }
  return known;
}

/* The cells of an array that are read. */
static mpp_status read_values(mpp_aside *out, const search *s, const mpp_array *a)
{
  mpp_status st = MPP_OK;
  size_t start[3] = {0}, step[3] = {1, 1, 1}, count[3] = {1, 1, 1};
  mpp_described_array packed = {.rank = 0};
  out->n = 1;
  for (size_t i = 0; i < out->rank; i++) {
    const mpp_part *part = &s->d->space[out->axis[i]];
    start[i] = part->from;
    step[i] = part->step;
    count[i] = part->count;
    out->n *= part->count; /* fewer than the cells of a frame */
  }
  snprintf(packed.path, sizeof packed.path, "%s", a->name);
  MPP_TRY(MPP_ALLOC(&out->value, out->n));
  MPP_TRY(mpp_array_read_f64(out->value, &s->d->open.file, a->name, start, step, count));
  MPP_TRY(mpp_read_packing(&packed, &s->d->open.file, a->type, a->size, false));
  const bool plain = packed.scale == 0.0 || (packed.scale == 1.0 && packed.offset == 0.0);
  for (size_t i = 0; !plain && i < out->n; i++) {
    out->value[i] = out->value[i] * packed.scale + packed.offset;
  }
  out->whole = a->type == MPP_ARRAY_INTEGER && plain;
done:
  return st;
}

static mpp_status add(search *s, const char *word)
{
  mpp_status st = MPP_OK;
  const mpp_array_file *file = &s->d->open.file;
  const mpp_array *a = mpp_array_find(file, word);
  mpp_aside one = {.rank = 0};
  if (s->count == MOST || strlen(a != NULL ? a->name : word) >= sizeof one.path ||
      is_known(s, a != NULL ? a->name : word)) {
    return MPP_OK;
  }
  if (a == NULL && (file->h5 < 0 || !mpp_h5_has(file->h5, word))) {
    return MPP_OK; /* not there; or text in a classic file */
  }
  snprintf(one.path, sizeof one.path, "%s", a != NULL ? a->name : word);
  for (int i = 0; a != NULL && i < a->rank; i++) {
    const int axis = a->rank <= 3 ? axis_of(s, a->dimension[i]) : -1;
    if (axis < 0 || a->shape[i] != s->d->about->grid[axis]) {
      return MPP_OK;
    }
    one.axis[one.rank++] = axis;
  }
  if (a != NULL) {
    MPP_TRY(read_values(&one, s, a));
  }
  s->list[s->count++] = one;
  one.value = NULL;
done:
  mpp_free(one.value);
  return st;
}

/* "lat lon", "area: cell_area", "crs: x y" */
static mpp_status add_words(search *s, char *text)
{
  mpp_status st = MPP_OK;
  char *rest = NULL;
  for (char *word = strtok_r(text, " \t\n", &rest); word != NULL;
       word = strtok_r(NULL, " \t\n", &rest)) {
    const size_t length = strlen(word);
    if (word[length - 1] == ':') {
      word[length - 1] = '\0';
    }
    if (word[0] != '\0') {
      MPP_TRY(add(s, word));
    }
  }
done:
  return st;
}

static mpp_status search_field(search *s, const mpp_described_field *field)
{
  static const char *const keys[] = {"coordinates", "grid_mapping", "cell_measures"};
  mpp_status st = MPP_OK;
  char *text = NULL;
  s->described = &s->d->about->array[field->array];
  s->field = mpp_array_find(&s->d->open.file, s->described->path);
  for (size_t k = 0; s->field != NULL && k < sizeof keys / sizeof keys[0]; k++) {
    mpp_free(text);
    text = NULL;
    MPP_TRY(mpp_array_text(&text, &s->d->open.file, s->described->path, keys[k]));
    if (text != NULL) {
      MPP_TRY(add_words(s, text));
    }
  }
done:
  mpp_free(text);
  return st;
}

mpp_status mpp_dataset_asides(mpp_aside **out, size_t *count, mpp_dataset *d)
{
  mpp_status st = MPP_OK;
  search s = {.d = d};
  *out = NULL;
  *count = 0;
  if (d->maker != NULL) {
    return MPP_OK;
  }
  mpp_h5_lock();
  MPP_TRY(mpp_dataset_use_file(d, 0));
  MPP_TRY(MPP_ALLOC(&s.list, MOST));
  const bool generic =
      d->open.layout == &mpp_file_layout_hdf5 || d->open.layout == &mpp_file_layout_netcdf;
  for (size_t i = 0; generic && i < d->about->npredicted; i++) {
    MPP_TRY(search_field(&s, &d->about->field[i]));
  }
  *out = s.list;
  *count = s.count;
  s.list = NULL;
done:
  mpp_h5_unlock();
  mpp_asides_free(s.list, s.count);
  return st;
}

/* ---- attributes ---- */

typedef struct relay {
  mpp_data_attribute_observer each;
  void *context;
} relay;

static mpp_status pass_on(void *context, const mpp_array_attribute *a)
{
  const relay *r = context;
  const mpp_data_attribute public = {a->name, a->text, a->value, a->count, a->whole};
  return r->each(r->context, &public);
}

mpp_status mpp_dataset_object_attributes(mpp_dataset *d, const char *path,
                                         mpp_data_attribute_observer each, void *context)
{
  mpp_status st = MPP_OK;
  relay r = {each, context};
  mpp_h5_lock();
  MPP_TRY(mpp_dataset_use_file(d, 0));
  MPP_TRY(mpp_array_attributes(&d->open.file, path, pass_on, &r));
done:
  mpp_h5_unlock();
  return st;
}
