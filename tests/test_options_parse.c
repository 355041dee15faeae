/* test_options_parse.c - command lines. */
#include "test.h"

typedef struct settings {
  bool resume, no_cache;
  long steps;
  double noise;
  char output[MPP_TEXT_MAX];
  mpp_text_list data;
} settings;

#define AT(member) offsetof(settings, member)
static const mpp_option table[] = {
    {"resume", 'r', MPP_OPT_FLAG, AT(resume), NULL, 0, 0, NULL, NULL, ""},
    {"no-cache", 0, MPP_OPT_FLAG, AT(no_cache), NULL, 0, 0, NULL, NULL, ""},
    {"steps", 'n', MPP_OPT_LONG, AT(steps), "100", 1, 1000, NULL, "N", ""},
    {"noise", 0, MPP_OPT_REAL, AT(noise), NULL, 0, 0, NULL, NULL, ""},
    {"output", 'o', MPP_OPT_TEXT, AT(output), NULL, 0, 0, NULL, "FILE", ""},
    {"data", 0, MPP_OPT_TEXTS, AT(data), "default.h5", 0, 0, NULL, "FILE", ""},
    {0},
};

enum { MOST = 3 };
static settings s;
static const char *words[MOST];
static size_t nwords;

/* Splits "--steps 3 x" at spaces and parses it. */
static mpp_status parse(const char *text)
{
  static char line[256];
  char *argv[32] = {(char *)(uintptr_t) "mpp"};
  int argc = 1;
  snprintf(line, sizeof line, "%s", text);
  for (char *word = strtok(line, " "); word != NULL; word = strtok(NULL, " ")) {
    argv[argc++] = word;
  }
  REQUIRE_OK(mpp_options_defaults(&s, table));
  return mpp_options_parse(&s, table, argc, argv, words, MOST, &nwords);
}

static void values_follow_a_sign_or_a_space(void)
{
  ASSERT_OK(parse("--steps=3 --output a=b.nc"));
  CU_ASSERT_EQUAL(s.steps, 3);
  CU_ASSERT_STRING_EQUAL(s.output, "a=b.nc");
  ASSERT_OK(parse("-n 4 -o out.nc"));
  CU_ASSERT_EQUAL(s.steps, 4);
  CU_ASSERT_STRING_EQUAL(s.output, "out.nc");
  ASSERT_OK(parse("-n5 -o=x --noise -1.5"));
  CU_ASSERT(s.steps == 5 && s.noise == -1.5);
  CU_ASSERT_STRING_EQUAL(s.output, "x");
  ASSERT_OK(parse("--output="));
  CU_ASSERT_STRING_EQUAL(s.output, "");
}

static void flags_stand_alone_or_say_no(void)
{
  ASSERT_OK(parse("--resume word"));
  CU_ASSERT(s.resume && nwords == 1);
  ASSERT_OK(parse("-r"));
  CU_ASSERT(s.resume);
  ASSERT_OK(parse("--resume --no-resume"));
  CU_ASSERT_FALSE(s.resume);
  ASSERT_OK(parse("--resume=off"));
  CU_ASSERT_FALSE(s.resume);
  ASSERT_OK(parse("--resume=on --no_cache"));
  CU_ASSERT(s.resume && s.no_cache);
}

static void other_words_are_kept_in_order(void)
{
  ASSERT_OK(parse("a --steps 3 - -- --resume"));
  CU_ASSERT_EQUAL_FATAL(nwords, 3);
  CU_ASSERT_STRING_EQUAL(words[0], "a");
  CU_ASSERT_STRING_EQUAL(words[1], "-");
  CU_ASSERT_STRING_EQUAL(words[2], "--resume");
  CU_ASSERT_FALSE(s.resume);
  ASSERT_OK(parse(""));
  CU_ASSERT_EQUAL(nwords, 0);
}

static void repeated_texts_replace_the_default_and_then_grow(void)
{
  ASSERT_OK(parse(""));
  CU_ASSERT(s.data.count == 1 && strcmp(s.data.item[0], "default.h5") == 0);
  ASSERT_OK(parse("--data a.h5 --data b.h5,c.h5"));
  CU_ASSERT_EQUAL_FATAL(s.data.count, 3);
  CU_ASSERT_STRING_EQUAL(s.data.item[0], "a.h5");
  CU_ASSERT_STRING_EQUAL(s.data.item[2], "c.h5");
}

static void bad_lines_are_usage_errors(void)
{
  static const struct {
    const char *line, *message;
  } bad[] = {
      {"--stops 3", "unknown option '--stops' (did you mean '--steps'?)"},
      {"--stops=3", "unknown option '--stops' (did you mean '--steps'?)"},
      {"--no-steps", "unknown option '--no-steps'"},
      {"--no-resume=true", "unknown option '--no-resume'"},
      {"--steps", "--steps: needs a value"},
      {"--steps --resume", "--steps: needs a value"},
      {"-n", "-n: needs a value"},
      {"--steps=x", "--steps: 'x' is no integer"},
      {"-n 5000", "-n: 5000 is out of range, expected 1 to 1000"},
      {"-x", "unknown option '-x'"},
      {"-rx", "unknown option '-rx'"},
      {"--resume=perhaps", "--resume: 'perhaps' is neither true nor false"},
      {"a b c d", "unexpected argument 'd'"},
      {"--=3", "unknown option '--'"},
      {"--an-option-whose-name-is-longer-than-all-names-that-there-could-ever-be-here",
       "unknown option '--an-option-"},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    ASSERT_STATUS(parse(bad[i].line), MPP_ERR_USAGE);
    ASSERT_MESSAGE(bad[i].message);
  }
}

TESTS({"values follow a sign or a space", values_follow_a_sign_or_a_space},
      {"flags stand alone or say no", flags_stand_alone_or_say_no},
      {"other words are kept in order", other_words_are_kept_in_order},
      {"repeated texts replace the default and then grow",
       repeated_texts_replace_the_default_and_then_grow},
      {"bad lines are usage errors", bad_lines_are_usage_errors})
