#include "cns_setup.h"
#include "test.h"

static void fill(int dims, int initial, bool compat)
{
  mpp_pde_setup s = cns_setup(dims, 12, initial, compat, 2031);
  const size_t cells = cns_cells(&s), d = (size_t)dims, count = (d + 2) * cells;
  double *u = NULL;
  s.param[dims == 1 ? (int)MPP_CNS_TEST : (int)MPP_CNS_M] = 1.0;
  if (dims == 2) {
    s.param[MPP_CNS_KH_DK] = 2.0;
  }
  if (dims == 3) {
    s.param[MPP_CNS_BLAST_RADIUS] = 0.2;
    s.param[MPP_CNS_BLAST_PRESSURE] = 10.0;
  }
  REQUIRE_OK(MPP_ALLOC(&u, count));
  for (size_t i = 0; i < count; i++) { u[i] = NAN; }
  ASSERT_OK(mpp_cns_init(u, &s, 1));
  for (size_t i = 0; i < count; i++) { CU_ASSERT(isfinite(u[i]) && (i < d * cells || u[i] > 0.0)); }
  mpp_free(u);
}

/* Each choice of each system fills all of u with finite values, positive density and pressure. */
static void each_choice_fills_the_state(void)
{
  static const int choices[4] = {0, 3, 5, 3};
  for (int dims = 1; dims <= 3; dims++) {
    for (int initial = 0; initial < choices[dims]; initial++) {
      fill(dims, initial, false);
      fill(dims, initial, true);
    }
  }
}

static void a_state_goes_into_one_cell(void)
{
  const mpp_pde_setup s = cns_setup(2, 8, 0, false, 0);
  double u[4 * 64] = {0.0};
  mpp_cns_set(u, &s, 9, &(mpp_cns_state){{1.0, 2.0}, 3.0, 4.0});
  CU_ASSERT(u[9] == 1.0 && u[64 + 9] == 2.0 && u[128 + 9] == 3.0 && u[192 + 9] == 4.0);
  CU_ASSERT_EQUAL(cns_mean(u, 256), 10.0 / 256.0);
}

static void notes_are_for_what_was_drawn(void)
{
  static const struct {
    int dims, initial;
    size_t notes;
  } known[] = {{1, MPP_CNS_1D_RANDOM, 0},    {1, MPP_CNS_1D_SHOCK, 7},
               {1, MPP_CNS_1D_RIEMANN, 0},   {2, MPP_CNS_2D_RANDOM, 5},
               {2, MPP_CNS_2D_TURBULENT, 0}, {2, MPP_CNS_2D_ORSZAG_TANG, 0},
               {3, MPP_CNS_3D_RANDOM, 5},    {3, MPP_CNS_3D_BLAST, 0}};
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    const mpp_pde_setup s = cns_setup(known[i].dims, 8, known[i].initial, false, 0);
    mpp_note notes[MPP_PDE_MAX_DETAILS];
    CU_ASSERT_EQUAL(mpp_cns_details(notes, &s, 0), known[i].notes);
  }
}

TESTS({"each choice fills the state", each_choice_fills_the_state},
      {"a state goes into one cell", a_state_goes_into_one_cell},
      {"notes are for what was drawn", notes_are_for_what_was_drawn})
