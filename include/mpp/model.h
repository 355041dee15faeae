/* model.h - the AViT surrogate: an axial transformer over space and time with one embedding shared
 * by all fields (McCabe et al., "Multiple Physics Pretraining for Physical Surrogate Models").
 * Weights are float32; checkpoints are safetensors with the published tensor names. */
#ifndef MPP_MODEL_H
#define MPP_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mpp/dataset.h"
#include "mpp/field.h"
#include "mpp/status.h"
#include "mpp/threads.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { MPP_MAX_STAGES = 4 };

typedef enum {
  MPP_SIZE_NANO,
  MPP_SIZE_MICRO,
  MPP_SIZE_TI,
  MPP_SIZE_S,
  MPP_SIZE_B,
  MPP_SIZE_L
} mpp_size;
#define MPP_SIZE_CHOICES "nano|micro|Ti|S|B|L"

typedef enum { MPP_BIAS_REL, MPP_BIAS_CONTINUOUS } mpp_bias_type;
#define MPP_BIAS_CHOICES "rel|continuous"

/* What the network's output means for the next frame y, window x[0..T-1]:
 * frame:       y = mean + std net            (published; statistics of the window)
 * delta:       y = x[T-1] + s net            (s: RMS error of persistence inside the window)
 * extrapolate: y = base + s net              (base: the polynomial extrapolation of order 0, 1 or 2
 *                                             that did best inside the window; s: its RMS error)
 * autoregress: y = base + s net              (base: the auto-regression of increments fitted to the
 *                                             window by least squares; s: its RMS error)
 * window:      y = base + s net              (base: of all predictors fitted to the window, local
 *                                             stencils among them, the one that a backtest inside
 *                                             it chooses; s: its RMS error there. A forecast keeps
 *                                             the fit of its first window)
 * all per sample and field; src/predict has the rules and the floor of s. */
typedef enum {
  MPP_MODE_FRAME,
  MPP_MODE_DELTA,
  MPP_MODE_EXTRAPOLATE,
  MPP_MODE_AUTOREGRESS,
  MPP_MODE_WINDOW
} mpp_mode;
#define MPP_MODE_CHOICES "frame|delta|extrapolate|autoregress|window"

/* How much of the correction a forecast in mode window takes:
 * fitted: y = base + g s net, where the predictor that does best in the first steps gives the base
 * as long as it does not grow, and the network is tested on the last frames of the context: g, per
 * sample and field, is between 0 (the forecast of the predictors alone, as --model window gives it)
 * and
 *         1. As the error grows that the test makes expect, the forecast is drawn to the
 * combination with that one that has the least variance. A step that moves a field by more than 1.5
 * times what the context shows is left to the base. Costs one fit, and one to four predictions by
 * fewer frames. Contexts of one and two frames are too short for a test, and have g = 1; full:   y
 * = base + s net, as trained. Nothing in other modes. */
typedef enum { MPP_GAIN_FITTED, MPP_GAIN_FULL } mpp_gain;
#define MPP_GAIN_CHOICES "fitted|full"

typedef struct mpp_model_config {
  int embed_dim; /* C, a multiple of num_heads and of 4 */
  int num_heads;
  int processor_blocks;
  int npatch;                /* stages of the patch stem */
  int patch[MPP_MAX_STAGES]; /* their factors; the patch size is the product */
  mpp_bias_type bias;
  mpp_mode mode;
  int context;     /* T: frames of a window */
  bool increments; /* the network sees each field's increments in time beside its values, through
                      embedding columns of their own (not in published models) */
  bool edges; /* what is learned of walls and of open ends is added to the tokens beside them (not
                      in published models) */
} mpp_model_config;

typedef struct mpp_model mpp_model;

/* Width, heads and blocks of a named size; patch 4x2x2, bias rel, mode frame, context 16, no
 * increments.
 * nano: 48/3/3, others as published. */
MPP_API void mpp_model_config_defaults(mpp_model_config *config, mpp_size size);

/* A new model with `nfields` columns, initialised from `seed` as the published code does.
 * Names may be "" (free columns). MPP_ERR_CONFIG: inconsistent configuration. */
MPP_API MPP_MUST_CHECK mpp_status mpp_model_create(mpp_model **out, const mpp_model_config *config,
                                                   const mpp_name *vocabulary, size_t nfields,
                                                   uint64_t seed);
MPP_API void mpp_model_destroy(mpp_model *m);

/* A second handle on the weights of `m`, with working memory of its own: as many threads of the
 * caller can predict at the same time, each with its handle. The weights are those of `m`, which is
 * destroyed last and neither trained nor extended meanwhile; a handle cannot be extended. */
MPP_API MPP_MUST_CHECK mpp_status mpp_model_share(mpp_model **out, const mpp_model *m);

/* Checkpoints. Loading checks names, shapes and the digest: MPP_ERR_DATA says what differs.
 * Checkpoints of PyTorch with published weights are read too, without Python and without executing
 * what is in them. Saving is atomic: a temporary name, fsync, rename. */
MPP_API MPP_MUST_CHECK mpp_status mpp_model_load(mpp_model **out, const char *path);

/* The model of `path` with the adapter of a finetuning joined to it; NULL or "": without one.
 * Saved, it is the merged model. MPP_ERR_DATA: no adapter, or one that was trained on another
 * model. */
MPP_API MPP_MUST_CHECK mpp_status mpp_model_load_adapted(mpp_model **out, const char *path,
                                                         const char *adapter);

MPP_API MPP_MUST_CHECK mpp_status mpp_model_save(const mpp_model *m, const char *path);

/* The numbers of weights in files. Short floats (half the size) are rounded to nearest, ties to
 * even; every model can be read, whatever its numbers, and has float32 then. float16 has 11 binary
 * digits from 6.1e-5 to 65504 and fewer below, bfloat16 8 over the range of float32. */
typedef enum { MPP_STORE_F32, MPP_STORE_F16, MPP_STORE_BF16 } mpp_storage;
#define MPP_STORAGE_CHOICES "f32|f16|bf16"

/* Saves with such numbers. MPP_ERR_DATA: a weight is too large for them; says which tensor's. */
MPP_API MPP_MUST_CHECK mpp_status mpp_model_save_as(const mpp_model *m, const char *path,
                                                    mpp_storage storage);

/* How many tensors, those of zeros not counted, have nothing but weights below the normal numbers,
 * and so lose digits: in float16 new layer scales, 1e-6, keep four. *first: the first of them,
 * borrowed from `m`, NULL: none. */
MPP_API size_t mpp_model_storage_losses(const mpp_model *m, mpp_storage storage,
                                        const char **first);

/* Writes the weights as torch.load and the published model's load_state_dict take them, under
 * "model_state". Mode, context and vocabulary have no place there. An existing file is replaced.
 * MPP_ERR_DATA as of mpp_model_save_as, and of a model with an embedding of edges, which the
 * published network does not have. */
MPP_API MPP_MUST_CHECK mpp_status mpp_model_export_torch(const mpp_model *m, const char *path,
                                                         mpp_storage storage);

/* How the products of the linear maps inside the blocks are computed, forward and backward; new and
 * loaded models have float32. With bf16 their operands are rounded to bfloat16 while they are
 * multiplied; sums, weights, gradients, norms, attention, residuals and the maps into and out of
 * the network stay float32. Less work where the processor has AVX512_BF16; MPP_ERR_CONFIG where it
 * has not. */
typedef enum { MPP_PRECISION_FLOAT32, MPP_PRECISION_BF16 } mpp_precision;
#define MPP_PRECISION_CHOICES "float32|bf16"
MPP_API MPP_MUST_CHECK mpp_status mpp_model_set_precision(mpp_model *m, mpp_precision precision);

/* Borrowed until the model is destroyed or extended. */
MPP_API const mpp_model_config *mpp_model_get_config(const mpp_model *m);
MPP_API const mpp_name *mpp_model_vocabulary(const mpp_model *m, size_t *count);
MPP_API size_t mpp_model_parameter_count(const mpp_model *m);

/* Columns of named fields. MPP_ERR_DATA lists the names that the model does not know. */
MPP_API MPP_MUST_CHECK mpp_status mpp_model_columns(const mpp_model *m, int *columns,
                                                    const mpp_name *names, size_t count);

/* Appends columns for those names that are new (free columns are used first), initialised as the
 * published code does; *added counts them. Weights move: earlier borrowed pointers are void. */
MPP_API MPP_MUST_CHECK mpp_status mpp_model_extend(mpp_model *m, const mpp_name *names,
                                                   size_t count, uint64_t seed, size_t *added);

/* Gives a model without it the embedding of edges, which begins at 0 and so changes no prediction.
 * Weights move: earlier borrowed pointers are void. MPP_ERR_USAGE: a handle of mpp_model_share. */
MPP_API MPP_MUST_CHECK mpp_status mpp_model_add_edges(mpp_model *m);

/* What one call sees. T may differ from the model's context. Of the C fields the last `given` ones
 * are known in advance (coefficients, geometry, forcing): the network sees them, and predicts the
 * others. */
typedef struct mpp_window_shape {
  size_t T, B, C; /* frames, samples, fields */
  size_t given;   /* of the fields; below C */
  size_t grid[3]; /* D, H, W: multiples of the patch size (axes of length 1 excepted) */
  int column[MPP_MAX_FIELDS];
  mpp_boundary boundary[3]; /* of D, H, W */
  mpp_side edge[3][2]; /* low and high side of those that are not periodic: wall, or else open */
  size_t shift[3]; /* of the patch grid against the cells, below the patch size; 0: as published.
                      Along an open axis the network then sees one patch more, copies of the edge */
  const unsigned char *mask; /* [T, B, C, D, H, W] of the window, borrowed: where it is not 0 the
                                value may be anything, takes no part in statistics and counts as the
                                mean of its field for the network; NULL: nowhere */
} mpp_window_shape;

/* The window of a dataset: T, B and columns for its fields and for those of its given fields that
 * the model has columns for, others being left out. which [MPP_MAX_FIELDS]: numbers of the latter
 * among info->given, shape->given of them; may be NULL. MPP_ERR_DATA: fields that the model does
 * not know, or more than MPP_MAX_FIELDS in all. */
MPP_API MPP_MUST_CHECK mpp_status mpp_model_window(const mpp_model *m, mpp_window_shape *shape,
                                                   size_t *which, const mpp_dataset_info *info,
                                                   size_t T, size_t B);

/* y [B, C - given, D, H, W] = the frame after x [T, B, C, D, H, W]; physical values. Under a mask
 * that stays, y means nothing; it is finite.
 * Working memory is kept in the model and grows on demand: one call at a time per model.
 * MPP_ERR_DATA: shapes that do not fit. MPP_ERR_DIVERGED: y is not finite. */
MPP_API MPP_MUST_CHECK mpp_status mpp_model_predict(mpp_model *m, float *y, const float *x,
                                                    const mpp_window_shape *shape);

#ifdef __cplusplus
}
#endif
#endif
