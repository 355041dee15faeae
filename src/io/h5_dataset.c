/* h5_dataset.c - datasets as arrays of numbers. A file is foreign: what it declares is held against
 * its size before anything is allocated, and nothing outside it is ever opened (no external links,
 * external storage or virtual datasets). */
#include <stdio.h>
#include <string.h>

#include "h5_filter.h"
#include "h5_private.h"

static void array_close(mpp_h5_array *a)
{
  const hid_t ids[] = {a->creation, a->space, a->type, a->dataset};
  for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
    if (ids[i] >= 0) {
      H5Idec_ref(ids[i]);
    }
  }
}

/* Where a fill value is declared (netCDF), what was never written reads as that, and is missing. */
static bool has_fill(hid_t dataset) { return H5Aexists(dataset, "_FillValue") > 0; }

/* Chunks that were never written would read as zeros; a declared size that no compression reaches
 * (deflate: 1032) is a lie. */
static mpp_status check_chunks(const mpp_h5_array *a, size_t bytes, hsize_t file_size)
{
  mpp_status st = MPP_OK;
  hsize_t chunk[MPP_H5_MAX_RANK], stored = 0, expected = 1;
  MPP_REQUIRE(a->rank > 0 && H5Pget_chunk(a->creation, a->rank, chunk) == a->rank, MPP_ERR_DATA,
              "%s: %s: chunks do not have the rank of the dataset", a->path, a->name);
  for (int i = 0; i < a->rank; i++) {
    MPP_REQUIRE(chunk[i] > 0, MPP_ERR_DATA, "%s: %s: empty chunks", a->path, a->name);
    expected *= a->shape[i] / chunk[i] + (a->shape[i] % chunk[i] != 0);
  }
  MPP_REQUIRE(bytes / 1100 <= file_size, MPP_ERR_DATA,
              "%s: %s: declares %zu bytes in a file of %llu bytes", a->path, a->name, bytes,
              (unsigned long long)file_size);
  MPP_H5(H5Dget_num_chunks(a->dataset, a->space, &stored), MPP_ERR_DATA, "%s: %s: chunks: %s",
         a->path, a->name, mpp_h5_reason());
  MPP_REQUIRE(stored == expected || has_fill(a->dataset), MPP_ERR_DATA,
              "%s: %s: %llu chunks are stored, expected %llu (was writing it interrupted?)",
              a->path, a->name, (unsigned long long)stored, (unsigned long long)expected);
done:
  return st;
}

/* The bytes that the shape asks for are in the file. */
static mpp_status check_storage(const mpp_h5_array *a, hid_t file)
{
  mpp_status st = MPP_OK;
  size_t bytes = H5Tget_size(a->type);
  hsize_t file_size = 0;
  bool fits = true;
  for (int i = 0; i < a->rank; i++) { fits = fits && mpp_mul(&bytes, bytes, (size_t)a->shape[i]); }
  MPP_REQUIRE(fits && bytes <= PTRDIFF_MAX, MPP_ERR_DATA, "%s: %s: its size overflows", a->path,
              a->name);
  MPP_H5(H5Fget_filesize(file, &file_size), MPP_ERR_DATA, "%s: %s", a->path, mpp_h5_reason());
  switch (a->layout) {
  case H5D_COMPACT:
    break; /* inside the object's header: 64 KiB at most */
  case H5D_CONTIGUOUS:;
    const haddr_t offset = H5Dget_offset(a->dataset);
    MPP_REQUIRE(bytes == 0 || offset != HADDR_UNDEF || has_fill(a->dataset), MPP_ERR_DATA,
                "%s: %s: was declared and never written", a->path, a->name);
    MPP_REQUIRE(
        bytes == 0 || offset == HADDR_UNDEF || (offset <= file_size && bytes <= file_size - offset),
        MPP_ERR_DATA, "%s: %s: needs %zu bytes, and the file ends before", a->path, a->name, bytes);
    break;
  case H5D_CHUNKED:
    MPP_TRY(check_chunks(a, bytes, file_size));
    break;
  default:
    MPP_REQUIRE(false, MPP_ERR_DATA, "%s: %s: unknown storage layout", a->path, a->name);
  }
done:
  return st;
}

/* Packed chunks are unpacked by h5_chunks.c. Of bare ones HDF5 keeps none: it would believe an
 * index that gives them fewer bytes than they have. Where inputs are trusted it may have to run
 * filters, and a chunk may hold several frames: room for the chunks of a window of them keeps each
 * from being decoded twice. */
static hid_t open_dataset(hid_t file, const char *name)
{
  hid_t dataset = H5I_INVALID_HID;
  const hid_t access = H5Pcreate(H5P_DATASET_ACCESS);
  const size_t room = mpp_h5_plugins() ? (size_t)64 << 20 : 0;
  if (access >= 0 && H5Pset_chunk_cache(access, 12421, room, 1.0) >= 0 &&
      mpp_h5_forbid_external_links(access) >= 0) {
    dataset = H5Dopen2(file, name, access);
  }
  mpp_h5_release(access);
  return dataset;
}

static const mpp_h5_array none = {
    .dataset = -1, .type = -1, .space = -1, .creation = -1, .layout = H5D_LAYOUT_ERROR};

static mpp_status array_open(mpp_h5_array *out, hid_t file, const char *path, const char *name)
{
  mpp_status st = MPP_OK;
  mpp_h5_array a = none;
  a.path = path;
  a.name = name;
  MPP_REQUIRE(mpp_h5_has(file, name), MPP_ERR_DATA, "%s: dataset '%s' is missing", path, name);
  MPP_H5(a.dataset = open_dataset(file, name), MPP_ERR_DATA, "%s: '%s' is no dataset: %s", path,
         name, mpp_h5_reason());
  MPP_H5(a.creation = H5Dget_create_plist(a.dataset), MPP_ERR_DATA, "%s: %s: %s", path, name,
         mpp_h5_reason());
  a.layout = H5Pget_layout(a.creation);
  MPP_REQUIRE(a.layout != H5D_VIRTUAL && H5Pget_external_count(a.creation) == 0, MPP_ERR_DATA,
              "%s: %s: its data lie in other files, which is not supported", path, name);
  a.type = H5Dget_type(a.dataset);
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
  MPP_REQUIRE(H5Sget_simple_extent_dims(a.space, a.shape, NULL) >= 0, MPP_ERR_DATA,
              "%s: %s: shape: %s", path, name, mpp_h5_reason());
  *out = a;
  a = none;
done:
  array_close(&a);
  return st;
}

mpp_status mpp_h5_shape(size_t shape[MPP_H5_MAX_RANK], int *rank, hid_t file, const char *path,
                        const char *name)
{
  mpp_status st = MPP_OK;
  mpp_h5_array a = none;
  mpp_h5_lock();
  MPP_TRY(array_open(&a, file, path, name));
  MPP_TRY(check_storage(&a, file));
  for (int i = 0; i < a.rank; i++) { shape[i] = (size_t)a.shape[i]; }
  *rank = a.rank;
done:
  array_close(&a);
  mpp_h5_unlock();
  return st;
}

/* *empty: there is nothing to read. */
static mpp_status make_box(mpp_h5_box *box, bool *empty, const mpp_h5_array *a, const size_t *start,
                           const size_t *stride, const size_t *count)
{
  mpp_status st = MPP_OK;
  *empty = false;
  for (int i = 0; i < a->rank; i++) {
    box->start[i] = start[i];
    box->count[i] = count[i];
    box->stride[i] = stride != NULL ? stride[i] : 1;
    *empty = *empty || count[i] == 0;
    const hsize_t span = count[i] > 0 ? (count[i] - 1) * box->stride[i] + 1 : 0;
    MPP_REQUIRE(start[i] <= a->shape[i] && span <= a->shape[i] - start[i], MPP_ERR_DATA,
                "%s: %s: axis %d has %llu entries, expected at least %llu", a->path, a->name, i,
                (unsigned long long)a->shape[i], (unsigned long long)(start[i] + span));
  }
done:
  return st;
}

mpp_status mpp_h5_select(const mpp_h5_array *a, const mpp_h5_box *box)
{
  mpp_status st = MPP_OK;
  hsize_t start[MPP_H5_MAX_RANK], stride[MPP_H5_MAX_RANK], count[MPP_H5_MAX_RANK];
  for (int i = 0; i < a->rank; i++) {
    start[i] = box->start[i];
    stride[i] = box->stride[i];
    count[i] = box->count[i];
  }
  if (a->rank > 0) {
    MPP_H5(H5Sselect_hyperslab(a->space, H5S_SELECT_SET, start, stride, count, NULL), MPP_ERR_NOMEM,
           "%s: %s: %s", a->path, a->name, mpp_h5_reason());
  }
done:
  return st;
}

/* What HDF5 says of a filter that it does not have, or must not run, helps nobody. */
static mpp_status cannot_decode(const mpp_h5_array *a)
{
  char reason[256];
  snprintf(reason, sizeof reason, "%s", mpp_h5_reason());
  const int count = a->layout == H5D_CHUNKED ? H5Pget_nfilters(a->creation) : 0;
  for (unsigned i = 0; i < (unsigned)count && i < H5Z_MAX_NFILTERS; i++) {
    unsigned flags = 0, config = 0;
    char filter[64] = "";
    size_t nvalues = 0;
    const H5Z_filter_t id =
        H5Pget_filter2(a->creation, i, &flags, &nvalues, NULL, sizeof filter, filter, &config);
    if (id >= 0 && !mpp_unpacks(id) && (!mpp_h5_plugins() || H5Zfilter_avail(id) <= 0)) {
      return mpp_fail(MPP_ERR_DATA, "%s: %s: is packed by HDF5 filter %d %.60s, %s", a->path,
                      a->name, (int)id, filter,
                      mpp_h5_plugins() ? "which is neither built in nor in HDF5_PLUGIN_PATH"
                                       : "which is run with --trust-input alone");
    }
  }
  return mpp_fail(MPP_ERR_DATA, "%s: %s: cannot be decoded: %s", a->path, a->name, reason);
}

static mpp_status read_by_hdf5(void *out, hid_t type, const mpp_h5_array *a, const mpp_h5_box *box)
{
  mpp_status st = MPP_OK;
  hid_t memory = H5I_INVALID_HID;
  hsize_t extent[MPP_H5_MAX_RANK] = {0};
  for (int i = 0; i < a->rank; i++) { extent[i] = box->count[i]; }
  MPP_TRY(mpp_h5_select(a, box));
  MPP_H5(memory = H5Screate_simple(a->rank, extent, NULL), MPP_ERR_NOMEM, "%s: %s: %s", a->path,
         a->name, mpp_h5_reason());
  if ((mpp_fault() ? -1 : H5Dread(a->dataset, type, memory, a->space, H5P_DEFAULT, out)) < 0) {
    st = cannot_decode(a);
  }
done:
  mpp_h5_release(memory);
  return st;
}

static mpp_status read_box(void *out, hid_t type, const mpp_h5_array *a, const mpp_h5_box *box)
{
  mpp_status st = MPP_OK;
  bool done = false;
  if (a->layout == H5D_CHUNKED) {
    MPP_TRY(mpp_h5_read_chunks(out, &done, type, a, box));
    if (!done && !mpp_h5_plugins()) {
      return cannot_decode(a);
    }
  }
  if (!done) {
    MPP_TRY(read_by_hdf5(out, type, a, box));
  }
done:
  return st;
}

/* HDF5 converts no enumerations (h5py's bool): read bytes, and convert them here. */
static mpp_status read_bools(void *out, hid_t type, const mpp_h5_array *a, const mpp_h5_box *box)
{
  mpp_status st = MPP_OK;
  signed char *flag = NULL;
  size_t n = 0;
  const bool wide = H5Tequal(type, H5T_NATIVE_DOUBLE) > 0;
  MPP_REQUIRE(mpp_product(&n, box->count, (size_t)a->rank), MPP_ERR_NOMEM, "%s: %s: too large",
              a->path, a->name);
  MPP_TRY(MPP_ALLOC(&flag, n));
  MPP_TRY(read_box(flag, a->type, a, box));
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
  mpp_h5_array a = none;
  mpp_h5_box box = {0};
  bool empty = false;
  mpp_h5_lock();
  MPP_TRY(array_open(&a, file, path, name));
  MPP_TRY(make_box(&box, &empty, &a, start, stride, count));
  if (!empty) {
    const bool bools = H5Tget_class(a.type) == H5T_ENUM;
    MPP_TRY(bools ? read_bools(out, type, &a, &box) : read_box(out, type, &a, &box));
  }
done:
  array_close(&a);
  mpp_h5_unlock();
  return st;
}

mpp_status mpp_h5_check_box(hid_t file, const char *path, const char *name, int rank,
                            const size_t *start, const size_t *count)
{
  mpp_status st = MPP_OK;
  mpp_h5_array a = none;
  mpp_h5_box box = {0};
  size_t first[MPP_H5_MAX_RANK] = {0}, inside[MPP_H5_MAX_RANK] = {0};
  bool empty = false, known = true;
  mpp_h5_lock();
  MPP_TRY(array_open(&a, file, path, name));
  for (int i = 0; i < a.rank && a.rank == rank; i++) {
    first[i] = start != NULL ? start[i] : 0;
    const hsize_t left = first[i] < a.shape[i] ? a.shape[i] - first[i] : 0;
    inside[i] = count != NULL && count[i] < left ? count[i] : (size_t)left;
    empty = empty || inside[i] == 0;
  }
  if (a.rank == rank && !empty && a.layout == H5D_CHUNKED) {
    MPP_TRY(make_box(&box, &empty, &a, first, NULL, inside));
    MPP_TRY(mpp_h5_read_chunks(NULL, &known, a.type, &a, &box));
    st = known || mpp_h5_plugins() ? MPP_OK : cannot_decode(&a);
  }
done:
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
