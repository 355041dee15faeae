/* yaml_private.h - what the files of the YAML reader share: nodes under construction, the memory of
 * a tree, collections and merge keys. */
#ifndef MPP_YAML_PRIVATE_H
#define MPP_YAML_PRIVATE_H

#include <stdbool.h>

#include "yaml_tree.h"

typedef struct mpp_yaml_inner {
  mpp_yaml_node public; /* first: pointers to it are pointers to the node */
  size_t weight;        /* nodes in it, aliases written out */
} mpp_yaml_inner;

struct mpp_yaml {
  struct mpp_yaml_chunk *chunks; /* owned */
  const mpp_yaml_inner *root;
};

/* ---- yaml_tree.c ---- */

/* Zeroed memory that lives as long as the tree. */
MPP_MUST_CHECK mpp_status mpp_yaml_take(void **out, mpp_yaml *tree, size_t size);

/* ---- yaml_collection.c ---- */

/* Items of a collection while it is being read; a list's have no keys. */
typedef struct mpp_yaml_item {
  const mpp_yaml_node *key, *value;
} mpp_yaml_item;
typedef struct mpp_yaml_items {
  mpp_yaml_item *at; /* owned */
  size_t count, capacity;
  const char *path; /* of the file, for messages; borrowed */
} mpp_yaml_items;

bool mpp_yaml_has_key(const mpp_yaml_items *list, const char *key);

/* Appends a value to a list, or a pair to a map. MPP_ERR_CONFIG: too much of either. */
MPP_MUST_CHECK mpp_status mpp_yaml_add_value(mpp_yaml_inner *n, mpp_yaml_items *list,
                                             const mpp_yaml_node *value);
MPP_MUST_CHECK mpp_status mpp_yaml_add_pair(mpp_yaml_inner *n, mpp_yaml_items *list,
                                            const mpp_yaml_node *key, const mpp_yaml_node *value);

/* `<<: *other` or `<<: [*one, *two]`: keys that the map lacks, the earlier map first. */
MPP_MUST_CHECK mpp_status mpp_yaml_merge(mpp_yaml_inner *n, mpp_yaml_items *list,
                                         const mpp_yaml_node *from);

/* Gives the node its items, as long-lived as the tree. */
MPP_MUST_CHECK mpp_status mpp_yaml_finish(mpp_yaml_inner *n, mpp_yaml *tree,
                                          const mpp_yaml_items *list);

#endif
