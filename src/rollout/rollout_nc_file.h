/* rollout_nc_file.h - dimensions, variables and attributes of a forecast file. Private to the
 * writer; the caller holds the HDF5 lock. */
#ifndef MPP_ROLLOUT_NC_FILE_H
#define MPP_ROLLOUT_NC_FILE_H

#include "file.h"
#include "rollout_nc.h"
#include "style.h"

typedef enum {
  MPP_NC_PREDICTION,
  MPP_NC_TRUTH,
  MPP_NC_ERROR,
  MPP_NC_SPREAD,
  MPP_NC_NRMSE, /* from here on: a number a record */
  MPP_NC_VRMSE,
  MPP_NC_KINDS
} mpp_nc_kind;
extern const char *const mpp_nc_suffix[MPP_NC_KINDS]; /* "", "_truth", ... */

/* An open file. */
typedef struct mpp_rollout_nc_file {
  int ncid;
  int time, sim_time, variable[MPP_MAX_FIELDS][MPP_NC_KINDS];
  size_t nfields, grid[3], cells;
  size_t ndims, order[3]; /* dimension k + 1 of a field is axis order[k] of the grid */
  bool has[MPP_NC_KINDS]; /* variables of a field */
  size_t nseries;
  int series[MPP_NC_SERIES_MAX];
  const mpp_style *style;     /* borrowed; NULL: the project's own look */
  int vector[MPP_MAX_FIELDS]; /* [style->nvectors] */
  int aside[MPP_ASIDES_MOST]; /* [style->nasides] of those that are timed; -1: none */
} mpp_rollout_nc_file;

/* A file that is written, or read to be gone on from. */
struct mpp_rollout_nc {
  mpp_rollout_nc_file file;
  char path[MPP_PATH_MAX];
  int fd; /* for reserving space */
  size_t records;
  float *scratch, *missing, *error; /* [cells]: one field in the order of the file; all fill */
};

enum { MPP_NC_MOST_DIMS = 5 }; /* time, space, components */

/* Where the components of a vector stand among the dimensions of its variable. */
static inline size_t mpp_nc_component_dim(const mpp_rollout_nc_file *file, size_t vector)
{
  return file->style->vector[vector].first ? 1 : file->ndims + 1;
}

/* ---- rollout_nc_names.c ---- */

/* Fills all but the ids; names [nfields] of the predictions. */
void mpp_nc_describe(mpp_rollout_nc_file *file, mpp_nc_name *names,
                     const mpp_rollout_nc_layout *layout);
/* Names [nfields] of the variables of predictions. */
void mpp_nc_name_fields(mpp_nc_name *names, const mpp_dataset_info *info, const mpp_style *style);
const char *mpp_nc_time_name(const mpp_style *style); /* of the dimension and of its variable */
void mpp_nc_axis_name(mpp_nc_name out, const mpp_dataset_info *info, size_t axis);

/* ---- rollout_nc_style.c: definitions that come from the input ---- */

/* Adds those attributes that the variable does not have yet. */
MPP_MUST_CHECK mpp_status mpp_nc_put_list(int ncid, const char *path, int variable,
                                          const mpp_style_list *list);
/* Variables of vectors; dims[0] is time, dims[1 .. ndims] are those of space. */
MPP_MUST_CHECK mpp_status mpp_nc_define_vectors(mpp_rollout_nc_file *file, const char *path,
                                                const mpp_rollout_nc_layout *layout,
                                                const int *dims);
/* Global attributes: parameters of the trajectory, and what the input says of itself. */
MPP_MUST_CHECK mpp_status mpp_nc_put_origin(int ncid, const char *path,
                                            const mpp_rollout_nc_layout *layout);

/* ---- rollout_nc_aside.c: what fields name beside their axes, and bounds ---- */

/* Bytes that a record of those that are timed takes, and how many they are. */
size_t mpp_nc_aside_bytes(const mpp_rollout_nc_file *file, size_t *variables);
/* ids [style->nasides], -1 for one whose name is taken, so they are defined last, or impossible:
 * the attribute mpp_left_out lists them with what the style leaves out. Values that do not change
 * can be written when the definitions have ended. `series`: records of a chunk of few values. */
MPP_MUST_CHECK mpp_status mpp_nc_define_asides(int *ids, const mpp_rollout_nc_file *file,
                                               const char *path, const int *dims,
                                               const mpp_rollout_nc_layout *layout, size_t series);
MPP_MUST_CHECK mpp_status mpp_nc_put_asides(const int *ids, const mpp_rollout_nc_file *file,
                                            const char *path);
/* Fills file->aside, when all other variables are found. */
MPP_MUST_CHECK mpp_status mpp_nc_find_asides(mpp_rollout_nc_file *file, const char *path);
/* Values [style->nbeside] of the next record; NULL: they stay missing. */
MPP_MUST_CHECK mpp_status mpp_nc_append_asides(const mpp_rollout_nc *w, const double *values);

/* ---- rollout_nc_define.c ---- */

/* Writes definitions and coordinates, and closes. The file appears under `path` complete. */
MPP_MUST_CHECK mpp_status mpp_nc_define(const char *path, const mpp_rollout_nc_layout *layout);

/* ---- rollout_nc_open.c ---- */

/* MPP_ERR_DATA: damaged, or identifying attributes and shapes are not those of the layout. */
MPP_MUST_CHECK mpp_status mpp_nc_open(mpp_rollout_nc_file *file, const char *path, bool write,
                                      const mpp_rollout_nc_layout *layout);

/* Room for the chunk that is written or read, not for those before it, however many records. */
MPP_MUST_CHECK mpp_status mpp_nc_keep_one_chunk(int ncid, int variable, const char *path,
                                                const char *name);

/* ---- rollout_nc_read.c ---- */

/* File order from memory order, or back: dimension k of the file is axis order[k] of the grid. */
void mpp_nc_transpose(float *to, const float *from, const mpp_rollout_nc_file *file, bool back);

#endif
