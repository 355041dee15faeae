/* test_writer_ins.c - PDEBench's layout of incompressible flow comes back as it was written. */
#include "h5.h"
#include "test.h"

enum { T = 3, H = 4, W = 2, CELLS = H * W, SIZE = 3 * T * CELLS };

static const double x_centres[H] = {0.125, 0.375, 0.625, 0.875}, y_centres[W] = {0.25, 0.75};
static const double times[T] = {0.0, 0.5, 1.0};

static mpp_writer_options options_of(const char *path)
{
  return (mpp_writer_options){.path = path,
                              .layout = "pdebench-ins",
                              .nfields = 3,
                              .nonce = 2,
                              .field = {"Vx", "Vy", "particles", "force_x", "force_y"},
                              .ntrajectories = 2,
                              .nframes = T,
                              .grid = {1, H, W},
                              .axis = {"", "x", "y"},
                              .coordinate = {NULL, x_centres, y_centres},
                              .time = times};
}

static void write_file(const char *path)
{
  static float x[SIZE], once[2 * CELLS];
  mpp_writer *w = NULL;
  const mpp_writer_options o = options_of(path);
  REQUIRE_OK(mpp_writer_create(&w, &o));
  for (int s = 0; s < 2; s++) {
    for (int i = 0; i < SIZE; i++) { x[i] = (float)(1000 * s + i); }
    for (int i = 0; i < 2 * CELLS; i++) { once[i] = (float)(-1000 * s - i); }
    REQUIRE_OK(mpp_writer_append(w, x, once, NULL, 0));
  }
  REQUIRE_OK(mpp_writer_finish(w));
}

static void the_reader_reads_what_was_written(void)
{
  const char *path = test_path(0, "ins.h5");
  mpp_dataset *d = NULL;
  float x[SIZE];
  double t[T];
  size_t different = 0;
  write_file(path);
  REQUIRE_OK(mpp_dataset_open(&d, path, NULL));
  const mpp_dataset_info *info = mpp_dataset_get_info(d);
  CU_ASSERT_STRING_EQUAL(info->layout, "pdebench-ins");
  CU_ASSERT_STRING_EQUAL(info->field[2], "incompNS:particles");
  CU_ASSERT(info->ntrajectories == 2 && info->nframes == T && info->grid[1] == H);
  REQUIRE_OK(mpp_dataset_read(d, x, 1, 0, T));
  for (int i = 0; i < SIZE; i++) { different += x[i] != (float)(1000 + i); }
  CU_ASSERT_EQUAL(different, 0);
  REQUIRE_OK(mpp_dataset_times(d, t, 1));
  CU_ASSERT_EQUAL(t[1], 0.5);
  mpp_dataset_close(d);
}

static void the_force_stands_beside_them(void)
{
  const char *path = test_path(0, "force.h5");
  const size_t from[4] = {1, 0, 0, 0}, box[4] = {1, H, W, 2};
  float force[2 * CELLS];
  double latest = 0.0;
  hid_t file = -1;
  write_file(path);
  REQUIRE_OK(mpp_h5_open(&file, path));
  REQUIRE_OK(mpp_h5_read_f32(force, file, path, "force", from, box));
  CU_ASSERT_EQUAL(force[10], -1005.0F);         /* x at cell 5 */
  CU_ASSERT_EQUAL(force[11], -1005.0F - CELLS); /* y */
  REQUIRE_OK(mpp_h5_attribute_f64(&latest, file, path, "/", "latestIndex"));
  CU_ASSERT_EQUAL(latest, T - 1);
  mpp_h5_close(file);
}

static void other_fields_are_refused(void)
{
  mpp_writer *w = NULL;
  mpp_writer_options o = options_of(test_path(0, "other.h5"));
  o.nfields = 2;
  ASSERT_STATUS(mpp_writer_create(&w, &o), MPP_ERR_USAGE);
  ASSERT_MESSAGE("expected 3 and 2");
}

TESTS({"the reader reads what was written", the_reader_reads_what_was_written},
      {"the force stands beside them", the_force_stands_beside_them},
      {"other fields are refused", other_fields_are_refused})
