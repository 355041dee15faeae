/* test_file_layout.c - what is no dataset, or a damaged one, is refused with its name and
 * object. */
#include "file_layout.h"

#include <sys/stat.h>
#include <unistd.h>

#include "pdebench.h"

/* Each kind of bad input, its status, and what the message names. */
static const struct {
  const char *spec;
  mpp_status st;
  const char *message;
} bad[] = {
    {"/no/such/file.h5", MPP_ERR_NOINPUT, "/no/such/file.h5: no such file"},
    {MPP_TEST_DATA "/README.md", MPP_ERR_DATA, "README.md: is not an HDF5 file"},
    {"/dev/null", MPP_ERR_NOINPUT, "/dev/null: is a device"},
    {FIXTURE("bad_nothing.h5"), MPP_ERR_DATA, "bad_nothing.h5: unknown layout"},
    {FIXTURE("bad_group_without_data.h5"), MPP_ERR_DATA, "without_data.h5: 0000/data: not there"},
    {FIXTURE("bad_rank.h5"), MPP_ERR_DATA, "bad_rank.h5: 0000/data: found 2 axes, expected 3 to 5"},
    {FIXTURE("bad_text.h5"), MPP_ERR_DATA, "bad_text.h5: 0000/data: is no array of numbers"},
    {FIXTURE("bad_empty_axis.h5"), MPP_ERR_DATA, "0000/data: axis 0 has no entries"},
    {FIXTURE("bad_groups_differ.h5"), MPP_ERR_DATA,
     "0002/data: axis 2 has 4 entries, expected 5 as in group '0000'"},
    {FIXTURE("bad_grid_length.h5"), MPP_ERR_DATA, "0000/grid/x: found 7 entries, expected 5"},
    {FIXTURE("bad_no_times.h5"), MPP_ERR_DATA, "bad_no_times.h5: dataset '0000/grid/t' is missing"},
    {FIXTURE("bad_array_time.hdf5"), MPP_ERR_DATA,
     "t-coordinate: found 6 entries, expected 4 or one more"},
    {FIXTURE("bad_array_device.hdf5"), MPP_ERR_DATA,
     "Vx: found 5 axes with 2 coordinates, expected [sample, time, x, y]"},
    {FIXTURE("bad_array_shapes.hdf5"), MPP_ERR_DATA,
     "pressure: axis 3 has 4 entries, expected 5 as in Vx"},
    {FIXTURE("bad_array_grid.hdf5"), MPP_ERR_DATA, "y-coordinate: found 6 entries, expected 5"},
    {FIXTURE("bad_array_no_grid.hdf5"), MPP_ERR_DATA, "x-coordinate"},
    {FIXTURE("bad_ins_particles.h5"), MPP_ERR_DATA, "particles: found 2 channels, expected 1"},
    {FIXTURE("bad_ins_times.h5"), MPP_ERR_DATA, "t: found 2 x 3 entries, expected 2 x 4"},
    {FIXTURE("groups_swe.h5:compNS"), MPP_ERR_DATA, "found 1 fields, expected 4"},
};

static void each_kind_of_bad_input_has_its_message(void)
{
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    mpp_dataset *d = NULL;
    ASSERT_STATUS(mpp_dataset_open(&d, bad[i].spec, NULL), bad[i].st);
    ASSERT_MESSAGE(bad[i].message);
    CU_ASSERT_PTR_NULL(d);
  }
}

static void a_pipe_and_an_empty_folder_are_no_dataset(void)
{
  mpp_dataset *d = NULL;
  const char *pipe = test_path(0, "pipe.h5"), *empty = test_path(1, "empty");
  CU_ASSERT_EQUAL_FATAL(mkfifo(pipe, 0600), 0);
  CU_ASSERT_EQUAL_FATAL(mkdir(empty, 0700), 0);
  ASSERT_STATUS(mpp_dataset_open(&d, pipe, NULL), MPP_ERR_NOINPUT); /* and does not block */
  ASSERT_MESSAGE("is a pipe");
  ASSERT_STATUS(mpp_dataset_open(&d, empty, NULL), MPP_ERR_NOINPUT);
  ASSERT_MESSAGE("folder without files");
}

static size_t read_bytes(unsigned char *out, size_t size, const char *path)
{
  FILE *f = fopen(path, "rb");
  CU_ASSERT_PTR_NOT_NULL_FATAL(f);
  const size_t n = fread(out, 1, size, f);
  fclose(f);
  return n;
}

static void write_bytes(const char *path, const unsigned char *data, size_t size)
{
  FILE *f = fopen(path, "wb");
  CU_ASSERT_PTR_NOT_NULL_FATAL(f);
  CU_ASSERT_EQUAL_FATAL(fwrite(data, 1, size, f), size);
  CU_ASSERT_EQUAL_FATAL(fclose(f), 0);
}

/* Opens a file and reads all of it: the first refusal. */
static mpp_status read_all(const char *path)
{
  mpp_dataset *d = NULL;
  mpp_status st = mpp_dataset_open(&d, path, NULL);
  if (st == MPP_OK) {
    static float x[4 * 4 * 6 * 5 * 4];
    double t[16];
    const mpp_dataset_info *info = mpp_dataset_get_info(d);
    const size_t n = info->nframes * info->nfields * info->grid[0] * info->grid[1] * info->grid[2];
    CU_ASSERT_FATAL(n <= sizeof x / sizeof x[0] && info->nframes <= 16);
    for (size_t i = 0; i < info->ntrajectories && st == MPP_OK; i++) {
      st = mpp_dataset_read(d, x, i, 0, info->nframes);
      st = st == MPP_OK ? mpp_dataset_times(d, t, i) : st;
    }
    mpp_dataset_close(d);
  }
  return st;
}

static const char *const wholes[] = {FIXTURE("groups_swe.h5"), FIXTURE("array_periodic.hdf5"),
                                     FIXTURE("ins.h5")};
static unsigned char bytes[1 << 17];

static void expect_truncations_refused(const char *whole)
{
  const char *path = test_path(0, "cut.h5");
  const size_t n = read_bytes(bytes, sizeof bytes, whole), step = n / 23 + 1;
  for (size_t length = 0; length < n; length += step) {
    write_bytes(path, bytes, length);
    ASSERT_STATUS(read_all(path), MPP_ERR_DATA);
    ASSERT_MESSAGE("cut.h5: ");
  }
  write_bytes(path, bytes, n);
  ASSERT_OK(read_all(path));
}

static void a_truncated_file_is_refused_at_any_length(void)
{
  for (int i = 0; i < 3; i++) { expect_truncations_refused(wholes[i]); }
}

/* Flips a bit of every second byte of the superblock and of 41 others; returns how many were
 * refused. */
static size_t flip_bits(const char *whole)
{
  const char *path = test_path(0, "flip.h5");
  const size_t n = read_bytes(bytes, sizeof bytes, whole);
  size_t refused = 0;
  for (size_t at = 0; at < n; at += at < 96 ? 2 : n / 41) {
    const unsigned char flip = (unsigned char)(1u << at * 5 % 8);
    bytes[at] ^= flip;
    write_bytes(path, bytes, n);
    const mpp_status st = read_all(path);
    CU_ASSERT(st == MPP_OK || (st == MPP_ERR_DATA && strstr(mpp_last_error(), "flip.h5") != NULL));
    refused += st != MPP_OK;
    bytes[at] ^= flip;
  }
  return refused;
}

/* A flip may hit what is not used, or a value; it must neither crash nor refuse without a name. */
static void flipped_bits_are_refused_or_harmless(void)
{
  size_t refused = 0;
  for (int i = 0; i < 3; i++) { refused += flip_bits(wholes[i]); }
  CU_ASSERT(refused > 30); /* of 267: much of the superblock, and of headers */
}

static void a_closed_file_can_be_closed_again(void)
{
  static const mpp_data_request none = {.origin = "the command line", .code = MPP_ERR_USAGE};
  mpp_data_file f = mpp_data_file_none;
  mpp_data_file_close(&f);
  mpp_h5_lock();
  REQUIRE_OK(mpp_data_file_open(&f, FIXTURE("ins.h5"), &none));
  CU_ASSERT_PTR_EQUAL(f.layout, &mpp_file_layout_ins);
  CU_ASSERT_TRUE(mpp_data_file_is_open(&f));
  mpp_data_file_close(&f);
  mpp_data_file_close(&f);
  mpp_h5_unlock();
  CU_ASSERT_FALSE(mpp_data_file_is_open(&f));
}

TESTS({"each kind of bad input has its message", each_kind_of_bad_input_has_its_message},
      {"a pipe and an empty folder are no dataset", a_pipe_and_an_empty_folder_are_no_dataset},
      {"a truncated file is refused at any length", a_truncated_file_is_refused_at_any_length},
      {"flipped bits are refused or harmless", flipped_bits_are_refused_or_harmless},
      {"a closed file can be closed again", a_closed_file_can_be_closed_again})
