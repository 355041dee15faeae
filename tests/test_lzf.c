/* test_lzf.c - LZF streams written out by hand, and damaged ones. */
#include "test.h"

#include "h5_filter.h"

static void literals_and_copies_are_decoded(void)
{
  /* 3 literals "abc"; 4 bytes from 3 back ("abca"); 10 + 9 bytes from 1 back. */
  const unsigned char in[] = {2, 'a', 'b', 'c', 2 << 5, 2, 7 << 5, 10, 0};
  unsigned char out[64];
  CU_ASSERT_EQUAL(mpp_lzf_decode(out, sizeof out, in, sizeof in), 3 + 4 + 19);
  CU_ASSERT_EQUAL(memcmp(out, "abcabcaaaaaaaaaaaaaaaaaaaa", 26), 0);
}

static void far_copies_use_all_bits_of_the_offset(void)
{
  enum { RUN = 8192 };
  static unsigned char in[RUN / 32 * 33 + 3], out[RUN + 8];
  size_t n = 0;
  for (size_t i = 0; i < RUN; i += 32) {
    in[n++] = 31;
    for (size_t j = 0; j < 32; j++) { in[n++] = (unsigned char)((i + j) * (i + j) >> 9); }
  }
  in[n++] = 1 << 5 | 30; /* 3 bytes from 0x1eff + 1 back */
  in[n++] = 0xff;
  CU_ASSERT_EQUAL(mpp_lzf_decode(out, sizeof out, in, n), RUN + 3);
  CU_ASSERT_EQUAL(memcmp(out + RUN, out + RUN - 0x1f00, 3), 0);
  CU_ASSERT_NOT_EQUAL(memcmp(out + RUN, out + RUN - 0x0f00, 3), 0);
  CU_ASSERT_EQUAL(out[100], (unsigned char)(100 * 100 >> 9));
}

static void damaged_streams_are_refused(void)
{
  unsigned char out[8];
  CU_ASSERT_EQUAL(mpp_lzf_decode(out, 8, (const unsigned char[]){4, 'a'}, 2), 0);
  CU_ASSERT_EQUAL(mpp_lzf_decode(out, 8, (const unsigned char[]){0, 'a', 1 << 5}, 3), 0);
  CU_ASSERT_EQUAL(mpp_lzf_decode(out, 8, (const unsigned char[]){0, 'a', 7 << 5}, 3), 0);
  CU_ASSERT_EQUAL(mpp_lzf_decode(out, 8, (const unsigned char[]){0, 'a', 7 << 5, 1}, 4), 0);
  /* before the beginning, past the end of the output */
  CU_ASSERT_EQUAL(mpp_lzf_decode(out, 8, (const unsigned char[]){0, 'a', 1 << 5, 1}, 4), 0);
  CU_ASSERT_EQUAL(mpp_lzf_decode(out, 8, (const unsigned char[]){0, 'a', 7 << 5, 0, 0}, 5), 0);
  CU_ASSERT_EQUAL(mpp_lzf_decode(out, 1, (const unsigned char[]){1, 'a', 'b'}, 3), 0);
}

/* Random input must neither crash nor write outside: run under AddressSanitizer to see it. */
static void noise_stays_inside_the_output(void)
{
  unsigned char in[64], out[256 + 1];
  float noise[64];
  for (uint64_t seed = 0; seed < 20000; seed++) {
    test_fill(noise, 64, seed);
    for (size_t i = 0; i < 64; i++) {
      in[i] = (unsigned char)(128.0f + 127.0f * noise[i] * noise[(i + 1) % 64]);
    }
    in[0] &= 31; /* begins with literals, so that copies have something behind them */
    out[256] = 0x5a;
    CU_ASSERT_FATAL(mpp_lzf_decode(out, 256, in, 64) <= 256);
    CU_ASSERT_EQUAL_FATAL(out[256], 0x5a);
  }
}

TESTS({"literals and copies are decoded", literals_and_copies_are_decoded},
      {"far copies use all bits of the offset", far_copies_use_all_bits_of_the_offset},
      {"damaged streams are refused", damaged_streams_are_refused},
      {"noise stays inside the output", noise_stays_inside_the_output})
