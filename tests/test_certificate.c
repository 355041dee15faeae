/* test_certificate.c - what a generated file says of itself is what was measured. */
#include "certificate.h"
#include "test.h"

static const char *text_of(const mpp_notes *n, const char *key)
{
  for (size_t i = 0; i < n->count; i++) {
    if (strcmp(n->item[i].key, key) == 0) {
      return n->item[i].text;
    }
  }
  return "missing";
}

static double number_of(const mpp_notes *n, const char *key)
{
  for (size_t i = 0; i < n->count; i++) {
    if (strcmp(n->item[i].key, key) == 0) {
      return n->item[i].value;
    }
  }
  return NAN;
}

static void the_worst_of_all_samples_is_kept(void)
{
  const mpp_course one = {.sample = 0.0, .steps = 10.0, .drift = {1e-3}, .least = {2.0}};
  const mpp_course two = {.sample = 1.0, .steps = 20.0, .drift = {1e-5}, .least = {0.5}};
  mpp_course worst = {0};
  mpp_course_add(&worst, &one);
  CU_ASSERT_EQUAL(worst.least[0], 2.0);
  mpp_course_add(&worst, &two);
  CU_ASSERT(worst.sample == 2.0 && worst.steps == 30.0);
  CU_ASSERT(worst.drift[0] == 1e-3 && worst.least[0] == 0.5);
}

/* The scheme of shallow water is of second order where the flow is smooth; limiters clip the
 * extrema of so coarse a grid. */
static void the_order_is_measured(void)
{
  double order = 0.0, coarse = 0.0, fine = 0.0;
  REQUIRE_OK(mpp_certify_order(&order, &mpp_pde_swe));
  CU_ASSERT(order > 1.5 && order < 2.5);
  REQUIRE_OK(mpp_pde_problem_error(&coarse, &mpp_pde_swe, &mpp_pde_swe.problems[0], 0));
  REQUIRE_OK(mpp_pde_problem_error(&fine, &mpp_pde_swe, &mpp_pde_swe.problems[0], 1));
  CU_ASSERT_EQUAL(order, log2(coarse / fine));
}

static void a_case_says_what_it_is(void)
{
  mpp_generate_options o = {.samples = 1, .boundary = "y=wall", .resolution = 16};
  mpp_pde_case c;
  mpp_notes n = {.count = 0};
  char *identity = NULL, *other = NULL;
  o.set = (mpp_text_list){.count = 1, .item = {"gravity=9.81"}};
  REQUIRE_OK(mpp_pde_case_make(&c, &mpp_pde_swe, &o));
  mpp_note_case(&n, &c);
  CU_ASSERT_STRING_EQUAL(text_of(&n, "solver"), "swe");
  CU_ASSERT_STRING_EQUAL(text_of(&n, "boundary"), "x=open,y=wall");
  CU_ASSERT_EQUAL(number_of(&n, "gravity"), 9.81);
  REQUIRE_OK(mpp_case_identity(&identity, &c));
  CU_ASSERT_PTR_NOT_NULL(strstr(identity, "\ngravity=9.81\n"));
  o.resolution = 32;
  REQUIRE_OK(mpp_pde_case_make(&c, &mpp_pde_swe, &o));
  REQUIRE_OK(mpp_case_identity(&other, &c));
  CU_ASSERT_STRING_NOT_EQUAL(identity, other);
  mpp_free(identity);
  mpp_free(other);
}

static void a_course_names_its_quantities(void)
{
  mpp_notes n = {.count = 0};
  const mpp_course course = {.steps = 7.0, .nconserved = 1.0, .drift = {1e-14}, .least = {0.25}};
  mpp_note_course(&n, &mpp_pde_swe, &course);
  CU_ASSERT_EQUAL(number_of(&n, "drift_mass"), 1e-14);
  CU_ASSERT_EQUAL(number_of(&n, "smallest_h"), 0.25);
  CU_ASSERT_EQUAL(number_of(&n, "steps"), 7.0);
  CU_ASSERT_EQUAL(number_of(&n, "cells_repaired"), 0.0);
}

TESTS({"the worst of all samples is kept", the_worst_of_all_samples_is_kept},
      {"the order is measured", the_order_is_measured},
      {"a case says what it is", a_case_says_what_it_is},
      {"a course names its quantities", a_course_names_its_quantities})
