/* short_float.h - numbers of 16 bits in files: IEEE float16 and bfloat16. */
#ifndef MPP_SHORT_FLOAT_H
#define MPP_SHORT_FLOAT_H

#include <stdint.h>

float mpp_float_of_f16(uint16_t bits);
float mpp_float_of_bf16(uint16_t bits);

/* To the nearest, ties to even; infinite where that is beyond the largest finite one (65504 of
 * float16, 3.39e38 of bfloat16). NaN stays one. */
uint16_t mpp_f16_of_float(float value);
uint16_t mpp_bf16_of_float(float value);

#endif
