/* manual.c - the manual page and the completion of bash, made from the tables of commands and
 * options. */
#include "cli.h"

#include <string.h>

/* ---- manual page (man 7 man) ---- */

/* Text in troff: backslashes and hyphens escaped, no line that begins with a control character. */
static void troff(FILE *out, const char *text)
{
  bool at_start = true;
  for (; *text != '\0'; text++) {
    if (at_start && (*text == '.' || *text == '\'')) {
      fputs("\\&", out);
    }
    if (*text == '\\') {
      fputs("\\e", out);
    } else if (*text == '-') {
      fputs("\\-", out);
    } else {
      fputc(*text, out);
    }
    at_start = *text == '\n';
  }
}

/* Paragraphs; lines that begin with blanks are examples. */
static void troff_details(FILE *out, const char *text)
{
  while (*text != '\0') {
    char line[1024];
    const size_t length = strcspn(text, "\n");
    snprintf(line, sizeof line, "%.*s", (int)length, text);
    if (line[0] == ' ') {
      fputs(".nf\n.RS\n", out);
      troff(out, line + strspn(line, " "));
      fputs("\n.RE\n.fi\n", out);
    } else if (line[0] != '\0') {
      fputs(".PP\n", out);
      troff(out, line);
      fputc('\n', out);
    }
    text += length + (text[length] == '\n' ? 1 : 0);
  }
}

static void troff_options(FILE *out, const mpp_option *table, const mpp_option *hide)
{
  char left[128], right[2048];
  for (const mpp_option *e = table; e != NULL && e->name != NULL; e++) {
    if (hide != NULL && mpp_options_find(hide, e->name) != NULL) {
      continue;
    }
    cli_help_option_left(left, sizeof left, e);
    cli_help_option_right(right, sizeof right, e);
    fputs(".TP\n.B ", out);
    troff(out, left + strspn(left, " "));
    fputc('\n', out);
    troff(out, right);
    fputc('\n', out);
  }
}

static void troff_command(FILE *out, const cli_command *c)
{
  fprintf(out, ".SH %s\n", c->name);
  fprintf(out, "mpp %s ", c->name);
  troff(out, c->usage);
  fputs("\n.PP\n", out);
  troff(out, c->summary);
  fputc('\n', out);
  if (c->details != NULL) {
    troff_details(out, c->details);
  }
  troff_options(out, c->table, NULL);
  troff_options(out, c->extra, NULL);
}

static void troff_exit_code(FILE *out, int code, const char *text)
{
  fprintf(out, ".TP\n.B %d\n", code);
  troff(out, text);
  fputc('\n', out);
}

void cli_manual(FILE *out, const cli_command *const *commands, size_t count,
                const mpp_option *global)
{
  fputs(
      ".TH MPP 1 \"\" \"mpp " MPP_VERSION
      "\" \"User Commands\"\n.SH NAME\nmpp \\- surrogates of many "
      "physics: generate data, pretrain, finetune, forecast\n.SH SYNOPSIS\n.B mpp\nCOMMAND [words] "
      "[options]\n.SH COMMANDS\n",
      out);
  for (size_t i = 0; i < count; i++) {
    fprintf(out, ".TP\n.B %s\n", commands[i]->name);
    troff(out, commands[i]->summary);
    fputc('\n', out);
  }
  for (size_t i = 0; i < count; i++) { troff_command(out, commands[i]); }
  fputs(".SH OPTIONS OF EVERY COMMAND\n", out);
  troff_options(out, global, NULL);
  fputs(".TP\n.B \\-h, \\-\\-help\nthe help text of the command\n.SH EXIT STATUS\n", out);
#define EXIT_CODE(name, code, text) troff_exit_code(out, code, text);
  MPP_STATUS_LIST(EXIT_CODE)
#undef EXIT_CODE
}

/* ---- completion ---- */

static void option_names(FILE *out, const mpp_option *table)
{
  for (const mpp_option *e = table; e != NULL && e->name != NULL; e++) {
    fprintf(out, " --%s", e->name);
  }
}

/* "--split) words='a b c' ;;" for options of few words. */
static void option_words(FILE *out, const char *command, const mpp_option *table)
{
  for (const mpp_option *e = table; e != NULL && e->name != NULL; e++) {
    if (e->choices == NULL) {
      continue;
    }
    fprintf(out, "  %s,--%s) words='", command, e->name);
    for (const char *c = e->choices; *c != '\0'; c++) { fputc(*c == '|' ? ' ' : *c, out); }
    fputs("' ;;\n", out);
  }
}

void cli_completion(FILE *out, const cli_command *const *commands, size_t count,
                    const mpp_option *global)
{
  const mpp_pde *pde = NULL;
  fputs("# bash completion of mpp: eval \"$(mpp help completion)\"\n_mpp() {\n"
        "  local word=$2 before=$3 command=${COMP_WORDS[1]-} words=\n"
        "  if [[ $COMP_CWORD -eq 1 ]]; then\n    words='help version",
        out);
  for (size_t i = 0; i < count; i++) { fprintf(out, " %s", commands[i]->name); }
  fputs("'\n    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n    return\n  fi\n"
        "  case $command,$before in\n",
        out);
  for (size_t i = 0; i < count; i++) {
    option_words(out, commands[i]->name, commands[i]->table);
    option_words(out, commands[i]->name, commands[i]->extra);
  }
  option_words(out, "*", global);
  fputs("  generate,generate) words='", out);
  for (size_t i = 0; (pde = mpp_pde_at(i)) != NULL; i++) {
    fprintf(out, "%s%s", i > 0 ? " " : "", mpp_pde_name(pde));
  }
  fputs("' ;;\n  esac\n  if [[ -z $words && $word == -* ]]; then\n    case $command in\n", out);
  for (size_t i = 0; i < count; i++) {
    fprintf(out, "    %s) words='--help", commands[i]->name);
    option_names(out, commands[i]->table);
    option_names(out, commands[i]->extra);
    option_names(out, global);
    fputs("' ;;\n", out);
  }
  fputs("    esac\n  fi\n  if [[ -n $words ]]; then\n"
        "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n  else\n"
        "    mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n  fi\n}\n"
        "complete -o filenames -F _mpp mpp\n",
        out);
}
