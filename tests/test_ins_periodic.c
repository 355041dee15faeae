#include "ins_periodic_exact.h"
#include "num_spectral.h"
#include "pde_case.h"
#include "test.h"
#include "trajectory.h"

enum { VX = MPP_INS_VX, VY = MPP_INS_VY, C = MPP_INS_PARTICLES, FX = MPP_INS_FX, FY = MPP_INS_FY };

static const mpp_pde *const ins = &mpp_pde_ins_periodic;

static mpp_trajectory opened(mpp_pde_case *c, long resolution, const char *setting)
{
  mpp_generate_options o = {.samples = 1, .resolution = resolution, .seed = 4};
  mpp_trajectory t;
  if (setting != NULL) {
    snprintf(o.set.item[o.set.count++], MPP_TEXT_MAX, "%s", setting);
  }
  REQUIRE_OK(mpp_pde_case_make(c, ins, &o));
  REQUIRE_OK(mpp_trajectory_open(&t, c));
  return t;
}

static void advance(mpp_trajectory *t, double end)
{
  ins->start(t->run, t->u);
  CU_ASSERT(ins->advance(t->run, t->u, end));
}

static double mean_of(const double *u, size_t count)
{
  double sum = 0.0;
  for (size_t i = 0; i < count; i++) { sum += u[i]; }
  return sum / (double)count;
}

static double mean_square(const double *u, size_t count)
{
  double sum = 0.0;
  for (size_t i = 0; i < count; i++) { sum += u[i] * u[i]; }
  return sum / (double)count;
}

/* Largest |kx Vx + ky Vy| over the modes, relative to the largest |k| |V|. */
static double divergence(const double *u, const mpp_pde_case *c)
{
  mpp_spectral s;
  double *v = NULL, worst = 0.0, size = 0.0;
  REQUIRE_OK(mpp_spectral_create(&s, &c->setup.grid, 1, 2));
  REQUIRE_OK(MPP_ALLOC(&v, 4 * s.modes));
  mpp_spectral_from_grid(&s, v, u, 2);
  for (size_t i = 0; i < 2 * s.modes; i++) {
    const double kx = s.k[0][i / 2 / s.columns], ky = s.k[1][i / 2 % s.columns];
    worst = fmax(worst, fabs(kx * v[i] + ky * v[2 * s.modes + i]));
    size = fmax(size, fabs(kx * v[i]) + fabs(ky * v[2 * s.modes + i]));
  }
  mpp_spectral_free(&s);
  mpp_free(v);
  return worst / size;
}

static void the_flow_stays_without_divergence(void)
{
  mpp_pde_case c;
  mpp_trajectory t = opened(&c, 96, NULL);
  REQUIRE_OK(mpp_trajectory_init(&t, 0));
  CU_ASSERT(divergence(t.u, &c) < 1e-13); /* roundings */
  advance(&t, 0.5);
  CU_ASSERT(divergence(t.u, &c) < 1e-13);
  mpp_trajectory_close(&t);
}

static void initial_noise_has_the_stated_size_on_any_grid(void)
{
  mpp_pde_case coarse_case, fine_case;
  mpp_trajectory coarse = opened(&coarse_case, 66, "force=2"),
                 fine = opened(&fine_case, 198, "force=2");
  double worst = 0.0;
  REQUIRE_OK(mpp_trajectory_init(&coarse, 1));
  REQUIRE_OK(mpp_trajectory_init(&fine, 1));
  for (size_t f = 0; f < MPP_INS_FIELDS; f++) {
    const double *u = coarse.u + f * coarse_case.cells, *finer = fine.u + f * fine_case.cells;
    const double variance = mean_square(u, coarse_case.cells);
    CU_ASSERT(fabs(mean_of(u, coarse_case.cells)) < 1e-14);
    CU_ASSERT(f < 2 || fabs(variance - (f == C ? 1.0 : 4.0)) < 1e-12);
    CU_ASSERT(f >= 2 || (variance > 0.1 && variance < 1.0)); /* half is not solenoidal */
    for (size_t i = 0; i < coarse_case.cells; i++) {
      const double other = finer[(3 * (i / 66) + 1) * 198 + 3 * (i % 66) + 1];
      worst = fmax(worst, fabs(u[i] - other));
    }
  }
  CU_ASSERT(worst < 1e-12); /* roundings of sums of a thousand modes */
  mpp_trajectory_close(&coarse);
  mpp_trajectory_close(&fine);
}

/* Uniform particles in a force that is a gradient: pressure alone answers. */
static void a_gradient_moves_nothing(void)
{
  enum { N = 32 };
  mpp_pde_case c;
  mpp_trajectory t = opened(&c, N, NULL);
  double fastest = 0.0, change = 0.0;
  for (size_t i = 0; i < c.cells; i++) {
    const double x = 2.0 * M_PI * mpp_pde_case_coordinate(&c, 1, i / N);
    const double y = 2.0 * M_PI * mpp_pde_case_coordinate(&c, 2, i % N);
    t.u[i] = t.u[c.cells + i] = 0.0;
    t.u[C * c.cells + i] = 1.0;
    t.u[FX * c.cells + i] = 2.0 * cos(2.0 * x) * sin(y); /* of sin 2x sin y */
    t.u[FY * c.cells + i] = sin(2.0 * x) * cos(y);
  }
  advance(&t, 1.0);
  for (size_t i = 0; i < c.cells; i++) {
    fastest = fmax(fastest, fmax(fabs(t.u[i]), fabs(t.u[c.cells + i])));
    change = fmax(change, fabs(t.u[C * c.cells + i] - 1.0));
  }
  CU_ASSERT(fastest < 1e-13 && change < 1e-13); /* roundings */
  mpp_trajectory_close(&t);
}

/* d/dt mean v = mean c f, d/dt 1/2 mean c^2 = -diffusivity mean |grad c|^2: here without diffusion,
 * for which products with the 2/3 rule keep the square as exactly as the steps are. */
static void particles_push_the_flow_and_are_only_carried(void)
{
  mpp_pde_case c;
  mpp_trajectory t = opened(&c, 64, "diffusivity=0");
  double expected[2] = {0.0, 0.0};
  REQUIRE_OK(mpp_trajectory_init(&t, 2));
  advance(&t, 0.0); /* the modes that are kept */
  const double square = mean_square(t.u + C * c.cells, c.cells);
  for (int a = 0; a < 2; a++) {
    for (size_t i = 0; i < c.cells; i++) {
      expected[a] += t.u[C * c.cells + i] * t.u[(size_t)(FX + a) * c.cells + i] / (double)c.cells;
    }
  }
  const double before[2] = {mean_of(t.u, c.cells), mean_of(t.u + c.cells, c.cells)};
  const double h = 1e-4;
  CU_ASSERT(ins->advance(t.run, t.u, h));
  for (int a = 0; a < 2; a++) {
    const double rate = (mean_of(t.u + (size_t)a * c.cells, c.cells) - before[a]) / h;
    CU_ASSERT(fabs(expected[a]) > 0.01);
    CU_ASSERT_DOUBLE_EQUAL(rate, expected[a], 0.01); /* first order in h, rates of some 10 s-1 */
  }
  CU_ASSERT(ins->advance(t.run, t.u, 0.2));
  CU_ASSERT_DOUBLE_EQUAL(mean_square(t.u + C * c.cells, c.cells) / square, 1.0, 1e-4);
  mpp_trajectory_close(&t);
}

/* Faster flow takes shorter steps; what no step can follow is reported. */
static void steps_follow_the_speed(void)
{
  mpp_pde_case c;
  mpp_trajectory t = opened(&c, 32, NULL);
  size_t steps[2];
  for (int i = 0; i < 2; i++) {
    REQUIRE_OK(mpp_trajectory_init(&t, 0));
    for (size_t k = 0; k < 2 * c.cells; k++) { t.u[k] *= i == 0 ? 1.0 : 10.0; }
    advance(&t, 0.1);
    steps[i] = t.run->steps;
  }
  CU_ASSERT(steps[1] > 3 * steps[0] && steps[1] < 12 * steps[0]);
  for (int i = 0; i < 2; i++) {
    REQUIRE_OK(mpp_trajectory_init(&t, 0));
    t.u[77] = i == 0 ? NAN : 1e30;
    ins->start(t.run, t.u);
    CU_ASSERT(!ins->advance(t.run, t.u, 0.1));
    CU_ASSERT(i == 0 ? isnan(t.run->bad_value) : fabs(t.run->bad_value) > 1e25);
    CU_ASSERT_EQUAL(t.run->t, 0.0);
  }
  mpp_trajectory_close(&t);
}

TESTS({"the flow stays without divergence", the_flow_stays_without_divergence},
      {"initial noise has the stated size on any grid",
       initial_noise_has_the_stated_size_on_any_grid},
      {"a gradient moves nothing", a_gradient_moves_nothing},
      {"particles push the flow and are only carried",
       particles_push_the_flow_and_are_only_carried},
      {"steps follow the speed", steps_follow_the_speed})
