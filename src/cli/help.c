/* help.c - help texts, made from the option tables that the command line is read by. */
#include "cli.h"

#include <string.h>

/* Prints `text` wrapped at the width; lines after the first begin at column `indent`. */
static void wrap(FILE *out, const char *text, int indent)
{
  int column = indent;
  bool first = true;
  while (*text != '\0') {
    const size_t length = strcspn(text, " ");
    if (!first && column + 1 + (int)length > CLI_WIDTH) {
      fprintf(out, "\n%*s", indent, "");
      column = indent;
    } else if (!first) {
      fputc(' ', out);
      column++;
    }
    fprintf(out, "%.*s", (int)length, text);
    column += (int)length;
    first = false;
    text += length;
    text += strspn(text, " ");
  }
  fputc('\n', out);
}

void cli_help_row(FILE *out, int left_width, const char *left, const char *right)
{
  const int indent = 2 + left_width + 2;
  const int printed = fprintf(out, "  %s", left);
  if (printed > indent - 2) {
    fprintf(out, "\n%*s", indent, "");
  } else {
    fprintf(out, "%*s", indent - printed, "");
  }
  wrap(out, right, indent);
}

void cli_help_paragraphs(FILE *out, const char *text)
{
  while (*text != '\0') {
    char line[1024];
    const size_t length = strcspn(text, "\n");
    snprintf(line, sizeof line, "%.*s", (int)length, text);
    if (line[0] == ' ') {
      fprintf(out, "%s\n", line); /* an example: kept as it is */
    } else {
      wrap(out, line, 0);
    }
    text += length + (text[length] == '\n' ? 1 : 0);
  }
}

static const char *placeholder(const mpp_option *e)
{
  static const char *const by_kind[] = {
      [MPP_OPT_FLAG] = "",      [MPP_OPT_LONG] = "N",        [MPP_OPT_REAL] = "X",
      [MPP_OPT_TEXT] = "TEXT",  [MPP_OPT_CHOICE] = "NAME",   [MPP_OPT_INTS] = "N,N",
      [MPP_OPT_TEXTS] = "TEXT", [MPP_OPT_DURATION] = "TIME", [MPP_OPT_BYTES] = "BYTES"};
  return e->arg != NULL ? e->arg : by_kind[e->kind];
}

void cli_help_option_left(char *out, size_t size, const mpp_option *e)
{
  char letter[8] = "    ";
  const char *arg = placeholder(e);
  if (e->letter != 0) {
    snprintf(letter, sizeof letter, "-%c, ", e->letter);
  }
  snprintf(out, size, "%s--%s%s%s", letter, e->name, arg[0] != '\0' ? " " : "", arg);
}

/* "help (one of a|b; 1 to 10; default 3)"; brackets are for units */
void cli_help_option_right(char *out, size_t size, const mpp_option *e)
{
  char notes[3][256] = {"", "", ""};
  if (e->choices != NULL) {
    snprintf(notes[0], sizeof notes[0], "one of %s", e->choices);
  }
  if (e->min < e->max && e->max < 1e6) {
    snprintf(notes[1], sizeof notes[1], "%.8g to %.8g", e->min, e->max);
  } else if (e->min < e->max && e->min > 0.0) { /* a limit beyond any use needs no words */
    snprintf(notes[1], sizeof notes[1], "at least %g", e->min);
  }
  if (e->kind == MPP_OPT_FLAG && e->fallback != NULL && strcmp(e->fallback, "true") == 0) {
    snprintf(notes[2], sizeof notes[2], "default on; --no-%s", e->name);
  } else if (e->kind != MPP_OPT_FLAG && e->fallback != NULL && e->fallback[0] != '\0') {
    snprintf(notes[2], sizeof notes[2], "default %s", e->fallback);
  }
  size_t used = (size_t)snprintf(out, size, "%s", e->help != NULL ? e->help : "");
  const char *before = " (", *after = "";
  for (int k = 0; k < 3 && used < size; k++) {
    if (notes[k][0] != '\0') {
      used += (size_t)snprintf(out + used, size - used, "%s%s", before, notes[k]);
      before = "; ";
      after = ")";
    }
  }
  if (used < size) {
    snprintf(out + used, size - used, "%s", after);
  }
}

static int widest(const mpp_option *table, int width)
{
  char left[128];
  for (const mpp_option *e = table; e != NULL && e->name != NULL; e++) {
    cli_help_option_left(left, sizeof left, e);
    const int length = (int)strlen(left);
    width = length > width && length <= 34 ? length : width;
  }
  return width;
}

static void print_options(FILE *out, const mpp_option *table, int width, const mpp_option *hide)
{
  char left[128], right[2048];
  for (const mpp_option *e = table; e != NULL && e->name != NULL; e++) {
    if (hide != NULL && mpp_options_find(hide, e->name) != NULL) {
      continue;
    }
    cli_help_option_left(left, sizeof left, e);
    cli_help_option_right(right, sizeof right, e);
    cli_help_row(out, width, left, right);
  }
}

void cli_help_command(FILE *out, const cli_command *c, const mpp_option *global, const char *word)
{
  fprintf(out, "mpp %s - %s\n\nUsage: mpp %s %s\n", c->name, c->summary, c->name, c->usage);
  if (c->details != NULL) {
    fputc('\n', out);
    cli_help_paragraphs(out, c->details);
  }
  const int width = widest(global, widest(c->extra, widest(c->table, 16)));
  fputs("\nOptions:\n", out);
  print_options(out, c->table, width, NULL);
  print_options(out, c->extra, width, NULL);
  fputs("\nOptions of every command:\n", out);
  print_options(out, global, width, c->table);
  cli_help_row(out, width, "-h, --help", "this text");
  if (c->more_help != NULL) {
    c->more_help(out, word);
  }
}
