/* chunk_pack.c - the filters of HDF5's File Format Specification (IV.A.2.l) on a chunk: the bytes
 * of all values sorted by their place in the value (shuffle), a zlib stream of them (RFC 1950), and
 * Fletcher's checksum of that.
 *
 * The low bytes of what a solver computes are mostly noise, on which a compressor spends most of
 * its time and gains nothing. They come first in a shuffled chunk. So the stream begins with all
 * that looks like noise, as stored blocks of RFC 1951, and libdeflate compresses the rest. */
#include "chunk_pack.h"

#include <assert.h>
#include <libdeflate.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "h5_filter.h"

enum {
  LEVEL = 3,        /* of libdeflate: see the figures in the commit that chose it */
  PIECE = 32768,    /* bytes that are stored or not: as far back as deflate looks for repetitions */
  BLOCK_HEADER = 5, /* of a stored block */
  STREAM_FRAME = 6, /* header and checksum of a zlib stream */
  CHECKSUM_SIZE = 4, /* Fletcher's */
  TILE = 2048        /* values that are put in order at a time: fits the first cache */
};

mpp_status mpp_packer_open(mpp_packer *p, size_t values)
{
  mpp_status st = MPP_OK;
  mpp_packer opened = {NULL, NULL};
  size_t bytes = 0;
  MPP_REQUIRE(mpp_mul(&bytes, values, sizeof(float)), MPP_ERR_NOMEM, "chunk of %zu values", values);
  MPP_TRY(MPP_ALLOC(&opened.shuffled, bytes));
  opened.compressor = mpp_fault() ? NULL : libdeflate_alloc_compressor(LEVEL);
  MPP_REQUIRE(opened.compressor != NULL, MPP_ERR_NOMEM, "out of memory: compressor");
  *p = opened;
  opened = (mpp_packer){NULL, NULL};
done:
  mpp_packer_close(&opened);
  return st;
}

void mpp_packer_close(mpp_packer *p)
{
  libdeflate_free_compressor(p->compressor);
  mpp_free(p->shuffled);
  *p = (mpp_packer){NULL, NULL};
}

bool mpp_packed_bound(size_t *out, size_t values)
{
  size_t bytes = 0;
  if (!mpp_mul(&bytes, values, sizeof(float)) || bytes > SIZE_MAX / 4) {
    return false;
  }
  *out = libdeflate_deflate_compress_bound(NULL, bytes) + (bytes / PIECE + 1) * BLOCK_HEADER +
         STREAM_FRAME + CHECKSUM_SIZE;
  return true;
}

/* ---- shuffle ---- */

/* Bytes of n values x to places at .. at + n - 1 of the four rows of `out` [4, total]. */
static void scatter(unsigned char *restrict out, size_t total, const float *restrict x, size_t n)
{
  for (unsigned b = 0; b < sizeof(float); b++) {
    unsigned char *row = out + b * total;
    for (size_t i = 0; i < n; i++) {
      uint32_t bits;
      memcpy(&bits, x + i, sizeof bits);
      row[i] = (unsigned char)(bits >> (8 * b)); /* little-endian in the file */
    }
  }
}

/* Cells of one row, channels last, to out[at], a tile at a time. */
static void shuffle_row(unsigned char *out, size_t total, const mpp_box *box, size_t row)
{
  float tile[TILE];
  const float *x = box->x + row * box->row_step;
  const size_t n = box->nchannels, step = TILE / n;
  if (n == 1) {
    scatter(out, total, x, box->ncells);
    return;
  }
  for (size_t first = 0; first < box->ncells; first += step) {
    const size_t cells = box->ncells - first < step ? box->ncells - first : step;
    for (size_t c = 0; c < n; c++) {
      const float *from = x + c * box->channel_step + first;
      for (size_t i = 0; i < cells; i++) { tile[i * n + c] = from[i]; }
    }
    scatter(out + first * n, total, tile, cells * n);
  }
}

static void shuffle(unsigned char *out, const mpp_box *box, size_t first, size_t nrows)
{
  const size_t row = box->ncells * box->nchannels, total = nrows * row;
  const size_t given = box->nrows - first < nrows ? box->nrows - first : nrows;
  for (size_t r = 0; r < given; r++) { shuffle_row(out + r * row, total, box, first + r); }
  for (unsigned b = 0; b < sizeof(float); b++) {
    memset(out + b * total + given * row, 0, (nrows - given) * row);
  }
}

/* ---- deflate ---- */

/* Do byte values occur so evenly that codes for them would save less than about 1%? Then their
 * entropy, at least log2 of n^2 / sum(count^2), is above 7.91 bits. Every other run is looked
 * at. */
static bool is_even(const unsigned char *x)
{
  enum { RUN = 64, LOOKED_AT = PIECE / 2 };
  uint32_t count[4][256] = {{0}}; /* four, so that equal bytes in a row need not wait */
  uint64_t squares = 0;
  for (const unsigned char *end = x + PIECE; x < end; x += (ptrdiff_t)2 * RUN) {
    for (size_t i = 0; i < RUN; i++) { count[i % 4][x[i]]++; }
  }
  for (size_t v = 0; v < 256; v++) {
    const uint64_t n = count[0][v] + count[1][v] + count[2][v] + count[3][v];
    squares += n * n;
  }
  return squares * 16 <= (uint64_t)LOOKED_AT * LOOKED_AT / 256 * 17;
}

static uint32_t four_bytes(const unsigned char *x)
{
  uint32_t value;
  memcpy(&value, x, sizeof value);
  return value;
}

enum { SLOT_BITS = 12 };

static uint32_t slot_of(uint32_t value) { return value * 0x9e3779b1U >> (32 - SLOT_BITS); }

/* Does a notable part of the piece repeat what stands before in it? Every eighth place is
 * remembered by the four bytes there, and all places of every eighth run of 256 are compared with
 * it. */
static bool repeats(const unsigned char *x)
{
  enum { LOOKUPS = PIECE / 8, ENOUGH = LOOKUPS / 64 };
  uint16_t place[1 << SLOT_BITS] = {0};
  size_t found = 0;
  for (size_t i = 8; i + 8 + sizeof(uint32_t) <= PIECE; i += 8) {
    for (size_t k = i; i % 2048 < 256 && k < i + 8; k++) {
      const uint32_t value = four_bytes(x + k);
      found += four_bytes(x + place[slot_of(value)]) == value;
    }
    place[slot_of(four_bytes(x + i))] = (uint16_t)i;
  }
  return found >= ENOUGH;
}

static bool is_noise(const unsigned char *x) { return is_even(x) && !repeats(x); }

/* zlib stream of x; the caller has room for what it takes at most. The compressor ends the stream,
 * so at least the last byte is left to it. */
static size_t deflate(struct libdeflate_compressor *c, unsigned char *out, size_t room,
                      const unsigned char *x, size_t n)
{
  size_t stored = 0;
  unsigned char *to = out;
  *to++ = 0x78; /* deflate with a window of 32768 bytes */
  *to++ = 0x01; /* makes the header a multiple of 31 */
  for (; n - stored > PIECE && is_noise(x + stored); stored += PIECE) {
    const unsigned char header[BLOCK_HEADER] = {0, PIECE & 0xff, PIECE >> 8, ~PIECE & 0xff,
                                                (~PIECE & 0xffff) >> 8};
    memcpy(to, header, sizeof header);
    memcpy(to + sizeof header, x + stored, PIECE);
    to += sizeof header + PIECE;
  }
  room -= (size_t)(to - out);
  const size_t rest = libdeflate_deflate_compress(c, x + stored, n - stored, to, room);
  assert(rest > 0 && "mpp_packed_bound is the bound");
  to += rest;
  const uint32_t sum = libdeflate_adler32(1, x, n);
  for (unsigned b = 0; b < 4; b++) { *to++ = (unsigned char)(sum >> (24 - 8 * b)); }
  return (size_t)(to - out);
}

size_t mpp_pack(mpp_packer *p, unsigned char *out, const mpp_box *box, size_t first, size_t nrows)
{
  const size_t values = nrows * box->ncells * box->nchannels;
  size_t room = 0;
  (void)mpp_packed_bound(&room, values); /* the caller has asked */
  shuffle(p->shuffled, box, first, nrows);
  const size_t n =
      deflate(p->compressor, out, room - CHECKSUM_SIZE, p->shuffled, values * sizeof(float));
  const uint32_t sum = mpp_fletcher32(out, n);
  for (unsigned b = 0; b < CHECKSUM_SIZE; b++) { out[n + b] = (unsigned char)(sum >> (8 * b)); }
  return n + CHECKSUM_SIZE;
}
