/* plot_slice.c - which two of three axes a picture shows, and where the third one is cut. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "number.h"
#include "plot_source.h"

mpp_status mpp_plot_cut_axis(size_t *axis, double *where, const char *slice,
                             const char *const name[3], size_t count, const char *path)
{
  mpp_status st = MPP_OK;
  *axis = 0;
  *where = NAN;
  if (slice[0] == '\0') {
    return MPP_OK;
  }
  char *end = NULL;
  const char *equals = strchr(slice, '=');
  MPP_REQUIRE(count == 3, MPP_ERR_USAGE,
              "%s: slice '%s': the data have %zu axes of space, three are cut", path, slice, count);
  MPP_REQUIRE(equals != NULL && equals[1] != '\0', MPP_ERR_USAGE,
              "plot: slice '%s', expected AXIS=WHERE, as z=0.5", slice);
  *where = mpp_number_read(equals + 1, &end);
  MPP_REQUIRE(*end == '\0' && isfinite(*where), MPP_ERR_USAGE,
              "plot: slice '%s': found '%s', expected a coordinate", slice, equals + 1);
  for (; *axis < count; ++*axis) {
    const size_t n = (size_t)(equals - slice);
    if (strlen(name[*axis]) == n && strncmp(name[*axis], slice, n) == 0) {
      return MPP_OK;
    }
  }
  st = mpp_fail(MPP_ERR_USAGE, "%s: slice '%s': no such axis, expected %s, %s or %s", path, slice,
                name[0], name[1], name[2]);
done:
  return st;
}

mpp_status mpp_plot_cut_cell(size_t *cell, double where, const double *centre, size_t n,
                             const char *path)
{
  mpp_status st = MPP_OK;
  double edge[2];
  size_t nearest = isnan(where) ? n / 2 : 0;
  mpp_plot_edges(edge, centre, n);
  MPP_REQUIRE(isnan(where) || (where >= fmin(edge[0], edge[1]) && where <= fmax(edge[0], edge[1])),
              MPP_ERR_USAGE, "%s: slice at %g, expected %g to %g", path, where, edge[0], edge[1]);
  for (size_t i = 0; !isnan(where) && i < n; i++) {
    nearest = fabs(centre[i] - where) < fabs(centre[nearest] - where) ? i : nearest;
  }
  *cell = nearest;
done:
  return st;
}
