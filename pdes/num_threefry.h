/* num_threefry.h - JAX's random numbers (jax.random with threefry_partitionable = False), which the
 * released PDEBench data of advection, Burgers, reaction-diffusion, compressible flow and Darcy
 * flow were drawn from. For those data alone: new data take the numbers of core/rng.h. A draw of n
 * numbers is one block cipher in counter mode: element i of it is had without the others, and
 * depends on n too. i < n throughout. */
#ifndef MPP_NUM_THREEFRY_H
#define MPP_NUM_THREEFRY_H

#include <stddef.h>
#include <stdint.h>

typedef struct mpp_threefry_key {
  uint32_t word[2];
} mpp_threefry_key;

/* PRNGKey(seed). */
mpp_threefry_key mpp_threefry_seed(uint64_t seed);

/* Key `which` (0 or 1) of split(key). "key, subkey = split(key)" goes on with key 0. */
mpp_threefry_key mpp_threefry_split(mpp_threefry_key key, uint32_t which);

/* Key 0 of `times` splits one after the other. */
mpp_threefry_key mpp_threefry_next(mpp_threefry_key key, unsigned times);

/* The cipher itself (Threefry-2x32, 20 rounds): out[2] from the counters in[2]; may be the same. */
void mpp_threefry_block(uint32_t out[2], mpp_threefry_key key, const uint32_t in[2]);

/* Element i of 32 random bits each. */
uint32_t mpp_threefry_bits(mpp_threefry_key key, uint32_t i, uint32_t n);

/* Element i of uniform(key, (n,), float32, low, high): in [low, high), 23 random bits. */
float mpp_threefry_uniform(mpp_threefry_key key, uint32_t i, uint32_t n, float low, float high);

/* Element i of randint(key, (n,), low, high), int32: in [low, high), low < high. Also
 * choice(key, values, (n,)), whose element is values[randint(key, (n,), 0, count)]. */
int32_t mpp_threefry_randint(mpp_threefry_key key, uint32_t i, uint32_t n, int32_t low,
                             int32_t high);

/* Element i of choice(key, count, (n,), p = p): an index below count > 0 with probability
 * p[index]. */
size_t mpp_threefry_choice(mpp_threefry_key key, uint32_t i, uint32_t n, const float *p,
                           size_t count);

#endif
