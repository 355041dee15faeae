/* dataset.h - trajectories on disk: PDEBench's 2D files, read and written.
 * Grids always have three axes (D, H, W), slowest first, in the memory order of the file; an axis
 * that a file does not have has length 1. Each axis carries the name of its coordinate, so that
 * boundaries are named by coordinate ("x=periodic,y=open"), never by position. */
#ifndef MPP_DATASET_H
#define MPP_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mpp/field.h"
#include "mpp/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { MPP_OPEN = 0, MPP_PERIODIC = 1 } mpp_boundary;
typedef enum { MPP_TRAIN = 0, MPP_VALID = 1, MPP_TEST = 2, MPP_ALL = 3 } mpp_split;

typedef struct mpp_dataset mpp_dataset; /* one file, or several files of one system */

typedef struct mpp_dataset_info {
  const char *path;   /* as given */
  const char *layout; /* "pdebench-array", "pdebench-groups", "pdebench-ins" */
  mpp_name system;    /* "swe", or the label after the colon of the specification */
  size_t nfields;
  mpp_name field[MPP_MAX_FIELDS]; /* "swe:h", in the order of the channels */
  mpp_name units[MPP_MAX_FIELDS]; /* from the field table, "1" if unknown */
  size_t ntrajectories, nframes;
  size_t grid[3];           /* D, H, W */
  char axis[3][8];          /* coordinate of each grid axis: "", "x", "y" */
  mpp_boundary boundary[3]; /* of each grid axis */
} mpp_dataset_info;

typedef struct mpp_dataset_options {
  const char *boundary;    /* "x=periodic,y=open" overrides the file's; NULL: the file's */
  double train, valid;     /* fractions by trajectory; both 0: the published 0.8 and 0.1 */
  size_t max_trajectories; /* use only the first so many of the training split; 0: all */
  bool distinct;           /* keep equal trajectories in one part: reads all data when opened */
} mpp_dataset_options;

/* Opens `spec` = PATH[:SYSTEM]; PATH is a file, a folder or a glob of files of one system. SYSTEM
 * names the family; a name that is no known family relabels the fields ("FILE:lab" gives
 * "lab:activator"). `options` may be NULL. The caller owns *out.
 * MPP_ERR_NOINPUT: missing or unreadable. MPP_ERR_DATA: truncated, wrongly shaped, unknown layout.
 * MPP_ERR_USAGE: a boundary that names no axis. */
MPP_API MPP_MUST_CHECK mpp_status mpp_dataset_open(mpp_dataset **out, const char *spec,
                                                   const mpp_dataset_options *options);
MPP_API void mpp_dataset_close(mpp_dataset *d);

/* Borrowed until the dataset is closed. */
MPP_API const mpp_dataset_info *mpp_dataset_get_info(const mpp_dataset *d);

/* Reads `count` frames from frame `start` on of trajectory `trajectory` into
 * x [count, C, D, H, W]. Safe to call from several threads (calls are serialised).
 * MPP_ERR_DATA names file, trajectory, field and index of a non-finite value. */
MPP_API MPP_MUST_CHECK mpp_status mpp_dataset_read(mpp_dataset *d, float *x, size_t trajectory,
                                                   size_t start, size_t count);

/* The same, but values that are not finite come as they are. */
MPP_API MPP_MUST_CHECK mpp_status mpp_dataset_read_raw(mpp_dataset *d, float *x, size_t trajectory,
                                                       size_t start, size_t count);

/* XXH3-128 of the values of a trajectory as they are read, with their shape. Memory does not grow
 * with the length of the trajectory. */
typedef struct mpp_digest {
  uint64_t high, low;
} mpp_digest;
MPP_API MPP_MUST_CHECK mpp_status mpp_dataset_digest(mpp_digest *out, mpp_dataset *d,
                                                     size_t trajectory);

/* With options.distinct the number of the first trajectory that equals this one (itself, if none comes
 * before it); else `trajectory`. */
MPP_API size_t mpp_dataset_twin(const mpp_dataset *d, size_t trajectory);

/* The file that a trajectory is in, and its number there; borrowed until the dataset is closed. */
MPP_API const char *mpp_dataset_file(const mpp_dataset *d, size_t trajectory, size_t *local);

/* Times [nframes] of a trajectory, and coordinates [grid[axis]] (cell centres) of grid axis 0..2,
 * in the file's own units. An axis of length 1 without a coordinate has 0. */
MPP_API MPP_MUST_CHECK mpp_status mpp_dataset_times(mpp_dataset *d, double *t, size_t trajectory);
MPP_API MPP_MUST_CHECK mpp_status mpp_dataset_coordinates(mpp_dataset *d, double *x, int axis);

/* First trajectory and number of trajectories of a split: ceil(train n), ceil(valid n), the rest,
 * contiguous in this order and never past the end (the published rounding). As published, each of
 * several files is split so, and their trajectories are numbered part by part: those for training of
 * all files first. Files of incompressible flow are split as one, rounded down; files of one
 * trajectory each are split as one. With options.distinct the groups of equal trajectories are split so,
 * in the order of their first members, and all members of a group are in one part. */
MPP_API void mpp_dataset_split(const mpp_dataset *d, mpp_split split, size_t *first, size_t *count);

/* ---- writing ---- */

/* One value that goes into the file: an attribute (layout "array") or a line of the YAML `config`
 * text of each group (layout "groups"). Provenance (solver, version, drift) comes this way too. */
typedef struct mpp_note {
  mpp_name key;
  char text[256]; /* used if not empty */
  double value;   /* used otherwise */
} mpp_note;

typedef struct mpp_writer mpp_writer;

typedef struct mpp_writer_options {
  const char *path;               /* final name; written under a temporary one until finish */
  const char *layout;             /* "pdebench-groups", "pdebench-array" or "pdebench-ins" */
  size_t nfields;                 /* of every frame */
  size_t nonce;                   /* fields that do not change: one frame a trajectory */
  mpp_name field[MPP_MAX_FIELDS]; /* short names, those of every frame first */
  const char
      *dataset[MPP_MAX_FIELDS]; /* layout "array": dataset of a field; NULL: its short name */
  size_t ntrajectories, nframes;
  size_t grid[3];
  char axis[3][8];
  const double *coordinate[3]; /* [grid[a]], NULL for axes of length 1; copied */
  const double *time;          /* [nframes]; copied */
  bool overwrite;
} mpp_writer_options;

/* MPP_ERR_EXISTS if the file exists and overwrite is off. */
MPP_API MPP_MUST_CHECK mpp_status mpp_writer_create(mpp_writer **out,
                                                    const mpp_writer_options *options);

/* Appends the next trajectory: x [nframes, C, D, H, W], once [nonce, D, H, W] (NULL if there are
 * none). `notes` go with it. */
MPP_API MPP_MUST_CHECK mpp_status mpp_writer_append(mpp_writer *w, const float *x,
                                                    const float *once, const mpp_note *notes,
                                                    size_t nnotes);

/* Attributes of the whole file. */
MPP_API MPP_MUST_CHECK mpp_status mpp_writer_notes(mpp_writer *w, const mpp_note *notes,
                                                   size_t nnotes);

/* Checks that all trajectories are there, syncs, renames to the final name; frees `w` always. */
MPP_API MPP_MUST_CHECK mpp_status mpp_writer_finish(mpp_writer *w);

/* Removes the unfinished file; takes NULL. */
MPP_API void mpp_writer_abort(mpp_writer *w);

#ifdef __cplusplus
}
#endif
#endif
