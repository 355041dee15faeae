/* reference.c - which solver computes what a dataset shows. */
#include "reference.h"

#include <math.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "pde_system.h"

void mpp_reference_close(mpp_reference *r)
{
  mpp_pde_stream_close(r->stream);
  *r = (mpp_reference){0};
}

/* Opens a solver on the grid of the data. */
static mpp_status open_on(mpp_pde_stream **out, const mpp_pde *pde,
                          const mpp_generate_options *options, const mpp_dataset_info *info,
                          double *const coordinate[3], double interval, size_t steps)
{
  const double *const x[3] = {coordinate[0], coordinate[1], coordinate[2]};
  return mpp_pde_stream_open_on(out, pde, options, info, x, interval, steps + 1);
}

/* The data's first frame is what the solver draws for the sample, to the rounding of float32. */
static mpp_status draw_matches(bool *out, mpp_pde_stream *stream, size_t sample, size_t frame,
                               mpp_reader *reader)
{
  mpp_status st = MPP_OK;
  float *drawn = NULL, *stored = NULL;
  double difference = 0.0, size = 0.0;
  *out = false;
  MPP_TRY(MPP_ALLOC(&drawn, frame));
  MPP_TRY(MPP_ALLOC(&stored, frame));
  MPP_TRY(mpp_reader_read(reader, stored, 0));
  MPP_TRY(mpp_pde_stream_draw(stream, sample));
  MPP_TRY(mpp_pde_stream_next(stream, drawn));
  for (size_t i = 0; i < frame; i++) {
    difference = fmax(difference, fabs((double)drawn[i] - (double)stored[i]));
    size = fmax(size, fabs((double)stored[i]));
  }
  *out = difference <= 1e-5 * size;
done:
  mpp_free(drawn);
  mpp_free(stored);
  return st;
}

/* Draws the sample if that tells the fields that do not change; else leaves them unknown. */
static mpp_status find_constants(mpp_reference *r, const mpp_pde *pde,
                                 const mpp_generate_options *options, const mpp_dataset_info *info,
                                 double *const coordinate[3], double interval, size_t steps,
                                 size_t sample, mpp_reader *reader)
{
  mpp_status st = MPP_OK;
  bool matches = false;
  const size_t frame = info->nfields * info->grid[0] * info->grid[1] * info->grid[2];
  if (pde->nonce == 0) {
    return MPP_OK;
  }
  MPP_TRY(draw_matches(&matches, r->stream, sample, frame, reader));
  if (!matches) { /* a fresh one, that has drawn nothing */
    mpp_pde_stream_close(r->stream);
    r->stream = NULL;
    MPP_TRY(open_on(&r->stream, pde, options, info, coordinate, interval, steps));
  }
done:
  return st;
}

mpp_status mpp_reference_open(mpp_reference *out, const char *solver, mpp_frames *frames,
                              double *const coordinate[3], double interval, size_t steps,
                              size_t sample, mpp_reader *reader)
{
  mpp_status st = MPP_OK;
  mpp_generate_options *options = NULL;
  const mpp_generate_options *own = NULL;
  const mpp_dataset_info *info = mpp_frames_info(frames);
  const mpp_pde *pde = mpp_frames_solver(frames, &own);
  mpp_reference r = {.named = true};
  MPP_TRY(MPP_ALLOC(&options, 1));
  if (solver[0] != '\0') {
    MPP_TRY(mpp_pde_parse(&pde, options, solver));
  } else if (pde != NULL) {
    *options = *own;
  }
  if (pde != NULL) {
    MPP_TRY(open_on(&r.stream, pde, options, info, coordinate, interval, steps));
  }
  for (size_t i = 0; r.stream == NULL && (pde = mpp_pde_at(i)) != NULL; i++) {
    r.named = false;
    if (strcmp(pde->label, info->system) == 0) {
      MPP_TRY(mpp_options_defaults(options, mpp_generate_table));
      st = open_on(&r.stream, pde, options, info, coordinate, interval, steps);
      if (st != MPP_OK && st != MPP_ERR_USAGE) { /* USAGE: not one for these data */
        goto done;
      }
      st = MPP_OK;
    }
  }
  if (r.stream != NULL) {
    MPP_TRY(find_constants(&r, pde, options, info, coordinate, interval, steps, sample, reader));
  }
  *out = r;
  r = (mpp_reference){0};
done:
  mpp_reference_close(&r);
  mpp_free(options);
  return st;
}
