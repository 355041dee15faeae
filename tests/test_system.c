/* test_system.c - fields and boundaries by the name of a system. */
#include "system.h"
#include "test.h"

static mpp_axis_name x_y[3] = {"", "x", "y"}, y_x[3] = {"", "y", "x"};

static void fields_of_a_system_stand_in_channel_order(void)
{
  size_t n = 0;
  const mpp_field_info *f = mpp_system_fields(&n, "compNS");
  CU_ASSERT_EQUAL_FATAL(n, 4);
  CU_ASSERT_STRING_EQUAL(f[0].name, "Vx");
  CU_ASSERT_STRING_EQUAL(f[3].name, "pressure");
  CU_ASSERT_PTR_NULL(mpp_system_fields(&n, "comp"));
  CU_ASSERT_EQUAL(n, 0);
}

static void boundaries_are_as_published_unless_the_name_says_otherwise(void)
{
  static const struct {
    const char *system, *path;
    mpp_boundary x, y;
  } cases[] = {
      {"swe", "2D_rdb_NA_NA.h5", MPP_OPEN, MPP_OPEN},
      {"diffre2d", "periodic.h5", MPP_OPEN, MPP_OPEN},
      {"incompNS", "ns_incom_inhom_2d_512-0.h5", MPP_OPEN, MPP_OPEN},
      {"compNS", "2D_CFD_Rand_M0.1_Eta0.01_Zeta0.01_periodic_128_Train.hdf5", MPP_PERIODIC,
       MPP_PERIODIC},
      {"compNS", "trans/2D_CFD.hdf5", MPP_PERIODIC, MPP_PERIODIC}, /* a folder says nothing */
      {"compNS", "a/2D_CFD_Rand_trans_Train.hdf5", MPP_OPEN, MPP_OPEN},
      {"compNS", "2D_shock.hdf5", MPP_OPEN, MPP_OPEN},
      {"compNS", "KH_M01_dk1_Re1e3.hdf5", MPP_PERIODIC, MPP_OPEN},
      {"compNS", "OTVortex.hdf5", MPP_PERIODIC, MPP_PERIODIC},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    mpp_boundary b[3];
    mpp_system_boundary(b, x_y, cases[i].system, cases[i].path);
    CU_ASSERT(b[0] == MPP_OPEN && b[1] == cases[i].x && b[2] == cases[i].y);
    mpp_system_boundary(b, y_x, cases[i].system, cases[i].path);
    CU_ASSERT(b[0] == MPP_OPEN && b[1] == cases[i].y && b[2] == cases[i].x);
  }
}

static bool both(const mpp_side side[2], mpp_side kind)
{
  return side[0] == kind && side[1] == kind;
}

static void boundaries_are_named_by_coordinate(void)
{
  static const struct {
    const char *text;
    mpp_side x, y;
  } cases[] = {
      {"x=periodic,y=open", MPP_SIDE_PERIODIC, MPP_SIDE_OPEN},
      {"y=periodic", MPP_SIDE_OPEN, MPP_SIDE_PERIODIC},
      {"periodic", MPP_SIDE_PERIODIC, MPP_SIDE_PERIODIC},
      {"open", MPP_SIDE_OPEN, MPP_SIDE_OPEN},
      {" y = periodic , x = wall ", MPP_SIDE_WALL, MPP_SIDE_PERIODIC},
      {"periodic,y=wall", MPP_SIDE_PERIODIC, MPP_SIDE_WALL},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    mpp_side b[3][2] = {{MPP_SIDE_OPEN}};
    REQUIRE_OK(mpp_boundary_parse(b, y_x, cases[i].text, "test"));
    CU_ASSERT(both(b[0], MPP_SIDE_OPEN) && both(b[2], cases[i].x) && both(b[1], cases[i].y));
  }
  mpp_side b[3][2] = {{MPP_SIDE_OPEN}};
  REQUIRE_OK(mpp_boundary_parse(b, y_x, "x=open:wall", "test")); /* low side, high side */
  CU_ASSERT(b[2][0] == MPP_SIDE_OPEN && b[2][1] == MPP_SIDE_WALL && both(b[1], MPP_SIDE_OPEN));
}

static void wrong_boundaries_are_named_and_set_nothing(void)
{
  static const struct {
    const char *text, *message;
  } cases[] = {
      {"x=periodic,z=open", "test: boundary of axis 'z', expected one of: x y"},
      {"x=closed", "test: boundary 'closed', expected 'periodic', 'open' or 'wall'"},
      {"x", "test: boundary 'x'"},
      {"", "test: boundary ''"},
      {"x=open,", "test: boundary ''"},
      {"=open", "test: boundary of axis ''"},
      {"x=periodic=open", "test: boundary 'periodic=open'"},
      {"x=periodic:open", "test: boundary 'periodic:open': one side is periodic"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    mpp_side b[3][2] = {{MPP_SIDE_OPEN}};
    ASSERT_STATUS(mpp_boundary_parse(b, x_y, cases[i].text, "test"), MPP_ERR_USAGE);
    ASSERT_MESSAGE(cases[i].message);
    for (int a = 0; a < 3; a++) { CU_ASSERT(both(b[a], MPP_SIDE_OPEN)); }
  }
}

TESTS({"fields of a system stand in channel order", fields_of_a_system_stand_in_channel_order},
      {"boundaries are as published unless the name says otherwise",
       boundaries_are_as_published_unless_the_name_says_otherwise},
      {"boundaries are named by coordinate", boundaries_are_named_by_coordinate},
      {"wrong boundaries are named and set nothing", wrong_boundaries_are_named_and_set_nothing})
