/* yaml_collection.c - lists and maps of a tree: their items while they are read, merge keys, and
 * the budget of values with every alias written out. */
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "yaml_private.h"

enum {
  NODE_LIMIT = 100000, /* with every alias written out */
  KEY_LIMIT = 1024,    /* of one map: keys are compared with each other */
};

static mpp_status items_add(mpp_yaml_items *list, const mpp_yaml_node *key,
                            const mpp_yaml_node *value)
{
  mpp_status st = MPP_OK;
  mpp_yaml_item *grown = NULL;
  if (list->count == list->capacity) {
    const size_t capacity = list->capacity > 0 ? 2 * list->capacity : 16;
    MPP_TRY(MPP_ALLOC(&grown, capacity));
    if (list->count > 0) {
      memcpy(grown, list->at, list->count * sizeof *grown);
    }
    mpp_free(list->at);
    list->at = grown;
    list->capacity = capacity;
  }
  list->at[list->count++] = (mpp_yaml_item){key, value};
done:
  return st;
}

/* Keys or values of all items, as long-lived as the tree. */
static mpp_status keep(const mpp_yaml_node *const **out, mpp_yaml *tree, const mpp_yaml_items *list,
                       bool keys)
{
  mpp_status st = MPP_OK;
  void *p = NULL;
  MPP_TRY(mpp_yaml_take(&p, tree, list->count * sizeof p));
  const mpp_yaml_node **nodes = p;
  for (size_t i = 0; i < list->count; i++) {
    nodes[i] = keys ? list->at[i].key : list->at[i].value;
  }
  *out = nodes;
done:
  return st;
}

mpp_status mpp_yaml_finish(mpp_yaml_inner *n, mpp_yaml *tree, const mpp_yaml_items *list)
{
  mpp_status st = MPP_OK;
  if (list->count > 0) {
    MPP_TRY(keep(&n->public.value, tree, list, false));
    if (n->public.kind == MPP_YAML_MAP) {
      MPP_TRY(keep(&n->public.key, tree, list, true));
    }
  }
  n->public.count = list->count;
done:
  return st;
}

bool mpp_yaml_has_key(const mpp_yaml_items *list, const char *key)
{
  for (size_t i = 0; i < list->count; i++) {
    if (strcmp(list->at[i].key->text, key) == 0) {
      return true;
    }
  }
  return false;
}

static mpp_status add_weight(mpp_yaml_inner *n, const mpp_yaml_items *list,
                             const mpp_yaml_node *child)
{
  n->weight += ((const mpp_yaml_inner *)(const void *)child)->weight;
  if (n->weight > NODE_LIMIT) {
    return mpp_fail(MPP_ERR_CONFIG, "%s:%zu:%zu: more than %d values (aliases written out)",
                    list->path, child->line, child->column, NODE_LIMIT);
  }
  return MPP_OK;
}

mpp_status mpp_yaml_add_value(mpp_yaml_inner *n, mpp_yaml_items *list, const mpp_yaml_node *value)
{
  mpp_status st = MPP_OK;
  MPP_TRY(add_weight(n, list, value));
  MPP_TRY(items_add(list, NULL, value));
done:
  return st;
}

mpp_status mpp_yaml_add_pair(mpp_yaml_inner *n, mpp_yaml_items *list, const mpp_yaml_node *key,
                             const mpp_yaml_node *value)
{
  mpp_status st = MPP_OK;
  MPP_REQUIRE(list->count < KEY_LIMIT, MPP_ERR_CONFIG, "%s:%zu:%zu: more than %d keys in a map",
              list->path, key->line, key->column, KEY_LIMIT);
  MPP_TRY(add_weight(n, list, key));
  MPP_TRY(add_weight(n, list, value));
  MPP_TRY(items_add(list, key, value));
done:
  return st;
}

static mpp_status merge_one(mpp_yaml_inner *n, mpp_yaml_items *list, const mpp_yaml_node *map)
{
  mpp_status st = MPP_OK;
  MPP_REQUIRE(map->kind == MPP_YAML_MAP, MPP_ERR_CONFIG,
              "%s:%zu:%zu: '<<' takes a map or a list of maps", list->path, map->line, map->column);
  for (size_t i = 0; i < map->count; i++) {
    if (!mpp_yaml_has_key(list, map->key[i]->text)) {
      MPP_TRY(mpp_yaml_add_pair(n, list, map->key[i], map->value[i]));
    }
  }
done:
  return st;
}

mpp_status mpp_yaml_merge(mpp_yaml_inner *n, mpp_yaml_items *list, const mpp_yaml_node *from)
{
  mpp_status st = MPP_OK;
  if (from->kind != MPP_YAML_LIST) {
    return merge_one(n, list, from);
  }
  for (size_t i = 0; i < from->count; i++) { MPP_TRY(merge_one(n, list, from->value[i])); }
done:
  return st;
}
