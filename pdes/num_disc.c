/* num_disc.c - a rectangle is cut at the axes, each piece mirrored into the first quadrant; there
 *   area = int_{x0}^{x1} min(max(sqrt(r^2 - x^2) - y0, 0), y1 - y0) dx,
 * a rectangle left of where the circle leaves through the top, then the area under an arc down to
 * the bottom, which is a trapezoid under the chord and a circular segment. */
#include "num_disc.h"

#include <math.h>

/* Area between the chord of length c and its arc. */
static double segment(double c, double r)
{
  const double half = 0.5 * c / r, angle = 2.0 * asin(half < 1.0 ? half : 1.0);
  return 0.5 * r * r * (angle - sin(angle));
}

static double height(double x, double r) { return x < r ? sqrt((r - x) * (r + x)) : 0.0; }

static double clamp(double x, double low, double high) { return fmin(fmax(x, low), high); }

/* 0 <= x0 <= x1, 0 <= y0 <= y1 */
static double first_quadrant(double x0, double x1, double y0, double y1, double r)
{
  if (height(x0, r) <= y0) {
    return 0.0;
  }
  const double left = clamp(height(y1, r), x0, x1);  /* up to here the circle is above the top */
  const double right = clamp(height(y0, r), x0, x1); /* from here on it is below the bottom */
  const double a = height(left, r), b = height(right, r);
  const double trapezoid = (right - left) * (0.5 * (a + b) - y0);
  return (left - x0) * (y1 - y0) + trapezoid + segment(hypot(right - left, a - b), r);
}

/* The pieces of [y0, y1] above and below the x axis; 0 <= x0. */
static double right_half(double x0, double x1, double y0, double y1, double r)
{
  const double above = y1 > 0.0 ? first_quadrant(x0, x1, fmax(y0, 0.0), y1, r) : 0.0;
  const double below = y0 < 0.0 ? first_quadrant(x0, x1, fmax(-y1, 0.0), -y0, r) : 0.0;
  return above + below;
}

double mpp_disc_area(double x0, double x1, double y0, double y1, double r)
{
  const double right = x1 > 0.0 ? right_half(fmax(x0, 0.0), x1, y0, y1, r) : 0.0;
  const double left = x0 < 0.0 ? right_half(fmax(-x1, 0.0), -x0, y0, y1, r) : 0.0;
  return right + left;
}
