/* test_dataset.c - one or several files of a system: numbering, splits, boundaries, refusals. */
#include <sys/stat.h>
#include <unistd.h>

#include "pdebench.h"

enum { T = 3, CELLS = 4 };

/* A file of `n` trajectories of one field "h" on 4 cells; entry (s, t, i) is first + 100 s + 10 t +
 * i. */
static void write_file(const char *path, size_t n, size_t nframes, float first,
                       const char *boundary)
{
  static const double centres[CELLS] = {0.5, 1.5, 2.5, 3.5}, times[2 * T] = {0, 1, 2, 3, 4, 5};
  mpp_writer *w = NULL;
  const mpp_writer_options o = {.path = path,
                                .layout = "pdebench-groups",
                                .nfields = 1,
                                .field = {"h"},
                                .ntrajectories = n,
                                .nframes = nframes,
                                .grid = {1, 1, CELLS},
                                .axis = {"", "", "x"},
                                .coordinate = {NULL, NULL, centres},
                                .time = times,
                                .overwrite = true};
  mpp_note note = {.key = "boundary"};
  REQUIRE_OK(mpp_writer_create(&w, &o));
  for (size_t s = 0; s < n; s++) {
    float x[2 * T * CELLS];
    for (size_t i = 0; i < nframes * CELLS; i++) {
      const size_t frame = i / CELLS;
      x[i] = first + (float)(100 * s + 10 * frame + i % CELLS);
    }
    REQUIRE_OK(mpp_writer_append(w, x, NULL, NULL, 0));
  }
  if (boundary != NULL) {
    snprintf(note.text, sizeof note.text, "%s", boundary);
    REQUIRE_OK(mpp_writer_notes(w, &note, 1));
  }
  REQUIRE_OK(mpp_writer_finish(w));
}

/* A folder with the files a.h5 (5 trajectories, 1000 + ...) and b.h5 (3 trajectories, 2000 +
 * ...). */
static const char *two_files(void)
{
  static char folder[512];
  char path[600];
  snprintf(folder, sizeof folder, "%s", test_path(0, "two"));
  mkdir(folder, 0700);
  snprintf(path, sizeof path, "%s/a.h5", folder);
  write_file(path, 5, T, 1000.0f, NULL);
  snprintf(path, sizeof path, "%s/b.h5", folder);
  write_file(path, 3, T, 2000.0f, NULL);
  return folder;
}

static int open_files(void)
{
  int n = 0;
  for (int fd = 3; fd < 64; fd++) {
    char link[64], target[600] = "";
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    n += readlink(link, target, sizeof target - 1) > 0 && strstr(target, ".h5") != NULL;
  }
  return n;
}

static void files_of_a_set_are_split_each_and_numbered_part_by_part(void)
{
  /* with 0.6 and 0.2: 3 + 2 for training, 1 + 1 for validation, 1 + 0 for test */
  static const float first_value[] = {1000, 1100, 1200, 2000, 2100, 1300, 2200, 1400};
  const mpp_dataset_options options = {.train = 0.6, .valid = 0.2};
  mpp_dataset *d = NULL;
  size_t first = 9, count = 9;
  REQUIRE_OK(mpp_dataset_open(&d, two_files(), &options));
  CU_ASSERT_EQUAL(mpp_dataset_get_info(d)->ntrajectories, 8);
  mpp_dataset_split(d, MPP_TRAIN, &first, &count);
  CU_ASSERT(first == 0 && count == 5);
  mpp_dataset_split(d, MPP_VALID, &first, &count);
  CU_ASSERT(first == 5 && count == 2);
  mpp_dataset_split(d, MPP_TEST, &first, &count);
  CU_ASSERT(first == 7 && count == 1);
  mpp_dataset_split(d, MPP_ALL, &first, &count);
  CU_ASSERT(first == 0 && count == 8);
  for (size_t i = 8; i-- > 0;) {
    float x[CELLS];
    ASSERT_OK(mpp_dataset_read(d, x, i, 1, 1));
    CU_ASSERT_EQUAL(x[2], first_value[i] + 12.0f);
    CU_ASSERT_EQUAL(open_files(), 1); /* one at a time */
  }
  mpp_dataset_close(d);
  CU_ASSERT_EQUAL(open_files(), 0);
}

static void fewer_trajectories_are_taken_from_the_training_part_only(void)
{
  mpp_dataset *d = NULL;
  size_t first = 9, count = 9;
  const mpp_dataset_options options = {.train = 0.5, .valid = 0.25, .max_trajectories = 1};
  REQUIRE_OK(mpp_dataset_open(&d, FIXTURE("array_periodic.hdf5"), &options));
  mpp_dataset_split(d, MPP_TRAIN, &first, &count);
  CU_ASSERT(first == 0 && count == 1); /* of ceil(1.5) = 2 */
  mpp_dataset_split(d, MPP_VALID, &first, &count);
  CU_ASSERT(first == 2 && count == 1);
  mpp_dataset_close(d);
}

static void fractions_that_cannot_be_are_refused(void)
{
  static const double fractions[][2] = {{0.8, 0.3}, {-0.1, 0.5}, {1.1, 0.0}, {NAN, 0.1}};
  for (size_t i = 0; i < sizeof fractions / sizeof fractions[0]; i++) {
    mpp_dataset *d = NULL;
    const mpp_dataset_options o = {.train = fractions[i][0], .valid = fractions[i][1]};
    ASSERT_STATUS(mpp_dataset_open(&d, FIXTURE("groups_swe.h5"), &o), MPP_ERR_USAGE);
    ASSERT_MESSAGE("expected at most 1 together");
    CU_ASSERT_PTR_NULL(d);
  }
}

static void boundaries_come_from_the_user_the_file_or_the_system(void)
{
  mpp_dataset *d = NULL;
  mpp_dataset_options o = {.boundary = "x=periodic"};
  REQUIRE_OK(mpp_dataset_open(&d, FIXTURE("groups_swe.h5"), &o));
  const mpp_dataset_info *info = mpp_dataset_get_info(d);
  CU_ASSERT(info->boundary[1] == MPP_OPEN && info->boundary[2] == MPP_PERIODIC);
  mpp_dataset_close(d);
  o.boundary = "z=periodic";
  d = NULL;
  ASSERT_STATUS(mpp_dataset_open(&d, FIXTURE("groups_swe.h5"), &o), MPP_ERR_USAGE);
  ASSERT_MESSAGE("groups_swe.h5: boundary of axis 'z'");
  const char *path = test_path(1, "attribute.h5");
  write_file(path, 1, T, 0.0f, "x=periodic");
  REQUIRE_OK(mpp_dataset_open(&d, path, NULL));
  CU_ASSERT_EQUAL(mpp_dataset_get_info(d)->boundary[2], MPP_PERIODIC);
  mpp_dataset_close(d);
  o.boundary = "open";
  REQUIRE_OK(mpp_dataset_open(&d, path, &o));
  CU_ASSERT_EQUAL(mpp_dataset_get_info(d)->boundary[2], MPP_OPEN);
  mpp_dataset_close(d);
  d = NULL;
  write_file(path, 1, T, 0.0f, "somewhat open");
  ASSERT_STATUS(mpp_dataset_open(&d, path, NULL), MPP_ERR_DATA);
  ASSERT_MESSAGE("attribute.h5: attribute boundary: boundary 'somewhat open'");
}

static void files_of_a_set_must_agree(void)
{
  char path[600];
  mpp_dataset *d = NULL;
  const char *folder = two_files();
  snprintf(path, sizeof path, "%s/b.h5", folder);
  write_file(path, 3, T + 1, 0.0f, NULL);
  ASSERT_STATUS(mpp_dataset_open(&d, folder, NULL), MPP_ERR_DATA);
  ASSERT_MESSAGE("b.h5: found 4 frames, expected 3 as in ");
  write_file(path, 3, T, 0.0f, "periodic");
  ASSERT_STATUS(mpp_dataset_open(&d, folder, NULL), MPP_ERR_DATA);
  ASSERT_MESSAGE("b.h5: boundaries are not those of ");
  const mpp_dataset_options o = {.boundary = "open"};
  REQUIRE_OK(mpp_dataset_open(&d, folder, &o));
  mpp_dataset_close(d);
  d = NULL;
  snprintf(path, sizeof path, "%s/{a.h5,ins.h5}", MPP_TEST_DATA "/pdebench"); /* no such glob */
  ASSERT_STATUS(mpp_dataset_open(&d, path, NULL), MPP_ERR_NOINPUT);
  ASSERT_STATUS(mpp_dataset_open(&d, MPP_TEST_DATA "/pdebench/groups_*d.h5:lab", NULL),
                MPP_ERR_DATA);
  CU_ASSERT_PTR_NULL(d);
}

static void a_file_that_changes_while_it_is_in_use_is_refused(void)
{
  mpp_dataset *d = NULL;
  float x[CELLS];
  char path[600];
  const char *folder = two_files();
  REQUIRE_OK(mpp_dataset_open(&d, folder, NULL)); /* training: 4 of a, 3 of b */
  ASSERT_OK(mpp_dataset_read(d, x, 0, 0, 1));
  snprintf(path, sizeof path, "%s/b.h5", folder);
  write_file(path, 4, T, 0.0f, NULL);
  ASSERT_STATUS(mpp_dataset_read(d, x, 4, 0, 1), MPP_ERR_DATA);
  ASSERT_MESSAGE("b.h5: found 4 trajectories, expected 3 as when it was opened first");
  ASSERT_OK(mpp_dataset_read(d, x, 0, 0, 1)); /* the other one still serves */
  remove(path);
  ASSERT_STATUS(mpp_dataset_read(d, x, 4, 0, 1), MPP_ERR_NOINPUT);
  mpp_dataset_close(d);
}

static mpp_status use(const char *spec)
{
  mpp_dataset *d = NULL;
  float x[CELLS];
  double t[T];
  mpp_status st = mpp_dataset_open(&d, spec, NULL);
  st = st == MPP_OK ? mpp_dataset_read(d, x, 4, 0, 1) : st;
  st = st == MPP_OK ? mpp_dataset_times(d, t, 0) : st;
  st = st == MPP_OK ? mpp_dataset_coordinates(d, t, 0) : st;
  mpp_dataset_close(d);
  return st;
}

static void every_fallible_call_may_fail(void)
{
  const char *folder = two_files();
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    TEST_FAULT(&faults, use(folder));
    CU_ASSERT_EQUAL(open_files(), 0);
  }
  CU_ASSERT(faults.failed >= 100);
}

TESTS({"files of a set are split each and numbered part by part",
       files_of_a_set_are_split_each_and_numbered_part_by_part},
      {"fewer trajectories are taken from the training part only",
       fewer_trajectories_are_taken_from_the_training_part_only},
      {"fractions that cannot be are refused", fractions_that_cannot_be_are_refused},
      {"boundaries come from the user, the file or the system",
       boundaries_come_from_the_user_the_file_or_the_system},
      {"files of a set must agree", files_of_a_set_must_agree},
      {"a file that changes while it is in use is refused",
       a_file_that_changes_while_it_is_in_use_is_refused},
      {"every fallible call may fail", every_fallible_call_may_fail})
