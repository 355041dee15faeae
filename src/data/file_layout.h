/* file_layout.h - how one file of a dataset is laid out: a const struct of functions a layout.
 * All functions are called with HDF5 locked. */
#ifndef MPP_FILE_LAYOUT_H
#define MPP_FILE_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "h5.h"
#include "mpp/dataset.h"
#include "mpp/field.h"

typedef struct mpp_file_layout mpp_file_layout;

/* One open file. */
typedef struct mpp_data_file {
  hid_t id;         /* owned; -1 when closed */
  const char *path; /* borrowed */
  const mpp_file_layout *layout;
  mpp_name system;
  size_t nfields, ntrajectories, nframes;
  mpp_name field[MPP_MAX_FIELDS]; /* short names in channel order */
  size_t grid[3];
  char axis[3][8];
  /* of layout groups */
  char **group; /* owned; one a trajectory, sorted by name */
  size_t nmembers;
  /* of layout array */
  int lead;                         /* axes before time: 0, 1 (sample) or 2 (device, sample) */
  mpp_name dataset[MPP_MAX_FIELDS]; /* where each field is */
} mpp_data_file;

/* Where a field stands in a buffer: element (t, cell) is at base[t * frame + cell * step]. */
typedef struct mpp_view {
  const float *base;
  size_t frame, step;
  char object[2 * MPP_NAME_MAX]; /* name of the HDF5 dataset, for messages */
} mpp_view;

struct mpp_file_layout {
  const char *name; /* "pdebench-groups" */
  /* Is the file of this layout? By its content alone. */
  bool (*matches)(hid_t id);
  /* Fills shape, axes, fields and system of an open file; `label` is the system asked for, or "". */
  mpp_status (*describe)(mpp_data_file *f, const char *label);
  /* Holds the shape of every trajectory at that of the first; NULL: one array has one shape. */
  mpp_status (*verify)(const mpp_data_file *f);
  /* Reads frames into `buffer` [count * nfields * cells], in the order of the file. */
  mpp_status (*read)(const mpp_data_file *f, float *buffer, mpp_view view[MPP_MAX_FIELDS],
                     size_t trajectory, size_t start, size_t count);
  mpp_status (*times)(const mpp_data_file *f, double *t, size_t trajectory);
  /* Of an axis that the file has. */
  mpp_status (*coordinates)(const mpp_data_file *f, double *x, int axis);
};

extern const mpp_file_layout mpp_file_layout_groups, mpp_file_layout_array, mpp_file_layout_ins;

/* Opens a file, finds its layout and describes it. MPP_ERR_NOINPUT, MPP_ERR_DATA. */
MPP_MUST_CHECK mpp_status mpp_data_file_open(mpp_data_file *f, const char *path, const char *label);
void mpp_data_file_close(mpp_data_file *f); /* takes one that is not open (id -1) */

/* ---- for the layouts ---- */

/* The system of a file: what is asked for, or else its attribute `system`, or else "". */
MPP_MUST_CHECK mpp_status mpp_file_layout_label(mpp_name out, const mpp_data_file *f,
                                                const char *asked);

/* Names system and fields. `content` is the system that the content speaks for ("" if none), `name`
 * the names of its nfields fields. A known label must have as many fields; an unknown one keeps the
 * names. MPP_ERR_DATA: neither label nor content tells the system. */
MPP_MUST_CHECK mpp_status mpp_file_layout_name(mpp_data_file *f, const char *label,
                                               const char *content, const mpp_name *name,
                                               size_t nfields);

/* Names the spatial axes, and their lengths: `count` of them, the last stands at grid[2]. */
void mpp_file_layout_axes(mpp_data_file *f, const char *const *name, const size_t *length,
                          size_t count);

/* Holds dataset `name` at `rank` axes. */
MPP_MUST_CHECK mpp_status mpp_file_layout_shape(size_t shape[MPP_H5_MAX_RANK],
                                                const mpp_data_file *f, const char *name, int rank);

/* Holds `name` at one axis of `length` entries, or of `length + surplus`. */
MPP_MUST_CHECK mpp_status mpp_file_layout_vector(const mpp_data_file *f, const char *name,
                                                 size_t length, size_t surplus);

#endif
