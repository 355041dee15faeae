/* cns_scheme_compat.h - the steps of the program behind PDEBench's released compressible data, with
 * its defects, in float64 but for the time. */
#ifndef MPP_CNS_SCHEME_COMPAT_H
#define MPP_CNS_SCHEME_COMPAT_H

#include "cns_scheme.h"

/* Steps until t; s->unsound says if it failed. */
void mpp_cns_released_run(mpp_cns_scheme *s, double t);

#endif
