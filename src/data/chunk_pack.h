/* chunk_pack.h - a chunk of float32 in the form in which HDF5 keeps it after its filters shuffle,
 * deflate and fletcher32, made without HDF5, whose filters work on one chunk at a time. */
#ifndef MPP_CHUNK_PACK_H
#define MPP_CHUNK_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mpp/status.h"

/* Values [nrows, ncells, nchannels], in the order of the file, that stand in memory at
 * x[row * row_step + channel * channel_step + cell]. */
typedef struct mpp_box {
  const float *x; /* borrowed */
  size_t nrows, ncells, nchannels;
  size_t row_step, channel_step;
} mpp_box;

/* What packing needs beside its result; for one thread at a time. */
typedef struct mpp_packer {
  struct libdeflate_compressor *compressor; /* owned */
  unsigned char *shuffled;                  /* owned */
} mpp_packer;

/* For chunks of up to `values` values. */
MPP_MUST_CHECK mpp_status mpp_packer_open(mpp_packer *p, size_t values);
void mpp_packer_close(mpp_packer *p); /* takes one of zeros */

/* *out = bytes that a packed chunk of `values` values takes at most; false on overflow. */
bool mpp_packed_bound(size_t *out, size_t values);

/* Packs rows first .. first + nrows - 1 of the box, 0 in those past its end, into `out`; returns
 * the number of bytes. The same values always give the same bytes. */
size_t mpp_pack(mpp_packer *p, unsigned char *out, const mpp_box *box, size_t first, size_t nrows);

#endif
