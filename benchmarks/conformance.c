/* conformance.c - the long form of tests/test_pde_conformance.c, as a table: the measured order of
 * every system against its exact problems, and every published parameter set over its full horizon
 * for many seeds: all values finite, quantities positive, the drift of what is conserved, and how
 * far the fields grow. The grids are coarser than the published ones unless told otherwise. Usage:
 * conformance [SEEDS [CELLS_1D CELLS_2D CELLS_3D [SYSTEM...]]]   default: 20 256 64 16 */
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "certificate.h"
#include "check.h"
#include "mpp/threads.h"
#include "threads.h"

enum { MAX_THREADS = 64 };

/* ---- orders ---- */

static mpp_status print_orders(const mpp_pde *pde)
{
  mpp_status st = MPP_OK;
  for (const mpp_pde_problem *p = pde->problems; p->name != NULL; p++) {
    const int doublings = p->doublings > 0 ? p->doublings : 3;
    double coarse = 0.0, fine = 0.0;
    MPP_TRY(mpp_pde_problem_error(&coarse, pde, p, 0));
    MPP_TRY(mpp_pde_problem_error(&fine, pde, p, doublings));
    printf("| %s | %s | %s | %.2g | %.2f | %.1e |\n", pde->name, p->name,
           p->refine != NULL ? p->refine : "cells", p->order, log2(coarse / fine) / doublings,
           fine);
    fflush(stdout);
  }
done:
  return st;
}

/* ---- published sets ---- */

typedef struct outcome {
  mpp_course worst;
  double growth; /* largest value of any frame over the largest of the first, of any field */
  size_t failed;
  char text[256]; /* of the first failure */
} outcome;

static double growth_of(const mpp_trajectory *t)
{
  const mpp_pde_case *c = t->c;
  const size_t fields = c->pde->nstored, cells = c->values / c->frames / fields;
  double growth = 0.0;
  for (size_t f = 0; f < fields; f++) {
    double first = 0.0, any = 0.0;
    for (size_t k = 0; k < c->frames; k++) {
      for (size_t i = 0; i < cells; i++) {
        const double value = fabs((double)t->frames[(k * fields + f) * cells + i]);
        first = k == 0 ? fmax(first, value) : first;
        any = fmax(any, value);
      }
    }
    growth = first > 0.0 ? fmax(growth, any / first) : growth;
  }
  return growth;
}

static void compute(outcome *o, mpp_trajectory *t, uint64_t sample)
{
  mpp_status st = mpp_trajectory_init(t, sample);
  if (st == MPP_OK) {
    mpp_trajectory_integrate(t);
    st = mpp_trajectory_check(t);
  }
#pragma omp critical
  if (st != MPP_OK) {
    if (o->failed++ == 0) {
      snprintf(o->text, sizeof o->text, "%s", mpp_last_error());
    }
  } else {
    const mpp_course course = mpp_course_of(t);
    mpp_course_add(&o->worst, &course);
    o->growth = fmax(o->growth, growth_of(t));
  }
}

static mpp_status run_seeds(outcome *o, const mpp_pde_case *c, int seeds)
{
  mpp_status st = MPP_OK;
  mpp_trajectory slot[MAX_THREADS] = {{.c = NULL}};
  const int threads = mpp_threads() < MAX_THREADS ? mpp_threads() : MAX_THREADS;
  for (int i = 0; i < threads; i++) { MPP_TRY(mpp_trajectory_open(&slot[i], c)); }
#pragma omp parallel for num_threads(threads) schedule(dynamic)
  for (int s = 0; s < seeds; s++) { compute(o, &slot[omp_get_thread_num()], (uint64_t)s); }
done:
  for (int i = 0; i < threads; i++) { mpp_trajectory_close(&slot[i]); }
  return st;
}

static void print_outcome(const mpp_pde_case *c, const char *name, const outcome *o, int seeds,
                          double seconds)
{
  double drift = 0.0;
  for (int i = 0; i < (int)o->worst.nconserved; i++) { drift = fmax(drift, o->worst.drift[i]); }
  printf("| %s | %s | %zu^%d | %d | %zu | ", c->pde->name, name, c->stored[2],
         mpp_pde_get_defaults(c->pde).dimensions, seeds, o->failed);
  if (o->worst.nconserved > 0) {
    printf("%.1e | ", drift);
  } else {
    printf("- | ");
  }
  for (int i = 0; i < MPP_PDE_MAX_POSITIVE && c->pde->positive[i] != NULL; i++) {
    printf("%s%s %.2g", i > 0 ? ", " : "", c->pde->positive[i], o->worst.least[i]);
  }
  printf(" | %.3g | %.0f | %.0f | %.1f |\n", o->growth, o->worst.steps / seeds, o->worst.repaired,
         seconds);
  if (o->failed > 0) {
    printf("| | %s | | | | | | | | | |\n", o->text);
  }
  fflush(stdout);
}

static mpp_status run_set(const mpp_pde *pde, const mpp_pde_preset *preset, const long cells[4],
                          int seeds)
{
  mpp_status st = MPP_OK;
  mpp_generate_options o = {.samples = 1};
  mpp_pde_case c;
  outcome result = {.failed = 0};
  o.resolution = cells[mpp_pde_get_defaults(pde).dimensions];
  if (preset != NULL) {
    snprintf(o.preset, sizeof o.preset, "%s", preset->name);
    seeds =
        preset->samples < (size_t)seeds ? (int)preset->samples : seeds; /* test cases have one */
  }
  MPP_TRY(mpp_pde_case_make(&c, pde, &o));
  const double start = mpp_clock();
  MPP_TRY(run_seeds(&result, &c, seeds));
  print_outcome(&c, preset != NULL ? preset->name : "defaults", &result, seeds,
                mpp_clock() - start);
done:
  return st;
}

static mpp_status run_sets(const mpp_pde *pde, const long cells[4], int seeds)
{
  mpp_status st = MPP_OK;
  const mpp_pde_preset *preset = mpp_pde_presets(pde);
  if (preset == NULL) {
    return run_set(pde, NULL, cells, seeds);
  }
  for (; preset->name != NULL; preset++) { MPP_TRY(run_set(pde, preset, cells, seeds)); }
done:
  return st;
}

static bool is_wanted(const char *system, int argc, char **argv)
{
  bool wanted = argc <= 5;
  for (int i = 5; i < argc; i++) { wanted = wanted || strcmp(argv[i], system) == 0; }
  return wanted;
}

static mpp_status run_all(int argc, char **argv)
{
  mpp_status st = MPP_OK;
  const int seeds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 20;
  long cells[4] = {0, 256, 64, 16};
  for (int i = 1; i < 4 && argc > i + 1; i++) { cells[i] = strtol(argv[i + 1], NULL, 10); }
  puts("| system | problem | refined | design order | measured | finest L1 error |\n"
       "| --- | --- | --- | --- | --- | --- |");
  for (size_t i = 0; mpp_pde_at(i) != NULL; i++) {
    if (is_wanted(mpp_pde_at(i)->name, argc, argv)) {
      MPP_TRY(print_orders(mpp_pde_at(i)));
    }
  }
  puts("\n| system | set | cells | seeds | failed | worst drift | smallest | growth | steps | "
       "repaired | s |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
  for (size_t i = 0; mpp_pde_at(i) != NULL; i++) {
    if (is_wanted(mpp_pde_at(i)->name, argc, argv)) {
      MPP_TRY(run_sets(mpp_pde_at(i), cells, seeds));
    }
  }
done:
  return st;
}

int main(int argc, char **argv)
{
  mpp_set_threads(0);
  if (run_all(argc, argv) != MPP_OK) {
    fprintf(stderr, "conformance: %s\n", mpp_last_error());
    return 1;
  }
  return 0;
}
