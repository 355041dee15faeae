/* info.h - what a file is: model, adapter, dataset or forecast; and whether data can be trusted. */
#ifndef MPP_INFO_H
#define MPP_INFO_H

#include <stdbool.h>
#include <stddef.h>

#include "mpp/dataset.h"
#include "mpp/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
  MPP_FILE_MODEL,
  MPP_FILE_DATASET,
  MPP_FILE_FORECAST,
  MPP_FILE_ADAPTER /* of a model, see mpp_model_load_adapted */
} mpp_file_kind;

/* Looks at the first bytes and the content. MPP_ERR_NOINPUT, MPP_ERR_DATA: none of them. */
MPP_API MPP_MUST_CHECK mpp_status mpp_identify(mpp_file_kind *out, const char *path);

/* Name and text of what a file says of itself (global attributes, metadata), in its order.
 * Each call of `each` gets one pair, borrowed until it returns. */
typedef void (*mpp_attribute_observer)(void *context, const char *name, const char *text);
MPP_API MPP_MUST_CHECK mpp_status mpp_read_attributes(const char *path, mpp_attribute_observer each,
                                                      void *context);

/* A variable of a forecast; texts are "" where the file has none. */
typedef struct mpp_variable {
  const char *name, *units, *long_name;
  const char *field; /* "swe:h", of which it is prediction, truth, error or a score */
  size_t ndims;
  const char *dimension[4]; /* names, slowest first: "time", "y", "x" */
  size_t shape[4];
} mpp_variable;

/* The variables of a forecast (netCDF), in its order; those with more than four dimensions are left
 * out. Each call of `each` gets one, borrowed until it returns. MPP_ERR_NOINPUT, MPP_ERR_DATA. */
typedef void (*mpp_variable_observer)(void *context, const mpp_variable *variable);
MPP_API MPP_MUST_CHECK mpp_status mpp_read_variables(const char *path, mpp_variable_observer each,
                                                     void *context);

/* ---- soundness ---- */

typedef enum {
  MPP_FOUND_UNREADABLE, /* damaged, wrongly shaped, of an unknown layout: text says what */
  MPP_FOUND_NONFINITE,  /* values of a field that are no finite numbers */
  MPP_FOUND_CONSTANT,   /* a field with one value in all frames and cells of a trajectory */
  MPP_FOUND_TIMES,      /* times of a trajectory that do not increase, or cannot be read */
  MPP_FOUND_DUPLICATE,  /* a trajectory that equals an earlier one in the same part of the split */
  MPP_FOUND_LEAK,       /* a trajectory that equals an earlier one in another part */
  MPP_FOUND_MISSING,    /* a file of the manifest that is not there or cannot be read */
  MPP_FOUND_CHANGED,    /* one whose size or digest is another */
  MPP_FINDINGS
} mpp_finding_kind;
MPP_API const char *mpp_finding_name(mpp_finding_kind k); /* "non-finite" */

/* Where a trajectory is: the file, its number there, the part of the split. */
typedef struct mpp_place {
  const char *file; /* "" where there is none */
  size_t trajectory;
  mpp_split split;
} mpp_place;

typedef struct mpp_finding {
  mpp_finding_kind kind;
  bool fault; /* duplicates are none where the split keeps them on one side */
  mpp_place at;
  bool whole;          /* of the whole file: at.trajectory has no meaning */
  const char *field;   /* "" where it is of none */
  size_t frame, count; /* non-finite: first frame, number of values; else 0 */
  mpp_place other;     /* of duplicates and leaks: the earlier one */
  const char *text;    /* all of this in one line */
} mpp_finding;

typedef struct mpp_check_options {
  const char *const *data; /* PATH[:SYSTEM] */
  size_t ndata;
  double train, valid;         /* fractions of the split; both 0: the published ones */
  bool distinct;               /* the split keeps equal trajectories on one side */
  const char *boundary;        /* of the data, instead of the file's; NULL or "": the file's */
  const mpp_data_flags *flags; /* what the data are, where the file does not say; NULL: nothing */
} mpp_check_options;

typedef struct mpp_check_summary {
  size_t trajectories, distinct; /* that could be read */
  size_t found[MPP_FINDINGS], faults;
} mpp_check_summary;

/* Calls of a check: each finding in the order of the data, borrowed until it returns; progress, 0
 * to 1. Members may be NULL. */
typedef struct mpp_check_observer {
  void (*finding)(void *context, const mpp_finding *finding);
  void (*progress)(void *context, double done);
  void *context;
} mpp_check_observer;

/* Reads all values of all data once; memory grows by some 64 bytes a trajectory. What is wrong with
 * the data is found, not failed: MPP_OK. */
MPP_API MPP_MUST_CHECK mpp_status mpp_check_data(mpp_check_summary *out,
                                                 const mpp_check_options *options,
                                                 const mpp_check_observer *observer);

/* Writes a manifest (JSON): path, size and XXH3-128 of the bytes of each file that `data` stand
 * for. Files below the folder of the manifest are named relative to it, others by their full names.
 * MPP_ERR_EXISTS: `path` is there and `overwrite` is off. MPP_ERR_NOINPUT. */
MPP_API MPP_MUST_CHECK mpp_status mpp_manifest_write(const char *path, const char *const *data,
                                                     size_t ndata, bool overwrite,
                                                     const mpp_check_observer *observer);

/* Compares the files of a manifest with it; counts go to found[] and faults of *out, `files` are
 * all. MPP_ERR_NOINPUT: no manifest. MPP_ERR_DATA: it is none. */
MPP_API MPP_MUST_CHECK mpp_status mpp_manifest_verify(mpp_check_summary *out, size_t *files,
                                                      const char *path,
                                                      const mpp_check_observer *observer);

#ifdef __cplusplus
}
#endif
#endif
