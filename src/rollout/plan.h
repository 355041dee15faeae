/* plan.h - which forecasts a call makes, and the names of their files. */
#ifndef MPP_PLAN_H
#define MPP_PLAN_H

#include "file.h"
#include "frames.h"
#include "mpp/rollout.h"

/* Numbers in rising order, each once. */
typedef struct mpp_numbers {
  size_t count;
  size_t *item; /* owned */
} mpp_numbers;

typedef struct mpp_plan {
  mpp_numbers sample, start, steps;
  size_t members, checkpoints; /* of each checkpoint; of models */
  size_t only;        /* the one member asked for, of members * checkpoints; or all of them */
  const char *output; /* borrowed */
} mpp_plan;

/* One forecast. member / plan.members is its checkpoint. */
typedef struct mpp_plan_key {
  size_t sample, start, steps, member;
} mpp_plan_key;

/* `stride` of the options: "2,x=2" is every second frame (1 unless said), and "x=2" of space.
 * MPP_ERR_USAGE. */
MPP_MUST_CHECK mpp_status mpp_rollout_stride(long *frames, char space[MPP_TEXT_MAX],
                                             const char *text);

/* Takes the lists of the options apart; T context frames. Borrows options->output; free the plan in
 * any case, and begin with a zeroed one. MPP_ERR_USAGE. */
MPP_MUST_CHECK mpp_status mpp_plan_make(mpp_plan *p, const mpp_rollout_options *options,
                                        const mpp_frames *frames, size_t T);
void mpp_plan_free(mpp_plan *p);

/* Forecasts from one context (sample, start, steps) and checkpoint; contexts; and the forecast of
 * context c and member m of the checkpoint's. */
size_t mpp_plan_members(const mpp_plan *p, size_t checkpoint);
size_t mpp_plan_contexts(const mpp_plan *p);
mpp_plan_key mpp_plan_at(const mpp_plan *p, size_t checkpoint, size_t context, size_t m);

/* Are there mean and spread to be had? */
bool mpp_plan_has_ensemble(const mpp_plan *p);

/* Name of the file of a forecast, or of mean and spread. MPP_ERR_USAGE: too long, or not unique. */
MPP_MUST_CHECK mpp_status mpp_plan_name(char out[MPP_PATH_MAX], const mpp_plan *p,
                                        const mpp_plan_key *key, bool ensemble);

/* "0-9,12,20-40:5" and words; `all` stands for 0 to count - 1. For mpp_plan_make and tests. */
MPP_MUST_CHECK mpp_status mpp_numbers_parse(mpp_numbers *out, const char *text, const char *what);

#endif
