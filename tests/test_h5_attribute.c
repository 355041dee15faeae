/* test_h5_attribute.c - attributes as h5py writes them, and ours as h5py would. */
#include "test.h"

#include "h5.h"

static const char *const path = MPP_TEST_DATA "/h5py.h5";

static hid_t open_fixture(void)
{
  hid_t file = -1;
  REQUIRE_OK(mpp_h5_open(&file, path));
  return file;
}

static void numbers_and_bools_are_read(void)
{
  static const struct {
    const char *name;
    double value;
  } known[] = {{"real", 0.25}, {"integer", 7.0}, {"yes", 1.0}, {"no", 0.0}};
  const hid_t file = open_fixture();
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    double value = -1.0;
    ASSERT_OK(mpp_h5_attribute_f64(&value, file, path, "/", known[i].name));
    CU_ASSERT_EQUAL(value, known[i].value);
  }
  mpp_h5_close(file);
}

static void texts_are_read(void)
{
  static const struct {
    const char *object, *name, *text;
  } known[] = {{"/", "text",
                "Gr\xc3\xb6\xc3\x9f"
                "e"},
               {"/", "fixed", "abc"},
               {"/", "blank", ""},
               {"group", "config", "a: 1\nb: 2\n"}};
  const hid_t file = open_fixture();
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    char *text = NULL;
    ASSERT_OK(mpp_h5_attribute_text(&text, file, path, known[i].object, known[i].name));
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_STRING_EQUAL(text, known[i].text);
    mpp_free(text);
  }
  mpp_h5_close(file);
}

static void what_is_missing_or_of_another_type_is_named(void)
{
  double value = 77.0;
  char *text = NULL;
  const hid_t file = open_fixture();
  ASSERT_STATUS(mpp_h5_attribute_f64(&value, file, path, "/", "none"), MPP_ERR_DATA);
  ASSERT_MESSAGE("h5py.h5: /: attribute 'none' is missing");
  ASSERT_STATUS(mpp_h5_attribute_f64(&value, file, path, "none", "real"), MPP_ERR_DATA);
  ASSERT_STATUS(mpp_h5_attribute_f64(&value, file, path, "/", "text"), MPP_ERR_DATA);
  ASSERT_MESSAGE("is no number");
  ASSERT_STATUS(mpp_h5_attribute_text(&text, file, path, "/", "real"), MPP_ERR_DATA);
  ASSERT_MESSAGE("is no text");
  ASSERT_STATUS(mpp_h5_attribute_f64(&value, file, path, "/", "list"), MPP_ERR_DATA);
  ASSERT_MESSAGE("has 2 values, expected one");
  ASSERT_STATUS(mpp_h5_attribute_f64(&value, file, path, "/", "nothing"), MPP_ERR_DATA);
  CU_ASSERT(value == 77.0 && text == NULL);
  CU_ASSERT(mpp_h5_has_attribute(file, "/", "real"));
  CU_ASSERT_FALSE(mpp_h5_has_attribute(file, "/", "none"));
  CU_ASSERT_FALSE(mpp_h5_has_attribute(file, "none", "real"));
  mpp_h5_close(file);
}

static void members_come_in_alphabetical_order(void)
{
  char **names = NULL;
  size_t count = 0;
  const hid_t file = open_fixture();
  ASSERT_OK(mpp_h5_members(&names, &count, file, path, "group"));
  CU_ASSERT_EQUAL_FATAL(count, 2);
  CU_ASSERT_STRING_EQUAL(names[0], "inner");
  CU_ASSERT_STRING_EQUAL(names[1], "last");
  mpp_h5_members_free(names, count);
  ASSERT_OK(mpp_h5_members(&names, &count, file, path, "/"));
  CU_ASSERT_EQUAL(count, 26);
  for (size_t i = 1; i < count; i++) { CU_ASSERT(strcmp(names[i - 1], names[i]) < 0); }
  mpp_h5_members_free(names, count);
  names = NULL;
  ASSERT_STATUS(mpp_h5_members(&names, &count, file, path, "smooth"), MPP_ERR_DATA);
  ASSERT_MESSAGE("'smooth' is no group");
  ASSERT_STATUS(mpp_h5_members(&names, &count, file, path, "none"), MPP_ERR_DATA);
  CU_ASSERT_PTR_NULL(names);
  mpp_h5_members_free(NULL, 0);
  mpp_h5_close(file);
}

static void written_attributes_come_back(void)
{
  const char *mine = test_path(0, "mine.h5");
  double value = 0.0;
  char *text = NULL;
  REQUIRE_OK(mpp_h5_init());
  hid_t file = H5Fcreate(mine, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  REQUIRE_OK(mpp_h5_write_attribute_f64(file, mine, "pi", 3.141592653589793));
  REQUIRE_OK(mpp_h5_write_attribute_text(file, mine, "note", "old"));
  REQUIRE_OK(mpp_h5_write_attribute_text(file, mine, "note", "gr\xc3\xbcn")); /* replaces */
  CU_ASSERT_EQUAL(H5Fget_obj_count(file, H5F_OBJ_ALL), 1);
  H5Fclose(file);
  REQUIRE_OK(mpp_h5_open(&file, mine));
  ASSERT_OK(mpp_h5_attribute_f64(&value, file, mine, "/", "pi"));
  CU_ASSERT_EQUAL(value, 3.141592653589793);
  ASSERT_OK(mpp_h5_attribute_text(&text, file, mine, "/", "note"));
  CU_ASSERT_PTR_NOT_NULL_FATAL(text);
  CU_ASSERT_STRING_EQUAL(text, "gr\xc3\xbcn");
  mpp_free(text);
  const hid_t note = H5Aopen(file, "note", H5P_DEFAULT), type = H5Aget_type(note);
  CU_ASSERT(H5Tis_variable_str(type) > 0 && H5Tget_cset(type) == H5T_CSET_UTF8); /* str to h5py */
  H5Tclose(type);
  H5Aclose(note);
  ASSERT_STATUS(mpp_h5_write_attribute_f64(file, mine, "pi", 3.0), MPP_ERR_IO); /* read only */
  mpp_h5_close(file);
}

static mpp_status read_all(void)
{
  mpp_status st = MPP_OK;
  hid_t file = -1;
  char *text = NULL, **names = NULL;
  size_t count = 0;
  double value = 0.0;
  MPP_TRY(mpp_h5_open(&file, path));
  MPP_TRY(mpp_h5_attribute_f64(&value, file, path, "/", "yes"));
  MPP_TRY(mpp_h5_attribute_text(&text, file, path, "/", "text"));
  MPP_TRY(mpp_h5_members(&names, &count, file, path, "/"));
done:
  mpp_free(text);
  mpp_h5_members_free(names, count);
  CU_ASSERT(file < 0 || H5Fget_obj_count(file, H5F_OBJ_ALL) == 1);
  mpp_h5_close(file);
  return st;
}

static void every_fallible_call_may_fail(void)
{
  test_faults faults = {0};
  while (test_faults_next(&faults)) { TEST_FAULT(&faults, read_all()); }
  CU_ASSERT(faults.failed >= 40);
}

TESTS({"numbers and bools are read", numbers_and_bools_are_read},
      {"texts are read", texts_are_read},
      {"what is missing or of another type is named", what_is_missing_or_of_another_type_is_named},
      {"members come in alphabetical order", members_come_in_alphabetical_order},
      {"written attributes come back", written_attributes_come_back},
      {"every fallible call may fail", every_fallible_call_may_fail})
