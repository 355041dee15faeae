/* h5_private.h - shared by the h5 files and lzf.c; not for others. */
#ifndef MPP_H5_PRIVATE_H
#define MPP_H5_PRIVATE_H

#include <hdf5.h>

/* h5py's LZF filter; cd_values = {filter revision, LZF version, bytes of a chunk}. */
enum { MPP_LZF_FILTER = 32000, MPP_LZF_VALUES = 3 };
extern const H5Z_class2_t mpp_lzf_class;

/* Access properties that follow no link to another file. */
extern hid_t mpp_h5_links;
herr_t mpp_h5_forbid_external_links(hid_t access);

/* What HDF5 said about its last failing call; borrowed until the next call. For argument lists of
 * mpp_fail right after that call. */
const char *mpp_h5_reason(void);

#endif
