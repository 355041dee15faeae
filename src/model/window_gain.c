/* window_gain.c - the test of the network in the window, and the guard of its steps. */
#include "window_gain.h"

#include <math.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "threads.h"

/* Of mean squares of increments: 1.5 times their size, as in the choice of predictors. */
static const double most_growth = 2.25;

/* Errors grow by the square root of time to its square: between a random walk's and what a constant
 * force does; a test of few steps knows no better. */
static const double least_growth = 0.5, largest_growth = 2.0;

/* A short test does not tell errors apart that differ by less. */
static const double clear_difference = 0.95;

/* float32 resolves so much of the values: what is below is no error. */
static const double least_error = 1e-7;

size_t mpp_gain_steps(size_t T)
{
  const size_t quarter = T / 4 > 1 ? T / 4 : 1;
  return mpp_backtest_steps(T) == 0 ? 0 : quarter < MPP_GAIN_STEPS ? quarter : MPP_GAIN_STEPS;
}

static double mean_square_of_difference(const float *a, const float *b, size_t n)
{
  double sum = 0.0;
#pragma omp simd reduction(+ : sum)
  for (size_t i = 0; i < n; i++) {
    const double d = (double)a[i] - b[i];
    sum += d * d;
  }
  return sum / (double)n;
}

static double variance(const float *x, size_t n)
{
  double sum = 0.0, square = 0.0;
  const double origin = (double)x[0];
#pragma omp simd reduction(+ : sum, square)
  for (size_t i = 0; i < n; i++) {
    const double v = (double)x[i] - origin;
    sum += v;
    square += v * v;
  }
  return fmax(square / (double)n - sum / (double)n * (sum / (double)n), 0.0);
}

/* Means over the cells of one step. */
typedef struct products {
  double error, change, both; /* (t - y0)^2, (y1 - y0)^2, (t - y0) (y1 - y0) */
} products;

static products multiply(const float *y0, const float *y1, const float *truth, size_t n)
{
  double error = 0.0, change = 0.0, both = 0.0;
#pragma omp simd reduction(+ : error, change, both)
  for (size_t i = 0; i < n; i++) {
    const double e = (double)truth[i] - y0[i], c = (double)y1[i] - y0[i];
    error += e * e;
    change += c * c;
    both += e * c;
  }
  return (products){error / (double)n, change / (double)n, both / (double)n};
}

/* Error of y0 + g (y1 - y0) in standard deviations. */
static double error_at(const products *p, double g, double sd)
{
  const double square = p->error - 2.0 * g * p->both + g * g * p->change;
  return sd > 0.0 ? sqrt(fmax(square, 0.0)) / sd : 0.0;
}

mpp_field_gain mpp_field_gain_fit(const float *y0, const float *y1, const float *truth,
                                  size_t stride, size_t steps, size_t cells, double sd)
{
  products p[MPP_GAIN_STEPS] = {{0.0, 0.0, 0.0}};
  double both = 0.0, change = 0.0;
  for (size_t k = 0; k < steps; k++) {
    p[k] = multiply(y0 + k * stride, y1 + k * stride, truth + k * stride, cells);
    const double least = least_error * sd;
    const double by = 1.0 / fmax(p[k].error, fmax(least * least, 1e-300));
    both += by * p[k].both;
    change += by * p[k].change;
  }
  if (!isfinite(both) || !isfinite(change)) {
    return (mpp_field_gain){.gain = 0.0, .mean = INFINITY};
  }
  const double gain = change > 0.0 ? fmin(fmax(both / change, 0.0), 1.0) : 0.0;
  mpp_field_gain g = {.gain = gain, .error = error_at(&p[0], gain, sd), .growth = 1.0};
  for (size_t k = 0; k < steps; k++) {
    g.mean += log(fmax(error_at(&p[k], gain, sd), least_error)) / (double)steps;
  }
  g.mean = exp(g.mean);
  const double last = error_at(&p[steps - 1], gain, sd);
  if (steps > 1 && g.error > 0.0 && last > 0.0) {
    g.growth = fmin(fmax(log(last / g.error) / log((double)steps), least_growth), largest_growth);
  }
  return g;
}

/* ---- the two forecasts ---- */

typedef struct test {
  mpp_model *m;
  const float *x;            /* [T, B, fields, cells] */
  const unsigned char *mask; /* of x, or NULL */
  mpp_dims d;                /* of the whole window */
  mpp_window_shape shape;
  size_t steps, frame, made; /* floats of B fields cells, of B predicted cells */
  mpp_window_fit **head;     /* [B]: of the frames before the test, owned; NULL: not to be had */
  float *window;             /* [T, B, fields, cells]: those frames, and forecasts of the rest */
  float *base, *corrected, *real; /* [steps, B, predicted, cells]: by the base alone, with the
                                     network, and as it was; owned by `base` */
  unsigned char *hidden;          /* [cells] of a sample; NULL without a mask */
} test;

/* Sample b of the window, with its masked cells. */
static mpp_window sample_of(const test *t, size_t b)
{
  if (t->mask != NULL) {
    mpp_mask_cells(t->hidden, t->mask, b, &t->d);
  }
  return mpp_window_sample(t->x, b, &t->d, t->hidden);
}

/* Fits to the first frames. */
static mpp_status fit_heads(test *t, mpp_window_fit *const *fit)
{
  mpp_status st = MPP_OK;
  for (size_t b = 0; b < t->d.B; b++) {
    mpp_window w = sample_of(t, b);
    w.T = t->shape.T;
    MPP_TRY(mpp_window_fit_again(&t->head[b], fit[b], &w));
  }
done:
  return st;
}

/* Forecasts begin from there. */
static mpp_status begin_heads(test *t, bool calm)
{
  mpp_status st = MPP_OK;
  for (size_t b = 0; b < t->d.B; b++) {
    mpp_window w = sample_of(t, b);
    w.T = t->shape.T;
    if (t->head[b] != NULL) {
      MPP_TRY(mpp_window_fit_begin(t->head[b], &w));
      t->head[b]->calm = calm;
    }
  }
done:
  return st;
}

/* Step k of the forecasts by the predictors alone, which go along. */
static void keep_alone(test *t, size_t k)
{
  const size_t sample = t->made / t->d.B;
  for (size_t b = 0; b < t->d.B; b++) {
    if (t->head[b] != NULL) {
      memcpy(t->base + k * t->made + b * sample, t->head[b]->alone, sample * sizeof *t->base);
      mpp_window_fit_advance(t->head[b]);
    }
  }
}

/* Step k goes into the window, given fields as they were; masked cells have no error. */
static void keep_step(test *t, size_t k)
{
  const mpp_dims *d = &t->d;
  const size_t at = (t->shape.T + k) * t->frame, cells = d->field_cells;
  memcpy(t->window + at, t->x + at, t->frame * sizeof *t->window);
  for (size_t p = 0; p < d->B * d->predicted; p++) {
    const size_t from = at + (p / d->predicted * d->fields + p % d->predicted) * cells;
    float *y = t->corrected + k * t->made + p * cells, *alone = t->base + k * t->made + p * cells;
    memcpy(t->window + from, y, cells * sizeof *y);
    memcpy(t->real + k * t->made + p * cells, t->x + from, cells * sizeof *y);
    for (size_t i = 0; i < cells && t->mask != NULL; i++) {
      if (t->mask[from + i] != 0) {
        y[i] = alone[i] = t->x[from + i];
      }
    }
  }
}

/* Samples without a fit to their first frames go along with one of their own. */
static mpp_status roll(test *t)
{
  mpp_status st = MPP_OK;
  memcpy(t->window, t->x, t->shape.T * t->frame * sizeof *t->window);
  for (size_t k = 0; k < t->steps; k++) {
    t->shape.mask = t->mask != NULL ? t->mask + k * t->frame : NULL;
    MPP_TRY(mpp_predict_forward_fitted(t->m, t->corrected + k * t->made, t->window + k * t->frame,
                                       &t->shape, t->head, false, NULL));
    keep_alone(t, k);
    keep_step(t, k);
  }
done:
  return st;
}

/* Of head [b], by the rolls that were made. */
static void fit_gains(const test *t)
{
  const size_t C = t->d.predicted, cells = t->d.field_cells;
#pragma omp parallel for num_threads(mpp_threads()) schedule(static)
  for (size_t k = 0; k < t->d.B * C; k++) {
    if (t->head[k / C] != NULL) {
      const float *truth = t->real + k * cells;
      t->head[k / C]->gain[k % C] =
          mpp_field_gain_fit(t->base + k * cells, t->corrected + k * cells, truth, t->made,
                             t->steps, cells, sqrt(variance(truth, cells)));
    }
  }
}

/* Whether a leaves clearly less error than b: geometric mean over the fields. */
static bool leaves_less(const mpp_window_fit *a, const mpp_window_fit *b)
{
  double sum = 0.0;
  for (size_t c = 0; c < a->C; c++) { sum += log(a->gain[c].mean / b->gain[c].mean); }
  return sum < (double)a->C * log(clear_difference);
}

/* The base of the first steps, and where another one follows, that one too. */
static mpp_status test_bases(test *t, mpp_window_fit **fit)
{
  mpp_status st = MPP_OK;
  bool two = false;
  for (size_t b = 0; b < t->d.B; b++) {
    for (size_t c = 0; c < fit[b]->C; c++) { two = two || fit[b]->steps[c] < SIZE_MAX; }
  }
  for (int calm = 0; calm <= (two ? 1 : 0); calm++) {
    MPP_TRY(begin_heads(t, calm != 0));
    MPP_TRY(roll(t));
    fit_gains(t);
    for (size_t b = 0; b < t->d.B; b++) {
      const mpp_window_fit *head = t->head[b];
      if (head != NULL && (calm == 0 || leaves_less(head, fit[b]))) {
        memcpy(fit[b]->gain, head->gain, sizeof head->gain);
        fit[b]->calm = calm != 0;
      }
    }
  }
done:
  return st;
}

static mpp_status reserve(test *t, size_t T)
{
  mpp_status st = MPP_OK;
  MPP_TRY(mpp_alloc((void **)&t->head, t->d.B, sizeof(void *)));
  MPP_TRY(MPP_ALLOC(&t->window, T * t->frame));
  MPP_TRY(MPP_ALLOC(&t->base, 3 * t->steps * t->made));
  t->corrected = t->base + t->steps * t->made;
  t->real = t->corrected + t->steps * t->made;
done:
  return st;
}

mpp_status mpp_predict_gains(mpp_window_fit **fit, mpp_model *m, const float *x,
                             const mpp_window_shape *shape)
{
  mpp_status st = MPP_OK;
  test t = {.m = m, .x = x, .mask = shape->mask, .shape = *shape};
  float *clean = NULL;
  if (!mpp_predict_keeps_fit(m)) {
    return MPP_OK;
  }
  t.steps = mpp_gain_steps(shape->T);
  MPP_TRY(mpp_dims_of(&t.d, m, shape));
  t.frame = t.d.B * t.d.fields * t.d.field_cells;
  t.made = t.d.B * t.d.predicted * t.d.field_cells;
  if (t.mask != NULL) {
    MPP_TRY(MPP_ALLOC(&clean, shape->T * t.frame));
    MPP_TRY(MPP_ALLOC(&t.hidden, t.d.field_cells));
    mpp_mask_clean(clean, x, t.mask, &t.d);
    t.x = clean;
  }
  for (size_t b = 0; b < shape->B; b++) {
    const mpp_window w = sample_of(&t, b);
    MPP_TRY(mpp_window_fit_begin(fit[b], &w));
  }
  if (t.steps == 0) {
    goto done;
  }
  t.shape.T -= t.steps;
  MPP_TRY(reserve(&t, shape->T));
  MPP_TRY(fit_heads(&t, fit));
  MPP_TRY(test_bases(&t, fit));
done:
  for (size_t b = 0; t.head != NULL && b < shape->B; b++) { mpp_window_fit_destroy(t.head[b]); }
  mpp_free(t.head);
  mpp_free(t.window);
  mpp_free(t.base);
  mpp_free(t.hidden);
  mpp_free(clean);
  return st;
}

/* ---- steps of a forecast ---- */

/* Field c of one sample: to [cells], base the predictors' frame from the same window, from its
 * last. */
static void hold_field(float *to, const float *base, const float *from, const mpp_window_fit *f,
                       size_t c)
{
  const size_t cells = f->halo.cells;
  const float low = (float)f->seen.low[c], high = (float)f->seen.high[c];
  const double moved = mean_square_of_difference(to, from, cells);
  const double by_base = mean_square_of_difference(base, from, cells);
  if (moved > most_growth * fmax(f->seen.moved[c], by_base)) { /* no number is no growth */
    memcpy(to, base, cells * sizeof *to);
  }
  for (size_t i = 0; i < cells; i++) { to[i] = to[i] < low || to[i] > high ? base[i] : to[i]; }
}

/* The part p of the way from `alone` to `to` that is least squares' where neither knows anything of
 * the truth but its mean: alone + p (to - alone) with the least variance. */
static double part_of_strangers(const float *to, const float *alone, size_t n)
{
  double sum = 0.0, along = 0.0, square = 0.0;
#pragma omp simd reduction(+ : sum)
  for (size_t i = 0; i < n; i++) { sum += (double)alone[i]; }
  const double mean = sum / (double)n;
#pragma omp simd reduction(+ : along, square)
  for (size_t i = 0; i < n; i++) {
    const double d = (double)to[i] - alone[i];
    along += ((double)alone[i] - mean) * d;
    square += d * d;
  }
  return square > 0.0 ? fmin(fmax(-along / square, 0.0), 1.0) : 1.0;
}

/* What is lost in this step of what was left goes from the way there to that of strangers. */
static void draw_near(float *to, const mpp_window_fit *f, size_t c)
{
  const size_t cells = f->halo.cells;
  const float *alone = f->alone + c * cells;
  const double now = mpp_window_fit_lost(f, c, f->step);
  const double before = mpp_window_fit_lost(f, c, f->step - 1);
  const double loss = before < 1.0 ? (now - before) / (1.0 - before) : 1.0;
  double part = 0.0;
  if (f->gain[c].gain > 0.0) {
    part = loss > 0.0 ? 1.0 - loss * (1.0 - part_of_strangers(to, alone, cells)) : 1.0;
  }
  for (size_t i = 0; i < cells; i++) {
    to[i] = (float)((double)alone[i] + part * ((double)to[i] - alone[i]));
  }
}

void mpp_window_hold(float *y, const mpp_tape *t, const float *x, mpp_window_fit *const *fit)
{
  const mpp_dims *d = &t->dims;
  const size_t C = d->predicted, cells = d->field_cells;
  const float *last = x + (d->T - 1) * d->B * d->fields * cells;
#pragma omp parallel for num_threads(mpp_threads()) schedule(static)
  for (size_t k = 0; k < d->B * C; k++) {
    const mpp_window_fit *f = fit[k / C];
    if (f != NULL && f->step > 0) {
      hold_field(y + k * cells, t->base + k * cells, last + (k / C * d->fields + k % C) * cells, f,
                 k % C);
      draw_near(y + k * cells, f, k % C);
    }
  }
}
