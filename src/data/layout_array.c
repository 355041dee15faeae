/* layout_array.c - PDEBench's "one array a field" (compressible flow): root datasets
 * density, pressure, Vx, Vy [sample, time, x, y], x-coordinate, y-coordinate (cell centres) and
 * t-coordinate, which has one entry more than there are frames (old copies have as many).
 * Early files have an axis of length 1 (devices) before the samples, test sets no sample axis: the
 * number of spatial coordinates tells which axes there are. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "file_layout.h"
#include "system.h"

static const char *const coordinate[3] = {"x-coordinate", "y-coordinate", "z-coordinate"};
static const char *const axis_name[3] = {"x", "y", "z"};

static bool matches(hid_t id)
{
  static const char *const telling[] = {"x-coordinate", "t-coordinate", "tensor", "density", "Vx"};
  for (size_t i = 0; i < sizeof telling / sizeof telling[0]; i++) {
    if (mpp_h5_has(id, telling[i])) {
      return true;
    }
  }
  return false;
}

/* Is it a dataset of numbers? Groups, texts and links that lead nowhere are no fields; what cannot be
 * read of a dataset of numbers is a fault of the file. */
static bool is_array(hid_t id, const char *name)
{
  const size_t length = strlen(name);
  if ((length > 11 && strcmp(name + length - 11, "-coordinate") == 0) || !mpp_h5_has(id, name)) {
    return false; /* asked first: it follows no link out of the file */
  }
  const hid_t object = H5Oopen(id, name, H5P_DEFAULT);
  H5T_class_t class = H5T_NO_CLASS;
  if (object >= 0 && H5Iget_type(object) == H5I_DATASET) {
    const hid_t type = H5Dget_type(object);
    class = H5Tget_class(type);
    H5Tclose(type);
  }
  if (object >= 0) {
    H5Oclose(object);
  }
  return class == H5T_INTEGER || class == H5T_FLOAT;
}

/* Root datasets that can be fields, sorted by name: those with the most axes, coordinates apart. */
static mpp_status find_arrays(mpp_name name[MPP_MAX_FIELDS], size_t *count, const mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  char **member = NULL;
  size_t nmembers = 0, shape[MPP_H5_MAX_RANK], found = 0;
  int highest = 0, rank = 0;
  MPP_TRY(mpp_h5_members(&member, &nmembers, f->id, f->path, "/"));
  for (size_t i = 0; i < nmembers; i++) {
    if (!is_array(f->id, member[i])) {
      continue;
    }
    MPP_TRY(mpp_h5_shape(shape, &rank, f->id, f->path, member[i]));
    if (rank < highest) {
      continue;
    }
    const size_t length = strlen(member[i]);
    found = rank > highest ? 0 : found;
    highest = rank;
    MPP_REQUIRE(found < MPP_MAX_FIELDS && length < MPP_NAME_MAX, MPP_ERR_DATA,
                "%s: %s: more than %d fields, or a name of more than %d characters", f->path,
                member[i], MPP_MAX_FIELDS, MPP_NAME_MAX - 1);
    memcpy(name[found++], member[i], length + 1);
  }
  *count = found;
done:
  mpp_h5_members_free(member, nmembers);
  return st;
}

/* Are the arrays just the fields of this system? Then they are put into its order. */
static bool take_order(mpp_name name[MPP_MAX_FIELDS], size_t count, const char *system)
{
  size_t known = 0, found = 0;
  const mpp_field_info *field = mpp_system_fields(&known, system);
  for (size_t i = 0; i < known; i++) {
    for (size_t j = 0; j < count; j++) { found += strcmp(field[i].name, name[j]) == 0; }
  }
  if (known != count || found != count) {
    return false;
  }
  for (size_t i = 0; i < known; i++) { snprintf(name[i], MPP_NAME_MAX, "%s", field[i].name); }
  return true;
}

/* The dataset of a field of a system with `count` fields: PDEBench calls the only one "tensor". */
static const char *dataset_of(const mpp_data_file *f, const mpp_field_info *field, size_t count)
{
  return count == 1 && !mpp_h5_has(f->id, field->name) ? "tensor" : field->name;
}

/* Which datasets are the fields. A known label asks for those of its system, whatever else there
 * is; otherwise the arrays speak for the system whose fields they are. */
static mpp_status find_fields(mpp_data_file *f, const char *asked_label)
{
  mpp_status st = MPP_OK;
  mpp_name name[MPP_MAX_FIELDS], label;
  size_t count = 0, known = 0;
  const char *content = "";
  const mpp_field_info *field;
  MPP_TRY(mpp_file_layout_label(label, f, asked_label));
  const mpp_field_info *asked = mpp_system_fields(&known, label);
  MPP_TRY(find_arrays(name, &count, f));
  for (size_t i = 0; i < known; i++) {
    const char *dataset = dataset_of(f, &asked[i], known);
    MPP_REQUIRE(mpp_h5_has(f->id, dataset), MPP_ERR_DATA,
                "%s: %s: dataset not there, expected for system '%s'", f->path, asked[i].name,
                label);
    snprintf(name[i], sizeof name[i], "%s", dataset);
  }
  count = asked != NULL ? known : count;
  for (size_t i = 0; asked == NULL && content[0] == '\0' && (field = mpp_field_at(i)) != NULL;
       i++) {
    content = take_order(name, count, field->system) ? field->system : "";
  }
  memcpy(f->dataset, name, sizeof name);
  MPP_TRY(mpp_file_layout_name(f, label, content, (const mpp_name *)name, count));
done:
  return st;
}

static mpp_status describe(mpp_data_file *f, const char *label)
{
  mpp_status st = MPP_OK;
  size_t shape[MPP_H5_MAX_RANK] = {0}, other[MPP_H5_MAX_RANK] = {0};
  int rank = 0, naxes = 0;
  for (int a = 0; a < 3; a++) { naxes += mpp_h5_has(f->id, coordinate[a]); }
  assert(naxes <= 3);
  MPP_REQUIRE(naxes > 0 && mpp_h5_has(f->id, coordinate[naxes - 1]), MPP_ERR_DATA,
              "%s: %s: not there, expected x-coordinate, y-coordinate of the cells", f->path,
              coordinate[naxes > 0 ? naxes - 1 : 0]);
  MPP_TRY(find_fields(f, label));
  MPP_TRY(mpp_h5_shape(shape, &rank, f->id, f->path, f->dataset[0]));
  f->lead = rank - naxes - 1;
  MPP_REQUIRE(f->lead >= 0 && f->lead <= 2 && (f->lead < 2 || shape[0] == 1), MPP_ERR_DATA,
              "%s: %s: found %d axes with %d coordinates, expected [sample, time, %s]", f->path,
              f->dataset[0], rank, naxes,
              naxes == 1   ? "x"
              : naxes == 2 ? "x, y"
                           : "x, y, z");
  MPP_TRY(mpp_file_layout_shape(shape, f, f->dataset[0], rank));
  for (size_t i = 1; i < f->nfields; i++) {
    MPP_TRY(mpp_file_layout_shape(other, f, f->dataset[i], rank));
    for (int a = 0; a < rank; a++) {
      MPP_REQUIRE(other[a] == shape[a], MPP_ERR_DATA,
                  "%s: %s: axis %d has %zu entries, expected %zu as in %s", f->path, f->dataset[i],
                  a, other[a], shape[a], f->dataset[0]);
    }
  }
  f->ntrajectories = f->lead == 0 ? 1 : shape[f->lead - 1];
  f->nframes = shape[f->lead];
  mpp_file_layout_axes(f, axis_name, shape + f->lead + 1, (size_t)naxes);
  for (int a = 0; a < naxes; a++) {
    MPP_TRY(mpp_file_layout_vector(f, coordinate[a], shape[f->lead + 1 + a], 0));
  }
  if (f->nframes > 1 || mpp_h5_has(f->id, "t-coordinate")) { /* a steady state has no time */
    MPP_TRY(mpp_file_layout_vector(f, "t-coordinate", f->nframes, 1));
  }
done:
  return st;
}

static mpp_status read_frames(const mpp_data_file *f, float *buffer, mpp_view view[MPP_MAX_FIELDS],
                              size_t trajectory, size_t start, size_t count)
{
  mpp_status st = MPP_OK;
  const size_t cells = f->grid[0] * f->grid[1] * f->grid[2];
  size_t from[MPP_H5_MAX_RANK] = {0}, box[MPP_H5_MAX_RANK] = {1, 1};
  int rank = f->lead;
  if (f->lead > 0) {
    from[f->lead - 1] = trajectory;
  }
  from[rank] = start;
  box[rank++] = count;
  for (int a = 0; a < 3; a++) {
    if (f->axis[a][0] != '\0') {
      box[rank++] = f->grid[a];
    }
  }
  for (size_t c = 0; c < f->nfields; c++) {
    float *x = buffer + c * count * cells;
    MPP_TRY(mpp_h5_read_f32(x, f->id, f->path, f->dataset[c], from, box));
    view[c] = (mpp_view){.base = x, .frame = cells, .step = 1};
    snprintf(view[c].object, sizeof view[c].object, "%s", f->dataset[c]);
  }
done:
  return st;
}

static mpp_status times(const mpp_data_file *f, double *t, size_t trajectory)
{
  const size_t start = 0;
  (void)trajectory; /* all have the same */
  if (!mpp_h5_has(f->id, "t-coordinate")) {
    t[0] = 0.0;
    return MPP_OK;
  }
  return mpp_h5_read_f64(t, f->id, f->path, "t-coordinate", &start, &f->nframes);
}

static mpp_status coordinates(const mpp_data_file *f, double *x, int axis)
{
  char name[24];
  const size_t start = 0;
  snprintf(name, sizeof name, "%s-coordinate", f->axis[axis]);
  return mpp_h5_read_f64(x, f->id, f->path, name, &start, &f->grid[axis]);
}

const mpp_file_layout mpp_file_layout_array = {
    .name = "pdebench-array",
    .matches = matches,
    .describe = describe,
    .verify = NULL,
    .read = read_frames,
    .times = times,
    .coordinates = coordinates,
};
