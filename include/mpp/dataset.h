/* dataset.h - trajectories on disk: PDEBench's files read and written; The Well, PDEArena, pyro2
 * and any HDF5 or netCDF file that can be described (mpp_describe) read. Grids always have three
 * axes (D, H, W), slowest first, in the memory order of the file; an axis that a file does not have
 * has length 1. Each axis carries the name of its coordinate, so that boundaries are named by
 * coordinate ("x=periodic,y=open"), never by position. */
#ifndef MPP_DATASET_H
#define MPP_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mpp/field.h"
#include "mpp/options.h"
#include "mpp/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { MPP_MAX_PARAMETERS = 32 };

typedef enum { MPP_OPEN = 0, MPP_PERIODIC = 1 } mpp_boundary;
typedef enum { MPP_TRAIN = 0, MPP_VALID = 1, MPP_TEST = 2, MPP_ALL = 3 } mpp_split;

typedef struct mpp_dataset mpp_dataset; /* one file, or several files of one system */

/* What is at one end of an axis. */
typedef enum { MPP_SIDE_OPEN, MPP_SIDE_PERIODIC, MPP_SIDE_WALL } mpp_side;

typedef char mpp_axis_name[32];
typedef char mpp_mask_name[320];

typedef struct mpp_dataset_info {
  const char *path;   /* as given */
  const char *layout; /* "pdebench-array", "the-well", "netcdf", ... */
  mpp_name system;    /* "swe", or the label after the colon of the specification */
  size_t nfields;
  mpp_name field[MPP_MAX_FIELDS]; /* "swe:h", in the order of the channels */
  mpp_name units[MPP_MAX_FIELDS]; /* the file's, else from the field table, else "1" */
  mpp_name long_name[MPP_MAX_FIELDS], standard_name[MPP_MAX_FIELDS]; /* the file's, "" if none */
  size_t ntrajectories, nframes;
  size_t grid[3];           /* D, H, W */
  mpp_axis_name axis[3];    /* coordinate of each grid axis: "", "x", "latitude" */
  mpp_boundary boundary[3]; /* of each grid axis */
  mpp_side edge[3][2];      /* low and high side of each grid axis */
  mpp_name axis_units[3], axis_long_name[3], axis_standard_name[3]; /* "" where the file has none */
  mpp_axis_name time;                                               /* "t", "time" */
  mpp_name time_units, calendar; /* "hours since 1900-01-01"; "" where the file has none */
  bool timed;                    /* the file has times; else frames are numbered */
  size_t ngiven;                 /* fields that are known in advance and not predicted */
  mpp_name given[MPP_MAX_FIELDS];
  bool constant[MPP_MAX_FIELDS]; /* given fields: constant in time */
  bool filled;                   /* missing values are filled or masked as the user says */
  bool masked;                   /* cells may be masked: by a variable, or missing with fill mask */
  size_t nmasks;                 /* variables that say which cells count nowhere */
  mpp_mask_name mask[MPP_MAX_FIELDS]; /* as conditions: "wet=0", "wet=0@u+v" of two fields */
  size_t nparameters;                 /* physical parameters of trajectories: "eta", "Reynolds" */
  mpp_name parameter[MPP_MAX_PARAMETERS];
} mpp_dataset_info;

/* What a user may say of files on the command line; each text is empty where nothing is said. */
typedef struct mpp_data_flags {
  char fields[MPP_TEXT_MAX]; /* "u,v" or "u=velocity[0],v=velocity[1]" */
  char given[MPP_TEXT_MAX];  /* as `fields`: known in advance, not predicted */
  char mask[MPP_TEXT_MAX];  /* cells that count nowhere: "obstacle" (where it is not 0), "wet=0@u+v"
                             */
  char time[MPP_TEXT_MAX];  /* name of the time axis; "none" */
  char space[MPP_TEXT_MAX]; /* names of the axes of space, slowest first: "y,x" */
  char sample[MPP_TEXT_MAX];    /* name of the axis of trajectories; "none" */
  char component[MPP_TEXT_MAX]; /* name of the axis of vector components; "none" */
  char axes[MPP_TEXT_MAX];      /* what each axis of the arrays is: "sample,time,y,x" */
  char at[MPP_TEXT_MAX];        /* one entry of an axis: "level=2" */
  char along[MPP_TEXT_MAX];     /* several files follow each other along "time" or "sample" */
  char fill[MPP_TEXT_MAX];      /* missing values: "mean", "nearest", "mask" */
  char stride[MPP_TEXT_MAX];    /* "x=2,y=2,t=4" */
  char crop[MPP_TEXT_MAX];      /* "x=0:64,t=10:" */
  char where[MPP_TEXT_MAX];     /* "eta<0.05" */
  bool antialias;               /* smooth in space before every stride-th cell is taken */
} mpp_data_flags;

/* Rows of a table of options for the member `flags` of a settings struct. `stride` is a row of its
 * own: a rollout has another setting of that name. */
/* clang-format off */
#define MPP_DATA_FLAG(type, flags, member) (offsetof(type, flags) + offsetof(mpp_data_flags, member))
#define MPP_DATA_FLAG_ROWS(type, flags) \
  MPP_DATA_STRIDE_ROW(type, flags), MPP_DATA_OTHER_ROWS(type, flags)
#define MPP_DATA_STRIDE_ROW(type, flags)                                                           \
  {"stride", 0, MPP_OPT_TEXT, MPP_DATA_FLAG(type, flags, stride), NULL, 0, 0, NULL, "AXIS=N,...",  \
   "read every Nth entry of an axis, as x=2,y=2,t=4"}
#define MPP_DATA_OTHER_ROWS(type, flags)                                                           \
  {"fields", 0, MPP_OPT_TEXT, MPP_DATA_FLAG(type, flags, fields), NULL, 0, 0, NULL, "NAME[=VARIABLE],...",\
   "fields to predict, as u,v or u=velocity[0],v=velocity[1]; default: as the file "               \
   "is recognised ('mpp describe' says how)"},                                                     \
  {"given", 0, MPP_OPT_TEXT, MPP_DATA_FLAG(type, flags, given), NULL, 0, 0, NULL, "NAME[=VARIABLE],...",\
   "fields known in advance, seen by the network but not predicted; none: leave out the file's"},  \
  {"mask", 0, MPP_OPT_TEXT, MPP_DATA_FLAG(type, flags, mask), NULL, 0, 0, NULL, "VARIABLE[=VALUE][@FIELD+...],...",\
   "cells that count nowhere: where the variable is not 0, or as it says: wet=0, depth<=0; "       \
   "wet=0@u+v: in the fields u and v alone"},                                                      \
  {"time", 0, MPP_OPT_TEXT, MPP_DATA_FLAG(type, flags, time), NULL, 0, 0, NULL, "AXIS",            \
   "name of the time axis in the file; none: it has none"},                                        \
  {"space", 0, MPP_OPT_TEXT, MPP_DATA_FLAG(type, flags, space), NULL, 0, 0, NULL, "AXIS,...",      \
   "names of the axes of space, slowest first, as y,x"},                                           \
  {"sample-axis", 0, MPP_OPT_TEXT, MPP_DATA_FLAG(type, flags, sample), NULL, 0, 0, NULL, "AXIS",   \
   "name of the axis of trajectories (ensemble members); none"},                                   \
  {"component", 0, MPP_OPT_TEXT, MPP_DATA_FLAG(type, flags, component), NULL, 0, 0, NULL, "AXIS",  \
   "name of the axis of vector components; none"},                                                 \
  {"axes", 0, MPP_OPT_TEXT, MPP_DATA_FLAG(type, flags, axes), NULL, 0, 0, NULL, "WHAT,...",        \
   "what each axis of the arrays is, slowest first, where they have no names: "                    \
   "sample,time,y,x,component"},                                                                   \
  {"at", 0, MPP_OPT_TEXT, MPP_DATA_FLAG(type, flags, at), NULL, 0, 0, NULL, "AXIS=INDEX,...",      \
   "read one entry of an axis, as level=2, from 0"},                                               \
  {"along", 0, MPP_OPT_TEXT, MPP_DATA_FLAG(type, flags, along), NULL, 0, 0, NULL, "time|sample",   \
   "several files are pieces of one run, or runs; default: by their times"},                       \
  {"fill", 0, MPP_OPT_TEXT, MPP_DATA_FLAG(type, flags, fill), NULL, 0, 0, NULL, "mean|nearest|mask",\
   "missing values: the mean of the frame, the nearest cell, or mask: they count nowhere; "        \
   "default: refuse"},                                                                             \
  {"crop", 0, MPP_OPT_TEXT, MPP_DATA_FLAG(type, flags, crop), NULL, 0, 0, NULL, "AXIS=FROM:TO,...",\
   "read part of an axis, as x=0:64,t=10: (TO not included)"},                                     \
  {"antialias", 0, MPP_OPT_FLAG, MPP_DATA_FLAG(type, flags, antialias), NULL, 0, 0, NULL, NULL,    \
   "smooth in space before --stride"},                                                             \
  {"where", 0, MPP_OPT_TEXT, MPP_DATA_FLAG(type, flags, where), NULL, 0, 0, NULL, "CONDITION",     \
   "trajectories by their parameters, as 'eta<0.05' or 'M=0.1,eta>=0.01'"}
/* clang-format on */

typedef struct mpp_dataset_options {
  const char *boundary;        /* "x=periodic,y=open" overrides the file's; NULL: the file's */
  double train, valid;         /* fractions by trajectory; both 0: the published 0.8 and 0.1 */
  size_t max_trajectories;     /* use only the first so many of the training split; 0: all */
  bool distinct;               /* keep equal trajectories in one part: reads all data when opened */
  const mpp_data_flags *flags; /* NULL: none */
} mpp_dataset_options;

/* Opens `spec` = PATH[:SYSTEM]; PATH is a file, a folder or a glob of files of one system, or a
 * description (*.yaml, as mpp_describe writes it) that names them. SYSTEM names the family; a name
 * that is no known family relabels the fields ("FILE:lab" gives "lab:activator"). `options` may be
 * NULL; what they say wins over a description. The caller owns *out.
 * MPP_ERR_NOINPUT: missing or unreadable. MPP_ERR_DATA: truncated, wrongly shaped, unknown layout.
 * MPP_ERR_USAGE: options that do not fit the file. MPP_ERR_CONFIG: a wrong description. */
MPP_API MPP_MUST_CHECK mpp_status mpp_dataset_open(mpp_dataset **out, const char *spec,
                                                   const mpp_dataset_options *options);
MPP_API void mpp_dataset_close(mpp_dataset *d);

/* Borrowed until the dataset is closed. */
MPP_API const mpp_dataset_info *mpp_dataset_get_info(const mpp_dataset *d);

/* Looks at the files of `spec` and writes down what they are, as YAML text that mpp_dataset_open
 * reads back, with comments that say what is sure and what is a guess. The caller owns *text. */
MPP_API MPP_MUST_CHECK mpp_status mpp_describe(char **text, const char *spec,
                                               const mpp_dataset_options *options);
MPP_API void mpp_text_free(char *text); /* takes NULL */

/* Writes a text to a file that appears whole or not at all. MPP_ERR_EXISTS: it is there and
 * `overwrite` is not set, or cannot be created; MPP_ERR_IO. */
MPP_API MPP_MUST_CHECK mpp_status mpp_text_save(const char *path, const char *text, bool overwrite);

/* Reads `count` frames from frame `start` on of trajectory `trajectory` into
 * x [count, C, D, H, W]. Safe to call from several threads (calls are serialised).
 * MPP_ERR_DATA names file, trajectory, field and index of a non-finite value. */
MPP_API MPP_MUST_CHECK mpp_status mpp_dataset_read(mpp_dataset *d, float *x, size_t trajectory,
                                                   size_t start, size_t count);

/* The same, but values that are not finite, missing ones too, come as they are. */
MPP_API MPP_MUST_CHECK mpp_status mpp_dataset_read_raw(mpp_dataset *d, float *x, size_t trajectory,
                                                       size_t start, size_t count);

/* XXH3-128 of the values of a trajectory as they are read, with their shape. Memory does not grow
 * with the length of the trajectory. */
typedef struct mpp_digest {
  uint64_t high, low;
} mpp_digest;
MPP_API MPP_MUST_CHECK mpp_status mpp_dataset_digest(mpp_digest *out, mpp_dataset *d,
                                                     size_t trajectory);

/* With options.distinct the number of the first trajectory that equals this one (itself, if none
 * comes before it); else `trajectory`. */
MPP_API size_t mpp_dataset_twin(const mpp_dataset *d, size_t trajectory);

/* The file that a trajectory begins in, and its number there; borrowed until the dataset is
 * closed. */
MPP_API const char *mpp_dataset_file(const mpp_dataset *d, size_t trajectory, size_t *local);

/* The same as mpp_dataset_read of the fields given in advance (info->given), x [count, ngiven, D,
 * H, W]; those constant in time are the same in every frame. */
MPP_API MPP_MUST_CHECK mpp_status mpp_dataset_read_given(mpp_dataset *d, float *x,
                                                         size_t trajectory, size_t start,
                                                         size_t count);

/* What a network sees: x [count, nfields + nwhich, D, H, W], the fields and then those numbers
 * which [nwhich] of the given ones. mask, of the same shape or NULL: 1 where values are missing
 * (and filled in x), else 0. After a failure x and mask are undefined. */
MPP_API MPP_MUST_CHECK mpp_status mpp_dataset_read_seen(mpp_dataset *d, float *x,
                                                        unsigned char *mask, const size_t *which,
                                                        size_t nwhich, size_t trajectory,
                                                        size_t start, size_t count);

/* Which values of these frames are missing in the file: 1, else 0; mask [count, C, D, H, W]. */
MPP_API MPP_MUST_CHECK mpp_status mpp_dataset_read_mask(mpp_dataset *d, unsigned char *mask,
                                                        size_t trajectory, size_t start,
                                                        size_t count);

/* Values of info->parameter of a trajectory [nparameters]; NaN for one that varies in time. */
MPP_API MPP_MUST_CHECK mpp_status mpp_dataset_parameters(mpp_dataset *d, double *value,
                                                         size_t trajectory);

/* An attribute of the input: a text, or numbers. */
typedef struct mpp_data_attribute {
  const char *name;
  const char *text;    /* NULL: numbers */
  const double *value; /* [count] */
  size_t count;
  bool whole; /* the file stores integers */
} mpp_data_attribute;
typedef mpp_status (*mpp_data_attribute_observer)(void *context, const mpp_data_attribute *a);

/* Attributes of what an object of the first file is in the file itself, each call of `each` with
 * one, borrowed until it returns: "/" the file, a field ("swe:h" or "h"), an axis ("x", "time").
 * An object without attributes has none; the first failure of `each` ends it and is returned. */
MPP_API MPP_MUST_CHECK mpp_status mpp_dataset_attributes(mpp_dataset *d, const char *object,
                                                         mpp_data_attribute_observer each,
                                                         void *context);

/* How the first file stores a field, 0 to nfields - 1. */
typedef struct mpp_data_variable {
  char name[256];        /* of the array, without its groups */
  char stored[16];       /* "float32", "int16", ...; "" where that is not known */
  double scale, offset;  /* value = stored * scale + offset; scale 0: as stored */
  size_t ncomponents;    /* of the vector or tensor that the array holds for each cell; 1: none */
  size_t component;      /* of these, last axis fastest */
  size_t component_axes; /* how many axes they have */
  mpp_axis_name component_axis; /* name of the one axis; "" : unnamed */
  bool components_first;        /* they stand before the axes of space */
} mpp_data_variable;
MPP_API MPP_MUST_CHECK mpp_status mpp_dataset_variable(mpp_dataset *d, mpp_data_variable *out,
                                                       size_t field);

/* What The Well's stats.yaml says of a field: of its values and of their increments from frame to
 * frame; NaN for what it does not say. */
typedef struct mpp_field_statistics {
  double mean, std, rms, mean_delta, std_delta, rms_delta;
} mpp_field_statistics;
/* Those of the fields out [nfields]; path is "" and nothing is set where the data have no such
 * file. MPP_ERR_CONFIG: it is no YAML. */
MPP_API MPP_MUST_CHECK mpp_status mpp_dataset_statistics(mpp_dataset *d, mpp_field_statistics *out,
                                                         char path[1024]);

/* Times [nframes] of a trajectory, and coordinates [grid[axis]] (cell centres) of grid axis 0..2,
 * in the file's own units. An axis of length 1 without a coordinate has 0. */
MPP_API MPP_MUST_CHECK mpp_status mpp_dataset_times(mpp_dataset *d, double *t, size_t trajectory);
MPP_API MPP_MUST_CHECK mpp_status mpp_dataset_coordinates(mpp_dataset *d, double *x, int axis);

/* First trajectory and number of trajectories of a split: ceil(train n), ceil(valid n), the rest,
 * contiguous in this order and never past the end (the published rounding). As published, each of
 * several files is split so, and their trajectories are numbered part by part: those for training
 * of all files first. Files of incompressible flow are split as one, rounded down; files of one
 * trajectory each are split as one. With options.distinct the groups of equal trajectories are
 * split so, in the order of their first members, and all members of a group are in one part. */
MPP_API void mpp_dataset_split(const mpp_dataset *d, mpp_split split, size_t *first, size_t *count);

/* ---- writing ---- */

/* One value that goes into the file: an attribute (layout "array") or a line of the YAML `config`
 * text of each group (layout "groups"). Provenance (solver, version, drift) comes this way too. */
typedef struct mpp_note {
  mpp_name key;
  char text[256]; /* used if not empty */
  double value;   /* used otherwise */
} mpp_note;

/* An array of The Well's layout: scalars (order 0), vectors or tensors, of fields that follow each
 * other. */
typedef struct mpp_writer_part {
  mpp_name name;
  int order;    /* it takes (axes of the grid) to the power of this many fields */
  size_t first; /* field */
} mpp_writer_part;

/* What The Well's layout says beside the fields; borrowed until the writer is finished. */
typedef struct mpp_writer_well {
  const char *name; /* of the dataset */
  size_t nparts;
  mpp_writer_part part[MPP_MAX_FIELDS];                          /* in the order of the fields */
  const char *units[MPP_MAX_FIELDS], *long_name[MPP_MAX_FIELDS]; /* of fields; NULL or "": none */
  mpp_side edge[3][2];
  size_t nparameters;
  const char *parameter[MPP_MAX_PARAMETERS];
  const double *value; /* [ntrajectories, nparameters]; what is not finite somewhere is left out */
  const double *times; /* [ntrajectories, nframes] where they differ; NULL: the writer's */
  const unsigned char *mask; /* [D, H, W]: 1 where cells count nowhere, in all frames; or NULL */
  bool mask_varies;          /* each trajectory has one of its own (mpp_writer_mask) */
} mpp_writer_well;

typedef struct mpp_writer mpp_writer;

typedef struct mpp_writer_options {
  const char *path;   /* final name; written under a temporary one until finish */
  const char *layout; /* "pdebench-groups", "pdebench-array", "pdebench-ins" or "the-well" */
  size_t nfields;     /* of every frame */
  size_t nonce;       /* fields that do not change: one frame a trajectory */
  mpp_name field[MPP_MAX_FIELDS]; /* short names, those of every frame first */
  const char
      *dataset[MPP_MAX_FIELDS]; /* layout "array": dataset of a field; NULL: its short name */
  size_t ntrajectories, nframes;
  size_t grid[3];
  mpp_axis_name axis[3];
  const double *coordinate[3]; /* [grid[a]], NULL for axes of length 1; copied */
  const double *time;          /* [nframes]; copied */
  bool overwrite;
  const mpp_writer_well *well; /* of that layout; else NULL */
} mpp_writer_options;

/* MPP_ERR_EXISTS if the file exists and overwrite is off. */
MPP_API MPP_MUST_CHECK mpp_status mpp_writer_create(mpp_writer **out,
                                                    const mpp_writer_options *options);

/* Appends the next trajectory: x [nframes, C, D, H, W], once [nonce, D, H, W] (NULL if there are
 * none). `notes` go with it. */
MPP_API MPP_MUST_CHECK mpp_status mpp_writer_append(mpp_writer *w, const float *x,
                                                    const float *once, const mpp_note *notes,
                                                    size_t nnotes);

/* Times [nframes] of the next trajectories; layouts with one line of times take them before the
 * first alone. MPP_ERR_USAGE. */
MPP_API MPP_MUST_CHECK mpp_status mpp_writer_times(mpp_writer *w, const double *time);

/* Mask [nframes, D, H, W] of the next trajectory; of The Well's layout with mask_varies alone,
 * before each trajectory. */
MPP_API MPP_MUST_CHECK mpp_status mpp_writer_mask(mpp_writer *w, const unsigned char *mask);

/* A text attribute of the whole file, of any length; and attributes of notes. */
MPP_API MPP_MUST_CHECK mpp_status mpp_writer_text(mpp_writer *w, const char *key, const char *text);
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
