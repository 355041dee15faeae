/* progress.c - stderr: failures, messages, and progress that suits both a terminal and a log. */
#include "cli.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static const double redraw_after = 0.1; /* [s] */
static double line_after = 30.0;        /* [s] */
enum { BAR_CELLS = 24 };

static struct {
  bool quiet, bar, plain, colour;
  bool shown;  /* a bar is on the screen */
  double last; /* when something was shown [s] */
} state;

static char failure[2048];

double cli_clock(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void cli_progress_setup(const cli_global *global)
{
  const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");
  const bool terminal = isatty(STDERR_FILENO) == 1 && term != NULL && strcmp(term, "dumb") != 0;
  const bool never = global->quiet || global->progress == CLI_PROGRESS_NEVER;
  state.quiet = global->quiet;
  state.bar = !never && terminal && global->progress == CLI_PROGRESS_AUTO;
  state.plain = !never && !state.bar;
  state.colour = no_colour == NULL || no_colour[0] == '\0';
  state.last = cli_clock();
}

const char *cli_time(cli_time_text out, double seconds)
{
  const bool known = seconds >= 0.0 && seconds < 1e9;
  const long s = known ? (long)(seconds + 0.5) : 0;
  if (!known) {
    snprintf(out, sizeof(cli_time_text), "?");
  } else if (s < 3600) {
    snprintf(out, sizeof(cli_time_text), "%ld:%02ld", s / 60, s % 60);
  } else {
    snprintf(out, sizeof(cli_time_text), "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
  }
  return out;
}

void cli_progress_interval(double seconds) { line_after = seconds; }

static int terminal_width(void)
{
  struct winsize size = {0};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

static void draw_bar(double fraction, const char *text)
{
  const int filled = (int)(fraction * BAR_CELLS);
  const int room = terminal_width() - BAR_CELLS - 9;
  char cells[BAR_CELLS + 1];
  memset(cells, '-', BAR_CELLS);
  memset(cells, '#', (size_t)filled);
  cells[BAR_CELLS] = '\0';
  fprintf(stderr, "\r%s[%s]%s %3d%% %.*s\033[K", state.colour ? "\033[36m" : "", cells,
          state.colour ? "\033[0m" : "", (int)(100.0 * fraction), room > 0 ? room : 0, text);
  fflush(stderr);
  state.shown = true;
}

void cli_progress(double fraction, const char *format, ...)
{
  const double t = cli_clock();
  if ((!state.bar && !state.plain) || t - state.last < (state.bar ? redraw_after : line_after)) {
    return;
  }
  char text[512];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  fraction = fraction > 0.0 ? (fraction < 1.0 ? fraction : 1.0) : 0.0; /* NaN: 0 */
  if (state.bar) {
    draw_bar(fraction, text);
  } else {
    fprintf(stderr, "%3d%% %s\n", (int)(100.0 * fraction), text);
  }
  state.last = t;
}

void cli_progress_end(void)
{
  if (state.shown) {
    fputs("\r\033[K", stderr);
    fflush(stderr);
    state.shown = false;
  }
}

FILE *cli_message_stream(void)
{
  cli_progress_end();
  return state.quiet ? NULL : stderr;
}

void cli_message(const char *format, ...)
{
  FILE *out = cli_message_stream();
  if (out != NULL) {
    va_list args;
    va_start(args, format);
    vfprintf(out, format, args);
    va_end(args);
    fputc('\n', out);
  }
}

mpp_status cli_fail(mpp_status st, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  vsnprintf(failure, sizeof failure, format, args);
  va_end(args);
  return st;
}

const char *cli_failure(void) { return failure[0] != '\0' ? failure : mpp_last_error(); }
