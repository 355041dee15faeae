/* style.h - the look of the input, for a forecast that the user's own script reads as it reads the
 * data: names of variables and dimensions, the order of axes, attributes, time as the file counts
 * it. Of generic netCDF and HDF5 files alone; forecasts of recognised layouts look like the
 * project's. */
#ifndef MPP_STYLE_H
#define MPP_STYLE_H

#include "aside.h"
#include "mpp/dataset.h"
#include "rollout_nc.h"

typedef struct mpp_style_attribute {
  char *name, *text; /* owned; text NULL: numbers */
  double *value;     /* [count], owned */
  size_t count;
  bool whole;
} mpp_style_attribute;

typedef struct mpp_style_list {
  size_t count, capacity;
  mpp_style_attribute *item; /* owned */
} mpp_style_list;

/* A vector that the input keeps in one array: the file has it as such, too. */
typedef struct mpp_style_vector {
  mpp_nc_name name, axis; /* variable, and the dimension of its components */
  size_t length;
  bool first;                       /* the components stand before the axes of space */
  size_t field[MPP_MAX_FIELDS];     /* [length] */
  const mpp_style_list *attributes; /* those of its first field */
} mpp_style_vector;

/* A variable that fields name, or bounds: latitudes, a map projection (src/data/aside.h). */
typedef struct mpp_style_aside {
  mpp_nc_name name;
  mpp_style_list attributes;
} mpp_style_aside;

typedef struct mpp_style {
  mpp_nc_name time;                  /* "" : the project's own */
  mpp_nc_name name[MPP_MAX_FIELDS];  /* "" : likewise */
  char packing[MPP_MAX_FIELDS][128]; /* "int16 * 0.01 + 273.15"; "" : as stored */
  mpp_style_list global, clock, axis[3], field[MPP_MAX_FIELDS];
  mpp_aside *aside; /* [nasides], owned */
  mpp_style_aside *aside_look;
  size_t nasides;
  size_t nbeside; /* values of all that are timed, of one record */
  char *
      left; /* what forecasts lack, "a, b", but for what a file finds no name for; owned, or NULL */
  size_t nvectors;
  mpp_style_vector vector[MPP_MAX_FIELDS];
} mpp_style;

/* *out is NULL where the data have no look of their own (a recognised layout; d NULL: a solver).
 * The caller owns it. */
MPP_MUST_CHECK mpp_status mpp_style_read(mpp_style **out, mpp_dataset *d);
void mpp_style_free(mpp_style *s); /* takes NULL */

/* ---- style_list.c ---- */

/* A zeroed attribute at the end of the list, to which what it points to will belong. */
MPP_MUST_CHECK mpp_status mpp_style_list_add(mpp_style_attribute **out, mpp_style_list *l);
/* Adds a copy of an attribute to the mpp_style_list `context`, if a forecast can have it. */
MPP_MUST_CHECK mpp_status mpp_style_keep(void *context, const mpp_data_attribute *a);
void mpp_style_list_free(mpp_style_list *l);

#endif
