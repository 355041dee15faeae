/* test_params.c - the parameter list: names, shapes, groups and initialisation. */
#include "params.h"

#include "equal_bytes.h"
#include "layout.h"
#include "safetensors.h"
#include "test.h"

static mpp_params *list_of(const mpp_model_config *config, size_t n_states)
{
  mpp_params *p = NULL;
  REQUIRE_OK(mpp_params_create(&p, config, n_states));
  return p;
}

static mpp_model_config tiny(mpp_bias_type bias, mpp_mode mode)
{
  mpp_model_config c;
  mpp_model_config_defaults(&c, MPP_SIZE_NANO);
  c.embed_dim = 96;
  c.processor_blocks = 2;
  c.bias = bias;
  c.mode = mode;
  return c;
}

static void entries_tile_the_flat_array(void)
{
  const mpp_model_config c = tiny(MPP_BIAS_CONTINUOUS, MPP_MODE_FRAME);
  mpp_params *p = list_of(&c, 12);
  size_t at = 0;
  for (size_t i = 0; i < p->count; i++) {
    size_t count = 1;
    for (size_t a = 0; a < p->entry[i].rank; a++) { count *= p->entry[i].shape[a]; }
    CU_ASSERT_EQUAL(p->entry[i].offset, at);
    CU_ASSERT_EQUAL(p->entry[i].count, count);
    CU_ASSERT_PTR_EQUAL(mpp_params_find(p, p->entry[i].name), &p->entry[i]); /* no name twice */
    at += count;
  }
  CU_ASSERT_EQUAL(p->total, at);
  CU_ASSERT_PTR_NULL(mpp_params_find(p, "blocks.2.temporal.gamma"));
  mpp_params_destroy(p);
}

static void the_layout_points_at_the_named_entries(void)
{
  const mpp_model_config c = tiny(MPP_BIAS_REL, MPP_MODE_FRAME);
  mpp_params *p = list_of(&c, 12);
  const mpp_block_layout *b = &p->layout->block[1];
  const struct {
    const char *name;
    size_t offset;
  } expected[] = {
      {"space_bag.bias", p->layout->stem.bag_b},
      {"embed.in_proj.6.weight", p->layout->stem.conv[2]},
      {"embed.in_proj.7.weight", p->layout->stem.norm_w[2]},
      {"blocks.1.temporal.norm2.bias", b->time.norm2_b},
      {"blocks.1.temporal.rel_pos_bias.relative_attention_bias.weight", b->time.bias.table},
      {"blocks.1.spatial.input_head.weight", b->space.input_w},
      {"blocks.1.spatial.knorm.bias", b->space.knorm_b},
      {"blocks.1.spatial.gamma_mlp", b->space_gamma_mlp},
      {"blocks.1.spatial.mlp.fc2.weight", b->fc2_w},
      {"debed.out_proj.3.weight", p->layout->destem.deconv[1]},
      {"debed.out_bias", p->layout->destem.bias},
  };
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
    const mpp_param *e = mpp_params_find(p, expected[i].name);
    CU_ASSERT(e != NULL && e->offset == expected[i].offset);
  }
  mpp_params_destroy(p);
}

static void patch_factors_name_the_stages(void)
{
  mpp_model_config c = tiny(MPP_BIAS_REL, MPP_MODE_FRAME);
  c.npatch = 2;
  c.patch[0] = 4;
  c.patch[1] = 2;
  mpp_params *p = list_of(&c, 5);
  const mpp_param *first = mpp_params_find(p, "embed.in_proj.0.weight");
  const mpp_param *last = mpp_params_find(p, "embed.in_proj.3.weight");
  const mpp_param *up = mpp_params_find(p, "debed.out_proj.0.weight");
  const mpp_param *head = mpp_params_find(p, "debed.out_kernel");
  CU_ASSERT(first->shape[0] == 24 && first->shape[1] == 24 && first->shape[2] == 4);
  CU_ASSERT(last->shape[0] == 96 && last->shape[1] == 24 && last->shape[2] == 2);
  CU_ASSERT(up->shape[0] == 96 && up->shape[1] == 24 && up->shape[3] == 2);
  CU_ASSERT(head->shape[0] == 24 && head->shape[1] == 5 && head->shape[3] == 4);
  CU_ASSERT_PTR_NULL(mpp_params_find(p, "embed.in_proj.6.weight"));
  CU_ASSERT_PTR_NULL(mpp_params_find(p, "debed.out_proj.3.weight"));
  mpp_params_destroy(p);

  c.npatch = 1;
  c.patch[0] = 8;
  p = list_of(&c, 5);
  first = mpp_params_find(p, "embed.in_proj.0.weight");
  head = mpp_params_find(p, "debed.out_kernel");
  CU_ASSERT(first->shape[0] == 96 && first->shape[1] == 24 && first->shape[2] == 8);
  CU_ASSERT(head->shape[0] == 96 && head->shape[1] == 5 && head->shape[2] == 8);
  CU_ASSERT_PTR_NULL(mpp_params_find(p, "debed.out_proj.0.weight"));
  mpp_params_destroy(p);
}

static void decay_takes_tensors_of_two_long_axes(void)
{
  const mpp_model_config c = tiny(MPP_BIAS_CONTINUOUS, MPP_MODE_FRAME);
  mpp_params *p = list_of(&c, 12);
  const char *decays[] = {"space_bag.weight", "blocks.0.temporal.input_head.weight",
                          "blocks.0.spatial.mlp.fc1.weight", "debed.out_kernel",
                          "blocks.0.spatial.rel_pos_bias.cpb_mlp.2.weight"};
  const char *keeps[] = {"space_bag.bias", "blocks.0.temporal.gamma", "debed.out_bias",
                         "blocks.0.spatial.rel_pos_bias.cpb_mlp.0.weight", /* [512, 1] */
                         "blocks.0.spatial.qnorm.weight"};
  for (size_t i = 0; i < 5; i++) {
    CU_ASSERT_TRUE(mpp_params_find(p, decays[i])->decays);
    CU_ASSERT_FALSE(mpp_params_find(p, keeps[i])->decays);
  }
  mpp_params_destroy(p);
}

static void biases_of_norms_without_centring_take_no_part(void)
{
  const mpp_model_config c = tiny(MPP_BIAS_REL, MPP_MODE_FRAME);
  mpp_params *p = list_of(&c, 12);
  size_t unused = 0;
  for (size_t i = 0; i < p->count; i++) { unused += !p->entry[i].used; }
  CU_ASSERT_EQUAL(unused, 3 + 2 * 3 + 2); /* stem, three in each of two blocks, destem */
  CU_ASSERT_FALSE(mpp_params_find(p, "blocks.0.spatial.norm1.bias")->used);
  CU_ASSERT_TRUE(mpp_params_find(p, "blocks.0.temporal.norm1.bias")->used);
  CU_ASSERT_FALSE(mpp_params_find(p, "embed.in_proj.1.bias")->used);
  CU_ASSERT_FALSE(mpp_params_find(p, "debed.out_proj.4.bias")->used);
  mpp_params_destroy(p);
}

/* Largest absolute value and root mean square of a tensor. */
static void spread(double *largest, double *rms, const float *w, const mpp_param *e)
{
  double square = 0.0;
  *largest = 0.0;
  for (size_t i = 0; i < e->count; i++) {
    *largest = fmax(*largest, fabs((double)w[e->offset + i]));
    square += (double)w[e->offset + i] * w[e->offset + i];
  }
  *rms = sqrt(square / (double)e->count);
}

static void initial_weights_have_the_published_spread(void)
{
  const mpp_model_config c = tiny(MPP_BIAS_CONTINUOUS, MPP_MODE_FRAME);
  mpp_params *p = list_of(&c, 12);
  float *w = NULL;
  REQUIRE_OK(MPP_ALLOC(&w, p->total));
  mpp_params_init(w, p, 3);
  const struct {
    const char *name;
    double fan_in;
  } uniform[] = {{"space_bag.weight", 12},
                 {"embed.in_proj.0.weight", 24 * 16},
                 {"embed.in_proj.6.weight", 24 * 4},
                 {"blocks.0.temporal.input_head.weight", 96},
                 {"blocks.0.temporal.input_head.bias", 96},
                 {"blocks.0.spatial.mlp.fc2.weight", 384},
                 {"blocks.1.spatial.rel_pos_bias.cpb_mlp.0.weight", 1},
                 {"blocks.1.spatial.rel_pos_bias.cpb_mlp.2.weight", 512},
                 {"debed.out_proj.0.weight", 24 * 4}, /* transposed: output channels */
                 {"debed.out_kernel", 12 * 16}};
  for (size_t i = 0; i < sizeof uniform / sizeof *uniform; i++) {
    const mpp_param *e = mpp_params_find(p, uniform[i].name);
    const double bound = 1.0 / sqrt(uniform[i].fan_in);
    double largest, rms;
    spread(&largest, &rms, w, e);
    CU_ASSERT(largest <= bound * (1.0 + 1e-7)); /* rounding to float32 */
    CU_ASSERT(largest > 0.97 * bound);
    /* Four standard errors of the RMS of n uniform numbers, 0.45 / sqrt(n) of it. */
    CU_ASSERT_DOUBLE_EQUAL(rms / (bound / sqrt(3.0)), 1.0, 4 * 0.45 / sqrt((double)e->count));
  }
  CU_ASSERT_EQUAL(w[mpp_params_find(p, "blocks.1.temporal.gamma")->offset], 1e-6f);
  CU_ASSERT_EQUAL(w[mpp_params_find(p, "blocks.1.temporal.norm1.weight")->offset], 1.0f);
  CU_ASSERT_EQUAL(w[mpp_params_find(p, "blocks.1.temporal.norm1.bias")->offset], 0.0f);
  mpp_free(w);
  mpp_params_destroy(p);
}

static void the_bias_table_starts_standard_normal(void)
{
  mpp_model_config c = tiny(MPP_BIAS_REL, MPP_MODE_FRAME);
  c.num_heads = 96; /* 3072 numbers a table */
  mpp_params *p = list_of(&c, 12);
  float *w = NULL;
  REQUIRE_OK(MPP_ALLOC(&w, p->total));
  mpp_params_init(w, p, 3);
  double largest, rms;
  const char *name = "blocks.0.spatial.rel_pos_bias.relative_attention_bias.weight";
  spread(&largest, &rms, w, mpp_params_find(p, name));
  CU_ASSERT_DOUBLE_EQUAL(rms, 1.0, 4 * 0.71 / sqrt(3072.0)); /* four standard errors */
  CU_ASSERT(largest > 2.5 && largest < 6.0);
  mpp_free(w);
  mpp_params_destroy(p);
}

static void corrections_of_a_base_start_with_a_zero_head(void)
{
  const mpp_mode modes[] = {MPP_MODE_DELTA, MPP_MODE_EXTRAPOLATE, MPP_MODE_AUTOREGRESS};
  for (int i = 0; i < 3; i++) {
    const mpp_model_config c = tiny(MPP_BIAS_REL, modes[i]);
    mpp_params *p = list_of(&c, 3);
    float *w = NULL;
    REQUIRE_OK(MPP_ALLOC(&w, p->total));
    mpp_params_init(w, p, 3);
    double largest, rms;
    spread(&largest, &rms, w, mpp_params_find(p, "debed.out_kernel"));
    CU_ASSERT_EQUAL(largest, 0.0);
    spread(&largest, &rms, w, mpp_params_find(p, "debed.out_bias"));
    CU_ASSERT_EQUAL(largest, 0.0);
    spread(&largest, &rms, w, mpp_params_find(p, "debed.out_proj.3.weight"));
    CU_ASSERT(largest > 0.0);
    mpp_free(w);
    mpp_params_destroy(p);
  }
}

static void initial_weights_depend_on_the_seed_alone(void)
{
  const mpp_model_config c = tiny(MPP_BIAS_REL, MPP_MODE_FRAME);
  mpp_params *p = list_of(&c, 12);
  float *w[4] = {NULL};
  for (int i = 0; i < 4; i++) {
    REQUIRE_OK(MPP_ALLOC(&w[i], p->total));
    mpp_set_threads(i % 3 + 1);
    mpp_params_init(w[i], p, i < 3 ? 5 : 6);
  }
  mpp_set_threads(0);
  CU_ASSERT(equal_bytes(w[0], w[1], p->total * sizeof *w[0]));
  CU_ASSERT(equal_bytes(w[0], w[2], p->total * sizeof *w[0]));
  CU_ASSERT(!equal_bytes(w[0], w[3], p->total * sizeof *w[0]));
  for (int i = 0; i < 4; i++) { mpp_free(w[i]); }
  mpp_params_destroy(p);
}

static void a_bad_configuration_gives_no_list(void)
{
  mpp_params *p = NULL;
  mpp_model_config c = tiny(MPP_BIAS_REL, MPP_MODE_FRAME);
  ASSERT_STATUS(mpp_params_create(&p, &c, 0), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("vocabulary");
  c.num_heads = 7;
  ASSERT_STATUS(mpp_params_create(&p, &c, 12), MPP_ERR_CONFIG);
  CU_ASSERT_PTR_NULL(p);
  c.num_heads = 3;
  for (long n = 0; n < 4; n++) { /* each allocation fails once */
    mpp_fault_after(n);
    ASSERT_STATUS(mpp_params_create(&p, &c, 12), MPP_ERR_NOMEM);
    CU_ASSERT_PTR_NULL(p);
  }
  mpp_fault_after(-1);
}

/* Every tensor of published weights is in the list with its shape, and no other. */
static void expect_published(const char *file, mpp_bias_type bias, size_t n_states)
{
  mpp_model_config c = tiny(bias, MPP_MODE_FRAME);
  char path[512];
  mpp_tensor_file *weights = NULL;
  c.embed_dim = 48;
  snprintf(path, sizeof path, "%s/golden/%s.safetensors", MPP_TEST_DATA, file);
  REQUIRE_OK(mpp_tensors_read(&weights, path));
  mpp_params *p = list_of(&c, n_states);
  CU_ASSERT_EQUAL(mpp_tensors_count(weights), p->count);
  for (size_t i = 0; i < p->count; i++) {
    const mpp_tensor *t = mpp_tensors_find(weights, p->entry[i].name);
    if (t == NULL) {
      CU_FAIL("a parameter is not among the published tensors");
      continue;
    }
    CU_ASSERT_EQUAL(t->rank, p->entry[i].rank);
    for (size_t a = 0; a < t->rank; a++) { CU_ASSERT_EQUAL(t->shape[a], p->entry[i].shape[a]); }
  }
  mpp_params_destroy(p);
  mpp_tensors_free(weights);
}

static void names_and_shapes_are_the_published_ones(void)
{
  expect_published("avit/periodic_4fields_32x32/weights", MPP_BIAS_REL, 12);
  expect_published("avit/periodic_2fields_80x48_odd_grid/weights", MPP_BIAS_REL, 6);
  expect_published("avit/open_1field_48x32/weights", MPP_BIAS_REL, 12);
  expect_published("avit/mixed_3fields_64x32_continuous/weights", MPP_BIAS_CONTINUOUS, 12);
  expect_published("train/initial_weights", MPP_BIAS_REL, 12);
}

TESTS({"names and shapes are the published ones", names_and_shapes_are_the_published_ones},
      {"entries tile the flat array", entries_tile_the_flat_array},
      {"the layout points at the named entries", the_layout_points_at_the_named_entries},
      {"patch factors name the stages", patch_factors_name_the_stages},
      {"decay takes tensors of two long axes", decay_takes_tensors_of_two_long_axes},
      {"biases of norms without centring take no part",
       biases_of_norms_without_centring_take_no_part},
      {"initial weights have the published spread", initial_weights_have_the_published_spread},
      {"the bias table starts standard normal", the_bias_table_starts_standard_normal},
      {"corrections of a base start with a zero head",
       corrections_of_a_base_start_with_a_zero_head},
      {"initial weights depend on the seed alone", initial_weights_depend_on_the_seed_alone},
      {"a bad configuration gives no list", a_bad_configuration_gives_no_list})
