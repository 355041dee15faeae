/* test_adapter_file.c - adapters as files, and what of them joins which model. */
#include <unistd.h>

#include "adapter_case.h"
#include "checkpoint.h"

/* Writes "base.safetensors" and "adapter.safetensors" to slots 0 and 1; returns the model with the
 * adapter applied. */
static mpp_model *write_both(bool mlp)
{
  mpp_model *m = adapter_base();
  REQUIRE_OK(mpp_model_save(m, test_path(0, "base.safetensors")));
  mpp_adapter *a = adapter_of(m, mlp, true);
  const mpp_pair note = {"train_command", "mpp finetune"};
  m->config.context = 6;
  mpp_adapter_apply(a, m);
  REQUIRE_OK(mpp_adapter_write(a, m, test_path(1, "adapter.safetensors"), &note, 1));
  mpp_adapter_destroy(a);
  return m;
}

static bool same_model(const mpp_model *a, const mpp_model *b)
{
  size_t na = 0, nb = 0;
  const mpp_name *va = mpp_model_vocabulary(a, &na), *vb = mpp_model_vocabulary(b, &nb);
  bool same =
      na == nb && a->config.context == b->config.context && a->params->total == b->params->total;
  for (size_t i = 0; same && i < na; i++) { same = strcmp(va[i], vb[i]) == 0; }
  const void *wa = a->weights, *wb = b->weights;
  return same && memcmp(wa, wb, a->params->total * sizeof(float)) == 0;
}

static void base_and_adapter_make_the_finetuned_model_to_the_bit(void)
{
  for (int mlp = 0; mlp < 2; mlp++) {
    mpp_model *whole = write_both(mlp == 1), *joined = NULL;
    REQUIRE_OK(mpp_model_load_adapted(&joined, test_path(0, "base.safetensors"),
                                      test_path(1, "adapter.safetensors")));
    CU_ASSERT(same_model(joined, whole));
    mpp_model_destroy(joined);
    REQUIRE_OK(mpp_model_load_adapted(&joined, test_path(0, "base.safetensors"), ""));
    CU_ASSERT(!same_model(joined, whole));
    mpp_model_destroy(joined);
    mpp_model_destroy(whole);
  }
}

static mpp_status join(const char *base, const char *adapter)
{
  mpp_model *m = NULL;
  const mpp_status st = mpp_model_load_adapted(&m, base, adapter);
  CU_ASSERT_PTR_NULL(m);
  return st;
}

static void what_does_not_belong_together_is_refused(void)
{
  mpp_model *m = write_both(false);
  const char *base = test_path(0, "base.safetensors"),
             *adapter = test_path(1, "adapter.safetensors"),
             *other = test_path(2, "other.safetensors");
  REQUIRE_OK(mpp_model_save(m, other)); /* the merged model is not the base */
  ASSERT_STATUS(join(other, adapter), MPP_ERR_DATA);
  ASSERT_MESSAGE("other.safetensors with digest xxh3-128:");
  ASSERT_STATUS(join(base, other), MPP_ERR_DATA);
  ASSERT_MESSAGE("other.safetensors: is no adapter");
  ASSERT_STATUS(join(adapter, NULL), MPP_ERR_DATA);
  ASSERT_MESSAGE("is an adapter, which needs its model");
  ASSERT_STATUS(join(base, test_path(3, "none.safetensors")), MPP_ERR_NOINPUT);
  mpp_model_destroy(m);
}

static void the_digest_sees_weights_names_and_sizes(void)
{
  char one[MPP_DIGEST_SIZE], two[MPP_DIGEST_SIZE];
  mpp_model *m = adapter_base();
  REQUIRE_OK(mpp_model_digest(one, m));
  REQUIRE_OK(mpp_model_digest(two, m));
  CU_ASSERT_STRING_EQUAL(one, two);
  m->config.context++; /* no weight depends on it */
  REQUIRE_OK(mpp_model_digest(two, m));
  CU_ASSERT_STRING_EQUAL(one, two);
  m->config.mode = MPP_MODE_DELTA;
  REQUIRE_OK(mpp_model_digest(two, m));
  CU_ASSERT_STRING_NOT_EQUAL(one, two);
  m->config.mode = MPP_MODE_AUTOREGRESS;
  m->vocabulary[3][0] = 'c';
  REQUIRE_OK(mpp_model_digest(two, m));
  CU_ASSERT_STRING_NOT_EQUAL(one, two);
  m->vocabulary[3][0] = 'a';
  m->weights[m->params->total - 1] += 1.0f;
  REQUIRE_OK(mpp_model_digest(two, m));
  CU_ASSERT_STRING_NOT_EQUAL(one, two);
  mpp_model_destroy(m);
}

static const mpp_tensor *first; /* what the first tensor becomes but for its name, or NULL */

/* Rewrites the adapter without tensor `drop` and with `text` in the place of the metadata `key`
 * (without it, if that is NULL), which mpp_tensors_write gives a digest of its own. */
static void rewrite(const char *drop, const char *key, const char *text)
{
  mpp_tensor_file *f = NULL;
  mpp_tensor tensors[128];
  mpp_pair pairs[64];
  size_t n = 0, np = 0;
  REQUIRE_OK(mpp_tensors_read(&f, test_path(1, "adapter.safetensors")));
  CU_ASSERT_FATAL(mpp_tensors_count(f) <= 128 && mpp_tensors_meta_count(f) <= 64);
  for (size_t i = 0; i < mpp_tensors_count(f); i++) {
    const mpp_tensor *t = mpp_tensors_at(f, i);
    if (drop == NULL || strcmp(t->name, drop) != 0) {
      tensors[n] = n == 0 && first != NULL ? *first : *t;
      tensors[n++].name = t->name;
    }
  }
  for (size_t i = 0; i < mpp_tensors_meta_count(f); i++) {
    pairs[np] = mpp_tensors_meta_at(f, i);
    if (strcmp(pairs[np].key, "mpp_digest") == 0) {
      continue;
    }
    if (key != NULL && strcmp(pairs[np].key, key) == 0) {
      pairs[np].text = text;
    }
    np += pairs[np].text != NULL;
  }
  REQUIRE_OK(mpp_tensors_write(test_path(2, "changed.safetensors"), tensors, n, pairs, np));
  mpp_tensors_free(f);
}

static void adapters_that_contradict_themselves_are_refused(void)
{
  static const struct {
    const char *drop, *key, *text, *message;
  } bad[] = {
      {"debed.out_bias.columns", NULL, NULL, "'debed.out_bias.columns': found nothing"},
      {NULL, "adapter_rank", "4", "found another shape"},
      {NULL, "adapter_rank", "100", "lora-rank: found 100"},
      {NULL, "adapter_rank", "three", "'adapter_rank': found 'three'"},
      {NULL, "adapter_alpha", NULL, "'adapter_alpha': found 'nothing'"},
      {NULL, "adapter_alpha", "", "'adapter_alpha': found ''"},
      {NULL, "adapter_alpha", "3x", "'adapter_alpha': found '3x'"},
      {NULL, "adapter_alpha", "2e9", "'adapter_alpha': found '2e9'"},
      {NULL, "adapter_alpha", "-1", "'adapter_alpha': found '-1'"},
      {NULL, "adapter_alpha", "nan", "'adapter_alpha': found 'nan'"},
      {NULL, "adapter_maps", "some", "'adapter_maps': found 'some'"},
      {NULL, "adapter_maps", "all", "mlp.fc1.lora_A.weight': found nothing"},
      {NULL, "adapter_maps", NULL, "'adapter_maps': found 'nothing'"},
      {NULL, "adapter_fields", NULL, "expected a JSON list"},
      {NULL, "adapter_fields", "{}", "expected a JSON list"},
      {NULL, "adapter_fields",
       "[\"a name of more than sixty-three characters, as no field of any dataset has\"]",
       "entry 0 is no name"},
      {NULL, "adapter_fields", "[\"b:0\"", "expected a JSON list"},
      {NULL, "adapter_fields", "[\"b:0\", 3]", "entry 1 is no name"},
      {NULL, "adapter_fields", "[\"b:0\", \"b:\\u001b1\"]", "entry 1 is no name"},
      {NULL, "adapter_fields", "[\"b:0\", \"\"]", "entry 1 is no name"},
      {NULL, "adapter_fields", "[\"b:1\", \"b:0\"]", "vocabulary is not that of the base"},
      {NULL, "adapter_fields", "[\"b:0\", \"a:0\"]", "expected a JSON list of 5 names"},
      {NULL, "context", "0", "'context': found '0'"},
      {NULL, "context", "99999999", "'context': found 1e+08"},
  };
  mpp_model_destroy(write_both(false));
  rewrite(NULL, NULL, NULL);
  mpp_model *m = NULL;
  REQUIRE_OK(mpp_model_load_adapted(&m, test_path(0, "base.safetensors"),
                                    test_path(2, "changed.safetensors")));
  mpp_model_destroy(m);
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    rewrite(bad[i].drop, bad[i].key, bad[i].text);
    ASSERT_STATUS(join(test_path(0, "base.safetensors"), test_path(2, "changed.safetensors")),
                  MPP_ERR_DATA);
    ASSERT_MESSAGE(bad[i].message);
    ASSERT_MESSAGE("changed.safetensors");
  }
}

static void values_that_are_not_finite_are_not_saved(void)
{
  mpp_model *m = adapter_base();
  mpp_adapter *a = adapter_of(m, true, true);
  a->values[17] = NAN;
  ASSERT_STATUS(mpp_adapter_write(a, m, test_path(3, "bad.safetensors"), NULL, 0),
                MPP_ERR_DIVERGED);
  CU_ASSERT_NOT_EQUAL(access(test_path(3, "bad.safetensors"), F_OK), 0);
  mpp_adapter_destroy(a);
  mpp_model_destroy(m);
}

static void tensors_of_another_kind_are_refused(void)
{
  static const float bad[4096] = {NAN};
  static const double wide[4096] = {0.0};
  mpp_tensor_file *f = NULL;
  mpp_model_destroy(write_both(false));
  REQUIRE_OK(mpp_tensors_read(&f, test_path(1, "adapter.safetensors")));
  const mpp_tensor was = *mpp_tensors_at(f, 0);
  mpp_tensors_free(f);
  CU_ASSERT_FATAL(mpp_tensor_elements(&was) <= 4096 && was.rank < MPP_TENSOR_RANK);
  mpp_tensor is[3] = {was, was, was};
  is[0].data = bad;
  is[1].data = wide;
  is[1].dtype = MPP_F64;
  is[2].data = wide;
  is[2].shape[is[2].rank++] = 1;
  static const char *const message[] = {"value 0 is not finite", "another shape", "another shape"};
  for (size_t i = 0; i < 3; i++) {
    first = &is[i];
    rewrite(NULL, NULL, NULL);
    ASSERT_STATUS(join(test_path(0, "base.safetensors"), test_path(2, "changed.safetensors")),
                  MPP_ERR_DATA);
    ASSERT_MESSAGE(message[i]);
  }
  first = NULL;
}

/* Writes that fail are for test_safetensors_write; here is what comes before the first of them. */
static void what_fails_before_a_file_is_written_leaves_none(void)
{
  const char *path = test_path(3, "none.safetensors");
  mpp_model *m = adapter_base();
  mpp_adapter *a = adapter_of(m, true, true);
  const long live = mpp_alloc_live();
  for (long n = 0; n < 12; n++) {
    mpp_fault_after(n);
    CU_ASSERT_NOT_EQUAL(mpp_adapter_write(a, m, path, NULL, 0), MPP_OK);
    mpp_fault_after(-1);
    CU_ASSERT_EQUAL(mpp_alloc_live(), live);
    CU_ASSERT_NOT_EQUAL(access(path, F_OK), 0);
  }
  mpp_adapter_destroy(a);
  mpp_model_destroy(m);
}

static void any_fallible_call_may_fail(void)
{
  mpp_model_destroy(write_both(true));
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    mpp_model *m = NULL;
    const mpp_status st =
        TEST_FAULT(&faults, mpp_model_load_adapted(&m, test_path(0, "base.safetensors"),
                                                   test_path(1, "adapter.safetensors")));
    CU_ASSERT_EQUAL(m != NULL, st == MPP_OK);
    mpp_model_destroy(m);
  }
  CU_ASSERT(faults.failed > 10);
}

TESTS({"base and adapter make the finetuned model to the bit",
       base_and_adapter_make_the_finetuned_model_to_the_bit},
      {"what does not belong together is refused", what_does_not_belong_together_is_refused},
      {"the digest sees weights, names and sizes", the_digest_sees_weights_names_and_sizes},
      {"adapters that contradict themselves are refused",
       adapters_that_contradict_themselves_are_refused},
      {"values that are not finite are not saved", values_that_are_not_finite_are_not_saved},
      {"any fallible call may fail", any_fallible_call_may_fail},
      {"tensors of another kind are refused", tensors_of_another_kind_are_refused},
      {"what fails before a file is written leaves none",
       what_fails_before_a_file_is_written_leaves_none})
