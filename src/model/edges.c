/* edges.c - boundaries in the tokens: each end of an axis that is not periodic has a vector for a
 * wall and one for an open end, added to the tokens that touch it. Ends that wrap have none. */
#include "blocks.h"
#include "threads.h"

enum { ENDS = 6, CHANNELS = 64 };

/* Row of w for an end, axis and side; false: the axis wraps or has no extent. */
static bool row_of(size_t *row, const mpp_dims *d, size_t end)
{
  const size_t axis = end / 2;
  *row = 2 * end + (d->wall[axis][end % 2] ? 1 : 0);
  return d->attends[axis] && !d->periodic[axis];
}

/* Tokens of an end in a frame: its face is `outer` runs of `run` tokens, `apart` from each
 * other. */
typedef struct face {
  size_t first, outer, run, apart;
} face;

static face face_of(const mpp_dims *d, size_t end)
{
  const size_t *n = d->grid[d->npatch], axis = end / 2;
  size_t run = 1, outer = 1;
  for (size_t a = 0; a < 3; a++) {
    outer *= a < axis ? n[a] : 1;
    run *= a > axis ? n[a] : 1;
  }
  return (face){end % 2 == 0 ? 0 : (n[axis] - 1) * run, outer, run, n[axis] * run};
}

void mpp_edges_forward(float *tokens, const float *w, const mpp_dims *d)
{
  const size_t c = d->width;
#pragma omp parallel for num_threads(mpp_threads()) schedule(static)
  for (size_t n = 0; n < d->T * d->B; n++) {
    for (size_t end = 0; end < ENDS; end++) {
      size_t row;
      const face f = face_of(d, end);
      for (size_t i = 0; row_of(&row, d, end) && i < f.outer * f.run; i++) {
        const size_t at = f.first + i / f.run * f.apart + i % f.run;
        float *token = tokens + (n * d->s + at) * c;
        for (size_t k = 0; k < c; k++) { token[k] += w[row * c + k]; }
      }
    }
  }
}

/* g += sums over the tokens of an end: one writer for each. */
void mpp_edges_backward(float *g, const float *dtokens, const mpp_dims *d)
{
  const size_t c = d->width, pieces = (c + CHANNELS - 1) / CHANNELS;
#pragma omp parallel for num_threads(mpp_threads()) schedule(static)
  for (size_t piece = 0; piece < ENDS * pieces; piece++) {
    const size_t end = piece / pieces, first = piece % pieces * CHANNELS;
    const size_t count = c - first < CHANNELS ? c - first : CHANNELS;
    const face f = face_of(d, end);
    double sum[CHANNELS] = {0.0};
    size_t row;
    if (!row_of(&row, d, end)) {
      continue;
    }
    for (size_t i = 0; i < d->T * d->B * f.outer * f.run; i++) {
      const size_t n = i / (f.outer * f.run), j = i % (f.outer * f.run);
      const size_t at = f.first + j / f.run * f.apart + j % f.run;
      const float *from = dtokens + (n * d->s + at) * c + first;
      for (size_t k = 0; k < count; k++) { sum[k] += (double)from[k]; }
    }
    for (size_t k = 0; k < count; k++) { g[row * c + first + k] += (float)sum[k]; }
  }
}
