/* h5_private.h - shared by the h5 files and lzf.c; not for others. */
#ifndef MPP_H5_PRIVATE_H
#define MPP_H5_PRIVATE_H

#include <hdf5.h>

#include "mpp/status.h"

/* h5py's LZF filter; cd_values = {filter revision, LZF version, bytes of a chunk}. */
enum { MPP_LZF_FILTER = 32000, MPP_LZF_VALUES = 3 };
extern const H5Z_class2_t mpp_lzf_class;

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
