/* pde_system.h - what a system of equations is to the generator: a const struct of functions, and
 * what can be held against it. To add a system, write one file with such a struct and add it to
 * registry.c.
 * u is [nfields, D, H, W] in float64, the stored fields first, then those stored once, then what
 * the solver needs besides. Values are cell averages, or point values at cell centres where the
 * scheme is spectral. A 1D system has W alone (axis[2] = "x"), a 2D system H and W. */
#ifndef MPP_PDE_SYSTEM_H
#define MPP_PDE_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mpp/pde.h"

enum {
  MPP_PDE_MAX_FIELDS = 12,
  MPP_PDE_MAX_CONSERVED = 5,
  MPP_PDE_MAX_POSITIVE = 2,
  MPP_PDE_MAX_DETAILS = 8
};

/* Rows of a table of parameters. */
#define MPP_NUMBER(name, units, fallback, min, max, help)         \
  {                                                               \
    name, units, fallback, min, max, MPP_PARAM_NUMBER, NULL, help \
  }
#define MPP_WHOLE(name, fallback, min, max, help)              \
  {                                                            \
    name, "1", fallback, min, max, MPP_PARAM_WHOLE, NULL, help \
  }
/* The first of `choices` is the default. */
#define MPP_CHOICE(name, choices, help)                       \
  {                                                           \
    name, "1", 0.0, 0.0, 0.0, MPP_PARAM_CHOICE, choices, help \
  }
#define MPP_PARAMS_END                                      \
  {                                                         \
    NULL, NULL, 0.0, 0.0, 0.0, MPP_PARAM_NUMBER, NULL, NULL \
  }

/* Both ends of an axis. */
typedef enum {
  MPP_EDGE_PERIODIC,
  MPP_EDGE_OPEN, /* zero gradient */
  MPP_EDGE_WALL  /* nothing passes */
} mpp_edge;

/* The same for all trajectories of a dataset. */
typedef struct mpp_pde_setup {
  mpp_grid grid;                    /* of the computation; may be finer than what is stored */
  mpp_edge edge[3];                 /* of each grid axis */
  double param[MPP_PDE_MAX_PARAMS]; /* in the order of the system's table */
  double horizon;                   /* end time */
  double interval;                  /* between stored frames; the horizon if there is one frame */
  uint64_t seed; /* with compat: of the first sample or batch of the released set */
  bool compat;   /* the released data's generator and scheme */
} mpp_pde_setup;

/* One trajectory under way. Systems put it first in a struct of their own; `start` zeroes it, and
 * sets each `least` to INFINITY. */
typedef struct mpp_pde_run {
  double t; /* time reached by the integrator */
  size_t steps, rejected;
  double repaired; /* cells times steps in which a positivity repair was needed */
  double least[MPP_PDE_MAX_POSITIVE]; /* smallest value of each positive quantity in any step */
  size_t bad;       /* after a failure: index into u of the value that stopped it, */
  double bad_value; /* and that value */
} mpp_pde_run;

/* An exact solution of the equations, or a problem whose error can be had otherwise. */
typedef struct mpp_pde_problem {
  const char *name;     /* NULL ends a list */
  const char *set;      /* settings "name=value,..." that it holds for; NULL: none */
  const char *boundary; /* as --boundary; NULL: the system's own */
  double low, high;     /* domain along each axis; both 0: the system's own */
  double horizon;
  double order;       /* of the L1 error under refinement: the scheme's, where smooth */
  size_t cells;       /* along each axis, of the coarsest grid; 0: 32 */
  int doublings;      /* of the cells, that a test makes; 0: 2, but for benchmarks 3 */
  const char *refine; /* parameter that is halved with each refinement in place of doubling the
                         cells (the step of a spectral scheme); NULL: the cells are doubled */
  /* u of all fields at time t. Steady systems: t = 0 gives what the solver starts from. */
  void (*exact)(double *u, double t, const mpp_pde_setup *setup);
} mpp_pde_problem;

struct mpp_pde {
  const char *name, *alias; /* on the command line; the alias may be NULL */
  const char *label;        /* of the system in dataset and field names (src/data/field.c) */
  const char *summary, *scheme, *reference;
  const char *released_scheme;           /* with compat; NULL: the same */
  bool unreleased;                       /* PDEBench has no such data: there is no compat */
  size_t nfields, nstored, nonce;        /* all, stored in every frame, stored once a trajectory */
  const char *field[MPP_PDE_MAX_FIELDS]; /* short names */
  const char *layout;                    /* of its files; NULL: "pdebench-groups" */
  const char
      *dataset[MPP_PDE_MAX_FIELDS]; /* layout array: name of a field's dataset; NULL: field */
  const char *axis[3];              /* coordinate of each grid axis; "": axis of length 1 */
  double low[3], high[3];           /* domain */
  mpp_edge edge[3];                 /* default boundary of each axis */
  unsigned edges;                   /* kinds there are, 1u << mpp_edge; 0: the defaults alone */
  const mpp_pde_param *params;      /* ended by MPP_PARAMS_END */
  const mpp_pde_preset *presets;    /* ended by a NULL name; NULL: none */
  size_t resolution, frames;        /* defaults: cells along each axis, stored frames */
  double horizon;
  bool steady; /* one frame: what `advance` reaches at the horizon */
  bool noisy;  /* the first frame is noise on the grid's scale: not compared between grids */
  int order;   /* design order of accuracy in space where the solution is smooth */
  const char *conserved[MPP_PDE_MAX_CONSERVED];
  const char *positive[MPP_PDE_MAX_POSITIVE]; /* quantities in mpp_pde_run.least */
  /* Mirror symmetry along an axis: factor of each field under reflection (all 0: there is none),
   * and to which tolerance the discrete solution has it (0: to the last bit). */
  double mirror[3][MPP_PDE_MAX_FIELDS], mirror_tolerance;
  const mpp_pde_problem *problems; /* ended by a NULL name; the first one certifies every file */

  /* Checks what ranges cannot; NULL: nothing. MPP_ERR_USAGE. */
  mpp_status (*check)(const mpp_pde_setup *setup);
  /* Domain that depends on the parameters; NULL: low and high. */
  void (*domain)(double low[3], double high[3], const mpp_pde_setup *setup);
  /* Every how many cells along an axis are stored; NULL: all. */
  size_t (*stride)(const mpp_pde_setup *setup);
  /* Initial condition of a trajectory, a function of (seed, sample) alone. */
  mpp_status (*init)(double *u, const mpp_pde_setup *setup, uint64_t sample);
  /* What was drawn for a trajectory, for its provenance: at most MPP_PDE_MAX_DETAILS notes, returns
   * how many; NULL: none. */
  size_t (*details)(mpp_note *notes, const mpp_pde_setup *setup, uint64_t sample);
  /* A state that is given rather than drawn: fills the fields that are not stored, from the last
   * `count` >= 1 stored frames [count, nstored, D, H, W], the oldest first and setup->interval
   * apart. u has the last frame and what is stored once. NULL: there are no such fields, or no
   * way. */
  mpp_status (*complete)(double *u, const mpp_pde_setup *setup, const double *frames, size_t count);
  /* Integrals of the conserved quantities, and the sizes that their drift is relative to. Returns
   * how many are conserved with this setup; NULL: none ever. */
  size_t (*conserve)(double *value, double *size, const double *u, const mpp_pde_setup *setup);

  /* A run and its memory; it serves any number of trajectories one after the other. */
  mpp_status (*open)(mpp_pde_run **out, const mpp_pde_setup *setup);
  void (*close)(mpp_pde_run *run); /* takes NULL */
  void (*start)(mpp_pde_run *run, const double *u);
  /* u = solution at t. False: the run says where it left its validity (not finite, a quantity that
   * must be positive is not, no step is short enough). Safe inside parallel regions; on a thread of
   * its own it uses mpp_threads() threads. */
  bool (*advance)(mpp_pde_run *run, double *u, double t);
};

/* Integral of u [D, H, W] over the domain, by rows, planes and the whole in turn, so that its
 * rounding stays that of the last digit; `absolute` (may be NULL) gets that of |u|. */
double mpp_pde_integral(double *absolute, const double *u, const mpp_grid *grid);

/* For `start`: zeroes what all runs have. */
void mpp_pde_run_reset(mpp_pde_run *run);

/* For `advance` after a failure: blames the first of u [count] that is not finite or, below
 * `positive_count`, not positive; else the largest. */
void mpp_pde_run_blame(mpp_pde_run *run, const double *u, size_t count, size_t positive_count);

extern const mpp_pde mpp_pde_swe, mpp_pde_diffusion_reaction;
extern const mpp_pde mpp_pde_darcy, mpp_pde_ins;
extern const mpp_pde mpp_pde_cns_1d, mpp_pde_cns_2d, mpp_pde_cns_3d;
extern const mpp_pde mpp_pde_advection, mpp_pde_burgers, mpp_pde_reaction_diffusion;
extern const mpp_pde mpp_pde_gray_scott, mpp_pde_ins_periodic, mpp_pde_kuramoto_sivashinsky;
extern const mpp_pde mpp_pde_wave;
extern const mpp_pde mpp_pde_diffusion_sorption;

#endif
