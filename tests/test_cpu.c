/* test_cpu.c - the level of the processor is asked for once, and can be lowered. */
#include "cpu.h"

#include "gemm_kernel.h"
#include "test.h"

static void the_environment_lowers_the_level(void)
{
  const mpp_gemm_kernel *kernels[MPP_GEMM_KERNELS];
  CU_ASSERT_EQUAL_FATAL(setenv("MPP_CPU_LEVEL", "2", 1), 0);
  CU_ASSERT_EQUAL(mpp_cpu_level(), 2); /* whatever this processor is */
  CU_ASSERT(!mpp_cpu_has_bf16());
  CU_ASSERT_EQUAL(unsetenv("MPP_CPU_LEVEL"), 0);
  CU_ASSERT_EQUAL(mpp_cpu_level(), 2); /* once and for all */
  mpp_gemm_kernels(kernels);
  CU_ASSERT_PTR_EQUAL(kernels[0], &mpp_gemm_blas);
  CU_ASSERT_PTR_NULL(kernels[1]);
  CU_ASSERT_PTR_NULL(mpp_gemm_bf16_kernel());
}

TESTS({"the environment lowers the level", the_environment_lowers_the_level})
