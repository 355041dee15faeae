/* test_time_block.c - attention over frames inside the block around it. */
#include "equal_bytes.h"
#include "tiny_model.h"

enum {
  T = 4,
  B = 2,
  C = 24,
  TOKENS = 6,
  FRAME = B * TOKENS * C,
  ALL = T * FRAME,
  LAST = ALL - FRAME
};

/* A model whose tape is laid out; block 0 queries with all frames, block 1 with the last. */
static mpp_model *ready_model(mpp_bias_type bias)
{
  static float x[T * B * 2 * 96];
  const mpp_window_shape shape = tiny_shape();
  const mpp_model_config config = tiny_config(MPP_MODE_FRAME, bias);
  mpp_model *m = tiny_model(&config, 4);
  tiny_window(x, &shape, 3);
  tiny_tape(m, &shape, x);
  return m;
}

/* Runs block `i`'s time half with the weights of block 0. */
static void run_block(const tiny_part *p, size_t i)
{
  mpp_time_forward(&p->tape->time[i], p->model->weights, &p->model->params->layout->block[0],
                   &p->tape->dims, &p->tape->scratch);
}
static void run_all(const tiny_part *p) { run_block(p, 0); }
static void run_last(const tiny_part *p) { run_block(p, 1); }

static void one_query_gives_the_last_frame_of_all(void)
{
  mpp_model *m = ready_model(MPP_BIAS_REL);
  mpp_tape *t = m->tape;
  const tiny_part part = {.tape = t, .model = m};
  CU_ASSERT(t->time[0].nq == T && t->time[1].nq == 1);
  test_fill(t->time[0].x, ALL, 5);
  test_fill(t->time[1].x, ALL, 5);
  run_all(&part);
  run_last(&part);
  /* The same sums in products of other shapes. */
  CU_ASSERT(test_relative_error(t->time[1].out, t->time[0].out + LAST, FRAME) < 1e-6);
  mpp_model_destroy(m);
}

static void a_layer_scale_of_zero_passes_frames_on(void)
{
  mpp_model *m = ready_model(MPP_BIAS_REL);
  mpp_tape *t = m->tape;
  const tiny_part part = {.tape = t, .model = m};
  float *gamma = m->weights + m->params->layout->block[0].time_gamma;
  test_fill(t->time[0].x, ALL, 5);
  run_all(&part);
  CU_ASSERT(test_relative_error(t->time[0].out, t->time[0].x, ALL) > 0.1);
  memset(gamma, 0, C * sizeof *gamma);
  run_all(&part);
  CU_ASSERT(equal_bytes(t->time[0].out, t->time[0].x, ALL * sizeof(float)));
  mpp_model_destroy(m);
}

/* Without a position bias, frames are a set: rotating them rotates the output. */
static void frames_without_position_are_a_set(void)
{
  static float rotated[ALL];
  mpp_model *m = ready_model(MPP_BIAS_REL);
  mpp_tape *t = m->tape;
  const tiny_part part = {.tape = t, .model = m};
  float *table = m->weights + m->params->layout->block[0].time.bias.table;
  for (int with = 1; with >= 0; with--) {
    if (!with) {
      memset(table, 0, sizeof *table * 32 * 3);
    }
    test_fill(t->time[0].x, ALL, 5);
    run_all(&part);
    for (size_t i = 0; i < ALL; i++) { rotated[(i + FRAME) % ALL] = t->time[0].out[i]; }
    float *x = t->time[0].x, last[FRAME];
    memcpy(last, x + LAST, sizeof last);
    memmove(x + FRAME, x, sizeof(float) * LAST);
    memcpy(x, last, sizeof last);
    run_all(&part);
    const double error = test_relative_error(t->time[0].out, rotated, ALL);
    CU_ASSERT(with ? error > 1e-2 : error < 1e-6); /* sums over frames in another order */
  }
  mpp_model_destroy(m);
}

/* keep [B]: the branch of one sample is left out, that of the other counts double. */
static void dropped_samples_pass_and_kept_ones_count_double(void)
{
  float keep[] = {0.0f, 2.0f};
  mpp_model *m = ready_model(MPP_BIAS_REL);
  mpp_time_tape *t = &m->tape->time[0];
  const tiny_part part = {.tape = m->tape, .model = m};
  static float kept[ALL];
  test_fill(t->x, ALL, 5);
  run_all(&part);
  memcpy(kept, t->out, sizeof kept);
  t->keep = keep;
  run_all(&part);
  for (size_t i = 0; i < ALL; i++) {
    const double branch = i / (FRAME / B) % B == 1 ? 2.0 * ((double)kept[i] - t->x[i]) : 0.0;
    CU_ASSERT_DOUBLE_EQUAL(t->out[i], t->x[i] + branch, 2e-6); /* numbers below 4, rounded twice */
  }
  mpp_model_destroy(m);
}

static void check_gradients(mpp_bias_type bias, size_t block)
{
  static float r[ALL], dx[ALL];
  mpp_model *m = ready_model(bias);
  mpp_tape *t = m->tape;
  mpp_time_tape *time = &t->time[block];
  const mpp_block_layout *l = &m->params->layout->block[0];
  const mpp_attention_layout *a = &l->time;
  float *g = NULL;
  tiny_part part = {.tape = t, .model = m, .run = block == 0 ? run_all : run_last};
  part.out = time->out;
  part.n = time->nq * FRAME;
  part.r = r;
  REQUIRE_OK(MPP_ALLOC(&g, m->params->total));
  test_fill(time->x, ALL, 5);
  test_fill(r, part.n, 6);
  memset(dx, 0, sizeof dx);
  memcpy(dx + ALL - part.n, r, part.n * sizeof *r);
  part.run(&part);
  mpp_time_backward(dx, g, time, m->weights, l, &t->dims, &t->scratch);
  CU_ASSERT(gradcheck(time->x, dx, ALL, 11, 5e-3, tiny_loss, &part) < 1e-2); /* as the weights */
  const size_t offsets[] = {a->norm1_w, a->norm1_b,  a->input_w,  a->input_b,
                            a->qnorm_w, a->qnorm_b,  a->knorm_w,  a->norm2_w,
                            a->norm2_b, a->output_w, a->output_b, l->time_gamma};
  for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
    const bool matrix = offsets[i] == a->input_w || offsets[i] == a->output_w;
    tiny_check_weights(&part, g, offsets[i], matrix ? 23 : 1);
  }
  if (bias == MPP_BIAS_REL) {
    tiny_check_weights(&part, g, a->bias.table, 1);
  } else {
    tiny_check_weights(&part, g, a->bias.w2, 29);
  }
  mpp_free(g);
  mpp_model_destroy(m);
}

static void gradients_agree_with_differences(void)
{
  check_gradients(MPP_BIAS_REL, 0);
  check_gradients(MPP_BIAS_CONTINUOUS, 0);
}

static void gradients_of_one_query_agree_with_differences(void)
{
  check_gradients(MPP_BIAS_REL, 1);
}

TESTS({"one query gives the last frame of all", one_query_gives_the_last_frame_of_all},
      {"a layer scale of zero passes frames on", a_layer_scale_of_zero_passes_frames_on},
      {"frames without position are a set", frames_without_position_are_a_set},
      {"dropped samples pass and kept ones count double",
       dropped_samples_pass_and_kept_ones_count_double},
      {"gradients agree with differences", gradients_agree_with_differences},
      {"gradients of one query agree with differences",
       gradients_of_one_query_agree_with_differences})
