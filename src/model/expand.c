/* expand.c - new fields for a model that has been trained: a column of the embedding and a column
 * of the head each. Columns that the vocabulary left free are taken first.
 *
 * The embedding multiplies its map by sqrt(n_states / fields present), as published; appending
 * columns to a published model therefore changes what it predicts for its old fields. Here the old
 * columns and the bias are divided by the growth of that factor, so that old fields keep their
 * predictions to rounding, and new columns start with the published spread for the new n_states.
 * The head has no such factor: its old columns keep their bits. */
#include <math.h>
#include <string.h>

#include "alloc.h"
#include "avit.h"
#include "check.h"
#include "layout.h"

/* A vocabulary being extended. */
typedef struct growth {
  mpp_name *names; /* [old + new names], owned */
  bool *fresh;     /* columns that names were given to, owned */
  size_t n_states, added;
} growth;

static bool has_name(const growth *v, const char *name)
{
  for (size_t i = 0; i < v->n_states; i++) {
    if (strcmp(v->names[i], name) == 0) {
      return true;
    }
  }
  return false;
}

/* The first free column, or one more. */
static void give_column(growth *v, const char *name)
{
  size_t column = 0;
  while (column < v->n_states && v->names[column][0] != '\0') { column++; }
  v->n_states += column == v->n_states;
  memcpy(v->names[column], name, strlen(name) + 1);
  v->fresh[column] = true;
  v->added++;
}

static mpp_status grow_vocabulary(growth *v, const mpp_model *m, const mpp_name *names,
                                  size_t count)
{
  mpp_status st = MPP_OK;
  size_t most;
  MPP_REQUIRE(mpp_add(&most, m->n_states, count), MPP_ERR_NOMEM, "vocabulary: %zu names", count);
  MPP_TRY(MPP_ALLOC(&v->names, most));
  MPP_TRY(MPP_ALLOC(&v->fresh, most));
  memcpy(v->names, m->vocabulary, m->n_states * sizeof *v->names);
  v->n_states = m->n_states;
  for (size_t i = 0; i < count; i++) {
    MPP_REQUIRE(names[i][0] != '\0' && memchr(names[i], '\0', sizeof(mpp_name)) != NULL,
                MPP_ERR_DATA, "vocabulary: new name %zu is empty or longer than %d characters", i,
                MPP_NAME_MAX - 1);
    if (!has_name(v, names[i])) {
      give_column(v, names[i]);
    }
  }
done:
  return st;
}

/* Copies the columns that are not fresh, times `scale`, from an old tensor to a wider new one. */
static void copy_columns(float *w, const mpp_param *e, const float *old, const mpp_param *o,
                         const bool *fresh, float scale)
{
  const size_t axis = (size_t)e->field_axis;
  size_t outer = 1, inner = 1;
  for (size_t a = 0; a < e->rank; a++) {
    outer *= a < axis ? e->shape[a] : 1;
    inner *= a > axis ? e->shape[a] : 1;
  }
  for (size_t i = 0; i < outer; i++) {
    for (size_t column = 0; column < o->shape[axis]; column++) {
      float *to = w + e->offset + (i * e->shape[axis] + column) * inner;
      const float *from = old + o->offset + (i * o->shape[axis] + column) * inner;
      for (size_t k = 0; k < inner && !fresh[column]; k++) { to[k] = scale * from[k]; }
    }
  }
}

/* w, freshly initialised for `p`, takes over what the model has learned. */
static void take_over(float *w, const mpp_params *p, const mpp_model *m, const growth *v)
{
  const float shrink = (float)sqrt((double)m->n_states / (double)v->n_states);
  for (size_t i = 0; i < p->count; i++) {
    const mpp_param *e = &p->entry[i], *o = &m->params->entry[i];
    const bool embedding = e->part == MPP_PART_EMBED && e->field_axis >= 0;
    if (e->field_axis >= 0) {
      copy_columns(w, e, m->weights, o, v->fresh, embedding ? shrink : 1.0f);
    } else {
      memcpy(w + e->offset, m->weights + o->offset, e->count * sizeof *w);
    }
    for (size_t k = 0; k < e->count && e->offset == p->layout->stem.bag_b; k++) {
      w[e->offset + k] *= shrink;
    }
  }
}

mpp_status mpp_model_extend(mpp_model *m, const mpp_name *names, size_t count, uint64_t seed,
                            size_t *added)
{
  mpp_status st = MPP_OK;
  growth v = {NULL, NULL, 0, 0};
  mpp_params *params = NULL;
  float *weights = NULL;
  MPP_REQUIRE(!m->shared, MPP_ERR_USAGE,
              "model: a handle on the weights of another model cannot be extended");
  MPP_TRY(grow_vocabulary(&v, m, names, count));
  if (v.added > 0) {
    MPP_TRY(mpp_params_create(&params, &m->config, v.n_states));
    MPP_TRY(MPP_ALLOC(&weights, params->total));
    mpp_params_init(weights, params, seed);
    take_over(weights, params, m, &v);
    mpp_params_destroy(m->params);
    mpp_free(m->weights);
    mpp_free(m->vocabulary);
    m->params = params;
    m->weights = weights;
    m->vocabulary = v.names;
    m->n_states = v.n_states;
    params = NULL;
    weights = NULL;
    v.names = NULL;
  }
  *added = v.added;
done:
  mpp_free(weights);
  mpp_params_destroy(params);
  mpp_free(v.fresh);
  mpp_free(v.names);
  return st;
}

mpp_status mpp_model_add_edges(mpp_model *m)
{
  mpp_status st = MPP_OK;
  mpp_model_config config = m->config;
  mpp_params *params = NULL;
  float *weights = NULL;
  MPP_REQUIRE(!m->shared, MPP_ERR_USAGE,
              "model: a handle on the weights of another model cannot be extended");
  if (config.edges) {
    goto done;
  }
  config.edges = true;
  MPP_TRY(mpp_params_create(&params, &config, m->n_states));
  MPP_TRY(MPP_ALLOC(&weights, params->total)); /* zeros; the new entry is the last one */
  memcpy(weights, m->weights, m->params->total * sizeof *weights);
  mpp_params_destroy(m->params);
  mpp_free(m->weights);
  m->params = params;
  m->weights = weights;
  m->config = config;
  params = NULL;
  weights = NULL;
done:
  mpp_free(weights);
  mpp_params_destroy(params);
  return st;
}
