/* manifest.c - sizes and digests of the files of datasets, written down and compared. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "alloc.h"
#include "check.h"
#include "digest.h"
#include "file.h"
#include "file_set.h"
#include "json.h"
#include "mpp/info.h"
#include "text.h"

enum { PIECE = 1 << 20, MANIFEST_LIMIT = 1 << 28 };
typedef char digest_text[MPP_DIGEST_SIZE];

/* MPP_ERR_NOINPUT: not there, not readable; MPP_ERR_IO: reading stopped. */
static mpp_status digest_file(digest_text out, long long *bytes, const char *path)
{
  mpp_status st = MPP_OK;
  char *piece = NULL;
  ssize_t n = 0;
  int fd = -1;
  XXH3_state_t *state = NULL;
  long long total = 0;
  MPP_TRY(mpp_check_input(path));
  state = mpp_fault() ? NULL : XXH3_createState();
  MPP_REQUIRE(state != NULL && XXH3_128bits_reset(state) == XXH_OK, MPP_ERR_NOMEM, "digest");
  MPP_TRY(MPP_ALLOC(&piece, PIECE));
  fd = open(path, O_RDONLY | O_CLOEXEC);
  MPP_REQUIRE(fd >= 0, MPP_ERR_NOINPUT, "%s: cannot be read: %s", path, strerror(errno));
  while ((n = read(fd, piece, PIECE)) != 0) {
    if (n < 0 && errno == EINTR) {
      continue;
    }
    MPP_REQUIRE(n > 0, MPP_ERR_IO, "%s: cannot be read: %s", path, strerror(errno));
    XXH3_128bits_update(state, piece, (size_t)n);
    total += n;
  }
  const XXH128_hash_t hash = XXH3_128bits_digest(state);
  mpp_digest_print(out, hash.high64, hash.low64);
  *bytes = total;
done:
  if (fd >= 0) {
    close(fd);
  }
  XXH3_freeState(state);
  mpp_free(piece);
  return st;
}

/* The folder of a path as a full name with a slash at its end. */
static mpp_status folder_of(char **out, const char *path)
{
  mpp_status st = MPP_OK;
  char *folder = NULL, *full = NULL;
  const char *slash = strrchr(path, '/');
  MPP_TRY(mpp_format(&folder, "%.*s", slash != NULL ? (int)(slash - path) + 1 : 1,
                     slash != NULL ? path : "."));
  full = realpath(folder, NULL);
  MPP_REQUIRE(full != NULL, mpp_or_memory(MPP_ERR_NOINPUT), "%s: no such folder: %s", folder,
              strerror(errno));
  MPP_TRY(mpp_format(out, "%s%s", full, strcmp(full, "/") == 0 ? "" : "/"));
done:
  mpp_free(folder);
  free(full);
  return st;
}

static void tell(const mpp_check_observer *observer, double done)
{
  if (observer != NULL && observer->progress != NULL) {
    observer->progress(observer->context, done);
  }
}

/* ---- writing ---- */

/* The files of one specification. */
static mpp_status put_files(mpp_json *j, const char *spec, const char *folder)
{
  mpp_status st = MPP_OK;
  mpp_file_set set = {0};
  char *full = NULL;
  MPP_TRY(mpp_file_set_find(&set, spec));
  for (size_t i = 0; i < set.count; i++) {
    digest_text digest;
    long long bytes = 0;
    assert(folder != NULL);
    const size_t n = strlen(folder);
    MPP_TRY(digest_file(digest, &bytes, set.file[i]));
    full = realpath(set.file[i], NULL);
    MPP_REQUIRE(full != NULL, mpp_or_memory(MPP_ERR_NOINPUT), "%s: %s", set.file[i],
                strerror(errno));
    mpp_json_open(j, NULL, '{');
    mpp_json_text(j, "path", strncmp(full, folder, n) == 0 ? full + n : full);
    mpp_json_int(j, "bytes", bytes);
    mpp_json_text(j, "digest", digest);
    mpp_json_close(j, '}');
    free(full);
    full = NULL;
  }
done:
  free(full);
  mpp_file_set_free(&set);
  return st;
}

mpp_status mpp_manifest_write(const char *path, const char *const *data, size_t ndata,
                              bool overwrite, const mpp_check_observer *observer)
{
  mpp_status st = MPP_OK;
  mpp_json j;
  char *folder = NULL, *text = NULL;
  mpp_json_begin(&j);
  MPP_TRY(mpp_check_output(path, overwrite));
  MPP_TRY(folder_of(&folder, path));
  mpp_json_open(&j, NULL, '{');
  mpp_json_text(&j, "format", "mpp-manifest");
  mpp_json_int(&j, "version", 1);
  mpp_json_open(&j, "files", '[');
  for (size_t i = 0; i < ndata; i++) {
    MPP_TRY(put_files(&j, data[i], folder));
    tell(observer, (double)(i + 1) / (double)ndata);
  }
  mpp_json_close(&j, ']');
  mpp_json_close(&j, '}');
  MPP_REQUIRE(!j.failed, MPP_ERR_NOMEM, "%s: no memory for its text", path);
  MPP_TRY(mpp_format(&text, "%s\n", j.text));
  MPP_TRY(mpp_write_text(path, text));
done:
  mpp_free(text);
  mpp_free(folder);
  mpp_json_free(&j);
  return st;
}

/* ---- verification ---- */

static void report(mpp_check_summary *summary, const mpp_check_observer *observer,
                   mpp_finding_kind kind, const char *file, const char *text)
{
  const mpp_finding f = {.kind = kind,
                         .fault = true,
                         .at = {.file = file},
                         .whole = true,
                         .field = "",
                         .other = {.file = ""},
                         .text = text};
  summary->found[kind]++;
  summary->faults++;
  if (observer != NULL && observer->finding != NULL) {
    observer->finding(observer->context, &f);
  }
}

/* One entry {path, bytes, digest}. */
static mpp_status verify_file(mpp_check_summary *summary, const char *manifest, const char *folder,
                              const json_t *entry, const mpp_check_observer *observer)
{
  mpp_status st = MPP_OK;
  const char *name = json_string_value(json_object_get(entry, "path")),
             *expected = json_string_value(json_object_get(entry, "digest"));
  const json_t *size = json_object_get(entry, "bytes");
  char *path = NULL, *text = NULL;
  digest_text digest = "";
  long long bytes = -1;
  MPP_REQUIRE(name != NULL && expected != NULL && json_is_integer(size), MPP_ERR_DATA,
              "%s: an entry of 'files' lacks path, bytes or digest", manifest);
  MPP_TRY(mpp_format(&path, "%s%s", name[0] == '/' ? "" : folder, name));
  st = digest_file(digest, &bytes, path);
  if (st == MPP_ERR_NOINPUT || st == MPP_ERR_IO) {
    report(summary, observer, MPP_FOUND_MISSING, path, mpp_last_error());
    st = MPP_OK;
    goto done;
  }
  MPP_TRY(st);
  if (bytes != json_integer_value(size)) {
    MPP_TRY(mpp_format(&text, "%s: %lld bytes, expected %lld", path, bytes,
                       (long long)json_integer_value(size)));
  } else if (strcmp(digest, expected) != 0) {
    MPP_TRY(mpp_format(&text, "%s: digest %s, expected %s", path, digest, expected));
  }
  if (text != NULL) {
    mpp_clean_text(text);
    report(summary, observer, MPP_FOUND_CHANGED, path, text);
  }
done:
  mpp_free(path);
  mpp_free(text);
  return st;
}

mpp_status mpp_manifest_verify(mpp_check_summary *out, size_t *files, const char *path,
                               const mpp_check_observer *observer)
{
  mpp_status st = MPP_OK;
  mpp_check_summary summary = {.trajectories = 0};
  char *text = NULL, *folder = NULL;
  size_t size = 0;
  json_t *root = NULL;
  json_error_t error;
  MPP_TRY(mpp_check_input(path));
  MPP_TRY(mpp_read_text(&text, &size, path, MANIFEST_LIMIT));
  MPP_TRY(folder_of(&folder, path));
  errno = 0;
  root = mpp_fault() ? NULL : json_loads(text, JSON_REJECT_DUPLICATES, &error);
  const char *format = json_string_value(json_object_get(root, "format"));
  const json_t *list = json_object_get(root, "files");
  MPP_REQUIRE(format != NULL && strcmp(format, "mpp-manifest") == 0 && json_is_array(list),
              mpp_or_memory(MPP_ERR_DATA), "%s: is no manifest of 'mpp info --manifest'", path);
  for (size_t i = 0; i < json_array_size(list); i++) {
    MPP_TRY(verify_file(&summary, path, folder, json_array_get(list, i), observer));
    tell(observer, (double)(i + 1) / (double)json_array_size(list));
  }
  *files = json_array_size(list);
  *out = summary;
done:
  json_decref(root);
  mpp_free(text);
  mpp_free(folder);
  return st;
}
