/* run_state.h - what a checkpoint of a run holds beside the model: where the run stands, the
 * optimizer's state, the mean of the weights, and where the weights come from. */
#ifndef MPP_RUN_STATE_H
#define MPP_RUN_STATE_H

#include <stddef.h>
#include <stdint.h>

#include "adapter.h"
#include "avit.h"
#include "ema.h"
#include "optimizer.h"

/* The position in the stream of micro-batches is step * accumulate; every random number follows
 * from it and the seed. */
typedef struct mpp_run_state {
  uint64_t step;             /* steps done, skipped ones included */
  uint64_t skipped;          /* of these */
  uint64_t skipped_in_a_row; /* up to now */
  uint64_t validated;        /* step of the last validation */
  double best;               /* lowest score of a validation; INFINITY before the first */
  uint64_t best_step;        /* the step that had it */
  uint64_t stale;            /* validations since */
} mpp_run_state;

/* Texts are owned; a resumed run keeps those of its start. */
typedef struct mpp_provenance {
  char *command, *config, *data;
  uint64_t seed;
} mpp_provenance;
void mpp_provenance_free(mpp_provenance *p); /* takes a zeroed one */

/* Name of the tensor of a parameter in an array of the layout of the weights: "optim/m/" + name. */
typedef char mpp_array_name[128];
void mpp_run_array_name(mpp_array_name out, const char *prefix, const mpp_param *e);

/* Model, the optimizer's arrays ("optim/m/<name>", ...) and numbers (metadata), the mean of the
 * weights if there is one ("ema/<name>"), state and provenance. With an adapter (else NULL) these
 * arrays are of its list, and its values ("adapter/<name>") and the maps that it changes as they
 * were before ("base/<name of the model>") are there too: nothing else is needed to go on. Atomic.
 * MPP_ERR_DIVERGED: a value is not finite; nothing is written then. */
MPP_MUST_CHECK mpp_status mpp_run_state_save(const char *path, const mpp_model *model,
                                             const mpp_adapter *adapter,
                                             const mpp_optimizer *optimizer, const mpp_ema *ema,
                                             const mpp_run_state *state,
                                             const mpp_provenance *provenance);

/* Reads what save wrote: a new model, its adapter if there is one (*adapter stays NULL else), state
 * into a zeroed `optimizer` of the method that the file names and into a zeroed `ema` if the file
 * has a mean (settings of both are the caller's to set), state and provenance. The caller owns all.
 * MPP_ERR_DATA, MPP_ERR_NOINPUT. */
MPP_MUST_CHECK mpp_status mpp_run_state_load(const char *path, mpp_model **model,
                                             mpp_adapter **adapter, mpp_optimizer *optimizer,
                                             mpp_ema *ema, mpp_run_state *state,
                                             mpp_provenance *provenance);

/* The model, or only the adapter that it has applied where that is not NULL, and the provenance;
 * `score` of its validation where it is finite. Atomic. MPP_ERR_DIVERGED as above. */
MPP_MUST_CHECK mpp_status mpp_run_state_export(const char *path, const mpp_model *model,
                                               const mpp_adapter *adapter, uint64_t step,
                                               double score, const mpp_provenance *provenance);

#endif
