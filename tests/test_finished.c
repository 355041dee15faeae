/* test_finished.c - the same command again, with --resume, after a dataset got its name. */
#include "finished.h"

#include <sys/stat.h>
#include <unistd.h>

#include "test.h"

static mpp_generate_options options_for(const char *output)
{
  mpp_generate_options o;
  REQUIRE_OK(mpp_options_defaults(&o, mpp_generate_table));
  snprintf(o.output, sizeof o.output, "%s", output);
  o.samples = 2;
  o.resolution = 16;
  o.frames = 3;
  o.seed = 7;
  o.resume = true;
  return o;
}

static void count(void *context, size_t done, size_t total)
{
  (void)done;
  (void)total;
  ++*(size_t *)context;
}

static bool same_file(const struct stat *a, const char *path)
{
  struct stat b;
  return stat(path, &b) == 0 && a->st_ino == b.st_ino && a->st_mtim.tv_sec == b.st_mtim.tv_sec &&
         a->st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

static void what_is_finished_stays(void)
{
  mpp_generate_options o = options_for(test_path(0, "done.h5"));
  struct stat whole;
  size_t calls = 0;
  unlink(o.output);
  REQUIRE_OK(mpp_generate(&mpp_pde_swe, &o, count, &calls));
  CU_ASSERT_EQUAL(calls, 2);
  CU_ASSERT_EQUAL_FATAL(stat(o.output, &whole), 0);
  REQUIRE_OK(mpp_generate(&mpp_pde_swe, &o, count, &calls));
  CU_ASSERT(calls == 2 && same_file(&whole, o.output));
  o.threads = 2; /* bits do not depend on it */
  ASSERT_OK(mpp_generate(&mpp_pde_swe, &o, count, &calls));
  CU_ASSERT(calls == 2 && same_file(&whole, o.output));
  o.overwrite = true;
  ASSERT_OK(mpp_generate(&mpp_pde_swe, &o, count, &calls));
  CU_ASSERT_EQUAL(calls, 4);
}

/* Any other dataset is in the way, as without --resume. */
static void what_was_made_otherwise_is_in_the_way(void)
{
  static const struct {
    long samples, resolution, frames, seed;
    const char *setting;
  } other[] = {{3, 16, 3, 7, ""}, {2, 32, 3, 7, ""},          {2, 16, 4, 7, ""},
               {2, 16, 3, 8, ""}, {2, 16, 3, 7, "gravity=2"}, {1, 16, 3, 7, ""}};
  const char *path = test_path(0, "other.h5");
  mpp_generate_options o = options_for(path);
  struct stat whole;
  unlink(path);
  REQUIRE_OK(mpp_generate(&mpp_pde_swe, &o, NULL, NULL));
  CU_ASSERT_EQUAL_FATAL(stat(path, &whole), 0);
  for (size_t i = 0; i < sizeof other / sizeof other[0]; i++) {
    mpp_generate_options p = options_for(path);
    p.samples = other[i].samples;
    p.resolution = other[i].resolution;
    p.frames = other[i].frames;
    p.seed = other[i].seed;
    if (other[i].setting[0] != '\0') {
      p.set.count = 1;
      snprintf(p.set.item[0], sizeof p.set.item[0], "%s", other[i].setting);
    }
    ASSERT_STATUS(mpp_generate(&mpp_pde_swe, &p, NULL, NULL), MPP_ERR_EXISTS);
    ASSERT_MESSAGE("other.h5: exists already");
  }
  ASSERT_STATUS(mpp_generate(&mpp_pde_diffusion_reaction, &o, NULL, NULL), MPP_ERR_EXISTS);
  o.resume = false;
  ASSERT_STATUS(mpp_generate(&mpp_pde_swe, &o, NULL, NULL), MPP_ERR_EXISTS);
  CU_ASSERT(same_file(&whole, path));
}

static void what_is_no_dataset_is_in_the_way(void)
{
  const char *path = test_path(0, "text.h5");
  mpp_generate_options o = options_for(path);
  REQUIRE_OK(mpp_write_text(path, "mine"));
  ASSERT_STATUS(mpp_generate(&mpp_pde_swe, &o, NULL, NULL), MPP_ERR_EXISTS);
  snprintf(o.output, sizeof o.output, "%s", MPP_TEST_DATA "/formats/plain.h5");
  ASSERT_STATUS(mpp_generate(&mpp_pde_swe, &o, NULL, NULL), MPP_ERR_EXISTS);
}

static void every_fallible_call_may_fail(void)
{
  mpp_generate_options o = options_for(test_path(0, "faults.h5"));
  unlink(o.output);
  REQUIRE_OK(mpp_generate(&mpp_pde_swe, &o, NULL, NULL));
  test_faults faults = {.each = 60, .stride = 1, .passes = 8};
  while (test_faults_next(&faults)) {
    const mpp_status st = TEST_FAULT(&faults, mpp_generate(&mpp_pde_swe, &o, NULL, NULL));
    CU_ASSERT(st == MPP_OK || st == MPP_ERR_NOMEM || st == MPP_ERR_EXISTS || st == MPP_ERR_IO);
  }
  CU_ASSERT(faults.failed > 5);
}

TESTS({"what is finished stays", what_is_finished_stays},
      {"what was made otherwise is in the way", what_was_made_otherwise_is_in_the_way},
      {"what is no dataset is in the way", what_is_no_dataset_is_in_the_way},
      {"every fallible call may fail", every_fallible_call_may_fail})
