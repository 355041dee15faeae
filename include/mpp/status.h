/* status.h - how every fallible function of mpp reports.
 * A function returns a mpp_status; on failure its outputs are untouched (or NULL) and
 * mpp_last_error() holds one line that names the object, what was found and what was expected. */
#ifndef MPP_STATUS_H
#define MPP_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define MPP_API                        __attribute__((visibility("default")))
#define MPP_MUST_CHECK                 __attribute__((warn_unused_result))
#define MPP_PRINTF(format_at, args_at) __attribute__((format(printf, format_at, args_at)))
#else
#define MPP_API
#define MPP_MUST_CHECK
#define MPP_PRINTF(format_at, args_at)
#endif

/* The one list: name, exit code of the command line, text. The README's table repeats it. */
#define MPP_STATUS_LIST(X)                                                                 \
  X(MPP_OK, 0, "success")                                                                  \
  X(MPP_ERR_DIVERGED, 3, "a non-finite value appeared in a state, a loss or a gradient")   \
  X(MPP_ERR_USAGE, 64, "wrong command line or argument")                                   \
  X(MPP_ERR_DATA, 65, "the content of a data file or checkpoint is not what it should be") \
  X(MPP_ERR_NOINPUT, 66, "an input is missing or cannot be read")                          \
  X(MPP_ERR_INTERNAL, 70, "an internal invariant does not hold")                           \
  X(MPP_ERR_NOMEM, 71, "out of memory or another resource of the operating system")        \
  X(MPP_ERR_EXISTS, 73, "an output exists, is locked or cannot be created")                \
  X(MPP_ERR_IO, 74, "input or output failed (disk full, quota, hardware)")                 \
  X(MPP_STOPPED, 75, "stopped early with a valid checkpoint: run again with --resume")     \
  X(MPP_ERR_CONFIG, 78, "a configuration file or value is wrong")

#define MPP_STATUS_ENUM_(name, code, text) name,
typedef enum { MPP_STATUS_LIST(MPP_STATUS_ENUM_) MPP_STATUS_COUNT } mpp_status;
#undef MPP_STATUS_ENUM_

/* Exit code of the command line for `st` (the table above). */
MPP_API int mpp_status_exit_code(mpp_status st);

/* Name ("MPP_ERR_DATA") and text of `st`; never NULL. */
MPP_API const char *mpp_status_name(mpp_status st);
MPP_API const char *mpp_status_text(mpp_status st);

/* One line about the calling thread's last failure, "" if there was none.
 * Borrowed until the thread's next failing call. */
MPP_API const char *mpp_last_error(void);

#ifdef __cplusplus
}
#endif
#endif
