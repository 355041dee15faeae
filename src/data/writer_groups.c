/* writer_groups.c - layout "pdebench-groups": a group a trajectory with data [t, y, x, c], grid/t,
 * grid/x, grid/y, and the notes as YAML text in the attribute `config`. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "alloc.h"
#include "check.h"
#include "number.h"
#include "writer_impl.h"

/* Digits of group names: PDEBench's four, and more where four are not enough for readers that sort
 * by name. */
static int digits(size_t count)
{
  int n = 4;
  for (size_t limit = 10000; count > limit && n < 18; limit *= 10) { n++; }
  return n;
}

/* Does a text need quotes to be this text in YAML? Words and numbers of plain characters do not. */
static bool is_plain(const char *text)
{
  static const char *const reserved[] = {"true", "false", "yes", "no", "on",
                                         "off",  "null",  "y",   "n"};
  for (size_t i = 0; i < sizeof reserved / sizeof reserved[0]; i++) {
    if (strcasecmp(text, reserved[i]) == 0) {
      return false;
    }
  }
  const char first = text[0];
  const bool letter = (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z');
  return letter && text[strlen(text) - 1] != ' ' &&
         strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+./() ") ==
             strlen(text);
}

/* Text that grows; after `full` nothing is added. */
typedef struct line_buffer {
  char *text;
  size_t used, size;
} line_buffer;

static void put(line_buffer *b, char c)
{
  if (b->used + 1 < b->size) {
    b->text[b->used++] = c;
    b->text[b->used] = '\0';
  }
}

static void put_text(line_buffer *b, const char *text)
{
  for (; *text != '\0'; text++) { put(b, *text); }
}

/* A double-quoted YAML scalar, or a plain one where that is the same. */
static void put_scalar(line_buffer *b, const char *text)
{
  if (is_plain(text)) {
    put_text(b, text);
    return;
  }
  put(b, '"');
  for (; *text != '\0'; text++) {
    const unsigned char c = (unsigned char)*text;
    if (c < 0x20 || c == 0x7f) {
      char escape[8];
      snprintf(escape, sizeof escape, "\\x%02x", c);
      put_text(b, escape);
    } else {
      if (c == '"' || c == '\\') {
        put(b, '\\');
      }
      put(b, *text);
    }
  }
  put(b, '"');
}

/* Text of a number that reads back to the same value. YAML 1.1 takes "1e-08" for a word:
 * "1.0e-08". */
static void put_number(line_buffer *b, double value)
{
  char text[MPP_NUMBER_MAX];
  if (!isfinite(value)) {
    put_text(b, isnan(value) ? ".nan" : value > 0.0 ? ".inf" : "-.inf");
    return;
  }
  mpp_number_format(text, value);
  const bool needs_point = strchr(text, 'e') != NULL && strchr(text, '.') == NULL;
  for (const char *c = text; *c != '\0'; c++) {
    if (needs_point && *c == 'e') {
      put_text(b, ".0");
    }
    put(b, *c);
  }
}

/* "key: value" lines; the caller owns *out. */
static mpp_status config_text(char **out, const mpp_note *notes, size_t nnotes)
{
  mpp_status st = MPP_OK;
  size_t size = 0;
  /* each character takes at most four ("\x07"), and a line six more: quotes, ": ", line break */
  MPP_REQUIRE(mpp_mul(&size, nnotes + 1, 4 * sizeof(mpp_note)), MPP_ERR_NOMEM, "too many notes");
  line_buffer b = {.size = size};
  MPP_TRY(MPP_ALLOC(&b.text, size));
  for (size_t i = 0; i < nnotes; i++) {
    put_scalar(&b, notes[i].key);
    put_text(&b, ": ");
    if (notes[i].text[0] != '\0') {
      put_scalar(&b, notes[i].text);
    } else {
      put_number(&b, notes[i].value);
    }
    put(&b, '\n');
  }
  *out = b.text;
done:
  return st;
}

static mpp_status begin(mpp_writer *w)
{
  return w->nonce == 0 ? MPP_OK
                       : mpp_fail(MPP_ERR_USAGE, "%s: layout %s has no fields without time",
                                  w->final, w->layout->name);
}

static mpp_status write_grid(const mpp_writer *w, hid_t group)
{
  mpp_status st = MPP_OK;
  hid_t grid = -1;
  MPP_WRITE(w, grid = H5Gcreate2(group, "grid", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), "grid");
  MPP_TRY(mpp_writer_vector(w, grid, "t", w->time, w->nframes));
  for (int a = 0; a < 3; a++) {
    if (w->axis[a][0] != '\0') {
      MPP_TRY(mpp_writer_vector(w, grid, w->axis[a], w->coordinate[a], w->grid[a]));
    }
  }
  MPP_TRY(mpp_writer_close(w, &grid, "grid"));
done:
  if (grid >= 0) {
    H5Gclose(grid);
  }
  return st;
}

static mpp_status write_data(mpp_writer *w, hid_t group, const float *x)
{
  mpp_status st = MPP_OK;
  hid_t dataset = -1;
  const mpp_box box = mpp_writer_frames(w, x, 0, w->nfields);
  size_t shape[MPP_H5_MAX_RANK] = {w->nframes};
  int rank = mpp_writer_space(shape, 1, w);
  shape[rank++] = w->nfields;
  MPP_TRY(mpp_writer_dataset(&dataset, w, group, "data", shape, rank, 0));
  MPP_TRY(mpp_writer_chunks(w, dataset, "data", 0, &box));
  MPP_TRY(mpp_writer_close(w, &dataset, "data"));
done:
  if (dataset >= 0) {
    H5Dclose(dataset);
  }
  return st;
}

static mpp_status append(mpp_writer *w, const float *x, const float *once, const mpp_note *notes,
                         size_t nnotes)
{
  mpp_status st = MPP_OK;
  (void)once; /* begin has seen that there is none */
  hid_t group = -1;
  char *config = NULL, name[32];
  snprintf(name, sizeof name, "%0*zu", digits(w->ntrajectories), w->done);
  MPP_TRY(config_text(&config, notes, nnotes));
  MPP_WRITE(w, group = H5Gcreate2(w->file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), name);
  MPP_TRY(write_data(w, group, x));
  MPP_TRY(write_grid(w, group));
  MPP_TRY(mpp_h5_write_attribute_text(group, w->final, "config", config));
  MPP_TRY(mpp_writer_close(w, &group, name));
done:
  if (group >= 0) {
    H5Gclose(group);
  }
  mpp_free(config);
  return st;
}

const mpp_writer_layout mpp_writer_groups = {
    .name = "pdebench-groups",
    .axes = {"x", "yx", "zyx"},
    .times = true,
    .begin = begin,
    .append = append,
};
