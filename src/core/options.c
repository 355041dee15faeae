/* options.c - settings from text by a table: one place where values are parsed and checked. */
#include "mpp/options.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "alloc.h"
#include "check.h"
#include "number.h"

static bool same_name(const char *a, const char *b)
{
  for (; *a != '\0' && *b != '\0'; a++, b++) {
    if (*a != *b && !((*a == '_' || *a == '-') && (*b == '_' || *b == '-'))) {
      return false;
    }
  }
  return *a == *b;
}

const mpp_option *mpp_options_find(const mpp_option *table, const char *key)
{
  for (; table->name != NULL; table++) {
    if (same_name(table->name, key)) {
      return table;
    }
  }
  return NULL;
}

static void *member(void *settings, const mpp_option *entry)
{
  return (char *)settings + entry->offset;
}

static const void *const_member(const void *settings, const mpp_option *entry)
{
  return (const char *)settings + entry->offset;
}

/* ---- values; messages have no origin yet ---- */

static mpp_status check_range(const mpp_option *entry, double value)
{
  char low[MPP_NUMBER_MAX], high[MPP_NUMBER_MAX], found[MPP_NUMBER_MAX];
  if (entry->min == entry->max || (value >= entry->min && value <= entry->max)) {
    return MPP_OK;
  }
  mpp_number_format(low, entry->min);
  mpp_number_format(high, entry->max);
  mpp_number_format(found, value);
  if (entry->max >= 1e15) { /* stands for: no upper limit */
    return mpp_fail(MPP_ERR_CONFIG, "%s is out of range, expected at least %s", found, low);
  }
  return mpp_fail(MPP_ERR_CONFIG, "%s is out of range, expected %s to %s", found, low, high);
}

static mpp_status parse_long(long *out, const mpp_option *entry, const char *text)
{
  mpp_status st = MPP_OK;
  long value = 0;
  MPP_REQUIRE(mpp_number_parse_long(&value, text), MPP_ERR_CONFIG, "'%s' is no integer", text);
  MPP_TRY(check_range(entry, (double)value));
  *out = value;
done:
  return st;
}

static mpp_status parse_real(double *out, const mpp_option *entry, const char *text)
{
  mpp_status st = MPP_OK;
  double value = 0.0;
  MPP_REQUIRE(mpp_number_parse(&value, text), MPP_ERR_CONFIG, "'%s' is no finite number", text);
  MPP_TRY(check_range(entry, value));
  *out = value;
done:
  return st;
}

static mpp_status parse_flag(bool *out, const char *text)
{
  static const char *const words[] = {"false", "no", "off", "0", "true", "yes", "on", "1"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    if (strcasecmp(text, words[i]) == 0) { /* YAML has "True", too */
      *out = i >= 4;
      return MPP_OK;
    }
  }
  return mpp_fail(MPP_ERR_CONFIG, "'%s' is neither true nor false", text);
}

/* "90", "90s", "20m", "2h", "1d" or "1:30:00" in seconds. */
static mpp_status parse_duration(double *out, const mpp_option *entry, const char *text)
{
  static const char units[] = "smhd";
  static const double seconds[] = {1.0, 60.0, 3600.0, 86400.0};
  mpp_status st = MPP_OK;
  char number[64], rest = '\0';
  unsigned hours = 0, minutes = 0, left = 0;
  double value = 0.0;
  const size_t length = strlen(text);
  if (strchr(text, ':') != NULL) {
    MPP_REQUIRE(strspn(text, "0123456789:") == length &&
                    sscanf(text, "%6u:%2u:%2u%c", &hours, &minutes, &left, &rest) == 3 &&
                    minutes < 60 && left < 60,
                MPP_ERR_CONFIG, "'%s' is no duration, expected hours:minutes:seconds", text);
    value = 3600.0 * hours + 60.0 * minutes + left;
  } else {
    const char *unit = length > 0 ? strchr(units, text[length - 1]) : NULL;
    const size_t digits = unit != NULL && length > 0 ? length - 1 : length;
    bool good = digits > 0 && digits < sizeof number;
    if (good) {
      memcpy(number, text, digits);
      number[digits] = '\0';
      good = mpp_number_parse(&value, number) && value >= 0.0;
    }
    MPP_REQUIRE(good, MPP_ERR_CONFIG, "'%s' is no duration, expected 90, 90s, 20m, 2h or 1:30:00",
                text);
    value *= unit != NULL ? seconds[unit - units] : 1.0;
  }
  MPP_TRY(check_range(entry, value));
  *out = value;
done:
  return st;
}

/* "64000k", "500M", "8G", "8GiB" or bytes; powers of 1024. */
static mpp_status parse_bytes(double *out, const mpp_option *entry, const char *text)
{
  static const char units[] = "kmgt";
  mpp_status st = MPP_OK;
  char number[64];
  double value = 0.0;
  const size_t digits = strspn(text, "0123456789.");
  const char *unit = text + digits;
  const char *power = *unit != '\0' ? strchr(units, *unit | 0x20) : NULL;
  unit += power != NULL ? 1 : 0;
  const bool known =
      *unit == '\0' || strcasecmp(unit, "B") == 0 || (power != NULL && strcasecmp(unit, "iB") == 0);
  bool good = known && digits > 0 && digits < sizeof number;
  if (good) {
    memcpy(number, text, digits);
    number[digits] = '\0';
    good = mpp_number_parse(&value, number);
  }
  MPP_REQUIRE(good, MPP_ERR_CONFIG, "'%s' is no amount of memory, expected as 8G or 500M", text);
  value = floor(ldexp(value, power != NULL ? 10 * (int)(power - units + 1) : 0));
  MPP_TRY(check_range(entry, value));
  *out = value;
done:
  return st;
}

static mpp_status copy_text(char out[MPP_TEXT_MAX], const char *text, size_t length)
{
  if (length >= MPP_TEXT_MAX) {
    return mpp_fail(MPP_ERR_CONFIG, "text of %zu bytes, expected at most %d", length,
                    MPP_TEXT_MAX - 1);
  }
  memcpy(out, text, length);
  out[length] = '\0';
  return MPP_OK;
}

/* Number of choices in "a|b|c"; their texts cut into `words` of MPP_LIST_MAX. */
static size_t split_choices(char words[MPP_LIST_MAX][64], const char *choices)
{
  size_t n = 0;
  while (n < MPP_LIST_MAX) {
    const size_t length = strcspn(choices, "|");
    assert(length < 64);
    memcpy(words[n], choices, length);
    words[n++][length] = '\0';
    if (choices[length] == '\0') {
      break;
    }
    choices += length + 1;
  }
  return n;
}

static mpp_status parse_choice(int *out, const mpp_option *entry, const char *text)
{
  char words[MPP_LIST_MAX][64], all[MPP_LIST_MAX * 66] = "";
  const char *candidates[MPP_LIST_MAX];
  const size_t n = split_choices(words, entry->choices);
  size_t length = 0;
  for (size_t i = 0; i < n; i++) {
    if (strcmp(words[i], text) == 0) {
      *out = (int)i;
      return MPP_OK;
    }
    candidates[i] = words[i];
    length +=
        (size_t)snprintf(all + length, sizeof all - length, "%s%s", i > 0 ? ", " : "", words[i]);
  }
  const char *near = mpp_closest(text, candidates, n);
  return near != NULL
             ? mpp_fail(MPP_ERR_CONFIG, "'%s' is none of %s (did you mean '%s'?)", text, all, near)
             : mpp_fail(MPP_ERR_CONFIG, "'%s' is none of %s", text, all);
}

/* Items of "a,b,c": each in turn, at most MPP_LIST_MAX. "" has none. */
static mpp_status parse_list(void *list, const mpp_option *entry, const char *text)
{
  mpp_status st = MPP_OK;
  mpp_int_list ints = {0};
  mpp_text_list *texts = list;
  char item[MPP_TEXT_MAX];
  size_t count = entry->kind == MPP_OPT_TEXTS ? texts->count : 0;
  for (bool more = text[0] != '\0'; more;) {
    const size_t length = strcspn(text, ",");
    MPP_REQUIRE(length > 0, MPP_ERR_CONFIG, "an item of the list is empty");
    MPP_REQUIRE(count < MPP_LIST_MAX, MPP_ERR_CONFIG, "more than %d items", MPP_LIST_MAX);
    MPP_TRY(copy_text(item, text, length));
    if (entry->kind == MPP_OPT_INTS) {
      MPP_TRY(parse_long(&ints.item[count], entry, item));
    } else {
      memcpy(texts->item[count], item, length + 1); /* not visible before count is set */
    }
    count++;
    more = text[length] == ',';
    text += length + 1;
  }
  if (entry->kind == MPP_OPT_INTS) {
    ints.count = count;
    *(mpp_int_list *)list = ints;
  } else {
    texts->count = count;
  }
done:
  return st;
}

static mpp_status set_member(void *settings, const mpp_option *entry, const char *value)
{
  void *m = member(settings, entry);
  switch (entry->kind) {
  case MPP_OPT_FLAG:
    return parse_flag(m, value);
  case MPP_OPT_LONG:
    return parse_long(m, entry, value);
  case MPP_OPT_REAL:
    return parse_real(m, entry, value);
  case MPP_OPT_TEXT:
    return copy_text(m, value, strlen(value));
  case MPP_OPT_CHOICE:
    return parse_choice(m, entry, value);
  case MPP_OPT_INTS:
  case MPP_OPT_TEXTS:
    return parse_list(m, entry, value);
  case MPP_OPT_DURATION:
    return parse_duration(m, entry, value);
  case MPP_OPT_BYTES:
    return parse_bytes(m, entry, value);
  }
  return mpp_fail(MPP_ERR_INTERNAL, "option '%s' is of no known kind", entry->name);
}

static void clear_member(void *settings, const mpp_option *entry)
{
  static const size_t sizes[] = {
      [MPP_OPT_FLAG] = sizeof(bool),           [MPP_OPT_LONG] = sizeof(long),
      [MPP_OPT_REAL] = sizeof(double),         [MPP_OPT_TEXT] = MPP_TEXT_MAX,
      [MPP_OPT_CHOICE] = sizeof(int),          [MPP_OPT_INTS] = sizeof(mpp_int_list),
      [MPP_OPT_TEXTS] = sizeof(mpp_text_list), [MPP_OPT_DURATION] = sizeof(double),
      [MPP_OPT_BYTES] = sizeof(double),
  };
  memset(member(settings, entry), 0, sizes[entry->kind]);
}

mpp_status mpp_options_defaults(void *settings, const mpp_option *table)
{
  for (; table->name != NULL; table++) {
    clear_member(settings, table);
    if (table->fallback != NULL && set_member(settings, table, table->fallback) != MPP_OK) {
      return mpp_fail_prefix(MPP_ERR_INTERNAL, "default of option '%s'", table->name);
    }
  }
  return MPP_OK;
}

/* ---- keys ---- */

/* Names are shown as they would be written: with dashes on a command line, else with
 * underscores. */
static mpp_status fail_unknown(const mpp_option *table, const char *key, const char *origin)
{
  enum { NAMES = 128 };
  char names[NAMES][64];
  const char *candidates[NAMES];
  const bool line = origin[0] == '-'; /* of a command */
  const char *dashes = line ? "--" : "", *what = line ? "option" : "key";
  size_t n = 0;
  for (; table->name != NULL && n < NAMES; table++, n++) {
    snprintf(names[n], sizeof names[n], "%s", table->name);
    for (char *c = names[n]; *c != '\0'; c++) {
      *c = *c == '-' || *c == '_' ? (line ? '-' : '_') : *c;
    }
    candidates[n] = names[n];
  }
  const char *near = mpp_closest(key, candidates, n);
  mpp_status st = near != NULL
                      ? mpp_fail(MPP_ERR_CONFIG, "unknown %s '%s%s' (did you mean '%s%s'?)", what,
                                 dashes, key, dashes, near)
                      : mpp_fail(MPP_ERR_CONFIG, "unknown %s '%s%s'", what, dashes, key);
  return line || origin[0] == '\0' ? st : mpp_fail_prefix(st, "%s", origin);
}

mpp_status mpp_options_set(void *settings, const mpp_option *table, const char *key,
                           const char *value, const char *origin)
{
  const mpp_option *entry = mpp_options_find(table, key);
  if (entry == NULL) {
    return fail_unknown(table, key, origin);
  }
  const mpp_status st = set_member(settings, entry, value);
  if (st == MPP_OK) {
    return MPP_OK;
  }
  const bool line = origin[0] == '-' || origin[0] == '\0';
  return line ? mpp_fail_prefix(st, "%s", origin[0] != '\0' ? origin : key)
              : mpp_fail_prefix(st, "%s: %s", origin, key);
}

void mpp_options_choice(char *out, size_t size, const char *choices, int index)
{
  char words[MPP_LIST_MAX][64];
  const size_t n = split_choices(words, choices);
  snprintf(out, size, "%s", index >= 0 && (size_t)index < n ? words[index] : "?");
}

/* Length of a list written with commas; as snprintf. */
static size_t format_list(char *out, size_t size, const void *list, mpp_option_kind kind)
{
  const mpp_int_list *ints = list;
  const mpp_text_list *texts = list;
  const size_t count = kind == MPP_OPT_INTS ? ints->count : texts->count;
  size_t length = 0;
  if (size > 0) {
    out[0] = '\0';
  }
  for (size_t i = 0; i < count; i++) {
    char *at = length < size ? out + length : NULL;
    const size_t room = length < size ? size - length : 0;
    const char *comma = i > 0 ? "," : "";
    length += (size_t)(kind == MPP_OPT_INTS ? snprintf(at, room, "%s%ld", comma, ints->item[i])
                                            : snprintf(at, room, "%s%s", comma, texts->item[i]));
  }
  return length;
}

size_t mpp_options_format(char *out, size_t size, const void *settings, const mpp_option *entry)
{
  const void *m = const_member(settings, entry);
  char text[MPP_LIST_MAX * 66] = "";
  switch (entry->kind) {
  case MPP_OPT_FLAG:
    return (size_t)snprintf(out, size, "%s", *(const bool *)m ? "true" : "false");
  case MPP_OPT_LONG:
    return (size_t)snprintf(out, size, "%ld", *(const long *)m);
  case MPP_OPT_REAL:
  case MPP_OPT_DURATION:
    mpp_number_format(text, *(const double *)m);
    return (size_t)snprintf(out, size, "%s", text);
  case MPP_OPT_BYTES:
    return (size_t)snprintf(out, size, "%.0f", *(const double *)m);
  case MPP_OPT_TEXT:
    return (size_t)snprintf(out, size, "%s", (const char *)m);
  case MPP_OPT_CHOICE:
    mpp_options_choice(text, sizeof text, entry->choices, *(const int *)m);
    return (size_t)snprintf(out, size, "%s", text);
  case MPP_OPT_INTS:
  case MPP_OPT_TEXTS:
    return format_list(out, size, m, entry->kind);
  }
  return 0;
}
