/* test_run_state.c - what a run keeps in its checkpoints. Saving and resuming are held together by
 * test_trainer.c. */
#include "run_state.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "adapter_case.h"
#include "check.h"
#include "equal_bytes.h"
#include "safetensors.h"

static char origin_command[] = "c", origin_settings[] = "s", origin_data[] = "d";
static const mpp_provenance origin = {origin_command, origin_settings, origin_data, 9};

static void a_state_that_is_not_finite_is_never_saved(void)
{
  const mpp_model_config config = tiny_config(MPP_MODE_DELTA, MPP_BIAS_REL);
  mpp_model *m = tiny_model(&config, 3);
  mpp_optimizer o;
  mpp_ema e;
  const mpp_optimizer_settings set = {.beta1 = -1.0, .beta2 = -1.0, .beta3 = -1.0};
  const mpp_run_state state = {.step = 1};
  const size_t total = m->params->total;
  REQUIRE_OK(
      mpp_optimizer_create(&o, mpp_optimizer_method_of(MPP_OPTIMIZER_DADAPT_ADAN), total, &set));
  REQUIRE_OK(mpp_ema_create(&e, m->weights, total, 0.5));
  float *const bad[] = {o.vector[0], o.vector[4], e.mean, m->weights};
  for (size_t i = 0; i < 4; i++) {
    bad[i][10] = NAN;
    ASSERT_STATUS(
        mpp_run_state_save(test_path(0, "bad.safetensors"), m, NULL, &o, &e, &state, &origin),
        MPP_ERR_DIVERGED);
    CU_ASSERT_NOT_EQUAL(access(test_path(0, "bad.safetensors"), F_OK), 0);
    bad[i][10] = 0.0f;
  }
  o.scalar[0] = INFINITY;
  ASSERT_STATUS(
      mpp_run_state_save(test_path(0, "bad.safetensors"), m, NULL, &o, &e, &state, &origin),
      MPP_ERR_DIVERGED);
  ASSERT_MESSAGE("train_dadapt_d is not finite");
  o.scalar[0] = 0.1 + 0.2; /* needs 17 digits */
  ASSERT_OK(mpp_run_state_save(test_path(0, "bad.safetensors"), m, NULL, &o, &e, &state, &origin));
  mpp_optimizer_destroy(&o);
  mpp_ema_destroy(&e);
  mpp_model_destroy(m);
}

/* An optimizer of the kind with a state of noise. */
static void make_optimizer(mpp_optimizer *o, mpp_optimizer_kind kind, size_t total)
{
  const mpp_optimizer_settings set = {.beta1 = -1.0, .beta2 = -1.0, .beta3 = -1.0};
  REQUIRE_OK(mpp_optimizer_create(o, mpp_optimizer_method_of(kind), total, &set));
  for (size_t k = 0; k < mpp_optimizer_vectors(o->method); k++) {
    test_fill(o->vector[k], total, 10 + k);
  }
  o->step = 6;
  o->scalar[0] = o->method->scalar[0] != NULL ? 0.1 + 0.2 : 0.0; /* needs 17 digits */
  o->scalar[1] = o->method->scalar[1] != NULL ? 1.0 / 3.0 : 0.0;
}

static bool same_state(const mpp_optimizer *a, const mpp_optimizer *b)
{
  bool same = a->method == b->method && a->step == b->step && a->total == b->total &&
              a->scalar[0] == b->scalar[0] && a->scalar[1] == b->scalar[1];
  for (size_t k = 0; same && k < mpp_optimizer_vectors(a->method); k++) {
    same = memcmp(a->vector[k], b->vector[k], a->total * sizeof(float)) == 0;
  }
  return same;
}

/* Saves and reads a run with the kind of optimizer, with a mean or without; of the weights of m, or
 * of an adapter that it has applied. */
static void there_and_back(const mpp_model *m, const mpp_adapter *a, mpp_optimizer_kind kind,
                           const mpp_ema *e)
{
  const mpp_run_state state = {.step = 7, .validated = 5, .best = 0.1, .best_step = 3, .stale = 2};
  const char *path = test_path(0, "state.safetensors");
  mpp_optimizer o, o2 = {0};
  mpp_ema e2 = {0};
  mpp_model *m2 = NULL;
  mpp_adapter *a2 = NULL;
  mpp_run_state state2;
  mpp_provenance p2;
  make_optimizer(&o, kind, a != NULL ? a->params->total : m->params->total);
  REQUIRE_OK(mpp_run_state_save(path, m, a, &o, e, &state, &origin));
  REQUIRE_OK(mpp_run_state_load(path, &m2, &a2, &o2, &e2, &state2, &p2));
  CU_ASSERT(equal_bytes(m2->weights, m->weights, m->params->total * sizeof(float)));
  CU_ASSERT_EQUAL_FATAL(a2 != NULL, a != NULL);
  if (a != NULL) {
    CU_ASSERT(a2->set.rank == a->set.rank && a2->set.alpha == a->set.alpha &&
              a2->set.mlp == a->set.mlp);
    CU_ASSERT_STRING_EQUAL(a2->base_digest, a->base_digest);
    CU_ASSERT(a2->nfields == 2 && strcmp(a2->field[1], "b:1") == 0 && a2->column[1] == 5);
    CU_ASSERT(equal_bytes(a2->values, a->values, a->params->total * sizeof(float)));
    CU_ASSERT(equal_bytes(a2->base, a->base, a->nbase * sizeof(float)));
  }
  CU_ASSERT(same_state(&o2, &o));
  CU_ASSERT_EQUAL_FATAL(e2.mean != NULL, e->mean != NULL);
  CU_ASSERT(e2.mean == NULL || memcmp(e2.mean, e->mean, e->total * sizeof(float)) == 0);
  CU_ASSERT(state2.step == 7 && state2.validated == 5 && state2.best == 0.1 && p2.seed == 9);
  CU_ASSERT(state2.best_step == 3 && state2.stale == 2);
  mpp_provenance_free(&p2);
  mpp_optimizer_destroy(&o);
  mpp_optimizer_destroy(&o2);
  mpp_ema_destroy(&e2);
  mpp_adapter_destroy(a2);
  mpp_model_destroy(m2);
}

static void every_state_comes_back_to_the_bit(void)
{
  const mpp_model_config config = tiny_config(MPP_MODE_DELTA, MPP_BIAS_REL);
  const mpp_ema none = {0};
  mpp_ema e;
  mpp_model *m = tiny_model(&config, 3);
  REQUIRE_OK(mpp_ema_create(&e, m->weights, m->params->total, 0.5));
  test_fill(e.mean, e.total, 20);
  for (int kind = 0; kind <= MPP_OPTIMIZER_SGD; kind++) {
    there_and_back(m, NULL, (mpp_optimizer_kind)kind, kind % 2 == 0 ? &e : &none);
  }
  mpp_ema_destroy(&e);
  mpp_model_destroy(m);
}

static void the_state_of_an_adapter_comes_back_to_the_bit(void)
{
  const mpp_ema none = {0};
  mpp_ema e;
  mpp_model *m = adapter_base();
  mpp_adapter *a = adapter_of(m, true, true);
  mpp_adapter_apply(a, m);
  REQUIRE_OK(mpp_ema_create(&e, a->values, a->params->total, 0.5));
  test_fill(e.mean, e.total, 20);
  for (int kind = 0; kind <= MPP_OPTIMIZER_SGD; kind++) {
    there_and_back(m, a, (mpp_optimizer_kind)kind, kind % 2 == 0 ? &e : &none);
  }
  mpp_ema_destroy(&e);
  mpp_adapter_destroy(a);
  mpp_model_destroy(m);
}

static mpp_status load(const char *path)
{
  mpp_model *m = NULL;
  mpp_adapter *a = NULL;
  mpp_optimizer o = {0};
  mpp_ema e = {0};
  mpp_run_state state;
  mpp_provenance p = {0};
  const mpp_status st = mpp_run_state_load(path, &m, &a, &o, &e, &state, &p);
  mpp_provenance_free(&p);
  mpp_optimizer_destroy(&o);
  mpp_ema_destroy(&e);
  mpp_adapter_destroy(a);
  mpp_model_destroy(m);
  return st;
}

/* One run, read with its k-th "train_" text replaced (NULL: left out); returns its key, or NULL
 * after the last one. */
static const char *load_changed(mpp_status *st, const char *path, size_t k, const char *replaced)
{
  enum { TENSORS = 1024, PAIRS = 64 };
  static char key[64];
  const char *changed = test_path(1, "changed.safetensors");
  mpp_tensor_file *file = NULL;
  mpp_tensor tensor[TENSORS];
  mpp_pair pair[PAIRS];
  size_t n = 0, seen = 0;
  key[0] = '\0';
  REQUIRE_OK(mpp_tensors_read(&file, path));
  CU_ASSERT_FATAL(mpp_tensors_count(file) <= TENSORS && mpp_tensors_meta_count(file) <= PAIRS);
  for (size_t i = 0; i < mpp_tensors_count(file); i++) { tensor[i] = *mpp_tensors_at(file, i); }
  for (size_t i = 0; i < mpp_tensors_meta_count(file); i++) {
    mpp_pair p = mpp_tensors_meta_at(file, i);
    const bool chosen = strncmp(p.key, "train_", 6) == 0 && seen++ == k;
    if (chosen) {
      snprintf(key, sizeof key, "%s", p.key);
      p.text = replaced;
    }
    if (strcmp(p.key, "mpp_digest") != 0 && p.text != NULL) {
      pair[n++] = p;
    }
  }
  REQUIRE_OK(mpp_tensors_write(changed, tensor, mpp_tensors_count(file), pair, n));
  mpp_tensors_free(file);
  *st = load(changed);
  return key[0] != '\0' ? key : NULL;
}

static void what_a_run_keeps_is_held_at_what_it_should_be(void)
{
  mpp_model *m = adapter_base();
  mpp_adapter *a = adapter_of(m, true, true);
  const mpp_run_state state = {.step = 7, .best = 0.1, .best_step = 3, .stale = 2};
  const char *path = test_path(0, "state.safetensors"), *key = NULL;
  mpp_optimizer o;
  mpp_ema e;
  mpp_adapter_apply(a, m);
  make_optimizer(&o, MPP_OPTIMIZER_DADAPT_ADAN, a->params->total);
  REQUIRE_OK(mpp_ema_create(&e, a->values, a->params->total, 0.5));
  REQUIRE_OK(mpp_run_state_save(path, m, a, &o, &e, &state, &origin));
  const long live = mpp_alloc_live();
  static const char *const wrong[] = {NULL, "7x"};
  size_t refused[2] = {0}, keys = 0;
  for (size_t w = 0; w < 2; w++) {
    mpp_status st = MPP_OK;
    keys = 0;
    while ((key = load_changed(&st, path, keys, wrong[w])) != NULL) {
      CU_ASSERT(st == MPP_OK || st == MPP_ERR_DATA);
      refused[w] += st != MPP_OK;
      keys++;
    }
    CU_ASSERT_EQUAL(st, MPP_OK); /* nothing changed */
    CU_ASSERT_EQUAL(mpp_alloc_live(), live);
  }
  /* Texts of provenance may be any; older files lack what counts patience. */
  CU_ASSERT(keys > 10 && refused[0] >= keys - 4);
  CU_ASSERT(refused[1] >= keys - 6);
  mpp_status st = MPP_OK;
  CU_ASSERT_STRING_EQUAL(load_changed(&st, path, 5, ""), "train_step");
  CU_ASSERT_EQUAL(st, MPP_ERR_DATA);
  load_changed(&st, path, 5, "-7");
  CU_ASSERT_EQUAL(st, MPP_ERR_DATA);
  CU_ASSERT_STRING_EQUAL(load_changed(&st, path, 9, ""), "train_best");
  CU_ASSERT_EQUAL(st, MPP_ERR_DATA);
  mpp_optimizer_destroy(&o);
  mpp_ema_destroy(&e);
  mpp_adapter_destroy(a);
  mpp_model_destroy(m);
}

/* The file at `path` with the first tensor whose name begins so left out, or of one value: how it
 * loads. */
static mpp_status load_without(const char *path, const char *prefix, bool shorter)
{
  enum { TENSORS = 1024, PAIRS = 64 };
  static const float one = 1.0F;
  const char *changed = test_path(1, "changed.safetensors");
  mpp_tensor_file *file = NULL;
  mpp_tensor tensor[TENSORS];
  mpp_pair pair[PAIRS];
  size_t n = 0, pairs = 0, chosen = 0;
  REQUIRE_OK(mpp_tensors_read(&file, path));
  CU_ASSERT_FATAL(mpp_tensors_count(file) <= TENSORS && mpp_tensors_meta_count(file) <= PAIRS);
  for (size_t i = 0; i < mpp_tensors_count(file); i++) {
    tensor[n] = *mpp_tensors_at(file, i);
    const bool this = strncmp(tensor[n].name, prefix, strlen(prefix)) == 0 && chosen++ == 0;
    if (this) {
      tensor[n] = (mpp_tensor){
          .name = tensor[n].name, .dtype = MPP_F32, .rank = 1, .shape = {1}, .data = &one};
    }
    n += !this || shorter;
  }
  CU_ASSERT(chosen > 0);
  for (size_t i = 0; i < mpp_tensors_meta_count(file); i++) {
    pair[pairs] = mpp_tensors_meta_at(file, i);
    pairs += strcmp(pair[pairs].key, "mpp_digest") != 0;
  }
  REQUIRE_OK(mpp_tensors_write(changed, tensor, n, pair, pairs));
  mpp_tensors_free(file);
  return load(changed);
}

static const mpp_run_state step_7 = {.step = 7};

static void tensors_that_a_run_needs_are_missed(void)
{
  static const char *const prefix[] = {"optim/", "ema/", "base/", "adapter/"};
  const char *path = test_path(0, "whole.safetensors");
  mpp_model *m = adapter_base();
  mpp_adapter *a = adapter_of(m, true, true);
  mpp_optimizer o;
  mpp_ema e;
  mpp_adapter_apply(a, m);
  make_optimizer(&o, MPP_OPTIMIZER_ADAMW, a->params->total);
  REQUIRE_OK(mpp_ema_create(&e, a->values, a->params->total, 0.5));
  REQUIRE_OK(mpp_run_state_save(path, m, a, &o, &e, &step_7, &origin));
  REQUIRE_OK(load(path));
  for (size_t i = 0; i < sizeof prefix / sizeof *prefix; i++) {
    ASSERT_STATUS(load_without(path, prefix[i], true), MPP_ERR_DATA);
    ASSERT_MESSAGE("found another shape");
    const mpp_status st = load_without(path, prefix[i], false);
    if (i != 1) { /* a run without a mean has none of its tensors; here one is missing of many */
      CU_ASSERT_EQUAL(st, MPP_ERR_DATA);
      ASSERT_MESSAGE("found nothing");
    }
  }
  mpp_optimizer_destroy(&o);
  mpp_ema_destroy(&e);
  mpp_adapter_destroy(a);
  mpp_model_destroy(m);
}

/* Of a run of a model and of one of an adapter. Writes that fail are for test_safetensors_write:
 * here only what comes before the first of them does. */
static void fallible_calls_may_fail(void)
{
  enum { BEFORE_WRITES = 12 };
  const char *path = test_path(0, "faulty.safetensors");
  mpp_model *m = adapter_base();
  mpp_adapter *a = adapter_of(m, true, true);
  mpp_adapter_apply(a, m);
  for (int adapted = 0; adapted < 2; adapted++) {
    const mpp_adapter *with = adapted != 0 ? a : NULL;
    const size_t total = adapted != 0 ? a->params->total : m->params->total;
    mpp_optimizer o;
    mpp_ema e;
    make_optimizer(&o, MPP_OPTIMIZER_DADAPT_ADAN, total);
    REQUIRE_OK(mpp_ema_create(&e, adapted != 0 ? a->values : m->weights, total, 0.5));
    const long live = mpp_alloc_live();
    for (long n = 0; n < BEFORE_WRITES; n++) {
      mpp_fault_after(n);
      const mpp_status st = mpp_run_state_save(path, m, with, &o, &e, &step_7, &origin);
      mpp_fault_after(-1);
      CU_ASSERT_NOT_EQUAL(st, MPP_OK);
      CU_ASSERT_EQUAL(mpp_alloc_live(), live);
    }
    CU_ASSERT_NOT_EQUAL(access(path, F_OK), 0);
    REQUIRE_OK(mpp_run_state_save(path, m, with, &o, &e, &step_7, &origin));
    test_faults faults = {.each = 40, .stride = 31};
    while (test_faults_next(&faults)) { TEST_FAULT(&faults, load(path)); }
    CU_ASSERT(faults.failed > 40);
    ASSERT_OK(mpp_run_state_export(test_path(1, "exported.safetensors"), m, with, 7, 0.5, &origin));
    unlink(path);
    mpp_optimizer_destroy(&o);
    mpp_ema_destroy(&e);
  }
  mpp_adapter_destroy(a);
  mpp_model_destroy(m);
}

TESTS({"a state that is not finite is never saved", a_state_that_is_not_finite_is_never_saved},
      {"every state comes back to the bit", every_state_comes_back_to_the_bit},
      {"the state of an adapter comes back to the bit",
       the_state_of_an_adapter_comes_back_to_the_bit},
      {"what a run keeps is held at what it should be",
       what_a_run_keeps_is_held_at_what_it_should_be},
      {"fallible calls may fail", fallible_calls_may_fail},
      {"tensors that a run needs are missed", tensors_that_a_run_needs_are_missed})
