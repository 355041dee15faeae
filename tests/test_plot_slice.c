/* test_plot_slice.c - which plane of three axes is drawn. */
#include "plot_source.h"
#include "test.h"

static void the_axis_and_its_coordinate_are_read(void)
{
  const char *const name[3] = {"z", "y", "x"};
  size_t axis = 7;
  double where = 0.0;
  ASSERT_OK(mpp_plot_cut_axis(&axis, &where, "", name, 3, "data"));
  CU_ASSERT(axis == 0 && isnan(where));
  ASSERT_OK(mpp_plot_cut_axis(&axis, &where, "x=-2.5e-1", name, 3, "data"));
  CU_ASSERT(axis == 2 && where == -0.25);
  ASSERT_STATUS(mpp_plot_cut_axis(&axis, &where, "w=1", name, 3, "data"), MPP_ERR_USAGE);
  ASSERT_MESSAGE("no such axis, expected z, y or x");
  ASSERT_STATUS(mpp_plot_cut_axis(&axis, &where, "z=here", name, 3, "data"), MPP_ERR_USAGE);
  ASSERT_MESSAGE("found 'here', expected a coordinate");
  ASSERT_STATUS(mpp_plot_cut_axis(&axis, &where, "z", name, 3, "data"), MPP_ERR_USAGE);
  ASSERT_MESSAGE("expected AXIS=WHERE");
  ASSERT_STATUS(mpp_plot_cut_axis(&axis, &where, "y=1", name, 2, "data"), MPP_ERR_USAGE);
  ASSERT_MESSAGE("have 2 axes of space");
}

static void the_nearest_cell_is_cut(void)
{
  const double centre[4] = {0.125, 0.375, 0.625, 0.875};
  size_t cell = 9;
  ASSERT_OK(mpp_plot_cut_cell(&cell, (double)NAN, centre, 4, "data"));
  CU_ASSERT_EQUAL(cell, 2);
  ASSERT_OK(mpp_plot_cut_cell(&cell, 0.3, centre, 4, "data"));
  CU_ASSERT_EQUAL(cell, 1);
  ASSERT_OK(mpp_plot_cut_cell(&cell, 1.0, centre, 4, "data"));
  CU_ASSERT_EQUAL(cell, 3);
  ASSERT_STATUS(mpp_plot_cut_cell(&cell, 1.01, centre, 4, "data"), MPP_ERR_USAGE);
  ASSERT_MESSAGE("slice at 1.01, expected 0 to 1");
}

TESTS({"the axis and its coordinate are read", the_axis_and_its_coordinate_are_read},
      {"the nearest cell is cut", the_nearest_cell_is_cut})
