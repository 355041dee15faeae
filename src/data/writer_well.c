/* writer_well.c - layout "the-well" (PolymathicAI/the_well, docs/data_format.md): t0_fields,
 * t1_fields and t2_fields [sample, time, space.., components..], dimensions, boundary_conditions
 * with masks of the ends of each axis, scalars. Attributes have the types that h5py gives them,
 * since The Well's reader takes them as they are. Coordinates and times are float64, so that
 * nothing of them is lost. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "writer_impl.h"

static size_t axes_of(const mpp_writer *w)
{
  size_t n = 0;
  for (int a = 0; a < 3; a++) { n += w->axis[a][0] != '\0'; }
  return n;
}

static size_t power(size_t base, int exponent)
{
  size_t value = 1;
  for (int i = 0; i < exponent; i++) { value *= base; }
  return value;
}

static mpp_status make_group(hid_t *out, const mpp_writer *w, hid_t parent, const char *name)
{
  mpp_status st = MPP_OK;
  MPP_WRITE(w, *out = H5Gcreate2(parent, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), name);
done:
  return st;
}

/* Flags that every array and group of this layout has; `time` NULL: it has none. */
static mpp_status put_flags(const mpp_writer *w, hid_t object, bool sample, bool time)
{
  mpp_status st = MPP_OK;
  MPP_TRY(mpp_h5_write_attribute_bool(object, w->final, "sample_varying", sample));
  MPP_TRY(mpp_h5_write_attribute_bool(object, w->final, "time_varying", time));
done:
  return st;
}

/* A dataset of float64, all of it, with its flags. */
static mpp_status put_doubles(const mpp_writer *w, hid_t parent, const char *name, const double *x,
                              const size_t *shape, int rank, bool sample)
{
  mpp_status st = MPP_OK;
  hid_t space = -1, dataset = -1;
  hsize_t extent[2] = {0};
  for (int i = 0; i < rank; i++) { extent[i] = shape[i]; }
  MPP_WRITE(w, space = rank == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(rank, extent, NULL),
            name);
  MPP_WRITE(w,
            dataset = H5Dcreate2(parent, name, H5T_IEEE_F64LE, space, H5P_DEFAULT, H5P_DEFAULT,
                                 H5P_DEFAULT),
            name);
  MPP_WRITE(w, H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, x), name);
  MPP_TRY(put_flags(w, dataset, sample, false));
  MPP_TRY(mpp_writer_close(w, &dataset, name));
done:
  if (dataset >= 0) {
    H5Dclose(dataset);
  }
  if (space >= 0) {
    H5Sclose(space);
  }
  return st;
}

/* ---- dimensions ---- */

static mpp_status put_dimensions(mpp_writer *w)
{
  mpp_status st = MPP_OK;
  hid_t group = -1;
  const char *names[3];
  size_t n = 0;
  const bool own = w->well->times != NULL;
  const size_t times[2] = {w->ntrajectories, w->nframes};
  MPP_TRY(make_group(&group, w, w->file, "dimensions"));
  for (int a = 0; a < 3; a++) {
    if (w->axis[a][0] != '\0') {
      names[n++] = w->axis[a];
      MPP_TRY(put_doubles(w, group, w->axis[a], w->coordinate[a], &w->grid[a], 1, false));
    }
  }
  MPP_TRY(mpp_h5_write_attribute_texts(group, w->final, "spatial_dims", names, n));
  MPP_TRY(put_doubles(w, group, "time", own ? w->well->times : w->time, own ? times : times + 1,
                      own ? 2 : 1, own));
  MPP_TRY(mpp_writer_close(w, &group, "dimensions"));
done:
  if (group >= 0) {
    H5Gclose(group);
  }
  return st;
}

/* ---- boundary conditions ---- */

static mpp_status put_mask(const mpp_writer *w, hid_t group, size_t length, bool low, bool high)
{
  mpp_status st = MPP_OK;
  signed char *mask = NULL;
  hid_t type = -1, space = -1, dataset = -1;
  const hsize_t extent = length;
  MPP_TRY(MPP_ALLOC(&mask, length));
  mask[0] = low ? 1 : 0;
  mask[length - 1] = high || (length == 1 && low) ? 1 : 0;
  MPP_TRY(mpp_h5_bool_type(&type, w->final));
  MPP_WRITE(w, space = H5Screate_simple(1, &extent, NULL), "mask");
  MPP_WRITE(w,
            dataset = H5Dcreate2(group, "mask", type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
            "mask");
  MPP_WRITE(w, H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, mask), "mask");
  MPP_TRY(mpp_writer_close(w, &dataset, "mask"));
done:
  if (dataset >= 0) {
    H5Dclose(dataset);
  }
  if (space >= 0) {
    H5Sclose(space);
  }
  if (type >= 0) {
    H5Tclose(type);
  }
  mpp_free(mask);
  return st;
}

/* One kind of boundary at one end of an axis, or at both: "y_wall". */
static mpp_status put_boundary(const mpp_writer *w, hid_t parent, int axis, mpp_side kind)
{
  static const char *const names[] = {
      [MPP_SIDE_OPEN] = "open", [MPP_SIDE_PERIODIC] = "periodic", [MPP_SIDE_WALL] = "wall"};
  static const char *const types[] = {
      [MPP_SIDE_OPEN] = "OPEN", [MPP_SIDE_PERIODIC] = "PERIODIC", [MPP_SIDE_WALL] = "WALL"};
  mpp_status st = MPP_OK;
  const mpp_side *edge = w->well->edge[axis];
  const char *dim = w->axis[axis];
  char name[48];
  hid_t group = -1;
  snprintf(name, sizeof name, "%.31s_%s", dim, names[kind]);
  MPP_TRY(make_group(&group, w, parent, name));
  MPP_TRY(mpp_h5_write_attribute_texts(group, w->final, "associated_dims", &dim, 1));
  MPP_TRY(mpp_h5_write_attribute_texts(group, w->final, "associated_fields", NULL, 0));
  MPP_TRY(mpp_h5_write_attribute_text(group, w->final, "bc_type", types[kind]));
  MPP_TRY(put_flags(w, group, false, false));
  MPP_TRY(put_mask(w, group, w->grid[axis], edge[0] == kind, edge[1] == kind));
  MPP_TRY(mpp_writer_close(w, &group, name));
done:
  if (group >= 0) {
    H5Gclose(group);
  }
  return st;
}

/* All kinds that an axis has. */
static mpp_status put_axis(const mpp_writer *w, hid_t parent, int axis)
{
  mpp_status st = MPP_OK;
  const mpp_side *edge = w->well->edge[axis];
  MPP_TRY(put_boundary(w, parent, axis, edge[0]));
  if (edge[1] != edge[0]) {
    MPP_TRY(put_boundary(w, parent, axis, edge[1]));
  }
done:
  return st;
}

static mpp_status put_boundaries(mpp_writer *w)
{
  mpp_status st = MPP_OK;
  hid_t group = -1;
  MPP_TRY(make_group(&group, w, w->file, "boundary_conditions"));
  for (int a = 0; a < 3; a++) {
    if (w->axis[a][0] != '\0') {
      MPP_TRY(put_axis(w, group, a));
    }
  }
  MPP_TRY(mpp_writer_put_mask(w, group));
  MPP_TRY(mpp_writer_close(w, &group, "boundary_conditions"));
done:
  if (group >= 0) {
    H5Gclose(group);
  }
  return st;
}

/* ---- scalars ---- */

/* Values of a parameter [ntrajectories]: 0 where some are no numbers, 1 where all are the same,
 * else 2. */
static int kind_of_parameter(double *column, const mpp_writer *w, size_t index)
{
  int kind = 1;
  for (size_t i = 0; i < w->ntrajectories; i++) {
    column[i] = w->well->value[i * w->well->nparameters + index];
    if (!isfinite(column[i])) {
      return 0;
    }
    kind = column[i] == column[0] ? kind : 2;
  }
  return kind;
}

/* What is the same in all trajectories is an attribute of the file, too. */
static mpp_status put_scalars(mpp_writer *w)
{
  mpp_status st = MPP_OK;
  hid_t group = -1;
  double *column = NULL;
  const char *names[MPP_MAX_PARAMETERS], *same[MPP_MAX_PARAMETERS];
  size_t n = 0, nsame = 0;
  MPP_TRY(MPP_ALLOC(&column, w->ntrajectories));
  MPP_TRY(make_group(&group, w, w->file, "scalars"));
  for (size_t i = 0; i < w->well->nparameters; i++) {
    const char *name = w->well->parameter[i];
    const int kind = kind_of_parameter(column, w, i);
    if (kind == 0) {
      continue;
    }
    names[n++] = name;
    MPP_TRY(put_doubles(w, group, name, column, &w->ntrajectories, kind - 1, kind == 2));
    if (kind == 1) {
      same[nsame++] = name;
      MPP_TRY(mpp_h5_write_attribute_f64(w->file, w->final, name, column[0]));
    }
  }
  MPP_TRY(mpp_h5_write_attribute_texts(group, w->final, "field_names", names, n));
  MPP_TRY(mpp_h5_write_attribute_texts(w->file, w->final, "simulation_parameters", same, nsame));
  MPP_TRY(mpp_writer_close(w, &group, "scalars"));
done:
  if (group >= 0) {
    H5Gclose(group);
  }
  mpp_free(column);
  return st;
}

/* ---- fields ---- */

static mpp_status make_array(mpp_writer *w, hid_t group, size_t index)
{
  mpp_status st = MPP_OK;
  const mpp_writer_part *part = &w->well->part[index];
  const bool once = part->first >= w->nfields, all[3] = {true, true, true};
  const size_t ndims = axes_of(w);
  const char *units = w->well->units[part->first], *long_name = w->well->long_name[part->first];
  size_t shape[MPP_H5_MAX_RANK] = {w->ntrajectories, w->nframes};
  int rank = mpp_writer_space(shape, once ? 1 : 2, w);
  for (int i = 0; i < part->order; i++) { shape[rank++] = ndims; }
  hid_t *dataset = &w->open[index];
  MPP_TRY(mpp_writer_dataset(dataset, w, group, part->name, shape, rank, 1));
  MPP_TRY(put_flags(w, *dataset, true, !once));
  MPP_TRY(mpp_h5_write_attribute_bools(*dataset, w->final, "dim_varying", all, ndims));
  if (part->order == 2) {
    MPP_TRY(mpp_h5_write_attribute_bool(*dataset, w->final, "symmetric", false));
    MPP_TRY(mpp_h5_write_attribute_bool(*dataset, w->final, "antisymmetric", false));
  }
  if (units != NULL && units[0] != '\0') {
    MPP_TRY(mpp_h5_write_attribute_text(*dataset, w->final, "units", units));
  }
  if (part->order == 0 && long_name != NULL && long_name[0] != '\0') {
    MPP_TRY(mpp_h5_write_attribute_text(*dataset, w->final, "long_name", long_name));
  }
done:
  return st;
}

static mpp_status put_fields(mpp_writer *w, int order)
{
  mpp_status st = MPP_OK;
  hid_t group = -1;
  const char *names[MPP_MAX_FIELDS];
  size_t n = 0;
  char name[16];
  snprintf(name, sizeof name, "t%d_fields", order);
  MPP_TRY(make_group(&group, w, w->file, name));
  for (size_t i = 0; i < w->well->nparts; i++) {
    if (w->well->part[i].order == order) {
      names[n++] = w->well->part[i].name;
      MPP_TRY(make_array(w, group, i));
    }
  }
  MPP_TRY(mpp_h5_write_attribute_texts(group, w->final, "field_names", names, n));
  MPP_TRY(mpp_writer_close(w, &group, name));
done:
  if (group >= 0) {
    H5Gclose(group);
  }
  return st;
}

static mpp_status check_parts(const mpp_writer *w)
{
  mpp_status st = MPP_OK;
  size_t next = 0;
  for (size_t i = 0; i < w->well->nparts; i++) {
    const mpp_writer_part *part = &w->well->part[i];
    MPP_REQUIRE(part->first == next && part->order >= 0 && part->order <= 2, MPP_ERR_USAGE,
                "%s: array '%s' begins at field %zu with order %d, expected field %zu", w->final,
                part->name, part->first, part->order, next);
    next += power(axes_of(w), part->order);
    MPP_REQUIRE(next <= w->nfields || (part->first >= w->nfields && part->order == 0),
                MPP_ERR_USAGE, "%s: array '%s' has fields with time and without", w->final,
                part->name);
  }
  MPP_REQUIRE(next == w->nfields + w->nonce, MPP_ERR_USAGE,
              "%s: arrays of %zu fields, expected %zu", w->final, next, w->nfields + w->nonce);
done:
  return st;
}

static mpp_status begin(mpp_writer *w)
{
  mpp_status st = MPP_OK;
  MPP_TRY(check_parts(w));
  MPP_TRY(mpp_h5_write_attribute_text(w->file, w->final, "dataset_name", w->well->name));
  MPP_TRY(mpp_h5_write_attribute_text(w->file, w->final, "grid_type", "cartesian"));
  MPP_TRY(mpp_h5_write_attribute_i64(w->file, w->final, "n_spatial_dims", (long long)axes_of(w)));
  MPP_TRY(
      mpp_h5_write_attribute_i64(w->file, w->final, "n_trajectories", (long long)w->ntrajectories));
  MPP_TRY(put_dimensions(w));
  MPP_TRY(put_boundaries(w));
  MPP_TRY(put_scalars(w));
  for (int order = 0; order < 3; order++) { MPP_TRY(put_fields(w, order)); }
done:
  return st;
}

static mpp_status append(mpp_writer *w, const float *x, const float *once, const mpp_note *notes,
                         size_t nnotes)
{
  mpp_status st = MPP_OK;
  MPP_TRY(mpp_writer_sample_notes(w, notes, nnotes));
  for (size_t i = 0; i < w->well->nparts; i++) {
    const mpp_writer_part *part = &w->well->part[i];
    const size_t count = power(axes_of(w), part->order);
    const mpp_box box = part->first < w->nfields
                            ? mpp_writer_frames(w, x, part->first, count)
                            : mpp_writer_once(w, once, part->first - w->nfields, count);
    MPP_TRY(mpp_writer_chunks(w, w->open[i], part->name, 1, &box));
  }
done:
  return st;
}

const mpp_writer_layout mpp_writer_layout_well = {
    .name = "the-well",
    .axes = {NULL, NULL, NULL},
    .times = true,
    .begin = begin,
    .append = append,
};
