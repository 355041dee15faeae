/* yaml_tree.c - libyaml's events into a tree. Aliases share nodes; each node knows how many there would
 * be if they did not, so that a few lines that stand for billions are refused. */
#include "yaml_tree.h"

#include <stdint.h>
#include <string.h>
#include <yaml.h>

#include "alloc.h"
#include "check.h"
#include "file.h"

enum {
  FILE_LIMIT = 1 << 20,
  DEPTH_LIMIT = 32,
  NODE_LIMIT = 100000, /* with every alias written out */
  KEY_LIMIT = 1024,    /* of one map: keys are compared with each other */
  CHUNK = 16 << 10
};

typedef struct node {
  mpp_yaml_node public; /* first: pointers to it are pointers to the node */
  size_t weight;        /* nodes in it, aliases written out */
} node;

/* Memory that lives as long as the tree. */
typedef struct chunk {
  struct chunk *next;
  size_t used, size;
  _Alignas(16) char bytes[];
} chunk;

struct mpp_yaml {
  chunk *chunks;
  const node *root;
};

typedef struct anchor {
  const char *name;
  const node *target;
  struct anchor *next;
} anchor;

/* Items of a collection while it is being read; a list's have no keys. */
typedef struct item {
  const mpp_yaml_node *key, *value;
} item;
typedef struct items {
  item *at; /* owned */
  size_t count, capacity;
} items;

typedef struct reader {
  mpp_yaml *tree;
  yaml_parser_t parser;
  anchor *anchors;
  const char *path;
  int depth;
} reader;

static mpp_status take(void **out, mpp_yaml *tree, size_t size)
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

static mpp_status fail_at(const reader *r, yaml_mark_t mark, const char *what, const char *name)
{
  return mpp_fail(MPP_ERR_CONFIG, "%s:%zu:%zu: %s%s%s%s", r->path, mark.line + 1, mark.column + 1,
                  what, name != NULL ? " '" : "", name != NULL ? name : "",
                  name != NULL ? "'" : "");
}

static mpp_status next_event(yaml_event_t *event, reader *r)
{
  const yaml_parser_t *p = &r->parser;
  if (!mpp_fault() && yaml_parser_parse(&r->parser, event)) {
    return MPP_OK;
  }
  if (p->error == YAML_NO_ERROR || p->error == YAML_MEMORY_ERROR) {
    return mpp_fail(MPP_ERR_NOMEM, "%s: out of memory", r->path);
  }
  if (p->error == YAML_READER_ERROR) {
    return mpp_fail(MPP_ERR_CONFIG, "%s: byte %zu: %s", r->path, p->problem_offset, p->problem);
  }
  return fail_at(r, p->problem_mark, p->problem != NULL ? p->problem : "is no YAML", NULL);
}

static mpp_status new_node(node **out, reader *r, mpp_yaml_kind kind, const yaml_event_t *event)
{
  mpp_status st = MPP_OK;
  void *p = NULL;
  MPP_TRY(take(&p, r->tree, sizeof **out));
  node *n = p;
  n->public.kind = kind;
  n->public.line = event->start_mark.line + 1;
  n->public.column = event->start_mark.column + 1;
  n->weight = 1;
  *out = n;
done:
  return st;
}

static mpp_status copy_text(const char **out, reader *r, const yaml_char_t *text, size_t length)
{
  mpp_status st = MPP_OK;
  void *p = NULL;
  MPP_TRY(take(&p, r->tree, length + 1));
  memcpy(p, text, length);
  *out = p;
done:
  return st;
}

/* The core schema's tags say nothing that a table of options does not know better. */
static mpp_status check_tag(const reader *r, const yaml_char_t *tag, yaml_mark_t mark)
{
  static const char *const known[] = {"!",           YAML_STR_TAG,  YAML_INT_TAG, YAML_FLOAT_TAG,
                                      YAML_BOOL_TAG, YAML_NULL_TAG, YAML_SEQ_TAG, YAML_MAP_TAG};
  for (size_t i = 0; tag != NULL && i < sizeof known / sizeof *known; i++) {
    if (strcmp((const char *)tag, known[i]) == 0) {
      return MPP_OK;
    }
  }
  return tag == NULL ? MPP_OK : fail_at(r, mark, "unknown tag", (const char *)tag);
}

static mpp_status remember(reader *r, const yaml_char_t *name, const node *target)
{
  mpp_status st = MPP_OK;
  void *p = NULL;
  if (name != NULL) {
    MPP_TRY(take(&p, r->tree, sizeof(anchor)));
    anchor *a = p;
    MPP_TRY(copy_text(&a->name, r, name, strlen((const char *)name)));
    a->target = target;
    a->next = r->anchors; /* a later one of the same name hides the earlier */
    r->anchors = a;
  }
done:
  return st;
}

/* ---- collections ---- */

static mpp_status items_add(items *list, const mpp_yaml_node *key, const mpp_yaml_node *value)
{
  mpp_status st = MPP_OK;
  item *grown = NULL;
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
  list->at[list->count++] = (item){key, value};
done:
  return st;
}

/* Keys or values of all items, as long-lived as the tree. */
static mpp_status keep(const mpp_yaml_node *const **out, reader *r, const items *list, bool keys)
{
  mpp_status st = MPP_OK;
  void *p = NULL;
  MPP_TRY(take(&p, r->tree, list->count * sizeof p));
  const mpp_yaml_node **nodes = p;
  for (size_t i = 0; i < list->count; i++) {
    nodes[i] = keys ? list->at[i].key : list->at[i].value;
  }
  *out = nodes;
done:
  return st;
}

static mpp_status finish(node *n, reader *r, const items *list)
{
  mpp_status st = MPP_OK;
  if (list->count > 0) {
    MPP_TRY(keep(&n->public.value, r, list, false));
    if (n->public.kind == MPP_YAML_MAP) {
      MPP_TRY(keep(&n->public.key, r, list, true));
    }
  }
  n->public.count = list->count;
done:
  return st;
}

static bool has_key(const items *list, const char *key)
{
  for (size_t i = 0; i < list->count; i++) {
    if (strcmp(list->at[i].key->text, key) == 0) {
      return true;
    }
  }
  return false;
}

static mpp_status add_weight(node *n, const reader *r, const mpp_yaml_node *child)
{
  n->weight += ((const node *)(const void *)child)->weight;
  if (n->weight > NODE_LIMIT) {
    return mpp_fail(MPP_ERR_CONFIG, "%s:%zu:%zu: more than %d values (aliases written out)",
                    r->path, child->line, child->column, NODE_LIMIT);
  }
  return MPP_OK;
}

static mpp_status add_pair(node *n, items *list, const reader *r, const mpp_yaml_node *key,
                           const mpp_yaml_node *value)
{
  mpp_status st = MPP_OK;
  MPP_REQUIRE(list->count < KEY_LIMIT, MPP_ERR_CONFIG, "%s:%zu:%zu: more than %d keys in a map",
              r->path, key->line, key->column, KEY_LIMIT);
  MPP_TRY(add_weight(n, r, key));
  MPP_TRY(add_weight(n, r, value));
  MPP_TRY(items_add(list, key, value));
done:
  return st;
}

static mpp_status merge_one(node *n, items *list, const reader *r, const mpp_yaml_node *map)
{
  mpp_status st = MPP_OK;
  MPP_REQUIRE(map->kind == MPP_YAML_MAP, MPP_ERR_CONFIG,
              "%s:%zu:%zu: '<<' takes a map or a list of maps", r->path, map->line, map->column);
  for (size_t i = 0; i < map->count; i++) {
    if (!has_key(list, map->key[i]->text)) {
      MPP_TRY(add_pair(n, list, r, map->key[i], map->value[i]));
    }
  }
done:
  return st;
}

/* `<<: *other` or `<<: [*one, *two]`: keys that the map lacks, the earlier map first. */
static mpp_status merge(node *n, items *list, const reader *r, const mpp_yaml_node *from)
{
  mpp_status st = MPP_OK;
  if (from->kind != MPP_YAML_LIST) {
    return merge_one(n, list, r, from);
  }
  for (size_t i = 0; i < from->count; i++) { MPP_TRY(merge_one(n, list, r, from->value[i])); }
done:
  return st;
}

static mpp_status read_node(const node **out, reader *r, yaml_event_t *event);

static mpp_status read_list(node *n, reader *r)
{
  mpp_status st = MPP_OK;
  items list = {0};
  yaml_event_t event = {.type = YAML_NO_EVENT};
  for (;;) {
    const node *child = NULL;
    MPP_TRY(next_event(&event, r));
    if (event.type == YAML_SEQUENCE_END_EVENT) {
      yaml_event_delete(&event);
      break;
    }
    MPP_TRY(read_node(&child, r, &event));
    MPP_TRY(add_weight(n, r, &child->public));
    MPP_TRY(items_add(&list, NULL, &child->public));
  }
  MPP_TRY(finish(n, r, &list));
done:
  mpp_free(list.at);
  return st;
}

static mpp_status read_map(node *n, reader *r)
{
  mpp_status st = MPP_OK;
  items list = {0};
  const node *merged = NULL;
  yaml_event_t event = {.type = YAML_NO_EVENT};
  for (;;) {
    const node *key = NULL, *value = NULL;
    MPP_TRY(next_event(&event, r));
    if (event.type == YAML_MAPPING_END_EVENT) {
      yaml_event_delete(&event);
      break;
    }
    const yaml_mark_t mark = event.start_mark;
    const bool plain =
        event.type == YAML_SCALAR_EVENT && event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    MPP_TRY(read_node(&key, r, &event));
    if (key->public.kind != MPP_YAML_SCALAR) {
      st = fail_at(r, mark, "a key is no text", NULL);
      goto done;
    }
    const bool merging = plain && strcmp(key->public.text, "<<") == 0;
    if (merging ? merged != NULL : has_key(&list, key->public.text)) {
      st = fail_at(r, mark, "duplicate key", key->public.text);
      goto done;
    }
    MPP_TRY(next_event(&event, r));
    MPP_TRY(read_node(&value, r, &event));
    if (merging) {
      merged = value;
    } else {
      MPP_TRY(add_pair(n, &list, r, &key->public, &value->public));
    }
  }
  if (merged != NULL) {
    MPP_TRY(merge(n, &list, r, &merged->public));
  }
  MPP_TRY(finish(n, r, &list));
done:
  mpp_free(list.at);
  return st;
}

/* ---- nodes ---- */

static mpp_status read_scalar(const node **out, reader *r, const yaml_event_t *event)
{
  mpp_status st = MPP_OK;
  node *n = NULL;
  const yaml_char_t *text = event->data.scalar.value;
  const size_t length = event->data.scalar.length;
  MPP_TRY(check_tag(r, event->data.scalar.tag, event->start_mark));
  if (memchr(text, 0, length) != NULL) {
    st = fail_at(r, event->start_mark, "a text holds the character NUL", NULL);
    goto done;
  }
  MPP_TRY(new_node(&n, r, MPP_YAML_SCALAR, event));
  MPP_TRY(copy_text(&n->public.text, r, text, length));
  MPP_TRY(remember(r, event->data.scalar.anchor, n));
  *out = n;
done:
  return st;
}

static mpp_status read_alias(const node **out, reader *r, const yaml_event_t *event)
{
  const char *name = (const char *)event->data.alias.anchor;
  for (const anchor *a = r->anchors; a != NULL; a = a->next) {
    if (strcmp(a->name, name) == 0) {
      *out = a->target;
      return MPP_OK;
    }
  }
  /* A collection gets its name when it ends, so that none holds itself. */
  return fail_at(r, event->start_mark, "unknown anchor", name);
}

static mpp_status read_collection(const node **out, reader *r, const yaml_event_t *event)
{
  mpp_status st = MPP_OK;
  const bool is_map = event->type == YAML_MAPPING_START_EVENT;
  const yaml_char_t *tag = is_map ? event->data.mapping_start.tag : event->data.sequence_start.tag;
  const yaml_char_t *name =
      is_map ? event->data.mapping_start.anchor : event->data.sequence_start.anchor;
  node *n = NULL;
  if (r->depth == DEPTH_LIMIT) {
    return fail_at(r, event->start_mark, "nested more than 32 deep", NULL);
  }
  r->depth++;
  MPP_TRY(check_tag(r, tag, event->start_mark));
  MPP_TRY(new_node(&n, r, is_map ? MPP_YAML_MAP : MPP_YAML_LIST, event));
  MPP_TRY(is_map ? read_map(n, r) : read_list(n, r));
  MPP_TRY(remember(r, name, n));
  *out = n;
done:
  r->depth--;
  return st;
}

/* The node that begins with `event`, which is deleted. */
static mpp_status read_node(const node **out, reader *r, yaml_event_t *event)
{
  mpp_status st = MPP_OK;
  switch (event->type) {
  case YAML_SCALAR_EVENT:
    st = read_scalar(out, r, event);
    break;
  case YAML_ALIAS_EVENT:
    st = read_alias(out, r, event);
    break;
  case YAML_SEQUENCE_START_EVENT:
  case YAML_MAPPING_START_EVENT:
    st = read_collection(out, r, event);
    break;
  default:
    st = fail_at(r, event->start_mark, "expected a map of keys", NULL);
  }
  yaml_event_delete(event);
  return st;
}

/* Reads over an event of a type that must come next. */
static mpp_status expect(reader *r, yaml_event_type_t type, const char *message)
{
  mpp_status st = MPP_OK;
  yaml_event_t event = {.type = YAML_NO_EVENT};
  MPP_TRY(next_event(&event, r));
  if (event.type != type) {
    st = fail_at(r, event.start_mark, message, NULL);
  }
  yaml_event_delete(&event);
done:
  return st;
}

mpp_status mpp_yaml_parse(mpp_yaml **out, const char *text, size_t size, const char *path)
{
  mpp_status st = MPP_OK;
  reader r = {.path = path};
  yaml_event_t event = {.type = YAML_NO_EVENT};
  bool started = false;
  MPP_TRY(MPP_ALLOC(&r.tree, 1));
  started = !mpp_fault() && yaml_parser_initialize(&r.parser);
  MPP_REQUIRE(started, MPP_ERR_NOMEM, "%s: out of memory", path);
  yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, size);
  MPP_TRY(expect(&r, YAML_STREAM_START_EVENT, "is no YAML"));
  MPP_TRY(expect(&r, YAML_DOCUMENT_START_EVENT, "is empty, expected a map of keys"));
  MPP_TRY(next_event(&event, &r));
  MPP_TRY(read_node(&r.tree->root, &r, &event));
  MPP_REQUIRE(r.tree->root->public.kind == MPP_YAML_MAP, MPP_ERR_CONFIG,
              "%s:1:1: expected a map of keys", path);
  MPP_TRY(expect(&r, YAML_DOCUMENT_END_EVENT, "expected the end of the document"));
  MPP_TRY(expect(&r, YAML_STREAM_END_EVENT, "a second document, expected one"));
  *out = r.tree;
  r.tree = NULL;
done:
  if (started) {
    yaml_parser_delete(&r.parser);
  }
  mpp_yaml_free(r.tree);
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
