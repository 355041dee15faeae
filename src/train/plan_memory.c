/* plan_memory.c - each part where the code that takes it says how much that is. */
#include "plan_memory.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "evaluate_memory.h"
#include "fit_ahead.h"
#include "memory.h"
#include "micro_batch.h"
#include "optimizer.h"
#include "window_fit.h"

const char *mpp_plan_part_name(mpp_plan_part part)
{
  static const char *const names[MPP_PLAN_PARTS] = {
      "weights", "gradients", "optimizer", "activations", "input", "fits", "validation", "library"};
  return names[part];
}

size_t mpp_plan_sum(const size_t part[MPP_PLAN_PARTS])
{
  size_t sum = 0;
  for (int i = 0; i < MPP_PLAN_PARTS; i++) { sum += part[i]; }
  return sum;
}

static size_t larger(size_t a, size_t b) { return a > b ? a : b; }

static size_t frame_of(const mpp_plan_source *s)
{
  const mpp_dataset_info *info = s->info;
  return s->shape.C * info->grid[0] * info->grid[1] * info->grid[2];
}

/* Largest horizon that the trajectories reach; *count: how many do. */
static size_t reach_of(size_t *count, const mpp_train_options *o, const mpp_plan_source *s)
{
  size_t reach = 0;
  *count = 0;
  for (size_t i = 0; i < o->horizons.count; i++) {
    const size_t h = (size_t)o->horizons.item[i];
    if (s->shape.T + h <= s->info->nframes) {
      reach = larger(reach, h);
      ++*count;
    }
  }
  return reach;
}

static const unsigned char anywhere = 1; /* a mask that nothing looks at */

/* Training passes of the batch, and predictions of a validation: the block of memory is one. What
 * gradients within it take is not counted. */
static mpp_status count_passes(size_t *bytes, const mpp_model *m, const mpp_train_options *o,
                               const mpp_plan_source *s)
{
  mpp_status st = MPP_OK;
  const size_t within = m->gradients_within ? m->params->total * sizeof(float) : 0;
  size_t training = 0, rolling = 0, horizons = 0;
  mpp_window_shape shape = s->shape;
  shape.B = (size_t)o->batch;
  shape.mask = s->info->masked ? &anywhere : NULL;
  const mpp_window_shape laid = mpp_micro_largest_shape(&shape, m, o->jitter);
  MPP_TRY(mpp_predict_memory(&training, m, &laid, true));
  if (s->validated && o->validate_every > 0) {
    const size_t reach = reach_of(&horizons, o, s);
    shape.B = mpp_evaluate_batch((shape.T + reach) * frame_of(s));
    MPP_TRY(mpp_predict_memory(&rolling, m, &shape, false));
  }
  *bytes = larger(training, rolling) - within;
done:
  return st;
}

/* One fit of a window, by making one. */
static mpp_status count_fit(size_t *bytes, const mpp_model *m, const mpp_plan_source *s)
{
  mpp_status st = MPP_OK;
  float *x = NULL;
  mpp_window_fit *fit = NULL;
  mpp_window_shape shape = s->shape;
  const size_t n = shape.T * frame_of(s);
  shape.B = 1;
  MPP_TRY(MPP_ALLOC(&x, n));
  for (size_t i = 0; i < n; i++) { x[i] = (float)(i * 2654435761u % 1024) / 1024.0f; }
  MPP_TRY(mpp_predict_fit(&fit, m, x, &shape));
  *bytes = fit != NULL ? mpp_window_fit_bytes(fit) : 0;
done:
  mpp_window_fit_destroy(fit);
  mpp_free(x);
  return st;
}

/* The table holds each window that was drawn once, up to its limit. */
static mpp_status count_fits(size_t *bytes, const mpp_model *m, const mpp_train_options *o,
                             const mpp_plan_source *source, size_t count)
{
  mpp_status st = MPP_OK;
  double all = 0.0;
  *bytes = 0;
  for (size_t i = 0; i < count && mpp_predict_keeps_fit(m); i++) {
    size_t one = 0;
    const double drawn = source[i].share * (double)o->steps * (double)(o->accumulate * o->batch);
    const double windows = (double)source[i].windows;
    MPP_TRY(count_fit(&one, m, &source[i]));
    all += (double)one * (drawn < windows ? drawn : windows);
  }
  *bytes = all < (double)MPP_FITS_MOST ? (size_t)all : MPP_FITS_MOST;
done:
  return st;
}

mpp_status mpp_plan_count(size_t part[MPP_PLAN_PARTS], size_t *largest, const mpp_model *m,
                          size_t adapter, const mpp_train_options *o, const mpp_plan_source *source,
                          size_t count)
{
  mpp_status st = MPP_OK;
  mpp_model model = *m; /* what it points to stays the caller's */
  const size_t total = m->params->total * sizeof(float);
  const size_t vectors =
      mpp_optimizer_vectors(mpp_optimizer_method_of((mpp_optimizer_kind)o->optimizer));
  const size_t frames = (size_t)(o->context + o->unroll);
  size_t batch = 0, work = 0, buffers = 0;
  memset(part, 0, MPP_PLAN_PARTS * sizeof *part);
  model.gradients_within = o->accumulate == 1;
  const size_t trained = adapter > 0 ? adapter * sizeof(float) : total;
  part[MPP_PLAN_WEIGHTS] = part[MPP_PLAN_GRADIENTS] = total + adapter * sizeof(float);
  part[MPP_PLAN_MOMENTS] = (vectors + (o->ema > 0.0 ? 1 : 0)) * trained;
  *largest = 0;
  for (size_t i = 0; i < count; i++) {
    const size_t frame = frame_of(&source[i]), B = (size_t)o->batch;
    size_t bytes = 0, horizons = 0, reach = 0;
    st = count_passes(&bytes, &model, o, &source[i]);
    if (st != MPP_OK) {
      st = mpp_fail_prefix(st, "%s", source[i].info->path);
      goto done;
    }
    if (bytes > part[MPP_PLAN_ACTIVATIONS]) {
      part[MPP_PLAN_ACTIVATIONS] = bytes;
      *largest = i;
    }
    if (source[i].validated && o->validate_every > 0) {
      reach = reach_of(&horizons, o, &source[i]);
      part[MPP_PLAN_VALIDATION] =
          larger(part[MPP_PLAN_VALIDATION],
                 mpp_evaluate_memory(source[i].info, source[i].shape.T, horizons, reach));
    }
    const size_t masks = source[i].info->masked ? frames * frame / sizeof(float) : 0;
    batch = larger(batch, B * (frames * frame + masks));
    work = larger(work, B * frame * (size_t)(o->context + (source[i].shape.given > 0 ? 5 : 2)));
    buffers += frame * (larger(frames, source[i].shape.T + reach) +
                        source[i].kept * source[i].info->nframes);
  }
  part[MPP_PLAN_INPUT] = sizeof(float) * ((MPP_READ_AHEAD + 1) * batch + work + buffers);
  MPP_TRY(count_fits(&part[MPP_PLAN_FITS], m, o, source, count));
done:
  return st;
}

mpp_status mpp_plan_check(const size_t part[MPP_PLAN_PARTS], size_t more, size_t reserved)
{
  mpp_status st = MPP_OK;
  const mpp_memory now = mpp_memory_look();
  const double MiB = 1 << 20;
  char parts[256];
  size_t used = 0;
  for (int i = 0; i < MPP_PLAN_PARTS && used < sizeof parts; i++) {
    if (part[i] >= 1 << 20) {
      used += (size_t)snprintf(parts + used, sizeof parts - used, "%s%s %.0f", used > 0 ? ", " : "",
                               mpp_plan_part_name((mpp_plan_part)i), (double)part[i] / MiB);
    }
  }
  MPP_REQUIRE(now.available == SIZE_MAX || more <= now.available, MPP_ERR_NOMEM,
              "memory: the training takes %.0f MiB more (%s), found %.0f MiB available; "
              "'recompute' and a smaller batch take less, 'mpp plan --memory' says which",
              (double)more / MiB, parts, (double)now.available / MiB);
  const size_t room = now.address_limit > now.addresses ? now.address_limit - now.addresses : 0;
  MPP_REQUIRE(
      now.address_limit == SIZE_MAX || more - reserved <= room, MPP_ERR_NOMEM,
      "memory: the training takes %.0f MiB more (%s), found %.0f MiB left of the limit of "
      "%.0f MiB (ulimit -v); 'recompute' and a smaller batch take less, 'mpp plan --memory' "
      "says which",
      (double)(more - reserved) / MiB, parts, (double)room / MiB, (double)now.address_limit / MiB);
done:
  return st;
}
