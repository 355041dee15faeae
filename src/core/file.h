/* file.h - files that are whole or not there: checked inputs, temporary names, durable renames,
 * locks of run directories. */
#ifndef MPP_FILE_H
#define MPP_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mpp/status.h"

enum { MPP_PATH_MAX = 4096 };

/* MPP_ERR_NOINPUT unless `path` is a readable regular file; never blocks on a FIFO. */
MPP_MUST_CHECK mpp_status mpp_check_input(const char *path);

/* MPP_ERR_EXISTS unless `path` can be created: its folder exists and is writable, and the file does
 * not exist or `overwrite` is set. */
MPP_MUST_CHECK mpp_status mpp_check_output(const char *path, bool overwrite);

/* A name beside `final` that no one else uses: "<final>.tmp-<pid>-<n>". */
MPP_MUST_CHECK mpp_status mpp_temporary_name(char out[MPP_PATH_MAX], const char *final);

/* Removes the temporary files that killed writers of `final` left. Only for those who hold a lock
 * on it: another process may be writing one. */
void mpp_remove_temporaries(const char *final);

/* fsync of the file, rename to `final`, fsync of the folder. MPP_ERR_IO names file and cause; the
 * temporary file is removed then. */
MPP_MUST_CHECK mpp_status mpp_commit_file(const char *temporary, const char *final);

/* Pieces of the above for writers of their own: a new file (never an existing one), all bytes of
 * `data` (short writes and interrupts are carried on), fsync of a file or folder by name.
 * MPP_ERR_EXISTS, MPP_ERR_IO. */
MPP_MUST_CHECK mpp_status mpp_create_file(int *fd, const char *path);
MPP_MUST_CHECK mpp_status mpp_write_all(int fd, const char *path, const void *data, size_t size);
MPP_MUST_CHECK mpp_status mpp_sync_path(const char *path);

/* Creates a folder (its parent must exist); fine if it is there. */
MPP_MUST_CHECK mpp_status mpp_make_folder(const char *path);

/* Whole file -> text ended by NUL, owned by the caller; at most `limit` bytes. */
MPP_MUST_CHECK mpp_status mpp_read_text(char **out, size_t *size, const char *path, size_t limit);

/* Writes a file atomically: temporary name, fsync, rename. An existing one is replaced. */
MPP_MUST_CHECK mpp_status mpp_write_bytes(const char *path, const void *data, size_t size);
MPP_MUST_CHECK mpp_status mpp_write_text(const char *path, const char *text);

/* Lock file with pid and host, held by flock. MPP_ERR_EXISTS names the holder. */
typedef struct mpp_lock {
  int fd;
  char path[MPP_PATH_MAX];
} mpp_lock;
MPP_MUST_CHECK mpp_status mpp_lock_take(mpp_lock *lock, const char *path);
void mpp_lock_release(mpp_lock *lock); /* takes a zeroed lock; fd is -1 or 0 when not held */

/* Takes the room for `size` bytes from byte `from` on, so that writing them does not fail half-way;
 * the file does not become longer. Nothing where the file system cannot do that. MPP_ERR_IO names
 * the file, the bytes needed and those there are. */
MPP_MUST_CHECK mpp_status mpp_reserve_room(int fd, const char *path, size_t from, size_t size);

/* The same for a file that a library will create under the name `temporary`, which says of a full
 * disk what it likes: MPP_ERR_IO about `path`, unless that could hold `size` bytes now. */
MPP_MUST_CHECK mpp_status mpp_check_room(const char *path, const char *temporary, size_t size);

/* Message of a failed write: names path, cause, and for a full disk the bytes free; with the bytes
 * that were still to be written where they are known. */
mpp_status mpp_fail_io(const char *path, int error);
mpp_status mpp_fail_room(const char *path, int error, size_t needed);

/* The folder of `path`, "." if it names none. */
MPP_MUST_CHECK mpp_status mpp_folder_of(char out[MPP_PATH_MAX], const char *path);

/* Files that the process may still open (ulimit -n). */
size_t mpp_descriptors_left(void);

#endif
