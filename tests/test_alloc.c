/* test_alloc.c - alignment, zeroes, overflow, counting, fault injection. */
#include "test.h"

static void blocks_are_zeroed_and_aligned(void)
{
  for (size_t count = 1; count < (size_t)1 << 22; count = count * 3 + 1) {
    unsigned char *p = NULL;
    REQUIRE_OK(MPP_ALLOC(&p, count));
    CU_ASSERT_EQUAL((uintptr_t)p % 64, 0);
    size_t nonzero = 0;
    for (size_t i = 0; i < count; i++) { nonzero += p[i] != 0; }
    CU_ASSERT_EQUAL(nonzero, 0);
    memset(p, 0xa5, count); /* the next block may reuse this one */
    mpp_free(p);
  }
}

static void an_empty_block_is_null(void)
{
  double *p = (double *)(uintptr_t)64;
  ASSERT_OK(MPP_ALLOC(&p, 0));
  CU_ASSERT_PTR_NULL(p);
  mpp_free(p);
  CU_ASSERT_EQUAL(mpp_alloc_live(), 0);
}

static void too_large_a_block_is_refused_and_the_output_untouched(void)
{
  double there = 0.0, *p = &there;
  ASSERT_STATUS(MPP_ALLOC(&p, SIZE_MAX / 8 + 1), MPP_ERR_NOMEM); /* the product overflows */
  ASSERT_STATUS(MPP_ALLOC(&p, SIZE_MAX / 8), MPP_ERR_NOMEM);     /* the sum overflows */
  ASSERT_STATUS(MPP_ALLOC(&p, SIZE_MAX / 16), MPP_ERR_NOMEM);    /* PTRDIFF_MAX */
  ASSERT_MESSAGE("items of 8 bytes");
  CU_ASSERT_PTR_EQUAL(p, &there);
}

static void live_blocks_are_counted(void)
{
  int *a = NULL, *b = NULL;
  REQUIRE_OK(MPP_ALLOC(&a, 3));
  REQUIRE_OK(MPP_ALLOC(&b, 3));
  CU_ASSERT_EQUAL(mpp_alloc_live(), 2);
  mpp_free(a);
  CU_ASSERT_EQUAL(mpp_alloc_live(), 1);
  mpp_free(b);
  mpp_free(NULL);
  CU_ASSERT_EQUAL(mpp_alloc_live(), 0);
}

static void the_nth_fallible_call_fails_once(void)
{
  for (long n = 0; n < 4; n++) {
    mpp_fault_after(n);
    for (long call = 0; call < 8; call++) {
      CU_ASSERT_EQUAL(mpp_fault_left(), call <= n ? n - call : -1);
      CU_ASSERT_EQUAL(mpp_fault(), call == n);
    }
  }
  mpp_fault_after(3);
  mpp_fault_after(-1);
  CU_ASSERT_EQUAL(mpp_fault_left(), -1);
  CU_ASSERT_FALSE(mpp_fault());
}

/* Three blocks; the last is done without where there is none. */
static mpp_status three_blocks(void)
{
  int *a = NULL, *b = NULL, *c = NULL;
  mpp_status st = MPP_ALLOC(&a, 1);
  st = st == MPP_OK ? MPP_ALLOC(&b, 1) : st;
  if (st == MPP_OK && MPP_ALLOC(&c, 1) == MPP_OK) {
    mpp_free(c);
  }
  mpp_free(b);
  mpp_free(a);
  return st;
}

static void trials_end_when_no_call_is_left_to_fail(void)
{
  test_faults f = {0}, coarse = {.stride = 2};
  while (test_faults_next(&f)) { TEST_FAULT(&f, three_blocks()); }
  CU_ASSERT(f.trials == 4 && f.failed == 2 && f.status == MPP_OK);
  while (test_faults_next(&coarse)) { TEST_FAULT(&coarse, three_blocks()); }
  CU_ASSERT(coarse.trials == 3 && coarse.failed == 1 && coarse.status == MPP_OK);
}

static void allocation_fails_when_asked_to(void)
{
  int *p = NULL;
  char *text = NULL;
  mpp_fault_after(0);
  ASSERT_STATUS(MPP_ALLOC(&p, 3), MPP_ERR_NOMEM);
  mpp_fault_after(0);
  ASSERT_STATUS(mpp_format(&text, "%d", 3), MPP_ERR_NOMEM);
  CU_ASSERT_PTR_NULL(p);
  CU_ASSERT_PTR_NULL(text);
  mpp_fault_after(-1);
}

static void formatted_text_has_its_full_length(void)
{
  char *text = NULL;
  REQUIRE_OK(mpp_format(&text, "%s-%05d-%0500d", "a", 42, 7));
  CU_ASSERT_EQUAL(strlen(text), 508);
  CU_ASSERT_EQUAL(strncmp(text, "a-00042-000", 11), 0);
  mpp_free(text);
}

static void products_are_checked(void)
{
  size_t n = 99;
  CU_ASSERT(mpp_product(&n, (const size_t[]){3, 5, 7}, 3) && n == 105);
  CU_ASSERT(mpp_product(&n, NULL, 0) && n == 1);
  CU_ASSERT(mpp_product(&n, (const size_t[]){SIZE_MAX, 2, 0}, 3) && n == 0);
  n = 99;
  CU_ASSERT_FALSE(mpp_product(&n, (const size_t[]){(size_t)1 << 32, (size_t)1 << 32}, 2));
  CU_ASSERT_FALSE(mpp_mul(&n, SIZE_MAX, 2) && n != 99);
  CU_ASSERT_FALSE(mpp_add(&n, SIZE_MAX, 1));
}

static void room_grows_and_is_empty_after_a_failure(void)
{
  double *x = NULL;
  size_t capacity = 0;
  REQUIRE_OK(MPP_RESERVE(&x, &capacity, 4));
  x[3] = 1.0;
  double *before = x;
  REQUIRE_OK(MPP_RESERVE(&x, &capacity, 3));
  CU_ASSERT(x == before && x[3] == 1.0 && capacity == 4);
  REQUIRE_OK(MPP_RESERVE(&x, &capacity, 1000));
  CU_ASSERT(x[3] == 0.0 && x[999] == 0.0 && capacity == 1000);
  mpp_fault_after(0);
  ASSERT_STATUS(MPP_RESERVE(&x, &capacity, 2000), MPP_ERR_NOMEM);
  mpp_fault_after(-1);
  CU_ASSERT(x == NULL && capacity == 0);
}

TESTS({"room grows and is empty after a failure", room_grows_and_is_empty_after_a_failure},
      {"blocks are zeroed and aligned", blocks_are_zeroed_and_aligned},
      {"an empty block is NULL", an_empty_block_is_null},
      {"too large a block is refused and the output untouched",
       too_large_a_block_is_refused_and_the_output_untouched},
      {"live blocks are counted", live_blocks_are_counted},
      {"the nth fallible call fails once", the_nth_fallible_call_fails_once},
      {"trials end when no call is left to fail", trials_end_when_no_call_is_left_to_fail},
      {"allocation fails when asked to", allocation_fails_when_asked_to},
      {"formatted text has its full length", formatted_text_has_its_full_length},
      {"products are checked", products_are_checked})
