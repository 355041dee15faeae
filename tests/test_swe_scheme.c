#include "h5.h"
#include "mpp/threads.h"
#include "swe_scheme.h"
#include "test.h"

static void create(mpp_swe *s, size_t n, double length)
{
  const size_t cells[2] = {n, n};
  const double dx[2] = {length / (double)n, length / (double)n};
  REQUIRE_OK(mpp_swe_create(s, cells, dx, 1.0));
}

static double *zeros(size_t count)
{
  double *q = NULL;
  REQUIRE_OK(MPP_ALLOC(&q, count));
  return q;
}

static size_t different(const double *a, const double *b, size_t n)
{
  size_t count = 0;
  for (size_t i = 0; i < n; i++) { count += a[i] != b[i]; }
  return count;
}

/* Depth 2 within r of (x, y), else 1, by cell centres; at rest. */
static void column(double *q, size_t n, double dx, double x, double y, double r)
{
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < n; j++) {
      const double a = ((double)i + 0.5 - 0.5 * (double)n) * dx - x;
      const double b = ((double)j + 0.5 - 0.5 * (double)n) * dx - y;
      q[i * n + j] = sqrt(a * a + b * b) <= r ? 2.0 : 1.0;
    }
  }
}

/* Clawpack's regression field of its radial dam break: 150 x 150 cells, 10 outputs until t = 2.5,
 * open low edges, walls at the high edges; waves reach all of them. */
static void the_field_is_clawpacks(void)
{
  enum { N = 150, CELLS = N * N, STATE = 3 * CELLS };
  mpp_swe s = {.q = NULL};
  double *q = zeros(STATE), *expected = zeros(CELLS), worst = 0.0;
  hid_t file = -1;
  REQUIRE_OK(mpp_h5_init());
  REQUIRE_OK(mpp_h5_open(&file, MPP_TEST_DATA "/pdes/clawpack_radial_dam_break.h5"));
  REQUIRE_OK(mpp_h5_read_f64(expected, file, "clawpack", "h", (const size_t[]){0, 0},
                             (const size_t[]){N, N}));
  mpp_h5_close(file);
  create(&s, N, 5.0);
  s.wall[0][1] = s.wall[1][1] = true;
  column(q, N, 5.0 / N, 0.0, 0.0, 0.5);
  mpp_swe_start(&s, q);
  for (int k = 1; k <= 10; k++) { CU_ASSERT(mpp_swe_advance(&s, 0.25 * k)); }
  for (size_t i = 0; i < CELLS; i++) { worst = fmax(worst, fabs(s.q[i] - expected[i])); }
  CU_ASSERT(worst < 1e-12); /* rounding in another order: 6e-15 measured */
  CU_ASSERT_EQUAL(s.steps, 121);
  CU_ASSERT_EQUAL(s.rejected, 1);
  mpp_swe_free(&s);
  mpp_free(q);
  mpp_free(expected);
}

static void still_water_stays_still(void)
{
  enum { N = 33, CELLS = N * N, STATE = 3 * CELLS };
  mpp_swe s = {.q = NULL};
  double *q = zeros(STATE);
  create(&s, N, 5.0);
  s.wall[0][1] = s.wall[1][0] = true;
  for (size_t i = 0; i < CELLS; i++) { q[i] = 1.37; }
  mpp_swe_start(&s, q);
  CU_ASSERT(mpp_swe_advance(&s, 2.0));
  CU_ASSERT_EQUAL(different(s.q, q, STATE), 0);
  CU_ASSERT(s.steps > 10);
  mpp_swe_free(&s);
  mpp_free(q);
}

static double mass_of(const double *q, size_t n)
{
  double sum = 0.0;
  for (size_t i = 0; i < n; i++) {
    double row = 0.0;
    for (size_t j = 0; j < n; j++) { row += q[i * n + j]; }
    sum += row;
  }
  return sum;
}

/* Closed basin, many reflections, an odd number of cells. */
static void walls_keep_the_mass(void)
{
  enum { N = 47, CELLS = N * N, STATE = 3 * CELLS };
  mpp_swe s = {.q = NULL};
  double *q = zeros(STATE);
  create(&s, N, 2.0);
  s.wall[0][0] = s.wall[0][1] = s.wall[1][0] = s.wall[1][1] = true;
  column(q, N, 2.0 / N, 0.3, -0.4, 0.4);
  mpp_swe_start(&s, q);
  CU_ASSERT(mpp_swe_advance(&s, 5.0));
  /* one rounding per cell and step, in random directions */
  CU_ASSERT_DOUBLE_EQUAL(mass_of(s.q, N) / mass_of(q, N), 1.0, 1e-14);
  mpp_swe_free(&s);
  mpp_free(q);
}

/* Waves leave through open edges: what stays is nearly flat. Its level is free, since nothing tells
 * a zero-gradient edge the level outside. */
static void open_edges_let_waves_out(void)
{
  enum { N = 32, CELLS = N * N, STATE = 3 * CELLS };
  mpp_swe s = {.q = NULL};
  double *q = zeros(STATE);
  create(&s, N, 2.0);
  column(q, N, 2.0 / N, 0.0, 0.0, 0.5);
  mpp_swe_start(&s, q);
  CU_ASSERT(mpp_swe_advance(&s, 20.0));
  double low = HUGE_VAL, high = 0.0;
  for (size_t i = 0; i < CELLS; i++) {
    low = fmin(low, s.q[i]);
    high = fmax(high, s.q[i]);
  }
  CU_ASSERT(high - low < 0.01); /* 1 at the start, 0.004 measured; about 0.5 with walls */
  CU_ASSERT(low > 0.9 && high < 1.1);
  mpp_swe_free(&s);
  mpp_free(q);
}

/* A column off centre and its images in both axes; also more lines than fill whole bundles. */
static void mirror_images_have_the_same_bits(void)
{
  enum { N = 41, CELLS = N * N, STATE = 3 * CELLS };
  mpp_swe s[3] = {{.q = NULL}};
  double *q = zeros(STATE);
  for (int k = 0; k < 3; k++) {
    create(&s[k], N, 2.0);
    s[k].wall[0][0] = s[k].wall[0][1] = true;
    column(q, N, 2.0 / N, k == 1 ? -0.3 : 0.3, k == 2 ? 0.2 : -0.2, 0.4);
    mpp_swe_start(&s[k], q);
    CU_ASSERT(mpp_swe_advance(&s[k], 1.0));
  }
  size_t wrong = 0;
  for (size_t f = 0; f < 3; f++) {
    for (size_t i = 0; i < N; i++) {
      for (size_t j = 0; j < N; j++) {
        const double here = s[0].q[(f * N + i) * N + j];
        wrong += s[1].q[(f * N + N - 1 - i) * N + j] != (f == 1 ? -here : here);
        wrong += s[2].q[(f * N + i) * N + N - 1 - j] != (f == 2 ? -here : here);
      }
    }
  }
  CU_ASSERT_EQUAL(wrong, 0);
  for (int k = 0; k < 3; k++) { mpp_swe_free(&s[k]); }
  mpp_free(q);
}

static void any_number_of_threads_gives_the_same_bits(void)
{
  enum { N = 300, CELLS = N * N, STATE = 3 * CELLS }; /* large enough for three threads */
  double *q = zeros(STATE), *one = zeros(STATE);
  for (int threads = 1; threads <= 3; threads++) {
    mpp_swe s = {.q = NULL};
    mpp_set_threads(threads);
    create(&s, N, 2.0);
    column(q, N, 2.0 / N, 0.2, 0.1, 0.4);
    mpp_swe_start(&s, q);
    CU_ASSERT(mpp_swe_advance(&s, 0.1));
    if (threads == 1) {
      memcpy(one, s.q, STATE * sizeof *q);
    }
    CU_ASSERT_EQUAL(different(one, s.q, STATE), 0);
    mpp_swe_free(&s);
  }
  mpp_set_threads(0);
  mpp_free(q);
  mpp_free(one);
}

/* Water torn apart leaves a depth that is not positive: Roe's solver ends there, and says where. */
static void dry_beds_are_reported(void)
{
  enum { N = 16, CELLS = N * N, STATE = 3 * CELLS };
  mpp_swe s = {.q = NULL};
  double *q = zeros(STATE);
  create(&s, N, 1.0);
  for (size_t i = 0; i < N; i++) {
    for (size_t j = 0; j < N; j++) {
      q[i * N + j] = 1.0;
      q[CELLS + i * N + j] = i < N / 2 ? -9.0 : 9.0;
    }
  }
  mpp_swe_start(&s, q);
  CU_ASSERT(!mpp_swe_advance(&s, 1.0));
  size_t bad = 0;
  for (size_t i = 0; i < CELLS; i++) { bad += s.q[i] > 0.0 ? 0 : 1; }
  CU_ASSERT(bad > 0); /* not positive, or no number */
  mpp_swe_free(&s);
  mpp_free(q);
}

static void failed_allocations_are_reported(void)
{
  for (long n = 0; n < 2; n++) {
    mpp_swe s = {.q = NULL};
    mpp_fault_after(n);
    const mpp_status st = mpp_swe_create(&s, (const size_t[]){8, 8}, (const double[]){1, 1}, 1.0);
    mpp_fault_after(-1);
    CU_ASSERT_EQUAL(st, MPP_ERR_NOMEM);
    CU_ASSERT_PTR_NULL(s.q);
  }
}

TESTS({"the field is Clawpack's", the_field_is_clawpacks},
      {"still water stays still", still_water_stays_still},
      {"walls keep the mass", walls_keep_the_mass},
      {"open edges let waves out", open_edges_let_waves_out},
      {"mirror images have the same bits", mirror_images_have_the_same_bits},
      {"any number of threads gives the same bits", any_number_of_threads_gives_the_same_bits},
      {"dry beds are reported", dry_beds_are_reported},
      {"failed allocations are reported", failed_allocations_are_reported})
