/* layout_groups.c - PDEBench's "one group a seed" (shallow water, diffusion-reaction,
 * diffusion-sorption): groups "0000", "0001", ... with data (t, [y,] x, c), grid/t, grid/x, grid/y
 * and the YAML text of the run in the attribute `config`. */
#include <errno.h>
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

static herr_t find_seed(hid_t root, const char *name, const H5L_info_t *info, void *context)
{
  (void)info, (void)context;
  return is_seed(name) || has_data(root, name) ? 1 : 0; /* 1: ends the search */
}

static bool matches(const mpp_data_file *f)
{
  hsize_t at = 0;
  errno = 0;
  return f->file.h5 >= 0 &&
         mpp_h5_yes(H5Literate(f->file.h5, H5_INDEX_NAME, H5_ITER_INC, &at, find_seed, NULL));
}

/* Moves the groups of trajectories to the front of the list, and counts them. */
static mpp_status find_groups(mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  MPP_TRY(mpp_h5_members(&f->group, &f->nmembers, f->file.h5, f->path, "/"));
  for (size_t i = 0; i < f->nmembers; i++) {
    const bool has = has_data(f->file.h5, f->group[i]);
    MPP_REQUIRE(has || !is_seed(f->group[i]), MPP_ERR_DATA, "%s: %s/data: not there", f->path,
                f->group[i]);
    if (has) {
      char *other = f->group[f->about->ntrajectories];
      f->group[f->about->ntrajectories++] = f->group[i];
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

/* Names of the channels where the file says them (attribute mpp_fields, as mpp writes it:
 * "u,v"). */
static mpp_status read_channel_names(mpp_data_file *f, size_t nfields)
{
  mpp_status st = MPP_OK;
  char *text = NULL, *rest = NULL;
  mpp_name name[MPP_MAX_FIELDS];
  size_t count = 0;
  MPP_TRY(mpp_array_text(&text, &f->file, "/", "mpp_fields"));
  for (char *at = text != NULL ? strtok_r(text, ",", &rest) : NULL;
       at != NULL && count < MPP_MAX_FIELDS && strlen(at) < MPP_NAME_MAX;
       at = strtok_r(NULL, ",", &rest)) {
    snprintf(name[count++], sizeof(mpp_name), "%s", at);
  }
  for (size_t i = 0; count == nfields && i < nfields; i++) {
    memcpy(f->about->field[i].name, name[i], sizeof name[i]);
  }
done:
  mpp_free(text);
  return st;
}

/* The array of all channels, and its fields: names of the system they stand for, or c0, c1, ... */
static mpp_status describe_channels(mpp_data_file *f, int rank, const size_t *shape)
{
  mpp_status st = MPP_OK;
  mpp_description *d = f->about;
  mpp_name name, label;
  mpp_axis_role role[MPP_H5_MAX_RANK] = {MPP_ROLE_TIME};
  size_t known = 0, array = 0;
  const size_t naxes = (size_t)rank - 2, nfields = shape[rank - 1];
  MPP_REQUIRE(nfields <= MPP_MAX_FIELDS, MPP_ERR_DATA, "%s: %zu fields, expected 1 to %d", f->path,
              nfields, MPP_MAX_FIELDS);
  for (int a = 1; a < rank; a++) {
    role[a] = a == rank - 1 ? MPP_ROLE_COMPONENT
                            : (mpp_axis_role)(MPP_ROLE_SPACE + 3 - (int)naxes + a - 1);
  }
  MPP_TRY(mpp_describe_array(d, &array, "data", f->path, rank, shape, role));
  const char *content = system_of(naxes, nfields);
  const mpp_field_info *fields = mpp_system_fields(&known, content);
  for (size_t i = 0; i < nfields; i++) {
    if (i < known) {
      snprintf(name, sizeof name, "%s", fields[i].name);
    } else {
      snprintf(name, sizeof name, "c%zu", i);
    }
    MPP_TRY(mpp_describe_field(d, f->path, name, array, i));
  }
  MPP_TRY(read_channel_names(f, nfields));
  MPP_TRY(mpp_file_layout_label(label, f));
  MPP_TRY(mpp_file_layout_name(f, label, content));
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
         mpp_h5_shape(nx, &rank, f->file.h5, f->path, name) == MPP_OK && rank == 1 &&
         name_object(name, f, 0, "grid/y") == MPP_OK &&
         mpp_h5_shape(ny, &rank, f->file.h5, f->path, name) == MPP_OK && rank == 1 &&
         nx[0] == length[0] && ny[0] == length[1];
}

/* Holds the first trajectory's coordinates at the lengths of its data. */
static mpp_status describe_grid(mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  mpp_description *d = f->about;
  object_name member;
  MPP_TRY(name_object(member, f, 0, "grid/t"));
  MPP_TRY(mpp_file_layout_vector(f, member, d->nframes, 0));
  snprintf(d->time.name, sizeof d->time.name, "t");
  d->time.array = mpp_file_layout_line("grid/t", MPP_ROLE_TIME, d->nframes);
  for (int a = 0; a < 3; a++) {
    if (d->space[a].name[0] != '\0') {
      mpp_object_name grid;
      snprintf(grid, sizeof grid, "grid/%s", d->space[a].name);
      MPP_TRY(name_object(member, f, 0, grid));
      MPP_TRY(mpp_file_layout_vector(f, member, d->grid[a], 0));
      d->space[a].array =
          mpp_file_layout_line(grid, (mpp_axis_role)(MPP_ROLE_SPACE + a), d->grid[a]);
    }
  }
done:
  return st;
}

static mpp_status describe(mpp_data_file *f)
{
  static const char *const names[3] = {"z", "y", "x"}, *const swapped[2] = {"x", "y"};
  mpp_status st = MPP_OK;
  mpp_description *d = f->about;
  size_t shape[MPP_H5_MAX_RANK];
  object_name data;
  int rank = 0;
  MPP_TRY(find_groups(f));
  MPP_REQUIRE(d->ntrajectories > 0, MPP_ERR_DATA, "%s: no group has a dataset 'data'", f->path);
  MPP_TRY(name_object(data, f, 0, "data"));
  MPP_TRY(mpp_h5_shape(shape, &rank, f->file.h5, f->path, data));
  MPP_REQUIRE(rank >= 3 && rank <= 5, MPP_ERR_DATA,
              "%s: %s: found %d axes, expected 3 to 5 (time, space, channel)", f->path, data, rank);
  MPP_TRY(mpp_file_layout_shape(shape, f, data, rank));
  const size_t naxes = (size_t)rank - 2;
  const bool x_first = naxes == 2 && is_x_first(f, shape + 1);
  mpp_file_layout_axes(d, x_first ? swapped : names + 3 - naxes, shape + 1, naxes);
  d->nframes = shape[0];
  MPP_TRY(describe_channels(f, rank, shape));
  MPP_TRY(describe_grid(f));
  MPP_TRY(mpp_file_layout_edges(f));
done:
  return st;
}

const mpp_file_layout mpp_file_layout_groups = {
    .name = "pdebench-groups",
    .matches = matches,
    .describe = describe,
};
