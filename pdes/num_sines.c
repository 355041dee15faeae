/* num_sines.c - initial profiles of PDEBench's advection, Burgers, reaction-diffusion and 1D
 * compressible flow (Takamoto et al., NeurIPS 2022). */
#include "num_sines.h"

#include <assert.h>
#include <math.h>

#include "rng.h"

enum { PICKS = 2 };

static const double absolute_probability = 0.1, edge_width = 0.01;
static const double left_low = 0.1, left_high = 0.45, right_low = 0.55, right_high = 0.9;

/* ---- draws ---- */

/* Places of the draws from `first` on. */
enum { PICK, AMPLITUDE = 2, PHASE = 10, ABSOLUTE = 18, SIGN, WINDOW, LEFT, RIGHT };
_Static_assert((int)RIGHT < (int)MPP_SINES_DRAWS, "a profile keeps to its draws");

mpp_sines mpp_sines_draw(int modes, double window_probability, uint64_t seed, uint64_t sample,
                         uint32_t first)
{
  mpp_sines s = {.modes = modes};
  assert(modes > 0 && modes <= MPP_SINES_MAX_MODES);
#define MPP_DRAW_(place) mpp_rng_uniform(seed, MPP_STREAM_PDE, sample, first + (uint32_t)(place))
  for (uint32_t i = 0; i < PICKS; i++) {
    const uint64_t pick =
        mpp_rng_below(seed, MPP_STREAM_PDE, sample, first + PICK + i, (uint64_t)modes);
    s.waves[pick] += (double)(pick + 1);
  }
  for (int i = 0; i < modes; i++) {
    s.amplitude[i] = MPP_DRAW_(AMPLITUDE + i);
    s.phase[i] = 2.0 * M_PI * MPP_DRAW_(PHASE + i);
  }
  s.absolute = MPP_DRAW_(ABSOLUTE) < absolute_probability;
  s.sign = MPP_DRAW_(SIGN) < 0.5 ? 1.0 : -1.0;
  s.window = MPP_DRAW_(WINDOW) < window_probability;
  s.left = left_low + (left_high - left_low) * MPP_DRAW_(LEFT);
  s.right = right_low + (right_high - right_low) * MPP_DRAW_(RIGHT);
#undef MPP_DRAW_
  return s;
}

mpp_sines mpp_sines_draw_released(int modes, double window_probability, mpp_threefry_key key,
                                  uint32_t rows, uint32_t row)
{
  static const float two_pi = (float)(2.0 * M_PI);
  const mpp_threefry_key shape = mpp_threefry_next(key, 1), cut = mpp_threefry_next(key, 2);
  const float whole[2] = {(float)(1.0 - absolute_probability), (float)absolute_probability};
  const float open[2] = {(float)(1.0 - window_probability), (float)window_probability};
  const uint32_t all = rows * (uint32_t)modes, at = row * (uint32_t)modes;
  mpp_sines s = {.modes = modes};
  assert(modes > 0 && modes <= MPP_SINES_MAX_MODES && row < rows);
  for (uint32_t i = 0; i < PICKS; i++) {
    const int32_t pick = mpp_threefry_randint(key, PICKS * row + i, PICKS * rows, 0, modes);
    s.waves[pick] += pick + 1;
  }
  for (uint32_t i = 0; i < (uint32_t)modes; i++) {
    s.amplitude[i] = (double)mpp_threefry_uniform(key, at + i, all, 0.0F, 1.0F);
    s.phase[i] = (double)(two_pi * mpp_threefry_uniform(shape, at + i, all, 0.0F, 1.0F));
  }
  s.absolute = mpp_threefry_choice(shape, row, rows, whole, 2) == 1;
  s.sign = mpp_threefry_randint(shape, row, rows, 0, 2) == 0 ? 1.0 : -1.0;
  s.window = mpp_threefry_choice(cut, row, rows, open, 2) == 1;
  s.left = (double)mpp_threefry_uniform(cut, row, rows, (float)left_low, (float)left_high);
  s.right = (double)mpp_threefry_uniform(cut, row, rows, (float)right_low, (float)right_high);
  return s;
}

/* ---- values ---- */

/* The sum, before anything is done to it. */
static double sum_at(const mpp_sines *s, const mpp_sines_axis *axis, double x)
{
  const double turn = 2.0 * M_PI * (x - axis->low) / ((double)axis->n * axis->dx);
  double sum = 0.0;
  for (int i = 0; i < s->modes; i++) {
    sum += s->amplitude[i] * sin(s->waves[i] * turn + s->phase[i]);
  }
  return sum;
}

/* The window and its images one period to both sides, whose tails keep it periodic. */
static double window_at(const mpp_sines *s, const mpp_sines_axis *axis, double x)
{
  const double period = (double)axis->n * axis->dx;
  const double y = x - period * floor((x - axis->low) / period);
  double m = 0.0;
  for (int image = -1; image <= 1; image++) {
    const double z = y + image * period;
    m += 0.5 * (tanh((z - s->left) / edge_width) - tanh((z - s->right) / edge_width));
  }
  return m;
}

double mpp_sines_at(const mpp_sines *s, const mpp_sines_axis *axis, double x)
{
  const double sum = sum_at(s, axis, x);
  return s->sign * (s->absolute ? fabs(sum) : sum) * (s->window ? window_at(s, axis, x) : 1.0);
}

/* Integral over [a, b] by four Gauss points. */
static double gauss(const mpp_sines *s, const mpp_sines_axis *axis, double a, double b)
{
  static const double point[2] = {0.3399810435848563, 0.8611363115940526};
  static const double weight[2] = {0.3260725774312731, 0.1739274225687269};
  const double middle = 0.5 * (a + b), half = 0.5 * (b - a);
  double sum = 0.0;
  for (int q = 0; q < 2; q++) {
    const double low = mpp_sines_at(s, axis, middle - half * point[q]);
    const double high = mpp_sines_at(s, axis, middle + half * point[q]);
    sum += weight[q] * (low + high);
  }
  return sum * (b - a);
}

/* The same, cut where the sum changes sign and its absolute value has a kink. */
static double integral(const mpp_sines *s, const mpp_sines_axis *axis, double a, double b)
{
  const double first = sum_at(s, axis, a);
  if (!s->absolute || first * sum_at(s, axis, b) >= 0.0) {
    return gauss(s, axis, a, b);
  }
  double below = a, above = b;
  for (int i = 0; i < 48; i++) {
    const double middle = 0.5 * (below + above);
    const bool same = first * sum_at(s, axis, middle) > 0.0;
    below = same ? middle : below;
    above = same ? above : middle;
  }
  return gauss(s, axis, a, below) + gauss(s, axis, below, b);
}

void mpp_sines_averages(double *u, const mpp_sines *s, const mpp_sines_axis *axis, double shift)
{
  /* Panels that resolve the shortest wave and the edges of a window. */
  const double wave = (double)axis->n * axis->dx / 64.0, edge = 0.25 * edge_width;
  const double panel = s->window && edge < wave ? edge : wave;
  const size_t panels = (size_t)ceil(axis->dx / panel);
  const double h = axis->dx / (double)panels;
  for (size_t i = 0; i < axis->n; i++) {
    const double a = axis->low + (double)i * axis->dx - shift;
    double sum = 0.0;
    for (size_t p = 0; p < panels; p++) {
      sum += integral(s, axis, a + (double)p * h, a + (double)(p + 1) * h);
    }
    u[i] = sum / axis->dx;
  }
}

void mpp_sines_released(float *u, const mpp_sines *s, const mpp_sines_axis *axis)
{
  const float low = (float)axis->low, dx = (float)axis->dx;
  const float first = low + 0.5F * dx, last = low + ((float)axis->n - 0.5F) * dx;
  const float two_pi = (float)(2.0 * M_PI), period = last - first, width = (float)edge_width;
  for (size_t i = 0; i < axis->n; i++) {
    const float x = low + ((float)i + 0.5F) * dx;
    float sum = 0.0F;
    for (int k = 0; k < s->modes; k++) {
      sum += (float)s->amplitude[k] *
             sinf(two_pi * (float)s->waves[k] / period * x + (float)s->phase[k]);
    }
    sum = (float)s->sign * (s->absolute ? fabsf(sum) : sum);
    if (s->window) {
      sum *= 0.5F * (tanhf((x - (float)s->left) / width) - tanhf((x - (float)s->right) / width));
    }
    u[i] = sum;
  }
}

void mpp_sines_normalise(double *u, size_t n)
{
  double low = u[0], high = u[0];
  for (size_t i = 1; i < n; i++) {
    low = u[i] < low ? u[i] : low;
    high = u[i] > high ? u[i] : high;
  }
  for (size_t i = 0; i < n; i++) { u[i] = high > low ? (u[i] - low) / (high - low) : 0.0; }
}
