/* test_adapter.c - what an adapter makes of the weights, and of their gradients. */
#include "adapter_case.h"
#include "equal_bytes.h"
#include "same_bits.h"

static float *copy_of(const float *x, size_t n)
{
  float *copy = malloc(n * sizeof *copy);
  memcpy(copy, x, n * sizeof *copy);
  return copy;
}

static void an_adapter_begins_without_effect(void)
{
  for (int mlp = 0; mlp < 2; mlp++) {
    mpp_model *m = adapter_base();
    mpp_adapter *a = adapter_of(m, mlp == 1, false);
    float *before = copy_of(m->weights, m->params->total);
    double largest = 0.0;
    mpp_adapter_apply(a, m);
    CU_ASSERT(equal_bytes(m->weights, before, m->params->total * sizeof *before));
    for (size_t i = 0; i < a->params->count; i++) {
      const mpp_param *e = &a->params->entry[i];
      const bool down = strstr(e->name, "lora_A") != NULL;
      for (size_t k = 0; k < e->count && down; k++) {
        largest = fmax(largest, fabs((double)a->values[e->offset + k]));
      }
    }
    /* Uniform in +-1/sqrt(in), in = 24 and, of fc2 alone, 96; hundreds of draws come close. */
    CU_ASSERT(largest < 1.0 / sqrt(24.0) && largest > 0.95 / sqrt(24.0));
    free(before);
    mpp_adapter_destroy(a);
    mpp_model_destroy(m);
  }
}

static void the_list_has_the_maps_and_the_columns_of_new_fields(void)
{
  mpp_model *m = adapter_base();
  mpp_adapter *a = adapter_of(m, true, false);
  /* 2 blocks of 2 projections in time and in space and 2 maps of the MLP, a pair each; the columns
   * of values and increments, of the output's kernel and bias */
  CU_ASSERT_EQUAL(a->params->count, 2 * 2 * 6 + 4);
  const mpp_param *down = mpp_params_find(a->params, "blocks.1.temporal.input_head.lora_A.weight");
  const mpp_param *up = mpp_params_find(a->params, "blocks.0.spatial.mlp.fc2.lora_B.weight");
  const mpp_param *columns = mpp_params_find(a->params, "debed.out_kernel.columns");
  CU_ASSERT_FATAL(down != NULL && up != NULL && columns != NULL);
  CU_ASSERT(down->shape[0] == 3 && down->shape[1] == 24 && down->block == 1 && down->decays);
  CU_ASSERT(up->shape[0] == 24 && up->shape[1] == 3 && up->part == MPP_PART_BLOCK);
  CU_ASSERT(columns->shape[1] == 2 && columns->shape[2] == 2 && columns->count == 6 * 2 * 4);
  mpp_adapter_destroy(a);
  mpp_model_destroy(m);
}

/* W0 + (alpha / rank) B A of one element, in double. */
static double expected(const mpp_adapter *a, const mpp_adapter_part *p, const mpp_param *of,
                       size_t at)
{
  const mpp_param *down = &a->params->entry[p->entry], *up = down + 1;
  const size_t in = of->count / of->shape[0];
  double sum = 0.0;
  for (size_t r = 0; r < a->set.rank; r++) {
    sum += (double)a->values[up->offset + at / in * a->set.rank + r] *
           a->values[down->offset + r * in + at % in];
  }
  return (double)a->base[p->kept + at] + a->set.alpha / (double)a->set.rank * sum;
}

static void weights_are_the_base_plus_the_product(void)
{
  mpp_model *m = adapter_base();
  mpp_adapter *a = adapter_of(m, true, true);
  float *before = copy_of(m->weights, m->params->total);
  size_t maps = 0, columns = 0, same = 0;
  mpp_adapter_apply(a, m);
  for (size_t i = 0; i < a->nparts; i++) {
    const mpp_adapter_part *p = &a->part[i];
    const mpp_param *of = &m->params->entry[p->of];
    for (size_t k = 0; k < of->count && !p->columns; k++) {
      /* three products and a sum of size 3 in float32 */
      CU_ASSERT_DOUBLE_EQUAL(m->weights[of->offset + k], expected(a, p, of, k), 2e-6);
      maps++;
    }
  }
  const mpp_param *kernel = mpp_params_find(m->params, "debed.out_kernel"); /* [6, 6, 2, 2] */
  const mpp_param *values = mpp_params_find(a->params, "debed.out_kernel.columns");
  for (size_t i = 0; i < kernel->count; i++) {
    const size_t column = i / 4 % 6;
    const float w = m->weights[kernel->offset + i];
    if (column >= 4) {
      CU_ASSERT_EQUAL(w, a->values[values->offset + i / 24 * 8 + (column - 4) * 4 + i % 4]);
      columns++;
    } else {
      same += w == before[kernel->offset + i];
    }
  }
  CU_ASSERT_EQUAL(columns, 6 * 2 * 4);
  CU_ASSERT_EQUAL(same, 6 * 4 * 4);
  CU_ASSERT_EQUAL(maps, a->nbase);
  const mpp_param *norm = mpp_params_find(m->params, "blocks.0.temporal.norm1.weight");
  CU_ASSERT(
      equal_bytes(m->weights + norm->offset, before + norm->offset, norm->count * sizeof *before));
  free(before);
  mpp_adapter_destroy(a);
  mpp_model_destroy(m);
}

/* A loss that is linear in the weights: its gradient with respect to them is `g`. */
typedef struct linear_loss {
  mpp_model *m;
  const mpp_adapter *a;
  const float *g;
} linear_loss;

static double loss_of(void *context)
{
  const linear_loss *l = context;
  double sum = 0.0;
  mpp_adapter_apply(l->a, l->m);
  for (size_t i = 0; i < l->m->params->total; i++) { sum += (double)l->m->weights[i] * l->g[i]; }
  return sum;
}

static void gradients_of_the_values_agree_with_differences(void)
{
  mpp_model *m = adapter_base();
  mpp_adapter *a = adapter_of(m, true, true);
  float *g = malloc(m->params->total * sizeof *g);
  float *projected = malloc(a->params->total * sizeof *projected);
  linear_loss loss = {m, a, g};
  test_fill(g, m->params->total, 3);
  mpp_adapter_project(a, projected, g, m->params);
  for (size_t i = 0; i < a->params->count; i++) {
    const mpp_param *e = &a->params->entry[i];
    const double error = gradcheck(a->values + e->offset, projected + e->offset, e->count,
                                   e->count / 16 + 1, 0.25, loss_of, &loss);
    /* The loss is linear in each value; float32 weights carry 1e-7 of their size. */
    if (!(error < 1e-5)) {
      fprintf(stderr, "\n%s: %.2e\n", e->name, error);
    }
    CU_ASSERT(error < 1e-5);
  }
  free(projected);
  free(g);
  mpp_adapter_destroy(a);
  mpp_model_destroy(m);
}

static mpp_model *shared_model;
static mpp_adapter *shared_adapter;
static float *shared_gradients;

static void apply_and_project(void)
{
  mpp_adapter_apply(shared_adapter, shared_model);
  mpp_adapter_project(shared_adapter, shared_gradients, shared_model->weights,
                      shared_model->params);
}

static void results_do_not_depend_on_the_number_of_threads(void)
{
  shared_model = adapter_base();
  shared_adapter = adapter_of(shared_model, true, true);
  shared_gradients = malloc(shared_adapter->params->total * sizeof *shared_gradients);
  CU_ASSERT(same_bits(apply_and_project, shared_model->weights, shared_model->params->total));
  CU_ASSERT(same_bits(apply_and_project, shared_gradients, shared_adapter->params->total));
  free(shared_gradients);
  mpp_adapter_destroy(shared_adapter);
  mpp_model_destroy(shared_model);
}

static void settings_that_cannot_be_are_refused(void)
{
  mpp_model *m = adapter_base();
  mpp_adapter *a = NULL;
  mpp_adapter_settings set = {.rank = 25, .alpha = 1.0};
  ASSERT_STATUS(mpp_adapter_create(&a, m, &set, "", NULL, 0, 0), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("lora-rank: found 25, expected 1 to the model's width 24");
  set.rank = 0;
  ASSERT_STATUS(mpp_adapter_create(&a, m, &set, "", NULL, 0, 0), MPP_ERR_CONFIG);
  set = (mpp_adapter_settings){.rank = 24, .alpha = 0.0};
  ASSERT_STATUS(mpp_adapter_create(&a, m, &set, "", NULL, 0, 0), MPP_ERR_CONFIG);
  set.alpha = 1.0;
  ASSERT_STATUS(mpp_adapter_create(&a, m, &set, "", adapter_fields, 2, 0), MPP_ERR_DATA);
  CU_ASSERT_PTR_NULL(a);
  ASSERT_OK(mpp_adapter_create(&a, m, &set, "", NULL, 0, 0));
  mpp_adapter_destroy(a);
  mpp_model_destroy(m);
}

TESTS({"an adapter begins without effect", an_adapter_begins_without_effect},
      {"the list has the maps and the columns of new fields",
       the_list_has_the_maps_and_the_columns_of_new_fields},
      {"weights are the base plus the product", weights_are_the_base_plus_the_product},
      {"gradients of the values agree with differences",
       gradients_of_the_values_agree_with_differences},
      {"results do not depend on the number of threads",
       results_do_not_depend_on_the_number_of_threads},
      {"settings that cannot be are refused", settings_that_cannot_be_are_refused})
