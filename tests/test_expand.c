/* test_expand.c - new fields for a trained model. */
#include "equal_bytes.h"
#include "tiny_model.h"

enum { FRAME = 2 * 2 * 12 * 8, WINDOW = 4 * FRAME };

static const float *weights_of(const mpp_model *m, const char *name)
{
  return m->weights + mpp_params_find(m->params, name)->offset;
}

static void appended_fields_leave_old_predictions_alone(void)
{
  static float x[WINDOW], y[FRAME], z[FRAME];
  static const mpp_name names[] = {"b:0", "a:2", "b:1", "b:0"}; /* one known, one twice */
  const mpp_mode modes[] = {MPP_MODE_FRAME, MPP_MODE_DELTA, MPP_MODE_AUTOREGRESS};
  const mpp_window_shape shape = tiny_shape();
  tiny_window(x, &shape, 8);
  for (int i = 0; i < 3; i++) {
    const mpp_model_config config = tiny_config(modes[i], MPP_BIAS_REL);
    mpp_model *m = tiny_model(&config, 6);
    size_t added = 0, count = 0;
    ASSERT_OK(mpp_model_predict(m, y, x, &shape));
    ASSERT_OK(mpp_model_extend(m, names, 4, 1, &added));
    CU_ASSERT_EQUAL(added, 2);
    const mpp_name *vocabulary = mpp_model_vocabulary(m, &count);
    CU_ASSERT_EQUAL(count, 6);
    CU_ASSERT_STRING_EQUAL(vocabulary[3], "a:3");
    CU_ASSERT_STRING_EQUAL(vocabulary[4], "b:0");
    CU_ASSERT_STRING_EQUAL(vocabulary[5], "b:1");
    ASSERT_OK(mpp_model_predict(m, z, x, &shape));
    CU_ASSERT(test_relative_error(z, y, FRAME) < 1e-5); /* rounding of the embedding, amplified */
    mpp_model_destroy(m);
  }
}

static void old_columns_keep_their_bits_and_new_ones_the_published_spread(void)
{
  static const mpp_name names[] = {"b:0", "b:1", "b:2", "b:3"};
  const mpp_model_config config = tiny_config(MPP_MODE_FRAME, MPP_BIAS_REL);
  mpp_model *m = tiny_model(&config, 6), *old = tiny_model(&config, 6);
  size_t added = 0;
  ASSERT_OK(mpp_model_extend(m, names, 4, 1, &added));
  const mpp_param *kernel = mpp_params_find(m->params, "debed.out_kernel"); /* [6, 8, 2, 2] */
  const float *k = weights_of(m, "debed.out_kernel"), *o = weights_of(old, "debed.out_kernel");
  CU_ASSERT(kernel->shape[0] == 6 && kernel->shape[1] == 8);
  double square = 0.0;
  for (size_t i = 0; i < 6; i++) {
    CU_ASSERT(equal_bytes(k + i * 32, o + i * 16, 16 * sizeof *k));
    for (size_t j = 16; j < 32; j++) {
      CU_ASSERT(fabsf(k[i * 32 + j]) <= 0.17678f); /* 1/sqrt(8 * 4) */
      square += (double)k[i * 32 + j] * k[i * 32 + j];
    }
  }
  /* Uniform: bound / sqrt(3), four standard errors of 96 numbers. */
  CU_ASSERT_DOUBLE_EQUAL(sqrt(square / 96.0) / (0.17678 / sqrt(3.0)), 1.0, 4 * 0.045);
  CU_ASSERT(equal_bytes(weights_of(m, "debed.out_bias"), weights_of(old, "debed.out_bias"),
                        4 * sizeof(float)));
  const float *bag = weights_of(m, "space_bag.weight"),
              *bag_old = weights_of(old, "space_bag.weight");
  for (size_t i = 0; i < 6; i++) {
    for (size_t j = 0; j < 4; j++) {
      CU_ASSERT_DOUBLE_EQUAL(bag[i * 8 + j], bag_old[i * 4 + j] * sqrt(0.5), 1e-7);
      CU_ASSERT(bag[i * 8 + 4 + j] != 0.0f && fabsf(bag[i * 8 + 4 + j]) <= 0.3536f); /* 1/sqrt(8) */
    }
  }
  CU_ASSERT(equal_bytes(weights_of(m, "blocks.1.spatial.mlp.fc1.weight"),
                        weights_of(old, "blocks.1.spatial.mlp.fc1.weight"),
                        sizeof(float) * 96 * 24));
  mpp_model_destroy(old);
  mpp_model_destroy(m);
}

static void free_columns_are_taken_first(void)
{
  static const mpp_name vocabulary[] = {"a:0", "", "a:2", ""};
  static const mpp_name one[] = {"b:0"}, more[] = {"b:1", "b:2"};
  static float x[WINDOW], y[FRAME], z[FRAME];
  const mpp_window_shape shape = tiny_shape(); /* columns 2 and 0 */
  const mpp_model_config config = tiny_config(MPP_MODE_DELTA, MPP_BIAS_REL);
  mpp_model *m = NULL;
  size_t added = 0;
  int column = -1;
  tiny_window(x, &shape, 8);
  REQUIRE_OK(mpp_model_create(&m, &config, vocabulary, 4, 1));
  tiny_stir(m, 6);
  ASSERT_OK(mpp_model_predict(m, y, x, &shape));
  const float before = weights_of(m, "space_bag.weight")[1];
  ASSERT_OK(mpp_model_extend(m, one, 1, 5, &added));
  CU_ASSERT(added == 1 && m->n_states == 4);
  ASSERT_OK(mpp_model_columns(m, &column, one, 1));
  CU_ASSERT_EQUAL(column, 1);
  CU_ASSERT_NOT_EQUAL(weights_of(m, "space_bag.weight")[1], before);
  CU_ASSERT_EQUAL(weights_of(m, "debed.out_bias")[1], 0.0f); /* corrections start at nothing */
  ASSERT_OK(mpp_model_predict(m, z, x, &shape));
  CU_ASSERT(equal_bytes(y, z, sizeof y)); /* nothing else has moved */
  ASSERT_OK(mpp_model_extend(m, more, 2, 5, &added));
  CU_ASSERT(added == 2 && m->n_states == 5);
  CU_ASSERT_STRING_EQUAL(m->vocabulary[3], "b:1");
  CU_ASSERT_STRING_EQUAL(m->vocabulary[4], "b:2");
  mpp_model_destroy(m);
}

static void known_fields_change_nothing(void)
{
  static const mpp_name names[] = {"a:3", "a:0"};
  const mpp_model_config config = tiny_config(MPP_MODE_FRAME, MPP_BIAS_REL);
  mpp_model *m = tiny_model(&config, 6);
  const float *weights = m->weights;
  size_t added = 9;
  ASSERT_OK(mpp_model_extend(m, names, 2, 1, &added));
  CU_ASSERT_EQUAL(added, 0);
  CU_ASSERT_PTR_EQUAL(m->weights, weights);
  mpp_model_destroy(m);
}

static void a_failed_extension_changes_nothing(void)
{
  static const mpp_name names[] = {"b:0"}, empty[] = {""};
  const mpp_model_config config = tiny_config(MPP_MODE_FRAME, MPP_BIAS_REL);
  mpp_model *m = tiny_model(&config, 6);
  size_t added = 9;
  ASSERT_STATUS(mpp_model_extend(m, empty, 1, 1, &added), MPP_ERR_DATA);
  mpp_model *handle = NULL;
  REQUIRE_OK(mpp_model_share(&handle, m));
  ASSERT_STATUS(mpp_model_extend(handle, names, 1, 1, &added), MPP_ERR_USAGE);
  ASSERT_MESSAGE("cannot be extended");
  mpp_model_destroy(handle);
  for (long n = 0; n < 7; n++) { /* each allocation fails once */
    mpp_fault_after(n);
    ASSERT_STATUS(mpp_model_extend(m, names, 1, 1, &added), MPP_ERR_NOMEM);
    CU_ASSERT(m->n_states == 4 && added == 9);
  }
  mpp_fault_after(-1);
  ASSERT_OK(mpp_model_extend(m, names, 1, 1, &added));
  CU_ASSERT_EQUAL(added, 1);
  mpp_model_destroy(m);
}

static void unknown_fields_are_listed(void)
{
  static const mpp_name names[] = {"a:1", "b:0", "b:1"}, unnamed[] = {""};
  const mpp_model_config config = tiny_config(MPP_MODE_FRAME, MPP_BIAS_REL);
  mpp_model *m = tiny_model(&config, 6);
  int columns[3] = {7, 7, 7};
  ASSERT_STATUS(mpp_model_columns(m, columns, names, 3), MPP_ERR_DATA);
  ASSERT_MESSAGE("'b:0', 'b:1'");
  CU_ASSERT_EQUAL(columns[0], 7);
  m->vocabulary[1][0] = '\0'; /* a free column has no name to be asked for by */
  ASSERT_STATUS(mpp_model_columns(m, columns, unnamed, 1), MPP_ERR_DATA);
  mpp_model_destroy(m);
}

TESTS({"appended fields leave old predictions alone", appended_fields_leave_old_predictions_alone},
      {"old columns keep their bits and new ones the published spread",
       old_columns_keep_their_bits_and_new_ones_the_published_spread},
      {"free columns are taken first", free_columns_are_taken_first},
      {"known fields change nothing", known_fields_change_nothing},
      {"a failed extension changes nothing", a_failed_extension_changes_nothing},
      {"unknown fields are listed", unknown_fields_are_listed})
