/* num_threefry.c - sources: J. K. Salmon et al., Parallel random numbers: as easy as 1, 2, 3, SC'11
 * (the cipher); the documented behaviour of jax.random 0.3 (how draws are made of it). */
#include "num_threefry.h"

#include <string.h>

enum { GROUPS = 5, ROUNDS = 4 };

static uint32_t rotate_left(uint32_t x, unsigned bits) { return x << bits | x >> (32 - bits); }

void mpp_threefry_block(uint32_t out[2], mpp_threefry_key key, const uint32_t in[2])
{
  static const unsigned rotation[2][ROUNDS] = {{13, 15, 26, 6}, {17, 29, 16, 24}};
  const uint32_t ks[3] = {key.word[0], key.word[1], key.word[0] ^ key.word[1] ^ 0x1bd11bdaU};
  uint32_t x0 = in[0] + ks[0], x1 = in[1] + ks[1];
  for (uint32_t g = 0; g < GROUPS; g++) {
    for (int r = 0; r < ROUNDS; r++) {
      x0 += x1;
      x1 = rotate_left(x1, rotation[g % 2][r]) ^ x0;
    }
    x0 += ks[(g + 1) % 3];
    x1 += ks[(g + 2) % 3] + g + 1;
  }
  out[0] = x0;
  out[1] = x1;
}

mpp_threefry_key mpp_threefry_seed(uint64_t seed)
{
  return (mpp_threefry_key){{(uint32_t)(seed >> 32), (uint32_t)seed}};
}

/* The counters 0 .. n-1, an odd number of them with a zero appended, are cut in halves; the blocks
 * take one counter of each, and their outputs are the halves of the result. */
uint32_t mpp_threefry_bits(mpp_threefry_key key, uint32_t i, uint32_t n)
{
  const uint32_t half = n / 2 + n % 2;
  const uint32_t first = i < half ? i : i - half;
  const uint32_t second = first + half < n ? first + half : 0;
  uint32_t out[2];
  mpp_threefry_block(out, key, (const uint32_t[2]){first, second});
  return out[i < half ? 0 : 1];
}

mpp_threefry_key mpp_threefry_split(mpp_threefry_key key, uint32_t which)
{
  return (mpp_threefry_key){
      {mpp_threefry_bits(key, 2 * which, 4), mpp_threefry_bits(key, 2 * which + 1, 4)}};
}

mpp_threefry_key mpp_threefry_next(mpp_threefry_key key, unsigned times)
{
  for (unsigned i = 0; i < times; i++) { key = mpp_threefry_split(key, 0); }
  return key;
}

float mpp_threefry_uniform(mpp_threefry_key key, uint32_t i, uint32_t n, float low, float high)
{
  const uint32_t bits = mpp_threefry_bits(key, i, n) >> 9 | 0x3f800000U; /* of a float in [1, 2) */
  float x;
  memcpy(&x, &bits, sizeof x);
  x = (x - 1.0F) * (high - low) + low;
  return x > low ? x : low;
}

int32_t mpp_threefry_randint(mpp_threefry_key key, uint32_t i, uint32_t n, int32_t low,
                             int32_t high)
{
  const uint32_t span = (uint32_t)high - (uint32_t)low;
  const uint32_t upper = mpp_threefry_bits(mpp_threefry_split(key, 0), i, n);
  const uint32_t lower = mpp_threefry_bits(mpp_threefry_split(key, 1), i, n);
  const uint32_t root = 65536U % span;
  const uint32_t multiplier = root * root % span; /* modulo 2^32 first, as the original */
  return (int32_t)((uint32_t)low + (upper % span * multiplier + lower % span) % span);
}

size_t mpp_threefry_choice(mpp_threefry_key key, uint32_t i, uint32_t n, const float *p,
                           size_t count)
{
  float sum = 0.0F;
  for (size_t k = 0; k < count; k++) { sum += p[k]; }
  const float r = sum * (1.0F - mpp_threefry_uniform(key, i, n, 0.0F, 1.0F));
  float below = 0.0F;
  for (size_t k = 0; k + 1 < count; k++) {
    below += p[k];
    if (below >= r) {
      return k;
    }
  }
  return count - 1;
}
