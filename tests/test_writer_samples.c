/* test_writer_samples.c - what each trajectory says of itself where they share one array a
 * field. */
#include "h5.h"
#include "test.h"

enum { T = 2, W = 3 };

static const double centres[W] = {0.5, 1.5, 2.5}, times[T] = {0.0, 1.0};

static mpp_writer *create(const char *path)
{
  mpp_writer *w = NULL;
  const mpp_writer_options o = {.path = path,
                                .layout = "pdebench-array",
                                .nfields = 1,
                                .field = {"u"},
                                .ntrajectories = 3,
                                .nframes = T,
                                .grid = {1, 1, W},
                                .axis = {"", "", "x"},
                                .coordinate = {NULL, NULL, centres},
                                .time = times};
  REQUIRE_OK(mpp_writer_create(&w, &o));
  return w;
}

static void numbers_become_columns(void)
{
  static float x[T * W];
  const char *path = test_path(0, "columns.h5");
  const size_t start = 0, count = 3;
  double steps[3], late[3];
  hid_t file = -1;
  mpp_writer *w = create(path);
  for (int i = 0; i < 3; i++) {
    const mpp_note notes[] = {{"steps", "", 10.0 + i}, {"solver", "mpp", 0.0}, {"late", "", 7.0}};
    REQUIRE_OK(mpp_writer_append(w, x, NULL, notes, i == 2 ? 3 : 2));
  }
  REQUIRE_OK(mpp_writer_finish(w));
  REQUIRE_OK(mpp_h5_open(&file, path));
  REQUIRE_OK(mpp_h5_read_f64(steps, file, path, "certificate/steps", &start, &count));
  REQUIRE_OK(mpp_h5_read_f64(late, file, path, "certificate/late", &start, &count));
  CU_ASSERT(steps[0] == 10.0 && steps[1] == 11.0 && steps[2] == 12.0);
  CU_ASSERT(isnan(late[0]) && isnan(late[1]) &&
            late[2] == 7.0); /* what was not said is no number */
  CU_ASSERT(mpp_h5_has_attribute(file, "/", "solver"));
  mpp_h5_close(file);
}

static void texts_must_be_the_same_for_all(void)
{
  static float x[T * W];
  static const mpp_note one = {"scheme", "one", 0.0}, other = {"scheme", "other", 0.0};
  mpp_writer *w = create(test_path(0, "texts.h5"));
  REQUIRE_OK(mpp_writer_append(w, x, NULL, &one, 1));
  ASSERT_STATUS(mpp_writer_append(w, x, NULL, &other, 1), MPP_ERR_USAGE);
  ASSERT_MESSAGE("note 'scheme' of trajectory 1");
  REQUIRE_OK(mpp_writer_append(w, x, NULL, &one, 1));
  REQUIRE_OK(mpp_writer_append(w, x, NULL, NULL, 0));
  ASSERT_STATUS(mpp_writer_append(w, x, NULL, NULL, 0), MPP_ERR_INTERNAL);
  ASSERT_MESSAGE("more trajectories than the 3 announced");
  REQUIRE_OK(mpp_writer_finish(w));
}

TESTS({"numbers become columns", numbers_become_columns},
      {"texts must be the same for all", texts_must_be_the_same_for_all})
