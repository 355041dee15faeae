/* test_layout_ins.c - incompressible flow: components last, velocity beside particles. */
#include "pdebench.h"

static void velocity_and_particles_become_three_fields(void)
{
  static const size_t order[] = {0, 1, 2};
  mpp_dataset *d = NULL;
  float x[2 * 3 * 6 * 5];
  double t[4], y[5];
  REQUIRE_OK(mpp_dataset_open(&d, FIXTURE("ins.h5"), NULL));
  const mpp_dataset_info *info = mpp_dataset_get_info(d);
  CU_ASSERT_STRING_EQUAL(info->layout, "pdebench-ins");
  CU_ASSERT(info->nfields == 3 && info->ntrajectories == 2 && info->nframes == 4);
  CU_ASSERT_STRING_EQUAL(info->field[0], "incompNS:Vx");
  CU_ASSERT_STRING_EQUAL(info->field[1], "incompNS:Vy");
  CU_ASSERT_STRING_EQUAL(info->field[2], "incompNS:particles");
  CU_ASSERT(info->grid[0] == 1 && info->grid[1] == 6 && info->grid[2] == 5);
  CU_ASSERT_STRING_EQUAL(info->axis[1], "x");
  CU_ASSERT_STRING_EQUAL(info->axis[2], "y");
  CU_ASSERT(info->boundary[1] == MPP_OPEN && info->boundary[2] == MPP_OPEN);
  for (size_t s = 0; s < 2; s++) {
    for (size_t start = 0; start < 3; start++) {
      ASSERT_OK(mpp_dataset_read(d, x, s, start, 2));
      CU_ASSERT_EQUAL(fixture_differences(x, order, 3, s, start, 2, 6, 5), 0);
    }
  }
  ASSERT_OK(mpp_dataset_times(d, t, 1));
  CU_ASSERT_EQUAL(t[3], (double)(3.0f * 0.005f));
  ASSERT_OK(mpp_dataset_coordinates(d, y, 2));
  CU_ASSERT(y[0] == 0.1 && y[4] == 0.9); /* centres of 5 cells of the unit square */
  mpp_dataset_close(d);
}

static void a_label_of_three_fields_is_taken(void)
{
  mpp_dataset *d = NULL;
  REQUIRE_OK(mpp_dataset_open(&d, FIXTURE("ins.h5:smoke"), NULL));
  CU_ASSERT_STRING_EQUAL(mpp_dataset_get_info(d)->field[2], "smoke:particles");
  mpp_dataset_close(d);
  d = NULL;
  ASSERT_STATUS(mpp_dataset_open(&d, FIXTURE("ins.h5:compNS"), NULL), MPP_ERR_DATA);
  ASSERT_MESSAGE("found 3 fields, expected 4 for system 'compNS'");
}

static void a_simulation_that_did_not_finish_is_refused(void)
{
  mpp_dataset *d = NULL;
  ASSERT_STATUS(mpp_dataset_open(&d, FIXTURE("ins_unfinished.h5"), NULL), MPP_ERR_DATA);
  ASSERT_MESSAGE("ins_unfinished.h5: latestIndex: found 1, expected 3");
  ASSERT_STATUS(mpp_dataset_open(&d, FIXTURE("bad_ins_index.h5"), NULL), MPP_ERR_DATA);
  ASSERT_MESSAGE("latestIndex: found -1, expected 3");
  CU_ASSERT_PTR_NULL(d);
}

TESTS({"velocity and particles become three fields", velocity_and_particles_become_three_fields},
      {"a label of three fields is taken", a_label_of_three_fields_is_taken},
      {"a simulation that did not finish is refused", a_simulation_that_did_not_finish_is_refused})
