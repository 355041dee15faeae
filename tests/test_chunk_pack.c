/* test_chunk_pack.c - HDF5 unpacks what was packed. */
#include "chunk_pack.h"
#include "h5.h"
#include "test.h"

/* A piece of the packer's noise test is 32768 bytes: these chunks have several, and part of one. */
enum { ROWS = 5, CELLS = 4500, VALUES = ROWS * CELLS };
static const size_t chunk_bytes = VALUES * sizeof(float);

static hid_t scratch_file(void)
{
  REQUIRE_OK(mpp_h5_init());
  const hid_t file = H5Fcreate(test_path(0, "chunk.h5"), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  CU_ASSERT_FATAL(file >= 0);
  return file;
}

/* A dataset of one chunk of float32 with the filters of our files. */
static hid_t one_chunk(hid_t file, hsize_t n)
{
  const hid_t list = H5Pcreate(H5P_DATASET_CREATE), space = H5Screate_simple(1, &n, NULL);
  CU_ASSERT_FATAL(H5Pset_chunk(list, 1, &n) >= 0 && H5Pset_shuffle(list) >= 0);
  CU_ASSERT_FATAL(H5Pset_deflate(list, 1) >= 0 && H5Pset_fletcher32(list) >= 0);
  const hid_t dataset =
      H5Dcreate2(file, "x", H5T_IEEE_F32LE, space, H5P_DEFAULT, list, H5P_DEFAULT);
  CU_ASSERT_FATAL(dataset >= 0);
  H5Sclose(space);
  H5Pclose(list);
  return dataset;
}

/* Packs a box as one chunk and returns the packed size; HDF5 reads `nrows` rows of it to `out`. */
static size_t through_hdf5(float *out, const mpp_box *box, size_t first, size_t nrows)
{
  const size_t values = nrows * box->ncells * box->nchannels;
  const hsize_t origin = 0;
  size_t bound = 0;
  mpp_packer p = {NULL, NULL};
  unsigned char *packed = NULL;
  CU_ASSERT_FATAL(mpp_packed_bound(&bound, values));
  REQUIRE_OK(MPP_ALLOC(&packed, bound));
  REQUIRE_OK(mpp_packer_open(&p, values));
  const size_t n = mpp_pack(&p, packed, box, first, nrows);
  CU_ASSERT(n <= bound);
  const hid_t file = scratch_file(), dataset = one_chunk(file, values);
  CU_ASSERT_FATAL(H5Dwrite_chunk(dataset, H5P_DEFAULT, 0, &origin, n, packed) >= 0);
  memset(out, 0x55, values * sizeof *out);
  CU_ASSERT_FATAL(H5Dread(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, out) >= 0);
  H5Dclose(dataset);
  H5Fclose(file);
  mpp_packer_close(&p);
  mpp_free(packed);
  return n;
}

/* One channel in the order of the file. */
static mpp_box plain(const float *x, size_t nrows, size_t ncells)
{
  return (mpp_box){.x = x, .nrows = nrows, .ncells = ncells, .nchannels = 1, .row_step = ncells};
}

/* Bytes of the packed values, which HDF5 reads back to the last bit. */
static size_t expect_same(const float *x, size_t n)
{
  static float back[VALUES];
  const mpp_box box = plain(x, 1, n);
  const size_t size = through_hdf5(back, &box, 0, 1);
  CU_ASSERT_EQUAL(memcmp(back, x, n * sizeof *x), 0);
  return size;
}

/* Bits of uniform noise: no byte of them can be compressed. */
static void fill_bits(float *x, size_t n)
{
  uint64_t state = 0x9e3779b97f4a7c15U;
  for (size_t i = 0; i < n; i++) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    const uint32_t bits = (uint32_t)(state >> 32);
    memcpy(x + i, &bits, sizeof bits);
  }
}

static void hdf5_reads_back_every_bit(void)
{
  static const size_t lengths[] = {1, 7, 100, 8191, 8192, 8193, 16385, VALUES};
  static float x[VALUES];
  for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
    const size_t n = lengths[i];
    memset(x, 0, sizeof x);
    CU_ASSERT(expect_same(x, n) < 120 + n / 64);
    test_fill(x, n, 1); /* noise in the lower bytes only */
    expect_same(x, n);
    fill_bits(x, n);
    expect_same(x, n);
    for (size_t k = 0; k < n; k++) { x[k] = (float)k; }
    expect_same(x, n);
  }
}

static void noise_is_stored_and_no_larger_than_it_was(void)
{
  static float x[VALUES];
  fill_bits(x, VALUES);
  /* five bytes a block, of which those stored have 32768 bytes and libdeflate's last 5000 or
   * more */
  CU_ASSERT(expect_same(x, VALUES) < chunk_bytes + 60);
}

/* Bytes that occur equally often compress all the same where they repeat. */
static void repeated_noise_is_compressed(void)
{
  static const size_t periods[] = {64, 1000, 4500};
  static float x[VALUES];
  for (size_t i = 0; i < sizeof periods / sizeof periods[0]; i++) {
    fill_bits(x, periods[i]);
    for (size_t k = periods[i]; k < VALUES; k++) { x[k] = x[k - periods[i]]; }
    /* each of the four rows holds the noise once, and lengths of repetitions of 258 bytes */
    CU_ASSERT(expect_same(x, VALUES) < 4 * periods[i] + chunk_bytes / 16);
  }
}

/* Bytes that never repeat but have few values are compressed, and so is what comes behind noise. */
static void bytes_of_few_values_are_compressed(void)
{
  static const uint32_t masks[] = {0x3f3fffff, 0xffff3f3f}; /* six bits of two bytes */
  static float x[VALUES];
  for (size_t i = 0; i < 2; i++) {
    fill_bits(x, VALUES);
    for (size_t k = 0; k < VALUES; k++) {
      uint32_t bits;
      memcpy(&bits, x + k, sizeof bits);
      bits &= masks[i];
      memcpy(x + k, &bits, sizeof bits);
    }
    /* six bits of eight, and a piece of 32768 bytes that is noise in the greater part */
    CU_ASSERT(expect_same(x, VALUES) < chunk_bytes / 2 + chunk_bytes / 2 * 7 / 8);
  }
}

static void fields_of_memory_become_channels_of_the_file(void)
{
  enum { FIELDS = 3, FIRST = 1, CHANNELS = 2, SIZE = FIELDS * VALUES };
  static float x[SIZE], back[CHANNELS * VALUES];
  const size_t cells = CELLS;
  size_t different = 0;
  test_fill(x, SIZE, 4);
  const mpp_box box = {.x = x + FIRST * cells,
                       .nrows = ROWS,
                       .ncells = cells,
                       .nchannels = CHANNELS,
                       .row_step = FIELDS * cells,
                       .channel_step = cells};
  through_hdf5(back, &box, 1, 2); /* rows 1 and 2 */
  for (size_t r = 0; r < 2; r++) {
    for (size_t k = 0; k < cells; k++) {
      for (size_t c = 0; c < CHANNELS; c++) {
        different +=
            back[(r * cells + k) * CHANNELS + c] != x[((r + 1) * FIELDS + FIRST + c) * cells + k];
      }
    }
  }
  CU_ASSERT_EQUAL(different, 0);
}

static void rows_past_the_end_of_the_box_are_zero(void)
{
  static float x[VALUES], back[VALUES];
  const size_t cells = CELLS, given = 3, first = 2, nrows = 4; /* one of these is there */
  size_t different = 0;
  test_fill(x, VALUES, 5);
  const mpp_box box = plain(x, given, cells);
  through_hdf5(back, &box, first, nrows);
  for (size_t i = 0; i < nrows * cells; i++) {
    different += back[i] != (i < cells ? x[first * cells + i] : 0.0F);
  }
  CU_ASSERT_EQUAL(different, 0);
}

static void a_packer_packs_the_same_whatever_it_packed_before(void)
{
  static float x[VALUES], y[VALUES];
  static unsigned char first[8 * VALUES], again[8 * VALUES];
  mpp_packer p = {NULL, NULL};
  test_fill(x, VALUES, 6);
  for (size_t i = 0; i < VALUES; i++) { y[i] = (float)(i % 100); }
  const mpp_box a = plain(x, ROWS, CELLS), b = plain(y, ROWS, CELLS);
  REQUIRE_OK(mpp_packer_open(&p, VALUES));
  const size_t n = mpp_pack(&p, first, &b, 0, ROWS);
  mpp_pack(&p, again, &a, 0, ROWS);
  CU_ASSERT_EQUAL_FATAL(mpp_pack(&p, again, &b, 0, ROWS), n);
  CU_ASSERT_EQUAL(memcmp(first, again, n), 0);
  mpp_packer_close(&p);
}

static void sizes_and_memory_that_are_not_there_are_reported(void)
{
  mpp_packer p = {NULL, NULL};
  size_t bound = 7;
  CU_ASSERT(!mpp_packed_bound(&bound, SIZE_MAX / 2));
  CU_ASSERT(!mpp_packed_bound(&bound, SIZE_MAX / 8));
  CU_ASSERT_EQUAL(bound, 7);
  ASSERT_STATUS(mpp_packer_open(&p, SIZE_MAX / 2), MPP_ERR_NOMEM);
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    const mpp_status st = TEST_FAULT(&faults, mpp_packer_open(&p, 10));
    CU_ASSERT(st == MPP_OK || st == MPP_ERR_NOMEM);
    CU_ASSERT((st == MPP_OK) == (p.compressor != NULL) && (st == MPP_OK) == (p.shuffled != NULL));
    mpp_packer_close(&p);
  }
  CU_ASSERT_EQUAL(faults.failed, 2); /* room, compressor */
}

TESTS({"HDF5 reads back every bit", hdf5_reads_back_every_bit},
      {"noise is stored and no larger than it was", noise_is_stored_and_no_larger_than_it_was},
      {"repeated noise is compressed", repeated_noise_is_compressed},
      {"bytes of few values are compressed", bytes_of_few_values_are_compressed},
      {"fields of memory become channels of the file",
       fields_of_memory_become_channels_of_the_file},
      {"rows past the end of the box are zero", rows_past_the_end_of_the_box_are_zero},
      {"a packer packs the same whatever it packed before",
       a_packer_packs_the_same_whatever_it_packed_before},
      {"sizes and memory that are not there are reported",
       sizes_and_memory_that_are_not_there_are_reported})
