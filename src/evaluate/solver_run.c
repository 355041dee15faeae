/* solver_run.c - grids for a break-even, and the solver on each. */
#include "solver_run.h"

#include <string.h>

#include "alloc.h"
#include "check.h"
#include "resample.h"

enum { LEAST_CELLS = 8 };

void mpp_solver_run_grids(mpp_break_even *b)
{
  for (size_t halves = 1; b->cells / halves >= LEAST_CELLS; halves *= 2) {
    const size_t whole = b->cells / halves, less = 3 * b->cells / (4 * halves);
    const size_t cells[2] = {whole, less};
    for (int k = 0; k < 2; k++) {
      const bool exact = k == 0 ? b->cells % halves == 0 : 3 * b->cells % (4 * halves) == 0;
      if (!exact || cells[k] % 2 != 0 || cells[k] < LEAST_CELLS ||
          b->nruns + 2 > MPP_BREAK_EVEN_RUNS) {
        continue;
      }
      b->run_cells[b->nruns++] = cells[k];
      if (cells[k] < b->cells) {
        b->from_context[b->nruns] = true;
        b->run_cells[b->nruns++] = cells[k];
      }
    }
  }
}

void mpp_solver_run_close(mpp_solver_run *r)
{
  mpp_pde_stream_close(r->stream);
  for (int a = 0; a < 3; a++) {
    mpp_free(r->up[a]);
    mpp_free(r->down[a]);
  }
  *r = (mpp_solver_run){0};
}

/* Centres of `n` cells over the domain of an axis of the data. */
static void centres(double *x, size_t n, const double *fine, size_t nfine)
{
  const double dx = nfine > 1 ? (fine[nfine - 1] - fine[0]) / (double)(nfine - 1) : 1.0;
  const double low = fine[0] - 0.5 * dx, width = dx * (double)nfine / (double)n;
  for (size_t i = 0; i < n; i++) { x[i] = low + ((double)i + 0.5) * width; }
}

static mpp_status open_stream(mpp_solver_run *r, const mpp_solver_case *c, size_t cells,
                              bool from_context, double *const x[3])
{
  mpp_status st = MPP_OK;
  mpp_generate_options *o = c->options;
  o->resolution = (long)cells;
  if (from_context) {
    mpp_dataset_info coarse = *c->info;
    memcpy(coarse.grid, r->grid, sizeof coarse.grid);
    const double *const at[3] = {x[0], x[1], x[2]};
    st = mpp_pde_stream_open_on(&r->stream, c->pde, o, &coarse, at, c->interval, c->info->nframes);
  } else {
    st = mpp_pde_stream_open(&r->stream, c->pde, o);
  }
  return st == MPP_ERR_USAGE ? MPP_OK : st; /* this solver does not take this grid */
}

mpp_status mpp_solver_run_open(mpp_solver_run *r, const mpp_solver_case *c, size_t cells,
                               bool from_context)
{
  mpp_status st = MPP_OK;
  const mpp_dataset_info *info = c->info;
  double *x[3] = {NULL, NULL, NULL};
  for (int a = 0; a < 3; a++) {
    r->grid[a] = info->axis[a][0] != '\0' ? cells : 1;
    MPP_TRY(MPP_ALLOC(&x[a], r->grid[a]));
    centres(x[a], r->grid[a], c->coordinate[a], info->grid[a]);
  }
  MPP_TRY(open_stream(r, c, cells, from_context, x));
  if (r->stream == NULL) {
    goto done;
  }
  for (int a = 0; a < 3; a++) {
    const size_t n = r->grid[a], fine = info->grid[a];
    const double dx = fine > 1 ? c->coordinate[a][1] - c->coordinate[a][0] : 1.0;
    MPP_TRY(MPP_ALLOC(&r->up[a], n * fine));
    MPP_TRY(MPP_ALLOC(&r->down[a], n * fine));
    if (!from_context && info->axis[a][0] != '\0') {
      mpp_pde_stream_coordinates(r->stream, x[a], a);
    }
    mpp_resample_cubic(r->up[a], c->coordinate[a], fine, x[a], n,
                       info->boundary[a] == MPP_PERIODIC ? dx * (double)fine : 0.0);
    mpp_resample_means(r->down[a], n, fine);
  }
done:
  for (int a = 0; a < 3; a++) { mpp_free(x[a]); }
  return st;
}
