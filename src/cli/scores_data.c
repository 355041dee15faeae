/* scores_data.c - scores for other programs: JSON and CSV, with everything that is known. */
#include <string.h>

#include "cli.h"

static const char *const splits[] = {"train", "valid", "test", "all"}; /* mpp_split */

mpp_status cli_metrics_chosen(bool shown[MPP_METRICS], const mpp_text_list *names)
{
  mpp_status st = MPP_OK;
  for (size_t i = 0; i < names->count; i++) {
    mpp_metric m = 0;
    const bool all = strcmp(names->item[i], "all") == 0;
    for (int k = 0; all && k < MPP_METRICS; k++) { shown[k] = true; }
    if (!all && !mpp_metric_find(&m, names->item[i])) {
      const char *known[MPP_METRICS];
      for (int k = 0; k < MPP_METRICS; k++) { known[k] = mpp_metric_name((mpp_metric)k); }
      const char *close = mpp_closest(names->item[i], known, MPP_METRICS);
      st = cli_fail(MPP_ERR_USAGE, "--metrics: found '%s', expected %s%s%s", names->item[i],
                    close != NULL ? "a metric (did you mean '" : "one of those that --help lists",
                    close != NULL ? close : "", close != NULL ? "'?)" : "");
      goto done;
    }
    shown[m] = true;
  }
done:
  return st;
}

typedef json_t *(*number)(const mpp_scores *s, mpp_predictor p, mpp_metric m, size_t h, size_t f);

static json_t *value_json(const mpp_scores *s, mpp_predictor p, mpp_metric m, size_t h, size_t f)
{
  return cli_json_real(mpp_scores_value(s, p, m, h, f));
}

static json_t *interval_json(const mpp_scores *s, mpp_predictor p, mpp_metric m, size_t h, size_t f)
{
  const mpp_interval i = mpp_scores_interval(s, p, m, h, f);
  json_t *pair = json_array();
  json_array_append_new(pair, cli_json_real(i.low));
  json_array_append_new(pair, cli_json_real(i.high));
  return pair;
}

/* Field by field, the mean last, a list over horizons. */
static json_t *metric_json(const mpp_scores *s, mpp_predictor p, mpp_metric m, number make)
{
  json_t *fields = json_object();
  for (size_t f = 0; f <= s->nfields; f++) {
    json_t *list = json_array();
    for (size_t h = 0; h < s->nhorizons; h++) { json_array_append_new(list, make(s, p, m, h, f)); }
    json_object_set_new(fields, f < s->nfields ? s->field[f] : "mean", list);
  }
  return fields;
}

static json_t *correlation_times_json(const mpp_scores *s, mpp_predictor p)
{
  json_t *fields = json_object();
  for (size_t f = 0; f < s->nfields; f++) {
    const long step = mpp_scores_correlation_time(s, p, f);
    json_object_set_new(fields, s->field[f], step > 0 ? json_integer(step) : json_null());
  }
  return fields;
}

/* Means over all steps. */
static json_t *over_steps_json(const mpp_scores *s, mpp_predictor p)
{
  json_t *metrics = json_object();
  for (mpp_metric m = 0; m < MPP_METRICS; m++) {
    json_t *fields = json_object();
    for (size_t f = 0; f <= s->nfields; f++) {
      json_object_set_new(fields, f < s->nfields ? s->field[f] : "mean",
                          cli_json_real(cli_scores_over_steps(s, p, m, f)));
    }
    json_object_set_new(metrics, mpp_metric_name(m), fields);
  }
  return metrics;
}

/* Field by field a list over the chosen steps of lists over bins. */
static json_t *spectra_json(const mpp_scores *s, mpp_predictor p)
{
  json_t *fields = json_object();
  for (size_t f = 0; f < s->nfields; f++) {
    json_t *steps = json_array();
    for (size_t k = 0; k < s->details->nspectra; k++) {
      const double *power = mpp_scores_power(s, p, k, f);
      json_t *bins = json_array();
      for (size_t i = 0; i < s->details->nbins; i++) {
        json_array_append_new(bins, cli_json_real(power[i]));
      }
      json_array_append_new(steps, bins);
    }
    json_object_set_new(fields, s->field[f], steps);
  }
  return fields;
}

static json_t *predictor_json(const mpp_scores *s, mpp_predictor p)
{
  json_t *one = json_object();
  for (mpp_metric m = 0; m < MPP_METRICS; m++) {
    json_object_set_new(one, mpp_metric_name(m), metric_json(s, p, m, value_json));
  }
  if (s->details != NULL && s->details->resamples > 0) {
    json_t *intervals = json_object();
    for (mpp_metric m = 0; m < MPP_METRICS; m++) {
      json_object_set_new(intervals, mpp_metric_name(m), metric_json(s, p, m, interval_json));
    }
    json_object_set_new(one, "intervals", intervals);
  }
  if (s->every_step) {
    json_object_set_new(one, "correlation_time", correlation_times_json(s, p));
    json_object_set_new(one, "over_steps", over_steps_json(s, p));
  }
  if (s->details != NULL && s->details->nspectra > 0) {
    json_object_set_new(one, "spectra", spectra_json(s, p));
  }
  return one;
}

/* How the numbers came about. */
static void add_method(json_t *root, const mpp_scores *s)
{
  json_t *formulas = json_object();
  for (mpp_metric m = 0; m < MPP_METRICS; m++) {
    json_object_set_new(formulas, mpp_metric_name(m), json_string(mpp_metric_formula(m)));
  }
  json_object_set_new(root, "trajectories", json_integer((json_int_t)s->ntrajectories));
  json_object_set_new(root, "context", json_integer((json_int_t)s->context));
  json_object_set_new(root, "first_start", json_integer((json_int_t)s->first_start));
  json_object_set_new(root, "last_start", json_integer((json_int_t)s->last_start));
  json_object_set_new(root, "epsilon", json_real(MPP_SCORE_EPSILON));
  json_object_set_new(root, "metrics", formulas);
  json_object_set_new(root, "mean", json_string("over the fields"));
  if (s->details != NULL && s->details->resamples > 0) {
    json_t *b = json_object();
    json_object_set_new(b, "method", json_string("percentile bootstrap over trajectories"));
    json_object_set_new(b, "resamples", json_integer((json_int_t)s->details->resamples));
    json_object_set_new(b, "confidence", json_real(s->details->confidence));
    json_object_set_new(root, "intervals", b);
  }
  if (s->every_step) {
    json_object_set_new(root, "correlation_level", json_real(MPP_CORRELATION_LEVEL));
  }
}

json_t *cli_scores_json(const mpp_scores *s, bool has_model)
{
  json_t *predictors = json_object(), *horizons = json_array(), *root = json_object();
  for (size_t h = 0; h < s->nhorizons; h++) {
    json_array_append_new(horizons, json_integer(s->horizon[h]));
  }
  for (mpp_predictor p = has_model ? MPP_BY_MODEL : MPP_BY_PERSISTENCE; p < mpp_scores_end(s);
       p++) {
    json_object_set_new(predictors, mpp_predictor_name(p), predictor_json(s, p));
  }
  json_object_set_new(root, "system", cli_json_text(s->system));
  json_object_set_new(root, "fields", cli_json_names(s->field, s->nfields));
  json_object_set_new(root, "split", s->of_files ? json_null() : json_string(splits[s->split]));
  json_object_set_new(root, "distinct", json_boolean(s->distinct));
  json_object_set_new(root, "windows", json_integer((json_int_t)s->nwindows));
  json_object_set_new(root, "horizons", horizons);
  add_method(root, s);
  if (s->details != NULL && s->details->nspectra > 0) {
    json_t *steps = json_array();
    for (size_t k = 0; k < s->details->nspectra; k++) {
      json_array_append_new(steps, json_integer(s->details->spectrum_step[k]));
    }
    json_object_set_new(root, "spectra_steps", steps);
    json_object_set_new(root, "spectra_of_truth", spectra_json(s, MPP_PREDICTORS));
  }
  json_object_set_new(root, "predictors", predictors);
  return root;
}

/* ---- CSV (RFC 4180, but lines end as on this system) ---- */

void cli_csv_text(FILE *out, const char *text)
{
  if (strpbrk(text, ",\"\n\r") == NULL) {
    fputs(text, out);
    return;
  }
  fputc('"', out);
  for (; *text != '\0'; text++) { fputs(*text == '"' ? "\"\"" : (const char[]){*text, '\0'}, out); }
  fputc('"', out);
}

void cli_scores_csv_head(FILE *out)
{
  fputs("data,system,split,predictor,field,step,metric,value,low,high\n", out);
}

/* A number, nothing for one that is not known; inf for a divergence. */
static void put_number(FILE *out, double value)
{
  if (value == value) {
    fprintf(out, ",%.9g", value);
  } else {
    fputc(',', out);
  }
}

static void put_begin(FILE *out, const mpp_scores *s, const char *data, const char *predictor,
                      size_t f)
{
  cli_csv_text(out, data);
  fputc(',', out);
  cli_csv_text(out, s->system);
  fprintf(out, ",%s%s,%s,", s->distinct ? "distinct-" : "", s->of_files ? "" : splits[s->split],
          predictor);
  cli_csv_text(out, f < s->nfields ? s->field[f] : "mean");
}

static void put_spectra(FILE *out, const mpp_scores *s, const char *data, mpp_predictor p)
{
  const char *name = p < MPP_PREDICTORS ? mpp_predictor_name(p) : "truth";
  for (size_t k = 0; s->details != NULL && k < s->details->nspectra; k++) {
    for (size_t f = 0; f < s->nfields; f++) {
      const double *power = mpp_scores_power(s, p, k, f);
      for (size_t i = 0; i < s->details->nbins; i++) {
        put_begin(out, s, data, name, f);
        fprintf(out, ",%ld,power-%zu", s->details->spectrum_step[k], i);
        put_number(out, power[i]);
        fputs(",,\n", out);
      }
    }
  }
}

void cli_scores_csv(FILE *out, const mpp_scores *s, bool has_model, const char *data)
{
  const mpp_predictor first = has_model ? MPP_BY_MODEL : MPP_BY_PERSISTENCE;
  for (mpp_predictor p = first; p < mpp_scores_end(s); p++) {
    for (size_t i = 0; i < (s->nfields + 1) * s->nhorizons * MPP_METRICS; i++) {
      const size_t f = i / MPP_METRICS / s->nhorizons, h = i / MPP_METRICS % s->nhorizons;
      const mpp_metric m = (mpp_metric)(i % MPP_METRICS);
      const mpp_interval interval = mpp_scores_interval(s, p, m, h, f);
      put_begin(out, s, data, mpp_predictor_name(p), f);
      fprintf(out, ",%ld,%s", s->horizon[h], mpp_metric_name(m));
      put_number(out, mpp_scores_value(s, p, m, h, f));
      put_number(out, interval.low);
      put_number(out, interval.high);
      fputc('\n', out);
    }
    put_spectra(out, s, data, p);
  }
  put_spectra(out, s, data, MPP_PREDICTORS);
}
