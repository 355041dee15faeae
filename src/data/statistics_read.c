/* statistics_read.c - The Well's stats.yaml beside the files of a dataset. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "dataset_impl.h"
#include "file.h"
#include "number.h"
#include "yaml_tree.h"

/* <dataset>/data/train/x.hdf5 has it in <dataset>; also where the levels between are missing. */
static bool find_file(char out[MPP_PATH_MAX], const char *file)
{
  static const char *const up[] = {"../..", "..", "."};
  const char *slash = strrchr(file, '/');
  const int folder = slash != NULL ? (int)(slash - file) : 1;
  for (size_t i = 0; i < sizeof up / sizeof up[0]; i++) {
    const int n = snprintf(out, MPP_PATH_MAX, "%.*s/%s/stats.yaml", folder,
                           slash != NULL ? file : ".", up[i]);
    if (n > 0 && n < MPP_PATH_MAX && access(out, R_OK) == 0) {
      return true;
    }
  }
  return false;
}

/* The number of a component: a scalar, an entry of a list, or of a list of lists. NaN: not
 * there. */
static double number_of(const mpp_yaml_node *node, size_t component, size_t ndims)
{
  const mpp_yaml_node *at = node;
  if (at != NULL && at->kind == MPP_YAML_LIST && at->count > 0) {
    const bool nested = at->value[0]->kind == MPP_YAML_LIST;
    assert(ndims > 0); /* a dataset has an axis of space */
    const size_t row = nested ? component / ndims : component;
    at = row < at->count ? at->value[row] : NULL;
    if (nested && at != NULL) {
      at = component % ndims < at->count ? at->value[component % ndims] : NULL;
    }
  }
  if (at == NULL || at->kind != MPP_YAML_SCALAR) {
    return NAN;
  }
  char *end = NULL;
  const double value = mpp_number_read(at->text, &end);
  return end != at->text && *end == '\0' ? value : (double)NAN;
}

mpp_status mpp_dataset_statistics(mpp_dataset *d, mpp_field_statistics *out, char path[1024])
{
  mpp_status st = MPP_OK;
  mpp_yaml *yaml = NULL;
  char found[MPP_PATH_MAX];
  size_t ndims = 0;
  path[0] = '\0';
  if (d->maker != NULL || strcmp(d->info.layout, "the-well") != 0 ||
      !find_file(found, d->files.file[0])) {
    return MPP_OK;
  }
  MPP_TRY(mpp_yaml_read(&yaml, found));
  for (int a = 0; a < 3; a++) { ndims += d->info.axis[a][0] != '\0'; }
  const mpp_yaml_node *root = mpp_yaml_root(yaml);
  for (size_t f = 0; f < d->info.nfields; f++) {
    const mpp_described_field *field = &d->about->field[f];
    const char *array = d->about->array[field->array].path, *slash = strrchr(array, '/');
    const char *name = slash != NULL ? slash + 1 : array;
    const struct {
      const char *key;
      double *value;
    } all[] = {{"mean", &out[f].mean},
               {"std", &out[f].std},
               {"rms", &out[f].rms},
               {"mean_delta", &out[f].mean_delta},
               {"std_delta", &out[f].std_delta},
               {"rms_delta", &out[f].rms_delta}};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
      const mpp_yaml_node *of = mpp_yaml_get(root, all[i].key);
      *all[i].value =
          number_of(of != NULL && of->kind == MPP_YAML_MAP ? mpp_yaml_get(of, name) : NULL,
                    field->component, ndims);
    }
  }
  snprintf(path, 1024, "%.1023s", found);
done:
  mpp_yaml_free(yaml);
  return st;
}
