/* plot_forecast.c - records of a forecast file for a picture. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "confine.h"
#include "h5.h"
#include "mpp/field.h"
#include "nc.h"
#include "plot_source.h"

/* Reading fails for what is in the file, never for the system's sake. */
#define READ_NC(call, path, object)                                                           \
  do {                                                                                        \
    const int rc_ = mpp_fault() ? NC_EHDFERR : (call);                                        \
    MPP_REQUIRE(rc_ == NC_NOERR, MPP_ERR_DATA, "%s: %s: %s", path, object, nc_strerror(rc_)); \
  } while (0)

/* A text attribute, "" if there is none. */
static void text_of(char *out, size_t size, int nc, int variable, const char *name)
{
  char text[MPP_PLOT_TEXT] = "";
  size_t length = 0;
  if (nc_inq_attlen(nc, variable, name, &length) == NC_NOERR && length < sizeof text) {
    if (nc_get_att_text(nc, variable, name, text) != NC_NOERR) {
      text[0] = '\0';
    }
  }
  snprintf(out, size, "%s", text);
}

static bool ends_with(const char *text, const char *end)
{
  const size_t n = strlen(text), m = strlen(end);
  return n > m && strcmp(text + n - m, end) == 0;
}

/* Variable of the prediction of `wanted`: the first of a field, or the one whose name or
 * attribute mpp_field it is. */
static mpp_status find_field(char name[NC_MAX_NAME + 1], int nc, const char *path,
                             const char *wanted)
{
  mpp_status st = MPP_OK;
  int count = 0;
  READ_NC(nc_inq_nvars(nc, &count), path, "variables");
  for (int v = 0; v < count; v++) {
    char field[MPP_NAME_MAX];
    int ndims = 0;
    READ_NC(nc_inq_var(nc, v, name, NULL, &ndims, NULL, NULL), path, "variables");
    text_of(field, sizeof field, nc, v, "mpp_field");
    if (field[0] == '\0' || ndims < 2 ||
        (wanted[0] != '\0' && strcmp(wanted, name) != 0 && strcmp(wanted, field) != 0)) {
      continue;
    }
    if (!ends_with(name, "_truth") && !ends_with(name, "_error")) {
      MPP_REQUIRE(ndims <= 4, MPP_ERR_DATA, "%s: %s has %d axes of space, expected at most three",
                  path, name, ndims - 1);
      return mpp_netcdf_find(&v, nc, path, name, (size_t)ndims, NULL);
    }
  }
  st = mpp_fail(MPP_ERR_USAGE, "%s: no field '%s'", path, wanted);
done:
  return st;
}

/* The plane, or line, that is drawn of a variable. */
typedef struct plane {
  int ndims, dims[4]; /* time, and one to three axes */
  size_t cut, cell;   /* dimension with one cell alone, and that one; 0: none */
  char where[48];
} plane;

/* Values [n] of the coordinate of a dimension, owned by the caller, its name and its variable. */
static mpp_status read_coordinate(double **out, size_t *n, char name[NC_MAX_NAME + 1],
                                  int *variable, int nc, const char *path, int dim)
{
  mpp_status st = MPP_OK;
  double *value = NULL;
  const size_t first = 0;
  READ_NC(nc_inq_dim(nc, dim, name, n), path, "dimension");
  MPP_TRY(mpp_netcdf_find(variable, nc, path, name, 1, &dim));
  MPP_TRY(MPP_ALLOC(&value, *n));
  if (*n > 0) {
    MPP_TRY(mpp_netcdf_get(value, NC_DOUBLE, nc, *variable, path, name, &first, n));
  }
  *out = value;
  value = NULL;
done:
  mpp_free(value);
  return st;
}

/* That of a dimension of space. */
static mpp_status read_centres(double **out, size_t *n, char name[NC_MAX_NAME + 1], int *variable,
                               int nc, const char *path, int dim)
{
  mpp_status st = MPP_OK;
  MPP_TRY(read_coordinate(out, n, name, variable, nc, path, dim));
  MPP_REQUIRE(*n > 0, MPP_ERR_DATA, "%s: %s is empty", path, name);
done:
  return st;
}

/* Units of a coordinate, "" where they are 1 or missing. */
static void read_units(mpp_name units, int nc, int variable)
{
  text_of(units, sizeof(mpp_name), nc, variable, "units");
  if (strcmp(units, "1") == 0) {
    units[0] = '\0';
  }
}

static mpp_status read_axis(double edge[2], size_t *n, char out[48], int nc, const char *path,
                            int dim)
{
  mpp_status st = MPP_OK;
  char name[NC_MAX_NAME + 1];
  mpp_name units = "";
  double *centre = NULL;
  int v = -1;
  MPP_TRY(read_centres(&centre, n, name, &v, nc, path, dim));
  mpp_plot_edges(edge, centre, *n);
  read_units(units, nc, v);
  snprintf(out, 48, units[0] != '\0' ? "%.16s [%.26s]" : "%.31s", name, units);
done:
  mpp_free(centre);
  return st;
}

/* Which plane, and sizes, names and edges of its axes. */
static mpp_status find_plane(mpp_plot_source *s, plane *p, int nc, int variable,
                             const mpp_plot_options *o)
{
  mpp_status st = MPP_OK;
  char name[3][NC_MAX_NAME + 1] = {"", "", ""}, cut_name[NC_MAX_NAME + 1];
  const char *const names[3] = {name[0], name[1], name[2]};
  double *centre = NULL, where = 0.0;
  size_t cut = 0, n = 0;
  int v = -1;
  READ_NC(nc_inq_varndims(nc, variable, &p->ndims), o->input, "variables");
  READ_NC(nc_inq_vardimid(nc, variable, p->dims), o->input, "variables");
  for (int i = 1; i < p->ndims; i++) {
    READ_NC(nc_inq_dimname(nc, p->dims[i], name[i - 1]), o->input, "dimension");
  }
  MPP_TRY(mpp_plot_cut_axis(&cut, &where, o->slice, names, (size_t)p->ndims - 1, o->input));
  if (p->ndims == 4) {
    p->cut = cut + 1;
    MPP_TRY(read_centres(&centre, &n, cut_name, &v, nc, o->input, p->dims[p->cut]));
    MPP_TRY(mpp_plot_cut_cell(&p->cell, where, centre, n, o->input));
    const double at = centre != NULL ? centre[p->cell] : where; /* never NULL after reading */
    snprintf(p->where, sizeof p->where, ", %.16s = %.4g", cut_name, at);
  }
  const int x = p->cut == 3 ? 2 : p->ndims - 1, y = p->cut == 1 ? 2 : 1;
  s->ny = 1;
  if (p->ndims > 2) {
    MPP_TRY(read_axis(s->y, &s->ny, s->y_name, nc, o->input, p->dims[y]));
  }
  MPP_TRY(read_axis(s->x, &s->nx, s->x_name, nc, o->input, p->dims[x]));
done:
  mpp_free(centre);
  return st;
}

/* Times of the complete records. `units`: "hours" of "hours since ..."; "" for our own files, whose
 * dates stand for a time without units. */
static mpp_status read_times(double **out, size_t *count, mpp_name units, int nc, const char *path,
                             int dim)
{
  mpp_status st = MPP_OK;
  double *time = NULL;
  char name[NC_MAX_NAME + 1], about[MPP_PLOT_TEXT];
  size_t n = 0;
  int v = -1;
  MPP_TRY(read_coordinate(&time, &n, name, &v, nc, path, dim));
  for (*count = 0; *count < n && time[*count] != NC_FILL_DOUBLE; ++*count) { ; }
  read_units(units, nc, v);
  text_of(about, sizeof about, nc, v, "long_name");
  units[strstr(about, "as a date") != NULL ? 0 : strcspn(units, " ")] = '\0';
  *out = time;
  time = NULL;
done:
  mpp_free(time);
  return st;
}

/* One panel; missing values become NaN. */
static mpp_status read_panel(mpp_plot_source *s, int nc, const char *path, const char *name,
                             size_t panel, size_t record, const plane *p)
{
  mpp_status st = MPP_OK;
  size_t start[4] = {record, 0, 0, 0}, count[4] = {1, s->ny, s->nx, 1};
  if (p->cut > 0) { /* one cell of its dimension, all of the others */
    const size_t size[2] = {s->ny, s->nx};
    for (size_t i = 1, k = 0; i < 4; i++) { count[i] = i == p->cut ? 1 : size[k++]; }
    start[p->cut] = p->cell;
  } else if (p->ndims == 2) {
    count[1] = s->nx;
  }
  float *to = s->value + panel * s->ny * s->nx;
  int v = -1;
  MPP_TRY(mpp_netcdf_find(&v, nc, path, name, (size_t)p->ndims, p->dims));
  MPP_TRY(mpp_netcdf_get(to, NC_FLOAT, nc, v, path, name, start, count));
  for (size_t i = 0; i < s->ny * s->nx; i++) { to[i] = to[i] == NC_FILL_FLOAT ? NAN : to[i]; }
done:
  return st;
}

static mpp_status read_note(char note[32], int nc, const char *path, const char *name, int time,
                            size_t record)
{
  mpp_status st = MPP_OK;
  char series[NC_MAX_NAME + 16];
  double value = NC_FILL_DOUBLE;
  const size_t one = 1;
  int v = -1;
  snprintf(series, sizeof series, "%s_nrmse", name);
  MPP_TRY(mpp_netcdf_find(&v, nc, path, series, 1, &time));
  MPP_TRY(mpp_netcdf_get(&value, NC_DOUBLE, nc, v, path, series, &record, &one));
  if (value == NC_FILL_DOUBLE) {
    snprintf(note, 32, "no truth");
  } else {
    snprintf(note, 32, "NRMSE %.3g", value);
  }
done:
  return st;
}

/* Sizes, names and edges; `name` is the variable of the prediction. */
static mpp_status describe(mpp_plot_source *s, char name[NC_MAX_NAME + 1], plane *p, int nc,
                           const mpp_plot_options *o)
{
  static const char *const rows[MPP_PLOT_ROWS] = {"truth", "prediction", "error"};
  mpp_status st = MPP_OK;
  char field[MPP_NAME_MAX], sample[16], truth[NC_MAX_NAME + 16];
  int v = -1;
  MPP_TRY(find_field(name, nc, o->input, o->field));
  READ_NC(nc_inq_varid(nc, name, &v), o->input, name);
  MPP_TRY(find_plane(s, p, nc, v, o));
  text_of(field, sizeof field, nc, v, "mpp_field");
  text_of(s->units, sizeof s->units, nc, v, "units");
  text_of(sample, sizeof sample, nc, NC_GLOBAL, "mpp_sample");
  snprintf(s->title, sizeof s->title, "Forecast of %s [%s], sample %s%s", field, s->units, sample,
           p->where);
  snprintf(truth, sizeof truth, "%s_truth", name);
  s->nrows = nc_inq_varid(nc, truth, &v) == NC_NOERR ? 3 : 1;
  for (size_t r = 0; r < s->nrows; r++) { s->row[r] = s->nrows == 3 ? rows[r] : rows[1]; }
done:
  return st;
}

mpp_status mpp_plot_read_forecast(mpp_plot_source *s, const mpp_plot_options *o)
{
  static const char *const suffix[MPP_PLOT_ROWS] = {"_truth", "", "_error"};
  mpp_status st = MPP_OK;
  char name[NC_MAX_NAME + 1], full[NC_MAX_NAME + 16];
  mpp_name units = "";
  double *time = NULL;
  mpp_int_list steps = {0};
  size_t records = 0;
  int nc = -1;
  plane p = {.ndims = 0};
  bool locked = false;
  MPP_TRY(mpp_look_at_netcdf(o->input));
  mpp_h5_lock();
  locked = true;
  MPP_TRY(mpp_netcdf_open(&nc, o->input, false));
  MPP_TRY(describe(s, name, &p, nc, o));
  MPP_TRY(read_times(&time, &records, units, nc, o->input, p.dims[0]));
  MPP_TRY(mpp_plot_steps(&steps, s, o, 1, (long)records));
  s->ncols = steps.count;
  MPP_TRY(mpp_plot_source_allocate(s, o->input));
  for (size_t k = 0; time != NULL && k < steps.count; k++) {
    const size_t record = (size_t)steps.item[k] - 1;
    snprintf(s->column[k], sizeof s->column[k], "step %zu, t = %.4g%s%.12s", record + 1,
             time[record], units[0] != '\0' ? " " : "", units);
    for (size_t r = 0; r < s->nrows; r++) {
      snprintf(full, sizeof full, "%s%s", name, s->nrows == 3 ? suffix[r] : "");
      MPP_TRY(read_panel(s, nc, o->input, full, r * s->ncols + k, record, &p));
    }
    if (s->nrows == 3) {
      MPP_TRY(read_note(s->note[k], nc, o->input, name, p.dims[0], record));
    }
  }
done:
  if (nc >= 0) {
    nc_close(nc);
  }
  if (locked) {
    mpp_h5_unlock();
  }
  mpp_free(time);
  return st;
}

/* ---- errors ---- */

/* Names of the fields that have an error over time. */
static mpp_status list_series(mpp_plot_errors *e, int nc, const char *path)
{
  static const char end[] = "_nrmse";
  mpp_status st = MPP_OK;
  char name[NC_MAX_NAME + 1];
  int count = 0;
  READ_NC(nc_inq_nvars(nc, &count), path, "variables");
  for (int v = 0; v < count; v++) {
    READ_NC(nc_inq_varname(nc, v, name), path, "variables");
    if (ends_with(name, end) && e->nfields < MPP_MAX_FIELDS) {
      snprintf(e->field[e->nfields++], sizeof(mpp_name), "%.*s", (int)(strlen(name) - strlen(end)),
               name);
    }
  }
  MPP_REQUIRE(e->nfields > 0, MPP_ERR_DATA, "%s: holds no truth, which errors need", path);
done:
  return st;
}

mpp_status mpp_plot_read_errors(mpp_plot_errors *e, const char *path)
{
  mpp_status st = MPP_OK;
  char series[NC_MAX_NAME + 16];
  mpp_name units = "";
  double *time = NULL;
  size_t records = 0;
  int nc = -1, dim = -1, v = -1;
  bool locked = false;
  MPP_TRY(mpp_look_at_netcdf(path));
  mpp_h5_lock();
  locked = true;
  MPP_TRY(mpp_netcdf_open(&nc, path, false));
  MPP_TRY(list_series(e, nc, path));
  READ_NC(nc_inq_unlimdim(nc, &dim), path, "time");
  MPP_REQUIRE(dim >= 0, MPP_ERR_DATA, "%s: has no records", path);
  MPP_TRY(read_times(&time, &records, units, nc, path, dim));
  MPP_REQUIRE(records > 0, MPP_ERR_DATA, "%s: has no frames", path);
  e->nsteps = records;
  MPP_TRY(MPP_ALLOC(&e->nrmse, e->nfields * records));
  for (size_t f = 0; f < e->nfields; f++) {
    const size_t start = 0;
    double *value = e->nrmse + f * records;
    snprintf(series, sizeof series, "%s_nrmse", e->field[f]);
    MPP_TRY(mpp_netcdf_find(&v, nc, path, series, 1, &dim));
    MPP_TRY(mpp_netcdf_get(value, NC_DOUBLE, nc, v, path, series, &start, &records));
    for (size_t k = 0; k < records; k++) {
      value[k] = value[k] == NC_FILL_DOUBLE ? (double)NAN : value[k];
    }
  }
done:
  if (nc >= 0) {
    nc_close(nc);
  }
  if (locked) {
    mpp_h5_unlock();
  }
  mpp_free(time);
  return st;
}

void mpp_plot_errors_free(mpp_plot_errors *e)
{
  mpp_free(e->nrmse);
  memset(e, 0, sizeof *e);
}
