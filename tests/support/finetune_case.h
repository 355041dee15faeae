/* finetune_case.h - a tiny model that was trained on shallow water, and settings that finetune it
 * on that and on two fields that it has not seen. */
#ifndef FINETUNE_CASE_H
#define FINETUNE_CASE_H

#include "avit.h"
#include "test.h"
#include "tiny_run.h"
#include "trainer.h"

static char messages[16384];
static uint64_t stop_at;        /* 0: never */
static bool stop_in_comparison; /* that step of the run of new weights */
static uint64_t compared_steps; /* of that run that were seen */

static inline void see_message(void *context, const char *text)
{
  const size_t length = strlen(messages);
  (void)context;
  snprintf(messages + length, sizeof messages - length, "%s\n", text);
}

static inline void see_step(void *context, const mpp_train_progress *p)
{
  (void)context;
  compared_steps += p->from_scratch;
  if (p->step == stop_at && p->from_scratch == stop_in_comparison) {
    mpp_train_request_stop();
  }
}

static const mpp_train_observer observer = {.step = see_step, .message = see_message};

/* Path of a file of the tests' folder; `name` may name one in a run. */
static inline const char *path_of(const char *name) { return test_path(2, name); }

/* A model trained for a few steps on shallow water alone: every column of a field
 * that it has not seen is as the initialisation left it. */
static inline const char *pretrained(void)
{
  static mpp_train_options o;
  static char model[512];
  if (model[0] == '\0') {
    char swe[512];
    snprintf(swe, sizeof swe, "%s", test_path(0, "swe.h5"));
    tiny_dataset(swe, 1, 8, 8);
    tiny_dataset(test_path(1, "diffre2d.h5"), 2, 8, 16);
    tiny_options(&o, test_path(0, "pretrained"), swe, NULL);
    o.mode = MPP_MODE_AUTOREGRESS;
    o.steps = 4;
    REQUIRE_OK(mpp_pretrain(&o, "mpp pretrain", &observer));
    snprintf(model, sizeof model, "%s", test_path(0, "pretrained/final.safetensors"));
  }
  return model;
}

/* Six steps on both systems, in which a weight moves by its gradient or not at all. */
static inline void settings(mpp_train_options *o, const char *output)
{
  const char *model = pretrained();
  memset(o, 0, sizeof *o);
  REQUIRE_OK(mpp_options_defaults(o, mpp_finetune_table));
  snprintf(o->model, sizeof o->model, "%s", model);
  snprintf(o->output, sizeof o->output, "%s", path_of(output));
  o->data_words.count = 2;
  snprintf(o->data_words.item[0], MPP_TEXT_MAX, "%s:swe", path_of("swe.h5"));
  snprintf(o->data_words.item[1], MPP_TEXT_MAX, "%s:lab", path_of("diffre2d.h5"));
  o->steps = 6;
  o->batch = 2;
  o->accumulate = 2;
  o->warmup = 0;
  o->weight_decay = 0.0;
  o->loss = MPP_LOSS_SCALED;
  o->learning_rate = 1e-3;
  o->epsilon = 1e-25; /* however small a gradient: blocks begin behind a layer scale of 1e-6 */
  o->validate_every = 0;
  o->report_windows = 0;
  o->threads = 1;
  o->overwrite = true;
  messages[0] = '\0';
  stop_at = 0;
  stop_in_comparison = false;
}

static inline mpp_model *load(const char *name)
{
  mpp_model *m = NULL;
  REQUIRE_OK(mpp_model_load(&m, path_of(name)));
  return m;
}

/* The model that finetuning begins with. */
static inline mpp_model *beginning(void)
{
  static const mpp_name fields[] = {"lab:activator", "lab:inhibitor"};
  mpp_model *m = NULL;
  size_t added = 0;
  REQUIRE_OK(mpp_model_load(&m, pretrained()));
  REQUIRE_OK(mpp_model_extend(m, fields, 2, 0, &added));
  CU_ASSERT_EQUAL(added, 2);
  return m;
}

static inline bool moved(const mpp_param *e, const float *a, const float *b)
{
  for (size_t i = e->offset; i < e->offset + e->count; i++) {
    if (a[i] != b[i]) {
      return true;
    }
  }
  return false;
}

/* All weights of two models are the same bits. */
static inline bool same_weights(const mpp_model *a, const mpp_model *b)
{
  const void *x = a->weights, *y = b->weights;
  return a->params->total == b->params->total &&
         memcmp(x, y, a->params->total * sizeof *a->weights) == 0;
}

#endif
