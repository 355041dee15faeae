/* test_h5_chunks.c - boxes of chunked arrays are what HDF5 reads; chunks that are not zeros_240, on
 * which HDF5 1.10 reads past its memory, are refused. */
#include "h5.h"
#include "short_chunks.h"
#include "test.h"

enum { RANK = 3, CELLS = 7 * 10 * 9, BYTES = 4 * 5 * 3 * 4, MOST = 2 * 2 * 20000 };
static hsize_t shape[RANK] = {7, 10, 9}, chunk[RANK] = {4, 5, 3};

static hid_t scratch(const char *name)
{
  REQUIRE_OK(mpp_h5_init());
  const hid_t file = H5Fcreate(test_path(0, name), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  CU_ASSERT_FATAL(file >= 0);
  return file;
}

/* Filters: 's'huffle, 'd'eflate, 'f'letcher32, 'n'bit; 'e': chunks at the edge are left bare. */
static hid_t dataset(hid_t file, const char *name, hid_t type, const char *filters)
{
  const hid_t list = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(RANK, shape, NULL);
  CU_ASSERT_FATAL(H5Pset_chunk(list, RANK, chunk) >= 0);
  for (const char *f = filters; *f != '\0'; f++) {
    CU_ASSERT_FATAL((*f == 's'   ? H5Pset_shuffle(list)
                     : *f == 'd' ? H5Pset_deflate(list, 4)
                     : *f == 'n' ? H5Pset_nbit(list)
                     : *f == 'e' ? H5Pset_chunk_opts(list, H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS)
                                 : H5Pset_fletcher32(list)) >= 0);
  }
  const hid_t made = H5Dcreate2(file, name, type, space, H5P_DEFAULT, list, H5P_DEFAULT);
  CU_ASSERT_FATAL(made >= 0);
  H5Sclose(space);
  H5Pclose(list);
  return made;
}

static void fill(hid_t made, size_t n)
{
  static float x[MOST];
  hsize_t start[RANK] = {0}, count[RANK] = {n, shape[1], shape[2]};
  const hid_t memory = H5Screate_simple(RANK, count, NULL), space = H5Dget_space(made);
  for (size_t i = 0; i < MOST; i++) { x[i] = (float)(i * i % 1013) - 300.0F; }
  H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
  CU_ASSERT_FATAL(H5Dwrite(made, H5T_NATIVE_FLOAT, memory, space, H5P_DEFAULT, x) >= 0);
  H5Sclose(memory);
  H5Sclose(space);
}

static size_t below(uint32_t *state, size_t n)
{
  *state = *state * 1664525U + 1013904223U;
  return (*state >> 8) % n;
}

/* Reads boxes of any place, stride and size by us and by HDF5. */
static void expect_same(hid_t file, const char *path, const char *name, bool wide)
{
  static double ours[MOST], theirs[MOST];
  const hid_t type = wide ? H5T_NATIVE_DOUBLE : H5T_NATIVE_FLOAT;
  const hid_t made = H5Dopen2(file, name, H5P_DEFAULT), space = H5Dget_space(made);
  uint32_t state = 77;
  for (int k = 0; k < 60; k++) {
    size_t start[RANK], stride[RANK], count[RANK];
    hsize_t from[RANK], step[RANK], extent[RANK];
    for (int i = 0; i < RANK; i++) {
      start[i] = from[i] = below(&state, shape[i]);
      stride[i] = step[i] = 1 + below(&state, 6);
      count[i] = 1 + below(&state, (shape[i] - start[i] - 1) / stride[i] + 1);
      if (below(&state, 3) == 0) { /* all along this axis */
        start[i] = from[i] = 0;
        stride[i] = step[i] = 1;
        count[i] = shape[i];
      }
      extent[i] = count[i];
    }
    const hid_t memory = H5Screate_simple(RANK, extent, NULL);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, from, step, extent, NULL);
    memset(ours, 0x55, sizeof ours);
    memset(theirs, 0x55, sizeof theirs);
    CU_ASSERT(H5Dread(made, type, memory, space, H5P_DEFAULT, theirs) >= 0);
    ASSERT_OK(mpp_h5_read_box(ours, type, file, path, name, start, stride, count));
    CU_ASSERT_EQUAL(memcmp(ours, theirs, sizeof ours), 0);
    H5Sclose(memory);
  }
  H5Sclose(space);
  H5Dclose(made);
}

static void boxes_are_those_that_hdf5_reads(void)
{
  static const char *const filters[] = {"", "s", "d", "f", "sdf", "fds", "e", "sdfe"};
  const hid_t types[] = {H5T_IEEE_F32LE, H5T_IEEE_F64BE, H5T_STD_I16LE};
  for (size_t k = 0; k < sizeof filters / sizeof *filters * 3; k++) {
    const hid_t file = scratch("same.h5");
    const hid_t made = dataset(file, "x", types[k % 3], filters[k / 3]);
    fill(made, shape[0]);
    H5Dclose(made);
    expect_same(file, test_path(0, "same.h5"), "x", false);
    expect_same(file, test_path(0, "same.h5"), "x", true);
    H5Fclose(file);
  }
}

/* Long runs go straight to their place, of short rows whole ones are read, of long rows parts. */
static void bare_chunks_of_other_shapes_are_those_that_hdf5_reads(void)
{
  static const hsize_t shapes[][RANK] = {{5, 40, 30}, {3, 6, 400}, {2, 2, 20000}},
                       chunks[][RANK] = {{2, 20, 30}, {1, 2, 300}, {1, 2, 19000}};
  for (size_t k = 0; k < 6; k++) {
    memcpy(shape, shapes[k / 2], sizeof shape);
    memcpy(chunk, chunks[k / 2], sizeof chunk);
    const hid_t file = scratch("other.h5");
    const hid_t made = dataset(file, "x", k % 2 == 0 ? H5T_IEEE_F32LE : H5T_STD_I16BE, "");
    fill(made, shape[0]);
    H5Dclose(made);
    expect_same(file, test_path(0, "other.h5"), "x", false);
    expect_same(file, test_path(0, "other.h5"), "x", true);
    H5Fclose(file);
  }
  memcpy(shape, (const hsize_t[]){7, 10, 9}, sizeof shape);
  memcpy(chunk, (const hsize_t[]){4, 5, 3}, sizeof chunk);
}

/* Of seven planes four are stored, in one row of chunks; the rest reads as the fill value. */
static void chunks_that_were_never_stored_are_filled(void)
{
  const float value = -9.5F;
  const hid_t file = scratch("fill.h5");
  const hid_t list = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(RANK, shape, NULL);
  H5Pset_chunk(list, RANK, chunk);
  H5Pset_deflate(list, 1);
  H5Pset_fill_value(list, H5T_NATIVE_FLOAT, &value);
  const hid_t made = H5Dcreate2(file, "x", H5T_IEEE_F64LE, space, H5P_DEFAULT, list, H5P_DEFAULT);
  expect_same(file, test_path(0, "fill.h5"), "x", true);
  fill(made, 4);
  H5Dclose(made);
  expect_same(file, test_path(0, "fill.h5"), "x", false);
  float x[2] = {0};
  ASSERT_OK(mpp_h5_read_f32(x, file, "fill.h5", "x", (size_t[]){3, 9, 8}, (size_t[]){2, 1, 1}));
  CU_ASSERT(x[0] != value && x[1] == value);
  H5Sclose(space);
  H5Pclose(list);
  H5Fclose(file);
}

static mpp_status read_first(hid_t file, const char *name)
{
  float x[60];
  const size_t start[RANK] = {0}, count[RANK] = {4, 5, 3};
  const char *path = test_path(0, "short.h5");
  const mpp_status st = mpp_h5_read_f32(x, file, path, name, start, count);
  CU_ASSERT_EQUAL(mpp_h5_check_box(file, path, name, RANK, start, count),
                  st); /* netCDF would read it */
  return st;
}

static void chunks_that_are_not_whole_are_refused(void)
{
  static unsigned char zeros[BYTES + 4];
  const hid_t file = scratch("short.h5");
  static const struct {
    const char *filters;
    uint32_t mask;
    const unsigned char *from;
    size_t bytes;
    const char *message; /* NULL: is read */
  } known[] = {
      {"d", 0, zeros_120, sizeof zeros_120, "a chunk unpacks to 120 bytes, expected 240"},
      {"d", 0, zeros_240, sizeof zeros_240, NULL},
      {"d", 1, zeros, BYTES / 2, "a chunk unpacks to 120 bytes, expected 240"},
      {"d", 1, zeros, BYTES, NULL},
      {"s", 0, zeros, BYTES - 4, "a chunk of 240 bytes is stored in 236"},
      {"s", 0, zeros, BYTES, NULL},
      {"sd", 0, zeros_120, sizeof zeros_120, "a chunk unpacks to 120 bytes, expected 240"},
      {"sd", 2, zeros, BYTES / 4, "a chunk unpacks to 60 bytes, expected 240"},
      {"f", 0, zeros, BYTES, "a chunk unpacks to 236 bytes, expected 240"},
      {"f", 0, zeros, 3, "a chunk of 240 bytes is stored in 3"},
      {"f", 1, zeros, BYTES, NULL},
      {"f", 0, zeros, BYTES + 4, NULL},
      {"sdf", 4, zeros_120, sizeof zeros_120, "a chunk unpacks to 120 bytes, expected 240"},
      {"d", 0, zeros, 20, "a chunk is damaged (deflate)"}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    char name[8];
    snprintf(name, sizeof name, "x%zu", i);
    const hid_t made = dataset(file, name, H5T_IEEE_F32LE, known[i].filters);
    fill(made, shape[0]);
    H5Dclose(made);
    put_first_chunk(file, name, known[i].mask, known[i].from, known[i].bytes);
    if (known[i].message != NULL) {
      ASSERT_STATUS(read_first(file, name), MPP_ERR_DATA);
      ASSERT_MESSAGE(known[i].message);
      ASSERT_MESSAGE("short.h5: x");
    } else {
      ASSERT_OK(read_first(file, name));
    }
  }
  H5Fclose(file);
}

/* The index of chunks says how long they are; without filters HDF5 1.10 takes room for that. */
static void lengths_of_bare_chunks_are_not_believed(void)
{
  const char *path = test_path(0, "bare.h5");
  hid_t file = scratch("bare.h5");
  float x[CELLS];
  size_t wrong = 0;
  const hid_t made = dataset(file, "x", H5T_IEEE_F32LE, "");
  fill(made, shape[0]);
  H5Dclose(made);
  H5Fclose(file);
  CU_ASSERT_EQUAL(shorten_bare_chunks(path, RANK, BYTES), 2 * 2 * 3);
  REQUIRE_OK(mpp_h5_open(&file, path));
  ASSERT_OK(mpp_h5_read_f32(x, file, path, "x", (size_t[]){0, 0, 0}, (size_t[]){7, 10, 9}));
  for (size_t i = 0; i < CELLS; i++) { wrong += x[i] != (float)(i * i % 1013) - 300.0F; }
  CU_ASSERT_EQUAL(wrong, 0);
  mpp_h5_close(file);
}

static void other_filters_are_run_for_trusted_inputs_alone(void)
{
  float x[CELLS];
  const char *path = test_path(0, "nbit.h5");
  const size_t start[RANK] = {0}, count[RANK] = {7, 10, 9};
  const hid_t file = scratch("nbit.h5"), made = dataset(file, "x", H5T_IEEE_F32LE, "n");
  fill(made, shape[0]);
  H5Dclose(made);
  ASSERT_STATUS(mpp_h5_read_f32(x, file, path, "x", start, count), MPP_ERR_DATA);
  ASSERT_MESSAGE(
      "nbit.h5: x: is packed by HDF5 filter 5 nbit, which is run with --trust-input alone");
  ASSERT_STATUS(mpp_h5_check_box(file, path, "x", RANK, start, count), MPP_ERR_DATA);
  mpp_h5_allow_plugins(true);
  ASSERT_OK(mpp_h5_read_f32(x, file, path, "x", start, count));
  CU_ASSERT_EQUAL(x[CELLS - 1], (float)((CELLS - 1) * (CELLS - 1) % 1013) - 300.0F);
  ASSERT_OK(mpp_h5_check_box(file, path, "x", RANK, start, count));
  mpp_h5_allow_plugins(false);
  H5Fclose(file);
}

static void a_check_leaves_out_what_the_shape_does_not_have(void)
{
  const hid_t file = scratch("short.h5");
  const char *path = test_path(0, "short.h5");
  const hid_t made = dataset(file, "x", H5T_IEEE_F32LE, "d");
  fill(made, shape[0]);
  H5Dclose(made);
  put_first_chunk(file, "x", 0, zeros_120, sizeof zeros_120);
  ASSERT_OK(
      mpp_h5_check_box(file, path, "x", RANK, (size_t[]){4, 0, 0}, (size_t[]){100, 100, 100}));
  ASSERT_OK(mpp_h5_check_box(file, path, "x", RANK, (size_t[]){90, 0, 0}, (size_t[]){1, 1, 1}));
  ASSERT_STATUS(mpp_h5_check_box(file, path, "x", RANK, (size_t[]){3, 4, 2}, (size_t[]){1, 1, 1}),
                MPP_ERR_DATA);
  ASSERT_STATUS(mpp_h5_check_box(file, path, "y", RANK, (size_t[]){0, 0, 0}, (size_t[]){1, 1, 1}),
                MPP_ERR_DATA);
  ASSERT_OK(mpp_h5_check_box(file, path, "x", RANK - 1, NULL, NULL));
  ASSERT_STATUS(mpp_h5_check_box(file, path, "x", RANK, NULL, NULL), MPP_ERR_DATA);
  H5Fclose(file);
}

static void every_fallible_call_may_fail(void)
{
  static double x[CELLS];
  const size_t start[RANK] = {0}, count[RANK] = {7, 10, 9};
  const char *path = test_path(0, "faults.h5");
  hid_t file = scratch("faults.h5");
  const hid_t made = dataset(file, "x", H5T_IEEE_F32LE, "sdf");
  fill(made, 4);
  H5Dclose(made);
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    test_fault_begin(&faults);
    mpp_status st = mpp_h5_read_f64(x, file, path, "x", start, count);
    st = st == MPP_OK ? mpp_h5_check_box(file, path, "x", RANK, start, count) : st;
    test_fault_end(&faults, st);
    CU_ASSERT(st == MPP_OK || mpp_last_error()[0] != '\0');
    CU_ASSERT_EQUAL(H5Fget_obj_count(file, H5F_OBJ_ALL), 1);
  }
  CU_ASSERT(faults.failed >= 20);
  H5Fclose(file);
}

TESTS({"boxes are those that HDF5 reads", boxes_are_those_that_hdf5_reads},
      {"bare chunks of other shapes are those that HDF5 reads",
       bare_chunks_of_other_shapes_are_those_that_hdf5_reads},
      {"chunks that were never stored are filled", chunks_that_were_never_stored_are_filled},
      {"chunks that are not whole are refused", chunks_that_are_not_whole_are_refused},
      {"lengths of bare chunks are not believed", lengths_of_bare_chunks_are_not_believed},
      {"other filters are run for trusted inputs alone",
       other_filters_are_run_for_trusted_inputs_alone},
      {"a check leaves out what the shape does not have",
       a_check_leaves_out_what_the_shape_does_not_have},
      {"every fallible call may fail", every_fallible_call_may_fail})
