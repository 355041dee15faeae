/* Variables of forecast files, from a file made here with netCDF. */
#include "test.h"

#include <netcdf.h>

typedef struct seen {
  size_t count;
  char text[4][128];
} seen;

static void note(void *context, const mpp_variable *v)
{
  seen *s = context;
  if (s->count < 4) {
    snprintf(s->text[s->count], sizeof s->text[0], "%s|%s|%s|%zu|%s|%zu", v->name, v->units,
             v->long_name, v->ndims, v->ndims > 0 ? v->dimension[v->ndims - 1] : "",
             v->ndims > 0 ? v->shape[0] : 0);
  }
  s->count++;
}

static void write_file(const char *path)
{
  int nc = -1, dim[5], var = -1;
  CU_ASSERT_EQUAL_FATAL(nc_create(path, NC_CLOBBER | NC_NETCDF4, &nc), NC_NOERR);
  for (int k = 0; k < 5; k++) {
    char name[8];
    snprintf(name, sizeof name, "d%d", k);
    CU_ASSERT_EQUAL(nc_def_dim(nc, name, (size_t)k + 2, &dim[k]), NC_NOERR);
  }
  CU_ASSERT_EQUAL(nc_def_var(nc, "height", NC_FLOAT, 3, dim, &var), NC_NOERR);
  CU_ASSERT_EQUAL(nc_put_att_text(nc, var, "units", 1, "m"), NC_NOERR);
  CU_ASSERT_EQUAL(nc_put_att_text(nc, var, "long_name", 11, "water depth"), NC_NOERR);
  CU_ASSERT_EQUAL(nc_def_var(nc, "five", NC_FLOAT, 5, dim, &var), NC_NOERR);
  CU_ASSERT_EQUAL(nc_def_var(nc, "number", NC_INT, 0, NULL, &var), NC_NOERR);
  CU_ASSERT_EQUAL(nc_close(nc), NC_NOERR);
}

static void variables_come_with_names_units_and_shapes(void)
{
  seen s = {0};
  const char *path = test_path(0, "a.nc");
  write_file(path);
  ASSERT_OK(mpp_read_variables(path, note, &s));
  CU_ASSERT_EQUAL_FATAL(s.count, 2); /* not the one of five dimensions */
  CU_ASSERT_STRING_EQUAL(s.text[0], "height|m|water depth|3|d2|2");
  CU_ASSERT_STRING_EQUAL(s.text[1], "number|||0||0");
}

static void what_is_no_forecast_is_refused(void)
{
  seen s = {0};
  const char *path = test_path(1, "text.nc");
  FILE *f = fopen(path, "w");
  CU_ASSERT_PTR_NOT_NULL_FATAL(f);
  fputs("no netCDF\n", f);
  fclose(f);
  ASSERT_STATUS(mpp_read_variables(path, note, &s), MPP_ERR_DATA);
  ASSERT_MESSAGE("text.nc");
  ASSERT_STATUS(mpp_read_variables(test_path(2, "missing.nc"), note, &s), MPP_ERR_NOINPUT);
  CU_ASSERT_EQUAL(s.count, 0);
}

TESTS({"variables come with names, units and shapes", variables_come_with_names_units_and_shapes},
      {"what is no forecast is refused", what_is_no_forecast_is_refused})
