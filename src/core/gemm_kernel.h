/* gemm_kernel.h - the kernels that gemm.c chooses from: serial products as described in gemm.h, and
 * how to cut them into tiles. */
#ifndef MPP_GEMM_KERNEL_H
#define MPP_GEMM_KERNEL_H

#include "gemm.h"

/* Tiles of C, row by row of tiles. */
typedef struct mpp_gemm_tiling {
  size_t rows, columns; /* of a tile */
  size_t across, count; /* tiles in a row of tiles, tiles in all */
} mpp_gemm_tiling;

typedef struct mpp_gemm_kernel {
  const char *name;
  void (*run)(const mpp_gemm_product *p);
  /* Either tiles that threads run each for itself, or how threads work on a product together. */
  mpp_gemm_tiling (*tiling)(size_t m, size_t n, size_t k, size_t threads);
  void (*run_on)(const mpp_gemm_product *p, int threads);
} mpp_gemm_kernel;

#if defined(__x86_64__)
extern const mpp_gemm_kernel mpp_gemm_avx512, mpp_gemm_avx2, mpp_gemm_bf16;
#endif
extern const mpp_gemm_kernel mpp_gemm_blas;

/* The kernels that this processor has, fastest first; NULL after the last. */
enum { MPP_GEMM_KERNELS = 4 };
void mpp_gemm_kernels(const mpp_gemm_kernel *list[MPP_GEMM_KERNELS]);

/* The one with operands rounded to bfloat16, or NULL where the processor has none. */
const mpp_gemm_kernel *mpp_gemm_bf16_kernel(void);

/* A product by `kernel`, cut into tiles that all threads work on. */
void mpp_gemm_run_with(const mpp_gemm_kernel *kernel, const mpp_gemm_product *p);

static inline float mpp_gemm_row_gain(const mpp_gemm_product *p, size_t i)
{
  return p->sample_gain == NULL ? 1.0f
                                : p->sample_gain[(p->first_row + i) / p->sample_rows % p->samples];
}

static inline size_t mpp_gemm_parts(size_t extent, size_t width)
{
  return (extent + width - 1) / width;
}

#endif
