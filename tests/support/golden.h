/* golden.h - a case of tests/data/golden/avit: the published network in float64. */
#ifndef MPP_GOLDEN_H
#define MPP_GOLDEN_H

#include "avit.h"
#include "safetensors.h"
#include "test.h"

static const char *const golden_names[] = {
    "periodic_4fields_32x32",
    "periodic_2fields_80x48_odd_grid",
    "open_1field_48x32",
    "mixed_3fields_64x32_continuous",
};
enum { GOLDEN_CASES = 4 };

typedef struct golden {
  mpp_model *model;
  mpp_tensor_file *file;
  mpp_window_shape shape;
  size_t frame; /* values of y */
  const float *x, *y, *target;
} golden;

static inline const mpp_tensor *golden_tensor(const golden *g, const char *name)
{
  const mpp_tensor *t = mpp_tensors_find(g->file, name);
  if (t == NULL) {
    fprintf(stderr, "\n%s: no tensor %s\n", mpp_tensors_path(g->file), name);
    CU_FAIL_FATAL("golden tensor");
  }
  return t;
}

static inline const char *golden_path(const char *name, const char *file)
{
  static char path[512];
  snprintf(path, sizeof path, "%s/golden/avit/%s/%s.safetensors", MPP_TEST_DATA, name, file);
  return path;
}

static inline void golden_open(golden *g, const char *name)
{
  memset(g, 0, sizeof *g);
  REQUIRE_OK(mpp_model_load(&g->model, golden_path(name, "weights")));
  REQUIRE_OK(mpp_tensors_read(&g->file, golden_path(name, "case")));
  const mpp_tensor *x = golden_tensor(g, "x"); /* [T, B, C, H, W] */
  const int64_t *columns = golden_tensor(g, "state_labels")->data;
  const int64_t *bcs = golden_tensor(g, "bcs")->data; /* W, H: 1 periodic, 0 open */
  g->shape = (mpp_window_shape){.T = x->shape[0], .B = x->shape[1], .C = x->shape[2]};
  g->shape.grid[0] = 1;
  g->shape.grid[1] = x->shape[3];
  g->shape.grid[2] = x->shape[4];
  g->shape.boundary[2] = bcs[0] == 1 ? MPP_PERIODIC : MPP_OPEN;
  g->shape.boundary[1] = bcs[1] == 1 ? MPP_PERIODIC : MPP_OPEN;
  for (size_t c = 0; c < g->shape.C; c++) { g->shape.column[c] = (int)columns[c]; }
  g->frame = g->shape.B * g->shape.C * g->shape.grid[1] * g->shape.grid[2];
  g->x = x->data;
  g->y = golden_tensor(g, "y")->data;
  g->target = golden_tensor(g, "target")->data;
}

static inline void golden_close(golden *g)
{
  mpp_tensors_free(g->file);
  mpp_model_destroy(g->model);
}

#endif
