/* layout_generic.c - files of no known layout: netCDF by the CF conventions, and any HDF5. What
 * they hold is guessed (guess.h) where the user does not say it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "described.h"
#include "guess.h"

static bool is_netcdf(const mpp_data_file *f)
{
  if (f->file.nc >= 0) {
    return true;
  }
  return mpp_h5_has_attribute(f->file.h5, "/", "_NCProperties") ||
         mpp_h5_has_attribute(f->file.h5, "/", "Conventions");
}

static bool is_hdf5(const mpp_data_file *f) { return f->file.h5 >= 0; }

/* Coordinates of an axis: of its array, or 0, 1, 2, ... */
static mpp_status describe_scale(mpp_described_scale *s, const mpp_guess *g,
                                 const mpp_axis_guess *axis)
{
  mpp_status st = MPP_OK;
  mpp_name units;
  char *text = NULL;
  snprintf(s->name, sizeof s->name, "%s", axis->name);
  s->step = 1.0;
  if (axis->scale != NULL && strlen(axis->scale->name) < MPP_OBJECT_MAX) {
    const mpp_array_file *file = &g->f->file;
    s->array = mpp_file_layout_line(axis->scale->name, axis->role, axis->length);
    MPP_TRY(mpp_read_packing(&s->array, file, axis->scale->type, axis->scale->size, false));
    MPP_TRY(mpp_read_names(units, s->long_name, s->standard_name, file, axis->scale->name));
    memcpy(s->units, units, sizeof units);
    MPP_TRY(mpp_array_text(&text, file, axis->scale->name, "calendar"));
    snprintf(s->calendar, sizeof s->calendar, "%s", text != NULL ? text : "");
  }
done:
  mpp_free(text);
  return st;
}

/* Time of a file without a time axis: a number in a variable or an attribute. */
static mpp_status describe_snapshot_time(const mpp_guess *g)
{
  static const char *const names[] = {"time", "t", "Time", "sim_time"};
  mpp_status st = MPP_OK;
  mpp_described_scale *s = &g->d->time;
  double value = 0.0;
  for (size_t i = 0; i < sizeof names / sizeof names[0] && s->name[0] == '\0'; i++) {
    const mpp_array *a = mpp_array_find(&g->f->file, names[i]);
    size_t found = 0;
    if (a != NULL && (a->rank == 0 || (a->rank == 1 && a->shape[0] == 1))) {
      const mpp_axis_guess axis = {.role = MPP_ROLE_TIME, .length = 1, .scale = a};
      MPP_TRY(describe_scale(s, g, &axis));
      s->array.rank = a->rank;
      snprintf(s->name, sizeof s->name, "%s", names[i]);
      break;
    }
    MPP_TRY(mpp_array_numbers(&value, &found, 1, &g->f->file, "/", names[i]));
    if (found == 1) {
      snprintf(s->name, sizeof s->name, "%s", names[i]);
      snprintf(s->attribute, sizeof s->attribute, "%s", names[i]);
    }
  }
  if (s->name[0] == '\0') {
    snprintf(s->name, sizeof s->name, "t");
  }
done:
  return st;
}

static mpp_status describe_axes(mpp_guess *g)
{
  mpp_status st = MPP_OK;
  mpp_description *d = g->d;
  d->nframes = d->ntrajectories = 1;
  for (int a = 0; a < 3; a++) { d->grid[a] = 1; }
  for (int i = 0; i < g->rank; i++) {
    const mpp_axis_guess *axis = &g->axis[i];
    if (axis->role == MPP_ROLE_SAMPLE) {
      d->ntrajectories = axis->length;
      d->has_sample_axis = true;
      mpp_describe_note(d, MPP_NOTE_SAMPLE, axis->unsure, "axis %d of '%s', %zu entries", i,
                        g->reference->name, axis->length);
    } else if (axis->role == MPP_ROLE_TIME) {
      d->nframes = axis->length;
      MPP_TRY(describe_scale(&d->time, g, axis));
      mpp_describe_note(d, MPP_NOTE_TIME, axis->unsure, "axis %d of '%s', %zu entries%s", i,
                        g->reference->name, axis->length,
                        axis->scale == NULL ? ", without times" : "");
      if (d->time.name[0] == '\0') {
        snprintf(d->time.name, sizeof d->time.name, "t");
      }
    } else if (axis->role >= MPP_ROLE_SPACE && axis->role <= MPP_ROLE_LAST_SPACE) {
      const int a = (int)axis->role - MPP_ROLE_SPACE;
      d->grid[a] = axis->length;
      MPP_TRY(describe_scale(&d->space[a], g, axis));
      if (axis->unsure) {
        mpp_describe_note(d, MPP_NOTE_SPACE, true, "by length and order: is '%s' axis %d of '%s'?",
                          axis->name, i, g->reference->name);
      }
    } else if (axis->role == MPP_ROLE_COMPONENT) {
      mpp_describe_note(d, MPP_NOTE_COMPONENT, axis->unsure, "axis %d of '%s', %zu entries%s", i,
                        g->reference->name, axis->length, axis->unsure ? ": short and last" : "");
    }
  }
  if (d->time.name[0] == '\0') {
    MPP_TRY(describe_snapshot_time(g));
  }
done:
  return st;
}

/* Longitudes around the globe are periodic; of other axes nothing is known. */
static mpp_status guess_edges(mpp_guess *g)
{
  mpp_status st = MPP_OK;
  mpp_description *d = g->d;
  double *x = NULL;
  mpp_describe_note(d, MPP_NOTE_BOUNDARY, true, "the file does not say; periodic, wall or open?");
  for (int a = 0; a < 3; a++) {
    const mpp_described_scale *s = &d->space[a];
    const size_t n = d->grid[a];
    if (strncmp(s->units, "degree", 6) != 0 || s->units[0] == '\0' || n < 2 ||
        strcmp(s->standard_name, "latitude") == 0 || strstr(s->units, "north") != NULL) {
      continue;
    }
    mpp_free(x);
    x = NULL;
    MPP_TRY(MPP_ALLOC(&x, n));
    MPP_TRY(mpp_described_coordinates(g->f, x, a));
    const double span = fabs(x[n - 1] - x[0]) * (double)n / (double)(n - 1);
    if (fabs(span - 360.0) < 0.5) {
      d->edge[a][0] = d->edge[a][1] = MPP_SIDE_PERIODIC;
      mpp_describe_note(d, MPP_NOTE_BOUNDARY, false, "%s spans 360 degrees", s->name);
    }
  }
done:
  mpp_free(x);
  return st;
}

/* A system that nobody names is "data": then files with the same variables match each other. */
static mpp_status name_system(mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  mpp_description *d = f->about;
  mpp_name label;
  MPP_TRY(mpp_file_layout_label(label, f));
  snprintf(d->system, sizeof d->system, "%s", label[0] != '\0' ? label : "data");
  for (size_t i = 0; i < d->npredicted; i++) {
    mpp_name qualified;
    st = mpp_field_qualify(qualified, d->system, d->field[i].name);
    if (st != MPP_OK) {
      st = mpp_fail_prefix(st, "%s", f->path);
      goto done;
    }
  }
done:
  return st;
}

static mpp_status describe(mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  mpp_guess g = {.f = f, .r = f->request, .d = f->about};
  MPP_TRY(mpp_array_file_list(&f->file, MPP_MOST_ARRAYS));
  MPP_TRY(mpp_guess_look(&g));
  MPP_TRY(mpp_guess_reference(&g));
  MPP_TRY(mpp_guess_axes(&g));
  MPP_TRY(describe_axes(&g));
  MPP_TRY(mpp_guess_fields(&g));
  MPP_TRY(guess_edges(&g));
  MPP_TRY(name_system(f));
done:
  mpp_free(g.aside);
  mpp_free(g.said);
  return st;
}

const mpp_file_layout mpp_file_layout_netcdf = {
    .name = "netcdf",
    .matches = is_netcdf,
    .describe = describe,
};

const mpp_file_layout mpp_file_layout_hdf5 = {
    .name = "hdf5",
    .matches = is_hdf5,
    .describe = describe,
};
