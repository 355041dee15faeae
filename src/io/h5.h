/* h5.h - the only error path to HDF5. All HDF5 work happens between mpp_h5_lock and mpp_h5_unlock:
 * the library may be built without thread safety, and datasets are read from an I/O thread. The
 * lock is recursive. */
#ifndef MPP_H5_H
#define MPP_H5_H

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>

#include "alloc.h"
#include "check.h"

void mpp_h5_lock(void);
void mpp_h5_unlock(void);

/* As MPP_TRY for HDF5 calls that return a negative value on failure. */
#define MPP_H5(call, code, ...)                      \
  do {                                               \
    const hid_t result_ = mpp_fault() ? -1 : (call); \
    if (result_ < 0) {                               \
      st = mpp_fail((code), __VA_ARGS__);            \
      goto done;                                     \
    }                                                \
  } while (0)

enum { MPP_H5_MAX_RANK = 8 };

/* Once per process before any other call: silences HDF5's own error printing, keeps it from
 * crashing at exit after a failed write (H5dont_atexit). Idempotent. */
MPP_MUST_CHECK mpp_status mpp_h5_init(void);

/* Whether HDF5 may load filters from HDF5_PLUGIN_PATH or its default folder; not at first. */
void mpp_h5_allow_plugins(bool allow);

/* Opens for reading, without file locks. MPP_ERR_NOINPUT or MPP_ERR_DATA (no HDF5, truncated). */
MPP_MUST_CHECK mpp_status mpp_h5_open(hid_t *out, const char *path);
void mpp_h5_close(hid_t file); /* takes -1 */

/* Bounds what HDF5 keeps of the indices of the open file `path`, which netCDF may have opened:
 * without it up to 32 MiB of a file that grows. Data written are the same. */
void mpp_h5_bound_cache(const char *path, size_t bytes);

/* Shape of a dataset. MPP_ERR_DATA names file and dataset if it is missing, or no array of numbers
 * with at most MPP_H5_MAX_RANK axes. External storage and virtual datasets are refused. */
MPP_MUST_CHECK mpp_status mpp_h5_shape(size_t shape[MPP_H5_MAX_RANK], int *rank, hid_t file,
                                       const char *path, const char *name);

/* MPP_ERR_DATA names the first link that who follows all of them, as netCDF-C does, must not: to
 * another file, or to a group that has been seen; or that groups are nested without end. */
MPP_MUST_CHECK mpp_status mpp_h5_check_links(hid_t file, const char *path);

bool mpp_h5_has(hid_t file, const char *name); /* object at that path exists */

/* A question that HDF5 cannot answer for want of memory, or because the disk cannot be read, counts
 * as answered with no, and an attribute that it cannot read so is passed over: mpp_h5_yes, after
 * `errno = 0`, keeps that in mind of a negative answer. mpp_h5_doubts fails once if there was one
 * since this thread opened a file: what was made of the answers may be wrong. MPP_ERR_NOMEM,
 * MPP_ERR_IO. */
bool mpp_h5_yes(int answer);
MPP_MUST_CHECK mpp_status mpp_h5_doubts(const char *path);

/* Reads the box start/count of a dataset of any numeric type as float or double. */
MPP_MUST_CHECK mpp_status mpp_h5_read_f32(float *out, hid_t file, const char *path,
                                          const char *name, const size_t *start,
                                          const size_t *count);
MPP_MUST_CHECK mpp_status mpp_h5_read_f64(double *out, hid_t file, const char *path,
                                          const char *name, const size_t *start,
                                          const size_t *count);

/* The same into `type` (native float or double), every stride-th entry (NULL: each); h5py's bools
 * are read as 0 and 1. Chunks are unpacked here (h5_filter.h), or by HDF5 where inputs are trusted
 * and other filters packed them. */
MPP_MUST_CHECK mpp_status mpp_h5_read_box(void *out, hid_t type, hid_t file, const char *path,
                                          const char *name, const size_t *start,
                                          const size_t *stride, const size_t *count);

/* MPP_ERR_DATA if a chunk of the box start/count (NULL: of any) does not unpack to what its shape
 * asks for. Entries past the shape are none; nor is there a box in a dataset of another rank. */
MPP_MUST_CHECK mpp_status mpp_h5_check_box(hid_t file, const char *path, const char *name, int rank,
                                           const size_t *start, const size_t *count);

/* Attributes of the object at `name` ("/" for the root): number, text (fixed or variable
 * length). */
bool mpp_h5_has_attribute(hid_t file, const char *name, const char *attribute);
MPP_MUST_CHECK mpp_status mpp_h5_attribute_f64(double *out, hid_t file, const char *path,
                                               const char *name, const char *attribute);
MPP_MUST_CHECK mpp_status mpp_h5_attribute_text(char **out, hid_t file, const char *path,
                                                const char *name, const char *attribute);
MPP_MUST_CHECK mpp_status mpp_h5_write_attribute_f64(hid_t object, const char *path,
                                                     const char *attribute, double value);
MPP_MUST_CHECK mpp_status mpp_h5_write_attribute_text(hid_t object, const char *path,
                                                      const char *attribute, const char *text);

/* As h5py writes them: an integer, a bool, a list of bools, a list of texts (of none: no
 * numbers). */
MPP_MUST_CHECK mpp_status mpp_h5_write_attribute_i64(hid_t object, const char *path,
                                                     const char *attribute, long long value);
MPP_MUST_CHECK mpp_status mpp_h5_write_attribute_bool(hid_t object, const char *path,
                                                      const char *attribute, bool value);
MPP_MUST_CHECK mpp_status mpp_h5_write_attribute_bools(hid_t object, const char *path,
                                                       const char *attribute, const bool *value,
                                                       size_t count);
MPP_MUST_CHECK mpp_status mpp_h5_write_attribute_texts(hid_t object, const char *path,
                                                       const char *attribute,
                                                       const char *const *text, size_t count);
/* h5py's bool: FALSE and TRUE over int8. The caller closes *out. MPP_ERR_NOMEM. */
MPP_MUST_CHECK mpp_status mpp_h5_bool_type(hid_t *out, const char *path);

/* Members of a group by name: count, then the i-th name. */
MPP_MUST_CHECK mpp_status mpp_h5_members(char ***names, size_t *count, hid_t file, const char *path,
                                         const char *group);
void mpp_h5_members_free(char **names, size_t count);

#endif
