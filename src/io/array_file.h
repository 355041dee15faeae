/* array_file.h - arrays of numbers in HDF5, netCDF-4 (read as the HDF5 it is) and classic netCDF
 * files behind one interface: what there is, its axes and attributes, boxes of values.
 * All calls need the lock of HDF5 (h5.h), which stands for netCDF's too. */
#ifndef MPP_ARRAY_FILE_H
#define MPP_ARRAY_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "h5.h"

typedef enum { MPP_ARRAY_REAL, MPP_ARRAY_INTEGER, MPP_ARRAY_BOOL } mpp_array_type;

typedef struct mpp_array {
  char *name; /* path without a leading '/': "t0_fields/density" */
  mpp_array_type type;
  size_t size; /* bytes of a value */
  int rank;
  size_t shape[MPP_H5_MAX_RANK];
  char *dimension[MPP_H5_MAX_RANK]; /* names of the axes as the file has them; NULL: unnamed */
} mpp_array;

typedef struct mpp_array_file {
  const char *path; /* borrowed */
  hid_t h5;         /* owned; -1 for classic netCDF */
  int nc;           /* owned; -1 for HDF5 */
  mpp_array *array; /* of mpp_array_file_list, sorted by name */
  size_t count;
} mpp_array_file;

/* Opens for reading. MPP_ERR_NOINPUT; MPP_ERR_DATA: neither HDF5 nor netCDF, or damaged. */
MPP_MUST_CHECK mpp_status mpp_array_file_open(mpp_array_file *out, const char *path);
void mpp_array_file_close(mpp_array_file *f); /* takes one that is not open */

/* Fills f->array with all arrays of numbers, groups included, at most `limit` of them; texts,
 * compounds and links to other files are passed over. A second call does nothing. */
MPP_MUST_CHECK mpp_status mpp_array_file_list(mpp_array_file *f, size_t limit);

/* The array of that name, or NULL; "u" also finds the only array of that name in any group. */
const mpp_array *mpp_array_find(const mpp_array_file *f, const char *name);

/* Shape of one array, held at what the file stores. MPP_ERR_DATA. */
MPP_MUST_CHECK mpp_status mpp_array_shape(size_t shape[MPP_H5_MAX_RANK], int *rank,
                                          const mpp_array_file *f, const char *name);

/* Reads the box start, start + stride, ... (count entries) of each axis, as it is stored: no scale
 * is applied. stride NULL: 1. */
MPP_MUST_CHECK mpp_status mpp_array_read_f32(float *out, const mpp_array_file *f, const char *name,
                                             const size_t *start, const size_t *stride,
                                             const size_t *count);
MPP_MUST_CHECK mpp_status mpp_array_read_f64(double *out, const mpp_array_file *f, const char *name,
                                             const size_t *start, const size_t *stride,
                                             const size_t *count);

/* Attributes of an array, a group or the file ("/"). An attribute is text or numbers. */
typedef struct mpp_array_attribute {
  const char *name;
  const char *text;    /* NULL: numbers */
  const double *value; /* [count] */
  size_t count;
  bool whole; /* stored as integers */
} mpp_array_attribute;

/* One attribute as text, owned by the caller; NULL where it is missing or no text. */
MPP_MUST_CHECK mpp_status mpp_array_text(char **out, const mpp_array_file *f, const char *object,
                                         const char *name);

/* Up to `most` numbers of an attribute; *count is 0 where it is missing or no number. */
MPP_MUST_CHECK mpp_status mpp_array_numbers(double *out, size_t *count, size_t most,
                                            const mpp_array_file *f, const char *object,
                                            const char *name);

/* Calls `each` for every attribute that is a text or a list of at most 64 numbers, netCDF's and
 * HDF5's own marks left out; what it is given is borrowed until it returns. */
typedef mpp_status (*mpp_array_attribute_observer)(void *context, const mpp_array_attribute *a);
MPP_MUST_CHECK mpp_status mpp_array_attributes(const mpp_array_file *f, const char *object,
                                               mpp_array_attribute_observer each, void *context);

/* A list of texts in one attribute (The Well's field_names), each owned; 0 where it is missing or
 * no text. Free with mpp_h5_members_free. HDF5 only. */
MPP_MUST_CHECK mpp_status mpp_array_texts(char ***out, size_t *count, const mpp_array_file *f,
                                          const char *object, const char *name);

/* ---- the two kinds of files, for array_file.c ---- */

MPP_MUST_CHECK mpp_status mpp_array_list_h5(mpp_array_file *f, size_t limit);
MPP_MUST_CHECK mpp_status mpp_array_list_nc(mpp_array_file *f);
MPP_MUST_CHECK mpp_status mpp_array_open_nc(int *out, const char *path);
void mpp_array_close_nc(int nc);
MPP_MUST_CHECK mpp_status mpp_array_read_nc(void *out, bool wide, const mpp_array_file *f,
                                            const char *name, const size_t *start,
                                            const size_t *stride, const size_t *count);
MPP_MUST_CHECK mpp_status mpp_array_attributes_h5(const mpp_array_file *f, const char *object,
                                                  mpp_array_attribute_observer each, void *context);
MPP_MUST_CHECK mpp_status mpp_array_attributes_nc(const mpp_array_file *f, const char *object,
                                                  mpp_array_attribute_observer each, void *context);

/* Adds a zeroed array to the list. */
MPP_MUST_CHECK mpp_status mpp_array_append(mpp_array **out, mpp_array_file *f, size_t limit);

#endif
