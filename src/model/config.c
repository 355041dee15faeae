/* config.c - named sizes (McCabe et al., table of model sizes; nano and micro are ours, for small
 * machines) and the checks of a configuration. */
#include "config.h"

#include <assert.h>

#include "check.h"

static const struct {
  int embed_dim, num_heads, processor_blocks;
} sizes[] = {
    [MPP_SIZE_NANO] = {48, 3, 3}, [MPP_SIZE_MICRO] = {96, 6, 6}, [MPP_SIZE_TI] = {192, 3, 12},
    [MPP_SIZE_S] = {384, 6, 12},  [MPP_SIZE_B] = {768, 12, 12},  [MPP_SIZE_L] = {1024, 16, 24},
};

void mpp_model_config_defaults(mpp_model_config *config, mpp_size size)
{
  assert((size_t)size < sizeof sizes / sizeof *sizes);
  *config = (mpp_model_config){
      .embed_dim = sizes[size].embed_dim,
      .num_heads = sizes[size].num_heads,
      .processor_blocks = sizes[size].processor_blocks,
      .npatch = 3,
      .patch = {4, 2, 2},
      .bias = MPP_BIAS_REL,
      .mode = MPP_MODE_FRAME,
      .context = 16,
      .increments = false,
      .edges = false,
  };
}

int mpp_config_patch_size(const mpp_model_config *config)
{
  int product = 1;
  for (int i = 0; i < config->npatch; i++) { product *= config->patch[i]; }
  return product;
}

static mpp_status check_patch(const mpp_model_config *c)
{
  mpp_status st = MPP_OK;
  MPP_REQUIRE(c->npatch >= 1 && c->npatch <= MPP_MAX_STAGES, MPP_ERR_CONFIG,
              "patch: %d factors, expected 1 to %d", c->npatch, MPP_MAX_STAGES);
  for (int i = 0; i < c->npatch; i++) {
    MPP_REQUIRE(c->patch[i] >= 2 && c->patch[i] <= MPP_MAX_FACTOR, MPP_ERR_CONFIG,
                "patch: factor %d is %d, expected 2 to %d", i + 1, c->patch[i], MPP_MAX_FACTOR);
  }
  MPP_REQUIRE(mpp_config_patch_size(c) <= MPP_MAX_PATCH, MPP_ERR_CONFIG,
              "patch: the factors multiply to %d, expected at most %d", mpp_config_patch_size(c),
              MPP_MAX_PATCH);
done:
  return st;
}

mpp_status mpp_config_check(const mpp_model_config *c)
{
  mpp_status st = MPP_OK;
  MPP_REQUIRE(c->embed_dim >= 4 && c->embed_dim <= MPP_MAX_WIDTH && c->embed_dim % 4 == 0,
              MPP_ERR_CONFIG, "embed_dim: %d, expected a multiple of 4 up to %d", c->embed_dim,
              MPP_MAX_WIDTH);
  MPP_REQUIRE(c->num_heads >= 1 && c->embed_dim % c->num_heads == 0, MPP_ERR_CONFIG,
              "num_heads: %d, expected a divisor of embed_dim %d", c->num_heads, c->embed_dim);
  MPP_REQUIRE(c->processor_blocks >= 1 && c->processor_blocks <= MPP_MAX_BLOCKS, MPP_ERR_CONFIG,
              "processor_blocks: %d, expected 1 to %d", c->processor_blocks, MPP_MAX_BLOCKS);
  MPP_TRY(check_patch(c));
  MPP_REQUIRE(c->bias == MPP_BIAS_REL || c->bias == MPP_BIAS_CONTINUOUS, MPP_ERR_CONFIG,
              "bias_type: %d, expected one of %s", (int)c->bias, MPP_BIAS_CHOICES);
  MPP_REQUIRE(c->mode >= MPP_MODE_FRAME && c->mode <= MPP_MODE_WINDOW, MPP_ERR_CONFIG,
              "mode: %d, expected one of %s", (int)c->mode, MPP_MODE_CHOICES);
  MPP_REQUIRE(c->context >= 1 && c->context <= MPP_MAX_AXIS, MPP_ERR_CONFIG,
              "context: %d frames, expected 1 to %d", c->context, MPP_MAX_AXIS);
done:
  return st;
}
