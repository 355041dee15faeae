/* fuzz_tensors.h - walks what a reader of tensors returned. */
#ifndef MPP_FUZZ_TENSORS_H
#define MPP_FUZZ_TENSORS_H

#include <string.h>

#include "safetensors.h"

/* Every byte that a tensor declares is there to be read, and every text ends. */
static inline void touch_tensors(mpp_tensor_file *f)
{
  static const size_t width[] = {[MPP_F32] = 4, [MPP_F64] = 8, [MPP_I64] = 8};
  volatile unsigned char sink = 0;
  for (size_t i = 0; i < mpp_tensors_count(f); i++) {
    const mpp_tensor *t = mpp_tensors_at(f, i);
    const unsigned char *bytes = t->data;
    const size_t size = mpp_tensor_elements(t) * width[t->dtype];
    for (size_t k = 0; k < size; k++) { sink = sink ^ bytes[k]; }
    if (mpp_tensors_find(f, t->name) == NULL) {
      __builtin_trap();
    }
  }
  for (size_t i = 0; i < mpp_tensors_meta_count(f); i++) {
    const mpp_pair p = mpp_tensors_meta_at(f, i);
    sink = sink ^ (unsigned char)(strlen(p.key) + strlen(p.text));
  }
}

#endif
