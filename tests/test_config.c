/* test_config.c - named sizes and the checks of a configuration. */
#include "config.h"

#include "test.h"

static void named_sizes_are_the_published_ones(void)
{
  const int expected[][3] = {{48, 3, 3},   {96, 6, 6},    {192, 3, 12},
                             {384, 6, 12}, {768, 12, 12}, {1024, 16, 24}};
  for (int size = MPP_SIZE_NANO; size <= MPP_SIZE_L; size++) {
    mpp_model_config c;
    mpp_model_config_defaults(&c, (mpp_size)size);
    CU_ASSERT_EQUAL(c.embed_dim, expected[size][0]);
    CU_ASSERT_EQUAL(c.num_heads, expected[size][1]);
    CU_ASSERT_EQUAL(c.processor_blocks, expected[size][2]);
    CU_ASSERT_EQUAL(mpp_config_patch_size(&c), 16);
    CU_ASSERT_EQUAL(c.mode, MPP_MODE_FRAME);
    ASSERT_OK(mpp_config_check(&c));
  }
}

static void patch_factors_are_a_list(void)
{
  mpp_model_config c;
  mpp_model_config_defaults(&c, MPP_SIZE_NANO);
  const struct {
    int n, factor[3], size;
  } lists[] = {{1, {8, 0, 0}, 8}, {2, {4, 2, 0}, 8}, {2, {2, 2, 0}, 4}, {3, {3, 2, 2}, 12}};
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
    c.npatch = lists[i].n;
    memcpy(c.patch, lists[i].factor, sizeof lists[i].factor);
    ASSERT_OK(mpp_config_check(&c));
    CU_ASSERT_EQUAL(mpp_config_patch_size(&c), lists[i].size);
  }
}

/* Sets one member of a good configuration and expects a message that names it. */
static void expect_refusal(size_t offset, int value, const char *name)
{
  mpp_model_config c;
  mpp_model_config_defaults(&c, MPP_SIZE_TI);
  memcpy((char *)&c + offset, &value, sizeof value);
  ASSERT_STATUS(mpp_config_check(&c), MPP_ERR_CONFIG);
  ASSERT_MESSAGE(name);
}

static void each_bad_member_is_named(void)
{
  expect_refusal(offsetof(mpp_model_config, embed_dim), 0, "embed_dim");
  expect_refusal(offsetof(mpp_model_config, embed_dim), 198, "embed_dim"); /* 4 does not divide */
  expect_refusal(offsetof(mpp_model_config, embed_dim), 1 << 20, "embed_dim");
  expect_refusal(offsetof(mpp_model_config, num_heads), 0, "num_heads");
  expect_refusal(offsetof(mpp_model_config, num_heads), 5, "num_heads");
  expect_refusal(offsetof(mpp_model_config, processor_blocks), 0, "processor_blocks");
  expect_refusal(offsetof(mpp_model_config, npatch), 0, "patch");
  expect_refusal(offsetof(mpp_model_config, npatch), MPP_MAX_STAGES + 1, "patch");
  expect_refusal(offsetof(mpp_model_config, patch), 1, "patch: factor 1");
  expect_refusal(offsetof(mpp_model_config, patch), MPP_MAX_FACTOR + 1, "patch: factor 1");
  expect_refusal(offsetof(mpp_model_config, bias), 2, "bias_type");
  expect_refusal(offsetof(mpp_model_config, mode), MPP_MODE_WINDOW + 1, "mode");
  expect_refusal(offsetof(mpp_model_config, context), 0, "context");
}

TESTS({"named sizes are the published ones", named_sizes_are_the_published_ones},
      {"patch factors are a list", patch_factors_are_a_list},
      {"each bad member is named", each_bad_member_is_named})
