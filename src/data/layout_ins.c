/* layout_ins.c - PDEBench's incompressible flow: velocity (b, t, x, y, 2), particles (b, t, x, y,
 * 1) and t (b, t) in one file a seed. The attribute latestIndex is the last frame that the
 * simulation has written: in a file of one that did not finish the frames past it are there, but
 * empty. */
#include <stdio.h>

#include "check.h"
#include "file_layout.h"

enum { BATCH, TIME, X, Y, CHANNEL, RANK };

static const struct {
  const char *dataset;
  size_t nfields;
} parts[2] = {{"velocity", 2}, {"particles", 1}};

static bool matches(const mpp_data_file *f)
{
  return f->file.h5 >= 0 && mpp_h5_has(f->file.h5, "velocity") &&
         mpp_h5_has(f->file.h5, "particles");
}

/* Holds the index of the last frame written at that of the last frame there is. */
static mpp_status check_finished(const mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  const double last = (double)f->about->nframes - 1.0;
  double latest = last;
  if (mpp_h5_has_attribute(f->file.h5, "/", "latestIndex")) {
    MPP_TRY(mpp_h5_attribute_f64(&latest, f->file.h5, f->path, "/", "latestIndex"));
  }
  MPP_REQUIRE(latest == last, MPP_ERR_DATA,
              "%s: latestIndex: found %g, expected %g: the simulation that wrote it did not finish",
              f->path, latest, last);
done:
  return st;
}

/* One array of `nfields` components; its shape is held at the first's. */
static mpp_status describe_part(mpp_data_file *f, int part, const size_t *first)
{
  static const char *const names[3] = {"Vx", "Vy", "particles"};
  static const mpp_axis_role roles[RANK] = {MPP_ROLE_SAMPLE, MPP_ROLE_TIME, MPP_ROLE_SPACE + 1,
                                            MPP_ROLE_SPACE + 2, MPP_ROLE_COMPONENT};
  mpp_status st = MPP_OK;
  const char *dataset = parts[part].dataset;
  size_t shape[MPP_H5_MAX_RANK], array = 0;
  MPP_TRY(mpp_file_layout_shape(shape, f, dataset, RANK));
  for (int a = 0; a < CHANNEL; a++) {
    MPP_REQUIRE(shape[a] == first[a], MPP_ERR_DATA,
                "%s: %s: axis %d has %zu entries, expected %zu as in %s", f->path, dataset, a,
                shape[a], first[a], parts[0].dataset);
  }
  MPP_REQUIRE(shape[CHANNEL] == parts[part].nfields, MPP_ERR_DATA,
              "%s: %s: found %zu channels, expected %zu", f->path, dataset, shape[CHANNEL],
              parts[part].nfields);
  MPP_TRY(mpp_describe_array(f->about, &array, dataset, f->path, RANK, shape, roles));
  for (size_t c = 0; c < parts[part].nfields; c++) {
    MPP_TRY(mpp_describe_field(f->about, f->path, names[f->about->nfields], array, c));
  }
done:
  return st;
}

/* The force (b, x, y, 2) is constant in time, and known. */
static mpp_status describe_force(mpp_data_file *f, const size_t *first)
{
  static const mpp_axis_role roles[4] = {MPP_ROLE_SAMPLE, MPP_ROLE_SPACE + 1, MPP_ROLE_SPACE + 2,
                                         MPP_ROLE_COMPONENT};
  mpp_status st = MPP_OK;
  size_t shape[MPP_H5_MAX_RANK], array = 0;
  int rank = 0;
  if (!mpp_h5_has(f->file.h5, "force")) {
    return MPP_OK;
  }
  MPP_TRY(mpp_h5_shape(shape, &rank, f->file.h5, f->path, "force"));
  if (rank != 4 || shape[0] != first[BATCH] || shape[1] != first[X] || shape[2] != first[Y] ||
      shape[3] != 2) {
    return MPP_OK;
  }
  MPP_TRY(mpp_describe_array(f->about, &array, "force", f->path, rank, shape, roles));
  for (size_t c = 0; c < 2; c++) {
    MPP_TRY(mpp_describe_field(f->about, f->path, c == 0 ? "force_x" : "force_y", array, c));
    f->about->field[f->about->nfields - 1].given = true;
    f->about->field[f->about->nfields - 1].constant = true;
  }
done:
  return st;
}

static mpp_status describe(mpp_data_file *f)
{
  static const char *const axes[2] = {"x", "y"};
  mpp_status st = MPP_OK;
  mpp_description *d = f->about;
  mpp_name label;
  size_t shape[MPP_H5_MAX_RANK], other[MPP_H5_MAX_RANK];
  MPP_TRY(mpp_file_layout_shape(shape, f, parts[0].dataset, RANK));
  for (int i = 0; i < 2; i++) { MPP_TRY(describe_part(f, i, shape)); }
  MPP_TRY(mpp_file_layout_shape(other, f, "t", 2));
  MPP_REQUIRE(other[0] == shape[BATCH] && other[1] == shape[TIME], MPP_ERR_DATA,
              "%s: t: found %zu x %zu entries, expected %zu x %zu", f->path, other[0], other[1],
              shape[BATCH], shape[TIME]);
  d->ntrajectories = shape[BATCH];
  d->has_sample_axis = true;
  d->nframes = shape[TIME];
  MPP_TRY(check_finished(f));
  mpp_file_layout_axes(d, axes, shape + X, 2);
  for (int a = 1; a < 3;
       a++) { /* the file has none: the released ones are cells of a unit square */
    d->space[a].step = 1.0 / (double)d->grid[a];
    d->space[a].first = 0.5 * d->space[a].step;
  }
  snprintf(d->time.name, sizeof d->time.name, "t");
  d->time.array = mpp_file_layout_line("t", MPP_ROLE_SAMPLE, shape[BATCH]);
  d->time.array.rank = 2;
  d->time.array.role[1] = MPP_ROLE_TIME;
  d->time.array.length[1] = shape[TIME];
  MPP_TRY(mpp_file_layout_label(label, f));
  MPP_TRY(mpp_file_layout_name(f, label, "incompNS"));
  MPP_TRY(mpp_file_layout_edges(f));
  MPP_TRY(describe_force(f, shape));
done:
  return st;
}

const mpp_file_layout mpp_file_layout_ins = {
    .name = "pdebench-ins",
    .matches = matches,
    .describe = describe,
};
