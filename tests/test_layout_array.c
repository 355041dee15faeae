/* test_layout_array.c - files with one array a field, and the axes they have had over the years. */
#include "pdebench.h"

/* Fields of the files: density, pressure, Vx, Vy; of the dataset: Vx, Vy, density, pressure. */
static const size_t order[] = {2, 3, 0, 1};

static void compressible_flow_is_read_in_the_published_order(void)
{
  static const char *const names[] = {"compNS:Vx", "compNS:Vy", "compNS:density",
                                      "compNS:pressure"};
  mpp_dataset *d = NULL;
  float x[2 * 4 * 6 * 5];
  double t[4], y[5];
  REQUIRE_OK(mpp_dataset_open(&d, FIXTURE("array_periodic.hdf5"), NULL));
  const mpp_dataset_info *info = mpp_dataset_get_info(d);
  CU_ASSERT_STRING_EQUAL(info->layout, "pdebench-array");
  CU_ASSERT(info->nfields == 4 && info->ntrajectories == 3 && info->nframes == 4);
  for (int c = 0; c < 4; c++) { CU_ASSERT_STRING_EQUAL(info->field[c], names[c]); }
  CU_ASSERT_STRING_EQUAL(info->units[2], "kg m-3");
  CU_ASSERT(info->grid[0] == 1 && info->grid[1] == 6 && info->grid[2] == 5);
  CU_ASSERT_STRING_EQUAL(info->axis[1], "x");
  CU_ASSERT_STRING_EQUAL(info->axis[2], "y");
  CU_ASSERT(info->boundary[1] == MPP_PERIODIC && info->boundary[2] == MPP_PERIODIC);
  for (size_t s = 0; s < 3; s++) {
    ASSERT_OK(mpp_dataset_read(d, x, s, 1, 2));
    CU_ASSERT_EQUAL(fixture_differences(x, order, 4, s, 1, 2, 6, 5), 0);
  }
  ASSERT_OK(mpp_dataset_times(d, t, 0));
  CU_ASSERT_EQUAL(t[3], (double)(3.0f / 20.0f)); /* the fifth entry is left alone */
  ASSERT_OK(mpp_dataset_coordinates(d, y, 2));
  CU_ASSERT_EQUAL(y[4], (double)2.7f);
  mpp_dataset_close(d);
}

static void axes_follow_from_the_coordinates(void)
{
  static const struct {
    const char *path;
    size_t ntrajectories;
    mpp_boundary boundary;
  } cases[] = {
      {FIXTURE("array_trans.hdf5"), 3, MPP_OPEN},             /* as many times as frames */
      {FIXTURE("array_device_axis.hdf5"), 3, MPP_PERIODIC},   /* [1, N, T, X, Y] */
      {FIXTURE("array_no_sample_axis.hdf5"), 1, MPP_PERIODIC} /* [T, X, Y] */
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    mpp_dataset *d = NULL;
    float x[3 * 4 * 6 * 5];
    REQUIRE_OK(mpp_dataset_open(&d, cases[i].path, NULL));
    const mpp_dataset_info *info = mpp_dataset_get_info(d);
    CU_ASSERT_EQUAL(info->ntrajectories, cases[i].ntrajectories);
    CU_ASSERT(info->nframes == 4 && info->grid[1] == 6 && info->grid[2] == 5);
    CU_ASSERT_EQUAL(info->boundary[2], cases[i].boundary);
    for (size_t s = 0; s < info->ntrajectories; s++) {
      ASSERT_OK(mpp_dataset_read(d, x, s, 1, 3));
      CU_ASSERT_EQUAL(fixture_differences(x, order, 4, s, 1, 3, 6, 5), 0);
    }
    mpp_dataset_close(d);
  }
}

static void arrays_of_no_known_system_need_a_label(void)
{
  static const size_t by_name[] = {1, 0}; /* buoyancy, ux */
  mpp_dataset *d = NULL;
  float x[4 * 2 * 6 * 5];
  ASSERT_STATUS(mpp_dataset_open(&d, FIXTURE("array_other_fields.hdf5"), NULL), MPP_ERR_DATA);
  ASSERT_MESSAGE("2 fields of no known system");
  REQUIRE_OK(mpp_dataset_open(&d, FIXTURE("array_other_fields.hdf5:plume"), NULL));
  const mpp_dataset_info *info = mpp_dataset_get_info(d);
  CU_ASSERT_EQUAL(info->nfields, 2); /* `probe`, with fewer axes, is none */
  CU_ASSERT_STRING_EQUAL(info->field[0], "plume:buoyancy");
  CU_ASSERT_STRING_EQUAL(info->units[0], "1");
  CU_ASSERT_EQUAL(info->boundary[1], MPP_OPEN);
  ASSERT_OK(mpp_dataset_read(d, x, 2, 0, 4));
  CU_ASSERT_EQUAL(fixture_differences(x, by_name, 2, 2, 0, 4, 6, 5), 0);
  mpp_dataset_close(d);
  REQUIRE_OK(mpp_dataset_open(&d, FIXTURE("array_periodic.hdf5:lab"), NULL));
  CU_ASSERT_STRING_EQUAL(mpp_dataset_get_info(d)->field[3], "lab:pressure");
  mpp_dataset_close(d);
  d = NULL;
  ASSERT_STATUS(mpp_dataset_open(&d, FIXTURE("array_periodic.hdf5:incompNS"), NULL), MPP_ERR_DATA);
  ASSERT_MESSAGE("particles: dataset not there, expected for system 'incompNS'");
}

static void grids_of_one_and_three_axes_are_read(void)
{
  mpp_dataset *d = NULL;
  float x[4 * 8];
  REQUIRE_OK(mpp_dataset_open(&d, FIXTURE("array_1d.hdf5:burgers"), NULL));
  CU_ASSERT_STRING_EQUAL(mpp_dataset_get_info(d)->field[0], "burgers:Vx"); /* dataset "tensor" */
  CU_ASSERT_EQUAL(mpp_dataset_get_info(d)->grid[2], 8);
  ASSERT_OK(mpp_dataset_read(d, x, 2, 0, 4));
  CU_ASSERT_EQUAL(x[8 + 3], fixture_value(0, 2, 1, 3, 0));
  mpp_dataset_close(d);
  REQUIRE_OK(mpp_dataset_open(&d, FIXTURE("array_3d.hdf5:heat"), NULL));
  const mpp_dataset_info *info = mpp_dataset_get_info(d);
  CU_ASSERT(info->grid[0] == 4 && info->grid[1] == 5 && info->grid[2] == 2);
  CU_ASSERT_STRING_EQUAL(info->axis[0], "x");
  CU_ASSERT_STRING_EQUAL(info->axis[2], "z");
  float y[4 * 5 * 2];
  ASSERT_OK(mpp_dataset_read(d, y, 1, 2, 1));
  CU_ASSERT_EQUAL(y[(3 * 5 + 1) * 2 + 1], fixture_value(0, 1, 2, 3, 3)); /* last axis y * 2 + z */
  mpp_dataset_close(d);
}

TESTS({"compressible flow is read in the published order",
       compressible_flow_is_read_in_the_published_order},
      {"axes follow from the coordinates", axes_follow_from_the_coordinates},
      {"arrays of no known system need a label", arrays_of_no_known_system_need_a_label},
      {"grids of one and three axes are read", grids_of_one_and_three_axes_are_read})
