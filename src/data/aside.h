/* aside.h - variables that fields name beside their axes, by the CF attributes `coordinates`,
 * `grid_mapping` and `cell_measures`: latitudes and longitudes of a curvilinear grid, a height, a map
 * projection, areas of cells. */
#ifndef MPP_ASIDE_H
#define MPP_ASIDE_H

#include "mpp/dataset.h"

typedef struct mpp_aside {
  char path[256]; /* of the array in the file */
  size_t rank;
  int axis[3];   /* [rank] axis of the grid of each of its dimensions */
  double *value; /* of the cells that are read, owned; NULL: attributes alone */
  size_t n;
  bool whole; /* stored as integers */
} mpp_aside;

/* Those that vary along axes of the grid alone, or not at all, of the first file; others are left out.
 * None where the layout is recognised. The caller owns *out. */
MPP_MUST_CHECK mpp_status mpp_dataset_asides(mpp_aside **out, size_t *count, mpp_dataset *d);
void mpp_asides_free(mpp_aside *list, size_t count); /* takes NULL */

/* As mpp_dataset_attributes, of an object by its path in the first file. */
MPP_MUST_CHECK mpp_status mpp_dataset_object_attributes(mpp_dataset *d, const char *path,
                                                        mpp_data_attribute_observer each,
                                                        void *context);

#endif
