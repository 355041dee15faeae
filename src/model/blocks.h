/* blocks.h - the four parts of the network in the order in which data meets them: stem, time block,
 * space block, destem. Activations are token-major, channels last: [T, B, D, H, W, C].
 *
 * Each part has a struct of the arrays that it keeps from the forward to the backward pass (its
 * tape; all borrowed from the arena of tape.c), a take function that measures and lays them out, a
 * forward and a backward function. Without `keep` the arrays of a part serve all blocks in turn and
 * inputs are overwritten by outputs; backward needs `keep`. What is cheap for its size (norms,
 * GELU, gathers) is computed again in the backward pass instead of being kept; so are the outputs
 * of attention and of the time block and the MLP's wide layer, where they exceed what
 * tape_blocks.c spends.
 *
 * w and g are the flat arrays of weights and gradients; backward ADDS into g and into dx. */
#ifndef MPP_BLOCKS_H
#define MPP_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "layout.h"
#include "mpp/model.h"
#include "nn.h"
#include "stage_clock.h"

/* Sizes of one pass. */
typedef struct mpp_dims {
  size_t T, B, n_states;
  size_t fields,
      predicted; /* that are seen; those among them, the first ones, that are predicted */
  int column[MPP_MAX_FIELDS];
  size_t inputs;                        /* channels of the stem: fields, twice with increments */
  int input_column[2 * MPP_MAX_FIELDS]; /* of the embedding, counted from its first weight */
  size_t width, heads, stem;            /* C; heads; channels of the stem's inner stages */
  size_t npatch, factor[MPP_MAX_STAGES];
  size_t field[3], field_cells;       /* D, H, W of the window, and their product */
  size_t shift[3];                    /* of the patch grid, see patch_shift.h */
  size_t grid[MPP_MAX_STAGES + 1][3]; /* D, H, W: of cells that the network sees (those of the
                                         window but for a shift), then after each patch stage */
  size_t cells[MPP_MAX_STAGES + 1];   /* their products */
  size_t s;                           /* tokens of a frame: the last of them */
  bool attends[3];                    /* grid axes that are longer than one cell */
  bool periodic[3];
  mpp_bias_type bias;
  bool edges;      /* there is an embedding of edges */
  bool wall[3][2]; /* sides of axes that are not periodic; else they are open */
  bool masked;     /* the window has a mask */
  bool bf16;       /* the linear maps of the blocks round their operands to bfloat16 */
  bool attention_kept, mlp_kept; /* no gradients of these maps are wanted */
} mpp_dims;

/* Where the gradient of a map goes; NULL: it is not wanted. */
static inline float *mpp_map_gradient(float *g, size_t offset, bool kept)
{
  return kept ? NULL : g + offset;
}

/* Channels after patch stage `stage`. */
static inline size_t mpp_stage_width(const mpp_dims *d, size_t stage)
{
  return stage + 1 == d->npatch ? d->width : d->stem;
}

/* Tokens that go through an MLP at a time: its hidden layer of as many stays in caches, and is the
 * largest array that a pass of a few frames would have. A backward pass has two of them; with bf16,
 * whose products are fast for what they do once a time (rounding the weights, adding to their
 * gradients), both are whole. */
enum { MPP_MLP_ROWS = 1024, MPP_MLP_ROWS_BACKWARD = MPP_MLP_ROWS / 2 };
static inline size_t mpp_mlp_rows_backward(const mpp_dims *d)
{
  return d->bf16 ? MPP_MLP_ROWS : MPP_MLP_ROWS_BACKWARD;
}

/* Scratch of the blocks, for `rows` tokens, in the MLP for at most MPP_MLP_ROWS of them: dead
 * between two calls. What follows `work` is for the backward pass (NULL without keep). */
typedef struct mpp_scratch {
  mpp_stage_clock *clock;   /* borrowed or NULL */
  float *norm;              /* [rows, C]; in the backward pass also the gradient of what attention
                               gave, while no norm is wanted */
  float *hidden;            /* [MLP rows, 4C]; in the backward pass its first half */
  float *work;              /* of the attention kernels */
  float *dnorm;             /* [rows, C] */
  float *dhidden;           /* its second half */
  float *dqkv;              /* [rows, 3C], in the place of hidden and dhidden */
  float *dbias;             /* [heads, 2 n - 1] of the longest axis */
  float *maps;              /* of the backward pass of a residual branch */
  float *time_y, *time_out; /* [rows, C] of the time block */
  float *space_y;           /* [rows, C] of the space block */
} mpp_scratch;

void mpp_scratch_take(mpp_scratch *scratch, mpp_arena *arena, const mpp_dims *d, bool keep);

/* x[0 .. n-1] = 0, in parallel. */
void mpp_zero(float *x, size_t n);

/* ---- pattern_norm.c: mpp_rms_inorm_forward, but channels that are constant in space give 0; then
 * sd is infinite, and mpp_rms_inorm_backward gives no gradient. y, x [n, s, c]; sd [n, c] ---- */
void mpp_pattern_norm_forward(float *y, float *sd, const float *x, const float *g, size_t n,
                              size_t s, size_t c);

/* y = x + keep gamma (that norm of m), frames as tokens; its backward pass is
 * mpp_rms_branch_backward. y may be x. */
void mpp_pattern_branch_forward(float *y, float *sd, const float *x, const float *m, const float *g,
                                const mpp_branch *branch, size_t n, size_t c);

/* ---- attention_bias.c: relative-position bias [heads, 2 n - 1] of one axis of n tokens ---- */
void mpp_attention_bias_forward(float *bias, const float *w, const mpp_bias_layout *l,
                                const mpp_dims *d, size_t n, bool periodic);
void mpp_attention_bias_backward(float *g, const float *dbias, const float *w,
                                 const mpp_bias_layout *l, const mpp_dims *d, size_t n,
                                 bool periodic);

static inline mpp_qk_norm mpp_qk_norm_of(const float *w, const mpp_attention_layout *l)
{
  return (mpp_qk_norm){w + l->qnorm_w, w + l->qnorm_b, w + l->knorm_w, w + l->knorm_b};
}
static inline mpp_qk_norm_grad mpp_qk_norm_grad_of(float *g, const mpp_attention_layout *l)
{
  return (mpp_qk_norm_grad){g + l->qnorm_w, g + l->qnorm_b, g + l->knorm_w, g + l->knorm_b};
}

/* The axes that attention runs along: all frames at a token (the last nq query), and one grid axis
 * of the tokens of n frames. */
mpp_axis mpp_time_axis(const mpp_dims *d, size_t nq);
mpp_axis mpp_space_axis(const mpp_dims *d, size_t frames, int axis);

/* ---- stem.c: normalised window -> tokens. The field embedding and the first patch convolution
 * are one linear map, so that no array has the stem's channels at full resolution. ---- */
typedef struct mpp_stem_tape {
  float *wf, *bf;                /* the fused map: [out, inputs * taps], [out] */
  float *packed[MPP_MAX_STAGES]; /* [out, taps, in], stages 1 .. */
  float *u[MPP_MAX_STAGES];      /* [T*B*cells[i+1], out]: what the norms see */
  float *sd[MPP_MAX_STAGES];     /* [T*B, out] */
  float *patches, *act,
      *kernel; /* scratch; kernel [out, in, taps] of a stage, see patch_kernel.h */
  float *du, *dpatches, *dact, *dwf, *dbf, *dpacked, *dkernel; /* scratch of the backward pass */
} mpp_stem_tape;

/* Takes what the backward pass reads (`kept`), or everything that dies with the stem. */
void mpp_stem_take_kept(mpp_stem_tape *t, mpp_arena *arena, const mpp_dims *d);
void mpp_stem_take_scratch(mpp_stem_tape *t, mpp_arena *arena, const mpp_dims *d, bool keep);

/* out [T*B*s, C] from the channels x [T, B, inputs, D, H, W], normalised by mean, sd [B,
 * inputs]. */
void mpp_stem_forward(float *out, mpp_stem_tape *t, const float *x, const float *mean,
                      const float *sd, const float *w, const mpp_stem_layout *l, const mpp_dims *d);
void mpp_stem_backward(float *g, const float *dout, mpp_stem_tape *t, const float *x,
                       const float *mean, const float *sd, const float *w, const mpp_stem_layout *l,
                       const mpp_dims *d);

/* ---- edges.c: what is learned of walls and open ends, w [12, C], is added to the tokens beside
 * the ends of axes that are not periodic ---- */
void mpp_edges_forward(float *tokens, const float *w, const mpp_dims *d);
void mpp_edges_backward(float *g, const float *dtokens, const mpp_dims *d);

/* ---- time_block.c: attention over the frames at each token; the last `nq` frames query and go
 * on. out = x + keep gamma r for them. ---- */
typedef struct mpp_time_tape {
  size_t nq;
  float *x;                 /* input [T*B*s, C] */
  float *mean1, *rstd1;     /* [T*B, C] */
  float *qkv;               /* [T*B*s, 3C], q and k normed */
  float *rstd;              /* [T*B*s, heads, 2] of that norm */
  float *bias;              /* [heads, 2 T - 1] */
  float *y, *mean2, *rstd2; /* attention's output [nq*B*s, C]; [nq*B, C] */
  float *out;               /* [nq*B*s, C]; without keep the last nq frames of x */
  bool y_kept, out_kept;    /* these arrays serve this block alone */
  float *keep;              /* drop path [B]: 0 or 1/(1-p); NULL: none */
} mpp_time_tape;

void mpp_time_take(mpp_time_tape *t, mpp_arena *arena, const mpp_dims *d, bool keep);
void mpp_time_forward(mpp_time_tape *t, const float *w, const mpp_block_layout *l,
                      const mpp_dims *d, const mpp_scratch *scratch);
/* The part of it from qkv on: y and out, unless they are kept, serve all blocks in turn, and are
 * made again for the backward pass of a block. */
void mpp_time_output(const mpp_time_tape *t, const float *w, const mpp_block_layout *l,
                     const mpp_dims *d, const mpp_scratch *scratch);
/* dx [T*B*s, C]: on entry the last nq frames hold the gradient of out, the others zero. */
void mpp_time_backward(float *dx, float *g, const mpp_time_tape *t, const float *w,
                       const mpp_block_layout *l, const mpp_dims *d, const mpp_scratch *scratch);

/* ---- space_block.c: attention along each axis with the same weights, averaged over the axes;
 * then the MLP. ---- */
typedef struct mpp_space_tape {
  size_t frames;          /* N: frames of this block, nq * B */
  float *x;               /* input [N*s, C] */
  float *sd1, *sd2, *sd3; /* [N, C] */
  float *qkv;             /* [N*s, 3C], q and k normed */
  float *rstd;            /* [N*s, heads, 2] of that norm */
  float *bias[3];         /* [heads, 2 n - 1] of each grid axis */
  float *y;               /* attention's output [N*s, C]; serves all blocks in turn unless kept */
  bool y_kept;
  float *mid;    /* x + keep gamma r [N*s, C] */
  float *hidden; /* the hidden layer before its GELU [N*s, 4C]; NULL: not kept */
  bool hidden_kept;
  float *m;                   /* output of the MLP [N*s, C] */
  float *out;                 /* [N*s, C]; of mid and out one serves all blocks in turn */
  float *keep_att, *keep_mlp; /* drop path [B] or NULL */
} mpp_space_tape;

void mpp_space_take(mpp_space_tape *t, mpp_arena *arena, const mpp_dims *d, bool keep);
void mpp_space_forward(mpp_space_tape *t, const float *w, const mpp_block_layout *l,
                       const mpp_dims *d, const mpp_scratch *scratch);
/* Parts of it, for the backward pass where arrays have served another block since: y from qkv
 * unless it is kept, out from mid and m. */
void mpp_space_attend(const mpp_space_tape *t, const float *w, const mpp_block_layout *l,
                      const mpp_dims *d, const mpp_scratch *scratch);
void mpp_space_output(const mpp_space_tape *t, const float *w, const mpp_block_layout *l,
                      const mpp_dims *d, const mpp_scratch *scratch);
/* dx [N*s, C]: the gradient of out on entry, of x on return. */
void mpp_space_backward(float *dx, float *g, const mpp_space_tape *t, const float *w,
                        const mpp_block_layout *l, const mpp_dims *d, const mpp_scratch *scratch);

/* ---- destem.c: tokens of the last frame -> normalised fields, still as patches of the first
 * factor: net [B, cells[1], fd*fh*fw, predicted], which prediction.c puts on the grid. ---- */
typedef struct mpp_destem_tape {
  float *z;                      /* input [B*s, C] */
  float *packed[MPP_MAX_STAGES]; /* [taps, out, in]; the last is the head's columns */
  float *head_bias;              /* [taps, fields] */
  float *u[MPP_MAX_STAGES];      /* [B*cells, d]: what the norms see */
  float *sd[MPP_MAX_STAGES];     /* [B, d] */
  float *patches, *act, *kernel; /* scratch; kernel [in, out, taps] of a stage */
  float *du, *dpatches, *dact, *dpacked, *dkernel, *dbias; /* scratch of the backward pass */
} mpp_destem_tape;

void mpp_destem_take_kept(mpp_destem_tape *t, mpp_arena *arena, const mpp_dims *d);
void mpp_destem_take_scratch(mpp_destem_tape *t, mpp_arena *arena, const mpp_dims *d, bool keep);
void mpp_destem_forward(float *net, mpp_destem_tape *t, const float *w, const mpp_destem_layout *l,
                        const mpp_dims *d);
/* Adds into dz [B*s, C]. */
void mpp_destem_backward(float *dz, float *g, const float *dnet, mpp_destem_tape *t, const float *w,
                         const mpp_destem_layout *l, const mpp_dims *d);

#endif
