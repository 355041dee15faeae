/* bench_pdes.c - how fast each solver is. Before a system is timed, its order is measured against
 * its first exact problem: a wrong solver has no speed. Two figures a system, each the best of some
 * runs: one sample on all threads: zone updates per second (one zone through one full time step),
 * GB/s that the state alone moves (each field read and written once a step), share of the time in
 *     FFTW (of all threads; transforms alone);
 *   as many samples as threads, each on one: samples per hour, without writing them.
 * Usage: bench_pdes [THREADS [SYSTEM...]] */
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "certificate.h"
#include "check.h"
#include "fft.h"
#include "mpp/threads.h"
#include "threads.h"

enum { REPEATS = 3, MAX_THREADS = 64 };
static const double long_enough = 5.0; /* [s]: one run says enough */

/* What is timed beside the defaults of all systems of one and two dimensions. */
typedef struct workload {
  const char *system, *label, *set, *preset;
  long resolution, frames;
  double horizon;
  bool compat;
} workload;

static const workload extra[] = {
    {"diffusion-reaction", "PDEBench's program at 128^2", "subsample=1", "", 128, 101, 5.0, true},
    {"cns-2d", "inviscid, random, 512^2, to t = 0.05", "initial=random", "", 512, 2, 0.05, false},
    {"cns-3d", "inviscid, random, 64^3, to t = 0.05", "initial=random", "", 64, 2, 0.05, false},
};

static mpp_generate_options options_of(const workload *w)
{
  mpp_generate_options o = {.samples = 1,
                            .resolution = w->resolution,
                            .frames = w->frames,
                            .horizon = w->horizon,
                            .pdebench_compat = w->compat};
  snprintf(o.preset, sizeof o.preset, "%s", w->preset);
  for (const char *at = w->set; *at != '\0';) {
    const size_t n = strcspn(at, ",");
    snprintf(o.set.item[o.set.count++], MPP_TEXT_MAX, "%.*s", (int)n, at);
    at += n + (at[n] == ',');
  }
  return o;
}

typedef struct figures {
  double seconds, fft, zones, bytes, per_hour; /* of one sample; FFTW's seconds; updates */
} figures;

/* One sample on all threads. */
static mpp_status time_one(figures *f, mpp_trajectory *t)
{
  mpp_status st = MPP_OK;
  f->seconds = INFINITY;
  for (int i = 0; i < REPEATS && (i == 0 || f->seconds < long_enough); i++) {
    MPP_TRY(mpp_trajectory_init(t, 0));
    const double fft = mpp_fft_seconds(), start = mpp_clock();
    mpp_trajectory_integrate(t);
    const double seconds = mpp_clock() - start;
    MPP_TRY(mpp_trajectory_check(t));
    if (seconds < f->seconds) {
      f->seconds = seconds;
      f->fft = mpp_fft_seconds() - fft;
    }
  }
  f->zones = (double)(t->run->steps * t->c->cells);
  f->bytes = f->zones * 2.0 * (double)(t->c->pde->nfields * sizeof(double));
done:
  return st;
}

/* As many samples as threads, each on its own. */
static mpp_status time_many(figures *f, const mpp_pde_case *c)
{
  mpp_status st = MPP_OK;
  mpp_trajectory slot[MAX_THREADS] = {{.c = NULL}};
  const int threads = mpp_threads() < MAX_THREADS ? mpp_threads() : MAX_THREADS;
  for (int i = 0; i < threads; i++) {
    MPP_TRY(mpp_trajectory_open(&slot[i], c));
    MPP_TRY(mpp_trajectory_init(&slot[i], (uint64_t)i));
  }
  const double start = mpp_clock();
#pragma omp parallel for num_threads(threads) schedule(static, 1)
  for (int i = 0; i < threads; i++) { mpp_trajectory_integrate(&slot[i]); }
  f->per_hour = 3600.0 * threads / (mpp_clock() - start);
  for (int i = 0; i < threads; i++) { MPP_TRY(mpp_trajectory_check(&slot[i])); }
done:
  for (int i = 0; i < threads; i++) { mpp_trajectory_close(&slot[i]); }
  return st;
}

static mpp_status check_order(const mpp_pde *pde)
{
  mpp_status st = MPP_OK;
  double order = 0.0;
  const double expected = pde->problems[0].order;
  MPP_TRY(mpp_certify_order(&order, pde));
  MPP_REQUIRE(order > expected - 0.6, MPP_ERR_INTERNAL, "%s: order %.2f of '%s', expected %.2f",
              pde->name, order, pde->problems[0].name, expected);
done:
  return st;
}

static mpp_status run(const workload *w)
{
  mpp_status st = MPP_OK;
  const mpp_pde *pde = mpp_pde_find(w->system);
  const mpp_generate_options o = options_of(w);
  mpp_pde_case c;
  mpp_trajectory t = {.c = NULL};
  figures f = {0};
  if (pde == NULL) {
    return MPP_OK;
  }
  MPP_TRY(check_order(pde));
  MPP_TRY(mpp_pde_case_make(&c, pde, &o));
  MPP_TRY(mpp_trajectory_open(&t, &c));
  MPP_TRY(time_one(&f, &t));
  MPP_TRY(time_many(&f, &c));
  printf("%-22s %-40s %8zu %8.3f %9.2f %7.2f %6.0f%% %10.0f\n", w->system, w->label, t.run->steps,
         f.seconds, f.zones / f.seconds * 1e-6, f.bytes / f.seconds * 1e-9,
         100.0 * f.fft / f.seconds, f.per_hour);
  fflush(stdout);
done:
  mpp_trajectory_close(&t);
  return st;
}

static bool is_wanted(const char *system, int argc, char **argv)
{
  bool wanted = argc <= 2;
  for (int i = 2; i < argc; i++) { wanted = wanted || strcmp(argv[i], system) == 0; }
  return wanted;
}

static mpp_status run_all(int argc, char **argv)
{
  mpp_status st = MPP_OK;
  const mpp_pde *pde = NULL;
  for (size_t i = 0; (pde = mpp_pde_at(i)) != NULL; i++) {
    const mpp_pde_defaults d = mpp_pde_get_defaults(pde);
    char label[64];
    snprintf(label, sizeof label, "defaults: %zu^%d, %zu frames", d.resolution, d.dimensions,
             d.frames);
    const workload w = {pde->name, label, "", "", 0, 0, 0.0, false};
    if (d.dimensions < 3 && is_wanted(pde->name, argc, argv)) { /* 3D: minutes; see above */
      MPP_TRY(run(&w));
    }
  }
  for (size_t i = 0; i < sizeof extra / sizeof extra[0]; i++) {
    if (is_wanted(extra[i].system, argc, argv)) {
      MPP_TRY(run(&extra[i]));
    }
  }
done:
  return st;
}

int main(int argc, char **argv)
{
  mpp_set_threads(argc > 1 ? (int)strtol(argv[1], NULL, 10) : 0);
  mpp_fft_count_time(true);
  printf("threads: %d\n%-22s %-40s %8s %8s %9s %7s %7s %10s\n", mpp_threads(), "system", "workload",
         "steps", "s", "Mzones/s", "GB/s", "FFTW", "samples/h");
  if (run_all(argc, argv) != MPP_OK) {
    fprintf(stderr, "bench_pdes: %s\n", mpp_last_error());
    return 1;
  }
  return 0;
}
