/* solver_of_data.c - from the certificate that mpp generate writes into its files. */
#include "solver_of_data.h"

#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "mpp/info.h"
#include "number.h"

typedef struct note {
  mpp_name name;
  char text[256];
} note;

enum { NOTES = 96 };

typedef struct notes {
  size_t count;
  note item[NOTES];
} notes;

/* Long texts (a whole configuration) are none of a certificate's. */
static void keep(void *context, const char *name, const char *text)
{
  notes *n = context;
  if (n->count < NOTES && strlen(name) < sizeof n->item[0].name &&
      strlen(text) < sizeof n->item[0].text) {
    note *to = &n->item[n->count++];
    snprintf(to->name, sizeof to->name, "%s", name);
    snprintf(to->text, sizeof to->text, "%s", text);
  }
}

static const char *text_of(const notes *n, const char *name)
{
  for (size_t i = 0; i < n->count; i++) {
    if (strcmp(n->item[i].name, name) == 0) {
      return n->item[i].text;
    }
  }
  return NULL;
}

static mpp_status number_of(double *out, const notes *n, const char *name, const char *file)
{
  const char *text = text_of(n, name);
  if (text == NULL || !mpp_number_parse(out, text)) {
    return mpp_fail(MPP_ERR_DATA, "%s: does not say the %s of its solver", file, name);
  }
  return MPP_OK;
}

/* "name=value" for each parameter of the system. */
static mpp_status set_parameters(mpp_generate_options *o, const mpp_pde *pde, const notes *n,
                                 const char *file)
{
  mpp_status st = MPP_OK;
  for (const mpp_pde_param *p = mpp_pde_params(pde); p->name != NULL; p++) {
    const char *text = text_of(n, p->name);
    MPP_REQUIRE(text != NULL && o->set.count < MPP_LIST_MAX, MPP_ERR_DATA,
                "%s: does not say the %s of its solver", file, p->name);
    snprintf(o->set.item[o->set.count++], MPP_TEXT_MAX, "%s=%s", p->name, text);
  }
done:
  return st;
}

mpp_status mpp_solver_of_data(const mpp_pde **pde, mpp_generate_options *options, const char *file,
                              const mpp_dataset_info *info)
{
  mpp_status st = MPP_OK;
  notes *n = NULL;
  double seed = 0.0, horizon = 0.0;
  size_t cells = 1;
  MPP_TRY(MPP_ALLOC(&n, 1));
  MPP_TRY(mpp_read_attributes(file, keep, n));
  const char *solver = text_of(n, "solver"), *mode = text_of(n, "mode"),
             *boundary = text_of(n, "boundary");
  *pde = solver != NULL ? mpp_pde_find(solver) : NULL;
  MPP_REQUIRE(*pde != NULL && mode != NULL && boundary != NULL, MPP_ERR_DATA,
              "%s: was not made by a built-in solver", file);
  MPP_TRY(mpp_options_defaults(options, mpp_generate_table));
  MPP_TRY(number_of(&seed, n, "seed", file));
  MPP_TRY(number_of(&horizon, n, "horizon", file));
  for (int a = 0; a < 3; a++) {
    MPP_REQUIRE(info->axis[a][0] == '\0' || cells == 1 || info->grid[a] == cells, MPP_ERR_DATA,
                "%s: axes of different length", file);
    cells = info->axis[a][0] != '\0' ? info->grid[a] : cells;
  }
  options->samples = 1;
  options->seed = (long)seed;
  options->horizon = horizon;
  options->frames = (long)info->nframes;
  options->resolution = (long)cells;
  options->pdebench_compat = strcmp(mode, "pdebench-compat") == 0;
  snprintf(options->boundary, sizeof options->boundary, "%s", boundary);
  MPP_TRY(set_parameters(options, *pde, n, file));
done:
  mpp_free(n);
  return st;
}
