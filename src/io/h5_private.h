/* h5_private.h - shared by the files that read by HDF5; not for others. */
#ifndef MPP_H5_PRIVATE_H
#define MPP_H5_PRIVATE_H

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>

#include "h5.h"

/* An open dataset and what it declares. */
typedef struct mpp_h5_array {
  const char *path, *name; /* borrowed */
  hid_t dataset, type, space, creation;
  H5D_layout_t layout;
  int rank;
  hsize_t shape[MPP_H5_MAX_RANK];
} mpp_h5_array;

/* Every stride-th entry of an array, inside its shape, none of the counts 0. */
typedef struct mpp_h5_box {
  size_t start[MPP_H5_MAX_RANK], stride[MPP_H5_MAX_RANK], count[MPP_H5_MAX_RANK];
} mpp_h5_box;

/* Selects a box in the space of its array. MPP_ERR_NOMEM. */
MPP_MUST_CHECK mpp_status mpp_h5_select(const mpp_h5_array *a, const mpp_h5_box *box);

/* Reads a box of a chunked array as `type`, into which HDF5 converts; with out NULL, only finds
 * whether its chunks unpack to their size. *known: false where the chunks are not ours to unpack,
 * and nothing was read. */
MPP_MUST_CHECK mpp_status mpp_h5_read_chunks(void *out, bool *known, hid_t type,
                                             const mpp_h5_array *a, const mpp_h5_box *box);

/* Whether HDF5 may run other filters than ours: inputs are trusted. */
bool mpp_h5_plugins(void);

/* The open file of that name, which netCDF may have opened; borrowed, -1 if there is none. */
hid_t mpp_h5_find(const char *path);

/* Closes a type, space, attribute, object or list of properties; takes -1. */
void mpp_h5_release(hid_t id);

/* Access properties that follow no link to another file. */
extern hid_t mpp_h5_links;
herr_t mpp_h5_forbid_external_links(hid_t access);

/* What HDF5 said about its last failing call; borrowed until the next call. For argument lists of
 * mpp_fail right after that call. */
const char *mpp_h5_reason(void);

/* A new attribute of `count` values, or of one without an axis. */
enum { MPP_H5_SCALAR = -1 };
MPP_MUST_CHECK mpp_status mpp_h5_put_attribute(hid_t object, const char *path, const char *key,
                                               hid_t file_type, hid_t memory_type,
                                               const void *value, long long count);

#endif
