/* test_lock.c - one holder at a time; locks of killed processes are free. */
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"

static const char *replaced; /* at the next flock another file takes this name */

MPP_API int flock(int fd, int operation)
{
  if (replaced != NULL) {
    const int other = unlink(replaced) == 0 ? open(replaced, O_CREAT | O_RDWR, 0600) : -1;
    CU_ASSERT_FATAL(other >= 0);
    close(other);
    replaced = NULL;
  }
  return (int)syscall(SYS_flock, fd, operation);
}

/* Between opening and locking the last holder may remove its file, and somebody make a new one: a
 * lock on the old file would hold nobody off. */
static void a_file_that_is_replaced_meanwhile_is_not_taken(void)
{
  const char *path = test_path(0, "replaced.lock");
  struct stat held = {0}, named = {0};
  mpp_lock lock = {0};
  replaced = path;
  REQUIRE_OK(mpp_lock_take(&lock, path));
  CU_ASSERT_PTR_NULL(replaced);
  CU_ASSERT_FATAL(fstat(lock.fd, &held) == 0 && stat(path, &named) == 0);
  CU_ASSERT_EQUAL(held.st_ino, named.st_ino);
  mpp_lock_release(&lock);
}

static void a_held_lock_names_its_holder(void)
{
  const char *path = test_path(0, "run.lock");
  mpp_lock first = {0}, second = {0};
  char holder[64];
  REQUIRE_OK(mpp_lock_take(&first, path));
  ASSERT_STATUS(mpp_lock_take(&second, path), MPP_ERR_EXISTS);
  snprintf(holder, sizeof holder, "is held by process %ld on ", (long)getpid());
  ASSERT_MESSAGE(holder);
  CU_ASSERT_EQUAL(second.fd, 0);
  mpp_lock_release(&first);
  CU_ASSERT_NOT_EQUAL(access(path, F_OK), 0);
  ASSERT_OK(mpp_lock_take(&second, path));
  mpp_lock_release(&second);
  mpp_lock_release(&second);
}

static void the_lock_of_a_killed_process_is_free(void)
{
  const char *path = test_path(0, "killed.lock");
  int ready[2];
  char byte = 0;
  mpp_lock mine = {0};
  CU_ASSERT_EQUAL_FATAL(pipe(ready), 0);
  const pid_t child = fork();
  if (child == 0) {
    mpp_lock theirs = {0};
    byte = mpp_lock_take(&theirs, path) == MPP_OK ? 'y' : 'n';
    if (write(ready[1], &byte, 1) == 1) {
      pause();
    }
    _exit(1);
  }
  CU_ASSERT_EQUAL(read(ready[0], &byte, 1), 1);
  CU_ASSERT_EQUAL(byte, 'y');
  ASSERT_STATUS(mpp_lock_take(&mine, path), MPP_ERR_EXISTS);
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  ASSERT_OK(mpp_lock_take(&mine, path));
  mpp_lock_release(&mine);
  close(ready[0]);
  close(ready[1]);
}

static void a_failed_take_leaves_the_lock_unheld(void)
{
  const char *path = test_path(0, "fail.lock");
  mpp_lock lock = {0};
  for (long n = 0; n < 4; n++) { /* open, flock, truncate, write */
    mpp_fault_after(n);
    CU_ASSERT_NOT_EQUAL(mpp_lock_take(&lock, path), MPP_OK);
    mpp_fault_after(-1);
    CU_ASSERT_EQUAL(lock.fd, 0);
  }
  ASSERT_OK(mpp_lock_take(&lock, path));
  mpp_lock_release(&lock);
  ASSERT_STATUS(mpp_lock_take(&lock, test_path(1, "none/x.lock")), MPP_ERR_EXISTS);
}

TESTS({"a file that is replaced meanwhile is not taken",
       a_file_that_is_replaced_meanwhile_is_not_taken},
      {"a held lock names its holder", a_held_lock_names_its_holder},
      {"the lock of a killed process is free", the_lock_of_a_killed_process_is_free},
      {"a failed take leaves the lock unheld", a_failed_take_leaves_the_lock_unheld})
