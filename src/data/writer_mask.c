/* writer_mask.c - cells that count nowhere, as The Well has obstacles: a boundary condition WALL
 * with a mask over all dimensions. The attribute mpp_masked tells mpp's own reader that they are
 * masked. */
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "writer_impl.h"

static const char name[] = "masked";

void mpp_writer_allow_gaps(mpp_writer *w) { w->gaps = true; }

/* The dataset, [sample, time] before the axes of space where it varies. */
static mpp_status make_mask(hid_t *out, mpp_writer *w, hid_t group, hid_t type)
{
  size_t shape[MPP_H5_MAX_RANK] = {w->ntrajectories, w->nframes};
  hsize_t extent[MPP_H5_MAX_RANK], chunk[MPP_H5_MAX_RANK];
  const bool varies = w->well->mask_varies;
  const int rank = mpp_writer_space(shape, varies ? 2 : 0, w);
  for (int i = 0; i < rank; i++) {
    extent[i] = shape[i];
    chunk[i] = varies && i < 2 ? 1 : shape[i];
  }
  return mpp_writer_store(out, w, group, "mask", type, extent, chunk, rank, MPP_STORE_DEFLATED);
}

static mpp_status put_attributes(const mpp_writer *w, hid_t group)
{
  mpp_status st = MPP_OK;
  const bool varies = w->well->mask_varies;
  const char *dim[3];
  size_t n = 0;
  for (int a = 0; a < 3; a++) {
    if (w->axis[a][0] != '\0') {
      dim[n++] = w->axis[a];
    }
  }
  MPP_TRY(mpp_h5_write_attribute_texts(group, w->final, "associated_dims", dim, n));
  MPP_TRY(mpp_h5_write_attribute_texts(group, w->final, "associated_fields", NULL, 0));
  MPP_TRY(mpp_h5_write_attribute_text(group, w->final, "bc_type", "WALL"));
  MPP_TRY(mpp_h5_write_attribute_bool(group, w->final, "sample_varying", varies));
  MPP_TRY(mpp_h5_write_attribute_bool(group, w->final, "time_varying", varies));
  MPP_TRY(mpp_h5_write_attribute_bool(group, w->final, "mpp_masked", true));
done:
  return st;
}

mpp_status mpp_writer_put_mask(mpp_writer *w, hid_t parent)
{
  mpp_status st = MPP_OK;
  hid_t group = -1, type = -1;
  if (w->well->mask == NULL && !w->well->mask_varies) {
    return MPP_OK;
  }
  MPP_WRITE(w, group = H5Gcreate2(parent, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), name);
  MPP_TRY(put_attributes(w, group));
  MPP_TRY(mpp_h5_bool_type(&type, w->final));
  MPP_TRY(make_mask(&w->mask, w, group, type));
  if (!w->well->mask_varies) {
    MPP_WRITE(w, H5Dwrite(w->mask, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, w->well->mask), name);
    MPP_TRY(mpp_writer_close(w, &w->mask, name));
  }
done:
  if (type >= 0) {
    H5Tclose(type);
  }
  if (group >= 0) {
    H5Gclose(group);
  }
  return st;
}

mpp_status mpp_writer_mask(mpp_writer *w, const unsigned char *mask)
{
  mpp_status st = MPP_OK;
  hid_t type = -1;
  size_t start[MPP_H5_MAX_RANK] = {w->done}, count[MPP_H5_MAX_RANK] = {1, w->nframes};
  const int rank = mpp_writer_space(count, 2, w);
  mpp_h5_lock();
  MPP_REQUIRE(w->mask >= 0 && w->done < w->ntrajectories, MPP_ERR_USAGE,
              "%s: trajectory %zu has a mask, expected none", w->final, w->done);
  MPP_TRY(mpp_h5_bool_type(&type, w->final));
  MPP_TRY(mpp_writer_box(w, w->mask, name, start, count, rank, type, mask));
done:
  if (type >= 0) {
    H5Tclose(type);
  }
  mpp_h5_unlock();
  return st;
}
