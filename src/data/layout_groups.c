/* layout_groups.c - PDEBench's "one group a seed" (shallow water, diffusion-reaction,
 * diffusion-sorption): groups "0000", "0001", ... with data (t, [y,] x, c), grid/t, grid/x, grid/y
 * and the YAML text of the run in the attribute `config`. */
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "file_layout.h"
#include "system.h"

/* HDF5 path of a member of a group. */
typedef char object_name[2 * MPP_NAME_MAX];

static mpp_status name_object(object_name out, const mpp_data_file *f, size_t trajectory,
                              const char *member)
{
  const char *group = f->group[trajectory];
  const int n = snprintf(out, sizeof(object_name), "%s/%s", group, member);
  if (n < 0 || (size_t)n >= sizeof(object_name)) {
    return mpp_fail(MPP_ERR_DATA, "%s: name of group '%.80s' is too long", f->path, group);
  }
  return MPP_OK;
}

/* A seed's group has a name of digits alone; it must be whole. */
static bool is_seed(const char *name)
{
  return name[0] != '\0' && strspn(name, "0123456789") == strlen(name);
}

static bool has_data(hid_t id, const char *group)
{
  object_name name;
  const int n = snprintf(name, sizeof name, "%s/data", group);
  return n > 0 && (size_t)n < sizeof name && mpp_h5_has(id, name);
}

static bool matches(hid_t id)
{
  char **member = NULL;
  size_t count = 0, seeds = 0;
  if (mpp_h5_members(&member, &count, id, "", "/") != MPP_OK) {
    return false;
  }
  for (size_t i = 0; i < count; i++) { seeds += is_seed(member[i]) || has_data(id, member[i]); }
  mpp_h5_members_free(member, count);
  return seeds > 0;
}

/* Moves the groups of trajectories to the front of the list, and counts them. */
static mpp_status find_groups(mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  MPP_TRY(mpp_h5_members(&f->group, &f->nmembers, f->id, f->path, "/"));
  for (size_t i = 0; i < f->nmembers; i++) {
    const bool has = has_data(f->id, f->group[i]);
    MPP_REQUIRE(has || !is_seed(f->group[i]), MPP_ERR_DATA, "%s: %s/data: not there", f->path,
                f->group[i]);
    if (has) {
      char *other = f->group[f->ntrajectories];
      f->group[f->ntrajectories++] = f->group[i];
      f->group[i] = other;
    }
  }
done:
  return st;
}

/* The system that a number of axes and channels stands for. */
static const char *system_of(size_t naxes, size_t nfields)
{
  return naxes == 2 && nfields == 1   ? "swe"
         : naxes == 2 && nfields == 2 ? "diffre2d"
         : naxes == 1 && nfields == 1 ? "diffsorb"
                                      : "";
}

/* Names of the channels: those of the system they stand for, or c0, c1, ... */
static mpp_status name_channels(mpp_data_file *f, const char *asked, size_t naxes, size_t nfields)
{
  mpp_status st = MPP_OK;
  mpp_name name[MPP_MAX_FIELDS], label;
  size_t known = 0;
  MPP_TRY(mpp_file_layout_label(label, f, asked));
  const char *content = system_of(naxes, nfields);
  const mpp_field_info *fields = mpp_system_fields(&known, content);
  for (size_t i = 0; i < nfields && i < MPP_MAX_FIELDS; i++) {
    if (i < known) {
      snprintf(name[i], sizeof name[i], "%s", fields[i].name);
    } else {
      snprintf(name[i], sizeof name[i], "c%zu", i);
    }
  }
  MPP_TRY(mpp_file_layout_name(f, label, content, (const mpp_name *)name, nfields));
done:
  return st;
}

/* Frames are [y, x]. PDEBench's shallow-water generator stores [x, y]: only on a grid that is not
 * square can that be seen, from the lengths of the coordinates. */
static bool is_x_first(const mpp_data_file *f, const size_t *length)
{
  object_name name;
  size_t nx[MPP_H5_MAX_RANK], ny[MPP_H5_MAX_RANK];
  int rank = 0;
  return length[0] != length[1] && name_object(name, f, 0, "grid/x") == MPP_OK &&
         mpp_h5_shape(nx, &rank, f->id, f->path, name) == MPP_OK && rank == 1 &&
         name_object(name, f, 0, "grid/y") == MPP_OK &&
         mpp_h5_shape(ny, &rank, f->id, f->path, name) == MPP_OK && rank == 1 &&
         nx[0] == length[0] && ny[0] == length[1];
}

/* Holds the first trajectory's coordinates at the lengths of its data. */
static mpp_status check_grid(const mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  object_name member;
  MPP_TRY(name_object(member, f, 0, "grid/t"));
  MPP_TRY(mpp_file_layout_vector(f, member, f->nframes, 0));
  for (int a = 0; a < 3; a++) {
    if (f->axis[a][0] != '\0') {
      char grid[16];
      snprintf(grid, sizeof grid, "grid/%s", f->axis[a]);
      MPP_TRY(name_object(member, f, 0, grid));
      MPP_TRY(mpp_file_layout_vector(f, member, f->grid[a], 0));
    }
  }
done:
  return st;
}

static mpp_status describe(mpp_data_file *f, const char *label)
{
  static const char *const names[3] = {"z", "y", "x"}, *const swapped[2] = {"x", "y"};
  mpp_status st = MPP_OK;
  size_t shape[MPP_H5_MAX_RANK];
  object_name data;
  int rank = 0;
  MPP_TRY(find_groups(f));
  MPP_REQUIRE(f->ntrajectories > 0, MPP_ERR_DATA, "%s: no group has a dataset 'data'", f->path);
  MPP_TRY(name_object(data, f, 0, "data"));
  MPP_TRY(mpp_h5_shape(shape, &rank, f->id, f->path, data));
  MPP_REQUIRE(rank >= 3 && rank <= 5, MPP_ERR_DATA,
              "%s: %s: found %d axes, expected 3 to 5 (time, space, channel)", f->path, data, rank);
  MPP_TRY(mpp_file_layout_shape(shape, f, data, rank));
  const size_t naxes = (size_t)rank - 2;
  const bool x_first = naxes == 2 && is_x_first(f, shape + 1);
  mpp_file_layout_axes(f, x_first ? swapped : names + 3 - naxes, shape + 1, naxes);
  f->nframes = shape[0];
  MPP_TRY(name_channels(f, label, naxes, shape[naxes + 1]));
  MPP_TRY(check_grid(f));
done:
  return st;
}

/* Holds the data of one trajectory at the shape of the file. */
static mpp_status check_shape(object_name data, const mpp_data_file *f, size_t trajectory)
{
  mpp_status st = MPP_OK;
  size_t shape[MPP_H5_MAX_RANK] = {0}, expected[MPP_H5_MAX_RANK] = {f->nframes};
  int rank = 1;
  for (int a = 0; a < 3; a++) {
    if (f->axis[a][0] != '\0') {
      expected[rank++] = f->grid[a];
    }
  }
  expected[rank++] = f->nfields;
  MPP_TRY(name_object(data, f, trajectory, "data"));
  MPP_TRY(mpp_file_layout_shape(shape, f, data, rank));
  for (int i = 0; i < rank; i++) {
    MPP_REQUIRE(shape[i] == expected[i], MPP_ERR_DATA,
                "%s: %s: axis %d has %zu entries, expected %zu as in group '%s'", f->path, data, i,
                shape[i], expected[i], f->group[0]);
  }
done:
  return st;
}

static mpp_status verify(const mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  object_name data;
  for (size_t i = 0; i < f->ntrajectories; i++) { MPP_TRY(check_shape(data, f, i)); }
done:
  return st;
}

static mpp_status read_frames(const mpp_data_file *f, float *buffer, mpp_view view[MPP_MAX_FIELDS],
                              size_t trajectory, size_t start, size_t count)
{
  mpp_status st = MPP_OK;
  object_name data;
  MPP_TRY(check_shape(data, f, trajectory)); /* the buffer is sized for it */
  size_t from[MPP_H5_MAX_RANK] = {start}, box[MPP_H5_MAX_RANK] = {count};
  int rank = 1;
  for (int a = 0; a < 3; a++) {
    if (f->axis[a][0] != '\0') {
      box[rank++] = f->grid[a];
    }
  }
  box[rank] = f->nfields;
  MPP_TRY(mpp_h5_read_f32(buffer, f->id, f->path, data, from, box));
  for (size_t c = 0; c < f->nfields; c++) {
    view[c] = (mpp_view){.base = buffer + c,
                         .frame = f->grid[0] * f->grid[1] * f->grid[2] * f->nfields,
                         .step = f->nfields};
    snprintf(view[c].object, sizeof view[c].object, "%s", data);
  }
done:
  return st;
}

static mpp_status times(const mpp_data_file *f, double *t, size_t trajectory)
{
  mpp_status st = MPP_OK;
  object_name name;
  const size_t start = 0;
  MPP_TRY(name_object(name, f, trajectory, "grid/t"));
  MPP_TRY(mpp_file_layout_vector(f, name, f->nframes, 0));
  MPP_TRY(mpp_h5_read_f64(t, f->id, f->path, name, &start, &f->nframes));
done:
  return st;
}

static mpp_status coordinates(const mpp_data_file *f, double *x, int axis)
{
  mpp_status st = MPP_OK;
  object_name name;
  char member[16];
  const size_t start = 0;
  snprintf(member, sizeof member, "grid/%s", f->axis[axis]);
  MPP_TRY(name_object(name, f, 0, member));
  MPP_TRY(mpp_file_layout_vector(f, name, f->grid[axis], 0));
  MPP_TRY(mpp_h5_read_f64(x, f->id, f->path, name, &start, &f->grid[axis]));
done:
  return st;
}

const mpp_file_layout mpp_file_layout_groups = {
    .name = "pdebench-groups",
    .matches = matches,
    .describe = describe,
    .verify = verify,
    .read = read_frames,
    .times = times,
    .coordinates = coordinates,
};
