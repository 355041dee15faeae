/* described_scale.c - times, coordinates and parameters by a description, and whether the file is
 * as its description says. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "described.h"

/* Reads entries of the axis `role` of an array; axes of samples at `trajectory`, others at 0. */
static mpp_status read_line(double *out, const mpp_data_file *f, const mpp_described_array *a,
                            mpp_axis_role role, size_t n, size_t trajectory)
{
  mpp_status st = MPP_OK;
  mpp_object_name object;
  size_t shape[MPP_H5_MAX_RANK], start[MPP_H5_MAX_RANK] = {0}, count[MPP_H5_MAX_RANK];
  for (int i = 0; i < a->rank; i++) {
    start[i] = a->role[i] == MPP_ROLE_SAMPLE ? trajectory : a->index[i];
    count[i] = a->role[i] == role ? n : 1;
  }
  MPP_TRY(mpp_described_object(object, f, a, trajectory));
  if (f->group != NULL) { /* what is described is that of the first */
    MPP_TRY(mpp_file_layout_shape(shape, f, object, a->rank));
  }
  MPP_TRY(mpp_array_read_f64(out, &f->file, object, start, NULL, count));
  for (size_t i = 0; a->scale != 0.0 && i < n; i++) { out[i] = out[i] * a->scale + a->offset; }
done:
  return st;
}

static mpp_status read_scale(double *out, const mpp_data_file *f, const mpp_described_scale *s,
                             mpp_axis_role role, size_t n, size_t trajectory)
{
  mpp_status st = MPP_OK;
  size_t found = 0;
  if (s->attribute[0] != '\0') {
    const char *object = s->array.path[0] != '\0' ? s->array.path : "/";
    MPP_TRY(mpp_array_numbers(out, &found, 1, &f->file, object, s->attribute));
    MPP_REQUIRE(found == 1, MPP_ERR_DATA, "%s: attribute '%s' of %s: not there, expected a number",
                f->path, s->attribute, object);
    found = n > 1 ? 1 : n;
  } else if (s->array.path[0] != '\0') {
    MPP_TRY(read_line(out, f, &s->array, role, n, trajectory));
    found = n;
  }
  for (size_t i = found; i < n; i++) { out[i] = s->first + (double)i * s->step; }
done:
  return st;
}

mpp_status mpp_described_times(const mpp_data_file *f, double *t, size_t trajectory)
{
  return read_scale(t, f, &f->about->time, MPP_ROLE_TIME, f->about->nframes, trajectory);
}

mpp_status mpp_described_coordinates(const mpp_data_file *f, double *x, int axis)
{
  return read_scale(x, f, &f->about->space[axis], (mpp_axis_role)(MPP_ROLE_SPACE + axis),
                    f->about->grid[axis], 0);
}

mpp_status mpp_described_parameters(const mpp_data_file *f, double *value, size_t trajectory)
{
  mpp_status st = MPP_OK;
  for (size_t i = 0; i < f->about->nparameters; i++) {
    const mpp_described_parameter *p = &f->about->parameter[i];
    if (p->varies) {
      value[i] = NAN;
    } else if (p->array.path[0] == '\0') {
      value[i] = p->value;
    } else {
      MPP_TRY(read_line(&value[i], f, &p->array, MPP_ROLE_NONE, 1, trajectory));
    }
  }
done:
  return st;
}

/* ---- checks ---- */

/* Holds an array at the shape of its description; `surplus`: its times may be one more. */
static mpp_status check_array(const mpp_data_file *f, const mpp_described_array *a,
                              size_t trajectory)
{
  mpp_status st = MPP_OK;
  mpp_object_name object;
  size_t shape[MPP_H5_MAX_RANK];
  MPP_TRY(mpp_described_object(object, f, a, trajectory));
  MPP_TRY(mpp_file_layout_shape(shape, f, object, a->rank));
  for (int i = 0; i < a->rank; i++) {
    const char *as_in = f->group != NULL ? " as in group '" : "";
    MPP_REQUIRE(shape[i] == a->length[i], MPP_ERR_DATA,
                "%s: %s: axis %d has %zu entries, expected %zu%s%s%s", f->path, object, i, shape[i],
                a->length[i], as_in, f->group != NULL ? f->group[0] : "",
                f->group != NULL ? "'" : "");
  }
done:
  return st;
}

mpp_status mpp_described_check_group(const mpp_data_file *f, size_t trajectory)
{
  mpp_status st = MPP_OK;
  for (size_t i = 0; i < f->about->narrays; i++) {
    MPP_TRY(check_array(f, &f->about->array[i], trajectory));
  }
done:
  return st;
}

mpp_status mpp_described_verify(const mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  for (size_t i = 0; f->group != NULL && i < f->about->ntrajectories; i++) {
    MPP_TRY(mpp_described_check_group(f, i));
  }
done:
  return st;
}

/* The length that an axis of this role has in the whole dataset; 0: any. */
static size_t expected_length(const mpp_description *d, mpp_axis_role role)
{
  switch (role) {
  case MPP_ROLE_SAMPLE:
    return d->has_sample_axis ? d->ntrajectories : 0;
  case MPP_ROLE_TIME:
    return d->nframes;
  case MPP_ROLE_NONE:
  case MPP_ROLE_COMPONENT:
  case MPP_ROLE_FIXED:
    return 0;
  default:
    return d->grid[role - MPP_ROLE_SPACE];
  }
}

static const char *role_name(const mpp_description *d, mpp_axis_role role)
{
  return role == MPP_ROLE_SAMPLE ? "sample"
         : role == MPP_ROLE_TIME ? (d->time.name[0] != '\0' ? d->time.name : "time")
                                 : d->space[role - MPP_ROLE_SPACE].name;
}

/* All arrays have the same grid, frames and samples. */
static mpp_status check_lengths(const mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  const mpp_description *d = f->about;
  for (size_t i = 0; i < d->narrays; i++) {
    const mpp_described_array *a = &d->array[i];
    for (int k = 0; k < a->rank; k++) {
      const size_t expected = expected_length(d, a->role[k]);
      MPP_REQUIRE(expected == 0 || a->length[k] == expected, MPP_ERR_DATA,
                  "%s: %s: axis %d (%s) has %zu entries, expected %zu as in %s", f->path, a->path,
                  k, role_name(d, a->role[k]), a->length[k], expected,
                  i > 0 ? d->array[0].path : "the coordinates of this axis");
      MPP_REQUIRE(a->role[k] != MPP_ROLE_FIXED || a->index[k] < a->length[k], MPP_ERR_DATA,
                  "%s: %s: entry %zu of axis %d, expected 0 to %zu", f->path, a->path, a->index[k],
                  k, a->length[k] - 1);
    }
  }
done:
  return st;
}

mpp_status mpp_described_check(const mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  const mpp_description *d = f->about;
  MPP_REQUIRE(d->npredicted > 0, MPP_ERR_DATA, "%s: has no field to predict", f->path);
  MPP_REQUIRE(d->npredicted <= MPP_MAX_FIELDS && d->nfields - d->npredicted <= MPP_MAX_FIELDS,
              MPP_ERR_DATA, "%s: %zu fields, expected 1 to %d", f->path, d->npredicted,
              MPP_MAX_FIELDS);
  MPP_REQUIRE(d->ntrajectories > 0 && d->nframes > 0, MPP_ERR_DATA,
              "%s: %zu trajectories of %zu frames", f->path, d->ntrajectories, d->nframes);
  MPP_TRY(check_lengths(f));
  for (size_t i = 0; i < d->narrays && f->group == NULL; i++) {
    MPP_TRY(check_array(f, &d->array[i], 0));
  }
done:
  return st;
}
