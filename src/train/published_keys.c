/* published_keys.c - the keys of a published configuration, by one table: what is used, what must
 * have the one value that is to be had, and what has no use here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "number.h"
#include "published.h"
#include "train_config.h"

#define AT(member) offsetof(mpp_published, member)
#define OPTION(key, kind_, default_) \
  .name = #key, .kind = MPP_OPT_##kind_, .offset = AT(key), .fallback = (default_)
#define FLAG(key, default_)     \
  {                             \
    OPTION(key, FLAG, default_) \
  }
#define TEXT(key, default_)     \
  {                             \
    OPTION(key, TEXT, default_) \
  }
#define REAL(key, default_, low, high)                       \
  {                                                          \
    OPTION(key, REAL, default_), .min = (low), .max = (high) \
  }
#define INTEGER(key, default_, low, high)                    \
  {                                                          \
    OPTION(key, LONG, default_), .min = (low), .max = (high) \
  }
#define NEEDED(key, low, high) INTEGER(key, NULL, low, high) /* no default: must be there */
#define CHOICE(key, default_, list)                  \
  {                                                  \
    OPTION(key, CHOICE, default_), .choices = (list) \
  }
/* Of one value only. */
#define ONLY(key, word)                                                                 \
  {                                                                                     \
    .name = #key, .kind = MPP_OPT_CHOICE, .offset = AT(one_choice), .fallback = (word), \
    .choices = (word)                                                                   \
  }
#define NEVER(key, why)                       \
  {                                           \
    OPTION(key, FLAG, "false"), .help = (why) \
  }
/* Without use here, or without effect on results. */
#define UNNEEDED(key)                                          \
  {                                                            \
    .name = #key, .kind = MPP_OPT_TEXT, .offset = AT(unneeded) \
  }

/* clang-format off */
static const mpp_option table[] = {
    FLAG(save_checkpoint, "true"),
    FLAG(pretrained, "false"),
    TEXT(pretrained_ckpt_path, NULL),
    FLAG(freeze_middle, "false"),
    FLAG(freeze_processor, "false"),
    FLAG(gradient_checkpointing, "false"),
    TEXT(exp_dir, NULL),
    REAL(drop_path, "0.1", 0, 0.99),
    REAL(learning_rate, "-1", -1e9, 10),
    REAL(weight_decay, "1e-3", 0, 10),
    NEEDED(batch_size, 1, 65536),
    NEEDED(max_epochs, 1, 1e6),
    INTEGER(scheduler_epochs, "-1", -1e9, 1e6),
    NEEDED(epoch_size, 1, 1e6),
    NEEDED(accum_grad, 1, 65536),
    INTEGER(warmup_steps, "1000", 0, 1e9),
    CHOICE(optimizer, "adan", MPP_PUBLISHED_OPTIMIZERS),
    TEXT(scheduler, "cosine"),
    NEEDED(n_steps, 1, 4096),
    NEEDED(embed_dim, 4, 65536),
    NEEDED(num_heads, 1, 1024),
    NEEDED(processor_blocks, 1, 1024),
    CHOICE(bias_type, "rel", MPP_BIAS_CHOICES),
    FLAG(use_all_fields, "true"),
    INTEGER(embedding_offset, "0", 0, 4096),
    ONLY(model_type, "avit"),
    ONLY(block_type, "axial"),
    ONLY(time_type, "attention"),
    ONLY(space_type, "axial_attention"),
    INTEGER(dt, "1", 1, 1e6),
    {OPTION(patch_size, INTS, NULL), .min = 1, .max = 65536},
    NEVER(tie_fields, "fields of different systems have columns of their own here"),
    NEVER(enable_amp, "training computes in float32 here"),
    NEVER(rescale_gradients, "gradients of blocks are not rescaled here"),
    NEVER(augmentation, "the published trainer has none; ours are options of their own"),
    NEVER(extended_names, "the published trainer has no extended names either"),
    UNNEEDED(log_to_wandb), UNNEEDED(log_to_screen), UNNEEDED(log_interval),
    UNNEEDED(checkpoint_save_interval), UNNEEDED(debug_grad), UNNEEDED(true_time),
    UNNEEDED(num_data_workers), UNNEEDED(compile), UNNEEDED(project), UNNEEDED(group),
    UNNEEDED(entity), UNNEEDED(name), UNNEEDED(n_states), UNNEEDED(state_names),
    UNNEEDED(enforce_max_steps), UNNEEDED(tie_batches), UNNEEDED(append_datasets),
    UNNEEDED(field_index_map_override),
    /* lists, read elsewhere */
    UNNEEDED(train_val_test), UNNEEDED(train_data_paths), UNNEEDED(valid_data_paths),
    {.name = NULL},
};
/* clang-format on */

bool mpp_published_is(const mpp_yaml_node *map)
{
  static const char *const marks[] = {"train_data_paths", "model_type", "max_epochs", "accum_grad",
                                      "embed_dim"};
  for (size_t i = 0; map->kind == MPP_YAML_MAP && i < sizeof marks / sizeof *marks; i++) {
    if (mpp_yaml_get(map, marks[i]) != NULL) {
      return true;
    }
  }
  return false;
}

static mpp_status read_split(mpp_published *p, const mpp_yaml_node *list, const char *path)
{
  mpp_status st = MPP_OK;
  char place[MPP_PLACE_MAX];
  bool good = list->kind == MPP_YAML_LIST && list->count == 3;
  double sum = 0.0;
  for (size_t i = 0; i < 3 && good; i++) {
    good = list->value[i]->kind == MPP_YAML_SCALAR &&
           mpp_number_parse(&p->train_val_test[i], list->value[i]->text) &&
           p->train_val_test[i] >= 0.0;
    sum += p->train_val_test[i];
  }
  MPP_REQUIRE(good && sum > 0.0 && sum < 1.0 + 1e-9, MPP_ERR_CONFIG,
              "%s: 'train_val_test': expected three shares of the data, as [.8, .1, .1]",
              mpp_config_place(place, path, list));
done:
  return st;
}

/* ---- what is not to be had, and what has no use ---- */

/* Values of which only one is to be had, beyond what the table's ranges say. */
static mpp_status check_only(const mpp_published *p, const mpp_yaml_node *map, const char *path)
{
  mpp_status st = MPP_OK;
  char place[MPP_PLACE_MAX];
  for (const mpp_option *e = table; e->name != NULL; e++) {
    if (e->kind == MPP_OPT_FLAG && e->help != NULL) {
      const bool on = *(const bool *)((const char *)p + e->offset);
      MPP_REQUIRE(!on, MPP_ERR_CONFIG, "%s: '%s': found true, expected false: %s",
                  mpp_config_place(place, path, mpp_yaml_get(map, e->name)), e->name, e->help);
    }
  }
  MPP_REQUIRE(p->dt == 1, MPP_ERR_CONFIG, "%s: 'dt': found %ld, expected 1: every frame is read",
              mpp_config_place(place, path, mpp_yaml_get(map, "dt")), p->dt);
  for (size_t i = 0; i < p->patch_size.count; i++) {
    MPP_REQUIRE(p->patch_size.item[i] == 16, MPP_ERR_CONFIG,
                "%s: 'patch_size': found %ld, expected 16: the published network has no other",
                mpp_config_place(place, path, mpp_yaml_get(map, "patch_size")),
                p->patch_size.item[i]);
  }
  const mpp_yaml_node *moved = mpp_yaml_get(map, "field_index_map_override");
  MPP_REQUIRE(moved == NULL || moved->count == 0, MPP_ERR_CONFIG,
              "%s: 'field_index_map_override': columns go by the names of the fields here",
              mpp_config_place(place, path, moved));
  MPP_REQUIRE(p->use_all_fields || (!p->pretrained && p->embedding_offset == 0), MPP_ERR_CONFIG,
              "%s: 'use_all_fields': found false with pretrained weights or an offset, which gives "
              "fields other columns than their own; here fields are matched by name: "
              "'mpp finetune --data FILE:LABEL' gives a dataset new ones",
              mpp_config_place(place, path, mpp_yaml_get(map, "use_all_fields")));
done:
  return st;
}

static void note_unneeded(mpp_published *p, const char *key)
{
  const size_t length = strlen(p->unneeded_keys);
  snprintf(p->unneeded_keys + length, sizeof p->unneeded_keys - length, "%s%s",
           length > 0 ? ", " : "", key);
}

/* Keys whose values the table cannot hold. */
static bool is_list_key(const char *key)
{
  static const char *const keys[] = {"train_val_test", "train_data_paths", "valid_data_paths"};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    if (strcmp(key, keys[i]) == 0) {
      return true;
    }
  }
  return false;
}

static mpp_status require_keys(const mpp_yaml_node *map, const char *path)
{
  mpp_status st = MPP_OK;
  char place[MPP_PLACE_MAX];
  for (const mpp_option *e = table; e->name != NULL; e++) {
    if (e->kind == MPP_OPT_LONG && e->fallback == NULL) {
      MPP_REQUIRE(mpp_yaml_get(map, e->name) != NULL, MPP_ERR_CONFIG, "%s: '%s' is missing",
                  mpp_config_place(place, path, map), e->name);
    }
  }
done:
  return st;
}

mpp_status mpp_published_keys(mpp_published *out, const mpp_yaml_node *map, const char *path)
{
  mpp_status st = MPP_OK;
  const mpp_yaml_node *split = mpp_yaml_get(map, "train_val_test");
  memset(out, 0, sizeof *out);
  MPP_TRY(mpp_options_defaults(out, table));
  MPP_TRY(require_keys(map, path));
  for (size_t i = 0; i < map->count; i++) {
    const mpp_option *e = mpp_options_find(table, map->key[i]->text);
    if (e == NULL || e->offset != AT(unneeded)) {
      MPP_TRY(mpp_config_set(out, table, map->key[i], map->value[i], path));
    } else if (!is_list_key(e->name)) {
      note_unneeded(out, e->name);
    }
  }
  if (split != NULL) {
    MPP_TRY(read_split(out, split, path));
  } else {
    out->train_val_test[0] = 0.8;
    out->train_val_test[1] = 0.1;
  }
  MPP_TRY(check_only(out, map, path));
  MPP_TRY(mpp_published_data(out, map, path));
done:
  return st;
}
