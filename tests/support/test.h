/* test.h - what every test program has: a list of named tests, run by test_main.c's main.
 *
 *   static void half_of_four_is_two(void) { CU_ASSERT_EQUAL(half(4), 2); }
 *   TESTS({"half of four is two", half_of_four_is_two})
 */
#ifndef MPP_TEST_H
#define MPP_TEST_H

#include <CUnit/CUnit.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "mpp/mpp.h"

typedef struct test_entry {
  const char *name;
  void (*run)(void);
} test_entry;

extern const test_entry test_entries[];

#define TESTS(...) const test_entry test_entries[] = {__VA_ARGS__, {NULL, NULL}};

/* Holds a status at an expected one; prints the message when it is another. */
#define ASSERT_STATUS(call, expected)                                                             \
  do {                                                                                            \
    const mpp_status got_ = (call);                                                               \
    if (got_ != (expected)) {                                                                     \
      fprintf(stderr, "\n%s:%d: %s: %s (%s)\n", __FILE__, __LINE__, #call, mpp_status_name(got_), \
              mpp_last_error());                                                                  \
    }                                                                                             \
    CU_ASSERT_EQUAL(got_, (expected));                                                            \
  } while (0)
#define ASSERT_OK(call) ASSERT_STATUS(call, MPP_OK)
/* The same, and the test ends if it fails. */
#define REQUIRE_OK(call)                                                                           \
  do {                                                                                             \
    const mpp_status need_ = (call);                                                               \
    if (need_ != MPP_OK) {                                                                         \
      fprintf(stderr, "\n%s:%d: %s: %s (%s)\n", __FILE__, __LINE__, #call, mpp_status_name(need_), \
              mpp_last_error());                                                                   \
      CU_FAIL_FATAL("a required call failed");                                                     \
    }                                                                                              \
  } while (0)
/* The last message contains `text`. */
#define ASSERT_MESSAGE(text)                                                                      \
  do {                                                                                            \
    if (strstr(mpp_last_error(), (text)) == NULL) {                                               \
      fprintf(stderr, "\n%s:%d: message '%s' lacks '%s'\n", __FILE__, __LINE__, mpp_last_error(), \
              (text));                                                                            \
      CU_FAIL("message");                                                                         \
    }                                                                                             \
  } while (0)

/* Deterministic values in [-1, 1) for test arrays. */
void test_fill(float *x, size_t n, uint64_t seed);

/* ||a - b|| / ||b||, in double. */
double test_relative_error(const float *a, const float *b, size_t n);

/* Path of a file in the tests' temporary folder, removed at exit; borrowed, static per slot
 * 0..7. */
const char *test_path(int slot, const char *name);

/* Every fallible call of a piece of work fails once, the first in the first trial, up to the trial
 * in which none is left to fail and the work succeeds. No trial leaves a block behind.
 *
 *   test_faults f = {0};
 *   while (test_faults_next(&f)) {
 *     mpp_yaml *y = NULL;
 *     TEST_FAULT(&f, parse(&y, "a: 1"));
 *     CU_ASSERT((f.status == MPP_OK) == (y != NULL));
 *     mpp_yaml_free(y);
 *   }
 *   CU_ASSERT(f.failed >= 25);
 */
typedef struct test_faults {
  /* to be set, or 0 */
  long stride; /* not every call, but one of so many, */
  long each;   /* after the first so many */
  long kept;   /* blocks that the work may keep, such as a buffer that grows */
  long passes; /* so many more trials without a failure of this process end the series: where the
                * work goes on without what failed in a process of its own, which counts for
                * itself */
  /* to be read */
  long trials, failed; /* failed: trials with another status than MPP_OK */
  mpp_status status;   /* of the last trial */
  /* its own */
  long call, live;
  long passed;
  bool ran;
} test_faults;

bool test_faults_next(test_faults *f);
void test_fault_begin(test_faults *f); /* what stands before it and after the end does not fail */
mpp_status test_fault_end(test_faults *f, mpp_status status);
#define TEST_FAULT(f, call) (test_fault_begin(f), test_fault_end((f), (call)))

#endif
