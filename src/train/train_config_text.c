/* train_config_text.c - the settings of a run as YAML text, and two of them compared. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "check.h"
#include "solver_source.h"
#include "train_config.h"
#include "yaml_tree.h"

/* Settings of one call, not of the run; `data` stands in a list of its own. */
static const char *const not_stored[] = {"data",    "resume",    "overwrite",   "json",
                                         "threads", "log-every", "max-walltime"};
/* Settings that may change between the pieces of one run. */
static const char *const free_to_change[] = {
    "output",          "checkpoint-every", "validate-every", "recompute",
    "against-scratch", "report-windows",   "tensorboard",    "memory"};

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

/* Settings that name files. */
static bool is_path(const mpp_option *entry)
{
  return entry->kind == MPP_OPT_TEXT &&
         (strcmp(entry->name, "path") == 0 || strcmp(entry->name, "model") == 0);
}

/* A setting as text; paths from the root on, so that they hold wherever the run is moved to. */
static void format_setting(char value[MPP_VALUE_MAX], const void *settings, const mpp_option *entry)
{
  char folder[MPP_TEXT_MAX], text[MPP_VALUE_MAX];
  mpp_options_format(value, MPP_VALUE_MAX, settings, entry);
  const bool relative = is_path(entry) && value[0] != '\0' && value[0] != '/' &&
                        !mpp_solver_named(value) && getcwd(folder, sizeof folder) != NULL;
  if (relative && strlen(folder) + strlen(value) + 1 < MPP_TEXT_MAX) { /* can be read back */
    snprintf(text, sizeof text, "%s/%s", folder, value);
    memcpy(value, text, strlen(text) + 1);
  }
}

/* "learning_rate: 0.001", indented. */
static void put_setting(FILE *f, const char *indent, const void *settings, const mpp_option *entry)
{
  char value[MPP_VALUE_MAX];
  fputs(indent, f);
  for (const char *c = entry->name; *c != '\0'; c++) { fputc(*c == '-' ? '_' : *c, f); }
  fputs(": ", f);
  format_setting(value, settings, entry);
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
  mpp_yaml *read_back = NULL;
  FILE *f = mpp_fault() ? NULL : open_memstream(&text, &size);
  MPP_REQUIRE(f != NULL, MPP_ERR_NOMEM, "configuration of the run: out of memory");
  for (const mpp_option *entry = table; entry->name != NULL; entry++) {
    if (!LISTED(not_stored, entry->name)) {
      put_setting(f, "", options, entry);
    }
  }
  fputs(options->ndata > 0 ? "data:\n" : "data: []\n", f);
  for (size_t i = 0; i < options->ndata; i++) {
    for (const mpp_option *entry = mpp_data_entry_table; entry->name != NULL; entry++) {
      put_setting(f, entry == mpp_data_entry_table ? "  - " : "    ", &options->data[i], entry);
    }
  }
  const bool written = fclose(f) == 0;
  MPP_REQUIRE(written, MPP_ERR_NOMEM, "configuration of the run: out of memory");
  /* A name that YAML cannot hold is refused here, and not by the first checkpoint. */
  MPP_TRY(mpp_yaml_parse(&read_back, text, size, "configuration of the run"));
  MPP_TRY(mpp_format(out, "%s", text));
done:
  mpp_yaml_free(read_back);
  free(text);
  return st;
}

/* ---- comparing ---- */

/* Files may lie in another folder than when the run began; their names stay. */
static const char *name_of(const char *path)
{
  const char *slash = mpp_solver_named(path) ? NULL : strrchr(path, '/');
  return slash != NULL ? slash + 1 : path;
}

static mpp_status agrees(const void *stored, const void *given, const mpp_option *entry,
                         const char *prefix, const char *path)
{
  char a[MPP_VALUE_MAX], b[MPP_VALUE_MAX];
  format_setting(a, stored, entry);
  format_setting(b, given, entry);
  if (strcmp(is_path(entry) ? name_of(a) : a, is_path(entry) ? name_of(b) : b) == 0) {
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
    for (const mpp_option *entry = mpp_data_entry_table; entry->name != NULL; entry++) {
      MPP_TRY(agrees(&stored->data[i], &given->data[i], entry, prefix, path));
    }
  }
done:
  return st;
}
