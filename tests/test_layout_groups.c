/* test_layout_groups.c - files with one group a seed, as h5py wrote them. */
#include <hdf5.h>

#include "file.h"
#include "mpp/input.h"
#include "pdebench.h"

static const size_t in_order[] = {0, 1, 2};

static void shallow_water_is_read_with_its_names_and_axes(void)
{
  mpp_dataset *d = NULL;
  float x[4 * 6 * 5];
  double t[4], y[6];
  REQUIRE_OK(mpp_dataset_open(&d, FIXTURE("groups_swe.h5"), NULL));
  const mpp_dataset_info *info = mpp_dataset_get_info(d);
  CU_ASSERT_STRING_EQUAL(info->layout, "pdebench-groups");
  CU_ASSERT_STRING_EQUAL(info->system, "swe");
  CU_ASSERT_EQUAL(info->nfields, 1);
  CU_ASSERT_STRING_EQUAL(info->field[0], "swe:h");
  CU_ASSERT_STRING_EQUAL(info->units[0], "m");
  CU_ASSERT(info->ntrajectories == 3 && info->nframes == 4);
  CU_ASSERT(info->grid[0] == 1 && info->grid[1] == 6 && info->grid[2] == 5);
  CU_ASSERT_STRING_EQUAL(info->axis[0], "");
  CU_ASSERT_STRING_EQUAL(info->axis[1], "y");
  CU_ASSERT_STRING_EQUAL(info->axis[2], "x");
  CU_ASSERT(info->boundary[1] == MPP_OPEN && info->boundary[2] == MPP_OPEN);
  ASSERT_OK(mpp_dataset_read(d, x, 2, 0, 4));
  CU_ASSERT_EQUAL(fixture_differences(x, in_order, 1, 2, 0, 4, 6, 5), 0);
  ASSERT_OK(mpp_dataset_times(d, t, 2));
  CU_ASSERT(t[0] == 2.0 && t[3] == 2.75); /* of seed 2: k / 4 + seed */
  ASSERT_OK(mpp_dataset_coordinates(d, y, 1));
  CU_ASSERT(y[0] == 0.25 && y[5] == 2.75); /* centres of 6 cells on (0, 3) */
  ASSERT_OK(mpp_dataset_coordinates(d, y, 0));
  CU_ASSERT_EQUAL(y[0], 0.0);
  mpp_dataset_close(d);
}

static void windows_of_two_channels_are_read_channel_by_channel(void)
{
  mpp_dataset *d = NULL;
  float x[2 * 2 * 6 * 5];
  REQUIRE_OK(mpp_dataset_open(&d, FIXTURE("groups_diffre2d.h5"), NULL));
  const mpp_dataset_info *info = mpp_dataset_get_info(d);
  CU_ASSERT_STRING_EQUAL(info->field[0], "diffre2d:activator");
  CU_ASSERT_STRING_EQUAL(info->field[1], "diffre2d:inhibitor");
  for (size_t s = 0; s < 3; s++) {
    for (size_t start = 0; start < 3; start++) {
      ASSERT_OK(mpp_dataset_read(d, x, s, start, 2));
      CU_ASSERT_EQUAL(fixture_differences(x, in_order, 2, s, start, 2, 6, 5), 0);
    }
  }
  mpp_dataset_close(d);
}

static void one_spatial_axis_is_read_as_the_last_of_the_grid(void)
{
  mpp_dataset *d = NULL;
  float x[4 * 8];
  REQUIRE_OK(mpp_dataset_open(&d, FIXTURE("groups_1d.h5"), NULL));
  const mpp_dataset_info *info = mpp_dataset_get_info(d);
  CU_ASSERT_STRING_EQUAL(info->field[0], "diffsorb:u");
  CU_ASSERT(info->grid[0] == 1 && info->grid[1] == 1 && info->grid[2] == 8);
  CU_ASSERT_STRING_EQUAL(info->axis[1], "");
  CU_ASSERT_STRING_EQUAL(info->axis[2], "x");
  ASSERT_OK(mpp_dataset_read(d, x, 1, 0, 4));
  CU_ASSERT_EQUAL(x[3 * 8 + 7], fixture_value(0, 1, 3, 7, 0));
  mpp_dataset_close(d);
}

static void coordinates_tell_that_x_comes_first_where_they_can(void)
{
  mpp_dataset *d = NULL;
  double x[6];
  REQUIRE_OK(mpp_dataset_open(&d, FIXTURE("groups_x_first.h5"), NULL));
  const mpp_dataset_info *info = mpp_dataset_get_info(d);
  CU_ASSERT(info->grid[1] == 6 && info->grid[2] == 5);
  CU_ASSERT_STRING_EQUAL(info->axis[1], "x");
  CU_ASSERT_STRING_EQUAL(info->axis[2], "y");
  ASSERT_OK(mpp_dataset_coordinates(d, x, 1));
  /* 1 - 1/6 as float32 */
  CU_ASSERT_EQUAL(x[5], (double)(float)(1.0 - 1.0 / 6.0));
  mpp_dataset_close(d);
}

static void a_label_names_the_system_or_relabels_the_fields(void)
{
  static const struct {
    const char *spec, *last;
  } cases[] = {
      {FIXTURE("groups_diffre2d.h5:diffre2d"), "diffre2d:inhibitor"},
      {FIXTURE("groups_diffre2d.h5:lab"), "lab:inhibitor"},
      {FIXTURE("groups_three_channels.h5:incompNS"), "incompNS:particles"},
      {FIXTURE("groups_three_channels.h5:lab"), "lab:c2"},
      {FIXTURE("groups_1d.h5:swe"), "swe:h"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    mpp_dataset *d = NULL;
    REQUIRE_OK(mpp_dataset_open(&d, cases[i].spec, NULL));
    const mpp_dataset_info *info = mpp_dataset_get_info(d);
    CU_ASSERT_STRING_EQUAL(info->field[info->nfields - 1], cases[i].last);
    mpp_dataset_close(d);
  }
}

static void a_system_that_does_not_fit_is_refused(void)
{
  mpp_dataset *d = NULL;
  ASSERT_STATUS(mpp_dataset_open(&d, FIXTURE("groups_swe.h5:diffre2d"), NULL), MPP_ERR_DATA);
  ASSERT_MESSAGE("found 1 fields, expected 2 for system 'diffre2d'");
  ASSERT_STATUS(mpp_dataset_open(&d, FIXTURE("groups_three_channels.h5"), NULL), MPP_ERR_DATA);
  ASSERT_MESSAGE("3 fields of no known system: name one with");
  CU_ASSERT_PTR_NULL(d);
}

/* PDEBench's own simulator, h5py's LZF, some chunks stored raw. Numbers by h5py and numpy. */
static void a_file_of_pdebenchs_own_simulator_is_read_to_the_last_bit(void)
{
  mpp_dataset *d = NULL;
  static float x[17 * 2 * 64 * 64];
  double t[17], sum[2] = {0.0, 0.0};
  uint32_t hash = 2166136261u; /* FNV-1a over the bits of x: every entry counts */
  REQUIRE_OK(mpp_dataset_open(&d, FIXTURE("diff-react_64.h5"), NULL));
  const mpp_dataset_info *info = mpp_dataset_get_info(d);
  CU_ASSERT_STRING_EQUAL(info->system, "diffre2d");
  CU_ASSERT(info->ntrajectories == 2 && info->nframes == 17 && info->grid[1] == 64);
  REQUIRE_OK(mpp_dataset_read(d, x, 1, 0, 17));
  for (size_t i = 0; i < sizeof x / sizeof x[0]; i++) {
    uint32_t bits;
    memcpy(&bits, &x[i], sizeof bits);
    for (int byte = 0; byte < 4; byte++) { hash = (hash ^ (bits >> 8 * byte & 0xff)) * 16777619u; }
    sum[i / 4096 % 2] += x[i];
  }
  CU_ASSERT_EQUAL(hash, 0x91155e97u);
  /* sums in double on both sides, other order of addition: 1e-12 of 7e4 terms of size 1 */
  CU_ASSERT_DOUBLE_EQUAL(sum[0], -793.3091522801392, 1e-7);
  CU_ASSERT_DOUBLE_EQUAL(sum[1], -744.5695334233671, 1e-7);
  ASSERT_OK(mpp_dataset_times(d, t, 0));
  CU_ASSERT_EQUAL(t[16], (double)4.8f);
  mpp_dataset_close(d);
}

/* The times of a group have two axes, those of the first, which describes all, have one. */
static void times_of_another_shape_are_refused(void)
{
  static const hsize_t shape[] = {4, 1000};
  static const double zero[4 * 1000] = {0.0};
  const char *path = test_path(0, "times.h5");
  char *text = NULL;
  size_t size = 0;
  double t[4];
  mpp_dataset *d = NULL;
  REQUIRE_OK(mpp_read_text(&text, &size, FIXTURE("groups_swe.h5"), 1 << 20));
  REQUIRE_OK(mpp_write_bytes(path, text, size));
  mpp_free(text);
  const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  const hid_t space = H5Screate_simple(2, shape, NULL);
  CU_ASSERT_FATAL(file >= 0 && H5Ldelete(file, "0001/grid/t", H5P_DEFAULT) >= 0);
  const hid_t times = H5Dcreate2(file, "0001/grid/t", H5T_NATIVE_DOUBLE, space, H5P_DEFAULT,
                                 H5P_DEFAULT, H5P_DEFAULT);
  CU_ASSERT(H5Dwrite(times, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, zero) >= 0);
  CU_ASSERT(H5Dclose(times) >= 0 && H5Sclose(space) >= 0 && H5Fclose(file) >= 0);
  ASSERT_STATUS(mpp_dataset_open(&d, path, NULL), MPP_ERR_DATA);
  ASSERT_MESSAGE("0001/grid/t: found 2 axes, expected 1");
  mpp_trust_input(true); /* no first look */
  REQUIRE_OK(mpp_dataset_open(&d, path, NULL));
  mpp_trust_input(false);
  ASSERT_OK(mpp_dataset_times(d, t, 0));
  ASSERT_STATUS(mpp_dataset_times(d, t, 1), MPP_ERR_DATA);
  ASSERT_MESSAGE("0001/grid/t: found 2 axes, expected 1");
  mpp_dataset_close(d);
}

TESTS({"shallow water is read with its names and axes",
       shallow_water_is_read_with_its_names_and_axes},
      {"windows of two channels are read channel by channel",
       windows_of_two_channels_are_read_channel_by_channel},
      {"one spatial axis is read as the last of the grid",
       one_spatial_axis_is_read_as_the_last_of_the_grid},
      {"coordinates tell that x comes first where they can",
       coordinates_tell_that_x_comes_first_where_they_can},
      {"a label names the system or relabels the fields",
       a_label_names_the_system_or_relabels_the_fields},
      {"times of another shape are refused", times_of_another_shape_are_refused},
      {"a system that does not fit is refused", a_system_that_does_not_fit_is_refused},
      {"a file of PDEBench's own simulator is read to the last bit",
       a_file_of_pdebenchs_own_simulator_is_read_to_the_last_bit})
