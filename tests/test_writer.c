/* test_writer.c - files appear whole or not at all, and hold what was written. */
#include <hdf5.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pdebench.h"

enum { T = 5, C = 2, H = 6, W = 4, SIZE = T * C * H * W };

static const double centres_h[H] = {0.5, 1.5, 2.5, 3.5, 4.5, 5.5};
static const double centres_w[W] = {-0.75, -0.25, 0.25, 0.75};
static const double times[T] = {0.0, 0.25, 0.5, 0.75, 1.0};

static mpp_writer_options options_of(const char *path, const char *layout)
{
  const bool groups = strcmp(layout, "pdebench-groups") == 0;
  mpp_writer_options o = {.path = path,
                          .layout = layout,
                          .nfields = C,
                          .field = {"activator", "inhibitor"},
                          .ntrajectories = 3,
                          .nframes = T,
                          .grid = {1, H, W},
                          .coordinate = {NULL, centres_h, centres_w},
                          .time = times};
  o.axis[1][0] = groups ? 'y' : 'x';
  o.axis[2][0] = groups ? 'x' : 'y';
  return o;
}

static mpp_status write_file(const mpp_writer_options *o)
{
  mpp_status st;
  mpp_writer *w = NULL;
  static float x[SIZE];
  const mpp_note notes[] = {{"Du", "", 1e-3}, {"solver", "mpp: test", 0.0}};
  st = mpp_writer_create(&w, o);
  if (st == MPP_OK) {
    st = mpp_writer_notes(w, notes, 2);
  }
  for (uint64_t i = 0; i < o->ntrajectories && st == MPP_OK; i++) {
    test_fill(x, SIZE, i);
    st = mpp_writer_append(w, x, NULL, notes, 2);
  }
  if (st != MPP_OK) {
    mpp_writer_abort(w);
    return st;
  }
  return mpp_writer_finish(w);
}

/* Files in the folder of the tests whose names begin with `prefix`. */
static int files_named(const char *prefix)
{
  char command[1024], answer[16] = "";
  snprintf(command, sizeof command, "ls -d '%s'* 2>/dev/null | wc -l", test_path(7, prefix));
  FILE *pipe = popen(command, "r");
  if (pipe == NULL || fgets(answer, sizeof answer, pipe) == NULL) {
    CU_FAIL_FATAL("the folder cannot be listed");
  }
  pclose(pipe);
  return atoi(answer);
}

static long open_handles(void) { return (long)H5Fget_obj_count(H5F_OBJ_ALL, H5F_OBJ_ALL); }

/* Holds a file that write_file wrote at what went into it. */
static void expect_file(const mpp_writer_options *o)
{
  static float x[SIZE], expected[SIZE];
  mpp_dataset *d = NULL;
  double t[T], h[H];
  char spec[600];
  snprintf(spec, sizeof spec, "%s:diffre2d", o->path);
  REQUIRE_OK(mpp_dataset_open(&d, spec, NULL));
  const mpp_dataset_info *info = mpp_dataset_get_info(d);
  CU_ASSERT_STRING_EQUAL(info->layout, o->layout);
  CU_ASSERT_STRING_EQUAL(info->field[1], "diffre2d:inhibitor");
  CU_ASSERT(info->ntrajectories == 3 && info->nframes == T);
  CU_ASSERT(info->grid[0] == 1 && info->grid[1] == H && info->grid[2] == W);
  CU_ASSERT_STRING_EQUAL(info->axis[1], o->axis[1]);
  for (uint64_t i = 0; i < 3; i++) {
    REQUIRE_OK(mpp_dataset_read(d, x, i, 0, T));
    test_fill(expected, SIZE, i);
    CU_ASSERT_EQUAL(entries_different(x, expected, SIZE), 0);
  }
  REQUIRE_OK(mpp_dataset_times(d, t, 1));
  for (int i = 0; i < T; i++) { CU_ASSERT_EQUAL(t[i], times[i]); } /* exact in float32 */
  REQUIRE_OK(mpp_dataset_coordinates(d, h, 1));
  for (int i = 0; i < H; i++) { CU_ASSERT_EQUAL(h[i], centres_h[i]); }
  mpp_dataset_close(d);
}

static void both_layouts_come_back_as_they_were_written(void)
{
  static const char *const layouts[] = {"pdebench-groups", "pdebench-array"};
  for (int l = 0; l < 2; l++) {
    const mpp_writer_options o = options_of(test_path(0, "both.h5"), layouts[l]);
    REQUIRE_OK(write_file(&o));
    expect_file(&o);
    remove(o.path);
  }
}

/* Writes and reads one trajectory on a grid whose axes have these names. */
static void expect_grid(const char *layout, const char *const axes[3], const size_t grid[3])
{
  static const double centres[4] = {0.0, 1.0, 2.0, 3.0};
  static float x[2 * 4 * 3 * 2], expected[2 * 4 * 3 * 2];
  mpp_dataset *d = NULL;
  mpp_writer *w = NULL;
  char spec[600];
  mpp_writer_options o = {.path = test_path(0, "axes.h5"),
                          .layout = layout,
                          .nfields = 1,
                          .field = {"q"},
                          .ntrajectories = 1,
                          .nframes = 2,
                          .time = times};
  for (int a = 0; a < 3; a++) {
    o.grid[a] = grid[a];
    snprintf(o.axis[a], sizeof o.axis[a], "%s", axes[a]);
    o.coordinate[a] = axes[a][0] != '\0' ? centres : NULL;
  }
  test_fill(expected, sizeof x / sizeof x[0], 9);
  REQUIRE_OK(mpp_writer_create(&w, &o));
  REQUIRE_OK(mpp_writer_append(w, expected, NULL, NULL, 0));
  REQUIRE_OK(mpp_writer_finish(w));
  snprintf(spec, sizeof spec, "%s:lab", o.path);
  REQUIRE_OK(mpp_dataset_open(&d, spec, NULL));
  for (int a = 0; a < 3; a++) { CU_ASSERT_EQUAL(mpp_dataset_get_info(d)->grid[a], grid[a]); }
  REQUIRE_OK(mpp_dataset_read(d, x, 0, 0, 2));
  CU_ASSERT_EQUAL(entries_different(x, expected, 2 * grid[0] * grid[1] * grid[2]), 0);
  mpp_dataset_close(d);
  remove(o.path);
}

static void grids_of_one_and_three_axes_are_written_too(void)
{
  static const size_t line[3] = {1, 1, 2}, box[3] = {4, 3, 2};
  expect_grid("pdebench-groups", (const char *const[]){"", "", "x"}, line);
  expect_grid("pdebench-groups", (const char *const[]){"z", "y", "x"}, box);
  expect_grid("pdebench-array", (const char *const[]){"", "", "x"}, line);
  expect_grid("pdebench-array", (const char *const[]){"x", "y", "z"}, box);
}

static void an_existing_file_is_kept_unless_it_may_be_overwritten(void)
{
  mpp_writer_options o = options_of(test_path(0, "exists.h5"), "pdebench-groups");
  REQUIRE_OK(write_file(&o));
  mpp_writer *w = NULL;
  ASSERT_STATUS(mpp_writer_create(&w, &o), MPP_ERR_EXISTS);
  CU_ASSERT_PTR_NULL(w);
  o.overwrite = true;
  o.ntrajectories = 1;
  REQUIRE_OK(mpp_writer_create(&w, &o));
  mpp_writer_abort(w); /* the old one is still there, whole */
  mpp_dataset *d = NULL;
  REQUIRE_OK(mpp_dataset_open(&d, o.path, NULL));
  CU_ASSERT_EQUAL(mpp_dataset_get_info(d)->ntrajectories, 3);
  mpp_dataset_close(d);
  REQUIRE_OK(write_file(&o));
  REQUIRE_OK(mpp_dataset_open(&d, o.path, NULL));
  CU_ASSERT_EQUAL(mpp_dataset_get_info(d)->ntrajectories, 1);
  mpp_dataset_close(d);
  CU_ASSERT_EQUAL(files_named("exists.h5"), 1);
}

static void an_unfinished_file_never_has_its_name(void)
{
  static const float x[SIZE];
  mpp_writer *w = NULL;
  const mpp_writer_options o = options_of(test_path(0, "short.h5"), "pdebench-array");
  REQUIRE_OK(mpp_writer_create(&w, &o));
  REQUIRE_OK(mpp_writer_append(w, x, NULL, NULL, 0));
  CU_ASSERT_NOT_EQUAL(access(o.path, F_OK), 0);
  ASSERT_STATUS(mpp_writer_finish(w), MPP_ERR_INTERNAL);
  ASSERT_MESSAGE("1 trajectories written, expected 3");
  CU_ASSERT_EQUAL(files_named("short.h5"), 0);
  mpp_writer_abort(NULL);
}

static void values_that_are_no_numbers_are_not_written(void)
{
  static float x[SIZE];
  mpp_writer *w = NULL;
  const mpp_writer_options o = options_of(test_path(0, "nan.h5"), "pdebench-groups");
  x[(3 * C + 1) * H * W + 7] = NAN;
  REQUIRE_OK(mpp_writer_create(&w, &o));
  ASSERT_STATUS(mpp_writer_append(w, x, NULL, NULL, 0), MPP_ERR_DIVERGED);
  ASSERT_MESSAGE("trajectory 0, frame 3, field 'inhibitor', cell 7");
  mpp_writer_abort(w);
  CU_ASSERT_EQUAL(files_named("nan.h5"), 0);
}

static void options_that_the_layout_cannot_hold_are_refused(void)
{
  mpp_writer *w = NULL;
  const mpp_writer_options good = options_of(test_path(0, "refused.h5"), "pdebench-groups");
  mpp_writer_options o = good;
  o.layout = "pdebench-tree";
  ASSERT_STATUS(mpp_writer_create(&w, &o), MPP_ERR_USAGE);
  ASSERT_MESSAGE("unknown layout 'pdebench-tree'");
  o = good;
  o.nonce = 1;
  ASSERT_STATUS(mpp_writer_create(&w, &o), MPP_ERR_USAGE);
  ASSERT_MESSAGE("has no fields without time");
  o = good;
  o.axis[1][0] = 'x';
  o.axis[2][0] = 'y';
  ASSERT_STATUS(mpp_writer_create(&w, &o), MPP_ERR_USAGE);
  ASSERT_MESSAGE("axis 1 is 'x', expected 'y'");
  o = good;
  o.grid[0] = 2;
  ASSERT_STATUS(mpp_writer_create(&w, &o), MPP_ERR_USAGE);
  o = good;
  o.coordinate[2] = NULL;
  ASSERT_STATUS(mpp_writer_create(&w, &o), MPP_ERR_USAGE);
  o = good;
  o.nfields = 0;
  ASSERT_STATUS(mpp_writer_create(&w, &o), MPP_ERR_USAGE);
  o = good;
  o.nframes = SIZE_MAX / 4;
  ASSERT_STATUS(mpp_writer_create(&w, &o), MPP_ERR_USAGE);
  o = good;
  o.path = test_path(1, "no-such-folder/file.h5");
  ASSERT_STATUS(mpp_writer_create(&w, &o), MPP_ERR_EXISTS);
  CU_ASSERT_PTR_NULL(w);
  CU_ASSERT_EQUAL(files_named("refused.h5"), 0);
}

static void every_fallible_call_may_fail(void)
{
  static const char *const layouts[] = {"pdebench-groups", "pdebench-array"};
  const long handles = open_handles();
  for (int l = 0; l < 2; l++) {
    const mpp_writer_options o = options_of(test_path(0, "fault.h5"), layouts[l]);
    test_faults faults = {0};
    while (test_faults_next(&faults)) {
      const mpp_status st = TEST_FAULT(&faults, write_file(&o));
      CU_ASSERT(st == MPP_OK || st == MPP_ERR_NOMEM || st == MPP_ERR_IO || st == MPP_ERR_EXISTS ||
                st == MPP_ERR_DATA);
      CU_ASSERT_EQUAL(open_handles(), handles);
      /* after a rename the file may stay although the folder could not be synced */
      CU_ASSERT(files_named("fault.h5.tmp") == 0);
      remove(o.path);
    }
    CU_ASSERT(faults.failed >= 60);
  }
}

/* Writes a file that must not be so large, in a child: HDF5 1.10 cannot give back what belongs to a
 * file that it could not write. */
static void expect_full(const char *layout, rlim_t bytes)
{
  int how = 0;
  mpp_writer_options o = options_of(test_path(0, "full.h5"), layout);
  o.ntrajectories = 40;
  fflush(NULL);
  const pid_t child = fork();
  if (child == 0) {
    const struct rlimit limit = {bytes, bytes};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    const mpp_status st = write_file(&o);
    _exit(st == MPP_ERR_IO && strstr(mpp_last_error(), "full.h5: File too large") != NULL ? 0 : 1);
  }
  CU_ASSERT_EQUAL_FATAL(waitpid(child, &how, 0), child);
  CU_ASSERT(WIFEXITED(how) && WEXITSTATUS(how) == 0);
  CU_ASSERT_EQUAL(files_named("full.h5"), 0);
}

static void a_full_disk_is_reported_and_leaves_nothing(void)
{
  for (rlim_t bytes = 512; bytes <= 32768; bytes *= 2) {
    expect_full("pdebench-groups", bytes);
    expect_full("pdebench-array", bytes);
  }
}

TESTS({"both layouts come back as they were written", both_layouts_come_back_as_they_were_written},
      {"grids of one and three axes are written too", grids_of_one_and_three_axes_are_written_too},
      {"an existing file is kept unless it may be overwritten",
       an_existing_file_is_kept_unless_it_may_be_overwritten},
      {"an unfinished file never has its name", an_unfinished_file_never_has_its_name},
      {"values that are no numbers are not written", values_that_are_no_numbers_are_not_written},
      {"options that the layout cannot hold are refused",
       options_that_the_layout_cannot_hold_are_refused},
      {"every fallible call may fail", every_fallible_call_may_fail},
      {"a full disk is reported and leaves nothing", a_full_disk_is_reported_and_leaves_nothing})
