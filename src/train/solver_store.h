/* solver_store.h - trajectories of a solver, computed ahead by threads of their own and kept in
 * bounded memory. Which trajectory has which frames depends on its number alone, so that neither
 * threads nor timing nor the order of reading change a bit.
 *
 * Sample numbers, as of mpp generate with the same seed: the first `held` are for validation, as
 * many after them for tests, and training has all others. */
#ifndef MPP_SOLVER_STORE_H
#define MPP_SOLVER_STORE_H

#include "mpp/pde.h"

typedef struct mpp_solver_plan {
  char name[MPP_TEXT_MAX]; /* in messages */
  const mpp_pde *pde;
  mpp_generate_options options;
  size_t samples; /* for training, before they come again */
  size_t held;
  size_t pool;       /* trajectories for training that are drawn from at a time */
  size_t threads;    /* that compute; each begins one trajectory ahead of the pool */
  bool held_in_time; /* compute those for validation before they are asked for */
} mpp_solver_plan;

typedef struct mpp_solver_store mpp_solver_store;

/* Starts the threads. MPP_ERR_USAGE: options that the system does not have. */
MPP_MUST_CHECK mpp_status mpp_solver_store_create(mpp_solver_store **out,
                                                  const mpp_solver_plan *plan);
void mpp_solver_store_destroy(mpp_solver_store *s); /* stops and joins the threads; takes NULL */

/* What a trajectory is; borrowed. */
const mpp_pde_stream *mpp_solver_store_stream(const mpp_solver_store *s);
/* Bytes of all trajectories for training and validation that are kept. */
size_t mpp_solver_store_bytes(const mpp_solver_store *s);

/* Frames of trajectory `index` of a split, waiting for them if need be. Any order is right; in
 * training the order of a pool that moves on is the fast one. Safe to call from several threads.
 * MPP_ERR_DIVERGED names sample, time and cell. MPP_STOPPED: a stop was requested in the wait. */
MPP_MUST_CHECK mpp_status mpp_solver_store_read(mpp_solver_store *s, float *x, mpp_split split,
                                                size_t index, size_t start, size_t count);
/* The same of the fields that do not change, x [ngiven, D, H, W]. */
MPP_MUST_CHECK mpp_status mpp_solver_store_given(mpp_solver_store *s, float *x, mpp_split split,
                                                 size_t index);

#endif
