/* test_h5.c - opening files: what is none, what is cut off, several threads at once. */
#include "test.h"

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include "h5.h"

static const char *const path = MPP_TEST_DATA "/h5py.h5";

static void put_bytes(const char *to, const char *bytes, size_t size)
{
  FILE *f = fopen(to, "wb");
  CU_ASSERT_FATAL(f != NULL && fwrite(bytes, 1, size, f) == size);
  fclose(f);
}

static void what_is_no_hdf5_file_is_said(void)
{
  hid_t file = 77;
  ASSERT_STATUS(mpp_h5_open(&file, test_path(0, "missing.h5")), MPP_ERR_NOINPUT);
  put_bytes(test_path(0, "text.h5"), "no numbers here", 15);
  ASSERT_STATUS(mpp_h5_open(&file, test_path(0, "text.h5")), MPP_ERR_DATA);
  ASSERT_MESSAGE("text.h5: is not an HDF5 file");
  put_bytes(test_path(0, "empty.h5"), "", 0);
  ASSERT_STATUS(mpp_h5_open(&file, test_path(0, "empty.h5")), MPP_ERR_DATA);
  CU_ASSERT_EQUAL(file, 77);
}

static mpp_status open_cut(const char *cut, size_t length)
{
  hid_t file = -1;
  CU_ASSERT_EQUAL_FATAL(truncate(cut, (off_t)length), 0);
  const mpp_status st = mpp_h5_open(&file, cut);
  mpp_h5_close(file);
  return st;
}

/* Shortened in place, since files that are written anew wait for the disk. */
static void a_file_cut_at_any_length_is_refused(void)
{
  static char bytes[1 << 20];
  FILE *f = fopen(path, "rb");
  CU_ASSERT_PTR_NOT_NULL_FATAL(f);
  const size_t size = fread(bytes, 1, sizeof bytes, f);
  fclose(f);
  const char *cut = test_path(0, "cut.h5");
  put_bytes(cut, bytes, size);
  for (size_t length = size - 1; length > 2048; length -= 997 < length ? 997 : length) {
    CU_ASSERT_EQUAL(open_cut(cut, length), MPP_ERR_DATA);
  }
  ASSERT_MESSAGE("cut.h5: HDF5 file is damaged: truncated file");
  for (size_t length = 2048; length-- > 0;) {
    CU_ASSERT_EQUAL(open_cut(cut, length), MPP_ERR_DATA);
  }
  ASSERT_MESSAGE("cut.h5: is not an HDF5 file");
}

static void objects_are_found_by_their_paths(void)
{
  hid_t file = -1;
  REQUIRE_OK(mpp_h5_open(&file, path));
  CU_ASSERT(mpp_h5_has(file, "/"));
  CU_ASSERT(mpp_h5_has(file, "group"));
  CU_ASSERT(mpp_h5_has(file, "/group/inner"));
  CU_ASSERT(mpp_h5_has(file, "group//inner"));
  CU_ASSERT(mpp_h5_has(file, "soft"));
  CU_ASSERT_FALSE(mpp_h5_has(file, "none"));
  CU_ASSERT_FALSE(mpp_h5_has(file, "none/inner"));
  CU_ASSERT_FALSE(mpp_h5_has(file, "group/inner/deeper"));
  CU_ASSERT_FALSE(mpp_h5_has(file, "dangling"));
  CU_ASSERT_FALSE(mpp_h5_has(file, "loop"));
  CU_ASSERT_FALSE(mpp_h5_has(file, "external"));
  mpp_h5_close(file);
  mpp_h5_close(-1);
}

/* A link that HDF5 itself would follow. */
static void links_to_other_files_are_not_followed(void)
{
  const char *other = test_path(0, "other.h5"), *linking = test_path(1, "linking.h5");
  float x[1];
  REQUIRE_OK(mpp_h5_init());
  hid_t file = H5Fcreate(other, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  H5Gclose(H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  H5Fclose(file);
  file = H5Fcreate(linking, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  CU_ASSERT(H5Lcreate_external("other.h5", "group", file, "link", H5P_DEFAULT, H5P_DEFAULT) >= 0);
  CU_ASSERT(H5Oexists_by_name(file, "link", H5P_DEFAULT) > 0);
  H5Fclose(file);
  REQUIRE_OK(mpp_h5_open(&file, linking));
  CU_ASSERT_FALSE(mpp_h5_has(file, "link"));
  ASSERT_STATUS(mpp_h5_read_f32(x, file, linking, "link", NULL, NULL), MPP_ERR_DATA);
  mpp_h5_close(file);
}

enum { ROUNDS = 2000 };
static volatile long counter; /* not atomic: the lock is what keeps the count */

static void *count_up(void *unused)
{
  for (long i = 0; i < ROUNDS; i++) {
    mpp_h5_lock();
    mpp_h5_lock(); /* by the same thread again */
    const long seen = counter;
    sched_yield(); /* lets another thread in, if it can come */
    counter = seen + 1;
    mpp_h5_unlock();
    mpp_h5_unlock();
  }
  return unused;
}

static void the_lock_excludes_other_threads(void)
{
  pthread_t thread[4];
  counter = 0;
  for (int i = 0; i < 4; i++) {
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread[i], NULL, count_up, NULL), 0);
  }
  for (int i = 0; i < 4; i++) { pthread_join(thread[i], NULL); }
  CU_ASSERT_EQUAL(counter, 4L * ROUNDS);
}

static void *read_many(void *failures)
{
  for (int i = 0; i < 50; i++) {
    hid_t file = -1;
    float x[50] = {0.0f};
    if (mpp_h5_open(&file, path) != MPP_OK ||
        mpp_h5_read_f32(x, file, path, "shuffled", (size_t[]){20, 0}, (size_t[]){1, 50}) !=
            MPP_OK ||
        x[49] != floorf(1049.0f / 7.0f)) {
      ++*(int *)failures;
    }
    mpp_h5_close(file);
  }
  return NULL;
}

static void several_threads_may_read(void)
{
  pthread_t thread[4];
  int failures[4] = {0};
  for (int i = 0; i < 4; i++) {
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread[i], NULL, read_many, &failures[i]), 0);
  }
  for (int i = 0; i < 4; i++) {
    pthread_join(thread[i], NULL);
    CU_ASSERT_EQUAL(failures[i], 0);
  }
}

TESTS({"what is no HDF5 file is said", what_is_no_hdf5_file_is_said},
      {"a file cut at any length is refused", a_file_cut_at_any_length_is_refused},
      {"objects are found by their paths", objects_are_found_by_their_paths},
      {"links to other files are not followed", links_to_other_files_are_not_followed},
      {"the lock excludes other threads", the_lock_excludes_other_threads},
      {"several threads may read", several_threads_may_read})
