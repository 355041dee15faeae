/* test_writer_chunks.c - chunks that bypass HDF5's filters are what these would have made of
 * them. */
#include "h5.h"
#include "mpp/threads.h"
#include "test.h"
#include "writer_impl.h"

/* Frames, and cells of the grids: chunks of one frame, of seven with an edge, and for what is
 * stored once, chunks of 256 lines with an edge. */
enum {
  T = 9,
  WIDE = 256,
  SMALL = 96,
  LONG = 300,
  LARGEST = LONG * WIDE,
  SQUARE = SMALL * SMALL,
  MANY = T * WIDE * WIDE
};

static double centres[LONG];

static mpp_writer_options options_of(const char *layout, size_t h, size_t w, size_t nfields,
                                     size_t nonce)
{
  const bool groups = strcmp(layout, "pdebench-groups") == 0;
  mpp_writer_options o = {.path = test_path(0, "chunks.h5"),
                          .layout = layout,
                          .nfields = nfields,
                          .nonce = nonce,
                          .field = {"a", "b", "c", "d", "e"},
                          .ntrajectories = 2,
                          .nframes = T,
                          .grid = {1, h, w},
                          .coordinate = {NULL, centres, centres},
                          .time = centres,
                          .overwrite = true};
  o.axis[1][0] = groups ? 'y' : 'x';
  o.axis[2][0] = groups ? 'x' : 'y';
  for (int i = 0; i < LONG; i++) { centres[i] = i; }
  return o;
}

/* Values of the second trajectory, the first having others. */
static void write_file(const mpp_writer_options *o, const float *x, const float *once)
{
  static float zero[T * 3 * LARGEST];
  mpp_writer *w = NULL;
  REQUIRE_OK(mpp_writer_create(&w, o));
  REQUIRE_OK(mpp_writer_append(w, zero, zero, NULL, 0));
  REQUIRE_OK(mpp_writer_append(w, x, once, NULL, 0));
  REQUIRE_OK(mpp_writer_finish(w));
}

/* Holds a box of a dataset, read by HDF5, at channels [first, first + nchannels) of x [ntimes,
 * nfields, cells]. */
static void expect_values(const char *path, const char *name, const size_t *start,
                          const size_t *count, const float *x, const size_t ntimes, size_t nfields,
                          size_t first, size_t nchannels, size_t cells)
{
  static float found[T * 3 * LARGEST];
  size_t different = 0;
  hid_t file = -1;
  REQUIRE_OK(mpp_h5_open(&file, path));
  REQUIRE_OK(mpp_h5_read_f32(found, file, path, name, start, count));
  mpp_h5_close(file);
  for (size_t t = 0; t < ntimes; t++) {
    for (size_t i = 0; i < cells; i++) {
      for (size_t c = 0; c < nchannels; c++) {
        different +=
            found[(t * cells + i) * nchannels + c] != x[(t * nfields + first + c) * cells + i];
      }
    }
  }
  CU_ASSERT_EQUAL(different, 0);
}

static float x[T * 3 * LARGEST], once[2 * LARGEST];

static void groups_hold_every_chunk(void)
{
  static const size_t sides[] = {SMALL, WIDE};
  for (int s = 0; s < 2; s++) {
    const size_t n = sides[s], cells = n * n, start[4] = {0}, count[4] = {T, n, n, 2};
    const mpp_writer_options o = options_of("pdebench-groups", n, n, 2, 0);
    test_fill(x, 2 * cells * T, 1);
    write_file(&o, x, NULL);
    expect_values(o.path, "0001/data", start, count, x, T, 2, 0, 2, cells);
  }
}

static void arrays_hold_every_chunk(void)
{
  static const size_t sides[] = {SMALL, LONG};
  for (int s = 0; s < 2; s++) {
    const size_t n = sides[s], cells = n * WIDE, start[4] = {1}, count[4] = {1, T, n, WIDE};
    const size_t frame[3] = {1, n, WIDE};
    const mpp_writer_options o = options_of("pdebench-array", n, WIDE, 2, 2);
    test_fill(x, 2 * cells * T, 2);
    test_fill(once, 2 * cells, 3);
    write_file(&o, x, once);
    expect_values(o.path, "a", start, count, x, T, 2, 0, 1, cells);
    expect_values(o.path, "b", start, count, x, T, 2, 1, 1, cells);
    expect_values(o.path, "c", start, frame, once, 1, 2, 0, 1, cells);
    expect_values(o.path, "d", start, frame, once, 1, 2, 1, 1, cells);
  }
}

static void flow_holds_every_chunk(void)
{
  const size_t cells = LARGEST, start[5] = {1}, frames[5] = {1, T, LONG, WIDE, 2};
  const size_t scalar[5] = {1, T, LONG, WIDE, 1}, force[4] = {1, LONG, WIDE, 2};
  const mpp_writer_options o = options_of("pdebench-ins", LONG, WIDE, 3, 2);
  test_fill(x, 3 * cells * T, 4);
  test_fill(once, 2 * cells, 5);
  write_file(&o, x, once);
  expect_values(o.path, "velocity", start, frames, x, T, 3, 0, 2, cells);
  expect_values(o.path, "particles", start, scalar, x, T, 3, 2, 1, cells);
  expect_values(o.path, "force", start, force, once, 1, 2, 0, 2, cells);
}

static void the_file_names_the_filters_and_all_of_them_were_applied(void)
{
  static const H5Z_filter_t expected[] = {H5Z_FILTER_SHUFFLE, H5Z_FILTER_DEFLATE,
                                          H5Z_FILTER_FLETCHER32};
  static const hsize_t shape[4] = {7, SMALL, SMALL, 1}; /* 7 frames of 36 kB in 256 kB */
  const mpp_writer_options o = options_of("pdebench-groups", SMALL, SMALL, 1, 0);
  hid_t file = -1;
  hsize_t chunk[4] = {0};
  test_fill(x, MANY, 6);
  write_file(&o, x, NULL);
  REQUIRE_OK(mpp_h5_open(&file, o.path));
  const hid_t dataset = H5Dopen2(file, "0001/data", H5P_DEFAULT);
  const hid_t list = H5Dget_create_plist(dataset);
  CU_ASSERT_EQUAL(H5Pget_nfilters(list), 3);
  for (unsigned i = 0; i < 3; i++) {
    unsigned flags = 0, config = 0;
    size_t none = 0;
    CU_ASSERT_EQUAL(H5Pget_filter2(list, i, &flags, &none, NULL, 0, NULL, &config), expected[i]);
  }
  CU_ASSERT_EQUAL(H5Pget_chunk(list, 4, chunk), 4);
  for (int a = 0; a < 4; a++) { CU_ASSERT_EQUAL(chunk[a], shape[a]); }
  for (hsize_t t = 0; t < T; t += 7) {
    static unsigned char packed[sizeof(float[8 * SQUARE])];
    const hsize_t at[4] = {t};
    hsize_t size = 0;
    uint32_t left_out = 1;
    CU_ASSERT(H5Dget_chunk_storage_size(dataset, at, &size) >= 0);
    CU_ASSERT(size > 0 && size < sizeof(float[7 * SQUARE]));
    CU_ASSERT(H5Dread_chunk(dataset, H5P_DEFAULT, at, &left_out, packed) >= 0);
    CU_ASSERT_EQUAL(left_out, 0);
  }
  H5Pclose(list);
  H5Dclose(dataset);
  mpp_h5_close(file);
}

/* The packed chunks of the second trajectory, one after the other; the caller frees them. */
static size_t packed_chunks(unsigned char **out, const char *path)
{
  hid_t file = -1;
  size_t n = 0;
  REQUIRE_OK(mpp_h5_open(&file, path));
  const hid_t dataset = H5Dopen2(file, "0001/data", H5P_DEFAULT);
  REQUIRE_OK(mpp_alloc((void **)out, H5Dget_storage_size(dataset), 1));
  for (hsize_t t = 0; t < T; t++) {
    const hsize_t at[4] = {t};
    hsize_t size = 0;
    uint32_t left_out = 0;
    CU_ASSERT_FATAL(H5Dget_chunk_storage_size(dataset, at, &size) >= 0);
    CU_ASSERT_FATAL(H5Dread_chunk(dataset, H5P_DEFAULT, at, &left_out, *out + n) >= 0);
    n += size;
  }
  CU_ASSERT_EQUAL(n, H5Dget_storage_size(dataset));
  H5Dclose(dataset);
  mpp_h5_close(file);
  return n;
}

static void chunks_do_not_depend_on_the_number_of_threads(void)
{
  const mpp_writer_options o = options_of("pdebench-groups", WIDE, WIDE, 1, 0);
  const int threads = mpp_get_threads();
  unsigned char *one = NULL, *three = NULL;
  test_fill(x, MANY, 7);
  for (int i = 0; i < MANY; i += 3) { x[i] = x[i / 1000]; } /* not only noise */
  mpp_set_threads(1);
  write_file(&o, x, NULL);
  const size_t n = packed_chunks(&one, o.path);
  mpp_set_threads(3);
  write_file(&o, x, NULL);
  CU_ASSERT_EQUAL_FATAL(packed_chunks(&three, o.path), n);
  CU_ASSERT_EQUAL(memcmp(one, three, n), 0);
  mpp_free(one);
  mpp_free(three);
  mpp_set_threads(threads);
}

/* What is written first has the smaller chunks here, and fewer of them. */
static void the_room_grows_with_the_chunks(void)
{
  const size_t cells = (size_t)SMALL * WIDE, start[4] = {1}, count[4] = {1, T, SMALL, WIDE};
  const mpp_writer_options o = options_of("pdebench-array", SMALL, WIDE, 1, 1);
  mpp_writer *w = NULL;
  test_fill(x, cells * T, 8);
  test_fill(once, cells, 9);
  REQUIRE_OK(mpp_writer_create(&w, &o));
  const mpp_box box = mpp_writer_once(w, once, 0, 1);
  mpp_h5_lock();
  REQUIRE_OK(mpp_writer_chunks(w, w->open[1], "b", 1, &box));
  mpp_h5_unlock();
  REQUIRE_OK(mpp_writer_append(w, x, once, NULL, 0));
  REQUIRE_OK(mpp_writer_append(w, x, once, NULL, 0));
  REQUIRE_OK(mpp_writer_finish(w));
  expect_values(o.path, "a", start, count, x, T, 1, 0, 1, cells);
}

static void chunks_have_as_many_rows_as_fit_into_their_size(void)
{
  CU_ASSERT_EQUAL(mpp_writer_chunk_rows(100, 65536), 1); /* 256 kB: one row */
  CU_ASSERT_EQUAL(mpp_writer_chunk_rows(100, 65537), 1); /* one at least */
  CU_ASSERT_EQUAL(mpp_writer_chunk_rows(100, 32768), 2);
  CU_ASSERT_EQUAL(mpp_writer_chunk_rows(100, 32769), 1);
  CU_ASSERT_EQUAL(mpp_writer_chunk_rows(100, 1), 100); /* no more than there are */
  CU_ASSERT_EQUAL(mpp_writer_chunk_rows(1000000, 1), 65536);
}

TESTS({"groups hold every chunk", groups_hold_every_chunk},
      {"arrays hold every chunk", arrays_hold_every_chunk},
      {"flow holds every chunk", flow_holds_every_chunk},
      {"the file names the filters and all of them were applied",
       the_file_names_the_filters_and_all_of_them_were_applied},
      {"chunks do not depend on the number of threads",
       chunks_do_not_depend_on_the_number_of_threads},
      {"the room grows with the chunks", the_room_grows_with_the_chunks},
      {"chunks have as many rows as fit into their size",
       chunks_have_as_many_rows_as_fit_into_their_size})
