/* num_mt19937.h - numpy's legacy random numbers (np.random.seed, uniform, randn), which the
 * released PDEBench data were drawn from. For those data alone: new data take counter-based
 * numbers. */
#ifndef MPP_NUM_MT19937_H
#define MPP_NUM_MT19937_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct mpp_mt19937 {
  uint32_t state[624];
  int next;        /* position in state; 624: all used */
  bool has_cached; /* the second normal of a polar pair waits in `cached` */
  double cached;
} mpp_mt19937;

void mpp_mt19937_seed(mpp_mt19937 *g, uint32_t seed);
uint32_t mpp_mt19937_bits(mpp_mt19937 *g);
double mpp_mt19937_double(mpp_mt19937 *g); /* [0, 1), 53 bits */
double mpp_mt19937_uniform(mpp_mt19937 *g, double low, double high);
double mpp_mt19937_normal(mpp_mt19937 *g); /* one number of randn */

#endif
