/* cpu.h - what the processor at hand can do, asked once at run time. */
#ifndef MPP_CPU_H
#define MPP_CPU_H

#include <stdbool.h>

/* Levels of x86-64 that kernels are compiled for: 4 is AVX-512, 3 AVX2 and FMA, 2 what every build
 * may use. On other processors it is 2. The environment variable MPP_CPU_LEVEL lowers it, so that
 * machines of different levels give the same bits. */
int mpp_cpu_level(void);

bool mpp_cpu_has_bf16(void); /* AVX512_BF16, at level 4 */

#endif
