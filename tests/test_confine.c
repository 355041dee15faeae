/* test_confine.c - what a child that looks at a file can and cannot do. */
#include "confine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "check.h"
#include "file.h"
#include "h5.h"
#include "memory.h"
#include "mpp/dataset.h"
#include "pdebench.h"

static mpp_status with_words(const char *path, const void *context)
{
  return mpp_fail(MPP_ERR_CONFIG, "%s: %s", path, (const char *)context);
}

static void its_words_and_status_come_back(void)
{
  bool looked = false;
  ASSERT_STATUS(mpp_confine(&looked, "file", with_words, "said so"), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("file: said so");
  CU_ASSERT_TRUE(looked);
}

/* Landlock refuses to open it; without Landlock the limit of zero bytes refuses the write. */
static mpp_status write_there(const char *path, const void *context)
{
  (void)context;
  const int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
  return fd < 0 || write(fd, "x", 1) != 1 ? mpp_fail(MPP_ERR_IO, "refused") : MPP_OK;
}

static void no_file_can_be_changed(void)
{
  bool looked = false;
  char *text = NULL;
  size_t size = 0;
  const char *there = test_path(0, "there");
  REQUIRE_OK(mpp_write_text(there, "precious"));
  ASSERT_STATUS(mpp_confine(&looked, there, write_there, NULL), MPP_ERR_IO);
  CU_ASSERT_TRUE(looked);
  REQUIRE_OK(mpp_read_text(&text, &size, there, 100));
  CU_ASSERT_STRING_EQUAL(text, "precious");
  mpp_free(text);
  ASSERT_OK(write_there(there, NULL)); /* the parent is free */
}

static mpp_status has_limits(const char *path, const void *context)
{
  (void)path, (void)context;
  static const __rlimit_resource_t kinds[] = {RLIMIT_AS, RLIMIT_CPU, RLIMIT_CORE, RLIMIT_FSIZE};
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
    struct rlimit now;
    if (getrlimit(kinds[i], &now) != 0 || now.rlim_cur == RLIM_INFINITY) {
      return mpp_fail(MPP_ERR_INTERNAL, "limit %zu is missing", i);
    }
  }
  return MPP_OK;
}

static void memory_and_time_are_limited(void)
{
  bool looked = false;
  ASSERT_OK(mpp_confine(&looked, "file", has_limits, NULL));
  CU_ASSERT_TRUE(looked);
}

/* HDF5 1.10 divides by the zero in it; later releases refuse it, and the caller tells. */
static void a_file_that_kills_the_library_is_survived(void)
{
  const mpp_status st = mpp_look_at(FIXTURE("bad_chunk_of_none.h5"));
  CU_ASSERT(st == MPP_OK || st == MPP_ERR_DATA);
  ASSERT_OK(mpp_look_at(FIXTURE("groups_swe.h5")));
  ASSERT_OK(mpp_look_at(MPP_TEST_DATA "/formats/packed_classic.nc"));
  ASSERT_STATUS(mpp_look_at("/no/such/file"), MPP_ERR_NOINPUT);
}

/* netCDF-C would follow the first into another file, and the others for ever. */
static void links_that_netcdf_follows_are_refused(void)
{
  static const char *const kinds[] = {"other", "loop", "again", "soft"};
  REQUIRE_OK(mpp_h5_init());
  for (int i = 0; i < 4; i++) {
    const char *path = test_path(i, kinds[i]);
    const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    H5Gclose(H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    CU_ASSERT(H5Lcreate_soft("/nowhere", file, "dangling", H5P_DEFAULT, H5P_DEFAULT) >= 0);
    ASSERT_OK(mpp_h5_check_links(file, path));
    if (i == 0) {
      H5Lcreate_external("/etc/passwd", "/", file, "group/link", H5P_DEFAULT, H5P_DEFAULT);
    } else if (i == 3) {
      H5Lcreate_soft("/", file, "group/link", H5P_DEFAULT, H5P_DEFAULT);
    } else {
      H5Lcreate_hard(file, i == 1 ? "/" : "/group", file, i == 1 ? "group/link" : "link",
                     H5P_DEFAULT, H5P_DEFAULT);
    }
    H5Fclose(file);
    ASSERT_STATUS(mpp_look_at_netcdf(path), MPP_ERR_DATA);
    ASSERT_MESSAGE(i == 0   ? "group/link: is a link to another file"
                   : i == 2 ? ": is a second link to a group"
                            : "group/link: is a second link to a group");
    ASSERT_OK(mpp_look_at(path)); /* HDF5 follows none of these */
  }
}

static mpp_status dies(const char *path, const void *context)
{
  (void)path, (void)context;
  raise(SIGSEGV);
  return MPP_OK;
}

static void a_death_is_told(void)
{
  bool looked = false;
  ASSERT_STATUS(mpp_confine(&looked, "some.nc", dies, NULL), MPP_ERR_DATA);
  ASSERT_MESSAGE("some.nc: HDF5 file is damaged");
}

/* Leaves 64 MiB of addresses: little, but what a sanitizer takes for itself. */
static bool shorten_memory(void)
{
  const rlim_t most = mpp_memory_look().addresses + ((rlim_t)64 << 20);
  const struct rlimit little = {most, most};
  return setrlimit(RLIMIT_AS, &little) == 0;
}

static mpp_status dies_without_memory(const char *path, const void *enough)
{
  if (enough == NULL && !shorten_memory()) {
    return MPP_ERR_INTERNAL;
  }
  errno = ENOMEM;
  return dies(path, NULL);
}

/* A file may ask for any size: where there is memory, it is the file. */
static void a_death_without_memory_is_not_the_fault_of_the_file(void)
{
  bool looked = false;
  ASSERT_STATUS(mpp_confine(&looked, "some.nc", dies_without_memory, NULL), MPP_ERR_NOMEM);
  ASSERT_MESSAGE("some.nc: out of memory");
  ASSERT_STATUS(mpp_confine(&looked, "some.nc", dies_without_memory, "enough"), MPP_ERR_DATA);
}

static mpp_status fails_without_memory(const char *path, const void *context)
{
  (void)context;
  errno = ENOMEM;
  mpp_status st = mpp_fail(MPP_ERR_DATA, "%s: damaged", path);
  if (st != MPP_ERR_DATA || !shorten_memory()) {
    return MPP_ERR_INTERNAL;
  }
  errno = EINVAL;
  st = mpp_fail(MPP_ERR_DATA, "%s: damaged", path);
  errno = ENOMEM;
  return st == MPP_ERR_DATA ? mpp_fail(MPP_ERR_DATA, "%s: damaged", path) : MPP_ERR_INTERNAL;
}

static void what_fails_without_memory_fails_for_that(void)
{
  bool looked = false;
  ASSERT_STATUS(mpp_confine(&looked, "some.nc", fails_without_memory, NULL), MPP_ERR_NOMEM);
  ASSERT_MESSAGE("out of memory: some.nc: damaged");
}

/* As a round of groups does whose counts of links lie. */
static void groups_without_end_are_refused(void)
{
  const char *path = test_path(0, "deep");
  char name[200] = "";
  REQUIRE_OK(mpp_h5_init());
  const hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  for (int i = 0; i < 66; i++) {
    if (i == 65) {
      ASSERT_OK(mpp_h5_check_links(file, path));
    }
    snprintf(name + strlen(name), sizeof name - strlen(name), i == 0 ? "g" : "/g");
    H5Gclose(H5Gcreate2(file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  }
  H5Fclose(file);
  ASSERT_STATUS(mpp_look_at_netcdf(path), MPP_ERR_DATA);
  ASSERT_MESSAGE("groups are more than 64 deep");
}

static void who_trusts_the_input_has_no_child(void)
{
  bool looked = true;
  mpp_trust_input(true);
  ASSERT_OK(mpp_confine(&looked, "some.nc", dies, NULL));
  CU_ASSERT_FALSE(looked);
  mpp_trust_input(false);
}

TESTS({"its words and status come back", its_words_and_status_come_back},
      {"no file can be changed", no_file_can_be_changed},
      {"memory and time are limited", memory_and_time_are_limited},
      {"a file that kills the library is survived", a_file_that_kills_the_library_is_survived},
      {"links that netCDF follows are refused", links_that_netcdf_follows_are_refused},
      {"a death is told", a_death_is_told},
      {"a death without memory is not the fault of the file",
       a_death_without_memory_is_not_the_fault_of_the_file},
      {"what fails without memory fails for that", what_fails_without_memory_fails_for_that},
      {"groups without end are refused", groups_without_end_are_refused},
      {"who trusts the input has no child", who_trusts_the_input_has_no_child})
