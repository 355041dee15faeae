/* test_model.c - a model as its owner sees it. */
#include "tiny_model.h"

static void a_new_model_says_what_it_is(void)
{
  const mpp_model_config config = tiny_config(MPP_MODE_DELTA, MPP_BIAS_REL);
  static const mpp_name names[] = {"a:0", "", "", "b:1"};
  static const mpp_name wanted[] = {"b:1", "a:0"};
  mpp_model *m = NULL;
  size_t count = 0;
  int columns[2];
  REQUIRE_OK(mpp_model_create(&m, &config, names, 4, 1));
  CU_ASSERT_EQUAL(mpp_model_get_config(m)->mode, MPP_MODE_DELTA);
  CU_ASSERT_STRING_EQUAL(mpp_model_vocabulary(m, &count)[3], "b:1");
  CU_ASSERT_EQUAL(count, 4);
  CU_ASSERT_EQUAL(mpp_model_parameter_count(m), m->params->total);
  ASSERT_OK(mpp_model_columns(m, columns, wanted, 2));
  CU_ASSERT(columns[0] == 3 && columns[1] == 0);
  mpp_model_destroy(m);
  mpp_model_destroy(NULL);
}

/* Counted by hand: two attentions, the MLP, four norms and three layer scales a block; embedding,
 * three stages each way, head. */
static size_t parameters_of(size_t c, size_t heads, size_t blocks, size_t n_states)
{
  const size_t d = c / 4, attention = 4 * c + 4 * c * c + 4 * c + 4 * (c / heads) + 32 * heads;
  const size_t block = 2 * attention + 8 * c * c + 5 * c + 2 * c + 3 * c;
  const size_t stem = d * n_states + d + d * d * 16 + 2 * d + d * d * 4 + 2 * d + d * c * 4 + 2 * c;
  const size_t destem = c * d * 4 + 2 * d + d * d * 4 + 2 * d + d * n_states * 16 + n_states;
  return stem + blocks * block + destem;
}

static void named_sizes_have_the_parameters_counted_by_hand(void)
{
  for (int size = MPP_SIZE_NANO; size <= MPP_SIZE_L; size++) {
    mpp_model_config c;
    mpp_params *p = NULL;
    mpp_model_config_defaults(&c, (mpp_size)size);
    REQUIRE_OK(mpp_params_create(&p, &c, 12));
    CU_ASSERT_EQUAL(p->total, parameters_of((size_t)c.embed_dim, (size_t)c.num_heads,
                                            (size_t)c.processor_blocks, 12));
    mpp_params_destroy(p);
  }
}

static void bad_vocabularies_are_refused(void)
{
  const mpp_model_config config = tiny_config(MPP_MODE_FRAME, MPP_BIAS_REL);
  static const mpp_name twice[] = {"a:0", "b:0", "a:0"};
  mpp_name endless[1];
  mpp_model *m = NULL;
  memset(endless, 'x', sizeof endless);
  ASSERT_STATUS(mpp_model_create(&m, &config, twice, 3, 1), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("columns 0 and 2 are both 'a:0'");
  ASSERT_STATUS(mpp_model_create(&m, &config, (const mpp_name *)endless, 1, 1), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("longer than 63");
  CU_ASSERT_PTR_NULL(m);
}

static void each_failed_allocation_leaves_nothing(void)
{
  const mpp_model_config config = tiny_config(MPP_MODE_FRAME, MPP_BIAS_REL);
  static const mpp_name names[] = {"a:0"};
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    mpp_model *m = NULL;
    const mpp_status st = TEST_FAULT(&faults, mpp_model_create(&m, &config, names, 1, 1));
    CU_ASSERT_EQUAL(st, m != NULL ? MPP_OK : MPP_ERR_NOMEM);
    mpp_model_destroy(m);
  }
  CU_ASSERT(faults.failed >= 7);
}

TESTS({"a new model says what it is", a_new_model_says_what_it_is},
      {"named sizes have the parameters counted by hand",
       named_sizes_have_the_parameters_counted_by_hand},
      {"bad vocabularies are refused", bad_vocabularies_are_refused},
      {"each failed allocation leaves nothing", each_failed_allocation_leaves_nothing})
