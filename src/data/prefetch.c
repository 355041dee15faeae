/* prefetch.c - one I/O thread fills a ring of batches in the order of the stream.
 * Slot position % nslots holds the batch of `position`. One slot more than `depth`: the batch that
 * the consumer borrows is not filled again before its next call. */
#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "background.h"
#include "batch.h"
#include "check.h"
#include "threads.h"

enum { MESSAGE_MAX = 2048 }; /* as long as a status message can be */

struct mpp_prefetch {
  const mpp_sampler *sampler;
  const mpp_source *sources;
  size_t B, frames, nslots;
  mpp_batch *slot; /* [nslots] */
  mpp_draw *draws; /* [B], of the thread */
  mpp_batch_work work;
  double waited; /* [s], of the consumer */
  pthread_t thread;
  pthread_mutex_t mutex; /* holds all below */
  pthread_cond_t filled, freed;
  uint64_t next_fill;   /* position that the thread reads next */
  uint64_t next_take;   /* position that the consumer gets next */
  uint64_t first_taken; /* positions before it may be overwritten */
  bool stop;
  mpp_status error; /* of reading next_fill; the thread has ended then */
  char message[MESSAGE_MAX];
};

/* Waits for a free slot; false: the reading is over. */
static bool wait_for_slot(mpp_prefetch *p)
{
  pthread_mutex_lock(&p->mutex);
  while (!p->stop && p->next_fill - p->first_taken >= p->nslots) {
    pthread_cond_wait(&p->freed, &p->mutex);
  }
  const bool goes_on = !p->stop;
  pthread_mutex_unlock(&p->mutex);
  return goes_on;
}

static void *read_ahead(void *argument)
{
  mpp_prefetch *p = argument;
  mpp_status st = MPP_OK;
  while (st == MPP_OK && wait_for_slot(p)) {
    /* next_fill is changed by this thread alone */
    mpp_batch *batch = &p->slot[p->next_fill % p->nslots];
    mpp_sampler_draw(p->sampler, p->draws, p->next_fill);
    batch->position = p->next_fill;
    st = mpp_batch_read(batch, &p->sources[p->draws[0].source], p->draws, p->B, p->frames);
    if (st == MPP_OK && p->work.make != NULL) {
      st = p->work.make(p->work.context, batch, p->draws);
    }
    pthread_mutex_lock(&p->mutex);
    if (st == MPP_OK) {
      p->next_fill++;
    } else { /* the text is this thread's: kept for the consumer */
      p->error = st;
      snprintf(p->message, sizeof p->message, "%s", mpp_last_error());
    }
    pthread_cond_signal(&p->filled);
    pthread_mutex_unlock(&p->mutex);
  }
  return NULL;
}

static void free_all(mpp_prefetch *p)
{
  if (p != NULL) {
    for (size_t i = 0; p->slot != NULL && i < p->nslots; i++) {
      if (p->work.release != NULL) {
        p->work.release(p->work.context, &p->slot[i]);
      }
      mpp_batch_free(&p->slot[i]);
    }
    mpp_free(p->slot);
    mpp_free(p->draws);
    pthread_cond_destroy(&p->filled);
    pthread_cond_destroy(&p->freed);
    pthread_mutex_destroy(&p->mutex);
    mpp_free(p);
  }
}

mpp_status mpp_prefetch_create(mpp_prefetch **out, const mpp_sampler *sampler,
                               const mpp_source *sources, size_t B, size_t frames, uint64_t first,
                               size_t depth, const mpp_batch_work *work)
{
  mpp_status st = MPP_OK;
  mpp_prefetch *p = NULL;
  assert(B > 0 && frames > 0 && depth > 0);
  *out = NULL;
  MPP_TRY(MPP_ALLOC(&p, 1));
  pthread_mutex_init(&p->mutex, NULL); /* default attributes: cannot fail on Linux */
  pthread_cond_init(&p->filled, NULL);
  pthread_cond_init(&p->freed, NULL);
  p->sampler = sampler;
  p->sources = sources;
  p->B = B;
  p->frames = frames;
  p->work = work != NULL ? *work : (mpp_batch_work){0};
  p->nslots = depth + 1;
  p->next_fill = p->next_take = p->first_taken = first;
  MPP_TRY(MPP_ALLOC(&p->slot, p->nslots));
  MPP_TRY(MPP_ALLOC(&p->draws, B));
  MPP_TRY(mpp_background_start(&p->thread, read_ahead, p, "the reading thread"));
  *out = p;
  p = NULL;
done:
  free_all(p);
  return st;
}

mpp_status mpp_prefetch_next(mpp_prefetch *p, const mpp_batch **batch)
{
  mpp_status st = MPP_OK;
  const double begin = mpp_clock();
  pthread_mutex_lock(&p->mutex);
  p->first_taken = p->next_take; /* the batch lent before is given back */
  pthread_cond_signal(&p->freed);
  while (p->next_fill == p->next_take && p->error == MPP_OK) {
    pthread_cond_wait(&p->filled, &p->mutex);
  }
  if (p->next_fill != p->next_take) {
    *batch = &p->slot[p->next_take % p->nslots];
    p->next_take++;
  } else { /* batches read before the error have all been handed out */
    st = mpp_fail(p->error, "%s", p->message);
  }
  pthread_mutex_unlock(&p->mutex);
  p->waited += mpp_clock() - begin;
  return st;
}

size_t mpp_prefetch_bytes(const mpp_source *sources, size_t nsources, size_t B, size_t frames,
                          size_t depth)
{
  size_t largest = 0, buffers = 0; /* windows; each dataset has one in the order of its file */
  for (size_t i = 0; i < nsources; i++) {
    const mpp_dataset_info *info = mpp_dataset_get_info(sources[i].dataset);
    const size_t cells = info->grid[0] * info->grid[1] * info->grid[2];
    const size_t frame = (info->nfields + sources[i].ngiven) * cells;
    const size_t window = frames * frame * (sizeof(float) + (info->masked ? 1 : 0));
    largest = window > largest ? window : largest;
    buffers += window;
  }
  const size_t windows = (depth + 1) * B + (B > 1 ? 1 : 0); /* slots, and one to be laid out */
  return windows * largest + buffers;
}

double mpp_prefetch_waited(const mpp_prefetch *p) { return p->waited; }

void mpp_prefetch_destroy(mpp_prefetch *p)
{
  if (p != NULL) {
    pthread_mutex_lock(&p->mutex);
    p->stop = true;
    pthread_cond_signal(&p->freed);
    pthread_mutex_unlock(&p->mutex);
    pthread_join(p->thread, NULL);
    free_all(p);
  }
}
