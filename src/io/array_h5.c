/* array_h5.c - the arrays of an HDF5 file, netCDF-4 included: a walk over its groups, the names
 * that dimension scales (netCDF's dimensions) give the axes, attributes of any object. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "array_file.h"
#include "h5_private.h"

enum { MOST_DEPTH = 12, MOST_VALUES = 64, TEXT_LIMIT = 16 << 20 };

/* ---- names of axes ---- */

/* Base name of the dimension scale that a reference leads to. */
static mpp_status scale_name(char **out, hid_t dataset, const hobj_ref_t *reference)
{
  mpp_status st = MPP_OK;
  char name[1024] = "";
  const hid_t scale = H5Rdereference2(dataset, H5P_DEFAULT, H5R_OBJECT, reference);
  if (scale >= 0) {
    const ssize_t n = H5Iget_name(scale, name, sizeof name);
    const char *slash = strrchr(name, '/');
    if (n > 0 && (size_t)n < sizeof name && slash != NULL) {
      st = mpp_format(out, "%s", slash + 1);
    }
    H5Oclose(scale);
  }
  return st;
}

/* DIMENSION_LIST: for each axis a list of references to scales. */
static mpp_status read_scales(mpp_array *a, hid_t dataset)
{
  mpp_status st = MPP_OK;
  hvl_t list[MPP_H5_MAX_RANK] = {{0, NULL}};
  const hid_t id = H5Aopen(dataset, "DIMENSION_LIST", H5P_DEFAULT);
  const hid_t type = id >= 0 ? H5Aget_type(id) : H5I_INVALID_HID;
  const hid_t space = id >= 0 ? H5Aget_space(id) : H5I_INVALID_HID;
  const hid_t memory = H5Tvlen_create(H5T_STD_REF_OBJ);
  const bool fits = type >= 0 && space >= 0 && memory >= 0 && H5Tequal(type, memory) > 0 &&
                    H5Sget_simple_extent_npoints(space) == a->rank;
  if (fits && H5Aread(id, memory, list) >= 0) {
    for (int i = 0; i < a->rank && st == MPP_OK; i++) {
      if (list[i].len > 0) {
        st = scale_name(&a->dimension[i], dataset, list[i].p);
      }
    }
    H5Dvlen_reclaim(memory, space, H5P_DEFAULT, list);
  }
  mpp_h5_release(type);
  mpp_h5_release(memory);
  mpp_h5_release(space);
  mpp_h5_release(id);
  return st;
}

/* Labels of axes without scales, as h5py's `dims[i].label` writes them. */
static mpp_status read_labels(mpp_array *a, const mpp_array_file *f)
{
  mpp_status st = MPP_OK;
  char **label = NULL;
  size_t count = 0;
  MPP_TRY(mpp_array_texts(&label, &count, f, a->name, "DIMENSION_LABELS"));
  for (size_t i = 0; i < count && (int)count == a->rank; i++) {
    if (a->dimension[i] == NULL && label[i][0] != '\0') {
      a->dimension[i] = label[i];
      label[i] = NULL;
    }
  }
done:
  mpp_h5_members_free(label, count);
  return st;
}

/* ---- the walk ---- */

/* Is it a netCDF dimension without a variable? Then it holds no coordinates. */
static mpp_status is_bare_dimension(bool *bare, const mpp_array_file *f, const char *name)
{
  char *text = NULL;
  mpp_status st = MPP_OK;
  if (mpp_h5_has_attribute(f->h5, name, "CLASS") && mpp_h5_has_attribute(f->h5, name, "NAME")) {
    st = mpp_h5_attribute_text(&text, f->h5, f->path, name, "NAME");
  }
  *bare = text != NULL && strncmp(text, "This is a netCDF dimension but not", 34) == 0;
  mpp_free(text);
  return st;
}

static mpp_status add_dataset(mpp_array_file *f, const char *name, hid_t dataset, size_t limit)
{
  mpp_status st = MPP_OK;
  mpp_array *a = NULL;
  hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
  hsize_t shape[MPP_H5_MAX_RANK];
  const H5T_class_t class = type >= 0 ? H5Tget_class(type) : H5T_NO_CLASS;
  const int rank = space >= 0 ? H5Sget_simple_extent_ndims(space) : -1;
  const bool is_bool = class == H5T_ENUM && H5Tget_size(type) == 1;
  bool bare = false;
  MPP_TRY(is_bare_dimension(&bare, f, name));
  if (bare || (class != H5T_FLOAT && class != H5T_INTEGER && !is_bool) || rank < 0 ||
      rank > MPP_H5_MAX_RANK || H5Sget_simple_extent_type(space) == H5S_NULL ||
      H5Sget_simple_extent_dims(space, shape, NULL) < 0) {
    goto done;
  }
  MPP_TRY(mpp_array_append(&a, f, limit));
  MPP_TRY(mpp_format(&a->name, "%s", name));
  a->type = is_bool ? MPP_ARRAY_BOOL : class == H5T_FLOAT ? MPP_ARRAY_REAL : MPP_ARRAY_INTEGER;
  a->size = H5Tget_size(type);
  a->rank = rank;
  for (int i = 0; i < rank; i++) { a->shape[i] = (size_t)shape[i]; }
  if (H5Aexists(dataset, "DIMENSION_LIST") > 0) {
    MPP_TRY(read_scales(a, dataset));
  } else if (rank == 1 && H5Aexists(dataset, "CLASS") > 0) { /* a scale is its own axis */
    const char *slash = strrchr(name, '/');
    MPP_TRY(mpp_format(&a->dimension[0], "%s", slash != NULL ? slash + 1 : name));
  }
  if (H5Aexists(dataset, "DIMENSION_LABELS") > 0) {
    MPP_TRY(read_labels(a, f));
  }
done:
  mpp_h5_release(type);
  mpp_h5_release(space);
  return st;
}

static mpp_status walk(mpp_array_file *f, const char *group, int depth, size_t limit)
{
  mpp_status st = MPP_OK;
  char **member = NULL, *name = NULL;
  size_t count = 0;
  hid_t object = H5I_INVALID_HID;
  MPP_TRY(mpp_h5_members(&member, &count, f->h5, f->path, group[0] != '\0' ? group : "/"));
  for (size_t i = 0; i < count; i++) {
    mpp_free(name);
    name = NULL;
    MPP_TRY(mpp_format(&name, "%s%s%s", group, group[0] != '\0' ? "/" : "", member[i]));
    if (!mpp_h5_has(f->h5, name)) { /* a link that leads nowhere, or out of the file */
      continue;
    }
    object = H5Oopen(f->h5, name, H5P_DEFAULT);
    const H5I_type_t kind = object >= 0 ? H5Iget_type(object) : H5I_BADID;
    if (kind == H5I_DATASET) {
      MPP_TRY(add_dataset(f, name, object, limit));
    } else if (kind == H5I_GROUP && depth < MOST_DEPTH) { /* groups may contain each other */
      MPP_TRY(walk(f, name, depth + 1, limit));
    }
    mpp_h5_release(object);
    object = H5I_INVALID_HID;
  }
done:
  mpp_h5_release(object);
  mpp_free(name);
  mpp_h5_members_free(member, count);
  return st;
}

mpp_status mpp_array_list_h5(mpp_array_file *f, size_t limit)
{
  errno = 0;
  const mpp_status st = walk(f, "", 0, limit);
  (void)mpp_h5_yes(-1);
  return st == MPP_OK ? mpp_h5_doubts(f->path) : st;
}

/* ---- attributes ---- */

/* Texts of an attribute that is a text or a list of them. */
static mpp_status read_texts(char ***out, size_t *count, hid_t id, hid_t type, size_t n)
{
  mpp_status st = MPP_OK;
  char **text = NULL, **variable = NULL, *fixed = NULL;
  size_t bytes = 0;
  const size_t size = H5Tget_size(type);
  hid_t space = H5Aget_space(id);
  const bool is_variable = H5Tis_variable_str(type) > 0;
  MPP_TRY(MPP_ALLOC(&text, n));
  if (is_variable) {
    MPP_TRY(MPP_ALLOC(&variable, n));
    MPP_H5(H5Aread(id, type, variable), MPP_ERR_DATA, "text: %s", mpp_h5_reason());
  } else {
    MPP_REQUIRE(mpp_mul(&bytes, n, size) && bytes <= TEXT_LIMIT, MPP_ERR_DATA,
                "text of %zu times %zu bytes", n, size);
    MPP_TRY(MPP_ALLOC(&fixed, bytes + 1));
    MPP_H5(H5Aread(id, type, fixed), MPP_ERR_DATA, "text: %s", mpp_h5_reason());
  }
  for (size_t i = 0; i < n; i++) {
    const char *from = is_variable ? variable[i] : fixed + i * size;
    size_t length = from == NULL ? 0 : is_variable ? strlen(from) : strnlen(from, size);
    while (!is_variable && length > 0 && from[length - 1] == ' ') { length--; }
    MPP_TRY(mpp_format(&text[i], "%.*s", (int)length, from != NULL ? from : ""));
  }
  *out = text;
  *count = n;
  text = NULL;
done:
  if (variable != NULL) {
    H5Dvlen_reclaim(type, space, H5P_DEFAULT, variable);
  }
  mpp_h5_release(space);
  mpp_free(variable);
  mpp_free(fixed);
  mpp_h5_members_free(text, text != NULL ? n : 0);
  return st;
}

/* Number of values, 0 for none or too many. */
static size_t length_of(hid_t id)
{
  const hid_t space = H5Aget_space(id);
  const hssize_t n = space >= 0 ? H5Sget_simple_extent_npoints(space) : 0;
  mpp_h5_release(space);
  return n > 0 && n <= 4096 ? (size_t)n : 0;
}

mpp_status mpp_array_texts(char ***out, size_t *count, const mpp_array_file *f, const char *object,
                           const char *name)
{
  mpp_status st = MPP_OK;
  *out = NULL;
  *count = 0;
  if (f->h5 < 0 || !mpp_h5_has_attribute(f->h5, object, name)) {
    return MPP_OK;
  }
  errno = 0;
  const hid_t id = H5Aopen_by_name(f->h5, object, name, H5P_DEFAULT, mpp_h5_links);
  const hid_t type = id >= 0 ? H5Aget_type(id) : H5I_INVALID_HID;
  const size_t n = id >= 0 ? length_of(id) : 0;
  if (type >= 0 && H5Tget_class(type) == H5T_STRING && n > 0) {
    st = read_texts(out, count, id, type, n);
    if (st != MPP_OK) {
      st = mpp_fail_prefix(st, "%s: %s: attribute '%s'", f->path, object, name);
    }
  }
  (void)mpp_h5_yes(-1);
  mpp_h5_release(type);
  mpp_h5_release(id);
  return st;
}

typedef struct visit {
  const mpp_array_file *file;
  const char *object;
  mpp_array_attribute_observer each;
  void *context;
  mpp_status st;
} visit;

static bool is_mark(const char *name)
{
  static const char *const marks[] = {"DIMENSION_LIST", "REFERENCE_LIST", "CLASS", "NAME",
                                      "DIMENSION_LABELS"};
  for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
    if (strcmp(name, marks[i]) == 0) {
      return true;
    }
  }
  return strncmp(name, "_NC", 3) == 0 || strncmp(name, "_Netcdf4", 8) == 0 ||
         strncmp(name, "_nc", 3) == 0;
}

/* Numbers; a bool is an enumeration over int8, read as itself. */
static bool read_numbers(double *value, hid_t id, hid_t type, size_t n)
{
  const H5T_class_t class = H5Tget_class(type);
  if (class == H5T_ENUM && H5Tget_size(type) == 1) {
    signed char flag[MOST_VALUES];
    const bool ok = H5Aread(id, type, flag) >= 0;
    for (size_t i = 0; i < n && ok; i++) { value[i] = flag[i]; }
    return ok;
  }
  return (class == H5T_INTEGER || class == H5T_FLOAT) && H5Aread(id, H5T_NATIVE_DOUBLE, value) >= 0;
}

static herr_t visit_one(hid_t object, const char *name, const H5A_info_t *info, void *data)
{
  visit *v = data;
  char **text = NULL;
  size_t ntexts = 0;
  double value[MOST_VALUES];
  (void)info;
  if (is_mark(name)) {
    return 0;
  }
  const hid_t id = H5Aopen(object, name, H5P_DEFAULT);
  const hid_t type = id >= 0 ? H5Aget_type(id) : H5I_INVALID_HID;
  const size_t n = type >= 0 ? length_of(id) : 0;
  if (n == 1 && H5Tget_class(type) == H5T_STRING) {
    const mpp_status read = read_texts(&text, &ntexts, id, type, 1);
    if (read == MPP_OK && text != NULL) {
      v->st = v->each(v->context, &(mpp_array_attribute){.name = name, .text = text[0]});
    } else if (read != MPP_ERR_DATA) { /* one that cannot be read is passed over */
      v->st = read;
    }
  } else if (n > 0 && n <= MOST_VALUES && read_numbers(value, id, type, n)) {
    const mpp_array_attribute numbers = {
        .name = name, .value = value, .count = n, .whole = H5Tget_class(type) != H5T_FLOAT};
    v->st = v->each(v->context, &numbers);
  }
  mpp_h5_members_free(text, ntexts);
  mpp_h5_release(type);
  mpp_h5_release(id);
  return v->st == MPP_OK ? 0 : -1;
}

mpp_status mpp_array_attributes_h5(const mpp_array_file *f, const char *object,
                                   mpp_array_attribute_observer each, void *context)
{
  visit v = {.file = f, .each = each, .context = context};
  v.object = object[0] != '\0' ? object : "/";
  errno = 0;
  if (!mpp_h5_has(f->h5, v.object)) {
    return MPP_OK;
  }
  const hid_t id = strspn(v.object, "/") == strlen(v.object)
                       ? H5Gopen2(f->h5, "/", H5P_DEFAULT)
                       : H5Oopen(f->h5, v.object, H5P_DEFAULT);
  if (id >= 0) {
    hsize_t at = 0;
    /* netCDF keeps the order of writing; other files may not */
    if (H5Aiterate2(id, H5_INDEX_CRT_ORDER, H5_ITER_INC, &at, visit_one, &v) < 0 &&
        v.st == MPP_OK) {
      at = 0;
      (void)H5Aiterate2(id, H5_INDEX_NAME, H5_ITER_INC, &at, visit_one, &v);
    }
    H5Oclose(id);
  }
  (void)mpp_h5_yes(-1);
  return v.st == MPP_OK ? mpp_h5_doubts(f->path) : v.st;
}
