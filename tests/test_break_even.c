/* test_break_even.c - runs of the solver on coarser grids against runs by hand. */
#include "generated.h"
#include "resample.h"
#include "seeded_file.h"

enum { FRAMES = 12, N = 16, CELLS = N * N, FIELDS = 2, T = 4 };

static void score(mpp_scores *s, mpp_dataset *d, const long *horizons, size_t count)
{
  static mpp_evaluate_options o;
  REQUIRE_OK(mpp_options_defaults(&o, mpp_evaluate_table));
  o.context = T;
  o.windows = 2;
  o.split = MPP_ALL;
  o.stencils = false;
  o.resamples = 0;
  o.starts = (mpp_int_list){.count = 1, .item = {3}};
  o.horizons.count = count;
  memcpy(o.horizons.item, horizons, count * sizeof *horizons);
  REQUIRE_OK(mpp_evaluate(s, NULL, d, &o, NULL, NULL));
}

/* NRMSE at a horizon of a run of 8 cells from the start, mean over two windows and fields. */
static double by_hand(mpp_dataset *d, long horizon)
{
  static mpp_generate_options o;
  static float coarse[FRAMES * FIELDS * 64], truth[FIELDS * CELLS], fine[CELLS];
  double up[N * 8], one[1] = {1.0}, x[8], y[N], sum = 0.0, *const weight[3] = {one, up, up};
  const size_t from[3] = {1, 8, 8}, to[3] = {1, N, N}, at = 3 + T - 1 + (size_t)horizon;
  for (size_t i = 0; i < 8; i++) { x[i] = -1.0 + ((double)i + 0.5) / 4.0; }
  REQUIRE_OK(mpp_dataset_coordinates(d, y, 2));
  mpp_resample_cubic(up, y, N, x, 8, 0.0);
  double *work = calloc(mpp_resample_work(to, from), sizeof *work);
  for (size_t n = 0; n < 2; n++) {
    generated_options(&o, "", 1, FRAMES);
    o.resolution = 8;
    REQUIRE_OK(mpp_pde_trajectory(coarse, mpp_pde_find("diffusion-reaction"), &o, n));
    REQUIRE_OK(mpp_dataset_read(d, truth, n, at, 1));
    for (size_t c = 0; c < FIELDS; c++) {
      mpp_resample_apply(fine, to, coarse + (at * FIELDS + c) * 64, from, weight, work);
      sum += mpp_nrmse(fine, truth + c * CELLS, CELLS) / 4.0;
    }
  }
  free(work);
  return sum;
}

static void runs_are_those_of_the_solver_on_coarser_grids(void)
{
  static const long horizons[] = {1, 5};
  static mpp_scores s;
  const char *path = test_path(0, "dr.h5");
  mpp_dataset *d = NULL;
  mpp_break_even b;
  generated_file(path, "diffusion-reaction", 2, FRAMES);
  REQUIRE_OK(mpp_dataset_open(&d, path, NULL));
  score(&s, d, horizons, 2);
  REQUIRE_OK(mpp_break_even_run(&b, &s, d, NULL, NULL));
  CU_ASSERT_STRING_EQUAL(b.solver, "diffusion-reaction");
  /* 16, 12 and 8 cells, the last two from the context, too */
  CU_ASSERT(b.cells == N && b.nruns == 5 && b.nhorizons == 2);
  CU_ASSERT(b.run_cells[0] == 16 && b.run_cells[1] == 12 && b.run_cells[4] == 8);
  CU_ASSERT(!b.from_context[0] && !b.from_context[3] && b.from_context[4]);
  for (size_t h = 0; h < 2; h++) {
    const double expected = by_hand(d, horizons[h]);
    CU_ASSERT(b.nrmse[0 * 2 + h] < 1e-6); /* the same run: what cubic weights of 1 and 0 round */
    /* centres of the data are float32 in the file: 1e-7 of their distances, of weights about 1 */
    CU_ASSERT(fabs(b.nrmse[3 * 2 + h] - expected) < 1e-5 * expected);
    CU_ASSERT(b.nrmse[1 * 2 + h] > 1e-6 && b.nrmse[3 * 2 + h] > b.nrmse[1 * 2 + h]);
    CU_ASSERT(b.nrmse[4 * 2 + h] > 1e-6 && isfinite(b.nrmse[4 * 2 + h]));
    CU_ASSERT(b.seconds[4 * 2 + h] >= 0.0 && b.seconds[0 * 2 + h] > 0.0);
    CU_ASSERT(b.seconds[0 * 2 + 1] > b.seconds[0 * 2]);
  }
  mpp_break_even_free(&b);
  mpp_scores_free(&s);
  mpp_dataset_close(d);
}

static void the_coarsest_run_that_is_as_good_is_found(void)
{
  double nrmse[] = {1e-7, 0.02, 0.01, 0.1, 0.03}, seconds[] = {9.0, 4.0, 4.0, 1.0, 2.0};
  const mpp_break_even b = {.nruns = 5,
                            .nhorizons = 1,
                            .run_cells = {16, 12, 12, 8, 8},
                            .nrmse = nrmse,
                            .seconds = seconds};
  CU_ASSERT_EQUAL(mpp_break_even_find(&b, 0, 1e-8), 5);
  CU_ASSERT_EQUAL(mpp_break_even_find(&b, 0, 1e-3), 0);
  CU_ASSERT_EQUAL(mpp_break_even_find(&b, 0, 0.015), 2);
  CU_ASSERT_EQUAL(mpp_break_even_find(&b, 0, 0.03), 4);
  CU_ASSERT_EQUAL(mpp_break_even_find(&b, 0, 0.5), 3); /* of equal cells the faster one */
}

static void data_of_others_are_refused(void)
{
  static const long horizons[] = {1};
  static const size_t seeds[] = {1, 2};
  static mpp_scores s;
  static mpp_evaluate_options o;
  mpp_dataset *d = NULL;
  mpp_break_even b = {.nruns = 99};
  seeded_file(test_path(0, "data.h5"), seeds, 2, NULL);
  REQUIRE_OK(mpp_dataset_open(&d, test_path(0, "data.h5"), NULL));
  REQUIRE_OK(mpp_options_defaults(&o, mpp_evaluate_table));
  o.context = 3;
  o.split = MPP_ALL;
  o.stencils = false;
  o.horizons.count = 1;
  o.horizons.item[0] = horizons[0];
  REQUIRE_OK(mpp_evaluate(&s, NULL, d, &o, NULL, NULL));
  ASSERT_STATUS(mpp_break_even_run(&b, &s, d, NULL, NULL), MPP_ERR_DATA);
  CU_ASSERT_EQUAL(b.nruns, 99);
  mpp_scores_free(&s);
  mpp_dataset_close(d);
}

static void every_fallible_call_may_fail(void)
{
  static const long horizons[] = {1};
  static mpp_scores s;
  const char *path = test_path(0, "dr.h5");
  mpp_dataset *d = NULL;
  mpp_break_even b = {.nruns = 0};
  generated_file(path, "diffusion-reaction", 1, FRAMES);
  REQUIRE_OK(mpp_dataset_open(&d, path, NULL));
  score(&s, d, horizons, 1);
  test_faults faults = {.kept = 1}; /* the dataset may keep a larger buffer */
  while (test_faults_next(&faults)) {
    TEST_FAULT(&faults, mpp_break_even_run(&b, &s, d, NULL, NULL));
    mpp_break_even_free(&b);
  }
  CU_ASSERT(faults.failed >= 20);
  mpp_scores_free(&s);
  mpp_dataset_close(d);
}

TESTS({"runs are those of the solver on coarser grids",
       runs_are_those_of_the_solver_on_coarser_grids},
      {"the coarsest run that is as good is found", the_coarsest_run_that_is_as_good_is_found},
      {"data of others are refused", data_of_others_are_refused},
      {"every fallible call may fail", every_fallible_call_may_fail})
