/* plan_choice.c - micro-batches and recomputation by the memory there is. */
#include "plan_choice.h"

#include "alloc.h"
#include "check.h"
#include "trainer.h"

static mpp_status count(mpp_plan_choice *out, const mpp_plan_subject *s, mpp_train_options *with,
                        long batch, bool recompute)
{
  mpp_status st = MPP_OK;
  mpp_model model = *s->model; /* what it points to stays the subject's */
  const long windows = s->options->batch * s->options->accumulate;
  with->batch = batch;
  with->accumulate = windows / batch;
  model.recompute = recompute;
  model.precision = (mpp_precision)s->options->precision;
  MPP_TRY(mpp_plan_count(out->part, &out->largest, &model, s->adapter, with, s->source, s->count));
  out->part[MPP_PLAN_LIBRARY] = s->library;
  out->total = mpp_plan_sum(out->part);
  out->batch = batch;
  out->accumulate = with->accumulate;
  out->recompute = recompute;
done:
  return st;
}

/* As much of the batch at a time as fits, rather with recomputation, whose numbers are the same,
 * than in smaller micro-batches, which each come from one dataset. */
mpp_status mpp_plan_choose(mpp_plan_choice *out, const mpp_plan_subject *s, size_t room,
                           bool change)
{
  mpp_status st = MPP_OK;
  mpp_plan_choice c = {.batch = 0};
  mpp_train_options *with = NULL;
  const long batch = s->options->batch, windows = batch * s->options->accumulate;
  const bool recompute = s->options->recompute;
  MPP_TRY(MPP_ALLOC(&with, 1));
  *with = *s->options;
  MPP_TRY(count(&c, s, with, 1, true));
  c.least = c.total;
  MPP_TRY(count(&c, s, with, batch, recompute));
  c.fits = c.total <= room;
  for (long b = batch; b > 0 && change && !c.fits; b--) {
    for (int again = recompute ? 1 : 0; again < 2 && !c.fits && windows % b == 0; again++) {
      MPP_TRY(count(&c, s, with, b, again == 1));
      c.fits = c.total <= room;
    }
  }
  *out = c;
done:
  mpp_free(with);
  return st;
}

mpp_status mpp_plan_smaller_size(int *size, const mpp_plan_subject *s, size_t room)
{
  mpp_status st = MPP_OK;
  const mpp_train_options *o = s->options;
  const mpp_model_config *c = &s->model->config;
  mpp_train_options *with = NULL;
  mpp_model_config named;
  int found = -1;
  mpp_model_config_defaults(&named, (mpp_size)o->size);
  const bool is_named = o->model[0] == '\0' && named.embed_dim == c->embed_dim &&
                        named.num_heads == c->num_heads &&
                        named.processor_blocks == c->processor_blocks;
  MPP_TRY(MPP_ALLOC(&with, 1));
  *with = *o;
  with->width = with->heads = with->blocks = 0;
  with->batch = 1;
  for (with->size = o->size - 1; with->size >= 0 && found < 0 && is_named; with->size--) {
    mpp_model m = {.n_states = s->model->n_states,
                   .recompute = true,
                   .precision = (mpp_precision)o->precision};
    size_t part[MPP_PLAN_PARTS], largest = 0;
    MPP_TRY(mpp_pretrain_config(&m.config, with));
    MPP_TRY(mpp_params_create(&m.params, &m.config, m.n_states));
    st = mpp_plan_count(part, &largest, &m, 0, with, s->source, s->count);
    mpp_params_destroy(m.params);
    MPP_TRY(st);
    part[MPP_PLAN_LIBRARY] = s->library;
    if (mpp_plan_sum(part) <= room) {
      found = with->size;
    }
  }
  *size = found;
done:
  mpp_free(with);
  return st;
}
