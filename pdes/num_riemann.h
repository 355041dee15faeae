/* num_riemann.h - approximate Riemann solvers, on MPP_LANES faces side by side so that one call
 * fills the vector units. */
#ifndef MPP_NUM_RIEMANN_H
#define MPP_NUM_RIEMANN_H

enum { MPP_LANES = 16 };
typedef double mpp_lanes[MPP_LANES];

/* Cell averages of the shallow-water equations along the normal of a face: depth [m], normal and
 * transverse discharge [m2 s-1]. */
typedef struct mpp_shallow_cells {
  mpp_lanes h, hu, hv;
} mpp_shallow_cells;

/* What a face sends out: the jump q_right - q_left as a sum of three waves, and the fluctuations
 * A-dq and A+dq, which change the cell on its left and on its right. */
typedef struct mpp_shallow_face {
  mpp_lanes speed[3];                /* u - a, u, u + a [m s-1], Roe averages */
  mpp_lanes acoustic[2][3];          /* waves 0 and 2: (h, hu, hv) */
  mpp_lanes shear;                   /* wave 1: hv alone */
  mpp_lanes to_left[3], to_right[3]; /* A-dq, A+dq of (h, hu, hv) */
} mpp_shallow_face;

/* Roe's solver with the transonic entropy fix. Depths must be positive. */
void mpp_roe_shallow(mpp_shallow_face *face, const mpp_shallow_cells *left,
                     const mpp_shallow_cells *right, double gravity);

#endif
