/* test_stencil_terms.c - which terms a stencil has, counted by hand. */
#include "stencil_terms.h"

#include "test.h"

static mpp_halo halo_of(size_t d, size_t h, size_t w, size_t radius)
{
  const mpp_edge edge[3] = {MPP_EDGE_WRAP, MPP_EDGE_WRAP, MPP_EDGE_WRAP};
  return mpp_halo_make((const size_t[3]){d, h, w}, edge, radius);
}

static size_t count_taken(const mpp_stencil_term *term, size_t n, mpp_stencil_reach reach)
{
  size_t taken = 0;
  for (size_t i = 0; i < n; i++) { taken += mpp_stencil_takes(&reach, &term[i]); }
  return taken;
}

static void terms_are_values_increments_powers_and_one(void)
{
  static mpp_stencil_term term[MPP_STENCIL_TERMS];
  const mpp_halo h = halo_of(1, 16, 16, 2);
  mpp_stencil_reach reach = {2, 3, 3};
  const size_t n = mpp_stencil_terms(term, &reach, &h, 2);
  /* per field 25 values, 25 increments, 9 older ones; 3 squares, 4 cubes; 1 */
  CU_ASSERT(n == 2 * (25 + 25 + 9) + 7 + 1 && reach.radius == 2 && reach.frames == 3);
  CU_ASSERT_EQUAL(count_taken(term, n, (mpp_stencil_reach){1, 1, 1}), 2 * 9 + 1);
  CU_ASSERT_EQUAL(count_taken(term, n, (mpp_stencil_reach){1, 2, 2}), 2 * 18 + 3 + 1);
  CU_ASSERT_EQUAL(count_taken(term, n, (mpp_stencil_reach){2, 1, 3}), 2 * 25 + 7 + 1);
  CU_ASSERT_EQUAL(count_taken(term, n, (mpp_stencil_reach){0, 3, 1}), 2 * 3 + 1);
}

static void axes_of_length_one_are_left_out(void)
{
  static mpp_stencil_term term[MPP_STENCIL_TERMS];
  const mpp_halo line = halo_of(1, 1, 32, 2), box = halo_of(8, 8, 8, 2);
  mpp_stencil_reach reach = {2, 2, 1};
  CU_ASSERT_EQUAL(mpp_stencil_terms(term, &reach, &line, 1), 5 + 5 + 1);
  for (size_t i = 0; i < 11; i++) { CU_ASSERT(labs((long)term[i].offset) <= 2); }
  CU_ASSERT_EQUAL(mpp_stencil_terms(term, &reach, &box, 1), 125 + 125 + 1);
}

static void every_neighbour_is_there_once(void)
{
  static mpp_stencil_term term[MPP_STENCIL_TERMS];
  const mpp_halo h = halo_of(4, 5, 6, 1);
  mpp_stencil_reach reach = {1, 1, 1};
  const size_t n = mpp_stencil_terms(term, &reach, &h, 1);
  CU_ASSERT_EQUAL(n, 28);
  for (ptrdiff_t z = -1; z <= 1; z++) {
    for (ptrdiff_t y = -1; y <= 1; y++) {
      for (ptrdiff_t x = -1; x <= 1; x++) {
        size_t found = 0;
        for (size_t i = 0; i < 27; i++) { found += term[i].offset == (z * 7 + y) * 8 + x; }
        CU_ASSERT_EQUAL(found, 1);
      }
    }
  }
}

static void what_does_not_fit_is_given_up(void)
{
  static mpp_stencil_term term[MPP_STENCIL_TERMS];
  const mpp_halo box = halo_of(8, 8, 8, 2), plane = halo_of(1, 8, 8, 2);
  mpp_stencil_reach reach = {2, 3, 3};
  CU_ASSERT(mpp_stencil_terms(term, &reach, &box, 5) <= MPP_STENCIL_TERMS);
  CU_ASSERT(reach.radius == 1 && reach.frames == 3 && reach.degree == 3);
  reach = (mpp_stencil_reach){2, 3, 3};
  CU_ASSERT_EQUAL(mpp_stencil_terms(term, &reach, &box, 16), 27 * 16 + 1);
  CU_ASSERT(reach.radius == 1 && reach.frames == 1 && reach.degree == 1);
  reach = (mpp_stencil_reach){2, 3, 3};
  CU_ASSERT(mpp_stencil_terms(term, &reach, &plane, 16) <= MPP_STENCIL_TERMS);
}

TESTS({"terms are values, increments, powers and one", terms_are_values_increments_powers_and_one},
      {"axes of length one are left out", axes_of_length_one_are_left_out},
      {"every neighbour is there once", every_neighbour_is_there_once},
      {"what does not fit is given up", what_does_not_fit_is_given_up})
