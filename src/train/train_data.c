/* train_data.c - the datasets of a run: opened, fitted to the model, streamed. */
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "memory.h"
#include "plan_choice.h"
#include "solver_source.h"
#include "train_plan.h"
#include "trainer.h"

enum { NOTE_MAX = 2 * MPP_TEXT_MAX };

/* `note` stays empty for files. */
static mpp_status open_source(mpp_source *source, char note[NOTE_MAX], const mpp_train_options *o,
                              size_t i)
{
  const char *boundary = o->data[i].boundary[0] != '\0' ? o->data[i].boundary : o->boundary;
  const mpp_dataset_options how = {.boundary = boundary[0] != '\0' ? boundary : NULL,
                                   .train = o->train_fraction,
                                   .valid = o->valid_fraction,
                                   .max_trajectories = (size_t)o->samples,
                                   .distinct = o->split == MPP_TRAIN_SPLIT_DISTINCT,
                                   .flags = &o->flags};
  note[0] = '\0';
  return mpp_solver_named(o->data[i].path)
             ? mpp_solver_open(source, note, NOTE_MAX, o, &o->data[i])
             : mpp_dataset_open(&source->dataset, o->data[i].path, &how);
}

mpp_status mpp_trainer_open_dataset(mpp_dataset **out, const mpp_train_options *o, size_t i)
{
  mpp_source source = {.dataset = NULL};
  char note[NOTE_MAX];
  const mpp_status st = open_source(&source, note, o, i);
  *out = source.dataset;
  return st;
}

mpp_status mpp_trainer_open_data(mpp_trainer *t)
{
  mpp_status st = MPP_OK;
  char note[NOTE_MAX];
  for (size_t i = 0; i < t->options.ndata; i++) {
    t->source[i].weight = t->options.data[i].weight;
    MPP_TRY(open_source(&t->source[i], note, &t->options, i));
    if (note[0] != '\0') {
      mpp_trainer_message(t, "%s", note);
    }
  }
done:
  return st;
}

/* Windows of the training split, of the smallest stride. */
static size_t windows_of(const mpp_dataset *dataset, size_t frames)
{
  const size_t nframes = mpp_dataset_get_info(dataset)->nframes;
  size_t first = 0, count = 0;
  mpp_dataset_split(dataset, MPP_TRAIN, &first, &count);
  return nframes >= frames ? count * (nframes - frames + 1) : 0;
}

/* Trajectories that a solver keeps in memory: those drawn from, and those held out. */
static size_t kept_of(const mpp_source *source, const mpp_data_entry *entry)
{
  size_t first = 0, valid = 0, test = 0;
  if (!mpp_solver_named(entry->path)) {
    return 0;
  }
  mpp_dataset_split(source->dataset, MPP_VALID, &first, &valid);
  mpp_dataset_split(source->dataset, MPP_TEST, &first, &test);
  return source->pool + valid + test;
}

void mpp_trainer_sources(mpp_plan_source source[MPP_LIST_MAX], const mpp_trainer *t)
{
  const mpp_train_options *o = &t->options;
  double sum = 0.0;
  for (size_t i = 0; i < o->ndata; i++) { sum += t->source[i].weight; }
  for (size_t i = 0; i < o->ndata; i++) {
    source[i] = (mpp_plan_source){
        .info = mpp_dataset_get_info(t->source[i].dataset),
        .shape = t->shape[i],
        .share = t->source[i].weight / sum,
        .windows = windows_of(t->source[i].dataset, (size_t)(o->context + o->unroll)),
        .kept = kept_of(&t->source[i], &o->data[i]),
        .validated = o->validate_every > 0};
  }
}

/* Refuses a run that will not fit. Weights are in memory by now, and their mean; the optimizer's
 * arrays have addresses, and after a resumption their memory. */
static mpp_status check_memory(const mpp_trainer *t)
{
  mpp_status st = MPP_OK;
  mpp_plan_source source[MPP_LIST_MAX];
  size_t part[MPP_PLAN_PARTS], largest = 0;
  mpp_trainer_sources(source, t);
  const size_t trained = t->adapter != NULL ? mpp_trained_list(t)->total : 0;
  MPP_TRY(mpp_plan_count(part, &largest, t->model, trained, &t->options, source, t->options.ndata));
  const size_t mean = t->ema.mean != NULL ? mpp_trained_list(t)->total * sizeof(float) : 0;
  const size_t moments = part[MPP_PLAN_MOMENTS] - mean;
  const size_t taken = part[MPP_PLAN_WEIGHTS] + mean + (t->resumed ? moments : 0);
  const size_t all = mpp_plan_sum(part);
  MPP_TRY(mpp_plan_check(part, all - taken, t->resumed ? 0 : moments));
  const size_t resident = mpp_memory_look().resident;
  mpp_trainer_message(
      t,
      "%zu parameters, %.0f MiB of weights and optimizer state, %.0f MiB of "
      "working memory, about %.0f MiB in all",
      t->model->params->total,
      (double)(part[MPP_PLAN_WEIGHTS] + part[MPP_PLAN_GRADIENTS] + part[MPP_PLAN_MOMENTS]) /
          (1 << 20),
      (double)part[MPP_PLAN_ACTIVATIONS] / (1 << 20), (double)(all - taken + resident) / (1 << 20));
done:
  return st;
}

mpp_status mpp_trainer_shape(mpp_window_shape *s, size_t *which, const mpp_train_options *o,
                             const mpp_dataset_info *info, const mpp_model *m)
{
  return mpp_model_window(m, s, which, info, (size_t)o->context, (size_t)o->batch);
}

static mpp_status take_shapes(mpp_trainer *t)
{
  mpp_status st = MPP_OK;
  for (size_t i = 0; i < t->options.ndata; i++) {
    MPP_TRY(mpp_trainer_shape(&t->shape[i], t->source[i].given, &t->options,
                              mpp_dataset_get_info(t->source[i].dataset), t->model));
    t->source[i].ngiven = t->shape[i].given;
  }
done:
  return st;
}

mpp_status mpp_trainer_fit_memory(mpp_trainer *t)
{
  mpp_status st = MPP_OK;
  mpp_train_options *o = &t->options;
  const double MiB = 1 << 20;
  mpp_plan_source source[MPP_LIST_MAX];
  mpp_plan_choice c = {.batch = 0};
  mpp_plan_subject subject = {.model = t->model, .options = o, .source = source, .count = o->ndata};
  int smaller = -1;
  char size[32], would[96] = "";
  if (o->memory <= 0.0) {
    goto done;
  }
  subject.adapter = t->adapter != NULL ? mpp_trained_list(t)->total : 0;
  MPP_TRY(take_shapes(t));
  mpp_trainer_sources(source, t);
  MPP_TRY(mpp_plan_library(&subject.library, t->model, o));
  MPP_TRY(mpp_plan_choose(&c, &subject, (size_t)o->memory, true));
  if (!c.fits) {
    MPP_TRY(mpp_plan_smaller_size(&smaller, &subject, (size_t)o->memory));
    if (smaller >= 0) {
      mpp_options_choice(size, sizeof size, MPP_SIZE_CHOICES, smaller);
      snprintf(would, sizeof would, "; size %s would fit with them", size);
    }
    st = mpp_fail(MPP_ERR_NOMEM,
                  "memory: the training does not fit into %.0f MiB; the least is %.0f MiB, with "
                  "batch 1 and recompute%s",
                  o->memory / MiB, (double)c.least / MiB, would);
    goto done;
  }
  mpp_trainer_message(t, "memory: micro-batches of %ld, %ld a step%s: %.0f of %.0f MiB", c.batch,
                      c.accumulate, c.recompute ? ", with recomputation" : "",
                      (double)c.total / MiB, o->memory / MiB);
  o->batch = c.batch;
  o->accumulate = c.accumulate;
  o->recompute = c.recompute;
done:
  return st;
}

mpp_status mpp_trainer_prepare_shapes(mpp_trainer *t)
{
  mpp_status st = MPP_OK;
  t->model->recompute = t->options.recompute;
  MPP_TRY(mpp_model_set_precision(t->model, (mpp_precision)t->options.precision));
  MPP_TRY(take_shapes(t));
  if (t->adapter != NULL) {
    mpp_trainer_message(t, "an adapter of rank %zu: %zu parameters are trained",
                        t->adapter->set.rank, mpp_trained_list(t)->total);
  }
  MPP_TRY(check_memory(t));
done:
  return st;
}

mpp_status mpp_trainer_prepare_streams(mpp_trainer *t)
{
  mpp_status st = MPP_OK;
  const mpp_train_options *o = &t->options;
  const size_t frames = (size_t)(o->context + o->unroll);
  const mpp_sampling sampling = {.split = MPP_TRAIN,
                                 .frames = frames,
                                 .batch = (size_t)o->batch,
                                 .seed = (uint64_t)o->seed,
                                 .strides = o->frame_stride};
  for (size_t i = 0; i < o->ndata; i++) { /* as often as it has windows, if nothing is said */
    mpp_source *s = &t->source[i];
    const size_t nframes = mpp_dataset_get_info(s->dataset)->nframes;
    if (s->pool > 0 && s->reuse == 0) {
      s->reuse = nframes > frames ? nframes - frames + 1 : 1;
    }
  }
  mpp_trainer_message(
      t, "%.0f MiB to read ahead",
      (double)mpp_prefetch_bytes(t->source, o->ndata, (size_t)o->batch, frames, MPP_READ_AHEAD) /
          (1 << 20));
  MPP_TRY(mpp_sampler_create(&t->sampler, t->source, o->ndata, &sampling));
  t->validation.context = (size_t)o->context;
  t->validation.windows = (size_t)o->validate_windows;
  for (size_t i = 0; i < o->ndata && o->validate_every > 0; i++) {
    if (!mpp_validation_add(&t->validation, t->source[i].dataset, &o->horizons)) {
      mpp_trainer_message(t, "%s: no validation: no trajectory left for it, or too few frames",
                          o->data[i].path);
    }
  }
  if (o->validate_every > 0 && t->validation.count == 0) {
    mpp_trainer_message(t, "nothing to validate on: there will be no best.safetensors");
  }
done:
  return st;
}
