/* data_request.h - what a user says of files: a description file, options of the command line, or
 * both. Layouts that are recognised take the fields asked for; a file that is not recognised, or
 * whose axes are named, is read as the request has it, what it leaves open being guessed. */
#ifndef MPP_DATA_REQUEST_H
#define MPP_DATA_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "description.h"
#include "mpp/dataset.h"

/* A field asked for: "u", "u=velocity[0]". */
typedef struct mpp_requested_field {
  mpp_name name;
  mpp_object_name variable; /* "" : the name */
  long component;           /* -1: not said */
  bool given;
  mpp_name units, long_name; /* "" : the file's */
} mpp_requested_field;

/* Cells that count nowhere, or not in some fields: where a variable fulfils a condition. */
typedef struct mpp_requested_mask {
  mpp_object_name variable;
  mpp_object_name fields; /* "u+v"; "" : of all */
  long component;         /* -1: not said */
  mpp_condition when;
} mpp_requested_mask;

typedef struct mpp_axis_range { /* of --crop and --stride */
  mpp_axis_name axis;
  long from, to, step; /* from -1: not said; to -1: the end; step 0: not said */
} mpp_axis_range;

typedef struct mpp_axis_entry { /* of --at */
  mpp_axis_name axis;
  long index;
} mpp_axis_entry;

typedef enum { MPP_FILL_NONE, MPP_FILL_MEAN, MPP_FILL_NEAREST, MPP_FILL_MASK } mpp_fill;
typedef enum { MPP_ALONG_GUESS, MPP_ALONG_TIME, MPP_ALONG_SAMPLE } mpp_along;

enum { MPP_MAX_RANGES = 5, MPP_MAX_MASKS = 8 /* a bit each */ };

typedef struct mpp_data_request {
  const char *origin; /* of messages: the description file, or "the command line" */
  mpp_status code;    /* of a request that does not fit the file */
  mpp_name system, format;
  mpp_axis_name time, sample, component; /* "" : guess, "none": there is none */
  mpp_axis_name space[3];
  size_t nspace;
  mpp_axis_name axes[MPP_H5_MAX_RANK];
  size_t naxes;
  mpp_requested_field field[MPP_MAX_ARRAYS];
  size_t nfields;
  mpp_requested_mask mask[MPP_MAX_MASKS];
  size_t nmasks;
  char boundary[MPP_TEXT_MAX], where[MPP_TEXT_MAX];
  mpp_axis_range range[MPP_MAX_RANGES];
  size_t nranges;
  mpp_axis_entry at[MPP_MAX_RANGES];
  size_t nat;
  mpp_fill fill;
  mpp_along along;
  bool antialias;
  bool none_masked; /* the file's own mask is left out */
  bool none_given;  /* given fields of the file are left out */
  bool axes_named;  /* time, sample, component, space, axes or at: the user knows the arrays */
  size_t nparameters;
  mpp_described_parameter parameter[MPP_MAX_PARAMETERS]; /* name and value */
  bool many_files;                                       /* set by the dataset: a help to guess */
} mpp_data_request;

/* Adds the options that are not empty; they win over what is there. MPP_ERR_USAGE. */
MPP_MUST_CHECK mpp_status mpp_data_request_flags(mpp_data_request *r, const mpp_data_flags *flags);

/* Adds a description file. `files` gets its `files:` as it stands there, joined by newlines, owned
 * by the caller. MPP_ERR_NOINPUT, MPP_ERR_CONFIG with line and column. */
MPP_MUST_CHECK mpp_status mpp_data_request_read(mpp_data_request *r, char **files,
                                                const char *path);

/* One key of a description file, or the same as an option: "fields", "time", "stride", ... with
 * text as on the command line. `origin` begins messages, their status is `code`. */
MPP_MUST_CHECK mpp_status mpp_data_request_set(mpp_data_request *r, const char *key,
                                               const char *text, const char *origin,
                                               mpp_status code);

/* Adds a mask: "wet=0", "obstacle", "state/phase[1]>0.5", "land@u+v" of two fields. */
MPP_MUST_CHECK mpp_status mpp_data_request_mask(mpp_data_request *r, const char *text,
                                                const char *origin, mpp_status code);

#endif
