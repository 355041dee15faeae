/* description.h - where everything of a dataset stands in a file: the one form that every layout is
 * brought into, and that the reader (described_read.c) goes by.
 *
 * An array's axes are named by roles, in the order of the file; axes that an array does not have
 * (constant in time, the same for all samples, The Well's tiled dimensions) repeat its values. */
#ifndef MPP_DESCRIPTION_H
#define MPP_DESCRIPTION_H

#include <stdbool.h>
#include <stddef.h>

#include "condition.h"
#include "h5.h"
#include "mpp/dataset.h"

typedef enum {
  MPP_ROLE_NONE,
  MPP_ROLE_SAMPLE,
  MPP_ROLE_TIME,
  MPP_ROLE_SPACE, /* + 0, 1, 2: grid axis D, H, W */
  MPP_ROLE_LAST_SPACE = MPP_ROLE_SPACE + 2,
  MPP_ROLE_COMPONENT, /* of a vector or tensor; may be there twice */
  MPP_ROLE_FIXED      /* one entry of it is read */
} mpp_axis_role;

enum { MPP_OBJECT_MAX = 256, MPP_MAX_ARRAYS = 2 * MPP_MAX_FIELDS };
typedef char mpp_object_name[MPP_OBJECT_MAX]; /* path of an array in a file */

/* An array and what its axes are. Where trajectories are groups, `path` goes on from the group. */
typedef struct mpp_described_array {
  mpp_object_name path; /* "" : there is none */
  int rank;
  mpp_axis_role role[MPP_H5_MAX_RANK];
  size_t length[MPP_H5_MAX_RANK];
  size_t index[MPP_H5_MAX_RANK]; /* of MPP_ROLE_FIXED */
  double scale, offset;          /* value = stored * scale + offset; scale 0: as stored */
  double low, high;              /* what is stored outside is missing; both 0: no limits */
  double missing[4];             /* stored values that say "missing" */
  size_t nmissing;
} mpp_described_array;

/* Values along one axis: an array, an attribute (of one value), or first + i step. */
typedef struct mpp_described_scale {
  mpp_axis_name name;
  mpp_described_array array;
  mpp_name attribute; /* of `array.path` where there is one; the value is that of one frame */
  double first, step; /* without array and attribute */
  mpp_name units, calendar, long_name, standard_name;
} mpp_described_scale;

typedef struct mpp_described_field {
  mpp_name name; /* short */
  mpp_name units, long_name, standard_name;
  size_t array;     /* index */
  size_t component; /* counted over all component axes of the array, last fastest */
  bool given;       /* known in advance, not predicted */
  bool constant;    /* in time */
  unsigned masks;   /* bits of the masks that cover it, in their order */
  bool mask; /* no field: says which cells count nowhere, those where `when` holds or is missing */
  mpp_condition when;
} mpp_described_field;

/* A number that belongs to a trajectory: of the whole file, or in an array over samples. */
typedef struct mpp_described_parameter {
  mpp_name name;
  double value;
  mpp_described_array array; /* path "": `value` */
  bool varies;               /* in time: has no one value */
} mpp_described_parameter;

/* How sure a guess is: what `mpp describe` writes beside each line. */
typedef struct mpp_described_note {
  bool unsure;
  char text[200];
} mpp_described_note;
typedef enum {
  MPP_NOTE_FIELDS,
  MPP_NOTE_SAMPLE,
  MPP_NOTE_TIME,
  MPP_NOTE_SPACE,
  MPP_NOTE_BOUNDARY,
  MPP_NOTE_COMPONENT,
  MPP_NOTES
} mpp_note_subject;

typedef struct mpp_description {
  mpp_name system;
  size_t ntrajectories, nframes;
  size_t grid[3];
  bool has_sample_axis; /* false: one trajectory a file, or a group a trajectory */
  size_t narrays, nfields;
  mpp_described_array array[MPP_MAX_ARRAYS];
  mpp_described_field field[MPP_MAX_ARRAYS]; /* predicted, given, masks */
  size_t npredicted, nmasks;
  bool has_own_mask; /* the file says itself which cells are masked: where this array is not 0 */
  size_t own_mask;   /* array */
  mpp_described_scale time, space[3]; /* name "": an axis of length 1 that the file does not have */
  mpp_side edge[3][2];                /* low, high side */
  size_t nparameters;
  mpp_described_parameter parameter[MPP_MAX_PARAMETERS];
  mpp_described_note note[MPP_NOTES];
} mpp_description;

/* Sets a note. */
void mpp_describe_note(mpp_description *d, mpp_note_subject subject, bool unsure,
                       const char *format, ...) MPP_PRINTF(4, 5);

/* Both sides of every axis, from the public form; axes that are not periodic stay walls if they
 * are. */
void mpp_describe_edges(mpp_description *d, const mpp_boundary boundary[3]);

/* Adds an array whose axes are those of `roles` (in the file's order), and one field. The index of
 * the array goes to *array. MPP_ERR_DATA: more than there is room for. */
MPP_MUST_CHECK mpp_status mpp_describe_array(mpp_description *d, size_t *array, const char *path,
                                             const char *file, int rank, const size_t *length,
                                             const mpp_axis_role *role);
MPP_MUST_CHECK mpp_status mpp_describe_field(mpp_description *d, const char *file, const char *name,
                                             size_t array, size_t component);

/* Adds a parameter of the whole file; one of a name that is there is left out. */
void mpp_describe_parameter(mpp_description *d, const char *name, double value);

/* Values an array holds for each cell: the product of its component axes. */
size_t mpp_described_components(const mpp_described_array *a);

/* Position of a role among the axes, or -1. */
int mpp_described_axis(const mpp_described_array *a, mpp_axis_role role);

#endif
