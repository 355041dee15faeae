/* options_parse.c - a command line into settings: --key=value, --key value, --flag, --no-flag, -o
 * value, -ovalue; `--` ends the options. A table of our own, since getopt knows neither ranges nor
 * did-you-means, and help, YAML keys and checks come from the same table. */
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "mpp/options.h"

typedef struct line {
  void *settings;
  const mpp_option *table;
  int argc, at;
  char **argv;
  bool *seen; /* entries set before; owned */
} line;

static const mpp_option *find_letter(const mpp_option *table, char letter)
{
  for (; table->name != NULL; table++) {
    if (letter != '\0' && table->letter == letter) {
      return table;
    }
  }
  return NULL;
}

/* A list of texts grows with each use of its option; the first replaces what was set before. */
static mpp_status set(line *l, const mpp_option *entry, const char *value, const char *origin)
{
  bool *seen = &l->seen[entry - l->table];
  if (entry->kind == MPP_OPT_TEXTS && !*seen) {
    ((mpp_text_list *)(void *)((char *)l->settings + entry->offset))->count = 0;
  }
  *seen = true;
  return mpp_options_set(l->settings, l->table, entry->name, value, origin);
}

/* `value` or, where it is NULL, the next word. */
static mpp_status take_value(const char **out, line *l, const char *value, const char *origin)
{
  if (value == NULL) {
    if (l->at + 1 >= l->argc || strncmp(l->argv[l->at + 1], "--", 2) == 0) {
      return mpp_fail(MPP_ERR_USAGE, "%s: needs a value", origin);
    }
    value = l->argv[++l->at];
  }
  *out = value;
  return MPP_OK;
}

static mpp_status read_long(line *l, const char *word)
{
  mpp_status st = MPP_OK;
  char key[64], origin[80];
  const size_t length = strcspn(word, "=");
  const char *value = word[length] == '=' ? word + length + 1 : NULL;
  snprintf(key, sizeof key, "%.*s", (int)(length < sizeof key ? length : sizeof key - 1), word);
  const mpp_option *entry = mpp_options_find(l->table, key);
  if (entry == NULL && strncmp(key, "no-", 3) == 0 && value == NULL) {
    entry = mpp_options_find(l->table, key + 3);
    entry = entry != NULL && entry->kind == MPP_OPT_FLAG ? entry : NULL;
    value = "false";
  }
  if (entry == NULL) {
    return mpp_options_set(l->settings, l->table, key, "", "--"); /* says what is close */
  }
  snprintf(origin, sizeof origin, "--%s", entry->name);
  if (entry->kind == MPP_OPT_FLAG) {
    value = value != NULL ? value : "true";
  } else {
    MPP_TRY(take_value(&value, l, value, origin));
  }
  MPP_TRY(set(l, entry, value, origin));
done:
  return st;
}

static mpp_status read_letter(line *l, const char *word)
{
  mpp_status st = MPP_OK;
  const char origin[] = {'-', word[0], '\0'};
  const char *value = word[1] == '\0' ? NULL : word[1] == '=' ? word + 2 : word + 1;
  const mpp_option *entry = find_letter(l->table, word[0]);
  MPP_REQUIRE(entry != NULL, MPP_ERR_USAGE, "unknown option '-%s'", word);
  if (entry->kind == MPP_OPT_FLAG) {
    MPP_REQUIRE(value == NULL, MPP_ERR_USAGE, "unknown option '-%s'", word);
    value = "true";
  } else {
    MPP_TRY(take_value(&value, l, value, origin));
  }
  MPP_TRY(set(l, entry, value, origin));
done:
  return st;
}

mpp_status mpp_options_parse(void *settings, const mpp_option *table, int argc, char **argv,
                             const char **words, size_t max_words, size_t *nwords)
{
  mpp_status st = MPP_OK;
  line l = {settings, table, argc, 1, argv, NULL};
  size_t entries = 0, count = 0;
  bool options = true;
  while (table[entries].name != NULL) { entries++; }
  MPP_TRY(MPP_ALLOC(&l.seen, entries));
  for (; l.at < argc; l.at++) {
    const char *word = argv[l.at];
    if (options && strcmp(word, "--") == 0) {
      options = false;
    } else if (options && strncmp(word, "--", 2) == 0) {
      MPP_TRY(read_long(&l, word + 2));
    } else if (options && word[0] == '-' && word[1] != '\0') {
      MPP_TRY(read_letter(&l, word + 1));
    } else {
      MPP_REQUIRE(count < max_words, MPP_ERR_USAGE, "unexpected argument '%s'", word);
      words[count++] = word;
    }
  }
  *nwords = count;
done:
  mpp_free(l.seen);
  return st == MPP_ERR_CONFIG ? MPP_ERR_USAGE : st;
}
