/* layout.h - where each part of the network finds its parameters in the flat arrays: offsets in
 * floats, the same for weights, gradients and moments. Filled by params.c as it writes the list. */
#ifndef MPP_LAYOUT_H
#define MPP_LAYOUT_H

#include <stddef.h>

#include "mpp/model.h"

/* Relative-position bias of one block half: `table` with bias rel, the others with continuous. */
typedef struct mpp_bias_layout {
  size_t table;      /* [32, heads] */
  size_t w0, b0, w2; /* [512, 1], [512], [heads, 512] */
} mpp_bias_layout;

/* What the time and the space half of a block share. */
typedef struct mpp_attention_layout {
  size_t norm1_w, norm1_b, norm2_w, norm2_b; /* [C] */
  size_t input_w, input_b;                   /* [3C, C, 1, 1], [3C]: heads hold q, k, v in a row */
  size_t output_w, output_b;                 /* [C, C, 1, 1], [C] */
  size_t qnorm_w, qnorm_b, knorm_w, knorm_b; /* [C/heads] */
  mpp_bias_layout bias;
} mpp_attention_layout;

typedef struct mpp_block_layout {
  size_t first, end; /* of the block's floats: from the first to before `end` */
  mpp_attention_layout time, space;
  size_t time_gamma, space_gamma_att, space_gamma_mlp; /* [C] */
  size_t fc1_w, fc1_b, fc2_w, fc2_b;                   /* [4C, C], [4C], [C, 4C], [C] */
  size_t mlp_norm_w, mlp_norm_b;                       /* [C] */
} mpp_block_layout;

typedef struct mpp_stem_layout {
  size_t bag_w, bag_b;         /* [d, n_states], [d], d = C/4 */
  size_t increment_w;          /* [d, n_states]; only with increments */
  size_t conv[MPP_MAX_STAGES]; /* [out, d, f, f], out = d, in the last stage C */
  size_t norm_w[MPP_MAX_STAGES], norm_b[MPP_MAX_STAGES]; /* [out] */
} mpp_stem_layout;

/* Stage i undoes the stem's stage npatch - 1 - i; the last one is the head. */
typedef struct mpp_destem_layout {
  size_t deconv[MPP_MAX_STAGES]; /* [in, d, f, f], in = C in the first stage, then d */
  size_t norm_w[MPP_MAX_STAGES], norm_b[MPP_MAX_STAGES]; /* [d] */
  size_t kernel, bias;                                   /* [in, n_states, f, f], [n_states] */
} mpp_destem_layout;

typedef struct mpp_layout {
  mpp_stem_layout stem;
  mpp_block_layout *block; /* [processor_blocks], owned */
  mpp_destem_layout destem;
  size_t edge; /* [3 axes, 2 sides, open and wall: 12, C]; only with edges */
} mpp_layout;

#endif
