/* test_bench.c - what a measurement reports; how long things take is nobody's promise. */
#include "mpp/bench.h"

#include "alloc.h"
#include "test.h"

static mpp_bench_options small(void)
{
  mpp_bench_options o;
  REQUIRE_OK(mpp_options_defaults(&o, mpp_bench_table));
  o.size = MPP_SIZE_NANO;
  o.grid = (mpp_int_list){1, {32}};
  o.frames = 3;
  o.batch = 2;
  o.repeat = 2;
  return o;
}

static void a_report_holds_together(void)
{
  const mpp_bench_options o = small();
  mpp_bench_report r;
  REQUIRE_OK(mpp_bench(&r, &o));
  CU_ASSERT(r.shape.grid[0] == 1 && r.shape.grid[1] == 32 && r.shape.grid[2] == 32);
  CU_ASSERT(r.shape.T == 3 && r.shape.B == 2 && r.shape.C == 4);
  CU_ASSERT(r.peak_flops > 0.0);
  CU_ASSERT(r.step_memory >= r.forward_memory && r.forward_memory > r.cost.forward_memory);
  const mpp_bench_time *const times[] = {&r.forward, &r.step};
  for (int i = 0; i < 2; i++) {
    CU_ASSERT(times[i]->least > 0.0 && times[i]->least <= times[i]->median);
    CU_ASSERT(times[i]->median <= times[i]->most);
  }
  double sum = 0.0;
  for (int i = 0; i < MPP_STAGES; i++) {
    CU_ASSERT((r.stage[i][MPP_PASS_FORWARD] > 0.0) == (i != MPP_STAGE_UPDATE));
    CU_ASSERT(r.stage[i][MPP_PASS_BACKWARD] > 0.0);
    sum += r.stage[i][MPP_PASS_FORWARD] + r.stage[i][MPP_PASS_BACKWARD];
  }
  CU_ASSERT(sum <= r.fastest_step); /* parts of it that do not overlap, on one clock */
  CU_ASSERT_EQUAL(r.fastest_step, r.step.least);
}

static void grids_have_one_number_or_one_an_axis(void)
{
  mpp_bench_options o = small();
  mpp_bench_report r = {.peak_flops = -1.0};
  o.repeat = 1;
  o.grid = (mpp_int_list){2, {32, 64}};
  REQUIRE_OK(mpp_bench(&r, &o));
  CU_ASSERT(r.shape.grid[0] == 1 && r.shape.grid[1] == 32 && r.shape.grid[2] == 64);
  r.peak_flops = -1.0;
  o.grid = (mpp_int_list){2, {4, 4}}; /* one patch */
  ASSERT_STATUS(mpp_bench(&r, &o), MPP_ERR_DATA);
  o.grid = (mpp_int_list){4, {1, 1, 32, 32}};
  ASSERT_STATUS(mpp_bench(&r, &o), MPP_ERR_CONFIG);
  CU_ASSERT_EQUAL(r.peak_flops, -1.0);
}

static void every_failure_leaves_nothing_behind(void)
{
  const mpp_bench_options o = small();
  mpp_bench_report r;
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    const mpp_status st = TEST_FAULT(&faults, mpp_bench(&r, &o));
    CU_ASSERT(st == MPP_OK || st == MPP_ERR_NOMEM);
  }
  CU_ASSERT(faults.failed >= 15);
}

TESTS({"a report holds together", a_report_holds_together},
      {"grids have one number or one an axis", grids_have_one_number_or_one_an_axis},
      {"every failure leaves nothing behind", every_failure_leaves_nothing_behind})
