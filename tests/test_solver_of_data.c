/* test_solver_of_data.c - the settings that a file says are those that it was made with. */
#include "solver_of_data.h"

#include "generated.h"
#include "seeded_file.h"

static mpp_generate_options made, found;

/* A file of `solver` with settings; its own options make the same trajectory to the bit. */
static void expect_same(const char *solver, const char *set, const char *boundary, bool compat)
{
  const char *path = test_path(0, "data.h5");
  const mpp_pde *pde = NULL;
  mpp_dataset *d = NULL;
  size_t shape[5];
  generated_options(&made, path, 2, 3);
  made.pdebench_compat = compat;
  made.horizon = 0.02;
  if (set != NULL) {
    snprintf(made.set.item[made.set.count++], MPP_TEXT_MAX, "%s", set);
  }
  snprintf(made.boundary, sizeof made.boundary, "%s", boundary);
  REQUIRE_OK(mpp_generate(mpp_pde_find(solver), &made, NULL, NULL));
  REQUIRE_OK(mpp_dataset_open(&d, path, NULL));
  REQUIRE_OK(mpp_solver_of_data(&pde, &found, path, mpp_dataset_get_info(d)));
  CU_ASSERT_STRING_EQUAL(mpp_pde_name(pde), solver);
  CU_ASSERT(found.seed == made.seed && found.frames == 3 && found.resolution == 16);
  CU_ASSERT(found.pdebench_compat == compat);
  REQUIRE_OK(mpp_pde_trajectory_shape(shape, pde, &found));
  const size_t n = shape[0] * shape[1] * shape[2] * shape[3] * shape[4];
  float *a = malloc(n * sizeof *a), *b = malloc(n * sizeof *b);
  REQUIRE_OK(mpp_pde_trajectory(a, pde, &made, 1));
  REQUIRE_OK(mpp_pde_trajectory(b, pde, &found, 1));
  CU_ASSERT_EQUAL(memcmp(a, b, n * sizeof *a), 0);
  free(a);
  free(b);
  mpp_dataset_close(d);
}

static void settings_come_back_from_files_of_groups(void)
{
  expect_same("swe", "gravity=2.5", "x=wall,y=wall", false);
  expect_same("diffusion-reaction", NULL, "", true);
}

static void settings_come_back_from_files_of_arrays(void)
{
  expect_same("cns-2d", NULL, "", false);
  expect_same("gray-scott", NULL, "", false);
}

static void other_files_are_refused(void)
{
  static const size_t seeds[] = {1, 2};
  const char *path = test_path(0, "data.h5");
  const mpp_pde *pde = NULL;
  mpp_dataset *d = NULL;
  seeded_file(path, seeds, 2, NULL);
  REQUIRE_OK(mpp_dataset_open(&d, path, NULL));
  ASSERT_STATUS(mpp_solver_of_data(&pde, &found, path, mpp_dataset_get_info(d)), MPP_ERR_DATA);
  ASSERT_MESSAGE("was not made by a built-in solver");
  mpp_dataset_close(d);
}

TESTS({"settings come back from files of groups", settings_come_back_from_files_of_groups},
      {"settings come back from files of arrays", settings_come_back_from_files_of_arrays},
      {"other files are refused", other_files_are_refused})
