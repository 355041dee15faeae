/* report.h - the end of a finetuning: its model beside others on windows that none was trained
 * on. */
#ifndef MPP_REPORT_H
#define MPP_REPORT_H

#include "mpp/train.h"

/* The models to compare, by what they are; NULL: not compared. Borrowed. */
typedef struct mpp_compared_models {
  mpp_model *of[MPP_COMPARED];
} mpp_compared_models;

/* Scores all models on up to o->report_windows windows of the test part of each dataset of `o`, of
 * the validation part where that is empty; a dataset that has neither is left out. The caller frees
 * *out, an array of *count, with mpp_comparisons_free. MPP_STOPPED: by request. */
MPP_MUST_CHECK mpp_status mpp_compare(mpp_comparison **out, size_t *count,
                                      const mpp_train_options *o, const mpp_compared_models *models,
                                      const mpp_train_observer *observer);
void mpp_comparisons_free(mpp_comparison *list, size_t count); /* takes NULL */

/* The same as JSON text, written to `path`: per dataset its system, split, windows, fields and
 * horizons, and nrmse and vrmse [horizon][field] of every model and predictor. Atomic. */
MPP_MUST_CHECK mpp_status mpp_report_write(const char *path, const mpp_comparison *list,
                                           size_t count);

#endif
