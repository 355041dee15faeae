/* Colours. */
#include "colormap.h"

#include "test.h"

/* Relative luminance as sRGB defines it; rises with lightness. */
static double luminance(const unsigned char rgb[3])
{
  static const double weight[3] = {0.2126, 0.7152, 0.0722};
  double sum = 0.0;
  for (int k = 0; k < 3; k++) { sum += weight[k] * pow(rgb[k] / 255.0, 2.2); }
  return sum;
}

/* Entries 0, 64, 128, 192 and 255 of the table in matplotlib 3.6; the polynomials are at most 3.3
 * of 255 off it. */
static void fields_have_the_colours_of_viridis(void)
{
  static const struct {
    int entry;
    unsigned char rgb[3];
  } table[] = {{0, {68, 1, 84}},
               {64, {59, 82, 139}},
               {128, {33, 145, 140}},
               {192, {94, 201, 98}},
               {255, {253, 231, 37}}};
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    unsigned char rgb[3];
    mpp_color(rgb, table[i].entry, 0.0, 255.0, false);
    for (int k = 0; k < 3; k++) { CU_ASSERT(abs(rgb[k] - table[i].rgb[k]) <= 4); }
  }
}

static void lightness_tells_the_order(void)
{
  double last = -1.0;
  for (int i = 0; i <= 50; i++) {
    unsigned char rgb[3];
    mpp_color(rgb, i, 0.0, 50.0, false);
    CU_ASSERT(luminance(rgb) > last);
    last = luminance(rgb);
  }
}

static void signed_values_are_white_at_zero_and_darken_evenly_on_both_sides(void)
{
  unsigned char zero[3], low[3], high[3];
  mpp_color(zero, 0.0, -2.0, 2.0, true);
  CU_ASSERT(zero[0] > 240 && zero[1] > 240 && zero[2] > 240);
  double last = luminance(zero);
  for (int i = 1; i <= 20; i++) {
    mpp_color(low, -0.1 * i, -2.0, 2.0, true);
    mpp_color(high, 0.1 * i, -2.0, 2.0, true);
    CU_ASSERT(low[2] > low[0] && high[0] > high[2]);
    CU_ASSERT(luminance(low) < last && luminance(high) < last);
    /* equal Oklab lightness, which is not quite luminance */
    CU_ASSERT(fabs(luminance(low) - luminance(high)) < 0.06);
    last = fmin(luminance(low), luminance(high)) + 0.06;
  }
}

static void values_outside_have_the_colour_of_the_end(void)
{
  unsigned char inside[3], outside[3];
  for (int side = 0; side < 2; side++) {
    mpp_color(inside, side, 0.0, 1.0, false);
    mpp_color(outside, side == 0 ? -9.0 : 9.0, 0.0, 1.0, false);
    CU_ASSERT_EQUAL(memcmp(inside, outside, 3), 0);
  }
}

static void missing_values_are_grey_and_no_range_is_no_failure(void)
{
  unsigned char rgb[3];
  mpp_color(rgb, NAN, 0.0, 1.0, false);
  CU_ASSERT(rgb[0] == 200 && rgb[1] == 200 && rgb[2] == 200);
  mpp_color(rgb, 3.0, 3.0, 3.0, true);
  CU_ASSERT(rgb[0] > 240 && rgb[2] > 240);
}

TESTS({"fields have the colours of viridis", fields_have_the_colours_of_viridis},
      {"lightness tells the order", lightness_tells_the_order},
      {"signed values are white at zero and darken evenly on both sides",
       signed_values_are_white_at_zero_and_darken_evenly_on_both_sides},
      {"values outside have the colour of the end", values_outside_have_the_colour_of_the_end},
      {"missing values are grey and no range is no failure",
       missing_values_are_grey_and_no_range_is_no_failure})
