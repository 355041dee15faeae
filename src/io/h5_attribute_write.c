/* h5_attribute_write.c - attributes as h5py writes them: a Python bool is an enumeration over int8,
 * a list of str an array of variable-length UTF-8, an empty list an array of no float64. */
#include "h5.h"
#include "h5_private.h"

mpp_status mpp_h5_put_attribute(hid_t object, const char *path, const char *key, hid_t file_type,
                                hid_t memory_type, const void *value, long long count)
{
  mpp_status st = MPP_OK;
  hid_t space = H5I_INVALID_HID, id = H5I_INVALID_HID;
  const hsize_t extent = count > 0 ? (hsize_t)count : 0;
  MPP_H5(space =
             count == MPP_H5_SCALAR ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &extent, NULL),
         MPP_ERR_NOMEM, "%s: %s", path, mpp_h5_reason());
  MPP_H5(id = H5Acreate2(object, key, file_type, space, H5P_DEFAULT, H5P_DEFAULT), MPP_ERR_IO,
         "%s: attribute '%s': %s", path, key, mpp_h5_reason());
  if (count != 0) {
    MPP_H5(H5Awrite(id, memory_type, value), MPP_ERR_IO, "%s: attribute '%s': %s", path, key,
           mpp_h5_reason());
  }
done:
  if (id >= 0 && H5Aclose(id) < 0 && st == MPP_OK) {
    st = mpp_fail(MPP_ERR_IO, "%s: attribute '%s': %s", path, key, mpp_h5_reason());
  }
  mpp_h5_release(space);
  return st;
}

mpp_status mpp_h5_bool_type(hid_t *out, const char *path)
{
  mpp_status st = MPP_OK;
  const signed char no = 0, yes = 1;
  hid_t type = H5I_INVALID_HID;
  MPP_H5(type = H5Tenum_create(H5T_STD_I8LE), MPP_ERR_NOMEM, "%s: %s", path, mpp_h5_reason());
  MPP_H5(H5Tenum_insert(type, "FALSE", &no), MPP_ERR_NOMEM, "%s: %s", path, mpp_h5_reason());
  MPP_H5(H5Tenum_insert(type, "TRUE", &yes), MPP_ERR_NOMEM, "%s: %s", path, mpp_h5_reason());
  *out = type;
  type = H5I_INVALID_HID;
done:
  mpp_h5_release(type);
  return st;
}

mpp_status mpp_h5_write_attribute_i64(hid_t object, const char *path, const char *attribute,
                                      long long value)
{
  mpp_h5_lock();
  const mpp_status st = mpp_h5_put_attribute(object, path, attribute, H5T_STD_I64LE,
                                             H5T_NATIVE_LLONG, &value, MPP_H5_SCALAR);
  mpp_h5_unlock();
  return st;
}

static mpp_status write_bools(hid_t object, const char *path, const char *attribute,
                              const bool *value, long long count)
{
  mpp_status st = MPP_OK;
  hid_t type = H5I_INVALID_HID;
  signed char *byte = NULL;
  const size_t n = count == MPP_H5_SCALAR ? 1 : (size_t)count;
  mpp_h5_lock();
  MPP_TRY(MPP_ALLOC(&byte, n));
  for (size_t i = 0; i < n; i++) { byte[i] = value[i] ? 1 : 0; }
  MPP_TRY(mpp_h5_bool_type(&type, path));
  MPP_TRY(mpp_h5_put_attribute(object, path, attribute, type, type, byte, count));
done:
  mpp_h5_release(type);
  mpp_free(byte);
  mpp_h5_unlock();
  return st;
}

mpp_status mpp_h5_write_attribute_bool(hid_t object, const char *path, const char *attribute,
                                       bool value)
{
  return write_bools(object, path, attribute, &value, MPP_H5_SCALAR);
}

mpp_status mpp_h5_write_attribute_bools(hid_t object, const char *path, const char *attribute,
                                        const bool *value, size_t count)
{
  return write_bools(object, path, attribute, value, (long long)count);
}

mpp_status mpp_h5_write_attribute_texts(hid_t object, const char *path, const char *attribute,
                                        const char *const *text, size_t count)
{
  mpp_status st = MPP_OK;
  hid_t type = H5I_INVALID_HID;
  mpp_h5_lock();
  if (count == 0) {
    st = mpp_h5_put_attribute(object, path, attribute, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, NULL, 0);
    goto done;
  }
  MPP_H5(type = H5Tcopy(H5T_C_S1), MPP_ERR_NOMEM, "%s: %s", path, mpp_h5_reason());
  MPP_H5(H5Tset_size(type, H5T_VARIABLE), MPP_ERR_NOMEM, "%s: %s", path, mpp_h5_reason());
  MPP_H5(H5Tset_cset(type, H5T_CSET_UTF8), MPP_ERR_NOMEM, "%s: %s", path, mpp_h5_reason());
  MPP_TRY(mpp_h5_put_attribute(object, path, attribute, type, type, text, (long long)count));
done:
  mpp_h5_release(type);
  mpp_h5_unlock();
  return st;
}
