/* test_cost.c - counted costs against counts by hand, and against the memory that passes take. */
#include "mpp/cost.h"

#include "tiny_model.h"

/* One block: all frames give keys and values, the last one queries. 3 frames of 2 samples, 4 x 6
 * cells in patches of 2 x 2: 6 tokens a frame, in 2 rows of 3. */
static const mpp_model_config one_block = {.embed_dim = 8,
                                           .num_heads = 2,
                                           .processor_blocks = 1,
                                           .npatch = 1,
                                           .patch = {2},
                                           .bias = MPP_BIAS_REL,
                                           .mode = MPP_MODE_FRAME,
                                           .context = 3};
static const mpp_window_shape shape = {
    .T = 3, .B = 2, .C = 3, .grid = {1, 4, 6}, .column = {0, 1, 2}};

static double forward(const mpp_cost *cost, mpp_stage stage)
{
  return cost->stage[stage].flops[MPP_PASS_FORWARD];
}

static void operations_are_those_counted_by_hand(void)
{
  mpp_cost cost;
  REQUIRE_OK(mpp_cost_of(&cost, &one_block, 4, &shape));
  const double tokens = 3 * 2 * 6, queries = 2 * 6;
  CU_ASSERT_EQUAL(forward(&cost, MPP_STAGE_STEM), 2 * tokens * (3 * 4) * 8);
  CU_ASSERT_EQUAL(forward(&cost, MPP_STAGE_TIME_MAPS), 2 * (tokens * 8 * 24 + queries * 8 * 8));
  CU_ASSERT_EQUAL(forward(&cost, MPP_STAGE_TIME_ATTENTION), 2 * 2 * queries * 3 * 8);
  CU_ASSERT_EQUAL(forward(&cost, MPP_STAGE_SPACE_MAPS), 2 * queries * (8 * 24 + 8 * 8));
  CU_ASSERT_EQUAL(forward(&cost, MPP_STAGE_SPACE_ATTENTION), 2 * 2 * queries * (2 + 3) * 8);
  CU_ASSERT_EQUAL(forward(&cost, MPP_STAGE_MLP), 2 * 2 * queries * 8 * 32);
  CU_ASSERT_EQUAL(forward(&cost, MPP_STAGE_DESTEM), 2 * queries * 8 * (3 * 4));
  double sum = 0.0;
  for (int i = 0; i < MPP_STAGES; i++) {
    const mpp_stage_cost *s = &cost.stage[i];
    CU_ASSERT_EQUAL(s->flops[MPP_PASS_BACKWARD], 2.0 * s->flops[MPP_PASS_FORWARD]);
    CU_ASSERT(s->bytes[MPP_PASS_BACKWARD] > 0.0);
    CU_ASSERT((s->bytes[MPP_PASS_FORWARD] > 0.0) == (i != MPP_STAGE_UPDATE));
    CU_ASSERT(strlen(mpp_stage_name((mpp_stage)i)) > 2);
    sum += s->flops[MPP_PASS_FORWARD];
  }
  CU_ASSERT_EQUAL(cost.forward_flops, sum);
  CU_ASSERT_EQUAL(cost.step_flops, 3.0 * sum);
}

/* The published figure for Ti with 16 frames of 128 x 128 cells and the shortcuts of the last
 * block: about 14 GFLOP. */
static void a_named_size_costs_what_is_known_of_it(void)
{
  mpp_model_config ti;
  mpp_cost cost;
  mpp_window_shape s = {.T = 16, .B = 1, .C = 4, .grid = {1, 128, 128}, .column = {0, 1, 2, 3}};
  mpp_model_config_defaults(&ti, MPP_SIZE_TI);
  REQUIRE_OK(mpp_cost_of(&cost, &ti, 12, &s));
  CU_ASSERT_DOUBLE_EQUAL(cost.forward_flops, 14.12e9, 0.01e9); /* given to four digits */
}

static void memory_is_what_the_model_says(void)
{
  mpp_model_config config = tiny_config(MPP_MODE_DELTA, MPP_BIAS_REL);
  const mpp_window_shape s = tiny_shape();
  mpp_model *m = tiny_model(&config, 3);
  mpp_cost cost;
  size_t forward_bytes = 0, step_bytes = 0;
  REQUIRE_OK(mpp_cost_of(&cost, &config, 4, &s));
  REQUIRE_OK(mpp_predict_memory(&forward_bytes, m, &s, false));
  REQUIRE_OK(mpp_predict_memory(&step_bytes, m, &s, true));
  CU_ASSERT_EQUAL(cost.forward_memory, forward_bytes);
  CU_ASSERT_EQUAL(cost.step_memory, step_bytes);
  CU_ASSERT_EQUAL(cost.parameters, mpp_model_parameter_count(m));
  mpp_model_destroy(m);
}

static void what_makes_no_model_or_window_is_refused(void)
{
  mpp_model_config config = one_block;
  mpp_window_shape s = shape;
  mpp_cost cost = {.parameters = 7};
  s.grid[1] = s.grid[2] = 2; /* one patch */
  ASSERT_STATUS(mpp_cost_of(&cost, &config, 4, &s), MPP_ERR_DATA);
  config.num_heads = 3;
  ASSERT_STATUS(mpp_cost_of(&cost, &config, 4, &shape), MPP_ERR_CONFIG);
  CU_ASSERT_EQUAL(cost.parameters, 7);
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    TEST_FAULT(&faults, mpp_cost_of(&cost, &one_block, 4, &shape));
  }
  CU_ASSERT(faults.failed >= 3);
}

TESTS({"operations are those counted by hand", operations_are_those_counted_by_hand},
      {"a named size costs what is known of it", a_named_size_costs_what_is_known_of_it},
      {"memory is what the model says", memory_is_what_the_model_says},
      {"what makes no model or window is refused", what_makes_no_model_or_window_is_refused})
