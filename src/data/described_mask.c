/* described_mask.c - masks by a variable: what says in a file of a known layout which cells count
 * nowhere, and what that means for a frame that was read. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "dataset_impl.h"
#include "guess.h"

/* ---- finding them ---- */

/* Marks the fields that the next mask covers: all, or those that are named. */
static mpp_status take_fields(mpp_data_file *f, const mpp_requested_mask *asked)
{
  mpp_status st = MPP_OK;
  mpp_description *d = f->about;
  const unsigned bit = 1U << d->nmasks;
  mpp_object_name names;
  char *rest = NULL;
  for (size_t i = 0; asked->fields[0] == '\0' && i < d->nfields; i++) { d->field[i].masks |= bit; }
  snprintf(names, sizeof names, "%s", asked->fields);
  for (char *name = strtok_r(names, "+", &rest); name != NULL; name = strtok_r(NULL, "+", &rest)) {
    bool found = false;
    for (size_t i = 0; i < d->nfields - d->nmasks; i++) {
      if (strcmp(d->field[i].name, mpp_field_short(name)) == 0) {
        d->field[i].masks |= bit;
        found = true;
      }
    }
    MPP_REQUIRE(found, f->request->code, "%s: mask '%s': there is no field '%s' to cover", f->path,
                asked->when.name, name);
  }
done:
  return st;
}

mpp_status mpp_describe_mask(mpp_data_file *f, const mpp_requested_mask *asked, size_t array)
{
  mpp_status st = MPP_OK;
  mpp_description *d = f->about;
  const size_t n = mpp_described_components(&d->array[array]);
  const size_t component = asked->component > 0 ? (size_t)asked->component : 0;
  mpp_name name;
  MPP_REQUIRE(component < n && (asked->component >= 0 || n == 1), f->request->code,
              "%s: mask '%s': the variable has %zu components, expected one of them: %s[0]",
              f->path, asked->when.name, n, asked->variable);
  MPP_REQUIRE(d->nmasks < MPP_MAX_MASKS, f->request->code, "%s: more than %d masks", f->path,
              MPP_MAX_MASKS);
  MPP_TRY(take_fields(f, asked));
  snprintf(name, sizeof name, "%.63s", mpp_guess_base(asked->variable));
  MPP_TRY(mpp_describe_field(d, f->path, name, array, component));
  mpp_described_field *field = &d->field[d->nfields - 1];
  field->mask = true;
  field->when = asked->when;
  field->constant = mpp_described_axis(&d->array[array], MPP_ROLE_TIME) < 0;
  d->nmasks++;
done:
  return st;
}

/* Index of the array of that path or base name, or `narrays`. */
static size_t find_array(const mpp_description *d, const char *variable)
{
  for (size_t i = 0; i < d->narrays; i++) {
    if (strcmp(d->array[i].path, variable) == 0) {
      return i;
    }
  }
  for (size_t i = 0; i < d->narrays; i++) {
    if (strcmp(mpp_guess_base(d->array[i].path), variable) == 0) {
      return i;
    }
  }
  return d->narrays;
}

/* The array that a field of that name is of, or `narrays`. */
static size_t array_of_field(size_t *component, const mpp_description *d, const char *name)
{
  for (size_t i = 0; i < d->nfields; i++) {
    if (strcmp(d->field[i].name, name) == 0) {
      *component = d->field[i].component;
      return d->field[i].array;
    }
  }
  return d->narrays;
}

/* Roles of an array that is no field, by its shape: [sample] [time] and the axes of space. */
static bool fit_shape(mpp_axis_role *role, const mpp_description *d, const size_t *shape, int rank)
{
  const size_t *n = d->grid;
  for (int form = 0; form < 4; form++) {
    int k = 0;
    bool fits = true;
    if (form & 2) {
      fits = k < rank && shape[k] == d->ntrajectories;
      role[k++] = MPP_ROLE_SAMPLE;
    }
    if (form & 1) {
      fits = fits && k < rank && shape[k] == d->nframes;
      role[k++] = MPP_ROLE_TIME;
    }
    for (int a = 0; a < 3; a++) {
      if (d->space[a].name[0] != '\0') {
        fits = fits && k < rank && shape[k] == n[a];
        role[k++] = (mpp_axis_role)(MPP_ROLE_SPACE + a);
      }
    }
    if (fits && k == rank) {
      return true;
    }
  }
  return false;
}

/* A variable of the file that its layout knows nothing of. */
static mpp_status add_array(mpp_data_file *f, size_t *array, const mpp_requested_mask *asked)
{
  mpp_status st = MPP_OK;
  mpp_description *d = f->about;
  size_t shape[MPP_H5_MAX_RANK];
  mpp_axis_role role[MPP_H5_MAX_RANK + 5];
  int rank = 0;
  const bool there = f->group == NULL && f->file.h5 >= 0 && mpp_h5_has(f->file.h5, asked->variable);
  MPP_REQUIRE(there, f->request->code, "%s: mask '%s': variable '%s' is not there", f->path,
              asked->when.name, asked->variable);
  MPP_TRY(mpp_array_shape(shape, &rank, &f->file, asked->variable));
  MPP_REQUIRE(
      fit_shape(role, d, shape, rank), f->request->code,
      "%s: mask '%s': variable '%s' has %d axes, expected those of space (%zu x %zu x %zu), "
      "with time or samples before them where it varies",
      f->path, asked->when.name, asked->variable, rank, d->grid[0], d->grid[1], d->grid[2]);
  MPP_TRY(mpp_describe_array(d, array, asked->variable, f->path, rank, shape, role));
done:
  return st;
}

mpp_status mpp_described_masks(mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  mpp_description *d = f->about;
  if (d->has_own_mask && f->request->nmasks == 0 && !f->request->none_masked) {
    mpp_requested_mask own = {.component = -1, .when = {.sign = MPP_SIGN_NOT_EQUAL}};
    snprintf(own.variable, sizeof own.variable, "%s", d->array[d->own_mask].path);
    snprintf(own.when.name, sizeof own.when.name, "%s", own.variable);
    MPP_TRY(mpp_describe_mask(f, &own, d->own_mask));
  }
  for (size_t i = 0; i < f->request->nmasks; i++) {
    mpp_requested_mask asked = f->request->mask[i];
    size_t component = 0, array = array_of_field(&component, d, asked.variable);
    if (array < d->narrays) {
      asked.component = asked.component < 0 ? (long)component : asked.component;
    } else {
      array = find_array(d, asked.variable);
    }
    if (array == d->narrays) {
      MPP_TRY(add_array(f, &array, &asked));
    }
    MPP_TRY(mpp_describe_mask(f, &asked, array));
  }
done:
  return st;
}

/* ---- reading them ---- */

mpp_status mpp_dataset_cover(mpp_dataset *d, size_t trajectory, mpp_part time,
                             const mpp_part space[3])
{
  mpp_status st = MPP_OK;
  const mpp_description *a = d->open.about;
  const size_t cells = space[0].count * space[1].count * space[2].count, n = a->nmasks;
  if (n == 0) {
    return MPP_OK;
  }
  MPP_TRY(MPP_RESERVE(&d->sign, &d->nsign, time.count * n * cells));
  MPP_TRY(MPP_RESERVE(&d->covered, &d->ncovered, time.count * cells));
  MPP_TRY(mpp_described_read(&d->open, &d->buffer, d->sign, a->nfields - n, n, trajectory, time,
                             space));
  for (size_t t = 0; t < time.count; t++) {
    unsigned char *covered = d->covered + t * cells;
    memset(covered, 0, cells);
    for (size_t m = 0; m < n; m++) {
      const mpp_condition *when = &a->field[a->nfields - n + m].when;
      const float *x = d->sign + (t * n + m) * cells;
      const unsigned char bit = (unsigned char)(1U << m);
      for (size_t i = 0; i < cells; i++) {
        covered[i] |=
            isnan(x[i]) || mpp_condition_holds(when, (double)x[i]) ? bit : (unsigned char)0;
      }
    }
  }
done:
  return st;
}
