/* layout_pyro2.c - pyro2's HDF5 snapshots: state/<variable>/data [x, y], boundaries in attributes
 * of state/<variable> (xlb, xrb, ylb, yrb), the grid in those of `grid`, the time in one of the
 * root. Source: python-hydro/pyro2, pyro/util/io_pyro.py and mesh/patch.py. */
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "guess.h"

static bool matches(const mpp_data_file *f)
{
  return f->file.h5 >= 0 && mpp_h5_has(f->file.h5, "state") && mpp_h5_has(f->file.h5, "grid") &&
         mpp_h5_has_attribute(f->file.h5, "/", "solver");
}

/* Cell centres between `low` and `high`. */
static mpp_status describe_axis(mpp_data_file *f, int a, const char *low, const char *high)
{
  mpp_status st = MPP_OK;
  double ends[2] = {0.0, 1.0};
  MPP_TRY(mpp_h5_attribute_f64(&ends[0], f->file.h5, f->path, "grid", low));
  MPP_TRY(mpp_h5_attribute_f64(&ends[1], f->file.h5, f->path, "grid", high));
  mpp_described_scale *s = &f->about->space[a];
  s->step = (ends[1] - ends[0]) / (double)f->about->grid[a];
  s->first = ends[0] + 0.5 * s->step;
done:
  return st;
}

static mpp_side edge_of(const char *kind)
{
  return kind == NULL                                                         ? MPP_SIDE_OPEN
         : strcmp(kind, "periodic") == 0                                      ? MPP_SIDE_PERIODIC
         : strncmp(kind, "reflect", 7) == 0 || strcmp(kind, "dirichlet") == 0 ? MPP_SIDE_WALL
                                                                              : MPP_SIDE_OPEN;
}

/* Boundaries of the first variable stand for all. */
static mpp_status describe_edges(mpp_data_file *f, const char *variable)
{
  static const char *const keys[2][2] = {{"xlb", "xrb"}, {"ylb", "yrb"}};
  mpp_status st = MPP_OK;
  char *text = NULL;
  for (int i = 0; i < 4; i++) {
    mpp_free(text);
    text = NULL;
    MPP_TRY(mpp_array_text(&text, &f->file, variable, keys[i / 2][i % 2]));
    f->about->edge[1 + i / 2][i % 2] = edge_of(text);
  }
  mpp_describe_note(f->about, MPP_NOTE_BOUNDARY, false, "of %s", variable);
done:
  mpp_free(text);
  return st;
}

/* Numbers of the group `aux` (gamma, g) are physical. */
static mpp_status take_parameter(void *context, const mpp_array_attribute *a)
{
  if (a->text == NULL && a->count == 1) {
    mpp_describe_parameter(context, a->name, a->value[0]);
  }
  return MPP_OK;
}

static mpp_status describe_variables(mpp_data_file *f)
{
  static const char *const axes[2] = {"x", "y"};
  static const mpp_axis_role roles[2] = {MPP_ROLE_SPACE + 1, MPP_ROLE_SPACE + 2};
  mpp_status st = MPP_OK;
  mpp_description *d = f->about;
  char **name = NULL;
  size_t count = 0, shape[MPP_H5_MAX_RANK];
  mpp_object_name path;
  MPP_TRY(mpp_h5_members(&name, &count, f->file.h5, f->path, "state"));
  MPP_REQUIRE(count > 0, MPP_ERR_DATA, "%s: state: holds no variable", f->path);
  for (size_t i = 0; i < count; i++) {
    size_t array = 0;
    snprintf(path, sizeof path, "state/%.200s/data", name[i]);
    MPP_TRY(mpp_file_layout_shape(shape, f, path, 2));
    if (i == 0) {
      mpp_file_layout_axes(d, axes, shape, 2);
    }
    for (int a = 0; a < 2; a++) {
      MPP_REQUIRE(shape[a] == d->grid[1 + a], MPP_ERR_DATA,
                  "%s: %s: axis %d has %zu entries, expected %zu as in state/%s/data", f->path,
                  path, a, shape[a], d->grid[1 + a], name[0]);
    }
    MPP_TRY(mpp_describe_array(d, &array, path, f->path, 2, shape, roles));
    MPP_TRY(mpp_describe_field(d, f->path, name[i], array, 0));
  }
  snprintf(path, sizeof path, "state/%.200s", name[0]);
  MPP_TRY(describe_edges(f, path));
done:
  mpp_h5_members_free(name, count);
  return st;
}

static mpp_status describe(mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  mpp_description *d = f->about;
  mpp_name label;
  char *solver = NULL, *system = NULL;
  d->ntrajectories = d->nframes = 1;
  MPP_TRY(describe_variables(f));
  MPP_TRY(describe_axis(f, 1, "xmin", "xmax"));
  MPP_TRY(describe_axis(f, 2, "ymin", "ymax"));
  snprintf(d->time.name, sizeof d->time.name, "t");
  snprintf(d->time.attribute, sizeof d->time.attribute, "time");
  MPP_TRY(mpp_array_text(&solver, &f->file, "/", "solver"));
  MPP_TRY(mpp_format(&system, "pyro2_%.40s", solver != NULL ? solver : ""));
  MPP_TRY(mpp_file_layout_label(label, f));
  MPP_TRY(mpp_file_layout_name(f, label, system));
  MPP_TRY(mpp_array_attributes(&f->file, "aux", take_parameter, d));
done:
  mpp_free(solver);
  mpp_free(system);
  return st;
}

const mpp_file_layout mpp_file_layout_pyro2 = {
    .name = "pyro2",
    .matches = matches,
    .describe = describe,
};
