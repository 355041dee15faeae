/* test_file_room.c - room on the disk, with an fallocate of our own. */
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "file.h"
#include "test.h"

static int answer;       /* errno of the next calls; 0: the system's own */
static int answers_left; /* so often, then the system's own */

MPP_API int fallocate(int fd, int mode, off_t offset, off_t len)
{
  if (answer != 0 && answers_left-- > 0) {
    errno = answer;
    return -1;
  }
  return (int)syscall(SYS_fallocate, fd, mode, offset, len);
}

static mpp_status reserve(const char *path, size_t from, size_t size)
{
  const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  CU_ASSERT_FATAL(fd >= 0);
  const mpp_status st = mpp_reserve_room(fd, path, from, size);
  close(fd);
  return st;
}

static void reserving_leaves_the_length_alone(void)
{
  struct stat info;
  const char *path = test_path(0, "room");
  REQUIRE_OK(reserve(path, 0, 100000));
  REQUIRE_OK(reserve(path, 100000, 0));
  CU_ASSERT_EQUAL_FATAL(stat(path, &info), 0);
  CU_ASSERT_EQUAL(info.st_size, 0);
  CU_ASSERT(info.st_blocks * 512 >= 100000);
}

static void a_full_disk_is_said_with_bytes_needed_and_free(void)
{
  const char *path = test_path(0, "full");
  answer = ENOSPC;
  answers_left = 1;
  ASSERT_STATUS(reserve(path, 0, 12345), MPP_ERR_IO);
  ASSERT_MESSAGE("full: No space left on device (needs up to 12345 more bytes, ");
  ASSERT_MESSAGE(" bytes free)");
  answers_left = 1;
  ASSERT_STATUS(mpp_write_text(path, "some text"), MPP_ERR_IO);
  ASSERT_MESSAGE("full: No space left on device (needs up to 9 more bytes, ");
  answer = 0;
}

static void interrupts_are_carried_on_and_other_file_systems_pass(void)
{
  struct stat info;
  const char *path = test_path(0, "interrupted");
  answer = EINTR;
  answers_left = 3;
  REQUIRE_OK(reserve(path, 0, 8192));
  CU_ASSERT(answers_left < 0); /* the last call is the system's */
  CU_ASSERT(stat(path, &info) == 0 && info.st_blocks * 512 >= 8192);
  path = test_path(1, "unsupported");
  answer = EOPNOTSUPP;
  answers_left = 1;
  REQUIRE_OK(reserve(path, 0, 8192));
  CU_ASSERT(stat(path, &info) == 0 && info.st_blocks == 0);
  answer = ENOSYS;
  answers_left = 1;
  REQUIRE_OK(reserve(path, 0, 8192));
  answer = 0;
}

static void a_limit_of_files_is_told(void)
{
  struct rlimit before, small;
  const char *path = test_path(0, "limited");
  CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_FSIZE, &before), 0);
  small = before;
  small.rlim_cur = 10000;
  CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_FSIZE, &small), 0);
  const mpp_status fits = reserve(path, 4000, 6000), more = reserve(path, 4000, 6001);
  CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_FSIZE, &before), 0);
  CU_ASSERT_EQUAL(fits, MPP_OK);
  CU_ASSERT_EQUAL(more, MPP_ERR_IO);
  ASSERT_MESSAGE("limited: File too large (needs up to 6001 more bytes, ulimit -f allows 10000");
}

static void sizes_past_what_a_file_can_have_are_refused(void)
{
  ASSERT_STATUS(reserve(test_path(0, "huge"), 1, SIZE_MAX), MPP_ERR_IO);
  ASSERT_STATUS(reserve(test_path(0, "huge"), 1, INT64_MAX), MPP_ERR_IO);
  ASSERT_MESSAGE("File too large");
}

static void room_for_the_file_of_a_library_is_looked_at(void)
{
  const char *temporary = test_path(1, "later.tmp-1");
  REQUIRE_OK(mpp_check_room(test_path(0, "later"), temporary, 10000));
  CU_ASSERT(access(temporary, F_OK) != 0);
  answer = EDQUOT;
  answers_left = 1;
  ASSERT_STATUS(mpp_check_room(test_path(0, "later"), temporary, 10000), MPP_ERR_IO);
  ASSERT_MESSAGE("later: Disk quota exceeded (needs up to 10000 more bytes, ");
  CU_ASSERT(access(temporary, F_OK) != 0);
  answer = 0;
}

TESTS({"reserving leaves the length alone", reserving_leaves_the_length_alone},
      {"a full disk is said with bytes needed and free",
       a_full_disk_is_said_with_bytes_needed_and_free},
      {"interrupts are carried on and other file systems pass",
       interrupts_are_carried_on_and_other_file_systems_pass},
      {"a limit of files is told", a_limit_of_files_is_told},
      {"sizes past what a file can have are refused", sizes_past_what_a_file_can_have_are_refused},
      {"room for the file of a library is looked at", room_for_the_file_of_a_library_is_looked_at})
