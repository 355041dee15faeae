/* lzf.c - decoder of Marc Lehmann's LZF stream, as h5py stores it in chunks.
 * A control byte c < 32 precedes c + 1 literal bytes; any other one is a copy of length
 * (c >> 5) + 2, where 7 in its upper bits adds the next byte to the length, from 13 bits of offset
 * (the lower bits of c, then one byte) + 1 behind the end of the output; copies may overlap. */
#include <string.h>

#include "h5_filter.h"

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
