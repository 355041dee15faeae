/* frames.c - frames of a dataset, or of a solver as they are asked for. */
#include "frames.h"

#include <string.h>

#include "alloc.h"
#include "check.h"
#include "threads.h"

static const char prefix[] = "solver:";

struct mpp_frames {
  mpp_dataset *dataset; /* or */
  const mpp_pde *pde;
  mpp_generate_options options;
  mpp_pde_stream *stream; /* of nobody: for what all streams have in common */
  const mpp_dataset_info *info;
  size_t frame; /* floats */
};

struct mpp_reader {
  mpp_frames *from; /* borrowed */
  size_t users, sample;
  mpp_pde_stream *stream;
  size_t next; /* frame that the stream gives next */
  float *last; /* [C, D, H, W] of frame next - 1 */
  bool has_last;
  float *seen; /* [nseen] what mpp_reader_known looks at; owned */
  size_t nseen;
  double seconds;
  size_t computed;
};

mpp_status mpp_frames_open(mpp_frames **out, const char *spec, const char *boundary,
                           const mpp_data_flags *flags)
{
  mpp_status st = MPP_OK;
  mpp_frames *f = NULL;
  *out = NULL;
  MPP_TRY(MPP_ALLOC(&f, 1));
  if (strncmp(spec, prefix, sizeof prefix - 1) == 0) {
    MPP_REQUIRE(boundary[0] == '\0', MPP_ERR_USAGE,
                "%s: --boundary is for datasets: boundaries of a solver stand in its settings "
                "(x=periodic)",
                spec);
    MPP_TRY(mpp_pde_parse(&f->pde, &f->options, spec + sizeof prefix - 1));
    MPP_TRY(mpp_pde_stream_open(&f->stream, f->pde, &f->options));
    f->info = mpp_pde_stream_info(f->stream);
  } else {
    const mpp_dataset_options options = {.boundary = boundary[0] != '\0' ? boundary : NULL,
                                         .flags = flags};
    MPP_TRY(mpp_dataset_open(&f->dataset, spec, &options));
    f->info = mpp_dataset_get_info(f->dataset);
  }
  const size_t factor[] = {f->info->nfields, f->info->grid[0], f->info->grid[1], f->info->grid[2]};
  MPP_REQUIRE(mpp_product(&f->frame, factor, 4), MPP_ERR_DATA, "%s: frames are too large", spec);
  *out = f;
  f = NULL;
done:
  mpp_frames_close(f);
  return st;
}

void mpp_frames_close(mpp_frames *f)
{
  if (f != NULL) {
    mpp_dataset_close(f->dataset);
    mpp_pde_stream_close(f->stream);
    mpp_free(f);
  }
}

const mpp_dataset_info *mpp_frames_info(const mpp_frames *f) { return f->info; }

mpp_dataset *mpp_frames_dataset(const mpp_frames *f) { return f->dataset; }

const mpp_pde *mpp_frames_solver(const mpp_frames *f, const mpp_generate_options **options)
{
  *options = f->pde != NULL ? &f->options : NULL;
  return f->pde;
}

mpp_status mpp_frames_coordinates(mpp_frames *f, double *x, int axis)
{
  if (f->dataset != NULL) {
    return mpp_dataset_coordinates(f->dataset, x, axis);
  }
  mpp_pde_stream_coordinates(f->stream, x, axis);
  return MPP_OK;
}

mpp_status mpp_frames_times(mpp_frames *f, double *t, size_t sample)
{
  if (f->dataset != NULL) {
    return mpp_dataset_times(f->dataset, t, sample);
  }
  for (size_t i = 0; i < f->info->nframes; i++) { t[i] = mpp_pde_stream_time(f->stream, i); }
  return MPP_OK;
}

mpp_status mpp_frames_parameters(mpp_frames *f, double *value, size_t sample)
{
  return f->dataset != NULL ? mpp_dataset_parameters(f->dataset, value, sample) : MPP_OK;
}

/* ---- readers ---- */

mpp_status mpp_reader_open(mpp_reader **out, mpp_frames *f, size_t sample)
{
  mpp_status st = MPP_OK;
  mpp_reader *r = NULL;
  *out = NULL;
  MPP_TRY(MPP_ALLOC(&r, 1));
  r->from = f;
  r->users = 1;
  r->sample = sample;
  MPP_TRY(MPP_ALLOC(&r->last, f->frame));
  if (f->pde != NULL) {
    MPP_TRY(mpp_pde_stream_open(&r->stream, f->pde, &f->options));
    MPP_TRY(mpp_pde_stream_draw(r->stream, sample));
  }
  *out = r;
  r = NULL;
done:
  mpp_reader_close(r);
  return st;
}

mpp_reader *mpp_reader_share(mpp_reader *r)
{
  r->users++;
  return r;
}

void mpp_reader_close(mpp_reader *r)
{
  if (r != NULL && --r->users == 0) {
    mpp_pde_stream_close(r->stream);
    mpp_free(r->last);
    mpp_free(r->seen);
    mpp_free(r);
  }
}

/* Computes on to `frame`, from the start if that has gone by. */
static mpp_status compute(mpp_reader *r, size_t frame)
{
  mpp_status st = MPP_OK;
  r->has_last = false;
  if (frame < r->next) {
    MPP_TRY(mpp_pde_stream_draw(r->stream, r->sample));
    r->next = 0;
  }
  while (r->next <= frame) {
    const double begin = mpp_clock();
    MPP_TRY(mpp_pde_stream_next(r->stream, r->last));
    r->computed += r->next > 0; /* the first one is drawn */
    r->seconds += r->next > 0 ? mpp_clock() - begin : 0.0;
    r->next++;
  }
done:
  return st;
}

mpp_status mpp_reader_read(mpp_reader *r, float *x, size_t frame)
{
  mpp_status st = MPP_OK;
  if (!r->has_last || r->next != frame + 1) {
    if (r->stream != NULL) {
      MPP_TRY(compute(r, frame));
    } else {
      r->has_last = false;
      MPP_TRY(mpp_dataset_read(r->from->dataset, r->last, r->sample, frame, 1));
    }
    r->next = frame + 1;
    r->has_last = true;
  }
  memcpy(x, r->last, r->from->frame * sizeof *x);
done:
  return st;
}

/* The fields that do not change of a solver's sample. */
static mpp_status given_by_solver(mpp_reader *r, float *given, const size_t *which, size_t nwhich)
{
  mpp_status st = MPP_OK;
  const mpp_dataset_info *info = r->from->info;
  const size_t cells = info->grid[0] * info->grid[1] * info->grid[2];
  MPP_TRY(MPP_RESERVE(&r->seen, &r->nseen, info->ngiven * cells));
  MPP_TRY(mpp_pde_stream_given(r->stream, r->seen));
  for (size_t g = 0; g < nwhich; g++) {
    memcpy(given + g * cells, r->seen + which[g] * cells, cells * sizeof *given);
  }
done:
  return st;
}

mpp_status mpp_reader_known(mpp_reader *r, float *given, unsigned char *mask, const size_t *which,
                            size_t nwhich, size_t frame)
{
  mpp_status st = MPP_OK;
  const mpp_frames *f = r->from;
  const size_t cells = f->info->grid[0] * f->info->grid[1] * f->info->grid[2];
  if (r->stream != NULL) {
    if (mask != NULL) {
      memset(mask, 0, f->frame + nwhich * cells);
    }
    return nwhich > 0 ? given_by_solver(r, given, which, nwhich) : MPP_OK;
  }
  MPP_TRY(MPP_RESERVE(&r->seen, &r->nseen, f->frame + nwhich * cells));
  MPP_TRY(mpp_dataset_read_seen(f->dataset, r->seen, mask, which, nwhich, r->sample, frame, 1));
  if (nwhich > 0) {
    memcpy(given, r->seen + f->frame, nwhich * cells * sizeof *given);
  }
done:
  return st;
}

double mpp_reader_seconds(const mpp_reader *r, size_t *frames)
{
  *frames = r->computed;
  return r->seconds;
}
