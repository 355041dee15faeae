/* fuzz_options.c - command lines, one argument a line, for a table with an entry of each kind and
 * those that describe data. */
#include <stdbool.h>
#include <string.h>

#include "alloc.h"
#include "data_request.h"
#include "fuzz.h"
#include "mpp/dataset.h"
#include "mpp/options.h"

enum { ARGUMENTS = 32, LENGTH = 1 << 12 };

typedef struct settings {
  bool resume;
  long steps;
  double rate, walltime, memory;
  int mode;
  char output[MPP_TEXT_MAX];
  mpp_int_list patch;
  mpp_text_list data;
  mpp_data_flags flags;
} settings;

static const mpp_option table[] = {
    {"resume", 0, MPP_OPT_FLAG, offsetof(settings, resume), "false", 0, 0, NULL, NULL, "flag"},
    {"steps", 'n', MPP_OPT_LONG, offsetof(settings, steps), "10", 0, 1e9, NULL, "N", "number"},
    {"rate", 0, MPP_OPT_REAL, offsetof(settings, rate), "1e-3", -1e30, 1e30, NULL, "X", "number"},
    {"walltime", 0, MPP_OPT_DURATION, offsetof(settings, walltime), "0", 0, 1e9, NULL, "T", "time"},
    {"memory", 0, MPP_OPT_BYTES, offsetof(settings, memory), "0", 0, 1e18, NULL, "B", "bytes"},
    {"mode", 0, MPP_OPT_CHOICE, offsetof(settings, mode), "frame", 0, 0, "frame|delta|extrapolate",
     "HOW", "choice"},
    {"output", 'o', MPP_OPT_TEXT, offsetof(settings, output), "run", 0, 0, NULL, "FILE", "text"},
    {"patch", 0, MPP_OPT_INTS, offsetof(settings, patch), "4,4", 1, 64, NULL, "N,...", "numbers"},
    {"data", 0, MPP_OPT_TEXTS, offsetof(settings, data), NULL, 0, 0, NULL, "FILE,...", "texts"},
    MPP_DATA_FLAG_ROWS(settings, flags),
    {.name = NULL}};

/* What was set, written as text, is read back to the same text. */
static void write_and_read(settings *s)
{
  static char text[1 << 15], again[1 << 15];
  for (const mpp_option *o = table; o->name != NULL; o++) {
    if (mpp_options_format(text, sizeof text, s, o) >= sizeof text) {
      __builtin_trap();
    }
    if (o->kind == MPP_OPT_TEXTS || o->kind == MPP_OPT_TEXT) {
      continue; /* repeated ones append; empty ones are not set */
    }
    if (text[0] == '\0') {
      continue;
    }
    if (mpp_options_set(s, table, o->name, text, "again") != MPP_OK) {
      if (fuzz_faulty) {
        return;
      }
      __builtin_trap();
    }
    if (mpp_options_format(again, sizeof again, s, o) >= sizeof again || strcmp(text, again) != 0) {
      __builtin_trap();
    }
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static settings s;
  char text[LENGTH], program[] = "mpp", *argv[ARGUMENTS + 1] = {program};
  const char *words[4];
  size_t nwords = 0;
  int argc = 1;
  if (size >= LENGTH) {
    return 0;
  }
  const long live = mpp_alloc_live();
  if (size > 0) {
    memcpy(text, data, size);
  }
  text[size] = '\0';
  for (char *at = text; at != NULL && argc < ARGUMENTS; argc++) {
    argv[argc] = at;
    at = strchr(at, '\n');
    if (at != NULL) {
      *at++ = '\0';
    }
  }
  memset(&s, 0, sizeof s);
  mpp_status st = mpp_options_defaults(&s, table);
  if (st == MPP_OK) {
    st = mpp_options_parse(&s, table, argc, argv, words, 4, &nwords);
  }
  fuzz_check(st, live);
  if (st == MPP_OK) {
    write_and_read(&s);
    mpp_data_request request = {.origin = "the command line", .code = MPP_ERR_USAGE};
    fuzz_check(mpp_data_request_flags(&request, &s.flags), live);
  }
  return 0;
}
