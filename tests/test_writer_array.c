/* test_writer_array.c - what a file with one array a field says of itself. */
#include "h5.h"
#include "test.h"

enum { T = 3, H = 4, W = 2, SIZE = 2 * T * H * W };

static const double x_centres[H] = {0.5, 1.5, 2.5, 3.5}, y_centres[W] = {0.25, 0.75};
static const double times[T] = {0.0, 0.5, 1.0};

static mpp_writer_options options_of(const char *path)
{
  return (mpp_writer_options){.path = path,
                              .layout = "pdebench-array",
                              .nfields = 2,
                              .field = {"Vx", "density"},
                              .ntrajectories = 2,
                              .nframes = T,
                              .grid = {1, H, W},
                              .axis = {"", "x", "y"},
                              .coordinate = {NULL, x_centres, y_centres},
                              .time = times};
}

static void datasets_have_the_shapes_of_pdebench(void)
{
  static float x[SIZE];
  static const struct {
    const char *name;
    int rank;
    size_t shape[4];
  } expected[] = {{"Vx", 4, {2, T, H, W}},
                  {"density", 4, {2, T, H, W}},
                  {"x-coordinate", 1, {H}},
                  {"y-coordinate", 1, {W}},
                  {"t-coordinate", 1, {T + 1}}};
  mpp_writer *w = NULL;
  hid_t file = -1;
  double t[T + 1], value = 0.0;
  const size_t start = 0, count = T + 1;
  static const mpp_note notes[] = {{"eta", "", 0.01}, {"solver", "mpp", 0.0}};
  const mpp_writer_options o = options_of(test_path(0, "array.hdf5"));
  REQUIRE_OK(mpp_writer_create(&w, &o));
  for (int i = 0; i < 2; i++) { REQUIRE_OK(mpp_writer_append(w, x, NULL, notes, 2)); }
  REQUIRE_OK(mpp_writer_finish(w));
  REQUIRE_OK(mpp_h5_open(&file, o.path));
  for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
    size_t shape[MPP_H5_MAX_RANK] = {0};
    int rank = 0;
    REQUIRE_OK(mpp_h5_shape(shape, &rank, file, o.path, expected[i].name));
    CU_ASSERT_EQUAL(rank, expected[i].rank);
    for (int a = 0; a < rank; a++) { CU_ASSERT_EQUAL(shape[a], expected[i].shape[a]); }
  }
  REQUIRE_OK(mpp_h5_read_f64(t, file, o.path, "t-coordinate", &start, &count));
  CU_ASSERT(t[0] == 0.0 && t[2] == 1.0 && t[3] == 1.5); /* the surplus entry goes on evenly */
  REQUIRE_OK(mpp_h5_attribute_f64(&value, file, o.path, "/", "eta"));
  CU_ASSERT_EQUAL(value, 0.01);
  CU_ASSERT(mpp_h5_has_attribute(file, "/", "solver"));
  mpp_h5_close(file);
}

static void a_note_that_is_not_the_same_for_all_is_refused(void)
{
  static float x[SIZE];
  static const mpp_note notes[] = {{"seed", "", 1.0}, {"seed", "", 2.0}, {"seed", "one", 0.0}};
  mpp_writer *w = NULL;
  const mpp_writer_options o = options_of(test_path(0, "notes.hdf5"));
  REQUIRE_OK(mpp_writer_create(&w, &o));
  REQUIRE_OK(mpp_writer_append(w, x, NULL, &notes[0], 1));
  ASSERT_STATUS(mpp_writer_append(w, x, NULL, &notes[1], 1), MPP_ERR_USAGE);
  ASSERT_MESSAGE("note 'seed' of trajectory 1");
  ASSERT_STATUS(mpp_writer_append(w, x, NULL, &notes[2], 1), MPP_ERR_DATA);
  REQUIRE_OK(mpp_writer_append(w, x, NULL, &notes[0], 1));
  ASSERT_STATUS(mpp_writer_append(w, x, NULL, NULL, 0), MPP_ERR_INTERNAL);
  ASSERT_MESSAGE("more trajectories than the 2 announced");
  REQUIRE_OK(mpp_writer_finish(w));
}

TESTS({"datasets have the shapes of PDEBench", datasets_have_the_shapes_of_pdebench},
      {"a note that is not the same for all is refused",
       a_note_that_is_not_the_same_for_all_is_refused})
