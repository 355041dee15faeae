/* preflight.c - what must be settled before the libraries begin: OpenBLAS starts a thread for each
 * core while it is loaded, each maps 128 MiB, and where a limit of address space refuses that they
 * ask again for ever. mpp computes with one thread of OpenBLAS, so with such a limit the program
 * starts itself again with OPENBLAS_NUM_THREADS=1. */
#include "cli.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
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

/* No status of mpp is 1 or negative: then a library has ended the program, libgomp where no thread
 * can be started, FFTW where no memory is left, after a line of its own on stderr, HDF5 without
 * one. */
static void on_end(int code, void *context)
{
  static const char text[] =
      "mpp: out of memory, threads or another resource of the system; what a "
      "library says of it stands above\n";
  (void)context;
  if (code == EXIT_FAILURE || code < 0) {
    (void)!write(STDERR_FILENO, text, sizeof text - 1);
    _exit(mpp_status_exit_code(MPP_ERR_NOMEM));
  }
}

static const int deadly[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
enum { DEADLY = sizeof deadly / sizeof deadly[0] };
static struct sigaction before[DEADLY];

/* An allocation has failed, or the next one will: errno may tell of something else by now. */
static bool memory_is_short(void)
{
  enum { PLENTY = 256 << 20 };
  return errno == ENOMEM || mmap(NULL, PLENTY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                                 -1, 0) == MAP_FAILED;
}

/* Says `text` and ends the program as `st` does, from a signal handler. */
static _Noreturn void end_with(mpp_status st, const char *text, size_t length)
{
  (void)!write(STDERR_FILENO, text, length);
  _exit(mpp_status_exit_code(st));
}

/* HDF5 follows the pointers that an allocation did not give, and calls itself for ever to say so;
 * netCDF 4.9.0 looks at objects that are gone where HDF5 could not write the last block of a file
 * that it closes. Any other crash goes its way. */
static void on_crash(int number, siginfo_t *info, void *context)
{
  static const char text[] = "mpp: out of memory: a library crashes where an allocation fails\n";
  static const char unwritten[] =
      "mpp: a file cannot be closed, since a write failed: the disk is full, or fails\n";
  const int error = errno;
  (void)context;
  if (error == ENOSPC || error == EDQUOT || error == EFBIG || error == EIO) {
    end_with(MPP_ERR_IO, unwritten, sizeof unwritten - 1);
  }
  if (memory_is_short()) {
    end_with(MPP_ERR_NOMEM, text, sizeof text - 1);
  }
  for (int i = 0; i < DEADLY; i++) { sigaction(deadly[i], &before[i], NULL); }
  if (info->si_code <= 0) { /* sent by a call, that will not be made again */
    raise(number);
  }
}

void cli_watch_end(void)
{
  static char stack[1 << 16]; /* the other one may be full */
  const stack_t own = {.ss_sp = stack, .ss_size = sizeof stack};
  struct sigaction act = {.sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  (void)on_exit(on_end, NULL);
  (void)sigaltstack(&own, NULL);
  for (int i = 0; i < DEADLY; i++) { sigaction(deadly[i], &act, &before[i]); }
}
