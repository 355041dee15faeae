/* window_model.c - between datasets and the predictors of a window. */
#include "window_model.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"

bool mpp_window_model(const char **name, const char *model)
{
  static const char word[] = "window";
  const size_t n = sizeof word - 1;
  *name = NULL;
  if (strncmp(model, word, n) != 0 || (model[n] != '\0' && model[n] != ':')) {
    return false;
  }
  if (model[n] == ':') {
    *name = model + n + 1;
  }
  return true;
}

static mpp_status refuse(const char *name)
{
  char list[1024] = "";
  size_t used = 0;
  for (size_t i = 0; mpp_window_predictor_at(i) != NULL && used < sizeof list; i++) {
    used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "",
                             mpp_window_predictor_at(i)->name);
  }
  return mpp_fail(MPP_ERR_USAGE, "window:%s: no such predictor, expected one of %s", name, list);
}

mpp_status mpp_window_model_fit(mpp_window_forecast **out, const char *name, const float *x,
                                const unsigned char *mask, size_t T, const mpp_dataset_info *info)
{
  if (name != NULL && mpp_window_predictor_find(name) == NULL) {
    return refuse(name);
  }
  mpp_window w = {.x = x,
                  .T = T,
                  .C = info->nfields,
                  .mask = mask,
                  .stride = info->nfields * info->grid[0] * info->grid[1] * info->grid[2]};
  for (int a = 0; a < 3; a++) {
    w.grid[a] = info->grid[a];
    w.edge[a] = mpp_edge_of(info->boundary[a]);
  }
  return mpp_window_forecast_create(out, &w, name);
}

mpp_status mpp_window_model_text(char **out, const mpp_window_fit *f, bool forecast,
                                 const mpp_dataset_info *info)
{
  char text[MPP_MAX_FIELDS * (3 * MPP_NAME_MAX + 40)] = "";
  size_t used = 0;
  for (size_t c = 0; c < info->nfields && used < sizeof text; c++) {
    const char *later = f->fitted[f->later[c]]->by->name;
    const bool changes = forecast && !f->calm && f->steps[c] < SIZE_MAX;
    used += (size_t)snprintf(text + used, sizeof text - used, "%s%s: %s", c > 0 ? ", " : "",
                             mpp_field_short(info->field[c]),
                             changes ? f->fitted[f->first[c]]->by->name : later);
    if (changes && used < sizeof text) {
      used += (size_t)snprintf(text + used, sizeof text - used, " for %zu steps, then %s",
                               f->steps[c], later);
    }
  }
  return mpp_format(out, "%s", text);
}

mpp_status mpp_window_gain_text(char **out, const mpp_window_fit *f, const mpp_dataset_info *info)
{
  char text[MPP_MAX_FIELDS * (MPP_NAME_MAX + 60)] = "";
  size_t used = 0;
  if (f->step == 0) {
    return mpp_format(out, "full");
  }
  for (size_t c = 0; c < info->nfields && used < sizeof text; c++) {
    const mpp_field_gain *g = &f->gain[c];
    used += (size_t)snprintf(text + used, sizeof text - used, "%s%s: %.3g, error %.3g n^%.3g",
                             c > 0 ? "; " : "", mpp_field_short(info->field[c]), g->gain, g->error,
                             g->growth);
  }
  return mpp_format(out, "%s", text);
}
