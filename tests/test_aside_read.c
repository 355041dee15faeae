/* test_aside_read.c - values of variables beside the fields: the cells and the frames that are
 * read. */
#include <sys/stat.h>

#include "aside.h"
#include "aside_case.h"

/* Variables of an open dataset. */
typedef struct asides {
  mpp_dataset *d;
  mpp_aside *list;
  size_t count;
} asides;

static asides read_asides(const char *spec, const char *crop, const char *stride)
{
  char *left = NULL;
  asides a = {.d = open_asides(spec, crop, stride)};
  REQUIRE_OK(mpp_dataset_asides(&a.list, &a.count, &left, a.d));
  mpp_free(left);
  return a;
}

static void close_asides(asides *a)
{
  mpp_asides_free(a->list, a->count);
  mpp_dataset_close(a->d);
}

static const mpp_aside *find(const asides *a, const char *path)
{
  for (size_t i = 0; i < a->count; i++) {
    if (strcmp(a->list[i].path, path) == 0) {
      return &a->list[i];
    }
  }
  CU_FAIL_FATAL("a variable is not there");
  return NULL;
}

static bool same_numbers(const double *x, const double *expected, size_t n)
{
  bool same = true;
  for (size_t i = 0; i < n; i++) {
    same = same && (isnan(expected[i]) ? isnan(x[i]) : x[i] == expected[i]);
  }
  return same;
}

static void cells_are_those_that_are_read_unpacked_and_without_the_missing(void)
{
  static const double lon2[] = {100, NAN, 140, 200, 220, 240, 300, 320, 340};
  /* 0.5 * (100 i + 10 j) + 7, and no more than 500 of them: i = 4 is the last */
  static const double area[] = {12, 17, 22, 112, 117, 122, 212, 217, 222};
  static const double last[] = {NAN, NAN, NAN}, first[] = {257};
  static const double bounds[] = {100, 110, 200, 210, 300, 310}, row[] = {100, 200, NAN};
  const char *path = test_path(0, "asides.nc");
  const aside_case c = {0};
  const int nc = begin_asides(path, &c), high = 300;
  int id = -1;
  CU_ASSERT(nc_inq_varid(nc, "row", &id) == 0 &&
            nc_put_att_int(nc, id, "missing_value", NC_INT, 1, &high) == 0 && nc_close(nc) == 0);
  asides a = read_asides(path, "lat=1:", "lon=2");
  CU_ASSERT(find(&a, "lon2")->n == 9 && same_numbers(find(&a, "lon2")->value, lon2, 9));
  CU_ASSERT(find(&a, "area")->n == 9 && same_numbers(find(&a, "area")->value, area, 9));
  CU_ASSERT(find(&a, "lat_bnds")->n == 6 && same_numbers(find(&a, "lat_bnds")->value, bounds, 6));
  CU_ASSERT(find(&a, "row")->n == 3 && same_numbers(find(&a, "row")->value, row, 3));
  CU_ASSERT_FALSE(find(&a, "row")->whole);                          /* one is missing */
  CU_ASSERT_EQUAL(find(&a, "lon2_corners")->value[4 * 4 + 3], 223); /* lat 2, lon 2, corner 3 */
  close_asides(&a);
  a = read_asides(path, "lon=5:", "");
  CU_ASSERT(find(&a, "area")->n == 4 && same_numbers(find(&a, "area")->value, first, 1) &&
            same_numbers(find(&a, "area")->value + 1, last, 3));
  close_asides(&a);
  a = read_asides(path, "lat=:3,lon=:3", "");
  CU_ASSERT(find(&a, "row")->whole);
  CU_ASSERT_FALSE(find(&a, "area")->whole); /* none is missing, but they are packed */
  close_asides(&a);
}

static void values_in_time_come_frame_by_frame(void)
{
  static const double zlev[] = {411, 413, 415, 421, 423, 425}, age[] = {0.5 * 400 + 7};
  const char *path = test_path(0, "frames.nc");
  const aside_case c = {0};
  double x[8];
  write_asides(path, &c);
  asides a = read_asides(path, "lat=1:3,lon=1:,time=2:", "lon=2,time=2");
  CU_ASSERT_EQUAL_FATAL(find(&a, "zlev")->n, 6);
  ASSERT_OK(mpp_dataset_aside_frame(a.d, x, find(&a, "zlev"), 0, 1)); /* 2 + 2 * 1 */
  CU_ASSERT(same_numbers(x, zlev, 6));
  ASSERT_OK(mpp_dataset_aside_frame(a.d, x, find(&a, "age"), 0, 1));
  CU_ASSERT(same_numbers(x, age, 1));
  ASSERT_OK(mpp_dataset_aside_frame(a.d, x, find(&a, "time_bnds"), 0, 2));
  CU_ASSERT(x[0] == 6 && x[1] == 7);
  ASSERT_STATUS(mpp_dataset_aside_frame(a.d, x, find(&a, "age"), 1, 0), MPP_ERR_USAGE);
  ASSERT_MESSAGE("trajectory 1");
  close_asides(&a);
}

/* Three pieces of a run; the last one lacks a variable. */
static const char *written_pieces(void)
{
  mkdir(test_path(0, "run"), 0700);
  write_asides(test_path(0, "run/a.nc"), &(aside_case){.first = 0});
  write_asides(test_path(0, "run/b.nc"), &(aside_case){.first = FRAMES});
  write_asides(test_path(0, "run/c.nc"), &(aside_case){.first = 2 * FRAMES, .without = "zlev"});
  return test_path(0, "run");
}

static void frames_of_later_pieces_are_read_there(void)
{
  double x[CELLS], age = 0.0;
  asides a = read_asides(written_pieces(), "", "");
  CU_ASSERT_EQUAL_FATAL(mpp_dataset_get_info(a.d)->nframes, 3 * FRAMES);
  for (size_t frame = 0; frame < 3 * FRAMES; frame += 5) { /* 0 5, 10 15, 20 */
    ASSERT_OK(mpp_dataset_aside_frame(a.d, x, find(&a, "zlev"), 0, frame));
    ASSERT_OK(mpp_dataset_aside_frame(a.d, &age, find(&a, "age"), 0, frame));
    const double first = 100.0 * (double)frame;
    CU_ASSERT(frame < 2 * FRAMES ? x[0] == first && x[CELLS - 1] == first + 35
                                 : isnan(x[0]) && isnan(x[CELLS - 1]));
    CU_ASSERT_EQUAL(age, 0.5 * first + 7);
  }
  close_asides(&a);
}

/* A variable of the same name has another shape there. */
static void another_shape_is_missing(void)
{
  double x[CELLS];
  int id = -1, dim[3];
  const char *spec = written_pieces();
  const int nc =
      begin_asides(test_path(1, "run/c.nc"), &(aside_case){.first = 2 * FRAMES, .without = "zlev"});
  CU_ASSERT(nc_inq_dimid(nc, "time", &dim[0]) == 0 && nc_inq_dimid(nc, "lon", &dim[1]) == 0 &&
            nc_inq_dimid(nc, "lat", &dim[2]) == 0 &&
            nc_def_var(nc, "zlev", NC_DOUBLE, 3, dim, &id) == 0 && nc_close(nc) == 0);
  asides a = read_asides(spec, "", "");
  ASSERT_OK(mpp_dataset_aside_frame(a.d, x, find(&a, "zlev"), 0, 2 * FRAMES));
  for (size_t i = 0; i < CELLS; i++) { CU_ASSERT(isnan(x[i])); }
  close_asides(&a);
}

static void every_fallible_call_may_fail(void)
{
  double x[CELLS];
  test_faults faults = {0};
  asides a = read_asides(written_pieces(), "", "");
  const mpp_aside *age = find(&a, "age");
  while (test_faults_next(&faults)) {
    x[0] = -1.0;
    TEST_FAULT(&faults, mpp_dataset_aside_frame(a.d, x, age, 0, 2));
    CU_ASSERT(faults.status != MPP_OK || x[0] == 107.0);
  }
  CU_ASSERT(faults.failed >= 6);
  close_asides(&a);
}

TESTS({"cells are those that are read, unpacked and without the missing",
       cells_are_those_that_are_read_unpacked_and_without_the_missing},
      {"values in time come frame by frame", values_in_time_come_frame_by_frame},
      {"frames of later pieces are read there", frames_of_later_pieces_are_read_there},
      {"another shape is missing", another_shape_is_missing},
      {"every fallible call may fail", every_fallible_call_may_fail})
