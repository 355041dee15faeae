/* run_folder.c - the files of a run. Only names that a run writes are ever removed. */
#include "run_folder.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "check.h"

static const char *const fixed_names[] = {
    "config.yaml",       "metrics.jsonl",     "best.safetensors",    "best-adapter.safetensors",
    "ema.safetensors",   "final.safetensors", "adapter.safetensors", "report.json",
    "environment.jsonl", "timing.jsonl",      MPP_EVENTS_NAME};
enum { FIXED_NAMES = sizeof fixed_names / sizeof *fixed_names };

/* "step-00000500.safetensors" -> 500. */
static bool parse_checkpoint(uint64_t *step, const char *name)
{
  char again[64];
  if (sscanf(name, "step-%" SCNu64 ".", step) != 1) {
    return false;
  }
  snprintf(again, sizeof again, "step-%08" PRIu64 ".safetensors", *step);
  return strcmp(name, again) == 0;
}

/* A file that a process which was killed was writing: "<one of ours>.tmp-<pid>-<n>". */
static bool is_temporary(const char *name) { return strstr(name, ".tmp-") != NULL; }

static bool is_of_run(const char *name)
{
  uint64_t step;
  for (size_t i = 0; i < FIXED_NAMES; i++) {
    if (strcmp(name, fixed_names[i]) == 0) {
      return true;
    }
  }
  return parse_checkpoint(&step, name);
}

void mpp_run_folder_file(char out[MPP_PATH_MAX], const mpp_run_folder *folder, const char *name)
{
  snprintf(out, MPP_PATH_MAX, "%.*s/%.120s", MPP_PATH_MAX - 128, folder->path, name);
}

void mpp_run_folder_checkpoint(char out[MPP_PATH_MAX], const mpp_run_folder *folder, uint64_t step)
{
  char name[64];
  snprintf(name, sizeof name, "step-%08" PRIu64 ".safetensors", step);
  mpp_run_folder_file(out, folder, name);
}

/* Calls `visit` with each name until one fails. */
static mpp_status each_name(const mpp_run_folder *folder,
                            mpp_status (*visit)(void *context, const char *name), void *context)
{
  mpp_status st = MPP_OK;
  DIR *stream = mpp_fault() ? NULL : opendir(folder->path);
  MPP_REQUIRE(stream != NULL, MPP_ERR_IO, "%s: cannot be listed: %s", folder->path,
              strerror(errno));
  for (;;) {
    errno = 0;
    const struct dirent *entry = readdir(stream); /* a stream of our own: no other thread's */
    if (entry == NULL) {
      MPP_REQUIRE(errno == 0, MPP_ERR_IO, "%s: cannot be listed: %s", folder->path,
                  strerror(errno));
      break;
    }
    MPP_TRY(visit(context, entry->d_name));
  }
done:
  if (stream != NULL) {
    closedir(stream);
  }
  return st;
}

static mpp_status remove_file(const mpp_run_folder *folder, const char *name)
{
  char path[MPP_PATH_MAX];
  mpp_run_folder_file(path, folder, name);
  if (mpp_fault() || (unlink(path) != 0 && errno != ENOENT)) {
    return mpp_fail(MPP_ERR_IO, "%s: cannot be removed: %s", path, strerror(errno));
  }
  return MPP_OK;
}

static mpp_status remove_temporary(void *context, const char *name)
{
  return is_temporary(name) ? remove_file(context, name) : MPP_OK;
}

static mpp_status remove_of_run(void *context, const char *name)
{
  return is_of_run(name) ? remove_file(context, name) : MPP_OK;
}

static mpp_status refuse_of_run(void *context, const char *name)
{
  const mpp_run_folder *folder = context;
  return is_of_run(name)
             ? mpp_fail(MPP_ERR_EXISTS,
                        "%s: holds a run already (%s); go on with it (resume), replace it "
                        "(overwrite), or choose another folder",
                        folder->path, name)
             : MPP_OK;
}

static mpp_status make_one(const char *path, int *made)
{
  const bool there = access(path, F_OK) == 0;
  const mpp_status st = mpp_make_folder(path);
  *made += st == MPP_OK && !there;
  return st;
}

/* The folder and those that it lies in. *made counts the new ones. */
static mpp_status make_folders(const char *path, int *made)
{
  mpp_status st = MPP_OK;
  char part[MPP_PATH_MAX];
  const int n = snprintf(part, sizeof part, "%s", path);
  MPP_REQUIRE(n >= 0 && (size_t)n < sizeof part, MPP_ERR_EXISTS, "%s: a path of %d bytes", path, n);
  for (char *at = part + 1; part[0] != '\0' && *at != '\0'; at++) {
    if (*at == '/' && at[-1] != '/' && at[1] != '\0') {
      *at = '\0';
      MPP_TRY(make_one(part, made));
      *at = '/';
    }
  }
  MPP_TRY(make_one(path, made));
done:
  return st;
}

/* What is not empty stays. */
static void remove_made(const mpp_run_folder *folder)
{
  char path[MPP_PATH_MAX];
  snprintf(path, sizeof path, "%s", folder->path);
  for (int i = 0; i < folder->made && rmdir(path) == 0; i++) {
    size_t n = strlen(path);
    while (n > 0 && path[n - 1] == '/') { n--; }
    while (n > 0 && path[n - 1] != '/') { n--; }
    path[n] = '\0';
  }
}

mpp_status mpp_run_folder_open(mpp_run_folder *folder, const char *path, bool resume,
                               bool overwrite)
{
  mpp_status st = MPP_OK;
  char lock[MPP_PATH_MAX];
  mpp_run_folder new = {.lock = {.fd = -1}};
  snprintf(new.path, sizeof new.path, "%s", path);
  MPP_TRY(make_folders(path, &new.made));
  mpp_run_folder_file(lock, &new, "lock");
  MPP_TRY(mpp_lock_take(&new.lock, lock));
  if (!resume && !overwrite) {
    MPP_TRY(each_name(&new, refuse_of_run, &new));
  }
  MPP_TRY(each_name(&new, remove_temporary, &new));
  *folder = new;
  new = (mpp_run_folder){.lock = {.fd = -1}};
done:
  mpp_run_folder_close(&new);
  return st;
}

void mpp_run_folder_close(mpp_run_folder *folder)
{
  mpp_lock_release(&folder->lock);
  remove_made(folder);
  folder->made = 0;
}

mpp_status mpp_run_folder_clear(const mpp_run_folder *folder)
{
  mpp_run_folder copy = *folder;
  return each_name(folder, remove_of_run, &copy);
}

/* ---- checkpoints ---- */

typedef struct step_list {
  uint64_t *step; /* owned; NULL while counting */
  size_t count, capacity;
} step_list;

static mpp_status collect(void *context, const char *name)
{
  step_list *list = context;
  uint64_t step;
  if (parse_checkpoint(&step, name)) {
    if (list->step != NULL && list->count < list->capacity) {
      list->step[list->count] = step;
    }
    list->count++;
  }
  return MPP_OK;
}

static int compare(const void *a, const void *b)
{
  const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

mpp_status mpp_run_folder_steps(uint64_t **steps, size_t *count, const mpp_run_folder *folder)
{
  mpp_status st = MPP_OK;
  step_list list = {0};
  MPP_TRY(each_name(folder, collect, &list));
  list.capacity = list.count;
  list.count = 0;
  MPP_TRY(MPP_ALLOC(&list.step, list.capacity));
  if (list.capacity > 0) {
    MPP_TRY(each_name(folder, collect, &list));
    list.count = list.count < list.capacity ? list.count : list.capacity;
    qsort(list.step, list.count, sizeof *list.step, compare);
  }
  *steps = list.step;
  *count = list.count;
  list.step = NULL;
done:
  mpp_free(list.step);
  return st;
}

mpp_status mpp_run_folder_rotate(const mpp_run_folder *folder, size_t keep)
{
  mpp_status st = MPP_OK;
  uint64_t *steps = NULL;
  size_t count = 0;
  char name[64];
  MPP_TRY(mpp_run_folder_steps(&steps, &count, folder));
  for (size_t i = 0; i + keep < count; i++) {
    snprintf(name, sizeof name, "step-%08" PRIu64 ".safetensors", steps[i]);
    MPP_TRY(remove_file(folder, name));
  }
done:
  mpp_free(steps);
  return st;
}
