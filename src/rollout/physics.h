/* physics.h - what a prediction is corrected by: fields clipped from below, and integrals kept. */
#ifndef MPP_PHYSICS_H
#define MPP_PHYSICS_H

#include "reference.h"

typedef struct mpp_physics_rule {
  size_t field;      /* that is shifted, or scaled where it is clipped too */
  mpp_name quantity; /* of the balance; "": the field's mean */
  double target;     /* of the last context frame */
} mpp_physics_rule;

typedef struct mpp_physics {
  size_t nfields, cells;
  mpp_pde_stream *stream; /* borrowed; NULL if there are no balances */
  bool clips[MPP_MAX_FIELDS];
  float low[MPP_MAX_FIELDS];
  size_t nrules;
  mpp_physics_rule rule[MPP_MAX_FIELDS + MPP_PDE_QUANTITIES];
  const unsigned char
      *hidden;  /* [nfields, cells] of the next frame, borrowed: cells that stay; or NULL */
  float *trial; /* [C, cells], owned */
} mpp_physics;

/* Settings `conserve`, `positive` and `floor` for the context x [T, C, D, H, W]. Free it in any
 * case. MPP_ERR_USAGE: no such quantity or field; the message names all. */
MPP_MUST_CHECK mpp_status mpp_physics_begin(mpp_physics *p, const mpp_rollout_options *options,
                                            const mpp_dataset_info *info,
                                            const mpp_reference *reference, const float *x,
                                            size_t T);
void mpp_physics_free(mpp_physics *p); /* takes a zeroed one */

/* Corrects a finite frame y [C, D, H, W]: clips first, then keeps integrals in the order of the
 * rules. clipped [C]: cells that were raised; shift [C]: what was added to each cell, or for a
 * field that is clipped too, the factor less 1. */
void mpp_physics_apply(mpp_physics *p, float *y, double *clipped, double *shift);

#endif
