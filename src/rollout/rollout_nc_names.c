/* rollout_nc_names.c - names of variables and the order of dimensions in a forecast file. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "mpp/field.h"
#include "rollout_nc_file.h"

const char *const mpp_nc_suffix[MPP_NC_KINDS] = {"",        "_truth", "_error",
                                                 "_spread", "_nrmse", "_vrmse"};

/* Of the series beside a field, which are no kinds of their own. */
static const char *const series_suffix[] = {"_growth", "_high_share", "_clipped", "_shift"};
enum { SUFFIXES = MPP_NC_KINDS + sizeof series_suffix / sizeof series_suffix[0] };

static const char *suffix(size_t i)
{
  return i < MPP_NC_KINDS ? mpp_nc_suffix[i] : series_suffix[i - MPP_NC_KINDS];
}

/* The name of a coordinate, or of a vector that the file has beside its components. */
static bool is_coordinate(const char *base, const mpp_dataset_info *info, const mpp_style *style)
{
  static const char *const reserved[] = {"time", "sim_time", "x",      "y",
                                         "z",    "guard",    "origin", "members"};
  for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++) {
    if (strcmp(base, reserved[i]) == 0) {
      return true;
    }
  }
  for (size_t i = 0; style != NULL && i < style->nvectors; i++) {
    if (strcmp(base, style->vector[i].name) == 0 || strcmp(base, style->vector[i].axis) == 0) {
      return true;
    }
  }
  return strcmp(base, mpp_nc_time_name(style)) == 0 || strcmp(base, info->axis[0]) == 0 ||
         strcmp(base, info->axis[1]) == 0 || strcmp(base, info->axis[2]) == 0;
}

/* Any variable of a field called `base` has the name of an earlier field's. */
static bool is_taken(const mpp_nc_name *names, size_t count, const char *base)
{
  for (size_t f = 0; f < count; f++) {
    for (size_t a = 0; a < SUFFIXES; a++) {
      for (size_t b = 0; b < SUFFIXES; b++) {
        char mine[MPP_NC_NAME_SIZE + 16], other[MPP_NC_NAME_SIZE + 16];
        snprintf(mine, sizeof mine, "%s%s", base, suffix(a));
        snprintf(other, sizeof other, "%s%s", names[f], suffix(b));
        if (strcmp(mine, other) == 0) {
          return true;
        }
      }
    }
  }
  return false;
}

/* Letters, digits and underscores, a letter first (CF 2.3). A name of the input stays as it is
 * where netCDF can have it. */
static void base_name(char base[MPP_NC_NAME_SIZE], const char *own, const char *field)
{
  const bool as_is = own[0] != '\0' && strpbrk(own, "/ \t") == NULL &&
                     (isalpha((unsigned char)own[0]) || own[0] == '_');
  const char *from = own[0] != '\0' ? own : mpp_field_short(field);
  snprintf(base, MPP_NC_NAME_SIZE, "%s%.80s", as_is || isalpha((unsigned char)from[0]) ? "" : "f_",
           from);
  for (char *c = base; *c != '\0' && !as_is; c++) {
    if (!isalnum((unsigned char)*c)) {
      *c = '_';
    }
  }
}

const char *mpp_nc_time_name(const mpp_style *style)
{
  return style != NULL && style->time[0] != '\0' ? style->time : "time";
}

/* Unique together with the suffixes. */
void mpp_nc_name_fields(mpp_nc_name *names, const mpp_dataset_info *info, const mpp_style *style)
{
  for (size_t f = 0; f < info->nfields; f++) {
    char base[MPP_NC_NAME_SIZE];
    base_name(base, style != NULL ? style->name[f] : "", info->field[f]);
    snprintf(names[f], MPP_NC_NAME_SIZE, "%s", base);
    for (unsigned n = 2;
         is_coordinate(names[f], info, style) || is_taken((const mpp_nc_name *)names, f, names[f]);
         n++) {
      snprintf(names[f], MPP_NC_NAME_SIZE, "%.84s_%u", base, n);
    }
  }
}

/* Dimensions of a field in the order z, y, x with x fastest, whatever the order in memory; axes of
 * other names come before, those of length 1 without a name not at all. Where the input has a look
 * of its own: in its order. */
static void order_axes(mpp_rollout_nc_file *file, const mpp_dataset_info *info, bool as_input)
{
  static const char *const rank[] = {"z", "y", "x"};
  file->ndims = 0;
  file->cells = info->grid[0] * info->grid[1] * info->grid[2];
  for (int pass = -1; pass < 3; pass++) {
    for (size_t a = 0; a < 3; a++) {
      int of = -1;
      for (int r = 0; r < 3; r++) {
        if (strcmp(info->axis[a], rank[r]) == 0) {
          of = r;
        }
      }
      of = as_input ? -1 : of;
      if (of == pass && (info->grid[a] > 1 || info->axis[a][0] != '\0')) {
        file->order[file->ndims++] = a;
      }
    }
  }
  memcpy(file->grid, info->grid, sizeof file->grid);
}

void mpp_nc_axis_name(mpp_nc_name out, const mpp_dataset_info *info, size_t axis)
{
  if (info->axis[axis][0] != '\0') {
    snprintf(out, MPP_NC_NAME_SIZE, "%s", info->axis[axis]);
  } else {
    snprintf(out, MPP_NC_NAME_SIZE, "axis%zu", axis);
  }
}

void mpp_nc_describe(mpp_rollout_nc_file *file, mpp_nc_name *names,
                     const mpp_rollout_nc_layout *layout)
{
  order_axes(file, layout->info, layout->style != NULL);
  mpp_nc_name_fields(names, layout->info, layout->style);
  file->style = layout->style;
  file->nfields = layout->info->nfields;
  file->nseries = layout->nseries;
  for (int kind = 0; kind < MPP_NC_KINDS; kind++) {
    file->has[kind] = kind == MPP_NC_PREDICTION ||
                      (kind == MPP_NC_SPREAD ? layout->has_spread : layout->has_truth);
  }
}
