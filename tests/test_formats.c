/* test_formats.c - files of other tools (tests/data/make_formats.py) give the numbers that were put
 * in; wrong descriptions and broken files are answered with what, where, found and expected. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "flags.h"
#include "mpp/dataset.h"
#include "test.h"

#define FORMAT(name) MPP_TEST_DATA "/formats/" name

enum { T = 5, Y = 4, X = 6, MOST = 16 * T * Y * X };

/* As the script has it: field, sample, time, y, x. */
static float value(size_t f, size_t s, size_t j, size_t k, size_t i)
{
  return (float)(f * 512 + s * 120 + j * 24 + k * 6 + i);
}

/* ---- right descriptions ---- */

/* What a file is read as. The script's fields are numbered; x_first: its grid is [x, y]. */
static const struct {
  const char *spec, *flags, *layout, *first_field;
  size_t nfields, ntrajectories, nframes;
  size_t field[9]; /* the script's number of each channel */
  bool x_first;
} good[] = {
    {FORMAT("plain.h5"), "", "hdf5", "data:u", 2, 3, 5, {0, 1}, false},
    {FORMAT("plain.h5"),
     "fields=b=v,a=u;boundary=periodic",
     "hdf5",
     "data:b",
     2,
     3,
     5,
     {1, 0},
     false},
    {FORMAT("plain.h5:lab"), "fields=v", "hdf5", "lab:v", 1, 3, 5, {1}, false},
    {FORMAT("plain.h5"), "time=time;space=x,y", "hdf5", "data:u", 2, 3, 5, {0, 1}, true},
    {FORMAT("bare.h5"), "axes=sample,time,y,x", "hdf5", "data:data", 1, 3, 5, {0}, false},
    {FORMAT("transposed.h5"), "axes=x,y,time,sample", "hdf5", "data:u", 1, 3, 5, {0}, true},
    {FORMAT("transposed.h5"),
     "axes=x,y,time,sample;space=y,x",
     "hdf5",
     "data:u",
     1,
     3,
     5,
     {0},
     false},
    {FORMAT("vector.h5"), "", "hdf5", "data:velocity_x", 2, 3, 5, {0, 1}, false},
    {FORMAT("vector.h5"), "fields=w=velocity[1]", "hdf5", "data:w", 1, 3, 5, {1}, false},
    {FORMAT("component_first.h5"), "", "hdf5", "data:w_x", 2, 1, 5, {0, 1}, false},
    {FORMAT("integers.h5"), "", "hdf5", "data:count", 1, 3, 5, {0}, false},
    {FORMAT("snap_*.h5"), "", "hdf5", "data:rho", 1, 1, 4, {0}, false},
    {FORMAT("flow_*.h5"), "where=nu<0.05", "hdf5", "data:u", 1, 2, 5, {0}, false},
    {FORMAT("NavierStokes2D_train_42_0.38.h5"),
     "",
     "pdearena",
     "pdearena:u",
     3,
     3,
     5,
     {0, 1, 2},
     true},
    {FORMAT("NavierStokes2D_train_42_0.38.h5"),
     "fields=vy",
     "pdearena",
     "pdearena:vy",
     1,
     3,
     5,
     {2},
     true},
    {FORMAT("packed_classic.nc"), "fields=u10", "netcdf", "data:u10", 1, 1, 5, {1}, false},
    {FORMAT("packed_classic.nc"), "", "netcdf", "data:t2m", 2, 1, 5, {0, 1}, false},
    {FORMAT("packed_64bit.nc"), "", "netcdf", "data:t2m", 2, 1, 5, {0, 1}, false},
    {FORMAT("packed.nc"), "", "netcdf", "data:t2m", 2, 1, 5, {0, 1}, false},
    {FORMAT("packed.nc"), "space=lon,lat", "netcdf", "data:t2m", 2, 1, 5, {0, 1}, true},
    {FORMAT("levels.nc"), "at=level=1", "netcdf", "data:z", 1, 1, 5, {1}, false},
    {FORMAT("members.nc"), "", "netcdf", "data:q", 1, 3, 5, {0}, false},
};

static void expect_values(mpp_dataset *d, size_t row)
{
  static float x[MOST];
  const mpp_dataset_info *info = mpp_dataset_get_info(d);
  const bool swap = good[row].x_first;
  size_t wrong = 0, n = 0;
  for (size_t s = 0; s < info->ntrajectories; s++) {
    REQUIRE_OK(mpp_dataset_read(d, x, s, 0, info->nframes));
    n = 0;
    for (size_t j = 0; j < info->nframes; j++) {
      for (size_t c = 0; c < info->nfields; c++) {
        for (size_t a = 0; a < info->grid[1]; a++) {
          for (size_t b = 0; b < info->grid[2]; b++) {
            wrong += x[n++] != value(good[row].field[c], s, j, swap ? b : a, swap ? a : b);
          }
        }
      }
    }
  }
  if (wrong > 0) {
    fprintf(stderr, "\nrow %zu: %s with '%s': %zu wrong values\n", row, good[row].spec,
            good[row].flags, wrong);
  }
  CU_ASSERT_EQUAL(wrong, 0);
}

static void files_of_other_tools_give_their_numbers(void)
{
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    mpp_dataset *d = NULL;
    REQUIRE_OK(open_with(&d, good[i].spec, good[i].flags, false));
    const mpp_dataset_info *info = mpp_dataset_get_info(d);
    CU_ASSERT_STRING_EQUAL(info->layout, good[i].layout);
    CU_ASSERT_STRING_EQUAL(info->field[0], good[i].first_field);
    CU_ASSERT_EQUAL(info->nfields, good[i].nfields);
    CU_ASSERT_EQUAL_FATAL(info->ntrajectories, good[i].ntrajectories);
    CU_ASSERT_EQUAL_FATAL(info->nframes, good[i].nframes);
    CU_ASSERT(info->grid[0] == 1 && info->grid[1] * info->grid[2] == Y * X);
    expect_values(d, i);
    mpp_dataset_close(d);
  }
}

/* What mpp_describe writes opens the same dataset. */
static void a_description_opens_what_it_describes(void)
{
  const char *yaml = test_path(0, "described.yaml");
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    mpp_dataset *d = NULL;
    char *text = NULL;
    static mpp_data_flags flags;
    static char boundary[MPP_TEXT_MAX];
    memset(&flags, 0, sizeof flags);
    set_flags(&flags, boundary, good[i].flags);
    if (flags.where[0] != '\0' || flags.at[0] != '\0') {
      continue; /* a choice of the call, not of the file */
    }
    REQUIRE_OK(mpp_describe(&text, good[i].spec, &(mpp_dataset_options){.flags = &flags}));
    FILE *f = fopen(yaml, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    fputs(text, f);
    fclose(f);
    mpp_text_free(text);
    REQUIRE_OK(mpp_dataset_open(&d, yaml, NULL));
    CU_ASSERT_STRING_EQUAL(mpp_dataset_get_info(d)->field[0], good[i].first_field);
    CU_ASSERT_EQUAL(mpp_dataset_get_info(d)->nframes, good[i].nframes);
    CU_ASSERT_EQUAL(mpp_dataset_get_info(d)->ntrajectories, good[i].ntrajectories);
    expect_values(d, i);
    mpp_dataset_close(d);
  }
}

static void the_well_is_read_with_every_flag(void)
{
  static const char *const names[] = {"tiny:p",         "tiny:tiled",     "tiny:same",
                                      "tiny:v_x",       "tiny:v_y",       "tiny:stress_xx",
                                      "tiny:stress_xy", "tiny:stress_yx", "tiny:stress_yy"};
  static float x[MOST];
  mpp_dataset *d = NULL;
  double t[T], parameter[MPP_MAX_PARAMETERS];
  REQUIRE_OK(mpp_dataset_open(&d, FORMAT("well.hdf5"), NULL));
  const mpp_dataset_info *info = mpp_dataset_get_info(d);
  CU_ASSERT_EQUAL_FATAL(info->nfields, 9);
  for (size_t c = 0; c < 9; c++) { CU_ASSERT_STRING_EQUAL(info->field[c], names[c]); }
  CU_ASSERT(info->edge[1][0] == MPP_SIDE_WALL && info->edge[1][1] == MPP_SIDE_WALL);
  CU_ASSERT_EQUAL(info->boundary[2], MPP_PERIODIC);
  REQUIRE_OK(mpp_dataset_read(d, x, 2, 3, 1));
  const size_t cell = 1 * X + 4; /* x 1, y 4: the grid is [x, y] */
  CU_ASSERT_EQUAL(x[cell], value(0, 2, 3, 1, 4));
  CU_ASSERT_EQUAL(x[Y * X + cell], value(0, 2, 3, 1, 0));     /* does not vary along y */
  CU_ASSERT_EQUAL(x[2 * Y * X + cell], value(0, 0, 3, 1, 4)); /* the same for all samples */
  for (size_t c = 3; c < 9; c++) { CU_ASSERT_EQUAL(x[c * Y * X + cell], value(c - 2, 2, 3, 1, 4)); }
  CU_ASSERT_EQUAL_FATAL(info->ngiven, 1);
  CU_ASSERT_STRING_EQUAL(info->given[0], "tiny:still");
  CU_ASSERT_TRUE(info->constant[0]);
  REQUIRE_OK(mpp_dataset_read_given(d, x, 1, 2, 2));
  CU_ASSERT(x[cell] == value(0, 1, 0, 1, 4) && x[Y * X + cell] == x[cell]);
  REQUIRE_OK(mpp_dataset_times(d, t, 2));
  CU_ASSERT_EQUAL(t[3], (double)(0.3f + 2.0f)); /* of its own sample; float32 in the file */
  REQUIRE_OK(mpp_dataset_parameters(d, parameter, 1));
  CU_ASSERT(parameter[0] == 100.0 && parameter[1] == 0.2 && isnan(parameter[2]));
  mpp_dataset_close(d);
  REQUIRE_OK(open_with(&d, FORMAT("well.hdf5"), "where=forcing>=0.2;fields=v_y", false));
  CU_ASSERT_EQUAL(mpp_dataset_get_info(d)->ntrajectories, 2);
  REQUIRE_OK(mpp_dataset_read(d, x, 1, 0, 1));
  CU_ASSERT_EQUAL(x[cell], value(2, 2, 0, 1, 4));
  mpp_dataset_close(d);
}

static void what_the_file_says_of_its_axes_is_kept(void)
{
  mpp_dataset *d = NULL;
  double y[Y], t[10];
  REQUIRE_OK(mpp_dataset_open(&d, FORMAT("plain.h5"), NULL));
  REQUIRE_OK(mpp_dataset_coordinates(d, y, 1));
  CU_ASSERT(y[1] == 1.0 && y[2] == 3.0 && y[3] == 7.0); /* not uniform */
  mpp_dataset_close(d);
  REQUIRE_OK(mpp_dataset_open(&d, FORMAT("series_*.nc"), NULL));
  const mpp_dataset_info *info = mpp_dataset_get_info(d);
  CU_ASSERT_EQUAL_FATAL(info->nframes, 10);
  CU_ASSERT_STRING_EQUAL(info->axis[1], "lat");
  CU_ASSERT_STRING_EQUAL(info->axis_units[2], "degrees_east");
  CU_ASSERT_STRING_EQUAL(info->time_units, "hours since 2000-01-01");
  CU_ASSERT_STRING_EQUAL(info->calendar, "standard");
  CU_ASSERT(info->boundary[2] == MPP_PERIODIC && info->boundary[1] == MPP_OPEN);
  REQUIRE_OK(mpp_dataset_times(d, t, 0));
  CU_ASSERT(t[4] == 24.0 && t[5] == 30.0 && t[9] == 54.0);
  static float x[MOST];
  REQUIRE_OK(mpp_dataset_read(d, x, 0, 3, 4)); /* two frames of each file */
  CU_ASSERT_EQUAL(x[Y * X + 7], value(0, 0, 4, 1, 1));
  CU_ASSERT_EQUAL(x[2 * Y * X + 7], value(1, 0, 0, 1, 1));
  mpp_dataset_close(d);
  REQUIRE_OK(open_with(&d, FORMAT("series_*.nc"), "along=sample", false));
  CU_ASSERT_EQUAL(mpp_dataset_get_info(d)->ntrajectories, 2);
  mpp_dataset_close(d);
}

static void parts_of_axes_are_read(void)
{
  static float x[MOST];
  mpp_dataset *d = NULL;
  double c[X], t[T];
  REQUIRE_OK(open_with(&d, FORMAT("plain.h5"), "stride=x=2,t=3;crop=y=1:3,t=1:", false));
  const mpp_dataset_info *info = mpp_dataset_get_info(d);
  CU_ASSERT(info->grid[1] == 2 && info->grid[2] == 3 && info->nframes == 2);
  REQUIRE_OK(mpp_dataset_read(d, x, 2, 0, 2));
  CU_ASSERT_EQUAL(x[0], value(0, 2, 1, 1, 0));
  CU_ASSERT_EQUAL(x[2 * 6 + 3 + 2], value(0, 2, 4, 2, 4));
  REQUIRE_OK(mpp_dataset_coordinates(d, c, 2));
  CU_ASSERT(c[1] == 2.5 && c[2] == 4.5);
  REQUIRE_OK(mpp_dataset_times(d, t, 0));
  CU_ASSERT(t[0] == 0.1 && t[1] == 0.4);
  mpp_dataset_close(d);
  REQUIRE_OK(open_with(&d, FORMAT("packed.nc"), "crop=lon=1:", false));
  CU_ASSERT_EQUAL(mpp_dataset_get_info(d)->boundary[2], MPP_OPEN); /* no longer around the globe */
  mpp_dataset_close(d);
  /* a Gaussian of half a cell: on a straight line it changes nothing away from the ends */
  REQUIRE_OK(open_with(&d, FORMAT("plain.h5"), "stride=x=2", true));
  REQUIRE_OK(mpp_dataset_read(d, x, 1, 0, 1));
  CU_ASSERT_DOUBLE_EQUAL(x[1], value(0, 1, 0, 0, 2), 1e-4); /* float32 of values near 100 */
  CU_ASSERT(fabsf(x[0] - value(0, 1, 0, 0, 0)) > 0.05f);    /* the edge goes on: flattened */
  mpp_dataset_close(d);
}

static void missing_values_are_refused_filled_or_masked(void)
{
  static float x[MOST];
  static unsigned char mask[MOST];
  static const char *const files[] = {FORMAT("missing.nc"), FORMAT("missing_classic.nc")};
  mpp_dataset *d = NULL;
  for (size_t i = 0; i < 2; i++) {
    REQUIRE_OK(mpp_dataset_open(&d, files[i], NULL));
    ASSERT_OK(mpp_dataset_read(d, x, 0, 0, 2));
    ASSERT_STATUS(mpp_dataset_read(d, x, 0, 1, 3), MPP_ERR_DATA);
    ASSERT_MESSAGE(
        "t2m: trajectory 0, frame 2, field 'data:t2m', cell lat 0, lon 0: found a missing "
        "value, expected a number (--fill mean, nearest or mask takes it)");
    REQUIRE_OK(mpp_dataset_read_mask(d, mask, 0, 2, 1));
    size_t count = 0;
    for (size_t k = 0; k < 2 * Y * X; k++) { count += mask[k]; }
    CU_ASSERT(count == 2 && mask[0] == 1 && mask[X + 3] == 1);
    mpp_dataset_close(d);
    REQUIRE_OK(open_with(&d, files[i], "fill=nearest", false));
    REQUIRE_OK(mpp_dataset_read(d, x, 0, 2, 1));
    CU_ASSERT_EQUAL(x[0], value(0, 0, 2, 0, 1)); /* right of it comes first in the file */
    CU_ASSERT_EQUAL(x[X + 3], value(0, 0, 2, 0, 3));
    mpp_dataset_close(d);
    REQUIRE_OK(open_with(&d, files[i], "fill=mean", false));
    REQUIRE_OK(mpp_dataset_read(d, x, 0, 2, 1));
    CU_ASSERT_DOUBLE_EQUAL(x[0], x[X + 3], 0.0);
    /* 22 of the 24 values 48 .. 71, without 48 and 57 */
    CU_ASSERT_DOUBLE_EQUAL(x[0], (24 * 59.5 - 48 - 57) / 22, 1e-5); /* rounding to float32 */
    mpp_dataset_close(d);
  }
}

typedef struct seen {
  size_t count;
  bool units, scale;
} seen;

static mpp_status see(void *context, const mpp_data_attribute *a)
{
  seen *s = context;
  s->count++;
  s->units = s->units || (strcmp(a->name, "units") == 0 && strcmp(a->text, "K") == 0);
  s->scale =
      s->scale || (strcmp(a->name, "scale_factor") == 0 && a->count == 1 && a->value[0] == 0.5);
  return MPP_OK;
}

static void attributes_of_the_input_can_be_had(void)
{
  static const char *const files[] = {FORMAT("packed.nc"), FORMAT("packed_classic.nc")};
  for (size_t i = 0; i < 2; i++) {
    mpp_dataset *d = NULL;
    seen s = {0}, none = {0};
    REQUIRE_OK(mpp_dataset_open(&d, files[i], NULL));
    REQUIRE_OK(mpp_dataset_attributes(d, "data:t2m", see, &s));
    CU_ASSERT(s.units && s.scale && s.count == 7);
    REQUIRE_OK(mpp_dataset_attributes(d, "no such", see, &none));
    CU_ASSERT_EQUAL(none.count, 0);
    REQUIRE_OK(mpp_dataset_attributes(d, "time", see, &none));
    CU_ASSERT_EQUAL(none.count, 3);
    mpp_dataset_close(d);
  }
}

TESTS({"files of other tools give their numbers", files_of_other_tools_give_their_numbers},
      {"a description opens what it describes", a_description_opens_what_it_describes},
      {"The Well is read with every flag", the_well_is_read_with_every_flag},
      {"what the file says of its axes is kept", what_the_file_says_of_its_axes_is_kept},
      {"parts of axes are read", parts_of_axes_are_read},
      {"missing values are refused, filled or masked", missing_values_are_refused_filled_or_masked},
      {"attributes of the input can be had", attributes_of_the_input_can_be_had})
