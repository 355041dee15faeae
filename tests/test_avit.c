/* test_avit.c - the network against the published one: outputs and gradients computed in
 * float64. */
#include "avit.h"

#include "equal_bytes.h"
#include "golden.h"
#include "nn.h"
#include "test.h"

/* Prediction and gradients of the golden loss with `threads` threads; the caller frees both. */
static double run(const golden *c, float **y, float **gradients, int threads)
{
  const size_t cells = c->shape.grid[1] * c->shape.grid[2];
  float *dy = NULL;
  mpp_set_threads(threads);
  REQUIRE_OK(MPP_ALLOC(y, c->frame));
  REQUIRE_OK(MPP_ALLOC(&dy, c->frame));
  REQUIRE_OK(MPP_ALLOC(gradients, c->model->params->total));
  REQUIRE_OK(mpp_predict_forward(c->model, *y, c->x, &c->shape, true, NULL));
  const double loss = mpp_nmse_forward(NULL, *y, c->target, c->shape.B, c->shape.C, cells);
  mpp_nmse_backward(dy, *y, c->target, 1.0f, c->shape.B, c->shape.C, cells);
  mpp_predict_backward(c->model, *gradients, dy, c->x, &c->shape, NULL);
  mpp_free(dy);
  mpp_set_threads(0);
  return loss;
}

/* ||a - b|| / ||b|| of one field over samples and cells. */
static double field_error(const golden *c, const float *y, size_t field)
{
  const size_t cells = c->shape.grid[1] * c->shape.grid[2];
  double difference = 0.0, norm = 0.0;
  for (size_t b = 0; b < c->shape.B; b++) {
    for (size_t i = 0; i < cells; i++) {
      const size_t at = (b * c->shape.C + field) * cells + i;
      difference += ((double)y[at] - c->y[at]) * ((double)y[at] - c->y[at]);
      norm += (double)c->y[at] * c->y[at];
    }
  }
  return sqrt(difference / norm);
}

static void predictions_and_losses_are_the_published_ones(void)
{
  for (int k = 0; k < GOLDEN_CASES; k++) {
    golden c;
    float *y = NULL, *gradients = NULL;
    golden_open(&c, golden_names[k]);
    const double loss = run(&c, &y, &gradients, 0);
    for (size_t f = 0; f < c.shape.C; f++) {
      CU_ASSERT(field_error(&c, y, f) < 5e-6); /* rounding of float32 through the network */
    }
    const float *expected = golden_tensor(&c, "loss")->data;
    CU_ASSERT_DOUBLE_EQUAL(loss / (double)*expected, 1.0, 1e-5); /* twice the error of y */
    mpp_free(y);
    mpp_free(gradients);
    golden_close(&c);
  }
}

static double norm_of(const float *v, size_t n)
{
  double square = 0.0;
  for (size_t i = 0; i < n; i++) { square += (double)v[i] * v[i]; }
  return sqrt(square);
}

/* ||a - b|| */
static double distance(const float *a, const float *b, size_t n)
{
  double square = 0.0;
  for (size_t i = 0; i < n; i++) { square += ((double)a[i] - b[i]) * ((double)a[i] - b[i]); }
  return sqrt(square);
}

/* Relative L2 under 1e-3 against max(own norm, 1e-6 of the largest). A bias of the keys is zero in
 * theory: a constant added to every key leaves the softmax as it was. */
static void check_gradients(const golden *c, const float *gradients)
{
  const mpp_params *p = c->model->params;
  double largest = 0.0;
  size_t compared = 0;
  char name[128];
  for (size_t i = 0; i < mpp_tensors_count(c->file); i++) {
    const mpp_tensor *t = mpp_tensors_at(c->file, i);
    if (strncmp(t->name, "grad.", 5) == 0) {
      largest = fmax(largest, norm_of(t->data, mpp_tensor_elements(t)));
      compared++;
    }
  }
  for (size_t i = 0; i < p->count; i++) {
    const mpp_param *e = &p->entry[i];
    const float *g = gradients + e->offset;
    if (!e->used) {
      CU_ASSERT_EQUAL(norm_of(g, e->count), 0.0);
      continue;
    }
    snprintf(name, sizeof name, "grad.%s", e->name);
    const mpp_tensor *t = golden_tensor(c, name);
    const double own = fmax(norm_of(t->data, e->count), 1e-6 * largest);
    const double error = distance(g, t->data, e->count) / own;
    const bool zero = strstr(e->name, "knorm.bias") != NULL;
    if (!zero && error >= 1e-3) {
      fprintf(stderr, "\n%s: gradient error %.2e\n", name, error);
    }
    CU_ASSERT(zero ? norm_of(g, e->count) < 1e-5 * largest : error < 1e-3);
    compared--;
  }
  CU_ASSERT_EQUAL(compared, 0); /* every golden gradient was met */
}

static void all_gradients_are_the_published_ones(void)
{
  for (int k = 0; k < GOLDEN_CASES; k++) {
    golden c;
    float *y = NULL, *gradients = NULL;
    golden_open(&c, golden_names[k]);
    run(&c, &y, &gradients, 0);
    check_gradients(&c, gradients);
    mpp_free(y);
    mpp_free(gradients);
    golden_close(&c);
  }
}

static void bits_do_not_depend_on_the_number_of_threads(void)
{
  for (int k = 0; k < GOLDEN_CASES; k++) {
    golden c;
    float *y[3] = {NULL}, *g[3] = {NULL};
    golden_open(&c, golden_names[k]);
    for (int n = 0; n < 3; n++) {
      run(&c, &y[n], &g[n], n + 1);
      CU_ASSERT(equal_bytes(y[0], y[n], c.frame * sizeof *y[0]));
      CU_ASSERT(equal_bytes(g[0], g[n], c.model->params->total * sizeof *g[0]));
    }
    for (int n = 0; n < 3; n++) {
      mpp_free(y[n]);
      mpp_free(g[n]);
    }
    golden_close(&c);
  }
}

static void a_pass_that_keeps_nothing_gives_the_same_bits(void)
{
  for (int k = 0; k < GOLDEN_CASES; k++) {
    golden c;
    float *y = NULL, *g = NULL, *z = NULL;
    golden_open(&c, golden_names[k]);
    run(&c, &y, &g, 0);
    REQUIRE_OK(MPP_ALLOC(&z, c.frame));
    ASSERT_OK(mpp_model_predict(c.model, z, c.x, &c.shape));
    CU_ASSERT(equal_bytes(y, z, c.frame * sizeof *y));
    mpp_free(z);
    mpp_free(y);
    mpp_free(g);
    golden_close(&c);
  }
}

TESTS({"predictions and losses are the published ones",
       predictions_and_losses_are_the_published_ones},
      {"all gradients are the published ones", all_gradients_are_the_published_ones},
      {"bits do not depend on the number of threads", bits_do_not_depend_on_the_number_of_threads},
      {"a pass that keeps nothing gives the same bits",
       a_pass_that_keeps_nothing_gives_the_same_bits})
