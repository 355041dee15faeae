/* ins_scheme.h - incompressible flow in a box with walls that carries particles, which a force that
 * is given acts on:
 *   v_t + (v . grad) v = -grad p + nu lap v + c f + g,  div v = 0,  c_t + div(v c) = 0,
 * v = 0 on the walls. Velocity and forces lie on faces, particles and pressure in cells.
 * Arrays have a border of two: index (i + 2) stride + j + 2, i along x. u and fx at (i, j) belong
 * to the face between the cells (i - 1, j) and (i, j), i <= n[0]; v and fy to that between (i, j -
 * 1) and (i, j), j <= n[1]. */
#ifndef MPP_INS_SCHEME_H
#define MPP_INS_SCHEME_H

#include <stdbool.h>
#include <stddef.h>

#include "fft.h"
#include "mpp/status.h"

/* sin(pi x) and cos(pi x), or of y. */
typedef struct mpp_ins_wave {
  double sine, cosine;
} mpp_ins_wave;

/* to[j] += factor g along `axis` at (x, y_j) and time t, j < n, y_j given by y[2 j]; called from
 * several threads. */
typedef void (*mpp_ins_body)(double *to, double factor, size_t n, int axis, mpp_ins_wave x,
                             const mpp_ins_wave *y, double t, double nu);

/* (1 - beta second difference) x = d on a line. */
typedef struct mpp_ins_line {
  size_t n;
  double beta;
  double *inverse; /* [n], owned by the scheme */
} mpp_ins_line;

typedef struct mpp_ins {
  size_t n[2], stride, count; /* cells along x and y, at least 2 each; values of an array */
  double low[2], dx[2], nu;
  mpp_ins_body body;               /* NULL: none */
  double *u, *v, *c, *fx, *fy, *p; /* state, to be filled before a start */
  double t, dt;                    /* reached; last step */
  double rate;       /* largest sum over both axes of speed / dx in a cell, as things stand */
  double divergence; /* largest |div v| after any step */
  size_t steps, rejected;
  double *u_next, *v_next, *u_old, *v_old, *p_next;  /* the next and the last time level */
  double *u_rate, *v_rate, *u_rate_old, *v_rate_old; /* explicit accelerations */
  double *stage, *slope_x, *slope_y;                 /* of the particles */
  double *line_x, *line_y;                           /* second differences' eigenvalues */
  double *cells, *spectrum;                          /* of the pressure equation */
  mpp_ins_line node[2], half[2]; /* per axis: values at the walls, or half a cell off */
  mpp_ins_wave *wave[2];         /* at faces (2 i) and centres (2 i + 1) along each axis */
  double slowest;                /* eigenvalue of the largest eddy [m-2] */
  mpp_fft *fft;
  double *memory;
  int threads;
} mpp_ins;

static inline size_t mpp_ins_at(const mpp_ins *s, size_t i, size_t j)
{
  return (i + 2) * s->stride + j + 2;
}

/* Sizes and arrays; no body force. */
MPP_MUST_CHECK mpp_status mpp_ins_create(mpp_ins *s, const size_t n[2], const double low[2],
                                         const double dx[2], double nu);
void mpp_ins_free(mpp_ins *s); /* takes a zeroed struct */

/* To t = 0 with what stands in u, v, c, fx, fy, whose borders it fills; makes v free of divergence,
 * with nothing through the walls. */
void mpp_ins_start(mpp_ins *s);

/* Steps until t. False if values became non-finite or no step was short enough. */
bool mpp_ins_advance(mpp_ins *s, double t);

/* The same by the splitting of the released data: steps of `dt` (shortened to end at t), each one
 * semi-Lagrangian advection of v, explicit viscosity, force, projection, semi-Lagrangian advection
 * of c with the new v. First order. False also if a step goes beyond one cell. */
bool mpp_ins_advance_split(mpp_ins *s, double t, double dt);

/* ---- parts ---- */

/* Threads that the next steps take: those of mpp_threads() that the grid is worth, one inside
 * parallel regions. */
void mpp_ins_set_threads(mpp_ins *s);

/* Zero normal velocity and what lies beyond the walls: -1 or 0 times the value beside them. */
void mpp_ins_walls(const mpp_ins *s, double *u, double *v, double beyond);

/* Particles beyond the walls: no gradient. */
void mpp_ins_walls_of_cells(const mpp_ins *s, double *c);

/* rate = -(v . grad) v + c f on inner faces; returns its largest size. */
double mpp_ins_rates(const mpp_ins *s);

/* Makes u, v free of divergence by subtracting the gradient of what is left in `cells`, [n[0],
 * n[1]] without border; the divergence found stands in `stage`, with border. */
void mpp_ins_project(mpp_ins *s, double *u, double *v);

/* u_next, v_next before the projection, after a step dt that follows one of dt / ratio (ratio 0:
 * the first). a0 is the factor of the new velocity in its time derivative. */
void mpp_ins_predict(mpp_ins *s, double dt, double ratio, double a0);

/* c to the end of a step in which the velocity goes from (u, v) to (u_next, v_next). */
void mpp_ins_transport(mpp_ins *s, double dt);

/* Largest sum over both axes of speed / dx in a cell, and the divergence. */
double mpp_ins_courant_rate(const mpp_ins *s, const double *u, const double *v, double *divergence);

#endif
