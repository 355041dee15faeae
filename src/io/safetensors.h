/* safetensors.h - named tensors in one file: u64 header length, JSON header, raw little-endian data
 * (https://github.com/huggingface/safetensors, README). The reader validates before it allocates:
 * no holes, no overlaps, no duplicate names, sizes checked against the file. */
#ifndef MPP_SAFETENSORS_H
#define MPP_SAFETENSORS_H

#include <stddef.h>
#include <stdint.h>

#include "mpp/status.h"

enum { MPP_TENSOR_RANK = 8 };

/* Short floats are written as they are, and become float32 when they are read. */
typedef enum { MPP_F32, MPP_F64, MPP_I64, MPP_F16, MPP_BF16 } mpp_dtype;

typedef struct mpp_tensor {
  const char *name;
  mpp_dtype dtype;
  size_t rank, shape[MPP_TENSOR_RANK]; /* rank 0: a scalar */
  const void *data;                    /* when writing: borrowed; when read: owned by the file */
} mpp_tensor;

typedef struct mpp_pair {
  const char *key, *text;
} mpp_pair;

typedef struct mpp_tensor_file mpp_tensor_file; /* a file read whole */

/* MPP_ERR_NOINPUT; MPP_ERR_DATA says what is wrong. Where the metadata has `mpp_digest` (XXH3-128
 * over all other metadata, names, types, shapes and data) it is verified. The caller owns *out. */
MPP_MUST_CHECK mpp_status mpp_tensors_read(mpp_tensor_file **out, const char *path);
void mpp_tensors_free(mpp_tensor_file *f);

size_t mpp_tensors_count(const mpp_tensor_file *f);
const mpp_tensor *mpp_tensors_at(const mpp_tensor_file *f, size_t index);       /* in file order */
const mpp_tensor *mpp_tensors_find(const mpp_tensor_file *f, const char *name); /* or NULL */
const char *mpp_tensors_meta(const mpp_tensor_file *f, const char *key);        /* or NULL */
size_t mpp_tensors_meta_count(const mpp_tensor_file *f);
mpp_pair mpp_tensors_meta_at(const mpp_tensor_file *f, size_t index);
const char *mpp_tensors_path(const mpp_tensor_file *f);

size_t mpp_tensor_elements(const mpp_tensor *t);

/* Writes under a temporary name with a digest in the metadata, fsync, re-reads header and digest,
 * renames, fsyncs the folder. An existing file is replaced. MPP_ERR_IO. */
MPP_MUST_CHECK mpp_status mpp_tensors_write(const char *path, const mpp_tensor *tensors,
                                            size_t ntensors, const mpp_pair *meta, size_t nmeta);

#endif
