/* solver_source.c - from the text of a data entry to a dataset whose trajectories are computed
 * while the training goes on. */
#include "solver_source.h"

#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "dataset_made.h"
#include "solver_store.h"

static const char prefix[] = "solver:";

/* What is not the system's but the stream's. */
typedef struct stream_options {
  long samples, reuse, pool, held, threads;
} stream_options;

#define AT(member) offsetof(stream_options, member)
static const mpp_option stream_table[] = {
    {"samples", 0, MPP_OPT_LONG, AT(samples), "0", .min = 0, .max = 1e12},
    {"reuse", 0, MPP_OPT_LONG, AT(reuse), "0", .min = 0, .max = 1e9},
    {"pool", 0, MPP_OPT_LONG, AT(pool), "0", .min = 0, .max = 65536},
    {"held-out", 0, MPP_OPT_LONG, AT(held), "0", .min = 0, .max = 65536},
    {"threads", 0, MPP_OPT_LONG, AT(threads), "1", .min = 1, .max = 1024},
    {.name = NULL},
};
#undef AT

static const size_t endless = (size_t)1 << 40; /* more than any training draws */

bool mpp_solver_named(const char *path) { return strncmp(path, prefix, sizeof prefix - 1) == 0; }

/* ---- text ---- */

/* "name=value" with a name of letters, digits, '-' and '_'. */
static bool is_pair(const char *word)
{
  const size_t length = strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789-_");
  return length > 0 && word[length] == '=';
}

/* Appends ",word" if there is room. */
static bool append(char text[MPP_TEXT_MAX], const char *word)
{
  const size_t used = strlen(text), length = strlen(word);
  if (used + 1 + length >= MPP_TEXT_MAX) {
    return false;
  }
  text[used] = ',';
  memcpy(text + used + 1, word, length + 1);
  return true;
}

void mpp_solver_join_words(mpp_text_list *words)
{
  size_t count = 0;
  for (size_t i = 0; i < words->count; i++) {
    const bool belongs = count > 0 && mpp_solver_named(words->item[count - 1]) &&
                         is_pair(words->item[i]) && append(words->item[count - 1], words->item[i]);
    if (!belongs) {
      memmove(words->item[count++], words->item[i], sizeof words->item[i]);
    }
  }
  words->count = count;
}

/* One key of the map: to the entry, or to the text of the solver. */
static mpp_status take_key(mpp_data_entry *entry, const mpp_yaml_node *key,
                           const mpp_yaml_node *value, const char *path)
{
  mpp_status st = MPP_OK;
  char place[MPP_PLACE_MAX], pair[MPP_TEXT_MAX];
  if (strcmp(key->text, "solver") == 0) {
    return MPP_OK;
  }
  if (strcmp(key->text, "weight") == 0 || strcmp(key->text, "boundary") == 0) {
    return mpp_config_set(entry, mpp_data_entry_table, key, value, path);
  }
  mpp_config_place(place, path, value);
  MPP_REQUIRE(value->kind == MPP_YAML_SCALAR && strpbrk(value->text, ",=") == NULL, MPP_ERR_CONFIG,
              "%s: '%s' of a solver: expected one value", place, key->text);
  const mpp_option *known = mpp_options_find(mpp_generate_table, key->text); /* '_' as '-' */
  const int n =
      snprintf(pair, sizeof pair, "%s=%s", known != NULL ? known->name : key->text, value->text);
  MPP_REQUIRE(n > 0 && (size_t)n < sizeof pair && append(entry->path, pair), MPP_ERR_CONFIG,
              "%s: '%s' of a solver: text too long", place, key->text);
done:
  return st;
}

mpp_status mpp_solver_read_entry(mpp_data_entry *entry, const mpp_yaml_node *map, const char *path)
{
  mpp_status st = MPP_OK;
  char place[MPP_PLACE_MAX];
  const mpp_yaml_node *name = mpp_yaml_get(map, "solver");
  MPP_REQUIRE(name != NULL && name->kind == MPP_YAML_SCALAR, MPP_ERR_CONFIG,
              "%s: 'solver': expected the name of a system", mpp_config_place(place, path, map));
  const int n = snprintf(entry->path, sizeof entry->path, "%s%s", prefix, name->text);
  MPP_REQUIRE(n > 0 && (size_t)n < sizeof entry->path, MPP_ERR_CONFIG, "%s: name too long",
              mpp_config_place(place, path, name));
  for (size_t i = 0; i < map->count; i++) {
    MPP_TRY(take_key(entry, map->key[i], map->value[i], path));
  }
done:
  return st;
}

/* Sets an option of the stream; *known is false if the name is none of them. */
static mpp_status set_stream(stream_options *stream, bool *known, const char *word,
                             const char *text)
{
  const size_t length = strcspn(word, "=");
  char name[MPP_TEXT_MAX];
  memcpy(name, word, length);
  name[length] = '\0';
  *known = word[length] == '=' && mpp_options_find(stream_table, name) != NULL;
  return *known ? mpp_options_set(stream, stream_table, name, word + length + 1, text) : MPP_OK;
}

/* Parts what is said of the stream from what is said of the system: `system` gets
 * "swe,NAME=VALUE". */
static mpp_status part(char system[MPP_TEXT_MAX], stream_options *stream, bool *seeded,
                       const char *text)
{
  mpp_status st = MPP_OK;
  char words[MPP_TEXT_MAX], *rest = words;
  MPP_TRY(mpp_options_defaults(stream, stream_table));
  snprintf(words, sizeof words, "%s", text + sizeof prefix - 1);
  *seeded = false;
  snprintf(system, MPP_TEXT_MAX, "%s", strsep(&rest, ","));
  for (char *word = strsep(&rest, ","); word != NULL; word = strsep(&rest, ",")) {
    bool known = false;
    MPP_TRY(set_stream(stream, &known, word, text));
    MPP_REQUIRE(known || append(system, word), MPP_ERR_CONFIG, "%s: text too long", text);
    *seeded = *seeded || strncmp(word, "seed=", 5) == 0;
  }
done:
  return st;
}

/* ---- the dataset ---- */

static mpp_status read_frames(void *context, float *x, mpp_split split, size_t index, size_t start,
                              size_t count)
{
  return mpp_solver_store_read(context, x, split, index, start, count);
}

static mpp_status read_given(void *context, float *x, mpp_split split, size_t index)
{
  return mpp_solver_store_given(context, x, split, index);
}

static void tell_times(void *context, double *t)
{
  const mpp_pde_stream *stream = mpp_solver_store_stream(context);
  const size_t n = mpp_pde_stream_info(stream)->nframes;
  for (size_t k = 0; k < n; k++) { t[k] = mpp_pde_stream_time(stream, k); }
}

static void tell_coordinates(void *context, double *x, int axis)
{
  mpp_pde_stream_coordinates(mpp_solver_store_stream(context), x, axis);
}

static void destroy_store(void *context) { mpp_solver_store_destroy(context); }

static const mpp_dataset_maker solver_maker = {
    .read = read_frames,
    .given = read_given,
    .times = tell_times,
    .coordinates = tell_coordinates,
    .close = destroy_store,
};

/* As many trajectories as fit into the memory that is allowed when nothing is said. */
static size_t fitting(size_t least, const size_t shape[5])
{
  const size_t allowed = (size_t)256 << 20, most = 8;
  size_t bytes = sizeof(float);
  for (int i = 0; i < 5; i++) {
    if (!mpp_mul(&bytes, bytes, shape[i])) {
      return least;
    }
  }
  const size_t n = bytes > 0 ? allowed / bytes : most;
  return n < least ? least : n < most ? n : most;
}

static mpp_status make_plan(mpp_solver_plan *plan, stream_options *stream,
                            const mpp_train_options *options, const mpp_data_entry *entry)
{
  mpp_status st = MPP_OK;
  char system[MPP_TEXT_MAX];
  bool seeded = false;
  size_t shape[5];
  MPP_TRY(part(system, stream, &seeded, entry->path));
  st = mpp_pde_parse(&plan->pde, &plan->options, system);
  if (st == MPP_OK) {
    const char *boundary = entry->boundary[0] != '\0' ? entry->boundary : options->boundary;
    if (boundary[0] != '\0') {
      snprintf(plan->options.boundary, sizeof plan->options.boundary, "%s", boundary);
    }
    if (!seeded) {
      plan->options.seed = options->seed;
    }
    st = mpp_pde_trajectory_shape(shape, plan->pde, &plan->options);
  }
  if (st != MPP_OK) {
    st = mpp_fail_prefix(st == MPP_ERR_USAGE ? MPP_ERR_CONFIG : st, "%s", entry->path);
    goto done;
  }
  memcpy(plan->name, entry->path, sizeof plan->name);
  plan->samples = stream->samples > 0 ? (size_t)stream->samples : endless;
  if (options->samples > 0 && (size_t)options->samples < plan->samples) {
    plan->samples = (size_t)options->samples;
  }
  plan->pool = stream->pool > 0 ? (size_t)stream->pool : fitting(2, shape);
  plan->held = stream->held > 0 ? (size_t)stream->held : fitting(1, shape);
  plan->threads = (size_t)stream->threads;
  plan->held_in_time = options->validate_every > 0;
done:
  return st;
}

mpp_status mpp_solver_open(mpp_source *source, char *note, size_t note_size,
                           const mpp_train_options *options, const mpp_data_entry *entry)
{
  mpp_status st = MPP_OK;
  mpp_solver_plan *plan = NULL;
  mpp_solver_store *store = NULL;
  stream_options stream;
  MPP_TRY(MPP_ALLOC(&plan, 1));
  MPP_TRY(make_plan(plan, &stream, options, entry));
  MPP_TRY(mpp_solver_store_create(&store, plan));
  snprintf(note, note_size,
           "%s: trajectories are computed by %zu thread%s: %zu to draw from, %zu held out, in at "
           "most %.0f MiB",
           entry->path, plan->threads, plan->threads > 1 ? "s" : "",
           plan->pool < plan->samples ? plan->pool : plan->samples, plan->held,
           (double)mpp_solver_store_bytes(store) / (1 << 20));
  mpp_dataset_info info = *mpp_pde_stream_info(mpp_solver_store_stream(store));
  info.path = entry->path;
  const size_t parts[3] = {plan->samples, plan->held, plan->held};
  MPP_TRY(mpp_dataset_make(&source->dataset, &info, parts, &solver_maker, store));
  source->pool = plan->pool;
  source->reuse = (size_t)stream.reuse;
done:
  mpp_free(plan);
  return st;
}
