/* check.h - raising and passing on failures: one text, one exit.
 * Both macros need a local `mpp_status st` and a label `done:` that frees what is owned.
 * Raise only in serial code: the text is thread-local. */
#ifndef MPP_CHECK_H
#define MPP_CHECK_H

#include "mpp/status.h"

#define MPP_TRY(call)              \
  do {                             \
    if ((st = (call)) != MPP_OK) { \
      goto done;                   \
    }                              \
  } while (0)

#define MPP_REQUIRE(cond, code, ...)      \
  do {                                    \
    if (!(cond)) {                        \
      st = mpp_fail((code), __VA_ARGS__); \
      goto done;                          \
    }                                     \
  } while (0)

/* Records the message of the calling thread and returns `st`, or MPP_ERR_NOMEM where what failed
 * did so for want of memory (mpp_memory_is_short). */
mpp_status mpp_fail(mpp_status st, const char *format, ...) MPP_PRINTF(2, 3);

/* `otherwise`, or MPP_ERR_NOMEM if an allocation has failed since `errno = 0`: of libraries that do
 * not tell why. */
mpp_status mpp_or_memory(mpp_status otherwise);

/* Puts "prefix: " before the recorded message; returns `st`. For callers that know more. */
mpp_status mpp_fail_prefix(mpp_status st, const char *format, ...) MPP_PRINTF(2, 3);

#endif
