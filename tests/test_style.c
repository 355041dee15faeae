/* test_style.c - the look of the input: what it names beside its fields goes along under its
 * name. */
#include "style.h"

#include "aside_case.h"

static const char *text_of(const mpp_style_list *l, const char *name)
{
  for (size_t i = 0; i < l->count; i++) {
    if (strcmp(l->item[i].name, name) == 0) {
      return l->item[i].text;
    }
  }
  return "";
}

static const mpp_style_aside *find(const mpp_style *s, const char *path)
{
  for (size_t i = 0; i < s->nasides; i++) {
    if (strcmp(s->aside[i].path, path) == 0) {
      return &s->aside_look[i];
    }
  }
  return NULL;
}

/* Scalars: one of a name that forecasts have, two of one name, one of a longer name than they
 * have. */
static mpp_dataset *open_odd(char *long_name)
{
  const char *path = test_path(0, "odd.nc");
  char named[256];
  int a = -1, b = -1, id = -1;
  memset(long_name, 'n', MPP_NC_NAME_SIZE - 2);
  snprintf(long_name + MPP_NC_NAME_SIZE - 2, 8, "\xc3\xa9"); /* which no cut may take apart */
  snprintf(named, sizeof named, "guard %s lon2 a/zlev b/zlev", long_name);
  const aside_case c = {.coordinates = named, .without = "zlev"};
  const int nc = begin_asides(path, &c);
  CU_ASSERT(nc_def_grp(nc, "a", &a) == 0 && nc_def_grp(nc, "b", &b) == 0);
  CU_ASSERT(nc_def_var(nc, "guard", NC_INT, 0, NULL, &id) == 0 &&
            nc_def_var(nc, long_name, NC_INT, 0, NULL, &id) == 0 &&
            nc_def_var(a, "zlev", NC_INT, 0, NULL, &id) == 0 &&
            nc_def_var(b, "zlev", NC_INT, 0, NULL, &id) == 0 && nc_close(nc) == 0);
  return open_asides(path, "", "");
}

static void names_that_forecasts_cannot_have_are_left_out_and_named(void)
{
  char long_name[MPP_NC_NAME_SIZE + 8], left[256];
  mpp_style *s = NULL;
  mpp_dataset *d = open_odd(long_name);
  REQUIRE_OK(mpp_style_read(&s, d));
  snprintf(left, sizeof left, "sigma, quality, guard, %s, b/zlev", long_name);
  CU_ASSERT_STRING_EQUAL(s->left, left);
  CU_ASSERT(find(s, "guard") == NULL && find(s, long_name) == NULL && find(s, "b/zlev") == NULL);
  CU_ASSERT_FATAL(find(s, "a/zlev") != NULL);
  CU_ASSERT_STRING_EQUAL(find(s, "a/zlev")->name, "zlev");
  mpp_style_free(s);
  mpp_dataset_close(d);
}

static void attributes_name_what_goes_along(void)
{
  const char *path = test_path(0, "asides.nc");
  const aside_case c = {.without = "lat_bnds"};
  mpp_style *s = NULL;
  write_asides(path, &c);
  mpp_dataset *d = open_asides(path, "", "");
  REQUIRE_OK(mpp_style_read(&s, d));
  CU_ASSERT_STRING_EQUAL(text_of(&s->field[0], "coordinates"), "lon2 zlev age row");
  CU_ASSERT_STRING_EQUAL(text_of(&s->field[0], "grid_mapping"), ""); /* names others, too */
  CU_ASSERT_STRING_EQUAL(text_of(&s->field[0], "cell_measures"), "area: area");
  CU_ASSERT_STRING_EQUAL(text_of(&s->clock, "bounds"), "time_bnds");
  CU_ASSERT_STRING_EQUAL(text_of(&s->axis[1], "bounds"), ""); /* not there */
  CU_ASSERT_STRING_EQUAL(text_of(&find(s, "lon2")->attributes, "bounds"), "lon2_corners");
  CU_ASSERT_STRING_EQUAL(text_of(&find(s, "area")->attributes, "units"), "km2");
  CU_ASSERT_EQUAL(s->nbeside, CELLS + 1 + 2);
  mpp_style_free(s);
  mpp_dataset_close(d);
}

static void every_fallible_call_may_fail(void)
{
  const char *path = test_path(0, "asides.nc");
  const aside_case c = {0};
  test_faults faults = {0};
  write_asides(path, &c);
  mpp_dataset *d = open_asides(path, "", "");
  while (test_faults_next(&faults)) {
    mpp_style *s = NULL;
    TEST_FAULT(&faults, mpp_style_read(&s, d));
    CU_ASSERT((faults.status == MPP_OK) == (s != NULL));
    mpp_style_free(s);
  }
  CU_ASSERT(faults.failed >= 100);
  mpp_dataset_close(d);
}

TESTS({"names that forecasts cannot have are left out and named",
       names_that_forecasts_cannot_have_are_left_out_and_named},
      {"attributes name what goes along", attributes_name_what_goes_along},
      {"every fallible call may fail", every_fallible_call_may_fail})
