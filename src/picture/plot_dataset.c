/* plot_dataset.c - frames of a trajectory for a picture; what both sources share. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "mpp/dataset.h"
#include "plot_source.h"

enum { MOST_CELLS = 1 << 14 }; /* along an axis */

mpp_status mpp_plot_steps(mpp_int_list *steps, mpp_plot_source *s, const mpp_plot_options *o,
                          long first, long last)
{
  mpp_status st = MPP_OK;
  s->first = first;
  s->last = last;
  MPP_REQUIRE(last >= first, MPP_ERR_DATA, "%s: has no frames", o->input);
  *steps = o->steps;
  if (steps->count == 0) {
    const long n = last - first + 1, shown = n < 4 ? n : 4;
    for (long k = 0; k < shown; k++) {
      steps->item[steps->count++] =
          shown == 1 ? first : first + ((n - 1) * k + (shown - 1) / 2) / (shown - 1);
    }
  }
  for (size_t k = 0; k < steps->count; k++) {
    MPP_REQUIRE(steps->item[k] >= first && steps->item[k] <= last, MPP_ERR_USAGE,
                "%s: step %ld, expected %ld to %ld", o->input, steps->item[k], first, last);
  }
done:
  return st;
}

mpp_status mpp_plot_source_allocate(mpp_plot_source *s, const char *path)
{
  mpp_status st = MPP_OK;
  size_t count = 0;
  const size_t factor[] = {s->nrows, s->ncols, s->ny, s->nx};
  MPP_REQUIRE(s->nx > 0 && s->ny > 0 && s->nx <= MOST_CELLS && s->ny <= MOST_CELLS &&
                  mpp_product(&count, factor, 4),
              MPP_ERR_DATA, "%s: a grid of %zu x %zu cells, expected 1 to %d along each axis", path,
              s->nx, s->ny, MOST_CELLS);
  MPP_TRY(MPP_ALLOC(&s->value, count));
done:
  return st;
}

void mpp_plot_source_free(mpp_plot_source *s)
{
  mpp_free(s->value);
  s->value = NULL;
}

void mpp_plot_edges(double edge[2], const double *centre, size_t n)
{
  const double half = n > 1 ? 0.5 * (centre[n - 1] - centre[0]) / (double)(n - 1) : 0.5;
  edge[0] = centre[0] - half;
  edge[1] = centre[n - 1] + half;
}

/* What of the grid is drawn: two axes, or one; the cell where the third one is cut. */
typedef struct view {
  bool line;
  size_t y, x;   /* grid axes */
  size_t offset; /* of the first cell in a frame */
  char where[48];
} view;

static mpp_status find_cut(view *v, size_t axis, double where, mpp_dataset *d)
{
  mpp_status st = MPP_OK;
  const mpp_dataset_info *info = mpp_dataset_get_info(d);
  const size_t stride[3] = {info->grid[1] * info->grid[2], info->grid[2], 1};
  double *centre = NULL;
  size_t cell = 0;
  MPP_TRY(MPP_ALLOC(&centre, info->grid[axis]));
  MPP_TRY(mpp_dataset_coordinates(d, centre, (int)axis));
  MPP_TRY(mpp_plot_cut_cell(&cell, where, centre, info->grid[axis], info->path));
  v->offset = cell * stride[axis];
  snprintf(v->where, sizeof v->where, ", %.16s = %.4g", info->axis[axis], centre[cell]);
done:
  mpp_free(centre);
  return st;
}

/* Axes longer than 1. Of two the one whose name comes first in the alphabet points right. */
static mpp_status find_view(view *v, mpp_dataset *d, const char *slice)
{
  mpp_status st = MPP_OK;
  const mpp_dataset_info *info = mpp_dataset_get_info(d);
  const char *name[3] = {"", "", ""};
  size_t axis[3] = {0, 0, 0}, count = 0, cut = 0;
  double where = 0.0;
  for (size_t a = 0; a < 3; a++) {
    if (info->grid[a] > 1) {
      name[count] = info->axis[a];
      axis[count++] = a;
    }
  }
  MPP_REQUIRE(count > 0, MPP_ERR_DATA, "%s: one cell, expected a grid", info->path);
  MPP_TRY(mpp_plot_cut_axis(&cut, &where, slice, name, count, info->path));
  v->line = count == 1;
  if (count == 3) {
    MPP_TRY(find_cut(v, axis[cut], where, d));
    for (size_t i = cut; i + 1 < 3; i++) { axis[i] = axis[i + 1]; }
  }
  v->y = axis[0];
  v->x = axis[v->line ? 0 : 1];
  if (strcmp(info->axis[v->y], info->axis[v->x]) < 0) { /* x first in memory */
    const size_t x = v->y;
    v->y = v->x;
    v->x = x;
  }
done:
  return st;
}

static mpp_status find_field(size_t *field, const mpp_dataset_info *info, const char *name)
{
  for (*field = 0; *field < info->nfields; ++*field) {
    if (name[0] == '\0' || strcmp(name, info->field[*field]) == 0 ||
        strcmp(name, mpp_field_short(info->field[*field])) == 0) {
      return MPP_OK;
    }
  }
  return mpp_fail(MPP_ERR_USAGE, "%s: no field '%s', expected '%s'%s", info->path, name,
                  mpp_field_short(info->field[0]), info->nfields > 1 ? " or another" : "");
}

static mpp_status read_axis(double edge[2], char name[48], mpp_dataset *d, size_t axis)
{
  mpp_status st = MPP_OK;
  const mpp_dataset_info *info = mpp_dataset_get_info(d);
  double *centre = NULL;
  MPP_TRY(MPP_ALLOC(&centre, info->grid[axis]));
  MPP_TRY(mpp_dataset_coordinates(d, centre, (int)axis));
  mpp_plot_edges(edge, centre, info->grid[axis]);
  snprintf(name, 48, "%s", info->axis[axis]);
done:
  mpp_free(centre);
  return st;
}

/* Frame k of the picture, turned to rows of x from y upwards. */
static void place(mpp_plot_source *s, size_t k, const float *field, const size_t grid[3],
                  const view *v)
{
  const size_t stride[3] = {grid[1] * grid[2], grid[2], 1};
  float *to = s->value + k * s->ny * s->nx;
  for (size_t j = 0; j < s->ny; j++) {
    for (size_t i = 0; i < s->nx; i++) {
      to[j * s->nx + i] = field[v->offset + j * stride[v->y] + i * stride[v->x]];
    }
  }
}

mpp_status mpp_plot_read_dataset(mpp_plot_source *s, const mpp_plot_options *o)
{
  mpp_status st = MPP_OK;
  mpp_dataset *d = NULL;
  float *frame = NULL;
  double *time = NULL;
  mpp_int_list steps = {0};
  view v = {.line = false};
  size_t field = 0;
  MPP_TRY(mpp_dataset_open(&d, o->input, &(mpp_dataset_options){.flags = &o->flags}));
  const mpp_dataset_info *info = mpp_dataset_get_info(d);
  const size_t cells = info->grid[0] * info->grid[1] * info->grid[2];
  MPP_REQUIRE(o->sample >= 0 && (size_t)o->sample < info->ntrajectories, MPP_ERR_USAGE,
              "%s: sample %ld, expected 0 to %zu", info->path, o->sample, info->ntrajectories - 1);
  MPP_TRY(find_view(&v, d, o->slice));
  MPP_TRY(find_field(&field, info, o->field));
  MPP_TRY(mpp_plot_steps(&steps, s, o, 0, (long)info->nframes - 1));
  s->nrows = 1;
  s->row[0] = "";
  s->ncols = steps.count;
  s->ny = v.line ? 1 : info->grid[v.y];
  s->nx = info->grid[v.x];
  MPP_TRY(mpp_plot_source_allocate(s, info->path));
  MPP_TRY(MPP_ALLOC(&frame, info->nfields * cells));
  MPP_TRY(MPP_ALLOC(&time, info->nframes));
  MPP_TRY(mpp_dataset_times(d, time, (size_t)o->sample));
  MPP_TRY(read_axis(s->y, s->y_name, d, v.y));
  MPP_TRY(read_axis(s->x, s->x_name, d, v.x));
  snprintf(s->units, sizeof s->units, "%s", info->units[field]);
  const mpp_field_info *known = mpp_field_find(info->field[field]);
  snprintf(s->title, sizeof s->title, "%s: %s [%s], sample %ld%s", info->field[field],
           known != NULL ? known->long_name : "field", info->units[field], o->sample, v.where);
  for (size_t k = 0; k < steps.count; k++) {
    const size_t t = (size_t)steps.item[k];
    MPP_TRY(mpp_dataset_read(d, frame, (size_t)o->sample, t, 1));
    place(s, k, frame + field * cells, info->grid, &v);
    snprintf(s->column[k], sizeof s->column[k], "frame %zu, t = %.4g", t, time[t]);
  }
done:
  mpp_free(frame);
  mpp_free(time);
  mpp_dataset_close(d);
  return st;
}
