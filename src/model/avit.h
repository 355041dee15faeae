/* avit.h - the network itself and its private face for training. */
#ifndef MPP_AVIT_H
#define MPP_AVIT_H

#include <stddef.h>
#include <stdint.h>

#include "mpp/model.h"
#include "params.h"
#include "stage_clock.h"
#include "window_fit.h"

typedef struct mpp_tape mpp_tape; /* activations and scratch of one model (an arena) */

/* Bytes that a training pass spends on arrays that could be made again (tape_blocks.c): so many,
 * less two fifths of what the weights take, since these with their moments are most of the memory
 * of large networks, activations of small ones; and with gradients_within what these would take
 * apart. */
enum { MPP_SPARE = 48 << 20 };

struct mpp_model {
  mpp_model_config config;
  mpp_precision precision; /* of products: no part of what is saved */
  size_t n_states;
  mpp_name *vocabulary; /* [n_states] */
  mpp_params *params;
  float *weights; /* [params->total] */
  mpp_tape *tape; /* NULL until the first pass; grows on demand */
  bool recompute; /* training passes keep the inputs of blocks alone and run each again before its
                    backward pass: the same bits in less memory and more time */
  bool gradients_within; /* training passes have room for the gradients of one backward pass, where
                            what it has read is dead: mpp_predict_gradients */
  size_t withheld;       /* of the bytes that go into arrays that could be made again */
  bool attention_kept, mlp_kept; /* the backward pass leaves out the gradients of the projections,
                                    of the MLPs' maps (weights and biases): nobody wants them */
  mpp_stage_clock *clock;        /* borrowed; NULL: parts are not timed */
  char *path;                    /* of the file that it was read from, for messages, or NULL */
  bool shared;                   /* path, vocabulary, params and weights belong to another model */
};

/* ---- model.c ---- */

/* As mpp_model_create, but all weights are zero: for a caller that brings them. */
MPP_MUST_CHECK mpp_status mpp_model_allocate(mpp_model **out, const mpp_model_config *config,
                                             const mpp_name *vocabulary, size_t nfields);

/* Drop path of one micro-batch: probability of block i is rate * i / (blocks - 1); draws come from
 * (seed, position). rate 0: off. */
typedef struct mpp_drop {
  double rate;
  uint64_t seed, position;
} mpp_drop;

/* ---- prediction.c ---- */

/* y [B, C - given, D, H, W] from x [T, B, C, D, H, W], physical values; normalises, runs the
 * network, adds the base. With keep_tape the activations stay for mpp_predict_backward. `drop` may
 * be NULL. */
MPP_MUST_CHECK mpp_status mpp_predict_forward(mpp_model *m, float *y, const float *x,
                                              const mpp_window_shape *shape, bool keep_tape,
                                              const mpp_drop *drop);
/* The same on predictors fitted before: fit [B], where it and its items are not NULL. */
MPP_MUST_CHECK mpp_status mpp_predict_forward_fitted(mpp_model *m, float *y, const float *x,
                                                     const mpp_window_shape *shape,
                                                     mpp_window_fit *const *fit, bool keep_tape,
                                                     const mpp_drop *drop);
/* mpp_model_predict on predictors fitted before. */
MPP_MUST_CHECK mpp_status mpp_predict_frame(mpp_model *m, float *y, const float *x,
                                            const mpp_window_shape *shape,
                                            mpp_window_fit *const *fit);
/* Whether forecasts keep what was fitted to the window that they begin with; in other modes a fit
 * is made anew at every step. */
bool mpp_predict_keeps_fit(const mpp_model *m);
/* Then: fits the items of fit [B] that are NULL to the windows x that forecasts begin with, for the
 * two above; else they stay as they are. Only the model's configuration is read: any thread may
 * call it. The caller owns what is there, also after a failure. */
MPP_MUST_CHECK mpp_status mpp_predict_fit(mpp_window_fit **fit, const mpp_model *m, const float *x,
                                          const mpp_window_shape *shape);
/* Makes the fits of fit [B], which mpp_predict_fit made to these windows x, fits of forecasts that
 * begin there (window_fit.h), and tests the network in the windows: what it gives helps by so much
 * (window_gain.h). In modes that keep no fit nothing happens. */
MPP_MUST_CHECK mpp_status mpp_predict_gains(mpp_window_fit **fit, mpp_model *m, const float *x,
                                            const mpp_window_shape *shape);
/* Adds into gradients [params->total] for dy [B, C - given, D, H, W]; needs the tape of the last
 * forward pass and the same x. NULL: writes the model's own, see below. */
void mpp_predict_backward(mpp_model *m, float *gradients, const float *dy, const float *x,
                          const mpp_window_shape *shape, const mpp_drop *drop);
/* With m->gradients_within: the gradients [params->total] that a backward pass without `gradients`
 * has written; the caller may change them. Borrowed, and void from the next pass of the model on.
 * NULL otherwise. */
float *mpp_predict_gradients(const mpp_model *m);
/* After a forward pass in a mode other than frame: base [B, C - given, D, H, W] and scale
 * [B, C - given];
 * borrowed until the next pass; NULL in mode frame. */
const float *mpp_predict_base(const mpp_model *m);
const float *mpp_predict_scale(const mpp_model *m);

/* Bytes of working memory that a pass of this shape needs. */
MPP_MUST_CHECK mpp_status mpp_predict_memory(size_t *bytes, const mpp_model *m,
                                             const mpp_window_shape *shape, bool keep_tape);

#endif
