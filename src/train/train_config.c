/* train_config.c - configuration files of training: scalar keys from the table of settings, and the
 * list of datasets, whose entries are settings of a table of their own. A file may hold several
 * configurations side by side, of which one is chosen by name; published ones are translated. */
#include "train_config.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "published.h"
#include "solver_source.h"

#define AT(member) offsetof(mpp_data_entry, member)
const mpp_option mpp_data_entry_table[] = {
    {"path", 0, MPP_OPT_TEXT, AT(path), .arg = "PATH[:SYSTEM]", .help = "file, folder or glob"},
    {"weight", 0, MPP_OPT_REAL, AT(weight), "1", .min = 1e-9, .max = 1e9, .help = "relative share"},
    {"boundary", 0, MPP_OPT_TEXT, AT(boundary), .help = "as x=periodic,y=open"},
    {.name = NULL},
};
#undef AT

const char *mpp_config_place(char out[MPP_PLACE_MAX], const char *path, const mpp_yaml_node *node)
{
  snprintf(out, MPP_PLACE_MAX, "%s:%zu:%zu", path, node->line, node->column);
  return out;
}

/* A list of scalars as the text that a command line would have: "4,2". */
static mpp_status join(char out[MPP_VALUE_MAX], const mpp_yaml_node *list, const char *path)
{
  char place[MPP_PLACE_MAX];
  size_t length = 0;
  out[0] = '\0';
  for (size_t i = 0; i < list->count; i++) {
    const mpp_yaml_node *item = list->value[i];
    if (item->kind != MPP_YAML_SCALAR) {
      return mpp_fail(MPP_ERR_CONFIG, "%s: found a nested list or map, expected a value",
                      mpp_config_place(place, path, item));
    }
    const int n =
        snprintf(out + length, MPP_VALUE_MAX - length, "%s%s", i > 0 ? "," : "", item->text);
    if (n < 0 || (size_t)n >= MPP_VALUE_MAX - length) {
      return mpp_fail(MPP_ERR_CONFIG, "%s: the list is too long",
                      mpp_config_place(place, path, item));
    }
    length += (size_t)n;
  }
  return MPP_OK;
}

mpp_status mpp_config_set(void *settings, const mpp_option *table, const mpp_yaml_node *key,
                          const mpp_yaml_node *value, const char *path)
{
  char place[MPP_PLACE_MAX], joined[MPP_VALUE_MAX];
  const mpp_option *entry = mpp_options_find(table, key->text);
  if (entry == NULL) { /* refused there, with the closest key */
    return mpp_options_set(settings, table, key->text, "", mpp_config_place(place, path, key));
  }
  mpp_config_place(place, path, value);
  if (value->kind == MPP_YAML_SCALAR) {
    return mpp_options_set(settings, table, key->text, value->text, place);
  }
  if (value->kind != MPP_YAML_LIST || entry->kind != MPP_OPT_INTS) {
    return mpp_fail(MPP_ERR_CONFIG, "%s: '%s': found a %s, expected %s", place, key->text,
                    value->kind == MPP_YAML_LIST ? "list" : "map",
                    entry->kind == MPP_OPT_INTS ? "a list of numbers" : "one value");
  }
  if (value->count == 0) {
    ((mpp_int_list *)(void *)((char *)settings + entry->offset))->count = 0;
    return MPP_OK;
  }
  const mpp_status st = join(joined, value, path);
  return st != MPP_OK ? st : mpp_options_set(settings, table, key->text, joined, place);
}

static mpp_status read_entry(mpp_data_entry *out, const mpp_yaml_node *node, const char *path)
{
  mpp_status st = MPP_OK;
  char place[MPP_PLACE_MAX];
  mpp_data_entry entry;
  MPP_TRY(mpp_options_defaults(&entry, mpp_data_entry_table));
  if (node->kind == MPP_YAML_SCALAR) {
    MPP_TRY(mpp_options_set(&entry, mpp_data_entry_table, "path", node->text,
                            mpp_config_place(place, path, node)));
  } else {
    MPP_REQUIRE(node->kind == MPP_YAML_MAP, MPP_ERR_CONFIG,
                "%s: found a list, expected a path or a map with path, weight and boundary",
                mpp_config_place(place, path, node));
    if (mpp_yaml_get(node, "solver") != NULL) {
      MPP_TRY(mpp_solver_read_entry(&entry, node, path));
      *out = entry;
      goto done;
    }
    for (size_t i = 0; i < node->count; i++) {
      MPP_TRY(mpp_config_set(&entry, mpp_data_entry_table, node->key[i], node->value[i], path));
    }
  }
  MPP_REQUIRE(entry.path[0] != '\0', MPP_ERR_CONFIG, "%s: a dataset without a path",
              mpp_config_place(place, path, node));
  *out = entry;
done:
  return st;
}

static mpp_status read_data(mpp_train_options *options, const mpp_yaml_node *node, const char *path)
{
  mpp_status st = MPP_OK;
  char place[MPP_PLACE_MAX];
  const mpp_yaml_node *const *items = node->kind == MPP_YAML_LIST ? node->value : &node;
  const size_t count = node->kind == MPP_YAML_LIST ? node->count : 1;
  MPP_REQUIRE(count <= MPP_LIST_MAX, MPP_ERR_CONFIG, "%s: %zu datasets, expected at most %d",
              mpp_config_place(place, path, node), count, MPP_LIST_MAX);
  for (size_t i = 0; i < count; i++) { MPP_TRY(read_entry(&options->data[i], items[i], path)); }
  options->ndata = count;
  options->data_words.count = 0;
done:
  return st;
}

/* ---- which configuration of a file ---- */

/* Whether all a file has is maps under names that are no settings. */
static bool holds_several(const mpp_yaml_node *root, const mpp_option *table)
{
  for (size_t i = 0; i < root->count; i++) {
    if (root->value[i]->kind != MPP_YAML_MAP || strcmp(root->key[i]->text, "data") == 0 ||
        mpp_options_find(table, root->key[i]->text) != NULL) {
      return false;
    }
  }
  return root->count > 0;
}

static mpp_status fail_choice(const mpp_yaml_node *root, const char *path, const char *name)
{
  enum { SHOWN = 32 };
  const char *names[SHOWN] = {NULL};
  char list[SHOWN * 34] = "";
  size_t count = 0, length = 0;
  for (size_t i = 0; i < root->count && count < SHOWN; i++) {
    if (root->value[i]->kind == MPP_YAML_MAP) {
      length += (size_t)snprintf(list + length, sizeof list - length, "%s%.30s",
                                 count > 0 ? ", " : "", root->key[i]->text);
      names[count++] = root->key[i]->text;
    }
  }
  if (name == NULL) {
    return mpp_fail(MPP_ERR_CONFIG,
                    "%s: holds several configurations (%s), expected 'config' to "
                    "name one",
                    path, list);
  }
  const char *near = mpp_closest(name, names, count);
  return mpp_fail(MPP_ERR_CONFIG, "%s: no configuration '%s'%s%s%s, found %s", path, name,
                  near != NULL ? " (did you mean '" : "", near != NULL ? near : "",
                  near != NULL ? "'?)" : "", count > 0 ? list : "none that has a name");
}

/* The map to read. The published trainer takes `basic_config` where none is named. */
static mpp_status choose(const mpp_yaml_node **out, const mpp_yaml_node *root,
                         const mpp_option *table, const char *path, const char *name)
{
  const bool several = holds_several(root, table);
  const mpp_yaml_node *map = root;
  if (name != NULL) {
    map = mpp_yaml_get(root, name);
  } else if (several) {
    map = mpp_yaml_get(root, MPP_PUBLISHED_DEFAULT);
    map = map != NULL && mpp_published_is(map) ? map : NULL;
  }
  if (map == NULL || map->kind != MPP_YAML_MAP) {
    return fail_choice(root, path, name);
  }
  *out = map;
  return MPP_OK;
}

mpp_status mpp_train_read_named(mpp_train_options *options, const mpp_option **table,
                                const char *path, const char *name,
                                const mpp_train_observer *observer)
{
  mpp_status st = MPP_OK;
  mpp_yaml *file = NULL;
  mpp_train_options *read = NULL; /* a copy, so that a bad file leaves `options` as they are */
  const mpp_yaml_node *map = NULL;
  const mpp_option *with = *table;
  MPP_TRY(mpp_yaml_read(&file, path));
  MPP_TRY(choose(&map, mpp_yaml_root(file), with, path, name));
  assert(map != NULL);
  MPP_TRY(MPP_ALLOC(&read, 1));
  *read = *options;
  if (mpp_published_is(map)) {
    MPP_TRY(mpp_published_read(read, &with, map, path, name != NULL ? name : MPP_PUBLISHED_DEFAULT,
                               observer));
  } else {
    for (size_t i = 0; i < map->count; i++) {
      MPP_TRY(strcmp(map->key[i]->text, "data") == 0
                  ? read_data(read, map->value[i], path)
                  : mpp_config_set(read, with, map->key[i], map->value[i], path));
    }
  }
  *options = *read;
  *table = with;
done:
  mpp_yaml_free(file);
  mpp_free(read);
  return st;
}

mpp_status mpp_train_read_config(mpp_train_options *options, const mpp_option *table,
                                 const char *path)
{
  const mpp_option *with = table;
  return mpp_train_read_named(options, &with, path, NULL, NULL);
}
