/* input.h - how far files that come from elsewhere are trusted. */
#ifndef MPP_INPUT_H
#define MPP_INPUT_H

#include <stdbool.h>

#include "mpp/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Files of inputs are looked at by a confined child process before this one opens them, since
 * damaged ones crash HDF5 or keep it busy for ever; and HDF5 loads no filters from HDF5_PLUGIN_PATH
 * or its default folder for them. `trust`: neither any more, in the whole program. */
MPP_API void mpp_trust_input(bool trust);

#ifdef __cplusplus
}
#endif
#endif
