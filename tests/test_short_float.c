/* test_short_float.c - float16 and bfloat16 against the definition of their numbers. */
#include "short_float.h"
#include "test.h"

typedef float (*widener)(uint16_t);
typedef uint16_t (*rounder)(float);

/* All numbers of 16 bits come back; between two neighbours the nearer one is taken, and half-way
 * the one whose last bit is 0. `last`: the largest finite one. */
static void check_all(widener widen, rounder to_short, uint16_t last)
{
  size_t wrong = 0;
  for (uint32_t sign = 0; sign <= 0x8000; sign += 0x8000) {
    for (uint32_t b = 0; b <= last; b++) {
      const float here = widen((uint16_t)(sign | b)), next = widen((uint16_t)(sign | (b + 1)));
      wrong += to_short(here) != (sign | b);
      if (b == last) {
        break; /* the next one is infinite */
      }
      const float middle = 0.5F * here + 0.5F * next; /* exact: two bits more than 11 or 8 */
      const float below = nextafterf(middle, here), above = nextafterf(middle, next);
      wrong += to_short(middle) != (sign | (b + (b & 1u)));
      /* the least bfloat16 is float32's own, at whose middle there is no other number */
      wrong += below != middle && to_short(below) != (sign | b);
      wrong += above != middle && to_short(above) != (sign | (b + 1));
    }
    wrong += to_short(widen((uint16_t)(sign | (last + 1u)))) != (sign | (last + 1u));
  }
  CU_ASSERT_EQUAL(wrong, 0);
  CU_ASSERT(isinf(widen((uint16_t)(last + 1u))));
  CU_ASSERT(isnan(widen((uint16_t)(last + 2u))) && isnan(widen(to_short(NAN))));
}

static void float16_is_rounded_to_nearest_even(void)
{
  check_all(mpp_float_of_f16, mpp_f16_of_float, 0x7bff);
}

static void bfloat16_is_rounded_to_nearest_even(void)
{
  check_all(mpp_float_of_bf16, mpp_bf16_of_float, 0x7f7f);
}

/* Values by hand. */
static void bits_are_those_of_the_formats(void)
{
  CU_ASSERT_EQUAL(mpp_f16_of_float(1.0F), 0x3c00);
  CU_ASSERT_EQUAL(mpp_f16_of_float(-2.5F), 0xc100);
  CU_ASSERT_EQUAL(mpp_f16_of_float(0x1p-24F), 0x0001);
  CU_ASSERT_EQUAL(mpp_f16_of_float(0x1p-25F), 0x0000); /* half-way to 0, which is even */
  CU_ASSERT_EQUAL(mpp_f16_of_float(65504.0F), 0x7bff);
  CU_ASSERT_EQUAL(mpp_f16_of_float(65519.996F), 0x7bff);
  CU_ASSERT_EQUAL(mpp_f16_of_float(65520.0F), 0x7c00);
  CU_ASSERT_EQUAL(mpp_f16_of_float(-INFINITY), 0xfc00);
  CU_ASSERT_EQUAL(mpp_bf16_of_float(1.0F), 0x3f80);
  CU_ASSERT_EQUAL(mpp_bf16_of_float(-2.5F), 0xc020);
  CU_ASSERT_EQUAL(mpp_bf16_of_float(3.4e38F), 0x7f80);
  CU_ASSERT_EQUAL(mpp_bf16_of_float(0x1.01p0F), 0x3f80); /* half-way, 1 is even */
  CU_ASSERT_EQUAL(mpp_bf16_of_float(0x1.03p0F), 0x3f82);
  CU_ASSERT(mpp_float_of_f16(0x8000) == 0.0F && signbit(mpp_float_of_f16(0x8000)));
  CU_ASSERT(mpp_float_of_f16(0x03ff) == 1023.0F * 0x1p-24F);
}

TESTS({"float16 is rounded to nearest even", float16_is_rounded_to_nearest_even},
      {"bfloat16 is rounded to nearest even", bfloat16_is_rounded_to_nearest_even},
      {"bits are those of the formats", bits_are_those_of_the_formats})
