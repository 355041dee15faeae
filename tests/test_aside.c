/* test_aside.c - which variables a file has beside its fields and axes. */
#include "aside.h"

#include "aside_case.h"

enum { MOST_TEXT = 600 };

static const char *written(const aside_case *c)
{
  const char *path = test_path(0, "asides.nc");
  write_asides(path, c);
  return path;
}

/* "zlev timed axis 1 axis 2 n 24 later" and so on: what is known of a variable but for its
 * values. */
static void describe(char out[MOST_TEXT], const mpp_aside *a)
{
  char axes[32] = "", bounds[160] = "";
  for (size_t i = 0; i < a->rank; i++) {
    const size_t used = strlen(axes);
    snprintf(axes + used, sizeof axes - used, " axis %d", a->axis[i]);
  }
  if (a->vertices > 0) {
    snprintf(bounds, sizeof bounds, " %s %zu", a->vertex, a->vertices);
  }
  snprintf(out, MOST_TEXT, "%s%s%s%s%s n %zu%s%s", a->path, a->timed ? " timed" : "",
           a->of_time ? " of_time" : "", axes, bounds, a->n, a->whole ? " whole" : "",
           a->value != NULL ? "" : " later");
}

static void what_fields_and_axes_name_is_found_with_its_dimensions(void)
{
  static const char *const expected[] = {"lon2 axis 1 axis 2 n 12",
                                         "zlev timed axis 1 axis 2 n 12 later",
                                         "age timed n 1 later",
                                         "row axis 1 n 4 whole",
                                         "crs n 1 later",
                                         "area axis 2 axis 1 n 12",
                                         "lat_bnds axis 1 nv 2 n 8",
                                         "time_bnds timed of_time nv 2 n 2 later",
                                         "lon2_corners axis 1 axis 2 corner 4 n 48"};
  enum { EXPECTED = sizeof expected / sizeof expected[0] };
  char *left = NULL, text[MOST_TEXT];
  mpp_aside *list = NULL;
  size_t count = 0;
  const aside_case c = {0};
  mpp_dataset *d = open_asides(written(&c), "", "lon=2");
  REQUIRE_OK(mpp_dataset_asides(&list, &count, &left, d));
  CU_ASSERT_EQUAL_FATAL(count, EXPECTED);
  for (size_t i = 0; i < EXPECTED; i++) {
    describe(text, &list[i]);
    CU_ASSERT_STRING_EQUAL(text, expected[i]);
  }
  CU_ASSERT_STRING_EQUAL(left, "sigma, quality"); /* once, though two attributes name sigma */
  mpp_free(left);
  mpp_asides_free(list, count);
  mpp_dataset_close(d);
}

/* Scalars of these names, the last of which is as long as netCDF allows. */
enum { MORE = MPP_ASIDES_MOST + 30, LONG_NAME = NC_MAX_NAME };
static char more[MORE][LONG_NAME + 1], all_names[MORE * (LONG_NAME + 2)];

static const char *with_many(void)
{
  const char *path = test_path(1, "many.nc");
  const aside_case c = {.coordinates = all_names};
  int id = -1;
  all_names[0] = '\0';
  for (int k = 0; k < MORE; k++) {
    snprintf(more[k], sizeof more[k], "s%02d", k);
    if (k == 0 || k + 2 >= MORE) { /* too long for a forecast */
      memset(more[k], 'a' + k % 26, LONG_NAME);
    }
    strcat(strcat(all_names, more[k]), " ");
  }
  const int nc = begin_asides(path, &c);
  for (int k = 0; k < MORE; k++) {
    CU_ASSERT_FATAL(nc_def_var(nc, more[k], NC_INT, 0, NULL, &id) == 0);
  }
  CU_ASSERT_FATAL(nc_close(nc) == 0);
  return path;
}

static void more_than_there_is_room_for_are_left_out_and_named(void)
{
  char *left = NULL, expected[sizeof all_names + 2 * MORE];
  mpp_aside *list = NULL;
  size_t count = 0;
  mpp_dataset *d = open_asides(with_many(), "", "");
  REQUIRE_OK(mpp_dataset_asides(&list, &count, &left, d));
  CU_ASSERT_EQUAL_FATAL(count, MPP_ASIDES_MOST);
  CU_ASSERT_STRING_EQUAL(list[0].path, more[1]); /* the one before has too long a name */
  CU_ASSERT_STRING_EQUAL(list[MPP_ASIDES_MOST - 1].path, more[MPP_ASIDES_MOST]);
  snprintf(expected, sizeof expected, "%s", more[0]);
  for (int k = MPP_ASIDES_MOST + 1; k < MORE; k++) { strcat(strcat(expected, ", "), more[k]); }
  strcat(expected, ", crs, sigma, area, quality, lat_bnds, time_bnds");
  CU_ASSERT_STRING_EQUAL(left, expected);
  mpp_free(left);
  mpp_asides_free(list, count);
  mpp_dataset_close(d);
}

static mpp_status note_attribute(void *context, const mpp_data_attribute *a)
{
  char *out = context;
  snprintf(out + strlen(out), 256 - strlen(out), "%s=%s%s;", a->name,
           a->text != NULL ? a->text : "",
           a->text != NULL ? ""
           : a->whole      ? "integers"
                           : "numbers");
  return strcmp(a->name, "units") == 0 ? MPP_ERR_EXISTS : MPP_OK;
}

static void attributes_are_those_of_the_object(void)
{
  char text[256] = "";
  const aside_case c = {0};
  mpp_dataset *d = open_asides(written(&c), "", "");
  ASSERT_OK(mpp_dataset_object_attributes(d, "crs", note_attribute, text));
  CU_ASSERT_STRING_EQUAL(text, "grid_mapping_name=rotated_latitude_longitude;");
  text[0] = '\0';
  ASSERT_STATUS(mpp_dataset_object_attributes(d, "area", note_attribute, text), MPP_ERR_EXISTS);
  CU_ASSERT_STRING_EQUAL(text, "units=km2;"); /* and none after it */
  mpp_dataset_close(d);
}

/* An attribute that cannot be read is passed over, as everywhere: a variable less then. */
static void every_fallible_call_may_fail(void)
{
  const aside_case c = {0};
  test_faults faults = {0};
  size_t count = 0;
  mpp_dataset *d = open_asides(written(&c), "", "");
  while (test_faults_next(&faults)) {
    char *left = NULL;
    mpp_aside *list = NULL;
    TEST_FAULT(&faults, mpp_dataset_asides(&list, &count, &left, d));
    CU_ASSERT((faults.status == MPP_OK) == (list != NULL) && (list != NULL) == (count > 0));
    mpp_free(left);
    mpp_asides_free(list, count);
  }
  CU_ASSERT_EQUAL(count, 9);
  CU_ASSERT(faults.failed >= 25);
  mpp_dataset_close(d);
}

TESTS({"what fields and axes name is found with its dimensions",
       what_fields_and_axes_name_is_found_with_its_dimensions},
      {"more than there is room for are left out and named",
       more_than_there_is_room_for_are_left_out_and_named},
      {"attributes are those of the object", attributes_are_those_of_the_object},
      {"every fallible call may fail", every_fallible_call_may_fail})
