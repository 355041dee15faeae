/* fuzz_yaml.c - YAML as a tree, and descriptions of data. */
#include "alloc.h"
#include "data_request.h"
#include "fuzz.h"
#include "yaml_tree.h"

static size_t count_nodes(const mpp_yaml_node *n, int depth)
{
  size_t sum = 1;
  for (size_t i = 0; i < n->count && depth < 4; i++) { sum += count_nodes(n->value[i], depth + 1); }
  return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const long live = mpp_alloc_live();
  mpp_yaml *tree = NULL;
  mpp_status st = mpp_yaml_parse(&tree, (const char *)data, size, "input");
  if (st == MPP_OK && count_nodes(mpp_yaml_root(tree), 0) == 0) {
    return 1;
  }
  mpp_yaml_free(tree);
  fuzz_check(st, live);
  if (st == MPP_OK) {
    mpp_data_request request = {.origin = "input", .code = MPP_ERR_CONFIG};
    char *files = NULL;
    st = mpp_data_request_read(&request, &files, fuzz_file(data, size));
    mpp_free(files);
    fuzz_check(st, live);
  }
  return 0;
}
