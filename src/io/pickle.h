/* pickle.h - what a Python pickle says, as passive values: nothing is imported, called or built, so
 * that a hostile one can say anything without doing anything. Protocol 2 as PyTorch writes it;
 * other opcodes are errors. Names of modules are texts. */
#ifndef MPP_PICKLE_H
#define MPP_PICKLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mpp/status.h"

typedef enum {
  MPP_PICKLE_NONE,
  MPP_PICKLE_BOOL,
  MPP_PICKLE_INT,
  MPP_PICKLE_FLOAT,
  MPP_PICKLE_TEXT,
  MPP_PICKLE_TUPLE,
  MPP_PICKLE_LIST,
  MPP_PICKLE_DICT,      /* items: key, value, key, value ... */
  MPP_PICKLE_GLOBAL,    /* text: "module name" */
  MPP_PICKLE_CALL,      /* items: what would be called, its arguments (a tuple) */
  MPP_PICKLE_PERSISTENT /* items: the id that stands for something outside */
} mpp_pickle_kind;

typedef struct mpp_pickle_value mpp_pickle_value;
struct mpp_pickle_value {
  mpp_pickle_kind kind;
  int64_t number; /* of BOOL and INT */
  double real;    /* of FLOAT */
  const char *text;
  size_t count, capacity;
  mpp_pickle_value **item;
};

typedef struct mpp_pickle mpp_pickle; /* owns all values */

/* Reads `size` bytes. Values may be shared and may even contain themselves: walk known paths only.
 * MPP_ERR_DATA names `path`, the byte and what was found. The caller owns *out. */
MPP_MUST_CHECK mpp_status mpp_pickle_read(mpp_pickle **out, const void *data, size_t size,
                                          const char *path);
void mpp_pickle_free(mpp_pickle *p); /* takes NULL */

const mpp_pickle_value *mpp_pickle_root(const mpp_pickle *p);

/* Value of a text key of a dict, or of a call that builds a dict (collections.OrderedDict);
 * NULL. */
const mpp_pickle_value *mpp_pickle_get(const mpp_pickle_value *dict, const char *key);

/* Is it a dict or an OrderedDict? Its items are those of the value itself. */
bool mpp_pickle_is_dict(const mpp_pickle_value *v);

#endif
