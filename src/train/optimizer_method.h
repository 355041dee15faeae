/* optimizer_method.h - what the files of the methods share. */
#ifndef MPP_OPTIMIZER_METHOD_H
#define MPP_OPTIMIZER_METHOD_H

#include "optimizer.h"

extern const mpp_optimizer_method mpp_adamw_method, mpp_adan_method, mpp_dadapt_adan_method,
    mpp_dadapt_adam_method, mpp_sgd_method;

enum { MPP_PIECE_SUMS = 3 };

/* Updates elements [begin, end) of the flat arrays, all of one entry, whose learning rate has the
 * factor; adds to `sum` what the method sums over all elements. */
typedef void (*mpp_piece_update)(const void *context, size_t begin, size_t end, bool decays,
                                 float factor, double sum[MPP_PIECE_SUMS]);

/* Calls `update` for all trained elements, in pieces that do not depend on the number of threads;
 * sum (NULL: not wanted) receives the sums in a fixed order. */
void mpp_optimizer_walk(double sum[MPP_PIECE_SUMS], const mpp_params *params, const float *factors,
                        mpp_piece_update update, const void *context);

/* D-Adaptation: the next d, from its estimate; never lower, and not faster than `growth` allows. */
double mpp_dadapt_next(double d, double estimate, double growth);

#endif
