/* test_safetensors_write.c - what is written is read back, and nothing half-written stays. */
#include "test.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "safetensors.h"

static float a[6];
static double b[3] = {1.0, -0.0, 1e300};
static int64_t c[1] = {INT64_MIN};

static const mpp_tensor tensors[] = {{"w", MPP_F32, 2, {2, 3}, a},
                                     {"empty", MPP_F32, 3, {2, 0, 3}, NULL},
                                     {"m", MPP_F64, 1, {3}, b},
                                     {"step", MPP_I64, 0, {0}, c}};
static const mpp_pair meta[] = {{"format", "pt"}, {"note", "\"gr\xc3\xbcn\"\n\t\\ \x01"}};

static mpp_status put(const char *path)
{
  test_fill(a, 6, 1);
  return mpp_tensors_write(path, tensors, 4, meta, 2);
}

static void everything_comes_back(void)
{
  mpp_tensor_file *f = NULL;
  const char *path = test_path(0, "all.safetensors");
  REQUIRE_OK(put(path));
  REQUIRE_OK(mpp_tensors_read(&f, path));
  CU_ASSERT_EQUAL(mpp_tensors_count(f), 4);
  for (size_t i = 0; i < 4; i++) {
    const mpp_tensor *t = mpp_tensors_find(f, tensors[i].name);
    CU_ASSERT_PTR_NOT_NULL_FATAL(t);
    CU_ASSERT(t->dtype == tensors[i].dtype && t->rank == tensors[i].rank);
    CU_ASSERT_EQUAL(memcmp(t->shape, tensors[i].shape, t->rank * sizeof *t->shape), 0);
    const size_t size = mpp_tensor_elements(t) * (t->dtype == MPP_F32 ? 4 : 8);
    CU_ASSERT(size == 0 || memcmp(t->data, tensors[i].data, size) == 0);
  }
  CU_ASSERT_STRING_EQUAL(mpp_tensors_meta(f, "note"), meta[1].text);
  CU_ASSERT_EQUAL(mpp_tensors_meta_count(f), 3);
  CU_ASSERT_STRING_EQUAL(mpp_tensors_meta_at(f, 0).key, "format");
  CU_ASSERT_STRING_EQUAL(mpp_tensors_meta_at(f, 2).key, "mpp_digest");
  CU_ASSERT_PTR_NULL(mpp_tensors_meta_at(f, 3).key);
  mpp_tensors_free(f);
}

static void data_lie_at_multiples_of_their_size(void)
{
  uint64_t header = 0;
  const char *path = test_path(0, "aligned.safetensors");
  REQUIRE_OK(put(path));
  FILE *f = fopen(path, "rb");
  CU_ASSERT_FATAL(f != NULL && fread(&header, 8, 1, f) == 1);
  fclose(f);
  CU_ASSERT_EQUAL((header + 8) % 64, 0);
  mpp_tensor_file *read = NULL;
  REQUIRE_OK(mpp_tensors_read(&read, path));
  /* Types of 8 bytes come first. */
  CU_ASSERT_STRING_EQUAL(mpp_tensors_at(read, 0)->name, "m");
  CU_ASSERT_STRING_EQUAL(mpp_tensors_at(read, 1)->name, "step");
  mpp_tensors_free(read);
}

static void a_digest_does_not_depend_on_the_order(void)
{
  mpp_tensor_file *f = NULL, *g = NULL;
  const mpp_tensor turned[] = {tensors[3], tensors[1], tensors[0], tensors[2]};
  /* The digest of another file, as one gets when metadata are passed on, is replaced. */
  const mpp_pair turned_meta[] = {meta[1], {"mpp_digest", "xxh3-128:0"}, meta[0]};
  REQUIRE_OK(put(test_path(0, "one.safetensors")));
  REQUIRE_OK(mpp_tensors_write(test_path(1, "two.safetensors"), turned, 4, turned_meta, 3));
  REQUIRE_OK(mpp_tensors_read(&f, test_path(0, "one.safetensors")));
  REQUIRE_OK(mpp_tensors_read(&g, test_path(1, "two.safetensors")));
  CU_ASSERT_STRING_EQUAL(mpp_tensors_meta(f, "mpp_digest"), mpp_tensors_meta(g, "mpp_digest"));
  mpp_tensors_free(f);
  mpp_tensors_free(g);
}

/* Digest of a file of one tensor. */
static void digest_of(char out[64], const mpp_tensor *t)
{
  mpp_tensor_file *f = NULL;
  REQUIRE_OK(mpp_tensors_write(test_path(0, "digest.safetensors"), t, 1, NULL, 0));
  REQUIRE_OK(mpp_tensors_read(&f, test_path(0, "digest.safetensors")));
  snprintf(out, 64, "%s", mpp_tensors_meta(f, "mpp_digest"));
  mpp_tensors_free(f);
}

static void a_digest_depends_on_name_type_shape_and_data(void)
{
  static double other[3] = {1.0, 0.0, 1e300}; /* another zero */
  const mpp_tensor variants[] = {{"w", MPP_F64, 2, {3, 1}, b}, {"v", MPP_F64, 2, {3, 1}, b},
                                 {"w", MPP_I64, 2, {3, 1}, b}, {"w", MPP_F64, 2, {1, 3}, b},
                                 {"w", MPP_F64, 1, {3}, b},    {"w", MPP_F64, 2, {3, 1}, other}};
  char first[64], digest[64];
  digest_of(first, &variants[0]);
  CU_ASSERT_EQUAL(strlen(first), strlen("xxh3-128:") + 32);
  for (size_t i = 1; i < sizeof variants / sizeof *variants; i++) {
    digest_of(digest, &variants[i]);
    CU_ASSERT_STRING_NOT_EQUAL(first, digest);
  }
}

static void what_cannot_be_named_is_refused(void)
{
  const char *path = test_path(0, "refused.safetensors");
  const mpp_tensor twice[] = {tensors[0], tensors[0]};
  const mpp_tensor latin1 = {"gr\xfcn", MPP_F32, 1, {1}, a};
  const mpp_pair same[] = {{"k", "1"}, {"k", "2"}}, bad = {"k", "gr\xfcn"};
  ASSERT_STATUS(mpp_tensors_write(path, twice, 2, NULL, 0), MPP_ERR_INTERNAL);
  ASSERT_MESSAGE("two tensors 'w'");
  ASSERT_STATUS(mpp_tensors_write(path, &latin1, 1, NULL, 0), MPP_ERR_INTERNAL);
  ASSERT_STATUS(mpp_tensors_write(path, NULL, 0, same, 2), MPP_ERR_INTERNAL);
  ASSERT_STATUS(mpp_tensors_write(path, NULL, 0, &bad, 1), MPP_ERR_INTERNAL);
  CU_ASSERT_NOT_EQUAL(access(path, F_OK), 0);
  ASSERT_STATUS(mpp_tensors_write(test_path(1, "no/such"), tensors, 4, NULL, 0), MPP_ERR_EXISTS);
}

static bool temporary_left(void)
{
  char command[700];
  snprintf(command, sizeof command, "test -z \"$(find '%s' -name '*.tmp-*')\"", test_path(7, ""));
  return system(command) != 0;
}

static void a_failed_write_keeps_the_old_file_and_leaves_no_other(void)
{
  const char *path = test_path(0, "kept.safetensors");
  const mpp_tensor old = {"old", MPP_F64, 1, {3}, b};
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    mpp_tensor_file *f = NULL;
    REQUIRE_OK(mpp_tensors_write(path, &old, 1, NULL, 0));
    TEST_FAULT(&faults, put(path));
    REQUIRE_OK(mpp_tensors_read(&f, path)); /* the old one or, renamed already, the new one */
    mpp_tensors_free(f);
    CU_ASSERT_FALSE(temporary_left());
  }
  CU_ASSERT(faults.failed >= 25);
}

static void a_full_disk_keeps_the_old_file(void)
{
  const struct rlimit small = {100, RLIM_INFINITY};
  struct rlimit before;
  mpp_tensor_file *f = NULL;
  const char *path = test_path(0, "full.safetensors");
  REQUIRE_OK(put(path));
  signal(SIGXFSZ, SIG_IGN);
  CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_FSIZE, &before), 0);
  CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_FSIZE, &small), 0);
  const mpp_status st = put(path);
  CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_FSIZE, &before), 0);
  CU_ASSERT_EQUAL(st, MPP_ERR_IO);
  ASSERT_OK(mpp_tensors_read(&f, path));
  mpp_tensors_free(f);
  CU_ASSERT_FALSE(temporary_left());
}

TESTS({"everything comes back", everything_comes_back},
      {"data lie at multiples of their size", data_lie_at_multiples_of_their_size},
      {"a digest does not depend on the order", a_digest_does_not_depend_on_the_order},
      {"a digest depends on name, type, shape and data",
       a_digest_depends_on_name_type_shape_and_data},
      {"what cannot be named is refused", what_cannot_be_named_is_refused},
      {"a failed write keeps the old file and leaves no other",
       a_failed_write_keeps_the_old_file_and_leaves_no_other},
      {"a full disk keeps the old file", a_full_disk_keeps_the_old_file})
