/* tape.h - the working memory of one model: every array of a pass, in one block of memory that is
 * measured by the code that lays it out. */
#ifndef MPP_TAPE_H
#define MPP_TAPE_H

#include "avit.h"
#include "blocks.h"
#include "window_fit.h"

struct mpp_tape {
  float *memory; /* owned */
  size_t bytes;
  bool kept;      /* the last pass left what a backward pass needs */
  bool recompute; /* blocks keep their inputs alone, and run again before their backward pass */
  size_t spare;   /* bytes for arrays that could be made again */
  mpp_dims dims;
  float *mean, *sd;    /* [B, fields]: statistics of the window */
  float *clean;        /* [T, B, fields, D, H, W] of a window with a mask, or NULL: see mask.c */
  unsigned char *mask; /* [T, B, fields, D, H, W] of what the network sees; NULL without a mask */
  float *shifted;      /* [T, B, fields, D, H, W] of what the network sees; NULL without a shift */
  float *input;        /* [T, B, inputs, D, H, W]: values and increments; NULL without increments */
  float *input_mean, *input_sd; /* [B, inputs] */
  float *increment_rms;         /* [B, fields]; NULL without increments */
  int *order;                   /* [B, fields]: work space */
  float *scale, *base;          /* [B, predicted], [B, predicted, D, H, W]; NULL in mode frame */
  float *net;                   /* the network's output as patches, see destem */
  float *tokens;                /* [T*B*s, C]: the stem's output */
  float *dtokens;               /* gradient along the blocks; NULL without keep */
  float *shared;                /* [T*B*s, C]: out or mid of all blocks; NULL without keep */
  mpp_stem_tape stem;
  mpp_time_tape *time;   /* [blocks] */
  mpp_space_tape *space; /* [blocks] */
  size_t *block_end;     /* [blocks]: bytes of the arena up to the end of what a block keeps */
  float *gradients;      /* [params->total], over what blocks keep; NULL: they lie elsewhere */
  mpp_destem_tape destem;
  mpp_scratch scratch;
};

MPP_MUST_CHECK mpp_status mpp_tape_create(mpp_tape **out, const mpp_model_config *config);
void mpp_tape_destroy(mpp_tape *t); /* takes NULL */

/* Lays out the arrays for a pass of `t->dims` by `m`: measures with an arena without base. */
void mpp_tape_take(mpp_tape *t, mpp_arena *arena, const mpp_model *m, bool keep, bool drop);

/* Measures, grows the memory if it is too small, and lays out. MPP_ERR_NOMEM. */
MPP_MUST_CHECK mpp_status mpp_tape_prepare(mpp_tape *t, const mpp_model *m, const mpp_dims *dims,
                                           bool keep, bool drop);

/* ---- tape_blocks.c: the part of it that the blocks keep, and gradients in their place; before
 * `stem_end` is what the stem's backward pass, the last to run, needs ---- */
void mpp_blocks_take(mpp_tape *t, mpp_arena *arena, const mpp_model *m, size_t stem_end, bool keep,
                     bool drop);

/* ---- prediction.c: sizes of a pass of `s`; MPP_ERR_DATA: shapes that do not fit the model ---- */
MPP_MUST_CHECK mpp_status mpp_dims_of(mpp_dims *d, const mpp_model *m, const mpp_window_shape *s);

/* ---- window_input.c, window_base.c: what is taken from the window x [T, B, fields, D, H, W]
 * ---- */

/* mean, sd, and with increments input, input_mean and input_sd, of the window that the network
 * sees. */
void mpp_window_input(mpp_tape *t, const float *x);
/* The predicted fields of sample b of x [T, B, fields, D, H, W]; hidden [D, H, W]: its masked
 * cells, or NULL. */
mpp_window mpp_window_sample(const float *x, size_t b, const mpp_dims *d,
                             const unsigned char *hidden);
/* base and scale of a mode other than frame, by fit [B], or by fits to x where it, or one of its
 * items, is NULL. MPP_ERR_NOMEM. */
MPP_MUST_CHECK mpp_status mpp_window_base(mpp_tape *t, const float *x, const unsigned char *mask,
                                          mpp_mode mode, mpp_window_fit *const *fit);
/* Whether forecasts in this mode keep the fits to their first window. */
bool mpp_window_base_keeps(mpp_mode mode);
/* Then: fits the items of fit [B] that are NULL to the windows x. */
MPP_MUST_CHECK mpp_status mpp_window_fits(mpp_window_fit **fit, const mpp_dims *d, const float *x,
                                          const unsigned char *mask, mpp_mode mode);

/* ---- mask.c; mask [T, B, fields, D, H, W] of the window or NULL ---- */

/* clean = x, but for each sample and field the mean of the unmasked values where it is masked. */
void mpp_mask_clean(float *clean, const float *x, const unsigned char *mask, const mpp_dims *d);
/* t->clean of a window with a mask, else x. */
const float *mpp_mask_window(mpp_tape *t, const float *x, const unsigned char *mask);
/* t->mask, where each value that the network sees comes from. */
void mpp_mask_shift(mpp_tape *t, const unsigned char *mask);
/* Masked values of what the network sees, `seen`, become the mean that t->mean has of them. */
void mpp_mask_settle(const mpp_tape *t, float *seen);
/* cells [D, H, W]: masked in any frame and predicted field of sample b. */
void mpp_mask_cells(unsigned char *cells, const unsigned char *mask, size_t b, const mpp_dims *d);

/* ---- avit.c: the network on a prepared tape with the input in place ---- */

/* t->net from the window x [T, B, fields, D, H, W] that the network sees. */
void mpp_avit_forward(const mpp_model *m, const float *x, const mpp_drop *drop);
/* Adds into g, or writes t->gradients where g is NULL; t->net holds the gradient of the output. */
void mpp_avit_backward(const mpp_model *m, float *g, const float *x);

#endif
