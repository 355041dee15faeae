/* test_version.c - the version names mpp and what it runs with. */
#include "test.h"

static void the_version_begins_with_our_own_and_names_the_libraries(void)
{
  static const char *const names[] = {"OpenBLAS",  "fftw-3",  "HDF5 1.", "netCDF 4.",
                                      "libyaml 0", "jansson", "xxHash 0"};
  CU_ASSERT_EQUAL(strncmp(mpp_version(), MPP_VERSION " (", strlen(MPP_VERSION) + 2), 0);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    CU_ASSERT_PTR_NOT_NULL(strstr(mpp_version(), names[i]));
  }
  CU_ASSERT_EQUAL(mpp_version()[strlen(mpp_version()) - 1], ')'); /* not cut off */
}

TESTS({"the version begins with our own and names the libraries",
       the_version_begins_with_our_own_and_names_the_libraries})
