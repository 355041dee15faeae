/* colormap.c - viridis (S. van der Walt, N. Smith; CC0) as the polynomials of degree 6 by M. Zucker
 * (CC0), at most 3.3 of 255 off its table; and blue - white - red on straight lines of lightness in
 * Oklab (B. Ottosson, 2020), hues 258 and 28 degrees, inside sRGB all the way. */
#include "colormap.h"

#include <math.h>

static unsigned char byte(double x)
{
  return (unsigned char)lround(255.0 * fmin(fmax(x, 0.0), 1.0));
}

static void viridis(unsigned char rgb[3], double t)
{
  static const double c[7][3] = {{0.2777273272234177, 0.005407344544966578, 0.3340998053353061},
                                 {0.1050930431085774, 1.404613529898575, 1.384590162594685},
                                 {-0.3308618287255563, 0.214847559468213, 0.09509516302823659},
                                 {-4.634230498983486, -5.799100973351585, -19.33244095627987},
                                 {6.228269936347081, 14.17993336680509, 56.69055260068105},
                                 {4.776384997670288, -13.74514537774601, -65.35303263337234},
                                 {-5.435455855934631, 4.645852612178535, 26.3124352495832}};
  for (int k = 0; k < 3; k++) {
    double sum = 0.0;
    for (int i = 7; i-- > 0;) { sum = sum * t + c[i][k]; }
    rgb[k] = byte(sum);
  }
}

static double srgb(double linear)
{
  return linear <= 0.0031308 ? 12.92 * linear : 1.055 * pow(linear, 1.0 / 2.4) - 0.055;
}

/* t from -1 (blue) over 0 (white) to 1 (red). */
static void blue_white_red(unsigned char rgb[3], double t)
{
  const double pi = 3.14159265358979323846, far = fabs(t);
  const double hue = (t < 0.0 ? 258.0 : 28.0) * pi / 180.0;
  const double chroma = 0.14 * sin(0.5 * pi * fmin(1.0, 1.25 * far));
  const double L = 0.98 - 0.58 * far, a = chroma * cos(hue), b = chroma * sin(hue);
  const double l = pow(L + 0.3963377774 * a + 0.2158037573 * b, 3.0),
               m = pow(L - 0.1055613458 * a - 0.0638541728 * b, 3.0),
               s = pow(L - 0.0894841775 * a - 1.2914855480 * b, 3.0);
  rgb[0] = byte(srgb(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s));
  rgb[1] = byte(srgb(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s));
  rgb[2] = byte(srgb(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s));
}

void mpp_color(unsigned char rgb[3], double value, double low, double high, bool diverging)
{
  if (!isfinite(value)) {
    rgb[0] = rgb[1] = rgb[2] = 200;
    return;
  }
  const double t = high > low ? fmin(fmax((value - low) / (high - low), 0.0), 1.0) : 0.5;
  if (diverging) {
    blue_white_red(rgb, 2.0 * t - 1.0);
  } else {
    viridis(rgb, t);
  }
}
