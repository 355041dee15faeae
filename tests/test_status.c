/* test_status.c - messages and the table of statuses. */
#include "test.h"

#include <pthread.h>

#include "check.h"

static void exit_codes_are_the_documented_ones(void)
{
  CU_ASSERT_EQUAL(mpp_status_exit_code(MPP_OK), 0);
  CU_ASSERT_EQUAL(mpp_status_exit_code(MPP_ERR_DIVERGED), 3);
  CU_ASSERT_EQUAL(mpp_status_exit_code(MPP_ERR_USAGE), 64);
  CU_ASSERT_EQUAL(mpp_status_exit_code(MPP_ERR_DATA), 65);
  CU_ASSERT_EQUAL(mpp_status_exit_code(MPP_ERR_NOINPUT), 66);
  CU_ASSERT_EQUAL(mpp_status_exit_code(MPP_ERR_INTERNAL), 70);
  CU_ASSERT_EQUAL(mpp_status_exit_code(MPP_ERR_NOMEM), 71);
  CU_ASSERT_EQUAL(mpp_status_exit_code(MPP_ERR_EXISTS), 73);
  CU_ASSERT_EQUAL(mpp_status_exit_code(MPP_ERR_IO), 74);
  CU_ASSERT_EQUAL(mpp_status_exit_code(MPP_STOPPED), 75);
  CU_ASSERT_EQUAL(mpp_status_exit_code(MPP_ERR_CONFIG), 78);
}

static void names_and_texts_exist_for_every_status_and_for_nonsense(void)
{
  for (int i = 0; i < MPP_STATUS_COUNT; i++) {
    CU_ASSERT_EQUAL(strncmp(mpp_status_name((mpp_status)i), "MPP_", 4), 0);
    CU_ASSERT(strlen(mpp_status_text((mpp_status)i)) > 3);
  }
  CU_ASSERT_STRING_EQUAL(mpp_status_name(MPP_ERR_DATA), "MPP_ERR_DATA");
  CU_ASSERT_STRING_EQUAL(mpp_status_name((mpp_status)999), "MPP_ERR_INTERNAL");
  CU_ASSERT_EQUAL(mpp_status_exit_code((mpp_status)-1), 70);
}

static void a_failure_is_recorded_and_prefixed(void)
{
  CU_ASSERT_EQUAL(mpp_fail(MPP_ERR_DATA, "found %d, expected %d", 3, 4), MPP_ERR_DATA);
  CU_ASSERT_STRING_EQUAL(mpp_last_error(), "found 3, expected 4");
  CU_ASSERT_EQUAL(mpp_fail_prefix(MPP_ERR_IO, "a.h5: %s", "h"), MPP_ERR_IO);
  CU_ASSERT_STRING_EQUAL(mpp_last_error(), "a.h5: h: found 3, expected 4");
}

static void a_message_may_quote_the_one_before(void)
{
  mpp_fail(MPP_ERR_DATA, "inner");
  mpp_fail(MPP_ERR_DATA, "outer (%s)", mpp_last_error());
  CU_ASSERT_STRING_EQUAL(mpp_last_error(), "outer (inner)");
}

static void a_message_is_one_line_of_bounded_length(void)
{
  char big[10000];
  memset(big, 'x', sizeof big - 1);
  big[sizeof big - 1] = '\0';
  mpp_fail(MPP_ERR_DATA, "a\nb\033[31m %s", big);
  CU_ASSERT_EQUAL(strncmp(mpp_last_error(), "a?b?[31m xxx", 12), 0);
  CU_ASSERT(strlen(mpp_last_error()) < 4096);
  mpp_fail_prefix(MPP_ERR_DATA, "%s", big);
  CU_ASSERT(strlen(mpp_last_error()) < 4096);
}

static void *fail_elsewhere(void *result)
{
  *(bool *)result = mpp_last_error()[0] == '\0';
  mpp_fail(MPP_ERR_DATA, "of the other thread");
  return NULL;
}

static void each_thread_has_its_own_message(void)
{
  pthread_t other;
  bool empty = false;
  mpp_fail(MPP_ERR_DATA, "of this thread");
  CU_ASSERT_EQUAL_FATAL(pthread_create(&other, NULL, fail_elsewhere, &empty), 0);
  pthread_join(other, NULL);
  CU_ASSERT(empty);
  CU_ASSERT_STRING_EQUAL(mpp_last_error(), "of this thread");
}

TESTS({"exit codes are the documented ones", exit_codes_are_the_documented_ones},
      {"names and texts exist for every status and for nonsense",
       names_and_texts_exist_for_every_status_and_for_nonsense},
      {"a failure is recorded and prefixed", a_failure_is_recorded_and_prefixed},
      {"a message may quote the one before", a_message_may_quote_the_one_before},
      {"a message is one line of bounded length", a_message_is_one_line_of_bounded_length},
      {"each thread has its own message", each_thread_has_its_own_message})
