/* yaml_events.c - libyaml's events into a tree. Aliases share nodes; each node knows how many there
 * would be if they did not, so that a few lines that stand for billions are refused. */
#include <assert.h>
#include <string.h>
#include <yaml.h>

#include "alloc.h"
#include "check.h"
#include "yaml_private.h"

enum { DEPTH_LIMIT = 32 };

typedef struct anchor {
  const char *name;
  const mpp_yaml_inner *target;
  struct anchor *next;
} anchor;

typedef struct reader {
  mpp_yaml *tree;
  yaml_parser_t parser;
  anchor *anchors;
  const char *path;
  int depth;
} reader;

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

static mpp_status new_node(mpp_yaml_inner **out, reader *r, mpp_yaml_kind kind,
                           const yaml_event_t *event)
{
  mpp_status st = MPP_OK;
  void *p = NULL;
  MPP_TRY(mpp_yaml_take(&p, r->tree, sizeof **out));
  mpp_yaml_inner *n = p;
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
  MPP_TRY(mpp_yaml_take(&p, r->tree, length + 1));
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

static mpp_status remember(reader *r, const yaml_char_t *name, const mpp_yaml_inner *target)
{
  mpp_status st = MPP_OK;
  void *p = NULL;
  if (name != NULL) {
    MPP_TRY(mpp_yaml_take(&p, r->tree, sizeof(anchor)));
    anchor *a = p;
    MPP_TRY(copy_text(&a->name, r, name, strlen((const char *)name)));
    a->target = target;
    a->next = r->anchors; /* a later one of the same name hides the earlier */
    r->anchors = a;
  }
done:
  return st;
}

static mpp_status read_node(const mpp_yaml_inner **out, reader *r, yaml_event_t *event);

static mpp_status read_list(mpp_yaml_inner *n, reader *r)
{
  mpp_status st = MPP_OK;
  mpp_yaml_items list = {.path = r->path};
  yaml_event_t event = {.type = YAML_NO_EVENT};
  for (;;) {
    const mpp_yaml_inner *child = NULL;
    MPP_TRY(next_event(&event, r));
    if (event.type == YAML_SEQUENCE_END_EVENT) {
      yaml_event_delete(&event);
      break;
    }
    MPP_TRY(read_node(&child, r, &event));
    MPP_TRY(mpp_yaml_add_value(n, &list, &child->public));
  }
  MPP_TRY(mpp_yaml_finish(n, r->tree, &list));
done:
  mpp_free(list.at);
  return st;
}

static mpp_status read_map(mpp_yaml_inner *n, reader *r)
{
  mpp_status st = MPP_OK;
  mpp_yaml_items list = {.path = r->path};
  const mpp_yaml_inner *merged = NULL;
  yaml_event_t event = {.type = YAML_NO_EVENT};
  for (;;) {
    const mpp_yaml_inner *key = NULL, *value = NULL;
    MPP_TRY(next_event(&event, r));
    if (event.type == YAML_MAPPING_END_EVENT) {
      yaml_event_delete(&event);
      break;
    }
    const yaml_mark_t mark = event.start_mark;
    const bool plain =
        event.type == YAML_SCALAR_EVENT && event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    MPP_TRY(read_node(&key, r, &event));
    assert(key != NULL);
    if (key->public.kind != MPP_YAML_SCALAR) {
      st = fail_at(r, mark, "a key is no text", NULL);
      goto done;
    }
    const bool merging = plain && strcmp(key->public.text, "<<") == 0;
    if (merging ? merged != NULL : mpp_yaml_has_key(&list, key->public.text)) {
      st = fail_at(r, mark, "duplicate key", key->public.text);
      goto done;
    }
    MPP_TRY(next_event(&event, r));
    MPP_TRY(read_node(&value, r, &event));
    if (merging) {
      merged = value;
    } else {
      MPP_TRY(mpp_yaml_add_pair(n, &list, &key->public, &value->public));
    }
  }
  if (merged != NULL) {
    MPP_TRY(mpp_yaml_merge(n, &list, &merged->public));
  }
  MPP_TRY(mpp_yaml_finish(n, r->tree, &list));
done:
  mpp_free(list.at);
  return st;
}

/* ---- nodes ---- */

static mpp_status read_scalar(const mpp_yaml_inner **out, reader *r, const yaml_event_t *event)
{
  mpp_status st = MPP_OK;
  mpp_yaml_inner *n = NULL;
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

static mpp_status read_alias(const mpp_yaml_inner **out, reader *r, const yaml_event_t *event)
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

static mpp_status read_collection(const mpp_yaml_inner **out, reader *r, const yaml_event_t *event)
{
  mpp_status st = MPP_OK;
  const bool is_map = event->type == YAML_MAPPING_START_EVENT;
  const yaml_char_t *tag = is_map ? event->data.mapping_start.tag : event->data.sequence_start.tag;
  const yaml_char_t *name =
      is_map ? event->data.mapping_start.anchor : event->data.sequence_start.anchor;
  mpp_yaml_inner *n = NULL;
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
static mpp_status read_node(const mpp_yaml_inner **out, reader *r, yaml_event_t *event)
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
