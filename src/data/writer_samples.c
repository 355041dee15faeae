/* writer_samples.c - what the trajectories of a file that has no group for each say of
 * themselves. */
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "writer_impl.h"

static const char folder[] = "certificate";

/* Holds a text at that of the trajectories before. */
static mpp_status write_text(mpp_writer *w, const mpp_note *note)
{
  mpp_status st = MPP_OK;
  char *text = NULL;
  if (!mpp_h5_has_attribute(w->file, "/", note->key)) {
    return mpp_writer_notes(w, note, 1);
  }
  MPP_TRY(mpp_h5_attribute_text(&text, w->file, w->final, "/", note->key));
  MPP_REQUIRE(strcmp(text, note->text) == 0, MPP_ERR_USAGE,
              "%s: note '%s' of trajectory %zu is not that of the others, expected one for all in "
              "layout %s",
              w->final, note->key, w->done, w->layout->name);
done:
  mpp_free(text);
  return st;
}

/* A dataset [ntrajectories]. */
static mpp_status create_column(hid_t *out, const mpp_writer *w, const char *path)
{
  const hsize_t extent = w->ntrajectories, chunk = extent < 4096 ? extent : 4096;
  return mpp_writer_store(out, w, w->file, path, H5T_IEEE_F64LE, &extent, &chunk, 1, MPP_STORE_NAN);
}

static mpp_status write_number(mpp_writer *w, const mpp_note *note)
{
  mpp_status st = MPP_OK;
  hid_t group = -1, dataset = -1;
  const size_t one = 1;
  char path[sizeof folder + MPP_NAME_MAX];
  snprintf(path, sizeof path, "%s/%s", folder, note->key);
  if (!mpp_h5_has(w->file, folder)) {
    MPP_WRITE(w, group = H5Gcreate2(w->file, folder, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
              folder);
    MPP_TRY(mpp_writer_close(w, &group, folder));
  }
  if (mpp_h5_has(w->file, path)) {
    MPP_WRITE(w, dataset = H5Dopen2(w->file, path, H5P_DEFAULT), path);
  } else {
    MPP_TRY(create_column(&dataset, w, path));
  }
  MPP_TRY(mpp_writer_box(w, dataset, path, &w->done, &one, 1, H5T_NATIVE_DOUBLE, &note->value));
  MPP_TRY(mpp_writer_close(w, &dataset, path));
done:
  if (dataset >= 0) {
    H5Dclose(dataset);
  }
  if (group >= 0) {
    H5Gclose(group);
  }
  return st;
}

mpp_status mpp_writer_sample_notes(mpp_writer *w, const mpp_note *notes, size_t nnotes)
{
  mpp_status st = MPP_OK;
  for (size_t i = 0; i < nnotes; i++) {
    MPP_TRY(notes[i].text[0] != '\0' ? write_text(w, &notes[i]) : write_number(w, &notes[i]));
  }
done:
  return st;
}
