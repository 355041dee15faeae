/* swe_scheme.c - LeVeque's wave propagation: Roe waves, MC limiter, Godunov dimensional splitting
 * (x sweep, then y sweep), time steps by the Courant number.
 * Sources: R. J. LeVeque, J. Comput. Phys. 131 (1997) 327; Finite Volume Methods for Hyperbolic
 * Problems (2002), chapters 6, 15, 19; step-size rule of Clawpack's PyClaw.
 *
 * Update of cell i in a sweep, with faces i (left) and i+1 (right) and lambda = dt/dx:
 *   q_i -= lambda (A+dq_i + A-dq_{i+1}) + lambda (F_{i+1} - F_i),
 *   F = 1/2 sum_k |s_k| (1 - lambda |s_k|) phi(theta_k) W_k,
 * theta_k = <W_k, W_k of the upwind face> / <W_k, W_k>.
 * Two cells beyond each edge are made on the fly: a copy of the edge cell, or the mirror image with
 * the normal discharge negated. Lines of a sweep are independent: any number of threads gives the
 * same bits. */
#include "swe_scheme.h"

#include <math.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "num_limiter.h"
#include "num_riemann.h"
#include "threads.h"

static const double first_step = 0.1, courant_target = 0.9, courant_max = 1.0;

mpp_status mpp_swe_create(mpp_swe *s, const size_t n[2], const double dx[2], double gravity)
{
  mpp_status st = MPP_OK;
  mpp_swe made = {.n = {n[0], n[1]}, .dx = {dx[0], dx[1]}, .gravity = gravity};
  size_t count = 0;
  MPP_REQUIRE(n[0] >= 2 && n[1] >= 2, MPP_ERR_INTERNAL, "grid %zu x %zu, expected 2 x 2 or more",
              n[0], n[1]);
  MPP_REQUIRE(mpp_product(&count, (const size_t[]){3, n[0], n[1]}, 3), MPP_ERR_NOMEM,
              "grid %zu x %zu is too large", n[0], n[1]);
  MPP_TRY(MPP_ALLOC(&made.q, count));
  MPP_TRY(MPP_ALLOC(&made.backup, count));
  *s = made;
  made = (mpp_swe){0};
done:
  mpp_swe_free(&made);
  return st;
}

void mpp_swe_free(mpp_swe *s)
{
  mpp_free(s->q);
  mpp_free(s->backup);
  s->q = s->backup = NULL;
}

static size_t state_count(const mpp_swe *s) { return 3 * s->n[0] * s->n[1]; }

void mpp_swe_start(mpp_swe *s, const double *q)
{
  memcpy(s->q, q, state_count(s) * sizeof *q);
  s->t = 0.0;
  s->dt = first_step;
  s->courant = courant_target;
  s->steps = s->rejected = 0;
  s->least_depth = HUGE_VAL;
}

/* One bundle of up to MPP_LANES lines of one sweep, and where its cells lie in memory. */
typedef struct bundle {
  double *h, *hu, *hv;  /* first cell of the first line; hu is along the sweep */
  size_t cells, lines;  /* cells along the sweep, lines in use */
  size_t along, across; /* strides */
  const bool *wall;
  double gravity, lambda;
} bundle;

/* Cell c of all lines, c in 0 .. cells - 1; unused lanes repeat the last line. */
static void load(mpp_shallow_cells *to, const bundle *b, size_t c)
{
  for (size_t i = 0; i < MPP_LANES; i++) {
    const size_t at = c * b->along + (i < b->lines ? i : b->lines - 1) * b->across;
    to->h[i] = b->h[at];
    to->hu[i] = b->hu[at];
    to->hv[i] = b->hv[at];
  }
}

/* A cell beyond an edge, made from the cell `from` on this side. */
static void reflect(mpp_shallow_cells *to, const mpp_shallow_cells *from, bool wall)
{
  *to = *from;
  for (int i = 0; wall && i < MPP_LANES; i++) { to->hu[i] = -from->hu[i]; }
}

/* Cell c in -2 .. cells + 1 into its place in a ring of four that holds the cells before it, which
 * may have been updated in memory. */
static void fetch(mpp_shallow_cells ring[4], const bundle *b, ptrdiff_t c)
{
  const ptrdiff_t n = (ptrdiff_t)b->cells;
  mpp_shallow_cells edge;
  if (c < 0) {
    load(&edge, b, b->wall[0] ? (size_t)(-1 - c) : 0);
    reflect(&ring[c & 3], &edge, b->wall[0]);
  } else if (c >= n) {
    const ptrdiff_t from = b->wall[1] ? 2 * n - 1 - c : n - 1;
    edge = ring[from & 3];
    reflect(&ring[c & 3], &edge, b->wall[1]);
  } else {
    load(&ring[c & 3], b, (size_t)c);
  }
}

/* |s| (1 - lambda |s|) phi / 2, the factor of W in F; `jump` = <W, W>. A wave of no strength is not
 * limited: it carries nothing. */
static inline double correction(double s, double lambda, double jump, double before, double after)
{
  const double upwind = s > 0.0 ? before : after, speed = fabs(s);
  const double phi = mpp_limiter_mc(upwind / (jump > 0.0 ? jump : 1.0));
  return 0.5 * speed * (1.0 - speed * lambda) * phi;
}

static inline double dot3(const mpp_lanes a[3], const mpp_lanes b[3], int i)
{
  return (a[0][i] * b[0][i] + a[1][i] * b[1][i]) + a[2][i] * b[2][i];
}

/* Factor of acoustic wave k, 0 or 1, whose speed is `s`. */
static inline double acoustic(const mpp_shallow_face *before, const mpp_shallow_face *face,
                              const mpp_shallow_face *after, double s, double lambda, int k, int i)
{
  const mpp_lanes *w = face->acoustic[k];
  return correction(s, lambda, dot3(w, w, i), dot3(w, before->acoustic[k], i),
                    dot3(w, after->acoustic[k], i));
}

/* Second-order flux at the middle one of three faces; outer waves first, for mirror symmetry. */
static void correct(mpp_lanes flux[3], const mpp_shallow_face *restrict before,
                    const mpp_shallow_face *restrict face, const mpp_shallow_face *restrict after,
                    double lambda)
{
  const mpp_lanes *p = face->acoustic[0], *q = face->acoustic[1];
#pragma omp simd
  for (int i = 0; i < MPP_LANES; i++) {
    const double a = acoustic(before, face, after, face->speed[0][i], lambda, 0, i);
    const double b = acoustic(before, face, after, face->speed[2][i], lambda, 1, i);
    const double w = face->shear[i];
    const double c =
        correction(face->speed[1][i], lambda, w * w, w * before->shear[i], w * after->shear[i]);
    flux[0][i] = a * p[0][i] + b * q[0][i];
    flux[1][i] = a * p[1][i] + b * q[1][i];
    flux[2][i] = (a * p[2][i] + b * q[2][i]) + c * w;
  }
}

/* New value of the cell between the faces `left` and `right`. */
static void update(double *q, const double *old, const bundle *b, const double *restrict to_right,
                   const double *restrict to_left, const double *restrict flux_left,
                   const double *restrict flux_right)
{
  mpp_lanes value;
#pragma omp simd
  for (int i = 0; i < MPP_LANES; i++) {
    value[i] = old[i] - (b->lambda * (to_right[i] + to_left[i]) +
                         b->lambda * (flux_right[i] - flux_left[i]));
  }
  for (size_t i = 0; i < b->lines; i++) { q[i * b->across] = value[i]; }
}

static double largest_speed(const mpp_shallow_face *face)
{
  double largest = 0.0;
  for (int i = 0; i < MPP_LANES; i++) {
    const double low = fabs(face->speed[0][i]), high = fabs(face->speed[2][i]);
    const double s = low > high ? low : high;
    largest = s > largest ? s : largest;
  }
  return largest;
}

/* Sweeps a bundle in place; returns its largest Courant number. Rings of four hold what the update
 * two cells behind the front still needs. */
static double sweep_bundle(const bundle *b)
{
  mpp_shallow_cells cell[4];
  mpp_shallow_face face[4];
  mpp_lanes flux[2][3];
  double largest = 0.0;
  const ptrdiff_t n = (ptrdiff_t)b->cells;
  fetch(cell, b, -2);
  for (ptrdiff_t f = -1; f <= n + 1; f++) { /* face f lies between the cells f - 1 and f */
    fetch(cell, b, f);
    mpp_roe_shallow(&face[f & 3], &cell[(f - 1) & 3], &cell[f & 3], b->gravity);
    if (f >= 0 && f <= n) {
      const double speed = largest_speed(&face[f & 3]);
      largest = speed > largest ? speed : largest;
    }
    if (f < 1) {
      continue;
    }
    mpp_lanes *now = flux[(f - 1) & 1], *before = flux[f & 1];
    const mpp_shallow_face *right = &face[(f - 1) & 3], *left = &face[(f - 2) & 3];
    correct(now, left, right, &face[f & 3], b->lambda);
    if (f >= 2) {
      const mpp_shallow_cells *old = &cell[(f - 2) & 3];
      const size_t at = (size_t)(f - 2) * b->along;
      update(b->h + at, old->h, b, left->to_right[0], right->to_left[0], before[0], now[0]);
      update(b->hu + at, old->hu, b, left->to_right[1], right->to_left[1], before[1], now[1]);
      update(b->hv + at, old->hv, b, left->to_right[2], right->to_left[2], before[2], now[2]);
    }
  }
  return largest * b->lambda;
}

/* The largest Courant number of a bundle as it stands. */
static double courant_of_bundle(const bundle *b)
{
  mpp_shallow_cells cell[4];
  mpp_shallow_face face;
  double largest = 0.0;
  fetch(cell, b, -1);
  for (ptrdiff_t f = 0; f <= (ptrdiff_t)b->cells; f++) {
    fetch(cell, b, f);
    mpp_roe_shallow(&face, &cell[(f - 1) & 3], &cell[f & 3], b->gravity);
    const double speed = largest_speed(&face);
    largest = speed > largest ? speed : largest;
  }
  return largest * b->lambda;
}

/* The lines first .. first + lines - 1 of a sweep along `axis`. */
static bundle bundle_of(const mpp_swe *s, int axis, double dt, size_t first, size_t lines)
{
  const size_t size = s->n[0] * s->n[1], across = axis == 0 ? 1 : s->n[1];
  double *h = s->q + first * across;
  return (bundle){.h = h,
                  .hu = h + (axis == 0 ? size : 2 * size),
                  .hv = h + (axis == 0 ? 2 * size : size),
                  .cells = s->n[axis],
                  .lines = lines < MPP_LANES ? lines : MPP_LANES,
                  .along = axis == 0 ? s->n[1] : 1,
                  .across = across,
                  .wall = s->wall[axis],
                  .gravity = s->gravity,
                  .lambda = dt / s->dx[axis]};
}

/* Threads that a sweep is worth: below some tenths of a millisecond each, starting them costs
 * more. */
static int threads_for(const mpp_swe *s)
{
  const size_t worth = s->n[0] * s->n[1] / 32768 + 1;
  return worth < (size_t)mpp_threads() ? (int)worth : mpp_threads();
}

/* One sweep along `axis`; returns the largest Courant number of its faces. */
static double sweep(mpp_swe *s, int axis, double dt)
{
  const size_t lines = s->n[1 - axis], bundles = (lines + MPP_LANES - 1) / MPP_LANES;
  double largest = 0.0;
#pragma omp parallel for num_threads(threads_for(s)) schedule(static) reduction(max : largest)
  for (size_t k = 0; k < bundles; k++) {
    const bundle b = bundle_of(s, axis, dt, k * MPP_LANES, lines - k * MPP_LANES);
    const double courant = sweep_bundle(&b);
    largest = courant > largest ? courant : largest;
  }
  return largest;
}

/* Clawpack's y sweep also runs over the lines beyond the x edges, which the x sweep does not
 * update, and counts their Courant numbers: copies of the edge lines as they are before the
 * step. */
static double courant_beyond_edges(const mpp_swe *s, double dt)
{
  const size_t low = s->wall[0][0] ? 2 : 1, high = s->wall[0][1] ? 2 : 1;
  const bundle b[2] = {bundle_of(s, 1, dt, 0, low), bundle_of(s, 1, dt, s->n[0] - high, high)};
  const double c[2] = {courant_of_bundle(&b[0]), courant_of_bundle(&b[1])};
  return c[0] > c[1] ? c[0] : c[1];
}

/* A quick look at the whole state; NaN fails every comparison. */
static bool sound(mpp_swe *s)
{
  const size_t size = s->n[0] * s->n[1];
  double least = s->least_depth;
  int bad = 0;
  for (size_t i = 0; i < size; i++) { least = s->q[i] < least ? s->q[i] : least; }
#pragma omp simd reduction(| : bad)
  for (size_t i = 0; i < size; i++) {
    bad |= !(s->q[i] > 0.0 && s->q[i] < HUGE_VAL) | !(fabs(s->q[size + i]) < HUGE_VAL) |
           !(fabs(s->q[2 * size + i]) < HUGE_VAL);
  }
  s->least_depth = least;
  return bad == 0;
}

bool mpp_swe_advance(mpp_swe *s, double t)
{
  const size_t bytes = state_count(s) * sizeof *s->q;
  while (s->t < t) {
    double dt = s->dt * courant_target / s->courant;
    const bool last = s->t + dt > t || t - s->t - dt < 1e-14 * t;
    if (last) {
      dt = t - s->t;
    }
    if (!last && s->t + dt <= s->t) {
      return false; /* the step vanished */
    }
    memcpy(s->backup, s->q, bytes);
    double courant = courant_beyond_edges(s, dt);
    for (int axis = 0; axis < 2; axis++) {
      const double swept = sweep(s, axis, dt);
      courant = swept > courant ? swept : courant;
    }
    s->dt = dt;
    s->courant = courant;
    if (s->courant > courant_max) {
      memcpy(s->q, s->backup, bytes);
      s->rejected++;
      continue;
    }
    s->steps++;
    s->t = last ? t : s->t + dt;
    if (!sound(s)) {
      return false;
    }
  }
  return true;
}
