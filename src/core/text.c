/* text.c - UTF-8 (RFC 3629) without its control characters. */
#include "text.h"

#include <stdbool.h>
#include <string.h>

/* Bytes of the character that begins here; 0 where none does. */
static size_t character(const unsigned char *s)
{
  size_t length = 0;
  if (s[0] < 0x80) {
    return 1;
  }
  if (s[0] >= 0xC2 && s[0] <= 0xDF) {
    length = 2;
  } else if (s[0] >= 0xE0 && s[0] <= 0xEF) {
    length = 3;
  } else if (s[0] >= 0xF0 && s[0] <= 0xF4) {
    length = 4;
  }
  for (size_t i = 1; i < length; i++) {
    if ((s[i] & 0xC0) != 0x80) { /* the end of the text, too */
      return 0;
    }
  }
  const bool overlong = (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xF0 && s[1] < 0x90);
  const bool surrogate = s[0] == 0xED && s[1] > 0x9F, beyond = s[0] == 0xF4 && s[1] > 0x8F;
  return overlong || surrogate || beyond ? 0 : length;
}

/* C0, DEL and C1. */
static bool is_control(const unsigned char *s)
{
  return s[0] < 0x20 || s[0] == 0x7F || (s[0] == 0xC2 && s[1] < 0xA0);
}

static void clean(char *text, bool lines)
{
  unsigned char *s = (unsigned char *)text;
  while (*s != '\0') {
    const size_t length = character(s);
    const bool stays = lines && (*s == '\n' || *s == '\t');
    if (length == 0 || (is_control(s) && !stays)) {
      memset(s, '?', length > 0 ? length : 1);
    }
    s += length > 0 ? length : 1;
  }
}

void mpp_clean_text(char *text) { clean(text, true); }

void mpp_copy_text(char *out, size_t size, const char *text)
{
  size_t n = strnlen(text, size);
  if (n == size) { /* too long: back to where a character begins */
    for (n = size - 1; n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80;) { n--; }
  }
  memcpy(out, text, n);
  out[n] = '\0';
  clean(out, false);
}
