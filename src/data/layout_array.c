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

static bool matches(const mpp_data_file *f)
{
  const hid_t id = f->file.h5;
  static const char *const telling[] = {"x-coordinate", "t-coordinate", "tensor", "density", "Vx"};
  for (size_t i = 0; i < sizeof telling / sizeof telling[0]; i++) {
    if (id >= 0 && mpp_h5_has(id, telling[i])) {
      return true;
    }
  }
  return false;
}

/* Is it a dataset of numbers? Groups, texts and links that lead nowhere are no fields; what cannot
 * be read of a dataset of numbers is a fault of the file. */
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
  MPP_TRY(mpp_h5_members(&member, &nmembers, f->file.h5, f->path, "/"));
  for (size_t i = 0; i < nmembers; i++) {
    if (!is_array(f->file.h5, member[i])) {
      continue;
    }
    MPP_TRY(mpp_h5_shape(shape, &rank, f->file.h5, f->path, member[i]));
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
  return count == 1 && !mpp_h5_has(f->file.h5, field->name) ? "tensor" : field->name;
}

/* Which datasets are the fields. A known label asks for those of its system, whatever else there
 * is; otherwise the arrays speak for the system whose fields they are. Names of fields are those of
 * their datasets until mpp_file_layout_name. */
static mpp_status find_fields(mpp_name name[MPP_MAX_FIELDS], size_t *nfields, mpp_name label,
                              const char **content, const mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  size_t count = 0, known = 0;
  const mpp_field_info *field;
  *content = "";
  MPP_TRY(mpp_file_layout_label(label, f));
  const mpp_field_info *asked = mpp_system_fields(&known, label);
  MPP_TRY(find_arrays(name, &count, f));
  for (size_t i = 0; i < known; i++) {
    const char *dataset = dataset_of(f, &asked[i], known);
    MPP_REQUIRE(mpp_h5_has(f->file.h5, dataset), MPP_ERR_DATA,
                "%s: %s: dataset not there, expected for system '%s'", f->path, asked[i].name,
                label);
    snprintf(name[i], sizeof name[i], "%s", dataset);
  }
  count = asked != NULL ? known : count;
  for (size_t i = 0; asked == NULL && (*content)[0] == '\0' && (field = mpp_field_at(i)) != NULL;
       i++) {
    *content = take_order(name, count, field->system) ? field->system : "";
  }
  *nfields = count;
done:
  return st;
}

/* Where the files of a scalar family have its name and the fields do not tell (tensor), the name of
 * the file does: as PDEBench names them. */
static const char *system_of_name(const char *path, const mpp_name *name, size_t nfields)
{
  static const struct {
    const char *in_name, *system;
  } families[] = {{"Advection", "advection"},
                  {"Burgers", "burgers"},
                  {"ReacDiff", "reacdiff"},
                  {"DarcyFlow", "darcy"}};
  const char *slash = strrchr(path, '/');
  for (size_t i = 0;
       nfields == 1 && strcmp(name[0], "tensor") == 0 && i < sizeof families / sizeof families[0];
       i++) {
    if (strstr(slash != NULL ? slash : path, families[i].in_name) != NULL) {
      return families[i].system;
    }
  }
  return "";
}

/* All arrays have the shape of the first, a leading axis of devices has length 1. */
static mpp_status describe_arrays(mpp_data_file *f, const mpp_name *name, size_t nfields, int naxes)
{
  mpp_status st = MPP_OK;
  mpp_description *d = f->about;
  size_t shape[MPP_H5_MAX_RANK] = {0}, other[MPP_H5_MAX_RANK] = {0};
  mpp_axis_role role[MPP_H5_MAX_RANK] = {MPP_ROLE_NONE};
  int rank = 0;
  MPP_TRY(mpp_array_shape(shape, &rank, &f->file, name[0]));
  const int lead = rank - naxes - 1;
  MPP_REQUIRE(lead >= 0 && lead <= 2 && (lead < 2 || shape[0] == 1), MPP_ERR_DATA,
              "%s: %s: found %d axes with %d coordinates, expected [sample, time, %s]", f->path,
              name[0], rank, naxes,
              naxes == 1   ? "x"
              : naxes == 2 ? "x, y"
                           : "x, y, z");
  MPP_TRY(mpp_file_layout_shape(shape, f, name[0], rank));
  for (int a = 0; a < rank; a++) {
    role[a] = a > lead        ? (mpp_axis_role)(MPP_ROLE_SPACE + 3 - rank + a)
              : a == lead     ? MPP_ROLE_TIME
              : a == lead - 1 ? MPP_ROLE_SAMPLE
                              : MPP_ROLE_FIXED;
  }
  d->has_sample_axis = lead > 0;
  d->ntrajectories = lead == 0 ? 1 : shape[lead - 1];
  d->nframes = shape[lead];
  mpp_file_layout_axes(d, axis_name, shape + lead + 1, (size_t)naxes);
  for (size_t i = 0; i < nfields; i++) {
    size_t array = 0;
    MPP_TRY(mpp_file_layout_shape(other, f, name[i], rank));
    for (int a = 0; a < rank; a++) {
      MPP_REQUIRE(other[a] == shape[a], MPP_ERR_DATA,
                  "%s: %s: axis %d has %zu entries, expected %zu as in %s", f->path, name[i], a,
                  other[a], shape[a], name[0]);
    }
    MPP_TRY(mpp_describe_array(d, &array, name[i], f->path, rank, shape, role));
    MPP_TRY(mpp_describe_field(d, f->path, name[i], array, 0));
  }
done:
  return st;
}

/* A map beside the solution, constant in time: nu [sample, x, y] of Darcy flow, c of waves. */
static mpp_status describe_map(mpp_data_file *f, const char *name)
{
  mpp_status st = MPP_OK;
  mpp_description *d = f->about;
  const mpp_described_array *first = &d->array[0];
  size_t shape[MPP_H5_MAX_RANK] = {0}, array = 0;
  int rank = 0;
  MPP_TRY(mpp_array_shape(shape, &rank, &f->file, name));
  mpp_axis_role role[MPP_H5_MAX_RANK] = {MPP_ROLE_NONE};
  bool fits = rank == first->rank - 1;
  for (int i = 0, k = 0; i < first->rank && fits; i++) {
    if (first->role[i] != MPP_ROLE_TIME) {
      fits = shape[k] == first->length[i];
      role[k++] = first->role[i];
    }
  }
  if (fits) {
    MPP_TRY(mpp_describe_array(d, &array, name, f->path, rank, shape, role));
    MPP_TRY(mpp_describe_field(d, f->path, name, array, 0));
    d->field[d->nfields - 1].given = d->field[d->nfields - 1].constant = true;
  }
done:
  return st;
}

static mpp_status describe_maps(mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  char **member = NULL;
  size_t nmembers = 0;
  MPP_TRY(mpp_h5_members(&member, &nmembers, f->file.h5, f->path, "/"));
  for (size_t i = 0; i < nmembers; i++) {
    if (strlen(member[i]) < MPP_NAME_MAX && is_array(f->file.h5, member[i])) {
      MPP_TRY(describe_map(f, member[i]));
    }
  }
done:
  mpp_h5_members_free(member, nmembers);
  return st;
}

static mpp_status describe(mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  mpp_description *d = f->about;
  mpp_name name[MPP_MAX_FIELDS], label;
  const char *content = "";
  size_t nfields = 0;
  int naxes = 0;
  for (int a = 0; a < 3; a++) { naxes += mpp_h5_has(f->file.h5, coordinate[a]); }
  assert(naxes <= 3);
  MPP_REQUIRE(naxes > 0 && mpp_h5_has(f->file.h5, coordinate[naxes - 1]), MPP_ERR_DATA,
              "%s: %s: not there, expected x-coordinate, y-coordinate of the cells", f->path,
              coordinate[naxes > 0 ? naxes - 1 : 0]);
  MPP_TRY(find_fields(name, &nfields, label, &content, f));
  MPP_REQUIRE(nfields > 0, MPP_ERR_DATA, "%s: has no array of numbers beside coordinates", f->path);
  content = content[0] != '\0' ? content : system_of_name(f->path, (const mpp_name *)name, nfields);
  MPP_TRY(describe_arrays(f, (const mpp_name *)name, nfields, naxes));
  MPP_TRY(mpp_file_layout_name(f, label, content));
  MPP_TRY(describe_maps(f));
  for (int a = 0; a < naxes; a++) {
    const int grid = 3 - naxes + a;
    MPP_TRY(mpp_file_layout_vector(f, coordinate[a], d->grid[grid], 0));
    d->space[grid].array =
        mpp_file_layout_line(coordinate[a], (mpp_axis_role)(MPP_ROLE_SPACE + grid), d->grid[grid]);
  }
  snprintf(d->time.name, sizeof d->time.name, "t");
  if (d->nframes > 1 || mpp_h5_has(f->file.h5, "t-coordinate")) { /* a steady state has no time */
    MPP_TRY(mpp_file_layout_vector(f, "t-coordinate", d->nframes, 1));
    d->time.array = mpp_file_layout_line("t-coordinate", MPP_ROLE_TIME, d->nframes);
  }
  MPP_TRY(mpp_file_layout_edges(f));
done:
  return st;
}

const mpp_file_layout mpp_file_layout_array = {
    .name = "pdebench-array",
    .matches = matches,
    .describe = describe,
};
