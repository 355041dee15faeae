/* generate.c - samples -> a dataset file. As many samples as there are threads are under way, each
 * on one thread; a single one, or one that fills the memory, uses all threads inside it. A finished
 * sample goes to "<output>.partial" at once; when all are there, the dataset is written from it. So
 * a run that was killed goes on where it was, and the dataset is that of a run that was not. Memory
 * does not depend on the number of samples, and bits not on the threads. */
#include <omp.h>
#include <stddef.h>
#include <stdio.h>

#include "alloc.h"
#include "certificate.h"
#include "check.h"
#include "file.h"
#include "finished.h"
#include "mpp/threads.h"
#include "record_log.h"
#include "threads.h"

#define AT(member) offsetof(mpp_generate_options, member)

const mpp_option mpp_generate_table[] = {
    {"samples", 'n', MPP_OPT_LONG, AT(samples), "1", 1.0, 1e9, NULL, "N", "trajectories"},
    {"resolution", 0, MPP_OPT_LONG, AT(resolution), "0", 0.0, 65536.0, NULL, "N",
     "cells along each axis (0: the system's own)"},
    {"seed", 0, MPP_OPT_LONG, AT(seed), "0", 0.0, 9e15, NULL, "N",
     "seed; sample i depends on (seed, i) alone"},
    {"frames", 0, MPP_OPT_LONG, AT(frames), "0", 0.0, 1e6, NULL, "N",
     "stored frames with the initial one (0: the system's own)"},
    {"horizon", 0, MPP_OPT_REAL, AT(horizon), "0", 0.0, 1e9, NULL, "T",
     "end time [s] (0: the system's own)"},
    {"set", 0, MPP_OPT_TEXTS, AT(set), NULL, 0.0, 0.0, NULL, "NAME=VALUE",
     "parameter of the system; may be repeated"},
    {"boundary", 0, MPP_OPT_TEXT, AT(boundary), NULL, 0.0, 0.0, NULL, "AXIS=KIND,...",
     "boundaries (empty: the system's own)"},
    {"preset", 0, MPP_OPT_TEXT, AT(preset), NULL, 0.0, 0.0, NULL, "NAME",
     "options of a published dataset; those given beside it win"},
    {"pdebench-compat", 0, MPP_OPT_FLAG, AT(pdebench_compat), NULL, 0.0, 0.0, NULL, NULL,
     "the released data's generators and scheme, defects included; --seed: of the first sample "
     "or batch (0: as released)"},
    {"output", 'o', MPP_OPT_TEXT, AT(output), NULL, 0.0, 0.0, NULL, "FILE", "dataset to write"},
    {"resume", 0, MPP_OPT_FLAG, AT(resume), NULL, 0.0, 0.0, NULL, NULL,
     "continue an interrupted run, whose finished samples are in FILE.partial"},
    {"overwrite", 0, MPP_OPT_FLAG, AT(overwrite), NULL, 0.0, 0.0, NULL, NULL,
     "replace the output if it exists"},
    {"threads", 't', MPP_OPT_LONG, AT(threads), "0", 0.0, 4096.0, NULL, "N",
     "threads; 0: as many as OpenMP takes; results do not depend on it"},
    {NULL, 0, MPP_OPT_FLAG, 0, NULL, 0.0, 0.0, NULL, NULL, NULL}};

/* ---- the writer's description ---- */

typedef struct target {
  mpp_writer_options options;
  double *axes; /* time and coordinates, owned */
} target;

static mpp_status describe_target(target *t, const mpp_pde_case *c,
                                  const mpp_generate_options *options)
{
  mpp_status st = MPP_OK;
  const mpp_pde *pde = c->pde;
  mpp_writer_options *w = &t->options;
  double *next = NULL;
  *w = (mpp_writer_options){.path = options->output,
                            .layout = pde->layout != NULL ? pde->layout : "pdebench-groups",
                            .nonce = pde->nonce,
                            .nfields = pde->nstored,
                            .ntrajectories = (size_t)options->samples,
                            .nframes = c->frames,
                            .overwrite = options->overwrite};
  MPP_TRY(MPP_ALLOC(&t->axes, c->frames + c->stored[0] + c->stored[1] + c->stored[2]));
  w->time = t->axes;
  for (size_t k = 0; k < c->frames; k++) { t->axes[k] = mpp_pde_case_time(c, k); }
  next = t->axes + c->frames;
  for (int a = 0; a < 3; a++) {
    w->grid[a] = c->stored[a];
    snprintf(w->axis[a], sizeof w->axis[a], "%s", pde->axis[a]);
    if (pde->axis[a][0] != '\0') {
      w->coordinate[a] = next;
    }
    for (size_t i = 0; i < c->stored[a]; i++) { *next++ = mpp_pde_case_coordinate(c, a, i); }
  }
  for (size_t f = 0; f < pde->nstored + pde->nonce; f++) {
    snprintf(w->field[f], sizeof w->field[f], "%s", pde->field[f]);
    w->dataset[f] = pde->dataset[f];
  }
done:
  return st;
}

/* ---- samples ---- */

/* Bytes that trajectories under way may take together; beyond it samples go one after the other,
 * each on all threads. */
static const size_t memory_budget = (size_t)2 << 30;

typedef struct job {
  const mpp_pde_case *c; /* borrowed */
  mpp_record_log *log;   /* finished samples, owned */
  mpp_trajectory *slot;  /* [nslots], owned */
  size_t nslots, total;
  mpp_generate_observer observer;
  void *context;
} job;

/* A record: how it went, the frames, what is stored once. */
static size_t pieces_of(mpp_piece piece[3], mpp_course *course, const mpp_trajectory *t)
{
  piece[0] = (mpp_piece){course, sizeof *course};
  piece[1] = (mpp_piece){t->frames, t->c->values * sizeof(float)};
  piece[2] = (mpp_piece){t->once, t->c->once * sizeof(float)};
  return t->once != NULL ? 3 : 2;
}

static size_t record_size(const mpp_pde_case *c)
{
  return sizeof(mpp_course) + (c->values + c->once) * sizeof(float);
}

static size_t slots_for(const mpp_pde_case *c, size_t total)
{
  const size_t state = c->pde->nfields * c->cells * sizeof(double);
  const size_t each = 6 * state + record_size(c); /* a run holds a few states */
  const size_t fitting = memory_budget / each > 0 ? memory_budget / each : 1;
  const size_t threads = (size_t)mpp_threads(), wanted = total < threads ? total : threads;
  return wanted < fitting ? wanted : fitting;
}

static void job_close(job *j, bool finished)
{
  for (size_t i = 0; j->slot != NULL && i < j->nslots; i++) { mpp_trajectory_close(&j->slot[i]); }
  mpp_free(j->slot);
  const bool keep = !finished && j->log != NULL && mpp_record_log_count(j->log) > 0;
  mpp_record_log_close(j->log, !keep);
}

static mpp_status job_open(job *j, const mpp_generate_options *o)
{
  mpp_status st = MPP_OK;
  char *identity = NULL, path[MPP_PATH_MAX];
  const mpp_log_mode mode = o->resume      ? MPP_LOG_CONTINUE
                            : o->overwrite ? MPP_LOG_REPLACE
                                           : MPP_LOG_NEW;
  MPP_TRY(mpp_samples_path(path, o->output));
  MPP_TRY(mpp_case_identity(&identity, j->c));
  MPP_TRY(mpp_record_log_open(&j->log, path, identity, record_size(j->c), j->total, mode));
  mpp_remove_temporaries(o->output); /* of a run killed while it wrote; the log's lock is ours */
  MPP_TRY(MPP_ALLOC(&j->slot, j->nslots));
  for (size_t i = 0; i < j->nslots; i++) { MPP_TRY(mpp_trajectory_open(&j->slot[i], j->c)); }
done:
  mpp_free(identity);
  return st;
}

/* Computes one sample and keeps it. */
static mpp_status compute(job *j, mpp_trajectory *t, size_t sample)
{
  mpp_status st = MPP_OK;
  mpp_piece piece[3];
  MPP_TRY(mpp_trajectory_init(t, sample));
  mpp_trajectory_integrate(t);
  MPP_TRY(mpp_trajectory_check(t));
  mpp_course course = mpp_course_of(t);
  const size_t npieces = pieces_of(piece, &course, t);
  MPP_TRY(mpp_record_log_put(j->log, sample, piece, npieces));
done:
  return st;
}

/* The failure of the first sample that failed; messages belong to the thread that made them. */
typedef struct failure {
  mpp_status status;
  size_t sample;
  char text[512];
} failure;

static void note_failure(failure *f, mpp_status st, size_t sample)
{
  if (f->status == MPP_OK || sample < f->sample) {
    f->status = st;
    f->sample = sample;
    snprintf(f->text, sizeof f->text, "%s", mpp_last_error());
  }
}

/* Samples are handed out one by one; a record has its own place, so that it does not matter which
 * is finished first. After a failure no further one is begun. */
static mpp_status compute_all(job *j)
{
  failure failed = {.status = MPP_OK};
  size_t next = 0, done = mpp_record_log_count(j->log);
  const int threads = (int)j->nslots;
#pragma omp parallel num_threads(threads) if (threads > 1)
  {
    mpp_trajectory *t = &j->slot[omp_get_thread_num()];
    for (;;) {
      size_t sample = 0;
#pragma omp critical(mpp_generate_next)
      {
        while (next < j->total && mpp_record_log_has(j->log, next)) { next++; }
        sample = failed.status == MPP_OK && next < j->total ? next++ : j->total;
      }
      if (sample >= j->total) {
        break;
      }
      const mpp_status st = compute(j, t, sample);
#pragma omp critical(mpp_generate_next)
      if (st != MPP_OK) {
        note_failure(&failed, st, sample);
      } else if (j->observer != NULL) {
        j->observer(j->context, ++done, j->total);
      }
    }
  }
  return failed.status == MPP_OK ? MPP_OK : mpp_fail(failed.status, "%s", failed.text);
}

/* ---- file ---- */

/* In files with a group for each sample the group says all; in others what they share stands
 * once. */
static mpp_status append(mpp_writer *w, const mpp_trajectory *t, const mpp_course *course)
{
  mpp_status st = MPP_OK;
  mpp_notes *n = NULL;
  MPP_TRY(MPP_ALLOC(&n, 1));
  if (t->c->pde->layout == NULL) {
    mpp_note_case(n, t->c);
  }
  mpp_note_details(n, t->c, (uint64_t)course->sample);
  mpp_note_course(n, t->c->pde, course);
  MPP_TRY(mpp_writer_append(w, t->frames, t->once, n->item, n->count));
done:
  mpp_free(n);
  return st;
}

static mpp_status write_file_notes(mpp_writer *w, const mpp_pde_case *c, const mpp_course *worst)
{
  mpp_status st = MPP_OK;
  mpp_notes *n = NULL;
  double order = 0.0;
  char request[MPP_DIGEST_SIZE];
  MPP_TRY(MPP_ALLOC(&n, 1));
  MPP_TRY(mpp_request_digest(request, c, (size_t)worst->sample));
  mpp_note_text(n, MPP_REQUEST_KEY, request);
  MPP_TRY(mpp_certify_order(&order, c->pde));
  mpp_note_case(n, c);
  mpp_note_number(n, "", "samples", worst->sample);
  mpp_note_number(n, "", "order_design", c->pde->problems[0].order);
  mpp_note_number(n, "", "order_measured", order);
  mpp_note_text(n, "order_problem", c->pde->problems[0].name);
  mpp_note_course(n, c->pde, worst);
  MPP_TRY(mpp_writer_notes(w, n->item, n->count));
done:
  mpp_free(n);
  return st;
}

/* From the finished samples, in their order, to the dataset. */
static mpp_status write_dataset(job *j, const mpp_writer_options *options)
{
  mpp_status st = MPP_OK;
  mpp_writer *w = NULL;
  mpp_trajectory *t = &j->slot[0];
  mpp_course course, worst = {0};
  mpp_piece piece[3];
  MPP_TRY(mpp_writer_create(&w, options));
  for (size_t i = 0; i < j->total; i++) {
    const size_t npieces = pieces_of(piece, &course, t);
    MPP_TRY(mpp_record_log_get(j->log, i, piece, npieces));
    mpp_course_add(&worst, &course);
    MPP_TRY(append(w, t, &course));
  }
  MPP_TRY(write_file_notes(w, j->c, &worst));
  st = mpp_writer_finish(w);
  w = NULL; /* freed, whatever the status */
done:
  mpp_writer_abort(w);
  return st;
}

mpp_status mpp_generate(const mpp_pde *pde, const mpp_generate_options *options,
                        mpp_generate_observer observer, void *context)
{
  mpp_status st = MPP_OK;
  mpp_pde_case c;
  target t = {.axes = NULL};
  job j = {.c = &c, .observer = observer, .context = context};
  bool finished = false;
  const int threads = mpp_get_threads();
  MPP_REQUIRE(options->samples > 0, MPP_ERR_USAGE, "--samples: found %ld, expected 1 or more",
              options->samples);
  MPP_REQUIRE(options->output[0] != '\0', MPP_ERR_USAGE, "--output: expected a file name");
  MPP_TRY(mpp_pde_case_make(&c, pde, options));
  MPP_TRY(mpp_was_finished(&finished, options, &c, record_size(&c)));
  if (finished) {
    goto done;
  }
  MPP_TRY(mpp_check_output(options->output, options->overwrite));
  if (options->threads > 0) {
    mpp_set_threads((int)options->threads);
  }
  j.total = (size_t)options->samples;
  j.nslots = slots_for(&c, j.total);
  MPP_TRY(describe_target(&t, &c, options));
  MPP_TRY(job_open(&j, options));
  MPP_TRY(compute_all(&j));
  MPP_TRY(write_dataset(&j, &t.options));
done:
  job_close(&j, st == MPP_OK);
  mpp_free(t.axes);
  if (options->threads > 0) {
    mpp_set_threads(threads);
  }
  return st;
}
