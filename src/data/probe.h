/* probe.h - a first look at a file of a dataset by a confined child process (confine.h). */
#ifndef MPP_PROBE_H
#define MPP_PROBE_H

#include <stdbool.h>

#include "data_request.h"

/* Opens and checks the file as a dataset does: shapes, times, coordinates, one frame. The child's
 * refusal comes back with its message; its death is MPP_ERR_DATA. *probed says whether there was a
 * child: where none can be had, or none is wanted, the file is left to the caller. Call it with
 * HDF5 unlocked. */
MPP_MUST_CHECK mpp_status mpp_data_file_probe(bool *probed, const char *path,
                                              const mpp_data_request *request);

#endif
