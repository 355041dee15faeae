/* statistics.c - moments over trajectories, joined pairwise (Chan, Golub and LeVeque 1983), and The
 * Well's stats.yaml. */
#include "statistics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "file.h"
#include "number.h"

void mpp_moments_add(mpp_moments *m, const float *x, const float *before, size_t n)
{
  double sum = 0.0, square = 0.0;
  if (n == 0) {
    return;
  }
  for (size_t i = 0; i < n; i++) {
    sum += (double)x[i] - (before != NULL ? (double)before[i] : 0.0);
  }
  const double count = (double)n, mean = sum / count;
  for (size_t i = 0; i < n; i++) {
    const double d = (double)x[i] - (before != NULL ? (double)before[i] : 0.0) - mean;
    square += d * d;
  }
  const double total = m->n + count, apart = mean - m->mean;
  m->square += square + apart * apart * m->n * count / total;
  m->mean += apart * count / total;
  m->n = total;
}

double mpp_moments_std(const mpp_moments *m) { return m->n > 0.0 ? sqrt(m->square / m->n) : 0.0; }

double mpp_moments_rms(const mpp_moments *m)
{
  return m->n > 0.0 ? sqrt(m->square / m->n + m->mean * m->mean) : 0.0;
}

static double mean_of(const mpp_moments *m) { return m->mean; }

/* YAML 1.1 takes a number for one only with a point and a signed exponent. */
static void put_number(FILE *f, const char *before, double value)
{
  char text[MPP_NUMBER_MAX];
  mpp_number_format(text, value);
  const size_t digits = strcspn(text, "e");
  const bool whole = memchr(text, '.', digits) == NULL;
  fprintf(f, "%s%.*s%s%s\n", before, (int)digits, text, whole ? ".0" : "", text + digits);
}

/* One part: a number, a list, or a list of lists. */
static void put_part(FILE *f, const mpp_writer_part *part, size_t ndims, const mpp_moments *m,
                     double (*number)(const mpp_moments *))
{
  const mpp_moments *first = m + part->first;
  fprintf(f, "  \"%s\":%s", part->name, part->order == 0 ? "" : "\n");
  if (part->order == 0) {
    put_number(f, " ", number(first));
  }
  for (size_t i = 0; i < ndims && part->order == 1; i++) {
    put_number(f, "  - ", number(first + i));
  }
  for (size_t i = 0; i < ndims * ndims && part->order == 2; i++) {
    put_number(f, i % ndims == 0 ? "  - - " : "    - ", number(first + i));
  }
}

mpp_status mpp_statistics_write(const char *path, const mpp_writer_part *part, size_t nparts,
                                size_t ndims, const mpp_moments *value,
                                const mpp_moments *increment)
{
  const struct {
    const char *name;
    const mpp_moments *of;
    double (*number)(const mpp_moments *);
  } all[] = {{"mean", value, mean_of},        {"mean_delta", increment, mean_of},
             {"rms", value, mpp_moments_rms}, {"rms_delta", increment, mpp_moments_rms},
             {"std", value, mpp_moments_std}, {"std_delta", increment, mpp_moments_std}};
  mpp_status st = MPP_OK;
  char *text = NULL;
  size_t size = 0;
  FILE *f = mpp_fault() ? NULL : open_memstream(&text, &size);
  MPP_REQUIRE(f != NULL, MPP_ERR_NOMEM, "%s: out of memory", path);
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
    fprintf(f, "%s:\n", all[i].name);
    for (size_t k = 0; k < nparts; k++) { put_part(f, &part[k], ndims, all[i].of, all[i].number); }
  }
  const bool bad = fclose(f) != 0;
  MPP_REQUIRE(!bad && text != NULL, MPP_ERR_NOMEM, "%s: out of memory", path);
  MPP_TRY(mpp_write_text(path, text));
done:
  free(text); /* of open_memstream */
  return st;
}
