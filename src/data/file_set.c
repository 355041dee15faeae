/* file_set.c - which files a specification stands for. */
#include "file_set.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "alloc.h"
#include "check.h"
#include "file.h"

/* Longest list that is read into memory: more files are a wrong folder, not a dataset. */
enum { FILES_MAX = 1 << 20 };

static bool exists(const char *path)
{
  struct stat info;
  return stat(path, &info) == 0;
}

static bool is_folder(const char *path)
{
  struct stat info;
  return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* A word that can be a label: letters, digits, '_' and '-', beginning with a letter or '_'. */
static bool is_label(const char *text)
{
  if (!isalpha((unsigned char)text[0]) && text[0] != '_') {
    return false;
  }
  for (; *text != '\0'; text++) {
    if (!isalnum((unsigned char)*text) && *text != '_' && *text != '-') {
      return false;
    }
  }
  return true;
}

static bool ends_with(const char *name, const char *const *endings)
{
  const char *dot = strrchr(name, '.');
  for (; dot != NULL && dot != name && *endings != NULL; endings++) {
    if (strcmp(dot, *endings) == 0) {
      return true;
    }
  }
  return false;
}

static const char *const hdf5_files[] = {".h5", ".hdf5", NULL},
                         *const netcdf_files[] = {".nc", NULL},
                         *const descriptions[] = {".yaml", ".yml", NULL};

static int by_name(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Adds a copy of folder/name (or of name alone); the list doubles when it is full. */
static mpp_status append(mpp_file_set *set, const char *folder, const char *name)
{
  mpp_status st = MPP_OK;
  char **grown = NULL;
  MPP_REQUIRE(set->count < FILES_MAX, MPP_ERR_NOINPUT, "%s: more than %d files", set->path,
              FILES_MAX);
  if ((set->count & (set->count - 1)) == 0) { /* lengths 0, 1, 2, 4, ... are full */
    MPP_TRY(MPP_ALLOC(&grown, set->count > 0 ? 2 * set->count : 1));
    for (size_t i = 0; i < set->count; i++) { grown[i] = set->file[i]; }
    mpp_free(set->file);
    set->file = grown;
  }
  const bool slash = folder[0] != '\0' && folder[strlen(folder) - 1] != '/';
  MPP_TRY(mpp_format(&set->file[set->count], "%s%s%s", folder, slash ? "/" : "", name));
  set->count++;
done:
  return st;
}

static mpp_status add_members(mpp_file_set *set, const char *path, const char *const *endings)
{
  mpp_status st = MPP_OK;
  DIR *folder = mpp_fault() ? NULL : opendir(path);
  MPP_REQUIRE(folder != NULL, MPP_ERR_NOINPUT, "%s: folder cannot be read: %s", path,
              strerror(errno));
  for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    if (ends_with(entry->d_name, endings)) {
      MPP_TRY(append(set, path, entry->d_name));
    }
  }
done:
  if (folder != NULL) {
    closedir(folder);
  }
  return st;
}

/* Forecasts (*.nc) may lie beside the data that they were made from. */
static mpp_status list_folder(mpp_file_set *set, const char *path)
{
  mpp_status st = MPP_OK;
  const size_t before = set->count;
  MPP_TRY(add_members(set, path, hdf5_files));
  if (set->count == before) {
    MPP_TRY(add_members(set, path, netcdf_files));
  }
  MPP_REQUIRE(set->count > before, MPP_ERR_NOINPUT,
              "%s: folder without files named *.h5, *.hdf5 or *.nc", path);
done:
  return st;
}

static mpp_status match_glob(mpp_file_set *set, const char *path)
{
  mpp_status st = MPP_OK;
  glob_t matches = {0};
  const int rc = mpp_fault() ? GLOB_NOSPACE : glob(path, GLOB_NOSORT, NULL, &matches);
  MPP_REQUIRE(rc != GLOB_NOSPACE, MPP_ERR_NOMEM, "%s: out of memory", path);
  MPP_REQUIRE(rc == 0, MPP_ERR_NOINPUT, "%s: no file matches", path);
  for (size_t i = 0; i < matches.gl_pathc; i++) { MPP_TRY(append(set, "", matches.gl_pathv[i])); }
done:
  globfree(&matches);
  return st;
}

/* Adds what a file, folder or glob stands for. */
static mpp_status add_path(mpp_file_set *set, const char *path)
{
  return is_folder(path)                                 ? list_folder(set, path)
         : !exists(path) && strpbrk(path, "*?[") != NULL ? match_glob(set, path)
                                                         : append(set, "", path);
}

static mpp_status check_and_sort(mpp_file_set *set)
{
  mpp_status st = MPP_OK;
  for (size_t i = 0; i < set->count; i++) { MPP_TRY(mpp_check_input(set->file[i])); }
  qsort(set->file, set->count, sizeof *set->file, by_name);
done:
  return st;
}

bool mpp_file_set_is_description(const mpp_file_set *set)
{
  return set->count == 1 && ends_with(set->file[0], descriptions);
}

mpp_status mpp_file_set_expand(mpp_file_set *set, const char *names)
{
  mpp_status st = MPP_OK;
  mpp_file_set found = {0};
  char *path = NULL;
  const char *slash = strrchr(set->path, '/');
  const int nfolder = slash != NULL ? (int)(slash - set->path) + 1 : 0;
  MPP_TRY(mpp_format(&found.path, "%s", set->path));
  memcpy(found.system, set->system, sizeof found.system);
  for (const char *at = names; *at != '\0';) {
    const int length = (int)strcspn(at, "\n");
    mpp_free(path);
    path = NULL;
    MPP_TRY(mpp_format(&path, "%.*s%.*s", at[0] == '/' ? 0 : nfolder, set->path, length, at));
    MPP_TRY(add_path(&found, path));
    at += length + (at[length] == '\n' ? 1 : 0);
  }
  MPP_TRY(check_and_sort(&found));
  mpp_file_set_free(set);
  *set = found;
  found = (mpp_file_set){0};
done:
  mpp_free(path);
  mpp_file_set_free(&found);
  return st;
}

mpp_status mpp_file_set_find(mpp_file_set *out, const char *spec)
{
  mpp_status st = MPP_OK;
  mpp_file_set set = {0};
  MPP_REQUIRE(spec[0] != '\0', MPP_ERR_NOINPUT, "the name of a dataset is empty");
  MPP_TRY(mpp_format(&set.path, "%s", spec));
  char *colon = strrchr(set.path, ':');
  if (colon != NULL && is_label(colon + 1) && !exists(spec)) {
    const size_t length = strlen(colon + 1);
    MPP_REQUIRE(length < sizeof set.system, MPP_ERR_DATA,
                "%s: label of %zu characters, expected at most %zu", spec, length,
                sizeof set.system - 1);
    memcpy(set.system, colon + 1, length + 1);
    *colon = '\0';
  }
  MPP_TRY(add_path(&set, set.path));
  MPP_TRY(check_and_sort(&set));
  *out = set;
  set = (mpp_file_set){0};
done:
  mpp_file_set_free(&set);
  return st;
}

void mpp_file_set_free(mpp_file_set *set)
{
  for (size_t i = 0; i < set->count; i++) { mpp_free(set->file[i]); }
  mpp_free(set->file);
  mpp_free(set->path);
  *set = (mpp_file_set){0};
}
