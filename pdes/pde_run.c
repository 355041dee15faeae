/* pde_run.c - what the runs of all systems share. */
#include <math.h>

#include "pde_system.h"

double mpp_pde_integral(double *absolute, const double *u, const mpp_grid *g)
{
  double sum = 0.0, size = 0.0;
  for (size_t d = 0; d < g->n[0]; d++) {
    double plane = 0.0, plane_size = 0.0;
    for (size_t h = 0; h < g->n[1]; h++) {
      const double *row = u + (d * g->n[1] + h) * g->n[2];
      double line = 0.0, line_size = 0.0;
      for (size_t w = 0; w < g->n[2]; w++) {
        line += row[w];
        line_size += fabs(row[w]);
      }
      plane += line;
      plane_size += line_size;
    }
    sum += plane;
    size += plane_size;
  }
  const double cell = g->dx[0] * g->dx[1] * g->dx[2];
  if (absolute != NULL) {
    *absolute = size * cell;
  }
  return sum * cell;
}

void mpp_pde_run_reset(mpp_pde_run *run)
{
  *run = (mpp_pde_run){0};
  for (int i = 0; i < MPP_PDE_MAX_POSITIVE; i++) { run->least[i] = HUGE_VAL; }
}

void mpp_pde_run_blame(mpp_pde_run *run, const double *u, size_t count, size_t positive_count)
{
  run->bad = 0;
  for (size_t i = 0; i < count; i++) {
    if (!isfinite(u[i]) || (i < positive_count && !(u[i] > 0.0))) {
      run->bad = i;
      break;
    }
    if (fabs(u[i]) > fabs(u[run->bad])) {
      run->bad = i;
    }
  }
  run->bad_value = u[run->bad];
}
