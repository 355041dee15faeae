/* test_pde_stream.c - a solver frame by frame: what is generated, to the bit, and from given frames
 * on. */
#include "test.h"

#include "mpp/pde.h"

enum { N = 32, FRAMES = 24, MOST = FRAMES * 4 * N * N };

static float all[MOST], one[4 * N * N];
static double line[3][N];

static mpp_pde_stream *open_stream(const char *spec, mpp_generate_options *o, const mpp_pde **pde)
{
  mpp_pde_stream *s = NULL;
  REQUIRE_OK(mpp_pde_parse(pde, o, spec));
  REQUIRE_OK(mpp_pde_stream_open(&s, *pde, o));
  return s;
}

static void frames_are_those_of_generated_files(void)
{
  static const char *const specs[] = {"swe,resolution=32,frames=24,seed=3",
                                      "wave,resolution=32,frames=24,seed=3,contrast=0.1",
                                      "diffusion-reaction,resolution=32,frames=24"};
  static mpp_generate_options o;
  for (size_t k = 0; k < 3; k++) {
    const mpp_pde *pde = NULL;
    mpp_pde_stream *s = open_stream(specs[k], &o, &pde);
    const mpp_dataset_info *info = mpp_pde_stream_info(s);
    const size_t frame = info->nfields * N * N;
    CU_ASSERT(info->nframes == FRAMES && info->grid[1] == N && info->grid[2] == N);
    for (uint64_t sample = 5; sample > 3; sample--) {
      REQUIRE_OK(mpp_pde_trajectory(all, pde, &o, sample));
      REQUIRE_OK(mpp_pde_stream_draw(s, sample));
      for (size_t t = 0; t < FRAMES; t++) {
        REQUIRE_OK(mpp_pde_stream_next(s, one));
        CU_ASSERT_EQUAL(memcmp(one, all + t * frame, frame * sizeof *one), 0);
      }
    }
    ASSERT_STATUS(mpp_pde_stream_next(s, one), MPP_ERR_USAGE);
    ASSERT_MESSAGE("there are no more frames");
    mpp_pde_stream_close(s);
  }
}

/* Largest error after `ahead` frames from frame `from` on, relative to the largest change in them;
 * `given` frames are handed over. */
static double error_after(const char *spec, const char *drawn, size_t from, size_t given,
                          size_t ahead)
{
  static mpp_generate_options o;
  const mpp_pde *pde = NULL;
  mpp_pde_stream *s = open_stream(spec, &o, &pde), *t = NULL;
  const mpp_dataset_info *info = mpp_pde_stream_info(s);
  const size_t frame = info->nfields * info->grid[1] * info->grid[2];
  double error = 0.0, change = 0.0;
  const double *coordinate[3] = {line[0], line[1], line[2]};
  REQUIRE_OK(mpp_pde_trajectory(all, pde, &o, 2));
  for (int a = 0; a < 3; a++) { mpp_pde_stream_coordinates(s, line[a], a); }
  const double interval = mpp_pde_stream_time(s, 1);
  REQUIRE_OK(mpp_pde_parse(&pde, &o, drawn));
  REQUIRE_OK(mpp_pde_stream_open_on(&t, pde, &o, info, coordinate, interval, FRAMES));
  REQUIRE_OK(mpp_pde_stream_draw(t, 2));
  REQUIRE_OK(mpp_pde_stream_continue(t, all + (from + 1 - given) * frame, given));
  for (size_t k = 0; k < ahead; k++) { REQUIRE_OK(mpp_pde_stream_next(t, one)); }
  for (size_t i = 0; i < frame; i++) {
    error = fmax(error, fabs((double)one[i] - (double)all[(from + ahead) * frame + i]));
    change =
        fmax(change, fabs((double)all[from * frame + i] - (double)all[(from + ahead) * frame + i]));
  }
  mpp_pde_stream_close(s);
  mpp_pde_stream_close(t);
  return error / change;
}

/* float32 frames have 6e-8 of their values, of which the change is a hundredth or more; steps are
 * cut at the frame that is handed over. */
static void a_state_that_is_all_in_a_frame_is_gone_on_from(void)
{
  CU_ASSERT(error_after("diffusion-reaction,resolution=32,frames=24,horizon=1",
                        "diffusion-reaction", 12, 1, 8) < 1e-4);
  CU_ASSERT(error_after("gray-scott,resolution=32,frames=24,horizon=400", "gray-scott", 12, 1, 8) <
            1e-4);
  CU_ASSERT(error_after("cns-2d,resolution=32,frames=24,horizon=0.5", "cns-2d", 12, 1, 4) < 1e-3);
  CU_ASSERT(error_after("burgers,resolution=32,frames=24,horizon=0.5", "burgers", 12, 1, 8) < 1e-3);
}

/* The speed of waves and the force are those that the sample was drawn with. */
static void fields_that_do_not_change_are_drawn(void)
{
  CU_ASSERT(error_after("wave,resolution=32,frames=24,horizon=0.5,seed=9", "wave,seed=9", 12, 1,
                        8) < 1e-4);
  CU_ASSERT(error_after("wave,resolution=32,frames=24,horizon=0.5,seed=9", "wave,seed=8", 12, 1,
                        8) > 1e-2);
  CU_ASSERT(error_after("ins-periodic,resolution=32,frames=24,horizon=1,seed=9",
                        "ins-periodic,seed=9", 12, 1, 8) < 1e-3);
}

/* A front of one cell's width stands where it stands to a fraction of a cell: errors of a few
 * hundredths. Water at rest would be wrong by as much as it changes. */
static void momentum_of_shallow_water_comes_from_its_depths(void)
{
  const double rest = error_after("swe,resolution=32,frames=24,seed=1", "swe", 12, 1, 6);
  const double known = error_after("swe,resolution=32,frames=24,seed=1", "swe", 12, 3, 6);
  CU_ASSERT(rest > 0.5);
  CU_ASSERT(known < 0.1);
}

/* Faces hold what means over two of them lose: waves of two cells. Measured 3.3e-3 of the change
 * over eight frames; means of neighbouring cells in the place of the inverse give 2.6e-2. */
static void velocities_of_cells_go_back_onto_faces(void)
{
  const char *spec = "ins,resolution=32,frames=24,horizon=0.1,seed=9";
  CU_ASSERT(error_after(spec, "ins,seed=9", 12, 1, 8) < 5e-3);
}

static void what_cannot_be_gone_on_from_is_said(void)
{
  static mpp_generate_options o;
  const mpp_pde *pde = NULL;
  mpp_pde_stream *s = open_stream("ins,resolution=32,frames=3", &o, &pde);
  ASSERT_STATUS(mpp_pde_stream_continue(s, all, 1), MPP_ERR_USAGE);
  ASSERT_MESSAGE("force_x is not known");
  mpp_pde_stream_close(s);
  s = open_stream("wave,resolution=32", &o, &pde);
  ASSERT_STATUS(mpp_pde_stream_continue(s, all, 1), MPP_ERR_USAGE);
  ASSERT_MESSAGE("c is not known");
  ASSERT_STATUS(mpp_pde_stream_next(s, one), MPP_ERR_USAGE);
  ASSERT_MESSAGE("no sample was drawn");
  mpp_pde_stream_close(s);
  s = open_stream("cns-2d,resolution=32", &o, &pde);
  for (size_t i = 0; i < 4 * N * N; i++) { one[i] = 1.0f; }
  one[3 * N * N + 2 * N + 5] = -0.25f;
  ASSERT_STATUS(mpp_pde_stream_continue(s, one, 1), MPP_ERR_DATA);
  ASSERT_MESSAGE("pressure in cell (x 2, y 5): found -0.25, expected a positive value");
  mpp_pde_stream_close(s);
}

static void grids_of_datasets_are_held_at_the_solvers(void)
{
  static mpp_generate_options o;
  const mpp_pde *pde = NULL;
  mpp_pde_stream *s = open_stream("cns-2d,resolution=32", &o, &pde), *t = NULL;
  mpp_dataset_info info = *mpp_pde_stream_info(s);
  const double *coordinate[3] = {line[0], line[1], line[2]};
  for (int a = 0; a < 3; a++) { mpp_pde_stream_coordinates(s, line[a], a); }
  ASSERT_OK(mpp_pde_stream_open_on(&t, pde, &o, &info, coordinate, 0.1, 4));
  mpp_pde_stream_close(t);
  line[1][3] += 0.01;
  ASSERT_STATUS(mpp_pde_stream_open_on(&t, pde, &o, &info, coordinate, 0.1, 4), MPP_ERR_USAGE);
  ASSERT_MESSAGE("axis x is not evenly spaced at cell 3");
  for (size_t i = 0; i < N; i++) { line[1][i] = 0.5 * line[2][i]; }
  ASSERT_STATUS(mpp_pde_stream_open_on(&t, pde, &o, &info, coordinate, 0.1, 4), MPP_ERR_USAGE);
  ASSERT_MESSAGE("are squares");
  info.boundary[1] = MPP_OPEN;
  ASSERT_STATUS(mpp_pde_stream_open_on(&t, pde, &o, &info,
                                       (const double *const[3]){line[0], line[2], line[2]}, 0.1, 4),
                MPP_ERR_USAGE);
  ASSERT_MESSAGE("axis x is open, but with the solver cns-2d it is periodic");
  snprintf(info.field[2], sizeof info.field[2], "compNS:rho");
  ASSERT_STATUS(mpp_pde_stream_open_on(&t, pde, &o, &info, coordinate, 0.1, 4), MPP_ERR_USAGE);
  ASSERT_MESSAGE("field 2 is 'rho', but that of the solver cns-2d is 'density'");
  CU_ASSERT_PTR_NULL(t);
  mpp_pde_stream_close(s);
}

static void balances_are_those_of_the_solver(void)
{
  static mpp_generate_options o;
  const mpp_pde *pde = NULL;
  mpp_pde_balance b;
  mpp_pde_stream *s = open_stream("cns-2d,resolution=32,gamma=1.5", &o, &pde);
  for (size_t i = 0; i < 4 * N * N; i++) { one[i] = i < 2 * N * N ? 0.5f : 2.0f; }
  mpp_pde_stream_balance(s, &b, one);
  CU_ASSERT(b.count == 4 && b.closed && strcmp(b.name[0], "mass") == 0);
  /* exact: sums of powers of two on the unit square */
  CU_ASSERT(b.value[0] == 2.0 && b.value[1] == 2.0 / 0.5 + 0.5 * 2.0 * 0.5 && b.value[2] == 1.0);
  mpp_pde_stream_close(s);
  s = open_stream("swe,resolution=32", &o, &pde);
  mpp_pde_stream_balance(s, &b, one);
  CU_ASSERT(b.count == 1 && !b.closed && b.value[0] == 0.5 * 25.0);
  mpp_pde_stream_close(s);
  s = open_stream("wave,resolution=32", &o, &pde);
  mpp_pde_stream_balance(s, &b, one);
  CU_ASSERT_EQUAL(b.count, 0); /* needs the speed of waves */
  REQUIRE_OK(mpp_pde_stream_draw(s, 0));
  mpp_pde_stream_balance(s, &b, one);
  CU_ASSERT_EQUAL(b.count, 1);
  mpp_pde_stream_close(s);
}

TESTS({"frames are those of generated files", frames_are_those_of_generated_files},
      {"a state that is all in a frame is gone on from",
       a_state_that_is_all_in_a_frame_is_gone_on_from},
      {"fields that do not change are drawn", fields_that_do_not_change_are_drawn},
      {"momentum of shallow water comes from its depths",
       momentum_of_shallow_water_comes_from_its_depths},
      {"velocities of cells go back onto faces", velocities_of_cells_go_back_onto_faces},
      {"what cannot be gone on from is said", what_cannot_be_gone_on_from_is_said},
      {"grids of datasets are held at the solver's", grids_of_datasets_are_held_at_the_solvers},
      {"balances are those of the solver", balances_are_those_of_the_solver})
