/* options.h - one table describes the settings of a struct: the command line, the YAML keys, the
 * help texts and the range checks all come from it. */
#ifndef MPP_OPTIONS_H
#define MPP_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "mpp/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { MPP_TEXT_MAX = 1024, MPP_LIST_MAX = 16 };

/* Comma-separated or repeated integers and texts. */
typedef struct mpp_int_list {
  size_t count;
  long item[MPP_LIST_MAX];
} mpp_int_list;
typedef struct mpp_text_list {
  size_t count;
  char item[MPP_LIST_MAX][MPP_TEXT_MAX];
} mpp_text_list;

/* C type of the member that an option sets. */
typedef enum {
  MPP_OPT_FLAG,     /* bool; on the command line --name and --no-name */
  MPP_OPT_LONG,     /* long */
  MPP_OPT_REAL,     /* double */
  MPP_OPT_TEXT,     /* char[MPP_TEXT_MAX] */
  MPP_OPT_CHOICE,   /* int: index into `choices` */
  MPP_OPT_INTS,     /* mpp_int_list; setting it replaces the list */
  MPP_OPT_TEXTS,    /* mpp_text_list; repeating the option appends, a comma separates */
  MPP_OPT_DURATION, /* double [s]: plain seconds, or 90s, 20m, 2h, 1:30:00 */
  MPP_OPT_BYTES     /* double: bytes, or 500M, 8G, 8GiB; powers of 1024 */
} mpp_option_kind;

typedef struct mpp_option {
  const char *name; /* "learning-rate"; '_' and '-' are the same in names */
  char letter;      /* 'o' for -o, 0 for none */
  mpp_option_kind kind;
  size_t offset;        /* of the member in the settings struct */
  const char *fallback; /* default, as a user would write it; NULL: "", 0, false, empty list */
  double min, max;      /* range of numbers (of each item); min == max: unchecked */
  const char *choices;  /* "frame|delta|extrapolate", for MPP_OPT_CHOICE */
  const char *arg;      /* placeholder in the help text: "FILE" */
  const char *help;     /* one line; units in brackets */
} mpp_option;

/* Tables end with an entry whose name is NULL. */

/* Sets every member that `table` names to its fallback. MPP_ERR_INTERNAL if the table is wrong. */
MPP_API MPP_MUST_CHECK mpp_status mpp_options_defaults(void *settings, const mpp_option *table);

/* Sets one member from text. `origin` begins the message ("config.yaml:4:3", "--learning-rate").
 * MPP_ERR_CONFIG with a did-you-mean for an unknown key, a bad number, a value out of range. */
MPP_API MPP_MUST_CHECK mpp_status mpp_options_set(void *settings, const mpp_option *table,
                                                  const char *key, const char *value,
                                                  const char *origin);

/* Reads argv[1..argc-1]: --key=value, --key value, -o value, --flag, --no-flag, `--` ends options.
 * Words that are no options go to `words` (borrowed from argv); more than `max_words` are an error.
 * MPP_ERR_USAGE on a bad line. */
MPP_API MPP_MUST_CHECK mpp_status mpp_options_parse(void *settings, const mpp_option *table,
                                                    int argc, char **argv, const char **words,
                                                    size_t max_words, size_t *nwords);

/* The entry named `key` ('_' as '-'), or NULL. */
MPP_API const mpp_option *mpp_options_find(const mpp_option *table, const char *key);

/* Writes one member as text that mpp_options_set reads back to the same value.
 * Returns the length it needs, as snprintf does. */
MPP_API size_t mpp_options_format(char *out, size_t size, const void *settings,
                                  const mpp_option *entry);

/* Of `choices` "a|b|c" the one at `index`, copied into out (always terminated). */
MPP_API void mpp_options_choice(char *out, size_t size, const char *choices, int index);

/* The closest candidate to `word` within two edits, or NULL. */
MPP_API const char *mpp_closest(const char *word, const char *const *candidates, size_t count);

#ifdef __cplusplus
}
#endif
#endif
