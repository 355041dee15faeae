/* status.c - the texts of statuses and the calling thread's last message. */
#include "mpp/status.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "memory.h"
#include "number.h"

/* Room for a path of a few hundred bytes and what is said about it; longer messages are cut. */
enum { MESSAGE_MAX = 2048 };

static _Thread_local char message[MESSAGE_MAX];

static const struct {
  int exit_code;
  const char *name, *text;
} statuses[] = {
#define STATUS_ROW(name, code, text) {code, #name, text},
    MPP_STATUS_LIST(STATUS_ROW)
#undef STATUS_ROW
};

static size_t index_of(mpp_status st)
{
  const size_t i = (size_t)st;
  return i < (size_t)MPP_STATUS_COUNT ? i : (size_t)MPP_ERR_INTERNAL;
}

int mpp_status_exit_code(mpp_status st) { return statuses[index_of(st)].exit_code; }

const char *mpp_status_name(mpp_status st) { return statuses[index_of(st)].name; }

const char *mpp_status_text(mpp_status st) { return statuses[index_of(st)].text; }

const char *mpp_last_error(void) { return message; }

/* One line: names that come from files may hold line breaks and terminal escapes. */
static void record(const char *text)
{
  size_t n = 0;
  for (; text[n] != '\0' && n < MESSAGE_MAX - 1; n++) {
    message[n] = iscntrl((unsigned char)text[n]) ? '?' : text[n];
  }
  message[n] = '\0';
}

mpp_status mpp_or_memory(mpp_status otherwise)
{
  return errno == ENOMEM ? MPP_ERR_NOMEM : otherwise;
}

/* Libraries that have no memory say many things, of damaged files and missing names, or nothing. */
static bool is_for_memory(mpp_status st)
{
  return st != MPP_OK && st != MPP_ERR_NOMEM && st != MPP_STOPPED && mpp_memory_is_short();
}

/* Both format into a buffer of their own first: an argument may be mpp_last_error(). */
mpp_status mpp_fail(mpp_status st, const char *format, ...)
{
  static const char why[] = "out of memory: ";
  char text[MESSAGE_MAX + sizeof why];
  const bool for_memory = is_for_memory(st);
  const size_t begin = for_memory ? sizeof why - 1 : 0;
  va_list args;
  memcpy(text, why, sizeof why);
  va_start(args, format);
  mpp_number_print(text + begin, MESSAGE_MAX, format, args);
  va_end(args);
  record(text);
  return for_memory ? MPP_ERR_NOMEM : st;
}

mpp_status mpp_fail_prefix(mpp_status st, const char *format, ...)
{
  char text[2 * MESSAGE_MAX];
  va_list args;
  va_start(args, format);
  const int n = mpp_number_print(text, MESSAGE_MAX, format, args);
  va_end(args);
  const size_t length = n < 0 ? 0 : (size_t)n < MESSAGE_MAX ? (size_t)n : MESSAGE_MAX - 1;
  snprintf(text + length, sizeof text - length, ": %s", message);
  record(text);
  return st;
}
