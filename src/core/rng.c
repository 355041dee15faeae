/* rng.c - Philox4x32-10: key (seed), counter (a, b, stream). */
#include "rng.h"

#include <Random123/philox.h>
#include <assert.h>
#include <math.h>

/* -Wpedantic knows no 128-bit integers. */
__extension__ typedef unsigned __int128 uint128;

void mpp_rng_bits(uint32_t out[4], uint64_t seed, mpp_stream stream, uint64_t a, uint32_t b)
{
  const philox4x32_key_t key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
  const philox4x32_ctr_t counter = {{(uint32_t)a, (uint32_t)(a >> 32), b, (uint32_t)stream}};
  const philox4x32_ctr_t bits = philox4x32_R(10, counter, key);
  for (int i = 0; i < 4; i++) { out[i] = bits.v[i]; }
}

static uint64_t join(uint32_t low, uint32_t high) { return (uint64_t)high << 32 | low; }

double mpp_rng_uniform(uint64_t seed, mpp_stream stream, uint64_t a, uint32_t b)
{
  uint32_t bits[4];
  mpp_rng_bits(bits, seed, stream, a, b);
  return (double)(join(bits[0], bits[1]) >> 11) * 0x1p-53;
}

/* floor(x * bound / 2^128) for x of 128 bits: the most likely value is at most bound * 2^-128 more
 * likely than the least likely one, and no draw is ever repeated. */
uint64_t mpp_rng_below(uint64_t seed, mpp_stream stream, uint64_t a, uint32_t b, uint64_t bound)
{
  uint32_t bits[4];
  assert(bound > 0);
  mpp_rng_bits(bits, seed, stream, a, b);
  const uint128 low = (uint128)join(bits[0], bits[1]) * bound;
  const uint128 high = (uint128)join(bits[2], bits[3]) * bound;
  return (uint64_t)((high + (low >> 64)) >> 64);
}

double mpp_rng_normal(uint64_t seed, mpp_stream stream, uint64_t a, uint32_t b)
{
  uint32_t bits[4];
  mpp_rng_bits(bits, seed, stream, a, b);
  const double radius = (double)((join(bits[0], bits[1]) >> 11) + 1) * 0x1p-53; /* (0, 1] */
  const double angle = (double)(join(bits[2], bits[3]) >> 11) * 0x1p-53;
  return sqrt(-2.0 * log(radius)) * cos(6.283185307179586476925 * angle);
}
