/* test_file_set.c - what PATH[:SYSTEM] stands for. */
#include <sys/stat.h>
#include <unistd.h>

#include "file_set.h"
#include "test.h"

static void touch(const char *path)
{
  FILE *f = fopen(path, "w");
  CU_ASSERT_PTR_NOT_NULL_FATAL(f);
  fclose(f);
}

/* A folder with data files, and others beside them. */
static const char *folder(void)
{
  static char path[512];
  static const char *const names[] = {"b-10.h5",   "b-2.h5", "a.hdf5",
                                      "notes.txt", ".h5",    "c.h5.tmp"};
  snprintf(path, sizeof path, "%s", test_path(0, "set"));
  if (mkdir(path, 0700) == 0) {
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
      char file[600];
      snprintf(file, sizeof file, "%s/%s", path, names[i]);
      touch(file);
    }
  }
  return path;
}

static void a_folder_and_a_glob_are_sorted_by_bytes(void)
{
  static const char *const suffix[] = {"", "/", "/*.h*5", ":lab", "/*.h*5:lab"};
  for (int i = 0; i < 5; i++) {
    mpp_file_set set = {0};
    char spec[600];
    snprintf(spec, sizeof spec, "%s%s", folder(), suffix[i]);
    REQUIRE_OK(mpp_file_set_find(&set, spec));
    CU_ASSERT_EQUAL_FATAL(set.count, 3);
    CU_ASSERT_STRING_EQUAL(strrchr(set.file[0], '/'), "/a.hdf5");
    CU_ASSERT_STRING_EQUAL(strrchr(set.file[1], '/'), "/b-10.h5"); /* as PDEBench's readers sort */
    CU_ASSERT_STRING_EQUAL(strrchr(set.file[2], '/'), "/b-2.h5");
    CU_ASSERT_STRING_EQUAL(set.system, i < 3 ? "" : "lab");
    mpp_file_set_free(&set);
  }
}

static void a_colon_begins_a_label_only_before_a_word_and_after_no_file(void)
{
  static const struct {
    const char *spec, *path, *label;
  } cases[] = {
      {"one.h5", "one.h5", ""},
      {"one.h5:lab", "one.h5", "lab"},
      {"one.h5:my-lab_2", "one.h5", "my-lab_2"},
      {"a:b", "a:b", ""},
      {"a:b:swe", "a:b", "swe"},
  };
  char before[1024], there[512];
  snprintf(there, sizeof there, "%s", test_path(0, "colon"));
  CU_ASSERT_PTR_NOT_NULL_FATAL(getcwd(before, sizeof before));
  CU_ASSERT_EQUAL_FATAL(mkdir(there, 0700), 0);
  CU_ASSERT_EQUAL_FATAL(chdir(there), 0);
  touch("one.h5");
  touch("a:b");
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    mpp_file_set set = {0};
    ASSERT_OK(mpp_file_set_find(&set, cases[i].spec));
    CU_ASSERT_EQUAL_FATAL(set.count, 1);
    CU_ASSERT_STRING_EQUAL(set.file[0], cases[i].path);
    CU_ASSERT_STRING_EQUAL(set.path, cases[i].path);
    CU_ASSERT_STRING_EQUAL(set.system, cases[i].label);
    mpp_file_set_free(&set);
  }
  mpp_file_set set = {0};
  ASSERT_STATUS(mpp_file_set_find(&set, "one.h5:2fast"), MPP_ERR_NOINPUT);
  ASSERT_MESSAGE("one.h5:2fast: no such file"); /* not a word: part of the name */
  CU_ASSERT_EQUAL_FATAL(chdir(before), 0);
}

static void what_is_not_there_or_no_file_is_refused(void)
{
  mpp_file_set set = {0};
  ASSERT_STATUS(mpp_file_set_find(&set, ""), MPP_ERR_NOINPUT);
  ASSERT_STATUS(mpp_file_set_find(&set, "/no/such/file.h5:swe"), MPP_ERR_NOINPUT);
  ASSERT_MESSAGE("/no/such/file.h5: no such file");
  ASSERT_STATUS(mpp_file_set_find(&set, "/no/such/*.h5"), MPP_ERR_NOINPUT);
  ASSERT_MESSAGE("/no/such/*.h5: no file matches");
  const char *empty = test_path(1, "empty"), *pipe = test_path(2, "pipe.h5");
  CU_ASSERT_EQUAL_FATAL(mkdir(empty, 0700), 0);
  ASSERT_STATUS(mpp_file_set_find(&set, empty), MPP_ERR_NOINPUT);
  ASSERT_MESSAGE("folder without files named *.h5, *.hdf5 or *.nc");
  CU_ASSERT_EQUAL_FATAL(mkfifo(pipe, 0600), 0);
  ASSERT_STATUS(mpp_file_set_find(&set, pipe), MPP_ERR_NOINPUT);
  ASSERT_MESSAGE("is a pipe");
  char label[200] = "file.h5:";
  memset(label + 8, 'a', 100);
  ASSERT_STATUS(mpp_file_set_find(&set, label), MPP_ERR_DATA);
  ASSERT_MESSAGE("label of 100 characters");
  CU_ASSERT(set.count == 0 && set.path == NULL);
}

static void every_fallible_call_may_fail(void)
{
  mpp_file_set set = {0};
  char glob[600];
  snprintf(glob, sizeof glob, "%s/*.h*5", folder());
  const char *const specs[] = {folder(), glob};
  for (int i = 0; i < 2; i++) {
    test_faults faults = {0};
    while (test_faults_next(&faults)) {
      const mpp_status st = TEST_FAULT(&faults, mpp_file_set_find(&set, specs[i]));
      CU_ASSERT(st == MPP_OK || st == MPP_ERR_NOMEM || st == MPP_ERR_NOINPUT);
      CU_ASSERT(st == MPP_OK || set.count == 0);
      mpp_file_set_free(&set);
    }
    CU_ASSERT(faults.failed >= 8);
  }
}

TESTS({"a folder and a glob are sorted by bytes", a_folder_and_a_glob_are_sorted_by_bytes},
      {"a colon begins a label only before a word and after no file",
       a_colon_begins_a_label_only_before_a_word_and_after_no_file},
      {"what is not there or no file is refused", what_is_not_there_or_no_file_is_refused},
      {"every fallible call may fail", every_fallible_call_may_fail})
