/* attention_tiled.h - attention of one unit along a long axis, in tiles of queries and keys, so
 * that no array has the square of the axis. Private to attention_unit.c, whose structs it works on:
 * q, q_gk are set, q_gk and x meet in the scores, and bias and dbias are those by distance, [2 n -
 * 1] and TILE_QUERIES more. */
#ifndef MPP_ATTENTION_TILED_H
#define MPP_ATTENTION_TILED_H

#include "attention_unit.h"

enum {
  MPP_TILED_LEAST = 128, /* tokens of a long axis */
  MPP_TILE_QUERIES = 32, /* whole vectors */
  MPP_TILE_KEYS = 64     /* a tile of scores is 8 KB */
};

/* y (+)= weight * attention. x: rows [n, 3, D] of `step` floats, y: rows of `y_step`. */
void mpp_tiled_forward(float *y, size_t y_step, const mpp_unit *u, const float *x, size_t step,
                       const float *bias, const mpp_unit_shape *s, float weight, bool add);

/* u->dq = dS x_k, and the gradients of k and v into dx, which is like x, set or added to. */
void mpp_tiled_backward(float *dx, float *dbias, const float *dy, size_t dy_step, const mpp_unit *u,
                        const float *x, size_t step, const float *bias, const mpp_unit_shape *s,
                        float weight, bool add);

#endif
