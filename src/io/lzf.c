/* lzf.c - decoder of Marc Lehmann's LZF stream, as h5py stores it in chunks.
 * A control byte c < 32 precedes c + 1 literal bytes; any other one is a copy of length
 * (c >> 5) + 2, where 7 in its upper bits adds the next byte to the length, from 13 bits of offset
 * (the lower bits of c, then one byte) + 1 behind the end of the output; copies may overlap. */
#include <string.h>

#include "h5.h"
#include "h5_private.h"

size_t mpp_lzf_decode(unsigned char *out, size_t out_size, const unsigned char *in, size_t in_size)
{
  size_t from = 0, to = 0;
  while (from < in_size) {
    const size_t control = in[from++];
    if (control < 32) {
      const size_t length = control + 1;
      if (length > in_size - from || length > out_size - to) {
        return 0;
      }
      memcpy(out + to, in + from, length);
      from += length;
      to += length;
      continue;
    }
    size_t length = control >> 5;
    if (length == 7) {
      if (from >= in_size) {
        return 0;
      }
      length += in[from++];
    }
    length += 2;
    if (from >= in_size) {
      return 0;
    }
    const size_t back = ((control & 31) << 8 | in[from++]) + 1;
    if (back > to || length > out_size - to) {
      return 0;
    }
    if (back >= length) {
      memcpy(out + to, out + to - back, length);
      to += length;
    } else {
      for (const size_t end = to + length; to < end; to++) { out[to] = out[to - back]; }
    }
  }
  return to;
}

/* ---- h5py's LZF filter: cd_values = {filter revision, LZF version, bytes of a chunk} ---- */

/* The longest copy makes 264 bytes of 3. */
static bool lzf_can_expand(size_t in, size_t out) { return out / 88 <= in; }

static size_t lzf_filter(unsigned flags, size_t nvalues, const unsigned values[], size_t nbytes,
                         size_t *size, void **buffer)
{
  if ((flags & H5Z_FLAG_REVERSE) == 0 || nvalues < MPP_LZF_VALUES || nbytes > *size ||
      !lzf_can_expand(nbytes, values[2])) {
    return 0;
  }
  unsigned char *out = H5allocate_memory(values[2], false);
  if (out == NULL) {
    return 0;
  }
  /* HDF5 reads a whole chunk from what we return: less than that is damage. */
  if (mpp_lzf_decode(out, values[2], *buffer, nbytes) != values[2]) {
    H5free_memory(out);
    return 0;
  }
  H5free_memory(*buffer);
  *buffer = out;
  *size = values[2];
  return values[2];
}

const H5Z_class2_t mpp_lzf_class = {H5Z_CLASS_T_VERS, MPP_LZF_FILTER, 0, 1, "lzf", NULL, NULL,
                                    lzf_filter};
