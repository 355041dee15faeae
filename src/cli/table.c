/* table.c - results on stdout: aligned tables, readable numbers, JSON. */
#include "cli.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void cli_table_begin(cli_table *t, size_t ncolumns, size_t nleft)
{
  *t = (cli_table){.ncolumns = ncolumns, .nleft = nleft};
}

void cli_table_free(cli_table *t)
{
  free(t->cell);
  *t = (cli_table){0};
}

size_t cli_table_row(cli_table *t)
{
  if (t->nrows == t->capacity) {
    const size_t capacity = t->capacity > 0 ? 2 * t->capacity : 32;
    void *cell = realloc(t->cell, capacity * t->ncolumns * sizeof *t->cell);
    if (cell == NULL) {
      fputs("mpp: out of memory\n", stderr); /* a few kilobytes: nothing else would work either */
      exit(mpp_status_exit_code(MPP_ERR_NOMEM));
    }
    t->cell = cell;
    t->capacity = capacity;
  }
  memset(t->cell + t->nrows * t->ncolumns, 0, t->ncolumns * sizeof *t->cell);
  return t->nrows++;
}

void cli_table_set(cli_table *t, size_t row, size_t column, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  vsnprintf(t->cell[row * t->ncolumns + column], sizeof t->cell[0], format, args);
  va_end(args);
}

static int column_width(const cli_table *t, size_t column)
{
  size_t width = 0;
  for (size_t r = 0; r < t->nrows; r++) {
    const size_t length = strlen(t->cell[r * t->ncolumns + column]);
    width = length > width ? length : width;
  }
  return (int)width;
}

void cli_table_print(FILE *out, const cli_table *t, int indent)
{
  for (size_t r = 0; r < t->nrows; r++) {
    char line[2048] = "";
    size_t used = 0, end = 0; /* end: without trailing blanks */
    for (size_t c = 0; c < t->ncolumns && used + 1 < sizeof line; c++) {
      const char *cell = t->cell[r * t->ncolumns + c];
      const int width = column_width(t, c);
      used += (size_t)snprintf(line + used, sizeof line - used, "%*s%*s", c > 0 ? 2 : indent, "",
                               c < t->nleft ? -width : width, cell);
      used = used < sizeof line ? used : sizeof line - 1;
      end = cell[0] != '\0' ? used : end;
    }
    while (end > 0 && line[end - 1] == ' ') { end--; }
    fprintf(out, "%.*s\n", (int)end, line);
  }
}

const char *cli_number(cli_number_text out, double value)
{
  const double size = fabs(value);
  if (isnan(value)) {
    snprintf(out, sizeof(cli_number_text), "-");
  } else if (size == 0.0 || !isfinite(value)) {
    snprintf(out, sizeof(cli_number_text), "%g", value);
  } else if (size < 1e-4 || size >= 1e6) {
    snprintf(out, sizeof(cli_number_text), "%.2e", value);
  } else { /* three significant digits: 0.00132, 12.3, 456 */
    const int digits = 2 - (int)floor(log10(size));
    snprintf(out, sizeof(cli_number_text), "%.*f", digits > 0 ? digits : 0, value);
  }
  return out;
}

const char *cli_count(cli_number_text out, size_t value)
{
  char digits[24];
  const int length = snprintf(digits, sizeof digits, "%zu", value);
  char *at = out;
  for (int i = 0; i < length && at < out + sizeof(cli_number_text) - 2; i++) {
    if (i > 0 && (length - i) % 3 == 0) {
      *at++ = ',';
    }
    *at++ = digits[i];
  }
  *at = '\0';
  return out;
}

json_t *cli_json_real(double value) { return isfinite(value) ? json_real(value) : json_null(); }

json_t *cli_json_text(const char *text)
{
  json_t *value = json_string(text);
  if (value == NULL) {
    char safe[MPP_TEXT_MAX];
    size_t n = 0;
    for (; text[n] != '\0' && n + 1 < sizeof safe; n++) {
      safe[n] = (unsigned char)text[n] < 0x80 ? text[n] : '?';
    }
    safe[n] = '\0';
    value = json_string(safe);
  }
  return value;
}

json_t *cli_json_names(const mpp_name *names, size_t count)
{
  json_t *list = json_array();
  for (size_t i = 0; i < count; i++) { json_array_append_new(list, cli_json_text(names[i])); }
  return list;
}

mpp_status cli_json_print(json_t *value)
{
  char *text = value != NULL ? json_dumps(value, JSON_INDENT(2) | JSON_PRESERVE_ORDER) : NULL;
  json_decref(value);
  if (text == NULL) {
    return cli_fail(MPP_ERR_NOMEM, "no memory for the JSON text");
  }
  puts(text);
  free(text);
  return MPP_OK;
}
