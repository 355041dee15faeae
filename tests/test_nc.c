/* test_nc.c - netCDF files that would overrun their readers are not opened, and what is no variable
 * of numbers of the right shape is not found. */
#include <hdf5.h>

#include "h5.h"
#include "nc.h"
#include "short_chunks.h"
#include "test.h"

static mpp_status open_and_close(const char *path)
{
  int nc = -1;
  mpp_h5_lock();
  const mpp_status st = mpp_netcdf_open(&nc, path, false);
  CU_ASSERT_EQUAL(nc >= 0, st == MPP_OK);
  if (nc >= 0) {
    nc_close(nc);
  }
  mpp_h5_unlock();
  return st;
}

/* A netCDF-4 file whose variable has an attribute by a name of `length` letters, as HDF5 can have.
 */
static void write_attribute(const char *path, size_t length, bool of_variable)
{
  static char name[1 << 16];
  int nc = -1, dim = -1, v = -1;
  CU_ASSERT_FATAL(nc_create(path, NC_CLOBBER | NC_NETCDF4, &nc) == NC_NOERR &&
                  nc_def_dim(nc, "x", 3, &dim) == NC_NOERR &&
                  nc_def_var(nc, "u", NC_FLOAT, 1, &dim, &v) == NC_NOERR &&
                  nc_close(nc) == NC_NOERR);
  memset(name, 'a', length);
  name[length] = '\0';
  REQUIRE_OK(mpp_h5_init());
  const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT), space = H5Screate(H5S_SCALAR);
  const hid_t attribute = H5Acreate_by_name(file, of_variable ? "u" : "/", name, H5T_NATIVE_INT,
                                            space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  const int one = 1;
  CU_ASSERT(H5Awrite(attribute, H5T_NATIVE_INT, &one) >= 0);
  CU_ASSERT(H5Aclose(attribute) >= 0 && H5Sclose(space) >= 0 && H5Fclose(file) >= 0);
}

static void names_of_attributes_have_a_limit(void)
{
  static const size_t lengths[] = {256, 257, 5000, 65534};
  const char *path = test_path(0, "names.nc");
  for (size_t i = 0; i < 4; i++) {
    for (int of_variable = 0; of_variable < 2; of_variable++) {
      write_attribute(path, lengths[i], of_variable > 0);
      ASSERT_STATUS(open_and_close(path), lengths[i] > NC_MAX_NAME ? MPP_ERR_DATA : MPP_OK);
      if (lengths[i] > NC_MAX_NAME) {
        ASSERT_MESSAGE("names.nc: the name of an attribute has ");
      }
    }
  }
}

static void what_is_no_netcdf_is_not_opened(void)
{
  ASSERT_STATUS(open_and_close(MPP_TEST_DATA "/README.md"), MPP_ERR_DATA);
  ASSERT_MESSAGE("README.md: opening: netCDF: ");
  ASSERT_STATUS(open_and_close("nowhere.nc"), MPP_ERR_DATA);
}

static void a_variable_has_numbers_and_a_shape(void)
{
  static const struct {
    const char *name;
    size_t ndims;
    int dims[2];
    const char *message; /* NULL: found */
  } table[] = {
      {"u", 2, {0, 1}, NULL},
      {"x", 1, {1}, NULL},
      {"scalar", 0, {0}, NULL},
      {"w", 2, {0, 1}, "variable 'w': NetCDF: Variable not found"},
      {"u", 1, {0}, "variable 'u' has 2 dimensions, expected 1"},
      {"u", 2, {1, 0}, "variable 'u' has other dimensions than expected"},
      {"text", 1, {1}, "variable 'text' holds no numbers"},
      {"words", 1, {1}, "variable 'words' holds no numbers"},
  };
  const char *path = test_path(0, "variables.nc");
  int nc = -1, dims[2], v = -1;
  CU_ASSERT_FATAL(nc_create(path, NC_CLOBBER | NC_NETCDF4, &nc) == NC_NOERR);
  CU_ASSERT(nc_def_dim(nc, "t", NC_UNLIMITED, &dims[0]) == NC_NOERR &&
            nc_def_dim(nc, "x", 3, &dims[1]) == NC_NOERR &&
            nc_def_var(nc, "u", NC_FLOAT, 2, dims, &v) == NC_NOERR &&
            nc_def_var(nc, "x", NC_UINT64, 1, &dims[1], &v) == NC_NOERR &&
            nc_def_var(nc, "scalar", NC_BYTE, 0, NULL, &v) == NC_NOERR &&
            nc_def_var(nc, "text", NC_CHAR, 1, &dims[1], &v) == NC_NOERR &&
            nc_def_var(nc, "words", NC_STRING, 1, &dims[1], &v) == NC_NOERR &&
            nc_close(nc) == NC_NOERR);
  REQUIRE_OK(mpp_netcdf_open(&nc, path, false));
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    const mpp_status st =
        mpp_netcdf_find(&v, nc, path, table[i].name, table[i].ndims, table[i].dims);
    CU_ASSERT_EQUAL(st, table[i].message == NULL ? MPP_OK : MPP_ERR_DATA);
    if (table[i].message != NULL) {
      ASSERT_MESSAGE(table[i].message);
    }
  }
  ASSERT_OK(mpp_netcdf_find(&v, nc, path, "u", 2, NULL));
  nc_close(nc);
}

/* Two records of 60 values of float: "u" and "x", a name that a dimension has too, packed; "bare".
 */
static void write_records(const char *path)
{
  static const char *const names[] = {"u", "x", "bare"};
  int nc = -1, dims[2];
  float x[120];
  for (int i = 0; i < 120; i++) { x[i] = (float)i; }
  CU_ASSERT_FATAL(nc_create(path, NC_CLOBBER | NC_NETCDF4, &nc) == NC_NOERR);
  CU_ASSERT_FATAL(nc_def_dim(nc, "time", NC_UNLIMITED, &dims[0]) == NC_NOERR &&
                  nc_def_dim(nc, "x", 60, &dims[1]) == NC_NOERR);
  for (int k = 0; k < 3; k++) {
    int v = -1;
    CU_ASSERT_FATAL(nc_def_var(nc, names[k], NC_FLOAT, 2, dims, &v) == NC_NOERR);
    CU_ASSERT_FATAL(nc_def_var_chunking(nc, v, NC_CHUNKED, (size_t[]){1, 60}) == NC_NOERR);
    CU_ASSERT_FATAL(k == 2 || nc_def_var_deflate(nc, v, 0, 1, 1) == NC_NOERR);
    CU_ASSERT_FATAL(nc_put_vara_float(nc, v, (size_t[]){0, 0}, (size_t[]){2, 60}, x) == NC_NOERR);
  }
  CU_ASSERT_FATAL(nc_close(nc) == NC_NOERR);
}

static void packed_chunks_that_are_short_are_not_read(void)
{
  static const char *const names[] = {"u", "x"}, *const stored[] = {"u", "_nc4_non_coord_x"};
  const char *path = test_path(0, "short.nc");
  const size_t first[2] = {0, 0}, second[2] = {1, 0}, count[2] = {1, 60};
  float x[60];
  write_records(path);
  REQUIRE_OK(mpp_h5_init());
  const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  put_first_chunk(file, stored[0], 0, zeros_120, sizeof zeros_120);
  put_first_chunk(file, stored[1], 0, zeros_120, sizeof zeros_120);
  H5Fclose(file);
  int nc = -1, v = -1;
  mpp_h5_lock();
  REQUIRE_OK(mpp_netcdf_open(&nc, path, false));
  for (int k = 0; k < 2; k++) {
    CU_ASSERT_FATAL(nc_inq_varid(nc, names[k], &v) == NC_NOERR);
    ASSERT_STATUS(mpp_netcdf_get(x, NC_FLOAT, nc, v, path, "a field", first, count), MPP_ERR_DATA);
    ASSERT_MESSAGE("short.nc");
    ASSERT_MESSAGE("a chunk unpacks to 120 bytes, expected 240");
    ASSERT_STATUS(mpp_netcdf_check(nc, v, path, NULL, NULL), MPP_ERR_DATA);
    ASSERT_OK(mpp_netcdf_get(x, NC_FLOAT, nc, v, path, "a field", second, count));
    CU_ASSERT(x[0] == 60.0F && x[59] == 119.0F);
  }
  nc_close(nc);
  mpp_h5_unlock();
}

/* AddressSanitizer sees what HDF5 reads past a chunk; the values are those of the file. */
static void lengths_of_bare_chunks_are_not_believed(void)
{
  const char *path = test_path(0, "bare.nc");
  double x[120];
  int nc = -1, v = -1;
  write_records(path);
  CU_ASSERT_EQUAL(shorten_bare_chunks(path, 2, 240), 2);
  mpp_h5_lock();
  REQUIRE_OK(mpp_netcdf_open(&nc, path, false));
  CU_ASSERT_FATAL(nc_inq_varid(nc, "bare", &v) == NC_NOERR);
  ASSERT_OK(
      mpp_netcdf_get(x, NC_DOUBLE, nc, v, path, "a field", (size_t[]){0, 0}, (size_t[]){2, 60}));
  for (int i = 0; i < 120; i++) { CU_ASSERT_EQUAL(x[i], i); }
  nc_close(nc);
  mpp_h5_unlock();
}

static void every_fallible_call_may_fail(void)
{
  const char *path = test_path(0, "faults.nc");
  write_attribute(path, 3, true);
  test_faults faults = {.each = 10, .stride = 1, .passes = 1};
  while (test_faults_next(&faults)) {
    CU_ASSERT_NOT_EQUAL(TEST_FAULT(&faults, open_and_close(path)), MPP_ERR_USAGE);
  }
  CU_ASSERT(faults.failed > 4);
}

TESTS({"names of attributes have a limit", names_of_attributes_have_a_limit},
      {"what is no netCDF is not opened", what_is_no_netcdf_is_not_opened},
      {"a variable has numbers and a shape", a_variable_has_numbers_and_a_shape},
      {"packed chunks that are short are not read", packed_chunks_that_are_short_are_not_read},
      {"lengths of bare chunks are not believed", lengths_of_bare_chunks_are_not_believed},
      {"every fallible call may fail", every_fallible_call_may_fail})
