/* test_checkpoint_export.c - models stored as short floats, for mpp and for PyTorch. */
#include "safetensors.h"
#include "short_float.h"
#include "tiny_model.h"
#include "torch_file.h"

static const char *const storage_text[] = {"f32", "f16", "bf16"};

static float stored_value(float w, mpp_storage storage)
{
  return storage == MPP_STORE_F16    ? mpp_float_of_f16(mpp_f16_of_float(w))
         : storage == MPP_STORE_BF16 ? mpp_float_of_bf16(mpp_bf16_of_float(w))
                                     : w;
}

static long size_of(const char *path)
{
  FILE *f = fopen(path, "rb");
  CU_ASSERT_FATAL(f != NULL && fseek(f, 0, SEEK_END) == 0);
  const long size = ftell(f);
  fclose(f);
  return size;
}

static mpp_model *small(void)
{
  const mpp_model_config config = tiny_config(MPP_MODE_FRAME, MPP_BIAS_REL);
  return tiny_model(&config, 3);
}

/* Every tensor of the file, float32 by now, has the weights of `m` as `storage` rounds them. */
static void check_file(const mpp_tensor_file *f, const mpp_model *m, mpp_storage storage)
{
  size_t differ = 0;
  CU_ASSERT_EQUAL(mpp_tensors_count(f), m->params->count);
  for (size_t k = 0; k < m->params->count; k++) {
    const mpp_param *e = &m->params->entry[k];
    const mpp_tensor *t = mpp_tensors_find(f, e->name);
    CU_ASSERT_FATAL(t != NULL && t->dtype == MPP_F32 && mpp_tensor_elements(t) == e->count);
    for (size_t i = 0; i < e->count; i++) {
      differ += ((const float *)t->data)[i] != stored_value(m->weights[e->offset + i], storage);
    }
  }
  CU_ASSERT_EQUAL(differ, 0);
}

static void short_floats_come_back_as_rounded(void)
{
  const char *path = test_path(0, "m.safetensors"), *torch = test_path(1, "m.pt");
  mpp_model *m = small();
  for (int k = 0; k < 3; k++) {
    const mpp_storage storage = (mpp_storage)k;
    const long numbers = (long)m->params->total * (k == 0 ? 4 : 2);
    mpp_tensor_file *f = NULL;
    mpp_model *back = NULL;
    REQUIRE_OK(mpp_model_save_as(m, path, storage));
    REQUIRE_OK(mpp_tensors_read(&f, path));
    check_file(f, m, storage);
    const char *text = mpp_tensors_meta(f, "dtype");
    CU_ASSERT(k == 0 ? text == NULL : text != NULL && strcmp(text, storage_text[k]) == 0);
    mpp_tensors_free(f);
    REQUIRE_OK(mpp_model_load(&back, path));
    mpp_model_destroy(back);
    REQUIRE_OK(mpp_model_export_torch(m, torch, storage));
    REQUIRE_OK(mpp_torch_read(&f, torch));
    check_file(f, m, storage);
    mpp_tensors_free(f);
    /* names and shapes: some 10 KB of JSON, some 40 KB of zip entries and pickle */
    CU_ASSERT(size_of(path) > numbers && size_of(path) < numbers + (32 << 10));
    CU_ASSERT(size_of(torch) > numbers && size_of(torch) < numbers + (64 << 10));
  }
  mpp_model_destroy(m);
}

static void what_is_too_large_is_refused_by_name(void)
{
  const char *path = test_path(0, "large.safetensors"), *torch = test_path(1, "large.pt");
  mpp_model *m = small();
  float *gamma = m->weights + mpp_params_find(m->params, "blocks.1.temporal.gamma")->offset;
  gamma[7] = -65519.0F; /* becomes 65504 */
  ASSERT_OK(mpp_model_save_as(m, path, MPP_STORE_F16));
  gamma[7] = -65520.0F;
  remove(path);
  ASSERT_STATUS(mpp_model_save_as(m, path, MPP_STORE_F16), MPP_ERR_DATA);
  ASSERT_MESSAGE("'blocks.1.temporal.gamma': value 7 is -65520");
  ASSERT_STATUS(mpp_model_export_torch(m, torch, MPP_STORE_F16), MPP_ERR_DATA);
  ASSERT_MESSAGE("bf16 holds it");
  CU_ASSERT_PTR_NULL(fopen(path, "rb"));
  CU_ASSERT_PTR_NULL(fopen(torch, "rb"));
  ASSERT_OK(mpp_model_save_as(m, path, MPP_STORE_BF16));
  gamma[7] = 3.4e38F;
  ASSERT_STATUS(mpp_model_save_as(m, path, MPP_STORE_BF16), MPP_ERR_DATA);
  ASSERT_MESSAGE("f32 holds it");
  mpp_model_destroy(m);
}

static void tensors_below_the_normal_numbers_are_counted(void)
{
  mpp_model *m = small();
  const mpp_param *e = mpp_params_find(m->params, "blocks.0.spatial.gamma_att");
  const char *first = "";
  CU_ASSERT_EQUAL(mpp_model_storage_losses(m, MPP_STORE_F16, &first), 0);
  CU_ASSERT_PTR_NULL(first);
  for (size_t i = 0; i < e->count; i++) { m->weights[e->offset + i] = i == 2 ? 0.0F : -1e-6F; }
  CU_ASSERT_EQUAL(mpp_model_storage_losses(m, MPP_STORE_F16, &first), 1);
  CU_ASSERT_PTR_NOT_NULL_FATAL(first);
  CU_ASSERT_STRING_EQUAL(first, "blocks.0.spatial.gamma_att");
  CU_ASSERT_EQUAL(mpp_model_storage_losses(m, MPP_STORE_BF16, &first), 0);
  CU_ASSERT_EQUAL(mpp_model_storage_losses(m, MPP_STORE_F32, &first), 0);
  m->weights[e->offset] = 0x1p-14F; /* the least normal one */
  CU_ASSERT_EQUAL(mpp_model_storage_losses(m, MPP_STORE_F16, &first), 0);
  mpp_model_destroy(m);
}

static void every_fallible_call_may_fail(void)
{
  const char *path = test_path(0, "fault.safetensors");
  mpp_model *m = small();
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    mpp_model *back = NULL;
    remove(path);
    test_fault_begin(&faults);
    mpp_status st = mpp_model_save_as(m, path, MPP_STORE_BF16);
    st = st == MPP_OK ? mpp_model_load(&back, path) : st;
    test_fault_end(&faults, st);
    CU_ASSERT((back != NULL) == (st == MPP_OK));
    mpp_model_destroy(back);
  }
  CU_ASSERT(faults.failed >= 100); /* one a tensor written, and more */
  mpp_model_destroy(m);
}

TESTS({"short floats come back as rounded", short_floats_come_back_as_rounded},
      {"what is too large is refused by name", what_is_too_large_is_refused_by_name},
      {"tensors below the normal numbers are counted",
       tensors_below_the_normal_numbers_are_counted},
      {"every fallible call may fail", every_fallible_call_may_fail})
