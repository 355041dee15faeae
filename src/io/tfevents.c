/* tfevents.c - the few fields of tensorflow.Event that scalars need, written and read back by hand:
 * a protobuf library for five fields would be the larger part. */
#include "tfevents.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "check.h"
#include "file.h"

enum {
  HEAD = 12, /* length and its checksum */
  TAIL = 4,  /* checksum of the message */
  MESSAGE_MAX = 1 << 20,
  VARINT_MAX = 10,
  /* protobuf: number << 3 | wire type (0 varint, 1 eight bytes, 2 length and bytes, 5 four
   * bytes) */
  EVENT_TIME = 1 << 3 | 1,
  EVENT_STEP = 2 << 3 | 0,
  EVENT_VERSION = 3 << 3 | 2,
  EVENT_SUMMARY = 5 << 3 | 2,
  SUMMARY_VALUE = 1 << 3 | 2,
  VALUE_TAG = 1 << 3 | 2,
  VALUE_SIMPLE = 2 << 3 | 5
};

uint32_t mpp_crc32c(const void *data, size_t size)
{
  const unsigned char *byte = data;
  uint32_t crc = 0xffffffffu;
  for (size_t i = 0; i < size; i++) { /* bit by bit: a record has a few hundred bytes */
    crc ^= byte[i];
    for (int k = 0; k < 8; k++) { crc = crc >> 1 ^ (0x82f63b78u & (0u - (crc & 1u))); }
  }
  return ~crc;
}

static uint32_t masked(const void *data, size_t size)
{
  const uint32_t crc = mpp_crc32c(data, size);
  return (crc >> 15 | crc << 17) + 0xa282ead8u;
}

/* ---- writing ---- */

typedef struct bytes {
  unsigned char *at; /* owned by the caller */
  size_t length;
} bytes;

static void put(bytes *b, const void *data, size_t size)
{
  if (size > 0) {
    memcpy(b->at + b->length, data, size);
  }
  b->length += size;
}

static void put_varint(bytes *b, uint64_t value)
{
  while (value >= 0x80) {
    b->at[b->length++] = (unsigned char)(value | 0x80);
    value >>= 7;
  }
  b->at[b->length++] = (unsigned char)value;
}

static void put_text(bytes *b, unsigned key, const void *text, size_t size)
{
  put_varint(b, key);
  put_varint(b, size);
  put(b, text, size);
}

static void begin(bytes *b, double time, uint64_t step)
{
  put_varint(b, EVENT_TIME);
  put(b, &time, sizeof time);
  if (step > 0) { /* fields that are 0 are left out */
    put_varint(b, EVENT_STEP);
    put_varint(b, step);
  }
}

/* Summary.Value: tag and number. `room` is for one. */
static size_t scalar_message(unsigned char room[MPP_TAG_MAX + 32], const mpp_scalar *s)
{
  bytes b = {room, 0};
  const float value = (float)s->value;
  put_text(&b, VALUE_TAG, s->tag, strlen(s->tag));
  put_varint(&b, VALUE_SIMPLE);
  put(&b, &value, sizeof value);
  return b.length;
}

/* One write a record, so that a killed process leaves at most one that is cut short. */
static mpp_status write_record(int fd, const char *path, bytes *record)
{
  const uint64_t length = record->length - HEAD;
  memcpy(record->at, &length, sizeof length);
  const uint32_t of_length = masked(record->at, sizeof length);
  memcpy(record->at + sizeof length, &of_length, sizeof of_length);
  const uint32_t of_message = masked(record->at + HEAD, (size_t)length);
  put(record, &of_message, sizeof of_message);
  return mpp_write_all(fd, path, record->at, record->length);
}

mpp_status mpp_tfevents_create(int *fd, const char *path, double time)
{
  mpp_status st = MPP_OK;
  static const char version[] = "brain.Event:2";
  unsigned char room[HEAD + 64];
  bytes record = {room, HEAD};
  const int opened = mpp_fault()
                         ? (errno = EIO, -1)
                         : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
  MPP_REQUIRE(opened >= 0, MPP_ERR_IO, "%s: cannot be created: %s", path, strerror(errno));
  begin(&record, time, 0);
  put_text(&record, EVENT_VERSION, version, sizeof version - 1);
  MPP_TRY(write_record(opened, path, &record));
  *fd = opened;
done:
  if (st != MPP_OK && opened >= 0) {
    close(opened);
  }
  return st;
}

mpp_status mpp_tfevents_append(int fd, const char *path, double time, uint64_t step,
                               const mpp_scalar *scalars, size_t count)
{
  mpp_status st = MPP_OK;
  unsigned char one[MPP_TAG_MAX + 32], *room = NULL;
  bytes record = {NULL, HEAD}, summary = {NULL, 0};
  const size_t most = sizeof one + (size_t)2 * VARINT_MAX;
  MPP_REQUIRE(count < MESSAGE_MAX / most, MPP_ERR_INTERNAL, "%s: %zu scalars of one step", path,
              count);
  MPP_TRY(MPP_ALLOC(&room, 2 * count * most + 256));
  record.at = room;
  summary.at = room + count * most + 256; /* behind the record, which is no longer */
  for (size_t i = 0; i < count; i++) {
    put_text(&summary, SUMMARY_VALUE, one, scalar_message(one, &scalars[i]));
  }
  begin(&record, time, step);
  put_text(&record, EVENT_SUMMARY, summary.at, summary.length);
  MPP_TRY(write_record(fd, path, &record));
done:
  mpp_free(room);
  return st;
}

/* ---- reading back ---- */

/* A message cut into fields; false at its end or where it is none. */
typedef struct cursor {
  const unsigned char *at;
  size_t left;
} cursor;

static bool get_varint(uint64_t *out, cursor *c)
{
  *out = 0;
  for (unsigned shift = 0; c->left > 0 && shift < 7 * VARINT_MAX; shift += 7) {
    const unsigned char byte = *c->at++;
    c->left--;
    *out |= (uint64_t)(byte & 0x7f) << (shift < 63 ? shift : 63);
    if (byte < 0x80) {
      return true;
    }
  }
  return false;
}

/* Key of the next field, its number or its bytes. */
static bool get_field(uint64_t *key, uint64_t *number, cursor *inner, cursor *c)
{
  uint64_t size = 0;
  if (!get_varint(key, c)) {
    return false;
  }
  switch (*key & 7) {
  case 0:
    return get_varint(number, c);
  case 1:
    size = 8;
    break;
  case 2:
    if (!get_varint(&size, c)) {
      return false;
    }
    break;
  case 5:
    size = 4;
    break;
  default:
    return false;
  }
  if (size > c->left) {
    return false;
  }
  *inner = (cursor){c->at, (size_t)size};
  c->at += size;
  c->left -= (size_t)size;
  return true;
}

/* Step of an event and whether its first tag begins with a prefix. */
static void read_event(uint64_t *step, bool *late, cursor event, const char *prefix)
{
  uint64_t key = 0, number = 0;
  cursor summary = {NULL, 0}, value = {NULL, 0}, tag = {NULL, 0}, inner = {NULL, 0};
  *step = 0;
  *late = false;
  while (get_field(&key, &number, &inner, &event)) {
    *step = key == EVENT_STEP ? number : *step;
    summary = key == EVENT_SUMMARY ? inner : summary;
  }
  if (get_field(&key, &number, &value, &summary) && key == SUMMARY_VALUE &&
      get_field(&key, &number, &tag, &value) && key == VALUE_TAG) {
    *late = tag.left >= strlen(prefix) && memcmp(tag.at, prefix, strlen(prefix)) == 0;
  }
}

/* The record at *offset of a whole file; false: it is cut short, damaged, or the end. */
static bool next_record(cursor *event, size_t *offset, const unsigned char *file, size_t size)
{
  uint64_t length;
  uint32_t stated;
  if (size - *offset < HEAD + TAIL) {
    return false;
  }
  memcpy(&length, file + *offset, sizeof length);
  memcpy(&stated, file + *offset + sizeof length, sizeof stated);
  if (stated != masked(file + *offset, sizeof length) || length > size - *offset - HEAD - TAIL) {
    return false;
  }
  *event = (cursor){file + *offset + HEAD, (size_t)length};
  memcpy(&stated, event->at + length, sizeof stated);
  *offset += HEAD + (size_t)length + TAIL;
  return stated == masked(event->at, (size_t)length);
}

mpp_status mpp_tfevents_resume(int *fd, const char *path, uint64_t step, const char *late_prefix,
                               uint64_t late)
{
  mpp_status st = MPP_OK;
  const size_t limit = (size_t)1 << 31;
  char *text = NULL;
  size_t size = 0, offset = 0, kept = 0;
  cursor event;
  int opened = -1;
  MPP_TRY(mpp_read_text(&text, &size, path, limit));
  while (next_record(&event, &offset, (const unsigned char *)text, size)) {
    uint64_t at = 0;
    bool is_late = false;
    read_event(&at, &is_late, event, late_prefix);
    if (at > (is_late ? late : step)) {
      break;
    }
    kept = offset;
  }
  MPP_REQUIRE(kept > 0, MPP_ERR_DATA, "%s: is no event file", path);
  opened = mpp_fault() ? (errno = EIO, -1) : open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
  MPP_REQUIRE(opened >= 0 && ftruncate(opened, (off_t)kept) == 0 &&
                  lseek(opened, 0, SEEK_END) == (off_t)kept,
              MPP_ERR_IO, "%s: cannot be gone on with: %s", path, strerror(errno));
  *fd = opened;
  opened = -1;
done:
  if (opened >= 0) {
    close(opened);
  }
  mpp_free(text);
  return st;
}
