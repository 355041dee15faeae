/* nc_classic.c - the header of a classic netCDF file, held to the limits for which netCDF-C tells
 * its callers to make room: netCDF 4.9.0 hands out longer names and more dimensions than that, past
 * the end of their arrays. The format: Unidata, "NetCDF Classic Format Specification"; CDF-5:
 * PnetCDF. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "nc.h"

typedef struct classic_header {
  FILE *file;
  const char *path;
  int count, begin;       /* bytes of a count, and of the place of a variable in the file */
  uint64_t ndims, record; /* dimensions, and the one that grows; ndims where there is none */
  const char *object;     /* what is being read, for messages */
} classic_header;

/* A number of `bytes` bytes, the most significant first. */
static mpp_status take(uint64_t *out, const classic_header *h, int bytes)
{
  mpp_status st = MPP_OK;
  *out = 0;
  for (int i = 0; i < bytes; i++) {
    const int c = getc(h->file);
    MPP_REQUIRE(c != EOF, MPP_ERR_DATA, "%s: opening: netCDF header is cut short within %s",
                h->path, h->object);
    *out = *out << 8 | (uint64_t)c;
  }
done:
  return st;
}

/* Passes over `n` things of `size` bytes, filled up to four. A seek may pass the end of the file:
 * the next read tells. */
static mpp_status pass(const classic_header *h, uint64_t n, uint64_t size)
{
  mpp_status st = MPP_OK;
  MPP_REQUIRE(n <= (uint64_t)INT64_MAX / 16 &&
                  fseeko(h->file, (off_t)((n * size + 3) / 4 * 4), SEEK_CUR) == 0,
              MPP_ERR_DATA, "%s: opening: netCDF header: %s has %llu entries", h->path, h->object,
              (unsigned long long)n);
done:
  return st;
}

static mpp_status pass_name(const classic_header *h)
{
  mpp_status st = MPP_OK;
  uint64_t length = 0;
  MPP_TRY(take(&length, h, h->count));
  MPP_REQUIRE(length <= NC_MAX_NAME, MPP_ERR_DATA,
              "%s: the name of %s has %llu characters, expected at most %d", h->path, h->object,
              (unsigned long long)length, NC_MAX_NAME);
  MPP_TRY(pass(h, length, 1));
done:
  return st;
}

/* How many entries a list has. */
static mpp_status take_list(uint64_t *n, const classic_header *h, uint64_t mark)
{
  mpp_status st = MPP_OK;
  uint64_t found = 0;
  MPP_TRY(take(&found, h, 4));
  MPP_TRY(take(n, h, h->count));
  MPP_REQUIRE(*n == 0 || found == mark, MPP_ERR_DATA,
              "%s: opening: netCDF header: found mark %llu of a list, expected %llu (%s)", h->path,
              (unsigned long long)found, (unsigned long long)mark, h->object);
done:
  return st;
}

/* Bytes of a value of the type that comes next. */
static mpp_status take_type(uint64_t *size, const classic_header *h)
{
  static const unsigned bytes[] = {0, 1, 1, 2, 4, 4, 8, 1, 2, 4, 8, 8}; /* NC_BYTE to NC_UINT64 */
  mpp_status st = MPP_OK;
  uint64_t type = 0;
  MPP_TRY(take(&type, h, 4));
  MPP_REQUIRE(type >= NC_BYTE && type <= NC_UINT64, MPP_ERR_DATA,
              "%s: opening: netCDF header: %s is of type %llu, expected 1 to 11", h->path,
              h->object, (unsigned long long)type);
  *size = bytes[type];
done:
  return st;
}

static mpp_status pass_attributes(classic_header *h)
{
  mpp_status st = MPP_OK;
  uint64_t n = 0, size = 0, length = 0;
  h->object = "an attribute";
  MPP_TRY(take_list(&n, h, 0x0C));
  for (; n > 0; n--) {
    MPP_TRY(pass_name(h));
    MPP_TRY(take_type(&size, h));
    MPP_TRY(take(&length, h, h->count));
    MPP_TRY(pass(h, length, size));
  }
done:
  return st;
}

static mpp_status pass_dimensions(classic_header *h)
{
  mpp_status st = MPP_OK;
  uint64_t length = 0;
  h->object = "a dimension";
  MPP_TRY(take_list(&h->ndims, h, 0x0A));
  h->record = h->ndims;
  for (uint64_t i = 0; i < h->ndims; i++) {
    MPP_TRY(pass_name(h));
    MPP_TRY(take(&length, h, h->count));
    MPP_REQUIRE(length > 0 || h->record == h->ndims, MPP_ERR_DATA,
                "%s: two dimensions are unlimited, expected at most one", h->path);
    h->record = length == 0 ? i : h->record;
  }
done:
  return st;
}

/* The dimensions of a variable: netCDF divides by their lengths. */
static mpp_status pass_shape(const classic_header *h)
{
  mpp_status st = MPP_OK;
  uint64_t ndims = 0, dim = 0;
  MPP_TRY(take(&ndims, h, h->count));
  MPP_REQUIRE(ndims <= NC_MAX_VAR_DIMS, MPP_ERR_DATA,
              "%s: a variable has %llu dimensions, expected at most %d", h->path,
              (unsigned long long)ndims, NC_MAX_VAR_DIMS);
  for (uint64_t i = 0; i < ndims; i++) {
    MPP_TRY(take(&dim, h, h->count));
    MPP_REQUIRE(dim < h->ndims, MPP_ERR_DATA, "%s: a variable has dimension %llu of %llu", h->path,
                (unsigned long long)dim, (unsigned long long)h->ndims);
    MPP_REQUIRE(i == 0 || dim != h->record, MPP_ERR_DATA,
                "%s: the unlimited dimension is not the first of a variable", h->path);
  }
done:
  return st;
}

static mpp_status pass_variables(classic_header *h)
{
  static const char name[] = "a variable";
  mpp_status st = MPP_OK;
  uint64_t n = 0, rest = 0;
  h->object = name;
  MPP_TRY(take_list(&n, h, 0x0B));
  for (; n > 0; n--) {
    h->object = name;
    MPP_TRY(pass_name(h));
    MPP_TRY(pass_shape(h));
    MPP_TRY(pass_attributes(h));
    h->object = name;
    MPP_TRY(take_type(&rest, h));
    MPP_TRY(take(&rest, h, h->count));
    MPP_TRY(take(&rest, h, h->begin));
  }
done:
  return st;
}

mpp_status mpp_netcdf_check_classic(const char *path)
{
  mpp_status st = MPP_OK;
  classic_header h = {.path = path, .count = 4, .begin = 4, .object = "its records"};
  char magic[4] = "";
  uint64_t records = 0;
  h.file = mpp_fault() ? NULL : fopen(path, "rbe");
  MPP_REQUIRE(h.file != NULL, mpp_or_memory(MPP_ERR_IO), "%s: opening: %s", path, strerror(errno));
  if (fread(magic, 1, sizeof magic, h.file) < sizeof magic || memcmp(magic, "CDF", 3) != 0) {
    goto done; /* of another format: others tell */
  }
  h.count = magic[3] == 5 ? 8 : 4;
  h.begin = magic[3] == 1 ? 4 : 8;
  MPP_TRY(take(&records, &h, h.count));
  MPP_TRY(pass_dimensions(&h));
  MPP_TRY(pass_attributes(&h));
  MPP_TRY(pass_variables(&h));
done:
  if (h.file != NULL) {
    (void)fclose(h.file);
  }
  return st;
}
