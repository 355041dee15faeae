/* resumed.c - whether the run that a folder holds is the one that the command goes on with: its
 * settings, the network and the optimizer of its checkpoint, and the shape of its data. */
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "train_config.h"
#include "trainer.h"

/* ---- data ---- */

enum { SHAPE_MAX = 256 };

static void describe_shape(char out[SHAPE_MAX], const mpp_dataset_info *info)
{
  snprintf(out, SHAPE_MAX, "%zu trajectories of %zu frames, %zu fields, %zux%zux%zu cells",
           info->ntrajectories, info->nframes, info->nfields, info->grid[0], info->grid[1],
           info->grid[2]);
}

mpp_status mpp_trainer_describe_data(char **out, const mpp_trainer *t)
{
  mpp_status st = MPP_OK;
  char *all = NULL, shape[SHAPE_MAX];
  for (size_t i = 0; i < t->options.ndata; i++) {
    char *longer = NULL;
    describe_shape(shape, mpp_dataset_get_info(t->source[i].dataset));
    MPP_TRY(mpp_format(&longer, "%s%s%s (%s)", all != NULL ? all : "", all != NULL ? "\n" : "",
                       t->options.data[i].path, shape));
    mpp_free(all);
    all = longer;
  }
  *out = all;
  all = NULL;
done:
  mpp_free(all);
  return st;
}

/* The shape at the end of a line that mpp_trainer_describe_data wrote, or "": older checkpoints
 * have paths alone. */
static void stored_shape(char out[SHAPE_MAX], const char *line, size_t length)
{
  size_t trajectories, at = length;
  out[0] = '\0';
  while (at > 0 && line[at - 1] != '(') { at--; }
  const size_t n = length - at;
  if (at > 0 && n > 1 && n <= SHAPE_MAX && line[length - 1] == ')' &&
      sscanf(line + at, "%zu trajectories of", &trajectories) == 1) {
    memcpy(out, line + at, n - 1);
    out[n - 1] = '\0';
  }
}

static mpp_status check_data(const mpp_trainer *t)
{
  mpp_status st = MPP_OK;
  const char *line = t->provenance.data;
  for (size_t i = 0; i < t->options.ndata && line[0] != '\0'; i++) {
    char then[SHAPE_MAX], now[SHAPE_MAX];
    const size_t length = strcspn(line, "\n");
    stored_shape(then, line, length);
    describe_shape(now, mpp_dataset_get_info(t->source[i].dataset));
    MPP_REQUIRE(then[0] == '\0' || strcmp(then, now) == 0, MPP_ERR_DATA,
                "%s: found %s, expected %s as when the run in %s began", t->options.data[i].path,
                now, then, t->folder.path);
    line += length + (line[length] == '\n');
  }
done:
  return st;
}

/* ---- the checkpoint: one from elsewhere may have been copied into the directory ---- */

static mpp_status check_vocabulary(const mpp_trainer *t, const char *where)
{
  mpp_status st = MPP_OK;
  mpp_name *names = NULL;
  size_t count = 0, columns = 0;
  const mpp_name *own = mpp_model_vocabulary(t->model, &columns);
  MPP_TRY(mpp_pretrain_vocabulary(&names, &count, t));
  for (size_t i = 0; i < columns; i++) {
    bool known = false;
    for (size_t k = 0; k < count && !known; k++) { known = strcmp(own[i], names[k]) == 0; }
    MPP_REQUIRE(known || own[i][0] == '\0', MPP_ERR_CONFIG,
                "%s: found a column for '%s', expected no fields but those of the data", where,
                own[i]);
  }
done:
  mpp_free(names);
  return st;
}

/* The network is the one that the settings make; a finetuning has settings of its own but takes the
 * network that it is given. */
static mpp_status check_network(const mpp_trainer *t, const char *where)
{
  mpp_status st = MPP_OK;
  mpp_train_options *own = NULL;
  const mpp_model_config *c = mpp_model_get_config(t->model);
  MPP_TRY(MPP_ALLOC(&own, 1));
  *own = t->options;
  own->context = c->context;
  if (t->table == mpp_pretrain_table) {
    own->width = own->heads = own->blocks = 0;
    own->patch.count = 0;
    mpp_settings_settle(own, c);
    own->bias = (int)c->bias;
    own->mode = (int)c->mode;
    own->increments = c->increments;
    own->edges = c->edges;
  }
  MPP_TRY(mpp_train_config_agrees(&t->options, own, t->table, where));
  if (t->table == mpp_pretrain_table) {
    MPP_TRY(check_vocabulary(t, where));
  }
done:
  mpp_free(own);
  return st;
}

static mpp_status check_state(const mpp_trainer *t)
{
  mpp_status st = MPP_OK;
  char where[MPP_PATH_MAX + 64];
  const mpp_train_options *o = &t->options;
  const char *wanted = mpp_optimizer_method_of((mpp_optimizer_kind)o->optimizer)->name;
  snprintf(where, sizeof where, "%s: checkpoint of step %llu", t->folder.path,
           (unsigned long long)t->state.step);
  MPP_REQUIRE(strcmp(t->optimizer.method->name, wanted) == 0, MPP_ERR_CONFIG,
              "%s: optimizer: its last checkpoint has the state of %s, expected that of %s",
              t->folder.path, t->optimizer.method->name, wanted);
  MPP_REQUIRE((t->adapter != NULL) == (o->lora_rank > 0), MPP_ERR_CONFIG,
              "%s: lora-rank: its last checkpoint has %s adapter, expected %s", t->folder.path,
              t->adapter != NULL ? "an" : "no", o->lora_rank > 0 ? "one" : "none");
  MPP_REQUIRE((t->ema.mean != NULL) == (o->ema > 0.0), MPP_ERR_CONFIG,
              "%s: ema: its last checkpoint has %s mean of the weights, expected %s",
              t->folder.path, t->ema.mean != NULL ? "a" : "no", o->ema > 0.0 ? "one" : "none");
  MPP_TRY(check_network(t, where));
done:
  return st;
}

/* ---- settings ---- */

/* What was chosen to fit into memory when the run began, where the line names what it was chosen
 * from. */
static void take_chosen(mpp_train_options *o, const mpp_train_options *stored)
{
  if (o->memory > 0.0 && o->batch * o->accumulate == stored->batch * stored->accumulate) {
    o->batch = stored->batch;
    o->accumulate = stored->accumulate;
    o->recompute = o->recompute || stored->recompute;
  }
}

/* Each command has settings that the other does not know. */
static mpp_status read_stored(mpp_train_options *stored, const mpp_option *table, const char *path)
{
  mpp_status st = MPP_OK;
  const bool pretrains = table == mpp_pretrain_table;
  MPP_TRY(mpp_options_defaults(stored, table));
  st = mpp_train_read_config(stored, table, path);
  if (st == MPP_ERR_CONFIG &&
      mpp_train_read_config(stored, pretrains ? mpp_finetune_table : mpp_pretrain_table, path) ==
          MPP_OK) {
    st = mpp_fail(MPP_ERR_CONFIG, "%s: found a run of %s, expected one of %s", path,
                  pretrains ? "finetune" : "pretrain", pretrains ? "pretrain" : "finetune");
  } else if (st == MPP_ERR_CONFIG) { /* what was wrong at first */
    st = mpp_train_read_config(stored, table, path);
  }
done:
  return st;
}

mpp_status mpp_trainer_check_resumed(mpp_trainer *t)
{
  mpp_status st = MPP_OK;
  mpp_train_options *stored = NULL;
  char path[MPP_PATH_MAX];
  mpp_run_folder_file(path, &t->folder, "config.yaml");
  MPP_TRY(MPP_ALLOC(&stored, 1));
  MPP_TRY(read_stored(stored, t->table, path));
  mpp_settings_resolve(stored, t->table);
  mpp_settings_settle(&t->options, mpp_model_get_config(t->model));
  take_chosen(&t->options, stored);
  MPP_TRY(mpp_train_config_agrees(stored, &t->options, t->table, path));
  MPP_TRY(check_data(t));
  MPP_TRY(check_state(t));
done:
  mpp_free(stored);
  return st;
}
