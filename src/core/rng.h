/* rng.h - counter-based random numbers (Philox4x32-10 of Random123; Salmon et al., SC'11):
 * each number is a function of (seed, stream, a, b), so that any position of any stream can be
 * had without the ones before it. */
#ifndef MPP_RNG_H
#define MPP_RNG_H

#include <stdint.h>

/* One named stream a use. Numbers are part of the file format of resumed runs: never renumber. */
typedef enum {
  MPP_STREAM_INIT = 1,      /* a: index of the weight, b: index of the tensor */
  MPP_STREAM_DATASET = 2,   /* a: position in the stream of micro-batches */
  MPP_STREAM_WINDOW = 3,    /* a: position, b: sample of the batch */
  MPP_STREAM_DROP_PATH = 4, /* a: micro-batch, b: block and sample */
  MPP_STREAM_PDE = 5,       /* a: sample, b: draw */
  MPP_STREAM_NOISE = 6,     /* a: position, b: element */
  MPP_STREAM_UNROLL = 7,    /* a: position */
  MPP_STREAM_JITTER = 8,    /* a: position, b: 3 times the pass, and the axis */
  MPP_STREAM_STRIDE = 9,    /* a: position, b: sample of the batch */
  MPP_STREAM_ADAPTER = 16,  /* a: index of the weight, b: index of the tensor */
  MPP_STREAM_MEMBER = 20,   /* a: member of an ensemble, b: element of a frame */
  MPP_STREAM_BOOTSTRAP = 32 /* a: resample, b: draw */
} mpp_stream;

/* 128 random bits. */
void mpp_rng_bits(uint32_t out[4], uint64_t seed, mpp_stream stream, uint64_t a, uint32_t b);

/* Uniform in [0, 1), 53 bits. */
double mpp_rng_uniform(uint64_t seed, mpp_stream stream, uint64_t a, uint32_t b);

/* Uniform in 0 .. bound-1, bound > 0; unbiased to 2^-64. */
uint64_t mpp_rng_below(uint64_t seed, mpp_stream stream, uint64_t a, uint32_t b, uint64_t bound);

/* Standard normal (Box-Muller). */
double mpp_rng_normal(uint64_t seed, mpp_stream stream, uint64_t a, uint32_t b);

#endif
