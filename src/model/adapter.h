/* adapter.h - low-rank adapters (Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models"):
 * the linear maps of the blocks become W = W0 + (alpha / rank) B A, where A [rank, in] and
 * B [out, rank] are trained, W0 is not, and B begins as zero. With them are trained the columns of
 * fields that are new to the model; everything else stays as it is. The model computes with W as
 * any other: gradients of W are projected to A and B, and W is made again after each update. */
#ifndef MPP_ADAPTER_H
#define MPP_ADAPTER_H

#include <stdbool.h>
#include <stddef.h>

#include "avit.h"
#include "digest.h"
#include "safetensors.h"

typedef struct mpp_adapter_settings {
  size_t rank;
  double alpha;
  bool mlp; /* the maps of the MLPs too */
} mpp_adapter_settings;

/* Where one part belongs: a map with A and B, or the columns of new fields of one tensor. */
typedef struct mpp_adapter_part {
  size_t of;    /* entry of the model's list */
  size_t entry; /* entry of `params`: A, and B after it; or the columns [outer, nfields, inner] */
  size_t kept;  /* of a map: where W0 begins in `base` */
  bool columns;
} mpp_adapter_part;

typedef struct mpp_adapter {
  mpp_adapter_settings set;
  char base_digest[MPP_DIGEST_SIZE]; /* mpp_model_digest of the model before new fields */
  size_t nfields;
  mpp_name *field;    /* [nfields] that are new, in the order in which they were appended; owned */
  int *column;        /* [nfields]; owned */
  mpp_params *params; /* the list of what is trained, made from the model's; no layout; owned */
  float *values;      /* [params->total]; owned */
  size_t nparts;
  mpp_adapter_part *part; /* owned */
  float *base;            /* the W0, one after the other; owned */
  size_t nbase;
} mpp_adapter;

/* An adapter of `m`, which has the columns of `field` already: A as PyTorch begins linear maps,
 * uniform in +-1/sqrt(in), by `seed`; B zero; the columns as they are in m. The effect is none.
 * MPP_ERR_CONFIG: a rank that is none, or larger than the width. */
MPP_MUST_CHECK mpp_status mpp_adapter_create(mpp_adapter **out, const mpp_model *m,
                                             const mpp_adapter_settings *set,
                                             const char *base_digest, const mpp_name *field,
                                             size_t nfields, uint64_t seed);
void mpp_adapter_destroy(mpp_adapter *a); /* takes NULL */

/* Weights of m from the adapter's values: the same bits whenever the values are the same. */
void mpp_adapter_apply(const mpp_adapter *a, mpp_model *m);

/* gradients [a->params->total] of the values from those of the model, whose list is `list`. */
void mpp_adapter_project(const mpp_adapter *a, float *gradients, const float *of_model,
                         const mpp_params *list);

/* ---- adapter_file.c ---- */

/* XXH3-128 over sizes, vocabulary and weights: what an adapter needs to be the same. */
MPP_MUST_CHECK mpp_status mpp_model_digest(char out[MPP_DIGEST_SIZE], const mpp_model *m);

/* What a file says of an adapter, as metadata; texts that the pairs point at. */
enum { MPP_ADAPTER_PAIRS = 5 };
typedef struct mpp_adapter_text {
  char rank[24], alpha[32];
  char *fields; /* JSON list; jansson's: free() */
} mpp_adapter_text;
MPP_MUST_CHECK mpp_status mpp_adapter_pairs(mpp_pair pairs[MPP_ADAPTER_PAIRS],
                                            mpp_adapter_text *text, const mpp_adapter *a);

bool mpp_adapter_is(const mpp_tensor_file *file); /* by its metadata */
/* A number above 0 of the metadata, and the names that were appended (the caller owns *out).
 * MPP_ERR_DATA. */
MPP_MUST_CHECK mpp_status mpp_adapter_number(double *out, const mpp_tensor_file *file,
                                             const char *key);
MPP_MUST_CHECK mpp_status mpp_adapter_names(mpp_name **out, size_t *count,
                                            const mpp_tensor_file *file);

/* An adapter of `m` as the metadata of `file` describes it, its values those of mpp_adapter_create.
 * MPP_ERR_DATA. */
MPP_MUST_CHECK mpp_status mpp_adapter_described(mpp_adapter **out, const mpp_tensor_file *file,
                                                const mpp_model *m);

/* The values as tensors that borrow them [a->params->count]; names are those of the list. */
void mpp_adapter_tensors(mpp_tensor *tensors, const mpp_adapter *a);
/* MPP_ERR_DATA: a tensor is missing, or has another shape. `prefix` comes before each name. */
MPP_MUST_CHECK mpp_status mpp_adapter_read_values(mpp_adapter *a, const mpp_tensor_file *file,
                                                  const char *prefix);

/* Writes the adapter alone; m, whose configuration and vocabulary go with it, has it applied.
 * Atomic. MPP_ERR_DIVERGED: a value is not finite. */
MPP_MUST_CHECK mpp_status mpp_adapter_write(const mpp_adapter *a, const mpp_model *m,
                                            const char *path, const mpp_pair *meta, size_t nmeta);

/* ---- adapter_join.c ---- */

/* Makes m, the base, what the adapter of a file makes of it; after a failure m is void.
 * MPP_ERR_DATA: no adapter, or one of another base. */
MPP_MUST_CHECK mpp_status mpp_adapter_join(mpp_model *m, const char *path);

#endif
