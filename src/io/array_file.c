/* array_file.c - what HDF5 and classic netCDF have in common. */
#include "array_file.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"

/* "CDF" and a version byte: classic, 64-bit offset (2), 64-bit data (5). */
static bool is_classic(const char *path)
{
  unsigned char head[4] = {0};
  FILE *f = fopen(path, "rb");
  const bool whole = f != NULL && fread(head, 1, sizeof head, f) == sizeof head;
  if (f != NULL) {
    fclose(f);
  }
  return whole && memcmp(head, "CDF", 3) == 0 && (head[3] == 1 || head[3] == 2 || head[3] == 5);
}

mpp_status mpp_array_file_open(mpp_array_file *out, const char *path)
{
  mpp_status st = MPP_OK;
  mpp_array_file f = {.path = path, .h5 = -1, .nc = -1};
  MPP_TRY(mpp_check_input(path));
  if (is_classic(path)) {
    MPP_TRY(mpp_array_open_nc(&f.nc, path));
  } else {
    MPP_TRY(mpp_h5_open(&f.h5, path));
  }
  *out = f;
done:
  return st;
}

void mpp_array_file_close(mpp_array_file *f)
{
  if (f->nc >= 0) {
    mpp_array_close_nc(f->nc);
  }
  mpp_h5_close(f->h5);
  for (size_t i = 0; i < f->count; i++) {
    mpp_free(f->array[i].name);
    for (int a = 0; a < MPP_H5_MAX_RANK; a++) { mpp_free(f->array[i].dimension[a]); }
  }
  mpp_free(f->array);
  *f = (mpp_array_file){.h5 = -1, .nc = -1};
}

mpp_status mpp_array_append(mpp_array **out, mpp_array_file *f, size_t limit)
{
  mpp_status st = MPP_OK;
  mpp_array *grown = NULL;
  MPP_REQUIRE(f->count < limit, MPP_ERR_DATA, "%s: more than %zu arrays", f->path, limit);
  if ((f->count & (f->count - 1)) == 0) { /* lengths 0, 1, 2, 4, ... are full */
    MPP_TRY(MPP_ALLOC(&grown, f->count > 0 ? 2 * f->count : 1));
    for (size_t i = 0; i < f->count; i++) { grown[i] = f->array[i]; }
    mpp_free(f->array);
    f->array = grown;
  }
  *out = &f->array[f->count++];
done:
  return st;
}

static int by_name(const void *a, const void *b)
{
  return strcmp(((const mpp_array *)a)->name, ((const mpp_array *)b)->name);
}

mpp_status mpp_array_file_list(mpp_array_file *f, size_t limit)
{
  mpp_status st = MPP_OK;
  if (f->array != NULL) {
    return MPP_OK;
  }
  MPP_TRY(f->nc >= 0 ? mpp_array_list_nc(f) : mpp_array_list_h5(f, limit));
  if (f->count > 0) {
    qsort(f->array, f->count, sizeof *f->array, by_name);
  }
done:
  return st;
}

const mpp_array *mpp_array_find(const mpp_array_file *f, const char *name)
{
  const mpp_array *found = NULL;
  name += strspn(name, "/");
  for (size_t i = 0; i < f->count; i++) {
    const char *base = strrchr(f->array[i].name, '/');
    if (strcmp(f->array[i].name, name) == 0) {
      return &f->array[i];
    }
    if (base != NULL && strcmp(base + 1, name) == 0) {
      if (found != NULL) {
        return NULL; /* of several groups: which? */
      }
      found = &f->array[i];
    }
  }
  return found;
}

mpp_status mpp_array_shape(size_t shape[MPP_H5_MAX_RANK], int *rank, const mpp_array_file *f,
                           const char *name)
{
  mpp_status st = MPP_OK;
  if (f->nc < 0) {
    return mpp_h5_shape(shape, rank, f->h5, f->path, name);
  }
  const mpp_array *a = NULL;
  for (size_t i = 0; i < f->count && a == NULL; i++) {
    a = strcmp(f->array[i].name, name) == 0 ? &f->array[i] : NULL;
  }
  MPP_REQUIRE(a != NULL, MPP_ERR_DATA, "%s: variable '%s' is missing", f->path, name);
  memcpy(shape, a->shape, sizeof a->shape);
  *rank = a->rank;
done:
  return st;
}

mpp_status mpp_array_read_f32(float *out, const mpp_array_file *f, const char *name,
                              const size_t *start, const size_t *stride, const size_t *count)
{
  return f->nc >= 0
             ? mpp_array_read_nc(out, false, f, name, start, stride, count)
             : mpp_h5_read_box(out, H5T_NATIVE_FLOAT, f->h5, f->path, name, start, stride, count);
}

mpp_status mpp_array_read_f64(double *out, const mpp_array_file *f, const char *name,
                              const size_t *start, const size_t *stride, const size_t *count)
{
  return f->nc >= 0
             ? mpp_array_read_nc(out, true, f, name, start, stride, count)
             : mpp_h5_read_box(out, H5T_NATIVE_DOUBLE, f->h5, f->path, name, start, stride, count);
}

/* ---- attributes ---- */

mpp_status mpp_array_attributes(const mpp_array_file *f, const char *object,
                                mpp_array_attribute_observer each, void *context)
{
  return f->nc >= 0 ? mpp_array_attributes_nc(f, object, each, context)
                    : mpp_array_attributes_h5(f, object, each, context);
}

typedef struct search {
  const char *name;
  char *text;    /* owned: found */
  double *value; /* [most] or NULL */
  size_t most, count;
} search;

static mpp_status match(void *context, const mpp_array_attribute *a)
{
  mpp_status st = MPP_OK;
  search *s = context;
  if (strcmp(a->name, s->name) != 0) {
    return MPP_OK;
  }
  if (s->value == NULL && a->text != NULL && s->text == NULL) {
    MPP_TRY(mpp_format(&s->text, "%s", a->text));
  } else if (s->value != NULL && a->text == NULL) {
    s->count = a->count < s->most ? a->count : s->most;
    if (s->count > 0) {
      memcpy(s->value, a->value, s->count * sizeof *s->value);
    }
  }
done:
  return st;
}

mpp_status mpp_array_text(char **out, const mpp_array_file *f, const char *object, const char *name)
{
  search s = {.name = name};
  const mpp_status st = mpp_array_attributes(f, object, match, &s);
  if (st == MPP_OK) {
    *out = s.text;
  } else {
    mpp_free(s.text);
  }
  return st;
}

mpp_status mpp_array_numbers(double *out, size_t *count, size_t most, const mpp_array_file *f,
                             const char *object, const char *name)
{
  search s = {.name = name, .value = out, .most = most};
  const mpp_status st = mpp_array_attributes(f, object, match, &s);
  if (st == MPP_OK) {
    *count = s.count;
  }
  return st;
}
