/* scores_spectra.c - power of prediction and truth by octaves of the wave number. */
#include "cli.h"

/* Octave o holds bins 2^(o-1) .. 2^o - 1; octave 0 the mean alone. */
static size_t octave_end(size_t octave, size_t nbins)
{
  const size_t end = (size_t)1 << octave;
  return end < nbins ? end : nbins;
}

static size_t octaves_of(size_t nbins)
{
  size_t count = 1;
  while (octave_end(count - 1, nbins) < nbins) { count++; }
  return count;
}

static void fill_row(cli_table *t, const char *name, const double *power, size_t nbins)
{
  const size_t row = cli_table_row(t);
  cli_table_set(t, row, 1, "%s", name);
  for (size_t o = 0, i = 0; o < t->ncolumns - 2; o++) {
    cli_number_text text;
    double sum = 0.0;
    for (; i < octave_end(o, nbins); i++) { sum += power[i]; }
    cli_table_set(t, row, 2 + o, "%s", cli_number(text, sum));
  }
}

static void print_step(FILE *out, const mpp_scores *s, mpp_predictor first, size_t at)
{
  const size_t nbins = s->details->nbins;
  cli_table t;
  cli_table_begin(&t, 2 + octaves_of(nbins), 2);
  const size_t head = cli_table_row(&t);
  cli_table_set(&t, head, 0, "POWER AT STEP %ld", s->details->spectrum_step[at]);
  cli_table_set(&t, head, 1, "wave numbers");
  for (size_t o = 0, begin = 0; o < t.ncolumns - 2; o++) {
    const size_t end = octave_end(o, nbins);
    cli_table_set(&t, head, 2 + o, end - begin > 1 ? "%zu-%zu" : "%zu", begin, end - 1);
    begin = end;
  }
  for (size_t f = 0; f < s->nfields; f++) {
    fill_row(&t, "truth", mpp_scores_power(s, MPP_PREDICTORS, at, f), nbins);
    cli_table_set(&t, t.nrows - 1, 0, "%s", s->field[f]);
    for (mpp_predictor p = first; p < mpp_scores_end(s); p++) {
      fill_row(&t, mpp_predictor_name(p), mpp_scores_power(s, p, at, f), nbins);
    }
  }
  cli_table_print(out, &t, 2);
  cli_table_free(&t);
}

void cli_spectra_print(FILE *out, const mpp_scores *s, bool has_model)
{
  for (size_t k = 0; s->details != NULL && k < s->details->nspectra; k++) {
    print_step(out, s, has_model ? MPP_BY_MODEL : MPP_BY_PERSISTENCE, k);
  }
}
