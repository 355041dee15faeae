/* layout_well.c - The Well's HDF5 files (PolymathicAI/the_well, docs/data_format.md): groups
 * t0_fields, t1_fields, t2_fields (scalars, vectors, tensors), dimensions, boundary_conditions,
 * scalars. Fields have the axes [sample] [time] [the spatial dimensions that they vary along] and
 * one axis of components a rank; attributes say which there are. Components follow the order of
 * spatial_dims. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "guess.h"
#include "layout_well.h"
#include "text.h"

static bool matches(const mpp_data_file *f)
{
  return f->file.h5 >= 0 && mpp_h5_has(f->file.h5, "dimensions/time") &&
         mpp_h5_has(f->file.h5, "t0_fields") && mpp_h5_has(f->file.h5, "t1_fields");
}

mpp_status mpp_well_flag(bool *out, const mpp_data_file *f, const char *object, const char *key,
                         bool fallback)
{
  mpp_status st = MPP_OK;
  double value = 0.0;
  size_t found = 0;
  MPP_TRY(mpp_array_numbers(&value, &found, 1, &f->file, object, key));
  *out = found > 0 ? value != 0.0 : fallback;
done:
  return st;
}

/* Readers of these files trust the counts among the root's attributes, so those that are there must
 * be the arrays' own. */
static mpp_status check_count(const mpp_data_file *f, const char *key, size_t count,
                              const char *counted)
{
  mpp_status st = MPP_OK;
  double value = 0.0;
  size_t found = 0;
  MPP_TRY(mpp_array_numbers(&value, &found, 1, &f->file, "/", key));
  MPP_REQUIRE(found == 0 || value == (double)count, MPP_ERR_DATA,
              "%s: %s: found %.17g, expected %zu: %s", f->path, key, value, count, counted);
done:
  return st;
}

/* ---- dimensions ---- */

static mpp_status describe_space(mpp_data_file *f, char **dim, size_t count)
{
  mpp_status st = MPP_OK;
  mpp_description *d = f->about;
  size_t shape[MPP_H5_MAX_RANK], length[3] = {0};
  const char *names[3] = {dim[0], count > 1 ? dim[1] : "", count > 2 ? dim[2] : ""};
  for (size_t i = 0; i < count; i++) {
    mpp_object_name path;
    int rank = 0;
    MPP_REQUIRE(strlen(dim[i]) < sizeof(mpp_axis_name), MPP_ERR_DATA,
                "%s: dimensions: '%s' has %zu characters, expected at most %zu", f->path, dim[i],
                strlen(dim[i]), sizeof(mpp_axis_name) - 1);
    snprintf(path, sizeof path, "dimensions/%s", dim[i]);
    MPP_TRY(mpp_array_shape(shape, &rank, &f->file, path));
    MPP_REQUIRE(rank >= 1 && rank <= 3 && shape[rank - 1] > 0, MPP_ERR_DATA,
                "%s: %s: found %d axes, expected 1", f->path, path, rank);
    length[i] = shape[rank - 1];
  }
  mpp_file_layout_axes(d, names, length, count);
  for (size_t i = 0; i < count; i++) { /* those that vary by sample or in time: of the first */
    const size_t a = 3 - count + i;
    mpp_described_scale *s = &d->space[a];
    int rank = 0;
    snprintf(s->array.path, sizeof s->array.path, "dimensions/%s", dim[i]);
    MPP_TRY(mpp_array_shape(shape, &rank, &f->file, s->array.path));
    s->array.rank = rank;
    for (int k = 0; k < rank; k++) {
      s->array.length[k] = shape[k];
      s->array.role[k] = k == rank - 1 ? (mpp_axis_role)(MPP_ROLE_SPACE + (int)a) : MPP_ROLE_FIXED;
    }
  }
done:
  return st;
}

static mpp_status describe_time(mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  mpp_description *d = f->about;
  mpp_described_array *a = &d->time.array;
  int rank = 0;
  snprintf(d->time.name, sizeof d->time.name, "time");
  snprintf(a->path, sizeof a->path, "dimensions/time");
  MPP_TRY(mpp_array_shape(a->length, &rank, &f->file, a->path));
  MPP_REQUIRE(rank >= 1 && rank <= 2 && a->length[rank - 1] > 0, MPP_ERR_DATA,
              "%s: %s: found %d axes, expected [time] or [sample, time]", f->path, a->path, rank);
  a->rank = rank;
  a->role[0] = rank == 2 ? MPP_ROLE_SAMPLE : MPP_ROLE_TIME;
  a->role[1] = MPP_ROLE_TIME;
  d->nframes = a->length[rank - 1];
done:
  return st;
}

/* ---- fields ---- */

/* Which spatial dimensions a field varies along; all where the file does not say. */
static mpp_status read_varying(bool varying[3], const mpp_data_file *f, const char *object,
                               size_t ndims)
{
  mpp_status st = MPP_OK;
  double value[3] = {1.0, 1.0, 1.0};
  size_t found = 0;
  MPP_TRY(mpp_array_numbers(value, &found, 3, &f->file, object, "dim_varying"));
  MPP_REQUIRE(found == 0 || found == ndims, MPP_ERR_DATA,
              "%s: %s: dim_varying: found %zu entries, expected %zu", f->path, object, found,
              ndims);
  for (size_t i = 0; i < 3; i++) { varying[i] = value[i] != 0.0; }
done:
  return st;
}

/* Roles of the axes as the attributes have them. */
static mpp_status describe_roles(mpp_described_array *a, bool *constant, const mpp_data_file *f,
                                 size_t ndims, int order)
{
  mpp_status st = MPP_OK;
  bool sample = true, time = true, varying[3] = {true, true, true};
  int rank = 0, found = 0;
  MPP_TRY(mpp_well_flag(&sample, f, a->path, "sample_varying", true));
  MPP_TRY(mpp_well_flag(&time, f, a->path, "time_varying", true));
  MPP_TRY(read_varying(varying, f, a->path, ndims));
  if (sample) {
    a->role[rank++] = MPP_ROLE_SAMPLE;
  }
  if (time) {
    a->role[rank++] = MPP_ROLE_TIME;
  }
  for (size_t i = 0; i < ndims; i++) {
    if (varying[i]) {
      a->role[rank++] = (mpp_axis_role)(MPP_ROLE_SPACE + 3 - (int)ndims + (int)i);
    }
  }
  for (int i = 0; i < order; i++) { a->role[rank++] = MPP_ROLE_COMPONENT; }
  MPP_TRY(mpp_array_shape(a->length, &found, &f->file, a->path));
  MPP_REQUIRE(found == rank, MPP_ERR_DATA,
              "%s: %s: found %d axes, expected %d: %s%s%zu of space and %d of components", f->path,
              a->path, found, rank, sample ? "sample, " : "", time ? "time, " : "",
              (size_t)(rank - order - sample - time), order);
  for (int i = 0; i < order; i++) {
    MPP_REQUIRE(a->length[rank - 1 - i] == ndims, MPP_ERR_DATA,
                "%s: %s: axis %d has %zu components, expected %zu", f->path, a->path, rank - 1 - i,
                a->length[rank - 1 - i], ndims);
  }
  a->rank = rank;
  *constant = !time;
done:
  return st;
}

/* "velocity_x", "stress_xy" */
static void component_name(mpp_name out, const char *name, char **dim, size_t ndims, int order,
                           size_t k)
{
  snprintf(out, sizeof(mpp_name), "%.40s%s%.8s%.8s", name, order > 0 ? "_" : "",
           order == 2   ? dim[k / ndims]
           : order == 1 ? dim[k]
                        : "",
           order == 2 ? dim[k % ndims] : "");
}

/* The fields of one group, those constant in time or not. */
static mpp_status describe_group(mpp_data_file *f, int order, char **dim, size_t ndims,
                                 bool constants)
{
  mpp_status st = MPP_OK;
  mpp_description *d = f->about;
  char group[16], **name = NULL;
  size_t count = 0;
  snprintf(group, sizeof group, "t%d_fields", order);
  MPP_TRY(mpp_array_texts(&name, &count, &f->file, group, "field_names"));
  for (size_t i = 0; i < count; i++) {
    mpp_described_array a = {.rank = 0};
    bool constant = false;
    size_t array = 0;
    const int n = snprintf(a.path, sizeof a.path, "%s/%s", group, name[i]);
    MPP_REQUIRE(n > 0 && (size_t)n < sizeof a.path, MPP_ERR_DATA, "%s: %s: a name is too long",
                f->path, group);
    MPP_TRY(describe_roles(&a, &constant, f, ndims, order));
    if (constant != constants) {
      continue;
    }
    MPP_TRY(mpp_describe_array(d, &array, a.path, f->path, a.rank, a.length, a.role));
    for (size_t k = 0; k < mpp_described_components(&a); k++) {
      mpp_name own;
      component_name(own, name[i], dim, ndims, order, k);
      MPP_TRY(mpp_describe_field(d, f->path, own, array, k));
      mpp_described_field *field = &d->field[d->nfields - 1];
      field->given = field->constant = constant;
      MPP_TRY(
          mpp_read_names(field->units, field->long_name, field->standard_name, &f->file, a.path));
    }
  }
done:
  mpp_h5_members_free(name, count);
  return st;
}

static void count_samples(mpp_description *d)
{
  d->ntrajectories = 1;
  for (size_t i = 0; i < d->narrays && !d->has_sample_axis; i++) {
    const int axis = mpp_described_axis(&d->array[i], MPP_ROLE_SAMPLE);
    if (axis >= 0) {
      d->ntrajectories = d->array[i].length[axis];
      d->has_sample_axis = true;
    }
  }
}

/* ---- scalars ---- */

static mpp_status describe_scalar(mpp_data_file *f, const char *name)
{
  mpp_status st = MPP_OK;
  mpp_description *d = f->about;
  mpp_described_parameter p = {.value = 0.0};
  bool sample = false, time = false;
  int rank = 0;
  const int n = snprintf(p.array.path, sizeof p.array.path, "scalars/%s", name);
  mpp_copy_text(p.name, sizeof p.name, name); /* one that changes cannot be asked for */
  if (n < 0 || (size_t)n >= sizeof p.array.path || strcmp(p.name, name) != 0 ||
      d->nparameters == MPP_MAX_PARAMETERS) {
    return MPP_OK;
  }
  MPP_TRY(mpp_well_flag(&sample, f, p.array.path, "sample_varying", false));
  MPP_TRY(mpp_well_flag(&time, f, p.array.path, "time_varying", false));
  MPP_TRY(mpp_array_shape(p.array.length, &rank, &f->file, p.array.path));
  MPP_REQUIRE(rank == sample + time, MPP_ERR_DATA, "%s: %s: found %d axes, expected %d%s%s",
              f->path, p.array.path, rank, sample + time, sample ? ", sample" : "",
              time ? ", time" : "");
  MPP_REQUIRE(!sample || p.array.length[0] == d->ntrajectories, MPP_ERR_DATA,
              "%s: %s: found %zu samples, expected %zu", f->path, p.array.path, p.array.length[0],
              d->ntrajectories);
  p.array.rank = rank;
  p.array.role[0] = sample ? MPP_ROLE_SAMPLE : MPP_ROLE_TIME;
  p.array.role[1] = MPP_ROLE_TIME;
  p.varies = time;
  d->parameter[d->nparameters++] = p;
done:
  return st;
}

static mpp_status describe_scalars(mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  char **name = NULL;
  size_t count = 0;
  MPP_TRY(mpp_array_texts(&name, &count, &f->file, "scalars", "field_names"));
  for (size_t i = 0; i < count; i++) { MPP_TRY(describe_scalar(f, name[i])); }
done:
  mpp_h5_members_free(name, count);
  return st;
}

/* The label of the user, or else the name of the dataset. */
static mpp_status name_system(mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  char *text = NULL;
  mpp_name label;
  MPP_TRY(mpp_file_layout_label(label, f));
  MPP_TRY(mpp_array_text(&text, &f->file, "/", "dataset_name"));
  MPP_TRY(mpp_file_layout_name(f, label, text != NULL && text[0] != '\0' ? text : "well"));
done:
  mpp_free(text);
  return st;
}

static mpp_status describe(mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  mpp_description *d = f->about;
  char **dim = NULL;
  size_t ndims = 0;
  MPP_TRY(mpp_array_texts(&dim, &ndims, &f->file, "dimensions", "spatial_dims"));
  MPP_REQUIRE(ndims >= 1 && ndims <= 3, MPP_ERR_DATA,
              "%s: dimensions: spatial_dims: found %zu names, expected 1 to 3", f->path, ndims);
  MPP_TRY(check_count(f, "n_spatial_dims", ndims, "names in spatial_dims of dimensions"));
  MPP_TRY(describe_space(f, dim, ndims));
  MPP_TRY(describe_time(f));
  for (int order = 0; order < 3; order++) { MPP_TRY(describe_group(f, order, dim, ndims, false)); }
  MPP_REQUIRE(d->nfields > 0, MPP_ERR_DATA, "%s: has no field that varies in time", f->path);
  MPP_TRY(name_system(f));
  for (int order = 0; order < 3; order++) { MPP_TRY(describe_group(f, order, dim, ndims, true)); }
  count_samples(d);
  if (d->has_sample_axis) {
    MPP_TRY(check_count(f, "n_trajectories", d->ntrajectories, "samples of its fields"));
  }
  MPP_TRY(mpp_well_boundaries(f, ndims));
  MPP_TRY(describe_scalars(f));
done:
  mpp_h5_members_free(dim, ndims);
  return st;
}

const mpp_file_layout mpp_file_layout_well = {
    .name = "the-well",
    .matches = matches,
    .describe = describe,
};
