/* test_rollout_nc_aside.c - variables of the input beside the fields, and bounds, in a forecast
 * file. */
#include <netcdf.h>

#include "rollout_nc_file.h"
#include "style.h"
#include "written_forecast.h"

enum {
  LAT,
  ROW,
  CRS,
  X_BNDS,
  Y_BNDS,
  CORNERS,
  CELL_ENDS,
  TIME_BNDS,
  TAKEN,
  ZLEV,
  OTHER_ZLEV,
  IMPOSSIBLE,
  IMPOSSIBLE_BNDS,
  NAMED_ODDLY,
  COUNT
};

static double lat[CELLS], row[NY], x_bounds[2 * NX], y_bounds[2 * NY], corners[4 * CELLS],
    cell_ends[3 * NY];

/* Axis 1 is x, and 2 is y: those of the file in this order, as the input has a look of its own. */
static const mpp_aside asides[COUNT] = {
    [LAT] = {.path = "lat", .rank = 2, .axis = {1, 2}, .value = lat, .n = CELLS},
    [ROW] = {.path = "row", .rank = 1, .axis = {2}, .value = row, .n = NY, .whole = true},
    [CRS] = {.path = "crs", .n = 1},
    [X_BNDS] = {.path = "x_bnds",
                .rank = 1,
                .axis = {1},
                .vertices = 2,
                .vertex = "nv",
                .value = x_bounds,
                .n = 2 * NX},
    [Y_BNDS] = {.path = "y_bnds",
                .rank = 1,
                .axis = {2},
                .vertices = 2,
                .vertex = "nv",
                .value = y_bounds,
                .n = 2 * NY},
    [CORNERS] = {.path = "corners",
                 .rank = 2,
                 .axis = {2, 1},
                 .vertices = 4,
                 .vertex = "nv",
                 .value = corners,
                 .n = 4 * CELLS},
    [CELL_ENDS] = {.path = "cell_ends",
                   .rank = 1,
                   .axis = {2},
                   .vertices = 3,
                   .value = cell_ends,
                   .n = 3 * NY},
    [TIME_BNDS] = {.path = "time_bnds",
                   .timed = true,
                   .of_time = true,
                   .vertices = 2,
                   .vertex = "nv",
                   .n = 2},
    [TAKEN] = {.path = "h", .timed = true, .rank = 2, .axis = {1, 2}, .n = CELLS},
    [ZLEV] = {.path = "a/zlev", .timed = true, .rank = 2, .axis = {2, 1}, .n = CELLS},
    [OTHER_ZLEV] = {.path = "b/zlev", .timed = true, .rank = 2, .axis = {2, 1}, .n = CELLS},
    [IMPOSSIBLE] = {.path = "(lat)", .rank = 1, .axis = {2}, .value = row, .n = NY},
    [IMPOSSIBLE_BNDS] = {.path = "(bnds)", .timed = true, .vertices = 3, .n = 3},
    [NAMED_ODDLY] = {.path = "sides", .timed = true, .vertices = 5, .vertex = "-1", .n = 5}};
enum { VALUES = 2 + 3 * CELLS + 3 + 5, AT_ZLEV = 2 + CELLS };

static mpp_aside own[COUNT];
static mpp_style_aside look[COUNT];
static mpp_style_attribute units = {.name = "units", .text = "degrees_north"};

static mpp_style style_of_all(void)
{
  memcpy(own, asides, sizeof own);
  for (int i = 0; i < COUNT; i++) {
    const char *slash = strrchr(own[i].path, '/');
    snprintf(look[i].name, sizeof look[i].name, "%.90s", slash != NULL ? slash + 1 : own[i].path);
    look[i].attributes = (mpp_style_list){.count = 0};
  }
  look[LAT].attributes = (mpp_style_list){.count = 1, .capacity = 1, .item = &units};
  for (int i = 0; i < CELLS; i++) { lat[i] = i == 7 ? NAN : 0.5 * i; }
  for (int i = 0; i < NY; i++) { row[i] = 3 + i; }
  for (int i = 0; i < 4 * CELLS; i++) { corners[i] = 0.25 * i; }
  return (mpp_style){.aside = own, .aside_look = look, .nasides = COUNT, .nbeside = VALUES};
}

static double beside_of(size_t record, size_t at) { return 1000.0 * (double)record + (double)at; }

/* The second record knows nothing of them. */
static mpp_status write_all(const char *path, const mpp_style *style)
{
  mpp_rollout_nc *w = NULL;
  double beside[VALUES];
  mpp_rollout_nc_layout l = layout();
  l.has_truth = false;
  l.style = style;
  mpp_status st = mpp_rollout_nc_create(&w, path, &l);
  for (size_t k = 0; st == MPP_OK && k < 3; k++) {
    test_fill(prediction[k], FRAME, k);
    for (size_t i = 0; i < VALUES; i++) { beside[i] = i == 1 ? NAN : beside_of(k, i); }
    const mpp_rollout_record r = {
        .time = (double)k, .prediction = prediction[k], .beside = k == 1 ? NULL : beside};
    st = mpp_rollout_nc_append(w, &r);
  }
  if (st != MPP_OK) {
    mpp_rollout_nc_abandon(w);
    return st;
  }
  return mpp_rollout_nc_close(w);
}

static int open_all(int slot)
{
  int nc = -1;
  const char *path = test_path(slot, "asides.nc");
  const mpp_style style = style_of_all();
  REQUIRE_OK(write_all(path, &style));
  CU_ASSERT_FATAL(nc_open(path, NC_NOWRITE, &nc) == 0);
  return nc;
}

/* "double zlev(time, y, x) filled" */
static void describe(char out[1024], int nc, const char *name)
{
  int id = -1, rank = 0, dims[NC_MAX_VAR_DIMS] = {0}, there = 0;
  nc_type type = NC_NAT;
  char dim[NC_MAX_NAME + 1];
  CU_ASSERT_FATAL(nc_inq_varid(nc, name, &id) == 0 &&
                  nc_inq_var(nc, id, NULL, &type, &rank, dims, NULL) == 0);
  snprintf(out, 1024, "%s", type == NC_DOUBLE ? "double" : type == NC_INT ? "int" : "other");
  for (int d = 0; d < rank; d++) {
    CU_ASSERT(nc_inq_dimname(nc, dims[d], dim) == 0);
    strcat(strcat(out, " "), dim);
  }
  strcat(out, nc_inq_attid(nc, id, "_FillValue", &there) == 0 ? " filled" : "");
}

static void bounds_have_their_dimension_and_others_the_axes_in_their_order(void)
{
  static const char *const expected[COUNT] = {
      [LAT] = "double x y filled", /* one is missing */
      [ROW] = "int y",
      [CRS] = "int",
      [X_BNDS] = "double x nv",
      [Y_BNDS] = "double y nv",
      [CORNERS] = "double y x corners_vertices", /* there are two nv */
      [CELL_ENDS] = "double y cell_ends_vertices",
      [TIME_BNDS] = "double time nv filled",
      [ZLEV] = "double time y x filled",
      [NAMED_ODDLY] = "double time sides_vertices filled"};
  char text[1024];
  int id = -1, rank = 0;
  size_t length = 0;
  const int nc = open_all(0);
  for (int i = 0; i < COUNT; i++) {
    if (expected[i] != NULL) {
      describe(text, nc, look[i].name);
      CU_ASSERT_STRING_EQUAL(text, expected[i]);
    }
  }
  describe(text, nc, "h"); /* the field */
  CU_ASSERT_STRING_EQUAL(text, "other time x y filled");
  CU_ASSERT(nc_inq_dimid(nc, "corners_vertices", &id) == 0 && nc_inq_dimlen(nc, id, &length) == 0);
  CU_ASSERT_EQUAL(length, 4);
  CU_ASSERT(nc_inq_nvars(nc, &rank) == 0);
  CU_ASSERT_EQUAL(rank, 4 + 2 + COUNT - 4); /* times, axes, fields, all but four */
  memset(text, 0, sizeof text);
  CU_ASSERT(nc_inq_varid(nc, "lat", &id) == 0 && nc_get_att_text(nc, id, "units", text) == 0);
  CU_ASSERT_STRING_EQUAL(text, units.text);
  nc_close(nc);
}

/* The attribute that a file has where the input names `left` beside them. */
static void left_out(char *text, size_t size, char *left)
{
  int nc = -1;
  size_t length = 0;
  const char *path = test_path(0, "left.nc");
  mpp_style style = style_of_all();
  style.left = left;
  memset(text, 0, size);
  REQUIRE_OK(write_all(path, &style));
  CU_ASSERT_FATAL(nc_open(path, NC_NOWRITE, &nc) == 0);
  CU_ASSERT_FATAL(nc_inq_attlen(nc, NC_GLOBAL, "mpp_left_out", &length) == 0 && length < size);
  CU_ASSERT(nc_get_att_text(nc, NC_GLOBAL, "mpp_left_out", text) == 0);
  nc_close(nc);
}

static void all_that_has_no_place_is_listed(void)
{
  enum { MANY = 9000, NAME = 8 };
  static const char start[] = "variables of the input that its fields or axes name: ";
  static const char own_ones[] = "h, b/zlev, (lat), (bnds)";
  static char left[MANY * NAME + 1], text[MANY * NAME + 200], expected[MANY * NAME + 200];
  left_out(text, sizeof text, NULL);
  snprintf(expected, sizeof expected, "%s%s", start, own_ones);
  CU_ASSERT_STRING_EQUAL(text, expected);
  for (int i = 0; i < 1000; i++) { snprintf(left + NAME * i, NAME + 1, "s%05d, ", i); }
  left[NAME * 1000 - 2] = '\0';
  left_out(text, sizeof text, left);
  snprintf(expected, sizeof expected, "%s%s, %s", start, left, own_ones);
  CU_ASSERT_STRING_EQUAL(text, expected);
  for (int i = 0; i < MANY; i++) { snprintf(left + NAME * i, NAME + 1, "s%05d, ", i); }
  left_out(text, sizeof text, left); /* more than an attribute can hold */
  const size_t length = strlen(text);
  CU_ASSERT(length > 59000 && length < 60100);
  CU_ASSERT_EQUAL(strncmp(text + strlen(start), left, length - strlen(start) - 5), 0);
  CU_ASSERT_STRING_EQUAL(text + length - 5, ", ...");
}

static void values_that_do_not_change_are_written_once(void)
{
  double x[4 * CELLS];
  int id = -1;
  const int nc = open_all(0);
  CU_ASSERT(nc_inq_varid(nc, "lat", &id) == 0 && nc_get_var_double(nc, id, x) == 0);
  for (int i = 0; i < CELLS; i++) { CU_ASSERT_EQUAL(x[i], i == 7 ? NC_FILL_DOUBLE : lat[i]); }
  CU_ASSERT(nc_inq_varid(nc, "row", &id) == 0 && nc_get_var_double(nc, id, x) == 0);
  CU_ASSERT_EQUAL(memcmp(x, row, sizeof row), 0);
  CU_ASSERT(nc_inq_varid(nc, "corners", &id) == 0 && nc_get_var_double(nc, id, x) == 0);
  CU_ASSERT_EQUAL(memcmp(x, corners, sizeof corners), 0);
  nc_close(nc);
}

/* The variables whose names are taken have values, too, which go nowhere. */
static void each_record_has_its_own_values(void)
{
  double bounds[3][2], zlev[3][CELLS];
  float field[3][CELLS];
  int id = -1;
  const int nc = open_all(0);
  CU_ASSERT(nc_inq_varid(nc, "time_bnds", &id) == 0 && nc_get_var_double(nc, id, bounds[0]) == 0);
  CU_ASSERT(nc_inq_varid(nc, "zlev", &id) == 0 && nc_get_var_double(nc, id, zlev[0]) == 0);
  CU_ASSERT(nc_inq_varid(nc, "h", &id) == 0 && nc_get_var_float(nc, id, field[0]) == 0);
  for (size_t k = 0; k < 3; k++) {
    CU_ASSERT_EQUAL(bounds[k][0], k == 1 ? NC_FILL_DOUBLE : beside_of(k, 0));
    CU_ASSERT_EQUAL(bounds[k][1], NC_FILL_DOUBLE);
    for (size_t i = 0; i < CELLS; i++) {
      CU_ASSERT_EQUAL(zlev[k][i], k == 1 ? NC_FILL_DOUBLE : beside_of(k, AT_ZLEV + i));
    }
    CU_ASSERT_EQUAL(memcmp(field[k], prediction[k], sizeof field[k]), 0);
  }
  nc_close(nc);
}

static void bytes_of_a_record_are_at_least_its_values(void)
{
  const mpp_style style = style_of_all();
  mpp_rollout_nc_file file = {.style = &style};
  size_t variables = 0;
  CU_ASSERT(mpp_nc_aside_bytes(&file, &variables) >= VALUES * sizeof(double));
  CU_ASSERT_EQUAL(variables, 6);
  file.style = NULL;
  CU_ASSERT(mpp_nc_aside_bytes(&file, &variables) == 0 && variables == 0);
}

static void every_fallible_call_may_fail(void)
{
  const char *path = test_path(1, "fault.nc");
  const mpp_style style = style_of_all();
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    const mpp_status st = TEST_FAULT(&faults, write_all(path, &style));
    CU_ASSERT(st != MPP_ERR_USAGE && st != MPP_ERR_INTERNAL);
  }
  CU_ASSERT(faults.failed >= 100);
}

TESTS({"bounds have their dimension, and others the axes in their order",
       bounds_have_their_dimension_and_others_the_axes_in_their_order},
      {"all that has no place is listed", all_that_has_no_place_is_listed},
      {"values that do not change are written once", values_that_do_not_change_are_written_once},
      {"each record has its own values", each_record_has_its_own_values},
      {"bytes of a record are at least its values", bytes_of_a_record_are_at_least_its_values},
      {"every fallible call may fail", every_fallible_call_may_fail})
