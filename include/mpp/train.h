/* train.h - pretraining on mixed datasets and finetuning on new physics. */
#ifndef MPP_TRAIN_H
#define MPP_TRAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mpp/dataset.h"
#include "mpp/metrics.h"
#include "mpp/model.h"
#include "mpp/options.h"
#include "mpp/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mpp_data_entry {
  char path[MPP_TEXT_MAX];     /* PATH[:SYSTEM] */
  char boundary[MPP_TEXT_MAX]; /* "" : the file's */
  double weight;               /* share of the micro-batches, relative; default 1 */
} mpp_data_entry;

typedef enum { MPP_LOSS_NMSE, MPP_LOSS_SCALED } mpp_loss_kind;
#define MPP_LOSS_CHOICES "nmse|scaled"

typedef enum {
  MPP_OPTIMIZER_ADAMW,
  MPP_OPTIMIZER_ADAN,
  MPP_OPTIMIZER_DADAPT_ADAN,
  MPP_OPTIMIZER_DADAPT_ADAM,
  MPP_OPTIMIZER_SGD
} mpp_optimizer_kind;
#define MPP_OPTIMIZER_CHOICES "adamw|adan|dadapt-adan|dadapt-adam|sgd"

typedef enum { MPP_SCHEDULE_COSINE, MPP_SCHEDULE_CONSTANT, MPP_SCHEDULE_RSQRT } mpp_schedule_kind;
#define MPP_SCHEDULE_CHOICES "cosine|constant|rsqrt"

typedef enum { MPP_FREEZE_NONE, MPP_FREEZE_MIDDLE, MPP_FREEZE_PROCESSOR } mpp_freeze;
typedef enum { MPP_TRAIN_SPLIT_PUBLISHED, MPP_TRAIN_SPLIT_DISTINCT } mpp_train_split;
#define MPP_TRAIN_SPLIT_CHOICES "published|distinct"

#define MPP_FREEZE_CHOICES "none|middle|processor"

typedef enum { MPP_LORA_ATTENTION, MPP_LORA_ALL } mpp_lora_maps;
#define MPP_LORA_MAPS_CHOICES "attention|all"

/* One struct for pretrain and finetune; the tables below say which keys each accepts, with
 * defaults, units and ranges. */
typedef struct mpp_train_options {
  /* what is trained */
  int size;                  /* mpp_size */
  mpp_int_list patch;        /* factors; empty: 4,2,2 */
  long width, heads, blocks; /* 0: from the size */
  int bias, mode;            /* mpp_bias_type, mpp_mode */
  bool increments;           /* the network sees increments in time beside values */
  bool edges;                /* the network has an embedding of walls and open ends */
  long context;              /* T */
  char model[MPP_TEXT_MAX];  /* finetune: the checkpoint to start from */
  int freeze;                /* mpp_freeze */
  long lora_rank;            /* finetune: train a low-rank adapter; 0: the weights themselves */
  double lora_alpha;         /* its factor is alpha / rank; 0: alpha = rank */
  int lora_maps;             /* mpp_lora_maps: which maps of the blocks it changes */
  double layer_decay;        /* finetune: of the learning rate, block by block from the output */
  bool against_scratch;      /* finetune: train new weights too, for the report */
  long report_windows;       /* finetune: held-out windows of each dataset; 0: no report */
  /* data */
  mpp_data_entry data[MPP_LIST_MAX];
  size_t ndata;
  mpp_text_list data_words; /* finetune --data; becomes entries of `data` */
  char boundary[MPP_TEXT_MAX];
  mpp_data_flags flags; /* what the data are, where the files do not say */
  double train_fraction, valid_fraction;
  int split;    /* mpp_train_split */
  long samples; /* train on the first so many trajectories; 0: all */
  /* optimisation */
  long steps, batch, accumulate;
  int optimizer, schedule;                   /* mpp_optimizer_kind, mpp_schedule_kind */
  double learning_rate, beta1, beta2, beta3; /* negative: the optimizer's own */
  double min_learning_rate, weight_decay, epsilon;
  long warmup, cooldown, schedule_steps;
  double clip;               /* norm; 0: off */
  double ema;                /* decay of the mean of the weights; 0: none is kept */
  double drop_path;          /* of the last block; linear in depth */
  int loss;                  /* mpp_loss_kind */
  long unroll;               /* a window is rolled 0..unroll-1 steps before the step that counts */
  bool jitter;               /* the patch grid is shifted at random in every pass */
  mpp_int_list frame_stride; /* of windows, drawn for each; 0: any; empty: 1 */
  double noise;              /* standard deviation, in units of the field's, added to inputs */
  long seed;
  /* run */
  char output[MPP_TEXT_MAX]; /* run directory */
  long validate_every, validate_windows, checkpoint_every, log_every;
  long patience;         /* end after so many validations without a better one; 0: never */
  mpp_int_list horizons; /* of validation */
  double max_walltime;   /* [s]; 0: none */
  bool resume, overwrite, json;
  int precision;    /* mpp_precision: of products; everything that is saved is float32 */
  bool tensorboard; /* event files beside metrics.jsonl */
  bool recompute;   /* activations of a block are made again for its backward pass */
  double memory;    /* bytes to fit into: batch, accumulate and recompute are chosen; 0: as set */
  long threads;
} mpp_train_options;

MPP_API extern const mpp_option mpp_pretrain_table[];
MPP_API extern const mpp_option mpp_finetune_table[];

typedef struct mpp_train_observer mpp_train_observer;

/* Reads a YAML file: scalar keys of `table`, and `data:`, a list of paths or of maps with path,
 * weight and boundary. MPP_ERR_CONFIG names file, line and column. */
MPP_API MPP_MUST_CHECK mpp_status mpp_train_read_config(mpp_train_options *options,
                                                        const mpp_option *table, const char *path);

/* The same of a file that may hold several configurations side by side (maps under names that are
 * no keys): `name` chooses one; NULL: the file has one, or is published. Configurations of the
 * published trainer are translated: epochs and accumulation into steps, ['folder', 'type', 'part of
 * the path'] into datasets, rates below 0 into D-Adaptation. Where one starts from pretrained
 * weights, *table becomes mpp_finetune_table, with its defaults. Keys without use here are told to
 * the observer (may be NULL) once; a value that would change the results and is not to be had is
 * MPP_ERR_CONFIG. */
MPP_API MPP_MUST_CHECK mpp_status mpp_train_read_named(mpp_train_options *options,
                                                       const mpp_option **table, const char *path,
                                                       const char *name,
                                                       const mpp_train_observer *observer);

typedef struct mpp_train_progress {
  uint64_t step, steps; /* optimizer steps done, planned */
  double loss, nrmse;   /* of the last step: mean over its micro-batches */
  double gradient_norm, learning_rate;
  uint64_t samples;            /* of the last step */
  double step_time, data_time; /* of the last step: in all, waiting for data [s] */
  double samples_per_second;   /* mean over about ten steps */
  double seconds_left;         /* estimate */
  double input_wait;           /* share of the time of all steps that was spent waiting for data */
  uint64_t skipped;            /* steps skipped for a non-finite loss or gradient */
  bool from_scratch;           /* of the run that a finetuning is compared with */
} mpp_train_progress;

/* Models that stand beside each other in the report of a finetuning: its own, the one that it began
 * with (new fields have their first, random columns), and new weights trained on the same data for
 * as many steps. */
typedef enum { MPP_FINETUNED, MPP_BEFORE, MPP_FROM_SCRATCH, MPP_COMPARED } mpp_compared;
MPP_API const char *mpp_compared_name(mpp_compared c); /* "finetuned", "before", "from-scratch" */

/* Scores on the same windows of a dataset, of trajectories that none of them was trained on. The
 * predictors that need no training are in of[MPP_FINETUNED]; what was not compared has no score. */
typedef struct mpp_comparison {
  char data[MPP_TEXT_MAX]; /* PATH[:SYSTEM] */
  mpp_scores of[MPP_COMPARED];
} mpp_comparison;

struct mpp_train_observer {
  void *context;
  void (*step)(void *context, const mpp_train_progress *progress);
  void (*validation)(void *context, uint64_t step, const mpp_scores *scores, size_t ndatasets);
  void (*message)(void *context, const char *text); /* one line: saved, resumed, skipped ... */
  void (*report)(void *context, const mpp_comparison *list, size_t ndatasets); /* of finetuning */
};

/* Sets the flag that makes a running training save and return MPP_STOPPED; async-signal-safe. */
MPP_API void mpp_train_request_stop(void);

/* The run directory. config.yaml: all settings, with which the run can be gone on with; paths of
 * data are absolute in it, so that the directory can be copied anywhere and resumed to the same
 * bits; data may be moved, too, as long as their files keep their names. environment.jsonl: a line
 * for each time that the run was started or gone on with. metrics.jsonl, strict JSON (RFC 8259), a
 * line a step,
 *   {"step":3,"loss":0.2,"nrmse":0.4,"gradient_norm":1.5,"learning_rate":0.001,"skipped":0,
 *    "datasets":[{"dataset":0,"system":"swe","micro_batches":2,"loss":0.2,"nrmse":0.4}]}
 * with the step's learning rate, losses as means over its micro-batches, in all and by dataset
 * (counted as in config.yaml), and steps skipped so far; and a line a validation,
 *   {"step":500,"validation":{"score":0.9,"datasets":[{"system":"swe","windows":32,"fields":["swe:h"],
 *    "horizons":[1,10],"model":{"nrmse":[[0.01],[0.1]],"vrmse":[[0.01],[0.1]]},"persistence":{..},..}]}}
 * with errors [horizon][field] of the model and of the predictors beside it. A number that is not
 * finite is null, and the line has "nonfinite", the names of those that are. Nothing in it depends
 * on the time of day, so that a resumed run writes the same bytes. timing.jsonl has what does, a
 * line a step, times in seconds, data_time the part that was spent waiting for data:
 *   {"step":3,"step_time":0.25,"data_time":0.001,"samples_per_second":16}
 * With `tensorboard` the same numbers stand in events.out.tfevents.mpp.
 *
 * Trains and writes into the run directory: config.yaml, metrics.jsonl, step-N.safetensors (the
 * last three), best.safetensors, final.safetensors, and with `ema` ema.safetensors, the mean of the
 * weights as a model of its own. `command` is stored for provenance; a resumed
 * run keeps that of its start, so that its files equal those of a run that was never stopped.
 * Best is the lowest mean over datasets and horizons of the model's NRMSE divided by that of the
 * best trivial predictor at the same horizon, each the mean over fields.
 * `options` starts zeroed: the tables do not know `data` and `ndata`.
 * MPP_STOPPED: stopped by request or wall time, the checkpoint is valid. MPP_ERR_DIVERGED: three
 * steps in a row were not finite; the last good checkpoint is kept. MPP_ERR_EXISTS: the directory
 * has a run already (use resume or overwrite) or another process holds it. */
MPP_API MPP_MUST_CHECK mpp_status mpp_pretrain(const mpp_train_options *options,
                                               const char *command,
                                               const mpp_train_observer *observer);

/* As mpp_pretrain, starting from options->model; fields are matched by name and new ones appended.
 * With lora_rank the folder also has adapter.safetensors, which mpp_model_load_adapted joins to the
 * model it began with, and best-adapter.safetensors. In the end the models are compared on held-out
 * trajectories: report.json, and the observer's report; with against_scratch the run of new weights
 * is in the folder "scratch" of the run directory. */
MPP_API MPP_MUST_CHECK mpp_status mpp_finetune(const mpp_train_options *options,
                                               const char *command,
                                               const mpp_train_observer *observer);

#ifdef __cplusplus
}
#endif
#endif
