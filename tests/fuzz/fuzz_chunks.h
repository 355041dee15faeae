/* fuzz_chunks.h - chunks of HDF5 datasets whose bytes, lengths and masks of filters are chosen. */
#ifndef MPP_FUZZ_CHUNKS_H
#define MPP_FUZZ_CHUNKS_H

#include <hdf5.h>
#include <string.h>

#include "fuzz.h"
#include "h5_filter.h"

/* Some filters, in some order. */
static inline void fuzz_put_filters(hid_t creation, fuzz_bytes *b)
{
  for (unsigned i = fuzz_below(b, 4); i > 0; i--) {
    switch (fuzz_below(b, 4)) {
    case 0:
      H5Pset_shuffle(creation);
      break;
    case 1:
      H5Pset_fletcher32(creation);
      break;
    default:
      H5Pset_deflate(creation, 1);
    }
  }
}

/* A chunk of any bytes; of those that follow in `b`, as a zlib stream (a stored block, RFC 1950 and
 * 1951), with a checksum behind, or both. Returns its length, at most n + 15. */
static inline size_t fuzz_chunk(unsigned char *out, size_t n, unsigned kind, fuzz_bytes *b)
{
  unsigned char *to = out;
  uint32_t low = 1, high = 0;
  const unsigned char header[] = {
      0x78, 1, 1, n & 0xff, (n >> 8) & 0xff, ~n & 0xff, (~n >> 8) & 0xff};
  if ((kind & 1u) != 0) {
    memcpy(to, header, sizeof header);
    to += sizeof header;
  }
  for (size_t i = 0; i < n; i++) {
    *to = (unsigned char)fuzz_take(b);
    low = (low + *to++) % 65521;
    high = (high + low) % 65521;
  }
  for (unsigned i = 0; i < 4 && (kind & 1u) != 0; i++) {
    *to++ = (unsigned char)((high << 16 | low) >> (24 - 8 * i));
  }
  if ((kind & 2u) != 0) {
    const uint32_t sum = mpp_fletcher32(out, (size_t)(to - out));
    for (unsigned i = 0; i < 4; i++) { *to++ = (unsigned char)(sum >> (8 * i)); }
  }
  return (size_t)(to - out);
}

/* Puts such in the place of a few chunks of a dataset that has filters. */
static inline void fuzz_put_chunks(hid_t dataset, fuzz_bytes *b)
{
  unsigned char bytes[256 + 15];
  hsize_t chunk[8] = {0}, shape[8] = {0}, origin[8] = {0};
  const hid_t creation = H5Dget_create_plist(dataset), space = H5Dget_space(dataset);
  const int rank = H5Sget_simple_extent_ndims(space);
  if (rank > 0 && rank <= 8 && H5Dget_storage_size(dataset) > 0 &&
      H5Pget_layout(creation) == H5D_CHUNKED && H5Pget_nfilters(creation) > 0 &&
      H5Pget_chunk(creation, rank, chunk) == rank &&
      H5Sget_simple_extent_dims(space, shape, NULL) == rank) {
    for (unsigned i = fuzz_below(b, 4); i > 0; i--) {
      for (int k = 0; k < rank; k++) {
        origin[k] = shape[k] > chunk[k] ? chunk[k] * fuzz_below(b, 2) : 0;
      }
      const unsigned mask = fuzz_take(b) % 8, kind = fuzz_below(b, 4);
      const size_t n = fuzz_chunk(bytes, 1 + fuzz_below(b, 255), kind, b);
      H5Dwrite_chunk(dataset, H5P_DEFAULT, mask < 4 ? mask : 0, origin, n, bytes);
    }
  }
  H5Sclose(space);
  H5Pclose(creation);
}

#endif
