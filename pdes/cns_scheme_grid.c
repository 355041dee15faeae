/* cns_scheme_grid.c - layout and margins of padded fields. */
#include "cns_scheme_grid.h"

#include <omp.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "cns.h"
#include "threads.h"

enum { MARGIN = 2, LINE = 8 }; /* cells beyond each edge; doubles of a cache line */

mpp_status mpp_cns_grid_make(mpp_cns_grid *g, const mpp_pde_setup *s, size_t fields)
{
  mpp_status st = MPP_OK;
  mpp_cns_grid made = {.dims = mpp_cns_dims(s)};
  size_t rows[3] = {1, 1, 1}, all = 0;
  for (int a = 0; a < 3; a++) {
    const bool used = a >= 3 - made.dims;
    made.n[a] = s->grid.n[a];
    made.dx[a] = s->grid.dx[a];
    made.edge[a] = s->edge[a];
    MPP_REQUIRE(used == (made.n[a] > 1), MPP_ERR_INTERNAL, "grid %zu x %zu x %zu: axis %d of %d",
                s->grid.n[0], s->grid.n[1], s->grid.n[2], a, made.dims);
    rows[a] = made.n[a] + (used ? 2 * MARGIN : 0);
  }
  /* The first cell of each row inside starts a cache line. */
  const size_t pitch = (LINE + made.n[2] + MARGIN + LINE - 1) / LINE * LINE;
  MPP_REQUIRE(
      mpp_product(&all, (const size_t[]){rows[0], rows[1], pitch, fields * sizeof(double)}, 4),
      MPP_ERR_NOMEM, "grid %zu x %zu x %zu is too large", made.n[0], made.n[1], made.n[2]);
  made.stride[0] = rows[1] * pitch;
  made.stride[1] = pitch;
  made.stride[2] = 1;
  made.field = rows[0] * rows[1] * pitch;
  made.origin = LINE + (made.dims > 1 ? MARGIN * made.stride[1] : 0) +
                (made.dims > 2 ? MARGIN * made.stride[0] : 0);
  *g = made;
done:
  return st;
}

void mpp_cns_grid_load(const mpp_cns_grid *g, double *q, const double *u, size_t fields)
{
  for (size_t f = 0; f < fields; f++) {
    for (size_t d = 0; d < g->n[0]; d++) {
      for (size_t h = 0; h < g->n[1]; h++) {
        memcpy(q + f * g->field + mpp_cns_row(g, d, h),
               u + ((f * g->n[0] + d) * g->n[1] + h) * g->n[2], g->n[2] * sizeof *u);
      }
    }
  }
}

void mpp_cns_grid_store(const mpp_cns_grid *g, double *u, const double *q, size_t fields)
{
  for (size_t f = 0; f < fields; f++) {
    for (size_t d = 0; d < g->n[0]; d++) {
      for (size_t h = 0; h < g->n[1]; h++) {
        memcpy(u + ((f * g->n[0] + d) * g->n[1] + h) * g->n[2],
               q + f * g->field + mpp_cns_row(g, d, h), g->n[2] * sizeof *u);
      }
    }
  }
}

/* ---- margins ---- */

/* The cell inside, counted along an axis of n cells, that cell `beyond` = 1, 2 past an edge takes
 * its value from. */
static size_t source(mpp_edge edge, size_t n, size_t beyond, bool high)
{
  switch (edge) {
  case MPP_EDGE_PERIODIC:
    return high ? beyond - 1 : n - beyond;
  case MPP_EDGE_WALL:
    return high ? n - beyond : beyond - 1;
  case MPP_EDGE_OPEN:
  default:
    return high ? n - 1 : 0;
  }
}

/* Along W: q is the first cell of a row. */
static void fill_row(const mpp_cns_grid *g, double *q, double sign)
{
  const size_t n = g->n[2];
  for (size_t b = 1; b <= MARGIN; b++) {
    q[-(ptrdiff_t)b] = sign * q[source(g->edge[2], n, b, false)];
    q[n - 1 + b] = sign * q[source(g->edge[2], n, b, true)];
  }
}

/* Along H or D: whole lines of `count` values, `stride` apart; q is the start of the first line
 * inside. */
static void fill_lines(double *q, size_t n, size_t stride, size_t count, mpp_edge edge, double sign)
{
  for (size_t b = 1; b <= MARGIN; b++) {
    for (int high = 0; high < 2; high++) {
      double *to = high ? q + (n - 1 + b) * stride : q - b * stride;
      const double *from = q + source(edge, n, b, high) * stride;
      if (sign > 0.0) {
        memcpy(to, from, count * sizeof *to);
      } else {
        for (size_t i = 0; i < count; i++) { to[i] = -from[i]; }
      }
    }
  }
}

static void fill_field(const mpp_cns_grid *g, double *field, const double sign[3])
{
  for (size_t d = 0; d < g->n[0]; d++) {
    for (size_t h = 0; h < g->n[1]; h++) { fill_row(g, field + mpp_cns_row(g, d, h), sign[2]); }
  }
  for (size_t d = 0; d < g->n[0] && g->dims > 1; d++) {
    fill_lines(field + mpp_cns_row(g, d, 0) - LINE, g->n[1], g->stride[1], g->stride[1], g->edge[1],
               sign[1]);
  }
  if (g->dims > 2) {
    fill_lines(field + MARGIN * g->stride[0], g->n[0], g->stride[0], g->stride[0], g->edge[0],
               sign[0]);
  }
}

void mpp_cns_grid_fill(const mpp_cns_grid *g, double *q, size_t fields)
{
  for (size_t f = 0; f < fields; f++) {
    double sign[3];
    for (int a = 0; a < 3; a++) {
      sign[a] = g->edge[a] == MPP_EDGE_WALL && mpp_cns_velocity(g, a) == (int)f ? -1.0 : 1.0;
    }
    fill_field(g, q + f * g->field, sign);
  }
}

void mpp_cns_grid_fill_scalar(const mpp_cns_grid *g, double *field)
{
  fill_field(g, field, (const double[]){1.0, 1.0, 1.0});
}

int mpp_cns_threads(const mpp_cns_grid *g)
{
  const size_t worth = g->n[0] * g->n[1] * g->n[2] / 4096 + 1;
  const int most = omp_in_parallel() != 0 ? 1 : mpp_threads();
  return worth < (size_t)most ? (int)worth : most;
}
