/* released.h - statistics of released PDEBench files (lanl/MORPH), and the same of our own
 * frames. */
#ifndef MPP_RELEASED_H
#define MPP_RELEASED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { RELEASED_COLUMNS = 8 };

typedef struct released_row {
  long sample;
  double column[RELEASED_COLUMNS]; /* from the second one of the table on */
} released_row;

/* Reads "sample,number,..." below two lines of text, at most `most` rows; 0: there is no such
 * file. */
static inline size_t released_read(released_row *rows, size_t most, const char *path)
{
  char line[512];
  size_t count = 0;
  FILE *f = fopen(path, "r");
  while (f != NULL && count < most && fgets(line, sizeof line, f) != NULL) {
    released_row r = {.sample = 0};
    const char *at = strchr(line, ',');
    if (sscanf(line, "%ld", &r.sample) != 1) {
      continue;
    }
    for (int c = 0; c < RELEASED_COLUMNS && at != NULL; c++) {
      if (sscanf(at + 1, "%lf", &r.column[c]) != 1) {
        break;
      }
      at = strchr(at + 1, ',');
    }
    rows[count++] = r;
  }
  if (f != NULL) {
    fclose(f);
  }
  return count;
}

/* Mean and variance of `fields` fields of x [frames, all, cells] together, from `first` on. */
static inline void released_statistics(double *mean, double *variance, const float *x,
                                       size_t frames, size_t all, size_t cells, size_t first,
                                       size_t fields)
{
  const double count = (double)(frames * fields * cells);
  double sum = 0.0, square = 0.0;
  for (size_t k = 0; k < frames; k++) {
    double part = 0.0;
    const float *block = x + (k * all + first) * cells;
    for (size_t i = 0; i < fields * cells; i++) { part += (double)block[i]; }
    sum += part;
  }
  *mean = sum / count;
  for (size_t k = 0; k < frames; k++) {
    double part = 0.0;
    const float *block = x + (k * all + first) * cells;
    for (size_t i = 0; i < fields * cells; i++) {
      part += ((double)block[i] - *mean) * ((double)block[i] - *mean);
    }
    square += part;
  }
  *variance = square / count;
}

/* The same of one field as numpy has it for some of the files: with one float32 accumulator, in the
 * order of time and space. Its rounding is in the released figures. */
static inline void released_statistics_f32(double *mean, double *variance, const float *x,
                                           size_t frames, size_t all, size_t cells, size_t first)
{
  const float count = (float)(frames * cells);
  float sum = 0.0F, square = 0.0F;
  for (size_t k = 0; k < frames; k++) {
    for (size_t i = 0; i < cells; i++) { sum += x[(k * all + first) * cells + i]; }
  }
  const float middle = sum / count;
  for (size_t k = 0; k < frames; k++) {
    for (size_t i = 0; i < cells; i++) {
      const float d = x[(k * all + first) * cells + i] - middle;
      square += d * d;
    }
  }
  *mean = (double)middle;
  *variance = (double)(square / count);
}

#endif
