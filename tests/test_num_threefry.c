/* Expected values: the known answers that come with Random123 (the cipher); jax 0.3.13 (draws of
 * PRNGKey(2022)); a transcription of the documented algorithm that draws whole arrays (the
 * rest). */
#include "num_threefry.h"
#include "test.h"

static void the_cipher_gives_its_known_answers(void)
{
  static const struct {
    uint32_t key[2], in[2], out[2];
  } known[] = {{{0, 0}, {0, 0}, {0x6b200159, 0x99ba4efe}},
               {{0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}, {0x1cb996fc, 0xbb002be7}},
               {{0x13198a2e, 0x03707344}, {0x243f6a88, 0x85a308d3}, {0xc4923a9c, 0x483df7a0}}};
  for (int i = 0; i < 3; i++) {
    const mpp_threefry_key key = {{known[i].key[0], known[i].key[1]}};
    uint32_t out[2];
    mpp_threefry_block(out, key, known[i].in);
    CU_ASSERT_EQUAL(out[0], known[i].out[0]);
    CU_ASSERT_EQUAL(out[1], known[i].out[1]);
  }
}

static void a_split_gives_the_keys_of_jax(void)
{
  const mpp_threefry_key key = mpp_threefry_seed(2022);
  CU_ASSERT_EQUAL(key.word[0], 0);
  CU_ASSERT_EQUAL(key.word[1], 0x7e6);
  CU_ASSERT_EQUAL(mpp_threefry_split(key, 0).word[0], 0x1f19c456);
  CU_ASSERT_EQUAL(mpp_threefry_split(key, 0).word[1], 0xe31aced4);
  CU_ASSERT_EQUAL(mpp_threefry_split(key, 1).word[0], 0xdae0629e);
  CU_ASSERT_EQUAL(mpp_threefry_split(key, 1).word[1], 0x5e58609d);
  CU_ASSERT_EQUAL(mpp_threefry_seed(0x1234567890abcdefU).word[0], 0x12345678);
  CU_ASSERT_EQUAL(mpp_threefry_seed(0x1234567890abcdefU).word[1], 0x90abcdef);
}

static void the_next_keys_are_first_halves_of_splits(void)
{
  const mpp_threefry_key key = mpp_threefry_seed(2022);
  const mpp_threefry_key twice = mpp_threefry_split(mpp_threefry_split(key, 0), 0);
  CU_ASSERT_EQUAL(mpp_threefry_next(key, 0).word[1], key.word[1]);
  CU_ASSERT_EQUAL(mpp_threefry_next(key, 2).word[0], twice.word[0]);
  CU_ASSERT_EQUAL(mpp_threefry_next(key, 2).word[1], twice.word[1]);
}

static void an_element_of_an_odd_draw_is_that_of_the_array(void)
{
  static const uint32_t odd[] = {3956190184U, 3414213925U, 775593189U, 2129690842U,
                                 3036228393U, 2080732067U, 3373734258U};
  static const uint32_t even[] = {1770190225U, 3583284209U, 1453878059U,
                                  4018210103U, 4243283656U, 2622166576U};
  const mpp_threefry_key key = mpp_threefry_seed(2022);
  for (uint32_t i = 0; i < 7; i++) { CU_ASSERT_EQUAL(mpp_threefry_bits(key, i, 7), odd[i]); }
  for (uint32_t i = 0; i < 6; i++) { CU_ASSERT_EQUAL(mpp_threefry_bits(key, i, 6), even[i]); }
}

static void uniforms_are_those_of_jax(void)
{
  static const float four[] = {0.1214869F, 0.88712776F, 0.8549863F, 0.368536F};
  const mpp_threefry_key key = mpp_threefry_seed(2022);
  for (uint32_t i = 0; i < 4; i++) {
    CU_ASSERT_EQUAL(mpp_threefry_uniform(key, i, 4, 0.0F, 1.0F), four[i]);
    const float scaled = mpp_threefry_uniform(key, i, 4, -0.5F, 2.5F);
    CU_ASSERT_EQUAL(scaled, four[i] * 3.0F - 0.5F);
  }
  CU_ASSERT_EQUAL(mpp_threefry_uniform(key, 4, 5, 0.0F, 1.0F), 0.9879664182662964F);
}

static void whole_numbers_are_those_of_jax(void)
{
  static const int32_t four[] = {3, 2, 3, 1}, three[] = {99103, 38081, 9938};
  static const int32_t five[] = {4554627, 8583158, 1868773, 2129227, 8819240};
  for (uint32_t i = 0; i < 4; i++) {
    CU_ASSERT_EQUAL(mpp_threefry_randint(mpp_threefry_seed(2022), i, 4, 0, 4), four[i]);
  }
  for (uint32_t i = 0; i < 5; i++) { /* the span exceeds 2^16: all of the formula counts */
    CU_ASSERT_EQUAL(mpp_threefry_randint(mpp_threefry_seed(2031), i, 5, 0, 10000000), five[i]);
  }
  for (uint32_t i = 0; i < 3; i++) {
    CU_ASSERT_EQUAL(mpp_threefry_randint(mpp_threefry_seed(7), i, 3, -5, 100000), three[i]);
  }
}

/* 1 - u = .88, .11, .145, .63 */
static void choices_follow_the_cumulated_probabilities(void)
{
  static const float halves[] = {0.5F, 0.5F}, thirds[] = {0.1F, 0.2F, 0.7F};
  static const size_t of_halves[] = {1, 0, 0, 1}, of_thirds[] = {2, 1, 1, 2};
  const mpp_threefry_key key = mpp_threefry_seed(2022);
  for (uint32_t i = 0; i < 4; i++) {
    CU_ASSERT_EQUAL(mpp_threefry_choice(key, i, 4, halves, 2), of_halves[i]);
    CU_ASSERT_EQUAL(mpp_threefry_choice(key, i, 4, thirds, 3), of_thirds[i]);
  }
  CU_ASSERT_EQUAL(mpp_threefry_choice(key, 0, 4, halves, 1), 0);
}

TESTS({"the cipher gives its known answers", the_cipher_gives_its_known_answers},
      {"a split gives the keys of JAX", a_split_gives_the_keys_of_jax},
      {"the next keys are first halves of splits", the_next_keys_are_first_halves_of_splits},
      {"an element of an odd draw is that of the array",
       an_element_of_an_odd_draw_is_that_of_the_array},
      {"uniforms are those of JAX", uniforms_are_those_of_jax},
      {"whole numbers are those of JAX", whole_numbers_are_those_of_jax},
      {"choices follow the cumulated probabilities", choices_follow_the_cumulated_probabilities})
