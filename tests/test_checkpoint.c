/* test_checkpoint.c - models as files: round trip, published weights, everything that can be
 * wrong. */
#include "checkpoint.h"

#include "equal_bytes.h"
#include "golden.h"
#include "tiny_model.h"

enum { FRAME = 2 * 2 * 12 * 8, WINDOW = 4 * FRAME };

static void a_saved_model_comes_back_to_the_bit(void)
{
  static float x[WINDOW], y[FRAME], z[FRAME];
  const mpp_window_shape shape = tiny_shape();
  const mpp_mode modes[] = {MPP_MODE_FRAME, MPP_MODE_DELTA, MPP_MODE_EXTRAPOLATE,
                            MPP_MODE_AUTOREGRESS, MPP_MODE_WINDOW};
  const char *path = test_path(0, "model.safetensors");
  tiny_window(x, &shape, 8);
  for (int i = 0; i < 5; i++) {
    mpp_model_config config = tiny_config(modes[i], i == 1 ? MPP_BIAS_CONTINUOUS : MPP_BIAS_REL);
    config.context = 7 + i;
    mpp_model *m = tiny_model(&config, 6), *back = NULL;
    m->vocabulary[1][0] = '\0';
    memcpy(m->vocabulary[3], "q\"uo\\te:\xc3\xbc", sizeof "q\"uo\\te:\xc3\xbc");
    ASSERT_OK(mpp_model_save(m, path));
    REQUIRE_OK(mpp_model_load(&back, path));
    CU_ASSERT(equal_bytes(&m->config, &back->config, sizeof m->config));
    CU_ASSERT_EQUAL(m->n_states, back->n_states);
    for (size_t k = 0; k < 4; k++) {
      CU_ASSERT_STRING_EQUAL(m->vocabulary[k], back->vocabulary[k]);
    }
    ASSERT_OK(mpp_model_predict(m, y, x, &shape));
    ASSERT_OK(mpp_model_predict(back, z, x, &shape));
    CU_ASSERT(equal_bytes(y, z, sizeof y));
    mpp_model_destroy(back);
    mpp_model_destroy(m);
  }
}

static void the_metadata_says_what_the_model_is(void)
{
  const mpp_model_config config = tiny_config(MPP_MODE_EXTRAPOLATE, MPP_BIAS_REL);
  const char *path = test_path(0, "model.safetensors");
  const float moments[3] = {1, 2, 3};
  const mpp_tensor extra = {"optim/m", MPP_F32, 1, {3}, moments};
  const mpp_pair pair = {"step", "40"};
  const mpp_pair expected[] = {{"format", "pt"},
                               {"mpp_version", MPP_VERSION},
                               {"embed_dim", "24"},
                               {"num_heads", "3"},
                               {"processor_blocks", "2"},
                               {"n_states", "4"},
                               {"patch", "2,2"},
                               {"bias_type", "rel"},
                               {"mode", "extrapolate"},
                               {"context", "4"},
                               {"vocabulary", "[\"a:0\",\"a:1\",\"a:2\",\"a:3\"]"},
                               {"step", "40"}};
  mpp_model *m = tiny_model(&config, 6), *back = NULL;
  mpp_tensor_file *file = NULL;
  ASSERT_OK(mpp_checkpoint_write(m, path, &extra, 1, &pair, 1));
  REQUIRE_OK(mpp_tensors_read(&file, path));
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
    const char *text = mpp_tensors_meta(file, expected[i].key);
    CU_ASSERT(text != NULL && strcmp(text, expected[i].text) == 0);
  }
  CU_ASSERT_PTR_NOT_NULL(mpp_tensors_find(file, "optim/m"));
  ASSERT_OK(mpp_checkpoint_model(&back, file)); /* other tensors do not disturb it */
  CU_ASSERT(equal_bytes(m->weights, back->weights, m->params->total * sizeof(float)));
  mpp_tensors_free(file);
  mpp_model_destroy(back);
  mpp_model_destroy(m);
}

/* ---- published files ---- */

static void published_weights_load_with_their_configuration(void)
{
  for (int i = 0; i < GOLDEN_CASES; i++) {
    golden c;
    golden_open(&c, golden_names[i]);
    const mpp_model_config *config = &c.model->config;
    CU_ASSERT(config->embed_dim == 48 && config->num_heads == 3 && config->processor_blocks == 2);
    CU_ASSERT(config->npatch == 3 && config->patch[0] == 4 && config->patch[2] == 2);
    CU_ASSERT_EQUAL(config->bias == MPP_BIAS_CONTINUOUS, strstr(golden_names[i], "cont") != NULL);
    CU_ASSERT(config->mode == MPP_MODE_FRAME && config->context == 16);
    if (c.model->n_states == 12) {
      CU_ASSERT_STRING_EQUAL(c.model->vocabulary[5], "diffre2d:inhibitor");
      CU_ASSERT_STRING_EQUAL(c.model->vocabulary[11], "");
    } else {
      CU_ASSERT_EQUAL(c.model->n_states, 6);
      CU_ASSERT_STRING_EQUAL(c.model->vocabulary[0], "");
    }
    golden_close(&c);
  }
}

/* Tensors of a model, to be changed by a test and written as a file. */
typedef struct edited {
  mpp_model *model;
  mpp_tensor tensors[256];
  char names[256][112];
  size_t count;
} edited;

static void edit_begin(edited *e, const mpp_model_config *config, const char *prefix)
{
  e->model = tiny_model(config, 6);
  const mpp_params *p = e->model->params;
  e->count = p->count;
  for (size_t i = 0; i < p->count; i++) {
    snprintf(e->names[i], sizeof e->names[i], "%s%s", prefix, p->entry[i].name);
    e->tensors[i] = (mpp_tensor){.name = e->names[i], .rank = p->entry[i].rank};
    memcpy(e->tensors[i].shape, p->entry[i].shape, p->entry[i].rank * sizeof(size_t));
    e->tensors[i].data = e->model->weights + p->entry[i].offset;
  }
}

static mpp_tensor *edit_find(edited *e, const char *name)
{
  for (size_t i = 0; i < e->count; i++) {
    if (strcmp(e->tensors[i].name, name) == 0) {
      return &e->tensors[i];
    }
  }
  CU_FAIL_FATAL("no such tensor");
  return NULL;
}

/* Writes the tensors with `nmeta` pairs and loads them. */
static mpp_status edit_load(mpp_model **out, const edited *e, const mpp_pair *meta, size_t nmeta)
{
  const char *path = test_path(1, "edited.safetensors");
  REQUIRE_OK(mpp_tensors_write(path, e->tensors, e->count, meta, nmeta));
  return mpp_model_load(out, path);
}

static void weights_without_metadata_tell_their_size(void)
{
  const char *prefixes[] = {"", "module.", "_orig_mod.", "module._orig_mod."};
  for (int i = 0; i < 4; i++) {
    mpp_model_config config =
        tiny_config(MPP_MODE_FRAME, i % 2 ? MPP_BIAS_CONTINUOUS : MPP_BIAS_REL);
    config.npatch = i < 3 ? 2 : 1;
    config.patch[0] = 4;
    edited e;
    mpp_model *m = NULL;
    edit_begin(&e, &config, prefixes[i]);
    REQUIRE_OK(edit_load(&m, &e, NULL, 0));
    CU_ASSERT(m->config.embed_dim == 24 && m->config.num_heads == 3);
    CU_ASSERT(m->config.processor_blocks == 2 && m->config.bias == config.bias);
    CU_ASSERT(m->config.npatch == config.npatch && m->config.patch[0] == 4);
    CU_ASSERT(m->n_states == 4 && m->vocabulary[0][0] == '\0');
    CU_ASSERT(equal_bytes(m->weights, e.model->weights, m->params->total * sizeof(float)));
    mpp_model_destroy(m);
    mpp_model_destroy(e.model);
  }
}

static void weights_in_double_precision_are_taken(void)
{
  const mpp_model_config config = tiny_config(MPP_MODE_FRAME, MPP_BIAS_REL);
  edited e;
  mpp_model *m = NULL;
  double wide[24];
  edit_begin(&e, &config, "");
  mpp_tensor *t = edit_find(&e, "blocks.0.temporal.gamma");
  for (size_t i = 0; i < 24; i++) { wide[i] = (double)i / 3.0; }
  t->dtype = MPP_F64;
  t->data = wide;
  REQUIRE_OK(edit_load(&m, &e, NULL, 0));
  const float *gamma = m->weights + mpp_params_find(m->params, "blocks.0.temporal.gamma")->offset;
  CU_ASSERT_EQUAL(gamma[7], (float)(7.0 / 3.0));
  mpp_model_destroy(m);
  mpp_model_destroy(e.model);
}

/* ---- files that do not fit ---- */

static void expect_refusal(const edited *e, const mpp_pair *meta, size_t nmeta, const char *text)
{
  mpp_model *m = NULL;
  ASSERT_STATUS(edit_load(&m, e, meta, nmeta), MPP_ERR_DATA);
  ASSERT_MESSAGE(text);
  ASSERT_MESSAGE("edited.safetensors");
  CU_ASSERT_PTR_NULL(m);
}

static void tensors_that_do_not_fit_are_named_with_both_shapes(void)
{
  const mpp_model_config config = tiny_config(MPP_MODE_FRAME, MPP_BIAS_REL);
  edited e;
  edit_begin(&e, &config, "");
  mpp_tensor *t = edit_find(&e, "blocks.1.spatial.mlp.fc1.weight");
  t->shape[0] = 48; /* of [96, 24] */
  t->shape[1] = 48;
  expect_refusal(&e, NULL, 0, "blocks.1.spatial.mlp.fc1.weight: found [48, 48], expected [96, 24]");
  t->shape[0] = 96;
  t->shape[1] = 24;
  t->name = "blocks.1.spatial.mlp.fc3.weight";
  expect_refusal(&e, NULL, 0, "blocks.1.spatial.mlp.fc1.weight: found nothing, expected [96, 24]");
  expect_refusal(&e, NULL, 0, "blocks.1.spatial.mlp.fc3.weight: found [96, 24], expected nothing");
  t->name = "blocks.1.spatial.mlp.fc1.weight";
  t = edit_find(&e, "debed.out_bias");
  t->name = "other";
  expect_refusal(&e, NULL, 0, "'debed.out_bias' is missing");
  t->name = "debed.out_bias";
  t = edit_find(&e, "embed.in_proj.0.weight");
  t->rank = 1;
  t->shape[0] = 144;
  expect_refusal(&e, NULL, 0, "'embed.in_proj.0.weight' has no plausible extent");
  mpp_model_destroy(e.model);
}

static void the_same_tensor_under_two_names_is_refused(void)
{
  const mpp_model_config config = tiny_config(MPP_MODE_FRAME, MPP_BIAS_REL);
  edited e;
  edit_begin(&e, &config, "");
  e.tensors[e.count] = *edit_find(&e, "debed.out_bias");
  e.tensors[e.count].name = "module.debed.out_bias";
  e.count++;
  expect_refusal(&e, NULL, 0, "module.debed.out_bias");
  mpp_model_destroy(e.model);
}

static void integer_weights_are_refused(void)
{
  const mpp_model_config config = tiny_config(MPP_MODE_FRAME, MPP_BIAS_REL);
  static const int64_t gamma[24] = {1};
  edited e;
  edit_begin(&e, &config, "");
  mpp_tensor *t = edit_find(&e, "blocks.0.temporal.gamma");
  t->dtype = MPP_I64;
  t->data = gamma;
  expect_refusal(&e, NULL, 0, "blocks.0.temporal.gamma: found integers, expected [24]");
  mpp_model_destroy(e.model);
}

static void metadata_that_contradicts_the_tensors_is_refused(void)
{
  const mpp_model_config config = tiny_config(MPP_MODE_FRAME, MPP_BIAS_REL);
  const mpp_pair wrong[] = {{"embed_dim", "48"},
                            {"num_heads", "4"},
                            {"processor_blocks", "twelve"},
                            {"n_states", "12"},
                            {"patch", "4,2,2"},
                            {"patch_size", "16"},
                            {"bias_type", "continuous"},
                            {"bias_type", "none"},
                            {"mode", "guess"},
                            {"context", "0"},
                            {"context", "16 frames"},
                            {"vocabulary", "[\"a\", \"b\"]"},
                            {"vocabulary", "[1, 2, 3, 4]"},
                            {"vocabulary", "[\"a\", \"b\", \"\\u001b[31m\", \"c\"]"},
                            {"vocabulary", "[\"a\", \"b\", \"a\", \"c\"]"},
                            {"vocabulary", "a b c d"}};
  edited e;
  edit_begin(&e, &config, "");
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    expect_refusal(&e, &wrong[i], 1, wrong[i].key);
  }
  char name[MPP_NAME_MAX + 40];
  snprintf(name, sizeof name, "[\"%064d\", \"b\", \"c\", \"d\"]", 1);
  const mpp_pair longer = {"vocabulary", name};
  expect_refusal(&e, &longer, 1, "no name of at most 63 characters");
  mpp_model_destroy(e.model);
}

static void weights_that_are_not_finite_are_refused_both_ways(void)
{
  const mpp_model_config config = tiny_config(MPP_MODE_FRAME, MPP_BIAS_REL);
  const float bad[] = {NAN, INFINITY, -INFINITY};
  edited e;
  edit_begin(&e, &config, "");
  float *gamma =
      e.model->weights + mpp_params_find(e.model->params, "blocks.1.spatial.gamma_mlp")->offset;
  for (int i = 0; i < 3; i++) {
    const char *path = test_path(2, "bad.safetensors");
    gamma[5] = bad[i];
    ASSERT_STATUS(mpp_model_save(e.model, path), MPP_ERR_DIVERGED);
    ASSERT_MESSAGE("'blocks.1.spatial.gamma_mlp': value 5");
    FILE *f = fopen(path, "rb");
    CU_ASSERT_PTR_NULL(f);
    expect_refusal(&e, NULL, 0, "'blocks.1.spatial.gamma_mlp': value 5");
  }
  mpp_model_destroy(e.model);
}

static void a_file_of_other_tensors_is_no_model(void)
{
  mpp_model *m = NULL;
  ASSERT_STATUS(mpp_model_load(&m, golden_path("open_1field_48x32", "case")), MPP_ERR_DATA);
  ASSERT_MESSAGE("not the weights of an AViT");
  ASSERT_STATUS(mpp_model_load(&m, test_path(3, "nowhere.safetensors")), MPP_ERR_NOINPUT);
  CU_ASSERT_PTR_NULL(m);
}

static void every_fallible_call_may_fail(void)
{
  const mpp_model_config config = tiny_config(MPP_MODE_DELTA, MPP_BIAS_REL);
  const char *path = test_path(0, "model.safetensors");
  mpp_model *m = tiny_model(&config, 6);
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    mpp_model *back = NULL;
    remove(path);
    test_fault_begin(&faults);
    mpp_status st = mpp_model_save(m, path);
    const bool saved = st == MPP_OK;
    st = saved ? mpp_model_load(&back, path) : st;
    test_fault_end(&faults, st);
    CU_ASSERT((back != NULL) == (st == MPP_OK));
    mpp_model_destroy(back);
  }
  CU_ASSERT(faults.failed >= 100); /* one a tensor written, and more */
  mpp_model_destroy(m);
}

TESTS({"a saved model comes back to the bit", a_saved_model_comes_back_to_the_bit},
      {"the metadata says what the model is", the_metadata_says_what_the_model_is},
      {"published weights load with their configuration",
       published_weights_load_with_their_configuration},
      {"weights without metadata tell their size", weights_without_metadata_tell_their_size},
      {"weights in double precision are taken", weights_in_double_precision_are_taken},
      {"tensors that do not fit are named with both shapes",
       tensors_that_do_not_fit_are_named_with_both_shapes},
      {"the same tensor under two names is refused", the_same_tensor_under_two_names_is_refused},
      {"integer weights are refused", integer_weights_are_refused},
      {"metadata that contradicts the tensors is refused",
       metadata_that_contradicts_the_tensors_is_refused},
      {"weights that are not finite are refused both ways",
       weights_that_are_not_finite_are_refused_both_ways},
      {"a file of other tensors is no model", a_file_of_other_tensors_is_no_model},
      {"every fallible call may fail", every_fallible_call_may_fail})
