/* data_request_yaml.c - description files: keys as the options have them, their values as texts,
 * lists or maps; fields with a variable, a component and units of their own. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "data_request.h"
#include "file.h"
#include "number.h"
#include "yaml_tree.h"

enum { ORIGIN_MAX = MPP_PATH_MAX + 64, VALUE_MAX = 2 * MPP_TEXT_MAX };

typedef struct reader {
  mpp_data_request *r;
  const char *path;
  char origin[ORIGIN_MAX]; /* of the node at hand */
} reader;

static const char *place(reader *y, const mpp_yaml_node *node)
{
  snprintf(y->origin, sizeof y->origin, "%s:%zu:%zu", y->path, node->line, node->column);
  return y->origin;
}

/* A list or map of scalars as the text that an option would have: "y,x", "x=2,t=4". */
static mpp_status join(char out[VALUE_MAX], reader *y, const mpp_yaml_node *node)
{
  mpp_status st = MPP_OK;
  size_t used = 0;
  out[0] = '\0';
  if (node->kind == MPP_YAML_SCALAR) {
    MPP_REQUIRE(strlen(node->text) < VALUE_MAX, MPP_ERR_CONFIG, "%s: the text is too long",
                place(y, node));
    snprintf(out, VALUE_MAX, "%s", node->text);
    return MPP_OK;
  }
  for (size_t i = 0; i < node->count; i++) {
    const mpp_yaml_node *item = node->value[i];
    const bool map = node->kind == MPP_YAML_MAP;
    MPP_REQUIRE(item->kind == MPP_YAML_SCALAR, MPP_ERR_CONFIG,
                "%s: found a nested list or map, expected a value", place(y, item));
    const int n = snprintf(out + used, VALUE_MAX - used, "%s%s%s%s", i > 0 ? "," : "",
                           map ? node->key[i]->text : "", map ? "=" : "", item->text);
    MPP_REQUIRE(n >= 0 && (size_t)n < VALUE_MAX - used, MPP_ERR_CONFIG, "%s: the list is too long",
                place(y, node));
    used += (size_t)n;
  }
done:
  return st;
}

static mpp_status copy_text(char *out, size_t size, reader *y, const mpp_yaml_node *node)
{
  mpp_status st = MPP_OK;
  MPP_REQUIRE(node->kind == MPP_YAML_SCALAR && strlen(node->text) < size, MPP_ERR_CONFIG,
              "%s: expected a text of at most %zu characters", place(y, node), size - 1);
  snprintf(out, size, "%s", node->text);
done:
  return st;
}

/* A field whose role is that of a mask. */
static mpp_status add_mask(reader *y, const mpp_yaml_node *node, const mpp_requested_field *f,
                           const char *when, char *fields)
{
  mpp_status st = MPP_OK;
  char *text = NULL, component[32] = "";
  if (f->component >= 0) {
    snprintf(component, sizeof component, "[%ld]", f->component);
  }
  for (char *c = fields; *c != '\0'; c++) { *c = *c == ',' ? '+' : *c; }
  MPP_TRY(mpp_format(&text, "%s%s%s%s%s", f->variable, component, when,
                     fields[0] != '\0' ? "@" : "", fields));
  MPP_TRY(mpp_data_request_mask(y->r, text, place(y, node), MPP_ERR_CONFIG));
done:
  mpp_free(text);
  return st;
}

static mpp_status read_component(long *out, reader *y, const mpp_yaml_node *value)
{
  mpp_status st = MPP_OK;
  char *end = NULL, text[32];
  MPP_TRY(copy_text(text, sizeof text, y, value));
  *out = strtol(text, &end, 10);
  MPP_REQUIRE(end != text && *end == '\0' && *out >= 0, MPP_ERR_CONFIG,
              "%s: component '%s', expected a whole number from 0 on", place(y, value), text);
done:
  return st;
}

/* "predicted", "given" or "mask" */
static mpp_status read_role(mpp_requested_field *f, bool *mask, reader *y,
                            const mpp_yaml_node *value)
{
  mpp_status st = MPP_OK;
  char text[32];
  MPP_TRY(copy_text(text, sizeof text, y, value));
  *mask = strcmp(text, "mask") == 0;
  f->given = strcmp(text, "given") == 0;
  MPP_REQUIRE(*mask || f->given || strcmp(text, "predicted") == 0, MPP_ERR_CONFIG,
              "%s: role '%s', expected predicted, given or mask", place(y, value), text);
done:
  return st;
}

/* {name: u, variable: velocity, component: 0, units: m s-1, long_name: ..., role: given} */
static mpp_status read_field(reader *y, const mpp_yaml_node *node, bool given)
{
  mpp_status st = MPP_OK;
  mpp_data_request *r = y->r;
  mpp_requested_field f = {.component = -1, .given = given};
  char when[MPP_NAME_MAX] = "", fields[VALUE_MAX] = "";
  bool mask = false;
  MPP_REQUIRE(r->nfields < MPP_MAX_ARRAYS, MPP_ERR_CONFIG, "%s: more than %d fields",
              place(y, node), MPP_MAX_ARRAYS);
  for (size_t i = 0; i < node->count; i++) {
    const char *key = node->key[i]->text;
    const mpp_yaml_node *value = node->value[i];
    if (strcmp(key, "name") == 0) {
      MPP_TRY(copy_text(f.name, sizeof f.name, y, value));
    } else if (strcmp(key, "variable") == 0) {
      MPP_TRY(copy_text(f.variable, sizeof f.variable, y, value));
    } else if (strcmp(key, "units") == 0) {
      MPP_TRY(copy_text(f.units, sizeof f.units, y, value));
    } else if (strcmp(key, "long_name") == 0) {
      MPP_TRY(copy_text(f.long_name, sizeof f.long_name, y, value));
    } else if (strcmp(key, "role") == 0) {
      MPP_TRY(read_role(&f, &mask, y, value));
    } else if (strcmp(key, "when") == 0) {
      MPP_TRY(copy_text(when, sizeof when, y, value));
    } else if (strcmp(key, "fields") == 0) {
      MPP_TRY(join(fields, y, value));
    } else {
      MPP_REQUIRE(strcmp(key, "component") == 0, MPP_ERR_CONFIG,
                  "%s: unknown key '%s' of a field, expected name, variable, component, units, "
                  "long_name, role, when or fields",
                  place(y, node->key[i]), key);
      MPP_TRY(read_component(&f.component, y, value));
    }
  }
  if (f.variable[0] == '\0') {
    memcpy(f.variable, f.name, sizeof f.name);
  }
  MPP_REQUIRE(f.name[0] != '\0', MPP_ERR_CONFIG, "%s: a field without a name", place(y, node));
  MPP_REQUIRE(mask || (when[0] == '\0' && fields[0] == '\0'), MPP_ERR_CONFIG,
              "%s: field '%s': 'when' and 'fields' are for role: mask", place(y, node), f.name);
  if (mask) {
    MPP_TRY(add_mask(y, node, &f, when, fields));
    goto done;
  }
  for (size_t i = 0; i < r->nfields; i++) {
    MPP_REQUIRE(strcmp(r->field[i].name, f.name) != 0, MPP_ERR_CONFIG,
                "%s: field '%s' is there twice", place(y, node), f.name);
  }
  r->field[r->nfields++] = f;
done:
  return st;
}

static mpp_status read_fields(reader *y, const mpp_yaml_node *node, const char *key)
{
  mpp_status st = MPP_OK;
  char text[VALUE_MAX];
  const bool given = strcmp(key, "given") == 0;
  bool maps = false;
  for (size_t i = 0; node->kind == MPP_YAML_LIST && i < node->count; i++) {
    maps = maps || node->value[i]->kind == MPP_YAML_MAP;
  }
  if (!maps) {
    MPP_TRY(join(text, y, node));
    MPP_TRY(mpp_data_request_set(y->r, key, text, place(y, node), MPP_ERR_CONFIG));
    goto done;
  }
  for (size_t i = 0; i < node->count; i++) {
    const mpp_yaml_node *item = node->value[i];
    MPP_REQUIRE(item->kind == MPP_YAML_MAP, MPP_ERR_CONFIG,
                "%s: expected a map with name and variable, as the other fields have",
                place(y, item));
    MPP_TRY(read_field(y, item, given));
  }
done:
  return st;
}

static mpp_status read_parameters(reader *y, const mpp_yaml_node *node)
{
  mpp_status st = MPP_OK;
  mpp_data_request *r = y->r;
  MPP_REQUIRE(node->kind == MPP_YAML_MAP, MPP_ERR_CONFIG, "%s: expected a map of names and numbers",
              place(y, node));
  for (size_t i = 0; i < node->count; i++) {
    char *end = NULL, text[64];
    mpp_described_parameter *p = &r->parameter[r->nparameters];
    MPP_REQUIRE(r->nparameters < MPP_MAX_PARAMETERS, MPP_ERR_CONFIG, "%s: more than %d parameters",
                place(y, node), MPP_MAX_PARAMETERS);
    *p = (mpp_described_parameter){.value = 0.0};
    MPP_TRY(copy_text(p->name, sizeof p->name, y, node->key[i]));
    MPP_TRY(copy_text(text, sizeof text, y, node->value[i]));
    p->value = mpp_number_read(text, &end);
    MPP_REQUIRE(end != text && *end == '\0' && isfinite(p->value), MPP_ERR_CONFIG,
                "%s: parameter %s: found '%s', expected a number", place(y, node->value[i]),
                p->name, text);
    r->nparameters++;
  }
done:
  return st;
}

/* Files as they stand there, one a line. */
static mpp_status read_files(char **files, reader *y, const mpp_yaml_node *node)
{
  mpp_status st = MPP_OK;
  char *text = NULL, *longer = NULL;
  const mpp_yaml_node *const *item = node->kind == MPP_YAML_LIST ? node->value : &node;
  const size_t count = node->kind == MPP_YAML_LIST ? node->count : 1;
  MPP_REQUIRE(node->kind != MPP_YAML_MAP && count > 0, MPP_ERR_CONFIG,
              "%s: files: expected a name, a pattern or a list of them", place(y, node));
  for (size_t i = 0; i < count; i++) {
    MPP_REQUIRE(item[i]->kind == MPP_YAML_SCALAR && item[i]->text[0] != '\0', MPP_ERR_CONFIG,
                "%s: files: expected a name or a pattern", place(y, item[i]));
    MPP_TRY(mpp_format(&longer, "%s%s%s", text != NULL ? text : "", text != NULL ? "\n" : "",
                       item[i]->text));
    mpp_free(text);
    text = longer;
    longer = NULL;
  }
  *files = text;
  text = NULL;
done:
  mpp_free(text);
  return st;
}

mpp_status mpp_data_request_read(mpp_data_request *r, char **files, const char *path)
{
  mpp_status st = MPP_OK;
  mpp_yaml *file = NULL;
  char *found = NULL, text[VALUE_MAX];
  reader *y = NULL;
  MPP_TRY(MPP_ALLOC(&y, 1));
  y->r = r;
  y->path = path;
  MPP_TRY(mpp_yaml_read(&file, path));
  const mpp_yaml_node *root = mpp_yaml_root(file);
  for (size_t i = 0; i < root->count; i++) {
    const char *key = root->key[i]->text;
    const mpp_yaml_node *value = root->value[i];
    if (strcmp(key, "files") == 0) {
      mpp_free(found);
      found = NULL;
      MPP_TRY(read_files(&found, y, value));
    } else if (strcmp(key, "fields") == 0 || strcmp(key, "given") == 0) {
      MPP_TRY(read_fields(y, value, key));
    } else if (strcmp(key, "parameters") == 0) {
      MPP_TRY(read_parameters(y, value));
    } else {
      MPP_TRY(join(text, y, value));
      MPP_TRY(mpp_data_request_set(r, key, text, place(y, root->key[i]), MPP_ERR_CONFIG));
    }
  }
  MPP_REQUIRE(found != NULL, MPP_ERR_CONFIG, "%s: names no files: the key 'files' is missing",
              path);
  *files = found;
  found = NULL;
done:
  mpp_free(found);
  mpp_free(y);
  mpp_yaml_free(file);
  return st;
}
