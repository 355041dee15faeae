/* guess_names.c - what the name of an axis, and the attributes of its coordinates, say of its role.
 * CF conventions 1.10, chapter 4; beside them the names that simulation codes use. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "guess.h"

const char *mpp_guess_base(const char *path)
{
  const char *slash = strrchr(path, '/');
  return slash != NULL ? slash + 1 : path;
}

static bool listed(const char *name, const char *const *names)
{
  for (; *names != NULL; names++) {
    if (strcasecmp(name, *names) == 0) {
      return true;
    }
  }
  return false;
}

mpp_axis_role mpp_guess_by_name(const char *name)
{
  static const char *const times[] = {"t",    "time",  "times",  "t-coordinate", "nt",
                                      "step", "frame", "frames", "time_counter", "timestep",
                                      "Time", NULL};
  static const char *const space[] = {"x",
                                      "y",
                                      "z",
                                      "lon",
                                      "lat",
                                      "longitude",
                                      "latitude",
                                      "lev",
                                      "level",
                                      "plev",
                                      "height",
                                      "depth",
                                      "altitude",
                                      "rlon",
                                      "rlat",
                                      "nx",
                                      "ny",
                                      "nz",
                                      "i",
                                      "j",
                                      "k",
                                      "x-coordinate",
                                      "y-coordinate",
                                      "z-coordinate",
                                      "xc",
                                      "yc",
                                      "zc",
                                      "x_c",
                                      "y_c",
                                      "z_c",
                                      "easting",
                                      "northing",
                                      "r",
                                      "theta",
                                      "phi",
                                      "radius",
                                      "west_east",
                                      "south_north",
                                      "bottom_top",
                                      "x1",
                                      "x2",
                                      "x3",
                                      "nav_lon",
                                      "nav_lat",
                                      "deptht",
                                      NULL};
  static const char *const samples[] = {
      "sample",     "samples", "member",     "ensemble",     "realization", "realisation", "batch",
      "run",        "runs",    "trajectory", "trajectories", "number",      "case",        "n",
      "simulation", "seed",    NULL};
  static const char *const components[] = {"component", "components", "channel", "channels",
                                           "c",         "comp",       "vector",  "dim",
                                           "direction", "nv",         NULL};
  return listed(name, times)        ? MPP_ROLE_TIME
         : listed(name, space)      ? MPP_ROLE_SPACE
         : listed(name, samples)    ? MPP_ROLE_SAMPLE
         : listed(name, components) ? MPP_ROLE_COMPONENT
                                    : MPP_ROLE_NONE;
}

/* One attribute of an array; `data` is its guess. Those that come first in CF's order of trust are
 * units, axis and standard_name; they do not contradict each other in good files. */
static mpp_status hear(void *data, const mpp_array_attribute *a)
{
  mpp_array_guess *said = data;
  static const char *const t[] = {"T", NULL}, *const xyz[] = {"X", "Y", "Z", NULL},
                           *const times[] = {"time", "forecast_period", NULL},
                           *const members[] = {"realization", NULL};
  static const char *const places[] = {"longitude",
                                       "latitude",
                                       "projection_x_coordinate",
                                       "projection_y_coordinate",
                                       "grid_longitude",
                                       "grid_latitude",
                                       "air_pressure",
                                       "altitude",
                                       "height",
                                       "depth",
                                       NULL};
  static const char *const degrees[] = {
      "degrees_north", "degrees_east", "degree_north", "degree_east", "degreesN", "degreesE", NULL};
  const bool axis = strcmp(a->name, "axis") == 0, name = strcmp(a->name, "standard_name") == 0;
  const bool units = strcmp(a->name, "units") == 0;
  said->packed = said->packed || (a->text == NULL && strcmp(a->name, "scale_factor") == 0);
  if (a->text == NULL || said->role != MPP_ROLE_NONE) {
    return MPP_OK;
  }
  if ((units && strstr(a->text, " since ") != NULL) || (axis && listed(a->text, t)) ||
      (name && listed(a->text, times))) {
    said->role = MPP_ROLE_TIME;
  } else if ((axis && listed(a->text, xyz)) || (name && listed(a->text, places)) ||
             (units && listed(a->text, degrees))) {
    said->role = MPP_ROLE_SPACE;
  } else if (name && listed(a->text, members)) {
    said->role = MPP_ROLE_SAMPLE;
  }
  return MPP_OK;
}

const mpp_array_guess *mpp_guess_said(const mpp_guess *g, const mpp_array *a)
{
  return &g->said[a - g->f->file.array];
}

/* ---- variables that others name as their coordinates ---- */

static mpp_status add_words(char **list, const char *text)
{
  mpp_status st = MPP_OK;
  char *longer = NULL;
  MPP_TRY(mpp_format(&longer, "%s%s ", *list != NULL ? *list : " ", text));
  mpp_free(*list);
  *list = longer;
done:
  return st;
}

/* The variables that the attributes of one array name. */
static mpp_status look_at(mpp_guess *g, const char *name)
{
  static const char *const keys[] = {"coordinates", "bounds",        "grid_mapping",
                                     "climatology", "cell_measures", "ancillary_variables",
                                     "edges"};
  mpp_status st = MPP_OK;
  char *text = NULL;
  for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
    mpp_free(text);
    text = NULL;
    MPP_TRY(mpp_array_text(&text, &g->f->file, name, keys[k]));
    if (text != NULL) {
      MPP_TRY(add_words(&g->aside, text));
    }
  }
done:
  mpp_free(text);
  return st;
}

mpp_status mpp_guess_look(mpp_guess *g)
{
  mpp_status st = MPP_OK;
  MPP_TRY(add_words(&g->aside, ""));
  MPP_TRY(MPP_ALLOC(&g->said, g->f->file.count));
  for (size_t i = 0; i < g->f->file.count; i++) {
    const char *name = g->f->file.array[i].name;
    MPP_TRY(mpp_array_attributes(&g->f->file, name, hear, &g->said[i]));
    MPP_TRY(look_at(g, name));
  }
done:
  return st;
}

/* Is it a coordinate, or what goes with one? */
bool mpp_guess_is_aside(const mpp_guess *g, const mpp_array *a)
{
  char word[MPP_OBJECT_MAX + 2];
  const char *base = mpp_guess_base(a->name);
  const bool own_axis =
      a->rank == 1 && a->dimension[0] != NULL && strcmp(a->dimension[0], base) == 0;
  const bool line = a->rank <= 1 && mpp_guess_by_name(base) != MPP_ROLE_NONE;
  const int n = snprintf(word, sizeof word, " %s ", base);
  return own_axis || line || (n > 0 && (size_t)n < sizeof word && strstr(g->aside, word) != NULL) ||
         (a->rank <= 2 &&
          mpp_guess_said(g, a)->role != MPP_ROLE_NONE); /* a field may be a height */
}

const char *mpp_axes_of(mpp_axes_text out, const mpp_array *a)
{
  size_t used = 0;
  snprintf(out, sizeof(mpp_axes_text), "none");
  for (int i = 0; i < a->rank && used < sizeof(mpp_axes_text); i++) {
    const bool named = a->dimension[i] != NULL;
    const int n = named ? snprintf(out + used, sizeof(mpp_axes_text) - used, "%s%s=%zu",
                                   i > 0 ? ", " : "", a->dimension[i], a->shape[i])
                        : snprintf(out + used, sizeof(mpp_axes_text) - used, "%s%zu",
                                   i > 0 ? " x " : "", a->shape[i]);
    used += n > 0 ? (size_t)n : 0;
  }
  return out;
}
