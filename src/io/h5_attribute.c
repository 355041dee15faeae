/* h5_attribute.c - attributes and members of HDF5 groups, as h5py writes and reads them: text is a
 * scalar variable-length UTF-8 string, a bool an enumeration over int8. */
#include <stdio.h>
#include <string.h>

#include "h5.h"
#include "h5_private.h"

/* More text in one attribute, or more members in one group, than any file has. */
enum { TEXT_LIMIT = 16 << 20, MEMBER_LIMIT = 10000000 };

typedef struct open_attribute {
  hid_t id, type;
} open_attribute;

static void attribute_close(open_attribute *a)
{
  mpp_h5_release(a->type);
  mpp_h5_release(a->id);
}

bool mpp_h5_has_attribute(hid_t file, const char *name, const char *attribute)
{
  mpp_h5_lock();
  const bool found =
      mpp_h5_has(file, name) && mpp_h5_yes(H5Aexists_by_name(file, name, attribute, mpp_h5_links));
  mpp_h5_unlock();
  return found;
}

/* Opens an attribute that holds one value. */
static mpp_status attribute_open(open_attribute *out, hid_t file, const char *path,
                                 const char *name, const char *key)
{
  mpp_status st = MPP_OK;
  open_attribute a = {-1, -1};
  hid_t space = H5I_INVALID_HID;
  MPP_REQUIRE(mpp_h5_has_attribute(file, name, key), MPP_ERR_DATA,
              "%s: %s: attribute '%s' is missing", path, name, key);
  MPP_H5(a.id = H5Aopen_by_name(file, name, key, H5P_DEFAULT, mpp_h5_links), MPP_ERR_DATA,
         "%s: %s: attribute '%s': %s", path, name, key, mpp_h5_reason());
  MPP_H5(a.type = H5Aget_type(a.id), MPP_ERR_DATA, "%s: %s: attribute '%s': %s", path, name, key,
         mpp_h5_reason());
  MPP_H5(space = H5Aget_space(a.id), MPP_ERR_DATA, "%s: %s: attribute '%s': %s", path, name, key,
         mpp_h5_reason());
  const hssize_t values = H5Sget_simple_extent_npoints(space);
  MPP_REQUIRE(values == 1, MPP_ERR_DATA, "%s: %s: attribute '%s' has %lld values, expected one",
              path, name, key, (long long)values);
  *out = a;
  a = (open_attribute){-1, -1};
done:
  mpp_h5_release(space);
  attribute_close(&a);
  return st;
}

mpp_status mpp_h5_attribute_f64(double *out, hid_t file, const char *path, const char *name,
                                const char *attribute)
{
  mpp_status st = MPP_OK;
  open_attribute a = {-1, -1};
  hid_t memory = H5I_INVALID_HID;
  union {
    double real;
    int8_t flag;
  } value = {0.0};
  mpp_h5_lock();
  MPP_TRY(attribute_open(&a, file, path, name, attribute));
  const H5T_class_t class = H5Tget_class(a.type);
  const bool is_bool = class == H5T_ENUM && H5Tget_size(a.type) == 1;
  MPP_REQUIRE(class == H5T_FLOAT || class == H5T_INTEGER || is_bool, MPP_ERR_DATA,
              "%s: %s: attribute '%s' is no number", path, name, attribute);
  /* HDF5 does not convert enumerations to numbers: read it as itself, a single byte. */
  MPP_H5(memory = H5Tcopy(is_bool ? a.type : H5T_NATIVE_DOUBLE), MPP_ERR_NOMEM, "%s: %s", path,
         mpp_h5_reason());
  MPP_H5(H5Aread(a.id, memory, &value), MPP_ERR_DATA, "%s: %s: attribute '%s': %s", path, name,
         attribute, mpp_h5_reason());
  *out = is_bool ? value.flag : value.real;
done:
  mpp_h5_release(memory);
  attribute_close(&a);
  mpp_h5_unlock();
  return st;
}

mpp_status mpp_h5_attribute_text(char **out, hid_t file, const char *path, const char *name,
                                 const char *attribute)
{
  mpp_status st = MPP_OK;
  open_attribute a = {-1, -1};
  char *variable = NULL, *text = NULL;
  mpp_h5_lock();
  MPP_TRY(attribute_open(&a, file, path, name, attribute));
  MPP_REQUIRE(H5Tget_class(a.type) == H5T_STRING, MPP_ERR_DATA, "%s: %s: attribute '%s' is no text",
              path, name, attribute);
  if (H5Tis_variable_str(a.type) > 0) {
    MPP_H5(H5Aread(a.id, a.type, &variable), MPP_ERR_DATA, "%s: %s: attribute '%s': %s", path, name,
           attribute, mpp_h5_reason());
    MPP_TRY(mpp_format(&text, "%s", variable != NULL ? variable : ""));
  } else {
    const size_t size = H5Tget_size(a.type);
    MPP_REQUIRE(size <= TEXT_LIMIT, MPP_ERR_DATA, "%s: %s: attribute '%s' has %zu bytes", path,
                name, attribute, size);
    MPP_TRY(MPP_ALLOC(&text, size + 1)); /* ends with NUL whatever the file's padding is */
    MPP_H5(H5Aread(a.id, a.type, text), MPP_ERR_DATA, "%s: %s: attribute '%s': %s", path, name,
           attribute, mpp_h5_reason());
    if (H5Tget_strpad(a.type) == H5T_STR_SPACEPAD) {
      for (size_t n = size; n > 0 && (text[n - 1] == ' ' || text[n - 1] == '\0'); n--) {
        text[n - 1] = '\0';
      }
    }
  }
  *out = text;
  text = NULL;
done:
  mpp_free(text);
  if (variable != NULL) {
    H5free_memory(variable);
  }
  attribute_close(&a);
  mpp_h5_unlock();
  return st;
}

/* Replaces an attribute by a scalar of a type. */
static mpp_status write_attribute(hid_t object, const char *path, const char *key, hid_t file_type,
                                  hid_t memory_type, const void *value)
{
  mpp_status st = MPP_OK;
  if (H5Aexists(object, key) > 0) {
    MPP_H5(H5Adelete(object, key), MPP_ERR_IO, "%s: attribute '%s': %s", path, key,
           mpp_h5_reason());
  }
  MPP_TRY(mpp_h5_put_attribute(object, path, key, file_type, memory_type, value, MPP_H5_SCALAR));
done:
  return st;
}

mpp_status mpp_h5_write_attribute_f64(hid_t object, const char *path, const char *attribute,
                                      double value)
{
  mpp_h5_lock();
  const mpp_status st =
      write_attribute(object, path, attribute, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &value);
  mpp_h5_unlock();
  return st;
}

mpp_status mpp_h5_write_attribute_text(hid_t object, const char *path, const char *attribute,
                                       const char *text)
{
  mpp_status st = MPP_OK;
  hid_t type = H5I_INVALID_HID;
  mpp_h5_lock();
  MPP_H5(type = H5Tcopy(H5T_C_S1), MPP_ERR_NOMEM, "%s: %s", path, mpp_h5_reason());
  MPP_H5(H5Tset_size(type, H5T_VARIABLE), MPP_ERR_NOMEM, "%s: %s", path, mpp_h5_reason());
  MPP_H5(H5Tset_cset(type, H5T_CSET_UTF8), MPP_ERR_NOMEM, "%s: %s", path, mpp_h5_reason());
  MPP_TRY(write_attribute(object, path, attribute, type, type, &text));
done:
  mpp_h5_release(type);
  mpp_h5_unlock();
  return st;
}

/* ---- members ---- */

typedef struct members {
  char **names;
  size_t count, capacity;
  mpp_status st;
} members;

static herr_t add_member(hid_t group, const char *name, const H5L_info_t *info, void *context)
{
  members *m = context;
  mpp_status st = MPP_OK;
  char **grown = NULL;
  (void)group, (void)info;
  MPP_REQUIRE(m->count < MEMBER_LIMIT, MPP_ERR_DATA, "more than %d members", MEMBER_LIMIT);
  if (m->count == m->capacity) {
    const size_t capacity = m->capacity > 0 ? 2 * m->capacity : 16;
    MPP_TRY(MPP_ALLOC(&grown, capacity));
    if (m->count > 0) {
      memcpy(grown, m->names, m->count * sizeof *grown);
    }
    mpp_free(m->names);
    m->names = grown;
    m->capacity = capacity;
  }
  MPP_TRY(mpp_format(&m->names[m->count], "%s", name));
  m->count++;
done:
  m->st = st;
  return st == MPP_OK ? 0 : -1;
}

mpp_status mpp_h5_members(char ***names, size_t *count, hid_t file, const char *path,
                          const char *group)
{
  mpp_status st = MPP_OK;
  members m = {NULL, 0, 0, MPP_OK};
  mpp_h5_lock();
  MPP_REQUIRE(mpp_h5_has(file, group), MPP_ERR_DATA, "%s: group '%s' is missing", path, group);
  const herr_t rc = mpp_fault() ? -1
                                : H5Literate_by_name(file, group, H5_INDEX_NAME, H5_ITER_INC, NULL,
                                                     add_member, &m, mpp_h5_links);
  if (m.st != MPP_OK) {
    st = mpp_fail_prefix(m.st, "%s: %s", path, group);
    goto done;
  }
  MPP_REQUIRE(rc >= 0, MPP_ERR_DATA, "%s: '%s' is no group: %s", path, group, mpp_h5_reason());
  *names = m.names;
  *count = m.count;
  m = (members){NULL, 0, 0, MPP_OK};
done:
  mpp_h5_members_free(m.names, m.count);
  mpp_h5_unlock();
  return st;
}

void mpp_h5_members_free(char **names, size_t count)
{
  for (size_t i = 0; i < count; i++) { mpp_free(names[i]); }
  mpp_free(names);
}
