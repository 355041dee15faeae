/* h5_dataset.c - datasets as arrays of numbers. A file is foreign: what it declares is held against
 * its size before anything is allocated, and nothing outside it is ever opened (no external links,
 * external storage or virtual datasets). */
#include <stdio.h>
#include <string.h>

#include "h5.h"
#include "h5_private.h"

/* An open dataset and what it declares. */
typedef struct array {
  hid_t dataset, type, space, creation;
  int rank;
  hsize_t shape[MPP_H5_MAX_RANK];
} array;

static void array_close(array *a)
{
  const hid_t ids[] = {a->creation, a->space, a->type, a->dataset};
  for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
    if (ids[i] >= 0) {
      H5Idec_ref(ids[i]);
    }
  }
}

/* The LZF filter has to know the size of a chunk, and HDF5 believes it. */
static mpp_status check_lzf(const array *a, const char *path, const char *name)
{
  mpp_status st = MPP_OK;
  unsigned flags = 0, values[MPP_LZF_VALUES] = {0};
  size_t nvalues = MPP_LZF_VALUES, bytes = H5Tget_size(a->type);
  hsize_t chunk[MPP_H5_MAX_RANK];
  if (H5Pget_filter_by_id2(a->creation, MPP_LZF_FILTER, &flags, &nvalues, values, 0, NULL, NULL) <
      0) {
    H5Eclear2(H5E_DEFAULT);
    return MPP_OK; /* not compressed by it */
  }
  MPP_REQUIRE(H5Pget_chunk(a->creation, a->rank, chunk) == a->rank, MPP_ERR_DATA,
              "%s: %s: chunks do not have the rank of the dataset", path, name);
  bool fits = true;
  for (int i = 0; i < a->rank; i++) { fits = fits && mpp_mul(&bytes, bytes, (size_t)chunk[i]); }
  MPP_REQUIRE(fits && nvalues >= MPP_LZF_VALUES && values[2] == bytes, MPP_ERR_DATA,
              "%s: %s: LZF filter: chunks of %u bytes, expected %zu", path, name, values[2], bytes);
done:
  return st;
}

/* Where a fill value is declared (netCDF), what was never written reads as that, and is missing. */
static bool has_fill(hid_t dataset) { return H5Aexists(dataset, "_FillValue") > 0; }

/* Chunks that were never written would read as zeros; a declared size that no compression reaches
 * (deflate: 1032) is a lie. */
static mpp_status check_chunks(const array *a, const char *path, const char *name, size_t bytes,
                               hsize_t file_size)
{
  mpp_status st = MPP_OK;
  hsize_t chunk[MPP_H5_MAX_RANK], stored = 0, expected = 1;
  MPP_REQUIRE(a->rank > 0 && H5Pget_chunk(a->creation, a->rank, chunk) == a->rank, MPP_ERR_DATA,
              "%s: %s: chunks do not have the rank of the dataset", path, name);
  for (int i = 0; i < a->rank; i++) {
    MPP_REQUIRE(chunk[i] > 0, MPP_ERR_DATA, "%s: %s: empty chunks", path, name);
    expected *= a->shape[i] / chunk[i] + (a->shape[i] % chunk[i] != 0);
  }
  MPP_REQUIRE(bytes / 1100 <= file_size, MPP_ERR_DATA,
              "%s: %s: declares %zu bytes in a file of %llu bytes", path, name, bytes,
              (unsigned long long)file_size);
  MPP_H5(H5Dget_num_chunks(a->dataset, a->space, &stored), MPP_ERR_DATA, "%s: %s: chunks: %s", path,
         name, mpp_h5_reason());
  MPP_REQUIRE(stored == expected || has_fill(a->dataset), MPP_ERR_DATA,
              "%s: %s: %llu chunks are stored, expected %llu (was writing it interrupted?)", path,
              name, (unsigned long long)stored, (unsigned long long)expected);
done:
  return st;
}

/* The bytes that the shape asks for are in the file. */
static mpp_status check_storage(const array *a, hid_t file, const char *path, const char *name)
{
  mpp_status st = MPP_OK;
  size_t bytes = H5Tget_size(a->type);
  hsize_t file_size = 0;
  bool fits = true;
  for (int i = 0; i < a->rank; i++) { fits = fits && mpp_mul(&bytes, bytes, (size_t)a->shape[i]); }
  MPP_REQUIRE(fits && bytes <= PTRDIFF_MAX, MPP_ERR_DATA, "%s: %s: its size overflows", path, name);
  MPP_H5(H5Fget_filesize(file, &file_size), MPP_ERR_DATA, "%s: %s", path, mpp_h5_reason());
  switch (H5Pget_layout(a->creation)) {
  case H5D_COMPACT:
    break; /* inside the object's header: 64 KiB at most */
  case H5D_CONTIGUOUS:;
    const haddr_t offset = H5Dget_offset(a->dataset);
    MPP_REQUIRE(bytes == 0 || offset != HADDR_UNDEF || has_fill(a->dataset), MPP_ERR_DATA,
                "%s: %s: was declared and never written", path, name);
    MPP_REQUIRE(
        bytes == 0 || offset == HADDR_UNDEF || (offset <= file_size && bytes <= file_size - offset),
        MPP_ERR_DATA, "%s: %s: needs %zu bytes, and the file ends before", path, name, bytes);
    break;
  case H5D_CHUNKED:
    MPP_TRY(check_chunks(a, path, name, bytes, file_size));
    break;
  default:
    MPP_REQUIRE(false, MPP_ERR_DATA, "%s: %s: unknown storage layout", path, name);
  }
done:
  return st;
}

/* Frame windows are read with one call each, and a chunk may hold several frames: room for a
 * window's chunks keeps each of them from being decoded twice. */
static hid_t dataset_access(void)
{
  const hid_t access = H5Pcreate(H5P_DATASET_ACCESS);
  if (access >= 0 && (H5Pset_chunk_cache(access, 12421, (size_t)64 << 20, 1.0) < 0 ||
                      mpp_h5_forbid_external_links(access) < 0)) {
    H5Pclose(access);
    return H5I_INVALID_HID;
  }
  return access;
}

static mpp_status array_open(array *out, hid_t file, const char *path, const char *name)
{
  mpp_status st = MPP_OK;
  array a = {-1, -1, -1, -1, 0, {0}};
  hid_t access = H5I_INVALID_HID;
  MPP_REQUIRE(mpp_h5_has(file, name), MPP_ERR_DATA, "%s: dataset '%s' is missing", path, name);
  MPP_H5(access = dataset_access(), MPP_ERR_NOMEM, "%s: %s: %s", path, name, mpp_h5_reason());
  MPP_H5(a.dataset = H5Dopen2(file, name, access), MPP_ERR_DATA, "%s: '%s' is no dataset: %s", path,
         name, mpp_h5_reason());
  MPP_H5(a.creation = H5Dget_create_plist(a.dataset), MPP_ERR_DATA, "%s: %s: %s", path, name,
         mpp_h5_reason());
  const H5D_layout_t layout = H5Pget_layout(a.creation);
  MPP_REQUIRE(layout != H5D_VIRTUAL && H5Pget_external_count(a.creation) == 0, MPP_ERR_DATA,
              "%s: %s: its data lie in other files, which is not supported", path, name);
  MPP_H5(a.type = H5Dget_type(a.dataset), MPP_ERR_DATA, "%s: %s: type: %s", path, name,
         mpp_h5_reason());
  const H5T_class_t class = H5Tget_class(a.type);
  const bool is_bool = class == H5T_ENUM && H5Tget_size(a.type) == 1;
  MPP_REQUIRE(class == H5T_FLOAT || class == H5T_INTEGER || is_bool, MPP_ERR_DATA,
              "%s: %s: is no array of numbers", path, name);
  MPP_H5(a.space = H5Dget_space(a.dataset), MPP_ERR_DATA, "%s: %s: shape: %s", path, name,
         mpp_h5_reason());
  MPP_REQUIRE(H5Sget_simple_extent_type(a.space) != H5S_NULL, MPP_ERR_DATA, "%s: %s: has no shape",
              path, name);
  a.rank = H5Sget_simple_extent_ndims(a.space);
  MPP_REQUIRE(a.rank >= 0 && a.rank <= MPP_H5_MAX_RANK, MPP_ERR_DATA,
              "%s: %s: has %d axes, expected at most %d", path, name, a.rank, MPP_H5_MAX_RANK);
  MPP_H5(H5Sget_simple_extent_dims(a.space, a.shape, NULL), MPP_ERR_DATA, "%s: %s: shape: %s", path,
         name, mpp_h5_reason());
  if (layout == H5D_CHUNKED) {
    MPP_TRY(check_lzf(&a, path, name));
  }
  *out = a;
  a = (array){-1, -1, -1, -1, 0, {0}};
done:
  array_close(&a);
  mpp_h5_release(access);
  return st;
}

mpp_status mpp_h5_shape(size_t shape[MPP_H5_MAX_RANK], int *rank, hid_t file, const char *path,
                        const char *name)
{
  mpp_status st = MPP_OK;
  array a = {-1, -1, -1, -1, 0, {0}};
  mpp_h5_lock();
  MPP_TRY(array_open(&a, file, path, name));
  MPP_TRY(check_storage(&a, file, path, name));
  for (int i = 0; i < a.rank; i++) { shape[i] = (size_t)a.shape[i]; }
  *rank = a.rank;
done:
  array_close(&a);
  mpp_h5_unlock();
  return st;
}

/* Selects every stride-th entry of a box. */
static mpp_status select_box(bool *empty, hsize_t extent[MPP_H5_MAX_RANK], const array *a,
                             const char *path, const char *name, const size_t *start,
                             const size_t *stride, const size_t *count)
{
  mpp_status st = MPP_OK;
  hsize_t from[MPP_H5_MAX_RANK] = {0}, step[MPP_H5_MAX_RANK] = {0};
  *empty = false;
  for (int i = 0; i < a->rank; i++) {
    from[i] = start[i];
    extent[i] = count[i];
    step[i] = stride != NULL ? stride[i] : 1;
    *empty = *empty || count[i] == 0;
    const hsize_t span = count[i] > 0 ? (extent[i] - 1) * step[i] + 1 : 0;
    MPP_REQUIRE(from[i] <= a->shape[i] && span <= a->shape[i] - from[i], MPP_ERR_DATA,
                "%s: %s: axis %d has %llu entries, expected at least %llu", path, name, i,
                (unsigned long long)a->shape[i], (unsigned long long)(from[i] + span));
  }
  if (!*empty && a->rank > 0) {
    MPP_H5(H5Sselect_hyperslab(a->space, H5S_SELECT_SET, from, step, extent, NULL), MPP_ERR_NOMEM,
           "%s: %s: %s", path, name, mpp_h5_reason());
  }
done:
  return st;
}

/* What HDF5 says of a filter that it does not have helps nobody. */
static mpp_status cannot_decode(const array *a, const char *path, const char *name)
{
  char reason[256];
  snprintf(reason, sizeof reason, "%s", mpp_h5_reason());
  for (unsigned i = 0; i < (unsigned)H5Pget_nfilters(a->creation) && i < H5Z_MAX_NFILTERS; i++) {
    unsigned flags = 0, config = 0;
    char filter[64] = "";
    size_t nvalues = 0;
    const H5Z_filter_t id =
        H5Pget_filter2(a->creation, i, &flags, &nvalues, NULL, sizeof filter, filter, &config);
    if (id >= 0 && H5Zfilter_avail(id) <= 0) {
      return mpp_fail(
          MPP_ERR_DATA,
          "%s: %s: is packed by HDF5 filter %d %.60s, which is not built in; filters of "
          "HDF5_PLUGIN_PATH are loaded with --trust-input alone",
          path, name, (int)id, filter);
    }
  }
  return mpp_fail(MPP_ERR_DATA, "%s: %s: cannot be decoded: %s", path, name, reason);
}

/* HDF5 converts no enumerations (h5py's bool): read bytes, and convert them here. */
static mpp_status read_bools(void *out, hid_t type, const array *a, hid_t memory, const char *path,
                             const char *name)
{
  mpp_status st = MPP_OK;
  signed char *flag = NULL;
  const size_t n = (size_t)H5Sget_simple_extent_npoints(memory);
  const bool wide = H5Tequal(type, H5T_NATIVE_DOUBLE) > 0;
  MPP_TRY(MPP_ALLOC(&flag, n));
  if ((mpp_fault() ? -1 : H5Dread(a->dataset, a->type, memory, a->space, H5P_DEFAULT, flag)) < 0) {
    st = cannot_decode(a, path, name);
    goto done;
  }
  for (size_t i = 0; i < n; i++) {
    if (wide) {
      ((double *)out)[i] = flag[i];
    } else {
      ((float *)out)[i] = flag[i];
    }
  }
done:
  mpp_free(flag);
  return st;
}

mpp_status mpp_h5_read_box(void *out, hid_t type, hid_t file, const char *path, const char *name,
                           const size_t *start, const size_t *stride, const size_t *count)
{
  mpp_status st = MPP_OK;
  array a = {-1, -1, -1, -1, 0, {0}};
  hid_t memory = H5I_INVALID_HID;
  hsize_t extent[MPP_H5_MAX_RANK] = {0};
  bool empty = false;
  mpp_h5_lock();
  MPP_TRY(array_open(&a, file, path, name));
  MPP_TRY(select_box(&empty, extent, &a, path, name, start, stride, count));
  if (empty) {
    goto done;
  }
  MPP_H5(memory = H5Screate_simple(a.rank, extent, NULL), MPP_ERR_NOMEM, "%s: %s: %s", path, name,
         mpp_h5_reason());
  if (H5Tget_class(a.type) == H5T_ENUM) {
    MPP_TRY(read_bools(out, type, &a, memory, path, name));
  } else if ((mpp_fault() ? -1 : H5Dread(a.dataset, type, memory, a.space, H5P_DEFAULT, out)) < 0) {
    st = cannot_decode(&a, path, name);
  }
done:
  mpp_h5_release(memory);
  array_close(&a);
  mpp_h5_unlock();
  return st;
}

mpp_status mpp_h5_read_f32(float *out, hid_t file, const char *path, const char *name,
                           const size_t *start, const size_t *count)
{
  return mpp_h5_read_box(out, H5T_NATIVE_FLOAT, file, path, name, start, NULL, count);
}

mpp_status mpp_h5_read_f64(double *out, hid_t file, const char *path, const char *name,
                           const size_t *start, const size_t *count)
{
  return mpp_h5_read_box(out, H5T_NATIVE_DOUBLE, file, path, name, start, NULL, count);
}
