/* test_torch_write.c - what is written for PyTorch comes back; the end-to-end test reads it by
 * Python's own unpickler. */
#include <unistd.h>

#include "test.h"
#include "torch_file.h"

static const float a[6] = {1, 2, 3, 4, 5, 6}, b[1] = {-0.5F};
static const mpp_tensor tensors[] = {
    {.name = "blocks.0.weight", .dtype = MPP_F32, .rank = 2, .shape = {2, 3}, .data = a},
    {.name = "scalar", .dtype = MPP_F32, .rank = 0, .data = b}};

static void what_is_written_is_read(void)
{
  const char *path = test_path(0, "out.pt");
  mpp_tensor_file *f = NULL;
  REQUIRE_OK(mpp_torch_write(path, tensors, 2));
  REQUIRE_OK(mpp_torch_read(&f, path));
  CU_ASSERT_EQUAL(mpp_tensors_count(f), 2);
  const mpp_tensor *t = mpp_tensors_find(f, "blocks.0.weight");
  CU_ASSERT_PTR_NOT_NULL_FATAL(t);
  CU_ASSERT(t->rank == 2 && t->shape[0] == 2 && t->shape[1] == 3);
  CU_ASSERT_EQUAL(memcmp(t->data, a, sizeof a), 0);
  t = mpp_tensors_find(f, "scalar");
  CU_ASSERT(t != NULL && t->rank == 0 && *(const float *)t->data == -0.5F);
  mpp_tensors_free(f);
}

static void a_failure_leaves_a_whole_file(void)
{
  const char *path = test_path(0, "kept.pt");
  REQUIRE_OK(mpp_torch_write(path, tensors, 1));
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    mpp_tensor_file *f = NULL;
    const mpp_status st = TEST_FAULT(&faults, mpp_torch_write(path, tensors, 2));
    REQUIRE_OK(mpp_torch_read(&f, path));
    /* the old one or the new one, whole: a folder that cannot be synced fails after the rename */
    CU_ASSERT(mpp_tensors_count(f) == 2 || (st != MPP_OK && mpp_tensors_count(f) == 1));
    mpp_tensors_free(f);
  }
  CU_ASSERT(faults.failed >= 5);
}

static void a_folder_that_is_not_there_is_named(void)
{
  ASSERT_STATUS(mpp_torch_write(test_path(0, "missing/out.pt"), tensors, 2), MPP_ERR_IO);
  ASSERT_MESSAGE("missing/out.pt");
}

TESTS({"what is written is read", what_is_written_is_read},
      {"a failure leaves a whole file", a_failure_leaves_a_whole_file},
      {"a folder that is not there is named", a_folder_that_is_not_there_is_named})
