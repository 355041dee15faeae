/* plan.c - lists of samples, starts, horizons and members, and file names that tell them apart. */
#include "plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"

enum { NUMBERS_MAX = 1000000 };

/* ---- lists of numbers ---- */

static int rising(const void *a, const void *b)
{
  const size_t x = *(const size_t *)a, y = *(const size_t *)b;
  return (x > y) - (x < y);
}

/* A number of digits at *text, which moves behind it. */
static bool read_number(size_t *out, const char **text)
{
  char *end = NULL;
  errno = 0;
  const unsigned long value = **text >= '0' && **text <= '9' ? strtoul(*text, &end, 10) : 0;
  if (end == NULL || errno != 0 || value > 1000000000000UL) {
    return false;
  }
  *text = end;
  *out = value;
  return true;
}

/* "3", "3-9" or "3-9:2" at *text. */
static bool read_range(size_t *first, size_t *last, size_t *step, const char **text)
{
  *step = 1;
  if (!read_number(first, text)) {
    return false;
  }
  *last = *first;
  if (**text == '-') {
    ++*text;
    if (!read_number(last, text) || *last < *first) {
      return false;
    }
    if (**text == ':') {
      ++*text;
      if (!read_number(step, text) || *step == 0) {
        return false;
      }
    }
  }
  return **text == ',' || **text == '\0';
}

static mpp_status add_range(mpp_numbers *n, size_t *capacity, size_t first, size_t last,
                            size_t step, const char *what)
{
  mpp_status st = MPP_OK;
  size_t *grown = NULL;
  const size_t more = (last - first) / step + 1;
  MPP_REQUIRE(more <= NUMBERS_MAX && n->count + more <= NUMBERS_MAX, MPP_ERR_USAGE,
              "--%s: more than %d numbers", what, NUMBERS_MAX);
  if (n->count + more > *capacity) {
    *capacity = 2 * (n->count + more);
    MPP_TRY(MPP_ALLOC(&grown, *capacity));
    if (n->count > 0) {
      memcpy(grown, n->item, n->count * sizeof *grown);
    }
    mpp_free(n->item);
    n->item = grown;
  }
  for (size_t i = 0; i < more; i++) { n->item[n->count++] = first + i * step; }
done:
  return st;
}

mpp_status mpp_numbers_parse(mpp_numbers *out, const char *text, const char *what)
{
  mpp_status st = MPP_OK;
  mpp_numbers n = {0};
  size_t capacity = 0, first = 0, last = 0, step = 1, kept = 0;
  const char *at = text;
  do {
    MPP_REQUIRE(read_range(&first, &last, &step, &at), MPP_ERR_USAGE,
                "--%s: found '%s', expected numbers as 3, 0-9, 0-90:10 or 1,5,7-9", what, text);
    MPP_TRY(add_range(&n, &capacity, first, last, step, what));
  } while (*at++ == ',');
  qsort(n.item, n.count, sizeof *n.item, rising);
  for (size_t i = 0; i < n.count; i++) {
    if (i == 0 || n.item[i] != n.item[kept - 1]) {
      n.item[kept++] = n.item[i];
    }
  }
  n.count = kept;
  *out = n;
  n = (mpp_numbers){0};
done:
  mpp_free(n.item);
  return st;
}

/* ---- the plan ---- */

/* all, train, valid and test, or numbers. */
static mpp_status choose_samples(mpp_numbers *out, const char *text, const mpp_frames *frames)
{
  static const char *const words[] = {"train", "valid", "test", "all"}; /* as mpp_split */
  mpp_status st = MPP_OK;
  const mpp_dataset_info *info = mpp_frames_info(frames);
  const mpp_dataset *data = mpp_frames_dataset(frames);
  size_t first = 0, count = 0, capacity = 0;
  for (int i = 0; i < 4; i++) {
    if (strcmp(text, words[i]) == 0) {
      MPP_REQUIRE(data != NULL, MPP_ERR_USAGE,
                  "--sample %s: a solver has any number of samples, expected numbers", text);
      mpp_dataset_split(data, (mpp_split)i, &first, &count);
      MPP_REQUIRE(count > 0, MPP_ERR_USAGE, "--sample %s: %s has none", text, info->path);
      st = add_range(out, &capacity, first, first + count - 1, 1, "sample");
      goto done;
    }
  }
  MPP_TRY(mpp_numbers_parse(out, text, "sample"));
  const size_t largest = out->item[out->count - 1];
  MPP_REQUIRE(largest < info->ntrajectories, MPP_ERR_USAGE, "%s: sample %zu, expected 0 to %zu",
              info->path, largest, info->ntrajectories - 1);
done:
  return st;
}

/* `asked`: the length of the context stands on the command line and is not the model's. */
static mpp_status choose_starts(mpp_numbers *out, const char *text, const mpp_dataset_info *info,
                                size_t span, bool asked)
{
  mpp_status st = MPP_OK;
  size_t capacity = 0;
  MPP_REQUIRE(span < info->nframes, asked ? MPP_ERR_USAGE : MPP_ERR_DATA,
              "%s: trajectories of %zu frames, expected at least the %zu frames of context",
              info->path, info->nframes, span + 1);
  if (strcmp(text, "last") == 0) {
    st = add_range(out, &capacity, info->nframes - 1 - span, info->nframes - 1 - span, 1, "start");
    goto done;
  }
  MPP_TRY(mpp_numbers_parse(out, text, "start"));
  const size_t largest = out->item[out->count - 1];
  MPP_REQUIRE(largest + span < info->nframes, MPP_ERR_USAGE,
              "%s: context frames %zu to %zu, but its trajectories have %zu frames", info->path,
              largest, largest + span, info->nframes);
done:
  return st;
}

mpp_status mpp_plan_make(mpp_plan *p, const mpp_rollout_options *o, const mpp_frames *frames,
                         size_t T)
{
  mpp_status st = MPP_OK;
  const mpp_dataset_info *info = mpp_frames_info(frames);
  size_t span = 0;
  long stride = 1;
  char space[MPP_TEXT_MAX];
  p->output = o->output;
  p->members = (size_t)o->members;
  p->checkpoints = 1 + o->ensemble.count;
  p->only = p->members * p->checkpoints;
  MPP_REQUIRE(o->member < 0 || (size_t)o->member < p->only, MPP_ERR_USAGE,
              "--member %ld: there are %zu, from 0", o->member, p->only);
  p->only = o->member >= 0 ? (size_t)o->member : p->only;
  MPP_TRY(mpp_rollout_stride(&stride, space, o->flags.stride));
  MPP_REQUIRE(T >= 1 && mpp_mul(&span, T - 1, (size_t)stride), MPP_ERR_USAGE,
              "--stride %ld is too large", stride);
  MPP_TRY(choose_samples(&p->sample, o->sample, frames));
  MPP_TRY(choose_starts(&p->start, o->start, info, span, o->context > 0 || stride > 1));
  MPP_TRY(mpp_numbers_parse(&p->steps, o->steps, "steps"));
  MPP_REQUIRE(p->steps.item[0] >= 1 && p->steps.item[p->steps.count - 1] <= 1000000000,
              MPP_ERR_USAGE, "--steps %s: expected 1 to 1000000000", o->steps);
  const size_t factor[] = {p->sample.count, p->start.count, p->steps.count, p->members,
                           p->checkpoints};
  MPP_REQUIRE(mpp_product(&span, factor, 5), MPP_ERR_USAGE, "rollout: too many forecasts");
done:
  return st;
}

void mpp_plan_free(mpp_plan *p)
{
  mpp_free(p->sample.item);
  mpp_free(p->start.item);
  mpp_free(p->steps.item);
  *p = (mpp_plan){0};
}

static bool is_whole(const mpp_plan *p) { return p->only == p->members * p->checkpoints; }

size_t mpp_plan_members(const mpp_plan *p, size_t checkpoint)
{
  return is_whole(p) ? p->members : p->only / p->members == checkpoint ? 1U : 0U;
}

size_t mpp_plan_contexts(const mpp_plan *p)
{
  return p->sample.count * p->start.count * p->steps.count;
}

mpp_plan_key mpp_plan_at(const mpp_plan *p, size_t checkpoint, size_t context, size_t m)
{
  const size_t rest = context / p->steps.count;
  return (mpp_plan_key){.sample = p->sample.item[rest / p->start.count],
                        .start = p->start.item[rest % p->start.count],
                        .steps = p->steps.item[context % p->steps.count],
                        .member = is_whole(p) ? checkpoint * p->members + m : p->only};
}

bool mpp_plan_has_ensemble(const mpp_plan *p)
{
  return is_whole(p) && p->members * p->checkpoints > 1;
}

/* ---- names ---- */

enum { SAMPLE, START, STEPS, MEMBER, KINDS };
static const char *const kind_name[KINDS] = {"sample", "start", "steps", "member"};

/* Number of a kind with as many digits as the largest has; "ensemble" for mean and spread. */
static void number_text(char out[32], const mpp_plan *p, const mpp_plan_key *key, int kind,
                        bool ensemble)
{
  const size_t value[KINDS] = {key->sample, key->start, key->steps, key->member};
  const size_t most[KINDS] = {p->sample.item[p->sample.count - 1],
                              p->start.item[p->start.count - 1], p->steps.item[p->steps.count - 1],
                              p->members * p->checkpoints - 1};
  if (kind == MEMBER && ensemble) {
    snprintf(out, 32, "ensemble");
    return;
  }
  const int digits = snprintf(out, 32, "%zu", most[kind]);
  snprintf(out, 32, "%0*zu", digits, value[kind]);
}

static bool varies(const mpp_plan *p, int kind)
{
  const size_t count[KINDS] = {p->sample.count, p->start.count, p->steps.count,
                               is_whole(p) ? p->members * p->checkpoints : 1};
  return count[kind] > 1;
}

/* The kind whose "{name}" begins at `at`, or KINDS. */
static int placeholder(const char *at)
{
  for (int kind = 0; kind < KINDS; kind++) {
    const size_t n = strlen(kind_name[kind]);
    if (at[0] == '{' && strncmp(at + 1, kind_name[kind], n) == 0 && at[n + 1] == '}') {
      return kind;
    }
  }
  return KINDS;
}

/* "_sample3_member0": what varies. */
static void suffix_text(char out[160], const mpp_plan *p, const mpp_plan_key *key, bool ensemble)
{
  out[0] = '\0';
  for (int kind = 0; kind < KINDS; kind++) {
    if (varies(p, kind)) {
      char number[32];
      const size_t used = strlen(out);
      number_text(number, p, key, kind, ensemble);
      snprintf(out + used, 160 - used, "_%s%s", kind == MEMBER && ensemble ? "" : kind_name[kind],
               number);
    }
  }
}

mpp_status mpp_plan_name(char out[MPP_PATH_MAX], const mpp_plan *p, const mpp_plan_key *key,
                         bool ensemble)
{
  mpp_status st = MPP_OK;
  bool named[KINDS] = {false}, any = false;
  size_t used = 0;
  const char *slash = strrchr(p->output, '/');
  const char *dot = strrchr(slash != NULL ? slash : p->output, '.');
  char insert[160];
  for (const char *at = p->output; *at != '\0'; at++) {
    if (placeholder(at) < KINDS) {
      named[placeholder(at)] = any = true;
    }
  }
  for (int kind = 0; kind < KINDS && any; kind++) {
    MPP_REQUIRE(named[kind] || !varies(p, kind), MPP_ERR_USAGE,
                "--output %s: several forecasts differ in {%s}, which is missing", p->output,
                kind_name[kind]);
  }
  suffix_text(insert, p, key, ensemble);
  for (const char *at = p->output;; at++) {
    char text[192] = {*at, '\0'};
    const int kind = placeholder(at);
    if (kind < KINDS) {
      number_text(text, p, key, kind, ensemble);
      at += strlen(kind_name[kind]) + 1;
    }
    if (!any && at == (dot != NULL ? dot : p->output + strlen(p->output))) {
      snprintf(text, sizeof text, "%s%c", insert, *at);
    }
    MPP_REQUIRE(used + strlen(text) < MPP_PATH_MAX, MPP_ERR_USAGE, "--output %.100s...: too long",
                p->output);
    memcpy(out + used, text, strlen(text) + 1);
    used += strlen(text);
    if (*at == '\0') {
      break;
    }
  }
done:
  return st;
}
