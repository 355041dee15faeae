/* test_file.c - checked inputs and outputs, atomic writes. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

static void put(const char *path, const char *text)
{
  FILE *f = fopen(path, "w");
  CU_ASSERT_FATAL(f != NULL);
  fputs(text, f);
  CU_ASSERT_EQUAL_FATAL(fclose(f), 0);
}

static void holds(const char *path, const char *expected)
{
  char *text = NULL;
  size_t size = 0;
  REQUIRE_OK(mpp_read_text(&text, &size, path, 1000));
  CU_ASSERT_STRING_EQUAL(text, expected);
  CU_ASSERT_EQUAL(size, strlen(expected));
  mpp_free(text);
}

/* Files in the test's folder whose names contain `part`. */
static int count_named(const char *folder, const char *part)
{
  char command[700];
  snprintf(command, sizeof command, "test -z \"$(find '%s' -name '*%s*')\"", folder, part);
  return system(command);
}

static void what_cannot_be_read_is_named(void)
{
  const char *fifo = test_path(0, "fifo"), *link = test_path(1, "link");
  ASSERT_STATUS(mpp_check_input(test_path(2, "missing")), MPP_ERR_NOINPUT);
  ASSERT_MESSAGE("missing: no such file");
  ASSERT_STATUS(mpp_check_input("/"), MPP_ERR_NOINPUT);
  ASSERT_MESSAGE("is a folder");
  CU_ASSERT_EQUAL_FATAL(mkfifo(fifo, 0600), 0);
  ASSERT_STATUS(mpp_check_input(fifo), MPP_ERR_NOINPUT); /* and does not wait for a writer */
  ASSERT_MESSAGE("is a pipe");
  CU_ASSERT_EQUAL_FATAL(symlink("nowhere", link), 0);
  ASSERT_STATUS(mpp_check_input(link), MPP_ERR_NOINPUT);
  ASSERT_STATUS(mpp_check_input("/dev/null"), MPP_ERR_NOINPUT);
  ASSERT_STATUS(mpp_check_input(""), MPP_ERR_NOINPUT);
  put(test_path(3, "there"), "x");
  ASSERT_OK(mpp_check_input(test_path(3, "there")));
}

static void outputs_need_a_folder_and_no_file(void)
{
  const char *path = test_path(0, "output");
  ASSERT_OK(mpp_check_output(path, false));
  CU_ASSERT_NOT_EQUAL(access(path, F_OK), 0); /* asking creates nothing */
  put(path, "x");
  ASSERT_STATUS(mpp_check_output(path, false), MPP_ERR_EXISTS);
  ASSERT_MESSAGE("exists already");
  ASSERT_OK(mpp_check_output(path, true));
  ASSERT_STATUS(mpp_check_output(test_path(1, "none/output"), false), MPP_ERR_EXISTS);
  ASSERT_MESSAGE("No such file or directory");
  ASSERT_STATUS(mpp_check_output(test_path(1, "output/output"), false), MPP_ERR_EXISTS);
  ASSERT_STATUS(mpp_check_output("/dev/null", true), MPP_ERR_EXISTS);
  ASSERT_STATUS(mpp_check_output("/", true), MPP_ERR_EXISTS);
  ASSERT_STATUS(mpp_check_output("", true), MPP_ERR_EXISTS);
}

static void a_folder_without_write_permission_is_named(void)
{
  const char *folder = test_path(0, "locked");
  const bool root = geteuid() == 0;
  CU_ASSERT_EQUAL_FATAL(mkdir(folder, 0500), 0);
  if (root) { /* root may write anywhere */
    CU_ASSERT_EQUAL_FATAL(chmod(test_path(1, ""), 0755), 0);
    CU_ASSERT_EQUAL_FATAL(seteuid(65534), 0);
  }
  const mpp_status st = mpp_check_output(test_path(2, "locked/output"), false);
  if (root) {
    CU_ASSERT_EQUAL_FATAL(seteuid(0), 0);
  }
  CU_ASSERT_EQUAL(st, MPP_ERR_EXISTS);
  ASSERT_MESSAGE("Permission denied");
}

static void text_is_written_whole_or_not_at_all(void)
{
  const char *path = test_path(0, "text");
  put(path, "old");
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    const mpp_status st = TEST_FAULT(&faults, mpp_write_text(path, "new"));
    CU_ASSERT(st == MPP_OK || st == MPP_ERR_IO || st == MPP_ERR_EXISTS);
    char *text = NULL;
    size_t size = 0;
    REQUIRE_OK(mpp_read_text(&text, &size, path, 10));
    /* The rename may have happened when only the fsync of the folder failed. */
    CU_ASSERT(strcmp(text, "old") == 0 || strcmp(text, "new") == 0);
    mpp_free(text);
    CU_ASSERT_EQUAL(count_named(test_path(1, ""), ".tmp-"), 0);
  }
  /* create, reserve, write, close, open + fsync, rename, open + fsync */
  CU_ASSERT_EQUAL(faults.failed, 9);
  holds(path, "new");
}

static void a_failed_read_leaves_the_output_untouched(void)
{
  const char *path = test_path(0, "read");
  char there = 'x', *text = &there;
  size_t size = 77;
  put(path, "12345");
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    if (TEST_FAULT(&faults, mpp_read_text(&text, &size, path, 5)) == MPP_OK) {
      CU_ASSERT_STRING_EQUAL(text, "12345");
      mpp_free(text);
      text = &there;
      size = 77;
    }
    CU_ASSERT(text == &there && size == 77);
  }
  CU_ASSERT_EQUAL(faults.failed, 4); /* stat, open, memory, read */
  ASSERT_STATUS(mpp_read_text(&text, &size, path, 4), MPP_ERR_DATA);
  ASSERT_MESSAGE("5 bytes");
  holds(path, "12345");
}

static void temporary_names_are_unique_and_fit(void)
{
  char a[MPP_PATH_MAX], b[MPP_PATH_MAX], name[256], path[512];
  REQUIRE_OK(mpp_temporary_name(a, "dir/x"));
  REQUIRE_OK(mpp_temporary_name(b, "dir/x"));
  CU_ASSERT_STRING_NOT_EQUAL(a, b);
  CU_ASSERT_EQUAL(strncmp(a, "dir/x.tmp-", 10), 0);
  memset(name, 'n', 255); /* the longest name that Linux takes */
  name[255] = '\0';
  snprintf(path, sizeof path, "%s%s", test_path(0, ""), name);
  ASSERT_OK(mpp_write_text(path, "long"));
  holds(path, "long");
  char *far = NULL;
  REQUIRE_OK(mpp_format(&far, "%05000d", 0));
  ASSERT_STATUS(mpp_temporary_name(a, far), MPP_ERR_EXISTS);
  mpp_free(far);
}

static void a_write_past_the_limit_of_a_file_is_an_io_error(void)
{
  const struct rlimit small = {4096, RLIM_INFINITY};
  struct rlimit before;
  char *text = NULL;
  const char *path = test_path(0, "limited");
  REQUIRE_OK(mpp_format(&text, "%010000d", 0));
  signal(SIGXFSZ, SIG_IGN);
  CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_FSIZE, &before), 0);
  CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_FSIZE, &small), 0);
  const mpp_status st = mpp_write_text(path, text);
  CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_FSIZE, &before), 0);
  CU_ASSERT_EQUAL(st, MPP_ERR_IO);
  ASSERT_MESSAGE("File too large");
  CU_ASSERT_NOT_EQUAL(access(path, F_OK), 0);
  CU_ASSERT_EQUAL(count_named(test_path(1, ""), ".tmp-"), 0);
  mpp_free(text);
}

static void a_full_disk_is_said_with_the_bytes_free(void)
{
  const int fd = open("/dev/full", O_WRONLY);
  CU_ASSERT_FATAL(fd >= 0);
  ASSERT_STATUS(mpp_write_all(fd, test_path(0, "full"), "x", 1), MPP_ERR_IO);
  ASSERT_MESSAGE("No space left on device (");
  ASSERT_MESSAGE(" bytes free)");
  close(fd);
  ASSERT_STATUS(mpp_fail_io("a", EIO), MPP_ERR_IO);
  CU_ASSERT_STRING_EQUAL(mpp_last_error(), "a: Input/output error");
}

static void folders_are_made_once(void)
{
  ASSERT_OK(mpp_make_folder(test_path(0, "folder")));
  ASSERT_OK(mpp_make_folder(test_path(0, "folder")));
  put(test_path(1, "nofolder"), "");
  ASSERT_STATUS(mpp_make_folder(test_path(1, "nofolder")), MPP_ERR_EXISTS);
  ASSERT_STATUS(mpp_make_folder(test_path(1, "a/b/c")), MPP_ERR_EXISTS);
}

static void temporary_files_of_killed_writers_are_removed(void)
{
  char mine[MPP_PATH_MAX], other[MPP_PATH_MAX];
  const char *final = test_path(0, "result");
  REQUIRE_OK(mpp_temporary_name(mine, final));
  REQUIRE_OK(mpp_temporary_name(other, test_path(1, "result2")));
  put(mine, "half");
  put(other, "half");
  put(final, "whole");
  mpp_remove_temporaries(final);
  CU_ASSERT_NOT_EQUAL(access(mine, F_OK), 0);
  CU_ASSERT_EQUAL(access(other, F_OK), 0);
  CU_ASSERT_EQUAL(access(final, F_OK), 0);
  unlink(other);
}

TESTS({"what cannot be read is named", what_cannot_be_read_is_named},
      {"outputs need a folder and no file", outputs_need_a_folder_and_no_file},
      {"a folder without write permission is named", a_folder_without_write_permission_is_named},
      {"text is written whole or not at all", text_is_written_whole_or_not_at_all},
      {"a failed read leaves the output untouched", a_failed_read_leaves_the_output_untouched},
      {"temporary names are unique and fit", temporary_names_are_unique_and_fit},
      {"temporary files of killed writers are removed",
       temporary_files_of_killed_writers_are_removed},
      {"a write past the limit of a file is an IO error",
       a_write_past_the_limit_of_a_file_is_an_io_error},
      {"a full disk is said with the bytes free", a_full_disk_is_said_with_the_bytes_free},
      {"folders are made once", folders_are_made_once})
