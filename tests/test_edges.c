/* test_edges.c - the embedding of walls and open ends. */
#include "equal_bytes.h"
#include "seen_case.h"
#include "threads.h"

static seen_case c, other;

/* The case with an embedding of edges that is not zero; `walls` has a bit for each end. */
static void open_case(seen_case *k, int dimensions, unsigned walls)
{
  seen_open(k, MPP_MODE_AUTOREGRESS, dimensions, 7);
  REQUIRE_OK(mpp_model_add_edges(k->model));
  mpp_free(k->gradients);
  REQUIRE_OK(MPP_ALLOC(&k->gradients, k->model->params->total));
  const mpp_param *e = mpp_params_find(k->model->params, "edge_embed.weight");
  CU_ASSERT_FATAL(e != NULL && e->count == 12 * 24);
  test_fill(k->model->weights + e->offset, e->count, 3);
  for (unsigned end = 0; end < 6; end++) {
    k->shape.edge[end / 2][end % 2] = (walls >> end & 1U) != 0 ? MPP_SIDE_WALL : MPP_SIDE_OPEN;
  }
}

static void predict(float *y, seen_case *k)
{
  ASSERT_OK(mpp_model_predict(k->model, y, k->x, &k->shape));
}

static void new_edges_change_no_bit(void)
{
  static float y[4 * SEEN_MOST], z[4 * SEEN_MOST];
  for (int d = 1; d <= 3; d++) {
    seen_open(&c, MPP_MODE_AUTOREGRESS, d, 7);
    predict(y, &c);
    ASSERT_OK(mpp_model_add_edges(c.model));
    ASSERT_OK(mpp_model_add_edges(c.model)); /* there already: as it was */
    predict(z, &c);
    CU_ASSERT(equal_bytes(y, z, 4 * c.cells * sizeof *y));
    seen_close(&c);
  }
}

static void walls_and_open_ends_differ_and_ends_that_wrap_have_none(void)
{
  static float y[4 * SEEN_MOST], z[4 * SEEN_MOST];
  for (int d = 1; d <= 3; d++) {
    for (unsigned end = 0; end < 6; end++) {
      const unsigned axis = end / 2;
      open_case(&c, d, 0);
      open_case(&other, d, 1U << end);
      predict(y, &c);
      predict(z, &other);
      const bool wraps = c.shape.boundary[axis] == MPP_PERIODIC || c.shape.grid[axis] == 1;
      CU_ASSERT_EQUAL(equal_bytes(y, z, 4 * c.cells * sizeof *y), wraps);
      seen_close(&c);
      seen_close(&other);
    }
  }
}

/* Only the tokens beside an end get its vector: of a line of five, the first and the last. */
static void vectors_go_to_the_tokens_beside_an_end(void)
{
  float tokens[2 * 6 * 2] = {0.0F}, w[12 * 2], g[12 * 2] = {0.0F};
  mpp_dims d = {.T = 2, .B = 1, .npatch = 1, .width = 2, .s = 6};
  const size_t grid[3] = {1, 2, 3};
  memcpy(d.grid[1], grid, sizeof grid);
  d.attends[1] = d.attends[2] = true;
  d.periodic[1] = true;
  d.wall[2][1] = true;
  for (int i = 0; i < 24; i++) { w[i] = (float)i; }
  mpp_edges_forward(tokens, w, &d);
  for (size_t i = 0; i < 12; i++) { /* row 8: axis 2, low, open; row 11: high, wall */
    const float expected = i % 3 == 0 ? 16.0F : i % 3 == 2 ? 22.0F : 0.0F;
    CU_ASSERT(tokens[2 * i] == expected && tokens[2 * i + 1] == expected + (expected > 0.0F));
  }
  for (size_t i = 0; i < 24; i++) { tokens[i] = 1.0F; }
  mpp_edges_backward(g, tokens, &d);
  for (size_t i = 0; i < 24; i++) {
    CU_ASSERT_EQUAL(g[i], i / 2 == 8 || i / 2 == 11 ? 4.0F : 0.0F);
  }
}

static void bits_do_not_depend_on_the_number_of_threads(void)
{
  for (int d = 1; d <= 3; d++) {
    open_case(&c, d, 0x26);
    open_case(&other, d, 0x26);
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

static void a_checkpoint_has_them_and_pytorch_does_not(void)
{
  static float y[4 * SEEN_MOST], z[4 * SEEN_MOST];
  open_case(&c, 2, 0x26);
  predict(y, &c);
  ASSERT_OK(mpp_model_save(c.model, test_path(0, "edges.safetensors")));
  ASSERT_STATUS(mpp_model_export_torch(c.model, test_path(1, "edges.pt"), MPP_STORE_F32),
                MPP_ERR_DATA);
  CU_ASSERT(strstr(mpp_last_error(), "edge_embed") != NULL);
  mpp_model_destroy(c.model);
  REQUIRE_OK(mpp_model_load(&c.model, test_path(0, "edges.safetensors")));
  CU_ASSERT(mpp_model_get_config(c.model)->edges);
  predict(z, &c);
  CU_ASSERT(equal_bytes(y, z, 4 * c.cells * sizeof *y));
  seen_close(&c);
}

TESTS({"new edges change no bit", new_edges_change_no_bit},
      {"walls and open ends differ and ends that wrap have none",
       walls_and_open_ends_differ_and_ends_that_wrap_have_none},
      {"vectors go to the tokens beside an end", vectors_go_to_the_tokens_beside_an_end},
      {"bits do not depend on the number of threads", bits_do_not_depend_on_the_number_of_threads},
      {"a checkpoint has them and PyTorch does not", a_checkpoint_has_them_and_pytorch_does_not})
