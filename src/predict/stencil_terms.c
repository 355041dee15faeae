/* stencil_terms.c - the list of terms; a stencil's are those of the list that its reach takes. */
#include "stencil_terms.h"

/* Neighbours of `radius` cells, the cell itself first. */
static size_t add_neighbourhood(mpp_stencil_term *term, mpp_stencil_term as, const mpp_halo *h,
                                size_t radius)
{
  ptrdiff_t r[3];
  size_t n = 1;
  for (int a = 0; a < 3; a++) { r[a] = (ptrdiff_t)(radius < h->width[a] ? radius : h->width[a]); }
  term[0] = as;
  for (ptrdiff_t z = -r[0]; z <= r[0]; z++) {
    for (ptrdiff_t y = -r[1]; y <= r[1]; y++) {
      for (ptrdiff_t x = -r[2]; x <= r[2]; x++) {
        const ptrdiff_t far = z * z > y * y ? z * z : y * y, most = x * x > far ? x * x : far;
        if (most > 0) {
          term[n] = as;
          term[n].ring = most > 1 ? (most > 4 ? 3 : 2) : 1;
          term[n++].offset = (z * (ptrdiff_t)h->padded[1] + y) * (ptrdiff_t)h->padded[2] + x;
        }
      }
    }
  }
  return n;
}

static size_t add_powers(mpp_stencil_term *term, size_t fields, size_t degree)
{
  size_t n = 0;
  for (size_t i = 0; i < fields && degree >= 2; i++) {
    for (size_t j = i; j < fields; j++) {
      const mpp_stencil_term square = {
          .kind = MPP_TERM_POWER, .degree = 2, .factor = {(unsigned char)i, (unsigned char)j, 0}};
      term[n++] = square;
      for (size_t k = j; k < fields && degree >= 3; k++) {
        term[n] = square;
        term[n].degree = 3;
        term[n++].factor[2] = (unsigned char)k;
      }
    }
  }
  return n;
}

static size_t neighbourhood(const mpp_halo *h, size_t radius)
{
  size_t cells = 1;
  for (int a = 0; a < 3; a++) { cells *= 1 + 2 * (radius < h->width[a] ? radius : h->width[a]); }
  return cells;
}

/* Increments further back are sought among nearest neighbours alone. */
static size_t lag_radius(size_t radius, size_t lag) { return lag > 0 && radius > 1 ? 1 : radius; }

static size_t count_terms(const mpp_stencil_reach *reach, const mpp_halo *h, size_t fields)
{
  size_t n = 1 + fields * neighbourhood(h, reach->radius);
  for (size_t lag = 0; lag + 1 < reach->frames; lag++) {
    n += fields * neighbourhood(h, lag_radius(reach->radius, lag));
  }
  n += reach->degree >= 2 ? fields * (fields + 1) / 2 : 0;
  return n + (reach->degree >= 3 ? fields * (fields + 1) * (fields + 2) / 6 : 0);
}

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

static mpp_stencil_reach affordable(const mpp_stencil_reach *wish, const mpp_halo *h, size_t fields)
{
  static const mpp_stencil_reach most[] = {{9, 9, 3}, {9, 2, 3}, {1, 9, 3}, {1, 2, 3},
                                           {1, 2, 2}, {1, 2, 1}, {1, 1, 1}, {0, 1, 1}};
  mpp_stencil_reach r = {0, 1, 1};
  for (size_t i = 0; i < sizeof most / sizeof most[0]; i++) {
    r = (mpp_stencil_reach){least(wish->radius, most[i].radius),
                            least(wish->frames, most[i].frames),
                            least(wish->degree, most[i].degree)};
    if (count_terms(&r, h, fields) <= MPP_STENCIL_TERMS) {
      break;
    }
  }
  return r;
}

size_t mpp_stencil_terms(mpp_stencil_term *term, mpp_stencil_reach *reach, const mpp_halo *h,
                         size_t fields)
{
  size_t n = 0;
  *reach = affordable(reach, h, fields);
  for (size_t c = 0; c < fields; c++) {
    const mpp_stencil_term value = {.kind = MPP_TERM_VALUE, .field = (unsigned char)c};
    n += add_neighbourhood(term + n, value, h, reach->radius);
  }
  for (size_t lag = 0; lag + 1 < reach->frames; lag++) {
    for (size_t c = 0; c < fields; c++) {
      const mpp_stencil_term increment = {
          .kind = MPP_TERM_INCREMENT, .field = (unsigned char)c, .lag = (unsigned char)lag};
      n += add_neighbourhood(term + n, increment, h, lag_radius(reach->radius, lag));
    }
  }
  n += add_powers(term + n, fields, reach->degree);
  term[n++] = (mpp_stencil_term){.kind = MPP_TERM_ONE};
  return n;
}

bool mpp_stencil_takes(const mpp_stencil_reach *reach, const mpp_stencil_term *term)
{
  switch (term->kind) {
  case MPP_TERM_VALUE:
    return term->ring <= reach->radius;
  case MPP_TERM_INCREMENT:
    return term->ring <= reach->radius && term->lag + 1u < reach->frames;
  case MPP_TERM_POWER:
    return term->degree <= reach->degree;
  case MPP_TERM_ONE:
    break;
  }
  return true;
}
