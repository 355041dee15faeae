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
  REQUIRE_OK(mpp_writer_notes(w, notes, 1));
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

/* One frame and no time, as PDEBench stores Darcy flow: the coefficient beside the solution. */
static void a_steady_state_has_a_coefficient_and_no_time(void)
{
  enum { CELLS = H * W };
  static float x[CELLS], once[CELLS];
  float read[CELLS];
  double t = -1.0;
  mpp_writer *w = NULL;
  mpp_dataset *d = NULL;
  hid_t file = -1;
  size_t shape[MPP_H5_MAX_RANK] = {0}, from[3] = {1, 0, 0}, box[3] = {1, H, W};
  int rank = 0;
  static const mpp_note system = {"system", "darcy", 0.0};
  mpp_writer_options o = options_of(test_path(0, "steady.hdf5"));
  o.nframes = 1;
  o.nfields = o.nonce = 1;
  snprintf(o.field[0], sizeof o.field[0], "u");
  snprintf(o.field[1], sizeof o.field[1], "nu");
  o.dataset[0] = "tensor";
  REQUIRE_OK(mpp_writer_create(&w, &o));
  for (int s = 0; s < 2; s++) {
    for (int i = 0; i < CELLS; i++) {
      x[i] = (float)(10 * s + i);
      once[i] = (float)(100 * s + i);
    }
    REQUIRE_OK(mpp_writer_append(w, x, once, &system, 1));
  }
  REQUIRE_OK(mpp_writer_finish(w));
  REQUIRE_OK(mpp_h5_open(&file, o.path));
  REQUIRE_OK(mpp_h5_shape(shape, &rank, file, o.path, "nu"));
  CU_ASSERT(rank == 3 && shape[0] == 2 && shape[1] == H && shape[2] == W);
  CU_ASSERT(!mpp_h5_has(file, "t-coordinate"));
  REQUIRE_OK(mpp_h5_read_f32(read, file, o.path, "nu", from, box));
  CU_ASSERT_EQUAL(read[3], 103.0F);
  mpp_h5_close(file);
  REQUIRE_OK(mpp_dataset_open(&d, o.path, NULL));
  const mpp_dataset_info *info = mpp_dataset_get_info(d);
  CU_ASSERT_STRING_EQUAL(info->field[0], "darcy:u");
  CU_ASSERT(info->ntrajectories == 2 && info->nframes == 1 && info->nfields == 1);
  REQUIRE_OK(mpp_dataset_times(d, &t, 0));
  CU_ASSERT_EQUAL(t, 0.0);
  REQUIRE_OK(mpp_dataset_read(d, read, 1, 0, 1));
  CU_ASSERT_EQUAL(read[3], 13.0F);
  mpp_dataset_close(d);
}

TESTS({"datasets have the shapes of PDEBench", datasets_have_the_shapes_of_pdebench},
      {"a steady state has a coefficient and no time",
       a_steady_state_has_a_coefficient_and_no_time})
