/* digest.h - digests of 128 bits (XXH3) as the text by which files name what they belong to. */
#ifndef MPP_DIGEST_H
#define MPP_DIGEST_H

#include <inttypes.h>
#include <stdio.h>

#define MPP_DIGEST_PREFIX "xxh3-128:"
enum { MPP_DIGEST_SIZE = 48 }; /* of the text, its end included */

static inline void mpp_digest_print(char out[MPP_DIGEST_SIZE], uint64_t high, uint64_t low)
{
  snprintf(out, MPP_DIGEST_SIZE, MPP_DIGEST_PREFIX "%016" PRIx64 "%016" PRIx64, high, low);
}

#endif
