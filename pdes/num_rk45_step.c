/* num_rk45_step.c - one step of the Runge-Kutta pair of num_rk45.c, whose sources it states.
 *
 * A step goes once through memory: a front runs over the rows, and stage s works s - 1 rows behind
 * stage 1, when the three rows that it needs are there. What lies between the first stage and the
 * last lives in rings of a few rows, small enough for the cache. Several bands of rows run at the
 * same time; each computes the up to six rows of its neighbours that it depends on itself, with the
 * same operations, so that bits do not depend on the number of bands. */
#include <math.h>
#include <omp.h>

#include "num_rk45_private.h"
#include "threads.h"

enum { STAGES = MPP_RK45_STAGES, MAX_TERMS = 6 /* of a stage, the error and the dense output */ };

/* Weights of the rates k[at[i]] in a sum. */
typedef struct terms {
  int count;
  int at[MAX_TERMS];
  double weight[MAX_TERMS];
} terms;

/* State of stage s (1..6) from the rates 1..s; stage 6 is the new y. */
static const terms stage_terms[STAGES] = {
    {0, {0}, {0}},
    {1, {1}, {1.0 / 5}},
    {2, {1, 2}, {3.0 / 40, 9.0 / 40}},
    {3, {1, 2, 3}, {44.0 / 45, -56.0 / 15, 32.0 / 9}},
    {4, {1, 2, 3, 4}, {19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729}},
    {5, {1, 2, 3, 4, 5}, {9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656}},
    {5, {1, 3, 4, 5, 6}, {35.0 / 384, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84}}};

static const terms error_terms = {
    6,
    {1, 3, 4, 5, 6, 7},
    {-71.0 / 57600, 71.0 / 16695, -71.0 / 1920, 17253.0 / 339200, -22.0 / 525, 1.0 / 40}};

/* Dense output: weight of rate i at t_old + x h is sum_j dense[i][j] x^(j+1). */
static const double dense[MAX_TERMS][4] = {
    {1.0, -8048581381.0 / 2820520608, 8663915743.0 / 2820520608, -12715105075.0 / 11282082432},
    {0.0, 131558114200.0 / 32700410799, -68118460800.0 / 10900136933, 87487479700.0 / 32700410799},
    {0.0, -1754552775.0 / 470086768, 14199869525.0 / 1410260304, -10690763975.0 / 1880347072},
    {0.0, 127303824393.0 / 49829197408, -318862633887.0 / 49829197408,
     701980252875.0 / 199316789632},
    {0.0, -282668133.0 / 205662961, 2019193451.0 / 616988883, -1453857185.0 / 822651844},
    {0.0, 40617522.0 / 29380423, -110615467.0 / 29380423, 69997945.0 / 29380423}};

/* out = base + h sum_i weight_i k_i. The cases are written out so that each is one loop. */
static void combine(double *restrict out, const double *restrict base, double h, const terms *s,
                    const double *const k[MAX_TERMS], size_t n)
{
  const double *restrict k0 = k[0], *restrict k1 = k[1], *restrict k2 = k[2];
  const double *restrict k3 = k[3], *restrict k4 = k[4], *restrict k5 = k[5];
  const double w0 = s->weight[0], w1 = s->weight[1], w2 = s->weight[2];
  const double w3 = s->weight[3], w4 = s->weight[4], w5 = s->weight[5];
#define MPP_COMBINE_(sum)                                                              \
  _Pragma("omp simd") for (size_t i = 0; i < n; i++) { out[i] = base[i] + h * (sum); } \
  break
  switch (s->count) {
  case 1:
    MPP_COMBINE_(w0 * k0[i]);
  case 2:
    MPP_COMBINE_(w0 * k0[i] + w1 * k1[i]);
  case 3:
    MPP_COMBINE_(w0 * k0[i] + w1 * k1[i] + w2 * k2[i]);
  case 4:
    MPP_COMBINE_(w0 * k0[i] + w1 * k1[i] + w2 * k2[i] + w3 * k3[i]);
  case 5:
    MPP_COMBINE_(w0 * k0[i] + w1 * k1[i] + w2 * k2[i] + w3 * k3[i] + w4 * k4[i]);
  default:
    MPP_COMBINE_(w0 * k0[i] + w1 * k1[i] + w2 * k2[i] + w3 * k3[i] + w4 * k4[i] + w5 * k5[i]);
  }
#undef MPP_COMBINE_
}

/* Sum over a row of (error / (atol + rtol max(|y|, |y_new|)))^2, in the row's order. */
static double row_error(const mpp_rk45 *rk, double h, const double *const k[MAX_TERMS],
                        const double *restrict y, const double *restrict y_new)
{
  const double *restrict k0 = k[0], *restrict k1 = k[1], *restrict k2 = k[2];
  const double *restrict k3 = k[3], *restrict k4 = k[4], *restrict k5 = k[5];
  const double *w = error_terms.weight, rtol = rk->p.rtol, atol = rk->p.atol;
  const double w0 = w[0], w1 = w[1], w2 = w[2], w3 = w[3], w4 = w[4], w5 = w[5];
  double sum = 0.0;
#pragma omp simd reduction(+ : sum)
  for (size_t i = 0; i < rk->p.nx; i++) {
    const double before = fabs(y[i]), after = fabs(y_new[i]);
    const double scale = atol + rtol * (before > after ? before : after);
    const double e =
        h * (w0 * k0[i] + w1 * k1[i] + w2 * k2[i] + w3 * k3[i] + w4 * k4[i] + w5 * k5[i]) / scale;
    sum += e * e;
  }
  return sum;
}

/* ---- one step ---- */

/* What a band of rows works on. */
typedef struct band {
  const mpp_rk45 *rk;
  ptrdiff_t first, end; /* rows [first, end) are its own */
  double *ring;         /* [MPP_RK45_RING_ROWS, nfields, nx] */
  double h;
  double *dense; /* dense output [nfields, ny, nx], NULL: none */
  terms dense_terms;
} band;

static inline double *ring_row(const band *b, size_t slot, size_t field)
{
  const mpp_rk45_problem *p = &b->rk->p;
  return b->ring + (slot * p->nfields + field) * p->nx;
}

/* Row j of a field of the state of stage s, 1..6. The new y goes to memory where the row is the
 * band's own. */
static inline double *state_row(const band *b, int s, ptrdiff_t j, size_t field)
{
  if (s == STAGES - 1 && j >= b->first && j < b->end) {
    return mpp_rk45_row(b->rk, b->rk->y[1 - b->rk->now], (size_t)j, field);
  }
  return ring_row(
      b, (size_t)(s - 1) * MPP_RK45_STATE_RING + (size_t)(j & (MPP_RK45_STATE_RING - 1)), field);
}

/* Row j of a field of rate s, 1..7: the first is known, the last goes to memory. */
static inline double *rate_row(const band *b, int s, ptrdiff_t j, size_t field)
{
  const mpp_rk45 *rk = b->rk;
  if (s == 1 || s == STAGES) {
    return mpp_rk45_row(rk, rk->rate[s == 1 ? rk->now : 1 - rk->now], (size_t)j, field);
  }
  return ring_row(b,
                  MPP_RK45_RATE_SLOT + (size_t)(s - 2) * MPP_RK45_RATE_RING +
                      (size_t)(j & (MPP_RK45_RATE_RING - 1)),
                  field);
}

/* The rates that `s` sums, of one field, at row j. */
static inline void gather(const double *k[MAX_TERMS], const band *b, const terms *s, size_t field,
                          ptrdiff_t j)
{
  for (int i = 0; i < MAX_TERMS; i++) { k[i] = rate_row(b, s->at[i < s->count ? i : 0], j, field); }
}

/* Rate s of row j from the state of stage s - 1. */
static void compute_rate(const band *b, int s, ptrdiff_t j)
{
  const ptrdiff_t last = (ptrdiff_t)b->rk->p.ny - 1;
  mpp_rk45_stencil r;
  for (size_t f = 0; f < b->rk->p.nfields; f++) {
    r.rate[f] = rate_row(b, s, j, f);
    r.above[f] = state_row(b, s - 1, j > 0 ? j - 1 : 0, f);
    r.row[f] = state_row(b, s - 1, j, f);
    r.below[f] = state_row(b, s - 1, j < last ? j + 1 : last, f);
  }
  mpp_rk45_rates(b->rk, &r);
}

/* State of stage s in row j. */
static void compute_state(const band *b, int s, ptrdiff_t j)
{
  const mpp_rk45 *rk = b->rk;
  for (size_t f = 0; f < rk->p.nfields; f++) {
    const double *k[MAX_TERMS];
    gather(k, b, &stage_terms[s], f, j);
    combine(state_row(b, s, j, f), mpp_rk45_row(rk, rk->y[rk->now], (size_t)j, f), b->h,
            &stage_terms[s], k, rk->p.nx);
  }
}

/* Last stage of row j: its rate, its error, its dense output. */
static void finish_row(const band *b, ptrdiff_t j)
{
  const mpp_rk45 *rk = b->rk;
  compute_rate(b, STAGES, j);
  double sum = 0.0;
  for (size_t f = 0; f < rk->p.nfields; f++) {
    const double *k[MAX_TERMS];
    gather(k, b, &error_terms, f, j);
    const double *old = mpp_rk45_row(rk, rk->y[rk->now], (size_t)j, f);
    sum += row_error(rk, b->h, k, old, state_row(b, STAGES - 1, j, f));
    if (b->dense != NULL) {
      combine(mpp_rk45_row(rk, b->dense, (size_t)j, f), old, b->h, &b->dense_terms, k, rk->p.nx);
    }
  }
  rk->row_sum[j] = sum;
}

/* Stage s is needed STAGES - s rows beyond the band on both sides. */
static void step_band(const band *b)
{
  const ptrdiff_t ny = (ptrdiff_t)b->rk->p.ny, reach = STAGES - 1;
  const ptrdiff_t from = b->first > reach ? b->first - reach : 0;
  for (ptrdiff_t front = from; front < b->end + reach; front++) {
    for (int s = 1; s < STAGES; s++) {
      const ptrdiff_t j = front - (s - 1), halo = STAGES - s;
      if (j < 0 || j >= ny || j < b->first - halo || j >= b->end + halo) {
        continue;
      }
      if (s > 1) {
        compute_rate(b, s, j);
      }
      compute_state(b, s, j);
    }
    const ptrdiff_t done = front - reach;
    if (done >= b->first && done < b->end) {
      finish_row(b, done);
    }
  }
}

static double sum_of_rows(const mpp_rk45 *rk)
{
  double sum = 0.0;
  for (size_t j = 0; j < rk->p.ny; j++) { sum += rk->row_sum[j]; }
  return sum;
}

double mpp_rk45_try(mpp_rk45 *rk, double h, double *out, double x)
{
  const size_t ny = rk->p.ny, wanted = omp_in_parallel() ? 1 : (size_t)mpp_threads();
  const size_t bands = wanted < rk->max_bands ? wanted : rk->max_bands;
  terms weights = error_terms; /* the same rates */
  for (int i = 0; i < MAX_TERMS; i++) {
    const double *p = dense[i];
    weights.weight[i] = x * (p[0] + x * (p[1] + x * (p[2] + x * p[3])));
  }
#pragma omp parallel for num_threads((int)bands) schedule(static)
  for (size_t i = 0; i < bands; i++) {
    const band b = {.rk = rk,
                    .first = (ptrdiff_t)(ny * i / bands),
                    .end = (ptrdiff_t)(ny * (i + 1) / bands),
                    .ring = rk->ring + i * MPP_RK45_RING_ROWS * rk->p.nfields * rk->p.nx,
                    .h = h,
                    .dense = out,
                    .dense_terms = weights};
    step_band(&b);
  }
  return sqrt(sum_of_rows(rk) / (double)(rk->p.nfields * ny * rk->p.nx));
}
