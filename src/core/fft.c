/* fft.c - transforms of FFTW (Frigo and Johnson, Proc. IEEE 93, 2005), axis after axis. An axis is
 * split into blocks of lines whose size depends on the grid alone, each executed by one thread with
 * the plan of all blocks: the same input, the same bits. (FFTW's own threads split differently for
 * each number of threads.) */
#include "fft.h"

#include <assert.h>
#include <fftw3.h>
#include <limits.h>
#include <omp.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "threads.h"

/* Lines of a block; a multiple of 8 keeps blocks of contiguous lines aligned to 64 bytes. */
enum { LINES = 16 };

enum { WHOLE, TAIL, SIZES }; /* blocks of LINES lines, and the narrower last one */
enum { FORWARD, INVERSE, WAYS };

/* One axis: an array seen as [outer, n, inner], its lines along n. */
typedef struct pass {
  fftw_plan plan[WAYS][SIZES];         /* owned; TAIL may be NULL */
  bool complex_lines, halves;          /* complex to complex; real to complex */
  size_t blocks, per_outer;            /* of which per_outer lie side by side in one outer index */
  bool outer_tail;                     /* the last block is narrower in outer, else in inner */
  size_t outer_step[2], inner_step[2]; /* doubles between blocks, of values and of coefficients */
  size_t n;
} pass;

struct mpp_fft {
  mpp_fft_layout layout;
  mpp_fft_shape shape;
  pass pass[3]; /* in the order of forward; the first one goes from values to coefficients */
  int npasses;
  size_t lines; /* of the halved axis */
};

static pthread_mutex_t planner = PTHREAD_MUTEX_INITIALIZER;
static bool counting;
static uint64_t counted; /* [ns] */

const char *mpp_fft_version(void) { return fftw_version; }

/* ---- plans ---- */

/* The lines of a block and how they lie, in elements (reals or complex numbers). */
typedef struct lines {
  fftw_iodim64 line, of[2];
} lines;

static fftw_plan plan_way(const pass *p, const lines *l, int way, fftw_r2r_kind kind,
                          double *values, double *spectrum, unsigned flags)
{
  fftw_complex *c = (fftw_complex *)spectrum;
  lines back = *l;
  if (p->halves && way == FORWARD) {
    return fftw_plan_guru64_dft_r2c(1, &l->line, 2, l->of, values, c, flags);
  }
  if (p->complex_lines) {
    const int sign = way == FORWARD ? FFTW_FORWARD : FFTW_BACKWARD;
    return fftw_plan_guru64_dft(1, &l->line, 2, l->of, c, c, sign, flags);
  }
  if (way == FORWARD) {
    return fftw_plan_guru64_r2r(1, &l->line, 2, l->of, values, spectrum, &kind, flags);
  }
  back.line.is = l->line.os;
  back.line.os = l->line.is;
  for (int i = 0; i < 2; i++) {
    back.of[i].is = l->of[i].os;
    back.of[i].os = l->of[i].is;
  }
  return p->halves
             ? fftw_plan_guru64_dft_c2r(1, &back.line, 2, back.of, c, values, flags)
             : fftw_plan_guru64_r2r(1, &back.line, 2, back.of, spectrum, values, &kind, flags);
}

static const fftw_r2r_kind r2r_kind[][WAYS] = {
    [MPP_FFT_PERIODIC] = {FFTW_R2HC, FFTW_HC2R}, /* not used */
    [MPP_FFT_COSINE] = {FFTW_REDFT10, FFTW_REDFT01},
    [MPP_FFT_SINE] = {FFTW_RODFT10, FFTW_RODFT01},
    [MPP_FFT_COSINE_NODE] = {FFTW_REDFT00, FFTW_REDFT00},
    [MPP_FFT_SINE_NODE] = {FFTW_RODFT00, FFTW_RODFT00}};

/* Both ways of a block size. `values` equals `spectrum` in all but the first pass. */
static mpp_status plan_size(pass *p, int size, const lines *l, mpp_fft_kind kind, double *values,
                            double *spectrum)
{
  bool aligned = true;
  for (int i = 0; i < 2; i++) {
    const size_t step[2] = {p->outer_step[i], p->inner_step[i]};
    for (int k = 0; k < 2; k++) { aligned = aligned && fftw_alignment_of(spectrum + step[k]) == 0; }
  }
  for (int way = 0; way < WAYS; way++) {
    const unsigned flags = FFTW_ESTIMATE | (aligned ? 0U : FFTW_UNALIGNED);
    pthread_mutex_lock(&planner);
    p->plan[way][size] =
        mpp_fault() ? NULL : plan_way(p, l, way, r2r_kind[kind][way], values, spectrum, flags);
    pthread_mutex_unlock(&planner);
    if (p->plan[way][size] == NULL) {
      return mpp_fail(MPP_ERR_NOMEM, "out of memory: plan of a transform of length %zu", p->n);
    }
  }
  return MPP_OK;
}

/* The pass along `axis`: how its array is cut into blocks, and their plans. */
static mpp_status plan_pass(pass *p, const mpp_fft *fft, int axis, double *values, double *spectrum)
{
  mpp_status st = MPP_OK;
  const mpp_fft_layout *l = &fft->layout;
  const mpp_fft_shape *s = &fft->shape;
  size_t outer = 1, inner = 1, out = s->m[axis];
  for (int a = 0; a < 3; a++) {
    outer *= a < axis ? s->m[a] : 1;
    inner *= a > axis ? s->m[a] : 1;
  }
  p->n = l->n[axis];
  p->halves = axis == s->halved;
  p->complex_lines = !p->halves && l->kind[axis] == MPP_FFT_PERIODIC;
  if (s->halved >= 0 && !p->halves && !p->complex_lines) {
    inner *= 2; /* a real transform of real and imaginary parts alike */
  }
  /* Columns of modes that are 0 need none. */
  const bool some = l->modes > 0 && s->halved > axis && inner == s->m[s->halved];
  const size_t used = some ? l->modes : inner;
  const bool wide = used >= LINES;
  const size_t in_unit = p->complex_lines ? 2 : 1, out_unit = p->halves ? 2 : in_unit;
  p->per_outer = wide ? (used + LINES - 1) / LINES : 1;
  p->blocks = wide ? outer * p->per_outer : (outer + LINES - 1) / LINES;
  p->outer_tail = !wide;
  for (int i = 0; i < 2; i++) {
    const size_t unit = i == 0 ? in_unit : out_unit, length = i == 0 ? p->n : out;
    p->outer_step[i] = (wide ? 1 : LINES) * length * inner * unit;
    p->inner_step[i] = wide ? LINES * unit : 0;
  }
  const size_t tail = wide ? used % LINES : outer % LINES;
  for (int size = WHOLE; size < SIZES; size++) {
    const size_t count = size == WHOLE ? LINES : tail;
    const size_t distance[2] = {p->n * inner, out * inner};
    const lines block = {
        .line = {.n = (ptrdiff_t)p->n, .is = (ptrdiff_t)inner, .os = (ptrdiff_t)inner},
        .of = {{.n = wide ? 1 : (ptrdiff_t)count,
                .is = (ptrdiff_t)distance[0],
                .os = (ptrdiff_t)distance[1]},
               {.n = (ptrdiff_t)(wide ? count : used), .is = 1, .os = 1}}};
    if (size == WHOLE ? (wide || outer >= LINES) : tail > 0) {
      MPP_TRY(plan_size(p, size, &block, l->kind[axis], values, spectrum));
    }
  }
done:
  return st;
}

/* ---- create and destroy ---- */

static mpp_status shape_of(mpp_fft *fft)
{
  mpp_status st = MPP_OK;
  const mpp_fft_layout *l = &fft->layout;
  mpp_fft_shape *s = &fft->shape;
  int last = -1;
  s->halved = -1;
  s->scale = 1.0;
  for (int a = 0; a < 3; a++) {
    const size_t n = l->n[a];
    const mpp_fft_kind kind = l->kind[a];
    MPP_REQUIRE(n > 0 && n <= INT_MAX / 2, MPP_ERR_INTERNAL, "transform: axis %d of length %zu", a,
                n);
    s->m[a] = n;
    if (n > 1) {
      last = a;
      s->halved = kind == MPP_FFT_PERIODIC ? a : s->halved;
      const double logical = kind == MPP_FFT_PERIODIC      ? (double)n
                             : kind == MPP_FFT_COSINE_NODE ? 2.0 * ((double)n - 1.0)
                             : kind == MPP_FFT_SINE_NODE   ? 2.0 * ((double)n + 1.0)
                                                           : 2.0 * (double)n;
      s->scale /= logical;
    }
  }
  if (s->halved >= 0) {
    s->m[s->halved] = s->m[s->halved] / 2 + 1;
    fft->lines = l->n[0] * l->n[1] * l->n[2] / l->n[s->halved];
  }
  MPP_REQUIRE(l->modes == 0 || (s->halved >= 0 && s->halved == last && l->modes <= s->m[s->halved]),
              MPP_ERR_INTERNAL, "transform: %zu modes of an axis that is not halved or not last",
              l->modes);
  MPP_REQUIRE(mpp_product(&s->values, l->n, 3) && mpp_product(&s->spectrum, s->m, 3) &&
                  mpp_mul(&s->spectrum, s->spectrum, s->halved >= 0 ? 2 : 1) &&
                  mpp_add(&s->values, s->values, 7) && mpp_add(&s->spectrum, s->spectrum, 7),
              MPP_ERR_INTERNAL, "transform of %zu x %zu x %zu values", l->n[0], l->n[1], l->n[2]);
  s->values -= s->values % 8;
  s->spectrum -= s->spectrum % 8;
done:
  return st;
}

mpp_status mpp_fft_create(mpp_fft **out, const mpp_fft_layout *layout)
{
  mpp_status st = MPP_OK;
  mpp_fft *fft = NULL;
  double *values = NULL, *spectrum = NULL;
  MPP_TRY(MPP_ALLOC(&fft, 1));
  fft->layout = *layout;
  MPP_TRY(shape_of(fft));
  MPP_TRY(MPP_ALLOC(&values, fft->shape.values)); /* for the planner, which leaves them alone */
  MPP_TRY(MPP_ALLOC(&spectrum, fft->shape.spectrum));
  for (int k = 3; k >= 0; k--) { /* the halved axis, then the others */
    const int axis = k == 3 ? fft->shape.halved : k;
    if (axis >= 0 && layout->n[axis] > 1 && (k == 3 || axis != fft->shape.halved)) {
      double *from = fft->npasses == 0 ? values : spectrum;
      MPP_TRY(plan_pass(&fft->pass[fft->npasses++], fft, axis, from, spectrum));
    }
  }
  *out = fft;
  fft = NULL;
done:
  mpp_fft_destroy(fft);
  mpp_free(values);
  mpp_free(spectrum);
  return st;
}

void mpp_fft_destroy(mpp_fft *fft)
{
  if (fft == NULL) {
    return;
  }
  pthread_mutex_lock(&planner);
  for (int i = 0; i < fft->npasses; i++) {
    for (int k = 0; k < WAYS * SIZES; k++) {
      fftw_plan plan = fft->pass[i].plan[k / SIZES][k % SIZES];
      if (plan != NULL) {
        fftw_destroy_plan(plan);
      }
    }
  }
  pthread_mutex_unlock(&planner);
  mpp_free(fft);
}

mpp_fft_shape mpp_fft_get_shape(const mpp_fft *fft) { return fft->shape; }

double mpp_fft_mode(const mpp_fft *fft, int axis, size_t k)
{
  const size_t n = fft->layout.n[axis];
  switch (fft->layout.kind[axis]) {
  case MPP_FFT_PERIODIC:
    return k <= n / 2 ? (double)k : (double)k - (double)n;
  case MPP_FFT_SINE:
  case MPP_FFT_SINE_NODE:
    return n > 1 ? (double)k + 1.0 : 0.0;
  default:
    return (double)k;
  }
}

/* ---- execution ---- */

/* Zeroes the modes of a block of the halved axis from `modes` on. */
static void zero_rest(const mpp_fft *fft, double *spectrum, size_t block)
{
  const size_t m = fft->shape.m[fft->shape.halved], modes = fft->layout.modes;
  const size_t first = block * LINES;
  const size_t last = first + LINES < fft->lines ? first + LINES : fft->lines;
  for (size_t line = first; line < last && modes > 0; line++) {
    memset(spectrum + 2 * (line * m + modes), 0, 2 * (m - modes) * sizeof *spectrum);
  }
}

static void run_block(const mpp_fft *fft, const pass *p, int way, size_t block, double *values,
                      double *spectrum)
{
  const size_t o = block / p->per_outer, i = block % p->per_outer;
  double *v = values + o * p->outer_step[0] + i * p->inner_step[0];
  double *c = spectrum + o * p->outer_step[1] + i * p->inner_step[1];
  const bool last = p->outer_tail ? block + 1 == p->blocks : i + 1 == p->per_outer;
  fftw_plan plan = p->plan[way][last && p->plan[way][TAIL] != NULL ? TAIL : WHOLE];
  if (p->complex_lines) {
    fftw_execute_dft(plan, (fftw_complex *)c, (fftw_complex *)c);
  } else if (!p->halves) {
    fftw_execute_r2r(plan, way == FORWARD ? v : c, way == FORWARD ? c : v);
  } else if (way == FORWARD) {
    fftw_execute_dft_r2c(plan, v, (fftw_complex *)c);
    zero_rest(fft, spectrum, block);
  } else {
    zero_rest(fft, spectrum, block);
    fftw_execute_dft_c2r(plan, (fftw_complex *)c, v);
  }
}

/* Below this many values, threads cost more than they save. */
enum { VALUES_PER_THREAD = 32768 };

static void run(const mpp_fft *fft, int way, double *values, double *spectrum, size_t fields)
{
  const double start = __atomic_load_n(&counting, __ATOMIC_RELAXED) ? mpp_clock() : 0.0;
  const mpp_fft_shape *s = &fft->shape;
  const size_t useful = fields * s->values / VALUES_PER_THREAD;
  const int most = omp_in_parallel() ? 1 : mpp_threads();
  const int threads = useful < 1 ? 1 : useful < (size_t)most ? (int)useful : most;
  assert((uintptr_t)values % 64 == 0 && (uintptr_t)spectrum % 64 == 0);
  for (int i = 0; i < fft->npasses; i++) {
    const int which = way == FORWARD ? i : fft->npasses - 1 - i;
    const pass *p = &fft->pass[which];
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
    for (size_t k = 0; k < fields * p->blocks; k++) {
      double *c = spectrum + k / p->blocks * s->spectrum;
      double *v = which == 0 ? values + k / p->blocks * s->values : c;
      run_block(fft, p, way, k % p->blocks, v, c);
    }
  }
  if (fft->npasses == 0) { /* one value */
    for (size_t f = 0; f < fields; f++) {
      *(way == FORWARD ? spectrum + f * s->spectrum : values + f * s->values) =
          *(way == FORWARD ? values + f * s->values : spectrum + f * s->spectrum);
    }
  }
  if (start > 0.0) {
    const uint64_t spent = (uint64_t)(1e9 * (mpp_clock() - start));
    __atomic_fetch_add(&counted, spent, __ATOMIC_RELAXED);
  }
}

void mpp_fft_forward(const mpp_fft *fft, double *spectrum, const double *values, size_t fields)
{
  run(fft, FORWARD, (double *)values, spectrum, fields); /* not written to */
}

void mpp_fft_inverse(const mpp_fft *fft, double *values, double *spectrum, size_t fields)
{
  run(fft, INVERSE, values, spectrum, fields);
}

void mpp_fft_count_time(bool on) { __atomic_store_n(&counting, on, __ATOMIC_RELAXED); }

double mpp_fft_seconds(void) { return 1e-9 * (double)__atomic_load_n(&counted, __ATOMIC_RELAXED); }
