/* guess_fields.c - which arrays are fields: those asked for, or those that have the axes of the
 * array with the most of them. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "described.h"
#include "guess.h"

enum { MOST_COMPONENTS = 9 };

/* ---- the reference ---- */

/* "u, v, p" of arrays that could be fields, for messages. */
static const char *candidates(char out[200], const mpp_guess *g)
{
  size_t used = 0;
  snprintf(out, 200, "no array");
  for (size_t i = 0; i < g->f->file.count && used < 160; i++) {
    const mpp_array *a = &g->f->file.array[i];
    if (a->rank > 0 && !mpp_guess_is_aside(g, a)) {
      const int n = snprintf(out + used, 200 - used, "%s%s", used > 0 ? ", " : "", a->name);
      used += n > 0 ? (size_t)n : 0;
    }
  }
  return out;
}

/* The array of a variable that is asked for: `use` is "field" or "mask", `name` what the user calls
 * it. */
static mpp_status find_asked(const mpp_array **out, const mpp_guess *g, const char *variable,
                             const char *use, const char *name)
{
  mpp_status st = MPP_OK;
  char text[200];
  const mpp_array *a = mpp_array_find(&g->f->file, variable);
  MPP_REQUIRE(a != NULL, g->r->code,
              "%s: variable '%s' of %s '%s': not there (or in several groups), found %s",
              g->f->path, variable, use, name, candidates(text, g));
  MPP_REQUIRE(a->rank > 0, g->r->code, "%s: variable '%s' of %s '%s': is one number", g->f->path,
              a->name, use, name);
  *out = a;
done:
  return st;
}

/* Axes longer than 1, and size, of what could be a field; 0: it cannot. */
static size_t score_of(const mpp_guess *g, const mpp_array *a)
{
  size_t axes = 0;
  if (a->rank == 0 || strlen(a->name) >= MPP_OBJECT_MAX || mpp_guess_is_aside(g, a)) {
    return 0;
  }
  for (int i = 0; i < a->rank; i++) {
    if (a->shape[i] == 0) {
      return 0;
    }
    axes += a->shape[i] > 1;
  }
  return 2 * axes + (a->type == MPP_ARRAY_REAL || mpp_guess_said(g, a)->packed ? 1 : 0);
}

mpp_status mpp_guess_reference(mpp_guess *g)
{
  mpp_status st = MPP_OK;
  const mpp_data_request *r = g->r;
  size_t best = 0;
  for (size_t i = 0; i < r->nfields; i++) {
    const mpp_array *a = NULL;
    MPP_TRY(find_asked(&a, g, r->field[i].variable, "field", r->field[i].name));
    assert(a != NULL);
    const size_t score = (size_t)a->rank + 1;
    if (!r->field[i].given && score > best) {
      g->reference = a;
      best = score;
    }
  }
  const bool asked = g->reference != NULL;
  for (size_t k = 0; k < g->f->file.count && !asked; k++) { /* else the one with the most axes */
    const size_t score = score_of(g, &g->f->file.array[k]);
    if (score > best) {
      g->reference = &g->f->file.array[k];
      best = score;
    }
  }
  /* a line alone is no field, unless the user says so or many files hold one each */
  const bool line = best < 4 && !asked && !r->axes_named && !r->many_files;
  MPP_REQUIRE(g->reference != NULL && !line, MPP_ERR_DATA,
              "%s: unknown layout: found no array with two axes or more among %zu; --fields and "
              "--axes say what there is",
              g->f->path, g->f->file.count);
done:
  return st;
}

/* ---- axes of an array by those of the reference ---- */

/* Axis of the reference of that name and length, or -1. */
static int named_axis(const mpp_guess *g, const char *name, size_t length)
{
  for (int i = 0; i < g->rank; i++) {
    if (strcmp(g->axis[i].name, name) == 0 && g->axis[i].length == length) {
      return i;
    }
  }
  return -1;
}

/* The next axis of the reference before *at of that length (axes without names are matched from the
 * last on, in order), or -1. */
static int next_axis(const mpp_guess *g, int *at, size_t length)
{
  for (int i = *at - 1; i >= 0; i--) {
    if (g->axis[i].length == length) {
      *at = i;
      return i;
    }
  }
  return -1;
}

/* Roles of the axes of `a`; false: it does not fit. */
static bool map_axes(mpp_described_array *out, const mpp_guess *g, const mpp_array *a)
{
  int at = g->rank;
  *out = (mpp_described_array){.rank = a->rank};
  snprintf(out->path, sizeof out->path, "%s", a->name);
  for (int i = a->rank - 1; i >= 0; i--) {
    const size_t n = a->shape[i];
    const bool named = a->dimension[i] != NULL && g->r->naxes == 0;
    const int axis = a == g->reference ? i
                     : named           ? named_axis(g, a->dimension[i], n)
                                       : next_axis(g, &at, n);
    out->length[i] = n;
    if (axis >= 0) {
      out->role[i] = g->axis[axis].role;
      out->index[i] = g->axis[axis].index;
    } else if (n == 1) {
      out->role[i] = MPP_ROLE_FIXED;
    } else if (i == a->rank - 1 && n <= MOST_COMPONENTS) {
      out->role[i] = MPP_ROLE_COMPONENT;
    } else {
      return false;
    }
  }
  return true;
}

static bool has_space(const mpp_guess *g, const mpp_described_array *a)
{
  for (int i = 0; i < g->rank; i++) {
    const mpp_axis_role role = g->axis[i].role;
    if (role >= MPP_ROLE_SPACE && role <= MPP_ROLE_LAST_SPACE && mpp_described_axis(a, role) < 0) {
      return false;
    }
  }
  return true;
}

static bool has_time(const mpp_guess *g, const mpp_described_array *a)
{
  for (int i = 0; i < g->rank; i++) {
    if (g->axis[i].role == MPP_ROLE_TIME) {
      return mpp_described_axis(a, MPP_ROLE_TIME) >= 0;
    }
  }
  return true; /* snapshots: nothing has */
}

/* ---- fields ---- */

/* "velocity_x": a component as many as axes x, y, z has their names, else a number. */
static void component_name(mpp_name out, const mpp_guess *g, const char *base, size_t k, size_t n)
{
  static const char *const letters[3] = {"x", "y", "z"};
  size_t naxes = 0, plain = 0;
  for (int a = 0; a < 3; a++) {
    const char *axis = g->d->space[a].name;
    naxes += axis[0] != '\0';
    for (int i = 0; i < 3; i++) { plain += strcmp(axis, letters[i]) == 0; }
  }
  char label[24];
  snprintf(label, sizeof label, "%zu", k);
  const char *suffix = n == naxes && plain == naxes ? letters[k] : label;
  snprintf(out, sizeof(mpp_name), "%.36s_%s", base, suffix);
}

/* The index of an array in the description, where it may stand for another component already. */
static mpp_status add_array(mpp_guess *g, size_t *array, const mpp_described_array *mapped,
                            const mpp_array *a)
{
  mpp_status st = MPP_OK;
  mpp_description *d = g->d;
  *array = d->narrays;
  for (size_t i = 0; i < d->narrays; i++) {
    *array = strcmp(d->array[i].path, mapped->path) == 0 ? i : *array;
  }
  if (*array == d->narrays) {
    MPP_TRY(mpp_describe_array(d, array, mapped->path, g->f->path, 0, NULL, NULL));
    d->array[*array] = *mapped;
    MPP_TRY(mpp_read_packing(&d->array[*array], &g->f->file, a->type, a->size,
                             g->f->layout == &mpp_file_layout_netcdf));
  }
done:
  return st;
}

/* Adds the components of an array as fields (component -1: all). */
static mpp_status add_fields(mpp_guess *g, const mpp_described_array *mapped, const mpp_array *a,
                             const char *name, long component, bool given)
{
  mpp_status st = MPP_OK;
  mpp_description *d = g->d;
  size_t array = 0;
  MPP_TRY(add_array(g, &array, mapped, a));
  const size_t n = mpp_described_components(mapped);
  const size_t first = component >= 0 ? (size_t)component : 0;
  MPP_REQUIRE(n > first, g->r->code,
              "%s: variable '%s': component %ld of field '%s', expected %s%zu", g->f->path,
              mapped->path, component, name, n > 1 ? "0 to " : "none: it has ", n > 1 ? n - 1 : n);
  for (size_t k = first; k < (component >= 0 ? first + 1 : n); k++) {
    mpp_name own;
    snprintf(own, sizeof own, "%.63s", name);
    if (component < 0 && n > 1) {
      component_name(own, g, name, k, n);
    }
    MPP_TRY(mpp_describe_field(d, g->f->path, own, array, k));
    mpp_described_field *field = &d->field[d->nfields - 1];
    field->given = given;
    field->constant = mpp_described_axis(mapped, MPP_ROLE_TIME) < 0 && d->nframes > 1;
    MPP_TRY(mpp_read_names(field->units, field->long_name, field->standard_name, &g->f->file,
                           mapped->path));
  }
done:
  return st;
}

static mpp_status add_asked(mpp_guess *g, const mpp_requested_field *asked)
{
  mpp_status st = MPP_OK;
  const mpp_array *a = NULL;
  mpp_described_array mapped;
  mpp_axes_text own, others;
  MPP_TRY(find_asked(&a, g, asked->variable, "field", asked->name));
  assert(a != NULL);
  MPP_REQUIRE(map_axes(&mapped, g, a), g->r->code,
              "%s: variable '%s' of field '%s': found axes %s, expected those of '%s': %s",
              g->f->path, a->name, asked->name, mpp_axes_of(own, a), g->reference->name,
              mpp_axes_of(others, g->reference));
  MPP_REQUIRE(
      asked->given || (has_space(g, &mapped) && has_time(g, &mapped)), g->r->code,
      "%s: variable '%s' of field '%s': found axes %s, expected all of space and time as in "
      "'%s': %s",
      g->f->path, a->name, asked->name, mpp_axes_of(own, a), g->reference->name,
      mpp_axes_of(others, g->reference));
  MPP_TRY(add_fields(g, &mapped, a, asked->name, asked->component, asked->given));
done:
  return st;
}

/* Does another array have the same base name? Then the path makes the name. */
static bool is_ambiguous(const mpp_guess *g, const mpp_array *a)
{
  return mpp_array_find(&g->f->file, mpp_guess_base(a->name)) == NULL;
}

/* Is it named as a mask? A condition on a field ("depth<=0") leaves it a field. */
static bool is_mask(const mpp_guess *g, const mpp_array *a)
{
  for (size_t i = 0; i < g->r->nmasks; i++) {
    const mpp_requested_mask *m = &g->r->mask[i];
    const bool flag = m->when.sign == MPP_SIGN_EQUAL || m->when.sign == MPP_SIGN_NOT_EQUAL;
    if (flag && mpp_array_find(&g->f->file, m->variable) == a) {
      return true;
    }
  }
  return false;
}

static mpp_status add_mask(mpp_guess *g, const mpp_requested_mask *asked)
{
  mpp_status st = MPP_OK;
  const mpp_array *a = NULL;
  mpp_described_array mapped;
  mpp_axes_text own, others;
  size_t array = 0;
  MPP_TRY(find_asked(&a, g, asked->variable, "mask", asked->when.name));
  assert(a != NULL);
  MPP_REQUIRE(map_axes(&mapped, g, a), g->r->code,
              "%s: mask '%s': found axes %s, expected those of '%s': %s", g->f->path, a->name,
              mpp_axes_of(own, a), g->reference->name, mpp_axes_of(others, g->reference));
  MPP_TRY(add_array(g, &array, &mapped, a));
  MPP_TRY(mpp_describe_mask(g->f, asked, array));
done:
  return st;
}

/* All arrays that have the axes: with time those to predict, without it those given. */
static mpp_status add_found(mpp_guess *g, bool given)
{
  mpp_status st = MPP_OK;
  mpp_description *d = g->d;
  for (size_t i = 0; i < g->f->file.count; i++) {
    const mpp_array *a = &g->f->file.array[i];
    mpp_described_array mapped;
    mpp_name name;
    const size_t score = score_of(g, a);
    if (score == 0 || !map_axes(&mapped, g, a) || !has_space(g, &mapped) || is_mask(g, a) ||
        has_time(g, &mapped) == given || (score % 2 == 0 && !given && a != g->reference)) {
      continue; /* whole numbers are flags, not fields */
    }
    const size_t n = mpp_described_components(&mapped);
    if (d->nfields - (given ? d->npredicted : 0) + n > MPP_MAX_FIELDS) {
      mpp_describe_note(d, MPP_NOTE_FIELDS, true, "there are more: only the first %d are taken",
                        MPP_MAX_FIELDS);
      break;
    }
    snprintf(name, sizeof name, "%.63s", is_ambiguous(g, a) ? a->name : mpp_guess_base(a->name));
    for (char *c = name; *c != '\0'; c++) { *c = *c == '/' || *c == ':' ? '_' : *c; }
    MPP_TRY(add_fields(g, &mapped, a, name, -1, given));
  }
done:
  return st;
}

mpp_status mpp_guess_fields(mpp_guess *g)
{
  mpp_status st = MPP_OK;
  const mpp_data_request *r = g->r;
  size_t predicted = 0, given = 0;
  for (size_t i = 0; i < r->nfields; i++) {
    predicted += !r->field[i].given;
    given += r->field[i].given;
  }
  for (size_t i = 0; i < r->nfields; i++) {
    if (!r->field[i].given) {
      MPP_TRY(add_asked(g, &r->field[i]));
    }
  }
  if (predicted == 0) {
    MPP_TRY(add_found(g, false));
  }
  g->d->npredicted = g->d->nfields;
  for (size_t i = 0; i < r->nfields; i++) {
    if (r->field[i].given) {
      MPP_TRY(add_asked(g, &r->field[i]));
    }
  }
  if (given == 0 && predicted == 0) {
    MPP_TRY(add_found(g, true));
  }
  for (size_t i = 0; i < r->nmasks; i++) { MPP_TRY(add_mask(g, &r->mask[i])); }
done:
  return st;
}
