/* short_chunks.h - chunks of HDF5 datasets that are shorter than their shape asks for. */
#ifndef MPP_TEST_SHORT_CHUNKS_H
#define MPP_TEST_SHORT_CHUNKS_H

#include <hdf5.h>

#include "test.h"

/* zlib streams of 120 zeros and of 240. */
static const unsigned char zeros_120[] = {0x78, 0x9c, 0x63, 0x60, 0x18, 0x18, 0, 0, 0, 0x78, 0, 1},
                           zeros_240[] = {0x78, 0x9c, 0x63, 0x60, 0x18, 0x59, 0, 0, 0, 0xf0, 0, 1};

/* Puts `bytes` bytes in the place of the first chunk, packed by the filters that `mask` leaves. */
static inline void put_first_chunk(hid_t file, const char *name, uint32_t mask, const void *from,
                                   size_t bytes)
{
  const hsize_t origin[8] = {0};
  const hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT);
  CU_ASSERT_FATAL(H5Dwrite_chunk(dataset, H5P_DEFAULT, mask, origin, bytes, from) >= 0);
  H5Dclose(dataset);
}

/* Makes the indices of datasets of `rank` axes without filters, which say that chunks have `bytes`
 * bytes, say 8; returns for how many chunks. B-trees of version 1 (HDF5 File Format Specification
 * III.A.1): 24 bytes, then keys of chunks, each before the address of one. */
static inline size_t shorten_bare_chunks(const char *path, size_t rank, uint32_t bytes)
{
  static unsigned char data[1 << 16];
  static const unsigned char tree[] = {'T', 'R', 'E', 'E', 1, 0};
  const size_t step = 8 + 8 * (rank + 1) + 8;
  FILE *f = fopen(path, "r+b");
  size_t found = 0;
  CU_ASSERT_FATAL(f != NULL);
  const size_t size = fread(data, 1, sizeof data, f);
  CU_ASSERT_FATAL(size > 24 && size < sizeof data);
  for (size_t i = 0; i + 24 <= size; i++) {
    const size_t used = memcmp(data + i, tree, sizeof tree) == 0 ? data[i + 6] : 0;
    for (size_t k = 0; k < used && i + 24 + (k + 1) * step <= size; k++) {
      unsigned char *key = data + i + 24 + k * step;
      const uint32_t length = (uint32_t)key[0] | (uint32_t)key[1] << 8;
      if (length == bytes) {
        key[0] = 8;
        key[1] = 0;
        found++;
      }
    }
  }
  rewind(f);
  CU_ASSERT_FATAL(fwrite(data, 1, size, f) == size && fclose(f) == 0);
  return found;
}

#endif
