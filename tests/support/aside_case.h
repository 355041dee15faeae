/* aside_case.h - a netCDF file whose field u names variables beside its axes, and whose axes have
 * bounds. Stored numbers say by their digits where they stand: 100, 10 and 1 times their
 * indices. */
#ifndef MPP_ASIDE_CASE_H
#define MPP_ASIDE_CASE_H

#include <netcdf.h>

#include "mpp/dataset.h"
#include "test.h"

enum { LAT = 4, LON = 6, CELLS = LAT * LON, FRAMES = 8 };
enum { TIME_DIM, LAT_DIM, LON_DIM, TWO, CORNER, LEVEL, DIMS };

typedef struct aside_case {
  double first;            /* when the first frame begins; the others follow by one */
  const char *without;     /* a variable that is not there; NULL: all are */
  const char *coordinates; /* what the field names; NULL: the usual ones */
  double late;             /* by which the last frame is late, */
  double shorter;          /* and the bounds of the first one are shorter */
} aside_case;

static const struct {
  const char *name;
  size_t length;
} aside_dims[DIMS] = {{"time", FRAMES}, {"lat", LAT},  {"lon", LON},
                      {"nv", 2},        {"corner", 4}, {"level", 3}};

typedef struct aside_variable {
  const char *name;
  nc_type type;
  int rank, dim[3];
  const char *key, *text; /* an attribute, or NULL */
} aside_variable;

static const aside_variable aside_variables[] = {
    {"time", NC_DOUBLE, 1, {TIME_DIM}, "bounds", "time_bnds"},
    {"time_bnds", NC_DOUBLE, 2, {TIME_DIM, TWO}, NULL, NULL},
    {"lat", NC_DOUBLE, 1, {LAT_DIM}, "bounds", "lat_bnds"},
    {"lat_bnds", NC_DOUBLE, 2, {LAT_DIM, TWO}, NULL, NULL},
    {"lon", NC_DOUBLE, 1, {LON_DIM}, NULL, NULL},
    {"lon2", NC_FLOAT, 2, {LAT_DIM, LON_DIM}, "bounds", "lon2_corners"}, /* one is missing */
    {"lon2_corners", NC_DOUBLE, 3, {LAT_DIM, LON_DIM, CORNER}, NULL, NULL},
    {"area", NC_SHORT, 2, {LON_DIM, LAT_DIM}, "units", "km2"}, /* packed; high ones are not valid */
    {"row", NC_INT, 1, {LAT_DIM}, NULL, NULL},
    {"crs", NC_CHAR, 0, {0}, "grid_mapping_name", "rotated_latitude_longitude"},
    {"zlev", NC_DOUBLE, 3, {TIME_DIM, LAT_DIM, LON_DIM}, NULL, NULL},
    {"age", NC_SHORT, 1, {TIME_DIM}, NULL, NULL}, /* packed */
    {"sigma", NC_DOUBLE, 1, {LEVEL}, NULL, NULL},
    {"quality", NC_INT, 3, {TIME_DIM, LAT_DIM, LON_DIM}, NULL, NULL},
    {"u", NC_FLOAT, 3, {TIME_DIM, LAT_DIM, LON_DIM}, NULL, NULL}};

static inline double aside_number(const aside_case *c, const aside_variable *v, const size_t at[3])
{
  const double frame = (double)at[0] + (v->dim[0] == TIME_DIM ? c->first : 0.0);
  if (strcmp(v->name, "time") == 0) {
    return frame + 0.5 + (at[0] + 1 == FRAMES ? c->late : 0.0);
  }
  if (strcmp(v->name, "time_bnds") == 0) {
    return frame + (double)at[1] - (at[0] == 0 && at[1] == 1 ? c->shorter : 0.0);
  }
  if (strcmp(v->name, "lon2") == 0 && at[0] == 1 && at[1] == 2) {
    return -999.0;
  }
  return 100.0 * frame + 10.0 * (double)at[1] + (double)at[2];
}

static inline void put_packing(int nc, int id, bool limited)
{
  static const double scale = 0.5, offset = 7.0, range[2] = {0.0, 500.0};
  CU_ASSERT(nc_put_att_double(nc, id, "scale_factor", NC_DOUBLE, 1, &scale) == 0 &&
            nc_put_att_double(nc, id, "add_offset", NC_DOUBLE, 1, &offset) == 0 &&
            (!limited || nc_put_att_double(nc, id, "valid_range", NC_SHORT, 2, range) == 0));
}

static inline void put_aside(int nc, const aside_case *c, const aside_variable *v, const int *ids)
{
  static double value[FRAMES * CELLS];
  static const double fill = -999.0;
  int id = -1, dim[3] = {0};
  size_t n = 0, shape[3] = {1, 1, 1};
  for (int d = 0; d < v->rank; d++) {
    dim[d] = ids[v->dim[d]];
    shape[d] = aside_dims[v->dim[d]].length;
  }
  CU_ASSERT_FATAL(nc_def_var(nc, v->name, v->type, v->rank, dim, &id) == 0);
  CU_ASSERT(v->key == NULL || nc_put_att_text(nc, id, v->key, strlen(v->text), v->text) == 0);
  CU_ASSERT(strcmp(v->name, "lon2") != 0 ||
            nc_put_att_double(nc, id, "_FillValue", NC_FLOAT, 1, &fill) == 0);
  if (v->type == NC_SHORT) {
    put_packing(nc, id, strcmp(v->name, "area") == 0);
  }
  for (size_t at[3] = {0}; at[0] < shape[0]; at[0]++) {
    for (at[1] = 0; at[1] < shape[1]; at[1]++) {
      for (at[2] = 0; at[2] < shape[2]; at[2]++) { value[n++] = aside_number(c, v, at); }
    }
  }
  CU_ASSERT(v->type == NC_CHAR || nc_put_var_double(nc, id, value) == 0);
}

/* Leaves the file open for more variables, to be closed with nc_close. */
static inline int begin_asides(const char *path, const aside_case *c)
{
  int nc = -1, u = -1, ids[DIMS];
  const char *named = c->coordinates != NULL ? c->coordinates : "lon2 zlev age row sigma nowhere u";
  CU_ASSERT_FATAL(nc_create(path, NC_CLOBBER | NC_NETCDF4, &nc) == 0);
  for (int d = 0; d < DIMS; d++) {
    CU_ASSERT_FATAL(nc_def_dim(nc, aside_dims[d].name, aside_dims[d].length, &ids[d]) == 0);
  }
  for (size_t k = 0; k < sizeof aside_variables / sizeof aside_variables[0]; k++) {
    if (c->without == NULL || strcmp(aside_variables[k].name, c->without) != 0) {
      put_aside(nc, c, &aside_variables[k], ids);
    }
  }
  CU_ASSERT(nc_inq_varid(nc, "u", &u) == 0 &&
            nc_put_att_text(nc, u, "coordinates", strlen(named), named) == 0 &&
            nc_put_att_text(nc, u, "grid_mapping", 14, "crs: lat sigma") == 0 &&
            nc_put_att_text(nc, u, "cell_measures", 10, "area: area") == 0 &&
            nc_put_att_text(nc, u, "ancillary_variables", 7, "quality") == 0);
  return nc;
}

static inline void write_asides(const char *path, const aside_case *c)
{
  CU_ASSERT_FATAL(nc_close(begin_asides(path, c)) == 0);
}

/* Parts of the axes as the flags of that name; "" for all. */
static inline mpp_data_flags aside_flags(const char *crop, const char *stride)
{
  mpp_data_flags flags = {.fields = "u"};
  snprintf(flags.crop, sizeof flags.crop, "%s", crop);
  snprintf(flags.stride, sizeof flags.stride, "%s", stride);
  return flags;
}

static inline mpp_dataset *open_asides(const char *spec, const char *crop, const char *stride)
{
  mpp_dataset *d = NULL;
  const mpp_data_flags flags = aside_flags(crop, stride);
  const mpp_dataset_options options = {.flags = &flags};
  REQUIRE_OK(mpp_dataset_open(&d, spec, &options));
  return d;
}

#endif
