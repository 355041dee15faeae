/* guess_axes.c - names and roles of the axes of the reference array. In this order: what the user
 * says, names of dimensions and attributes of their coordinates, one-dimensional arrays of the same
 * length, the usual order (sample, time, space, component). */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "guess.h"

static bool same(const char *a, const char *b) { return a[0] != '\0' && strcmp(a, b) == 0; }

/* ---- names ---- */

/* Is it a line of coordinates: one axis, and a name that says so or that the user gives? */
static bool is_line(const mpp_guess *g, const mpp_array *a)
{
  const mpp_data_request *r = g->r;
  const char *base = mpp_guess_base(a->name);
  bool asked = same(r->time, base) || same(r->sample, base);
  for (size_t i = 0; i < r->nspace; i++) { asked = asked || same(r->space[i], base); }
  return a->rank == 1 && a->shape[0] > 0 && (asked || mpp_guess_by_name(base) != MPP_ROLE_NONE);
}

/* Short name of a coordinate array: "x" of "x-coordinate". */
static void short_name(mpp_axis_name out, const char *path)
{
  const char *base = mpp_guess_base(path), *dash = strstr(base, "-coordinate");
  snprintf(out, sizeof(mpp_axis_name), "%.*s",
           dash != NULL && dash != base ? (int)(dash - base) : (int)sizeof(mpp_axis_name) - 1,
           base);
}

static bool is_taken(const mpp_guess *g, const mpp_array *scale)
{
  for (int i = 0; i < g->rank; i++) {
    if (g->axis[i].scale == scale) {
      return true;
    }
  }
  return false;
}

static bool is_time(const mpp_array *a)
{
  return mpp_guess_by_name(mpp_guess_base(a->name)) == MPP_ROLE_TIME;
}

/* The line for an axis of `length` entries, of several that fit: times first, then those that sort
 * last (z, y, x). Times may have `surplus` entries more. */
static const mpp_array *line_for(const mpp_guess *g, size_t length, size_t surplus, size_t *matches)
{
  const mpp_array *best = NULL;
  *matches = 0;
  for (size_t k = 0; k < g->f->file.count; k++) {
    const mpp_array *a = &g->f->file.array[k];
    if (a == g->reference || !is_line(g, a) || is_taken(g, a) || a->shape[0] != length + surplus ||
        (surplus > 0 && !is_time(a))) {
      continue;
    }
    ++*matches;
    best = best == NULL || is_time(a) || !is_time(best) ? a : best;
  }
  return best;
}

/* Unnamed axes get the names of lines of their length. Which of several lines is a guess. */
static void name_by_lines(mpp_guess *g)
{
  for (size_t surplus = 0; surplus < 2; surplus++) {
    for (int i = 0; i < g->rank; i++) {
      mpp_axis_guess *axis = &g->axis[i];
      size_t matches = 0;
      const mpp_array *line =
          axis->name[0] == '\0' ? line_for(g, axis->length, surplus, &matches) : NULL;
      if (line != NULL) {
        short_name(axis->name, line->name);
        axis->scale = line;
        axis->unsure = matches > 1;
      }
    }
  }
}

/* Coordinates of a named axis: an array of that name, in the group of the variable or above. */
static const mpp_array *find_scale(const mpp_guess *g, const char *name, size_t length)
{
  char path[2 * MPP_OBJECT_MAX];
  snprintf(path, sizeof path, "%.*s", (int)sizeof path - 1, g->reference->name);
  for (;;) {
    char *slash = strrchr(path, '/');
    const size_t at = slash != NULL ? (size_t)(slash - path) + 1 : 0;
    snprintf(path + at, sizeof path - at, "%s", name);
    for (size_t i = 0; i < g->f->file.count; i++) {
      const mpp_array *a = &g->f->file.array[i];
      if (strcmp(a->name, path) == 0 && a->rank == 1 &&
          (a->shape[0] == length || a->shape[0] == length + 1)) {
        return a;
      }
    }
    if (slash == NULL) {
      return NULL;
    }
    *slash = '\0';
  }
}

/* ---- roles ---- */

/* What the user calls this axis. */
static mpp_axis_role asked_role(const mpp_guess *g, mpp_axis_guess *axis)
{
  const mpp_data_request *r = g->r;
  for (size_t i = 0; i < r->nat; i++) {
    if (same(r->at[i].axis, axis->name)) {
      axis->index = (size_t)r->at[i].index;
      return MPP_ROLE_FIXED;
    }
  }
  for (size_t i = 0; i < r->nspace; i++) {
    if (same(r->space[i], axis->name)) {
      return MPP_ROLE_SPACE;
    }
  }
  return same(r->time, axis->name)        ? MPP_ROLE_TIME
         : same(r->sample, axis->name)    ? MPP_ROLE_SAMPLE
         : same(r->component, axis->name) ? MPP_ROLE_COMPONENT
                                          : MPP_ROLE_NONE;
}

/* Words of --axes: one a place. */
static mpp_status take_places(mpp_guess *g)
{
  mpp_status st = MPP_OK;
  const mpp_data_request *r = g->r;
  mpp_axes_text text = "";
  MPP_REQUIRE((int)r->naxes == g->rank, r->code,
              "%s: variable '%s': %d axes (%s), expected %zu as %s names", g->f->path,
              g->reference->name, g->rank, mpp_axes_of(text, g->reference), r->naxes, r->origin);
  for (int i = 0; i < g->rank; i++) {
    mpp_axis_guess *axis = &g->axis[i];
    snprintf(axis->name, sizeof axis->name, "%s", r->axes[i]);
    axis->scale = NULL;
    const mpp_axis_role role = mpp_guess_by_name(axis->name);
    axis->role = asked_role(g, axis);
    axis->role = axis->role != MPP_ROLE_NONE ? axis->role
                 : role != MPP_ROLE_NONE     ? role
                                             : MPP_ROLE_SPACE;
  }
done:
  return st;
}

static int count_role(const mpp_guess *g, mpp_axis_role role)
{
  int n = 0;
  for (int i = 0; i < g->rank; i++) { n += g->axis[i].role == role; }
  return n;
}

/* The k-th axis of no role yet, or -1. */
static int unknown_axis(const mpp_guess *g, int k)
{
  for (int i = 0; i < g->rank; i++) {
    if (g->axis[i].role == MPP_ROLE_NONE && k-- == 0) {
      return i;
    }
  }
  return -1;
}

static void settle(mpp_guess *g, int axis, mpp_axis_role role)
{
  if (axis >= 0) {
    g->axis[axis].role = role;
    g->axis[axis].unsure = true;
  }
}

/* Axes that nothing is known of, by the usual order. */
static void settle_unknown(mpp_guess *g)
{
  enum { MOST_COMPONENTS = 4 }; /* of an axis of which nothing but the length is known */
  const mpp_data_request *r = g->r;
  int unknown = count_role(g, MPP_ROLE_NONE);
  const int space = count_role(g, MPP_ROLE_SPACE), last = unknown_axis(g, unknown - 1);
  const bool no_component = strcmp(r->component, "none") == 0;
  if (unknown > 0 && last == g->rank - 1 && g->axis[last].length <= MOST_COMPONENTS &&
      g->rank > 2 && !no_component && count_role(g, MPP_ROLE_COMPONENT) == 0 &&
      r->component[0] == '\0') {
    settle(g, last, MPP_ROLE_COMPONENT);
    unknown--;
  }
  const bool wants_time = count_role(g, MPP_ROLE_TIME) == 0 && r->time[0] == '\0';
  const bool wants_sample = count_role(g, MPP_ROLE_SAMPLE) == 0 && r->sample[0] == '\0';
  if (space > 0 || r->nspace > 0) { /* what stands before is time, or sample and time */
    if (unknown >= 2 && wants_sample && wants_time) {
      settle(g, unknown_axis(g, 0), MPP_ROLE_SAMPLE);
      unknown--;
    }
    if (unknown >= 1 && (wants_time || wants_sample)) {
      settle(g, unknown_axis(g, 0), wants_time ? MPP_ROLE_TIME : MPP_ROLE_SAMPLE);
      unknown--;
    }
  } else {
    if (unknown >= 4 && wants_sample) {
      settle(g, unknown_axis(g, 0), MPP_ROLE_SAMPLE);
      unknown--;
    }
    /* two axes of many files are a snapshot each */
    if (unknown >= 2 && wants_time && !(unknown == 2 && r->many_files)) {
      settle(g, unknown_axis(g, 0), MPP_ROLE_TIME);
      unknown--;
    }
  }
  for (; unknown > 0; unknown--) { settle(g, unknown_axis(g, 0), MPP_ROLE_SPACE); }
}

/* Numbers the axes of space, and names those without a name. */
static mpp_status order_space(mpp_guess *g)
{
  static const char *const usual[3] = {"z", "y", "x"};
  mpp_status st = MPP_OK;
  const mpp_data_request *r = g->r;
  const char *path = g->f->path, *variable = g->reference->name;
  mpp_axes_text text = "";
  const int space = count_role(g, MPP_ROLE_SPACE);
  MPP_REQUIRE(space >= 1 && space <= 3, r->code,
              "%s: variable '%s' (%s): %d axes of space, expected 1 to 3 (--space names them)",
              path, variable, mpp_axes_of(text, g->reference), space);
  for (size_t k = 0; k < r->nspace; k++) {
    bool found = false;
    for (int i = 0; i < g->rank; i++) { found = found || same(r->space[k], g->axis[i].name); }
    MPP_REQUIRE(found, r->code, "%s: variable '%s': axis '%s' (space): not there, found %s", path,
                variable, r->space[k], mpp_axes_of(text, g->reference));
  }
  MPP_REQUIRE(r->nspace == 0 || (int)r->nspace == space, r->code,
              "%s: variable '%s' (%s): %d axes of space, expected %zu as %s names", path, variable,
              mpp_axes_of(text, g->reference), space, r->nspace, r->origin);
  for (int i = 0, at = 0; i < g->rank && at < space; i++) {
    mpp_axis_guess *axis = &g->axis[i];
    if (axis->role != MPP_ROLE_SPACE) {
      continue;
    }
    if (axis->name[0] == '\0') {
      snprintf(axis->name, sizeof axis->name, "%s", usual[3 - space + at]);
    }
    axis->place = at++;
    for (size_t k = 0; k < r->nspace; k++) {
      axis->place = same(r->space[k], axis->name) ? (int)k : axis->place;
    }
  }
  for (int i = 0; i < g->rank; i++) {
    if (g->axis[i].role == MPP_ROLE_SPACE) {
      g->axis[i].role = (mpp_axis_role)(MPP_ROLE_SPACE + 3 - space + g->axis[i].place);
    }
  }
done:
  return st;
}

/* One role, one axis; and what the user names is there. */
static mpp_status check_roles(const mpp_guess *g)
{
  mpp_status st = MPP_OK;
  const mpp_data_request *r = g->r;
  const struct {
    const char *name, *what;
    mpp_axis_role role;
  } asked[] = {{r->time, "time", MPP_ROLE_TIME},
               {r->sample, "sample", MPP_ROLE_SAMPLE},
               {r->component, "component", MPP_ROLE_COMPONENT}};
  mpp_axes_text text = "";
  for (size_t k = 0; k < sizeof asked / sizeof asked[0]; k++) {
    const int n = count_role(g, asked[k].role);
    const bool named = asked[k].name[0] != '\0' && strcmp(asked[k].name, "none") != 0;
    bool found = false;
    for (int i = 0; i < g->rank; i++) { found = found || same(asked[k].name, g->axis[i].name); }
    MPP_REQUIRE(!named || found, r->code, "%s: variable '%s': axis '%s' (%s): not there, found %s",
                g->f->path, g->reference->name, asked[k].name, asked[k].what,
                mpp_axes_of(text, g->reference));
    MPP_REQUIRE(n <= 1 || asked[k].role == MPP_ROLE_COMPONENT, r->code,
                "%s: variable '%s' (%s): %d axes could be %s: say which", g->f->path,
                g->reference->name, mpp_axes_of(text, g->reference), n, asked[k].what);
  }
  for (size_t k = 0; k < r->nat; k++) {
    bool found = false;
    for (int i = 0; i < g->rank; i++) {
      const mpp_axis_guess *axis = &g->axis[i];
      const bool here = same(r->at[k].axis, axis->name);
      found = found || here;
      MPP_REQUIRE(!here || axis->index < axis->length, r->code,
                  "%s: variable '%s': entry %ld of axis '%s', expected 0 to %zu", g->f->path,
                  g->reference->name, r->at[k].index, axis->name, axis->length - 1);
    }
    MPP_REQUIRE(found, r->code, "%s: variable '%s': axis '%s' (at): not there, found %s",
                g->f->path, g->reference->name, r->at[k].axis, mpp_axes_of(text, g->reference));
  }
done:
  return st;
}

mpp_status mpp_guess_axes(mpp_guess *g)
{
  mpp_status st = MPP_OK;
  const mpp_array *a = g->reference;
  g->rank = a->rank;
  for (int i = 0; i < a->rank; i++) {
    g->axis[i] = (mpp_axis_guess){.length = a->shape[i]};
    if (a->dimension[i] != NULL && strncmp(a->dimension[i], "phony_dim_", 10) != 0) {
      snprintf(g->axis[i].name, sizeof g->axis[i].name, "%s", a->dimension[i]);
    }
  }
  if (g->r->naxes > 0) {
    MPP_TRY(take_places(g));
  } else {
    name_by_lines(g);
  }
  for (int i = 0; i < g->rank; i++) {
    mpp_axis_guess *axis = &g->axis[i];
    if (axis->scale == NULL && axis->name[0] != '\0') {
      axis->scale = find_scale(g, axis->name, axis->length);
    }
    if (axis->role == MPP_ROLE_NONE) {
      axis->role = asked_role(g, axis);
    }
    if (axis->role == MPP_ROLE_NONE && axis->scale != NULL) {
      axis->role = mpp_guess_said(g, axis->scale)->role;
    }
    const mpp_axis_role named = mpp_guess_by_name(axis->name);
    /* the user's word for a role takes it from axes that only have the name for it */
    const bool other = (named == MPP_ROLE_TIME && g->r->time[0] != '\0') ||
                       (named == MPP_ROLE_SAMPLE && g->r->sample[0] != '\0') ||
                       (named == MPP_ROLE_COMPONENT && g->r->component[0] != '\0') ||
                       (named == MPP_ROLE_SPACE && g->r->nspace > 0);
    if (axis->role == MPP_ROLE_NONE && !other) {
      axis->role = named;
    }
  }
  settle_unknown(g);
  MPP_TRY(check_roles(g));
  MPP_TRY(order_space(g));
done:
  return st;
}
