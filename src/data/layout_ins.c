/* layout_ins.c - PDEBench's incompressible flow: velocity (b, t, x, y, 2), particles (b, t, x, y, 1)
 * and t (b, t) in one file a seed. The attribute latestIndex is the last frame that the simulation
 * has written: in a file of one that did not finish the frames past it are there, but empty. */
#include <stdio.h>

#include "check.h"
#include "file_layout.h"

enum { BATCH, TIME, X, Y, CHANNEL, RANK };

static const struct {
  const char *dataset;
  size_t nfields;
} parts[2] = {{"velocity", 2}, {"particles", 1}};

static bool matches(hid_t id) { return mpp_h5_has(id, "velocity") && mpp_h5_has(id, "particles"); }

/* Holds the index of the last frame written at that of the last frame there is. */
static mpp_status check_finished(const mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  const double last = (double)f->nframes - 1.0;
  double latest = last;
  if (mpp_h5_has_attribute(f->id, "/", "latestIndex")) {
    MPP_TRY(mpp_h5_attribute_f64(&latest, f->id, f->path, "/", "latestIndex"));
  }
  MPP_REQUIRE(latest == last, MPP_ERR_DATA,
              "%s: latestIndex: found %g, expected %g: the simulation that wrote it did not finish",
              f->path, latest, last);
done:
  return st;
}

static mpp_status describe(mpp_data_file *f, const char *label)
{
  static const mpp_name names[3] = {"Vx", "Vy", "particles"};
  static const char *const axes[2] = {"x", "y"};
  mpp_status st = MPP_OK;
  size_t shape[MPP_H5_MAX_RANK], other[MPP_H5_MAX_RANK];
  MPP_TRY(mpp_file_layout_shape(shape, f, parts[0].dataset, RANK));
  MPP_TRY(mpp_file_layout_shape(other, f, parts[1].dataset, RANK));
  for (int a = 0; a < CHANNEL; a++) {
    MPP_REQUIRE(other[a] == shape[a], MPP_ERR_DATA,
                "%s: %s: axis %d has %zu entries, expected %zu as in %s", f->path, parts[1].dataset,
                a, other[a], shape[a], parts[0].dataset);
  }
  for (int i = 0; i < 2; i++) {
    const size_t found = (i == 0 ? shape : other)[CHANNEL];
    MPP_REQUIRE(found == parts[i].nfields, MPP_ERR_DATA, "%s: %s: found %zu channels, expected %zu",
                f->path, parts[i].dataset, found, parts[i].nfields);
  }
  MPP_TRY(mpp_file_layout_shape(other, f, "t", 2));
  MPP_REQUIRE(other[0] == shape[BATCH] && other[1] == shape[TIME], MPP_ERR_DATA,
              "%s: t: found %zu x %zu entries, expected %zu x %zu", f->path, other[0], other[1],
              shape[BATCH], shape[TIME]);
  f->ntrajectories = shape[BATCH];
  f->nframes = shape[TIME];
  MPP_TRY(check_finished(f));
  mpp_file_layout_axes(f, axes, shape + X, 2);
  MPP_TRY(mpp_file_layout_name(f, label, "incompNS", names, 3));
done:
  return st;
}

static mpp_status read_frames(const mpp_data_file *f, float *buffer, mpp_view view[MPP_MAX_FIELDS],
                              size_t trajectory, size_t start, size_t count)
{
  mpp_status st = MPP_OK;
  const size_t cells = f->grid[1] * f->grid[2], from[RANK] = {trajectory, start};
  size_t field = 0;
  for (int i = 0; i < 2; i++) {
    const size_t n = parts[i].nfields;
    const size_t box[RANK] = {1, count, f->grid[1], f->grid[2], n};
    float *x = buffer + field * count * cells;
    MPP_TRY(mpp_h5_read_f32(x, f->id, f->path, parts[i].dataset, from, box));
    for (size_t c = 0; c < n; c++) {
      view[field] = (mpp_view){.base = x + c, .frame = cells * n, .step = n};
      snprintf(view[field++].object, sizeof view[0].object, "%s", parts[i].dataset);
    }
  }
done:
  return st;
}

static mpp_status times(const mpp_data_file *f, double *t, size_t trajectory)
{
  const size_t from[2] = {trajectory, 0}, box[2] = {1, f->nframes};
  return mpp_h5_read_f64(t, f->id, f->path, "t", from, box);
}

/* The file has none: the released simulations are on cell centres of the unit square. */
static mpp_status coordinates(const mpp_data_file *f, double *x, int axis)
{
  const size_t n = f->grid[axis];
  for (size_t i = 0; i < n; i++) { x[i] = ((double)i + 0.5) / (double)n; }
  return MPP_OK;
}

const mpp_file_layout mpp_file_layout_ins = {
    .name = "pdebench-ins",
    .matches = matches,
    .describe = describe,
    .verify = NULL,
    .read = read_frames,
    .times = times,
    .coordinates = coordinates,
};
