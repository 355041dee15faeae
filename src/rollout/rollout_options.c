/* rollout_options.c - settings of forecasts: command line, keys of mpp_config in a file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "plan.h"

#define MEMBER(member) offsetof(mpp_rollout_options, member)
const mpp_option mpp_rollout_table[] = {
    {"model", 'm', MPP_OPT_TEXT, MEMBER(model), NULL, 0, 0, NULL, "FILE",
     "checkpoint (ema.safetensors of a run has averaged weights); or window, for the predictor "
     "that "
     "does "
     "best inside the context frames, or window:NAME, for one of them"},
    {"adapter", 0, MPP_OPT_TEXT, MEMBER(adapter), NULL, 0, 0, NULL, "FILE",
     "adapter of a finetuning with lora-rank, joined to the model that it was trained on"},
    {"ensemble", 0, MPP_OPT_TEXTS, MEMBER(ensemble), NULL, 0, 0, NULL, "FILE,...",
     "further checkpoints, whose forecasts are members of an ensemble"},
    {"data", 'd', MPP_OPT_TEXT, MEMBER(data), NULL, 0, 0, NULL, "DATA",
     "context frames, and the truth where they go on: a dataset FILE[:SYSTEM]; "
     "solver:SYSTEM,NAME=VALUE,...; or a forecast to go on from"},
    {"output", 'o', MPP_OPT_TEXT, MEMBER(output), NULL, 0, 0, NULL, "FILE",
     "netCDF file to write; {sample}, {start}, {steps} and {member} stand for their numbers"},
    {"sample", 0, MPP_OPT_TEXT, MEMBER(sample), "0", 0, 0, NULL, "LIST",
     "trajectories, from 0: 3, 0-9, 0-90:10, 1,5,7-9, all, train, valid or test"},
    {"start", 0, MPP_OPT_TEXT, MEMBER(start), "0", 0, 0, NULL, "LIST",
     "first context frames, from 0, or last"},
    {"steps", 'n', MPP_OPT_TEXT, MEMBER(steps), "20", 0, 0, NULL, "LIST", "frames to predict"},
    {"context", 0, MPP_OPT_LONG, MEMBER(context), "0", 0, 4096, NULL, "T",
     "context frames; 0: the model's, or 16 for window"},
    {"stride", 0, MPP_OPT_TEXT, MEMBER(flags.stride), "1", 0, 0, NULL, "K,AXIS=N,...",
     "use every K-th frame, so that steps are K frames long, and every Nth cell of an axis, as 2 "
     "or "
     "x=2,y=2"},
    {"batch", 0, MPP_OPT_LONG, MEMBER(batch), "8", 1, 4096, NULL, "N",
     "forecasts that are under way at once; results do not depend on it"},
    {"members", 0, MPP_OPT_LONG, MEMBER(members), "1", 1, 100000, NULL, "N",
     "members from perturbed contexts; the first is not perturbed"},
    {"perturb", 0, MPP_OPT_REAL, MEMBER(perturb), "0.01", 0, 1e6, NULL, "X",
     "noise on the context of members, in standard deviations of each field"},
    {"seed", 0, MPP_OPT_LONG, MEMBER(seed), "0", 0, 9e15, NULL, "N", "of that noise"},
    {"member", 0, MPP_OPT_LONG, MEMBER(member), "-1", -1, 1e9, NULL, "M",
     "one member of the ensemble alone; -1: all, and their mean and spread"},
    {"boundary", 0, MPP_OPT_TEXT, MEMBER(boundary), NULL, 0, 0, NULL, "AXIS=KIND,...",
     "boundaries, as x=periodic,y=wall, instead of the file's"},
    MPP_DATA_OTHER_ROWS(mpp_rollout_options, flags),
    {"shifts", 0, MPP_OPT_LONG, MEMBER(shifts), "1", 1, 4096, NULL, "N",
     "average each prediction over N shifts of the patches; as much work"},
    {"gain", 0, MPP_OPT_CHOICE, MEMBER(gain), "fitted", 0, 0, MPP_GAIN_CHOICES, NULL,
     "how much of the correction a model in mode window gives: as much as helps on the last frames "
     "of "
     "the context, or all of it"},
    {"conserve", 0, MPP_OPT_TEXTS, MEMBER(conserve), NULL, 0, 0, NULL, "NAME,...",
     "keep the integral of quantities (mass, momentum_x, energy, all) or fields by a uniform "
     "shift"},
    {"positive", 0, MPP_OPT_TEXTS, MEMBER(positive), NULL, 0, 0, NULL, "FIELD,...",
     "clip fields from below; all: density, pressure and depth"},
    {"floor", 0, MPP_OPT_REAL, MEMBER(floor), "0.001", 0, 1, NULL, "X",
     "where --positive clips, in units of the field's least value in the context"},
    {"max-growth", 0, MPP_OPT_REAL, MEMBER(max_growth), "5", 0, 1e30, NULL, "X",
     "guard: largest distance from the context's mean, in units of the context's; 0: none"},
    {"max-drift", 0, MPP_OPT_REAL, MEMBER(max_drift), "0.05", 0, 1e30, NULL, "X",
     "guard: largest relative change of a conserved quantity of a closed system; 0: none"},
    {"max-high-share", 0, MPP_OPT_REAL, MEMBER(max_high_share), "10", 0, 1e30, NULL, "X",
     "guard: largest share of the shorter half of the waves in a field's variance, in units of the "
     "context's or of 1 % where that is more; 0: none"},
    {"on-violation", 0, MPP_OPT_CHOICE, MEMBER(on_violation), "warn", 0, 0,
     MPP_ON_VIOLATION_CHOICES, "WHAT",
     "when a guard finds something: note it; stop with code 3; or let the reference solver go on "
     "from the frame before"},
    {"solver", 0, MPP_OPT_TEXT, MEMBER(solver), NULL, 0, 0, NULL, "SYSTEM,...",
     "the reference: SYSTEM,NAME=VALUE,... with the parameters of the data; that of --data solver: "
     "need not be given again"},
    {"solver-steps", 0, MPP_OPT_LONG, MEMBER(solver_steps), "8", 1, 1e6, NULL, "K",
     "frames by the reference solver after a violation"},
    {"time-solver", 0, MPP_OPT_FLAG, MEMBER(time_solver), NULL, 0, 0, NULL, NULL,
     "also run the reference solver over the same horizon and give its time"},
    {"hold-given", 0, MPP_OPT_FLAG, MEMBER(hold_given), NULL, 0, 0, NULL, NULL,
     "past the end of the data, given fields that vary in time stay as in their last frame; "
     "default: refuse a forecast that goes on for longer than they are known"},
    {"truth", 0, MPP_OPT_FLAG, MEMBER(truth), "true", 0, 0, NULL, NULL,
     "store the true frames, errors and scores where there are some"},
    {"compress", 0, MPP_OPT_LONG, MEMBER(compress), "1", 0, 9, NULL, "N",
     "effort of lossless compression; 0: none"},
    {"keep-digits", 0, MPP_OPT_LONG, MEMBER(keep_digits), "0", 0, 7, NULL, "N",
     "round fields in the finished file to N decimal digits, which compress better; 0: keep all"},
    {"overwrite", 0, MPP_OPT_FLAG, MEMBER(overwrite), NULL, 0, 0, NULL, NULL,
     "replace existing outputs, and unfinished ones"},
    {"resume", 0, MPP_OPT_FLAG, MEMBER(resume), NULL, 0, 0, NULL, NULL,
     "continue unfinished outputs (OUTPUT.partial), leave finished ones"},
    {"cf-axis", 0, MPP_OPT_FLAG, MEMBER(cf_axis), NULL, 0, 0, NULL, NULL,
     "give x and y the attribute axis (VAPOR wants it; ParaView then sees a globe)"},
    {"precision", 0, MPP_OPT_CHOICE, MEMBER(precision), "float32", 0, 0, MPP_PRECISION_CHOICES,
     NULL,
     "of the products inside the network; bf16 is faster where the processor has AVX512_BF16"},
    {"threads", 't', MPP_OPT_LONG, MEMBER(threads), "0", 0, 4096, NULL, "N",
     "threads; 0: as many as OpenMP takes; results do not depend on it"},
    {"json", 0, MPP_OPT_FLAG, MEMBER(json), NULL, 0, 0, NULL, NULL, "report as JSON"},
    {.name = NULL}};
#undef MEMBER

mpp_status mpp_rollout_stride(long *frames, char space[MPP_TEXT_MAX], const char *text)
{
  mpp_status st = MPP_OK;
  size_t used = 0;
  *frames = 1;
  space[0] = '\0';
  for (const char *at = text; *at != '\0';) {
    const size_t n = strcspn(at, ",");
    char item[64], *end = NULL;
    MPP_REQUIRE(n < sizeof item && used + n + 2 < MPP_TEXT_MAX, MPP_ERR_USAGE,
                "--stride %.100s: too long", text);
    memcpy(item, at, n);
    item[n] = '\0';
    if (strchr(item, '=') != NULL) {
      used +=
          (size_t)snprintf(space + used, MPP_TEXT_MAX - used, "%s%s", used > 0 ? "," : "", item);
    } else {
      *frames = strtol(item, &end, 10);
      MPP_REQUIRE(end != item && *end == '\0' && *frames >= 1 && *frames <= 1000000, MPP_ERR_USAGE,
                  "--stride %.100s: found '%s', expected 1 to 1000000 frames, or AXIS=N", text,
                  item);
    }
    at += n + (at[n] == ',');
  }
done:
  return st;
}
