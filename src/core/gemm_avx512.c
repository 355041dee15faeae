/* gemm_avx512.c - products for processors with AVX-512: 8 x 48 sums in 24 of 32 registers. */
#if defined(__x86_64__)

#define MPP_GEMM_ROWS 8
#include "gemm_panel.h"

_Static_assert(MPP_LANES == 16, "compile with -march=x86-64-v4");

const mpp_gemm_kernel mpp_gemm_avx512 = {
    .name = "AVX-512", .run = run_product, .tiling = panel_tiling};

#endif
