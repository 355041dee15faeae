/* pde.h - the reference solvers: a registry of PDE systems and the generator of datasets.
 * Solvers compute in float64 on cell averages u [nfields, D, H, W] of a uniform grid. */
#ifndef MPP_PDE_H
#define MPP_PDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mpp/dataset.h"
#include "mpp/options.h"
#include "mpp/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { MPP_PDE_MAX_PARAMS = 16 };

typedef struct mpp_grid {
  size_t n[3];   /* D, H, W cells */
  double low[3]; /* lower edge of the domain along each axis */
  double dx[3];  /* cell width along each axis */
} mpp_grid;

typedef struct mpp_pde_param {
  const char *name;  /* "gravity" */
  const char *units; /* "m s-2" or "1" */
  double fallback, min, max;
  const char *help;
} mpp_pde_param;

typedef struct mpp_pde mpp_pde; /* a const struct of functions, see pdes/pde_system.h */

/* The registry; NULL past its end, NULL for an unknown name. */
MPP_API const mpp_pde *mpp_pde_at(size_t index);
MPP_API const mpp_pde *mpp_pde_find(const char *name);

/* What a system is: its key, one line, its source, its parameters (ended by a NULL name). */
MPP_API const char *mpp_pde_name(const mpp_pde *pde);
MPP_API const char *mpp_pde_summary(const mpp_pde *pde);
MPP_API const char *mpp_pde_reference(const mpp_pde *pde);
MPP_API const mpp_pde_param *mpp_pde_params(const mpp_pde *pde);

typedef struct mpp_generate_options {
  long samples;         /* trajectories */
  long resolution;      /* cells along each axis */
  long seed;            /* sample i of a file depends on (seed, i) alone */
  long frames;          /* stored frames, the initial one included; 0: the system's own */
  double horizon;       /* end time; 0: the system's own */
  bool pdebench_compat; /* the released data's generators and scheme, defects included */
  bool overwrite;
  long threads; /* 0: all */
  char output[MPP_TEXT_MAX];
  mpp_text_list set; /* "name=value": parameters of the system */
} mpp_generate_options;

/* Settings as a table for the command line. */
MPP_API extern const mpp_option mpp_generate_table[];

/* Progress: called from the calling thread after each finished sample. */
typedef void (*mpp_generate_observer)(void *context, size_t done, size_t total);

/* Generates and writes a dataset (PDEBench's layout of the system), stamped with version,
 * parameters, seed and the largest relative drift of each conserved quantity.
 * MPP_ERR_DIVERGED names sample, time and cell; nothing stays under the final name then. */
MPP_API MPP_MUST_CHECK mpp_status mpp_generate(const mpp_pde *pde,
                                               const mpp_generate_options *options,
                                               mpp_generate_observer observer, void *context);

/* One trajectory in memory: x [frames, nfields_stored, D, H, W], caller-owned, its size from
 * mpp_pde_trajectory_shape (shape = {frames, nfields, D, H, W}). */
MPP_API MPP_MUST_CHECK mpp_status mpp_pde_trajectory_shape(size_t shape[5], const mpp_pde *pde,
                                                           const mpp_generate_options *options);
MPP_API MPP_MUST_CHECK mpp_status mpp_pde_trajectory(float *x, const mpp_pde *pde,
                                                     const mpp_generate_options *options,
                                                     uint64_t sample);

#ifdef __cplusplus
}
#endif
#endif
