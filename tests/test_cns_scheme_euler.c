#include "cns_scheme_euler.h"
#include "num_hllc.h"
#include "test.h"

static const double gamma_ = 1.4;

/* A grid, a state on it and room for two more. */
typedef struct box {
  mpp_cns_grid g;
  size_t fields, cells;
  double *u, *q[3];
} box;

static void open_box(box *b, size_t d, size_t h, size_t w)
{
  const mpp_pde_setup s = {.grid = {.n = {d, h, w}, .dx = {0.1, 0.1, 0.1}}};
  REQUIRE_OK(mpp_cns_grid_make(&b->g, &s, 5));
  b->fields = (size_t)b->g.dims + 2;
  b->cells = d * h * w;
  REQUIRE_OK(MPP_ALLOC(&b->u, b->fields * b->cells));
  for (int k = 0; k < 3; k++) { REQUIRE_OK(MPP_ALLOC(&b->q[k], b->fields * b->g.field)); }
}

static void close_box(box *b)
{
  mpp_free(b->u);
  for (int k = 0; k < 3; k++) { mpp_free(b->q[k]); }
}

/* Random gas, velocities within 1; densities and pressures in 0.2 .. 2.2. */
static void fill(box *b, uint64_t seed)
{
  float *x = NULL;
  REQUIRE_OK(MPP_ALLOC(&x, b->fields * b->cells));
  test_fill(x, b->fields * b->cells, seed);
  for (size_t i = 0; i < b->fields * b->cells; i++) {
    b->u[i] = (double)x[i] + (i / b->cells >= (size_t)b->g.dims ? 1.2 : 0.0);
  }
  mpp_free(x);
}

/* u after one stage, and after the second one. */
static mpp_cns_stage_result stages(box *b, const double *flat, double dt, int count)
{
  mpp_cns_stage s = {.to = b->q[1], .from = b->q[0], .flat = flat, .gamma = gamma_, .dt = dt};
  mpp_cns_grid_load(&b->g, b->q[0], b->u, b->fields);
  mpp_cns_grid_fill(&b->g, b->q[0], b->fields);
  mpp_cns_stage_result r = mpp_cns_euler_stage(&b->g, &s);
  if (count == 2) {
    mpp_cns_grid_fill(&b->g, b->q[1], b->fields);
    s = (mpp_cns_stage){.to = b->q[2],
                        .from = b->q[1],
                        .base = b->q[0],
                        .weight = {0.5, 0.5},
                        .gamma = gamma_,
                        .dt = 0.5 * dt};
    r = mpp_cns_euler_stage(&b->g, &s);
  }
  mpp_cns_grid_store(&b->g, b->u, b->q[count], b->fields);
  return r;
}

static void uniform_flow_stays(void)
{
  static const size_t shape[3][3] = {{1, 1, 20}, {1, 20, 20}, {8, 9, 10}};
  for (int k = 0; k < 3; k++) {
    box b;
    double worst = 0.0;
    open_box(&b, shape[k][0], shape[k][1], shape[k][2]);
    for (size_t i = 0; i < b.fields * b.cells; i++) {
      const size_t f = i / b.cells;
      b.u[i] = 0.3 + (double)f;
    }
    const mpp_cns_stage_result r = stages(&b, NULL, 0.01, 2);
    for (size_t i = 0; i < b.fields * b.cells; i++) {
      const size_t f = i / b.cells;
      worst = fmax(worst, fabs(b.u[i] - 0.3 - (double)f));
    }
    CU_ASSERT(worst < 1e-14 && r.sound); /* some roundings of numbers of size 5 */
    const double p = b.u[b.fields * b.cells - 1], rho = p - 1.0;
    for (int a = 3 - b.g.dims; a < 3; a++) {
      const int field = mpp_cns_velocity(&b.g, a);
      const double v = 0.3 + field;
      CU_ASSERT_DOUBLE_EQUAL(r.speed[a], v + sqrt(gamma_ * p / rho), 1e-13);
    }
    CU_ASSERT_DOUBLE_EQUAL(r.least[0], rho, 1e-14);
    CU_ASSERT_DOUBLE_EQUAL(r.least[1], p, 1e-14);
    close_box(&b);
  }
}

/* Flat slopes make the first-order scheme, here written out. */
static void flat_slopes_give_the_first_order_scheme(void)
{
  enum { N = 40, STATE = 3 * N };
  box b;
  double *flat = NULL, worst = 0.0;
  open_box(&b, 1, 1, N);
  REQUIRE_OK(MPP_ALLOC(&flat, b.g.field));
  fill(&b, 3);
  mpp_gas_flux f[N + 1];
  double expected[3][N];
  for (size_t i = 0; i <= N; i++) {
    const size_t l = (i + N - 1) % N, r = i % N;
    const mpp_gas_state left = {b.u[l], 0.0, 0.0, b.u[N + l], b.u[l + N + N]};
    const mpp_gas_state right = {b.u[r], 0.0, 0.0, b.u[N + r], b.u[r + N + N]};
    f[i] = mpp_hllc(&left, &right, gamma_, 2.5);
  }
  for (size_t i = 0; i < N; i++) {
    const mpp_gas_state q = {b.u[i], 0.0, 0.0, b.u[N + i], b.u[i + N + N]};
    const double density = q.density - 0.1 * (f[i + 1].mass - f[i].mass);
    const double m = q.density * q.u - 0.1 * (f[i + 1].u - f[i].u);
    const double e = mpp_gas_energy(&q, 2.5) - 0.1 * (f[i + 1].energy - f[i].energy);
    expected[0][i] = m / density;
    expected[1][i] = density;
    expected[2][i] = 0.4 * (e - 0.5 * m * m / density);
  }
  stages(&b, flat, 0.01, 1);
  for (size_t i = 0; i < STATE; i++) { worst = fmax(worst, fabs(b.u[i] - expected[i / N][i % N])); }
  CU_ASSERT(worst < 1e-13); /* roundings in another order */
  fill(&b, 3);
  stages(&b, NULL, 0.01, 1);
  worst = 0.0;
  for (size_t i = 0; i < STATE; i++) { worst = fmax(worst, fabs(b.u[i] - expected[i / N][i % N])); }
  CU_ASSERT(worst > 1e-3); /* slopes do matter */
  mpp_free(flat);
  close_box(&b);
}

/* A gas that varies along one axis alone gives along each axis of 2D and 3D what it gives in 1D. */
static void all_axes_do_the_same(void)
{
  enum { N = 24, STATE = 3 * N };
  box line;
  open_box(&line, 1, 1, N);
  fill(&line, 5);
  double *start = NULL;
  REQUIRE_OK(MPP_ALLOC(&start, STATE));
  memcpy(start, line.u, STATE * sizeof *start);
  stages(&line, NULL, 0.01, 2);
  for (int dims = 2; dims <= 3; dims++) {
    for (int axis = 3 - dims; axis < 3; axis++) {
      box b;
      double worst = 0.0;
      size_t n[3] = {dims > 2 ? 6 : 1, 7, 8};
      n[axis] = N;
      open_box(&b, n[0], n[1], n[2]);
      const size_t stride = axis == 2 ? 1 : axis == 1 ? n[2] : n[1] * n[2];
      for (int pass = 0; pass < 2; pass++) {
        const double *from = pass == 0 ? start : line.u;
        for (size_t i = 0; i < b.fields * b.cells; i++) {
          const size_t f = i / b.cells, at = i % b.cells / stride % N;
          const size_t velocity = (size_t)mpp_cns_velocity(&b.g, axis);
          const double value = f == velocity          ? from[at]
                               : f < (size_t)b.g.dims ? 0.0
                                                      : from[(f + 1 - (size_t)b.g.dims) * N + at];
          worst = pass == 0 ? 0.0 : fmax(worst, fabs(b.u[i] - value));
          b.u[i] = pass == 0 ? value : b.u[i];
        }
        if (pass == 0) {
          stages(&b, NULL, 0.01, 2);
        }
      }
      CU_ASSERT(worst < 1e-14); /* terms of the other axes are differences of the same numbers */
      close_box(&b);
    }
  }
  mpp_free(start);
  close_box(&line);
}

/* A periodic pattern on a grid of many tiles: all periods have the same bits. */
static void tiles_do_not_show(void)
{
  static const size_t shape[2][3] = {{1, 40, 1200}, {70, 20, 300}};
  static const size_t period[2][3] = {{1, 10, 300}, {10, 5, 50}};
  for (int k = 0; k < 2; k++) {
    const size_t *n = shape[k], *p = period[k];
    box b;
    size_t different = 0;
    open_box(&b, n[0], n[1], n[2]);
    fill(&b, 11);
    for (int pass = 0; pass < 2; pass++) {
      for (size_t i = 0; i < b.fields * b.cells; i++) {
        const size_t c = i % b.cells;
        const size_t at[3] = {c / n[2] / n[1], c / n[2] % n[1], c % n[2]};
        const size_t from = i - c + (at[0] % p[0] * n[1] + at[1] % p[1]) * n[2] + at[2] % p[2];
        different += pass == 1 && b.u[i] != b.u[from];
        b.u[i] = pass == 0 ? b.u[from] : b.u[i];
      }
      if (pass == 0) {
        stages(&b, NULL, 0.001, 2);
      }
    }
    CU_ASSERT_EQUAL(different, 0);
    close_box(&b);
  }
}

/* Sums of mass and of energy by two stages of random gas. */
static void mass_and_energy_stay(void)
{
  box b;
  double mass[2] = {0.0, 0.0}, energy[2] = {0.0, 0.0};
  open_box(&b, 9, 10, 11);
  fill(&b, 13);
  for (int pass = 0; pass < 2; pass++) {
    for (size_t i = 0; i < b.cells; i++) {
      const double *q = b.u + i;
      const size_t n = b.cells;
      const mpp_gas_state s = {q[0], q[n], q[2 * n], q[3 * n], q[4 * n]};
      mass[pass] += s.density;
      energy[pass] += mpp_gas_energy(&s, 2.5);
    }
    if (pass == 0) {
      CU_ASSERT(stages(&b, NULL, 0.005, 2).sound);
    }
  }
  CU_ASSERT_DOUBLE_EQUAL(mass[1] / mass[0], 1.0, 1e-13); /* roundings of 990 cells */
  CU_ASSERT_DOUBLE_EQUAL(energy[1] / energy[0], 1.0, 1e-13);
  close_box(&b);
}

static void what_is_not_sound_is_reported(void)
{
  static const double bad[] = {-0.5, NAN, HUGE_VAL};
  for (int k = 0; k < 3; k++) {
    for (size_t f = 1; f < 3; f++) {
      box b;
      open_box(&b, 1, 1, 40);
      fill(&b, 17);
      b.u[f * 40 + 23] = bad[k];
      CU_ASSERT_FALSE(stages(&b, NULL, 0.0, 1).sound);
      close_box(&b);
    }
  }
}

/* The floor of the released scheme: 1e-4 in place of what is below 1e-8. */
static void the_released_floor_lifts_pressures(void)
{
  box b;
  open_box(&b, 1, 1, 16);
  for (size_t i = 0; i < 48; i++) { b.u[i] = i < 16 ? 0.0 : i < 32 ? 1.0 : 1e-9; }
  mpp_cns_grid_load(&b.g, b.q[0], b.u, 3);
  mpp_cns_grid_fill(&b.g, b.q[0], 3);
  const mpp_cns_stage s = {
      .to = b.q[1], .from = b.q[0], .gamma = gamma_, .dt = 0.01, .released = true};
  CU_ASSERT_EQUAL(mpp_cns_euler_stage(&b.g, &s).least[1], 1e-4);
  close_box(&b);
}

TESTS({"uniform flow stays", uniform_flow_stays},
      {"flat slopes give the first-order scheme", flat_slopes_give_the_first_order_scheme},
      {"all axes do the same", all_axes_do_the_same}, {"tiles do not show", tiles_do_not_show},
      {"mass and energy stay", mass_and_energy_stay},
      {"what is not sound is reported", what_is_not_sound_is_reported},
      {"the released floor lifts pressures", the_released_floor_lifts_pressures})
