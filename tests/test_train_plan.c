/* test_train_plan.c - memory of a training that is not begun. Peaks of real ones stand beside their
 * plans in tests/cli/test_plan.sh. */
#include "mpp/plan.h"

#include "plan_memory.h"
#include "test.h"
#include "trainer.h"

static mpp_train_options options; /* tens of kilobytes */

static void usual(int size)
{
  memset(&options, 0, sizeof options);
  REQUIRE_OK(mpp_options_defaults(&options, mpp_pretrain_table));
  options.size = size;
  options.threads = 1;
}

static mpp_plan plan_for(long grid, size_t memory)
{
  const mpp_plan_request request = {.grid = grid, .fields = 2};
  mpp_plan p;
  memset(&p, 0, sizeof p);
  options.memory = (double)memory;
  REQUIRE_OK(mpp_plan_training(&p, &options, mpp_pretrain_table, &request));
  return p;
}

static void parts_are_those_of_the_network_and_add_up(void)
{
  usual(MPP_SIZE_NANO);
  const mpp_plan p = plan_for(32, 0);
  CU_ASSERT_EQUAL(p.part[MPP_PLAN_WEIGHTS], 4 * p.parameters);
  CU_ASSERT_EQUAL(p.part[MPP_PLAN_GRADIENTS], 4 * p.parameters);
  CU_ASSERT_EQUAL(p.part[MPP_PLAN_MOMENTS], 8 * p.parameters); /* AdamW has two */
  CU_ASSERT_EQUAL(p.total, mpp_plan_sum(p.part));
  CU_ASSERT(p.part[MPP_PLAN_LIBRARY] > 0 && p.part[MPP_PLAN_ACTIVATIONS] > 0);
  CU_ASSERT(p.fits && p.fitting == -1);
  CU_ASSERT(isnan(p.seconds) && p.measured == 0);
  CU_ASSERT(p.largest.T == 8 && p.largest.C == 2 && p.largest.B == 4 && p.largest.grid[1] == 32);
  options.ema = 0.99;
  options.optimizer = MPP_OPTIMIZER_DADAPT_ADAN;
  const mpp_plan more = plan_for(32, 0);
  CU_ASSERT_EQUAL(more.part[MPP_PLAN_MOMENTS], 24 * p.parameters); /* five, and the mean */
}

static void operations_count_accumulation_unrolling_and_recomputation(void)
{
  usual(MPP_SIZE_NANO);
  const double one = plan_for(32, 0).flops;
  options.accumulate = 3;
  CU_ASSERT_DOUBLE_EQUAL(plan_for(32, 0).flops / one, 3.0, 1e-12); /* rounding */
  options.accumulate = 1;
  options.unroll = 3; /* a forward pass more in the mean: a third of a step */
  CU_ASSERT_DOUBLE_EQUAL(plan_for(32, 0).flops / one, 4.0 / 3.0, 1e-12);
  options.unroll = 1;
  options.recompute = true;
  CU_ASSERT_DOUBLE_EQUAL(plan_for(32, 0).flops / one, 4.0 / 3.0, 1e-12);
}

static void a_memory_to_fit_into_takes_recomputation_before_smaller_batches(void)
{
  usual(MPP_SIZE_TI);
  options.batch = 8;
  options.accumulate = 3;
  const mpp_plan all = plan_for(64, 0);
  options.recompute = true;
  const mpp_plan again = plan_for(64, 0);
  options.recompute = false;
  CU_ASSERT_FATAL(again.total < all.total);
  options.size = MPP_SIZE_MICRO;
  const mpp_plan small = plan_for(64, 0);
  options.size = MPP_SIZE_TI;
  /* the library's part is measured anew each time: some megabytes, a quarter of what recomputation
   * saves are tens of them */
  const size_t slack = (all.total - again.total) / 4;
  mpp_plan p = plan_for(64, all.total + slack);
  CU_ASSERT(p.fits && p.batch == 8 && !p.recompute);
  p = plan_for(64, again.total + slack);
  CU_ASSERT(p.fits && p.batch == 8 && p.recompute);
  p = plan_for(64, again.total - (again.total - p.least) / 4);
  CU_ASSERT(p.fits && p.batch < 8);
  CU_ASSERT_EQUAL(p.batch * p.accumulate, 24); /* as many windows a step */
  CU_ASSERT_FATAL(small.least + 2 * slack < p.least);
  p = plan_for(64, small.least + slack);
  CU_ASSERT(!p.fits && p.fitting == MPP_SIZE_MICRO);
  p = plan_for(64, 1000);
  CU_ASSERT(!p.fits && p.fitting == -1);
}

static void kept_fits_are_counted_in_the_mode_that_keeps_them(void)
{
  usual(MPP_SIZE_NANO);
  options.mode = MPP_MODE_AUTOREGRESS;
  CU_ASSERT_EQUAL(plan_for(32, 0).part[MPP_PLAN_FITS], 0);
  options.mode = MPP_MODE_WINDOW;
  options.steps = 2;
  const size_t few = plan_for(32, 0).part[MPP_PLAN_FITS];
  options.steps = 4;
  const size_t more = plan_for(32, 0).part[MPP_PLAN_FITS];
  options.steps = 1000000;
  CU_ASSERT(few > 0);
  CU_ASSERT_EQUAL(more, 2 * few);
  CU_ASSERT(plan_for(32, 0).part[MPP_PLAN_FITS] <= (size_t)256 << 20);
}

static void what_is_not_there_is_refused_with_its_parts(void)
{
  size_t part[MPP_PLAN_PARTS] = {0};
  part[MPP_PLAN_ACTIVATIONS] = (size_t)1 << 50;
  ASSERT_STATUS(mpp_plan_check(part, mpp_plan_sum(part), 0), MPP_ERR_NOMEM);
  ASSERT_MESSAGE("activations 1073741824");
  ASSERT_MESSAGE("MiB available");
  part[MPP_PLAN_ACTIVATIONS] = (size_t)1 << 20;
  ASSERT_OK(mpp_plan_check(part, mpp_plan_sum(part), 0));
}

static void settings_that_make_no_training_are_refused(void)
{
  mpp_plan p;
  mpp_plan_request request = {.grid = 0};
  usual(MPP_SIZE_NANO);
  ASSERT_STATUS(mpp_plan_training(&p, &options, mpp_pretrain_table, &request), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("nothing to plan for");
  request = (mpp_plan_request){.grid = 4, .fields = 1};
  ASSERT_STATUS(mpp_plan_training(&p, &options, mpp_pretrain_table, &request), MPP_ERR_DATA);
  ASSERT_MESSAGE("is one patch");
  request = (mpp_plan_request){.grid = 32, .fields = MPP_MAX_FIELDS + 1};
  ASSERT_STATUS(mpp_plan_training(&p, &options, mpp_pretrain_table, &request), MPP_ERR_CONFIG);
}

static void steps_are_measured(void)
{
  usual(MPP_SIZE_NANO);
  options.width = 12;
  options.heads = 1;
  options.blocks = 1;
  options.unroll = 2;
  const mpp_plan_request request = {.grid = 16, .fields = 1, .seconds = 0.01};
  mpp_plan p;
  REQUIRE_OK(mpp_plan_training(&p, &options, mpp_pretrain_table, &request));
  CU_ASSERT(p.seconds > 0.0 && p.measured > 0);
}

TESTS({"parts are those of the network and add up", parts_are_those_of_the_network_and_add_up},
      {"operations count accumulation, unrolling and recomputation",
       operations_count_accumulation_unrolling_and_recomputation},
      {"a memory to fit into takes recomputation before smaller batches",
       a_memory_to_fit_into_takes_recomputation_before_smaller_batches},
      {"kept fits are counted in the mode that keeps them",
       kept_fits_are_counted_in_the_mode_that_keeps_them},
      {"what is not there is refused with its parts", what_is_not_there_is_refused_with_its_parts},
      {"settings that make no training are refused", settings_that_make_no_training_are_refused},
      {"steps are measured", steps_are_measured})
