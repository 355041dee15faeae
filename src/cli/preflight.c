/* preflight.c - what must be settled before the libraries begin: OpenBLAS starts a thread for each
 * core while it is loaded, each maps 128 MiB, and where a limit of address space refuses that they
 * ask again for ever. mpp computes with one thread of OpenBLAS, so with such a limit the program
 * starts itself again with OPENBLAS_NUM_THREADS=1. */
#include "cli.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { VARIABLES_MOST = 4096 };

static int limited(__rlimit_resource_t resource)
{
  struct rlimit now;
  return getrlimit(resource, &now) == 0 && now.rlim_cur != RLIM_INFINITY;
}

/* Before the constructors of any library, so with system calls alone. */
static void start_again(int argc, char **argv, char **variables)
{
  static char one[] = "OPENBLAS_NUM_THREADS=1";
  static char *changed[VARIABLES_MOST + 2];
  size_t n = 0;
  (void)argc;
  if (!limited(RLIMIT_AS) && !limited(RLIMIT_DATA)) {
    return;
  }
  for (char **v = variables; *v != NULL && n < VARIABLES_MOST; v++) {
    if (strcmp(*v, one) == 0) {
      return;
    }
    if (strncmp(*v, one, sizeof "OPENBLAS_NUM_THREADS") != 0) {
      changed[n++] = *v;
    }
  }
  changed[n] = one;
  execve("/proc/self/exe", argv, changed); /* where it fails all goes on as it would have */
}

__attribute__((section(".preinit_array"),
               used)) static void (*const before_all)(int, char **, char **) = start_again;

/* No status of mpp is 1: then a library has ended the program, libgomp where no thread can be
 * started, FFTW where no memory is left, after a line of its own on stderr. */
static void on_end(int code, void *context)
{
  static const char text[] =
      "mpp: out of memory, threads or another resource of the system; what a "
      "library said of it stands above\n";
  (void)context;
  if (code == EXIT_FAILURE) {
    (void)!write(STDERR_FILENO, text, sizeof text - 1);
    _exit(mpp_status_exit_code(MPP_ERR_NOMEM));
  }
}

void cli_watch_end(void) { (void)on_exit(on_end, NULL); }
