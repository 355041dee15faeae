/* safetensors_private.h - shared by those who read and write tensors; not for other files. */
#ifndef MPP_SAFETENSORS_PRIVATE_H
#define MPP_SAFETENSORS_PRIVATE_H

#include <jansson.h>

#include "digest.h"
#include "safetensors.h"

/* Metadata key of the digest: a value that begins as one does without its key is damage. */
#define MPP_DIGEST_KEY "mpp_digest"

enum { MPP_HEADER_LIMIT = 100000000 };

struct mpp_tensor_file {
  char *path;
  json_t *header; /* owns names and metadata texts of a safetensors file */
  mpp_tensor *tensors;
  size_t *begin; /* of each tensor, from the end of the header */
  size_t ntensors;
  mpp_pair *meta;
  size_t nmeta;
  char *data;
  float *widened; /* numbers of the tensors that the file has as short floats */
  char **names;   /* of a file of another format: the name and the numbers of each tensor, owned */
  void **owned;
};

/* Bytes of one element; its name in the header. */
size_t mpp_dtype_size(mpp_dtype dtype);
const char *mpp_dtype_name(mpp_dtype dtype);

/* Digest as text over all pairs but the digest's own and all tensors, whatever their order. */
MPP_MUST_CHECK mpp_status mpp_tensors_digest(char out[MPP_DIGEST_SIZE], const mpp_tensor *tensors,
                                             size_t ntensors, const mpp_pair *meta, size_t nmeta);

#endif
