/* train_options.c - the settings of pretraining and finetuning. Rows that both commands have are
 * written once; their defaults are arguments where the commands differ. */
#include "mpp/train.h"

#define AT(member)         offsetof(mpp_train_options, member)
#define CHECKED(low, high) .min = (low), .max = (high)
#define COUNT              CHECKED(1, 1e9)
#define COUNT_OR_0         CHECKED(0, 1e9)

/* clang-format off */
#define DATA_ROWS                                                                                  \
  {"data", 'd', MPP_OPT_TEXTS, AT(data_words), .arg = "PATH[:SYSTEM]",                             \
   .help = "datasets to train on; may be repeated; replaces the list of a configuration file; "    \
           "solver:SYSTEM,NAME=VALUE,... computes trajectories while the training goes on"},       \
  {"boundary", 0, MPP_OPT_TEXT, AT(boundary), .arg = "AXIS=KIND,...",                              \
   .help = "boundaries of every dataset, as x=periodic,y=wall, instead of the file's"},            \
  {"train-fraction", 0, MPP_OPT_REAL, AT(train_fraction), "0.8", CHECKED(0, 1), .arg = "X",        \
   .help = "share of the trajectories to train on, the first ones"},                               \
  {"valid-fraction", 0, MPP_OPT_REAL, AT(valid_fraction), "0.1", CHECKED(0, 1), .arg = "X",        \
   .help = "share of the trajectories to validate on, the next ones; the rest is for tests"},      \
  {"split", 0, MPP_OPT_CHOICE, AT(split), "published", .choices = MPP_TRAIN_SPLIT_CHOICES,         \
   .help = "how trajectories are split: in their order, or so that equal ones are on one side "    \
           "(distinct: reads all data first)"},                                                    \
  {"samples", 0, MPP_OPT_LONG, AT(samples), "0", COUNT_OR_0, .arg = "N",                           \
   .help = "train on the first N trajectories of each dataset only; 0: all"},                      \
  MPP_DATA_FLAG_ROWS(mpp_train_options, flags)

#define OPTIMISATION_ROWS(steps_, warmup_)                                          \
  {"steps", 0, MPP_OPT_LONG, AT(steps), steps_, COUNT, .arg = "N",                                 \
   .help = "optimizer steps"},                                                                     \
  {"batch", 0, MPP_OPT_LONG, AT(batch), "4", CHECKED(1, 65536), .arg = "N",                        \
   .help = "windows of a micro-batch, all of one dataset"},                                        \
  {"accumulate", 0, MPP_OPT_LONG, AT(accumulate), "1", CHECKED(1, 65536), .arg = "N",              \
   .help = "micro-batches whose mean gradient makes a step"},                                      \
  {"optimizer", 0, MPP_OPT_CHOICE, AT(optimizer), "adamw", .choices = MPP_OPTIMIZER_CHOICES,       \
   .help = "update rule; dadapt-* find the size of their steps themselves; sgd has momentum"},     \
  {"learning-rate", 0, MPP_OPT_REAL, AT(learning_rate), "-1", CHECKED(-1, 10), .arg = "X",         \
   .help = "highest learning rate, reached after the warm-up; -1: the optimizer's own: adamw and " \
           "adan 1e-3, sgd 1e-2, of adapters 3 times that; dadapt-* 1, a factor of their own"},    \
  {"schedule", 0, MPP_OPT_CHOICE, AT(schedule), "cosine", .choices = MPP_SCHEDULE_CHOICES,         \
   .help = "course of the learning rate after the warm-up; rsqrt: as 1/sqrt(step)"},               \
  {"min-learning-rate", 0, MPP_OPT_REAL, AT(min_learning_rate), "1e-5", CHECKED(0, 10),            \
   .arg = "X", .help = "learning rate below which cosine and rsqrt do not fall"},                  \
  {"warmup", 0, MPP_OPT_LONG, AT(warmup), warmup_, COUNT_OR_0, .arg = "N",                         \
   .help = "steps over which the learning rate rises linearly"},                                   \
  {"cooldown", 0, MPP_OPT_LONG, AT(cooldown), "0", COUNT_OR_0, .arg = "N",                         \
   .help = "last steps, over which the learning rate falls linearly to zero"},                     \
  {"schedule-steps", 0, MPP_OPT_LONG, AT(schedule_steps), "0", COUNT_OR_0, .arg = "N",             \
   .help = "step at which cosine reaches its floor; 0: the end of the run, before the cooldown"},  \
  {"weight-decay", 0, MPP_OPT_REAL, AT(weight_decay), "1e-3", CHECKED(0, 10), .arg = "X",          \
   .help = "decoupled decay of weights with two or more axes"},                                    \
  {"beta1", 0, MPP_OPT_REAL, AT(beta1), "-1", CHECKED(-1, 0.9999999), .arg = "X",                  \
   .help = "decay of the gradient's mean, momentum of sgd; -1: the optimizer's own: 0.9, of adan " \
           "and dadapt-adan 0.98"},                                                                \
  {"beta2", 0, MPP_OPT_REAL, AT(beta2), "-1", CHECKED(-1, 0.9999999), .arg = "X",                  \
   .help = "decay of the mean square, of adan and dadapt-adan of the mean difference; -1: the "    \
           "optimizer's own: 0.999, 0.92"},                                                        \
  {"beta3", 0, MPP_OPT_REAL, AT(beta3), "-1", CHECKED(-1, 0.9999999), .arg = "X",                  \
   .help = "decay of the mean square of adan and dadapt-adan; -1: 0.99"},                          \
  {"epsilon", 0, MPP_OPT_REAL, AT(epsilon), "1e-8", CHECKED(1e-30, 1), .arg = "X",                 \
   .help = "added to the root of the mean square"},                                                \
  {"ema", 0, MPP_OPT_REAL, AT(ema), "0", CHECKED(0, 0.9999999), .arg = "DECAY",                    \
   .help = "keep a moving average of the weights, as 0.999; in the end ema.safetensors holds it, " \
           "a model as final.safetensors for rollout, evaluate, finetune; 0: none"},               \
  {"clip", 0, MPP_OPT_REAL, AT(clip), "1", CHECKED(0, 1e30), .arg = "X",                           \
   .help = "largest norm of the gradient; 0: no limit"},                                           \
  {"drop-path", 0, MPP_OPT_REAL, AT(drop_path), "0", CHECKED(0, 0.99), .arg = "X",                 \
   .help = "chance to leave out the last block, falling linearly to 0 at the first; "              \
           "published: 0.1, 0 suits short runs"},                                                  \
  {"loss", 0, MPP_OPT_CHOICE, AT(loss), "nmse", .choices = MPP_LOSS_CHOICES,                       \
   .help = "squared error over the field's mean square (published), or over the error of the "     \
           "window's own extrapolation"},                                                          \
  {"unroll", 0, MPP_OPT_LONG, AT(unroll), "1", CHECKED(1, 64), .arg = "N",                         \
   .help = "pushforward: a window is rolled 0 to N-1 steps ahead before the step that is scored, " \
           "through which alone the gradient flows"},                                              \
  {"noise", 0, MPP_OPT_REAL, AT(noise), "0", CHECKED(0, 10), .arg = "X",                           \
   .help = "standard deviation of the noise added to inputs [standard deviations of the field]"},  \
  {"jitter", 0, MPP_OPT_FLAG, AT(jitter),                                                          \
   .help = "shift the patch grid at random in every pass; along axes that are not periodic this "  \
           "takes one patch more"},                                                                \
  {"frame-stride", 0, MPP_OPT_INTS, AT(frame_stride), "1", CHECKED(0, 1e6), .arg = "N,...",        \
   .help = "take every N-th frame of a trajectory for a window, N drawn for each from this list; " \
           "0: as far as the trajectory reaches; validation takes every frame"},                   \
  {"seed", 0, MPP_OPT_LONG, AT(seed), "0", COUNT_OR_0, .arg = "N",                                 \
   .help = "seed of all that is random: weights, windows, drop path, noise, jitter, strides"}

#define RUN_ROWS(output_)                                                                          \
  {"output", 'o', MPP_OPT_TEXT, AT(output), output_, .arg = "FOLDER",                              \
   .help = "run directory: configuration, metrics, checkpoints"},                                  \
  {"validate-every", 0, MPP_OPT_LONG, AT(validate_every), "500", COUNT_OR_0, .arg = "N",           \
   .help = "steps between validations, the last step is validated too; 0: never"},                 \
  {"validate-windows", 0, MPP_OPT_LONG, AT(validate_windows), "32", COUNT_OR_0, .arg = "N",        \
   .help = "windows of each dataset to validate on, always the same; 0: all"},                     \
  {"patience", 0, MPP_OPT_LONG, AT(patience), "0", COUNT_OR_0, .arg = "N",                         \
   .help = "end after N validations without a better one, and keep the best weights as the final " \
           "ones; 0: train all steps and keep the last ones"},                                     \
  {"horizons", 0, MPP_OPT_INTS, AT(horizons), "1,10", CHECKED(1, 1e6), .arg = "N,...",             \
   .help = "steps ahead to validate, as far as the trajectories reach"},                           \
  {"checkpoint-every", 0, MPP_OPT_LONG, AT(checkpoint_every), "500", COUNT_OR_0, .arg = "N",       \
   .help = "steps between checkpoints; 0: only at the end"},                                       \
  {"log-every", 0, MPP_OPT_LONG, AT(log_every), "30", CHECKED(1, 1e6), .arg = "SECONDS",           \
   .help = "time between lines of progress where there is no terminal [s]"},                       \
  {"max-walltime", 0, MPP_OPT_DURATION, AT(max_walltime), "0", CHECKED(0, 1e9), .arg = "TIME",     \
   .help = "save and stop with code 75 after this time [s, or 90s, 20m, 2h, 1:30:00]; 0: none"},   \
  {"resume", 0, MPP_OPT_FLAG, AT(resume),                                                          \
   .help = "go on from the newest valid checkpoint of the run directory, if it has one"},          \
  {"overwrite", 0, MPP_OPT_FLAG, AT(overwrite),                                                    \
   .help = "replace the run that the directory holds"},                                            \
  {"threads", 't', MPP_OPT_LONG, AT(threads), "0", CHECKED(0, 4096), .arg = "N",                     \
   .help = "threads; 0: as many as OpenMP takes; results do not depend on it"},                    \
  {"precision", 0, MPP_OPT_CHOICE, AT(precision), "float32", .choices = MPP_PRECISION_CHOICES,     \
   .help = "of the products inside the network; bf16 is faster where the processor has "           \
           "AVX512_BF16, weights and sums stay float32"},                                          \
  {"recompute", 0, MPP_OPT_FLAG, AT(recompute),                                                    \
   .help = "blocks keep their inputs alone and run again for the backward pass: the same weights " \
           "with far less memory and about a quarter more time"},                                  \
  {"memory", 0, MPP_OPT_BYTES, AT(memory), "0", CHECKED(0, 1e18), .arg = "BYTES",                  \
   .help = "memory to fit into, as 8G or 500M: where the training would take more, the largest "   \
           "micro-batch that fits is taken, with recompute where that is enough, for as many "     \
           "windows a step; 0: as set"},                                                           \
  {"tensorboard", 0, MPP_OPT_FLAG, AT(tensorboard),                                                \
   .help = "write losses and scores for TensorBoard into the run directory, too"},                 \
  {"json", 0, MPP_OPT_FLAG, AT(json), .help = "report as JSON"}

#define EDGES_ROW \
  {"edges", 0, MPP_OPT_FLAG, AT(edges), \
   .help = "the network learns what walls and open ends are (an embedding that begins at 0); " \
           "published models do not"}

const mpp_option mpp_pretrain_table[] = {
  {"size", 0, MPP_OPT_CHOICE, AT(size), "nano", .choices = MPP_SIZE_CHOICES,
   .help = "width, heads and blocks of the network"},
  {"patch", 0, MPP_OPT_INTS, AT(patch), CHECKED(1, 64), .arg = "N,...",
   .help = "factors of the patch size; default: 2,2 for nano and micro, 4,2,2 for the others"},
  {"width", 0, MPP_OPT_LONG, AT(width), "0", CHECKED(0, 65536), .arg = "N",
   .help = "embedding width; 0: from the size"},
  {"heads", 0, MPP_OPT_LONG, AT(heads), "0", CHECKED(0, 1024), .arg = "N",
   .help = "attention heads; 0: from the size"},
  {"blocks", 0, MPP_OPT_LONG, AT(blocks), "0", CHECKED(0, 1024), .arg = "N",
   .help = "processor blocks; 0: from the size"},
  {"bias", 0, MPP_OPT_CHOICE, AT(bias), "rel", .choices = MPP_BIAS_CHOICES,
   .help = "position bias of attention"},
  {"mode", 0, MPP_OPT_CHOICE, AT(mode), "window", .choices = MPP_MODE_CHOICES,
   .help = "what the network predicts: the frame, or a correction to the last one, to a "
           "polynomial extrapolation, to an auto-regression fitted to the window, or to the "
           "predictor that a backtest inside it chooses (window)"},
  {"increments", 0, MPP_OPT_FLAG, AT(increments), "true",
   .help = "the network sees increments in time beside values; published models do not"},
  EDGES_ROW,
  {"context", 0, MPP_OPT_LONG, AT(context), "0", CHECKED(0, 4096), .arg = "T",
   .help = "frames of a window; 0: 8 for nano and micro, 16 for the others"},
  DATA_ROWS,
  OPTIMISATION_ROWS("2000", "100"),
  RUN_ROWS("pretrained"),
  {.name = NULL},
};

const mpp_option mpp_finetune_table[] = {
  {"model", 'm', MPP_OPT_TEXT, AT(model), .arg = "FILE",
   .help = "checkpoint to start from"},
  EDGES_ROW,
  {"freeze", 0, MPP_OPT_CHOICE, AT(freeze), "none", .choices = MPP_FREEZE_CHOICES,
   .help = "what stays as it is: nothing; all but field embedding and output layer (middle); "
           "the blocks (processor)"},
  {"lora-rank", 0, MPP_OPT_LONG, AT(lora_rank), "0", CHECKED(0, 16384), .arg = "R",
   .help = "train low-rank adapters of the blocks' maps, W + alpha/R B A, and the columns of new "
           "fields, and nothing else; adapter.safetensors holds them; 0: train the weights"},
  {"lora-alpha", 0, MPP_OPT_REAL, AT(lora_alpha), "0", CHECKED(0, 1e6), .arg = "X",
   .help = "alpha of the adapters; 0: their rank, a factor of 1"},
  {"lora-maps", 0, MPP_OPT_CHOICE, AT(lora_maps), "all", .choices = MPP_LORA_MAPS_CHOICES,
   .help = "maps with adapters: the projections of the time and space blocks, or these and the MLPs"},
  {"layer-decay", 0, MPP_OPT_REAL, AT(layer_decay), "1", CHECKED(0.01, 1), .arg = "X",
   .help = "factor of the learning rate from block to block, from the output back to the stem; "
           "columns of fields have the full rate"},
  {"against-scratch", 0, MPP_OPT_FLAG, AT(against_scratch),
   .help = "for the report, train new weights too: on the same data, for as many steps, with the same "
           "settings but for what only finetuning has; at --learning-rate (beside adapters at a "
           "third of it), or the optimizer's own"},
  {"report-windows", 0, MPP_OPT_LONG, AT(report_windows), "32", COUNT_OR_0, .arg = "N",
   .help = "held-out windows of each dataset on which the report at the end compares the models, at "
           "the horizons; 0: no report"},
  {"context", 0, MPP_OPT_LONG, AT(context), "0", CHECKED(0, 4096), .arg = "T",
   .help = "frames of a window; 0: the model's"},
  DATA_ROWS,
  OPTIMISATION_ROWS("500", "50"),
  RUN_ROWS("finetuned"),
  {.name = NULL},
};
/* clang-format on */
