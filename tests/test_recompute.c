/* test_recompute.c - blocks that run again before their backward pass: the same bits in less
 * memory. */
#include "equal_bytes.h"
#include "tiny_model.h"

enum { FRAME = 2 * 2 * 64 * 32, WINDOW = 4 * FRAME, BLOCKS = 4 }; /* at most */

/* Output y and gradients of one training pass on a window of `shape`, by default tiny_shape(). */
static void train_on(float *y, float *gradients, mpp_model *m, const mpp_drop *drop, bool recompute,
                     const mpp_window_shape *shape)
{
  static float x[WINDOW], dy[FRAME];
  tiny_window(x, shape, 8);
  test_fill(dy, FRAME, 3);
  m->recompute = recompute;
  if (gradients != NULL) {
    memset(gradients, 0, m->params->total * sizeof *gradients);
  }
  REQUIRE_OK(mpp_predict_forward(m, y, x, shape, true, drop));
  mpp_predict_backward(m, gradients, dy, x, shape, drop);
}

static void train(float *y, float *gradients, mpp_model *m, const mpp_drop *drop, bool recompute)
{
  const mpp_window_shape shape = tiny_shape();
  train_on(y, gradients, m, drop, recompute, &shape);
}

static void gradients_have_the_same_bits(void)
{
  static float y[2][FRAME];
  const mpp_drop drop = {.rate = 0.5, .seed = 4, .position = 9};
  for (mpp_mode mode = MPP_MODE_FRAME; mode <= MPP_MODE_AUTOREGRESS; mode++) {
    for (int blocks = 1; blocks <= BLOCKS; blocks++) {
      mpp_model_config config = tiny_config(mode, MPP_BIAS_CONTINUOUS);
      config.processor_blocks = blocks;
      mpp_model *m = tiny_model(&config, 6);
      const size_t total = m->params->total;
      float *kept = calloc(total, sizeof *kept), *again = calloc(total, sizeof *again);
      for (int drops = 0; drops < 2; drops++) {
        train(y[0], kept, m, drops ? &drop : NULL, false);
        train(y[1], again, m, drops ? &drop : NULL, true);
        CU_ASSERT(equal_bytes(y[0], y[1], sizeof y[0]));
        CU_ASSERT(equal_bytes(kept, again, total * sizeof *kept));
      }
      free(kept);
      free(again);
      mpp_model_destroy(m);
    }
  }
}

/* Blocks that keep more than the stem's scratch, over which no gradients lie. */
enum { MANY = 12 };

/* Of a pass in memory that holds no numbers: output and gradients as in arrays of their own, and
 * predictions after it as before it. */
static void check_within(mpp_model *m, float *apart, bool recompute, const mpp_drop *drop,
                         const mpp_window_shape *shape)
{
  static float y[2][FRAME], x[WINDOW];
  const size_t total = m->params->total;
  tiny_window(x, shape, 8);
  m->gradients_within = false;
  train_on(y[0], apart, m, drop, recompute, shape);
  m->gradients_within = true;
  train_on(y[1], NULL, m, drop, recompute, shape); /* takes the memory */
  for (size_t i = 0; i < m->tape->bytes / sizeof(float); i++) { m->tape->memory[i] = NAN; }
  train_on(y[1], NULL, m, drop, recompute, shape);
  CU_ASSERT(equal_bytes(y[0], y[1], sizeof y[0]));
  CU_ASSERT(equal_bytes(apart, mpp_predict_gradients(m), total * sizeof *apart));
  REQUIRE_OK(mpp_predict_forward(m, y[1], x, shape, false, NULL));
  CU_ASSERT_PTR_NULL(mpp_predict_gradients(m));
  CU_ASSERT_PTR_NULL(m->tape->space[0].hidden); /* it was where another array is now */
  CU_ASSERT(drop != NULL || equal_bytes(y[0], y[1], sizeof y[0]));
}

/* Where the arrays of a block are larger than its weights (width 12), and the other way round
 * (width 48), and where the stem's scratch is larger than all (one block of few tokens). */
static void gradients_take_the_place_of_what_is_dead(void)
{
  const mpp_drop drop = {.rate = 0.5, .seed = 4, .position = 9};
  for (int i = 0; i < 12; i++) {
    mpp_model_config config = tiny_config((mpp_mode)(i / 3), MPP_BIAS_CONTINUOUS);
    config.processor_blocks = i % 3 == 2 ? 1 : MANY;
    config.embed_dim = i % 3 == 1 ? 48 : 12;
    config.edges = i / 3 == MPP_MODE_DELTA;
    mpp_window_shape shape = tiny_shape();
    if (i % 3 == 2) { /* two tokens a frame */
      config.patch[1] = 16;
      shape.grid[1] = 64;
      shape.grid[2] = 32;
    }
    mpp_model *m = tiny_model(&config, 6);
    float *apart = calloc(m->params->total, sizeof *apart);
    for (int recompute = 0; recompute < 2; recompute++) {
      check_within(m, apart, recompute == 1, NULL, &shape);
      check_within(m, apart, recompute == 1, &drop, &shape);
    }
    free(apart);
    mpp_model_destroy(m);
  }
}

/* They take the memory of what blocks keep or of the weights, whichever is more, and of one block
 * of the other, beside what a pass takes in any case. */
static void both_take_the_memory_of_the_larger(void)
{
  const mpp_window_shape shape = tiny_shape();
  for (int i = 0; i < 2; i++) {
    size_t bytes[2][2];
    size_t weights = 0;
    for (int more = 0; more < 2; more++) {
      mpp_model_config config = tiny_config(MPP_MODE_FRAME, MPP_BIAS_REL);
      config.embed_dim = i == 0 ? 12 : 48;
      config.processor_blocks = MANY - 1 + more;
      mpp_model *m = tiny_model(&config, 6);
      m->withheld = SIZE_MAX / 2; /* nothing that could be made again is kept */
      for (int within = 0; within < 2; within++) {
        m->gradients_within = within == 1;
        ASSERT_OK(mpp_predict_memory(&bytes[within][more], m, &shape, true));
      }
      weights = m->params->total * sizeof(float) - weights; /* in the end of one block */
      mpp_model_destroy(m);
    }
    const size_t kept = bytes[0][1] - bytes[0][0], both = bytes[1][1] - bytes[1][0];
    CU_ASSERT(i == 0 ? kept > weights : kept < weights);
    /* begin and end are rounded up to a line of 64 bytes */
    CU_ASSERT_DOUBLE_EQUAL((double)both, (double)(i == 0 ? kept : weights), 128.0);
  }
}

/* With room for none of the arrays that could be made again, for some, for all. */
static void what_is_kept_changes_no_bits(void)
{
  static float y[2][FRAME];
  enum { STEPS = 12 };
  const mpp_drop drop = {.rate = 0.5, .seed = 4, .position = 9};
  const mpp_window_shape shape = tiny_shape();
  mpp_model_config config = tiny_config(MPP_MODE_FRAME, MPP_BIAS_REL);
  config.processor_blocks = BLOCKS;
  mpp_model *m = tiny_model(&config, 6);
  const size_t total = m->params->total;
  float *all = calloc(total, sizeof *all), *some = calloc(total, sizeof *some);
  size_t most = 0, least = 0, before = 0;
  ASSERT_OK(mpp_predict_memory(&most, m, &shape, true));
  train(y[0], all, m, &drop, false);
  const size_t spare = MPP_SPARE - 2 * (total * sizeof(float) / 5);
  m->withheld = spare;
  ASSERT_OK(mpp_predict_memory(&least, m, &shape, true));
  CU_ASSERT(least < most);
  for (size_t i = 0; i <= STEPS; i++) {
    size_t bytes = 0;
    m->withheld = spare - (most - least) * i / STEPS;
    ASSERT_OK(mpp_predict_memory(&bytes, m, &shape, true));
    CU_ASSERT(bytes >= before && bytes <= least + (most - least) * i / STEPS);
    before = bytes;
    train(y[1], some, m, &drop, false);
    CU_ASSERT(equal_bytes(y[0], y[1], sizeof y[0]));
    CU_ASSERT(equal_bytes(all, some, total * sizeof *all));
  }
  CU_ASSERT_EQUAL(before, most);
  free(all);
  free(some);
  mpp_model_destroy(m);
}

/* A block more costs its input, an eighth or less of what it costs when all is kept. */
static void a_block_costs_its_input_alone(void)
{
  const mpp_window_shape shape = tiny_shape();
  const size_t tokens = shape.T * shape.B * 3 * 2; /* 12 x 8 cells in patches of 4 x 4 */
  size_t bytes[2][2];
  for (int i = 0; i < 2; i++) {
    mpp_model_config config = tiny_config(MPP_MODE_FRAME, MPP_BIAS_REL);
    config.processor_blocks = 3 + i;
    mpp_model *m = tiny_model(&config, 6);
    for (int recompute = 0; recompute < 2; recompute++) {
      m->recompute = recompute == 1;
      ASSERT_OK(mpp_predict_memory(&bytes[recompute][i], m, &shape, true));
    }
    mpp_model_destroy(m);
  }
  const size_t all = bytes[0][1] - bytes[0][0], input = bytes[1][1] - bytes[1][0];
  /* and three flags of drop path a sample, each array rounded up to a line of 64 bytes */
  CU_ASSERT(input <= tokens * 24 * sizeof(float) + 4 * 64);
  CU_ASSERT(8 * input <= all);
}

/* The figure is what a pass takes, in either manner, and the manners may take turns. */
static void the_memory_figure_holds(void)
{
  static float y[FRAME];
  const mpp_window_shape shape = tiny_shape();
  mpp_model_config config = tiny_config(MPP_MODE_DELTA, MPP_BIAS_REL);
  config.processor_blocks = BLOCKS;
  mpp_model *m = tiny_model(&config, 6);
  float *gradients = calloc(m->params->total, sizeof *gradients);
  const mpp_drop drop = {.rate = 0.1};
  size_t less = 0, more = 0;
  m->recompute = true;
  ASSERT_OK(mpp_predict_memory(&less, m, &shape, true));
  train(y, gradients, m, &drop, true);
  CU_ASSERT_EQUAL(m->tape->bytes, less);
  m->recompute = false;
  ASSERT_OK(mpp_predict_memory(&more, m, &shape, true));
  train(y, gradients, m, &drop, false);
  CU_ASSERT_EQUAL(m->tape->bytes, more);
  CU_ASSERT(less < more);
  free(gradients);
  mpp_model_destroy(m);
}

TESTS({"gradients have the same bits", gradients_have_the_same_bits},
      {"gradients take the place of what is dead", gradients_take_the_place_of_what_is_dead},
      {"both take the memory of the larger", both_take_the_memory_of_the_larger},
      {"what is kept changes no bits", what_is_kept_changes_no_bits},
      {"a block costs its input alone", a_block_costs_its_input_alone},
      {"the memory figure holds", the_memory_figure_holds})
