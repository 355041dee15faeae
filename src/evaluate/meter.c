/* meter.c - metrics of MPP (train_basic.py), The Well (benchmark/metrics) and PDEBench
 * (metric_func, with all lengths of the domain 1, as its callers have it). Sums in double. In three
 * dimensions PDEBench adds the edges of all fields up; here, as in one and two dimensions, each
 * field has its own. */
#include "meter.h"

#include <math.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "fft.h"

enum { LOW = 4, HIGH = 12 }; /* first bins of the middle and of the high band */

struct mpp_meter {
  size_t grid[3], cells, nfields;
  size_t edges;       /* cells of all edges, those of corners as often as they are on one */
  size_t naxes, bins; /* axes longer than 1; bins of the error's spectrum */
  size_t power_bins;
  mpp_fft *fft;
  mpp_fft_shape shape;
  double *values, *spectrum; /* of all fields */
  /* of each coefficient of a field: its bins, of which those past the end do not count, and how
   * many modes it stands for, since a halved axis leaves conjugates out */
  size_t coefficients, *error_bin, *power_bin;
  double *copies;
  const unsigned char *mask; /* [nfields, cells], borrowed; NULL: none */
  float *shown[2];           /* [cells]: what is left of a prediction and its truth */
};

/* PDEBench's bins: in one dimension each mode, else floor of |k| over 0 <= k < n / 2 of each
 * axis. */
static size_t bin_of_error(const mpp_meter *m, const double mode[3], double norm)
{
  bool counted = true;
  for (int a = 0; a < 3 && m->naxes > 1; a++) {
    counted = counted &&
              (m->grid[a] == 1 || (mode[a] >= 0.0 && mode[a] < floor(0.5 * (double)m->grid[a])));
  }
  return counted ? (size_t)norm : m->bins;
}

static mpp_status sort_modes(mpp_meter *m)
{
  mpp_status st = MPP_OK;
  const size_t *k = m->shape.m;
  const int halved = m->shape.halved;
  m->coefficients = k[0] * k[1] * k[2];
  MPP_TRY(MPP_ALLOC(&m->error_bin, m->coefficients));
  MPP_TRY(MPP_ALLOC(&m->power_bin, m->coefficients));
  MPP_TRY(MPP_ALLOC(&m->copies, m->coefficients));
  for (size_t i = 0; i < m->coefficients; i++) {
    const size_t at[3] = {i / (k[1] * k[2]), i / k[2] % k[1], i % k[2]};
    double mode[3], square = 0.0;
    for (int a = 0; a < 3; a++) {
      mode[a] = m->grid[a] > 1 ? mpp_fft_mode(m->fft, a, at[a]) : 0.0;
      square += mode[a] * mode[a];
    }
    m->error_bin[i] = bin_of_error(m, mode, sqrt(square));
    m->power_bin[i] = (size_t)(sqrt(square) + 0.5);
    m->copies[i] = at[halved] == 0 || 2 * at[halved] == m->grid[halved] ? 1.0 : 2.0;
  }
done:
  return st;
}

mpp_status mpp_meter_create(mpp_meter **out, const size_t grid[3], size_t nfields)
{
  mpp_status st = MPP_OK;
  mpp_meter *m = NULL;
  size_t shortest = 0, longest = 1, size = 0;
  MPP_TRY(MPP_ALLOC(&m, 1));
  memcpy(m->grid, grid, sizeof m->grid);
  m->nfields = nfields;
  m->cells = grid[0] * grid[1] * grid[2];
  for (int a = 0; a < 3; a++) {
    if (grid[a] > 1) {
      m->naxes++;
      m->edges += 2 * (m->cells / grid[a]);
      shortest = shortest == 0 || grid[a] < shortest ? grid[a] : shortest;
      longest = grid[a] > longest ? grid[a] : longest;
    }
  }
  m->bins = m->naxes == 1 ? longest / 2 + 1 : shortest / 2;
  m->power_bins = longest / 2 + 1;
  const mpp_fft_layout layout = {.n = {grid[0], grid[1], grid[2]},
                                 .kind = {MPP_FFT_PERIODIC, MPP_FFT_PERIODIC, MPP_FFT_PERIODIC}};
  MPP_TRY(mpp_fft_create(&m->fft, &layout));
  m->shape = mpp_fft_get_shape(m->fft);
  MPP_REQUIRE(mpp_mul(&size, m->shape.spectrum, nfields), MPP_ERR_NOMEM, "a frame is too large");
  MPP_TRY(MPP_ALLOC(&m->values, m->shape.values * nfields));
  MPP_TRY(MPP_ALLOC(&m->spectrum, size));
  MPP_TRY(MPP_ALLOC(&m->shown[0], m->cells));
  MPP_TRY(MPP_ALLOC(&m->shown[1], m->cells));
  MPP_TRY(sort_modes(m));
  *out = m;
  m = NULL;
done:
  mpp_meter_destroy(m);
  return st;
}

void mpp_meter_destroy(mpp_meter *m)
{
  if (m != NULL) {
    mpp_fft_destroy(m->fft);
    mpp_free(m->values);
    mpp_free(m->spectrum);
    mpp_free(m->error_bin);
    mpp_free(m->power_bin);
    mpp_free(m->copies);
    mpp_free(m->shown[0]);
    mpp_free(m->shown[1]);
    mpp_free(m);
  }
}

size_t mpp_meter_length(const mpp_meter *m) { return MPP_REC_BINS + m->bins; }
size_t mpp_meter_power_bins(const mpp_meter *m) { return m->power_bins; }

void mpp_meter_hide(mpp_meter *m, const unsigned char *mask) { m->mask = mask; }

/* Sum of e^2 over the two faces across each axis; *cells: how many of them count. */
static double edge_squares(const mpp_meter *m, const double *e, const unsigned char *hidden,
                           double *cells)
{
  double sum = 0.0;
  *cells = (double)m->edges;
  size_t stride = 1;
  for (int a = 2; a >= 0; a--) {
    const size_t n = m->grid[a], outer = m->cells / (n * stride);
    for (size_t o = 0; n > 1 && o < outer; o++) {
      const double *first = e + o * n * stride, *last = first + (n - 1) * stride;
      for (size_t i = 0; i < stride; i++) { sum += first[i] * first[i] + last[i] * last[i]; }
      for (size_t i = 0; i < stride && hidden != NULL; i++) {
        const size_t at = o * n * stride + i;
        *cells -= (hidden[at] != 0 ? 1.0 : 0.0) + (hidden[at + (n - 1) * stride] != 0 ? 1.0 : 0.0);
      }
    }
    stride *= n;
  }
  return sum;
}

/* Pearson's coefficient; of two constant fields 1, of one 0. */
static double correlation(const float *y, const float *truth, size_t n)
{
  double sum_y = 0.0, sum_t = 0.0, yy = 0.0, tt = 0.0, yt = 0.0;
#pragma omp simd reduction(+ : sum_y, sum_t)
  for (size_t i = 0; i < n; i++) {
    sum_y += y[i];
    sum_t += truth[i];
  }
  const double mean_y = sum_y / (double)n, mean_t = sum_t / (double)n;
#pragma omp simd reduction(+ : yy, tt, yt)
  for (size_t i = 0; i < n; i++) {
    const double a = y[i] - mean_y, b = truth[i] - mean_t;
    yy += a * a;
    tt += b * b;
    yt += a * b;
  }
  return yy > 0.0 && tt > 0.0 ? yt / sqrt(yy * tt) : yy == tt ? 1.0 : 0.0;
}

/* What is not hidden of x, side by side in `to`; how much that is. */
static size_t show(float *to, const float *x, const unsigned char *hidden, size_t n)
{
  size_t shown = 0;
  for (size_t i = 0; i < n; i++) {
    if (hidden[i] == 0) {
      to[shown++] = x[i];
    }
  }
  return shown;
}

/* Spreads e over the cells it is of; 0 elsewhere. */
static void spread(double *e, const unsigned char *hidden, size_t shown, size_t n)
{
  for (size_t i = n; i-- > 0;) { e[i] = hidden[i] == 0 ? e[--shown] : 0.0; }
}

/* e into values; everything that needs no transform. */
static void measure_field(const mpp_meter *m, double *r, double *e, const float *y,
                          const float *truth, const unsigned char *hidden)
{
  size_t n = m->cells;
  double edges = 0.0;
  if (hidden != NULL) {
    n = show(m->shown[0], y, hidden, m->cells);
    show(m->shown[1], truth, hidden, m->cells);
    y = m->shown[0];
    truth = m->shown[1];
  }
  double sum = 0.0, squares = 0.0, truth_squares = 0.0, largest = 0.0;
#pragma omp simd reduction(+ : sum, squares, truth_squares) reduction(max : largest)
  for (size_t i = 0; i < n; i++) {
    e[i] = (double)y[i] - truth[i];
    sum += e[i];
    squares += e[i] * e[i];
    truth_squares += (double)truth[i] * truth[i];
    largest = fabs(e[i]) > largest ? fabs(e[i]) : largest;
  }
  r[MPP_REC_NRMSE] = mpp_nrmse(y, truth, n);
  r[MPP_REC_VRMSE] = mpp_vrmse(y, truth, n);
  r[MPP_REC_RMSE] = sqrt(squares / (double)n);
  r[MPP_REC_NRMSE_PDEBENCH] = squares > 0.0 ? sqrt(squares / truth_squares) : 0.0;
  r[MPP_REC_BALANCE] = sum / (double)n * (sum / (double)n);
  r[MPP_REC_CORRELATION] = correlation(y, truth, n);
  r[MPP_REC_MAX] = largest;
  if (hidden != NULL) {
    spread(e, hidden, n, m->cells);
  }
  const double squares_there = edge_squares(m, e, hidden, &edges);
  r[MPP_REC_BRMSE] = sqrt(squares_there / fmax(edges, 1.0));
}

void mpp_meter_measure(mpp_meter *m, double *record, const float *prediction, const float *truth)
{
  const size_t length = mpp_meter_length(m);
  for (size_t f = 0; f < m->nfields; f++) {
    measure_field(m, record + f * length, m->values + f * m->shape.values,
                  prediction + f * m->cells, truth + f * m->cells,
                  m->mask != NULL ? m->mask + f * m->cells : NULL);
  }
  mpp_fft_forward(m->fft, m->spectrum, m->values, m->nfields);
  for (size_t f = 0; f < m->nfields; f++) {
    double *bins = record + f * length + MPP_REC_BINS;
    memset(bins, 0, m->bins * sizeof *bins);
    const double *c = m->spectrum + f * m->shape.spectrum;
    for (size_t i = 0; i < m->coefficients; i++) {
      if (m->error_bin[i] < m->bins) {
        bins[m->error_bin[i]] += c[2 * i] * c[2 * i] + c[2 * i + 1] * c[2 * i + 1];
      }
    }
  }
}

void mpp_meter_power(mpp_meter *m, double *power, const float *frame)
{
  for (size_t f = 0; f < m->nfields; f++) {
    double *to = m->values + f * m->shape.values;
    const unsigned char *hidden = m->mask != NULL ? m->mask + f * m->cells : NULL;
    double sum = 0.0, count = 0.0;
    for (size_t i = 0; i < m->cells && hidden != NULL; i++) {
      sum += hidden[i] == 0 ? (double)frame[f * m->cells + i] : 0.0;
      count += hidden[i] == 0 ? 1.0 : 0.0;
    }
    for (size_t i = 0; i < m->cells; i++) {
      to[i] = hidden == NULL || hidden[i] == 0 ? (double)frame[f * m->cells + i] : sum / count;
    }
  }
  mpp_fft_forward(m->fft, m->spectrum, m->values, m->nfields);
  memset(power, 0, m->nfields * m->power_bins * sizeof *power);
  const double scale = 1.0 / ((double)m->cells * (double)m->cells);
  for (size_t f = 0; f < m->nfields; f++) {
    const double *c = m->spectrum + f * m->shape.spectrum;
    for (size_t i = 0; i < m->coefficients; i++) {
      if (m->power_bin[i] < m->power_bins) {
        const double square = c[2 * i] * c[2 * i] + c[2 * i + 1] * c[2 * i + 1];
        power[f * m->power_bins + m->power_bin[i]] += scale * m->copies[i] * square;
      }
    }
  }
}

void mpp_meter_diverged(const mpp_meter *m, double *record)
{
  const size_t length = mpp_meter_length(m);
  for (size_t f = 0; f < m->nfields; f++) {
    for (size_t i = 0; i < length; i++) {
      record[f * length + i] = i == MPP_REC_CORRELATION ? 0.0 : INFINITY;
    }
  }
}

/* Mean over bins first .. end - 1 of the root of the mean square; NaN if there are none. */
static double band(const mpp_meter *m, const double *bins, size_t first, size_t end, double windows)
{
  double sum = 0.0;
  end = end < m->bins ? end : m->bins;
  for (size_t k = first; k < end; k++) { sum += sqrt(bins[k] / windows); }
  return first < end ? sum / (double)(end - first) / (double)m->cells : NAN;
}

void mpp_meter_metrics(const mpp_meter *m, double *metric, const double *record, double windows)
{
  const double *bins = record + MPP_REC_BINS;
  metric[MPP_METRIC_NRMSE] = record[MPP_REC_NRMSE] / windows;
  metric[MPP_METRIC_VRMSE] = record[MPP_REC_VRMSE] / windows;
  metric[MPP_METRIC_RMSE] = record[MPP_REC_RMSE] / windows;
  metric[MPP_METRIC_NRMSE_PDEBENCH] = record[MPP_REC_NRMSE_PDEBENCH] / windows;
  metric[MPP_METRIC_CRMSE] = sqrt(record[MPP_REC_BALANCE] / windows);
  metric[MPP_METRIC_BRMSE] = record[MPP_REC_BRMSE] / windows;
  metric[MPP_METRIC_FRMSE_LOW] = band(m, bins, 0, LOW, windows);
  metric[MPP_METRIC_FRMSE_MID] = band(m, bins, LOW, HIGH, windows);
  metric[MPP_METRIC_FRMSE_HIGH] = band(m, bins, HIGH, m->bins, windows);
  metric[MPP_METRIC_MAX] = record[MPP_REC_MAX];
  metric[MPP_METRIC_CORRELATION] = record[MPP_REC_CORRELATION] / windows;
}
