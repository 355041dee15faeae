/* train_plan.c - a training that is not begun: its network without weights, its datasets or a grid
 * that stands for them, and what of batch and recomputation fits into memory. */
#include "mpp/plan.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "memory.h"
#include "mpp/cost.h"
#include "plan_choice.h"
#include "threads.h"
#include "train_plan.h"

/* Columns of the embedding, as the published models have. */
enum { COLUMNS_LEAST = 12 };

static mpp_status open_data(mpp_planner *p)
{
  mpp_status st = MPP_OK;
  mpp_trainer *t = p->trainer;
  const long grid = p->request->grid;
  if (grid == 0) {
    MPP_REQUIRE(t->options.ndata > 0, MPP_ERR_CONFIG,
                "nothing to plan for: expected datasets, or a grid that stands for them");
    MPP_TRY(mpp_trainer_open_data(t));
    p->count = t->options.ndata;
    goto done;
  }
  const size_t fields = p->request->fields > 0 ? (size_t)p->request->fields : 1;
  MPP_REQUIRE(fields <= MPP_MAX_FIELDS, MPP_ERR_CONFIG, "fields: found %zu, expected at most %d",
              fields, MPP_MAX_FIELDS);
  p->made = (mpp_dataset_info){.path = "grid",
                               .nfields = fields,
                               .ntrajectories = 100,
                               .grid = {1, (size_t)grid, (size_t)grid}};
  for (size_t f = 0; f < fields; f++) { snprintf(p->made.field[f], MPP_NAME_MAX, "plan:%zu", f); }
  p->count = 1;
done:
  return st;
}

/* The network that a training makes or begins with: its list of parameters, and where a checkpoint
 * is named its weights, too. */
static mpp_status describe_network(mpp_planner *p)
{
  mpp_status st = MPP_OK;
  mpp_trainer *t = p->trainer;
  const mpp_train_options *o = &t->options;
  if (o->model[0] != '\0') {
    size_t added = 0;
    MPP_TRY(mpp_model_load(&p->model, o->model));
    for (size_t i = 0; i < p->count; i++) {
      const mpp_dataset_info *info =
          p->request->grid > 0 ? &p->made : mpp_dataset_get_info(t->source[i].dataset);
      MPP_TRY(mpp_model_extend(p->model, info->field, info->nfields, 1, &added));
    }
    p->model->config.context = o->context > 0 ? (int)o->context : p->model->config.context;
    goto done;
  }
  MPP_TRY(MPP_ALLOC(&p->model, 1));
  mpp_model *m = p->model;
  MPP_TRY(mpp_pretrain_config(&m->config, o));
  if (p->request->grid == 0) {
    MPP_TRY(mpp_pretrain_vocabulary(&m->vocabulary, &m->n_states, t));
  } else {
    m->n_states = p->made.nfields > COLUMNS_LEAST ? p->made.nfields : COLUMNS_LEAST;
    MPP_TRY(MPP_ALLOC(&m->vocabulary, m->n_states));
    memcpy(m->vocabulary, p->made.field, p->made.nfields * sizeof *m->vocabulary);
  }
  MPP_TRY(mpp_params_create(&m->params, &m->config, m->n_states));
done:
  return st;
}

static mpp_status describe_sources(mpp_planner *p)
{
  mpp_status st = MPP_OK;
  mpp_trainer *t = p->trainer;
  mpp_train_options *o = &t->options;
  mpp_settings_settle(o, &p->model->config);
  if (p->request->grid == 0) {
    for (size_t i = 0; i < p->count; i++) {
      const mpp_dataset_info *info = mpp_dataset_get_info(t->source[i].dataset);
      const size_t least = (size_t)(o->context + o->unroll);
      MPP_TRY(mpp_trainer_shape(&t->shape[i], t->source[i].given, o, info, p->model));
      MPP_REQUIRE(info->nframes >= least, MPP_ERR_DATA,
                  "%s: trajectories of %zu frames, expected at least %zu (context and targets)",
                  info->path, info->nframes, least);
    }
    for (size_t i = 0; i < p->count; i++) { t->source[i].ngiven = t->shape[i].given; }
    mpp_trainer_sources(p->source, t);
    goto done;
  }
  long reach = 0;
  for (size_t i = 0; i < o->horizons.count; i++) {
    reach = o->horizons.item[i] > reach ? o->horizons.item[i] : reach;
  }
  p->made.nframes = (size_t)(o->context + (reach > o->unroll ? reach : o->unroll));
  p->source[0] = (mpp_plan_source){
      .info = &p->made, .share = 1.0, .windows = 10000, .validated = o->validate_every > 0};
  MPP_TRY(mpp_trainer_shape(&p->source[0].shape, NULL, o, &p->made, p->model));
done:
  return st;
}

/* What of the batch fits, and where nothing does, what would. */
static mpp_status choose(mpp_plan *out, const mpp_planner *p)
{
  mpp_status st = MPP_OK;
  const mpp_train_options *o = &p->trainer->options;
  const size_t asked = (size_t)o->memory, room = asked > 0 ? asked : out->available;
  const mpp_plan_subject subject = {.model = p->model,
                                    .options = o,
                                    .source = p->source,
                                    .count = p->count,
                                    .library = p->library};
  mpp_plan_choice c = {.batch = 0};
  MPP_TRY(mpp_plan_choose(&c, &subject, room, asked > 0));
  memcpy(out->part, c.part, sizeof out->part);
  out->total = c.total;
  out->least = c.least;
  out->fits = c.fits;
  out->batch = c.batch;
  out->accumulate = c.accumulate;
  out->recompute = c.recompute;
  out->largest = p->source[c.largest].shape;
  out->largest.B = (size_t)c.batch;
  if (!c.fits) {
    MPP_TRY(mpp_plan_smaller_size(&out->fitting, &subject, room));
  }
done:
  return st;
}

/* Operations of a step: a micro-batch of each dataset by its share, rolled ahead by half of
 * unroll-1 steps in the mean; blocks that run again are a forward pass more. */
static mpp_status count_flops(mpp_plan *out, const mpp_planner *p)
{
  mpp_status st = MPP_OK;
  const mpp_train_options *o = &p->trainer->options;
  out->flops = 0.0;
  for (size_t i = 0; i < p->count; i++) {
    mpp_cost cost;
    mpp_window_shape shape = p->source[i].shape;
    shape.B = (size_t)out->batch;
    MPP_TRY(mpp_cost_of(&cost, &p->model->config, p->model->n_states, &shape));
    const double ahead = 0.5 * (double)(o->unroll - 1) + (out->recompute ? 1.0 : 0.0);
    out->flops += p->source[i].share * (double)out->accumulate *
                  (cost.step_flops + ahead * cost.forward_flops);
  }
done:
  return st;
}

static void destroy(mpp_planner *p)
{
  if (p == NULL) {
    return;
  }
  mpp_model_destroy(p->model);
  if (p->trainer != NULL) {
    for (size_t i = 0; i < MPP_LIST_MAX; i++) { mpp_dataset_close(p->trainer->source[i].dataset); }
    mpp_free(p->trainer);
  }
  mpp_free(p);
}

mpp_status mpp_plan_training(mpp_plan *out, const mpp_train_options *options,
                             const mpp_option *table, const mpp_plan_request *request)
{
  mpp_status st = MPP_OK;
  mpp_planner *p = NULL;
  mpp_plan plan = {.seconds = NAN, .fitting = -1};
  MPP_TRY(MPP_ALLOC(&p, 1));
  MPP_TRY(MPP_ALLOC(&p->trainer, 1));
  p->request = request;
  p->trainer->options = *options;
  p->trainer->table = table;
  mpp_settings_resolve(&p->trainer->options, table);
  mpp_set_threads((int)options->threads);
  MPP_TRY(open_data(p));
  MPP_TRY(describe_network(p));
  MPP_TRY(describe_sources(p));
  MPP_TRY(mpp_plan_library(&p->library, p->model, &p->trainer->options));
  const mpp_memory now = mpp_memory_look();
  plan.available = mpp_memory_room(&now);
  plan.config = p->model->config;
  plan.parameters = p->model->params->total;
  MPP_TRY(choose(&plan, p));
  MPP_TRY(count_flops(&plan, p));
  if (request->seconds > 0.0 && plan.total <= plan.available) {
    MPP_TRY(mpp_plan_measure(&plan, p));
  }
  *out = plan;
done:
  destroy(p);
  return st;
}
