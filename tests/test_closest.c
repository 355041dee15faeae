/* test_closest.c - what was meant. */
#include "test.h"

static const char *const names[] = {"learning-rate", "weight-decay", "steps", "seed", "x"};

static void is(const char *word, const char *expected)
{
  const char *near = mpp_closest(word, names, sizeof names / sizeof *names);
  if (expected == NULL) {
    CU_ASSERT_PTR_NULL(near);
  } else {
    CU_ASSERT_PTR_NOT_NULL_FATAL(near);
    CU_ASSERT_STRING_EQUAL(near, expected);
  }
}

static void one_or_two_edits_are_forgiven(void)
{
  is("learning-rate", "learning-rate");
  is("lerning-rate", "learning-rate");    /* missing */
  is("leearning-ratee", "learning-rate"); /* twice too many */
  is("laerning-rtae", "learning-rate");   /* two swaps */
  is("leaning-rat", "learning-rate");
  is("Learning_Rate", "learning-rate");
  is("sped", "seed");
  is("step", "steps");
  is("y", NULL); /* one edit, and nothing left of it */
  is("", NULL);
}

static void three_edits_are_not(void)
{
  is("lrningrate", NULL);
  is("velocity", NULL);
  is("a-word-that-is-longer-than-any-option-could-be-since-names-have-63-bytes", NULL);
}

static void the_nearest_wins_and_the_first_of_equals(void)
{
  const char *const near[] = {"abcd", "abce", "abcf"};
  CU_ASSERT_STRING_EQUAL(mpp_closest("abcf", near, 3), "abcf");
  CU_ASSERT_STRING_EQUAL(mpp_closest("abcx", near, 3), "abcd");
  CU_ASSERT_PTR_NULL(mpp_closest("abcx", near, 0));
}

TESTS({"one or two edits are forgiven", one_or_two_edits_are_forgiven},
      {"three edits are not", three_edits_are_not},
      {"the nearest wins and the first of equals", the_nearest_wins_and_the_first_of_equals})
