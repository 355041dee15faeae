/* plan_choice.h - what of micro-batch and recomputation fits into an amount of memory: one choice,
 * for plans and for trainings that begin. */
#ifndef MPP_PLAN_CHOICE_H
#define MPP_PLAN_CHOICE_H

#include "plan_memory.h"

/* A training whose memory is counted; all borrowed. */
typedef struct mpp_plan_subject {
  const mpp_model *model; /* configuration and parameters are read, no weights */
  size_t adapter;         /* numbers of an adapter that is trained in place of the weights, or 0 */
  const mpp_train_options *options; /* settled */
  const mpp_plan_source *source;
  size_t count;   /* of the sources */
  size_t library; /* bytes of the program, its libraries and its threads */
} mpp_plan_subject;

typedef struct mpp_plan_choice {
  long batch, accumulate;
  bool recompute, fits;
  size_t part[MPP_PLAN_PARTS], total;
  size_t largest; /* source whose pass takes most */
  size_t least;   /* total with batch 1 and recomputation */
} mpp_plan_choice;

/* Counts the training as its options say; with `change`, where that takes more than `room`, with
 * the largest part of the batch at a time that fits, for as many windows a step. */
MPP_MUST_CHECK mpp_status mpp_plan_choose(mpp_plan_choice *out, const mpp_plan_subject *subject,
                                          size_t room, bool change);

/* The largest named size below that of the options whose least fits; -1: none, or the network is
 * none of a named size. */
MPP_MUST_CHECK mpp_status mpp_plan_smaller_size(int *size, const mpp_plan_subject *subject,
                                                size_t room);

#endif
