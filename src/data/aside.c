/* aside.c - finds auxiliary coordinates, grid mappings, measures of cells, and bounds. */
#include "aside.h"

#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "dataset_impl.h"
#include "guess.h"

typedef struct search {
  mpp_dataset *d;
  const mpp_array *field; /* the one that names them */
  const mpp_described_array *described;
  mpp_aside *list; /* [MPP_ASIDES_MOST] */
  size_t count;
  char *left; /* owned */
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

/* Is a dimension the time of the fields? */
static bool is_time(const search *s, const char *dimension)
{
  const int i = mpp_described_axis(s->described, MPP_ROLE_TIME);
  return dimension != NULL && i >= 0 && i < s->field->rank && s->field->dimension[i] != NULL &&
         strcmp(s->field->dimension[i], dimension) == 0;
}

/* What the dimensions of an array are; false: it has others than grid and time. */
static bool take_axes(mpp_aside *out, const search *s, const mpp_array *a, bool bounds)
{
  for (int i = 0; i < a->rank; i++) {
    const char *name = a->dimension[i];
    const int axis = axis_of(s, name);
    if (bounds && i + 1 == a->rank) {
      out->vertices = a->shape[i];
      snprintf(out->vertex, sizeof out->vertex, "%.120s", name != NULL ? name : "");
    } else if (i == 0 && is_time(s, name) && a->shape[0] == s->d->open.about->nframes) {
      out->timed = true;
    } else if (axis >= 0 && a->shape[i] == s->d->about->grid[axis] && out->rank < 3) {
      out->axis[out->rank++] = axis;
    } else {
      return false;
    }
  }
  return !bounds || out->vertices > 0;
}

static mpp_status count_values(mpp_aside *out, const search *s)
{
  size_t factor[4] = {out->vertices > 0 ? out->vertices : 1, 1, 1, 1};
  for (size_t i = 0; i < out->rank; i++) { factor[i + 1] = s->d->space[out->axis[i]].count; }
  return mpp_product(&out->n, factor, 4)
             ? MPP_OK
             : mpp_fail(MPP_ERR_DATA, "%s: %s: its size overflows", s->d->open.path, out->path);
}

mpp_status mpp_aside_leave(char **left, const char *name)
{
  mpp_status st = MPP_OK;
  char *longer = NULL;
  const char *text = *left != NULL ? *left : "";
  const size_t length = strlen(name);
  for (const char *at = text; length > 0 && (at = strstr(at, name)) != NULL; at++) {
    if ((at == text || at[-1] == ' ') && (at[length] == ',' || at[length] == '\0')) {
      goto done;
    }
  }
  MPP_TRY(mpp_format(&longer, "%s%s%s", text, text[0] != '\0' ? ", " : "", name));
  mpp_free(*left);
  *left = longer;
done:
  return st;
}

typedef enum { COORDINATE, BOUNDS, BOUNDS_OF_TIME, LEFT } kind;

static mpp_status add(search *s, const char *word, kind what)
{
  mpp_status st = MPP_OK;
  const mpp_array_file *file = &s->d->open.file;
  const mpp_array *a = mpp_array_find(file, word);
  const char *path = a != NULL ? a->name : word;
  mpp_aside one = {.of_time = what == BOUNDS_OF_TIME};
  const bool attributes_alone =
      a == NULL && what == COORDINATE && file->h5 >= 0 && mpp_h5_has(file->h5, word);
  if ((a == NULL && !attributes_alone) || is_known(s, path)) {
    return MPP_OK; /* not there; or text in a classic file */
  }
  if (what == LEFT || s->count == MPP_ASIDES_MOST || strlen(path) >= sizeof one.path ||
      (a != NULL && !take_axes(&one, s, a, what != COORDINATE))) {
    return mpp_aside_leave(&s->left, path);
  }
  snprintf(one.path, sizeof one.path, "%s", path);
  MPP_TRY(count_values(&one, s));
  if (a != NULL && !one.timed) {
    MPP_TRY(MPP_ALLOC(&one.value, one.n));
    MPP_TRY(mpp_aside_read(one.value, &one, s->d, a, 0));
  }
  s->list[s->count++] = one;
  one.value = NULL;
done:
  mpp_free(one.value);
  return st;
}

/* The variables that an attribute of an object names: "lat lon", "area: cell_area", "crs: x y". */
static mpp_status add_named(search *s, const char *object, const char *key, kind what)
{
  mpp_status st = MPP_OK;
  char *text = NULL, *rest = NULL;
  MPP_TRY(mpp_array_text(&text, &s->d->open.file, object, key));
  for (char *word = text != NULL ? strtok_r(text, " \t\n", &rest) : NULL; word != NULL;
       word = strtok_r(NULL, " \t\n", &rest)) {
    const size_t length = strlen(word);
    if (word[length - 1] == ':') {
      word[length - 1] = '\0';
    }
    if (word[0] != '\0') {
      MPP_TRY(add(s, word, what));
    }
  }
done:
  mpp_free(text);
  return st;
}

static mpp_status search_field(search *s, const mpp_described_field *field)
{
  static const struct {
    const char *key;
    kind what;
  } named[] = {{"coordinates", COORDINATE},
               {"grid_mapping", COORDINATE},
               {"cell_measures", COORDINATE},
               {"ancillary_variables", LEFT}};
  mpp_status st = MPP_OK;
  s->described = &s->d->about->array[field->array];
  s->field = mpp_array_find(&s->d->open.file, s->described->path);
  for (size_t k = 0; s->field != NULL && k < sizeof named / sizeof named[0]; k++) {
    MPP_TRY(add_named(s, s->described->path, named[k].key, named[k].what));
  }
done:
  return st;
}

/* Bounds of the axes and of what was found. */
static mpp_status search_bounds(search *s)
{
  mpp_status st = MPP_OK;
  const mpp_description *a = s->d->about;
  if (s->field == NULL) {
    return MPP_OK;
  }
  for (int k = 0; k < 3; k++) {
    if (a->space[k].array.path[0] != '\0') {
      MPP_TRY(add_named(s, a->space[k].array.path, "bounds", BOUNDS));
    }
  }
  if (a->time.array.path[0] != '\0') {
    MPP_TRY(add_named(s, a->time.array.path, "bounds", BOUNDS_OF_TIME));
    MPP_TRY(add_named(s, a->time.array.path, "climatology", LEFT));
  }
  for (size_t i = 0, found = s->count; i < found; i++) {
    MPP_TRY(add_named(s, s->list[i].path, "bounds", BOUNDS));
  }
done:
  return st;
}

mpp_status mpp_dataset_asides(mpp_aside **out, size_t *count, char **left, mpp_dataset *d)
{
  mpp_status st = MPP_OK;
  search s = {.d = d};
  *out = NULL;
  *count = 0;
  *left = NULL;
  if (d->maker != NULL) {
    return MPP_OK;
  }
  mpp_h5_lock();
  MPP_TRY(mpp_dataset_use_file(d, 0));
  MPP_TRY(MPP_ALLOC(&s.list, MPP_ASIDES_MOST));
  const bool generic =
      d->open.layout == &mpp_file_layout_hdf5 || d->open.layout == &mpp_file_layout_netcdf;
  for (size_t i = 0; generic && i < d->about->npredicted; i++) {
    MPP_TRY(search_field(&s, &d->about->field[i]));
  }
  MPP_TRY(search_bounds(&s));
  *out = s.list;
  *count = s.count;
  *left = s.left;
  s.list = NULL;
  s.left = NULL;
done:
  mpp_h5_unlock();
  mpp_free(s.left);
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
