/* avit.c - the map of the network (McCabe et al., "Multiple Physics Pretraining for Physical
 * Surrogate Models"):
 *
 *   window [T, B, fields, D, H, W] -> stem -> tokens [T, B, D', H', W', C]
 *     -> blocks: attention over time, attention along each axis of space, MLP
 *     -> destem, last frame only -> net [B, fields, D, H, W] (as patches)
 *
 * Only the last frame is predicted, and frames meet in the time blocks alone: in the last block
 * all frames give keys and values, but one queries and goes on. */
#include "tape.h"

#include "rng.h"

/* The branches of a block that drop path may leave out, in the numbering of the random stream. */
enum { DROP_TIME, DROP_ATTENTION, DROP_MLP, DROP_BRANCHES };

/* keep [B] = 0 with probability p, else 1/(1-p); draws of one branch of one block. */
static void draw_keep(float *keep, const mpp_drop *drop, double p, size_t block, int branch,
                      size_t B)
{
  for (size_t b = 0; b < B; b++) {
    const uint32_t index = (uint32_t)((block * DROP_BRANCHES + (size_t)branch) << 16 | b);
    const double u = mpp_rng_uniform(drop->seed, MPP_STREAM_DROP_PATH, drop->position, index);
    keep[b] = u < p ? 0.0f : (float)(1.0 / (1.0 - p));
  }
}

static void draw_block(mpp_tape *t, const mpp_drop *drop, size_t i, size_t blocks)
{
  const double p = blocks > 1 ? drop->rate * (double)i / (double)(blocks - 1) : 0.0;
  draw_keep(t->time[i].keep, drop, p, i, DROP_TIME, t->dims.B);
  draw_keep(t->space[i].keep_att, drop, p, i, DROP_ATTENTION, t->dims.B);
  draw_keep(t->space[i].keep_mlp, drop, p, i, DROP_MLP, t->dims.B);
}

void mpp_avit_forward(const mpp_model *m, const float *x, const mpp_drop *drop)
{
  mpp_tape *t = m->tape;
  const mpp_layout *l = m->params->layout;
  const size_t blocks = (size_t)m->config.processor_blocks;
  mpp_stage_begin(m->clock, MPP_PASS_FORWARD);
  mpp_stem_forward(t->tokens, &t->stem, t->input != NULL ? t->input : x, t->input_mean, t->input_sd,
                   m->weights, &l->stem, &t->dims);
  if (t->dims.edges) {
    mpp_edges_forward(t->tokens, m->weights + l->edge, &t->dims);
  }
  mpp_stage_mark(m->clock, MPP_STAGE_STEM);
  for (size_t i = 0; i < blocks; i++) {
    if (drop != NULL) {
      draw_block(t, drop, i, blocks);
    }
    mpp_time_forward(&t->time[i], m->weights, &l->block[i], &t->dims, &t->scratch);
    mpp_space_forward(&t->space[i], m->weights, &l->block[i], &t->dims, &t->scratch);
  }
  mpp_destem_forward(t->net, &t->destem, m->weights, &l->destem, &t->dims);
  mpp_stage_mark(m->clock, MPP_STAGE_DESTEM);
}

/* Makes what other blocks and the destem have overwritten of a block's arrays. */
static void restore_block(const mpp_model *m, mpp_tape *t, size_t i, bool last)
{
  const mpp_block_layout *l = m->params->layout->block;
  if (t->recompute && !last) { /* the last one's are still there */
    mpp_time_forward(&t->time[i], m->weights, &l[i], &t->dims, &t->scratch);
    mpp_space_forward(&t->space[i], m->weights, &l[i], &t->dims, &t->scratch);
    return;
  }
  if (i > 0 && !t->recompute) {
    mpp_space_output(&t->space[i - 1], m->weights, &l[i - 1], &t->dims, &t->scratch);
  }
  mpp_time_output(&t->time[i], m->weights, &l[i], &t->dims, &t->scratch);
  mpp_space_attend(&t->space[i], m->weights, &l[i], &t->dims, &t->scratch);
}

/* Where the gradients of weights first .. end-1 go: `g`, or the tape, on which their place is free
 * only now. Counted from weight 0. */
static float *gradients_of(const mpp_model *m, float *g, size_t first, size_t end)
{
  if (g != NULL) {
    return g;
  }
  mpp_zero(m->tape->gradients + first, end - first);
  mpp_stage_mark(m->clock, MPP_STAGE_UPDATE);
  return m->tape->gradients;
}

static void block_backward(const mpp_model *m, float *g, size_t i, bool last)
{
  mpp_tape *t = m->tape;
  const mpp_block_layout *l = &m->params->layout->block[i];
  const size_t others = (t->dims.T - 1) * t->dims.B * t->dims.s * t->dims.width;
  restore_block(m, t, i, last);
  float *gi = gradients_of(m, g, l->first, l->end);
  mpp_space_backward(t->dtokens + (last ? others : 0), gi, &t->space[i], m->weights, l, &t->dims,
                     &t->scratch);
  mpp_time_backward(t->dtokens, gi, &t->time[i], m->weights, l, &t->dims, &t->scratch);
}

void mpp_avit_backward(const mpp_model *m, float *g, const float *x)
{
  mpp_tape *t = m->tape;
  const mpp_layout *l = m->params->layout;
  const size_t blocks = (size_t)m->config.processor_blocks;
  const size_t frame = t->dims.B * t->dims.s * t->dims.width; /* floats of one frame's tokens */
  mpp_stage_begin(m->clock, MPP_PASS_BACKWARD);
  mpp_zero(t->dtokens, t->dims.T * frame);
  float *after = gradients_of(m, g, l->block[blocks - 1].end, m->params->total);
  mpp_destem_backward(t->dtokens + (t->dims.T - 1) * frame, after, t->net, &t->destem, m->weights,
                      &l->destem, &t->dims);
  mpp_stage_mark(m->clock, MPP_STAGE_DESTEM);
  for (size_t i = blocks; i-- > 0;) { block_backward(m, g, i, i + 1 == blocks); }
  if (t->dims.edges) {
    mpp_edges_backward(after + l->edge, t->dtokens, &t->dims);
  }
  float *before = gradients_of(m, g, 0, l->block[0].first);
  mpp_stem_backward(before, t->dtokens, &t->stem, t->input != NULL ? t->input : x, t->input_mean,
                    t->input_sd, m->weights, &l->stem, &t->dims);
  mpp_stage_mark(m->clock, MPP_STAGE_STEM);
}
