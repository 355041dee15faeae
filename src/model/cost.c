/* cost.c - operations and memory traffic of each part of the network. */
#include "mpp/cost.h"

#include "avit.h"
#include "check.h"
#include "tape.h"

const char *mpp_stage_name(mpp_stage stage)
{
  static const char *const names[MPP_STAGES] = {
      "stem",       "time norms",      "time maps", "time attention", "space norms",
      "space maps", "space attention", "MLP",       "destem",         "update"};
  return names[stage];
}

/* Floats moved by the forward and by the backward pass; the latter has twice the operations. */
static void add(mpp_stage_cost *s, double flops, double forward_floats, double backward_floats)
{
  s->flops[MPP_PASS_FORWARD] += flops;
  s->flops[MPP_PASS_BACKWARD] += 2.0 * flops;
  s->bytes[MPP_PASS_FORWARD] += 4.0 * forward_floats;
  s->bytes[MPP_PASS_BACKWARD] += 4.0 * backward_floats;
}

/* A linear map of `rows` rows: forward it reads x and w and writes y; backward it reads dy twice, x
 * and w, writes dx and adds to dw. */
static void add_map(mpp_stage_cost *s, double rows, double in, double out)
{
  const double x = rows * in, y = rows * out, w = in * out;
  add(s, 2.0 * rows * in * out, x + y + w, 2.0 * x + 2.0 * y + 3.0 * w);
}

/* Patch stages: the maps, and for each inner stage a norm, a GELU and a gather of its cells. */
static void count_patches(mpp_cost *out, const mpp_dims *d)
{
  for (size_t i = 0; i < d->npatch; i++) {
    const double taps = (double)d->cells[i] / (double)d->cells[i + 1],
                 width = (double)mpp_stage_width(d, i);
    const double in = taps * (double)(i == 0 ? d->inputs : d->stem);
    const double above = taps * (double)(i == 0 ? d->predicted : d->stem);
    const double rows = (double)(d->B * d->cells[i + 1]), all = (double)d->T * rows;
    const double moved = (double)(d->B * d->cells[i]) * (double)(i == 0 ? d->predicted : d->stem);
    add_map(&out->stage[MPP_STAGE_STEM], all, in, width);
    add_map(&out->stage[MPP_STAGE_DESTEM], rows, width, above);
    add(&out->stage[MPP_STAGE_STEM], 0.0, 2.0 * (all * in + all * width),
        2.0 * all * in + 4.0 * all * width);
    add(&out->stage[MPP_STAGE_DESTEM], 0.0, 6.0 * moved, 12.0 * moved);
  }
}

/* Attention of `queries` tokens among `keys` of their axis each, x being a third of qkv and y its
 * output: it adds to y along further axes. Backward it runs forward first. */
static void add_attention(mpp_stage_cost *s, double queries, double keys, double c, double x,
                          bool further)
{
  const double y = queries * c, forward = 3.0 * x + (further ? 2.0 : 1.0) * y;
  add(s, 4.0 * queries * keys * c, forward, forward + y + (further ? 9.0 : 6.0) * x);
}

static void count_block(mpp_cost *out, const mpp_dims *d, double nq)
{
  mpp_stage_cost *const stage = out->stage;
  const double c = (double)d->width, frame = (double)(d->B * d->s);
  const double rows = (double)d->T * frame, queries = nq * frame, x = rows * c, y = queries * c;
  bool further = false;
  /* Norms are made again for the backward pass of the map behind them, the second of the time block
   * twice, and the output of a block from what stands before its MLP. Those of q and k are
   * attention's, which puts them in the place of what it reads. */
  add(&stage[MPP_STAGE_TIME_NORM], 0.0, 2.0 * (x + y), 6.0 * x + 6.0 * y);
  add_map(&stage[MPP_STAGE_TIME_MAPS], rows, c, 3.0 * c);
  add_map(&stage[MPP_STAGE_TIME_MAPS], queries, c, c);
  add(&stage[MPP_STAGE_TIME_ATTENTION], 0.0, x + y, 0.0);
  add_attention(&stage[MPP_STAGE_TIME_ATTENTION], queries, (double)d->T, c, x, false);
  add(&stage[MPP_STAGE_SPACE_NORM], 0.0, 7.0 * y, 17.0 * y);
  add_map(&stage[MPP_STAGE_SPACE_MAPS], queries, c, 3.0 * c);
  add_map(&stage[MPP_STAGE_SPACE_MAPS], queries, c, c);
  add(&stage[MPP_STAGE_SPACE_ATTENTION], 0.0, 2.0 * y, 0.0);
  for (int a = 0; a < 3; a++) {
    if (d->attends[a]) {
      add_attention(&stage[MPP_STAGE_SPACE_ATTENTION], queries, (double)d->grid[d->npatch][a], c, y,
                    further);
      further = true;
    }
  }
  /* GELU reads and writes the hidden layer; backward it is made again with its slope, after the map
   * before it, and the next map reads the slope. */
  add_map(&stage[MPP_STAGE_MLP], queries, c, 4.0 * c);
  add_map(&stage[MPP_STAGE_MLP], queries, 4.0 * c, c);
  add(&stage[MPP_STAGE_MLP], 0.0, 8.0 * y, 12.0 * y + 4.0 * y + 5.0 * y + 4.0 * c * c);
}

static void count(mpp_cost *out, const mpp_model *m, const mpp_dims *d)
{
  const size_t blocks = (size_t)m->config.processor_blocks;
  count_patches(out, d);
  for (size_t i = 0; i < blocks; i++) { count_block(out, d, i + 1 == blocks ? 1.0 : (double)d->T); }
  /* Zeroing and norm of the gradients; AdamW reads four arrays and writes three. */
  add(&out->stage[MPP_STAGE_UPDATE], 0.0, 0.0, 9.0 * (double)m->params->total);
  for (int i = 0; i < MPP_STAGES; i++) {
    out->forward_flops += out->stage[i].flops[MPP_PASS_FORWARD];
    out->step_flops += out->stage[i].flops[MPP_PASS_BACKWARD];
  }
  out->step_flops += out->forward_flops;
}

mpp_status mpp_cost_of(mpp_cost *out, const mpp_model_config *config, size_t nfields,
                       const mpp_window_shape *shape)
{
  mpp_status st = MPP_OK;
  mpp_dims d;
  mpp_cost cost = {.parameters = 0};
  mpp_model m = {.config = *config, .n_states = nfields}; /* without weights */
  MPP_TRY(mpp_params_create(&m.params, config, nfields));
  MPP_TRY(mpp_dims_of(&d, &m, shape));
  MPP_TRY(mpp_predict_memory(&cost.forward_memory, &m, shape, false));
  MPP_TRY(mpp_predict_memory(&cost.step_memory, &m, shape, true));
  cost.parameters = m.params->total;
  count(&cost, &m, &d);
  *out = cost;
done:
  mpp_params_destroy(m.params);
  return st;
}
