/* num_mt19937.c - MT19937 as numpy.random.RandomState uses it.
 * Sources: M. Matsumoto and T. Nishimura, ACM TOMACS 8 (1998) 3; numpy's legacy distributions
 * (53-bit doubles from two words, normals by the polar method with the second one kept). */
#include "num_mt19937.h"

#include <math.h>

enum { WORDS = 624, SHIFT = 397 };

void mpp_mt19937_seed(mpp_mt19937 *g, uint32_t seed)
{
  g->state[0] = seed;
  for (uint32_t i = 1; i < WORDS; i++) {
    const uint32_t before = g->state[i - 1];
    g->state[i] = 1812433253U * (before ^ (before >> 30)) + i;
  }
  g->next = WORDS;
  g->has_cached = false;
  g->cached = 0.0;
}

static void refill(mpp_mt19937 *g)
{
  uint32_t *m = g->state;
  for (int i = 0; i < WORDS; i++) {
    const uint32_t y = (m[i] & 0x80000000U) | (m[(i + 1) % WORDS] & 0x7fffffffU);
    m[i] = m[(i + SHIFT) % WORDS] ^ (y >> 1) ^ ((y & 1U) != 0 ? 0x9908b0dfU : 0U);
  }
  g->next = 0;
}

uint32_t mpp_mt19937_bits(mpp_mt19937 *g)
{
  if (g->next == WORDS) {
    refill(g);
  }
  uint32_t y = g->state[g->next++];
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680U;
  y ^= (y << 15) & 0xefc60000U;
  return y ^ (y >> 18);
}

double mpp_mt19937_double(mpp_mt19937 *g)
{
  const uint32_t a = mpp_mt19937_bits(g) >> 5, b = mpp_mt19937_bits(g) >> 6;
  return ((double)a * 67108864.0 + (double)b) / 9007199254740992.0;
}

double mpp_mt19937_uniform(mpp_mt19937 *g, double low, double high)
{
  return low + (high - low) * mpp_mt19937_double(g);
}

double mpp_mt19937_normal(mpp_mt19937 *g)
{
  if (g->has_cached) {
    g->has_cached = false;
    return g->cached;
  }
  double x, y, r2;
  do {
    x = 2.0 * mpp_mt19937_double(g) - 1.0;
    y = 2.0 * mpp_mt19937_double(g) - 1.0;
    r2 = x * x + y * y;
  } while (r2 >= 1.0 || r2 == 0.0);
  const double f = sqrt(-2.0 * log(r2) / r2);
  g->cached = f * x;
  g->has_cached = true;
  return f * y;
}
