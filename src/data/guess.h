/* guess.h - what the arrays of a file without a known layout are: names of axes, their roles, which
 * arrays are fields. What the user says (data_request.h) stands; the rest is guessed. */
#ifndef MPP_GUESS_H
#define MPP_GUESS_H

#include "file_layout.h"

/* One axis of the reference array: the one whose axes stand for all. */
typedef struct mpp_axis_guess {
  mpp_axis_name name; /* "" : unnamed */
  size_t length;
  mpp_axis_role role;     /* NONE: not known yet; SPACE without its number until all are known */
  size_t index;           /* of MPP_ROLE_FIXED */
  int place;              /* of an axis of space among them, slowest first */
  const mpp_array *scale; /* its coordinates, or NULL */
  bool unsure;
} mpp_axis_guess;

/* What the attributes of an array say. */
typedef struct mpp_array_guess {
  mpp_axis_role role; /* as coordinates of an axis; NONE: it is no coordinate */
  bool packed;        /* has a scale factor: real numbers stored as whole ones */
} mpp_array_guess;

typedef struct mpp_guess {
  mpp_data_file *f;
  const mpp_data_request *r;
  mpp_description *d;
  const mpp_array *reference;
  int rank;
  mpp_axis_guess axis[MPP_H5_MAX_RANK];
  mpp_array_guess *said; /* [f->file.count], owned */
  char *aside; /* owned: " a b c " : variables that attributes call coordinates, bounds, ... */
} mpp_guess;

/* guess_names.c: what names and attributes say. */
mpp_axis_role mpp_guess_by_name(const char *name);
const mpp_array_guess *mpp_guess_said(const mpp_guess *g, const mpp_array *a);
MPP_MUST_CHECK mpp_status mpp_guess_look(mpp_guess *g); /* fills g->said and g->aside */
bool mpp_guess_is_aside(const mpp_guess *g, const mpp_array *a);
const char *mpp_guess_base(const char *path); /* "c" of "a/b/c" */

/* guess_axes.c: names and roles of the axes of g->reference. */
MPP_MUST_CHECK mpp_status mpp_guess_axes(mpp_guess *g);

/* guess_fields.c: chooses g->reference (before mpp_guess_axes), and describes all fields
 * (after). */
MPP_MUST_CHECK mpp_status mpp_guess_reference(mpp_guess *g);
MPP_MUST_CHECK mpp_status mpp_guess_fields(mpp_guess *g);

/* packing.c: scale, offset and missing values that the attributes of a CF variable declare; units
 * and names of a field. */
MPP_MUST_CHECK mpp_status mpp_read_packing(mpp_described_array *a, const mpp_array_file *f,
                                           mpp_array_type type, size_t size, bool netcdf);
MPP_MUST_CHECK mpp_status mpp_read_names(mpp_name units, mpp_name long_name, mpp_name standard_name,
                                         const mpp_array_file *f, const char *object);

/* "time, y, x" of an array, or "10 x 20" where its axes have no names. */
typedef char mpp_axes_text[160];
const char *mpp_axes_of(mpp_axes_text out, const mpp_array *a);

#endif
