#include <unistd.h>

#include "h5.h"
#include "mpp/threads.h"
#include "pde_case.h"
#include "test.h"

static mpp_generate_options o;

static void reset(const char *path)
{
  o = (mpp_generate_options){.samples = 5, .resolution = 16, .frames = 4, .seed = 7};
  snprintf(o.output, sizeof o.output, "%s", path);
}

/* Options that any system takes: three dimensions are dear, a steady state has one frame. */
static void reset_for(const mpp_pde *pde, const char *path)
{
  reset(path);
  o.resolution = mpp_pde_get_defaults(pde).dimensions == 3 ? 8 : 16;
  o.frames = pde->steady ? 1 : 4;
  o.horizon = pde->steady ? 0.0 : 0.125 * pde->horizon;
}

static void generate(const mpp_pde *pde) { REQUIRE_OK(mpp_generate(pde, &o, NULL, NULL)); }

/* All frames of a file, owned by the caller. */
static float *contents(const char *path, size_t *count)
{
  mpp_dataset *d = NULL;
  float *x = NULL;
  REQUIRE_OK(mpp_dataset_open(&d, path, NULL));
  const mpp_dataset_info *i = mpp_dataset_get_info(d);
  const size_t each = i->nframes * i->nfields * i->grid[0] * i->grid[1] * i->grid[2];
  *count = i->ntrajectories * each;
  REQUIRE_OK(MPP_ALLOC(&x, *count));
  for (size_t t = 0; t < i->ntrajectories; t++) {
    REQUIRE_OK(mpp_dataset_read(d, x + t * each, t, 0, i->nframes));
  }
  mpp_dataset_close(d);
  return x;
}

/* What the file says of the system, its axes and times. */
static void check_description(const mpp_pde *pde, const char *path)
{
  mpp_dataset *d = NULL;
  double times[4], x[16];
  REQUIRE_OK(mpp_dataset_open(&d, path, NULL));
  const mpp_dataset_info *i = mpp_dataset_get_info(d);
  const size_t frames = pde->steady ? 1 : 4;
  CU_ASSERT_STRING_EQUAL(i->system, pde->label);
  CU_ASSERT_STRING_EQUAL(i->layout, pde->layout != NULL ? pde->layout : "pdebench-groups");
  CU_ASSERT_EQUAL(i->ntrajectories, 5);
  CU_ASSERT_EQUAL(i->nframes, frames);
  CU_ASSERT_EQUAL(i->nfields, pde->nstored);
  for (size_t f = 0; f < pde->nstored; f++) {
    CU_ASSERT_STRING_EQUAL(mpp_field_short(i->field[f]), pde->field[f]);
  }
  for (int a = 0; a < 3; a++) {
    CU_ASSERT_STRING_EQUAL(i->axis[a], pde->axis[a]);
    if (pde->axis[a][0] != '\0') {
      CU_ASSERT_EQUAL(i->boundary[a], pde->edge[a] == MPP_EDGE_PERIODIC ? MPP_PERIODIC : MPP_OPEN);
    }
  }
  REQUIRE_OK(mpp_dataset_times(d, times, 4));
  CU_ASSERT_DOUBLE_EQUAL(times[frames - 1], o.horizon, 1e-6 * o.horizon); /* in float32 */
  REQUIRE_OK(mpp_dataset_coordinates(d, x, 2));
  mpp_pde_case c;
  REQUIRE_OK(mpp_pde_case_make(&c, pde, &o));
  CU_ASSERT_DOUBLE_EQUAL(x[0], mpp_pde_case_coordinate(&c, 2, 0), 1e-5); /* same; KS is wide */
  mpp_dataset_close(d);
}

static void the_readers_read_what_was_computed(void)
{
  for (size_t p = 0; mpp_pde_at(p) != NULL; p++) {
    const mpp_pde *pde = mpp_pde_at(p);
    const char *path = test_path(0, pde->name);
    reset_for(pde, path);
    generate(pde);
    check_description(pde, path);
    size_t count = 0, different = 0;
    float *stored = contents(path, &count), *computed = NULL;
    REQUIRE_OK(MPP_ALLOC(&computed, count / 5));
    REQUIRE_OK(mpp_pde_trajectory(computed, pde, &o, 3));
    for (size_t k = 0; k < count / 5; k++) {
      different += computed[k] != stored[3 * count / 5 + k];
    }
    CU_ASSERT_EQUAL(different, 0);
    mpp_free(stored);
    mpp_free(computed);
  }
}

static size_t different_values(const char *path, const char *other)
{
  size_t count = 0, expected = 0, different = 0;
  float *a = contents(path, &expected), *b = contents(other, &count);
  CU_ASSERT_EQUAL_FATAL(count, expected);
  for (size_t k = 0; k < count; k++) { different += a[k] != b[k]; }
  mpp_free(a);
  mpp_free(b);
  return different;
}

/* Fewer threads than samples, and more. */
static void files_do_not_depend_on_the_threads(void)
{
  static const long threads[] = {3, 8};
  for (size_t p = 0; mpp_pde_at(p) != NULL; p++) {
    reset_for(mpp_pde_at(p), test_path(0, "one.h5"));
    o.overwrite = true;
    o.threads = 1;
    generate(mpp_pde_at(p));
    for (size_t k = 0; k < sizeof threads / sizeof threads[0]; k++) {
      reset_for(mpp_pde_at(p), test_path(1, "many.h5"));
      o.overwrite = true;
      o.threads = threads[k];
      generate(mpp_pde_at(p));
      CU_ASSERT_EQUAL(different_values(test_path(0, "one.h5"), test_path(1, "many.h5")), 0);
    }
  }
}

static void a_sample_depends_on_seed_and_index_alone(void)
{
  size_t few = 0, many = 0, different = 0;
  reset(test_path(0, "many.h5"));
  o.overwrite = true;
  generate(&mpp_pde_swe);
  reset(test_path(1, "few.h5"));
  o.samples = 2;
  generate(&mpp_pde_swe);
  float *a = contents(test_path(0, "many.h5"), &many), *b = contents(test_path(1, "few.h5"), &few);
  CU_ASSERT_EQUAL(2 * many, 5 * few);
  for (size_t k = 0; k < few; k++) { different += a[k] != b[k]; }
  CU_ASSERT_EQUAL(different, 0);
  different = 0;
  for (size_t k = 0; k < few / 2; k++) { different += b[k] != b[few / 2 + k]; }
  CU_ASSERT(different > 0);
  mpp_free(a);
  mpp_free(b);
}

/* Text of an attribute, in a buffer of its own. */
static const char *attribute(const char *path, const char *object, const char *name)
{
  static char text[8192];
  char *found = NULL;
  hid_t file = -1;
  REQUIRE_OK(mpp_h5_open(&file, path));
  REQUIRE_OK(mpp_h5_attribute_text(&found, file, path, object, name));
  snprintf(text, sizeof text, "%s", found);
  mpp_free(found);
  mpp_h5_close(file);
  return text;
}

static double number_after(const char *text, const char *key)
{
  const char *at = strstr(text, key);
  CU_ASSERT_PTR_NOT_NULL(at);
  return at != NULL ? strtod(at + strlen(key), NULL) : NAN;
}

static void samples_carry_their_provenance(void)
{
  const char *path = test_path(0, "stamped.h5");
  REQUIRE_OK(mpp_h5_init());
  reset(path);
  o.set = (mpp_text_list){.count = 1, .item = {"gravity=1.5"}};
  o.horizon = 0.3;
  generate(&mpp_pde_swe);
  const char *text = attribute(path, "/0003", "config");
  CU_ASSERT_EQUAL(number_after(text, "gravity: "), 1.5);
  CU_ASSERT_EQUAL(number_after(text, "inner_height: "), 2.0);
  CU_ASSERT_EQUAL(number_after(text, "\nseed: "), 7.0);
  CU_ASSERT_EQUAL(number_after(text, "\nsample: "), 3.0);
  CU_ASSERT(number_after(text, "\nradius: ") >= 0.3);
  CU_ASSERT(number_after(text, "\nsteps: ") >= 3.0);
  CU_ASSERT(number_after(text, "\ndrift_mass: ") < 1e-13); /* no wave at the edge yet */
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "mode: default"));
  CU_ASSERT_PTR_NOT_NULL(strstr(text, MPP_VERSION));
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "Roe"));
}

static void the_file_carries_the_worst_of_all(void)
{
  const char *path = test_path(0, "stamped2.h5");
  hid_t file = -1;
  double samples = 0.0, drift = -1.0, one = -1.0, steps = 0.0;
  REQUIRE_OK(mpp_h5_init());
  reset(path);
  o.pdebench_compat = true;
  generate(&mpp_pde_swe);
  CU_ASSERT_STRING_EQUAL(attribute(path, "/", "mode"), "pdebench-compat");
  CU_ASSERT_STRING_EQUAL(attribute(path, "/", "solver"), "swe");
  REQUIRE_OK(mpp_h5_open(&file, path));
  REQUIRE_OK(mpp_h5_attribute_f64(&samples, file, path, "/", "samples"));
  REQUIRE_OK(mpp_h5_attribute_f64(&drift, file, path, "/", "drift_mass"));
  REQUIRE_OK(mpp_h5_attribute_f64(&steps, file, path, "/", "steps"));
  mpp_h5_close(file);
  CU_ASSERT_EQUAL(samples, 5.0);
  double worst = 0.0, all = 0.0;
  for (int i = 0; i < 5; i++) {
    char group[8];
    snprintf(group, sizeof group, "/%04d", i);
    const char *text = attribute(path, group, "config");
    one = number_after(text, "\ndrift_mass: ");
    worst = fmax(worst, one);
    all += number_after(text, "\nsteps: ");
  }
  CU_ASSERT_EQUAL(drift, worst);
  CU_ASSERT_EQUAL(steps, all);
}

static void files_are_not_replaced_unasked(void)
{
  reset(test_path(0, "kept.h5"));
  generate(&mpp_pde_swe);
  ASSERT_STATUS(mpp_generate(&mpp_pde_swe, &o, NULL, NULL), MPP_ERR_EXISTS);
  o.overwrite = true;
  generate(&mpp_pde_swe);
}

static void bad_options_are_refused_before_anything_is_written(void)
{
  reset("");
  ASSERT_STATUS(mpp_generate(&mpp_pde_swe, &o, NULL, NULL), MPP_ERR_USAGE);
  ASSERT_MESSAGE("--output");
  reset(test_path(0, "never.h5"));
  o.samples = 0;
  ASSERT_STATUS(mpp_generate(&mpp_pde_swe, &o, NULL, NULL), MPP_ERR_USAGE);
  ASSERT_MESSAGE("--samples");
  reset(test_path(0, "never.h5"));
  o.set = (mpp_text_list){.count = 1, .item = {"gravty=1"}};
  ASSERT_STATUS(mpp_generate(&mpp_pde_swe, &o, NULL, NULL), MPP_ERR_USAGE);
  ASSERT_MESSAGE("gravity");
  CU_ASSERT_NOT_EQUAL(access(test_path(0, "never.h5"), F_OK), 0);
}

/* A high column in a thin film: Roe's solver leaves a depth below zero beside it. */
static void a_diverged_sample_leaves_no_file(void)
{
  const char *path = test_path(0, "diverged.h5");
  reset(path);
  o.set = (mpp_text_list){.count = 2, .item = {"inner_height=100", "outer_height=0.001"}};
  o.threads = 2;
  ASSERT_STATUS(mpp_generate(&mpp_pde_swe, &o, NULL, NULL), MPP_ERR_DIVERGED);
  ASSERT_MESSAGE("swe: sample 0: the solution diverged at t = 0.");
  CU_ASSERT_NOT_EQUAL(access(path, F_OK), 0);
}

static void count_any_calls(void *context, size_t done, size_t total)
{
  (void)done;
  (void)total;
  ++*(size_t *)context;
}

/* A run that a failing disk stops keeps its samples; with `resume` it goes on. */
static void an_interrupted_run_is_continued(void)
{
  const char *path = test_path(0, "whole.h5");
  char partial[4096];
  size_t calls = 0;
  reset(path);
  o.threads = 1;
  generate(&mpp_pde_swe);
  reset(test_path(1, "broken.h5"));
  o.threads = 1;
  snprintf(partial, sizeof partial, "%s.partial", o.output);
  long n = 60;
  mpp_status st = MPP_OK;
  while (access(partial, F_OK) != 0 && n < 400) {
    mpp_fault_after(n += 5);
    st = mpp_generate(&mpp_pde_swe, &o, NULL, NULL);
    mpp_fault_after(-1);
  }
  CU_ASSERT(st != MPP_OK);
  CU_ASSERT_NOT_EQUAL(access(o.output, F_OK), 0);
  ASSERT_STATUS(mpp_generate(&mpp_pde_swe, &o, NULL, NULL), MPP_ERR_EXISTS);
  ASSERT_MESSAGE("--resume");
  o.resume = true;
  o.seed = 8;
  ASSERT_STATUS(mpp_generate(&mpp_pde_swe, &o, NULL, NULL), MPP_ERR_USAGE);
  ASSERT_MESSAGE("found 'seed=7', expected 'seed=8'");
  o.seed = 7;
  REQUIRE_OK(mpp_generate(&mpp_pde_swe, &o, count_any_calls, &calls));
  CU_ASSERT(calls < 5);
  CU_ASSERT_NOT_EQUAL(access(partial, F_OK), 0);
  CU_ASSERT_EQUAL(different_values(path, o.output), 0);
}

static void count_calls(void *context, size_t done, size_t total)
{
  size_t *calls = context;
  CU_ASSERT_EQUAL(total, 5);
  CU_ASSERT_EQUAL(done, ++*calls);
}

static void progress_is_reported_after_each_sample(void)
{
  size_t calls = 0;
  reset(test_path(0, "observed.h5"));
  o.threads = 2;
  REQUIRE_OK(mpp_generate(&mpp_pde_swe, &o, count_calls, &calls));
  CU_ASSERT_EQUAL(calls, 5);
}

static void the_table_fills_the_options(void)
{
  char *argv[] = {"generate", "-n",    "12",  "--resolution=64",   "--seed", "7",   "--set",
                  "Du=0.1",   "--set", "k=0", "--pdebench-compat", "-o",     "x.h5"};
  size_t nwords = 0;
  REQUIRE_OK(mpp_options_defaults(&o, mpp_generate_table));
  CU_ASSERT(o.samples == 1 && o.resolution == 0 && !o.overwrite && o.set.count == 0);
  REQUIRE_OK(mpp_options_parse(&o, mpp_generate_table, sizeof argv / sizeof argv[0], argv, NULL, 0,
                               &nwords));
  CU_ASSERT_EQUAL(o.samples, 12);
  CU_ASSERT_EQUAL(o.resolution, 64);
  CU_ASSERT_EQUAL(o.seed, 7);
  CU_ASSERT(o.pdebench_compat);
  CU_ASSERT_EQUAL(o.set.count, 2);
  CU_ASSERT_STRING_EQUAL(o.set.item[1], "k=0");
  CU_ASSERT_STRING_EQUAL(o.output, "x.h5");
}

TESTS({"the readers read what was computed", the_readers_read_what_was_computed},
      {"files do not depend on the threads", files_do_not_depend_on_the_threads},
      {"a sample depends on seed and index alone", a_sample_depends_on_seed_and_index_alone},
      {"samples carry their provenance", samples_carry_their_provenance},
      {"the file carries the worst of all", the_file_carries_the_worst_of_all},
      {"files are not replaced unasked", files_are_not_replaced_unasked},
      {"bad options are refused before anything is written",
       bad_options_are_refused_before_anything_is_written},
      {"a diverged sample leaves no file", a_diverged_sample_leaves_no_file},
      {"an interrupted run is continued", an_interrupted_run_is_continued},
      {"progress is reported after each sample", progress_is_reported_after_each_sample},
      {"the table fills the options", the_table_fills_the_options})
