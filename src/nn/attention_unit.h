/* attention_unit.h - attention of one unit, a sequence of n tokens and one head. Private to
 * attention.c.
 *
 * Scores and probabilities lie as [keys, Q], queries in the lanes of vectors: sums over the keys of
 * a query go down the vectors, and no vector is ever summed for a softmax. Q is 8 for up to 8
 * queries, else whole vectors; queries that are not there have finite scores that nothing reads.
 * Keys fill whole vectors of pairs; the scores of those that are not there are -inf.
 *
 * Along axes of MPP_TILED_LEAST tokens and more a unit works with a tile of queries at a time
 * (attention_tiled.h), and takes the bias by distance as it is.
 *
 * Where dh is a multiple of a vector, the rows of qkv and y are used in place, else copies are made
 * with zeros in the padding, D floats long. */
#ifndef MPP_ATTENTION_UNIT_H
#define MPP_ATTENTION_UNIT_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "lanes.h"
#include "nn.h"

typedef struct mpp_unit_shape {
  size_t n, nq, dh, D, Q;
  size_t keys;              /* n, padded */
  bool tiled;               /* Q is that of a tile */
  size_t bias;              /* floats of the bias of a head as the unit takes it */
  size_t in_step, out_step; /* floats from one position to the next in qkv and in y */
} mpp_unit_shape;

/* What the next unit reads and writes, NULL after the last: its rows of qkv, dqkv and dy. */
typedef struct mpp_unit_next {
  const float *x, *dx, *dy;
} mpp_unit_next;

/* Scratch of one thread. */
typedef struct mpp_unit {
  mpp_unit_next next;
  float *norm;                      /* [4, D]: gq, bq, gk, bk */
  float *q, *q_gk;                  /* [nq, D]: queries over sqrt(dh); times the gain of the keys */
  float *across, *across_dy;        /* [D, Q]: rows of queries, transposed; the second for tiles */
  float *most;                      /* [tiles of keys, Q], for tiles */
  float *p, *dp;                    /* [keys, Q] */
  float *dq;                        /* [nq, D] */
  float *copy_x, *copy_dx, *copy_y; /* [n, 3, D] each, [nq, D]; none if used in place */
} mpp_unit;

/* across [width, ld] = `count` rows of `from`, transposed, and zeros; width and ld are of whole
 * vectors. */
static inline void mpp_rows_across(float *across, size_t ld, const float *from, size_t step,
                                   size_t count, size_t width)
{
  for (size_t t = 0; t < ld; t += MPP_LANES) {
    for (size_t j = 0; j < width; j += MPP_LANES) {
      mpp_lanes block[MPP_LANES];
      for (size_t i = 0; i < MPP_LANES; i++) {
        block[i] = (mpp_lanes){0};
        if (t + i < count) {
          block[i] = *mpp_const_lanes_at(from + (t + i) * step + j, 0);
        }
      }
      mpp_lanes_transpose(block);
      for (size_t i = 0; i < MPP_LANES; i++) {
        *mpp_lanes_at(across + (j + i) * ld + t, 0) = block[i];
      }
    }
  }
}

/* Asks for part `part` of `parts` of what the next unit reads: the rows of a unit lie apart, as far
 * as a line of the grid along some axes, and no hardware sees which come next. A core waits for a
 * few dozen lines at a time, so that a unit asks for all of the next one's little by little. */
static inline void mpp_unit_ask(const mpp_unit *u, const mpp_unit_shape *s, size_t part,
                                size_t parts)
{
  enum { LINE = 16 };
  for (size_t i = s->n * part / parts; i < s->n * (part + 1) / parts; i++) {
    for (size_t j = 0; u->next.x != NULL && j < 3 * s->dh; j += LINE) {
      __builtin_prefetch(u->next.x + i * s->in_step + j, 0, 2);
    }
    for (size_t j = 0; u->next.dx != NULL && j < 3 * s->dh; j += LINE) {
      __builtin_prefetch(u->next.dx + i * s->in_step + j, 1, 2);
    }
    for (size_t j = 0; u->next.dy != NULL && i < s->nq && j < s->dh; j += LINE) {
      __builtin_prefetch(u->next.dy + i * s->out_step + j, 0, 2);
    }
  }
}

mpp_unit_shape mpp_unit_shape_of(const mpp_axis *a);
mpp_unit mpp_unit_take(mpp_arena *m, const mpp_unit_shape *s);

void mpp_unit_load_norm(const mpp_unit *u, const mpp_qk_norm *norm, const mpp_unit_shape *s);
/* The bias of a head as the unit takes it, [keys, Q] or [2 n - 1] and padding, from its bias by
 * distance [2 n - 1]; and back from sums of gradients, adding. */
void mpp_unit_spread_bias(float *to, const float *bias, const mpp_unit_shape *s);
void mpp_unit_gather_bias(float *dbias, const float *sums, const mpp_unit_shape *s);

/* Norms the queries and keys at x; rstd: of the first position, `rstd_step` floats from one to the
 * next. backward makes their gradients those of what was normed, and adds to sums [4, dh] of
 * mpp_qk_norm_grad. */
void mpp_unit_norm(float *x, float *rstd, size_t rstd_step, const mpp_unit_shape *s);
void mpp_unit_norm_backward(float *dx, float *sums, const mpp_unit *u, const float *x,
                            const float *rstd, size_t rstd_step, const mpp_unit_shape *s);

/* y = weight * attention, or +=; x and y point at the head in the first token of the sequence,
 * bias is that of the head. */
void mpp_unit_forward(float *y, const mpp_unit *u, const float *x, const float *bias,
                      const mpp_unit_shape *s, float weight, bool add);

/* Sets dx or adds into it; adds into dbias. */
void mpp_unit_backward(float *dx, float *dbias, const float *dy, const mpp_unit *u, const float *x,
                       const float *bias, const mpp_unit_shape *s, float weight, bool add);

#endif
