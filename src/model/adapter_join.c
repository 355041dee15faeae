/* adapter_join.c - a base model and an adapter of it become one model. */
#include <string.h>

#include "adapter.h"
#include "alloc.h"
#include "check.h"
#include "checkpoint.h"
#include "checkpoint_config.h"
#include "config.h"

static mpp_status check_base(const mpp_tensor_file *file, const mpp_model *m)
{
  mpp_status st = MPP_OK;
  char digest[MPP_DIGEST_SIZE];
  const char *path = mpp_tensors_path(file), *expected = mpp_tensors_meta(file, "adapter_base");
  MPP_REQUIRE(mpp_adapter_is(file), MPP_ERR_DATA,
              "%s: is no adapter, which finetuning with lora-rank writes", path);
  MPP_TRY(mpp_model_digest(digest, m));
  MPP_REQUIRE(expected != NULL && strcmp(digest, expected) == 0, MPP_ERR_DATA,
              "%s: belongs to another model: found %s with digest %s, expected a base with %s",
              path, m->path != NULL ? m->path : "a base", digest,
              expected != NULL ? expected : "nothing");
done:
  return st;
}

static mpp_status append_fields(mpp_model *m, const mpp_tensor_file *file)
{
  mpp_status st = MPP_OK;
  mpp_name *names = NULL, *vocabulary = NULL;
  size_t count = 0, added = 0;
  MPP_TRY(mpp_adapter_names(&names, &count, file));
  MPP_TRY(mpp_model_extend(m, (const mpp_name *)names, count, 0, &added));
  MPP_TRY(MPP_ALLOC(&vocabulary, m->n_states));
  MPP_TRY(mpp_checkpoint_read_vocabulary(vocabulary, m->n_states, file));
  bool same = added == count;
  for (size_t i = 0; i < m->n_states; i++) {
    same = same && strcmp(vocabulary[i], m->vocabulary[i]) == 0;
  }
  MPP_REQUIRE(same, MPP_ERR_DATA,
              "%s: its vocabulary is not that of the base with its fields appended",
              mpp_tensors_path(file));
done:
  mpp_free(vocabulary);
  mpp_free(names);
  return st;
}

static mpp_status read_context(mpp_model *m, const mpp_tensor_file *file)
{
  mpp_status st = MPP_OK;
  double context = 0.0;
  MPP_TRY(mpp_adapter_number(&context, file, "context"));
  MPP_REQUIRE(context <= MPP_MAX_AXIS, MPP_ERR_DATA, "%s: metadata 'context': found %g",
              mpp_tensors_path(file), context);
  m->config.context = (int)context;
done:
  return st;
}

mpp_status mpp_adapter_join(mpp_model *m, const char *path)
{
  mpp_status st = MPP_OK;
  mpp_tensor_file *file = NULL;
  mpp_adapter *a = NULL;
  MPP_TRY(mpp_tensors_read(&file, path));
  MPP_TRY(check_base(file, m));
  MPP_TRY(append_fields(m, file));
  MPP_TRY(mpp_adapter_described(&a, file, m));
  MPP_TRY(mpp_adapter_read_values(a, file, ""));
  MPP_TRY(read_context(m, file));
  mpp_adapter_apply(a, m);
done:
  mpp_adapter_destroy(a);
  mpp_tensors_free(file);
  return st;
}

mpp_status mpp_model_load_adapted(mpp_model **out, const char *path, const char *adapter)
{
  mpp_status st = MPP_OK;
  mpp_model *m = NULL;
  MPP_TRY(mpp_model_load(&m, path));
  if (adapter != NULL && adapter[0] != '\0') {
    MPP_TRY(mpp_adapter_join(m, adapter));
  }
  *out = m;
  m = NULL;
done:
  mpp_model_destroy(m);
  return st;
}
