/* test_frames.c - frames of a solver are those of the dataset that it generates. */
#include "frames.h"

#include "test.h"

enum { N = 16, FRAMES = 8, FRAME = N * N };

static void a_solver_stands_for_its_dataset(void)
{
  static mpp_generate_options o;
  const mpp_pde *pde = NULL;
  const mpp_generate_options *own = NULL;
  mpp_frames *solver = NULL, *data = NULL;
  mpp_reader *a = NULL, *b = NULL;
  static const size_t order[] = {0, 1, 5, 5, 2, 7};
  float x[FRAME], y[FRAME];
  double t[FRAMES], u[FRAMES], p[N], q[N];
  size_t computed = 0;
  REQUIRE_OK(mpp_pde_parse(&pde, &o, "swe,resolution=16,frames=8,seed=3"));
  o.samples = 3;
  o.threads = 1;
  o.overwrite = true;
  snprintf(o.output, sizeof o.output, "%s", test_path(0, "frames.h5"));
  REQUIRE_OK(mpp_generate(pde, &o, NULL, NULL));
  REQUIRE_OK(mpp_frames_open(&solver, "solver:swe,resolution=16,frames=8,seed=3", "", NULL));
  REQUIRE_OK(mpp_frames_open(&data, o.output, "", NULL));
  const mpp_dataset_info *s = mpp_frames_info(solver), *d = mpp_frames_info(data);
  CU_ASSERT(s->nframes == d->nframes && s->nfields == d->nfields);
  CU_ASSERT_STRING_EQUAL(s->field[0], d->field[0]);
  CU_ASSERT(memcmp(s->grid, d->grid, sizeof s->grid) == 0 &&
            memcmp(s->boundary, d->boundary, sizeof s->boundary) == 0);
  CU_ASSERT(mpp_frames_dataset(solver) == NULL && mpp_frames_dataset(data) != NULL);
  CU_ASSERT(mpp_frames_solver(solver, &own) == pde && own->seed == 3);
  CU_ASSERT(mpp_frames_solver(data, &own) == NULL && own == NULL);
  REQUIRE_OK(mpp_reader_open(&a, solver, 2));
  REQUIRE_OK(mpp_reader_open(&b, data, 2));
  for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
    REQUIRE_OK(mpp_reader_read(a, x, order[i]));
    REQUIRE_OK(mpp_reader_read(b, y, order[i]));
    CU_ASSERT_EQUAL(memcmp(x, y, sizeof x), 0);
  }
  CU_ASSERT(mpp_reader_seconds(a, &computed) > 0.0);
  CU_ASSERT_EQUAL(computed, 5 + 7); /* 1 to 5, and again from the start to 7 */
  CU_ASSERT(mpp_reader_seconds(b, &computed) == 0.0 && computed == 0);
  REQUIRE_OK(mpp_frames_times(solver, t, 2));
  REQUIRE_OK(mpp_frames_times(data, u, 2));
  for (size_t i = 0; i < FRAMES; i++) { CU_ASSERT_DOUBLE_EQUAL(t[i], u[i], 1e-7); } /* float32 */
  for (int axis = 1; axis < 3; axis++) {
    REQUIRE_OK(mpp_frames_coordinates(solver, p, axis));
    REQUIRE_OK(mpp_frames_coordinates(data, q, axis));
    for (size_t i = 0; i < N; i++) { CU_ASSERT_DOUBLE_EQUAL(p[i], q[i], 1e-6); } /* float32 */
  }
  ASSERT_STATUS(mpp_reader_read(a, x, FRAMES), MPP_ERR_USAGE);
  mpp_reader_close(a);
  mpp_reader_close(mpp_reader_share(b));
  REQUIRE_OK(mpp_reader_read(b, y, 0)); /* still in use */
  mpp_reader_close(b);
  mpp_frames_close(solver);
  mpp_frames_close(data);
}

static void boundaries_of_solvers_stand_in_their_settings(void)
{
  mpp_frames *f = NULL;
  ASSERT_STATUS(mpp_frames_open(&f, "solver:swe,resolution=16", "x=periodic", NULL), MPP_ERR_USAGE);
  ASSERT_MESSAGE("--boundary is for datasets");
  ASSERT_STATUS(mpp_frames_open(&f, "solver:nothing", "", NULL), MPP_ERR_USAGE);
  CU_ASSERT_PTR_NULL(f);
}

TESTS({"a solver stands for its dataset", a_solver_stands_for_its_dataset},
      {"boundaries of solvers stand in their settings",
       boundaries_of_solvers_stand_in_their_settings})
