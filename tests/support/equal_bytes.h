/* equal_bytes.h - "the same result" in tests of determinism: every bit, the sign of zero and the
 * payload of NaN included. */
#ifndef MPP_EQUAL_BYTES_H
#define MPP_EQUAL_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static inline bool equal_bytes(const void *a, const void *b, size_t bytes)
{
  return memcmp(a, b, bytes) == 0;
}

#endif
