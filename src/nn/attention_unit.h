/* attention_unit.h - attention of one unit, a sequence of n tokens and one head. Private to
 * attention.c.
 *
 * All matrices have rows of whole vectors: N floats for n keys, D floats for the head width dh.
 * Where dh is a multiple of a vector, the rows of qkv and y are used in place, else copies are made
 * with zeros in the padding. Padded keys are 0, and -inf in the bias, so that the softmax gives
 * them the weight 0. */
#ifndef MPP_ATTENTION_UNIT_H
#define MPP_ATTENTION_UNIT_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "nn.h"

typedef struct mpp_unit_shape {
  size_t n, nq, dh, N, D;
  size_t in_step, out_step; /* floats from one position to the next in qkv and in y */
} mpp_unit_shape;

/* Scratch of one thread. */
typedef struct mpp_unit {
  float *norm;                      /* [4, D]: gq, bq, gk, bk */
  float *bias;                      /* [nq, N] of the current head */
  float *q, *q_gk;                  /* [nq, D]: queries over sqrt(dh); times the gain of the keys */
  float *kt, *vt;                   /* [D, N] each */
  float *p, *dp;                    /* [nq, N] */
  float *dq;                        /* [nq, D] */
  float *copy_x, *copy_dx, *copy_y; /* [n, 3, D] each, [nq, D]; none if used in place */
} mpp_unit;

mpp_unit_shape mpp_unit_shape_of(const mpp_axis *a);
mpp_unit mpp_unit_take(mpp_arena *m, const mpp_unit_shape *s);

void mpp_unit_load_norm(const mpp_unit *u, const mpp_qk_norm *norm, const mpp_unit_shape *s);
/* bias [n, n] of the head. */
void mpp_unit_load_bias(const mpp_unit *u, const float *bias, const mpp_unit_shape *s);

/* y = weight * attention, or +=; x and y point at the head in the first token of the sequence. */
void mpp_unit_forward(float *y, const mpp_unit *u, const float *x, const mpp_unit_shape *s,
                      float weight, bool add);

/* Sets dx or adds into it; adds into dbias [nq, N]. */
void mpp_unit_backward(float *dx, float *dbias, const float *dy, const mpp_unit *u, const float *x,
                       const mpp_unit_shape *s, float weight, bool add);

#endif
