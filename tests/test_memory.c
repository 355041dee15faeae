/* test_memory.c - what the process has of the machine's memory. */
#include "memory.h"

#include <sys/resource.h>

#include "file.h"
#include "test.h"

static void memory_that_is_taken_shows(void)
{
  const size_t bytes = (size_t)64 << 20;
  const mpp_memory before = mpp_memory_look();
  float *taken = malloc(bytes);
  CU_ASSERT_PTR_NOT_NULL_FATAL(taken);
  test_fill(taken, bytes / sizeof *taken, 1);
  const mpp_memory after = mpp_memory_look();
  free(taken);
  CU_ASSERT(before.resident > 0 && before.available > 0 && before.addresses >= before.resident);
  /* 8 MiB: what the test program takes or gives back beside it */
  CU_ASSERT(after.resident + ((size_t)8 << 20) >= before.resident + bytes);
  CU_ASSERT(after.peak >= after.resident);
}

static void the_limit_of_addresses_is_told(void)
{
  struct rlimit before, low;
  REQUIRE_OK(getrlimit(RLIMIT_AS, &before) == 0 ? MPP_OK : MPP_ERR_INTERNAL);
  low = before;
  low.rlim_cur = (rlim_t)1 << 45; /* 32 TiB: sanitizers reserve 20 */
  REQUIRE_OK(setrlimit(RLIMIT_AS, &low) == 0 ? MPP_OK : MPP_ERR_INTERNAL);
  CU_ASSERT_EQUAL(mpp_memory_look().address_limit, (size_t)1 << 45);
  REQUIRE_OK(setrlimit(RLIMIT_AS, &before) == 0 ? MPP_OK : MPP_ERR_INTERNAL);
}

static void lines_are_found_by_their_whole_name(void)
{
  const char *path = test_path(0, "status");
  REQUIRE_OK(mpp_write_text(path, "VmRSSx:\t 1 kB\nName:\tmpp\nVmRSS:\t   123 kB\n"));
  CU_ASSERT_EQUAL(mpp_memory_line(path, "VmRSS", 7), 123 * 1024);
  CU_ASSERT_EQUAL(mpp_memory_line(path, "VmHWM", 7), 7);
  CU_ASSERT_EQUAL(mpp_memory_line(test_path(1, "none"), "VmRSS", 9), 9);
}

TESTS({"memory that is taken shows", memory_that_is_taken_shows},
      {"the limit of addresses is told", the_limit_of_addresses_is_told},
      {"lines are found by their whole name", lines_are_found_by_their_whole_name})
