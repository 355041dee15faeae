/* fail_alloc.c - loaded before all other libraries (LD_PRELOAD), it has allocations of the program
 * and of its libraries fail. They are counted over the process and its children, from the beginning
 * of main on; what libc allocates for others (strdup, fopen, opendir) is among them.
 *
 * FAIL_ALLOC_AT: the number of the one that fails; none without it.
 *
 * FAIL_ALLOC_ALWAYS=1: all after it fail too, and mmap.
 *
 * FAIL_ALLOC_TRACE=1: the callers of the first that fails on stderr. Those of a crash are told in
 * any case, after a line "crash in:".
 *
 * FAIL_ALLOC_PATHS: a file that gets, at the end, the number of each allocation that came by a path
 * unlike all before it, and last that of all: a path is the innermost callers and those that are in
 * the program itself. */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Names of libc, in whose place this stands.
 * NOLINTBEGIN(bugprone-reserved-identifier,readability-inconsistent-declaration-parameter-name) */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *p, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

typedef int main_function(int argc, char **argv, char **environment);

enum { FRAMES = 48, INNER = 4, SLOTS = 1 << 16 };

/* Shared with children. */
typedef struct counts {
  atomic_long taken, found;
  atomic_long first[SLOTS]; /* number of the first allocation of each path */
  atomic_ulong path[SLOTS]; /* hashes of paths seen, 0: free */
} counts;

static counts *all; /* NULL: not in main yet */
static long at;
static bool always, trace;
static int paths = -1;
static uintptr_t program[2]; /* code of the program itself: from, to */
static main_function *real_main;

static void tell_callers(void)
{
  static atomic_flag told = ATOMIC_FLAG_INIT;
  void *frame[FRAMES];
  if (trace && !atomic_flag_test_and_set(&told)) {
    backtrace_symbols_fd(frame, backtrace(frame, FRAMES), STDERR_FILENO);
  }
}

static bool is_new_path(void)
{
  void *frame[FRAMES];
  unsigned long hash = 14695981039346656037ul; /* FNV-1a over words */
  const int n = backtrace(frame, FRAMES);
  for (int i = 0; i < n; i++) {
    const uintptr_t address = (uintptr_t)frame[i];
    if (i < INNER || (address >= program[0] && address < program[1])) {
      hash = (hash ^ (unsigned long)address) * 1099511628211ul;
    }
  }
  for (unsigned long slot = hash % SLOTS, tried = 0; tried < SLOTS / 2; tried++) {
    unsigned long there = 0;
    if (atomic_compare_exchange_strong(&all->path[slot], &there, hash)) {
      return true;
    }
    if (there == hash) {
      return false;
    }
    slot = (slot + 1) % SLOTS;
  }
  abort();
}

static bool fails(void)
{
  if (all == NULL) {
    return false;
  }
  const long n = atomic_fetch_add(&all->taken, 1) + 1;
  if (paths >= 0 && is_new_path()) {
    atomic_store(&all->first[atomic_fetch_add(&all->found, 1)], n);
  }
  if (at == 0 || (always ? n < at : n != at)) {
    return false;
  }
  tell_callers();
  errno = ENOMEM;
  return true;
}

void *malloc(size_t size) { return fails() ? NULL : __libc_malloc(size); }

void *calloc(size_t count, size_t size) { return fails() ? NULL : __libc_calloc(count, size); }

void *realloc(void *p, size_t size)
{
  return size > 0 && fails() ? NULL : __libc_realloc(p, size); /* a release does not fail */
}

void *reallocarray(void *p, size_t count, size_t size)
{
  size_t bytes = 0;
  if (__builtin_mul_overflow(count, size, &bytes)) {
    errno = ENOMEM;
    return NULL;
  }
  return realloc(p, bytes);
}

void *memalign(size_t alignment, size_t size)
{
  return fails() ? NULL : __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

void *valloc(size_t size) { return memalign(4096, size); }

int posix_memalign(void **out, size_t alignment, size_t size)
{
  void *p = memalign(alignment, size);
  if (p != NULL) {
    *out = p;
  }
  return p != NULL ? 0 : ENOMEM;
}

/* Where all fail there are no pages to be had either. */
void *mmap(void *where, size_t size, int protection, int flags, int fd, off_t offset)
{
  if (all != NULL && always && at > 0 && (flags & MAP_ANONYMOUS) != 0 && all->taken >= at) {
    errno = ENOMEM;
    return MAP_FAILED;
  }
  return (void *)syscall(SYS_mmap, where, size, protection, flags, fd, offset);
}

void *mmap64(void *where, size_t size, int protection, int flags, int fd, off64_t offset)
{
  return mmap(where, size, protection, flags, fd, offset);
}

static long number_of(const char *name)
{
  const char *text = getenv(name);
  return text != NULL ? atol(text) : 0;
}

/* The first object is the program itself. */
static int note_program(struct dl_phdr_info *info, size_t size, void *context)
{
  (void)size, (void)context;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const uintptr_t begin = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
    if (info->dlpi_phdr[i].p_type == PT_LOAD && (info->dlpi_phdr[i].p_flags & PF_X) != 0) {
      program[0] = begin;
      program[1] = begin + info->dlpi_phdr[i].p_memsz;
    }
  }
  return 1;
}

/* Where the program crashes for good it is told in what. */
static void on_crash(int number)
{
  static const char text[] = "crash in:\n";
  void *frame[FRAMES];
  if (write(STDERR_FILENO, text, sizeof text - 1) > 0) {
    backtrace_symbols_fd(frame, backtrace(frame, FRAMES), STDERR_FILENO);
  }
  signal(number, SIG_DFL);
  raise(number);
}

static int counted_main(int argc, char **argv, char **environment)
{
  const struct sigaction crash = {.sa_handler = on_crash, .sa_flags = SA_ONSTACK};
  void *frame[1];
  const char *path = getenv("FAIL_ALLOC_PATHS");
  at = number_of("FAIL_ALLOC_AT");
  always = number_of("FAIL_ALLOC_ALWAYS") != 0;
  trace = number_of("FAIL_ALLOC_TRACE") != 0;
  dl_iterate_phdr(note_program, NULL);
  sigaction(SIGSEGV, &crash, NULL);
  sigaction(SIGABRT, &crash, NULL);
  backtrace(frame, 1);    /* it loads a library */
  unsetenv("LD_PRELOAD"); /* programs that this one starts are left in peace */
  if (path != NULL) {
    paths = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  }
  counts *shared =
      mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED || (path != NULL && paths < 0)) {
    abort();
  }
  all = shared;
  return real_main(argc, argv, environment);
}

int __libc_start_main(main_function *f, int argc, char **argv, void (*init)(void),
                      void (*fini)(void), void (*loader_fini)(void), void *stack);
int __libc_start_main(main_function *f, int argc, char **argv, void (*init)(void),
                      void (*fini)(void), void (*loader_fini)(void), void *stack)
{
  int (*real)(main_function *, int, char **, void (*)(void), void (*)(void), void (*)(void),
              void *) = (__typeof__(real))dlsym(RTLD_NEXT, "__libc_start_main");
  real_main = f;
  return real(counted_main, argc, argv, init, fini, loader_fini, stack);
}

/* By the parent: a confined child may not write. */
__attribute__((destructor)) static void tell_counts(void)
{
  const long taken = all != NULL ? atomic_load(&all->taken) : 0;
  for (long i = 0; all != NULL && paths >= 0 && i <= all->found; i++) {
    if (dprintf(paths, "%ld\n", i < all->found ? all->first[i] : taken) < 0) {
      abort();
    }
  }
}
/* NOLINTEND(bugprone-reserved-identifier,readability-inconsistent-declaration-parameter-name) */
