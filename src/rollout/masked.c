/* masked.c - fill values and scores of frames with masked cells. */
#include "masked.h"

#include <math.h>
#include <netcdf.h>

#include "mpp/error_norms.h"

void mpp_masked_fill(float *out, const float *x, const unsigned char *hidden, size_t n)
{
  for (size_t i = 0; i < n; i++) { out[i] = hidden[i] != 0 ? NC_FILL_FLOAT : x[i]; }
}

/* The cells that are not masked, one after the other; how many there are. */
static size_t gather(float *out, const float *x, const unsigned char *hidden, size_t cells)
{
  size_t n = 0;
  for (size_t i = 0; i < cells; i++) {
    if (hidden[i] == 0) {
      out[n++] = x[i];
    }
  }
  return n;
}

void mpp_masked_scores(double *nrmse, double *vrmse, const float *y, const float *truth,
                       const unsigned char *hidden, float *room, size_t nfields, size_t cells)
{
  for (size_t f = 0; f < nfields; f++) {
    const float *a = y + f * cells, *b = truth + f * cells;
    size_t n = cells;
    if (hidden != NULL) {
      n = gather(room, a, hidden + f * cells, cells);
      gather(room + cells, b, hidden + f * cells, cells);
      a = room;
      b = room + cells;
    }
    nrmse[f] = n > 0 ? mpp_nrmse(a, b, n) : NAN;
    vrmse[f] = n > 1 ? mpp_vrmse(a, b, n) : NAN;
  }
}
