/* rollout_nc_open.c - opens a forecast file and holds it at what it should be. */
#include <stdio.h>
#include <string.h>

#include "file.h"
#include "h5.h"
#include "nc.h"
#include "rollout_nc_file.h"

/* For the indices of a file, as long as they are in it; a node of 3 KiB takes 18 in memory. Some 40
 * of them are what a dozen fields need for a record, and the number of records does not matter
 * then. */
enum { INDEX_CACHE = 128 * 1024 };

static mpp_status check_text(int ncid, const char *path, const mpp_nc_text *expected)
{
  mpp_status st = MPP_OK;
  size_t length = 0;
  char *found = NULL;
  const int rc = mpp_fault() ? NC_EHDFERR : nc_inq_attlen(ncid, NC_GLOBAL, expected->name, &length);
  MPP_REQUIRE(rc == NC_NOERR, MPP_ERR_DATA, "%s: attribute '%s': %s", path, expected->name,
              nc_strerror(rc));
  MPP_TRY(MPP_ALLOC(&found, length + 1));
  MPP_NC(nc_get_att_text(ncid, NC_GLOBAL, expected->name, found), path, expected->name);
  MPP_REQUIRE(strcmp(found, expected->text) == 0, MPP_ERR_DATA,
              "%s: %s is '%.200s', expected '%.200s': not of this run (remove it, or begin anew "
              "with --overwrite)",
              path, expected->name, found, expected->text);
done:
  mpp_free(found);
  return st;
}

static mpp_status check_axes(const mpp_rollout_nc_file *file, const char *path,
                             const mpp_dataset_info *info)
{
  mpp_status st = MPP_OK;
  for (size_t k = 0; k < file->ndims; k++) {
    mpp_nc_name name;
    int dim = -1;
    size_t length = 0;
    mpp_nc_axis_name(name, info, file->order[k]);
    const int rc = nc_inq_dimid(file->ncid, name, &dim);
    MPP_REQUIRE(rc == NC_NOERR, MPP_ERR_DATA, "%s: dimension '%s': %s", path, name,
                nc_strerror(rc));
    MPP_NC(nc_inq_dimlen(file->ncid, dim, &length), path, name);
    MPP_REQUIRE(length == file->grid[file->order[k]], MPP_ERR_DATA,
                "%s: dimension '%s' has length %zu, expected %zu: not of this run", path, name,
                length, file->grid[file->order[k]]);
  }
done:
  return st;
}

mpp_status mpp_nc_keep_one_chunk(int ncid, int variable, const char *path, const char *name)
{
  mpp_status st = MPP_OK;
  int ndims = 0;
  size_t chunk[NC_MAX_VAR_DIMS], bytes = sizeof(double);
  bool packs = false;
  MPP_NC(nc_inq_varndims(ncid, variable, &ndims), path, name);
  MPP_NC(nc_inq_var_chunking(ncid, variable, NULL, chunk), path, name);
  for (int d = 0; d < ndims; d++) {
    MPP_REQUIRE(mpp_mul(&bytes, bytes, chunk[d]), MPP_ERR_DATA, "%s: chunks of '%s' are too large",
                path, name);
  }
  MPP_TRY(mpp_netcdf_packs(&packs, ncid, variable, path));
  if (packs) { /* of others none is kept: see mpp_netcdf_open */
    MPP_NC(nc_set_var_chunk_cache(ncid, variable, bytes, 1, 0.0f), path, name);
  }
done:
  return st;
}

static mpp_status find_series(int *variable, const mpp_rollout_nc_file *file, const char *path,
                              const char *name)
{
  mpp_status st = MPP_OK;
  MPP_TRY(mpp_netcdf_find(variable, file->ncid, path, name, 1, NULL));
  MPP_TRY(mpp_netcdf_check(file->ncid, *variable, path, NULL, NULL)); /* once for all records */
  MPP_TRY(mpp_nc_keep_one_chunk(file->ncid, *variable, path, name));
done:
  return st;
}

/* The variable of one kind of field f, which is called `name`, if the file has that kind. */
static mpp_status find_of_field(mpp_rollout_nc_file *file, const char *path, const char *name,
                                size_t f, size_t kind)
{
  mpp_status st = MPP_OK;
  int *variable = &file->variable[f][kind];
  char full[MPP_NC_NAME_SIZE + 16];
  if (!file->has[kind]) {
    return MPP_OK;
  }
  snprintf(full, sizeof full, "%.95s%s", name, mpp_nc_suffix[kind]);
  if (kind >= MPP_NC_NRMSE) {
    return find_series(variable, file, path, full);
  }
  MPP_TRY(mpp_netcdf_find(variable, file->ncid, path, full, file->ndims + 1, NULL));
  MPP_TRY(mpp_nc_keep_one_chunk(file->ncid, *variable, path, full));
done:
  return st;
}

mpp_status mpp_nc_open(mpp_rollout_nc_file *file, const char *path, bool write,
                       const mpp_rollout_nc_layout *layout)
{
  mpp_status st = MPP_OK;
  mpp_nc_name names[MPP_MAX_FIELDS];
  mpp_rollout_nc_file opened = {.ncid = -1};
  mpp_nc_describe(&opened, names, layout);
  MPP_TRY(mpp_h5_init());
  MPP_TRY(mpp_check_input(path));
  MPP_TRY(mpp_netcdf_open(&opened.ncid, path, write));
  mpp_h5_bound_cache(path, INDEX_CACHE);
  for (size_t i = 0; i < layout->ntexts; i++) {
    if (layout->text[i].identifies) {
      MPP_TRY(check_text(opened.ncid, path, &layout->text[i]));
    }
  }
  MPP_TRY(check_axes(&opened, path, layout->info));
  MPP_TRY(find_series(&opened.time, &opened, path, mpp_nc_time_name(layout->style)));
  MPP_TRY(find_series(&opened.sim_time, &opened, path, "sim_time"));
  for (size_t f = 0; f < opened.nfields; f++) {
    for (size_t kind = 0; kind < MPP_NC_KINDS; kind++) {
      MPP_TRY(find_of_field(&opened, path, names[f], f, kind));
    }
  }
  for (size_t i = 0; opened.style != NULL && i < opened.style->nvectors; i++) {
    const char *name = opened.style->vector[i].name;
    MPP_TRY(mpp_netcdf_find(&opened.vector[i], opened.ncid, path, name, opened.ndims + 2, NULL));
    MPP_TRY(mpp_nc_keep_one_chunk(opened.ncid, opened.vector[i], path, name));
  }
  for (size_t i = 0; i < layout->nseries; i++) {
    MPP_TRY(find_series(&opened.series[i], &opened, path, layout->series[i].name));
  }
  MPP_TRY(mpp_nc_find_asides(&opened, path));
  *file = opened;
  opened.ncid = -1;
done:
  if (opened.ncid >= 0) {
    nc_close(opened.ncid);
  }
  return st;
}
