/* train_data.c - the datasets of a run: opened, fitted to the model, streamed. */
#include <string.h>

#include "check.h"
#include "solver_source.h"
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
                                   .distinct = o->split == MPP_TRAIN_SPLIT_DISTINCT};
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

mpp_status mpp_trainer_prepare_shapes(mpp_trainer *t)
{
  mpp_status st = MPP_OK;
  size_t most = 0;
  t->model->recompute = t->options.recompute;
  MPP_TRY(mpp_model_set_precision(t->model, (mpp_precision)t->options.precision));
  for (size_t i = 0; i < t->options.ndata; i++) {
    const mpp_dataset_info *info = mpp_dataset_get_info(t->source[i].dataset);
    mpp_window_shape *s = &t->shape[i];
    size_t bytes = 0;
    *s = (mpp_window_shape){
        .T = (size_t)t->options.context, .B = (size_t)t->options.batch, .C = info->nfields};
    memcpy(s->grid, info->grid, sizeof s->grid);
    memcpy(s->boundary, info->boundary, sizeof s->boundary);
    st = mpp_model_columns(t->model, s->column, info->field, info->nfields);
    if (st == MPP_OK) {
      const mpp_window_shape laid = mpp_micro_largest_shape(s, t->model, t->options.jitter);
      st = mpp_predict_memory(&bytes, t->model, &laid, true);
    }
    if (st != MPP_OK) {
      st = mpp_fail_prefix(st, "%s", t->options.data[i].path);
      goto done;
    }
    most = bytes > most ? bytes : most;
  }
  /* weights and gradients, state, mean */
  const size_t copies =
      2 + mpp_optimizer_vectors(t->optimizer.method) + (t->ema.mean != NULL ? 1 : 0);
  const size_t total = t->model->params->total, trained = mpp_trained_list(t)->total;
  const size_t floats = t->adapter != NULL ? 2 * total + copies * trained : copies * total;
  if (t->adapter != NULL) {
    mpp_trainer_message(t, "an adapter of rank %zu: %zu parameters are trained",
                        t->adapter->set.rank, trained);
  }
  mpp_trainer_message(t,
                      "%zu parameters, %.0f MiB of weights and optimizer state, %.0f MiB of "
                      "working memory",
                      total, (double)(floats * sizeof(float)) / (1 << 20),
                      (double)most / (1 << 20));
done:
  return st;
}

mpp_status mpp_trainer_prepare_streams(mpp_trainer *t)
{
  mpp_status st = MPP_OK;
  const mpp_train_options *o = &t->options;
  const mpp_sampling sampling = {.split = MPP_TRAIN,
                                 .frames = (size_t)(o->context + o->unroll),
                                 .batch = (size_t)o->batch,
                                 .seed = (uint64_t)o->seed,
                                 .strides = o->frame_stride};
  for (size_t i = 0; i < o->ndata; i++) { /* as often as it has windows, if nothing is said */
    mpp_source *s = &t->source[i];
    const size_t nframes = mpp_dataset_get_info(s->dataset)->nframes;
    if (s->pool > 0 && s->reuse == 0) {
      s->reuse = nframes > sampling.frames ? nframes - sampling.frames + 1 : 1;
    }
  }
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
