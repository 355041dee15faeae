/* fuzz_pickle.c - pickles alone. */
#include <string.h>

#include "alloc.h"
#include "fuzz.h"
#include "pickle.h"

/* Values may hold themselves: a few levels of a few items. */
static size_t walk(const mpp_pickle_value *v, int depth)
{
  size_t sum = v->text != NULL ? strlen(v->text) : 1;
  if (mpp_pickle_is_dict(v) && mpp_pickle_get(v, "state_dict") != NULL) {
    sum++;
  }
  for (size_t i = 0; i < v->count && i < 8 && depth < 4; i++) {
    sum += walk(v->item[i], depth + 1);
  }
  return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const long live = mpp_alloc_live();
  mpp_pickle *p = NULL;
  volatile size_t sum = 0;
  const mpp_status st = mpp_pickle_read(&p, data, size, "input");
  if (st == MPP_OK) {
    sum = walk(mpp_pickle_root(p), 0);
  }
  mpp_pickle_free(p);
  fuzz_check(st, live);
  (void)sum;
  return 0;
}
