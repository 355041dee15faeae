/* main.c - the program: a table of commands over the public API of libmpp. */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const mpp_option global_table[] = {
    {"threads", 't', MPP_OPT_LONG, offsetof(cli_global, threads), "0", 0, 4096, NULL, "N",
     "threads; 0: as many as OpenMP takes; results do not depend on it"},
    {"quiet", 'q', MPP_OPT_FLAG, offsetof(cli_global, quiet), NULL, 0, 0, NULL, NULL,
     "no messages and no progress, only results and failures"},
    {"progress", 0, MPP_OPT_CHOICE, offsetof(cli_global, progress), "auto", 0, 0,
     "auto|plain|never", "HOW",
     "auto: a bar on a terminal, elsewhere a line each 30 s, as plain does everywhere"},
    {"trust-input", 0, MPP_OPT_FLAG, offsetof(cli_global, trust_input), NULL, 0, 0, NULL, NULL,
     "open input files without a first look at each by a confined process of its own, and run any "
     "filter of HDF5 and of HDF5_PLUGIN_PATH"},
    {.name = NULL}};

static const cli_command *const commands[] = {
    &cli_generate, &cli_pretrain, &cli_finetune, &cli_rollout, &cli_evaluate, &cli_info,
    &cli_plot,     &cli_report,   &cli_convert,  &cli_bench,   &cli_plan,     &cli_describe};
enum { NCOMMANDS = sizeof commands / sizeof commands[0] };

static const cli_command *find_command(const char *name)
{
  for (size_t i = 0; i < NCOMMANDS; i++) {
    if (strcmp(commands[i]->name, name) == 0) {
      return commands[i];
    }
  }
  return NULL;
}

static mpp_status unknown_command(const char *name)
{
  const char *names[NCOMMANDS + 2] = {"help", "version"};
  for (size_t i = 0; i < NCOMMANDS; i++) { names[i + 2] = commands[i]->name; }
  const char *close = mpp_closest(name, names, NCOMMANDS + 2);
  if (close != NULL) {
    return cli_fail(MPP_ERR_USAGE, "unknown command '%s' (did you mean '%s'?)", name, close);
  }
  return cli_fail(MPP_ERR_USAGE, "unknown command '%s'; 'mpp help' lists the commands", name);
}

static void print_overview(FILE *out)
{
  fputs("mpp " MPP_VERSION " - surrogates of many physics: generate data, pretrain, finetune, "
        "forecast\n\nUsage: mpp COMMAND [words] [options]\n\nCommands:\n",
        out);
  for (size_t i = 0; i < NCOMMANDS; i++) {
    cli_help_row(out, 10, commands[i]->name, commands[i]->summary);
  }
  cli_help_row(
      out, 10, "help",
      "this text; 'mpp help COMMAND' is 'mpp COMMAND --help'; 'mpp help manual' is the manual "
      "page, 'mpp help completion' a completion script for bash");
  cli_help_row(out, 10, "version", "version of mpp and of the libraries in use");
  fputs("\nResults go to stdout, messages and progress to stderr.\n\nExit codes:\n", out);
#define EXIT_CODE_ROW(name, code, text) cli_help_row(out, 10, #code, text);
  MPP_STATUS_LIST(EXIT_CODE_ROW)
#undef EXIT_CODE_ROW
}

static mpp_status help(int argc, char **argv)
{
  if (argc < 2 || strcmp(argv[1], "help") == 0 || strcmp(argv[1], "version") == 0) {
    print_overview(stdout);
    return MPP_OK;
  }
  if (strcmp(argv[1], "manual") == 0) {
    cli_manual(stdout, commands, NCOMMANDS, global_table);
    return MPP_OK;
  }
  if (strcmp(argv[1], "completion") == 0) {
    cli_completion(stdout, commands, NCOMMANDS, global_table);
    return MPP_OK;
  }
  const cli_command *command = find_command(argv[1]);
  if (command == NULL) {
    return unknown_command(argv[1]);
  }
  cli_help_command(stdout, command, global_table, argc > 2 ? argv[2] : NULL);
  return MPP_OK;
}

static mpp_status run_command(const cli_command *command, int argc, char **argv)
{
  cli_args args = {0};
  cli_global global = {0};
  size_t nwords = 0;
  mpp_status st = mpp_options_defaults(&global, global_table);
  CLI_TRY(st);
  CLI_TRY(cli_args_read(&args, command, global_table, argc - 1, argv + 1));
  if (args.help) {
    cli_help_command(stdout, command, global_table, args.nwords > 0 ? args.word[0] : NULL);
    goto done;
  }
  CLI_TRY(mpp_options_parse(&global, global_table, args.argc[CLI_GLOBAL], args.argv[CLI_GLOBAL],
                            NULL, 0, &nwords));
  cli_progress_setup(&global);
  mpp_set_threads((int)global.threads);
  mpp_trust_input(global.trust_input);
  char *line = cli_quote(argc, argv);
  args.line = line != NULL ? line : "";
  st = command->run(&args);
  free(line);
done:
  cli_args_free(&args);
  return st;
}

static mpp_status dispatch(int argc, char **argv)
{
  if (argc < 2) {
    print_overview(stderr);
    return cli_fail(MPP_ERR_USAGE, "no command given");
  }
  const char *name = argv[1];
  if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
    return help(argc - 1, argv + 1);
  }
  if (strcmp(name, "version") == 0 || strcmp(name, "--version") == 0) {
    printf("mpp %s\n", mpp_version());
    return MPP_OK;
  }
  const cli_command *command = find_command(name);
  return command != NULL ? run_command(command, argc, argv) : unknown_command(name);
}

/* A reader that has seen enough (`mpp ... | head`) is no failure; a full disk is. */
static mpp_status flush_results(void)
{
  errno = 0;
  if (fflush(stdout) == 0 && !ferror(stdout)) {
    return MPP_OK;
  }
  /* An earlier write may have failed, whose errno is gone: a pipe without a reader says so
   * still. */
  struct pollfd out = {.fd = STDOUT_FILENO};
  if (errno == EPIPE || (poll(&out, 1, 0) > 0 && (out.revents & (POLLERR | POLLHUP)) != 0)) {
    return MPP_OK;
  }
  return cli_fail(MPP_ERR_IO, "standard output: %s", errno != 0 ? strerror(errno) : "write failed");
}

/* A file that is opened must not become a standard stream, to which results and messages go. What
 * takes the place of a closed one fails as that does. */
static void fill_streams(void)
{
  int fd = 0;
  while (fd >= 0 && fd <= STDERR_FILENO) {
    fd = open("/dev/null", fcntl(STDIN_FILENO, F_GETFD) < 0 ? O_WRONLY : O_RDONLY);
  }
  if (fd > STDERR_FILENO) {
    close(fd);
  }
}

/* netCDF-C would read .ncrc and .dodsrc of the current folder, and credentials in ~/.aws, when it
 * starts. */
static void keep_to_named_files(void)
{
  setenv("NCRCENV_IGNORE", "1", 0);
  setenv("NC_TEST_AWS_DIR", "/dev/null", 0);
}

int main(int argc, char **argv)
{
  fill_streams();
  setvbuf(stderr, NULL, _IOLBF, 0); /* whole lines in the logs of batch systems */
  signal(SIGPIPE, SIG_IGN);         /* a closed reader must not end a training run */
  signal(SIGXFSZ, SIG_IGN);         /* a file size limit is an error of write(), reported as such */
  setlocale(LC_NUMERIC, "C");
  keep_to_named_files();
  cli_watch_end();
  mpp_status st = dispatch(argc, argv);
  cli_progress_end();
  const mpp_status flushed = flush_results();
  if (st == MPP_OK) {
    st = flushed;
  }
  if (st != MPP_OK) {
    const char *text = cli_failure();
    fprintf(stderr, "mpp: %s\n", text[0] != '\0' ? text : mpp_status_text(st));
  }
  return mpp_status_exit_code(st);
}
