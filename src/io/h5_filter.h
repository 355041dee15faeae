/* h5_filter.h - what HDF5's filters made of a chunk, undone without HDF5, which believes that a
 * chunk unpacks to as many bytes as its shape asks for: 1.10 reads past the end of one that does
 * not. */
#ifndef MPP_H5_FILTER_H
#define MPP_H5_FILTER_H

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mpp/status.h"

/* The filters of a dataset, in the order in which they packed its chunks: shuffle, deflate,
 * fletcher32 (HDF5 File Format Specification IV.A.2.l) and h5py's LZF. */
typedef struct mpp_unpacker {
  const char *path, *name; /* of file and dataset, for messages; borrowed */
  size_t chunk_bytes;      /* of a chunk that is unpacked */
  size_t count;
  H5Z_filter_t filter[H5Z_MAX_NFILTERS];
  unsigned value_bytes[H5Z_MAX_NFILTERS]; /* of shuffle */
  unsigned char *buffer[2];               /* [room], owned */
  size_t room;
  struct libdeflate_decompressor *inflate; /* made for the first chunk; owned */
} mpp_unpacker;

bool mpp_unpacks(H5Z_filter_t filter); /* one of those four */

/* Reads the filters from properties of creation. *known: there are none but those four; otherwise
 * *u stays as it is. MPP_ERR_DATA, MPP_ERR_NOMEM. */
MPP_MUST_CHECK mpp_status mpp_unpacker_open(mpp_unpacker *u, bool *known, hid_t creation,
                                            size_t chunk_bytes, const char *path, const char *name);
void mpp_unpacker_close(mpp_unpacker *u); /* takes one of zeros */

/* *packed: where `bytes` bytes of a packed chunk are to be put, until the next call. MPP_ERR_DATA
 * where no chunk is packed into so few or so many; MPP_ERR_NOMEM. */
MPP_MUST_CHECK mpp_status mpp_unpacker_room(unsigned char **packed, mpp_unpacker *u, size_t bytes);

/* Unpacks what was put there; the bits of `mask` say which filters were left out. *out
 * [chunk_bytes] is borrowed until the next call. MPP_ERR_DATA where it is damaged, or not so long.
 */
MPP_MUST_CHECK mpp_status mpp_unpack(const unsigned char **out, mpp_unpacker *u, size_t bytes,
                                     uint32_t mask);

/* Can it be told by their number alone that `bytes` bytes unpack to no less than a chunk, whichever
 * filters were left out? */
bool mpp_unpacks_whole(const mpp_unpacker *u, size_t bytes);

/* Fletcher's checksum as HDF5 takes it: of big-endian 16-bit words, a last odd byte being the upper
 * half of one. */
uint32_t mpp_fletcher32(const unsigned char *x, size_t n);

/* LZF (Marc Lehmann's format): output length, 0 if the input is damaged or does not fit. */
size_t mpp_lzf_decode(unsigned char *out, size_t out_size, const unsigned char *in, size_t in_size);

#endif
