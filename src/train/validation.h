/* validation.h - scores of the model on held-out windows, always the same ones, beside those of the
 * trivial predictors. */
#ifndef MPP_VALIDATION_H
#define MPP_VALIDATION_H

#include <stdbool.h>

#include "mpp/train.h"

typedef struct mpp_validation_part {
  mpp_dataset *dataset; /* borrowed */
  mpp_split split;
  mpp_int_list horizons;
} mpp_validation_part;

typedef struct mpp_validation {
  size_t count; /* datasets that can be validated */
  mpp_validation_part part[MPP_LIST_MAX];
  mpp_scores scores[MPP_LIST_MAX]; /* of the last validation; owned */
  size_t context, windows;
} mpp_validation;

/* Takes in a dataset: its validation split, its test split if that is empty, and the horizons that
 * its trajectories allow. False if nothing remains: the dataset is left out. */
bool mpp_validation_add(mpp_validation *v, mpp_dataset *dataset, const mpp_int_list *horizons);

/* Scores `model` on every part into v->scores. *complete is false if a stop was requested between
 * two datasets. *score: mean over datasets and horizons of the model's NRMSE over that of the best
 * trivial predictor at the same horizon (each the mean over fields); below 1 is better than any of
 * them. */
MPP_MUST_CHECK mpp_status mpp_validation_run(mpp_validation *v, double *score, bool *complete,
                                             mpp_model *model);

void mpp_validation_free(mpp_validation *v); /* takes a zeroed one */

#endif
