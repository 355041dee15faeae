/* cli.h - what the commands of the program share: the command line cut by option tables, help made
 * from the same tables, messages and progress on stderr, tables and JSON on stdout. */
#ifndef MPP_CLI_H
#define MPP_CLI_H

#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "mpp/mpp.h"

enum { CLI_WORDS = 64, CLI_WIDTH = 100 };

/* ---- commands ---- */

typedef struct cli_args cli_args;

typedef struct cli_command {
  const char *name;
  const char *summary;     /* one line */
  const char *usage;       /* what follows the name: "SYSTEM -o FILE [options]" */
  const char *details;     /* paragraphs of the help text */
  const mpp_option *table; /* settings of the library call; NULL: none */
  const mpp_option *extra; /* settings of the command itself; NULL: none */
  size_t max_words;
  mpp_status (*run)(const cli_args *args);
  void (*more_help)(FILE *out, const char *word); /* word: first one on the line or NULL */
} cli_command;

extern const cli_command cli_generate, cli_pretrain, cli_finetune, cli_rollout, cli_evaluate,
    cli_info, cli_plot, cli_report, cli_convert, cli_bench, cli_plan, cli_describe;

/* A command line, its options sorted by the table that knows them. Borrows argv. */
typedef enum { CLI_LIBRARY, CLI_COMMAND, CLI_GLOBAL, CLI_LISTS } cli_list;
struct cli_args {
  const cli_command *command;
  int argc[CLI_LISTS];
  char **argv[CLI_LISTS]; /* owned lists, each beginning with the command's name */
  const char *word[CLI_WORDS];
  size_t nwords;
  bool help;
  const char *line; /* the whole command, quoted for a shell */
};

/* Sorts argv[1..argc-1]. MPP_ERR_USAGE: an option that no table has, too many words. Call
 * cli_args_free after a failure, too. */
MPP_MUST_CHECK mpp_status cli_args_read(cli_args *args, const cli_command *command,
                                        const mpp_option *global, int argc, char **argv);
void cli_args_free(cli_args *args);

/* Sets the members that the line names: `settings` of the command's table, `extra` of its own. */
MPP_MUST_CHECK mpp_status cli_args_apply(const cli_args *args, void *settings, void *extra);

/* Settings of a training: defaults, the configuration file (first word, or that of the run folder
 * that --resume goes on with), then the line. `extra` holds defaults of the command's own table, of
 * which `config` is the member that names a configuration. *table: see mpp_train_read_named. */
MPP_MUST_CHECK mpp_status cli_train_settings(mpp_train_options *o, const mpp_option **table,
                                             const cli_args *args, void *extra, const char *config);
#define CLI_CONFIG_ROW(type, member)                                                         \
  {                                                                                          \
    .name = "config", .kind = MPP_OPT_TEXT, .offset = offsetof(type, member), .arg = "NAME", \
    .help = "of a file that holds several configurations, the one to take"                   \
  }

/* Text of `argv` that a shell reads back; owned by the caller, NULL without memory. */
char *cli_quote(int argc, char **argv);

/* ---- help ---- */

void cli_help_command(FILE *out, const cli_command *command, const mpp_option *global,
                      const char *word);

/* "-o, --output FILE", and "help (one of a|b; 1 to 10; default 3)". */
void cli_help_option_left(char *out, size_t size, const mpp_option *e);
void cli_help_option_right(char *out, size_t size, const mpp_option *e);

/* The same tables as a manual page (troff) and as a completion script of bash. */
void cli_manual(FILE *out, const cli_command *const *commands, size_t count,
                const mpp_option *global);
void cli_completion(FILE *out, const cli_command *const *commands, size_t count,
                    const mpp_option *global);

/* Two columns: `left` (an option, a name) and `right` wrapped to the width. */
void cli_help_row(FILE *out, int left_width, const char *left, const char *right);
void cli_help_paragraphs(FILE *out, const char *text);

/* ---- stderr: failures, messages, progress ---- */

typedef enum { CLI_PROGRESS_AUTO, CLI_PROGRESS_PLAIN, CLI_PROGRESS_NEVER } cli_progress_kind;

typedef struct cli_global {
  long threads;
  bool quiet, trust_input;
  int progress; /* cli_progress_kind */
} cli_global;

/* Looks at the terminal and the environment. */
void cli_progress_setup(const cli_global *global);

/* Seconds between the lines of a log; 30 unless set. */
void cli_progress_interval(double seconds);

/* Shows `text` and how much is done (0..1): a bar redrawn at most ten times a second on a terminal,
 * else a line once in a while. */
void cli_progress(double fraction, const char *format, ...) MPP_PRINTF(2, 3);

/* Takes the bar off the screen. */
void cli_progress_end(void);

/* One line on stderr, above the bar; nothing with --quiet. */
void cli_message(const char *format, ...) MPP_PRINTF(1, 2);

/* Where longer texts go (tables beside the progress): stderr with the bar taken off, or NULL with
 * --quiet. */
FILE *cli_message_stream(void);

/* Seconds of a steady clock. */
double cli_clock(void);

/* ---- resources ---- */

/* From now on, where a library ends the program for want of memory or threads, or crashes after an
 * allocation has failed, it ends with the code of MPP_ERR_NOMEM; with that of MPP_ERR_IO where one
 * crashes after a write has failed (errno says so still). */
void cli_watch_end(void);

/* 1:05, 2:03:05 */
typedef char cli_time_text[32];
const char *cli_time(cli_time_text out, double seconds);

/* Keeps the message of a failure found by the program itself; returns `st`. */
mpp_status cli_fail(mpp_status st, const char *format, ...) MPP_PRINTF(2, 3);

/* The message of the failure that ends the program: cli_fail's, else the library's. */
const char *cli_failure(void);

/* Passes the failure on. Needs a local `mpp_status st` and a label `done:`. */
#define CLI_TRY(call)              \
  do {                             \
    if ((st = (call)) != MPP_OK) { \
      goto done;                   \
    }                              \
  } while (0)

/* ---- stdout: tables and JSON ---- */

/* Aligned text: the first `nleft` columns to the left, the rest to the right. */
typedef struct cli_table {
  size_t ncolumns, nrows, capacity, nleft;
  char (*cell)[MPP_NAME_MAX]; /* [nrows * ncolumns], owned */
} cli_table;

void cli_table_begin(cli_table *t, size_t ncolumns, size_t nleft);
/* Adds a row of empty cells and returns its index. */
size_t cli_table_row(cli_table *t);
void cli_table_set(cli_table *t, size_t row, size_t column, const char *format, ...)
    MPP_PRINTF(4, 5);
void cli_table_print(FILE *out, const cli_table *t, int indent);
void cli_table_free(cli_table *t);

/* Three significant digits, without an exponent where that stays short; "-" for NaN. */
typedef char cli_number_text[24];
const char *cli_number(cli_number_text out, double value);

/* 12,345,678 */
const char *cli_count(cli_number_text out, size_t value);

json_t *cli_json_real(double value);     /* null if not finite */
json_t *cli_json_text(const char *text); /* bytes that are no UTF-8 become '?' */
json_t *cli_json_names(const mpp_name *names, size_t count);

/* Prints and frees `value`; NULL (no memory) is a failure. */
MPP_MUST_CHECK mpp_status cli_json_print(json_t *value);

/* Scores: tables of the metrics chosen (rows: fields and predictors, columns: steps ahead, the best
 * of each column marked), a short table of NRMSE means for the eye during training, JSON, and CSV
 * with a line for each predictor, field, step and metric. MPP_ERR_USAGE: no such metric. */
MPP_MUST_CHECK mpp_status cli_metrics_chosen(bool shown[MPP_METRICS], const mpp_text_list *names);
MPP_MUST_CHECK mpp_status cli_scores_show(FILE *out, const mpp_scores *scores, bool has_model,
                                          const mpp_evaluate_options *options);
void cli_scores_print(FILE *out, const mpp_scores *scores, bool has_model); /* NRMSE and VRMSE */
void cli_scores_brief(FILE *out, const mpp_scores *scores, size_t ndatasets);
json_t *cli_scores_json(const mpp_scores *scores, bool has_model);
void cli_scores_csv_head(FILE *out);
void cli_scores_csv(FILE *out, const mpp_scores *scores, bool has_model, const char *data);
/* Power at the steps chosen, summed over octaves of the wave number. */
void cli_spectra_print(FILE *out, const mpp_scores *scores, bool has_model);
/* The solver beside: for each predictor the coarsest run that is as good, JSON and CSV of all
 * runs. */
void cli_break_even_print(FILE *out, const mpp_break_even *b, const mpp_scores *scores,
                          bool has_model, const mpp_evaluate_options *options);
json_t *cli_break_even_json(const mpp_break_even *b, const mpp_scores *scores, bool has_model);
void cli_break_even_csv(FILE *out, const mpp_break_even *b, const mpp_scores *scores,
                        const char *data);
/* Mean over all steps scored, as PDEBench reports its metrics. */
double cli_scores_over_steps(const mpp_scores *scores, mpp_predictor p, mpp_metric m, size_t field);
/* Indices of the horizons that tables show, at most MPP_LIST_MAX; returns how many. */
size_t cli_scores_columns(size_t column[MPP_LIST_MAX], const mpp_scores *scores,
                          const mpp_int_list *horizons);
void cli_csv_text(FILE *out, const char *text); /* quoted where it must be */

/* Whether data can be trusted: a check of all values, a manifest and its verification. Prints, or
 * adds to `root` where that is not NULL. MPP_ERR_DATA: faults were found. */
typedef struct cli_check_settings {
  bool json, check, overwrite;
  char manifest[MPP_TEXT_MAX], verify[MPP_TEXT_MAX];
  int split; /* mpp_train_split */
  double train_fraction, valid_fraction;
  char boundary[MPP_TEXT_MAX]; /* of a dataset that is described */
  mpp_data_flags flags;
} cli_check_settings;
MPP_MUST_CHECK mpp_status cli_info_check(const char *const *data, size_t count,
                                         const cli_check_settings *settings, json_t *root);
MPP_MUST_CHECK mpp_status cli_info_verify(const char *manifest, json_t *root);
MPP_MUST_CHECK mpp_status cli_info_manifest(const char *path, const char *const *data, size_t count,
                                            bool overwrite);

/* The report of a finetuning: a table of NRMSE of the models and of the predictors that need no
 * training, and JSON. */
void cli_report_print(FILE *out, const mpp_comparison *comparison);
json_t *cli_report_json(const mpp_comparison *comparison);

#endif
