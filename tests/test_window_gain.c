/* test_window_gain.c - how much of a correction that is known to be right, wrong or harmful is
 * taken. */
#include "window_gain.h"

#include "equal_bytes.h"
#include "mpp/threads.h"
#include "tiny_model.h"

enum { T = 16, K = 4, B = 2, C = 2, CELLS = 12 * 8, FRAME = B * C * CELLS, ALL = T * FRAME };

/* ---- the least squares ---- */

enum { N = 50, STEPS = 4 };

typedef struct rolls {
  float y0[STEPS * N], y1[STEPS * N], truth[STEPS * N];
} rolls;

/* The base errs by `error` times step^growth, and y1 goes `part` of the way to the truth. */
static void make_rolls(rolls *r, double error, double growth, double part)
{
  test_fill(r->y0, sizeof r->y0 / sizeof *r->y0, 3);
  for (size_t i = 0; i < (size_t)STEPS * N; i++) {
    const size_t step = i / N + 1;
    const double off = error * pow((double)step, growth) * (i % 2 == 0 ? 1.0 : -1.0);
    r->truth[i] = (float)((double)r->y0[i] + off);
    r->y1[i] = (float)((double)r->y0[i] + part * off);
  }
}

static mpp_field_gain fit_rolls(const rolls *r)
{
  return mpp_field_gain_fit(r->y0, r->y1, r->truth, N, STEPS, N, 1.0);
}

static void the_gain_is_the_part_that_helps(void)
{
  static const double part[] = {1.0, 2.0, 4.0, 0.5, -1.0, 0.0}, gain[] = {1.0, 0.5, 0.25, 1, 0, 0};
  static rolls r;
  for (size_t i = 0; i < sizeof part / sizeof part[0]; i++) {
    make_rolls(&r, 0.1, 1.0, part[i]);
    /* float32 rounding of changes of 0.1 to 0.4 to values of 1 */
    CU_ASSERT_DOUBLE_EQUAL(fit_rolls(&r).gain, gain[i], 1e-5);
  }
}

static void the_error_grows_as_it_did_in_the_test(void)
{
  static rolls r;
  static const double growth[] = {1.3, 0.0, 5.0}, expected[] = {1.3, 0.5, 2.0};
  for (size_t i = 0; i < 3; i++) {
    make_rolls(&r, 0.01, growth[i], -1.0); /* the correction is not taken */
    const mpp_field_gain g = fit_rolls(&r);
    CU_ASSERT_DOUBLE_EQUAL(g.error, 0.01, 1e-6); /* of values of 1 in float32 */
    CU_ASSERT_DOUBLE_EQUAL(g.growth, expected[i], 1e-3);
  }
  make_rolls(&r, 0.01, 1.0, 1.0); /* taken, and right: what is left is rounding */
  CU_ASSERT(fit_rolls(&r).error < 1e-6);
}

/* Right in the first step, and then away from the truth by more than the base errs. */
static void a_correction_that_turns_against_the_forecast_is_not_taken(void)
{
  static rolls r;
  make_rolls(&r, 0.1, 1.0, 1.0);
  for (size_t i = N; i < (size_t)STEPS * N; i++) { r.y1[i] = 2.0f * r.y0[i] - r.truth[i]; }
  CU_ASSERT_EQUAL(fit_rolls(&r).gain, 0.0);
}

static void what_is_not_finite_is_not_taken(void)
{
  static rolls r;
  make_rolls(&r, 0.1, 1.0, 1.0);
  r.y1[3 * N + 7] = NAN;
  CU_ASSERT_EQUAL(fit_rolls(&r).gain, 0.0);
  r.y1[3 * N + 7] = 3e38f;
  CU_ASSERT(fit_rolls(&r).gain >= 0.0 && fit_rolls(&r).gain < 1e-6);
}

/* ---- a network that says one number everywhere, whatever it sees ---- */

static mpp_model *says(float one)
{
  static const mpp_name names[] = {"a:0", "a:1", "a:2", "a:3"};
  const mpp_model_config config = tiny_config(MPP_MODE_WINDOW, MPP_BIAS_REL);
  mpp_model *m = NULL;
  REQUIRE_OK(mpp_model_create(&m, &config, names, 4, 1));
  for (size_t i = 0; i < m->params->count; i++) {
    const mpp_param *e = &m->params->entry[i];
    if (strcmp(e->name, "debed.out_bias") == 0) {
      for (size_t k = 0; k < e->count; k++) { m->weights[e->offset + k] = one; }
    }
  }
  return m;
}

static mpp_window_shape shape_of(size_t frames)
{
  mpp_window_shape s = tiny_shape();
  s.T = frames;
  return s;
}

/* Sample b, field c moves by by[b][c] a frame, up and down in turns and then up in the last K
 * frames. */
static void make_window(float *x, const double by[B][C])
{
  for (size_t at = 0; at < ALL; at++) {
    const size_t t = at / FRAME, pair = at % FRAME / CELLS;
    const double steps = t < T - K ? (double)(t % 2) : (double)(t - (T - K) + 2);
    x[at] = (float)(5.0 * sin((double)(at % CELLS)) + by[pair / C][pair % C] * steps);
  }
}

/* Fits of persistence whose corrections are 1 a frame. */
static void make_fits(mpp_window_fit **fit, const float *x, const mpp_window_shape *s)
{
  mpp_dims d = {
      .T = s->T, .B = B, .fields = C, .predicted = C, .field = {1, 12, 8}, .field_cells = CELLS};
  for (size_t b = 0; b < B; b++) {
    const mpp_window w = mpp_window_sample(x, b, &d, NULL);
    REQUIRE_OK(mpp_window_fit_named(&fit[b], &w, "persistence"));
    for (size_t c = 0; c < C; c++) { fit[b]->scale[c] = 1.0f; }
  }
}

static void free_fits(mpp_window_fit **fit)
{
  for (size_t b = 0; b < B; b++) { mpp_window_fit_destroy(fit[b]); }
}

static void a_network_gets_what_it_is_worth_on_each_sample_and_field(void)
{
  static float x[ALL];
  static const double by[B][C] = {{1.0, -1.0}, {0.8, 5.0}};
  static const double gain[B][C] = {{1.0, 0.0}, {0.8, 1.0}};
  const mpp_window_shape s = shape_of(T);
  mpp_model *m = says(1.0f);
  mpp_window_fit *fit[B] = {NULL};
  make_window(x, by);
  make_fits(fit, x, &s);
  /* Frame T - K - 1 is one up in its turn: the last K rise by one each from there. */
  REQUIRE_OK(mpp_predict_gains(fit, m, x, &s));
  for (size_t k = 0; k < (size_t)B * C; k++) {
    const mpp_field_gain *g = &fit[k / C]->gain[k % C];
    CU_ASSERT_DOUBLE_EQUAL(g->gain, gain[k / C][k % C], 1e-5); /* float32 rounding */
    CU_ASSERT_EQUAL(fit[k / C]->step, 1);
  }
  free_fits(fit);
  mpp_model_destroy(m);
}

/* Fits that begin with three steps of another predictor. */
static void make_fits_of_two(mpp_window_fit **fit, const float *x, const mpp_window_shape *s,
                             const char *name)
{
  const mpp_dims d = {
      .T = s->T, .B = B, .fields = C, .predicted = C, .field = {1, 12, 8}, .field_cells = CELLS};
  make_fits(fit, x, s);
  for (size_t b = 0; b < B; b++) {
    mpp_window_fit *other = NULL;
    const mpp_window w = mpp_window_sample(x, b, &d, NULL);
    REQUIRE_OK(mpp_window_fit_named(&other, &w, name));
    fit[b]->fitted[fit[b]->count] = other->fitted[0];
    other->count = 0;
    mpp_window_fit_destroy(other);
    for (size_t c = 0; c < C; c++) {
      fit[b]->first[c] = fit[b]->count;
      fit[b]->steps[c] = 3;
    }
    fit[b]->count++;
  }
}

/* Ups by one: the quadratic is off by two and more, and what stands still by what the network says;
 * the linear is right, and the network of the other sign makes up for nothing. */
static void a_sample_takes_the_base_over_which_less_error_is_left(void)
{
  static float x[ALL], y[FRAME];
  static const double by[B][C] = {{1.0, 1.0}, {1.0, 1.0}};
  static const char *const first[] = {"quadratic", "linear"};
  const mpp_window_shape s = shape_of(T);
  const float *last = x + (T - 1) * FRAME;
  make_window(x, by);
  for (int kind = 0; kind < 2; kind++) {
    mpp_model *m = says(kind == 0 ? 1.0f : -1.0f);
    mpp_window_fit *fit[B] = {NULL};
    make_fits_of_two(fit, x, &s, first[kind]);
    REQUIRE_OK(mpp_predict_gains(fit, m, x, &s));
    for (size_t b = 0; b < B; b++) {
      CU_ASSERT_EQUAL(fit[b]->calm, kind == 0);
      CU_ASSERT_DOUBLE_EQUAL(fit[b]->gain[0].gain, kind == 0 ? 1.0 : 0.0, 1e-5); /* rounding */
    }
    REQUIRE_OK(mpp_predict_frame(m, y, x, &s, fit));
    for (size_t i = 0; i < FRAME; i++) {
      CU_ASSERT_DOUBLE_EQUAL(y[i] - last[i], 1.0, 1e-5); /* both ways one up; rounding */
    }
    free_fits(fit);
    mpp_model_destroy(m);
  }
}

static void a_network_out_of_bounds_leaves_the_base(void)
{
  static float x[ALL], y[FRAME];
  static const double by[B][C] = {{1.0, -1.0}, {0.8, 5.0}};
  const mpp_window_shape s = shape_of(T);
  mpp_window_fit *fit[B] = {NULL};
  make_window(x, by);
  make_fits(fit, x, &s);
  for (int none = 0; none < 2; none++) {
    mpp_model *m = says(none ? NAN : 1e30f);
    REQUIRE_OK(mpp_predict_gains(fit, m, x, &s));
    for (size_t k = 0; k < (size_t)B * C; k++) {
      CU_ASSERT_EQUAL(fit[k / C]->gain[k % C].gain, 0.0);
    }
    const mpp_status st = mpp_predict_frame(m, y, x, &s, fit);
    CU_ASSERT_EQUAL(st, none ? MPP_ERR_DIVERGED : MPP_OK); /* nothing hides it */
    CU_ASSERT(none || equal_bytes(y, x + (T - 1) * FRAME, sizeof y));
    mpp_model_destroy(m);
  }
  free_fits(fit);
}

static void windows_too_short_for_a_test_take_the_whole_correction(void)
{
  static float x[ALL];
  static const double by[B][C] = {{-1.0, -1.0}, {-1.0, -1.0}};
  mpp_model *m = says(1.0f);
  make_window(x, by);
  CU_ASSERT(mpp_gain_steps(1) == 0 && mpp_gain_steps(2) == 0 && mpp_gain_steps(3) == 1);
  CU_ASSERT(mpp_gain_steps(8) == 2 && mpp_gain_steps(16) == 4 && mpp_gain_steps(64) == 4);
  for (size_t frames = 1; frames <= 3; frames++) {
    const mpp_window_shape s = shape_of(frames);
    const float *last = x + (T - frames) * FRAME; /* falling where the network says up */
    mpp_window_fit *fit[B] = {NULL};
    make_fits(fit, last, &s);
    REQUIRE_OK(mpp_predict_gains(fit, m, last, &s));
    CU_ASSERT_EQUAL(fit[1]->gain[1].gain, frames < 3 ? 1.0 : 0.0);
    CU_ASSERT_EQUAL(fit[1]->step, 1);
    free_fits(fit);
  }
  mpp_model_destroy(m);
}

/* ---- the guard ---- */

static void a_step_that_goes_too_far_is_left_to_the_base(void)
{
  static float x[ALL], y[FRAME];
  static const double by[B][C] = {{1.0, 1.0}, {1.0, 1.0}};
  const mpp_window_shape s = shape_of(T);
  mpp_model *m = says(1.0f);
  mpp_window_fit *fit[B] = {NULL};
  make_window(x, by);
  make_fits(fit, x, &s);
  const float *last = x + (T - 1) * FRAME;
  fit[0]->scale[1] = fit[1]->scale[1] = 1.6f; /* the window shows increments of 1 */
  const mpp_dims d = {
      .T = T, .B = B, .fields = C, .predicted = C, .field = {1, 12, 8}, .field_cells = CELLS};
  const mpp_window w = mpp_window_sample(x, 1, &d, NULL);
  REQUIRE_OK(mpp_window_fit_begin(fit[1], &w)); /* the other one is of no forecast */
  REQUIRE_OK(mpp_predict_frame(m, y, x, &s, fit));
  for (size_t i = 0; i < FRAME; i++) {
    static const double moved[B * C] = {1.0, 1.6, 1.0, 0.0};
    CU_ASSERT_DOUBLE_EQUAL(y[i] - last[i], moved[i / CELLS], 1e-5); /* rounding */
  }
  fit[1]->seen.high[0] = last[2 * CELLS + 5]; /* that cell is at the edge of what is allowed */
  REQUIRE_OK(mpp_predict_frame(m, y, x, &s, fit));
  CU_ASSERT_EQUAL(y[2 * CELLS + 5], last[2 * CELLS + 5]);
  free_fits(fit);
  mpp_model_destroy(m);
}

/* Windows that move by 1 a frame, and the fits of forecasts that begin from them. */
static void begin_forecasts(mpp_window_fit **fit, float *x, const mpp_window_shape *s)
{
  static const double by[B][C] = {{1.0, 1.0}, {1.0, 1.0}};
  const mpp_dims d = {
      .T = T, .B = B, .fields = C, .predicted = C, .field = {1, 12, 8}, .field_cells = CELLS};
  make_window(x, by);
  make_fits(fit, x, s);
  for (size_t b = 0; b < B; b++) {
    const mpp_window w = mpp_window_sample(x, b, &d, NULL);
    REQUIRE_OK(mpp_window_fit_begin(fit[b], &w));
  }
}

/* A correction that is the same everywhere is variance that the frame of the base has not. */
static void a_forecast_comes_back_to_the_base_at_rest(void)
{
  static float x[ALL], y[FRAME];
  const mpp_window_shape s = shape_of(T);
  mpp_model *m = says(1.0f);
  mpp_window_fit *fit[B] = {NULL};
  begin_forecasts(fit, x, &s);
  const float *last = x + (T - 1) * FRAME;
  fit[0]->gain[0] = (mpp_field_gain){.gain = 1.0, .error = 0.5, .growth = 1.0};
  fit[0]->gain[1] = (mpp_field_gain){.gain = 0.5, .growth = 1.0};
  fit[1]->gain[0] = (mpp_field_gain){.growth = 1.0};
  for (size_t step = 1; step <= 3; step++) {
    /* Each is predicted from the same window: the parts are those of this step to the one
     * before. */
    static const double far[3][B * C] = {
        {0.875, 0.5, 0.0, 1.0}, {0.5 / 0.875, 0.5, 0.0, 1.0}, {0.0, 0.5, 0.0, 1.0}};
    REQUIRE_OK(mpp_predict_frame(m, y, x, &s, fit));
    for (size_t i = 0; i < FRAME; i++) {
      CU_ASSERT_DOUBLE_EQUAL(y[i] - last[i], far[step - 1][i / CELLS], 1e-5); /* rounding */
    }
    for (size_t b = 0; b < B; b++) { mpp_window_fit_advance(fit[b]); }
  }
  free_fits(fit);
  mpp_model_destroy(m);
}

/* Past the time when the truth is lost: two that are strangers meet half way, and a base whose
 * pattern has grown to twice the other's is left to it. */
static void a_base_that_moves_or_grows_is_not_come_back_to(void)
{
  static float x[ALL], y[FRAME];
  const mpp_window_shape s = shape_of(T);
  mpp_model *m = says(0.0f);
  mpp_window_fit *fit[B] = {NULL};
  begin_forecasts(fit, x, &s);
  const float *last = x + (T - 1) * FRAME;
  for (size_t b = 0; b < B; b++) { fit[b]->gain[0].error = fit[b]->gain[1].error = 10.0; }
  double mean = 0.0;
  for (size_t i = 0; i < CELLS; i++) { mean += (double)last[i] / CELLS; }
  for (size_t i = 0; i < CELLS; i++) { /* sample 0: the same pattern elsewhere, and grown */
    fit[0]->alone[i] = last[(i + CELLS / 2) % CELLS];
    fit[0]->alone[CELLS + i] = (float)(mean + 2.0 * ((double)last[CELLS + i] - mean));
  }
  REQUIRE_OK(mpp_predict_frame(m, y, x, &s, fit));
  for (size_t i = 0; i < CELLS; i++) { /* rounding of values of 10 */
    const double middle = 0.5 * ((double)last[i] + fit[0]->alone[i]);
    CU_ASSERT_DOUBLE_EQUAL(y[i], middle, 1e-5);
    CU_ASSERT_DOUBLE_EQUAL(y[CELLS + i], last[CELLS + i], 1e-5);
  }
  free_fits(fit);
  mpp_model_destroy(m);
}

/* ---- bits ---- */

static void gains_do_not_depend_on_the_batch_or_the_threads(void)
{
  static float x[ALL], one[ALL];
  const mpp_window_shape s = shape_of(T);
  mpp_window_shape alone = s;
  const mpp_model_config config = tiny_config(MPP_MODE_WINDOW, MPP_BIAS_REL);
  mpp_model *m = tiny_model(&config, 5);
  mpp_field_gain first[B][C];
  bool taken = false;
  tiny_window(x, &s, 8);
  alone.B = 1;
  for (int threads = 1; threads <= 3; threads += 2) {
    mpp_window_fit *fit[B] = {NULL};
    mpp_set_threads(threads);
    REQUIRE_OK(mpp_predict_fit(fit, m, x, &s));
    REQUIRE_OK(mpp_predict_gains(fit, m, x, &s));
    for (size_t b = 0; b < B; b++) {
      for (size_t c = 0; c < C; c++) {
        taken = taken || (fit[b]->gain[c].gain > 0.0 && fit[b]->gain[c].gain < 1.0);
      }
      if (threads == 1) {
        memcpy(first[b], fit[b]->gain, sizeof first[b]);
      }
      CU_ASSERT(equal_bytes(first[b], fit[b]->gain, sizeof first[b]));
    }
    free_fits(fit);
  }
  CU_ASSERT_TRUE(taken);
  for (size_t b = 0; b < B; b++) {
    mpp_window_fit *fit = NULL;
    for (size_t t = 0; t < T; t++) {
      memcpy(one + t * FRAME / B, x + t * FRAME + b * FRAME / B, FRAME / B * sizeof *x);
    }
    REQUIRE_OK(mpp_predict_fit(&fit, m, one, &alone));
    REQUIRE_OK(mpp_predict_gains(&fit, m, one, &alone));
    CU_ASSERT(equal_bytes(first[b], fit->gain, sizeof first[b]));
    mpp_window_fit_destroy(fit);
  }
  mpp_set_threads(0);
  mpp_model_destroy(m);
}

TESTS({"the gain is the part that helps", the_gain_is_the_part_that_helps},
      {"the error grows as it did in the test", the_error_grows_as_it_did_in_the_test},
      {"a correction that turns against the forecast is not taken",
       a_correction_that_turns_against_the_forecast_is_not_taken},
      {"what is not finite is not taken", what_is_not_finite_is_not_taken},
      {"a network gets what it is worth on each sample and field",
       a_network_gets_what_it_is_worth_on_each_sample_and_field},
      {"a sample takes the base over which less error is left",
       a_sample_takes_the_base_over_which_less_error_is_left},
      {"a network out of bounds leaves the base", a_network_out_of_bounds_leaves_the_base},
      {"windows too short for a test take the whole correction",
       windows_too_short_for_a_test_take_the_whole_correction},
      {"a step that goes too far is left to the base",
       a_step_that_goes_too_far_is_left_to_the_base},
      {"a forecast comes back to the base at rest", a_forecast_comes_back_to_the_base_at_rest},
      {"a base that moves or grows is not come back to",
       a_base_that_moves_or_grows_is_not_come_back_to},
      {"gains do not depend on the batch or the threads",
       gains_do_not_depend_on_the_batch_or_the_threads})
