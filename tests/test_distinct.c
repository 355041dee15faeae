/* test_distinct.c - digests of trajectories, and splits that keep equal ones together. */
#include "seeded_file.h"

static const size_t seeds[] = {7, 8, 7, 9, 8, 10, 10, 7, 9, 11};
enum { COUNT = sizeof seeds / sizeof seeds[0] };

static bool same(mpp_digest a, mpp_digest b) { return a.high == b.high && a.low == b.low; }

static void equal_trajectories_have_equal_digests(void)
{
  const char *path = test_path(0, "data.h5");
  mpp_dataset *d = NULL;
  mpp_digest digest[COUNT];
  seeded_file(path, seeds, COUNT, NULL);
  REQUIRE_OK(mpp_dataset_open(&d, path, NULL));
  for (size_t i = 0; i < COUNT; i++) { REQUIRE_OK(mpp_dataset_digest(&digest[i], d, i)); }
  for (size_t i = 0; i < COUNT; i++) {
    for (size_t k = 0; k < COUNT; k++) {
      CU_ASSERT_EQUAL(same(digest[i], digest[k]), seeds[i] == seeds[k]);
    }
  }
  mpp_dataset_close(d);
}

static void flip_last_bit(float *x, size_t n)
{
  uint32_t bits;
  memcpy(&bits, &x[SEEDED_ALL - 1], sizeof bits);
  bits ^= n == 1;
  memcpy(&x[SEEDED_ALL - 1], &bits, sizeof bits);
}

static void one_bit_makes_another_digest(void)
{
  static const size_t twice[] = {7, 7};
  const char *path = test_path(0, "data.h5");
  mpp_dataset *d = NULL;
  mpp_digest a, b;
  seeded_file(path, twice, 2, flip_last_bit);
  REQUIRE_OK(mpp_dataset_open(&d, path, NULL));
  REQUIRE_OK(mpp_dataset_digest(&a, d, 0));
  REQUIRE_OK(mpp_dataset_digest(&b, d, 1));
  CU_ASSERT(!same(a, b));
  mpp_dataset_close(d);
}

/* Seeds of the parts of a split; every trajectory reads what its place in the file says. */
static size_t seeds_of(size_t *out, mpp_dataset *d, mpp_split part)
{
  size_t first = 0, count = 0;
  mpp_dataset_split(d, part, &first, &count);
  for (size_t i = 0; i < count; i++) {
    float x[SEEDED_ALL], expected[SEEDED_ALL];
    size_t local = COUNT;
    CU_ASSERT_PTR_NOT_NULL(mpp_dataset_file(d, first + i, &local));
    CU_ASSERT_FATAL(local < COUNT);
    out[i] = seeds[local];
    seeded_values(expected, seeds[local]);
    REQUIRE_OK(mpp_dataset_read(d, x, first + i, 0, SEEDED_FRAMES));
    CU_ASSERT_EQUAL(memcmp(x, expected, sizeof x), 0);
  }
  return count;
}

static void a_distinct_split_keeps_equal_trajectories_on_one_side(void)
{
  const char *path = test_path(0, "data.h5");
  size_t part[3][COUNT], count[3], shared[2] = {0, 0};
  seeded_file(path, seeds, COUNT, NULL);
  for (int distinct = 0; distinct < 2; distinct++) {
    const mpp_dataset_options o = {.train = 0.6, .valid = 0.2, .distinct = distinct == 1};
    mpp_dataset *d = NULL;
    REQUIRE_OK(mpp_dataset_open(&d, path, &o));
    for (int p = 0; p < 3; p++) { count[p] = seeds_of(part[p], d, (mpp_split)p); }
    CU_ASSERT_EQUAL(count[0] + count[1] + count[2], COUNT);
    for (int p = 0; p < 3; p++) {
      for (int q = 0; q < p; q++) {
        for (size_t i = 0; i < count[p] * count[q]; i++) {
          shared[distinct] += part[p][i / count[q]] == part[q][i % count[q]];
        }
      }
    }
    for (size_t i = 0; i < COUNT; i++) {
      const size_t twin = mpp_dataset_twin(d, i);
      size_t a = 0, b = 0;
      (void)mpp_dataset_file(d, i, &a);
      (void)mpp_dataset_file(d, twin, &b);
      CU_ASSERT(twin <= i && seeds[a] == seeds[b] && (distinct == 1 || twin == i));
      for (size_t k = 0; distinct == 1 && k < twin; k++) { /* the first one */
        (void)mpp_dataset_file(d, k, &b);
        CU_ASSERT(seeds[a] != seeds[b]);
      }
    }
    mpp_dataset_close(d);
  }
  CU_ASSERT(shared[0] > 0 && shared[1] == 0);
  /* five groups: ceil(3), ceil(1) and one; seeds 7, 8, 9; 10; 11 */
  CU_ASSERT(count[0] == 7 && count[1] == 2 && count[2] == 1 && part[2][0] == 11);
}

static void fewer_are_taken_from_the_training_part_of_a_distinct_split(void)
{
  const mpp_dataset_options o = {
      .train = 0.6, .valid = 0.2, .max_trajectories = 2, .distinct = true};
  mpp_dataset *d = NULL;
  size_t first = 9, count = 9;
  seeded_file(test_path(0, "data.h5"), seeds, COUNT, NULL);
  REQUIRE_OK(mpp_dataset_open(&d, test_path(0, "data.h5"), &o));
  mpp_dataset_split(d, MPP_TRAIN, &first, &count);
  CU_ASSERT(first == 0 && count == 2);
  mpp_dataset_split(d, MPP_VALID, &first, &count);
  CU_ASSERT(first == 7 && count == 2);
  mpp_dataset_close(d);
}

static void every_fallible_call_may_fail(void)
{
  const mpp_dataset_options o = {.distinct = true};
  seeded_file(test_path(0, "data.h5"), seeds, COUNT, NULL);
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    mpp_dataset *d = NULL;
    const mpp_status st = TEST_FAULT(&faults, mpp_dataset_open(&d, test_path(0, "data.h5"), &o));
    CU_ASSERT((st == MPP_OK) == (d != NULL));
    mpp_dataset_close(d);
  }
}

TESTS({"equal trajectories have equal digests", equal_trajectories_have_equal_digests},
      {"one bit makes another digest", one_bit_makes_another_digest},
      {"a distinct split keeps equal trajectories on one side",
       a_distinct_split_keeps_equal_trajectories_on_one_side},
      {"fewer are taken from the training part of a distinct split",
       fewer_are_taken_from_the_training_part_of_a_distinct_split},
      {"every fallible call may fail", every_fallible_call_may_fail})
