/* trainer.h - one training run, shared by pretraining and finetuning, which differ in how their
 * model begins. */
#ifndef MPP_TRAINER_H
#define MPP_TRAINER_H

#include <stdbool.h>

#include "adapter.h"
#include "batch.h"
#include "ema.h"
#include "micro_batch.h"
#include "mpp/train.h"
#include "optimizer.h"
#include "plan_memory.h"
#include "run_folder.h"
#include "run_log.h"
#include "run_state.h"
#include "schedule.h"
#include "validation.h"

typedef struct mpp_trainer {
  mpp_train_options options; /* with every value that a run settles */
  const mpp_option *table;
  const mpp_train_observer *observer; /* borrowed; may be NULL */
  double started;                     /* mpp_clock() [s] */
  /* data: entry i of the options is source i */
  mpp_source source[MPP_LIST_MAX]; /* datasets owned */
  mpp_window_shape shape[MPP_LIST_MAX];
  mpp_sampler *sampler; /* owned */
  /* the run */
  mpp_run_folder folder;
  mpp_run_log log;
  mpp_run_state state;
  mpp_provenance provenance;
  bool resumed;
  /* computation */
  mpp_model *model;     /* owned */
  mpp_adapter *adapter; /* what is trained in place of the weights, or NULL; owned */
  mpp_optimizer optimizer;
  mpp_ema ema;
  float *factors;           /* of the learning rate, by entry of what is trained; owned */
  float *gradients;         /* sums of more than one micro-batch [params->total], owned; NULL: those
                               of one, within the model's memory */
  float *adapter_gradients; /* [adapter->params->total]; owned */
  mpp_micro_work work;
  mpp_validation validation;
  double seconds_per_step; /* smoothed; 0: none yet */
  double seconds_in_steps; /* of all steps of this call */
} mpp_trainer;

/* Makes t->model at the start of a run, from t->options and the open datasets. */
typedef mpp_status (*mpp_model_maker)(mpp_trainer *t);

/* The whole of a run: opens data and folder, starts or resumes, trains, writes the final model. */
MPP_MUST_CHECK mpp_status mpp_trainer_execute(const mpp_train_options *options,
                                              const mpp_option *table, mpp_model_maker make_model,
                                              const char *command,
                                              const mpp_train_observer *observer);

/* One line to the observer. */
void mpp_trainer_message(const mpp_trainer *t, const char *format, ...) MPP_PRINTF(2, 3);

/* train_settings.c: datasets of the command line into the list; rates and decays that are left to
 * the optimizer. */
void mpp_settings_resolve(mpp_train_options *o, const mpp_option *table);

/* Only the former: datasets of the command line replace those of a configuration. */
void mpp_settings_take_data(mpp_train_options *o);

/* How many times the rate of whole weights adapters learn at; 1 without adapters, and where the
 * method finds its own. */
double mpp_settings_adapter_factor(const mpp_train_options *o);

/* What no single range of the table can say. */
MPP_MUST_CHECK mpp_status mpp_settings_check(const mpp_train_options *o);

/* What the model settles: a resumed or finetuned one brings it along. */
void mpp_settings_settle(mpp_train_options *o, const mpp_model_config *c);

/* train_data.c: dataset i of the options, or all of them. */
MPP_MUST_CHECK mpp_status mpp_trainer_open_dataset(mpp_dataset **out, const mpp_train_options *o,
                                                   size_t i);
MPP_MUST_CHECK mpp_status mpp_trainer_open_data(mpp_trainer *t);

/* Where the options name an amount of memory: their batch, accumulate and recompute become what
 * fits, before anything but the model is made. MPP_ERR_NOMEM says what would. A resumed run keeps
 * what was chosen at its start. */
MPP_MUST_CHECK mpp_status mpp_trainer_fit_memory(mpp_trainer *t);

/* Shapes, columns and working memory of every dataset, so that a grid that does not fit is told
 * before the first step. */
MPP_MUST_CHECK mpp_status mpp_trainer_prepare_shapes(mpp_trainer *t);

/* The window of one dataset, as mpp_model_window; MPP_ERR_DATA: fields that the model does not
 * have. */
MPP_MUST_CHECK mpp_status mpp_trainer_shape(mpp_window_shape *s, size_t *which,
                                            const mpp_train_options *o,
                                            const mpp_dataset_info *info, const mpp_model *m);

/* What counts for memory of every dataset. */
void mpp_trainer_sources(mpp_plan_source source[MPP_LIST_MAX], const mpp_trainer *t);

/* The sampler of training and what there is to validate on. */
MPP_MUST_CHECK mpp_status mpp_trainer_prepare_streams(mpp_trainer *t);

/* resumed.c: paths and shapes of the open datasets, a line each; *out is owned by the caller. */
MPP_MUST_CHECK mpp_status mpp_trainer_describe_data(char **out, const mpp_trainer *t);

/* The settings of the run directory hold for all pieces of the run, and so do its network and the
 * shape of its data. MPP_ERR_CONFIG, MPP_ERR_DATA name what differs. */
MPP_MUST_CHECK mpp_status mpp_trainer_check_resumed(mpp_trainer *t);

/* train_loop.c: from t->state to the last step. */
MPP_MUST_CHECK mpp_status mpp_trainer_loop(mpp_trainer *t);

/* pretrain.c: the network that a pretraining with these settings makes. */
MPP_MUST_CHECK mpp_status mpp_pretrain_config(mpp_model_config *config, const mpp_train_options *o);
/* Names of its columns, from the open datasets; *names is owned by the caller. */
MPP_MUST_CHECK mpp_status mpp_pretrain_vocabulary(mpp_name **names, size_t *count,
                                                  const mpp_trainer *t);

/* Whether nothing is left to train: the last step, or the patience is over. */
bool mpp_trainer_is_over(const mpp_trainer *t);

/* ---- trained.c: the weights of the model, or an adapter of them ---- */

/* factors [params->count] of the learning rate: 0 where `freeze` keeps an entry or it takes no
 * part, elsewhere layer_decay to the power of the blocks between it and the output. */
void mpp_learning_factors(float *factors, const mpp_params *params, int blocks, mpp_freeze freeze,
                          double layer_decay);

/* What the optimizer sees; borrowed. */
const mpp_params *mpp_trained_list(const mpp_trainer *t);
float *mpp_trained_values(const mpp_trainer *t);
float *mpp_trained_gradients(const mpp_trainer *t);

MPP_MUST_CHECK mpp_status mpp_trained_prepare(mpp_trainer *t);

/* Between the gradients of the model and those of what is trained, and back to the weights. */
void mpp_trained_take_gradients(mpp_trainer *t);
void mpp_trained_apply(mpp_trainer *t);

/* Writes the model, and with an adapter that one too, under names in the run folder. */
MPP_MUST_CHECK mpp_status mpp_trained_export(mpp_trainer *t, const char *model, const char *adapter,
                                             uint64_t step, double score);
MPP_MUST_CHECK mpp_status mpp_trained_export_mean(mpp_trainer *t);

/* Goes back to what was exported as the best. */
MPP_MUST_CHECK mpp_status mpp_trained_restore_best(mpp_trainer *t);

#endif
