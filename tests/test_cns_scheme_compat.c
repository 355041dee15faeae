#include "cns.h"
#include "cns_scheme_compat.h"
#include "mpp/threads.h"
#include "test.h"
#include "trajectory.h"

enum { N = 32, CELLS = N * N, STATE = 4 * CELLS, DENSITY = 2 * CELLS };

typedef struct box {
  mpp_pde_setup setup;
  mpp_cns_scheme s;
  double u[STATE];
} box;

static void open_box(box *b, double eta)
{
  *b = (box){.setup = {.grid = {.n = {1, N, N}, .dx = {1.0, 1.0 / N, 1.0 / N}}, .compat = true}};
  b->setup.param[MPP_CNS_GAMMA] = 5.0 / 3;
  b->setup.param[MPP_CNS_ETA] = eta;
  REQUIRE_OK(mpp_cns_scheme_create(&b->s, &b->setup, 0.3));
}

/* A shear wave along x or y in gas at rest of density 2. */
static double shear_decay(size_t field, double eta, double t)
{
  box b;
  open_box(&b, eta);
  for (size_t i = 0; i < STATE; i++) {
    const size_t f = i / CELLS, at = field == 1 ? i % CELLS / N : i % N;
    b.u[i] = f == field ? 1e-6 * sin(2.0 * M_PI * ((double)at + 0.5) / N)
             : f < 2    ? 0.0
             : f == 2   ? 2.0
                        : 1.0;
  }
  const double before = b.u[field * CELLS];
  mpp_cns_scheme_start(&b.s, b.u);
  CU_ASSERT(mpp_cns_scheme_advance(&b.s, b.u, t));
  const double after = b.u[field * CELLS];
  mpp_cns_scheme_free(&b.s);
  return after / before;
}

/* The coefficients are kinematic: density does not matter. Sub-steps are of first order, 0.4 % of
 * the decay each at most. */
static void shear_decays_at_the_kinematic_rate(void)
{
  const double k = 2.0 * N * sin(M_PI / N), z = 0.05 * k * k * 0.1;
  CU_ASSERT_DOUBLE_EQUAL(shear_decay(1, 0.05, 0.1), exp(-z), 0.005 * z * exp(-z));
  CU_ASSERT_DOUBLE_EQUAL(shear_decay(0, 0.05, 0.1), exp(-z), 0.005 * z * exp(-z));
}

/* Gas at rest: steps of 0.3 dx / c, shorter ones to the times asked for. */
static void steps_follow_the_courant_number(void)
{
  box b;
  open_box(&b, 0.0);
  for (size_t i = 0; i < STATE; i++) { b.u[i] = i < DENSITY ? 0.0 : 1.0; }
  const double dt = 0.3 / (N * sqrt(5.0 / 3));
  mpp_cns_scheme_start(&b.s, b.u);
  CU_ASSERT(mpp_cns_scheme_advance(&b.s, b.u, 10.5 * dt));
  CU_ASSERT_EQUAL(b.s.steps, 11);
  CU_ASSERT(mpp_cns_scheme_advance(&b.s, b.u, 12.2 * dt));
  CU_ASSERT_EQUAL(b.s.steps, 13);
  CU_ASSERT_EQUAL(b.s.t, (double)(float)(12.2 * dt));
  mpp_cns_scheme_free(&b.s);
}

static void what_cannot_be_computed_stops_the_run(void)
{
  box b;
  open_box(&b, 0.01);
  for (size_t i = 0; i < STATE; i++) { b.u[i] = i < DENSITY ? 0.0 : 1.0; }
  b.u[DENSITY + 77] = NAN;
  mpp_cns_scheme_start(&b.s, b.u);
  CU_ASSERT_FALSE(mpp_cns_scheme_advance(&b.s, b.u, 0.1));
  mpp_cns_scheme_free(&b.s);
}

/* Means and variances over space and time of velocity, density, pressure. */
static void moments(double mean[3], double variance[3], const mpp_trajectory *t)
{
  const size_t cells = t->c->cells, frames = t->c->frames;
  for (size_t f = 0; f < 3; f++) {
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < frames * cells; i++) {
      sum += (double)t->frames[(i / cells * 3 + f) * cells + i % cells];
    }
    mean[f] = sum / (double)(frames * cells);
    for (size_t i = 0; i < frames * cells; i++) {
      const double d = (double)t->frames[(i / cells * 3 + f) * cells + i % cells] - mean[f];
      squares += d * d;
    }
    variance[f] = squares / (double)(frames * cells);
  }
}

/* Samples 0 and 2 of 1D_CFD_Rand_Eta0.01_Zeta0.01_periodic_Train.hdf5, as in
 * tests/data/pdes/pdebench_1d_cfd_rand_eta0.01_periodic.csv. The released pressure drifts upwards
 * by its float32 sub-steps (6e-4 here), and its sums are float32 (5e-4). */
static void viscous_samples_have_the_released_moments(void)
{
  static const struct {
    uint64_t sample;
    double mean[3], variance[3];
  } released[2] = {
      {0, {-0.469297111, 12.0741091, 83.5114746}, {0.0428454764, 3.46818805, 78.1164932}},
      {2, {0.250521719, 5.83702469, 54.8411942}, {0.293134004, 1.43744934, 186.020737}}};
  const mpp_pde *pde = mpp_pde_find("cns-1d");
  const mpp_generate_options o = {
      .samples = 3, .pdebench_compat = true, .preset = "1D_CFD_Rand_Eta0.01_Zeta0.01_periodic"};
  mpp_pde_case c;
  mpp_trajectory t;
  mpp_set_threads(1);
  REQUIRE_OK(mpp_pde_case_make(&c, pde, &o));
  REQUIRE_OK(mpp_trajectory_open(&t, &c));
  for (int k = 0; k < 2; k++) {
    double mean[3], variance[3];
    REQUIRE_OK(mpp_trajectory_init(&t, released[k].sample));
    mpp_trajectory_integrate(&t);
    REQUIRE_OK(mpp_trajectory_check(&t));
    moments(mean, variance, &t);
    for (int f = 0; f < 3; f++) {
      CU_ASSERT_DOUBLE_EQUAL(mean[f] / released[k].mean[f], 1.0, 8e-4);
      CU_ASSERT_DOUBLE_EQUAL(variance[f] / released[k].variance[f], 1.0, 2e-3);
    }
  }
  mpp_trajectory_close(&t);
  mpp_set_threads(0);
}

TESTS({"shear decays at the kinematic rate", shear_decays_at_the_kinematic_rate},
      {"steps follow the Courant number", steps_follow_the_courant_number},
      {"what cannot be computed stops the run", what_cannot_be_computed_stops_the_run},
      {"viscous samples have the released moments", viscous_samples_have_the_released_moments})
