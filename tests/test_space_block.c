/* test_space_block.c - axial attention and the MLP inside the block around them. */
#include "equal_bytes.h"
#include "tiny_model.h"

/* Frames of block 0, T * B; floats of them on 3 x 2 and on 1 x 3 patches. */
enum { N = 8, C = 24, ALL = N * 6 * C, NARROW = N * 3 * C };

/* A model whose tape is laid out for a grid of h x w cells, patches of 4 x 4. */
static mpp_model *ready_model(mpp_bias_type bias, size_t h, size_t w)
{
  mpp_window_shape shape = tiny_shape();
  const mpp_model_config config = tiny_config(MPP_MODE_FRAME, bias);
  mpp_model *m = tiny_model(&config, 4);
  float *x = NULL;
  shape.grid[1] = h;
  shape.grid[2] = w;
  REQUIRE_OK(MPP_ALLOC(&x, shape.T * frame_size(&shape)));
  tiny_window(x, &shape, 3);
  tiny_tape(m, &shape, x);
  mpp_free(x);
  return m;
}

static void run_space(const tiny_part *p)
{
  mpp_space_forward(&p->tape->space[0], p->model->weights, &p->model->params->layout->block[0],
                    &p->tape->dims, &p->tape->scratch);
}

static void layer_scales_of_zero_pass_frames_on(void)
{
  mpp_model *m = ready_model(MPP_BIAS_REL, 12, 8);
  mpp_space_tape *t = &m->tape->space[0];
  const mpp_block_layout *l = &m->params->layout->block[0];
  const tiny_part part = {.tape = m->tape, .model = m};
  test_fill(t->x, ALL, 5);
  memset(m->weights + l->space_gamma_att, 0, C * sizeof(float));
  run_space(&part);
  CU_ASSERT(equal_bytes(t->mid, t->x, sizeof(float) * ALL));
  CU_ASSERT(test_relative_error(t->out, t->x, ALL) > 0.1);
  memset(m->weights + l->space_gamma_mlp, 0, C * sizeof(float));
  run_space(&part);
  CU_ASSERT(equal_bytes(t->out, t->x, sizeof(float) * ALL));
  mpp_model_destroy(m);
}

static void each_axis_has_its_own_length_and_boundary(void)
{
  float expected[3 * 5];
  mpp_model *m = ready_model(MPP_BIAS_REL, 12, 8); /* 3 x 2 patches; W periodic, H open */
  const mpp_space_tape *t = &m->tape->space[0];
  const tiny_part part = {.tape = m->tape, .model = m};
  const float *table = m->weights + m->params->layout->block[0].space.bias.table;
  run_space(&part);
  mpp_rel_bias_forward(expected, table, 3, 3, false);
  CU_ASSERT(equal_bytes(t->bias[1], expected, sizeof(float) * 3 * 5));
  mpp_rel_bias_forward(expected, table, 3, 2, true);
  CU_ASSERT(equal_bytes(t->bias[2], expected, sizeof(float) * 3 * 3));
  mpp_model_destroy(m);
}

/* An axis of one patch takes part, as published: each token sees itself alone, its own v. */
static void an_axis_of_one_patch_gives_half_of_v(void)
{
  enum { TOKENS = 3 };
  static float along[NARROW];
  mpp_model *m = ready_model(MPP_BIAS_REL, 4, 12); /* 1 x 3 patches */
  mpp_space_tape *t = &m->tape->space[0];
  const tiny_part part = {.tape = m->tape, .model = m};
  const mpp_qk_norm norm = mpp_qk_norm_of(m->weights, &m->params->layout->block[0].space);
  const mpp_axis axis = {.outer = N, .n = TOKENS, .inner = 1, .nq = TOKENS, .heads = 3, .dh = 8};
  test_fill(t->x, NARROW, 5);
  run_space(&part);
  mpp_attention_forward(along, t->qkv, NULL, &norm, t->bias[2], &axis, 1.0f, false,
                        m->tape->scratch.work);
  for (size_t i = 0; i < NARROW; i++) {
    const size_t token = i / C, head = i % C / 8, k = i % 8;
    const double v = t->qkv[(token * 3 + head) * 24 + 16 + k];
    CU_ASSERT_DOUBLE_EQUAL(t->y[i], 0.5 * (along[i] + v), 1e-6); /* rounding of numbers below 4 */
  }
  mpp_model_destroy(m);
}

static void frames_do_not_see_each_other(void)
{
  static float before[ALL];
  mpp_model *m = ready_model(MPP_BIAS_REL, 12, 8);
  mpp_space_tape *t = &m->tape->space[0];
  const tiny_part part = {.tape = m->tape, .model = m};
  const size_t frame = (size_t)6 * C;
  test_fill(t->x, ALL, 5);
  run_space(&part);
  memcpy(before, t->out, sizeof before);
  test_fill(t->x + 3 * frame, frame, 6);
  run_space(&part);
  for (size_t n = 0; n < N; n++) {
    const bool same = equal_bytes(t->out + n * frame, before + n * frame, frame * sizeof(float));
    CU_ASSERT_EQUAL(same, n != 3);
  }
  mpp_model_destroy(m);
}

/* keep [B]: the branches of one sample are left out, those of the other count double. */
static void dropped_samples_pass_and_kept_ones_count_double(void)
{
  float keep_att[] = {0.0f, 2.0f}, keep_mlp[] = {2.0f, 0.0f};
  mpp_model *m = ready_model(MPP_BIAS_REL, 12, 8);
  mpp_space_tape *t = &m->tape->space[0];
  const tiny_part part = {.tape = m->tape, .model = m};
  static float kept[ALL];
  test_fill(t->x, ALL, 5);
  run_space(&part);
  memcpy(kept, t->mid, sizeof kept);
  t->keep_att = keep_att;
  t->keep_mlp = keep_mlp;
  run_space(&part);
  double mlp = 0.0;
  for (size_t i = 0; i < ALL; i++) {
    const size_t sample = i / (ALL / N) % 2;
    const double branch = (double)kept[i] - t->x[i];
    /* Rounding of numbers below 4, twice. */
    CU_ASSERT_DOUBLE_EQUAL(t->mid[i], t->x[i] + (sample == 1 ? 2.0 * branch : 0.0), 2e-6);
    CU_ASSERT(sample == 0 || t->out[i] == t->mid[i]);
    mlp += fabs((double)t->out[i] - t->mid[i]);
  }
  CU_ASSERT(mlp > 1.0);
  mpp_model_destroy(m);
}

static void check_gradients(mpp_bias_type bias, size_t h, size_t w)
{
  mpp_model *m = ready_model(bias, h, w);
  mpp_tape *t = m->tape;
  mpp_space_tape *space = &t->space[0];
  const mpp_block_layout *l = &m->params->layout->block[0];
  const mpp_attention_layout *a = &l->space;
  float *g = NULL, *r = NULL, *dx = NULL;
  tiny_part part = {.tape = t, .model = m, .run = run_space, .out = space->out};
  part.n = N * t->dims.s * C;
  REQUIRE_OK(MPP_ALLOC(&g, m->params->total));
  REQUIRE_OK(MPP_ALLOC(&r, part.n));
  REQUIRE_OK(MPP_ALLOC(&dx, part.n));
  test_fill(space->x, part.n, 5);
  test_fill(r, part.n, 6);
  memcpy(dx, r, part.n * sizeof *r);
  part.r = r;
  run_space(&part);
  mpp_space_backward(dx, g, space, m->weights, l, &t->dims, &t->scratch);
  CU_ASSERT(gradcheck(space->x, dx, part.n, 11, 5e-3, tiny_loss, &part) < 1e-2); /* as weights */
  const size_t vectors[] = {a->norm1_w, a->input_b, a->qnorm_w,         a->qnorm_b,
                            a->knorm_w, a->norm2_w, a->output_b,        l->space_gamma_att,
                            l->fc1_b,   l->fc2_b,   l->space_gamma_mlp, l->mlp_norm_w};
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
    tiny_check_weights(&part, g, vectors[i], 1);
  }
  const size_t matrices[] = {a->input_w, a->output_w, l->fc1_w, l->fc2_w};
  for (size_t i = 0; i < sizeof matrices / sizeof *matrices; i++) {
    tiny_check_weights(&part, g, matrices[i], 31);
  }
  if (bias == MPP_BIAS_REL) {
    tiny_check_weights(&part, g, a->bias.table, 1);
  } else {
    tiny_check_weights(&part, g, a->bias.w2, 29);
  }
  mpp_free(dx);
  mpp_free(r);
  mpp_free(g);
  mpp_model_destroy(m);
}

static void gradients_agree_with_differences(void)
{
  check_gradients(MPP_BIAS_REL, 12, 8);
  check_gradients(MPP_BIAS_CONTINUOUS, 12, 12);
}

/* Gradients [params->total] for the windows x [2, B, 1, 32, 32] of a model with 16 x 16 tokens. */
static void whole_gradients(float *gradients, mpp_model *m, const float *x, const float *dy,
                            size_t B)
{
  static float y[3 * 1024];
  const mpp_window_shape s = {.T = 2, .B = B, .C = 1, .grid = {1, 32, 32}, .column = {1}};
  REQUIRE_OK(mpp_predict_forward(m, y, x, &s, true, NULL));
  mpp_predict_backward(m, gradients, dy, x, &s, NULL);
}

/* Of three windows together, more rows than the MLP takes at a time, and one after the other. */
static void an_mlp_in_pieces_has_the_gradients_of_the_whole(void)
{
  enum { CELLS = 32 * 32, WINDOWS = 3 };
  const size_t rows = 2 * (size_t)256;
  static float x[2 * WINDOWS * CELLS], alone[2 * CELLS], dy[WINDOWS * CELLS];
  mpp_model_config config = tiny_config(MPP_MODE_FRAME, MPP_BIAS_REL);
  config.npatch = 1;
  mpp_model *m = tiny_model(&config, 6);
  const size_t total = m->params->total;
  float *together = calloc(total, sizeof *together), *sum = calloc(total, sizeof *sum);
  CU_ASSERT(WINDOWS * rows > MPP_MLP_ROWS && rows <= MPP_MLP_ROWS_BACKWARD);
  test_fill(x, 2 * (size_t)WINDOWS * CELLS, 1);
  test_fill(dy, (size_t)WINDOWS * CELLS, 2);
  whole_gradients(together, m, x, dy, WINDOWS);
  for (size_t b = 0; b < WINDOWS; b++) {
    for (size_t t = 0; t < 2; t++) {
      memcpy(alone + t * CELLS, x + (t * WINDOWS + b) * CELLS, CELLS * sizeof *x);
    }
    whole_gradients(sum, m, alone, dy + b * CELLS, 1);
  }
  /* Roundings of sums over 512 and 1536 tokens, 2^-24 sqrt(1536) = 2e-6, and their way back. */
  CU_ASSERT(test_relative_error(together, sum, total) < 2e-5);
  free(together);
  free(sum);
  mpp_model_destroy(m);
}

TESTS({"an MLP in pieces has the gradients of the whole",
       an_mlp_in_pieces_has_the_gradients_of_the_whole},
      {"layer scales of zero pass frames on", layer_scales_of_zero_pass_frames_on},
      {"each axis has its own length and boundary", each_axis_has_its_own_length_and_boundary},
      {"an axis of one patch gives half of v", an_axis_of_one_patch_gives_half_of_v},
      {"frames do not see each other", frames_do_not_see_each_other},
      {"dropped samples pass and kept ones count double",
       dropped_samples_pass_and_kept_ones_count_double},
      {"gradients agree with differences", gradients_agree_with_differences})
