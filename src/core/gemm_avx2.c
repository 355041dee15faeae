/* gemm_avx2.c - products for processors with AVX2 and FMA: 4 x 24 sums in 12 of 16 registers. */
#if defined(__x86_64__)

#define MPP_GEMM_ROWS 4
#include "gemm_panel.h"

_Static_assert(MPP_LANES == 8, "compile with -march=x86-64-v3");

const mpp_gemm_kernel mpp_gemm_avx2 = {.name = "AVX2", .run = run_product, .tiling = panel_tiling};

#endif
