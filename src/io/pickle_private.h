/* pickle_private.h - the machine that reads pickles; for pickle*.c only. */
#ifndef MPP_PICKLE_PRIVATE_H
#define MPP_PICKLE_PRIVATE_H

#include "pickle.h"

enum { MPP_PICKLE_BLOCK = 512 };

typedef struct mpp_pickle_block mpp_pickle_block;
struct mpp_pickle_block {
  mpp_pickle_block *next;
  size_t used;
  mpp_pickle_value value[MPP_PICKLE_BLOCK];
};

struct mpp_pickle {
  mpp_pickle_block *blocks; /* owned, newest first */
  char *text;               /* all texts, each ended by NUL, owned */
  size_t text_used, nvalues;
  const mpp_pickle_value *root;
};

typedef struct mpp_pickle_machine {
  mpp_pickle *p;
  const unsigned char *data;
  size_t size, at;
  const char *path;
  mpp_pickle_value **stack; /* NULL: a mark */
  size_t depth, capacity;
  mpp_pickle_value **memo;
  size_t memo_size;
} mpp_pickle_machine;

/* MPP_ERR_DATA at the current byte. */
mpp_status mpp_pickle_bad(const mpp_pickle_machine *m, const char *what);

MPP_MUST_CHECK mpp_status mpp_pickle_new_value(mpp_pickle_value **out, mpp_pickle_machine *m,
                                               mpp_pickle_kind kind);

/* The stack: take one value off, look at the last, find the first value above the last mark. */
MPP_MUST_CHECK mpp_status mpp_pickle_push(mpp_pickle_machine *m, mpp_pickle_value *v);
MPP_MUST_CHECK mpp_status mpp_pickle_pop(mpp_pickle_value **out, mpp_pickle_machine *m);
MPP_MUST_CHECK mpp_status mpp_pickle_peek(mpp_pickle_value **out, const mpp_pickle_machine *m);
MPP_MUST_CHECK mpp_status mpp_pickle_find_mark(size_t *out, const mpp_pickle_machine *m);

/* The values from `first` on become items of v; the stack keeps `keep`. */
MPP_MUST_CHECK mpp_status mpp_pickle_take_items(mpp_pickle_machine *m, mpp_pickle_value *v,
                                                size_t first, size_t keep);

/* The next bytes: as many as that, a little-endian number, a text without a NUL. */
MPP_MUST_CHECK mpp_status mpp_pickle_need(const mpp_pickle_machine *m, size_t bytes);
MPP_MUST_CHECK mpp_status mpp_pickle_take_number(uint64_t *out, mpp_pickle_machine *m,
                                                 size_t bytes);
MPP_MUST_CHECK mpp_status mpp_pickle_take_text(const char **out, mpp_pickle_machine *m,
                                               size_t length);

/* The memo, by an index of so many bytes. */
MPP_MUST_CHECK mpp_status mpp_pickle_remember(mpp_pickle_machine *m, size_t index_bytes);
MPP_MUST_CHECK mpp_status mpp_pickle_recall(mpp_pickle_machine *m, size_t index_bytes);

#endif
