/* test_data_check.c - what a check finds, and what it leaves alone. */
#include <sys/stat.h>
#include <unistd.h>

#include "mpp/info.h"
#include "seeded_file.h"

enum { MOST = 32 };

typedef struct found {
  size_t count;
  mpp_finding item[MOST];
  char text[MOST][512], field[MOST][64], file[MOST][512];
} found;

static void collect(void *context, const mpp_finding *f)
{
  found *all = context;
  CU_ASSERT_FATAL(all->count < MOST);
  const size_t i = all->count++;
  all->item[i] = *f;
  snprintf(all->text[i], sizeof all->text[i], "%s", f->text);
  snprintf(all->field[i], sizeof all->field[i], "%s", f->field);
  snprintf(all->file[i], sizeof all->file[i], "%s", f->at.file);
}

static mpp_check_summary check(found *all, const char *const *data, size_t ndata, bool distinct)
{
  const mpp_check_observer observer = {collect, NULL, all};
  const mpp_check_options options = {
      .data = data, .ndata = ndata, .train = 0.6, .valid = 0.2, .distinct = distinct};
  mpp_check_summary s = {.trajectories = 99};
  *all = (found){0};
  REQUIRE_OK(mpp_check_data(&s, &options, &observer));
  return s;
}

static void sound_data_have_no_findings(void)
{
  static const size_t seeds[] = {1, 2, 3};
  static found all;
  const char *path = test_path(0, "sound.h5");
  seeded_file(path, seeds, 3, NULL);
  const mpp_check_summary s = check(&all, &path, 1, false);
  CU_ASSERT(s.trajectories == 3 && s.distinct == 3 && s.faults == 0 && all.count == 0);
}

/* Trajectories 1 and 2: field 0 is constant, but for the very last value of 2. */
static void flatten(float *x, size_t n)
{
  for (size_t i = 0; i < SEEDED_ALL; i++) {
    x[i] = n >= 1 && i / SEEDED_CELLS % 2 == 0 ? 0.25f : x[i];
  }
  x[SEEDED_ALL - SEEDED_CELLS - 1] += n == 2 ? 1.0f : 0.0f; /* field 0 of the last frame */
}

static void constant_fields_are_found(void)
{
  static const size_t seeds[] = {1, 2, 3};
  static found all;
  const char *path = test_path(0, "flat.h5");
  seeded_file(path, seeds, 3, flatten);
  const mpp_check_summary s = check(&all, &path, 1, false);
  CU_ASSERT(s.trajectories == 3 && s.distinct == 3 && s.faults == 1);
  CU_ASSERT_EQUAL_FATAL(all.count, 1);
  CU_ASSERT(all.item[0].kind == MPP_FOUND_CONSTANT && all.item[0].at.trajectory == 1);
  CU_ASSERT_STRING_EQUAL(all.field[0], "diffre2d:activator");
  CU_ASSERT_PTR_NOT_NULL(strstr(all.text[0], "0.25"));
}

/* A NaN in sample 1, frame 2, channel 1. */
static void values_that_are_no_numbers_are_found(void)
{
  static found all;
  const char *nan = MPP_TEST_DATA "/pdebench/bad_nan.h5";
  const mpp_check_summary s = check(&all, &nan, 1, false);
  CU_ASSERT(s.trajectories == 2 && s.distinct == 2 && s.faults == 1);
  CU_ASSERT_EQUAL_FATAL(all.count, 1);
  CU_ASSERT(all.item[0].kind == MPP_FOUND_NONFINITE && all.item[0].at.trajectory == 1);
  CU_ASSERT(all.item[0].count == 1 && all.item[0].frame == 2 && !all.item[0].whole);
  CU_ASSERT_STRING_EQUAL(all.field[0], "diffre2d:inhibitor");
}

/* Of five trajectories three train, one validates, one tests. */
static void equal_trajectories_are_duplicates_or_leaks(void)
{
  static const size_t seeds[] = {1, 2, 1, 1, 2};
  static found all;
  const char *path = test_path(0, "twice.h5");
  seeded_file(path, seeds, 5, NULL);
  mpp_check_summary s = check(&all, &path, 1, false);
  CU_ASSERT(s.trajectories == 5 && s.distinct == 2 && s.faults == 3);
  CU_ASSERT_EQUAL_FATAL(all.count, 3);
  CU_ASSERT(all.item[0].kind == MPP_FOUND_DUPLICATE && all.item[0].at.trajectory == 2 &&
            all.item[0].other.trajectory == 0);
  CU_ASSERT(all.item[1].kind == MPP_FOUND_LEAK && all.item[1].at.trajectory == 3 &&
            all.item[1].at.split == MPP_VALID && all.item[1].other.split == MPP_TRAIN);
  CU_ASSERT(all.item[2].kind == MPP_FOUND_LEAK && all.item[2].at.split == MPP_TEST &&
            all.item[2].other.trajectory == 1);
  s = check(&all, &path, 1, true);
  CU_ASSERT(s.found[MPP_FOUND_DUPLICATE] == 3 && s.found[MPP_FOUND_LEAK] == 0 && s.faults == 0);
}

static void equal_trajectories_of_two_files_are_found(void)
{
  static const size_t first[] = {1, 2, 3, 4, 5}, second[] = {6, 7, 8, 9, 2};
  static found all;
  const char *const data[] = {test_path(0, "one.h5"), test_path(1, "two.h5")};
  seeded_file(data[0], first, 5, NULL);
  seeded_file(data[1], second, 5, NULL);
  const mpp_check_summary s = check(&all, data, 2, false);
  CU_ASSERT(s.trajectories == 10 && s.distinct == 9 && s.found[MPP_FOUND_LEAK] == 1);
  CU_ASSERT_EQUAL_FATAL(all.count, 1);
  CU_ASSERT_STRING_EQUAL(all.file[0], data[1]);
  CU_ASSERT(all.item[0].at.trajectory == 4 && all.item[0].other.trajectory == 1);
  CU_ASSERT_PTR_NOT_NULL(strstr(all.text[0], data[0]));
}

/* The first equal one is in the same part; an earlier one in another part says more. */
static void a_leak_is_told_even_where_the_same_part_has_the_trajectory_too(void)
{
  static const size_t first[] = {1, 2, 3, 4, 5}, second[] = {5, 6, 7, 8, 5};
  static found all;
  const char *const data[] = {test_path(0, "one.h5"), test_path(1, "two.h5")};
  seeded_file(data[0], first, 5, NULL);
  seeded_file(data[1], second, 5, NULL);
  const mpp_check_summary s = check(&all, data, 2, false);
  CU_ASSERT(s.found[MPP_FOUND_LEAK] == 2 && s.found[MPP_FOUND_DUPLICATE] == 0);
  CU_ASSERT_EQUAL_FATAL(all.count, 2);
  CU_ASSERT(all.item[0].at.split == MPP_TRAIN && all.item[0].other.split == MPP_TEST);
  CU_ASSERT(all.item[1].at.split == MPP_TEST && all.item[1].other.split == MPP_TRAIN);
}

/* A folder with one sound and one damaged file; a file that is not there. */
static void files_that_do_not_open_are_found_and_the_rest_is_read(void)
{
  static const size_t seeds[] = {1, 2};
  static found all;
  char folder[512], sound[600], damaged[600];
  snprintf(folder, sizeof folder, "%s", test_path(0, "mixed"));
  snprintf(sound, sizeof sound, "%s/a.h5", folder);
  snprintf(damaged, sizeof damaged, "%s/b.h5", folder);
  mkdir(folder, 0700);
  seeded_file(sound, seeds, 2, NULL);
  seeded_file(damaged, seeds, 2, NULL);
  CU_ASSERT_EQUAL_FATAL(truncate(damaged, 3000), 0);
  const char *const data[] = {folder, sound, "/no/such/file.h5"};
  const mpp_check_summary s = check(&all, data, 3, false);
  CU_ASSERT(s.trajectories == 2 && s.faults == 2 && all.count == 2);
  CU_ASSERT(all.item[0].kind == MPP_FOUND_UNREADABLE && all.item[0].whole);
  CU_ASSERT_STRING_EQUAL(all.file[0], damaged);
  CU_ASSERT_STRING_EQUAL(all.file[1], "/no/such/file.h5");
}

static void every_fallible_call_may_fail(void)
{
  static const size_t seeds[] = {1, 2, 1, 1, 2};
  const char *path = test_path(0, "twice.h5");
  const mpp_check_options options = {.data = &path, .ndata = 1};
  mpp_check_summary s = {.trajectories = 99};
  seeded_file(path, seeds, 5, NULL);
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    s.trajectories = 99;
    test_fault_begin(&faults);
    const mpp_status st = mpp_check_data(&s, &options, NULL);
    /* a failed read is a finding, not a failure */
    test_fault_end(&faults, st == MPP_OK && s.faults != 3 ? MPP_ERR_DATA : st);
    CU_ASSERT(st == MPP_OK || s.trajectories == 99);
  }
  CU_ASSERT(s.trajectories == 5 && s.faults == 3 && faults.trials > 10);
}

TESTS({"sound data have no findings", sound_data_have_no_findings},
      {"constant fields are found", constant_fields_are_found},
      {"values that are no numbers are found", values_that_are_no_numbers_are_found},
      {"equal trajectories are duplicates or leaks", equal_trajectories_are_duplicates_or_leaks},
      {"equal trajectories of two files are found", equal_trajectories_of_two_files_are_found},
      {"a leak is told even where the same part has the trajectory too",
       a_leak_is_told_even_where_the_same_part_has_the_trajectory_too},
      {"files that do not open are found and the rest is read",
       files_that_do_not_open_are_found_and_the_rest_is_read},
      {"every fallible call may fail", every_fallible_call_may_fail})
