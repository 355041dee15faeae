/* test_train_settings.c - what a run takes where nothing was said, and what it refuses. */
#include "test.h"
#include "trainer.h"

/* Settings that pass, of `table`. */
static void usual(mpp_train_options *o, const mpp_option *table)
{
  memset(o, 0, sizeof *o);
  REQUIRE_OK(mpp_options_defaults(o, table));
  o->ndata = 1;
  o->data[0] = (mpp_data_entry){.path = "a.h5", .weight = 1.0};
}

static void rates_are_the_optimizers_own_unless_they_are_given(void)
{
  static const double rate[] = {1e-3, 1e-3, 1.0, 1.0, 1e-2};
  static const double beta1[] = {0.9, 0.98, 0.98, 0.9, 0.9};
  static mpp_train_options o;
  for (int k = 0; k <= MPP_OPTIMIZER_SGD; k++) {
    usual(&o, mpp_pretrain_table);
    o.optimizer = k;
    mpp_settings_resolve(&o, mpp_pretrain_table);
    CU_ASSERT_EQUAL(o.learning_rate, rate[k]);
    CU_ASSERT_EQUAL(o.beta1, beta1[k]);
    ASSERT_OK(mpp_settings_check(&o));
    usual(&o, mpp_finetune_table);
    o.optimizer = k;
    mpp_settings_resolve(&o, mpp_finetune_table);
    CU_ASSERT_EQUAL(o.learning_rate, rate[k]); /* so a comparison with new weights is fair */
    usual(&o, mpp_finetune_table);
    o.optimizer = k;
    o.lora_rank = 4;
    mpp_settings_resolve(&o, mpp_finetune_table);
    CU_ASSERT_DOUBLE_EQUAL(o.learning_rate, rate[k] < 1.0 ? 3.0 * rate[k] : 1.0, 1e-18);
    usual(&o, mpp_pretrain_table);
    o.optimizer = k;
    o.learning_rate = 0.25;
    o.beta1 = 0.0;
    mpp_settings_resolve(&o, mpp_pretrain_table);
    CU_ASSERT(o.learning_rate == 0.25 && o.beta1 == 0.0);
  }
}

static void the_floor_is_never_negative_nor_above_the_peak(void)
{
  static mpp_train_options o;
  usual(&o, mpp_pretrain_table);
  ASSERT_STATUS(mpp_options_set(&o, mpp_pretrain_table, "min-learning-rate", "-0.01", ""),
                MPP_ERR_CONFIG);
  mpp_settings_resolve(&o, mpp_pretrain_table);
  o.min_learning_rate = -0.01; /* a program that sets members itself */
  ASSERT_STATUS(mpp_settings_check(&o), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("min-learning-rate: found -0.01");
  o.min_learning_rate = 0.01;
  ASSERT_STATUS(mpp_settings_check(&o), MPP_ERR_CONFIG);
}

static void warm_up_and_tail_fit_into_the_run(void)
{
  static mpp_train_options o;
  usual(&o, mpp_pretrain_table);
  mpp_settings_resolve(&o, mpp_pretrain_table);
  o.steps = 10;
  o.warmup = 20; /* a run that only warms up */
  ASSERT_OK(mpp_settings_check(&o));
  o.warmup = 4;
  o.cooldown = 6;
  ASSERT_OK(mpp_settings_check(&o));
  o.cooldown = 7;
  ASSERT_STATUS(mpp_settings_check(&o), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("cooldown: found 7");
}

TESTS({"rates are the optimizer's own unless they are given",
       rates_are_the_optimizers_own_unless_they_are_given},
      {"the floor is never negative nor above the peak",
       the_floor_is_never_negative_nor_above_the_peak},
      {"warm-up and tail fit into the run", warm_up_and_tail_fit_into_the_run})
