/* html.c - text that grows; pictures go in as base64 (RFC 4648). */
#include "html.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "number.h"

void mpp_html_free(mpp_html *h)
{
  mpp_free(h->text);
  memset(h, 0, sizeof *h);
}

/* Room for `size` more bytes and the end. */
static bool reserve(mpp_html *h, size_t size)
{
  if (!h->failed && size >= h->room - h->length) {
    const size_t room = 2 * h->room + size + 4096;
    char *text = NULL;
    if (MPP_ALLOC(&text, room) != MPP_OK) {
      h->failed = true;
      return false;
    }
    if (h->length > 0) {
      memcpy(text, h->text, h->length);
    }
    text[h->length] = '\0';
    mpp_free(h->text);
    h->text = text;
    h->room = room;
  }
  return !h->failed;
}

static void append(mpp_html *h, const char *bytes, size_t size)
{
  if (reserve(h, size)) {
    memcpy(h->text + h->length, bytes, size);
    h->length += size;
    h->text[h->length] = '\0';
  }
}

void mpp_html_put(mpp_html *h, const char *markup) { append(h, markup, strlen(markup)); }

void mpp_html_text(mpp_html *h, const char *text)
{
  for (; *text != '\0'; text++) {
    switch (*text) {
    case '<':
      mpp_html_put(h, "&lt;");
      break;
    case '>':
      mpp_html_put(h, "&gt;");
      break;
    case '&':
      mpp_html_put(h, "&amp;");
      break;
    case '"':
      mpp_html_put(h, "&quot;");
      break;
    default:
      append(h, text, 1);
      break;
    }
  }
}

void mpp_html_printf(mpp_html *h, const char *format, ...)
{
  char text[1024];
  va_list list;
  va_start(list, format);
  mpp_number_print(text, sizeof text, format, list);
  va_end(list);
  mpp_html_put(h, text);
}

void mpp_html_data(mpp_html *h, const char *type, const unsigned char *bytes, size_t size)
{
  static const char letter[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  mpp_html_put(h, "data:");
  mpp_html_put(h, type);
  mpp_html_put(h, ";base64,");
  if (!reserve(h, size / 3 * 4 + 4)) {
    return;
  }
  for (size_t i = 0; i < size; i += 3) {
    const size_t n = size - i < 3 ? size - i : 3;
    const unsigned value = (unsigned)bytes[i] << 16 | (n > 1 ? (unsigned)bytes[i + 1] << 8 : 0U) |
                           (n > 2 ? bytes[i + 2] : 0U);
    const char four[4] = {letter[value >> 18], letter[value >> 12 & 63],
                          n > 1 ? letter[value >> 6 & 63] : '=', n > 2 ? letter[value & 63] : '='};
    append(h, four, sizeof four);
  }
}

mpp_status mpp_html_drawing(mpp_html *h, mpp_drawing *d, mpp_draw_kind kind, const char *alt)
{
  mpp_status st = MPP_OK;
  unsigned char *bytes = NULL;
  size_t size = 0;
  MPP_TRY(mpp_drawing_encode(&bytes, &size, d));
  mpp_html_put(h, "<img alt=\"");
  mpp_html_text(h, alt);
  mpp_html_put(h, "\" src=\"");
  mpp_html_data(h, kind == MPP_DRAW_SVG ? "image/svg+xml" : "image/png", bytes, size);
  mpp_html_put(h, "\">\n");
done:
  mpp_free(bytes);
  mpp_drawing_destroy(d);
  return st;
}

mpp_status mpp_html_picture(mpp_html *h, mpp_drawing *d, const char *alt)
{
  mpp_html_put(h, "<div class=\"picture\">");
  const mpp_status st = mpp_html_drawing(h, d, MPP_DRAW_SVG, alt);
  mpp_html_put(h, "</div>\n");
  return st;
}
