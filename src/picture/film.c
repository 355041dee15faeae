/* film.c - one column of a picture after the other: memory does not grow with their number. */
#include "film.h"

#include <math.h>
#include <string.h>

#include "check.h"

static long step_of(const mpp_film *f, long index)
{
  if (f->options->steps.count > 0) {
    return f->options->steps.item[index];
  }
  const long all = f->last - f->first;
  return f->count < 2 ? f->first : f->first + (index * all + (f->count - 1) / 2) / (f->count - 1);
}

mpp_status mpp_film_read(mpp_plot_source *s, const mpp_film *f, long index)
{
  static _Thread_local mpp_plot_options one;
  one = *f->options;
  one.steps = (mpp_int_list){1, {step_of(f, index)}};
  memset(s, 0, sizeof *s);
  return mpp_plot_read(s, &one);
}

static void widen(mpp_film *f, const mpp_plot_source *s, bool is_first)
{
  for (size_t r = 0; r < s->nrows; r++) {
    const mpp_color_scale here = mpp_panels_scale(s, r);
    mpp_color_scale *all = &f->scale[r];
    all->low = is_first ? here.low : fmin(all->low, here.low);
    all->high = is_first ? here.high : fmax(all->high, here.high);
    all->diverging = here.diverging || all->diverging;
  }
}

mpp_status mpp_film_open(mpp_film *f, const mpp_plot_options *options, long most)
{
  mpp_status st = MPP_OK;
  mpp_plot_source s;
  memset(&s, 0, sizeof s);
  memset(f, 0, sizeof *f);
  f->options = options;
  MPP_TRY(mpp_plot_read(&s, options));
  f->first = s.first;
  f->last = s.last;
  f->count = options->steps.count > 0 ? (long)options->steps.count : f->last - f->first + 1;
  f->count = most > 0 && f->count > most ? most : f->count;
  for (long i = 0; i < f->count; i++) {
    mpp_plot_source_free(&s);
    MPP_TRY(mpp_film_read(&s, f, i));
    widen(f, &s, i == 0);
  }
  for (size_t r = 0; r < MPP_PLOT_ROWS;
       r++) { /* where some frames have both signs, 0 is the middle */
    if (f->scale[r].diverging) {
      f->scale[r].high = fmax(fabs(f->scale[r].low), fabs(f->scale[r].high));
      f->scale[r].low = -f->scale[r].high;
    }
  }
done:
  mpp_plot_source_free(&s);
  return st;
}
