/* pde_case.h - what is to be computed: a system with the options of a user, checked. */
#ifndef MPP_PDE_CASE_H
#define MPP_PDE_CASE_H

#include <stddef.h>

#include "pde_system.h"

typedef struct mpp_pde_case {
  const mpp_pde *pde;
  mpp_pde_setup setup;
  size_t frames;     /* stored, the initial one included */
  size_t stride;     /* every how many computed cells one is stored, along each axis */
  size_t offset;     /* the first of them */
  size_t stored[3];  /* D, H, W of what is stored */
  size_t cells;      /* computed, per field */
  size_t values;     /* of a stored trajectory [frames, nstored, D, H, W] */
  size_t once;       /* of what is stored once [nonce, D, H, W] */
  char boundary[64]; /* "x=periodic,y=open" */
} mpp_pde_case;

/* Defaults, options and settings "name=value" of `options`, all checked. MPP_ERR_USAGE names the
 * option with what was found and expected, and the closest name of an unknown parameter. */
MPP_MUST_CHECK mpp_status mpp_pde_case_make(mpp_pde_case *out, const mpp_pde *pde,
                                            const mpp_generate_options *options);

/* Puts a case on other cells: n of them along each axis, of width dx, from the lower edge `low`
 * on. */
MPP_MUST_CHECK mpp_status mpp_pde_case_place(mpp_pde_case *c, const size_t n[3],
                                             const double low[3], const double dx[3]);

/* The case of a dataset's grid, fields and interval between frames: mpp_pde_stream_open_on. */
MPP_MUST_CHECK mpp_status mpp_pde_case_on(mpp_pde_case *out, const mpp_pde *pde,
                                          const mpp_generate_options *options,
                                          const mpp_dataset_info *info,
                                          const double *const coordinate[3], double interval,
                                          size_t frames);

/* The case of a problem that a system is held against, refined `doublings` times from its coarsest
 * grid or step. */
MPP_MUST_CHECK mpp_status mpp_pde_case_problem(mpp_pde_case *out, const mpp_pde *pde,
                                               const mpp_pde_problem *problem, int doublings);

/* Time of a stored frame, as numpy.linspace spaces them. */
double mpp_pde_case_time(const mpp_pde_case *c, size_t frame);

/* Centre of the computed cell that stored cell i along a grid axis shows. */
double mpp_pde_case_coordinate(const mpp_pde_case *c, int axis, size_t i);

/* The computed cell, counted through [D, H, W], that stored cell (d, h, w) shows. */
size_t mpp_pde_case_cell(const mpp_pde_case *c, size_t d, size_t h, size_t w);

/* "x 3, y 5": the position of a computed cell, counted through [D, H, W], in messages. */
typedef char mpp_cell_text[96];
void mpp_pde_case_cell_text(mpp_cell_text out, const mpp_pde_case *c, size_t cell);

#endif
