/* closest.c - "did you mean": distance by single insertions, deletions, substitutions and swaps of
 * neighbours (optimal string alignment; Damerau 1964), letter case and '_' against '-' ignored. */
#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "mpp/options.h"

enum { WORD_MAX = 63, EDITS_MAX = 2 };

static int plain(char c) { return c == '_' ? '-' : tolower((unsigned char)c); }

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/* Both at most WORD_MAX long. Rows of the table: the last two and the one being filled. */
static size_t distance(const char *a, const char *b)
{
  const size_t na = strlen(a), nb = strlen(b);
  size_t rows[3][WORD_MAX + 1] = {{0}};
  size_t *before = rows[0], *above = rows[1], *row = rows[2];
  for (size_t j = 0; j <= nb; j++) { above[j] = j; }
  for (size_t i = 1; i <= na; i++) {
    row[0] = i;
    for (size_t j = 1; j <= nb; j++) {
      const bool same = plain(a[i - 1]) == plain(b[j - 1]);
      row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + (same ? 0 : 1));
      if (i > 1 && j > 1 && plain(a[i - 1]) == plain(b[j - 2]) &&
          plain(a[i - 2]) == plain(b[j - 1])) {
        row[j] = least(row[j], before[j - 2] + 1);
      }
    }
    size_t *const oldest = before;
    before = above;
    above = row;
    row = oldest;
  }
  return above[nb];
}

const char *mpp_closest(const char *word, const char *const *candidates, size_t count)
{
  const char *best = NULL;
  /* A word whose every letter is replaced resembles nothing. */
  size_t most = least(EDITS_MAX, strlen(word) > 0 ? strlen(word) - 1 : 0);
  if (strlen(word) > WORD_MAX) {
    return NULL;
  }
  for (size_t i = 0; i < count; i++) {
    const size_t d = strlen(candidates[i]) <= WORD_MAX ? distance(word, candidates[i]) : SIZE_MAX;
    if (d < most || (d == most && best == NULL)) {
      most = d;
      best = candidates[i];
    }
  }
  return best;
}
