/* Pictures of forecasts and datasets, read back pixel by pixel. */
#include <netcdf.h>

#include "colormap.h"
#include "file.h"
#include "panels.h"
#include "picture.h"
#include "plot_source.h"
#include "small_forecast.h"

enum { CELL = 20 }; /* pixels of a cell at the default size: 240 pixels for 12 cells */

/* Where panel (row, column) of `rows` rows lies in a picture of the small case. */
static void corner(long at[2], long rows, long row, long column)
{
  const mpp_plot_source source = {
      .nx = SMALL_W, .ny = SMALL_H, .nrows = (size_t)rows, .ncols = 4, .title = "t"};
  const mpp_panels p = mpp_panels_arrange(&source, 240, false);
  CU_ASSERT(p.cell == CELL && p.width == SMALL_W * CELL && p.height == SMALL_H * CELL);
  mpp_panels_place(at, &p, (size_t)row, (size_t)column);
}

/* The middle of cell (i, j) from the lower left of a panel is drawn as `value`. */
static bool shows(const picture *p, const long at[2], long i, long j, double value, double low,
                  double high, bool diverging)
{
  unsigned char expected[3];
  const long x = at[0] + i * CELL + CELL / 2, y = at[1] + (SMALL_H - 1 - j) * CELL + CELL / 2;
  mpp_color(expected, value, low, high, diverging);
  return picture_has(p, x, y, expected);
}

static mpp_plot_options options_for(const char *input, const char *output)
{
  mpp_plot_options o;
  REQUIRE_OK(mpp_options_defaults(&o, mpp_plot_table));
  snprintf(o.input, sizeof o.input, "%s", input);
  snprintf(o.output, sizeof o.output, "%s", output);
  o.overwrite = true;
  return o;
}

static void a_dataset_is_drawn_with_y_upwards(void)
{
  const char *data = test_path(0, "data.h5"), *path = test_path(1, "data.png");
  small_data(data, 2);
  mpp_plot_options o = options_for(data, path);
  o.sample = 1;
  snprintf(o.field, sizeof o.field, "inhibitor");
  REQUIRE_OK(mpp_plot(&o));
  picture p = read_picture(path);
  static const size_t frames[] = {0, 5, 10, 15}; /* four of 0 .. 15 */
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (size_t k = 0; k < 4; k++) {
    for (size_t at = 0; at < SMALL_CELLS; at++) {
      const double value = (double)small_value(1, frames[k], 1, at / SMALL_W, at % SMALL_W);
      low = fmin(low, value);
      high = fmax(high, value);
    }
  }
  CU_ASSERT(low > 0.0);
  for (size_t k = 0; k < 4; k++) {
    long at[2];
    corner(at, 1, 0, (long)k);
    for (size_t j = 0; j < SMALL_H; j++) {
      for (size_t i = 0; i < SMALL_W; i++) {
        CU_ASSERT(shows(&p, at, (long)i, (long)j, (double)small_value(1, frames[k], 1, j, i), low,
                        high, false));
      }
    }
  }
  free(p.rgb);
}

/* Records of a variable of the forecast. */
static void read_variable(float *out, const char *path, const char *name)
{
  int nc = -1, v = -1;
  CU_ASSERT_FATAL(nc_open(path, NC_NOWRITE, &nc) == 0 && nc_inq_varid(nc, name, &v) == 0 &&
                  nc_get_var_float(nc, v, out) == 0);
  nc_close(nc);
}

/* Of steps 2 and 6 the file has the truth of the first alone. */
static void a_forecast_has_rows_of_truth_prediction_and_error(void)
{
  const char *forecast = test_path(0, "out.nc"), *path = test_path(1, "out.png");
  static float x[3][6][SMALL_CELLS];
  small_forecast(forecast, 9);
  mpp_plot_options o = options_for(forecast, path);
  o.steps = (mpp_int_list){2, {2, 6}};
  snprintf(o.field, sizeof o.field, "diffre2d:inhibitor");
  REQUIRE_OK(mpp_plot(&o));
  picture p = read_picture(path);
  read_variable(x[0][0], forecast, "inhibitor_truth");
  read_variable(x[1][0], forecast, "inhibitor");
  read_variable(x[2][0], forecast, "inhibitor_error");
  double low = HUGE_VAL, high = -HUGE_VAL, far = 0.0;
  for (size_t i = 0; i < SMALL_CELLS; i++) {
    low = fmin(low, (double)x[0][1][i]);
    high = fmax(high, (double)x[0][1][i]);
    far = fmax(far, fabs((double)x[2][1][i]));
  }
  long panel[3][2][2];
  for (long k = 0; k < 6; k++) { corner(panel[k / 2][k % 2], 3, k / 2, k % 2); }
  for (size_t at = 0; at < SMALL_CELLS; at++) {
    const long i = (long)at % SMALL_W, j = (long)at / SMALL_W;
    CU_ASSERT(shows(&p, panel[0][0], i, j, (double)x[0][1][at], low, high, false));
    CU_ASSERT(shows(&p, panel[1][0], i, j, (double)x[1][1][at], low, high, false));
    CU_ASSERT(shows(&p, panel[2][0], i, j, (double)x[2][1][at], -far, far, true));
    CU_ASSERT(shows(&p, panel[0][1], i, j, NAN, low, high, false)); /* no truth at step 6 */
    CU_ASSERT(shows(&p, panel[1][1], i, j, (double)x[1][5][at], low, high, false));
    CU_ASSERT(shows(&p, panel[2][1], i, j, NAN, -far, far, true));
  }
  free(p.rgb);
}

static void a_forecast_without_truth_has_one_row(void)
{
  const char *forecast = test_path(0, "alone.nc"), *path = test_path(1, "alone.png");
  small_forecast(forecast, SMALL_FRAMES - 4);
  mpp_plot_options o = options_for(forecast, path);
  REQUIRE_OK(mpp_plot(&o));
  picture p = read_picture(path);
  long last[2], below[2];
  corner(last, 1, 0, 3);
  corner(below, 1, 1, 0);
  CU_ASSERT(p.height < below[1] + 40 && p.width > last[0] + SMALL_W * CELL);
  free(p.rgb);
}

static void large_grids_are_shrunk_by_whole_cells(void)
{
  const char *data = test_path(0, "shrunk.h5"), *path = test_path(1, "shrunk.png");
  enum { N = 100, ALL = 2 * N * N };
  static float x[ALL];
  static double centre[N];
  const double time[2] = {0.0, 1.0};
  for (size_t i = 0; i < N; i++) { centre[i] = (double)i; }
  for (size_t i = 0; i < ALL; i++) { x[i] = i % N == 7 || i % N == 4 ? 0.0f : 1.0f; }
  const mpp_writer_options options = {.path = data,
                                      .layout = "pdebench-groups",
                                      .nfields = 1,
                                      .field = {"h"},
                                      .ntrajectories = 1,
                                      .nframes = 2,
                                      .grid = {1, N, N},
                                      .axis = {"", "y", "x"},
                                      .coordinate = {NULL, centre, centre},
                                      .time = time};
  mpp_writer *w = NULL;
  REQUIRE_OK(mpp_writer_create(&w, &options));
  REQUIRE_OK(mpp_writer_append(w, x, NULL, NULL, 0));
  REQUIRE_OK(mpp_writer_finish(w));
  mpp_plot_options o = options_for(data, path);
  o.size = 32;
  REQUIRE_OK(mpp_plot(&o));
  picture p = read_picture(path);
  /* pixel 1 of each row covers columns 4 .. 7, two of them 0 */
  const mpp_plot_source source = {.nx = N, .ny = N, .nrows = 1, .ncols = 2};
  const mpp_panels panels = mpp_panels_arrange(&source, 32, false);
  for (long i = 0; i < 25; i++) {
    unsigned char expected[3];
    mpp_color(expected, i == 1 ? 0.5 : 1.0, 0.0, 1.0, false);
    CU_ASSERT(picture_has(&p, panels.left + i, panels.top + 3, expected));
  }
  free(p.rgb);
}

static void four_steps_are_spread_evenly(void)
{
  static const long expected[] = {1, 7, 14, 20};
  mpp_plot_options o = options_for("", "");
  mpp_int_list steps;
  mpp_plot_source s;
  memset(&s, 0, sizeof s);
  REQUIRE_OK(mpp_plot_steps(&steps, &s, &o, 1, 20));
  CU_ASSERT(s.first == 1 && s.last == 20);
  CU_ASSERT_EQUAL(steps.count, 4);
  for (size_t k = 0; k < 4; k++) { CU_ASSERT_EQUAL(steps.item[k], expected[k]); }
  REQUIRE_OK(mpp_plot_steps(&steps, &s, &o, 3, 4));
  CU_ASSERT(steps.count == 2 && steps.item[0] == 3 && steps.item[1] == 4);
  REQUIRE_OK(mpp_plot_steps(&steps, &s, &o, 9, 9));
  CU_ASSERT(steps.count == 1 && steps.item[0] == 9);
  ASSERT_STATUS(mpp_plot_steps(&steps, &s, &o, 1, 0), MPP_ERR_DATA);
}

static mpp_plot_source labels_of(const char *path)
{
  static mpp_plot_options o;
  mpp_plot_source s;
  memset(&s, 0, sizeof s);
  o = options_for(path, "");
  o.steps = (mpp_int_list){1, {3}};
  REQUIRE_OK(mpp_plot_read(&s, &o));
  mpp_plot_source_free(&s);
  return s;
}

/* Our own times are dates that stand for a time without units; those of others are what they
 * are. */
static void axes_and_times_have_the_units_of_the_file(void)
{
  const char *path = test_path(1, "units.nc");
  int nc = -1, v = -1;
  small_forecast(path, 0);
  mpp_plot_source s = labels_of(path);
  CU_ASSERT_STRING_EQUAL(s.x_name, "x");
  CU_ASSERT_STRING_EQUAL(s.units, "1");
  CU_ASSERT(strncmp(s.column[0], "step 3, t = ", 12) == 0 && strstr(s.column[0], "sec") == NULL);
  CU_ASSERT_EQUAL_FATAL(nc_open(path, NC_WRITE, &nc), NC_NOERR);
  CU_ASSERT_EQUAL(nc_redef(nc), NC_NOERR);
  CU_ASSERT_EQUAL(nc_inq_varid(nc, "x", &v), NC_NOERR);
  CU_ASSERT_EQUAL(nc_put_att_text(nc, v, "units", 2, "km"), NC_NOERR);
  CU_ASSERT_EQUAL(nc_inq_varid(nc, "time", &v), NC_NOERR);
  CU_ASSERT_EQUAL(nc_put_att_text(nc, v, "units", 22, "hours since 2000-01-01"), NC_NOERR);
  CU_ASSERT_EQUAL(nc_put_att_text(nc, v, "long_name", 10, "valid time"), NC_NOERR);
  CU_ASSERT_EQUAL(nc_close(nc), NC_NOERR);
  s = labels_of(path);
  CU_ASSERT_STRING_EQUAL(s.x_name, "x [km]");
  CU_ASSERT_STRING_EQUAL(s.y_name, "y");
  CU_ASSERT_STRING_EQUAL(s.column[0] + strlen(s.column[0]) - 6, " hours");
}

static void what_cannot_be_drawn_is_said(void)
{
  const char *forecast = test_path(0, "said.nc"), *path = test_path(1, "said.png");
  small_forecast(forecast, 0);
  mpp_plot_options o = options_for(forecast, path);
  snprintf(o.field, sizeof o.field, "depth");
  ASSERT_STATUS(mpp_plot(&o), MPP_ERR_USAGE);
  ASSERT_MESSAGE("depth");
  o = options_for(forecast, path);
  o.steps = (mpp_int_list){1, {7}};
  ASSERT_STATUS(mpp_plot(&o), MPP_ERR_USAGE);
  ASSERT_MESSAGE("step 7, expected 1 to 6");
  o = options_for(test_path(4, "model.safetensors"), path);
  ASSERT_STATUS(mpp_plot(&o), MPP_ERR_DATA);
  ASSERT_MESSAGE("is a model");
  o = options_for(MPP_TEST_DATA "/pdebench/groups_1d.h5:lab", path);
  snprintf(o.slice, sizeof o.slice, "x=0");
  ASSERT_STATUS(mpp_plot(&o), MPP_ERR_USAGE);
  ASSERT_MESSAGE("have 1 axes of space");
  o = options_for("nowhere.nc", path);
  ASSERT_STATUS(mpp_plot(&o), MPP_ERR_NOINPUT);
  o = options_for("", path);
  ASSERT_STATUS(mpp_plot(&o), MPP_ERR_USAGE);
  o = options_for(forecast, "");
  ASSERT_STATUS(mpp_plot(&o), MPP_ERR_USAGE);
  o = options_for(test_path(5, "forecast_data.h5"), path);
  o.sample = 2;
  ASSERT_STATUS(mpp_plot(&o), MPP_ERR_USAGE);
  REQUIRE_OK(mpp_write_text(path, "mine"));
  o = options_for(forecast, path);
  o.overwrite = false;
  ASSERT_STATUS(mpp_plot(&o), MPP_ERR_EXISTS);
}

/* A forecast of a 3 x 4 grid and two steps. Variable `odd` has one dimension more than it should,
 * or is of that type. */
static void write_shapes(const char *path, const char *odd, nc_type type)
{
  static const struct {
    const char *name;
    int ndims, dim[4];
  } table[] = {{"time", 1, {0}},
               {"y", 1, {1}},
               {"x", 1, {2}},
               {"u", 3, {0, 1, 2}},
               {"u_truth", 3, {0, 1, 2}},
               {"u_error", 3, {0, 1, 2}},
               {"u_nrmse", 1, {0}}};
  static const size_t length[] = {2, 3, 4, 500};
  static const double zero[2 * 3 * 4 * 500] = {0.0};
  int nc = -1, dim[4], v[7];
  CU_ASSERT_EQUAL_FATAL(nc_create(path, NC_CLOBBER | NC_NETCDF4, &nc), NC_NOERR);
  CU_ASSERT(nc_def_dim(nc, "time", NC_UNLIMITED, &dim[0]) == NC_NOERR &&
            nc_def_dim(nc, "y", 3, &dim[1]) == NC_NOERR &&
            nc_def_dim(nc, "x", 4, &dim[2]) == NC_NOERR &&
            nc_def_dim(nc, "more", 500, &dim[3]) == NC_NOERR);
  for (size_t i = 0; i < 7; i++) {
    const bool is_odd = strcmp(table[i].name, odd) == 0;
    const size_t start[4] = {0};
    const bool of_type = type != NC_NAT;
    const int ndims = table[i].ndims + (is_odd && !of_type);
    int on[4];
    size_t count[4];
    for (int k = 0; k < ndims; k++) {
      on[k] = k < table[i].ndims ? dim[table[i].dim[k]] : dim[3];
      count[k] = length[on[k]];
    }
    CU_ASSERT(nc_def_var(nc, table[i].name, is_odd && of_type ? type : NC_DOUBLE, ndims, on,
                         &v[i]) == NC_NOERR);
    nc_enddef(nc);
    if (!is_odd || !of_type) {
      CU_ASSERT(nc_put_vara_double(nc, v[i], start, count, zero) == NC_NOERR);
    }
    nc_redef(nc);
  }
  CU_ASSERT(nc_put_att_text(nc, v[3], "mpp_field", 7, "swe:u_h") == NC_NOERR &&
            nc_put_att_text(nc, NC_GLOBAL, "mpp_command", 7, "rollout") == NC_NOERR &&
            nc_def_var(nc, "sim_time", NC_DOUBLE, 1, dim, &v[0]) == NC_NOERR);
  CU_ASSERT(nc_close(nc) == NC_NOERR);
}

/* Nothing is read past what was made room for: variables have the shape that they must have. */
static void a_forecast_whose_shapes_lie_is_refused(void)
{
  static const char *const odd[] = {"time", "y", "x", "u_truth", "u_error", "u_nrmse"};
  const char *forecast = test_path(0, "shapes.nc"), *path = test_path(1, "shapes.png");
  mpp_plot_options o = options_for(forecast, path);
  char message[64];
  write_shapes(forecast, "", NC_NAT);
  REQUIRE_OK(mpp_plot(&o));
  for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
    const int right = strchr(odd[i], '_') == NULL || strcmp(odd[i], "u_nrmse") == 0 ? 1 : 3;
    write_shapes(forecast, odd[i], NC_NAT);
    ASSERT_STATUS(mpp_plot(&o), MPP_ERR_DATA);
    snprintf(message, sizeof message, "variable '%s' has %d dimensions, expected %d", odd[i],
             right + 1, right);
    ASSERT_MESSAGE(message);
    write_shapes(forecast, odd[i], NC_STRING);
    ASSERT_STATUS(mpp_plot(&o), MPP_ERR_DATA);
    snprintf(message, sizeof message, "variable '%s' holds no numbers", odd[i]);
    ASSERT_MESSAGE(message);
  }
  write_shapes(forecast, "u", NC_CHAR);
  ASSERT_STATUS(mpp_plot(&o), MPP_ERR_DATA);
  ASSERT_MESSAGE("variable 'u' holds no numbers");
  o.show = MPP_SHOW_ERRORS;
  for (size_t i = 0; i < 2; i++) {
    write_shapes(forecast, i == 0 ? "u_nrmse" : "time", NC_NAT);
    ASSERT_STATUS(mpp_plot(&o), MPP_ERR_DATA);
    ASSERT_MESSAGE("has 2 dimensions, expected 1");
  }
}

static void every_fallible_call_may_fail(void)
{
  const char *forecast = test_path(0, "fault.nc"), *path = test_path(1, "fault.png");
  small_forecast(forecast, 6);
  for (int k = 0; k < 2; k++) {
    mpp_plot_options o = options_for(k == 0 ? forecast : test_path(5, "forecast_data.h5"), path);
    test_faults faults = {.each = 60, .stride = 3, .passes = 8};
    while (test_faults_next(&faults)) {
      CU_ASSERT_NOT_EQUAL(TEST_FAULT(&faults, mpp_plot(&o)), MPP_ERR_USAGE);
    }
    CU_ASSERT(faults.failed > 20);
  }
}

TESTS({"a dataset is drawn with y upwards", a_dataset_is_drawn_with_y_upwards},
      {"a forecast has rows of truth, prediction and error",
       a_forecast_has_rows_of_truth_prediction_and_error},
      {"a forecast without truth has one row", a_forecast_without_truth_has_one_row},
      {"large grids are shrunk by whole cells", large_grids_are_shrunk_by_whole_cells},
      {"four steps are spread evenly", four_steps_are_spread_evenly},
      {"axes and times have the units of the file", axes_and_times_have_the_units_of_the_file},
      {"what cannot be drawn is said", what_cannot_be_drawn_is_said},
      {"a forecast whose shapes lie is refused", a_forecast_whose_shapes_lie_is_refused},
      {"every fallible call may fail", every_fallible_call_may_fail})
