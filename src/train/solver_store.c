/* solver_store.c - slots of trajectories, filled by threads, read by whoever trains or validates.
 *
 * Training counts its trajectories on, 0, 1, 2, ..., also where samples come again: trajectory u is
 * sample u mod `samples`, and slot u mod `ring` is its place. The ring holds the pool and one
 * trajectory a thread ahead of it; it moves on when one ahead of the pool is read. Trajectories
 * held out have slots of their own, which are filled once. */
#include "solver_store.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "alloc.h"
#include "background.h"
#include "check.h"
#include "stop.h"
#include "threads.h"

enum { MESSAGE_MAX = 2048 }; /* as long as a status message can be */

typedef enum { EMPTY, BUSY, READY, FAILED } slot_state;

typedef struct slot {
  float *frames; /* [nframes, C, D, H, W], owned; NULL until it is filled first */
  float *given;  /* [ngiven, D, H, W], owned; NULL if there are none */
  slot_state state;
  uint64_t tag;    /* trajectory of the ring that is, or is being, put here */
  uint64_t sample; /* its number for the solver */
  bool waiting;    /* someone waits for trajectory `wanted` here */
  uint64_t wanted;
  mpp_status error;
  char message[MESSAGE_MAX];
} slot;

typedef struct worker {
  mpp_solver_store *store;
  mpp_pde_stream *stream; /* owned */
  pthread_t thread;
  bool started;
} worker;

struct mpp_solver_store {
  mpp_solver_plan plan;
  size_t nframes, frame, ring; /* frames, floats of one, slots of training */
  size_t given;                /* floats of all given fields */
  slot *slot;                  /* [ring + 2 held]: training, validation, tests */
  worker *worker;              /* [plan.threads] */
  atomic_bool stop;
  pthread_mutex_t mutex; /* holds slots but for the frames of busy ones, and: */
  pthread_cond_t work, done;
  uint64_t begin; /* first trajectory of the pool */
  bool begun;
};

/* ---- which trajectories shall be there ---- */

static bool has(const slot *s, uint64_t tag)
{
  return (s->state == READY || s->state == FAILED) && s->tag == tag;
}

static slot *take(slot *s, uint64_t tag, uint64_t sample)
{
  s->state = BUSY;
  s->tag = tag;
  s->sample = sample;
  return s;
}

static uint64_t training_sample(const mpp_solver_store *s, uint64_t u)
{
  return 2 * s->plan.held + u % s->plan.samples;
}

/* The next trajectory to compute: what is waited for, the ring in its order, what validation will
 * ask for; NULL if all is there. The slot is busy then. */
static slot *next_job(mpp_solver_store *s)
{
  for (size_t i = 0; i < s->ring + 2 * s->plan.held; i++) {
    slot *p = &s->slot[i];
    if (p->waiting && p->state != BUSY && !has(p, p->wanted)) {
      return take(p, p->wanted, i < s->ring ? training_sample(s, p->wanted) : i - s->ring);
    }
  }
  for (uint64_t u = s->begin; s->begun && u < s->begin + s->ring; u++) {
    slot *p = &s->slot[u % s->ring];
    if (p->state != BUSY && !has(p, u)) {
      return take(p, u, training_sample(s, u));
    }
  }
  for (size_t i = 0; s->begun && s->plan.held_in_time && i < s->plan.held; i++) {
    if (s->slot[s->ring + i].state == EMPTY) {
      return take(&s->slot[s->ring + i], i, i);
    }
  }
  return NULL;
}

/* The count of sample `index` for training that is nearest to the pool, which then has it. */
static uint64_t move_pool(mpp_solver_store *s, size_t index)
{
  const uint64_t n = s->plan.samples, ahead = (index + n - s->begin % n) % n;
  uint64_t u = index;
  if (s->ring == n) { /* all fit in */
    s->begin = 0;
  } else if (s->begun) {
    u = ahead > n - ahead && s->begin >= n - ahead ? s->begin - (n - ahead) : s->begin + ahead;
    const uint64_t last = s->begin + s->plan.pool - 1;
    s->begin = u < s->begin ? u : u > last ? u - (s->plan.pool - 1) : s->begin;
  } else {
    s->begin = u;
  }
  s->begun = true;
  return u;
}

/* ---- computing ---- */

static mpp_status compute(mpp_solver_store *s, mpp_pde_stream *stream, slot *p)
{
  mpp_status st = MPP_OK;
  if (p->frames == NULL) {
    MPP_TRY(MPP_ALLOC(&p->frames, s->nframes * s->frame));
  }
  if (p->given == NULL && s->given > 0) {
    MPP_TRY(MPP_ALLOC(&p->given, s->given));
  }
  MPP_TRY(mpp_pde_stream_draw(stream, p->sample));
  if (p->given != NULL) {
    MPP_TRY(mpp_pde_stream_given(stream, p->given));
  }
  for (size_t k = 0; k < s->nframes && !atomic_load(&s->stop); k++) {
    MPP_TRY(mpp_pde_stream_next(stream, p->frames + k * s->frame));
  }
done:
  return st == MPP_OK
             ? st
             : mpp_fail_prefix(st, "%s: sample %llu", s->plan.name, (unsigned long long)p->sample);
}

static void *work(void *argument)
{
  worker *w = argument;
  mpp_solver_store *s = w->store;
  mpp_threads_of_caller(1);
  pthread_mutex_lock(&s->mutex);
  while (!atomic_load(&s->stop)) {
    slot *p = next_job(s);
    if (p == NULL) {
      pthread_cond_wait(&s->work, &s->mutex);
      continue;
    }
    pthread_mutex_unlock(&s->mutex);
    const mpp_status st = compute(s, w->stream, p);
    pthread_mutex_lock(&s->mutex);
    p->state = st == MPP_OK ? READY : FAILED;
    p->error = st;
    if (st != MPP_OK) { /* the text is this thread's: kept for who asks for the trajectory */
      snprintf(p->message, sizeof p->message, "%s", mpp_last_error());
    }
    pthread_cond_broadcast(&s->done);
  }
  pthread_mutex_unlock(&s->mutex);
  return NULL;
}

/* ---- reading ---- */

/* Waits a little while; a stop that is requested meanwhile is seen soon. */
static void wait_a_little(mpp_solver_store *s)
{
  struct timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until); /* that of the condition: the time of day may be set */
  until.tv_nsec += 200000000;
  if (until.tv_nsec >= 1000000000) {
    until.tv_nsec -= 1000000000;
    until.tv_sec++;
  }
  pthread_cond_timedwait(&s->done, &s->mutex, &until);
}

/* Frames of a trajectory, or with count 0 its given fields. */
static mpp_status read_trajectory(mpp_solver_store *s, float *x, mpp_split split, size_t index,
                                  size_t start, size_t count)
{
  mpp_status st = MPP_OK;
  uint64_t tag = index;
  slot *p = NULL;
  pthread_mutex_lock(&s->mutex);
  if (split == MPP_TRAIN) {
    tag = move_pool(s, index);
    p = &s->slot[tag % s->ring];
  } else {
    tag += split == MPP_TEST ? s->plan.held : 0;
    p = &s->slot[s->ring + tag];
  }
  pthread_cond_broadcast(&s->work); /* the pool may have moved on */
  while (!has(p, tag)) {
    MPP_REQUIRE(!mpp_stop_requested(), MPP_STOPPED, "%s: stopped while a trajectory was computed",
                s->plan.name);
    p->waiting = true;
    p->wanted = tag;
    pthread_cond_broadcast(&s->work);
    wait_a_little(s);
  }
  MPP_REQUIRE(p->state == READY, p->error, "%s", p->message);
  if (count > 0) {
    memcpy(x, p->frames + start * s->frame, count * s->frame * sizeof *x);
  } else {
    memcpy(x, p->given, s->given * sizeof *x);
  }
done:
  p->waiting = false;
  pthread_mutex_unlock(&s->mutex);
  return st;
}

mpp_status mpp_solver_store_read(mpp_solver_store *s, float *x, mpp_split split, size_t index,
                                 size_t start, size_t count)
{
  return read_trajectory(s, x, split, index, start, count);
}

mpp_status mpp_solver_store_given(mpp_solver_store *s, float *x, mpp_split split, size_t index)
{
  return s->given > 0 ? read_trajectory(s, x, split, index, 0, 0) : MPP_OK;
}

/* ---- life ---- */

const mpp_pde_stream *mpp_solver_store_stream(const mpp_solver_store *s)
{
  return s->worker[0].stream;
}

size_t mpp_solver_store_bytes(const mpp_solver_store *s)
{
  return (s->ring + s->plan.held) * (s->nframes * s->frame + s->given) * sizeof(float);
}

static mpp_status prepare(mpp_solver_store *s)
{
  mpp_status st = MPP_OK;
  size_t size = 0;
  MPP_TRY(MPP_ALLOC(&s->worker, s->plan.threads));
  for (size_t i = 0; i < s->plan.threads; i++) {
    MPP_TRY(mpp_pde_stream_open(&s->worker[i].stream, s->plan.pde, &s->plan.options));
    s->worker[i].store = s;
  }
  const mpp_dataset_info *info = mpp_pde_stream_info(s->worker[0].stream);
  const size_t factors[] = {info->nfields, info->grid[0], info->grid[1], info->grid[2]};
  MPP_REQUIRE(mpp_product(&s->frame, factors, 4) && mpp_mul(&size, s->frame, info->nframes),
              MPP_ERR_NOMEM, "%s: a trajectory does not fit into memory", s->plan.name);
  s->nframes = info->nframes;
  s->given = info->ngiven * info->grid[0] * info->grid[1] * info->grid[2];
  s->ring = s->plan.pool + s->plan.threads;
  s->ring = s->ring < s->plan.samples ? s->ring : s->plan.samples;
  MPP_TRY(MPP_ALLOC(&s->slot, s->ring + 2 * s->plan.held));
done:
  return st;
}

mpp_status mpp_solver_store_create(mpp_solver_store **out, const mpp_solver_plan *plan)
{
  mpp_status st = MPP_OK;
  mpp_solver_store *s = NULL;
  pthread_condattr_t monotonic;
  *out = NULL;
  MPP_TRY(MPP_ALLOC(&s, 1));
  s->plan = *plan;
  pthread_mutex_init(&s->mutex, NULL); /* default attributes: cannot fail on Linux */
  pthread_cond_init(&s->work, NULL);
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&s->done, &monotonic);
  pthread_condattr_destroy(&monotonic);
  MPP_TRY(prepare(s));
  for (size_t i = 0; i < plan->threads; i++) {
    MPP_TRY(
        mpp_background_start(&s->worker[i].thread, work, &s->worker[i], "a thread of the solver"));
    s->worker[i].started = true;
  }
  *out = s;
  s = NULL;
done:
  mpp_solver_store_destroy(s);
  return st;
}

void mpp_solver_store_destroy(mpp_solver_store *s)
{
  if (s == NULL) {
    return;
  }
  pthread_mutex_lock(&s->mutex);
  atomic_store(&s->stop, true);
  pthread_cond_broadcast(&s->work);
  pthread_mutex_unlock(&s->mutex);
  for (size_t i = 0; s->worker != NULL && i < s->plan.threads; i++) {
    if (s->worker[i].started) {
      pthread_join(s->worker[i].thread, NULL);
    }
    mpp_pde_stream_close(s->worker[i].stream);
  }
  for (size_t i = 0; s->slot != NULL && i < s->ring + 2 * s->plan.held; i++) {
    mpp_free(s->slot[i].frames);
    mpp_free(s->slot[i].given);
  }
  mpp_free(s->slot);
  mpp_free(s->worker);
  pthread_cond_destroy(&s->work);
  pthread_cond_destroy(&s->done);
  pthread_mutex_destroy(&s->mutex);
  mpp_free(s);
}
