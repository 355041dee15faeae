/* attention_unit.h - attention of one unit, a sequence of n tokens and one head. Private to
 * attention.c.
 *
 * Scores and probabilities lie as [keys, Q], queries in the lanes of vectors: sums over the keys of
 * a query go down the vectors, and no vector is ever summed for a softmax. Q is 8 for up to 8
 * queries, else whole vectors; queries that are not there have finite scores that nothing reads.
 * Keys fill whole vectors of pairs; the scores of those that are not there are -inf.
 *
 * Where dh is a multiple of a vector, the rows of qkv and y are used in place, else copies are made
 * with zeros in the padding, D floats long. */
#ifndef MPP_ATTENTION_UNIT_H
#define MPP_ATTENTION_UNIT_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "nn.h"

typedef struct mpp_unit_shape {
  size_t n, nq, dh, D, Q;
  size_t keys;              /* n, padded */
  size_t in_step, out_step; /* floats from one position to the next in qkv and in y */
} mpp_unit_shape;

/* Scratch of one thread. */
typedef struct mpp_unit {
  float *norm;                      /* [4, D]: gq, bq, gk, bk */
  float *q, *q_gk;                  /* [nq, D]: queries over sqrt(dh); times the gain of the keys */
  float *across;                    /* [D, Q]: rows of queries, transposed */
  float *p, *dp;                    /* [keys, Q] */
  float *dq;                        /* [nq, D] */
  float *copy_x, *copy_dx, *copy_y; /* [n, 3, D] each, [nq, D]; none if used in place */
} mpp_unit;

mpp_unit_shape mpp_unit_shape_of(const mpp_axis *a);
mpp_unit mpp_unit_take(mpp_arena *m, const mpp_unit_shape *s);

void mpp_unit_load_norm(const mpp_unit *u, const mpp_qk_norm *norm, const mpp_unit_shape *s);
/* to [keys, Q] of a head from its bias [2 n - 1]; and from sums [keys, Q] of gradients, adding. */
void mpp_unit_spread_bias(float *to, const float *bias, const mpp_unit_shape *s);
void mpp_unit_gather_bias(float *dbias, const float *sums, const mpp_unit_shape *s);

/* Norms the queries and keys at x; rstd: of the first position, `rstd_step` floats from one to the
 * next. backward makes their gradients those of what was normed, and adds to sums [4, dh] of
 * mpp_qk_norm_grad. */
void mpp_unit_norm(float *x, float *rstd, size_t rstd_step, const mpp_unit_shape *s);
void mpp_unit_norm_backward(float *dx, float *sums, const mpp_unit *u, const float *x,
                            const float *rstd, size_t rstd_step, const mpp_unit_shape *s);

/* y = weight * attention, or +=; x and y point at the head in the first token of the sequence,
 * bias [keys, Q] is that of the head. */
void mpp_unit_forward(float *y, const mpp_unit *u, const float *x, const float *bias,
                      const mpp_unit_shape *s, float weight, bool add);

/* Sets dx or adds into it; adds into dbias [keys, Q]. */
void mpp_unit_backward(float *dx, float *dbias, const float *dy, const mpp_unit *u, const float *x,
                       const float *bias, const mpp_unit_shape *s, float weight, bool add);

#endif
