/* swe_momentum.c - momentum from depths. Mass says div q = -h_t; of all momenta q that fulfil it
 * the one without rotation is taken, q = grad phi, lap phi = -h_t: that of a flow which pressure
 * alone has set in motion from rest as long as depths differ little, and of a radial flow at any
 * time. phi is 0 at open edges, where mass may pass, and has no slope at walls. One depth alone
 * gives water at rest. */
#include "swe_momentum.h"

#include "alloc.h"
#include "check.h"
#include "fft.h"

/* h_t at the last frame: second order from three frames, where the change goes on steadily; cells
 * that a front has just passed, in which it does not, take the last change alone. */
static void find_rate(double *rate, const double *frames, size_t count, size_t cells,
                      double interval)
{
  const double *now = frames + (count - 1) * cells, *before = now - (count > 1 ? cells : 0);
  const double *first = before - (count > 2 ? cells : 0);
  for (size_t i = 0; i < cells; i++) {
    const double last = now[i] - before[i], earlier = before[i] - first[i];
    const bool steady = last * earlier > 0.0 && last / earlier < 2.0 && last / earlier > 0.5;
    rate[i] = (steady ? 1.5 * last - 0.5 * earlier : last) / interval;
  }
}

/* phi from -h_t, both [ny, nx] at the distances of the transform; spectrum is working memory. */
static void solve(double *phi, double *spectrum, const mpp_fft *fft, const mpp_pde_setup *s)
{
  const mpp_fft_shape shape = mpp_fft_get_shape(fft);
  const mpp_grid *g = &s->grid;
  mpp_fft_forward(fft, spectrum, phi, 1);
  for (size_t i = 0; i < shape.m[1]; i++) {
    for (size_t j = 0; j < shape.m[2]; j++) {
      const double ky = mpp_fft_mode(fft, 1, i) / ((double)g->n[1] * g->dx[1]);
      const double kx = mpp_fft_mode(fft, 2, j) / ((double)g->n[2] * g->dx[2]);
      const double square = 9.8696044010893586 * (kx * kx + ky * ky); /* pi^2 */
      spectrum[i * shape.m[2] + j] *= square > 0.0 ? -shape.scale / square : 0.0;
    }
  }
  mpp_fft_inverse(fft, phi, spectrum, 1);
}

/* Central differences of phi along an axis; beyond the edges it is odd (open) or even (wall). */
static void slope(double *q, const double *phi, const mpp_pde_setup *s, int axis)
{
  const size_t *n = s->grid.n, step = axis == 1 ? n[2] : 1, last = n[axis] - 1;
  const double beyond = s->edge[axis] == MPP_EDGE_WALL ? 1.0 : -1.0;
  for (size_t i = 0; i < n[1] * n[2]; i++) {
    const size_t at = axis == 1 ? i / n[2] : i % n[2];
    const double low = at > 0 ? phi[i - step] : beyond * phi[i];
    const double high = at < last ? phi[i + step] : beyond * phi[i];
    q[i] = (high - low) / (2.0 * s->grid.dx[axis]);
  }
}

mpp_status mpp_swe_momentum(double *u, const mpp_pde_setup *s, const double *frames, size_t count)
{
  mpp_status st = MPP_OK;
  mpp_fft *fft = NULL;
  double *phi = NULL, *spectrum = NULL;
  const size_t cells = s->grid.n[1] * s->grid.n[2];
  mpp_fft_layout layout = {.n = {1, s->grid.n[1], s->grid.n[2]}};
  for (int a = 1; a < 3; a++) {
    layout.kind[a] = s->edge[a] == MPP_EDGE_WALL ? MPP_FFT_COSINE : MPP_FFT_SINE;
  }
  MPP_TRY(mpp_fft_create(&fft, &layout));
  const mpp_fft_shape shape = mpp_fft_get_shape(fft);
  MPP_TRY(MPP_ALLOC(&phi, shape.values));
  MPP_TRY(MPP_ALLOC(&spectrum, shape.spectrum));
  find_rate(phi, frames, count, cells, s->interval);
  for (size_t i = 0; i < cells; i++) { phi[i] = -phi[i]; }
  solve(phi, spectrum, fft, s);
  slope(u + cells, phi, s, 1);
  slope(u + 2 * cells, phi, s, 2);
done:
  mpp_free(spectrum);
  mpp_free(phi);
  mpp_fft_destroy(fft);
  return st;
}
