/* info_check.c - whether data can be trusted: findings of a check and of a manifest, as text or
 * JSON. */
#include <string.h>

#include "cli.h"

enum { SHOWN = 8 }; /* findings of a kind that are printed; JSON has all */

typedef struct listing {
  json_t *list; /* NULL: text */
  size_t printed[MPP_FINDINGS];
} listing;

static const char *const parts[] = {"train", "valid", "test", "all"}; /* mpp_split */

static void set_place(json_t *o, const mpp_place *p)
{
  json_object_set_new(o, "file", cli_json_text(p->file));
  json_object_set_new(o, "trajectory", json_integer((json_int_t)p->trajectory));
  json_object_set_new(o, "split", json_string(parts[p->split]));
}

static json_t *finding_json(const mpp_finding *f)
{
  json_t *o = json_object();
  json_object_set_new(o, "kind", json_string(mpp_finding_name(f->kind)));
  json_object_set_new(o, "fault", json_boolean(f->fault));
  if (f->whole) {
    json_object_set_new(o, "file", cli_json_text(f->at.file));
  } else {
    set_place(o, &f->at);
  }
  if (f->field[0] != '\0') {
    json_object_set_new(o, "field", cli_json_text(f->field));
  }
  if (f->kind == MPP_FOUND_NONFINITE || f->kind == MPP_FOUND_TIMES) {
    json_object_set_new(o, "frame", json_integer((json_int_t)f->frame));
  }
  if (f->count > 0) {
    json_object_set_new(o, "count", json_integer((json_int_t)f->count));
  }
  if (f->other.file[0] != '\0') {
    json_t *other = json_object();
    set_place(other, &f->other);
    json_object_set_new(o, "equals", other);
  }
  json_object_set_new(o, "text", cli_json_text(f->text));
  return o;
}

static void on_finding(void *context, const mpp_finding *f)
{
  listing *l = context;
  if (l->list != NULL) {
    json_array_append_new(l->list, finding_json(f));
  } else if (l->printed[f->kind]++ < SHOWN) {
    cli_progress_end();
    printf("%-11s %s\n", mpp_finding_name(f->kind), f->text);
  }
}

static void on_progress(void *context, double done)
{
  (void)context;
  cli_progress(done, "reading");
}

/* Counts of all kinds that were looked for; what was cut off above. */
static void print_counts(const listing *l, const mpp_check_summary *s, mpp_finding_kind first,
                         mpp_finding_kind end)
{
  for (mpp_finding_kind k = first; k < end; k++) {
    if (l->printed[k] > SHOWN) {
      printf("%-11s ... and %zu more (--json lists all)\n", mpp_finding_name(k),
             l->printed[k] - SHOWN);
    }
  }
  fputs("found       ", stdout);
  for (mpp_finding_kind k = first; k < end; k++) {
    printf("%s%zu %s", k > first ? ", " : "", s->found[k], mpp_finding_name(k));
  }
  putchar('\n');
}

static void set_counts(json_t *root, const mpp_check_summary *s, mpp_finding_kind first,
                       mpp_finding_kind end)
{
  json_t *counts = json_object();
  for (mpp_finding_kind k = first; k < end; k++) {
    json_object_set_new(counts, mpp_finding_name(k), json_integer((json_int_t)s->found[k]));
  }
  json_object_set_new(root, "found", counts);
}

static mpp_status verdict(const mpp_check_summary *s, const char *what)
{
  return s->faults == 0 ? MPP_OK : cli_fail(MPP_ERR_DATA, "%s: %zu faults found", what, s->faults);
}

mpp_status cli_info_check(const char *const *data, size_t count, const cli_check_settings *settings,
                          json_t *root)
{
  listing l = {.list = root != NULL ? json_array() : NULL};
  const mpp_check_observer observer = {on_finding, on_progress, &l};
  const mpp_check_options options = {.data = data,
                                     .ndata = count,
                                     .train = settings->train_fraction,
                                     .valid = settings->valid_fraction,
                                     .distinct = settings->split == MPP_TRAIN_SPLIT_DISTINCT,
                                     .boundary = settings->boundary,
                                     .flags = &settings->flags};
  mpp_check_summary s;
  mpp_status st = MPP_OK;
  CLI_TRY(mpp_check_data(&s, &options, &observer));
  cli_progress_end();
  if (root != NULL) {
    json_object_set_new(root, "trajectories", json_integer((json_int_t)s.trajectories));
    json_object_set_new(root, "distinct", json_integer((json_int_t)s.distinct));
    set_counts(root, &s, MPP_FOUND_UNREADABLE, MPP_FOUND_MISSING);
    json_object_set_new(root, "faults", json_integer((json_int_t)s.faults));
    json_object_set_new(root, "findings", json_incref(l.list));
  } else {
    print_counts(&l, &s, MPP_FOUND_UNREADABLE, MPP_FOUND_MISSING);
    printf("read        %zu trajectories, %zu of them distinct\n", s.trajectories, s.distinct);
  }
  st = verdict(&s, "check");
done:
  json_decref(l.list);
  return st;
}

mpp_status cli_info_verify(const char *manifest, json_t *root)
{
  listing l = {.list = root != NULL ? json_array() : NULL};
  const mpp_check_observer observer = {on_finding, on_progress, &l};
  mpp_check_summary s;
  size_t files = 0;
  mpp_status st = MPP_OK;
  CLI_TRY(mpp_manifest_verify(&s, &files, manifest, &observer));
  cli_progress_end();
  if (root != NULL) {
    json_object_set_new(root, "manifest", cli_json_text(manifest));
    json_object_set_new(root, "files", json_integer((json_int_t)files));
    set_counts(root, &s, MPP_FOUND_MISSING, MPP_FINDINGS);
    json_object_set_new(root, "differences", json_incref(l.list));
  } else {
    print_counts(&l, &s, MPP_FOUND_MISSING, MPP_FINDINGS);
    printf("compared    %zu file%s\n", files, files == 1 ? "" : "s");
  }
  st = verdict(&s, manifest);
done:
  json_decref(l.list);
  return st;
}

mpp_status cli_info_manifest(const char *path, const char *const *data, size_t count,
                             bool overwrite)
{
  const mpp_check_observer observer = {NULL, on_progress, NULL};
  const mpp_status st = mpp_manifest_write(path, data, count, overwrite, &observer);
  cli_progress_end();
  return st;
}
