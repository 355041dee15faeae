/* pde_place.c - a system on the grid of a dataset: fields, axes, boundaries and cells compared. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "pde_case.h"

static mpp_status check_fields(const mpp_pde *pde, const mpp_dataset_info *info)
{
  mpp_status st = MPP_OK;
  MPP_REQUIRE(info->nfields == pde->nstored, MPP_ERR_USAGE,
              "%s: has %zu fields, but the solver %s has %zu", info->path, info->nfields, pde->name,
              pde->nstored);
  for (size_t f = 0; f < info->nfields; f++) {
    const char *name = mpp_field_short(info->field[f]);
    MPP_REQUIRE(strcmp(name, pde->field[f]) == 0, MPP_ERR_USAGE,
                "%s: field %zu is '%s', but that of the solver %s is '%s'", info->path, f, name,
                pde->name, pde->field[f]);
  }
  for (int a = 0; a < 3; a++) {
    MPP_REQUIRE(strcmp(info->axis[a], pde->axis[a]) == 0, MPP_ERR_USAGE,
                "%s: grid axis %d is '%s', but that of the solver %s is '%s'", info->path, a,
                info->axis[a], pde->name, pde->axis[a]);
  }
done:
  return st;
}

/* Edges and widths of cells from their centres, which files may hold as float32. */
static mpp_status find_cells(double low[3], double dx[3], const mpp_pde *pde,
                             const mpp_dataset_info *info, const double *const coordinate[3])
{
  mpp_status st = MPP_OK;
  const double rounding = 1e-3; /* of a width: float32 centres of 4096 cells */
  for (int a = 0; a < 3; a++) {
    const double *x = coordinate[a];
    const size_t n = info->grid[a];
    low[a] = 0.0;
    dx[a] = 1.0;
    if (pde->axis[a][0] == '\0') {
      continue;
    }
    MPP_REQUIRE(n >= 8 && x[n - 1] > x[0], MPP_ERR_USAGE,
                "%s: axis %s has %zu cells from %g to %g, the solver %s needs at least 8 in rising "
                "order",
                info->path, info->axis[a], n, x[0], x[n - 1], pde->name);
    dx[a] = (x[n - 1] - x[0]) / (double)(n - 1);
    low[a] = x[0] - 0.5 * dx[a];
    for (size_t i = 0; i < n; i++) {
      MPP_REQUIRE(fabs(x[0] + (double)i * dx[a] - x[i]) <= rounding * dx[a], MPP_ERR_USAGE,
                  "%s: axis %s is not evenly spaced at cell %zu, the solver %s needs that",
                  info->path, info->axis[a], i, pde->name);
    }
  }
  for (int a = 0; a < 2; a++) {
    MPP_REQUIRE(pde->axis[a][0] == '\0' || fabs(dx[a] - dx[2]) <= rounding * dx[2], MPP_ERR_USAGE,
                "%s: cells are %g by %g wide, but those of the solver %s are squares", info->path,
                dx[a], dx[2], pde->name);
  }
done:
  return st;
}

mpp_status mpp_pde_case_on(mpp_pde_case *out, const mpp_pde *pde,
                           const mpp_generate_options *options, const mpp_dataset_info *info,
                           const double *const coordinate[3], double interval, size_t frames)
{
  mpp_status st = MPP_OK;
  mpp_pde_case c;
  double low[3], dx[3];
  mpp_generate_options o = *options;
  MPP_REQUIRE(!pde->steady, MPP_ERR_USAGE, "solver %s: is steady, has no frames to go on from",
              pde->name);
  MPP_REQUIRE(!options->pdebench_compat, MPP_ERR_USAGE,
              "solver %s: goes on from given frames by its own scheme alone", pde->name);
  MPP_REQUIRE(interval > 0.0 && isfinite(interval), MPP_ERR_USAGE,
              "%s: frames are %g apart, the solver %s needs time to rise", info->path, interval,
              pde->name);
  MPP_TRY(check_fields(pde, info));
  MPP_TRY(find_cells(low, dx, pde, info, coordinate));
  o.resolution = 0;
  o.frames = frames < 2 ? 2 : frames < 1000000 ? (long)frames : 1000000;
  o.horizon = interval * (double)(o.frames - 1);
  MPP_TRY(mpp_pde_case_make(&c, pde, &o));
  c.setup.interval = interval;
  MPP_TRY(mpp_pde_case_place(&c, info->grid, low, dx));
  for (int a = 0; a < 3; a++) {
    const bool periodic = c.setup.edge[a] == MPP_EDGE_PERIODIC;
    MPP_REQUIRE(pde->axis[a][0] == '\0' || periodic == (info->boundary[a] == MPP_PERIODIC),
                MPP_ERR_USAGE, "%s: axis %s is %s, but with the solver %s it is %s", info->path,
                info->axis[a], info->boundary[a] == MPP_PERIODIC ? "periodic" : "open", pde->name,
                periodic ? "periodic" : "not");
  }
  if (pde->check != NULL) {
    MPP_TRY(pde->check(&c.setup));
  }
  *out = c;
done:
  return st;
}
