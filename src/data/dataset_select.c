/* dataset_select.c - which entries of the axes are read: --crop and --stride. */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "dataset_impl.h"

/* Names of all axes, for messages: "t, y, x" */
static const char *axes_text(char out[128], const mpp_description *d)
{
  int used = snprintf(out, 128, "%s", d->time.name);
  for (int a = 0; a < 3; a++) {
    if (d->space[a].name[0] != '\0' && used >= 0 && used < 128) {
      used += snprintf(out + used, (size_t)(128 - used), ", %s", d->space[a].name);
    }
  }
  return out;
}

static mpp_status take_part(mpp_part *out, const mpp_axis_range *range, size_t n, const char *path)
{
  mpp_status st = MPP_OK;
  const size_t from = range->from >= 0 ? (size_t)range->from : 0;
  const size_t to = range->to >= 0 ? (size_t)range->to : n;
  const size_t step = range->step > 0 ? (size_t)range->step : 1;
  MPP_REQUIRE(from < n && to <= n && from < to, MPP_ERR_USAGE,
              "%s: axis '%s': crop %zu:%zu, expected part of 0:%zu", path, range->axis, from, to,
              n);
  MPP_REQUIRE(step <= n, MPP_ERR_USAGE, "%s: axis '%s': stride %zu, expected at most %zu", path,
              range->axis, step, n);
  *out = (mpp_part){from, step, (to - from + step - 1) / step};
done:
  return st;
}

/* What is cut off is no edge of the domain any more. */
static mpp_status cut_edges(mpp_side edge[2], const mpp_part *part, const mpp_axis_range *range,
                            size_t n, const char *path)
{
  mpp_status st = MPP_OK;
  const bool low = part->from > 0, high = range->to >= 0 && (size_t)range->to < n;
  if (edge[0] == MPP_SIDE_PERIODIC) {
    MPP_REQUIRE(low || high || n % part->step == 0, MPP_ERR_USAGE,
                "%s: axis '%s': stride %zu on a periodic axis of %zu cells, expected a divisor",
                path, range->axis, part->step, n);
    if (low || high) {
      edge[0] = edge[1] = MPP_SIDE_OPEN;
    }
  }
  edge[0] = low ? MPP_SIDE_OPEN : edge[0];
  edge[1] = high ? MPP_SIDE_OPEN : edge[1];
done:
  return st;
}

static bool is_time(const mpp_description *d, const char *name)
{
  return strcmp(name, d->time.name) == 0 || strcmp(name, "t") == 0 || strcmp(name, "time") == 0;
}

mpp_status mpp_dataset_select(mpp_dataset *d, size_t nframes)
{
  mpp_status st = MPP_OK;
  const mpp_data_request *r = d->request;
  const mpp_description *about = d->about;
  const char *path = d->info.path;
  char text[128];
  d->time = (mpp_part){0, 1, nframes};
  memcpy(d->info.edge, about->edge, sizeof d->info.edge);
  for (int a = 0; a < 3; a++) {
    d->space[a] = (mpp_part){0, 1, about->grid[a]};
    d->wraps[a] = about->edge[a][0] == MPP_SIDE_PERIODIC;
  }
  for (size_t i = 0; i < r->nranges; i++) {
    const mpp_axis_range *range = &r->range[i];
    int axis = -1;
    for (int a = 0; a < 3; a++) {
      axis = strcmp(range->axis, about->space[a].name) == 0 ? a : axis;
    }
    MPP_REQUIRE(axis >= 0 || is_time(about, range->axis), MPP_ERR_USAGE,
                "%s: axis '%s' (crop, stride): not there, found %s", path, range->axis,
                axes_text(text, about));
    if (axis < 0) {
      MPP_TRY(take_part(&d->time, range, nframes, path));
      continue;
    }
    MPP_TRY(take_part(&d->space[axis], range, about->grid[axis], path));
    MPP_TRY(cut_edges(d->info.edge[axis], &d->space[axis], range, about->grid[axis], path));
  }
  d->smooth = false;
  for (int a = 0; a < 3; a++) {
    d->info.grid[a] = d->space[a].count;
    d->smooth = d->smooth || (r->antialias && d->space[a].step > 1);
    d->info.boundary[a] = d->info.edge[a][0] == MPP_SIDE_PERIODIC ? MPP_PERIODIC : MPP_OPEN;
  }
  d->info.nframes = d->time.count;
done:
  return st;
}
