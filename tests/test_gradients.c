/* test_gradients.c - the gradient of every parameter against differences, through the whole network
 * and every prediction mode. */
#include "avit.h"
#include "tiny_model.h"

static const mpp_mode modes[] = {MPP_MODE_FRAME, MPP_MODE_DELTA, MPP_MODE_EXTRAPOLATE,
                                 MPP_MODE_AUTOREGRESS, MPP_MODE_WINDOW};
static const mpp_bias_type biases[] = {MPP_BIAS_REL, MPP_BIAS_CONTINUOUS, MPP_BIAS_REL,
                                       MPP_BIAS_CONTINUOUS, MPP_BIAS_REL};

enum { CELLS = 12 * 8, MOST = 6 * 4 * 10, FRAME = 2 * 2 * CELLS, WINDOW = 4 * FRAME };

/* The loss is the scalar product of the correction with fixed numbers. */

typedef struct probe {
  mpp_model *model;
  mpp_window_shape shape;
  const float *x, *weight; /* [FRAME] */
  const mpp_drop *drop;
  const float *direction; /* of entry->count */
  const mpp_param *entry;
  float *start; /* the entry's weights */
} probe;

static double loss_of(const probe *p)
{
  static float y[4 * MOST];
  double sum = 0.0;
  REQUIRE_OK(mpp_predict_forward(p->model, y, p->x, &p->shape, true, p->drop));
  const float *base = mpp_predict_base(p->model);
  const size_t predicted = frame_size(&p->shape) / p->shape.C * (p->shape.C - p->shape.given);
  for (size_t i = 0; i < predicted; i++) {
    sum += ((double)y[i] - (base != NULL ? (double)base[i] : 0.0)) * p->weight[i];
  }
  return sum;
}

/* The loss at distance h along the direction. */
static double loss_along(const probe *p, double h)
{
  float *w = p->model->weights + p->entry->offset;
  for (size_t i = 0; i < p->entry->count; i++) { w[i] = p->start[i] + (float)h * p->direction[i]; }
  const double loss = loss_of(p);
  memcpy(w, p->start, p->entry->count * sizeof *w);
  return loss;
}

/* Derivative of the loss along the unit vector of an entry's gradient, by central differences of
 * fourth order, over the norm of that gradient: 1 if the gradient is right. */
static double slope_ratio(probe *p, const float *gradient)
{
  const size_t n = p->entry->count;
  double square = 0.0;
  for (size_t i = 0; i < n; i++) { square += (double)gradient[i] * gradient[i]; }
  float *direction = NULL;
  REQUIRE_OK(MPP_ALLOC(&direction, n));
  REQUIRE_OK(MPP_ALLOC(&p->start, n));
  memcpy(p->start, p->model->weights + p->entry->offset, n * sizeof *direction);
  for (size_t i = 0; i < n; i++) { direction[i] = (float)((double)gradient[i] / sqrt(square)); }
  p->direction = direction;
  const double h = 0.005 / sqrt(square); /* moves the loss, of some tens, by a hundredth */
  const double near = loss_along(p, h) - loss_along(p, -h);
  const double far = loss_along(p, 2 * h) - loss_along(p, -2 * h);
  mpp_free(direction);
  mpp_free(p->start);
  return (8.0 * near - far) / (12.0 * h) / sqrt(square);
}

/* With `seen` the window has a third field, which is given, a mask, and edges that the network
 * knows. */
static void check_all_gradients(mpp_mode mode, mpp_bias_type bias, const mpp_drop *drop,
                                const size_t *grid, bool seen)
{
  static float x[24 * MOST], weight[4 * MOST], y[4 * MOST];
  static unsigned char mask[24 * MOST];
  mpp_model_config config = tiny_config(mode, bias);
  config.edges = seen;
  probe p = {.model = tiny_model(&config, 3), .shape = tiny_shape(), .drop = drop};
  if (grid != NULL) {
    memcpy(p.shape.grid, grid, sizeof p.shape.grid);
    p.shape.boundary[0] = MPP_PERIODIC;
  }
  const size_t frame = frame_size(&p.shape), cells = frame / 4;
  if (seen) {
    p.shape.C = 3;
    p.shape.given = 1;
    p.shape.column[2] = 1;
    p.shape.mask = mask;
    p.shape.edge[1][0] = p.shape.edge[2][1] = MPP_SIDE_WALL;
    p.shape.boundary[2] = MPP_OPEN;
  }
  for (size_t i = 0; i < 6 * frame; i++) { mask[i] = i % cells % 11 < 2; }
  const bool line = p.shape.grid[1] == 1 || p.shape.grid[2] == 1;
  CU_ASSERT_FATAL(cells <= MOST);
  tiny_window(x, &p.shape, 1);
  if (grid != NULL) { /* rough: the norms divide by the spread of channels over few patches */
    test_fill(x, 4 * frame_size(&p.shape), 1);
  }
  test_fill(weight, frame, 2);
  p.x = x;
  p.weight = weight;
  const mpp_params *list = p.model->params;
  float *gradients = NULL;
  REQUIRE_OK(MPP_ALLOC(&gradients, list->total));
  REQUIRE_OK(mpp_predict_forward(p.model, y, x, &p.shape, true, drop));
  const float *scale = mpp_predict_scale(p.model);
  for (size_t i = 0; i < frame && scale != NULL; i++) {
    weight[i] /= scale[i / cells];
  } /* of a size */
  mpp_predict_backward(p.model, gradients, weight, x, &p.shape, drop);
  for (size_t i = 0; i < list->count; i++) {
    p.entry = &list->entry[i];
    if (p.entry->used && strstr(p.entry->name, "knorm.bias") == NULL) {
      const double ratio = slope_ratio(&p, gradients + p.entry->offset);
      if (!(fabs(ratio - 1.0) < 2e-2)) {
        fprintf(stderr, "\nmode %d, %zux%zux%zu: %s: ratio %.4f\n", (int)mode, p.shape.grid[0],
                p.shape.grid[1], p.shape.grid[2], p.entry->name, ratio);
      }
      /* Rounding of the loss, 1e-6 of it, over steps of 0.02: 1e-2 for the smallest gradients. On
       * lines channels spread least, and the norms that divide by it bend the loss more. */
      CU_ASSERT(fabs(ratio - 1.0) < (line ? 6e-2 : 2e-2));
    }
  }
  mpp_free(gradients);
  mpp_model_destroy(p.model);
}

static void gradients_agree_with_differences_in_every_mode(void)
{
  for (int i = 0; i < 5; i++) { check_all_gradients(modes[i], biases[i], NULL, NULL, false); }
}

/* Lines, volumes, and grids that are no multiples of the patch. */
static void gradients_agree_with_differences_for_every_kind_of_grid(void)
{
  static const size_t grids[][3] = {{1, 1, 96}, {6, 4, 10}, {1, 96, 1}, {1, 6, 16}};
  for (int i = 0; i < 4; i++) {
    check_all_gradients(i % 2 == 0 ? MPP_MODE_FRAME : MPP_MODE_AUTOREGRESS, MPP_BIAS_REL, NULL,
                        grids[i], false);
  }
}

static void gradients_agree_with_differences_with_given_fields_and_masks(void)
{
  static const size_t grids[][3] = {{1, 1, 96}, {1, 12, 8}, {6, 4, 10}};
  static const size_t line[] = {1, 96, 1};
  for (int i = 0; i < 3; i++) {
    check_all_gradients(MPP_MODE_FRAME, MPP_BIAS_REL, NULL, grids[i], true);
    check_all_gradients(MPP_MODE_AUTOREGRESS, MPP_BIAS_REL, NULL, i == 0 ? line : grids[i], true);
  }
}

static void gradients_agree_with_differences_under_drop_path(void)
{
  const mpp_drop drop = {.rate = 0.3, .seed = 4, .position = 2};
  check_all_gradients(MPP_MODE_DELTA, MPP_BIAS_REL, &drop, NULL, false);
}

static void backward_adds_to_the_gradients(void)
{
  static float x[WINDOW], weight[FRAME], y[FRAME];
  const mpp_model_config config = tiny_config(MPP_MODE_FRAME, MPP_BIAS_REL);
  const mpp_window_shape shape = tiny_shape();
  mpp_model *m = tiny_model(&config, 3);
  float *once = NULL, *twice = NULL;
  tiny_window(x, &shape, 1);
  test_fill(weight, FRAME, 2);
  REQUIRE_OK(MPP_ALLOC(&once, m->params->total));
  REQUIRE_OK(MPP_ALLOC(&twice, m->params->total));
  for (int n = 0; n < 3; n++) {
    REQUIRE_OK(mpp_predict_forward(m, y, x, &shape, true, NULL));
    mpp_predict_backward(m, n == 0 ? once : twice, weight, x, &shape, NULL);
  }
  for (size_t i = 0; i < m->params->total; i++) { once[i] *= 2.0f; }
  CU_ASSERT(test_relative_error(twice, once, m->params->total) < 1e-5); /* another order of sums */
  mpp_free(twice);
  mpp_free(once);
  mpp_model_destroy(m);
}

static bool is_kept(const mpp_param *e, bool attention, bool mlp)
{
  const bool input = strstr(e->name, "input_head") != NULL, fc = strstr(e->name, "mlp.fc") != NULL;
  return (attention && input) || (mlp && fc);
}

static void gradients_that_nobody_wants_are_left_out_and_others_keep_their_bits(void)
{
  static float x[WINDOW], weight[FRAME], y[FRAME];
  const mpp_model_config config = tiny_config(MPP_MODE_DELTA, MPP_BIAS_REL);
  const mpp_window_shape shape = tiny_shape();
  mpp_model *m = tiny_model(&config, 3);
  float *all = NULL, *some = NULL;
  tiny_window(x, &shape, 1);
  test_fill(weight, FRAME, 2);
  REQUIRE_OK(MPP_ALLOC(&all, m->params->total));
  REQUIRE_OK(MPP_ALLOC(&some, m->params->total));
  REQUIRE_OK(mpp_predict_forward(m, y, x, &shape, true, NULL));
  mpp_predict_backward(m, all, weight, x, &shape, NULL);
  for (int which = 1; which < 4; which++) {
    size_t kept = 0;
    m->attention_kept = which % 2 == 1;
    m->mlp_kept = which >= 2;
    memset(some, 0, m->params->total * sizeof *some);
    REQUIRE_OK(mpp_predict_forward(m, y, x, &shape, true, NULL));
    mpp_predict_backward(m, some, weight, x, &shape, NULL);
    for (size_t i = 0; i < m->params->count; i++) {
      const mpp_param *e = &m->params->entry[i];
      const bool left_out = is_kept(e, m->attention_kept, m->mlp_kept);
      kept += left_out;
      for (size_t k = e->offset; k < e->offset + e->count; k++) {
        CU_ASSERT_EQUAL(some[k], left_out ? 0.0f : all[k]);
      }
    }
    /* of two blocks weight and bias each: two input projections, two maps of the MLP */
    CU_ASSERT_EQUAL(kept, (m->attention_kept ? 8 : 0) + (m->mlp_kept ? 8 : 0));
  }
  mpp_free(some);
  mpp_free(all);
  mpp_model_destroy(m);
}

TESTS({"gradients agree with differences in every mode",
       gradients_agree_with_differences_in_every_mode},
      {"gradients agree with differences for every kind of grid",
       gradients_agree_with_differences_for_every_kind_of_grid},
      {"gradients agree with differences with given fields and masks",
       gradients_agree_with_differences_with_given_fields_and_masks},
      {"gradients agree with differences under drop path",
       gradients_agree_with_differences_under_drop_path},
      {"backward adds to the gradients", backward_adds_to_the_gradients},
      {"gradients that nobody wants are left out and others keep their bits",
       gradients_that_nobody_wants_are_left_out_and_others_keep_their_bits})
