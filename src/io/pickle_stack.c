/* pickle_stack.c - values, bytes, stack and memo of the machine that reads pickles. */
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "pickle_private.h"

enum { MAX_VALUES = 1 << 22, MAX_MEMO = 1 << 20, MAX_STACK = 1 << 20 };

mpp_status mpp_pickle_bad(const mpp_pickle_machine *m, const char *what)
{
  return mpp_fail(MPP_ERR_DATA, "%s: pickle, byte %zu: %s", m->path, m->at, what);
}

/* Makes room for `capacity` pointers, of which `used` are kept. */
static mpp_status grow(mpp_pickle_value ***array, size_t used, size_t capacity)
{
  mpp_status st = MPP_OK;
  mpp_pickle_value **grown = NULL;
  MPP_TRY(mpp_alloc((void **)&grown, capacity, sizeof(void *)));
  for (size_t i = 0; i < used; i++) { grown[i] = (*array)[i]; }
  mpp_free(*array);
  *array = grown;
done:
  return st;
}

/* ---- values ---- */

mpp_status mpp_pickle_new_value(mpp_pickle_value **out, mpp_pickle_machine *m, mpp_pickle_kind kind)
{
  mpp_status st = MPP_OK;
  mpp_pickle *p = m->p;
  MPP_REQUIRE(p->nvalues < MAX_VALUES, MPP_ERR_DATA, "%s: pickle of more than %d values", m->path,
              MAX_VALUES);
  if (p->blocks == NULL || p->blocks->used == MPP_PICKLE_BLOCK) {
    mpp_pickle_block *block = NULL;
    MPP_TRY(MPP_ALLOC(&block, 1));
    block->next = p->blocks;
    p->blocks = block;
  }
  *out = &p->blocks->value[p->blocks->used++];
  (*out)->kind = kind;
  p->nvalues++;
done:
  return st;
}

static mpp_status add_item(mpp_pickle_value *v, mpp_pickle_value *item)
{
  mpp_status st = MPP_OK;
  if (v->count == v->capacity) {
    const size_t capacity = v->capacity > 0 ? 2 * v->capacity : 4;
    MPP_TRY(grow(&v->item, v->count, capacity));
    v->capacity = capacity;
  }
  v->item[v->count++] = item;
done:
  return st;
}

/* ---- stack ---- */

mpp_status mpp_pickle_push(mpp_pickle_machine *m, mpp_pickle_value *v)
{
  mpp_status st = MPP_OK;
  if (m->depth == m->capacity) {
    const size_t capacity = m->capacity > 0 ? 2 * m->capacity : 256;
    MPP_REQUIRE(m->depth < MAX_STACK, MPP_ERR_DATA, "%s: pickle: stack of more than %d values",
                m->path, MAX_STACK);
    MPP_TRY(grow(&m->stack, m->depth, capacity));
    m->capacity = capacity;
  }
  m->stack[m->depth++] = v;
done:
  return st;
}

mpp_status mpp_pickle_pop(mpp_pickle_value **out, mpp_pickle_machine *m)
{
  if (m->depth == 0 || m->stack[m->depth - 1] == NULL) {
    return mpp_pickle_bad(m, "takes a value that is not there");
  }
  *out = m->stack[--m->depth];
  return MPP_OK;
}

mpp_status mpp_pickle_peek(mpp_pickle_value **out, const mpp_pickle_machine *m)
{
  if (m->depth == 0 || m->stack[m->depth - 1] == NULL) {
    return mpp_pickle_bad(m, "looks at a value that is not there");
  }
  *out = m->stack[m->depth - 1];
  return MPP_OK;
}

/* Position of the first value above the last mark. */
mpp_status mpp_pickle_find_mark(size_t *out, const mpp_pickle_machine *m)
{
  for (size_t i = m->depth; i > 0; i--) {
    if (m->stack[i - 1] == NULL) {
      *out = i;
      return MPP_OK;
    }
  }
  return mpp_pickle_bad(m, "looks for a mark that is not there");
}

/* The values from `first` on become items of v, which may be the value below the mark. */
mpp_status mpp_pickle_take_items(mpp_pickle_machine *m, mpp_pickle_value *v, size_t first,
                                 size_t keep)
{
  mpp_status st = MPP_OK;
  for (size_t i = first; i < m->depth; i++) { MPP_TRY(add_item(v, m->stack[i])); }
  m->depth = keep;
done:
  return st;
}

/* ---- bytes ---- */

mpp_status mpp_pickle_need(const mpp_pickle_machine *m, size_t bytes)
{
  return bytes <= m->size - m->at ? MPP_OK : mpp_pickle_bad(m, "ends within a value");
}

/* Little-endian, unsigned. */
mpp_status mpp_pickle_take_number(uint64_t *out, mpp_pickle_machine *m, size_t bytes)
{
  mpp_status st = MPP_OK;
  MPP_TRY(mpp_pickle_need(m, bytes));
  *out = 0;
  for (size_t i = bytes; i-- > 0;) { *out = *out << 8 | m->data[m->at + i]; }
  m->at += bytes;
done:
  return st;
}

/* A copy of the next `length` bytes; what has a NUL inside is no text. The buffer has room for all
 * bytes of the pickle and an end for each of its opcodes. */
mpp_status mpp_pickle_take_text(const char **out, mpp_pickle_machine *m, size_t length)
{
  mpp_status st = MPP_OK;
  MPP_TRY(mpp_pickle_need(m, length));
  char *text = m->p->text + m->p->text_used;
  if (memchr(m->data + m->at, '\0', length) != NULL) {
    st = mpp_pickle_bad(m, "text with a zero byte");
    goto done;
  }
  memcpy(text, m->data + m->at, length);
  text[length] = '\0';
  m->p->text_used += length + 1;
  m->at += length;
  *out = text;
done:
  return st;
}

/* ---- memo ---- */

mpp_status mpp_pickle_remember(mpp_pickle_machine *m, size_t index_bytes)
{
  mpp_status st = MPP_OK;
  uint64_t index = 0;
  mpp_pickle_value *v = NULL;
  MPP_TRY(mpp_pickle_take_number(&index, m, index_bytes));
  MPP_TRY(mpp_pickle_peek(&v, m));
  if (index >= MAX_MEMO) {
    st = mpp_pickle_bad(m, "memo is too large");
    goto done;
  }
  if (index >= m->memo_size) {
    const size_t size = 2 * (size_t)index + 64;
    MPP_TRY(grow(&m->memo, m->memo_size, size));
    m->memo_size = size;
  }
  m->memo[index] = v;
done:
  return st;
}

mpp_status mpp_pickle_recall(mpp_pickle_machine *m, size_t index_bytes)
{
  mpp_status st = MPP_OK;
  uint64_t index = 0;
  MPP_TRY(mpp_pickle_take_number(&index, m, index_bytes));
  if (index >= m->memo_size || m->memo[index] == NULL) {
    st = mpp_pickle_bad(m, "recalls what was not remembered");
    goto done;
  }
  MPP_TRY(mpp_pickle_push(m, m->memo[index]));
done:
  return st;
}

void mpp_pickle_free(mpp_pickle *p)
{
  if (p == NULL) {
    return;
  }
  for (mpp_pickle_block *b = p->blocks; b != NULL;) {
    mpp_pickle_block *next = b->next;
    for (size_t i = 0; i < b->used; i++) { mpp_free(b->value[i].item); }
    mpp_free(b);
    b = next;
  }
  mpp_free(p->text);
  mpp_free(p);
}
