/* probe.c - what the child that looks at a file of a dataset reads. */
#include "probe.h"

#include "alloc.h"
#include "check.h"
#include "confine.h"
#include "described.h"

/* Everything a dataset will ask of the metadata, and the first frame. */
static mpp_status inspect(const char *path, const void *request)
{
  mpp_status st = MPP_OK;
  mpp_data_file f = mpp_data_file_none;
  mpp_read_buffer buffer = {0};
  float *frame = NULL;
  double *x = NULL;
  size_t n = 0;
  MPP_TRY(mpp_data_file_open(&f, path, request));
  MPP_TRY(mpp_described_verify(&f));
  const mpp_description *d = f.about;
  const size_t factors[] = {d->nfields, d->grid[0], d->grid[1], d->grid[2]};
  const mpp_part space[3] = {{0, 1, d->grid[0]}, {0, 1, d->grid[1]}, {0, 1, d->grid[2]}};
  MPP_REQUIRE(mpp_product(&n, factors, 4), MPP_ERR_DATA, "%s: a frame does not fit into memory",
              path);
  MPP_TRY(MPP_ALLOC(&frame, n));
  MPP_TRY(mpp_described_read(&f, &buffer, frame, 0, d->nfields, 0, (mpp_part){0, 1, 1}, space));
  MPP_TRY(MPP_ALLOC(&x, n > d->nframes ? n : d->nframes)); /* no axis is longer than a frame */
  for (size_t i = 0; i < d->ntrajectories; i++) { MPP_TRY(mpp_described_times(&f, x, i)); }
  for (int a = 0; a < 3; a++) {
    if (d->space[a].name[0] != '\0') {
      MPP_TRY(mpp_described_coordinates(&f, x, a));
    }
  }
done:
  mpp_free(x);
  mpp_free(frame);
  mpp_read_buffer_free(&buffer);
  mpp_data_file_close(&f);
  return st;
}

mpp_status mpp_data_file_probe(bool *probed, const char *path, const mpp_data_request *request)
{
  return mpp_confine(probed, path, inspect, request);
}
