/* pde_system.h - what a system of equations is to the generator: a const struct of functions, and
 * what can be held against it. To add a system, write one file with such a struct and add it to
 * registry.c.
 * u is [nfields, D, H, W] in float64, cell averages, the stored fields first. */
#ifndef MPP_PDE_SYSTEM_H
#define MPP_PDE_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mpp/pde.h"

enum { MPP_PDE_MAX_FIELDS = 5, MPP_PDE_MAX_CONSERVED = 5, MPP_PDE_MAX_DETAILS = 4 };

/* The same for all trajectories of a dataset. */
typedef struct mpp_pde_setup {
  mpp_grid grid;                    /* of the computation; may be finer than what is stored */
  double param[MPP_PDE_MAX_PARAMS]; /* in the order of the system's table */
  double horizon;                   /* end time */
  uint64_t seed;
  bool compat; /* the released data's generator */
} mpp_pde_setup;

/* One trajectory under way. Systems put it first in a struct of their own. */
typedef struct mpp_pde_run {
  double t; /* time reached by the integrator */
  size_t steps, rejected;
  size_t bad;       /* after a failure: index into u of the value that stopped it, */
  double bad_value; /* and that value */
} mpp_pde_run;

/* An exact solution of the equations on the system's domain. */
typedef struct mpp_pde_problem {
  const char *name; /* NULL ends a list */
  const char *set;  /* settings "name=value,..." that it holds for, "" for none */
  double horizon;
  double order; /* of the L1 error under refinement: the scheme's, where smooth */
  void (*exact)(double *u, double t, const mpp_pde_setup *setup); /* cell averages */
} mpp_pde_problem;

struct mpp_pde {
  const char *name, *alias; /* on the command line; the alias may be NULL */
  const char *label;        /* of the system in dataset and field names */
  const char *summary, *scheme, *reference;
  size_t nfields, nstored;
  const char *field[MPP_PDE_MAX_FIELDS]; /* short names */
  const char *axis[3];                   /* coordinate of each grid axis; "": axis of length 1 */
  double low[3], high[3];                /* domain */
  const mpp_pde_param *params;           /* ended by a NULL name */
  size_t resolution, frames;             /* defaults: cells along each axis, stored frames */
  double horizon;
  int order; /* design order of accuracy in space where the solution is smooth */
  const char *conserved[MPP_PDE_MAX_CONSERVED];
  /* Mirror symmetry along an axis: factor of each field under reflection, and to which tolerance
   * the discrete solution has it (0: to the last bit). */
  double mirror[3][MPP_PDE_MAX_FIELDS], mirror_tolerance;
  const mpp_pde_problem *problems;

  /* Checks what ranges cannot; NULL: nothing. MPP_ERR_USAGE. */
  mpp_status (*check)(const mpp_pde_setup *setup);
  /* Every how many cells along an axis are stored; NULL: all. */
  size_t (*stride)(const mpp_pde_setup *setup);
  /* Initial condition of a trajectory, a function of (seed, sample) alone. */
  mpp_status (*init)(double *u, const mpp_pde_setup *setup, uint64_t sample);
  /* What was drawn for a trajectory, for its provenance: at most MPP_PDE_MAX_DETAILS notes, returns
   * how many; NULL: none. */
  size_t (*details)(mpp_note *notes, const mpp_pde_setup *setup, uint64_t sample);
  /* Integrals of the conserved quantities, and the sizes that their drift is relative to. Returns
   * how many are conserved with these parameters. */
  size_t (*conserve)(double *value, double *size, const double *u, const mpp_pde_setup *setup);

  /* A run and its memory; it serves any number of trajectories one after the other. */
  mpp_status (*open)(mpp_pde_run **out, const mpp_pde_setup *setup);
  void (*close)(mpp_pde_run *run); /* takes NULL */
  void (*start)(mpp_pde_run *run, const double *u);
  /* u = solution at t. False: the run says where it diverged. Safe inside parallel regions. */
  bool (*advance)(mpp_pde_run *run, double *u, double t);
};

extern const mpp_pde mpp_pde_swe, mpp_pde_diffusion_reaction;

#endif
