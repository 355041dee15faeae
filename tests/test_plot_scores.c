/* Errors of a forecast over time, and spectra. */
#include <netcdf.h>
#include <unistd.h>

#include "chart.h"
#include "picture.h"
#include "plot_source.h"
#include "small_forecast.h"

static void errors_are_those_of_the_file(void)
{
  const char *forecast = test_path(0, "out.nc");
  mpp_plot_errors e = {0};
  double expected[FORECAST_STEPS] = {0};
  int nc = -1, v = -1;
  small_forecast(forecast, 9); /* frames 9 to 12 are the context: three steps have their truth */
  REQUIRE_OK(mpp_plot_read_errors(&e, forecast));
  CU_ASSERT(e.nfields == 2 && e.nsteps == FORECAST_STEPS);
  for (size_t f = 0; f < e.nfields; f++) {
    char name[MPP_NAME_MAX + 8];
    snprintf(name, sizeof name, "%s_nrmse", e.field[f]);
    CU_ASSERT_FATAL(nc_open(forecast, NC_NOWRITE, &nc) == 0 && nc_inq_varid(nc, name, &v) == 0 &&
                    nc_get_var_double(nc, v, expected) == 0);
    nc_close(nc);
    for (size_t k = 0; k < e.nsteps; k++) {
      const double value = e.nrmse[f * e.nsteps + k];
      CU_ASSERT(k < 3 ? value == expected[k] && value > 0.0 : isnan(value));
    }
  }
  mpp_plot_errors_free(&e);
}

static mpp_status plot(const char *input, const char *output, mpp_plot_show show)
{
  mpp_plot_options o;
  REQUIRE_OK(mpp_options_defaults(&o, mpp_plot_table));
  snprintf(o.input, sizeof o.input, "%s", input);
  snprintf(o.output, sizeof o.output, "%s", output);
  o.show = (int)show;
  o.overwrite = true;
  return mpp_plot(&o);
}

static void errors_and_spectra_are_drawn(void)
{
  const char *forecast = test_path(0, "out.nc"), *path = test_path(1, "scores.png");
  small_forecast(forecast, 0);
  REQUIRE_OK(plot(forecast, path, MPP_SHOW_ERRORS));
  picture p = read_picture(path);
  for (int field = 0; field < 2; field++) { /* a line each */
    CU_ASSERT(picture_count(&p, 0, 0, p.width, p.height, mpp_chart_colour(field)) > 100);
  }
  CU_ASSERT_EQUAL(picture_count(&p, 0, 0, p.width, p.height, mpp_chart_colour(2)), 0);
  free(p.rgb);
  REQUIRE_OK(plot(forecast, path, MPP_SHOW_SPECTRA));
  p = read_picture(path);
  for (int step = 0; step < 4; step++) { /* of the four steps */
    CU_ASSERT(picture_count(&p, 0, 0, p.width, p.height, mpp_chart_colour(step)) > 50);
  }
  free(p.rgb);
}

/* A dataset has spectra and no errors; so has a forecast without truth. */
static void errors_need_a_truth(void)
{
  const char *forecast = test_path(0, "alone.nc"), *path = test_path(1, "none.svg");
  small_forecast(forecast, SMALL_FRAMES - 4);
  ASSERT_STATUS(plot(forecast, path, MPP_SHOW_ERRORS), MPP_ERR_DATA);
  ASSERT_MESSAGE("holds no truth");
  CU_ASSERT(access(path, F_OK) != 0);
  ASSERT_OK(plot(forecast, path, MPP_SHOW_SPECTRA));
  ASSERT_OK(plot(test_path(5, "forecast_data.h5"), path, MPP_SHOW_SPECTRA));
}

static void every_fallible_call_may_fail(void)
{
  const char *forecast = test_path(0, "fault.nc"), *path = test_path(1, "fault.png");
  small_forecast(forecast, 0);
  for (int show = MPP_SHOW_ERRORS; show <= MPP_SHOW_SPECTRA; show++) {
    /* where a file cannot be looked at first, it is opened without */
    test_faults faults = {.stride = 3, .passes = 8};
    while (test_faults_next(&faults)) {
      TEST_FAULT(&faults, plot(forecast, path, (mpp_plot_show)show));
    }
    CU_ASSERT(faults.failed > 10);
  }
}

TESTS({"errors are those of the file", errors_are_those_of_the_file},
      {"errors and spectra are drawn", errors_and_spectra_are_drawn},
      {"errors need a truth", errors_need_a_truth},
      {"every fallible call may fail", every_fallible_call_may_fail})
