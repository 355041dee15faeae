/* convert_mask.c - masked cells of data that are converted. The Well's layout has one mask for all
 * fields; what is masked in some fields alone is left as missing values, and so is all of it in
 * PDEBench's. */
#include <math.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "convert_impl.h"

/* Cells of the output that are masked in all C of `fields` of a frame. */
static void take_common(unsigned char *common, const mpp_conversion *j, const unsigned char *frame)
{
  memset(common, 1, j->cells);
  for (size_t c = 0; c < j->info->nfields; c++) {
    for (size_t i = 0; i < j->cells; i++) { common[i] &= frame[c * j->cells + j->from[i]]; }
  }
}

mpp_status mpp_convert_look_at_masks(bool *any, bool *varies, mpp_conversion *j, size_t first,
                                     size_t count)
{
  mpp_status st = MPP_OK;
  const size_t cells = j->cells;
  *any = *varies = false;
  for (size_t k = 0; j->missing != NULL && k < count; k++) {
    MPP_TRY(mpp_dataset_read_mask(j->data, j->missing, first + k, 0, j->info->nframes));
    for (size_t t = 0; t < j->info->nframes; t++) {
      const bool lead = k == 0 && t == 0;
      unsigned char *common = lead ? j->first : j->common;
      take_common(common, j, j->missing + t * j->info->nfields * cells);
      *any = *any || memchr(common, 1, cells) != NULL;
      *varies = *varies || (!lead && memcmp(common, j->first, cells) != 0);
    }
  }
done:
  return st;
}

/* Is entry i of a field of the output, at frame t, without value? `source` is its number in x. */
static bool is_hidden(const mpp_conversion *j, size_t source, size_t t, size_t i)
{
  const size_t all = j->info->nfields + j->info->ngiven;
  return j->missing != NULL && j->missing[(t * all + source) * j->cells + j->from[i]] != 0;
}

void mpp_convert_mask(mpp_conversion *j)
{
  const mpp_convert_plan *p = &j->plan;
  const size_t all = j->info->nfields + j->info->ngiven, cells = j->cells;
  const bool has_mask = j->options->to == MPP_TO_WELL;
  for (size_t t = 0; j->missing != NULL && t < j->info->nframes; t++) {
    unsigned char *common = j->common + t * cells;
    take_common(common, j, j->missing + t * all * cells);
    for (size_t f = 0; f < p->nfields + (t == 0 ? p->nonce : 0); f++) {
      float *x =
          f < p->nfields ? j->y + (t * p->nfields + f) * cells : j->once + (f - p->nfields) * cells;
      for (size_t i = 0; i < cells; i++) {
        if (is_hidden(j, p->source[f], t, i) && !(has_mask && common[i] != 0)) {
          x[i] = NAN;
        }
      }
    }
  }
}

/* Moments of the cells of a field that count at frame t, and, where `before` is not NULL, at the
 * one before, too. room [2 cells]. */
static void add(mpp_moments *m, const mpp_conversion *j, const float *x, const float *before,
                size_t source, size_t t, float *room)
{
  size_t n = 0;
  for (size_t i = 0; i < j->cells; i++) {
    if (!is_hidden(j, source, t, i) && !(before != NULL && is_hidden(j, source, t - 1, i))) {
      room[n] = x[i];
      room[j->cells + n++] = before != NULL ? before[i] : 0.0f;
    }
  }
  if (n > 0) {
    mpp_moments_add(m, room, before != NULL ? room + j->cells : NULL, n);
  }
}

mpp_status mpp_convert_moments(mpp_conversion *j)
{
  mpp_status st = MPP_OK;
  const mpp_convert_plan *p = &j->plan;
  const size_t cells = j->cells, row = p->nfields * cells;
  float *room = NULL;
  MPP_TRY(MPP_ALLOC(&room, 2 * cells));
  for (size_t t = 0; t < j->info->nframes; t++) {
    for (size_t f = 0; f < p->nfields; f++) {
      const float *x = j->y + t * row + f * cells;
      add(&j->value[f], j, x, NULL, p->source[f], t, room);
      if (t > 0) {
        add(&j->increment[f], j, x, x - row, p->source[f], t, room);
      }
    }
  }
  for (size_t f = 0; f < p->nonce; f++) {
    add(&j->value[p->nfields + f], j, j->once + f * cells, NULL, p->source[p->nfields + f], 0,
        room);
  }
done:
  mpp_free(room);
  return st;
}
