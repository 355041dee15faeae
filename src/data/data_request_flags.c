/* data_request_flags.c - what the command line says of data. */
#include "check.h"
#include "data_request.h"

mpp_status mpp_data_request_flags(mpp_data_request *r, const mpp_data_flags *flags)
{
  mpp_status st = MPP_OK;
  const struct {
    const char *key, *text;
  } all[] = {
      {"fields", flags->fields},       {"given", flags->given}, {"mask", flags->mask},
      {"time", flags->time},           {"space", flags->space}, {"sample", flags->sample},
      {"component", flags->component}, {"axes", flags->axes},   {"at", flags->at},
      {"along", flags->along},         {"fill", flags->fill},   {"stride", flags->stride},
      {"crop", flags->crop},           {"where", flags->where},
  };
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    if (all[i].text[0] != '\0') {
      MPP_TRY(mpp_data_request_set(r, all[i].key, all[i].text, "command line", MPP_ERR_USAGE));
    }
  }
  r->antialias = r->antialias || flags->antialias;
done:
  return st;
}
