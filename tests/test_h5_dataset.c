/* test_h5_dataset.c - what h5py wrote is read to the last bit; lies about sizes are refused. */
#include "test.h"

#include "h5.h"

enum { ROWS = 40, COLUMNS = 50, CELLS = ROWS * COLUMNS, NOISE = 16 * COLUMNS };

static const char *const path = MPP_TEST_DATA "/h5py.h5";

static hid_t open_fixture(void)
{
  hid_t file = -1;
  REQUIRE_OK(mpp_h5_open(&file, path));
  return file;
}

static float smooth(size_t index) { return floorf((float)index / 7.0f); }

static void every_filter_and_type_gives_the_same_numbers(void)
{
  static const char *const names[] = {"smooth", "shuffled", "deflated", "integers", "big_endian"};
  static float x[CELLS];
  static double y[CELLS];
  const hid_t file = open_fixture();
  const size_t start[2] = {0, 0}, count[2] = {ROWS, COLUMNS};
  for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
    size_t shape[MPP_H5_MAX_RANK] = {0}, wrong = 0;
    int rank = 0;
    ASSERT_OK(mpp_h5_shape(shape, &rank, file, path, names[k]));
    CU_ASSERT(rank == 2 && shape[0] == ROWS && shape[1] == COLUMNS);
    ASSERT_OK(mpp_h5_read_f32(x, file, path, names[k], start, count));
    ASSERT_OK(mpp_h5_read_f64(y, file, path, names[k], start, count));
    for (size_t i = 0; i < CELLS; i++) { wrong += x[i] != smooth(i) || y[i] != (double)smooth(i); }
    CU_ASSERT_EQUAL(wrong, 0);
  }
  mpp_h5_close(file);
}

static void chunks_that_lzf_could_not_shrink_are_read(void)
{
  static float plain[CELLS], mixed[CELLS], shuffled[CELLS];
  const hid_t file = open_fixture();
  const size_t start[2] = {0, 0}, count[2] = {ROWS, COLUMNS};
  ASSERT_OK(mpp_h5_read_f32(plain, file, path, "mixed_plain", start, count));
  ASSERT_OK(mpp_h5_read_f32(mixed, file, path, "mixed", start, count));
  ASSERT_OK(mpp_h5_read_f32(shuffled, file, path, "mixed_shuffled", start, count));
  CU_ASSERT_EQUAL(memcmp(plain, mixed, sizeof plain), 0);
  CU_ASSERT_EQUAL(memcmp(plain, shuffled, sizeof plain), 0);
  CU_ASSERT(plain[NOISE] != smooth(NOISE) && plain[0] == smooth(0));
  mpp_h5_close(file);
}

static void a_box_is_read_across_chunks(void)
{
  float x[3 * 10];
  size_t wrong = 0;
  const hid_t file = open_fixture();
  ASSERT_OK(mpp_h5_read_f32(x, file, path, "shuffled", (size_t[]){15, 28}, (size_t[]){3, 10}));
  for (size_t i = 0; i < 3; i++) {
    for (size_t j = 0; j < 10; j++) {
      wrong += x[i * 10 + j] != smooth((15 + i) * COLUMNS + 28 + j);
    }
  }
  CU_ASSERT_EQUAL(wrong, 0);
  mpp_h5_close(file);
}

static void scalars_and_empty_arrays_are_arrays(void)
{
  size_t shape[MPP_H5_MAX_RANK];
  int rank = -1;
  double value = 0.0;
  const hid_t file = open_fixture();
  ASSERT_OK(mpp_h5_shape(shape, &rank, file, path, "scalar"));
  CU_ASSERT_EQUAL(rank, 0);
  ASSERT_OK(mpp_h5_read_f64(&value, file, path, "scalar", NULL, NULL));
  CU_ASSERT_EQUAL(value, 3.5);
  ASSERT_OK(mpp_h5_shape(shape, &rank, file, path, "empty"));
  CU_ASSERT(rank == 2 && shape[0] == 3 && shape[1] == 0);
  ASSERT_OK(mpp_h5_read_f64(&value, file, path, "empty", (size_t[]){0, 0}, (size_t[]){3, 0}));
  ASSERT_OK(mpp_h5_read_f64(&value, file, path, "smooth", (size_t[]){40, 0}, (size_t[]){0, 50}));
  CU_ASSERT_EQUAL(value, 3.5);
  mpp_h5_close(file);
}

static void what_is_no_stored_array_of_numbers_is_refused(void)
{
  static const struct {
    const char *name, *message;
  } bad[] = {
      {"missing", "h5py.h5: dataset 'missing' is missing"},
      {"group/missing", "is missing"},
      {"scalar/missing", "is missing"},
      {"dangling", "is missing"},
      {"loop", "is missing"},
      {"external", "is missing"},
      {"group", "'group' is no dataset"},
      {"text", "h5py.h5: text: is no array of numbers"},
      {"rank9", "has 9 axes, expected at most 8"},
      {"never", "never written"},
      {"huge_contiguous", "never written"},
      {"never_chunked", "0 chunks are stored, expected 100"},
      {"partly", "10 chunks are stored, expected 100"},
      {"huge", "declares 4611686018427387904 bytes in a file of"},
      {"virtual", "its data lie in other files"},
      {"elsewhere", "its data lie in other files"},
  };
  const hid_t file = open_fixture();
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    size_t shape[MPP_H5_MAX_RANK] = {77};
    int rank = 77;
    ASSERT_STATUS(mpp_h5_shape(shape, &rank, file, path, bad[i].name), MPP_ERR_DATA);
    ASSERT_MESSAGE(bad[i].message);
    CU_ASSERT(rank == 77 && shape[0] == 77);
  }
  mpp_h5_close(file);
}

static void boxes_outside_the_shape_are_refused(void)
{
  float x[4];
  const hid_t file = open_fixture();
  ASSERT_STATUS(mpp_h5_read_f32(x, file, path, "smooth", (size_t[]){39, 49}, (size_t[]){2, 1}),
                MPP_ERR_DATA);
  ASSERT_MESSAGE("axis 0 has 40 entries, expected at least 41");
  ASSERT_STATUS(mpp_h5_read_f32(x, file, path, "smooth", (size_t[]){0, SIZE_MAX}, (size_t[]){1, 2}),
                MPP_ERR_DATA);
  mpp_h5_close(file);
}

static char bytes[1 << 20];

static size_t load_fixture(void)
{
  FILE *f = fopen(path, "rb");
  CU_ASSERT_FATAL(f != NULL);
  const size_t size = fread(bytes, 1, sizeof bytes, f);
  fclose(f);
  CU_ASSERT_FATAL(size > 0 && size < sizeof bytes);
  return size;
}

static void store(const char *to, size_t size)
{
  FILE *f = fopen(to, "wb");
  CU_ASSERT_FATAL(f != NULL && fwrite(bytes, 1, size, f) == size);
  fclose(f);
}

/* Address of the first chunk of a dataset; its stored size. */
static size_t chunk_address(const char *name, size_t *stored)
{
  const hid_t file = open_fixture(), dataset = H5Dopen2(file, name, H5P_DEFAULT);
  hsize_t offset[2] = {0, 0}, size = 0;
  unsigned mask = 0;
  haddr_t address = 0;
  CU_ASSERT_FATAL(H5Dget_chunk_info_by_coord(dataset, offset, &mask, &address, &size) >= 0);
  H5Dclose(dataset);
  mpp_h5_close(file);
  *stored = (size_t)size;
  return (size_t)address;
}

static void a_damaged_chunk_is_named(void)
{
  static float x[CELLS];
  const char *copy = test_path(0, "damaged.h5");
  const size_t start[2] = {0, 0}, count[2] = {ROWS, COLUMNS}, size = load_fixture();
  size_t stored = 0;
  const size_t at = chunk_address("smooth", &stored);
  hid_t file = -1;
  memset(bytes + at, 0xff, 8); /* a copy from before the beginning */
  store(copy, size);
  REQUIRE_OK(mpp_h5_open(&file, copy));
  ASSERT_STATUS(mpp_h5_read_f32(x, file, copy, "smooth", start, count), MPP_ERR_DATA);
  ASSERT_MESSAGE("damaged.h5: smooth: cannot be decoded");
  ASSERT_OK(mpp_h5_read_f32(x, file, copy, "shuffled", start, count));
  mpp_h5_close(file);
  /* Pairs of zeros stand for one byte each: a sound stream of half a chunk's length and less. */
  memset(bytes + at, 0, stored);
  bytes[at] = stored % 2 == 1; /* one literal more, where there is a byte over */
  store(copy, size);
  REQUIRE_OK(mpp_h5_open(&file, copy));
  ASSERT_STATUS(mpp_h5_read_f32(x, file, copy, "smooth", start, count), MPP_ERR_DATA);
  mpp_h5_close(file);
}

/* HDF5 would read 2048 bytes of the 64 that it gets. */
static void what_lzf_says_of_its_chunks_is_not_believed(void)
{
  static float x[CELLS];
  const char *lie = test_path(0, "lie.h5");
  const size_t start[2] = {0, 0}, count[2] = {ROWS, COLUMNS}, size = load_fixture();
  const uint32_t values[3] = {4, 0x105, 2048}, small = 64;
  hid_t file = -1;
  size_t wrong = 0;
  int found = 0;
  for (size_t i = 0; i + sizeof values <= size; i++) {
    if (memcmp(bytes + i, values, sizeof values) == 0) {
      memcpy(bytes + i + 2 * sizeof *values, &small, sizeof small);
      found++;
    }
  }
  CU_ASSERT_FATAL(found >= 4);
  store(lie, size);
  REQUIRE_OK(mpp_h5_open(&file, lie));
  ASSERT_OK(mpp_h5_read_f32(x, file, lie, "smooth", start, count));
  for (size_t i = 0; i < CELLS; i++) { wrong += x[i] != smooth(i); }
  CU_ASSERT_EQUAL(wrong, 0);
  mpp_h5_close(file);
}

static void every_fallible_call_may_fail(void)
{
  static float x[CELLS];
  const size_t start[2] = {0, 0}, count[2] = {ROWS, COLUMNS};
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    hid_t file = -1;
    size_t shape[MPP_H5_MAX_RANK];
    int rank = 0;
    test_fault_begin(&faults);
    mpp_status st = mpp_h5_open(&file, path);
    st = st == MPP_OK ? mpp_h5_shape(shape, &rank, file, path, "smooth") : st;
    st = st == MPP_OK ? mpp_h5_read_f32(x, file, path, "smooth", start, count) : st;
    test_fault_end(&faults, st);
    CU_ASSERT(st == MPP_OK || mpp_last_error()[0] != '\0');
    if (file >= 0) { /* nothing but the file itself is open */
      CU_ASSERT_EQUAL(H5Fget_obj_count(file, H5F_OBJ_ALL), 1);
    }
    mpp_h5_close(file);
  }
  CU_ASSERT(faults.failed >= 15);
}

TESTS({"every filter and type gives the same numbers",
       every_filter_and_type_gives_the_same_numbers},
      {"chunks that LZF could not shrink are read", chunks_that_lzf_could_not_shrink_are_read},
      {"a box is read across chunks", a_box_is_read_across_chunks},
      {"scalars and empty arrays are arrays", scalars_and_empty_arrays_are_arrays},
      {"what is no stored array of numbers is refused",
       what_is_no_stored_array_of_numbers_is_refused},
      {"boxes outside the shape are refused", boxes_outside_the_shape_are_refused},
      {"a damaged chunk is named", a_damaged_chunk_is_named},
      {"what LZF says of its chunks is not believed", what_lzf_says_of_its_chunks_is_not_believed},
      {"every fallible call may fail", every_fallible_call_may_fail})
