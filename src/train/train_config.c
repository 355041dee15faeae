/* train_config.c - configuration files of training: scalar keys from the table of settings, and the
 * list of datasets, whose entries are settings of a table of their own. */
#include "train_config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "file.h"
#include "yaml_tree.h"

enum { ORIGIN_MAX = MPP_PATH_MAX + 64, VALUE_MAX = 2 * MPP_TEXT_MAX };

#define AT(member) offsetof(mpp_data_entry, member)
static const mpp_option entry_table[] = {
    {"path", 0, MPP_OPT_TEXT, AT(path), .arg = "PATH[:SYSTEM]", .help = "file, folder or glob"},
    {"weight", 0, MPP_OPT_REAL, AT(weight), "1", .min = 1e-9, .max = 1e9, .help = "relative share"},
    {"boundary", 0, MPP_OPT_TEXT, AT(boundary), .help = "as x=periodic,y=open"},
    {.name = NULL},
};
#undef AT

/* Settings of one call, not of the run; `data` stands in a list of its own. */
static const char *const not_stored[] = {"data",    "resume",    "overwrite",   "json",
                                         "threads", "log-every", "max-walltime"};
/* Settings that may change between the pieces of one run. */
static const char *const free_to_change[] = {"output", "checkpoint-every", "validate-every"};

static bool listed(const char *const *names, size_t count, const char *name)
{
  for (size_t i = 0; i < count; i++) {
    if (strcmp(names[i], name) == 0) {
      return true;
    }
  }
  return false;
}
#define LISTED(names, name) listed(names, sizeof(names) / sizeof *(names), name)

/* ---- reading ---- */

/* "config.yaml:4:3": where a node stands. */
static const char *place(char out[ORIGIN_MAX], const char *path, const mpp_yaml_node *node)
{
  snprintf(out, ORIGIN_MAX, "%s:%zu:%zu", path, node->line, node->column);
  return out;
}

/* A list of scalars as the text that a command line would have: "4,2". */
static mpp_status join(char out[VALUE_MAX], const mpp_yaml_node *list, const char *path)
{
  char origin[ORIGIN_MAX];
  size_t length = 0;
  out[0] = '\0';
  for (size_t i = 0; i < list->count; i++) {
    const mpp_yaml_node *item = list->value[i];
    if (item->kind != MPP_YAML_SCALAR) {
      return mpp_fail(MPP_ERR_CONFIG, "%s: found a nested list or map, expected a value",
                      place(origin, path, item));
    }
    const int n = snprintf(out + length, VALUE_MAX - length, "%s%s", i > 0 ? "," : "", item->text);
    if (n < 0 || (size_t)n >= VALUE_MAX - length) {
      return mpp_fail(MPP_ERR_CONFIG, "%s: the list is too long", place(origin, path, item));
    }
    length += (size_t)n;
  }
  return MPP_OK;
}

/* One pair of a map into the settings of `table`. */
static mpp_status set_pair(void *settings, const mpp_option *table, const mpp_yaml_node *key,
                           const mpp_yaml_node *value, const char *path)
{
  char origin[ORIGIN_MAX], joined[VALUE_MAX];
  const mpp_option *entry = mpp_options_find(table, key->text);
  if (entry == NULL) { /* refused there, with the closest key */
    return mpp_options_set(settings, table, key->text, "", place(origin, path, key));
  }
  place(origin, path, value);
  if (value->kind == MPP_YAML_SCALAR) {
    return mpp_options_set(settings, table, key->text, value->text, origin);
  }
  if (value->kind != MPP_YAML_LIST || entry->kind != MPP_OPT_INTS) {
    return mpp_fail(MPP_ERR_CONFIG, "%s: '%s': found a %s, expected %s", origin, key->text,
                    value->kind == MPP_YAML_LIST ? "list" : "map",
                    entry->kind == MPP_OPT_INTS ? "a list of numbers" : "one value");
  }
  if (value->count == 0) {
    ((mpp_int_list *)(void *)((char *)settings + entry->offset))->count = 0;
    return MPP_OK;
  }
  const mpp_status st = join(joined, value, path);
  return st != MPP_OK ? st : mpp_options_set(settings, table, key->text, joined, origin);
}

static mpp_status read_entry(mpp_data_entry *out, const mpp_yaml_node *node, const char *path)
{
  mpp_status st = MPP_OK;
  char origin[ORIGIN_MAX];
  mpp_data_entry entry;
  MPP_TRY(mpp_options_defaults(&entry, entry_table));
  if (node->kind == MPP_YAML_SCALAR) {
    MPP_TRY(mpp_options_set(&entry, entry_table, "path", node->text, place(origin, path, node)));
  } else {
    MPP_REQUIRE(node->kind == MPP_YAML_MAP, MPP_ERR_CONFIG,
                "%s: found a list, expected a path or a map with path, weight and boundary",
                place(origin, path, node));
    for (size_t i = 0; i < node->count; i++) {
      MPP_TRY(set_pair(&entry, entry_table, node->key[i], node->value[i], path));
    }
  }
  MPP_REQUIRE(entry.path[0] != '\0', MPP_ERR_CONFIG, "%s: a dataset without a path",
              place(origin, path, node));
  *out = entry;
done:
  return st;
}

static mpp_status read_data(mpp_train_options *options, const mpp_yaml_node *node, const char *path)
{
  mpp_status st = MPP_OK;
  char origin[ORIGIN_MAX];
  const mpp_yaml_node *const *items = node->kind == MPP_YAML_LIST ? node->value : &node;
  const size_t count = node->kind == MPP_YAML_LIST ? node->count : 1;
  MPP_REQUIRE(count <= MPP_LIST_MAX, MPP_ERR_CONFIG, "%s: %zu datasets, expected at most %d",
              place(origin, path, node), count, MPP_LIST_MAX);
  for (size_t i = 0; i < count; i++) { MPP_TRY(read_entry(&options->data[i], items[i], path)); }
  options->ndata = count;
  options->data_words.count = 0;
done:
  return st;
}

mpp_status mpp_train_read_config(mpp_train_options *options, const mpp_option *table,
                                 const char *path)
{
  mpp_status st = MPP_OK;
  mpp_yaml *file = NULL;
  mpp_train_options *read = NULL; /* a copy, so that a bad file leaves `options` as they are */
  MPP_TRY(mpp_yaml_read(&file, path));
  MPP_TRY(MPP_ALLOC(&read, 1));
  *read = *options;
  const mpp_yaml_node *root = mpp_yaml_root(file);
  for (size_t i = 0; i < root->count; i++) {
    if (strcmp(root->key[i]->text, "data") == 0) {
      MPP_TRY(read_data(read, root->value[i], path));
    } else {
      MPP_TRY(set_pair(read, table, root->key[i], root->value[i], path));
    }
  }
  *options = *read;
done:
  mpp_yaml_free(file);
  mpp_free(read);
  return st;
}

/* ---- writing ---- */

/* A double-quoted scalar: safe for any text. */
static void put_quoted(FILE *f, const char *text)
{
  fputc('"', f);
  for (const char *c = text; *c != '\0'; c++) {
    if (*c == '"' || *c == '\\') {
      fprintf(f, "\\%c", *c);
    } else if ((unsigned char)*c < 0x20 || *c == 0x7f) {
      fprintf(f, "\\x%02x", (unsigned)*c);
    } else {
      fputc(*c, f);
    }
  }
  fputc('"', f);
}

/* "learning_rate: 0.001", indented. */
static void put_setting(FILE *f, const char *indent, const void *settings, const mpp_option *entry)
{
  char value[VALUE_MAX];
  fputs(indent, f);
  for (const char *c = entry->name; *c != '\0'; c++) { fputc(*c == '-' ? '_' : *c, f); }
  fputs(": ", f);
  mpp_options_format(value, sizeof value, settings, entry);
  if (entry->kind == MPP_OPT_TEXT) {
    put_quoted(f, value);
  } else if (entry->kind == MPP_OPT_INTS) {
    fprintf(f, "[%s]", value);
  } else {
    fputs(value, f);
  }
  fputc('\n', f);
}

mpp_status mpp_train_config_text(char **out, const mpp_train_options *options,
                                 const mpp_option *table)
{
  mpp_status st = MPP_OK;
  char *text = NULL; /* of the C library */
  size_t size = 0;
  FILE *f = mpp_fault() ? NULL : open_memstream(&text, &size);
  MPP_REQUIRE(f != NULL, MPP_ERR_NOMEM, "configuration of the run: out of memory");
  for (const mpp_option *entry = table; entry->name != NULL; entry++) {
    if (!LISTED(not_stored, entry->name)) {
      put_setting(f, "", options, entry);
    }
  }
  fputs(options->ndata > 0 ? "data:\n" : "data: []\n", f);
  for (size_t i = 0; i < options->ndata; i++) {
    for (const mpp_option *entry = entry_table; entry->name != NULL; entry++) {
      put_setting(f, entry == entry_table ? "  - " : "    ", &options->data[i], entry);
    }
  }
  const bool written = fclose(f) == 0;
  MPP_REQUIRE(written, MPP_ERR_NOMEM, "configuration of the run: out of memory");
  MPP_TRY(mpp_format(out, "%s", text));
done:
  free(text);
  return st;
}

/* ---- comparing ---- */

static mpp_status agrees(const void *stored, const void *given, const mpp_option *entry,
                         const char *prefix, const char *path)
{
  char a[VALUE_MAX], b[VALUE_MAX];
  mpp_options_format(a, sizeof a, stored, entry);
  mpp_options_format(b, sizeof b, given, entry);
  if (strcmp(a, b) == 0) {
    return MPP_OK;
  }
  return mpp_fail(MPP_ERR_CONFIG, "%s: %s%s: the run has %s, found %s; a resumed run keeps its own",
                  path, prefix, entry->name, a[0] != '\0' ? a : "nothing",
                  b[0] != '\0' ? b : "nothing");
}

mpp_status mpp_train_config_agrees(const mpp_train_options *stored, const mpp_train_options *given,
                                   const mpp_option *table, const char *path)
{
  mpp_status st = MPP_OK;
  char prefix[32];
  for (const mpp_option *entry = table; entry->name != NULL; entry++) {
    if (!LISTED(not_stored, entry->name) && !LISTED(free_to_change, entry->name)) {
      MPP_TRY(agrees(stored, given, entry, "", path));
    }
  }
  MPP_REQUIRE(stored->ndata == given->ndata, MPP_ERR_CONFIG,
              "%s: data: the run has %zu datasets, found %zu; a resumed run keeps its own", path,
              stored->ndata, given->ndata);
  for (size_t i = 0; i < stored->ndata; i++) {
    snprintf(prefix, sizeof prefix, "data[%zu].", i);
    for (const mpp_option *entry = entry_table; entry->name != NULL; entry++) {
      MPP_TRY(agrees(&stored->data[i], &given->data[i], entry, prefix, path));
    }
  }
done:
  return st;
}
