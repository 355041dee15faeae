/* h5_filter.c - chunks unpacked: the filters of a dataset undone from the last to the first. */
#include "h5_filter.h"

#include <libdeflate.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "h5_private.h"

enum { CHECKSUM_SIZE = 4 /* Fletcher's */, LZF_FILTER = 32000 };

/* ---- one filter ---- */

static inline void interleave(unsigned char *restrict out, const unsigned char *restrict in,
                              size_t n, size_t width)
{
  for (size_t i = 0; i < n; i++) {
    for (size_t b = 0; b < width; b++) { out[i * width + b] = in[b * n + i]; }
  }
}

/* Bytes that make no whole value stay where they are: at the end. */
static void unshuffle(unsigned char *out, const unsigned char *in, size_t bytes, size_t width)
{
  const size_t n = bytes / width, done = n * width;
  switch (width) { /* as constants, so that the loops are unrolled */
  case 2:
    interleave(out, in, n, 2);
    break;
  case 4:
    interleave(out, in, n, 4);
    break;
  case 8:
    interleave(out, in, n, 8);
    break;
  default:
    interleave(out, in, n, width);
  }
  memcpy(out + done, in + done, bytes - done);
}

/* Words are taken sixteen at a time: as many steps of a += word, b += a make one of both. */
uint32_t mpp_fletcher32(const unsigned char *x, size_t n)
{
  enum { GROUP = 32, SAFE = 704 }; /* bytes; of words whose sums fit into 32 bits */
  uint32_t a = 0, b = 0;
  for (size_t at = 0; at < n;) {
    const size_t end = n - at < SAFE ? n : at + SAFE;
    for (; end - at >= GROUP; at += GROUP) {
      uint32_t sum = 0, weighted = 0;
      for (uint32_t i = 0; i < GROUP / 2; i++) {
        const uint32_t word = (uint32_t)x[at + 2 * (size_t)i] << 8 | x[at + 2 * (size_t)i + 1];
        sum += word;
        weighted += (GROUP / 2 - i) * word;
      }
      b += GROUP / 2 * a + weighted;
      a += sum;
    }
    for (; at + 1 < end; at += 2) {
      a += (uint32_t)x[at] << 8 | x[at + 1];
      b += a;
    }
    if (at < end) {
      a += (uint32_t)x[at++] << 8;
      b += a;
    }
    a = (a & 0xffff) + (a >> 16); /* modulo 65535, with 65535 for 0 */
    b = (b & 0xffff) + (b >> 16);
  }
  a = (a & 0xffff) + (a >> 16);
  b = (b & 0xffff) + (b >> 16);
  return b << 16 | a;
}

/* Writers before HDF5 1.6.3 swapped the bytes of each word. */
static bool checksum_fits(const unsigned char *x, size_t n)
{
  const uint32_t sum = mpp_fletcher32(x, n);
  uint32_t stored = 0;
  for (unsigned b = 0; b < CHECKSUM_SIZE; b++) { stored |= (uint32_t)x[n + b] << (8 * b); }
  return stored == sum || stored == ((sum & 0xff00ff) << 8 | (sum >> 8 & 0xff00ff));
}

static bool make_inflate(mpp_unpacker *u)
{
  u->inflate = mpp_fault() ? NULL : libdeflate_alloc_decompressor();
  return u->inflate != NULL;
}

/* Undoes the k-th filter on the *n bytes of *x, which then lie in either buffer. *n = 0 where they
 * are damaged, or unpack to more than there is room for. */
static mpp_status undo(size_t *n, unsigned char **x, mpp_unpacker *u, size_t k)
{
  mpp_status st = MPP_OK;
  const size_t given = *n;
  if (u->filter[k] == H5Z_FILTER_FLETCHER32) {
    const bool sound = given >= CHECKSUM_SIZE && checksum_fits(*x, given - CHECKSUM_SIZE);
    *n = sound ? given - CHECKSUM_SIZE : 0;
    return MPP_OK;
  }
  const int to = *x == u->buffer[0];
  if (u->buffer[to] == NULL) {
    MPP_TRY(MPP_ALLOC(&u->buffer[to], u->room));
  }
  unsigned char *out = u->buffer[to];
  *n = 0;
  if (u->filter[k] == H5Z_FILTER_SHUFFLE) {
    unshuffle(out, *x, given, u->value_bytes[k]);
    *n = given;
  } else if (u->filter[k] == LZF_FILTER) {
    *n = mpp_lzf_decode(out, u->room, *x, given);
  } else if (u->inflate == NULL && !make_inflate(u)) {
    return mpp_fail(MPP_ERR_NOMEM, "out of memory: decompressor");
  } else if (libdeflate_zlib_decompress(u->inflate, *x, given, out, u->room, n) !=
             LIBDEFLATE_SUCCESS) {
    *n = 0;
  }
  *x = out;
done:
  return st;
}

static const char *name_of(H5Z_filter_t filter)
{
  return filter == H5Z_FILTER_SHUFFLE      ? "shuffle"
         : filter == H5Z_FILTER_FLETCHER32 ? "fletcher32"
         : filter == H5Z_FILTER_DEFLATE    ? "deflate"
                                           : "LZF";
}

/* ---- all of them ---- */

bool mpp_unpacks(H5Z_filter_t filter)
{
  return filter == H5Z_FILTER_SHUFFLE || filter == H5Z_FILTER_FLETCHER32 ||
         filter == H5Z_FILTER_DEFLATE || filter == LZF_FILTER;
}

static mpp_status read_filters(mpp_unpacker *u, bool *known, hid_t creation)
{
  mpp_status st = MPP_OK;
  const int count = mpp_fault() ? -1 : H5Pget_nfilters(creation);
  bool read = count >= 0;
  *known = count <= H5Z_MAX_NFILTERS;
  for (unsigned k = 0; read && *known && k < (unsigned)count; k++) {
    unsigned flags = 0, value = 0;
    size_t nvalues = 1;
    u->filter[k] = H5Pget_filter2(creation, k, &flags, &nvalues, &value, 0, NULL, NULL);
    u->value_bytes[k] = value;
    read = u->filter[k] >= 0;
    *known = mpp_unpacks(u->filter[k]);
    MPP_REQUIRE(u->filter[k] != H5Z_FILTER_SHUFFLE || (nvalues == 1 && value > 0), MPP_ERR_DATA,
                "%s: %s: shuffle filter: values of no size", u->path, u->name);
  }
  MPP_REQUIRE(read, MPP_ERR_DATA, "%s: %s: filters: %s", u->path, u->name, mpp_h5_reason());
  u->count = (size_t)count;
done:
  return st;
}

mpp_status mpp_unpacker_open(mpp_unpacker *u, bool *known, hid_t creation, size_t chunk_bytes,
                             const char *path, const char *name)
{
  mpp_status st = MPP_OK;
  mpp_unpacker opened = {.chunk_bytes = chunk_bytes, .path = path, .name = name};
  const size_t more = chunk_bytes / 512 + 4096; /* by packing what cannot be packed */
  MPP_REQUIRE(mpp_add(&opened.room, chunk_bytes, more), MPP_ERR_DATA, "%s: %s: chunks of %zu bytes",
              path, name, chunk_bytes);
  MPP_TRY(read_filters(&opened, known, creation));
  if (!*known) {
    goto done;
  }
  *u = opened;
  opened = (mpp_unpacker){0};
done:
  mpp_unpacker_close(&opened);
  return st;
}

void mpp_unpacker_close(mpp_unpacker *u)
{
  libdeflate_free_decompressor(u->inflate);
  mpp_free(u->buffer[0]);
  mpp_free(u->buffer[1]);
  *u = (mpp_unpacker){0};
}

/* The most bytes that so many can unpack to. */
static size_t most_of(const mpp_unpacker *u, size_t bytes)
{
  enum { MOST = 1100 }; /* of a byte: deflate reaches 1032, LZF 88 */
  size_t most = bytes;
  for (size_t k = 0; k < u->count; k++) {
    const bool packs = u->filter[k] == H5Z_FILTER_DEFLATE || u->filter[k] == LZF_FILTER;
    if (packs && !mpp_mul(&most, most, MOST)) {
      return SIZE_MAX;
    }
  }
  return most;
}

mpp_status mpp_unpacker_room(unsigned char **packed, mpp_unpacker *u, size_t bytes)
{
  mpp_status st = MPP_OK;
  MPP_REQUIRE(u->chunk_bytes <= most_of(u, bytes) && bytes <= u->room, MPP_ERR_DATA,
              "%s: %s: cannot be decoded: a chunk of %zu bytes is stored in %zu", u->path, u->name,
              u->chunk_bytes, bytes);
  if (u->buffer[0] == NULL) {
    MPP_TRY(MPP_ALLOC(&u->buffer[0], u->room));
  }
  *packed = u->buffer[0];
done:
  return st;
}

mpp_status mpp_unpack(const unsigned char **out, mpp_unpacker *u, size_t bytes, uint32_t mask)
{
  mpp_status st = MPP_OK;
  unsigned char *x = u->buffer[0];
  size_t n = bytes;
  for (size_t k = u->count; k > 0; k--) {
    if ((mask >> (k - 1) & 1) == 0) {
      MPP_TRY(undo(&n, &x, u, k - 1));
      MPP_REQUIRE(n > 0, MPP_ERR_DATA, "%s: %s: cannot be decoded: a chunk is damaged (%s)",
                  u->path, u->name, name_of(u->filter[k - 1]));
    }
  }
  MPP_REQUIRE(n == u->chunk_bytes, MPP_ERR_DATA,
              "%s: %s: cannot be decoded: a chunk unpacks to %zu bytes, expected %zu", u->path,
              u->name, n, u->chunk_bytes);
  *out = x;
done:
  return st;
}

bool mpp_unpacks_whole(const mpp_unpacker *u, size_t bytes)
{
  size_t n = u->chunk_bytes;
  for (size_t k = 0; k < u->count; k++) {
    if (u->filter[k] == H5Z_FILTER_DEFLATE || u->filter[k] == LZF_FILTER) {
      return false;
    }
    n += u->filter[k] == H5Z_FILTER_FLETCHER32 ? CHECKSUM_SIZE : 0;
  }
  return bytes >= n;
}
