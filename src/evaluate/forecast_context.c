/* forecast_context.c - the frames that a forecast was made from: forecast files do not hold them,
 * but say where they are, and their digest. */
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "alloc.h"
#include "check.h"
#include "digest.h"
#include "forecast_file.h"
#include "settings.h"

/* map[a]: axis of the dataset that is grid axis a of the file, found by its name. */
static mpp_status match_axes(size_t map[3], const mpp_forecast_file *f,
                             const mpp_dataset_info *info)
{
  mpp_status st = MPP_OK;
  bool used[3] = {false, false, false};
  for (int a = 2; a >= 0; a--) {
    size_t b = 3;
    while (b > 0 && (used[b - 1] || strcmp(f->axis[a], info->axis[b - 1]) != 0 ||
                     f->grid[a] != info->grid[b - 1])) {
      b--;
    }
    MPP_REQUIRE(b > 0, MPP_ERR_DATA, "%s: no axis '%s' of %zu cells, as %s has it", info->path,
                f->axis[a], f->grid[a], f->path);
    map[a] = b - 1;
    used[b - 1] = true;
  }
done:
  return st;
}

/* field[c]: number in the dataset of field c of the file. */
static mpp_status match_fields(size_t *field, const mpp_forecast_file *f,
                               const mpp_dataset_info *info)
{
  mpp_status st = MPP_OK;
  MPP_REQUIRE(f->nfields == info->nfields, MPP_ERR_DATA, "%s: %zu fields, expected %zu as in %s",
              info->path, info->nfields, f->nfields, f->path);
  for (size_t c = 0; c < f->nfields; c++) {
    size_t k = 0;
    while (k < info->nfields && strcmp(info->field[k], f->field[c]) != 0) { k++; }
    MPP_REQUIRE(k < info->nfields, MPP_ERR_DATA, "%s: no field '%s', as %s has it", info->path,
                f->field[c], f->path);
    field[c] = k;
  }
done:
  return st;
}

/* Frame in the order of the dataset -> frame in the order of the file. */
static void reorder(float *to, const float *from, const mpp_forecast_file *f,
                    const mpp_dataset_info *info, const size_t map[3], const size_t *field)
{
  const size_t stride[3] = {info->grid[1] * info->grid[2], info->grid[2], 1};
  for (size_t c = 0; c < f->nfields; c++) {
    const float *u = from + field[c] * f->cells;
    for (size_t d = 0; d < f->grid[0]; d++) {
      for (size_t h = 0; h < f->grid[1]; h++) {
        for (size_t w = 0; w < f->grid[2]; w++) {
          *to++ = u[d * stride[map[0]] + h * stride[map[1]] + w * stride[map[2]]];
        }
      }
    }
  }
}

static mpp_status check_digest(const mpp_forecast_file *f, const float *x, size_t n)
{
  mpp_status st = MPP_OK;
  char text[MPP_DIGEST_SIZE];
  const XXH128_hash_t hash = XXH3_128bits(x, n * sizeof *x);
  mpp_digest_print(text, hash.high64, hash.low64);
  MPP_REQUIRE(f->context_digest[0] == '\0' || strcmp(text, f->context_digest) == 0, MPP_ERR_DATA,
              "%s: its context frames are not those of the dataset", f->path);
done:
  return st;
}

/* The context in the order of the dataset. */
static mpp_status read_frames(float *x, mpp_frames *frames, const mpp_forecast_file *f,
                              size_t stride)
{
  mpp_status st = MPP_OK;
  mpp_reader *reader = NULL;
  MPP_TRY(mpp_reader_open(&reader, frames, (size_t)f->sample));
  for (size_t t = 0; t < (size_t)f->context; t++) {
    MPP_TRY(mpp_reader_read(reader, x + t * f->nfields * f->cells, (size_t)f->start + t * stride));
  }
done:
  mpp_reader_close(reader);
  return st;
}

mpp_status mpp_forecast_context(float **x, mpp_frames **frames, const mpp_forecast_file *f,
                                const char *data)
{
  mpp_status st = MPP_OK;
  mpp_frames *d = NULL;
  float *read = NULL, *out = NULL;
  size_t field[MPP_MAX_FIELDS] = {0};
  size_t map[3] = {0, 1, 2};
  MPP_REQUIRE(f->context > 0 && f->sample >= 0 && f->start >= 0, MPP_ERR_DATA,
              "%s: does not say which frames it was made from", f->path);
  MPP_TRY(mpp_settings_frames(&d, f->path, data));
  const mpp_dataset_info *info = mpp_frames_info(d);
  MPP_TRY(match_axes(map, f, info));
  MPP_TRY(match_fields(field, f, info));
  const size_t T = (size_t)f->context, frame = f->nfields * f->cells,
               stride = f->stride > 0 ? (size_t)f->stride : 1;
  const size_t last = (size_t)f->start + (T - 1) * stride;
  MPP_REQUIRE((size_t)f->sample < info->ntrajectories && last < info->nframes, MPP_ERR_DATA,
              "%s: has no frame %zu of sample %ld", info->path, last, f->sample);
  MPP_TRY(MPP_ALLOC(&read, T * frame));
  MPP_TRY(MPP_ALLOC(&out, T * frame));
  MPP_TRY(read_frames(read, d, f, stride));
  for (size_t t = 0; t < T; t++) {
    reorder(out + t * frame, read + t * frame, f, info, map, field);
  }
  MPP_TRY(check_digest(f, read, T * frame));
  *x = out;
  *frames = d;
  out = NULL;
  d = NULL;
done:
  mpp_free(read);
  mpp_free(out);
  mpp_frames_close(d);
  return st;
}
