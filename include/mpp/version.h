/* version.h - which mpp this is. */
#ifndef MPP_VERSION_H
#define MPP_VERSION_H

#include "mpp/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MPP_VERSION "0.1.0"

/* "0.1.0" and the versions of the libraries in use. */
MPP_API const char *mpp_version(void);

/* The commit that was built, as git describes it; "" where it is not known. */
MPP_API const char *mpp_build(void);

#ifdef __cplusplus
}
#endif
#endif
