/* described_select.c - what the user asks of a file whose layout is known: some of its fields,
 * other units, boundaries and parameters. */
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "described.h"
#include "guess.h"
#include "parameters.h"
#include "system.h"

/* "u, v, p" */
static const char *names_of(char out[200], const mpp_description *d)
{
  size_t used = 0;
  out[0] = '\0';
  for (size_t i = 0; i < d->nfields && used < 180; i++) {
    const int n = snprintf(out + used, 200 - used, "%s%s", i > 0 ? ", " : "", d->field[i].name);
    used += n > 0 ? (size_t)n : 0;
  }
  return out;
}

/* A field by its name, or by its variable and component. */
static const mpp_described_field *find(const mpp_description *d, const mpp_requested_field *asked)
{
  for (size_t i = 0; i < d->nfields && asked->component < 0; i++) {
    if (strcmp(d->field[i].name, asked->variable) == 0) {
      return &d->field[i];
    }
  }
  for (size_t i = 0; i < d->nfields; i++) {
    const char *path = d->array[d->field[i].array].path;
    const bool named =
        strcmp(path, asked->variable) == 0 || strcmp(mpp_guess_base(path), asked->variable) == 0;
    const size_t component = asked->component >= 0 ? (size_t)asked->component : 0;
    if (named && d->field[i].component == component) {
      return &d->field[i];
    }
  }
  return NULL;
}

/* Replaces the fields by those asked for. */
static mpp_status select_fields(mpp_data_file *f, bool given)
{
  mpp_status st = MPP_OK;
  const mpp_data_request *r = f->request;
  mpp_description *d = f->about;
  mpp_described_field *kept = NULL;
  size_t n = 0, asked = 0;
  char text[200];
  for (size_t i = 0; i < r->nfields; i++) { asked += r->field[i].given == given; }
  if (asked == 0) {
    return MPP_OK;
  }
  MPP_TRY(MPP_ALLOC(&kept, (size_t)2 * MPP_MAX_ARRAYS));
  for (size_t i = 0; i < d->nfields && given; i++) { /* those to predict, but for what is given */
    bool taken = d->field[i].given;
    for (size_t k = 0; k < r->nfields; k++) {
      taken |= r->field[k].given && find(d, &r->field[k]) == &d->field[i];
    }
    if (!taken) {
      kept[n++] = d->field[i];
    }
  }
  for (size_t i = 0; i < r->nfields; i++) {
    if (r->field[i].given != given) {
      continue;
    }
    const mpp_described_field *found = find(d, &r->field[i]);
    MPP_REQUIRE(found != NULL, r->code, "%s: field '%s': not there, found %s", f->path,
                r->field[i].variable, names_of(text, d));
    MPP_REQUIRE(given || !found->constant, r->code,
                "%s: field '%s' is constant in time, expected one to predict (--given takes it)",
                f->path, found->name);
    kept[n] = *found;
    kept[n].given = given;
    memcpy(kept[n++].name, r->field[i].name, sizeof r->field[i].name);
  }
  for (size_t i = 0; i < d->nfields && !given; i++) { /* what is given stays */
    if (d->field[i].given) {
      kept[n++] = d->field[i];
    }
  }
  MPP_REQUIRE(n <= MPP_MAX_ARRAYS, r->code, "%s: %zu fields, expected at most %d", f->path, n,
              MPP_MAX_ARRAYS);
  memcpy(d->field, kept, n * sizeof *kept);
  d->nfields = n;
  d->npredicted = 0;
  for (size_t i = 0; i < n; i++) { d->npredicted += !d->field[i].given; }
done:
  mpp_free(kept);
  return st;
}

/* Units and long names that the user gives. */
static void name_fields(mpp_data_file *f)
{
  const mpp_data_request *r = f->request;
  for (size_t i = 0; i < r->nfields; i++) {
    for (size_t k = 0; k < f->about->nfields; k++) {
      mpp_described_field *field = &f->about->field[k];
      if (strcmp(field->name, r->field[i].name) == 0) {
        if (r->field[i].units[0] != '\0') {
          memcpy(field->units, r->field[i].units, sizeof field->units);
        }
        if (r->field[i].long_name[0] != '\0') {
          memcpy(field->long_name, r->field[i].long_name, sizeof field->long_name);
        }
      }
    }
  }
}

static void drop_given(mpp_description *d)
{
  size_t kept = 0;
  for (size_t i = 0; i < d->nfields; i++) {
    if (!d->field[i].given) {
      d->field[kept++] = d->field[i];
    }
  }
  d->nfields = kept;
  d->npredicted = d->npredicted < kept ? d->npredicted : kept;
}

mpp_status mpp_described_select(mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  const mpp_data_request *r = f->request;
  mpp_description *d = f->about;
  const bool generic = f->layout == &mpp_file_layout_hdf5 || f->layout == &mpp_file_layout_netcdf;
  if (r->none_given) {
    drop_given(d);
  }
  if (!generic) {
    MPP_TRY(select_fields(f, false));
    MPP_TRY(select_fields(f, true));
  }
  name_fields(f);
  if (!generic) {
    MPP_TRY(mpp_described_masks(f));
  }
  if (r->boundary[0] != '\0') {
    mpp_axis_name axis[3];
    for (int a = 0; a < 3; a++) { memcpy(axis[a], d->space[a].name, sizeof axis[a]); }
    MPP_TRY(mpp_boundary_parse(d->edge, axis, r->boundary, f->path));
    mpp_describe_note(d, MPP_NOTE_BOUNDARY, false, "as given");
  }
  for (size_t i = 0; i < r->nparameters; i++) {
    mpp_describe_parameter(d, r->parameter[i].name, r->parameter[i].value);
  }
  MPP_TRY(mpp_parameters_of_file(f));
done:
  return st;
}
