#include "pde_case.h"
#include "test.h"
#include "trajectory.h"

static const mpp_pde *const gs = &mpp_pde_gray_scott;

/* Settings "name=value" as many as there are. */
static mpp_trajectory opened(mpp_pde_case *c, long resolution, const char *const *setting)
{
  mpp_generate_options o = {.samples = 1, .resolution = resolution, .seed = 4};
  mpp_trajectory t;
  for (; setting != NULL && *setting != NULL; setting++) {
    snprintf(o.set.item[o.set.count++], MPP_TEXT_MAX, "%s", *setting);
  }
  REQUIRE_OK(mpp_pde_case_make(c, gs, &o));
  REQUIRE_OK(mpp_trajectory_open(&t, c));
  return t;
}

static void advance(mpp_trajectory *t, double end)
{
  gs->start(t->run, t->u);
  CU_ASSERT(gs->advance(t->run, t->u, end));
}

/* Without B the feed alone acts on A: modes decay at dA k^2 + F, and B from nothing stays
 * nothing. */
static void modes_decay_by_diffusion_and_feed(void)
{
  static const char *const set[] = {"F=0.02", "k=0.03", "delta_A=1e-3", "delta_B=3e-4", NULL};
  mpp_pde_case c;
  mpp_trajectory t = opened(&c, 24, set);
  const double k[2] = {M_PI * 3.0, -M_PI * 2.0}, square = k[0] * k[0] + k[1] * k[1];
  double worst = 0.0;
  for (size_t turn = 0; turn < 2; turn++) {
    for (size_t i = 0; i < c.cells; i++) {
      t.u[i] = turn == 0 ? 1.0 : 0.0;
      t.u[c.cells + i] = 0.0;
      const double x = mpp_pde_case_coordinate(&c, 1, i / 24);
      const double y = mpp_pde_case_coordinate(&c, 2, i % 24);
      /* B of 1e-9 is too little for its square */
      t.u[turn * c.cells + i] += (turn == 0 ? 0.3 : 1e-9) * cos(k[0] * x + k[1] * y);
    }
    advance(&t, 30.0);
    const double decay = exp(-30.0 * (turn == 0 ? 1e-3 * square + 0.02 : 3e-4 * square + 0.05));
    for (size_t i = 0; i < c.cells; i++) {
      const double x = mpp_pde_case_coordinate(&c, 1, i / 24);
      const double y = mpp_pde_case_coordinate(&c, 2, i % 24);
      const double mode = decay * cos(k[0] * x + k[1] * y);
      const double exact = turn == 0 ? 1.0 + 0.3 * mode : 1e-9 * mode;
      worst = fmax(worst, fabs(t.u[turn * c.cells + i] - exact) / (turn == 0 ? 1.0 : 1e-9));
    }
  }
  CU_ASSERT(worst <
            1e-8); /* B^2 A against B: 1e-9 a second; rounding of A: 1e-16 against B's 1e-9 */
  mpp_trajectory_close(&t);
}

/* Uniform A B^2 = (F + k) B and F (1 - A) = A B^2 stay: A = (1 +- sqrt(1 - 4 (F + k)^2 / F)) /
 * 2. */
static void uniform_equilibria_stay(void)
{
  static const char *const set[] = {"regime=bubbles", NULL};
  mpp_pde_case c;
  mpp_trajectory t = opened(&c, 16, set);
  const double feed = 0.098, kill = 0.057, sum = feed + kill;
  const double a = 0.5 * (1.0 - sqrt(1.0 - 4.0 * sum * sum / feed)), b = feed / sum * (1.0 - a);
  double worst = 0.0;
  for (size_t i = 0; i < c.cells; i++) {
    t.u[i] = a;
    t.u[c.cells + i] = b;
  }
  advance(&t, 20.0);
  for (size_t i = 0; i < c.cells; i++) {
    worst = fmax(worst, fmax(fabs(t.u[i] - a), fabs(t.u[c.cells + i] - b)));
  }
  CU_ASSERT(worst < 1e-13); /* roundings of 20 steps */
  mpp_trajectory_close(&t);
}

static void reaction_without_feed_keeps_the_sum(void)
{
  static const char *const set[] = {"F=0", "k=0", NULL};
  mpp_pde_case c;
  mpp_trajectory t = opened(&c, 33, set);
  double value[2], size[2];
  REQUIRE_OK(mpp_trajectory_init(&t, 0));
  CU_ASSERT_EQUAL(gs->conserve(&value[0], &size[0], t.u, &c.setup), 1);
  double before = 0.0, after = 0.0;
  for (size_t i = 0; i < c.cells; i++) { before += t.u[c.cells + i] / (double)c.cells; }
  advance(&t, 50.0);
  for (size_t i = 0; i < c.cells; i++) { after += t.u[c.cells + i] / (double)c.cells; }
  CU_ASSERT_EQUAL(gs->conserve(&value[1], &size[1], t.u, &c.setup), 1);
  CU_ASSERT(fabs(value[1] - value[0]) < 1e-13 * size[0]); /* roundings */
  CU_ASSERT(after > 1.01 * before);                       /* A did turn into B */
  mpp_trajectory_close(&t);
}

static void initial_clusters_are_concentrations_on_any_grid(void)
{
  mpp_pde_case coarse_case, fine_case;
  mpp_trajectory coarse = opened(&coarse_case, 33, NULL), fine = opened(&fine_case, 99, NULL);
  double least = 1.0, most = 0.0;
  size_t different = 0;
  REQUIRE_OK(mpp_trajectory_init(&coarse, 1));
  REQUIRE_OK(mpp_trajectory_init(&fine, 1));
  for (size_t i = 0; i < 2 * coarse_case.cells; i++) {
    const size_t f = i / 1089, row = i % 1089 / 33, column = i % 33;
    const double other = fine.u[f * 9801 + (3 * row + 1) * 99 + 3 * column + 1];
    different += fabs(coarse.u[i] - other) > 1e-13; /* positions round differently */
    least = fmin(least, coarse.u[i]);
    most = fmax(most, coarse.u[i]);
  }
  CU_ASSERT_EQUAL(different, 0);
  CU_ASSERT(least >= 0.0 && least < 0.01 && most <= 1.0 && most > 0.99);
  mpp_trajectory_close(&coarse);
  mpp_trajectory_close(&fine);
}

/* B does not die out, A is not used up, and regimes differ. 64 points do for that: diffusion
 * lengths sqrt(delta_B / (F + k)) are about 0.01 to 0.02, a cell is 0.03. */
static void every_regime_keeps_a_pattern(void)
{
  static const char *const regime[] = {"regime=gliders", "regime=bubbles", "regime=maze",
                                       "regime=worms",   "regime=spirals", "regime=spots"};
  double mean[6];
  for (size_t i = 0; i < 6; i++) {
    const char *const set[] = {regime[i], "dt=2", NULL};
    mpp_pde_case c;
    mpp_trajectory t = opened(&c, 64, set);
    double most = 0.0, least = 1.0;
    REQUIRE_OK(mpp_trajectory_init(&t, i));
    advance(&t, 1000.0);
    mean[i] = 0.0;
    for (size_t k = c.cells; k < 2 * c.cells; k++) {
      mean[i] += t.u[k] / (double)c.cells;
      most = fmax(most, t.u[k]);
      least = fmin(least, t.u[k]);
    }
    CU_ASSERT(most > 0.2 && most < 1.0 && least > -0.05 && mean[i] > 0.005);
    mpp_trajectory_close(&t);
  }
  CU_ASSERT(mean[2] > 2.0 * mean[0]); /* a maze fills the square, gliders do not */
}

/* In the state with B that stays, A B = F + k, clusters without B grow. */
static void bubbles_grow_in_what_is_full(void)
{
  static const char *const set[] = {"regime=bubbles", "dt=2", NULL};
  mpp_pde_case c;
  mpp_trajectory t = opened(&c, 64, set);
  double most = 0.0, before = 0.0, after = 0.0;
  REQUIRE_OK(mpp_trajectory_init(&t, 0));
  for (size_t i = 0; i < c.cells; i++) {
    most = fmax(most, t.u[c.cells + i]);
    before += t.u[c.cells + i] > 0.1 ? 1.0 / (double)c.cells : 0.0;
  }
  CU_ASSERT_DOUBLE_EQUAL(most, 0.360147, 1e-4); /* clusters reach everywhere a little */
  advance(&t, 1000.0);
  for (size_t i = 0; i < c.cells; i++) {
    after += t.u[c.cells + i] > 0.1 ? 1.0 / (double)c.cells : 0.0;
  }
  CU_ASSERT(before > 0.8 && after < 0.95 * before && after > 0.2);
  mpp_trajectory_close(&t);
}

/* While patterns have not grown the roundings. */
static void mirror_images_stay_mirror_images_for_a_time(void)
{
  enum { N = 33 };
  mpp_pde_case c;
  mpp_trajectory a = opened(&c, N, NULL), b = opened(&c, N, NULL);
  const size_t count = 2 * c.cells;
  double worst = 0.0;
  REQUIRE_OK(mpp_trajectory_init(&a, 1));
  for (size_t i = 0; i < count; i++) { b.u[i - i % N + (N - 1 - i % N)] = a.u[i]; }
  advance(&a, 100.0);
  advance(&b, 100.0);
  for (size_t i = 0; i < count; i++) {
    worst = fmax(worst, fabs(b.u[i - i % N + (N - 1 - i % N)] - a.u[i]));
  }
  CU_ASSERT(worst < 1e-11); /* roundings of 1e-16 in 400 evaluations, rates of some 0.1 s-1 */
  mpp_trajectory_close(&a);
  mpp_trajectory_close(&b);
}

static void presets_are_the_published_sets(void)
{
  mpp_generate_options o = {.samples = 1};
  mpp_pde_case c;
  snprintf(o.preset, sizeof o.preset, "gray_scott_reaction_diffusion_maze_F_0.029_k_0.057");
  REQUIRE_OK(mpp_pde_case_make(&c, gs, &o));
  CU_ASSERT(c.frames == 1001 && c.setup.horizon == 10000.0 && c.setup.grid.n[1] == 128);
  CU_ASSERT(c.setup.param[0] == 2.0);
}

TESTS({"modes decay by diffusion and feed", modes_decay_by_diffusion_and_feed},
      {"uniform equilibria stay", uniform_equilibria_stay},
      {"reaction without feed keeps the sum", reaction_without_feed_keeps_the_sum},
      {"initial clusters are concentrations on any grid",
       initial_clusters_are_concentrations_on_any_grid},
      {"every regime keeps a pattern", every_regime_keeps_a_pattern},
      {"bubbles grow in what is full", bubbles_grow_in_what_is_full},
      {"mirror images stay mirror images for a time", mirror_images_stay_mirror_images_for_a_time},
      {"presets are the published sets", presets_are_the_published_sets})
