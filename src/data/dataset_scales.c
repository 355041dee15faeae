/* dataset_scales.c - times, coordinates, parameters and attributes of a dataset. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "aside.h"
#include "check.h"
#include "dataset_impl.h"

/* Values that were read, every step-th of them, if all are numbers. */
static mpp_status take_finite(double *out, const double *x, mpp_part part, const char *path,
                              const char *what)
{
  mpp_status st = MPP_OK;
  for (size_t i = 0; i < part.count; i++) {
    const size_t at = part.from + i * part.step;
    MPP_REQUIRE(isfinite(x[at]), MPP_ERR_DATA, "%s: %s: entry %zu: found %g, expected a number",
                path, what, at, x[at]);
  }
  for (size_t i = 0; i < part.count; i++) { out[i] = x[part.from + i * part.step]; }
done:
  return st;
}

/* Times of a whole run [frames]; where files have none, frames are numbered on. */
static mpp_status read_run(mpp_dataset *d, double *t, size_t run, size_t local)
{
  mpp_status st = MPP_OK;
  size_t before = 0;
  for (size_t k = 0; k < d->pieces; k++) {
    const size_t file = run * d->pieces + k;
    MPP_TRY(mpp_dataset_use_file(d, file));
    const mpp_described_scale *s = &d->open.about->time;
    MPP_TRY(mpp_described_times(&d->open, t + before, local));
    const bool numbered = s->array.path[0] == '\0' && s->attribute[0] == '\0';
    for (size_t i = 0; i < d->frames[file] && numbered; i++) {
      t[before + i] += (double)before * (s->step != 0.0 ? s->step : 1.0);
    }
    before += d->frames[file];
  }
done:
  return st;
}

mpp_status mpp_dataset_times(mpp_dataset *d, double *t, size_t trajectory)
{
  mpp_status st = MPP_OK;
  double *read = NULL;
  size_t run = 0, local = 0, frames = 0;
  if (d->maker != NULL) {
    d->maker->times(d->made_by, t);
    return MPP_OK;
  }
  mpp_h5_lock();
  MPP_TRY(mpp_dataset_locate(d, &run, &local, trajectory));
  for (size_t k = 0; k < d->pieces; k++) { frames += d->frames[run * d->pieces + k]; }
  MPP_TRY(MPP_ALLOC(&read, frames));
  MPP_TRY(read_run(d, read, run, local));
  MPP_TRY(take_finite(t, read, d->time, d->open.path, "times"));
done:
  mpp_h5_unlock();
  mpp_free(read);
  return st;
}

mpp_status mpp_dataset_coordinates(mpp_dataset *d, double *x, int axis)
{
  mpp_status st = MPP_OK;
  double *read = NULL;
  assert(axis >= 0 && axis < 3);
  if (d->maker != NULL) {
    d->maker->coordinates(d->made_by, x, axis);
    return MPP_OK;
  }
  if (d->info.axis[axis][0] == '\0') {
    x[0] = 0.0;
    return MPP_OK;
  }
  mpp_h5_lock();
  MPP_TRY(mpp_dataset_use_file(d, 0));
  MPP_TRY(MPP_ALLOC(&read, d->about->grid[axis]));
  MPP_TRY(mpp_described_coordinates(&d->open, read, axis));
  MPP_TRY(take_finite(x, read, d->space[axis], d->open.path, d->info.axis[axis]));
done:
  mpp_h5_unlock();
  mpp_free(read);
  return st;
}

mpp_status mpp_dataset_parameters(mpp_dataset *d, double *value, size_t trajectory)
{
  mpp_status st = MPP_OK;
  double own[MPP_MAX_PARAMETERS];
  size_t run = 0, local = 0;
  if (d->info.nparameters == 0) {
    return MPP_OK;
  }
  mpp_h5_lock();
  MPP_TRY(mpp_dataset_locate(d, &run, &local, trajectory));
  MPP_TRY(mpp_dataset_use_file(d, run * d->pieces));
  const mpp_description *a = d->open.about;
  MPP_TRY(mpp_described_parameters(&d->open, own, local));
  for (size_t i = 0; i < d->info.nparameters; i++) { /* files may have them in another order */
    value[i] = NAN;
    for (size_t k = 0; k < a->nparameters; k++) {
      value[i] = strcasecmp(a->parameter[k].name, d->info.parameter[i]) == 0 ? own[k] : value[i];
    }
  }
done:
  mpp_h5_unlock();
  return st;
}

/* ---- attributes ---- */

/* Where an object of the dataset is in the file; "" : nowhere. */
static const char *object_of(const mpp_dataset *d, const char *object)
{
  const mpp_description *a = d->about;
  if (strcmp(object, "/") == 0) {
    return object;
  }
  for (size_t i = 0; i < a->nfields - a->nmasks; i++) {
    const char *qualified = i < a->npredicted ? d->info.field[i] : d->info.given[i - a->npredicted];
    if (strcmp(object, qualified) == 0 || strcmp(object, a->field[i].name) == 0) {
      return a->array[a->field[i].array].path;
    }
  }
  for (int k = 0; k < 3; k++) {
    if (a->space[k].name[0] != '\0' && strcmp(object, a->space[k].name) == 0) {
      return a->space[k].array.path;
    }
  }
  return strcmp(object, a->time.name) == 0 ? a->time.array.path : "";
}

mpp_status mpp_dataset_attributes(mpp_dataset *d, const char *object,
                                  mpp_data_attribute_observer each, void *context)
{
  mpp_status st = MPP_OK;
  mpp_object_name path;
  if (d->maker != NULL) {
    return MPP_OK;
  }
  mpp_h5_lock();
  MPP_TRY(mpp_dataset_use_file(d, 0));
  const char *name = object_of(d, object);
  if (name[0] == '\0') {
    goto done;
  }
  if (d->open.group != NULL && name[0] != '/') {
    mpp_described_array a = {.rank = 0};
    snprintf(a.path, sizeof a.path, "%s", name);
    MPP_TRY(mpp_described_object(path, &d->open, &a, 0));
    name = path;
  }
  MPP_TRY(mpp_dataset_object_attributes(d, name, each, context));
done:
  mpp_h5_unlock();
  return st;
}

/* ---- how a field is stored ---- */

static void name_type(char out[16], const mpp_array *a)
{
  static const char *const kind[] = {[MPP_ARRAY_REAL] = "float", [MPP_ARRAY_INTEGER] = "int"};
  if (a->type != MPP_ARRAY_BOOL) {
    snprintf(out, 16, "%s%u", kind[a->type], 8U * (unsigned)(a->size & 31));
  }
}

mpp_status mpp_dataset_variable(mpp_dataset *d, mpp_data_variable *out, size_t field)
{
  mpp_status st = MPP_OK;
  mpp_object_name path;
  *out = (mpp_data_variable){.ncomponents = 1};
  if (d->maker != NULL) {
    snprintf(out->name, sizeof out->name, "%s", mpp_field_short(d->info.field[field]));
    return MPP_OK;
  }
  mpp_h5_lock();
  MPP_TRY(mpp_dataset_use_file(d, 0));
  const mpp_described_field *f = &d->about->field[field];
  const mpp_described_array *a = &d->about->array[f->array];
  const mpp_array *stored = NULL;
  const char *slash = strrchr(a->path, '/');
  snprintf(out->name, sizeof out->name, "%s", slash != NULL ? slash + 1 : a->path);
  out->scale = a->scale;
  out->offset = a->offset;
  out->ncomponents = mpp_described_components(a);
  out->component = f->component;
  MPP_TRY(mpp_described_object(path, &d->open, a, 0));
  for (size_t i = 0; i < d->open.file.count; i++) {
    stored = strcmp(d->open.file.array[i].name, path) == 0 ? &d->open.file.array[i] : stored;
  }
  bool space = false;
  for (int i = 0; i < a->rank; i++) {
    if (a->role[i] == MPP_ROLE_COMPONENT) {
      out->component_axes++;
      out->components_first = !space;
      if (stored != NULL && i < stored->rank && stored->dimension[i] != NULL) {
        snprintf(out->component_axis, sizeof out->component_axis, "%.31s", stored->dimension[i]);
      }
    }
    space = space || (a->role[i] >= MPP_ROLE_SPACE && a->role[i] <= MPP_ROLE_LAST_SPACE);
  }
  if (stored != NULL) {
    name_type(out->stored, stored);
  }
done:
  mpp_h5_unlock();
  return st;
}
