/* run_environment.c - what nobody writes down and everybody asks for when a run gives other
 * numbers. */
#include "run_environment.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"
#include "check.h"
#include "file.h"
#include "json.h"
#include "memory.h"
#include "mpp/threads.h"
#include "mpp/version.h"

extern char **environ;

/* Beginnings of the names of variables that are kept: none that could hold a secret. */
static const char *const kept[] = {"OMP_",         "GOMP_",        "KMP_",
                                   "OPENBLAS_",    "HDF5_",        "MPP_",
                                   "SLURM_JOB_ID", "SLURM_ARRAY_", "SLURM_RESTART_COUNT",
                                   "TMPDIR",       "LD_PRELOAD",   "LD_LIBRARY_PATH"};

static void put_variables(mpp_json *j)
{
  mpp_json_open(j, "variables", '{');
  for (char **v = environ; v != NULL && *v != NULL; v++) {
    const char *equals = strchr(*v, '=');
    char name[128];
    const size_t length = equals != NULL ? (size_t)(equals - *v) : sizeof name;
    for (size_t i = 0; i < sizeof kept / sizeof *kept && length < sizeof name; i++) {
      if (strncmp(*v, kept[i], strlen(kept[i])) == 0) {
        snprintf(name, sizeof name, "%.*s", (int)length, *v);
        mpp_json_text(j, name, equals + 1);
        break;
      }
    }
  }
  mpp_json_close(j, '}');
}

/* "model name : AMD EPYC" of /proc/cpuinfo. */
static void put_processor(mpp_json *j)
{
  char line[512];
  FILE *f = fopen("/proc/cpuinfo", "re");
  while (f != NULL && fgets(line, sizeof line, f) != NULL) {
    char *colon = strchr(line, ':');
    if (strncmp(line, "model name", 10) == 0 && colon != NULL) {
      line[strcspn(line, "\n")] = '\0';
      mpp_json_text(j, "processor", colon + 1 + strspn(colon + 1, " "));
      break;
    }
  }
  if (f != NULL) {
    fclose(f);
  }
  mpp_json_int(j, "processors", (int64_t)sysconf(_SC_NPROCESSORS_ONLN));
}

static void put_machine(mpp_json *j)
{
  struct utsname system;
  char folder[MPP_PATH_MAX];
  if (uname(&system) == 0) {
    char text[sizeof system.sysname + sizeof system.release + sizeof system.machine + 4];
    snprintf(text, sizeof text, "%s %s %s", system.sysname, system.release, system.machine);
    mpp_json_text(j, "host", system.nodename);
    mpp_json_text(j, "system", text);
  }
  put_processor(j);
  mpp_json_int(j, "memory_bytes", (int64_t)mpp_memory_line("/proc/meminfo", "MemTotal", 0));
  if (getcwd(folder, sizeof folder) != NULL) {
    mpp_json_text(j, "folder", folder);
  }
}

static void put_time(mpp_json *j)
{
  const time_t now = time(NULL);
  struct tm utc;
  char text[32] = "";
  if (gmtime_r(&now, &utc) != NULL) {
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  }
  mpp_json_text(j, "time", text);
}

void mpp_run_environment_add(const char *path, const char *command,
                             const mpp_train_options *options, uint64_t step,
                             const mpp_train_observer *observer)
{
  mpp_json j;
  mpp_status st = MPP_OK;
  mpp_json_begin(&j);
  mpp_json_open(&j, NULL, '{');
  put_time(&j);
  mpp_json_int(&j, "step", (int64_t)step);
  mpp_json_text(&j, "version", mpp_version());
  mpp_json_text(&j, "build", mpp_build());
  mpp_json_text(&j, "compiler", __VERSION__);
  mpp_json_text(&j, "command", command);
  mpp_json_int(&j, "seed", options->seed);
  mpp_json_int(&j, "threads", mpp_get_threads());
  mpp_json_int(&j, "process", (int64_t)getpid());
  put_machine(&j);
  put_variables(&j);
  mpp_json_close(&j, '}');
  const int fd = j.failed || mpp_fault()
                     ? -1
                     : open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0666);
  if (fd >= 0) {
    j.text[j.length] = '\n'; /* in the place of the NUL */
    st = mpp_write_all(fd, path, j.text, j.length + 1);
    close(fd);
  }
  if ((fd < 0 || st != MPP_OK) && observer != NULL && observer->message != NULL) {
    char text[MPP_PATH_MAX + 128];
    snprintf(text, sizeof text, "%s: cannot be written: %s; the training goes on", path,
             strerror(errno));
    observer->message(observer->context, text);
  }
  mpp_json_free(&j);
}
