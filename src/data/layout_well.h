/* layout_well.h - what the two files of The Well's layout share. */
#ifndef MPP_LAYOUT_WELL_H
#define MPP_LAYOUT_WELL_H

#include "file_layout.h"

/* A bool attribute; `fallback` where the file does not have it. */
MPP_MUST_CHECK mpp_status mpp_well_flag(bool *out, const mpp_data_file *f, const char *object,
                                        const char *key, bool fallback);

/* Sets the edges of f->about from its boundary conditions; masks with cells inside the grid become
 * given fields. `ndims` axes of space. */
MPP_MUST_CHECK mpp_status mpp_well_boundaries(mpp_data_file *f, size_t ndims);

#endif
