/* yaml_tree.h - a small tree over libyaml's events: scalars, lists, maps with anchors, aliases and
 * merge keys; depth and alias budgets, so that no file can make it run long or eat memory. */
#ifndef MPP_YAML_TREE_H
#define MPP_YAML_TREE_H

#include <stddef.h>

#include "mpp/status.h"

typedef enum { MPP_YAML_SCALAR, MPP_YAML_LIST, MPP_YAML_MAP } mpp_yaml_kind;

typedef struct mpp_yaml_node {
  mpp_yaml_kind kind;
  const char *text;                         /* scalar */
  size_t line, column;                      /* 1-based, of its first character */
  size_t count;                             /* items of a list, pairs of a map */
  const struct mpp_yaml_node *const *key;   /* map: scalar nodes */
  const struct mpp_yaml_node *const *value; /* list items, map values */
} mpp_yaml_node;

typedef struct mpp_yaml mpp_yaml;

/* MPP_ERR_NOINPUT; MPP_ERR_CONFIG "path:line:column: what". The root is a map. */
MPP_MUST_CHECK mpp_status mpp_yaml_read(mpp_yaml **out, const char *path);

/* The same from `size` bytes of text in memory; `path` begins the messages. */
MPP_MUST_CHECK mpp_status mpp_yaml_parse(mpp_yaml **out, const char *text, size_t size,
                                         const char *path);
const mpp_yaml_node *mpp_yaml_root(const mpp_yaml *y);
void mpp_yaml_free(mpp_yaml *y);

/* Value of a key of a map, or NULL. */
const mpp_yaml_node *mpp_yaml_get(const mpp_yaml_node *map, const char *key);

#endif
