/* yaml_tree.c - the tree as its readers see it: its memory, files, lookup. */
#include "yaml_tree.h"

#include <string.h>

#include "alloc.h"
#include "check.h"
#include "file.h"
#include "yaml_private.h"

enum { FILE_LIMIT = 1 << 20, CHUNK = 16 << 10 };

typedef struct mpp_yaml_chunk chunk;
struct mpp_yaml_chunk {
  chunk *next;
  size_t used, size;
  _Alignas(16) char bytes[];
};

mpp_status mpp_yaml_take(void **out, mpp_yaml *tree, size_t size)
{
  mpp_status st = MPP_OK;
  chunk *c = tree->chunks;
  size = (size + 15) / 16 * 16;
  if (c == NULL || size > c->size - c->used) {
    const size_t room = size > CHUNK ? size : CHUNK;
    char *block = NULL;
    MPP_TRY(MPP_ALLOC(&block, sizeof *c + room));
    c = (chunk *)(void *)block;
    c->size = room;
    c->next = tree->chunks;
    tree->chunks = c;
  }
  *out = c->bytes + c->used;
  c->used += size;
done:
  return st;
}

mpp_status mpp_yaml_read(mpp_yaml **out, const char *path)
{
  mpp_status st = MPP_OK;
  char *text = NULL;
  size_t size = 0;
  MPP_TRY(mpp_read_text(&text, &size, path, FILE_LIMIT));
  MPP_TRY(mpp_yaml_parse(out, text, size, path));
done:
  mpp_free(text);
  return st == MPP_ERR_DATA ? MPP_ERR_CONFIG : st;
}

const mpp_yaml_node *mpp_yaml_root(const mpp_yaml *y) { return &y->root->public; }

void mpp_yaml_free(mpp_yaml *y)
{
  if (y != NULL) {
    for (chunk *c = y->chunks, *next = NULL; c != NULL; c = next) {
      next = c->next;
      mpp_free(c);
    }
    mpp_free(y);
  }
}

const mpp_yaml_node *mpp_yaml_get(const mpp_yaml_node *map, const char *key)
{
  for (size_t i = 0; map->kind == MPP_YAML_MAP && i < map->count; i++) {
    if (strcmp(map->key[i]->text, key) == 0) {
      return map->value[i];
    }
  }
  return NULL;
}
