/* test_stencil.c - local stencil regression on equations that are stencils, and its noise. */
#include "stencil.h"

#include "mpp/threads.h"
#include "window_case.h"

/* Fits, rolls `steps` ahead and gives the relative error of the last frame against x. */
static double roll_error(const mpp_window *w, mpp_stencil_reach reach, double noise, size_t steps)
{
  static mpp_stencil_moments m;
  mpp_stencil s;
  mpp_roll r;
  bool solved = false;
  REQUIRE_OK(mpp_stencil_moments_make(&m, w, reach, w->T - 1));
  double *a = calloc(m.terms * m.fields, sizeof *a);
  REQUIRE_OK(mpp_stencil_fit(a, &solved, &m, &reach, noise, MPP_FIT_WHOLE));
  CU_ASSERT_TRUE(solved);
  REQUIRE_OK(mpp_stencil_make(&s, a, &m));
  REQUIRE_OK(mpp_roll_make(&r, &m.halo, m.fields));
  mpp_roll_begin(&r, w->x, w->stride, w->T - 1);
  for (size_t k = 0; k < steps; k++) {
    mpp_stencil_step(&r, &s);
    mpp_roll_advance(&r);
  }
  double error = 0.0;
  for (size_t c = 0; c < w->C; c++) {
    error += mpp_roll_error(&r, w->x + (w->T - 1 + steps) * w->stride + c * m.halo.cells, c);
  }
  mpp_roll_free(&r);
  mpp_stencil_free(&s);
  mpp_stencil_moments_free(&m);
  free(a);
  return sqrt(error);
}

static void a_wave_equation_is_found_and_continued(void)
{
  enum { N = 24, T = 12, AHEAD = 20 };
  static float x[(T + AHEAD) * N * N];
  mpp_window w = wave_window(x, T + AHEAD, N);
  w.T = T;
  const mpp_stencil_reach waves = {1, 2, 1}, diffusion = {1, 1, 1};
  /* rounding of the data, 6e-8, amplified by the fit and twenty steps; values are of order 1 */
  CU_ASSERT(roll_error(&w, waves, 0.0, AHEAD) < 2e-4);
  CU_ASSERT(roll_error(&w, waves, 1.0, AHEAD) < 2e-4);
  CU_ASSERT(roll_error(&w, diffusion, 1.0, AHEAD) > 1e-2); /* cannot know which way waves go */
}

/* u' = 0.5 u v - 0.1 u^3 and v' = 0.02 - 0.1 v^2 at every cell by itself: the powers. */
static void a_reaction_is_found_and_continued(void)
{
  enum { N = 200, T = 8, AHEAD = 6 };
  static float x[(T + AHEAD) * 2 * N];
  double u[N], v[N];
  float start[2 * N];
  test_fill(start, (size_t)2 * N, 6);
  for (size_t i = 0; i < N; i++) {
    u[i] = (double)start[i];
    v[i] = (double)start[N + i];
  }
  for (size_t t = 0; t < T + AHEAD; t++) {
    for (size_t i = 0; i < N; i++) {
      x[2 * t * N + i] = (float)u[i];
      x[(2 * t + 1) * N + i] = (float)v[i];
      const double du = 0.5 * u[i] * v[i] - 0.1 * u[i] * u[i] * u[i];
      v[i] += 0.02 - 0.1 * v[i] * v[i];
      u[i] += du;
    }
  }
  const mpp_window w = {.x = x, .T = T, .C = 2, .stride = 2 * N, .grid = {1, 1, N}};
  /* rounding of the data over increments of 0.1, six steps */
  CU_ASSERT(roll_error(&w, (mpp_stencil_reach){1, 1, 3}, 0.0, AHEAD) < 1e-5);
  CU_ASSERT(roll_error(&w, (mpp_stencil_reach){1, 1, 2}, 0.0, AHEAD) > 1e-4);
}

/* The normal equations with the noise as it is defined: raw numbers n of variance s, term i changes
 * by sum M[i][k] n_k, the target by -n_0. 1D, one field, 3 cells, 2 frames: raw numbers are the
 * values at 3 cells now (0..2, the middle one is 1) and before (3..5). */
static void noise_is_added_as_its_expectation(void)
{
  enum { N = 64, T = 9, TERMS = 7 };
  static float x[T * N];
  static mpp_stencil_moments m;
  const mpp_window w = random_window(x, T, 1, (const size_t[3]){1, 1, N}, MPP_EDGE_WRAP);
  const mpp_stencil_reach reach = {1, 2, 1};
  double plain[TERMS], a[TERMS];
  bool solved;
  REQUIRE_OK(mpp_stencil_moments_make(&m, &w, reach, T - 1));
  CU_ASSERT_EQUAL_FATAL(m.terms, TERMS);
  REQUIRE_OK(mpp_stencil_fit(plain, &solved, &m, &reach, 0.0, MPP_FIT_WHOLE));
  REQUIRE_OK(mpp_stencil_fit(a, &solved, &m, &reach, 2.0, MPP_FIT_WHOLE));
  /* order of the terms: centre, left, right; the same of increments; one */
  static const double M[TERMS][6] = {{0, 1, 0, 0, 0, 0},  {1, -1, 0, 0, 0, 0}, {0, -1, 1, 0, 0, 0},
                                     {0, 1, 0, 0, -1, 0}, {1, 0, 0, -1, 0, 0}, {0, 0, 1, 0, 0, -1},
                                     {0, 0, 0, 0, 0, 0}};
  const double *g = m.gram[MPP_FIT_WHOLE], rows = m.weight[MPP_FIT_WHOLE];
  const size_t side = m.side;
  double residual = g[7 * side + 7];
  for (size_t i = 0; i < TERMS; i++) { residual -= plain[i] * g[i * side + 7]; }
  const double variance = 4.0 * residual / rows; /* noise 2 */
  for (size_t i = 0; i < TERMS; i++) {
    double left = 0.0, right = g[i * side + 7] - rows * variance * M[i][1];
    for (size_t j = 0; j < TERMS; j++) {
      double noise = 0.0;
      for (size_t k = 0; k < 6; k++) { noise += M[i][k] * M[j][k]; }
      left += a[j] * (g[(i < j ? i : j) * side + (i < j ? j : i)] + rows * variance * noise);
    }
    CU_ASSERT_DOUBLE_EQUAL(left, right,
                           1e-6 * rows); /* the ridge, 1e-10 of the diagonal, and rounding */
  }
  mpp_stencil_moments_free(&m);
}

static void a_window_at_rest_is_not_solved(void)
{
  enum { N = 32, T = 6 };
  static float x[T * N];
  static mpp_stencil_moments m;
  double a[64];
  bool solved = true;
  const mpp_window w = {.x = x, .T = T, .C = 1, .stride = N, .grid = {1, 1, N}};
  for (size_t i = 0; i < (size_t)T * N; i++) { x[i] = (float)(i % N); }
  REQUIRE_OK(mpp_stencil_moments_make(&m, &w, (mpp_stencil_reach){1, 1, 1}, T - 1));
  REQUIRE_OK(mpp_stencil_fit(a, &solved, &m, &m.reach, 1.0, MPP_FIT_WHOLE));
  CU_ASSERT(!solved && a[0] == 0.0);
  mpp_stencil_moments_free(&m);
}

TESTS({"a wave equation is found and continued", a_wave_equation_is_found_and_continued},
      {"a reaction is found and continued", a_reaction_is_found_and_continued},
      {"noise is added as its expectation", noise_is_added_as_its_expectation},
      {"a window at rest is not solved", a_window_at_rest_is_not_solved})
