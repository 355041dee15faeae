/* test_style_list.c - which attributes of the input forecasts take over. */
#include "style.h"

#include "test.h"

static const double numbers[] = {1.5, -2.0, 1e300};

static void what_is_kept_is_a_copy_of_its_own(void)
{
  mpp_style_list l = {0};
  char name[] = "long_name", text[] = "depth";
  double value[3];
  memcpy(value, numbers, sizeof value);
  REQUIRE_OK(mpp_style_keep(&l, &(mpp_data_attribute){.name = name, .text = text, .count = 1}));
  REQUIRE_OK(mpp_style_keep(
      &l, &(mpp_data_attribute){.name = "levels", .value = value, .count = 3, .whole = true}));
  REQUIRE_OK(mpp_style_keep(&l, &(mpp_data_attribute){.name = "nothing"}));
  memset(name, 'x', sizeof name - 1);
  memset(text, 'x', sizeof text - 1);
  memset(value, 0, sizeof value);
  CU_ASSERT_EQUAL_FATAL(l.count, 3);
  CU_ASSERT_STRING_EQUAL(l.item[0].name, "long_name");
  CU_ASSERT_STRING_EQUAL(l.item[0].text, "depth");
  CU_ASSERT(l.item[1].text == NULL && l.item[1].count == 3 && l.item[1].whole);
  CU_ASSERT_EQUAL(memcmp(l.item[1].value, numbers, sizeof numbers), 0);
  CU_ASSERT(l.item[2].text == NULL && l.item[2].value == NULL && l.item[2].count == 0);
  mpp_style_list_free(&l);
}

static void what_no_longer_holds_is_dropped(void)
{
  static const char *const dropped[] = {"scale_factor", "valid_range", "coordinates", "bounds",
                                        "climatology",  "Conventions", "_FillValue",  "",
                                        "mpp_field"};
  static const char *const kept[] = {"units", "scale", "Coordinates", "bounds_of", "mpp"};
  mpp_style_list l = {0};
  for (size_t i = 0; i < sizeof dropped / sizeof dropped[0]; i++) {
    ASSERT_OK(mpp_style_keep(&l, &(mpp_data_attribute){.name = dropped[i], .text = "1"}));
  }
  CU_ASSERT_EQUAL(l.count, 0);
  for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
    ASSERT_OK(mpp_style_keep(&l, &(mpp_data_attribute){.name = kept[i], .text = "1"}));
  }
  CU_ASSERT_EQUAL_FATAL(l.count, sizeof kept / sizeof kept[0]);
  CU_ASSERT_STRING_EQUAL(l.item[4].name, "mpp");
  mpp_style_list_free(&l);
}

/* More attributes than the list has room for at first, twice over. */
static mpp_status keep_many(mpp_style_list *l)
{
  mpp_status st = MPP_OK;
  for (int i = 0; st == MPP_OK && i < 20; i++) {
    char name[16];
    snprintf(name, sizeof name, "a%d", i);
    mpp_data_attribute a = {.name = name, .value = numbers, .count = 3};
    a.text = i % 2 == 0 ? "text" : NULL;
    st = mpp_style_keep(l, &a);
  }
  return st;
}

static void a_list_grows(void)
{
  mpp_style_list l = {0};
  REQUIRE_OK(keep_many(&l));
  CU_ASSERT_EQUAL_FATAL(l.count, 20);
  for (int i = 0; i < 20; i++) {
    char name[16];
    snprintf(name, sizeof name, "a%d", i);
    CU_ASSERT_STRING_EQUAL(l.item[i].name, name);
    CU_ASSERT((l.item[i].text != NULL) == (i % 2 == 0));
  }
  mpp_style_list_free(&l);
}

static void every_fallible_call_may_fail(void)
{
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    mpp_style_list l = {0};
    TEST_FAULT(&faults, keep_many(&l));
    CU_ASSERT((faults.status == MPP_OK) == (l.count == 20 && l.item[19].value != NULL));
    mpp_style_list_free(&l);
  }
  CU_ASSERT(faults.failed >= 2 * 20);
}

TESTS({"what is kept is a copy of its own", what_is_kept_is_a_copy_of_its_own},
      {"what no longer holds is dropped", what_no_longer_holds_is_dropped},
      {"a list grows", a_list_grows},
      {"every fallible call may fail", every_fallible_call_may_fail})
