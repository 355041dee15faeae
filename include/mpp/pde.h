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

typedef enum {
  MPP_PARAM_NUMBER,
  MPP_PARAM_WHOLE, /* a whole number */
  MPP_PARAM_CHOICE /* one of `choices`; its value is the index */
} mpp_pde_param_kind;

typedef struct mpp_pde_param {
  const char *name;  /* "gravity" */
  const char *units; /* "m s-2" or "1" */
  double fallback, min, max;
  mpp_pde_param_kind kind;
  const char *choices; /* "random|turbulent", NULL unless the kind is MPP_PARAM_CHOICE */
  const char *help;
} mpp_pde_param;

/* A dataset that PDEBench published: options of a system under the name of its file. */
typedef struct mpp_pde_preset {
  const char *name;          /* of the released file, without "_Train" and ending */
  const char *set;           /* "name=value,...", "" for none */
  const char *boundary;      /* as --boundary; NULL: the system's own */
  size_t samples;            /* of the released set */
  size_t resolution, frames; /* 0: the system's own */
  double horizon;            /* 0: the system's own */
  unsigned long seed; /* with --pdebench-compat: key of the first batch of the released set */
} mpp_pde_preset;

typedef struct mpp_pde mpp_pde; /* a const struct of functions, see pdes/pde_system.h */

/* The registry; NULL past its end, NULL for an unknown name. */
MPP_API const mpp_pde *mpp_pde_at(size_t index);
MPP_API const mpp_pde *mpp_pde_find(const char *name);

/* What a system is: its key, one line, its source, its parameters (ended by a NULL name). */
MPP_API const char *mpp_pde_name(const mpp_pde *pde);
MPP_API const char *mpp_pde_summary(const mpp_pde *pde);
MPP_API const char *mpp_pde_reference(const mpp_pde *pde);
MPP_API const mpp_pde_param *mpp_pde_params(const mpp_pde *pde);

/* The published datasets of a system, ended by a NULL name; NULL if there are none. */
MPP_API const mpp_pde_preset *mpp_pde_presets(const mpp_pde *pde);

/* What stands in for options that are not given: cells along each axis, stored frames, end time,
 * boundaries ("x=periodic,y=open"), and the kinds of boundary there are ("periodic|open"). */
typedef struct mpp_pde_defaults {
  int dimensions;
  size_t resolution, frames;
  double horizon;
  char boundary[64], boundaries[32];
} mpp_pde_defaults;
MPP_API mpp_pde_defaults mpp_pde_get_defaults(const mpp_pde *pde);

typedef struct mpp_generate_options {
  long samples;         /* trajectories */
  long resolution;      /* cells along each axis */
  long seed;            /* sample i of a file depends on (seed, i) alone */
  long frames;          /* stored frames, the initial one included; 0: the system's own */
  double horizon;       /* end time; 0: the system's own */
  bool pdebench_compat; /* the released data's generators and scheme, defects included */
  bool resume;          /* continue what an interrupted run left */
  bool overwrite;
  long threads; /* 0: all */
  char output[MPP_TEXT_MAX];
  mpp_text_list set;           /* "name=value": parameters of the system */
  char boundary[MPP_TEXT_MAX]; /* "x=periodic,y=open", "" for the system's own */
  char preset[MPP_TEXT_MAX];   /* name of a published dataset; options given beside it win */
} mpp_generate_options;

/* Settings as a table for the command line. */
MPP_API extern const mpp_option mpp_generate_table[];

/* Progress: called after each finished sample, from any thread, never twice at once. */
typedef void (*mpp_generate_observer)(void *context, size_t done, size_t total);

/* Generates and writes a dataset (PDEBench's layout of the system) with its certificate: version,
 * scheme, order measured, parameters, seed, the largest relative drift of each conserved quantity
 * and the smallest value of each positive one. Finished samples are kept in "<output>.partial"
 * until the file is whole: a run that was killed is continued by `resume`, and the dataset is the
 * one of a run that was not; a dataset of the same request (its attribute of that name) is left as
 * it is then. MPP_ERR_DIVERGED names sample, time and cell; nothing stays under the
 * final name then. MPP_ERR_EXISTS: the output, or what an interrupted run left, is there.
 * MPP_ERR_USAGE: that run had other options. */
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

/* ---- a solver as a source of frames ---- */

/* Takes "SYSTEM[,NAME=VALUE...]" apart: the names are resolution, frames, horizon, seed, preset and
 * boundary of the table, an axis with its boundary (x=periodic), or parameters of the system. What
 * `spec` does not name has its default. MPP_ERR_USAGE says which name or value is wrong. */
MPP_API MPP_MUST_CHECK mpp_status mpp_pde_parse(const mpp_pde **pde, mpp_generate_options *options,
                                                const char *spec);

/* Trajectories frame by frame: the frames that mpp_generate stores, to the bit, in memory that does
 * not depend on their number. One call at a time per stream. */
typedef struct mpp_pde_stream mpp_pde_stream;

/* The caller owns *out. */
MPP_API MPP_MUST_CHECK mpp_status mpp_pde_stream_open(mpp_pde_stream **out, const mpp_pde *pde,
                                                      const mpp_generate_options *options);

/* A stream on the grid of a dataset with its fields, frames `interval` apart, at most `frames` of
 * them a trajectory; domain, resolution, frames and horizon of `options` do not matter.
 * MPP_ERR_USAGE: fields, axes or boundaries are not those of the system, or cells are not squares
 * of one size. */
MPP_API MPP_MUST_CHECK mpp_status mpp_pde_stream_open_on(mpp_pde_stream **out, const mpp_pde *pde,
                                                         const mpp_generate_options *options,
                                                         const mpp_dataset_info *info,
                                                         const double *const coordinate[3],
                                                         double interval, size_t frames);
MPP_API void mpp_pde_stream_close(mpp_pde_stream *s); /* takes NULL */

/* What the frames are, as of a dataset; samples are without number. Borrowed. */
MPP_API const mpp_dataset_info *mpp_pde_stream_info(const mpp_pde_stream *s);
/* Coordinate [grid[axis]] of the cell centres, and the time of a frame of a drawn trajectory. */
MPP_API void mpp_pde_stream_coordinates(const mpp_pde_stream *s, double *x, int axis);
MPP_API double mpp_pde_stream_time(const mpp_pde_stream *s, size_t frame);

/* Draws the initial condition of a sample, which the next frame shows. */
MPP_API MPP_MUST_CHECK mpp_status mpp_pde_stream_draw(mpp_pde_stream *s, uint64_t sample);

/* Goes on from `count` given frames x [count, C, D, H, W], the oldest first; the next frame is the
 * one after the last. What is not in a frame comes from them (momenta of shallow water) or stays as
 * it is (fields that do not change: draw the sample first). MPP_ERR_USAGE: this system cannot go on
 * from frames, or fields that do not change are not known. MPP_ERR_DATA: a state that has no
 * physics, with field and value. */
MPP_API MPP_MUST_CHECK mpp_status mpp_pde_stream_continue(mpp_pde_stream *s, const float *x,
                                                          size_t count);

/* The fields of the drawn sample that do not change, x [ngiven, D, H, W]: info->given.
 * MPP_ERR_USAGE: nothing was drawn. */
MPP_API MPP_MUST_CHECK mpp_status mpp_pde_stream_given(const mpp_pde_stream *s, float *x);

/* The next frame x [C, D, H, W]. MPP_ERR_DIVERGED names time, field and cell; MPP_ERR_USAGE: past
 * the last frame, or nothing was drawn. */
MPP_API MPP_MUST_CHECK mpp_status mpp_pde_stream_next(mpp_pde_stream *s, float *x);

enum { MPP_PDE_QUANTITIES = 5 };

/* Names of the quantities that the system conserves with these boundaries and parameters; a closed
 * system (no open edge) keeps them, in an open one they change by what passes the edge. */
typedef struct mpp_pde_balance {
  size_t count;
  const char *name[MPP_PDE_QUANTITIES]; /* static */
  bool closed;
  double value[MPP_PDE_QUANTITIES]; /* integrals over the domain */
  double size[MPP_PDE_QUANTITIES];  /* what a drift is relative to */
} mpp_pde_balance;

/* Of a frame x [C, D, H, W]. Quantities that a frame alone does not tell are left out. */
MPP_API void mpp_pde_stream_balance(mpp_pde_stream *s, mpp_pde_balance *out, const float *x);

#ifdef __cplusplus
}
#endif
#endif
