/* adapter_case.h - a small model with two fields appended, and an adapter of it. */
#ifndef ADAPTER_CASE_H
#define ADAPTER_CASE_H

#include "adapter.h"
#include "tiny_model.h"

static const mpp_name adapter_fields[2] = {"b:0", "b:1"};

/* The base: tiny_model. */
static inline mpp_model *adapter_base(void)
{
  const mpp_model_config config = tiny_config(MPP_MODE_AUTOREGRESS, MPP_BIAS_REL);
  return tiny_model(&config, 7);
}

/* Appends the fields to `m` and gives it an adapter of rank 3; with `stir` its values are noise. */
static inline mpp_adapter *adapter_of(mpp_model *m, bool mlp, bool stir)
{
  const mpp_adapter_settings set = {.rank = 3, .alpha = 6.0, .mlp = mlp};
  char digest[MPP_DIGEST_SIZE];
  mpp_adapter *a = NULL;
  size_t added = 0;
  REQUIRE_OK(mpp_model_digest(digest, m));
  REQUIRE_OK(mpp_model_extend(m, adapter_fields, 2, 1, &added));
  CU_ASSERT_EQUAL(added, 2);
  REQUIRE_OK(mpp_adapter_create(&a, m, &set, digest, adapter_fields, 2, 5));
  if (stir) {
    test_fill(a->values, a->params->total, 11);
  }
  return a;
}

#endif
