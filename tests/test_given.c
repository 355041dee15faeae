/* test_given.c - fields that are given: seen by the network, not predicted, kept as they are
 * known. */
#include "equal_bytes.h"
#include "seen_case.h"

#include "mpp/rollout.h"
#include "rng.h"
#include "threads.h"

static const mpp_mode modes[] = {MPP_MODE_FRAME, MPP_MODE_DELTA, MPP_MODE_AUTOREGRESS,
                                 MPP_MODE_WINDOW};
enum { MODES = sizeof modes / sizeof *modes };
static seen_case c, other;

static size_t predicted_size(const seen_case *k)
{
  return k->shape.B * (k->shape.C - k->shape.given) * k->cells;
}

/* The window of `k` without its given field. */
static void leave_out(float *x, mpp_window_shape *shape, const seen_case *k)
{
  const size_t own = 2 * k->cells;
  *shape = k->shape;
  shape->C = 2;
  shape->given = 0;
  for (size_t n = 0; n < SEEN_FRAMES * k->shape.B; n++) {
    memcpy(x + n * own, k->x + n * SEEN_FIELDS * k->cells, own * sizeof *x);
  }
}

/* A uniform field is zero after the normalisation. The sums of the first convolution have more
 * terms, which are zero, in another order: rounding of float32 through the network. */
static void a_uniform_given_field_changes_nothing(void)
{
  static float without[SEEN_FRAMES * 4 * SEEN_MOST], y[4 * SEEN_MOST], z[4 * SEEN_MOST];
  for (int d = 1; d <= 3; d++) {
    for (size_t i = 0; i < MODES; i++) {
      double largest = 0.0;
      mpp_window_shape shape;
      seen_open(&c, modes[i], d, 7);
      for (size_t k = 0; k < SEEN_FRAMES * c.frame; k++) {
        c.x[k] = k / c.cells % SEEN_FIELDS == 2 ? 3.5f : c.x[k];
      }
      leave_out(without, &shape, &c);
      ASSERT_OK(mpp_model_predict(c.model, y, c.x, &c.shape));
      ASSERT_OK(mpp_model_predict(c.model, z, without, &shape));
      for (size_t k = 0; k < predicted_size(&c); k++) {
        largest = fmax(largest, fabs((double)y[k] - (double)z[k]));
      }
      CU_ASSERT(largest < 2e-5);
      seen_close(&c);
    }
  }
}

static void a_given_field_is_seen(void)
{
  static float y[4 * SEEN_MOST], z[4 * SEEN_MOST];
  for (int d = 1; d <= 3; d++) {
    seen_open(&c, MPP_MODE_DELTA, d, 7);
    ASSERT_OK(mpp_model_predict(c.model, y, c.x, &c.shape));
    c.x[2 * c.cells + 5] += 1.0f;
    ASSERT_OK(mpp_model_predict(c.model, z, c.x, &c.shape));
    CU_ASSERT(!equal_bytes(y, z, c.cells * sizeof *y));
    seen_close(&c);
  }
}

/* Neither the loss nor its gradient depends on what the given field is in the target's frame. */
static void a_given_field_is_no_part_of_the_loss(void)
{
  for (int d = 1; d <= 3; d++) {
    seen_open(&c, MPP_MODE_AUTOREGRESS, d, 7);
    seen_open(&other, MPP_MODE_AUTOREGRESS, d, 7);
    for (size_t k = 4 * other.frame; k < 5 * other.frame; k++) {
      other.x[k] = k / other.cells % SEEN_FIELDS == 2 ? NAN : other.x[k];
    }
    CU_ASSERT_EQUAL(seen_loss(&c), seen_loss(&other));
    CU_ASSERT(equal_bytes(c.gradients, other.gradients, c.model->params->total * sizeof(float)));
    seen_close(&c);
    seen_close(&other);
  }
}

static void bits_do_not_depend_on_the_number_of_threads(void)
{
  for (int masked = 0; masked < 2; masked++) {
    seen_open(&c, MPP_MODE_AUTOREGRESS, 2, 7);
    seen_open(&other, MPP_MODE_AUTOREGRESS, 2, 7);
    c.masked = other.masked = masked != 0;
    c.objective.noise = other.objective.noise = 0.1;
    mpp_set_threads(1);
    const double one = seen_loss(&c);
    mpp_set_threads(3);
    CU_ASSERT_EQUAL(one, seen_loss(&other));
    CU_ASSERT(equal_bytes(c.gradients, other.gradients, c.model->params->total * sizeof(float)));
    mpp_set_threads(1);
    seen_close(&c);
    seen_close(&other);
  }
}

/* The window of a rolled micro-batch by hand: predictions where they are made, the given field of
 * the data beside them; noise is not for it. */
static void rolling_keeps_what_is_given(void)
{
  seen_open(&c, MPP_MODE_DELTA, 2, 7);
  c.objective.unroll = 3;
  c.objective.seed = 6;
  c.objective.noise = 0.5;
  for (size_t k = 0; k < SEEN_FRAMES * c.frame; k++) { /* a forcing that varies in time */
    const size_t t = k / c.frame;
    c.x[k] += k / c.cells % SEEN_FIELDS == 2 ? 0.1f * (float)t : 0.0f;
  }
  seen_loss(&c);
  const uint64_t ahead = mpp_rng_below(6, MPP_STREAM_UNROLL, 2, 0, 3);
  CU_ASSERT_FATAL(ahead > 0); /* or the test tests nothing */
  for (size_t k = 0; k < 4 * c.frame; k++) {
    const bool given = k / c.cells % SEEN_FIELDS == 2;
    CU_ASSERT_EQUAL(c.work.window[k] == c.x[ahead * c.frame + k], given);
  }
  seen_close(&c);
}

static void forecasts_take_the_given_fields_of_each_frame(void)
{
  static float y[4 * SEEN_MOST], z[4 * SEEN_MOST], given[2 * SEEN_MOST], x[4 * 6 * SEEN_MOST];
  mpp_forecast *f = NULL;
  seen_open(&c, MPP_MODE_DELTA, 2, 7);
  memcpy(x, c.x, 4 * c.frame * sizeof *x);
  REQUIRE_OK(mpp_forecast_create(&f, c.model, c.x, &c.shape));
  for (int step = 0; step < 6; step++) {
    for (size_t i = 0; i < 2 * c.cells; i++) { given[i] = (float)(step + 1) + 0.1f * (float)i; }
    ASSERT_OK(mpp_forecast_step_given(f, y, step == 3 ? NULL : given, NULL));
    ASSERT_OK(mpp_rollout_step(c.model, z, x, &c.shape));
    CU_ASSERT(equal_bytes(y, z, predicted_size(&c) * sizeof *y));
    for (size_t b = 0; b < 2 && step != 3; b++) { /* by hand */
      memcpy(x + 3 * c.frame + (b * SEEN_FIELDS + 2) * c.cells, given + b * c.cells,
             c.cells * sizeof *x);
    }
  }
  mpp_forecast_destroy(f);
  seen_close(&c);
}

static void a_window_of_given_fields_alone_is_refused(void)
{
  static float y[4 * SEEN_MOST];
  seen_open(&c, MPP_MODE_DELTA, 2, 7);
  c.shape.given = 3;
  ASSERT_STATUS(mpp_model_predict(c.model, y, c.x, &c.shape), MPP_ERR_DATA);
  seen_close(&c);
}

static void a_model_takes_the_given_fields_that_it_knows(void)
{
  mpp_dataset_info info = {.path = "lab",
                           .nfields = 1,
                           .field = {"a:2"},
                           .grid = {1, 8, 8},
                           .ngiven = 3,
                           .given = {"a:new", "a:1", "a:0"}};
  size_t which[MPP_MAX_FIELDS] = {0};
  mpp_window_shape shape;
  seen_open(&c, MPP_MODE_DELTA, 2, 7);
  ASSERT_OK(mpp_model_window(c.model, &shape, which, &info, 4, 2));
  CU_ASSERT(shape.C == 3 && shape.given == 2 && which[0] == 1 && which[1] == 2);
  CU_ASSERT(shape.column[0] == 2 && shape.column[1] == 1 && shape.column[2] == 0);
  snprintf(info.field[0], sizeof info.field[0], "a:other");
  ASSERT_STATUS(mpp_model_window(c.model, &shape, which, &info, 4, 2), MPP_ERR_DATA);
  ASSERT_MESSAGE("lab: found 'a:other', expected fields that the model has columns for: 'a:0'");
  snprintf(info.field[0], sizeof info.field[0], "a:2");
  info.grid[1] = info.grid[2] = 1;
  ASSERT_STATUS(mpp_model_window(c.model, &shape, which, &info, 4, 2), MPP_ERR_DATA);
  ASSERT_MESSAGE("lab: window: grid 1x1x1 is one patch");
  seen_close(&c);
}

TESTS({"a uniform given field changes nothing", a_uniform_given_field_changes_nothing},
      {"a given field is seen", a_given_field_is_seen},
      {"a given field is no part of the loss", a_given_field_is_no_part_of_the_loss},
      {"bits do not depend on the number of threads", bits_do_not_depend_on_the_number_of_threads},
      {"rolling keeps what is given", rolling_keeps_what_is_given},
      {"forecasts take the given fields of each frame",
       forecasts_take_the_given_fields_of_each_frame},
      {"a window of given fields alone is refused", a_window_of_given_fields_alone_is_refused},
      {"a model takes the given fields that it knows",
       a_model_takes_the_given_fields_that_it_knows})
