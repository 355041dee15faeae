/* model.c - a model as its owner sees it: created, asked, destroyed. */
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "avit.h"
#include "check.h"
#include "config.h"
#include "gemm.h"
#include "tape.h"

static mpp_status check_vocabulary(const mpp_name *vocabulary, size_t count)
{
  mpp_status st = MPP_OK;
  for (size_t i = 0; i < count; i++) {
    MPP_REQUIRE(memchr(vocabulary[i], '\0', sizeof(mpp_name)) != NULL, MPP_ERR_CONFIG,
                "vocabulary: name %zu is longer than %d characters", i, MPP_NAME_MAX - 1);
    for (size_t k = 0; k < i && vocabulary[i][0] != '\0'; k++) {
      MPP_REQUIRE(strcmp(vocabulary[i], vocabulary[k]) != 0, MPP_ERR_CONFIG,
                  "vocabulary: columns %zu and %zu are both '%s'", k, i, vocabulary[i]);
    }
  }
done:
  return st;
}

mpp_status mpp_model_allocate(mpp_model **out, const mpp_model_config *config,
                              const mpp_name *vocabulary, size_t nfields)
{
  mpp_status st = MPP_OK;
  mpp_model *m = NULL;
  MPP_TRY(mpp_gemm_prepare());
  MPP_TRY(MPP_ALLOC(&m, 1));
  MPP_TRY(mpp_params_create(&m->params, config, nfields));
  MPP_TRY(check_vocabulary(vocabulary, nfields));
  MPP_TRY(MPP_ALLOC(&m->vocabulary, nfields));
  MPP_TRY(MPP_ALLOC(&m->weights, m->params->total));
  m->config = *config;
  m->n_states = nfields;
  memcpy(m->vocabulary, vocabulary, nfields * sizeof *vocabulary);
  *out = m;
  m = NULL;
done:
  mpp_model_destroy(m);
  return st;
}

mpp_status mpp_model_create(mpp_model **out, const mpp_model_config *config,
                            const mpp_name *vocabulary, size_t nfields, uint64_t seed)
{
  const mpp_status st = mpp_model_allocate(out, config, vocabulary, nfields);
  if (st == MPP_OK) {
    mpp_params_init((*out)->weights, (*out)->params, seed);
  }
  return st;
}

void mpp_model_destroy(mpp_model *m)
{
  if (m == NULL) {
    return;
  }
  mpp_tape_destroy(m->tape);
  if (!m->shared) {
    mpp_params_destroy(m->params);
    mpp_free(m->weights);
    mpp_free(m->vocabulary);
    mpp_free(m->path);
  }
  mpp_free(m);
}

mpp_status mpp_model_share(mpp_model **out, const mpp_model *m)
{
  mpp_status st = MPP_OK;
  mpp_model *handle = NULL;
  MPP_TRY(MPP_ALLOC(&handle, 1));
  *handle = *m;
  handle->tape = NULL;
  handle->shared = true;
  *out = handle;
done:
  return st;
}

mpp_status mpp_model_set_precision(mpp_model *m, mpp_precision precision)
{
  mpp_status st = MPP_OK;
  MPP_REQUIRE(precision != MPP_PRECISION_BF16 || mpp_gemm_has_bf16(), MPP_ERR_CONFIG,
              "precision: bf16 needs a processor with AVX512_BF16, expected float32 on this one");
  m->precision = precision;
done:
  return st;
}

const mpp_model_config *mpp_model_get_config(const mpp_model *m) { return &m->config; }

const mpp_name *mpp_model_vocabulary(const mpp_model *m, size_t *count)
{
  *count = m->n_states;
  return (const mpp_name *)m->vocabulary;
}

size_t mpp_model_parameter_count(const mpp_model *m) { return m->params->total; }

/* Column of `name`, or -1; free columns ("") have no name to be found by. */
static int column_of(const mpp_model *m, const char *name)
{
  for (size_t i = 0; i < m->n_states && name[0] != '\0'; i++) {
    if (strcmp(m->vocabulary[i], name) == 0) {
      return (int)i;
    }
  }
  return -1;
}

/* "'a', 'b'" of those names that are not empty, of `keep` alone where it is not NULL. */
static void list_names(char *out, size_t size, const mpp_name *names, size_t count,
                       const bool *keep)
{
  size_t length = 0;
  out[0] = '\0';
  for (size_t i = 0; i < count; i++) {
    if (names[i][0] == '\0' || (keep != NULL && !keep[i])) {
      continue;
    }
    if (size - length < sizeof(mpp_name) + 16) { /* the next one and these dots */
      snprintf(out + length, size - length, ", ...");
      break;
    }
    length +=
        (size_t)snprintf(out + length, size - length, "%s'%s'", length > 0 ? ", " : "", names[i]);
  }
}

/* Columns of the fields of `what`, a dataset. */
static mpp_status find_columns(const mpp_model *m, int *columns, const mpp_name *names,
                               size_t count, const char *what)
{
  mpp_status st = MPP_OK;
  char found[640], known[640];
  bool *unknown = NULL, all = true;
  MPP_TRY(MPP_ALLOC(&unknown, count));
  for (size_t i = 0; i < count; i++) {
    unknown[i] = column_of(m, names[i]) < 0;
    all = all && !unknown[i];
  }
  if (!all) {
    list_names(found, sizeof found, names, count, unknown);
    list_names(known, sizeof known, (const mpp_name *)m->vocabulary, m->n_states, NULL);
    st = mpp_fail(MPP_ERR_DATA,
                  "%s: found %s, expected fields that %s has columns for: %s (finetuning adds "
                  "fields)",
                  what, found[0] != '\0' ? found : "a field without a name",
                  m->path != NULL ? m->path : "the model", known[0] != '\0' ? known : "none");
    goto done;
  }
  for (size_t i = 0; i < count; i++) { columns[i] = column_of(m, names[i]); }
done:
  mpp_free(unknown);
  return st;
}

mpp_status mpp_model_columns(const mpp_model *m, int *columns, const mpp_name *names, size_t count)
{
  return find_columns(m, columns, names, count, "fields");
}

mpp_status mpp_model_window(const mpp_model *m, mpp_window_shape *shape, size_t *which,
                            const mpp_dataset_info *info, size_t T, size_t B)
{
  mpp_status st = MPP_OK;
  mpp_dims dims;
  mpp_window_shape s = {.T = T, .B = B, .C = info->nfields};
  memcpy(s.grid, info->grid, sizeof s.grid);
  memcpy(s.boundary, info->boundary, sizeof s.boundary);
  memcpy(s.edge, info->edge, sizeof s.edge);
  MPP_TRY(find_columns(m, s.column, info->field, info->nfields, info->path));
  for (size_t g = 0; g < info->ngiven; g++) {
    const int column = column_of(m, info->given[g]);
    if (column < 0) {
      continue;
    }
    MPP_REQUIRE(s.C < MPP_MAX_FIELDS, MPP_ERR_DATA,
                "%s: %zu fields and %zu given ones, expected at most %d in all", info->path,
                info->nfields, info->ngiven, MPP_MAX_FIELDS);
    s.column[s.C++] = column;
    if (which != NULL) {
      which[s.given] = g;
    }
    s.given++;
  }
  st = mpp_dims_of(&dims, m, &s);
  if (st != MPP_OK) {
    st = mpp_fail_prefix(st, "%s", info->path);
    goto done;
  }
  *shape = s;
done:
  return st;
}
