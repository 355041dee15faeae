/* json.c - JSON text (RFC 8259), compact, on one line. */
#include "json.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "number.h"

void mpp_json_begin(mpp_json *j) { *j = (mpp_json){0}; }

void mpp_json_free(mpp_json *j)
{
  mpp_free(j->text);
  *j = (mpp_json){0};
}

static void put(mpp_json *j, const char *text, size_t length)
{
  if (!j->failed && j->capacity - j->length <= length) {
    const size_t capacity =
        2 * j->capacity > j->length + length ? 2 * j->capacity : j->length + length + 256;
    char *grown = NULL;
    if (MPP_ALLOC(&grown, capacity) != MPP_OK) {
      j->failed = true;
    } else {
      if (j->length > 0) {
        memcpy(grown, j->text, j->length);
      }
      mpp_free(j->text);
      j->text = grown;
      j->capacity = capacity;
    }
  }
  if (!j->failed) {
    memcpy(j->text + j->length, text, length);
    j->length += length;
    j->text[j->length] = '\0';
  }
}

static void put_string(mpp_json *j, const char *text) { put(j, text, strlen(text)); }

/* Length of the UTF-8 sequence at s, 0 if there is none (RFC 3629: no overlong forms, no
 * surrogates, nothing above U+10FFFF). The text ends with NUL, which is no continuation byte. */
static size_t sequence(const unsigned char *s)
{
  static const struct {
    unsigned char first, last, low, high; /* of the lead byte, and of the byte after it */
    size_t length;
  } forms[] = {
      {0x00, 0x7f, 0x00, 0xff, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
      {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
      {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4}};
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
    if (s[0] >= forms[i].first && s[0] <= forms[i].last) {
      size_t n = 1;
      while (n < forms[i].length && s[n] >= (n == 1 ? forms[i].low : 0x80) &&
             s[n] <= (n == 1 ? forms[i].high : 0xbf)) {
        n++;
      }
      return n == forms[i].length ? n : 0;
    }
  }
  return 0;
}

static void put_quoted(mpp_json *j, const char *text)
{
  static const char escaped[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
  put(j, "\"", 1);
  for (const char *s = text; *s != '\0';) {
    const size_t length = sequence((const unsigned char *)s);
    const char *special = strchr(escaped, *s);
    char code[8];
    if (special != NULL) {
      snprintf(code, sizeof code, "\\%c", letters[special - escaped]);
      put_string(j, code);
    } else if ((unsigned char)*s < 0x20) {
      snprintf(code, sizeof code, "\\u%04x", (unsigned)*s);
      put_string(j, code);
    } else if (length == 0) {
      put_string(j, "\\ufffd"); /* a path may be in any encoding; JSON text may not */
    } else {
      put(j, s, length);
    }
    s += length > 0 ? length : 1;
  }
  put(j, "\"", 1);
}

static void begin_value(mpp_json *j, const char *key)
{
  if (j->comma) {
    put(j, ",", 1);
  }
  if (key != NULL) {
    put_quoted(j, key);
    put(j, ":", 1);
  }
  j->comma = true;
}

void mpp_json_open(mpp_json *j, const char *key, char bracket)
{
  assert(bracket == '{' || bracket == '[');
  begin_value(j, key);
  put(j, &bracket, 1);
  j->comma = false;
}

void mpp_json_close(mpp_json *j, char bracket)
{
  assert(bracket == '}' || bracket == ']');
  put(j, &bracket, 1);
  j->comma = true;
}

void mpp_json_text(mpp_json *j, const char *key, const char *text)
{
  begin_value(j, key);
  put_quoted(j, text);
}

void mpp_json_real(mpp_json *j, const char *key, double value)
{
  char text[MPP_NUMBER_MAX];
  begin_value(j, key);
  if (isfinite(value)) {
    mpp_number_format(text, value);
    put_string(j, text);
  } else {
    put_string(j, "null");
  }
}

void mpp_json_int(mpp_json *j, const char *key, int64_t value)
{
  char text[24];
  begin_value(j, key);
  snprintf(text, sizeof text, "%" PRId64, value);
  put_string(j, text);
}

void mpp_json_bool(mpp_json *j, const char *key, bool value)
{
  begin_value(j, key);
  put_string(j, value ? "true" : "false");
}
