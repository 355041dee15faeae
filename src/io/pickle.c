/* pickle.c - the virtual machine of pickle protocol 2 (Python: Lib/pickletools.py describes each
 * opcode), without what makes it a machine: GLOBAL yields a name, REDUCE a record of what would be
 * called. Items that are set on such a record (an OrderedDict) are kept as its further items. */
#include "pickle.h"

#include <string.h>

#include "alloc.h"
#include "check.h"
#include "pickle_private.h"

enum { MAX_BYTES = 64 << 20 };

static mpp_status push_text(mpp_pickle_machine *m, size_t length)
{
  mpp_status st = MPP_OK;
  mpp_pickle_value *v = NULL;
  MPP_TRY(mpp_pickle_new_value(&v, m, MPP_PICKLE_TEXT));
  MPP_TRY(mpp_pickle_take_text(&v->text, m, length));
  MPP_TRY(mpp_pickle_push(m, v));
done:
  return st;
}

static mpp_status push_int(mpp_pickle_machine *m, mpp_pickle_kind kind, int64_t number)
{
  mpp_status st = MPP_OK;
  mpp_pickle_value *v = NULL;
  MPP_TRY(mpp_pickle_new_value(&v, m, kind));
  v->number = number;
  MPP_TRY(mpp_pickle_push(m, v));
done:
  return st;
}

static mpp_status push_float(mpp_pickle_machine *m)
{
  mpp_status st = MPP_OK;
  mpp_pickle_value *v = NULL;
  uint64_t bits = 0;
  MPP_TRY(mpp_pickle_need(m, 8));
  for (size_t i = 0; i < 8; i++) { bits = bits << 8 | m->data[m->at + i]; } /* big-endian */
  m->at += 8;
  MPP_TRY(mpp_pickle_new_value(&v, m, MPP_PICKLE_FLOAT));
  memcpy(&v->real, &bits, sizeof bits);
  MPP_TRY(mpp_pickle_push(m, v));
done:
  return st;
}

/* Two's complement of up to eight bytes. */
static mpp_status push_long(mpp_pickle_machine *m)
{
  mpp_status st = MPP_OK;
  uint64_t length = 0, bits = 0;
  MPP_TRY(mpp_pickle_take_number(&length, m, 1));
  if (length > 8) {
    st = mpp_pickle_bad(m, "integer of more than 8 bytes");
    goto done;
  }
  MPP_TRY(mpp_pickle_take_number(&bits, m, length));
  if (length > 0 && length < 8 && (bits >> (8 * length - 1) & 1) != 0) {
    bits |= ~(uint64_t)0 << (8 * length);
  }
  MPP_TRY(push_int(m, MPP_PICKLE_INT, (int64_t)bits));
done:
  return st;
}

/* "module\nname\n" becomes "module name". */
static mpp_status push_global(mpp_pickle_machine *m)
{
  mpp_status st = MPP_OK;
  mpp_pickle_value *v = NULL;
  const unsigned char *start = m->data + m->at;
  const unsigned char *first = memchr(start, '\n', m->size - m->at);
  const unsigned char *second =
      first != NULL ? memchr(first + 1, '\n', m->size - (size_t)(first + 1 - m->data)) : NULL;
  if (second == NULL) {
    st = mpp_pickle_bad(m, "ends within a name");
    goto done;
  }
  MPP_TRY(mpp_pickle_new_value(&v, m, MPP_PICKLE_GLOBAL));
  MPP_TRY(mpp_pickle_take_text(&v->text, m, (size_t)(second - start)));
  m->p->text[v->text - m->p->text + (first - start)] = ' ';
  m->at++; /* the second line end */
  MPP_TRY(mpp_pickle_push(m, v));
done:
  return st;
}

/* ---- composites ---- */

static mpp_status push_empty(mpp_pickle_machine *m, mpp_pickle_kind kind)
{
  mpp_status st = MPP_OK;
  mpp_pickle_value *v = NULL;
  MPP_TRY(mpp_pickle_new_value(&v, m, kind));
  MPP_TRY(mpp_pickle_push(m, v));
done:
  return st;
}

/* A value of `kind` of the last `count` values. */
static mpp_status push_of_last(mpp_pickle_machine *m, mpp_pickle_kind kind, size_t count)
{
  mpp_status st = MPP_OK;
  mpp_pickle_value *v = NULL;
  for (size_t i = 0; i < count; i++) {
    if (m->depth <= i || m->stack[m->depth - 1 - i] == NULL) {
      return mpp_pickle_bad(m, "takes a value that is not there");
    }
  }
  MPP_TRY(mpp_pickle_new_value(&v, m, kind));
  MPP_TRY(mpp_pickle_take_items(m, v, m->depth - count, m->depth - count));
  MPP_TRY(mpp_pickle_push(m, v));
done:
  return st;
}

static mpp_status push_marked_tuple(mpp_pickle_machine *m)
{
  mpp_status st = MPP_OK;
  mpp_pickle_value *v = NULL;
  size_t first = 0;
  MPP_TRY(mpp_pickle_find_mark(&first, m));
  MPP_TRY(mpp_pickle_new_value(&v, m, MPP_PICKLE_TUPLE));
  MPP_TRY(mpp_pickle_take_items(m, v, first, first - 1));
  MPP_TRY(mpp_pickle_push(m, v));
done:
  return st;
}

/* Adds the last values to the list or dict below them; `count` 0: all above the mark. */
static mpp_status extend(mpp_pickle_machine *m, bool dict, size_t count)
{
  mpp_status st = MPP_OK;
  size_t first = 0, below = 0;
  if (count == 0) {
    MPP_TRY(mpp_pickle_find_mark(&first, m));
    below = first - 1; /* the mark */
  } else {
    if (m->stack == NULL || m->depth <= count) {
      return mpp_pickle_bad(m, "takes a value that is not there");
    }
    first = below = m->depth - count;
  }
  mpp_pickle_value *v = m->stack != NULL && below > 0 ? m->stack[below - 1] : NULL;
  const bool fits = v != NULL && (dict ? v->kind == MPP_PICKLE_DICT || v->kind == MPP_PICKLE_CALL
                                       : v->kind == MPP_PICKLE_LIST);
  if (!fits || (dict && (m->depth - first) % 2 != 0)) {
    st = mpp_pickle_bad(m, "adds items to what takes none");
    goto done;
  }
  for (size_t i = first; m->stack != NULL && i < m->depth; i++) {
    if (m->stack[i] == NULL) {
      st = mpp_pickle_bad(m, "adds a mark as an item");
      goto done;
    }
  }
  MPP_TRY(mpp_pickle_take_items(m, v, first, below));
done:
  return st;
}

/* BUILD would set the state of an object: it is dropped. */
static mpp_status drop_state(mpp_pickle_machine *m)
{
  mpp_status st = MPP_OK;
  mpp_pickle_value *state = NULL, *object = NULL;
  MPP_TRY(mpp_pickle_pop(&state, m));
  MPP_TRY(mpp_pickle_peek(&object, m));
done:
  return st;
}

/* ---- opcodes ---- */

static mpp_status scalar_opcode(bool *known, mpp_pickle_machine *m, int opcode)
{
  mpp_status st = MPP_OK;
  uint64_t n = 0;
  switch (opcode) {
  case 'N':
    return push_empty(m, MPP_PICKLE_NONE);
  case 0x88:
  case 0x89:
    return push_int(m, MPP_PICKLE_BOOL, opcode == 0x88);
  case 'K':
    MPP_TRY(mpp_pickle_take_number(&n, m, 1));
    return push_int(m, MPP_PICKLE_INT, (int64_t)n);
  case 'M':
    MPP_TRY(mpp_pickle_take_number(&n, m, 2));
    return push_int(m, MPP_PICKLE_INT, (int64_t)n);
  case 'J':
    MPP_TRY(mpp_pickle_take_number(&n, m, 4));
    return push_int(m, MPP_PICKLE_INT, (int32_t)(uint32_t)n);
  case 0x8a:
    return push_long(m);
  case 'G':
    return push_float(m);
  case 'U':
    MPP_TRY(mpp_pickle_take_number(&n, m, 1));
    return push_text(m, n);
  case 'X':
    MPP_TRY(mpp_pickle_take_number(&n, m, 4));
    return push_text(m, n);
  case 'c':
    return push_global(m);
  default:
    *known = false;
  }
done:
  return st;
}

static mpp_status composite_opcode(bool *known, mpp_pickle_machine *m, int opcode)
{
  switch (opcode) {
  case '}':
    return push_empty(m, MPP_PICKLE_DICT);
  case ']':
    return push_empty(m, MPP_PICKLE_LIST);
  case ')':
    return push_empty(m, MPP_PICKLE_TUPLE);
  case '(':
    return mpp_pickle_push(m, NULL);
  case 't':
    return push_marked_tuple(m);
  case 0x85:
  case 0x86:
  case 0x87:
    return push_of_last(m, MPP_PICKLE_TUPLE, (size_t)(opcode - 0x84));
  case 'R':
    return push_of_last(m, MPP_PICKLE_CALL, 2);
  case 'Q':
    return push_of_last(m, MPP_PICKLE_PERSISTENT, 1);
  case 's':
    return extend(m, true, 2);
  case 'u':
    return extend(m, true, 0);
  case 'a':
    return extend(m, false, 1);
  case 'e':
    return extend(m, false, 0);
  case 'b':
    return drop_state(m);
  case 'q':
    return mpp_pickle_remember(m, 1);
  case 'r':
    return mpp_pickle_remember(m, 4);
  case 'h':
    return mpp_pickle_recall(m, 1);
  case 'j':
    return mpp_pickle_recall(m, 4);
  default:
    *known = false;
    return MPP_OK;
  }
}

static mpp_status run(mpp_pickle_machine *m)
{
  mpp_status st = MPP_OK;
  mpp_pickle_value *root = NULL;
  if (m->size < 2 || m->data[0] != 0x80 || m->data[1] < 2 || m->data[1] > 3) {
    return mpp_pickle_bad(m, "no pickle of protocol 2");
  }
  for (m->at = 2; m->at < m->size;) {
    const int opcode = m->data[m->at++];
    bool scalar = true, composite = true;
    if (opcode == '.') {
      MPP_TRY(mpp_pickle_pop(&root, m));
      m->p->root = root;
      goto done;
    }
    MPP_TRY(scalar_opcode(&scalar, m, opcode));
    if (!scalar) {
      MPP_TRY(composite_opcode(&composite, m, opcode));
    }
    MPP_REQUIRE(scalar || composite, MPP_ERR_DATA,
                "%s: pickle, byte %zu: opcode 0x%02x, which weights do not need", m->path,
                m->at - 1, (unsigned)opcode);
  }
  st = mpp_pickle_bad(m, "has no end");
done:
  return st;
}

mpp_status mpp_pickle_read(mpp_pickle **out, const void *data, size_t size, const char *path)
{
  mpp_status st = MPP_OK;
  mpp_pickle *p = NULL;
  mpp_pickle_machine m = {.data = data, .size = size, .path = path};
  MPP_REQUIRE(size <= MAX_BYTES, MPP_ERR_DATA, "%s: pickle of %zu bytes, expected at most %d", path,
              size, MAX_BYTES);
  MPP_TRY(MPP_ALLOC(&p, 1));
  MPP_TRY(MPP_ALLOC(&p->text, 2 * size + 1));
  m.p = p;
  MPP_TRY(run(&m));
  *out = p;
  p = NULL;
done:
  mpp_free(m.stack);
  mpp_free(m.memo);
  mpp_pickle_free(p);
  return st;
}

const mpp_pickle_value *mpp_pickle_root(const mpp_pickle *p) { return p->root; }

bool mpp_pickle_is_dict(const mpp_pickle_value *v)
{
  return v->kind == MPP_PICKLE_DICT ||
         (v->kind == MPP_PICKLE_CALL && v->item[0]->kind == MPP_PICKLE_GLOBAL &&
          strcmp(v->item[0]->text, "collections OrderedDict") == 0 &&
          v->item[1]->kind == MPP_PICKLE_TUPLE && v->item[1]->count == 0);
}

const mpp_pickle_value *mpp_pickle_get(const mpp_pickle_value *dict, const char *key)
{
  if (!mpp_pickle_is_dict(dict)) {
    return NULL;
  }
  /* both have an even number of items, of which a call's first two are no entry */
  for (size_t i = dict->kind == MPP_PICKLE_CALL ? 2 : 0; i + 1 < dict->count; i += 2) {
    if (dict->item[i]->kind == MPP_PICKLE_TEXT && strcmp(dict->item[i]->text, key) == 0) {
      return dict->item[i + 1];
    }
  }
  return NULL;
}
