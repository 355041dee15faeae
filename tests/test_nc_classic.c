/* test_nc_classic.c - headers of classic netCDF files, of netCDF-C's and of nobody's making. */
#include <netcdf.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nc.h"
#include "test.h"

static const int kinds[] = {0, NC_64BIT_OFFSET, NC_64BIT_DATA}; /* CDF-1, CDF-2, CDF-5 */

/* ---- headers of our own making ---- */

typedef struct header {
  unsigned char byte[1 << 16];
  size_t size;
  int version;
} header;

static void put(header *h, uint64_t value, int bytes)
{
  for (int i = bytes - 1; i >= 0; i--) { h->byte[h->size++] = (unsigned char)(value >> (8 * i)); }
}

static void put_count(header *h, uint64_t value) { put(h, value, h->version == 5 ? 8 : 4); }

static void put_list(header *h, unsigned mark, uint64_t n)
{
  put(h, mark, 4);
  put_count(h, n);
}

static void put_name(header *h, char letter, size_t length)
{
  put_count(h, length);
  for (size_t i = 0; i < (length + 3) / 4 * 4; i++) {
    put(h, i < length ? (unsigned char)letter : 0, 1);
  }
}

/* What a header has: lengths of names; dimensions of the variable, the first of them, all others;
 * the length of dimension 1; types; the mark of the first list of attributes. */
enum {
  DIMENSION,
  GLOBAL,
  VARIABLE,
  ATTRIBUTE,
  NDIMS,
  FIRST,
  OTHER,
  LENGTH,
  TYPE,
  OF_VARIABLE,
  MARK
};
enum { NUMBERS = MARK + 1 };
static const unsigned usual[NUMBERS] = {1, 2, 3, 4, 2, 0, 1, 4, NC_SHORT, NC_FLOAT, 0x0C};
static const unsigned largest[NUMBERS] = {256, 256, 256,      256,      1024, 0,
                                          1,   1,   NC_SHORT, NC_FLOAT, 0x0C};

/* An unlimited dimension and another, an attribute of the file, a variable and an attribute of
 * three entries of it. */
static void build(header *h, int version, const unsigned *number)
{
  h->size = 0;
  h->version = version;
  put(h, 0x43444600U + (unsigned)version, 4); /* "CDF" */
  put_count(h, 0);
  put_list(h, 0x0A, 2);
  put_name(h, 'd', number[DIMENSION]);
  put_count(h, 0);
  put_name(h, 'e', 1);
  put_count(h, number[LENGTH]);
  put_list(h, number[MARK], 1);
  put_name(h, 'g', number[GLOBAL]);
  put(h, NC_CHAR, 4);
  put_name(h, 'x', 3); /* a text is laid out as a name */
  put_list(h, 0x0B, 1);
  put_name(h, 'v', number[VARIABLE]);
  put_count(h, number[NDIMS]);
  for (size_t i = 0; i < number[NDIMS]; i++) {
    put_count(h, i == 0 ? number[FIRST] : number[OTHER]);
  }
  put_list(h, 0x0C, 1);
  put_name(h, 'a', number[ATTRIBUTE]);
  put(h, number[TYPE], 4);
  put_count(h, 3);
  put(h, 0, 8); /* three numbers of two bytes, filled up */
  put(h, number[OF_VARIABLE], 4);
  put_count(h, 4);
  put(h, h->size + 8, version == 1 ? 4 : 8);
}

static mpp_status check(const header *h, size_t size)
{
  const char *path = test_path(0, "header.nc");
  FILE *f = fopen(path, "wb");
  CU_ASSERT_FATAL(f != NULL && fwrite(h->byte, 1, size, f) == size && fclose(f) == 0);
  return mpp_netcdf_check_classic(path);
}

static void names_and_dimensions_have_limits(void)
{
  static const struct {
    unsigned what, value; /* other than usual */
    const char *message;  /* NULL: fine */
  } table[] = {
      {FIRST, 0, NULL},
      {FIRST, 1, NULL},
      {DIMENSION, 257, "the name of a dimension has 257 characters"},
      {GLOBAL, 257, "the name of an attribute has 257 characters"},
      {VARIABLE, 5000, "a variable has 5000 characters, expected at most 256"},
      {ATTRIBUTE, 300, "the name of an attribute has 300 characters"},
      {NDIMS, 1025, "has 1025 dimensions, expected at most 1024"},
      {LENGTH, 0, "two dimensions are unlimited, expected at most one"},
      {OTHER, 0, "the unlimited dimension is not the first of a variable"},
      {OTHER, 2, "a variable has dimension 2 of 2"},
      {TYPE, 12, "an attribute is of type 12, expected 1 to 11"},
      {TYPE, 0, "an attribute is of type 0"},
      {OF_VARIABLE, 12, "a variable is of type 12, expected 1 to 11"},
      {MARK, 0x0B, "found mark 11 of a list, expected 12 (an attribute)"},
  };
  static header h;
  static const int versions[] = {1, 2, 5};
  for (size_t k = 0; k < 3; k++) {
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
      unsigned number[NUMBERS];
      memcpy(number, usual, sizeof number);
      number[table[i].what] = table[i].value;
      build(&h, versions[k], number);
      const mpp_status st = check(&h, h.size);
      CU_ASSERT_EQUAL(st, table[i].message == NULL ? MPP_OK : MPP_ERR_DATA);
      if (table[i].message != NULL) {
        ASSERT_MESSAGE(table[i].message);
      }
    }
  }
}

/* netCDF-C takes what this check lets pass, so the check is held at what is there. */
static void the_headers_are_what_netcdf_reads(void)
{
  static header h;
  static const int versions[] = {1, 2, 5};
  for (size_t k = 0; k < 3; k++) {
    int nc = -1, ndims = 0;
    size_t length = 0;
    char name[NC_MAX_NAME + 1];
    build(&h, versions[k], largest);
    REQUIRE_OK(check(&h, h.size));
    CU_ASSERT_EQUAL_FATAL(nc_open(test_path(0, "header.nc"), NC_NOWRITE, &nc), NC_NOERR);
    CU_ASSERT(nc_inq_varndims(nc, 0, &ndims) == NC_NOERR && ndims == 1024);
    CU_ASSERT(nc_inq_attname(nc, 0, 0, name) == NC_NOERR && strlen(name) == 256);
    CU_ASSERT(nc_inq_attlen(nc, 0, name, &length) == NC_NOERR && length == 3);
    nc_close(nc);
  }
}

static void a_header_cut_short_is_refused(void)
{
  static header h;
  static const int versions[] = {1, 2, 5};
  for (size_t k = 0; k < 3; k++) {
    build(&h, versions[k], usual);
    for (size_t n = 4; n < h.size; n++) {
      ASSERT_STATUS(check(&h, n), MPP_ERR_DATA);
      ASSERT_MESSAGE("netCDF header is cut short within ");
    }
    ASSERT_OK(check(&h, h.size));
  }
}

static void counts_past_the_file_are_refused(void)
{
  static header h;
  build(&h, 5, usual);
  for (size_t at = 8; at + 8 <= h.size; at++) { /* a vast number anywhere */
    unsigned char kept[8];
    memcpy(kept, h.byte + at, 8);
    memset(h.byte + at, 0x7f, 8);
    const mpp_status st = check(&h, h.size);
    CU_ASSERT(st == MPP_OK || st == MPP_ERR_DATA);
    memcpy(h.byte + at, kept, 8);
  }
  h.byte[4 + 8 + 4] = 0x7f; /* dimensions */
  ASSERT_STATUS(check(&h, h.size), MPP_ERR_DATA);
}

/* ---- headers of netCDF-C's making ---- */

static void what_netcdf_writes_passes(void)
{
  static const nc_type types[] = {NC_BYTE,  NC_CHAR,   NC_SHORT, NC_INT,   NC_FLOAT, NC_DOUBLE,
                                  NC_UBYTE, NC_USHORT, NC_UINT,  NC_INT64, NC_UINT64};
  const char *path = test_path(0, "written.nc");
  for (size_t k = 0; k < 3; k++) {
    int nc = -1, dim[2], v = -1;
    const size_t ntypes = k == 2 ? 11 : 6; /* CDF-5 has all */
    CU_ASSERT_EQUAL_FATAL(nc_create(path, NC_CLOBBER | kinds[k], &nc), NC_NOERR);
    CU_ASSERT(nc_def_dim(nc, "time", NC_UNLIMITED, &dim[0]) == NC_NOERR &&
              nc_def_dim(nc, "x", 3, &dim[1]) == NC_NOERR);
    for (size_t i = 0; i < ntypes; i++) {
      const double value[5] = {1, 2, 3, 4, 5};
      char name[16];
      snprintf(name, sizeof name, "v%zu", i);
      CU_ASSERT_EQUAL(nc_def_var(nc, name, types[i], (int)(i % 3), dim, &v), NC_NOERR);
      CU_ASSERT_EQUAL(types[i] == NC_CHAR
                          ? nc_put_att_text(nc, v, "odd", i % 5, "text")
                          : nc_put_att_double(nc, v, "odd", types[i], 1 + i % 5, value),
                      NC_NOERR);
    }
    CU_ASSERT(nc_enddef(nc) == NC_NOERR && nc_close(nc) == NC_NOERR);
    ASSERT_OK(mpp_netcdf_check_classic(path));
  }
}

static void other_formats_pass(void)
{
  ASSERT_OK(mpp_netcdf_check_classic(MPP_TEST_DATA "/formats/plain.h5"));
  ASSERT_OK(mpp_netcdf_check_classic(MPP_TEST_DATA "/README.md"));
  ASSERT_STATUS(mpp_netcdf_check_classic("nowhere.nc"), MPP_ERR_IO);
  ASSERT_MESSAGE("nowhere.nc: opening: ");
}

TESTS({"names and dimensions have limits", names_and_dimensions_have_limits},
      {"the headers are what netCDF reads", the_headers_are_what_netcdf_reads},
      {"a header cut short is refused", a_header_cut_short_is_refused},
      {"counts past the file are refused", counts_past_the_file_are_refused},
      {"what netCDF writes passes", what_netcdf_writes_passes},
      {"other formats pass", other_formats_pass})
