/* bench_released.c - our data against the released PDEBench files: mean and variance over space and
 * time of single samples, computed with --pdebench-compat, beside those that others published of
 * every sample of the released files (tests/data/pdes).
 *
 * Where a released sample can be computed again, each line gives the median and the largest
 * difference over the samples that were run, and what the largest may be: variances relative to
 * themselves, means of velocities relative to their standard deviation, other means to themselves.
 * "distribution" lines compare means over samples where the single ones cannot be reproduced; their
 * difference is relative. Bounds are what the released files allow: sums and steps in float32.
 *
 * Two parts of the released data cannot be had again: inviscid 1D flow, which another program than
 * the published one seems to have made (single samples differ by some per cent, and no limiter,
 * solver or Courant number explains it), and turbulence, whose keys are not known.
 *
 * Usage: bench_released [SYSTEM...]; minutes for all. Fails when a line is beyond its bound. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "../tests/support/released.h"
#include "alloc.h"
#include "check.h"
#include "mpp/threads.h"
#include "threads.h"
#include "trajectory.h"

enum { MAX_ROWS = 2048, MAX_SLOTS = 64, QUANTITIES = 6 };

typedef enum { END, MEAN, SIGNED_MEAN, VARIANCE } kind;

typedef struct quantity {
  const char *name;
  kind kind;
  int column;           /* of the table, the sample not counted */
  size_t first, fields; /* taken together */
  double bound;         /* of the largest difference */
  int deviation;        /* SIGNED_MEAN: column of the variance */
} quantity;

typedef struct set {
  const char *system, *preset, *file;
  bool sequential;           /* released figures are sums with one float32 accumulator */
  bool initial;              /* the initial condition alone: what is conserved in time */
  bool distribution;         /* means over samples */
  long missing;              /* simulation that the released file lacks; 0: none */
  size_t first, step, count; /* rows of the table */
  quantity quantity[QUANTITIES];
} set;

#define CSV(name) MPP_RELEASED_DATA "/pdebench_" name ".csv"

/* Velocity, density and pressure of compressible flow with `dims` velocities. */
#define FLOW(dims, v_bound, rho_bound, p_bound, v_var, rho_var, p_var)                             \
  {                                                                                                \
    {"mean v", SIGNED_MEAN, 0, 0, dims, v_bound, 3}, {"mean rho", MEAN, 1, dims, 1, rho_bound, 0}, \
        {"mean p", MEAN, 2, (dims) + 1, 1, p_bound, 0},                                            \
        {"variance v", VARIANCE, 3, 0, dims, v_var, 0},                                            \
        {"variance rho", VARIANCE, 4, dims, 1, rho_var, 0},                                        \
        {"variance p", VARIANCE, 5, (dims) + 1, 1, p_var, 0},                                      \
  }

static const set sets[] = {
    {.system = "swe",
     .preset = "2D_rdb_NA_NA",
     .file = CSV("swe_2d_rdb"),
     .step = 21,
     .count = 24,
     .quantity = {{"mean h", MEAN, 1, 0, 1, 1e-7, 0}, {"variance h", VARIANCE, 2, 0, 1, 1e-6, 0}}},
    {.system = "diffusion-reaction",
     .preset = "2D_diff-react_NA_NA",
     .file = CSV("2d_diff_react"),
     .sequential = true,
     .step = 1,
     .count = 2,
     .quantity = {{"mean u", MEAN, 0, 0, 1, 1e-6, 0},
                  {"mean v", MEAN, 1, 1, 1, 1e-6, 0},
                  {"variance u", VARIANCE, 2, 0, 1, 1e-7, 0},
                  {"variance v", VARIANCE, 3, 1, 1, 1e-7, 0}}},
    {.system = "burgers",
     .preset = "1D_Burgers_Sols_Nu0.001",
     .file = CSV("1d_burgers_onefile"),
     .step = 1,
     .count = 6,
     .quantity = {{"mean u", MEAN, 0, 0, 1, 1e-6, 0}, {"variance u", VARIANCE, 1, 0, 1, 3e-6, 0}}},
    {.system = "reaction-diffusion",
     .preset = "ReacDiff_Nu0.5_Rho1.0",
     .file = CSV("1d_reacdiff_onefile"),
     .first = 1, /* sample 2, a profile of two waves */
     .step = 1,
     .count = 1,
     .quantity = {{"mean u", MEAN, 0, 0, 1, 3e-5, 0}, {"variance u", VARIANCE, 1, 0, 1, 1e-3, 0}}},
    /* The reaction of these data is lost in the last digit of float32, and what is left of it
     * depends on the divisions of the machine. */
    {.system = "reaction-diffusion",
     .preset = "ReacDiff_Nu0.5_Rho1.0",
     .file = CSV("1d_reacdiff_onefile"),
     .distribution = true,
     .step = 1,
     .count = 16,
     .quantity = {{"mean u", MEAN, 0, 0, 1, 0.1, 0}, {"variance u", VARIANCE, 1, 0, 1, 0.6, 0}}},
    {.system = "cns-1d",
     .preset = "1D_CFD_Rand_Eta0.01_Zeta0.01_periodic",
     .file = CSV("1d_cfd_rand_eta0.01_periodic"),
     .sequential = true,
     .step = 10,
     .count = 6,
     .quantity = FLOW(1, 1e-3, 2e-5, 1e-3, 5e-3, 1e-3, 5e-3)},
    {.system = "cns-1d",
     .preset = "1D_CFD_Rand_Eta0.1_Zeta0.1_periodic",
     .file = CSV("1d_cfd_rand_eta0.1_periodic"),
     .sequential = true,
     .step = 10,
     .count = 2,
     .quantity = FLOW(1, 2e-2, 2e-5, 7e-3, 7e-3, 7e-3, 7e-3)},
    {.system = "cns-1d",
     .preset = "1D_CFD_Rand_Eta1.e-8_Zeta1.e-8_periodic",
     .file = CSV("1d_cfd_rand_eta1e-8_periodic"),
     .sequential = true,
     .distribution = true,
     .step = 1,
     .count = 59,
     .quantity = FLOW(1, 1e-2, 1e-5, 2e-3, 0.05, 0.02, 0.05)},
    {.system = "cns-1d",
     .preset = "1D_CFD_Rand_Eta1.e-8_Zeta1.e-8_trans",
     .file = CSV("1d_cfd_rand_eta1e-8_trans"),
     .sequential = true,
     .distribution = true,
     .step = 1,
     .count = 59,
     .quantity = FLOW(1, 3e-2, 1e-2, 2e-2, 0.02, 0.02, 0.08)},
    {.system = "cns-2d",
     .preset = "2D_CFD_Rand_M0.1_Eta1e-08_Zeta1e-08_periodic_512",
     .file = CSV("2d_cfd_rand_M0.1_512"),
     .initial = true,
     .missing = 76,
     .step = 5,
     .count = 100,
     .quantity = {{"mean rho", MEAN, 1, 2, 1, 3e-6, 0}}},
    {.system = "cns-2d",
     .preset = "2D_CFD_Rand_M0.1_Eta1e-08_Zeta1e-08_periodic_512",
     .file = CSV("2d_cfd_rand_M0.1_512"),
     .missing = 76,
     .first = 192, /* row 384 of the file */
     .step = 1,
     .count = 1,
     .quantity = FLOW(2, 1e-6, 3e-6, 4e-5, 6e-5, 6e-6, 1e-4)},
    {.system = "cns-3d",
     .preset = "3D_CFD_Turb_M1.0_Eta1e-08_Zeta1e-08_periodic",
     .file = CSV("3d_cfd_turb_M1"),
     .distribution = true,
     .step = 1,
     .count = 3,
     .quantity = FLOW(3, 1e-2, 1e-5, 1e-2, 0.05, 0.1, 0.1)},
};

/* ---- one set ---- */

typedef struct slot {
  mpp_trajectory t;
  double value[QUANTITIES][2]; /* mean and variance */
} slot;

static uint64_t simulation_of(const set *s, long row)
{
  return (uint64_t)(s->missing > 0 && row >= s->missing ? row + 1 : row);
}

static void measure(slot *at, const set *s)
{
  const mpp_pde_case *c = at->t.c;
  const size_t cells = c->stored[0] * c->stored[1] * c->stored[2], all = c->pde->nstored;
  for (int q = 0; q < QUANTITIES && s->quantity[q].kind != END; q++) {
    double *value = at->value[q];
    const quantity *what = &s->quantity[q];
    if (s->initial) { /* sums of float64: the state, whose fields lie as the stored ones do */
      const mpp_grid unit = {.n = {c->stored[0], c->stored[1], c->stored[2]}, .dx = {1., 1., 1.}};
      value[0] = mpp_pde_integral(NULL, at->t.u + what->first * c->cells, &unit) / (double)c->cells;
    } else if (s->sequential) {
      released_statistics_f32(&value[0], &value[1], at->t.frames, c->frames, all, cells,
                              what->first);
    } else {
      released_statistics(&value[0], &value[1], at->t.frames, c->frames, all, cells, what->first,
                          what->fields);
    }
  }
}

typedef struct comparison {
  size_t count;
  double difference[QUANTITIES][MAX_ROWS];
  double ours[QUANTITIES], theirs[QUANTITIES]; /* sums over samples */
} comparison;

static void compare(comparison *k, const slot *at, const set *s, const released_row *row)
{
  for (int q = 0; q < QUANTITIES && s->quantity[q].kind != END; q++) {
    const quantity *what = &s->quantity[q];
    const double released = row->column[what->column];
    const double own = at->value[q][what->kind == VARIANCE ? 1 : 0];
    const double size =
        what->kind == SIGNED_MEAN ? sqrt(row->column[what->deviation]) : fabs(released);
    k->difference[q][k->count] = fabs(own - released) / size;
    k->ours[q] += what->kind == SIGNED_MEAN ? own / size : own;
    k->theirs[q] += what->kind == SIGNED_MEAN ? released / size : released;
  }
  k->count++;
}

static int ascending(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static bool report(comparison *k, const set *s)
{
  bool good = true;
  for (int q = 0; q < QUANTITIES && s->quantity[q].kind != END; q++) {
    const quantity *what = &s->quantity[q];
    qsort(k->difference[q], k->count, sizeof(double), ascending);
    double middle = k->difference[q][k->count / 2], largest = k->difference[q][k->count - 1];
    if (s->distribution) {
      const double difference = fabs(k->ours[q] - k->theirs[q]);
      largest = difference / (what->kind == SIGNED_MEAN ? (double)k->count : fabs(k->theirs[q]));
      middle = largest;
    }
    const bool fits = largest <= what->bound;
    printf("%-50s %-13s %4zu %-12s %9.1e %9.1e %9.1e%s\n", s->preset,
           s->initial        ? "initial"
           : s->distribution ? "distribution"
                             : "run",
           k->count, what->name, middle, largest, what->bound, fits ? "" : "  BEYOND");
    good = good && fits;
  }
  fflush(stdout);
  return good;
}

/* Samples side by side where one is small, else one after the other on all threads. */
static mpp_status run_rows(comparison *k, const set *s, const mpp_pde_case *c,
                           const released_row *rows)
{
  mpp_status st = MPP_OK;
  static slot slots[MAX_SLOTS];
  const int all = mpp_threads() < MAX_SLOTS ? mpp_threads() : MAX_SLOTS;
  const int wide = c->cells < 65536 ? all : 1;
  memset(slots, 0, sizeof slots);
  for (int i = 0; i < wide; i++) { MPP_TRY(mpp_trajectory_open(&slots[i].t, c)); }
  for (size_t done_rows = 0; done_rows < s->count; done_rows += (size_t)wide) {
    const size_t left = s->count - done_rows;
    const int now = left < (size_t)wide ? (int)left : wide;
    const released_row *at = rows + s->first + done_rows * s->step;
    for (int i = 0; i < now; i++) {
      MPP_TRY(mpp_trajectory_init(&slots[i].t, simulation_of(s, at[(size_t)i * s->step].sample)));
    }
    if (!s->initial && now > 1) {
#pragma omp parallel for num_threads(now) schedule(static, 1)
      for (int i = 0; i < now; i++) { mpp_trajectory_integrate(&slots[i].t); }
    } else if (!s->initial) {
      mpp_trajectory_integrate(&slots[0].t);
    }
    for (int i = 0; i < now; i++) {
      MPP_TRY(s->initial ? MPP_OK : mpp_trajectory_check(&slots[i].t));
      measure(&slots[i], s);
      compare(k, &slots[i], s, &at[(size_t)i * s->step]);
    }
  }
done:
  for (int i = 0; i < wide; i++) { mpp_trajectory_close(&slots[i].t); }
  return st;
}

static mpp_status run(bool *good, const set *s)
{
  mpp_status st = MPP_OK;
  const mpp_pde *pde = mpp_pde_find(s->system);
  mpp_generate_options o = {.samples = 1, .pdebench_compat = true};
  mpp_pde_case c;
  released_row *rows = NULL;
  comparison *k = NULL;
  if (pde == NULL) {
    printf("%-50s there is no system %s\n", s->preset, s->system);
    *good = false;
    return MPP_OK;
  }
  snprintf(o.preset, sizeof o.preset, "%s", s->preset);
  MPP_TRY(MPP_ALLOC(&rows, (size_t)MAX_ROWS));
  MPP_TRY(MPP_ALLOC(&k, (size_t)1));
  const size_t count = released_read(rows, MAX_ROWS, s->file);
  MPP_REQUIRE(count > s->first + (s->count - 1) * s->step, MPP_ERR_NOINPUT,
              "%s: found %zu rows, expected %zu", s->file, count,
              s->first + (s->count - 1) * s->step + 1);
  MPP_TRY(mpp_pde_case_make(&c, pde, &o));
  const double start = mpp_clock();
  MPP_TRY(run_rows(k, s, &c, rows));
  *good = report(k, s) && *good;
  printf("%-50s %.1f s\n", "", mpp_clock() - start);
done:
  mpp_free(k);
  mpp_free(rows);
  return st;
}

static bool is_wanted(const char *system, int argc, char **argv)
{
  bool wanted = argc <= 1;
  for (int i = 1; i < argc; i++) { wanted = wanted || strcmp(argv[i], system) == 0; }
  return wanted;
}

int main(int argc, char **argv)
{
  bool good = true;
  mpp_set_threads(0);
  printf("%-50s %-13s %4s %-12s %9s %9s %9s\n", "set", "compared", "n", "quantity", "median",
         "largest", "bound");
  for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
    if (is_wanted(sets[i].system, argc, argv) && run(&good, &sets[i]) != MPP_OK) {
      fprintf(stderr, "bench_released: %s\n", mpp_last_error());
      return 1;
    }
  }
  return good ? 0 : 1;
}
