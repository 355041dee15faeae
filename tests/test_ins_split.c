#include "ins_exact.h"
#include "ins_scheme.h"
#include "test.h"

/* The flow of ins_exact.h at t = 0, left to itself with a push on particles. */
static mpp_ins make(size_t n)
{
  const size_t cells[2] = {n, n};
  const double low[2] = {0.0, 0.0}, dx[2] = {1.0 / (double)n, 1.0 / (double)n};
  mpp_ins s;
  REQUIRE_OK(mpp_ins_create(&s, cells, low, dx, 0.01));
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < n; j++) {
      const size_t k = mpp_ins_at(&s, i, j);
      const double x = (double)i * dx[0], y = (double)j * dx[1], h = 0.5 * dx[0];
      s.u[k] = mpp_ins_exact_velocity(0, x, y + h, 0.0);
      s.v[k] = mpp_ins_exact_velocity(1, x + h, y, 0.0);
      s.c[k] = mpp_ins_exact_particles(x + h, y + h);
      s.fx[k] = sin(5.0 * (y + h));
      s.fy[k] = cos(4.0 * x);
    }
  }
  mpp_ins_start(&s);
  return s;
}

/* Mean absolute difference of u, or of c, to the other scheme on the same grid, relative. */
static void difference(double out[2], size_t n, double step)
{
  mpp_ins a = make(n), b = make(n);
  double size[2] = {0.0, 0.0};
  CU_ASSERT(mpp_ins_advance_split(&a, 0.4, step));
  CU_ASSERT(mpp_ins_advance(&b, 0.4));
  out[0] = out[1] = 0.0;
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < n; j++) {
      const size_t k = mpp_ins_at(&a, i, j);
      out[0] += fabs(a.u[k] - b.u[k]);
      size[0] += fabs(b.u[k]);
      out[1] += fabs(a.c[k] - b.c[k]);
      size[1] += fabs(b.c[k] - 1.0);
    }
  }
  out[0] /= size[0];
  out[1] /= size[1];
  CU_ASSERT(a.divergence < 1e-11 && a.t == 0.4);
  mpp_ins_free(&a);
  mpp_ins_free(&b);
}

/* Both solve the same equations; linear interpolation makes the splitting a scheme of first
 * order. */
static void it_converges_to_the_same_flow(void)
{
  double coarse[2], fine[2];
  difference(coarse, 24, 0.004);
  difference(fine, 96, 0.001);
  for (int q = 0; q < 2; q++) {
    CU_ASSERT(fine[q] > 0.0 && fine[q] < 0.05);
    CU_ASSERT(log2(coarse[q] / fine[q]) / 2.0 > 0.75);
  }
}

static void steps_end_at_the_time_asked_for(void)
{
  mpp_ins s = make(16);
  CU_ASSERT(mpp_ins_advance_split(&s, 0.005, 5e-5));
  CU_ASSERT_EQUAL(s.steps, 100);
  CU_ASSERT(mpp_ins_advance_split(&s, 0.0101, 5e-3)); /* two shorter ones */
  CU_ASSERT(s.steps == 102 && s.t == 0.0101);
  mpp_ins_free(&s);
}

/* Interpolation between the cells beside is what it is made for. */
static void steps_beyond_a_cell_are_refused(void)
{
  mpp_ins s = make(16);
  CU_ASSERT(!mpp_ins_advance_split(&s, 1.0, 0.5));
  CU_ASSERT(s.t < 1.0);
  mpp_ins_free(&s);
}

/* Semi-Lagrangian values are means of the ones beside. */
static void particles_keep_their_range(void)
{
  mpp_ins s = make(24);
  for (size_t i = 0; i < 24; i++) {
    for (size_t j = 0; j < 24; j++) { s.c[mpp_ins_at(&s, i, j)] = (i / 3 + j / 4) % 2 ? 1.0 : 0.0; }
  }
  CU_ASSERT(mpp_ins_advance_split(&s, 0.5, 0.01));
  for (size_t i = 0; i < 24; i++) {
    for (size_t j = 0; j < 24; j++) {
      const double c = s.c[mpp_ins_at(&s, i, j)];
      CU_ASSERT(c > -1e-14 && c < 1.0 + 1e-14); /* rounding */
    }
  }
  mpp_ins_free(&s);
}

TESTS({"it converges to the same flow", it_converges_to_the_same_flow},
      {"steps end at the time asked for", steps_end_at_the_time_asked_for},
      {"steps beyond a cell are refused", steps_beyond_a_cell_are_refused},
      {"particles keep their range", particles_keep_their_range})
