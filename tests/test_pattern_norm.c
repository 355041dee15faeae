/* test_pattern_norm.c - the norm of channels that have no pattern. */
#include "blocks.h"
#include "equal_bytes.h"
#include "test.h"

enum { N = 3, S = 10, C = 5, SIZE = N * S * C };

/* Channel 1 is constant, 2 is constant up to rounding, 3 is zero; 0 and 4 have a pattern, that of 4
 * on a mean a thousand times as large. */
static void fill_channels(float *x)
{
  test_fill(x, SIZE, 3);
  for (size_t i = 0; i < SIZE; i += C) {
    x[i + 1] = -7.25f;
    x[i + 2] = i / C % 2 == 0 ? 1e20f : nextafterf(1e20f, 2e20f);
    x[i + 3] = 0.0f;
    x[i + 4] = 1000.0f + x[i + 4];
  }
}

static void channels_with_a_pattern_are_normed_as_published(void)
{
  float x[SIZE], g[C], y[SIZE], sd[N * C], expected[SIZE], expected_sd[N * C];
  fill_channels(x);
  test_fill(g, C, 4);
  mpp_pattern_norm_forward(y, sd, x, g, N, S, C);
  mpp_rms_inorm_forward(expected, expected_sd, x, g, N, S, C);
  for (size_t i = 0; i < SIZE; i += C) {
    CU_ASSERT(y[i] == expected[i] && y[i + 4] == expected[i + 4]);
  }
  for (size_t n = 0; n < N; n++) {
    CU_ASSERT(sd[n * C] == expected_sd[n * C] && sd[n * C + 4] == expected_sd[n * C + 4]);
  }
}

static void channels_without_a_pattern_are_zero_and_give_no_gradient(void)
{
  float x[SIZE], g[C], y[SIZE], sd[N * C], dy[SIZE], dx[SIZE] = {0}, dg[C] = {0};
  fill_channels(x);
  test_fill(g, C, 4);
  test_fill(dy, SIZE, 5);
  mpp_pattern_norm_forward(y, sd, x, g, N, S, C);
  mpp_rms_inorm_backward(dx, dg, dy, x, g, sd, N, S, C);
  for (size_t i = 0; i < SIZE; i += C) {
    for (size_t c = 1; c < 4; c++) { CU_ASSERT(y[i + c] == 0.0f && dx[i + c] == 0.0f); }
    CU_ASSERT(dx[i] != 0.0f && dx[i + 4] != 0.0f);
  }
  CU_ASSERT(dg[1] == 0.0f && dg[2] == 0.0f && dg[3] == 0.0f && dg[4] != 0.0f);
}

static void the_branch_of_channels_without_a_pattern_is_nothing(void)
{
  float x[SIZE], res[SIZE], g[C], gamma[C], out[SIZE], sd[N * C], expected_sd[N * C], y[SIZE];
  float dy[SIZE], dx[SIZE], dg[C] = {0}, dgamma[C] = {0}, work[2 * C];
  fill_channels(x);
  test_fill(res, SIZE, 6);
  test_fill(g, C, 4);
  test_fill(gamma, C, 7);
  test_fill(dy, SIZE, 5);
  const mpp_branch branch = {gamma, NULL, 1, S};
  mpp_pattern_norm_forward(y, expected_sd, x, g, N, S, C);
  mpp_pattern_branch_forward(out, sd, res, x, g, &branch, N, C);
  mpp_rms_branch_backward(dx, dg, dgamma, dy, x, g, sd, &branch, N, C, work);
  CU_ASSERT(equal_bytes(sd, expected_sd, sizeof sd));
  for (size_t i = 0; i < SIZE; i += C) {
    for (size_t c = 1; c < 4; c++) { CU_ASSERT(out[i + c] == res[i + c] && dx[i + c] == 0.0f); }
    CU_ASSERT(out[i] != res[i] && out[i + 4] != res[i + 4] && dx[i] != 0.0f);
  }
  for (size_t c = 1; c < 4; c++) { CU_ASSERT(dg[c] == 0.0f && dgamma[c] == 0.0f); }
}

static void bits_do_not_depend_on_the_number_of_threads(void)
{
  float x[SIZE], g[C], y[3][SIZE], sd[3][N * C];
  fill_channels(x);
  test_fill(g, C, 4);
  for (int n = 0; n < 3; n++) {
    mpp_set_threads(n + 1);
    mpp_pattern_norm_forward(y[n], sd[n], x, g, N, S, C);
    CU_ASSERT(equal_bytes(y[0], y[n], sizeof y[0]));
    CU_ASSERT(equal_bytes(sd[0], sd[n], sizeof sd[0]));
  }
  mpp_set_threads(0);
}

TESTS({"channels with a pattern are normed as published",
       channels_with_a_pattern_are_normed_as_published},
      {"the branch of channels without a pattern is nothing",
       the_branch_of_channels_without_a_pattern_is_nothing},
      {"channels without a pattern are zero and give no gradient",
       channels_without_a_pattern_are_zero_and_give_no_gradient},
      {"bits do not depend on the number of threads", bits_do_not_depend_on_the_number_of_threads})
