/* aside.h - variables that fields name beside their axes, by the CF attributes `coordinates`,
 * `grid_mapping` and `cell_measures`: latitudes and longitudes of a curvilinear grid, a height, a
 * map projection, areas of cells; and the bounds of these and of the axes (CF 7.1). */
#ifndef MPP_ASIDE_H
#define MPP_ASIDE_H

#include "array_file.h"
#include "mpp/dataset.h"

enum { MPP_ASIDES_MOST = 32 };

typedef struct mpp_aside {
  char path[256]; /* of the array in the file */
  bool timed;     /* time is its first dimension: values come frame by frame */
  bool of_time;   /* bounds of the time axis */
  size_t rank;
  int axis[3];      /* [rank] axis of the grid of each of its other dimensions, */
  size_t vertices;  /* but for the last one of bounds; 0: they are none */
  char vertex[128]; /* name of that dimension, "" : it has none */
  double *value; /* of the cells that are read, NaN where missing; owned; NULL: attributes alone */
  size_t n;      /* values, of one frame where it is timed */
  bool whole;    /* stored as integers */
} mpp_aside;

/* Those that vary along axes of the grid and time alone, or not at all, of the first file. *left
 * names others that are there, "a, b"; NULL: there are none. None where the layout is recognised.
 * The caller owns *out and *left. */
MPP_MUST_CHECK mpp_status mpp_dataset_asides(mpp_aside **out, size_t *count, char **left,
                                             mpp_dataset *d);
/* Adds a name to such a text, unless it is in it. */
MPP_MUST_CHECK mpp_status mpp_aside_leave(char **left, const char *name);
void mpp_asides_free(mpp_aside *list, size_t count); /* takes NULL */

/* Values out [n] of a timed one in a frame of a trajectory; NaN where its file does not have
 * them. */
MPP_MUST_CHECK mpp_status mpp_dataset_aside_frame(mpp_dataset *d, double *out, const mpp_aside *a,
                                                  size_t trajectory, size_t frame);

/* As mpp_dataset_attributes, of an object by its path in the first file. */
MPP_MUST_CHECK mpp_status mpp_dataset_object_attributes(mpp_dataset *d, const char *path,
                                                        mpp_data_attribute_observer each,
                                                        void *context);

/* aside_read.c: values out [n] of an array of the open file, of which `a` says the dimensions;
 * those of its entry `at` where it is timed. */
MPP_MUST_CHECK mpp_status mpp_aside_read(double *out, mpp_aside *a, const mpp_dataset *d,
                                         const mpp_array *array, size_t at);

#endif
