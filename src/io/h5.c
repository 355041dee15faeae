/* h5.c - the HDF5 library in one process: its lock, its start, opening files. */
#include "h5.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "h5_private.h"

static pthread_mutex_t mutex = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static bool started; /* by mpp_h5_init */
static bool plugins; /* may be loaded */

static _Thread_local int doubt; /* errno of the first question without an answer */

/* Error stacks belong to threads in a thread-safe HDF5, and each new one prints by default. */
void mpp_h5_lock(void)
{
  static _Thread_local bool silent;
  pthread_mutex_lock(&mutex);
  if (started && !silent) {
    silent = H5Eset_auto2(H5E_DEFAULT, NULL, NULL) >= 0;
  }
}

void mpp_h5_unlock(void) { pthread_mutex_unlock(&mutex); }

hid_t mpp_h5_links = H5I_INVALID_HID;

static herr_t refuse_link(const char *file, const char *group, const char *target_file,
                          const char *target, unsigned *flags, hid_t access, void *context)
{
  (void)file, (void)group, (void)target_file, (void)target, (void)flags, (void)access,
      (void)context;
  return -1;
}

herr_t mpp_h5_forbid_external_links(hid_t access)
{
  return H5Pset_elink_cb(access, refuse_link, NULL);
}

static herr_t take_first(unsigned n, const H5E_error2_t *error, void *text)
{
  if (n == 0) {
    snprintf(text, 256, "%s", error->desc);
  }
  return 0;
}

const char *mpp_h5_reason(void)
{
  static _Thread_local char text[256];
  text[0] = '\0';
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_first, text); /* the innermost one comes first */
  return text[0] != '\0' ? text : "HDF5 gave no reason";
}

bool mpp_h5_plugins(void) { return plugins; }

static herr_t set_plugins(void) { return H5PLset_loading_state(plugins ? H5PL_ALL_PLUGIN : 0); }

void mpp_h5_allow_plugins(bool allow)
{
  mpp_h5_lock();
  plugins = allow;
  if (started) {
    (void)set_plugins(); /* it only stores a number */
  }
  mpp_h5_unlock();
}

void mpp_h5_release(hid_t id)
{
  if (id >= 0) {
    H5Idec_ref(id);
  }
}

mpp_status mpp_h5_init(void)
{
  mpp_status st = MPP_OK;
  hid_t links = H5I_INVALID_HID;
  mpp_h5_lock();
  if (started) {
    goto done;
  }
  H5dont_atexit(); /* has no effect, and does no harm, where netCDF was first */
  MPP_H5(H5open(), MPP_ERR_NOMEM, "HDF5 cannot be started");
  MPP_H5(H5Eset_auto2(H5E_DEFAULT, NULL, NULL), MPP_ERR_NOMEM, "HDF5: errors: %s", mpp_h5_reason());
  MPP_H5(set_plugins(), MPP_ERR_NOMEM, "HDF5: plugins: %s", mpp_h5_reason());
  MPP_H5(links = H5Pcreate(H5P_LINK_ACCESS), MPP_ERR_NOMEM, "HDF5: properties: %s",
         mpp_h5_reason());
  MPP_H5(mpp_h5_forbid_external_links(links), MPP_ERR_NOMEM, "HDF5: properties: %s",
         mpp_h5_reason());
  mpp_h5_links = links;
  links = H5I_INVALID_HID;
  started = true;
done:
  mpp_h5_release(links);
  mpp_h5_unlock();
  return st;
}

/* Network file systems may have no locks, and a file that someone writes may still be read. The
 * variable HDF5_USE_FILE_LOCKING, where it is set, wins over this. */
static herr_t open_without_locks(hid_t access)
{
#if H5_VERSION_GE(1, 12, 1) || (H5_VERS_MINOR == 10 && H5_VERS_RELEASE >= 7)
  return H5Pset_file_locking(access, false, true);
#else
  (void)access;
  return setenv("HDF5_USE_FILE_LOCKING", "FALSE", 0);
#endif
}

mpp_status mpp_h5_open(hid_t *out, const char *path)
{
  mpp_status st = MPP_OK;
  hid_t access = H5I_INVALID_HID;
  mpp_h5_lock();
  doubt = 0;
  MPP_TRY(mpp_check_input(path));
  MPP_TRY(mpp_h5_init());
  MPP_H5(access = H5Pcreate(H5P_FILE_ACCESS), MPP_ERR_NOMEM, "%s: %s", path, mpp_h5_reason());
  MPP_H5(open_without_locks(access), MPP_ERR_NOMEM, "%s: %s", path, mpp_h5_reason());
  MPP_H5(H5Pset_fclose_degree(access, H5F_CLOSE_STRONG), MPP_ERR_NOMEM, "%s: %s", path,
         mpp_h5_reason());
  errno = 0;
  const hid_t file = mpp_fault() ? H5I_INVALID_HID : H5Fopen(path, H5F_ACC_RDONLY, access);
  if (file < 0) {
    char reason[256];
    snprintf(reason, sizeof reason, "%s", mpp_h5_reason());
    st = H5Fis_hdf5(path) > 0 ? mpp_fail(MPP_ERR_DATA, "%s: HDF5 file is damaged: %s", path, reason)
                              : mpp_fail(MPP_ERR_DATA, "%s: is not an HDF5 file", path);
    goto done;
  }
  if (errno == ENOMEM) { /* such a file may lack its name, which HDF5 reads later */
    H5Fclose(file);
    MPP_REQUIRE(false, MPP_ERR_NOMEM, "%s: out of memory", path);
  }
  *out = file;
done:
  mpp_h5_release(access);
  mpp_h5_unlock();
  return st;
}

static void bound_cache_of(hid_t file, size_t bytes)
{
  H5AC_cache_config_t config = {.version = H5AC__CURR_CACHE_CONFIG_VERSION};
  if (H5Fget_mdc_config(file, &config) >= 0) {
    config.set_initial_size = true;
    config.initial_size = config.min_size = config.max_size = bytes;
    config.incr_mode = H5C_incr__off;
    config.flash_incr_mode = H5C_flash_incr__off;
    config.decr_mode = H5C_decr__off;
    H5Fset_mdc_config(file, &config); /* where it fails there is more memory in use, and no more */
  }
}

hid_t mpp_h5_find(const char *path)
{
  enum { MOST = 64 };
  hid_t file[MOST];
  char name[MPP_PATH_MAX];
  const ssize_t count = H5Fget_obj_ids((hid_t)H5F_OBJ_ALL, H5F_OBJ_FILE, MOST, file);
  for (ssize_t i = 0; i < count && i < MOST; i++) {
    if (H5Fget_name(file[i], name, sizeof name) > 0 && strcmp(name, path) == 0) {
      return file[i];
    }
  }
  return H5I_INVALID_HID;
}

void mpp_h5_bound_cache(const char *path, size_t bytes)
{
  const hid_t file = mpp_h5_find(path);
  if (file >= 0) {
    bound_cache_of(file, bytes);
  }
}

void mpp_h5_close(hid_t file)
{
  if (file >= 0) {
    mpp_h5_lock();
    H5Fclose(file);
    mpp_h5_unlock();
  }
}

bool mpp_h5_yes(int answer)
{
  if (answer < 0 && doubt == 0 && (errno == ENOMEM || errno == EIO)) {
    doubt = errno;
  }
  return answer > 0;
}

mpp_status mpp_h5_doubts(const char *path)
{
  const int error = doubt;
  doubt = 0;
  return error == 0 ? MPP_OK : mpp_fail_io(path, error);
}

bool mpp_h5_has(hid_t file, const char *name)
{
  char prefix[MPP_PATH_MAX];
  bool found = strlen(name) < sizeof prefix;
  const int error = errno;
  mpp_h5_lock();
  errno = 0;
  /* H5Lexists fails where a group on the way does not exist: ask for each in turn. */
  for (const char *end = name; found && *end != '\0';) {
    end += strspn(end, "/");
    end += strcspn(end, "/");
    const size_t length = (size_t)(end - name);
    memcpy(prefix, name, length);
    prefix[length] = '\0';
    found = strspn(prefix, "/") == length ||
            (mpp_h5_yes(H5Lexists(file, prefix, mpp_h5_links)) &&
             mpp_h5_yes(H5Oexists_by_name(file, prefix, mpp_h5_links)));
  }
  errno = errno != 0 ? errno : error;
  mpp_h5_unlock();
  return found;
}
