/* test_main.c - runs the tests of one program; fails when one fails, when none ran, and when a test
 * leaves allocations behind. */
#include "test.h"

#include <CUnit/Basic.h>
#include <locale.h>
#include <unistd.h>

#include "rng.h"

/* Stands for that of the system, in the libraries too: the files of tests are many and need not
 * outlive the machine, and a disk takes milliseconds for each. What comes of a failure is
 * mpp_fault's matter. */
MPP_API int fsync(int fd)
{
  (void)fd;
  return 0;
}

static char folder[256];

static void remove_folder(void)
{
  char command[300];
  snprintf(command, sizeof command, "rm -rf '%s'", folder);
  if (system(command) != 0) {
    fprintf(stderr, "could not remove %s\n", folder);
  }
}

const char *test_path(int slot, const char *name)
{
  static char paths[8][512];
  if (folder[0] == '\0') {
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/mpp-test-XXXXXX", base != NULL ? base : "/tmp");
    if (mkdtemp(folder) == NULL) {
      perror(folder);
      exit(1);
    }
    atexit(remove_folder);
  }
  snprintf(paths[slot], sizeof paths[slot], "%s/%s", folder, name);
  return paths[slot];
}

void test_fill(float *x, size_t n, uint64_t seed)
{
  for (size_t i = 0; i < n; i++) {
    x[i] = (float)(2.0 * mpp_rng_uniform(seed, MPP_STREAM_INIT, i, 77) - 1.0);
  }
}

double test_relative_error(const float *a, const float *b, size_t n)
{
  double difference = 0.0, norm = 0.0;
  for (size_t i = 0; i < n; i++) {
    difference += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
    norm += (double)b[i] * b[i];
  }
  return norm > 0.0 ? sqrt(difference / norm) : (difference > 0.0 ? HUGE_VAL : 0.0);
}

bool test_faults_next(test_faults *f)
{
  enum { MOST = 20000 };
  if (f->trials == 0) {
    f->live = mpp_alloc_live();
    return true;
  }
  CU_ASSERT_FATAL(f->ran);
  f->ran = false;
  const long live = mpp_alloc_live();
  if (live < f->live || live > f->live + f->kept) {
    fprintf(stderr, "\ntrial %ld: %ld blocks in use, expected %ld\n", f->trials, live, f->live);
    CU_FAIL("blocks in use");
  }
  if (f->passed > f->passes) {
    printf("(%ld of %ld failed) ", f->failed, f->trials);
    CU_ASSERT(f->trials > f->passed);
    return false;
  }
  CU_ASSERT_FATAL(f->trials < MOST); /* it succeeds at last */
  return true;
}

void test_fault_begin(test_faults *f)
{
  mpp_fault_after(f->call);
  f->call += f->trials++ < f->each || f->stride == 0 ? 1 : f->stride;
}

mpp_status test_fault_end(test_faults *f, mpp_status status)
{
  /* A process of its own that looks at a file has a count of its own. */
  f->passed = mpp_fault_left() >= 0 && status == MPP_OK ? f->passed + 1 : 0;
  mpp_fault_after(-1);
  f->ran = true;
  f->status = status;
  f->failed += status != MPP_OK;
  return status;
}

/* A locale of the environment, as programs that use the library may set it. */
static bool set_locale(void)
{
  const char *wanted = getenv("MPP_TEST_LOCALE");
  if (wanted == NULL) {
    return true;
  }
  const bool set = setlocale(LC_NUMERIC, wanted) != NULL && *localeconv()->decimal_point == ',';
  if (!set) {
    fprintf(stderr, "locale %s: not there, or without a decimal comma\n", wanted);
  }
  return set;
}

static int count_live(void)
{
  const long live = mpp_alloc_live();
  if (live != 0) {
    fprintf(stderr, "%ld allocations were not freed\n", live);
  }
  return live != 0;
}

int main(void)
{
  unsigned failed = 1, ran = 0;
  if (!set_locale() || CU_initialize_registry() != CUE_SUCCESS) {
    return 1;
  }
  CU_pSuite suite = CU_add_suite(test_entries[0].name, NULL, NULL);
  for (const test_entry *e = test_entries; suite != NULL && e->name != NULL; e++) {
    if (CU_add_test(suite, e->name, e->run) == NULL) {
      fprintf(stderr, "%s: %s\n", e->name, CU_get_error_msg());
      return 1;
    }
  }
  CU_basic_set_mode(CU_BRM_VERBOSE);
  if (CU_basic_run_tests() == CUE_SUCCESS) {
    failed = CU_get_number_of_failures();
    ran = CU_get_number_of_tests_run();
  }
  CU_cleanup_registry();
  const int leaked = count_live();
  return failed != 0 || ran == 0 || leaked != 0;
}
