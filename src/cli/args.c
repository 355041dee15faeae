/* args.c - sorts a command line by the tables that know its options, so that the settings of the
 * library, of the command and of the whole program can stand in any order. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

/* The table entry that `arg` names, if any; *needs_value: the next word is its value. */
static const mpp_option *match(const mpp_option *table, const char *arg, bool *needs_value)
{
  const mpp_option *entry = NULL;
  bool attached = false;
  if (table == NULL) {
    return NULL;
  }
  if (arg[1] == '-') {
    mpp_name name;
    const char *equals = strchr(arg, '=');
    const size_t length = equals != NULL ? (size_t)(equals - arg) - 2 : strlen(arg + 2);
    if (length == 0 || length >= sizeof name) {
      return NULL;
    }
    memcpy(name, arg + 2, length);
    name[length] = '\0';
    entry = mpp_options_find(table, name);
    if (entry == NULL && strncmp(name, "no-", 3) == 0) {
      entry = mpp_options_find(table, name + 3);
      entry = entry != NULL && entry->kind == MPP_OPT_FLAG ? entry : NULL;
    }
    attached = equals != NULL;
  } else {
    for (const mpp_option *e = table; e->name != NULL && entry == NULL; e++) {
      entry = e->letter != 0 && e->letter == arg[1] ? e : NULL;
    }
    attached = arg[2] != '\0';
  }
  *needs_value = entry != NULL && entry->kind != MPP_OPT_FLAG && !attached;
  return entry;
}

static size_t collect_names(const char **names, size_t count, size_t limit, const mpp_option *table)
{
  for (const mpp_option *e = table; e != NULL && e->name != NULL && count < limit; e++) {
    names[count++] = e->name;
  }
  return count;
}

static mpp_status unknown_option(const cli_command *command, const mpp_option *global,
                                 const char *arg)
{
  const char *names[256];
  mpp_name word;
  const char *start = arg + strspn(arg, "-");
  size_t count = collect_names(names, 0, 256, command->table);
  count = collect_names(names, count, 256, command->extra);
  count = collect_names(names, count, 256, global);
  snprintf(word, sizeof word, "%.*s", (int)strcspn(start, "="), start);
  const char *close = mpp_closest(word, names, count);
  if (close != NULL) {
    return cli_fail(MPP_ERR_USAGE, "%s: unknown option '%s' (did you mean '--%s'?)", command->name,
                    arg, close);
  }
  return cli_fail(MPP_ERR_USAGE, "%s: unknown option '%s'; 'mpp help %s' lists them", command->name,
                  arg, command->name);
}

static mpp_status add_word(cli_args *args, const char *word)
{
  if (args->nwords >= args->command->max_words) {
    return cli_fail(MPP_ERR_USAGE, "%s: unexpected '%s'; usage: mpp %s %s", args->command->name,
                    word, args->command->name, args->command->usage);
  }
  args->word[args->nwords++] = word;
  return MPP_OK;
}

mpp_status cli_args_read(cli_args *args, const cli_command *command, const mpp_option *global,
                         int argc, char **argv)
{
  const mpp_option *const tables[CLI_LISTS] = {command->table, command->extra, global};
  mpp_status st = MPP_OK;
  bool ended = false;
  *args = (cli_args){.command = command};
  for (int k = 0; k < CLI_LISTS; k++) {
    args->argv[k] = calloc((size_t)argc + 1, sizeof *args->argv[k]);
    if (args->argv[k] == NULL) {
      return cli_fail(MPP_ERR_NOMEM, "no memory for the command line");
    }
    args->argv[k][args->argc[k]++] = argv[0];
  }
  for (int i = 1; i < argc && st == MPP_OK; i++) {
    char *arg = argv[i];
    bool needs_value = false;
    int k = 0;
    if (ended || arg[0] != '-' || arg[1] == '\0') {
      st = add_word(args, arg);
    } else if (strcmp(arg, "--") == 0) {
      ended = true;
    } else if (strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0) {
      args->help = true;
    } else {
      while (k < CLI_LISTS && match(tables[k], arg, &needs_value) == NULL) { k++; }
      if (k == CLI_LISTS) {
        return unknown_option(command, global, arg);
      }
      args->argv[k][args->argc[k]++] = arg;
      if (needs_value && i + 1 < argc) { /* a missing value is reported by mpp_options_parse */
        args->argv[k][args->argc[k]++] = argv[++i];
      }
    }
  }
  return st;
}

void cli_args_free(cli_args *args)
{
  for (int k = 0; k < CLI_LISTS; k++) { free(args->argv[k]); }
  *args = (cli_args){0};
}

mpp_status cli_args_apply(const cli_args *args, void *settings, void *extra)
{
  const cli_command *c = args->command;
  mpp_status st = MPP_OK;
  size_t nwords = 0;
  if (c->table != NULL) {
    st = mpp_options_parse(settings, c->table, args->argc[CLI_LIBRARY], args->argv[CLI_LIBRARY],
                           NULL, 0, &nwords);
  }
  if (st == MPP_OK && c->extra != NULL) {
    st = mpp_options_parse(extra, c->extra, args->argc[CLI_COMMAND], args->argv[CLI_COMMAND], NULL,
                           0, &nwords);
  }
  return st;
}

/* Bytes that are no UTF-8, and control characters, as $'\351': records of runs are UTF-8. */
static char *quote_bytes(char *at, const char *word)
{
  at = stpcpy(at, "$'");
  for (const char *c = word; *c != '\0'; c++) {
    const unsigned byte = (unsigned char)*c;
    if (byte < 0x20 || byte >= 0x7f || byte == '\'' || byte == '\\') {
      at += snprintf(at, 5, "\\%03o", byte);
    } else {
      *at++ = *c;
    }
  }
  return stpcpy(at, "'");
}

static bool is_text(const char *word)
{
  bool controls = false;
  for (const char *c = word; *c != '\0'; c++) { controls = controls || (unsigned char)*c < 0x20; }
  json_t *text = json_string(word); /* NULL: no UTF-8 */
  const bool whole = text != NULL;
  json_decref(text);
  return whole && !controls;
}

char *cli_quote(int argc, char **argv)
{
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                              "_-./=:,+@%";
  size_t size = 1;
  for (int i = 0; i < argc; i++) { size += 4 * strlen(argv[i]) + 4; }
  char *text = malloc(size), *at = text;
  for (int i = 0; text != NULL && i < argc; i++) {
    if (i > 0) {
      *at++ = ' ';
    }
    if (argv[i][0] != '\0' && argv[i][strspn(argv[i], plain)] == '\0') {
      at = stpcpy(at, argv[i]);
      continue;
    }
    if (!is_text(argv[i])) {
      at = quote_bytes(at, argv[i]);
      continue;
    }
    *at++ = '\'';
    for (const char *c = argv[i]; *c != '\0'; c++) {
      if (*c == '\'') {
        at = stpcpy(at, "'\\''");
      } else {
        *at++ = *c;
      }
    }
    *at++ = '\'';
  }
  if (text != NULL) {
    *at = '\0';
  }
  return text;
}
