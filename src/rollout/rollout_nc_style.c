/* rollout_nc_style.c - definitions of a forecast file that come from its input: attributes, vectors
 * in one array, parameters of the trajectory. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "nc.h"
#include "rollout_nc_file.h"

/* A name that netCDF cannot have (HDF5 takes any) is passed over. */
static mpp_status take(int rc, const char *path, const char *name)
{
  mpp_status st = MPP_OK;
  MPP_NC(rc == NC_EBADNAME ? NC_NOERR : rc, path, name);
done:
  return st;
}

static mpp_status put_one(int ncid, const char *path, int variable, const char *name,
                          const mpp_style_attribute *a)
{
  if (a->text != NULL) {
    return take(nc_put_att_text(ncid, variable, name, strlen(a->text), a->text), path, name);
  }
  bool small = a->whole; /* the classic model has integers of 32 bits */
  for (size_t i = 0; i < a->count; i++) { small = small && fabs(a->value[i]) <= 2147483647.0; }
  return take(
      nc_put_att_double(ncid, variable, name, small ? NC_INT : NC_DOUBLE, a->count, a->value), path,
      name);
}

mpp_status mpp_nc_put_list(int ncid, const char *path, int variable, const mpp_style_list *list)
{
  mpp_status st = MPP_OK;
  int there = 0;
  for (size_t i = 0; i < list->count; i++) {
    if (nc_inq_attid(ncid, variable, list->item[i].name, &there) != NC_NOERR) {
      MPP_TRY(put_one(ncid, path, variable, list->item[i].name, &list->item[i]));
    }
  }
done:
  return st;
}

/* ---- vectors ---- */

static mpp_status define_vector(mpp_rollout_nc_file *file, const char *path, size_t index,
                                const mpp_rollout_nc_layout *layout, const int *space)
{
  mpp_status st = MPP_OK;
  const int ncid = file->ncid;
  const mpp_style_vector *v = &file->style->vector[index];
  const size_t component = mpp_nc_component_dim(file, index), rank = file->ndims + 2;
  const float fill = NC_FILL_FLOAT;
  int dims[MPP_NC_MOST_DIMS] = {space[0]}, *variable = &file->vector[index];
  size_t chunk[MPP_NC_MOST_DIMS] = {1};
  if (nc_inq_dimid(ncid, v->axis, &dims[component]) != NC_NOERR) {
    MPP_NC(nc_def_dim(ncid, v->axis, v->length, &dims[component]), path, v->axis);
  }
  chunk[component] = 1;
  for (size_t k = 0; k < file->ndims; k++) {
    const size_t at = k + (component <= k + 1 ? 2 : 1);
    dims[at] = space[k + 1];
    chunk[at] = file->grid[file->order[k]];
  }
  MPP_NC(nc_def_var(ncid, v->name, NC_FLOAT, (int)rank, dims, variable), path, v->name);
  MPP_NC(nc_def_var_chunking(ncid, *variable, NC_CHUNKED, chunk), path, v->name);
  MPP_NC(nc_def_var_fletcher32(ncid, *variable, NC_FLETCHER32), path, v->name);
  MPP_NC(nc_def_var_deflate(ncid, *variable, 1, layout->deflate > 0, layout->deflate), path,
         v->name);
  if (layout->digits > 0) {
    MPP_NC(nc_def_var_quantize(ncid, *variable, NC_QUANTIZE_GRANULARBR, layout->digits), path,
           v->name);
  }
  MPP_NC(nc_put_att_float(ncid, *variable, "_FillValue", NC_FLOAT, 1, &fill), path, v->name);
  MPP_TRY(mpp_nc_put_list(ncid, path, *variable, v->attributes));
done:
  return st;
}

mpp_status mpp_nc_define_vectors(mpp_rollout_nc_file *file, const char *path,
                                 const mpp_rollout_nc_layout *layout, const int *dims)
{
  mpp_status st = MPP_OK;
  for (size_t i = 0; file->style != NULL && i < file->style->nvectors; i++) {
    MPP_TRY(define_vector(file, path, i, layout, dims));
  }
done:
  return st;
}

/* ---- global attributes ---- */

/* What the input says of its own history goes on below that of the forecast (CF 2.6.2). */
static mpp_status put_history(int ncid, const char *path, const char *before)
{
  mpp_status st = MPP_OK;
  size_t length = 0;
  char *own = NULL, *both = NULL;
  if (nc_inq_attlen(ncid, NC_GLOBAL, "history", &length) != NC_NOERR) {
    length = 0;
  }
  MPP_TRY(MPP_ALLOC(&own, length + 1));
  if (length > 0) {
    MPP_NC(nc_get_att_text(ncid, NC_GLOBAL, "history", own), path, "history");
  }
  MPP_TRY(mpp_format(&both, "%s%s%s", own, length > 0 ? "\n" : "", before));
  MPP_NC(nc_put_att_text(ncid, NC_GLOBAL, "history", strlen(both), both), path, "history");
done:
  mpp_free(own);
  mpp_free(both);
  return st;
}

/* Is a global attribute there that says something? Ours may say "not stated". */
static bool is_stated(int ncid, const char *name)
{
  static const char nothing[] = "not stated";
  size_t length = 0;
  nc_type type = NC_NAT;
  char *text = NULL;
  if (nc_inq_att(ncid, NC_GLOBAL, name, &type, &length) != NC_NOERR) {
    return false;
  }
  bool stated = type != NC_CHAR || length < sizeof nothing - 1;
  if (!stated && MPP_ALLOC(&text, length + 1) == MPP_OK) {
    stated = nc_get_att_text(ncid, NC_GLOBAL, name, text) != NC_NOERR ||
             strncmp(text, nothing, sizeof nothing - 1) != 0;
  }
  mpp_free(text);
  return stated;
}

/* An attribute of the input that the forecast has, too, gets the prefix "input_". */
static mpp_status put_globals(int ncid, const char *path, const mpp_style_list *list)
{
  mpp_status st = MPP_OK;
  char name[NC_MAX_NAME + 1];
  for (size_t i = 0; i < list->count; i++) {
    const mpp_style_attribute *a = &list->item[i];
    if (strcmp(a->name, "history") == 0 && a->text != NULL) {
      MPP_TRY(put_history(ncid, path, a->text));
      continue;
    }
    const bool clash = is_stated(ncid, a->name);
    snprintf(name, sizeof name, "%s%.200s", clash ? "input_" : "", a->name);
    MPP_TRY(put_one(ncid, path, NC_GLOBAL, name, a));
  }
done:
  return st;
}

mpp_status mpp_nc_put_origin(int ncid, const char *path, const mpp_rollout_nc_layout *layout)
{
  mpp_status st = MPP_OK;
  const mpp_dataset_info *info = layout->info;
  int there = 0;
  if (layout->style != NULL) {
    MPP_TRY(put_globals(ncid, path, &layout->style->global));
  }
  for (size_t i = 0; layout->parameter != NULL && i < info->nparameters; i++) {
    const mpp_style_attribute a = {.value = (double *)&layout->parameter[i], .count = 1};
    if (isfinite(layout->parameter[i]) &&
        nc_inq_attid(ncid, NC_GLOBAL, info->parameter[i], &there) != NC_NOERR) {
      MPP_TRY(put_one(ncid, path, NC_GLOBAL, info->parameter[i], &a));
    }
  }
done:
  return st;
}
