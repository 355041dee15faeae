/* evaluate_options.c - the settings of an evaluation. */
#include <stddef.h>

#include "mpp/metrics.h"

#define MEMBER(member) offsetof(mpp_evaluate_options, member)
const mpp_option mpp_evaluate_table[] = {
    {"model", 'm', MPP_OPT_TEXT, MEMBER(model), NULL, 0, 0, NULL, "FILE",
     "checkpoint to evaluate; without one the trivial predictors alone are scored"},
    {"adapter", 0, MPP_OPT_TEXT, MEMBER(adapter), NULL, 0, 0, NULL, "FILE",
     "adapter of a finetuning with lora-rank, joined to the model that it was trained on"},
    {"data", 'd', MPP_OPT_TEXTS, MEMBER(data), NULL, 0, 0, NULL, "FILE[:SYSTEM]",
     "datasets to evaluate on"},
    {"forecast", 'f', MPP_OPT_TEXTS, MEMBER(forecast), NULL, 0, 0, NULL, "FILE",
     "forecasts with truth (netCDF, of mpp rollout) to score together, in place of a model"},
    {"horizons", 'n', MPP_OPT_INTS, MEMBER(horizons), NULL, 1, 1e6, NULL, "N,...",
     "steps ahead; default: those of 1,5,10,20 that the trajectories allow"},
    {"steps", 0, MPP_OPT_LONG, MEMBER(steps), "0", 0, MPP_MAX_HORIZONS, NULL, "N",
     "score every step up to N, which also gives correlation times; 0: the horizons alone"},
    {"metrics", 0, MPP_OPT_TEXTS, MEMBER(metrics), "nrmse,vrmse", 0, 0, NULL, "NAME,...",
     "what the table shows, of nrmse, vrmse, rmse, nrmse-pdebench, crmse, brmse, frmse-low, "
     "frmse-mid, frmse-high, max, correlation; or all. JSON and CSV have all"},
    {"context", 0, MPP_OPT_LONG, MEMBER(context), "0", 0, 4096, NULL, "T",
     "context frames; 0: the model's, or 16 without a model"},
    {"windows", 'w', MPP_OPT_LONG, MEMBER(windows), "64", 0, 1e9, NULL, "N",
     "windows per dataset, evenly spread; 0: all"},
    {"start", 0, MPP_OPT_INTS, MEMBER(starts), NULL, 0, 1e12, NULL, "N,...",
     "first context frame of the windows, from 0 (PDEBench: --start 0 --context 10); default: any"},
    {"split", 0, MPP_OPT_CHOICE, MEMBER(split), "test", 0, 0, MPP_SPLIT_CHOICES, "SPLIT",
     "trajectories to take; an empty split is replaced: test by valid, valid by all. distinct: the "
     "test part of a split that keeps equal trajectories on one side"},
    {"boundary", 0, MPP_OPT_TEXT, MEMBER(boundary), NULL, 0, 0, NULL, "AXIS=KIND,...",
     "boundaries, as x=periodic,y=wall, instead of the file's"},
    MPP_DATA_FLAG_ROWS(mpp_evaluate_options, flags),
    {"train-fraction", 0, MPP_OPT_REAL, MEMBER(train_fraction), "0", 0, 1, NULL, "X",
     "share of the trajectories that train; 0 in both: the published 0.8 and 0.1"},
    {"valid-fraction", 0, MPP_OPT_REAL, MEMBER(valid_fraction), "0", 0, 1, NULL, "X",
     "share of the trajectories that validate"},
    {"gain", 0, MPP_OPT_CHOICE, MEMBER(gain), "fitted", 0, 0, MPP_GAIN_CHOICES, NULL,
     "how much of the correction a model in mode window gives: as much as helps on the last frames "
     "of "
     "the context, or all of it"},
    {"stencils", 0, MPP_OPT_FLAG, MEMBER(stencils), "1", 0, 0, NULL, NULL,
     "score local stencils fitted to each window, and the choice among all predictors, too"},
    {"resamples", 0, MPP_OPT_LONG, MEMBER(resamples), "1000", 0, 1e6, NULL, "N",
     "of the bootstrap over trajectories that gives 95 % intervals; 0: none"},
    {"intervals", 0, MPP_OPT_FLAG, MEMBER(intervals), NULL, 0, 0, NULL, NULL,
     "show the intervals in the table, too"},
    {"spectra", 0, MPP_OPT_INTS, MEMBER(spectra), NULL, 1, 1e6, NULL, "N,...",
     "steps, of those scored, whose spectra of prediction and truth are reported"},
    {"precision", 0, MPP_OPT_CHOICE, MEMBER(precision), "float32", 0, 0, MPP_PRECISION_CHOICES,
     NULL,
     "of the products inside the network; bf16 is faster where the processor has AVX512_BF16"},
    {"break-even", 0, MPP_OPT_FLAG, MEMBER(break_even), NULL, 0, 0, NULL, NULL,
     "run the built-in solver that made the data on coarser grids over the same windows: which one "
     "is as good, and what does it cost?"},
    {"threads", 't', MPP_OPT_LONG, MEMBER(threads), "0", 0, 4096, NULL, "N",
     "threads; 0: as many as OpenMP takes; results do not depend on it"},
    {"json", 0, MPP_OPT_FLAG, MEMBER(json), NULL, 0, 0, NULL, NULL, "report as JSON"},
    {"csv", 0, MPP_OPT_FLAG, MEMBER(csv), NULL, 0, 0, NULL, NULL,
     "report as CSV: a line for each predictor, field, step and metric"},
    {.name = NULL}};
#undef MEMBER

mpp_split mpp_evaluate_split(bool *distinct, int choice)
{
  static const mpp_split parts[] = {MPP_TRAIN, MPP_VALID, MPP_TEST, MPP_ALL,
                                    MPP_TEST,  MPP_TRAIN, MPP_VALID};
  const bool known = choice >= 0 && (size_t)choice < sizeof parts / sizeof parts[0];
  *distinct = known && choice > (int)MPP_ALL;
  return known ? parts[choice] : (mpp_split)choice;
}
