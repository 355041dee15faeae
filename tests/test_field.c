/* test_field.c - the field table and the vocabulary of the published models. */
#include "test.h"

static void every_entry_is_found_under_its_own_name_and_once(void)
{
  size_t n = 0;
  for (const mpp_field_info *f; (f = mpp_field_at(n)) != NULL; n++) {
    mpp_name name;
    REQUIRE_OK(mpp_field_qualify(name, f->system, f->name));
    CU_ASSERT_PTR_EQUAL(mpp_field_find(name), f);
    CU_ASSERT(f->units[0] != '\0' && f->long_name[0] != '\0');
  }
  CU_ASSERT(n >= 10); /* the ten fields of the published vocabulary are known */
  CU_ASSERT_PTR_NULL(mpp_field_at(n));
  CU_ASSERT_PTR_NULL(mpp_field_at(SIZE_MAX));
}

static void the_published_vocabulary_has_its_fields_in_their_columns(void)
{
  static const char *const expected[12] = {"swe:h",
                                           "incompNS:Vx",
                                           "incompNS:Vy",
                                           "incompNS:particles",
                                           "diffre2d:activator",
                                           "diffre2d:inhibitor",
                                           "compNS:Vx",
                                           "compNS:Vy",
                                           "compNS:density",
                                           "compNS:pressure",
                                           "",
                                           ""};
  for (int i = 0; i < 12; i++) {
    CU_ASSERT_STRING_EQUAL(mpp_published_vocabulary[i], expected[i]);
    CU_ASSERT_EQUAL(mpp_field_find(mpp_published_vocabulary[i]) != NULL, i < 10);
  }
}

static void unknown_names_are_not_found(void)
{
  static const char *const names[] = {"", ":", "swe", "swe:", ":h", "swe:hh", "sw:h", "SWE:h"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    CU_ASSERT_PTR_NULL(mpp_field_find(names[i]));
  }
}

static void a_name_is_joined_and_taken_apart(void)
{
  mpp_name name = "";
  REQUIRE_OK(mpp_field_qualify(name, "lab", "eddy viscosity"));
  CU_ASSERT_STRING_EQUAL(name, "lab:eddy viscosity");
  CU_ASSERT_STRING_EQUAL(mpp_field_short(name), "eddy viscosity");
  CU_ASSERT_STRING_EQUAL(mpp_field_short("h"), "h");
}

static void names_that_cannot_be_are_refused_and_leave_the_output_alone(void)
{
  char part[MPP_NAME_MAX];
  memset(part, 'a', sizeof part);
  part[MPP_NAME_MAX - 4] = '\0'; /* with ":hh" just as long as a name may be */
  mpp_name name = "kept";
  ASSERT_STATUS(mpp_field_qualify(name, "", "h"), MPP_ERR_DATA);
  ASSERT_MESSAGE("system is empty");
  ASSERT_STATUS(mpp_field_qualify(name, "swe", ""), MPP_ERR_DATA);
  ASSERT_STATUS(mpp_field_qualify(name, "sw\te", "h"), MPP_ERR_DATA);
  ASSERT_STATUS(mpp_field_qualify(name, "a:b", "h"), MPP_ERR_DATA);
  ASSERT_STATUS(mpp_field_qualify(name, "a", "b:c"), MPP_ERR_DATA);
  ASSERT_STATUS(mpp_field_qualify(name, part, "four"), MPP_ERR_DATA);
  ASSERT_MESSAGE("65 characters, expected at most 63");
  CU_ASSERT_STRING_EQUAL(name, "kept");
  ASSERT_OK(mpp_field_qualify(name, part, "hh"));
  CU_ASSERT_EQUAL(strlen(name), MPP_NAME_MAX - 1);
}

TESTS({"every entry is found under its own name, and once",
       every_entry_is_found_under_its_own_name_and_once},
      {"the published vocabulary has its fields in their columns",
       the_published_vocabulary_has_its_fields_in_their_columns},
      {"unknown names are not found", unknown_names_are_not_found},
      {"a name is joined and taken apart", a_name_is_joined_and_taken_apart},
      {"names that cannot be are refused and leave the output alone",
       names_that_cannot_be_are_refused_and_leave_the_output_alone})
