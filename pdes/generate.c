/* generate.c - samples -> a dataset file. Batches of as many samples as there are threads, each
 * sample on one thread; a batch of one sample uses all threads inside it. Memory does not depend on
 * the number of samples, and bits not on the threads. */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "mpp/threads.h"
#include "mpp/version.h"
#include "threads.h"
#include "trajectory.h"

#define AT(member) offsetof(mpp_generate_options, member)

const mpp_option mpp_generate_table[] = {
    {"samples", 'n', MPP_OPT_LONG, AT(samples), "1", 1.0, 1e9, NULL, "N", "trajectories"},
    {"resolution", 0, MPP_OPT_LONG, AT(resolution), "0", 0.0, 8192.0, NULL, "N",
     "cells along each axis (0: the system's own, 128)"},
    {"seed", 0, MPP_OPT_LONG, AT(seed), "0", 0.0, 9e15, NULL, "N",
     "seed; sample i depends on (seed, i) alone"},
    {"frames", 0, MPP_OPT_LONG, AT(frames), "0", 0.0, 1e6, NULL, "N",
     "stored frames with the initial one (0: the system's own, 101)"},
    {"horizon", 0, MPP_OPT_REAL, AT(horizon), "0", 0.0, 1e9, NULL, "T",
     "end time [s] (0: the system's own)"},
    {"set", 0, MPP_OPT_TEXTS, AT(set), NULL, 0.0, 0.0, NULL, "NAME=VALUE",
     "parameter of the system; may be repeated"},
    {"pdebench-compat", 0, MPP_OPT_FLAG, AT(pdebench_compat), NULL, 0.0, 0.0, NULL, NULL,
     "the released data's generators and scheme, defects included; sample i has numpy seed N + i"},
    {"output", 'o', MPP_OPT_TEXT, AT(output), NULL, 0.0, 0.0, NULL, "FILE", "dataset to write"},
    {"overwrite", 0, MPP_OPT_FLAG, AT(overwrite), NULL, 0.0, 0.0, NULL, NULL,
     "replace the output if it exists"},
    {"threads", 'j', MPP_OPT_LONG, AT(threads), "0", 0.0, 4096.0, NULL, "N", "threads (0: all)"},
    {NULL, 0, MPP_OPT_FLAG, 0, NULL, 0.0, 0.0, NULL, NULL, NULL}};

/* ---- provenance ---- */

enum { MAX_NOTES = 48 };

typedef struct notes {
  mpp_note item[MAX_NOTES];
  size_t count;
} notes;

static void note_text(notes *n, const char *key, const char *text)
{
  mpp_note *to = &n->item[n->count++];
  *to = (mpp_note){.value = 0.0};
  snprintf(to->key, sizeof to->key, "%s", key);
  snprintf(to->text, sizeof to->text, "%s", text);
}

static void note_number(notes *n, const char *prefix, const char *key, double value)
{
  mpp_note *to = &n->item[n->count++];
  *to = (mpp_note){.value = value};
  snprintf(to->key, sizeof to->key, "%s%s", prefix, key);
}

/* What all samples share. */
static void note_case(notes *n, const mpp_pde_case *c)
{
  const mpp_pde *pde = c->pde;
  note_text(n, "solver", pde->name);
  note_text(n, "system", pde->label);
  note_text(n, "boundary", c->boundary);
  note_text(n, "solver_version", "mpp " MPP_VERSION);
  note_text(n, "scheme", pde->scheme);
  note_text(n, "reference", pde->reference);
  note_text(n, "mode", c->setup.compat ? "pdebench-compat" : "default");
  note_number(n, "", "seed", (double)c->setup.seed);
  note_number(n, "", "horizon", c->setup.horizon);
  note_number(n, "", "computed_cells_per_axis", (double)c->setup.grid.n[2]);
  for (size_t i = 0; pde->params[i].name != NULL; i++) {
    note_number(n, "", pde->params[i].name, c->setup.param[i]);
  }
}

/* What one sample adds, or the worst of all samples. */
static void note_course(notes *n, const mpp_pde *pde, const double *drift, size_t nconserved,
                        double steps, double rejected)
{
  for (size_t i = 0; i < nconserved; i++) { note_number(n, "drift_", pde->conserved[i], drift[i]); }
  note_number(n, "", "steps", steps);
  note_number(n, "", "steps_rejected", rejected);
}

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

/* ---- batches ---- */

typedef struct batch {
  mpp_trajectory *slot; /* [size], owned */
  size_t size;
  double steps, rejected; /* of all samples */
  double drift[MPP_PDE_MAX_CONSERVED];
  size_t nconserved;
} batch;

static void batch_close(batch *b)
{
  for (size_t i = 0; b->slot != NULL && i < b->size; i++) { mpp_trajectory_close(&b->slot[i]); }
  mpp_free(b->slot);
  b->slot = NULL;
}

static mpp_status batch_open(batch *b, const mpp_pde_case *c, size_t size)
{
  mpp_status st = MPP_OK;
  MPP_TRY(MPP_ALLOC(&b->slot, size));
  b->size = size;
  for (size_t i = 0; i < size; i++) { MPP_TRY(mpp_trajectory_open(&b->slot[i], c)); }
done:
  return st;
}

/* Initial conditions are drawn in turn: they may fail, and cost little. */
static mpp_status batch_compute(batch *b, uint64_t first, size_t count)
{
  mpp_status st = MPP_OK;
  for (size_t i = 0; i < count; i++) { MPP_TRY(mpp_trajectory_init(&b->slot[i], first + i)); }
  if (count == 1) {
    mpp_trajectory_integrate(&b->slot[0]);
  } else {
#pragma omp parallel for num_threads(mpp_threads()) schedule(dynamic)
    for (size_t i = 0; i < count; i++) { mpp_trajectory_integrate(&b->slot[i]); }
  }
  for (size_t i = 0; i < count; i++) { MPP_TRY(mpp_trajectory_check(&b->slot[i])); }
done:
  return st;
}

static mpp_status append(mpp_writer *w, batch *b, const mpp_trajectory *t)
{
  const mpp_pde *pde = t->c->pde;
  notes n = {.count = 0};
  note_case(&n, t->c);
  note_number(&n, "", "sample", (double)t->sample);
  if (pde->details != NULL) {
    n.count += pde->details(&n.item[n.count], &t->c->setup, t->sample);
  }
  note_course(&n, pde, t->drift, t->nconserved, (double)t->run->steps, (double)t->run->rejected);
  b->steps += (double)t->run->steps;
  b->rejected += (double)t->run->rejected;
  b->nconserved = t->nconserved;
  for (size_t i = 0; i < t->nconserved; i++) { b->drift[i] = fmax(b->drift[i], t->drift[i]); }
  return mpp_writer_append(w, t->frames, t->once, n.item, n.count);
}

mpp_status mpp_generate(const mpp_pde *pde, const mpp_generate_options *options,
                        mpp_generate_observer observer, void *context)
{
  mpp_status st = MPP_OK;
  mpp_pde_case c;
  target t = {.axes = NULL};
  batch b = {.slot = NULL};
  mpp_writer *writer = NULL;
  notes n = {.count = 0};
  const int threads = mpp_get_threads();
  const uint64_t total = options->samples > 0 ? (uint64_t)options->samples : 0;
  MPP_REQUIRE(total > 0, MPP_ERR_USAGE, "--samples: found %ld, expected 1 or more",
              options->samples);
  MPP_REQUIRE(options->output[0] != '\0', MPP_ERR_USAGE, "--output: expected a file name");
  MPP_TRY(mpp_pde_case_make(&c, pde, options));
  if (options->threads > 0) {
    mpp_set_threads((int)options->threads);
  }
  MPP_TRY(describe_target(&t, &c, options));
  MPP_TRY(mpp_writer_create(&writer, &t.options));
  MPP_TRY(batch_open(&b, &c, total < (uint64_t)mpp_threads() ? total : (size_t)mpp_threads()));
  for (uint64_t first = 0; first < total; first += b.size) {
    const size_t count = total - first < b.size ? (size_t)(total - first) : b.size;
    MPP_TRY(batch_compute(&b, first, count));
    for (size_t i = 0; i < count; i++) {
      MPP_TRY(append(writer, &b, &b.slot[i]));
      if (observer != NULL) {
        observer(context, (size_t)first + i + 1, (size_t)total);
      }
    }
  }
  note_case(&n, &c);
  note_number(&n, "", "samples", (double)total);
  note_course(&n, pde, b.drift, b.nconserved, b.steps, b.rejected);
  MPP_TRY(mpp_writer_notes(writer, n.item, n.count));
  st = mpp_writer_finish(writer);
  writer = NULL; /* freed, whatever the status */
done:
  mpp_writer_abort(writer);
  batch_close(&b);
  mpp_free(t.axes);
  if (options->threads > 0) {
    mpp_set_threads(threads);
  }
  return st;
}
