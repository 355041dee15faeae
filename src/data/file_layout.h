/* file_layout.h - one open file of a dataset, and the layouts that are recognised: a const struct
 * of functions a layout, each of which brings a file into the common form (description.h). All
 * functions are called with HDF5 locked. */
#ifndef MPP_FILE_LAYOUT_H
#define MPP_FILE_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "array_file.h"
#include "data_request.h"
#include "description.h"
#include "mpp/field.h"

typedef struct mpp_file_layout mpp_file_layout;

/* One open file. */
typedef struct mpp_data_file {
  mpp_array_file file; /* owned; h5 and nc are -1 when closed */
  const char *path;    /* borrowed */
  const mpp_file_layout *layout;
  const mpp_data_request *request; /* borrowed */
  mpp_description *about;          /* owned */
  char **group;                    /* owned; one a trajectory, sorted by name; NULL: none */
  size_t nmembers;
} mpp_data_file;

struct mpp_file_layout {
  const char *name; /* "pdebench-groups" */
  /* Is the file of this layout? By its content alone. */
  bool (*matches)(const mpp_data_file *f);
  /* Fills *f->about of an open file. */
  mpp_status (*describe)(mpp_data_file *f);
};

extern const mpp_file_layout mpp_file_layout_groups, mpp_file_layout_array, mpp_file_layout_ins,
    mpp_file_layout_well, mpp_file_layout_pdearena, mpp_file_layout_pyro2, mpp_file_layout_netcdf,
    mpp_file_layout_hdf5;

/* Opens a file, finds its layout and describes it. MPP_ERR_NOINPUT, MPP_ERR_DATA; MPP_ERR_USAGE or
 * MPP_ERR_CONFIG: the request does not fit it. */
MPP_MUST_CHECK mpp_status mpp_data_file_open(mpp_data_file *f, const char *path,
                                             const mpp_data_request *request);
void mpp_data_file_close(mpp_data_file *f); /* takes one that is not open (mpp_data_file_none) */
extern const mpp_data_file mpp_data_file_none;
bool mpp_data_file_is_open(const mpp_data_file *f);

/* ---- for the layouts ---- */

/* The system of a file: what is asked for, or else its attribute `system`, or else "". */
MPP_MUST_CHECK mpp_status mpp_file_layout_label(mpp_name out, const mpp_data_file *f);

/* Names system and predicted fields. `content` is the system that the content speaks for ("" if
 * none). A known label must have as many fields, and names them; an unknown one keeps their names.
 * MPP_ERR_DATA: neither label nor content tells the system. */
MPP_MUST_CHECK mpp_status mpp_file_layout_name(mpp_data_file *f, const char *label,
                                               const char *content);

/* Names the spatial axes, and their lengths: `count` of them, the last stands at grid[2]. */
void mpp_file_layout_axes(mpp_description *d, const char *const *name, const size_t *length,
                          size_t count);

/* Holds dataset `name` at `rank` axes, none of which is empty. */
MPP_MUST_CHECK mpp_status mpp_file_layout_shape(size_t shape[MPP_H5_MAX_RANK],
                                                const mpp_data_file *f, const char *name, int rank);

/* Holds `name` at one axis of `length` entries, or of `length + surplus`. */
MPP_MUST_CHECK mpp_status mpp_file_layout_vector(const mpp_data_file *f, const char *name,
                                                 size_t length, size_t surplus);

/* An array of one axis with a role, as coordinates and times are; `length` entries of it count. */
mpp_described_array mpp_file_layout_line(const char *path, mpp_axis_role role, size_t length);

/* Boundaries of a system's files (system.h), where the file's own attribute does not say others. */
MPP_MUST_CHECK mpp_status mpp_file_layout_edges(mpp_data_file *f);

#endif
