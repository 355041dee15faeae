/* nc_compare.h - two forecast files, variable by variable and bit by bit. */
#ifndef MPP_NC_COMPARE_H
#define MPP_NC_COMPARE_H

#include "mpp/rollout.h"

/* Variables of either file that the other does not have with the same bytes, and attributes that
 * say how a run came about (source, mpp_...) whose texts differ. The caller owns *out (mpp_free).
 * MPP_ERR_DATA: a file cannot be read. */
MPP_MUST_CHECK mpp_status mpp_nc_compare(mpp_rollout_difference **out, size_t *count,
                                         const char *first, const char *second);

#endif
