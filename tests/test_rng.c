/* test_rng.c - the published answers of Philox4x32-10, moments, independence of streams. */
#include "test.h"

#include "rng.h"

/* Random123 1.14.0, tests/kat_vectors: philox4x32 10. */
static void known_answers_are_met(void)
{
  static const struct {
    uint64_t seed, a;
    uint32_t b, stream, bits[4];
  } known[] = {
      {0, 0, 0, 0, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {UINT64_MAX,
       UINT64_MAX,
       UINT32_MAX,
       UINT32_MAX,
       {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {0x299f31d0a4093822u,
       0x85a308d3243f6a88u,
       0x13198a2e,
       0x03707344,
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
  };
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    uint32_t bits[4];
    mpp_rng_bits(bits, known[i].seed, (mpp_stream)known[i].stream, known[i].a, known[i].b);
    CU_ASSERT_EQUAL(memcmp(bits, known[i].bits, sizeof bits), 0);
  }
}

enum { DRAWS = 200000 };

static void uniform_numbers_have_uniform_moments(void)
{
  double sum = 0.0, squares = 0.0, low = 1.0, high = 0.0;
  for (uint64_t i = 0; i < DRAWS; i++) {
    const double u = mpp_rng_uniform(1, MPP_STREAM_PDE, i, 0);
    sum += u;
    squares += u * u;
    low = fmin(low, u);
    high = fmax(high, u);
  }
  /* Standard errors of the means: 6.5e-4 and 6.7e-4 (variance of u^2: 4/45). 5 of them. */
  CU_ASSERT_DOUBLE_EQUAL(sum / DRAWS, 0.5, 3.3e-3);
  CU_ASSERT_DOUBLE_EQUAL(squares / DRAWS, 1.0 / 3.0, 3.4e-3);
  CU_ASSERT(low >= 0.0 && low < 1e-3 && high < 1.0 && high > 1.0 - 1e-3);
}

static void normal_numbers_have_normal_moments(void)
{
  double m1 = 0.0, m2 = 0.0, m3 = 0.0, m4 = 0.0;
  for (uint64_t i = 0; i < DRAWS; i++) {
    const double x = mpp_rng_normal(2, MPP_STREAM_NOISE, 0, (uint32_t)i);
    m1 += x;
    m2 += x * x;
    m3 += x * x * x;
    m4 += x * x * x * x;
  }
  /* 5 standard errors sqrt(var/n), var = 1, 2, 15, 96 for the first four moments. */
  CU_ASSERT_DOUBLE_EQUAL(m1 / DRAWS, 0.0, 0.0112);
  CU_ASSERT_DOUBLE_EQUAL(m2 / DRAWS, 1.0, 0.0158);
  CU_ASSERT_DOUBLE_EQUAL(m3 / DRAWS, 0.0, 0.0433);
  CU_ASSERT_DOUBLE_EQUAL(m4 / DRAWS, 3.0, 0.1096);
}

static void draws_below_a_bound_are_even(void)
{
  enum { BOUND = 7 };
  long counts[BOUND] = {0};
  double chi2 = 0.0;
  for (uint64_t i = 0; i < DRAWS; i++) {
    const uint64_t r = mpp_rng_below(3, MPP_STREAM_WINDOW, i, 5, BOUND);
    CU_ASSERT_FATAL(r < BOUND);
    counts[r]++;
  }
  for (int i = 0; i < BOUND; i++) {
    const double e = (double)DRAWS / BOUND;
    chi2 += ((double)counts[i] - e) * ((double)counts[i] - e) / e;
  }
  CU_ASSERT(chi2 < 30.0); /* 6 degrees of freedom: P(chi2 > 30) = 4e-5 */
  CU_ASSERT_EQUAL(mpp_rng_below(3, MPP_STREAM_WINDOW, 1, 1, 1), 0);
  /* x (2^64 - 1) / 2^128 for the first known answer: the carry of the lower half counts. */
  CU_ASSERT_EQUAL(mpp_rng_below(0, (mpp_stream)0, 0, 0, UINT64_MAX), 0x9b00dbd8bc57ac4cu);
}

/* A bound that 64 bits cannot share out evenly: 3 * 2^62. A modulus would hit the lowest third
 * twice as often as the others. */
static void draws_below_a_large_bound_are_even(void)
{
  const uint64_t bound = (uint64_t)3 << 62;
  long low = 0;
  for (uint64_t i = 0; i < DRAWS; i++) {
    low += mpp_rng_below(4, MPP_STREAM_WINDOW, i, 0, bound) < (uint64_t)1 << 62;
  }
  /* Standard error of the share: 1.05e-3; 5 of them. */
  CU_ASSERT_DOUBLE_EQUAL((double)low / DRAWS, 1.0 / 3.0, 5.3e-3);
}

static double correlation(uint64_t seed_a, mpp_stream a, uint32_t b_a, uint64_t seed_b,
                          mpp_stream b, uint32_t b_b)
{
  double sum = 0.0;
  for (uint64_t i = 0; i < DRAWS; i++) {
    sum += (mpp_rng_uniform(seed_a, a, i, b_a) - 0.5) * (mpp_rng_uniform(seed_b, b, i, b_b) - 0.5);
  }
  return 12.0 * sum / DRAWS;
}

static void streams_seeds_and_positions_are_uncorrelated(void)
{
  const double bound = 5.0 / sqrt((double)DRAWS); /* 5 standard errors */
  CU_ASSERT(fabs(correlation(1, MPP_STREAM_INIT, 0, 1, MPP_STREAM_DATASET, 0)) < bound);
  CU_ASSERT(fabs(correlation(1, MPP_STREAM_INIT, 0, 2, MPP_STREAM_INIT, 0)) < bound);
  CU_ASSERT(fabs(correlation(1, MPP_STREAM_INIT, 0, 1, MPP_STREAM_INIT, 1)) < bound);
  CU_ASSERT(correlation(1, MPP_STREAM_INIT, 0, 1, MPP_STREAM_INIT, 0) > 0.9);
}

static void all_bits_of_seed_and_counter_count(void)
{
  uint32_t zero[4], other[4];
  mpp_rng_bits(zero, 0, (mpp_stream)0, 0, 0);
  for (int bit = 0; bit < 64; bit++) {
    mpp_rng_bits(other, (uint64_t)1 << bit, (mpp_stream)0, 0, 0);
    CU_ASSERT_NOT_EQUAL(memcmp(zero, other, sizeof zero), 0);
    mpp_rng_bits(other, 0, (mpp_stream)0, (uint64_t)1 << bit, 0);
    CU_ASSERT_NOT_EQUAL(memcmp(zero, other, sizeof zero), 0);
  }
}

TESTS({"known answers are met", known_answers_are_met},
      {"uniform numbers have uniform moments", uniform_numbers_have_uniform_moments},
      {"normal numbers have normal moments", normal_numbers_have_normal_moments},
      {"draws below a bound are even", draws_below_a_bound_are_even},
      {"draws below a large bound are even", draws_below_a_large_bound_are_even},
      {"streams, seeds and positions are uncorrelated",
       streams_seeds_and_positions_are_uncorrelated},
      {"all bits of seed and counter count", all_bits_of_seed_and_counter_count})
