/* finished.c - a run can be killed after its dataset got its name: before its samples are removed,
 * or before it has said so. The same command with --resume then finds nothing left to do. */
#include "finished.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "alloc.h"
#include "certificate.h"
#include "check.h"
#include "confine.h"
#include "h5.h"
#include "record_log.h"

mpp_status mpp_samples_path(char path[MPP_PATH_MAX], const char *output)
{
  mpp_status st = MPP_OK;
  const int length = snprintf(path, MPP_PATH_MAX, "%s.partial", output);
  MPP_REQUIRE(length > 0 && length < MPP_PATH_MAX, MPP_ERR_EXISTS,
              "%.100s...: name of %d characters is too long", output, length);
done:
  return st;
}

mpp_status mpp_request_digest(char out[MPP_DIGEST_SIZE], const mpp_pde_case *c, size_t samples)
{
  mpp_status st = MPP_OK;
  char *identity = NULL, *text = NULL;
  MPP_TRY(mpp_case_identity(&identity, c));
  MPP_TRY(mpp_format(&text, "%ssamples=%zu\n", identity, samples));
  const XXH128_hash_t h = XXH3_128bits(text, strlen(text));
  mpp_digest_print(out, h.high64, h.low64);
done:
  mpp_free(identity);
  mpp_free(text);
  return st;
}

static bool before(const struct timespec *a, const struct timespec *b)
{
  return a->tv_sec < b->tv_sec || (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

/* All samples are there, and older than the dataset. Anything else is as it was. */
static mpp_status remove_samples(bool *finished, const char *path, const struct stat *dataset,
                                 const mpp_generate_options *o, const mpp_pde_case *c,
                                 size_t record_size)
{
  mpp_status st = MPP_OK;
  char *identity = NULL;
  struct stat samples;
  mpp_record_log *log = NULL;
  if (stat(path, &samples) == 0 && samples.st_size > 0 &&
      !before(&dataset->st_mtim, &samples.st_mtim)) {
    MPP_TRY(mpp_case_identity(&identity, c));
    st = mpp_record_log_open(&log, path, identity, record_size, (size_t)o->samples,
                             MPP_LOG_CONTINUE);
    *finished = st == MPP_OK && mpp_record_log_count(log) == (size_t)o->samples;
    st = st == MPP_ERR_NOMEM ? st : MPP_OK; /* of another run: not this one's to judge */
    mpp_record_log_close(log, *finished);
  }
done:
  mpp_free(identity);
  return st;
}

/* A dataset without samples beside it says itself what it is. */
static mpp_status read_request(bool *same, const mpp_generate_options *o, const mpp_pde_case *c)
{
  mpp_status st = MPP_OK;
  char expected[MPP_DIGEST_SIZE], *found = NULL;
  hid_t file = -1;
  bool locked = false;
  MPP_TRY(mpp_request_digest(expected, c, (size_t)o->samples));
  MPP_TRY(mpp_look_at(o->output));
  mpp_h5_lock();
  locked = true;
  MPP_TRY(mpp_h5_init());
  MPP_TRY(mpp_h5_open(&file, o->output));
  if (mpp_h5_has_attribute(file, "/", MPP_REQUEST_KEY)) {
    MPP_TRY(mpp_h5_attribute_text(&found, file, o->output, "/", MPP_REQUEST_KEY));
    *same = strcmp(found, expected) == 0;
  }
done:
  mpp_free(found);
  mpp_h5_close(file);
  if (locked) {
    mpp_h5_unlock();
  }
  return st == MPP_ERR_NOMEM ? st : MPP_OK; /* any other file is in the way, and is told as such */
}

mpp_status mpp_was_finished(bool *finished, const mpp_generate_options *o, const mpp_pde_case *c,
                            size_t record_size)
{
  mpp_status st = MPP_OK;
  char path[MPP_PATH_MAX];
  struct stat dataset;
  *finished = false;
  MPP_TRY(mpp_samples_path(path, o->output));
  if (o->resume && !o->overwrite && stat(o->output, &dataset) == 0 && S_ISREG(dataset.st_mode)) {
    MPP_TRY(access(path, F_OK) == 0 ? remove_samples(finished, path, &dataset, o, c, record_size)
                                    : read_request(finished, o, c));
  }
done:
  return st;
}
