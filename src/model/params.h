/* params.h - THE parameter list. Weights, gradients and optimizer moments are flat float arrays of
 * one layout; this table says what lies where. Everything that walks over parameters (allocation,
 * initialisation, checkpoint, optimizer groups, freezing, golden tests) walks over it. */
#ifndef MPP_PARAMS_H
#define MPP_PARAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mpp/model.h"

typedef enum { MPP_PART_EMBED, MPP_PART_BLOCK, MPP_PART_HEAD } mpp_part;

/* What a low-rank adapter may change: the projections of the time and space blocks, and their
 * MLPs. */
typedef enum { MPP_MAP_NONE, MPP_MAP_ATTENTION, MPP_MAP_MLP } mpp_map;

typedef struct mpp_param {
  char name[96]; /* published: "blocks.0.spatial.mlp.fc1.weight" */
  mpp_part part;
  int block; /* of MPP_PART_BLOCK */
  size_t rank, shape[5];
  size_t offset, count; /* floats in the flat array */
  int field_axis;       /* axis along which fields are columns (grows in finetuning); -1: none */
  bool decays;          /* two or more axes longer than 1: weight decay, as published */
  bool used;            /* false: stored for the published format, takes no part (norm biases) */
  mpp_map map;          /* a linear map [shape[0], rest] of a block */
  int init;             /* private to params.c */
  double bound;         /* private to params.c */
} mpp_param;

typedef struct mpp_params {
  size_t count, total;       /* entries; floats in all */
  mpp_param *entry;          /* owned */
  struct mpp_layout *layout; /* offsets by part of the network (layout.h), owned */
} mpp_params;

/* The list for a configuration with `n_states` columns. MPP_ERR_CONFIG: inconsistent. */
MPP_MUST_CHECK mpp_status mpp_params_create(mpp_params **out, const mpp_model_config *config,
                                            size_t n_states);
void mpp_params_destroy(mpp_params *p);

const mpp_param *mpp_params_find(const mpp_params *p, const char *name); /* or NULL */

/* The published initialisation into w [total]. */
void mpp_params_init(float *w, const mpp_params *p, uint64_t seed);

#endif
