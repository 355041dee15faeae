/* nc_compare.c - bytes of variables a record at a time: memory does not grow with the records. */
#include "nc_compare.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "confine.h"
#include "h5.h"
#include "nc.h"

typedef struct comparison {
  const char *path[2];
  int nc[2];
  size_t count, capacity;
  mpp_rollout_difference *item; /* owned */
} comparison;

/* What a call of netCDF on one of the files said. */
static mpp_status check(const comparison *c, int which, int rc, const char *what)
{
  rc = mpp_fault() ? NC_EHDFERR : rc;
  return rc == NC_NOERR
             ? MPP_OK
             : mpp_fail(MPP_ERR_DATA, "%s: %s: %s", c->path[which], what, nc_strerror(rc));
}

static mpp_status add(mpp_rollout_difference **out, comparison *c, const char *name)
{
  mpp_status st = MPP_OK;
  mpp_rollout_difference *grown = NULL;
  if (c->count == c->capacity) {
    c->capacity = 2 * c->capacity + 16;
    MPP_TRY(MPP_ALLOC(&grown, c->capacity));
    if (c->count > 0) {
      memcpy(grown, c->item, c->count * sizeof *grown);
    }
    mpp_free(c->item);
    c->item = grown;
  }
  mpp_rollout_difference *d = &c->item[c->count++];
  snprintf(d->name, sizeof d->name, "%s", name);
  *out = d;
done:
  return st;
}

/* ---- variables ---- */

typedef struct variable {
  int id, ndims;
  nc_type type;
  bool has_time;
  size_t shape[NC_MAX_VAR_DIMS], values; /* values of a record, or of all */
} variable;

static mpp_status look(variable *v, const comparison *c, int which, const char *name)
{
  mpp_status st = MPP_OK;
  const int nc = c->nc[which];
  int dims[NC_MAX_VAR_DIMS] = {-1}, time = -1;
  *v = (variable){.values = 1};
  MPP_TRY(check(c, which, nc_inq_varid(nc, name, &v->id), name));
  MPP_TRY(check(c, which, nc_inq_var(nc, v->id, NULL, &v->type, &v->ndims, dims, NULL), name));
  MPP_TRY(check(c, which, nc_inq_unlimdim(nc, &time), "time"));
  v->has_time = v->ndims > 0 && dims[0] == time;
  for (int d = 0; d < v->ndims; d++) {
    MPP_TRY(check(c, which, nc_inq_dimlen(nc, dims[d], &v->shape[d]), name));
    MPP_REQUIRE((v->has_time && d == 0) || mpp_mul(&v->values, v->values, v->shape[d]),
                MPP_ERR_DATA, "%s: %s is too large", c->path[which], name);
  }
done:
  return st;
}

static double largest_of(const void *a, const void *b, nc_type type, size_t n)
{
  double most = 0.0;
  for (size_t i = 0; i < n; i++) {
    const double x = type == NC_FLOAT    ? (double)((const float *)a)[i]
                     : type == NC_DOUBLE ? ((const double *)a)[i]
                                         : (double)((const int *)a)[i];
    const double y = type == NC_FLOAT    ? (double)((const float *)b)[i]
                     : type == NC_DOUBLE ? ((const double *)b)[i]
                                         : (double)((const int *)b)[i];
    most = fmax(most, fabs(x - y));
  }
  return most;
}

static size_t size_of(nc_type type)
{
  return type == NC_FLOAT ? sizeof(float) : type == NC_DOUBLE ? sizeof(double) : sizeof(int);
}

static mpp_status read_record(void *out, const comparison *c, int which, const variable *v,
                              size_t record, const char *name)
{
  size_t start[NC_MAX_VAR_DIMS] = {0}, count[NC_MAX_VAR_DIMS];
  memcpy(count, v->shape, sizeof count);
  if (v->has_time) {
    start[0] = record;
    count[0] = 1;
  }
  return mpp_netcdf_get(out, v->type, c->nc[which], v->id, c->path[which], name, start, count);
}

static mpp_status compare_bytes(comparison *c, const variable v[2], const char *name)
{
  mpp_status st = MPP_OK;
  mpp_rollout_difference *d = NULL;
  void *bytes[2] = {NULL, NULL};
  const size_t size = size_of(v[0].type), records = v[0].has_time ? v[0].shape[0] : 1;
  for (int w = 0; w < 2; w++) { MPP_TRY(mpp_alloc(&bytes[w], v[0].values, size)); }
  for (size_t k = 0; k < records; k++) {
    MPP_TRY(read_record(bytes[0], c, 0, &v[0], k, name));
    MPP_TRY(read_record(bytes[1], c, 1, &v[1], k, name));
    if (memcmp(bytes[0], bytes[1], v[0].values * size) == 0) {
      continue;
    }
    if (d == NULL) {
      MPP_TRY(add(&d, c, name));
      d->record = k;
    }
    d->largest = fmax(d->largest, largest_of(bytes[0], bytes[1], v[0].type, v[0].values));
  }
done:
  for (int w = 0; w < 2; w++) { mpp_free(bytes[w]); }
  return st;
}

static mpp_status compare_variable(comparison *c, const char *name)
{
  mpp_status st = MPP_OK;
  variable v[2];
  mpp_rollout_difference *d = NULL;
  int ignored = -1;
  for (int w = 0; w < 2; w++) {
    if (nc_inq_varid(c->nc[w], name, &ignored) != NC_NOERR) {
      MPP_TRY(add(&d, c, name));
      d->largest = NAN;
      snprintf(w == 0 ? d->first : d->second, sizeof d->first, "is missing");
      goto done;
    }
    MPP_TRY(look(&v[w], c, w, name));
  }
  if (v[0].type != v[1].type || v[0].ndims != v[1].ndims ||
      memcmp(v[0].shape, v[1].shape, (size_t)v[0].ndims * sizeof v[0].shape[0]) != 0) {
    MPP_TRY(add(&d, c, name));
    d->largest = NAN;
    for (int w = 0; w < 2; w++) {
      snprintf(w == 0 ? d->first : d->second, sizeof d->first, "%zu records of %zu values",
               v[w].has_time ? v[w].shape[0] : 1, v[w].values);
    }
    goto done;
  }
  MPP_TRY(compare_bytes(c, v, name));
done:
  return st;
}

/* Variables of one file; of the second only those that the first does not have. */
static mpp_status compare_variables(comparison *c, int which)
{
  mpp_status st = MPP_OK;
  int count = 0, ignored = -1;
  MPP_TRY(check(c, which, nc_inq_nvars(c->nc[which], &count), "variables"));
  for (int v = 0; v < count; v++) {
    char name[NC_MAX_NAME + 1];
    MPP_TRY(check(c, which, nc_inq_varname(c->nc[which], v, name), "variables"));
    if (which == 0 || nc_inq_varid(c->nc[0], name, &ignored) != NC_NOERR) {
      MPP_TRY(compare_variable(c, name));
    }
  }
done:
  return st;
}

/* ---- attributes ---- */

/* Says how the run came about, and is not about the names of files, dates and threads. */
static bool tells(const char *name)
{
  static const char *const others[] = {"mpp_command", "mpp_config", "mpp_threads"};
  for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
    if (strcmp(name, others[i]) == 0) {
      return false;
    }
  }
  return strcmp(name, "source") == 0 || strncmp(name, "mpp_", 4) == 0;
}

/* At most size - 1 bytes of a text; the number, if it is one. */
static void attribute_text(char *out, size_t size, int nc, const char *name)
{
  char text[2048] = "";
  size_t length = 0;
  nc_type type = NC_NAT;
  int number = 0;
  snprintf(out, size, "is missing");
  if (nc_inq_att(nc, NC_GLOBAL, name, &type, &length) != NC_NOERR) {
    return;
  }
  if (type == NC_INT && length == 1 && nc_get_att_int(nc, NC_GLOBAL, name, &number) == NC_NOERR) {
    snprintf(out, size, "%d", number);
  } else if (type == NC_CHAR && length < sizeof text &&
             nc_get_att_text(nc, NC_GLOBAL, name, text) == NC_NOERR) {
    snprintf(out, size, "%.*s", (int)size - 1, text);
  }
}

static mpp_status compare_attribute(comparison *c, const char *name)
{
  mpp_status st = MPP_OK;
  char first[256], second[256];
  mpp_rollout_difference *d = NULL;
  attribute_text(first, sizeof first, c->nc[0], name);
  attribute_text(second, sizeof second, c->nc[1], name);
  if (strcmp(first, second) != 0) {
    MPP_TRY(add(&d, c, name));
    memcpy(d->first, first, sizeof first);
    memcpy(d->second, second, sizeof second);
  }
done:
  return st;
}

static mpp_status compare_attributes(comparison *c, int which)
{
  mpp_status st = MPP_OK;
  int count = 0, ignored = -1;
  MPP_TRY(check(c, which, nc_inq_natts(c->nc[which], &count), "attributes"));
  for (int i = 0; i < count; i++) {
    char name[NC_MAX_NAME + 1];
    MPP_TRY(check(c, which, nc_inq_attname(c->nc[which], NC_GLOBAL, i, name), "attributes"));
    const bool first = which == 0 || nc_inq_attid(c->nc[0], NC_GLOBAL, name, &ignored) != NC_NOERR;
    if (tells(name) && first) {
      MPP_TRY(compare_attribute(c, name));
    }
  }
done:
  return st;
}

mpp_status mpp_nc_compare(mpp_rollout_difference **out, size_t *count, const char *first,
                          const char *second)
{
  mpp_status st = MPP_OK;
  comparison c = {.path = {first, second}, .nc = {-1, -1}};
  bool locked = false;
  for (int w = 0; w < 2; w++) { MPP_TRY(mpp_look_at_netcdf(c.path[w])); }
  mpp_h5_lock();
  locked = true;
  for (int w = 0; w < 2; w++) { MPP_TRY(mpp_netcdf_open(&c.nc[w], c.path[w], false)); }
  for (int w = 0; w < 2; w++) { MPP_TRY(compare_attributes(&c, w)); }
  for (int w = 0; w < 2; w++) { MPP_TRY(compare_variables(&c, w)); }
  *out = c.item;
  *count = c.count;
  c.item = NULL;
done:
  for (int w = 0; w < 2; w++) {
    if (c.nc[w] >= 0) {
      nc_close(c.nc[w]);
    }
  }
  if (locked) {
    mpp_h5_unlock();
  }
  mpp_free(c.item);
  return st;
}
