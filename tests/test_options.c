/* test_options.c - values of every kind from text and back, ranges, unknown keys. */
#include "test.h"

typedef struct settings {
  bool flag;
  long steps;
  double rate;
  char text[MPP_TEXT_MAX];
  int mode;
  mpp_int_list patch;
  mpp_text_list data;
  double walltime, memory;
  long free_number;
} settings;

#define AT(member) offsetof(settings, member)
static const mpp_option table[] = {
    {"resume", 'r', MPP_OPT_FLAG, AT(flag), NULL, 0, 0, NULL, NULL, ""},
    {"steps", 'n', MPP_OPT_LONG, AT(steps), "100", 1, 1e18, NULL, "N", ""},
    {"learning-rate", 0, MPP_OPT_REAL, AT(rate), "1e-3", 0, 1, NULL, "R", ""},
    {"output", 'o', MPP_OPT_TEXT, AT(text), "run", 0, 0, NULL, "DIR", ""},
    {"mode", 0, MPP_OPT_CHOICE, AT(mode), "delta", 0, 0, "frame|delta|extrapolate", NULL, ""},
    {"patch", 0, MPP_OPT_INTS, AT(patch), "4,2,2", 1, 64, NULL, NULL, ""},
    {"data", 'd', MPP_OPT_TEXTS, AT(data), NULL, 0, 0, NULL, "FILE", ""},
    {"max_walltime", 0, MPP_OPT_DURATION, AT(walltime), "1h", 0, 1e7, NULL, NULL, ""},
    {"memory", 0, MPP_OPT_BYTES, AT(memory), "1k", 0, 1e18, NULL, NULL, ""},
    {"free-number", 0, MPP_OPT_LONG, AT(free_number), NULL, 0, 0, NULL, NULL, ""},
    {0},
};

static settings s; /* 17 KB */

static void defaults(void)
{
  memset(&s, 0x55, sizeof s);
  REQUIRE_OK(mpp_options_defaults(&s, table));
}

static void defaults_come_from_the_table(void)
{
  defaults();
  CU_ASSERT(!s.flag && s.steps == 100 && s.rate == 1e-3 && s.mode == 1 && s.free_number == 0);
  CU_ASSERT_STRING_EQUAL(s.text, "run");
  CU_ASSERT(s.patch.count == 3 && s.patch.item[0] == 4 && s.patch.item[2] == 2);
  CU_ASSERT(s.data.count == 0 && s.walltime == 3600.0 && s.memory == 1024.0);
}

static void a_wrong_default_is_an_internal_error(void)
{
  const mpp_option wrong[] = {{"steps", 0, MPP_OPT_LONG, AT(steps), "x", 0, 0, NULL, NULL, ""},
                              {0}};
  ASSERT_STATUS(mpp_options_defaults(&s, wrong), MPP_ERR_INTERNAL);
  ASSERT_MESSAGE("default of option 'steps': 'x' is no integer");
}

static void keys_may_have_dashes_or_underscores(void)
{
  defaults();
  ASSERT_OK(mpp_options_set(&s, table, "learning_rate", "0.5", ""));
  CU_ASSERT_EQUAL(s.rate, 0.5);
  ASSERT_OK(mpp_options_set(&s, table, "learning-rate", "0.25", ""));
  CU_ASSERT_EQUAL(s.rate, 0.25);
  ASSERT_OK(mpp_options_set(&s, table, "max-walltime", "5", ""));
  CU_ASSERT_EQUAL(s.walltime, 5.0);
  CU_ASSERT_PTR_EQUAL(mpp_options_find(table, "learning_rate"), &table[2]);
  CU_ASSERT_PTR_NULL(mpp_options_find(table, "learning"));
}

static void unknown_keys_are_answered_in_the_manner_of_their_origin(void)
{
  defaults();
  ASSERT_STATUS(mpp_options_set(&s, table, "lerning_rate", "1", "config.yaml:41:7"),
                MPP_ERR_CONFIG);
  CU_ASSERT_STRING_EQUAL(
      mpp_last_error(),
      "config.yaml:41:7: unknown key 'lerning_rate' (did you mean 'learning_rate'?)");
  ASSERT_STATUS(mpp_options_set(&s, table, "max-waltime", "1", "--max-waltime"), MPP_ERR_CONFIG);
  CU_ASSERT_STRING_EQUAL(mpp_last_error(),
                         "unknown option '--max-waltime' (did you mean '--max-walltime'?)");
  ASSERT_STATUS(mpp_options_set(&s, table, "nonsense", "1", "c.yaml:1:1"), MPP_ERR_CONFIG);
  CU_ASSERT_STRING_EQUAL(mpp_last_error(), "c.yaml:1:1: unknown key 'nonsense'");
}

static void bad_values_are_named_and_change_nothing(void)
{
  static const struct {
    const char *key, *value, *message;
  } bad[] = {
      {"resume", "maybe", "c.yaml:2:1: resume: 'maybe' is neither true nor false"},
      {"steps", "0", "0 is out of range, expected at least 1"},
      {"steps", "1.5", "'1.5' is no integer"},
      {"steps", "", "'' is no integer"},
      {"learning_rate", "1.5", "1.5 is out of range, expected 0 to 1"},
      {"learning_rate", "nan", "'nan' is no finite number"},
      {"learning_rate", "1,5", "'1,5' is no finite number"},
      {"mode", "detla", "'detla' is none of frame, delta, extrapolate (did you mean 'delta'?)"},
      {"mode", "x", "'x' is none of frame, delta, extrapolate"},
      {"patch", "4,,2", "an item of the list is empty"},
      {"patch", "4,2,", "an item of the list is empty"},
      {"patch", "4,100", "100 is out of range, expected 1 to 64"},
      {"patch", "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1", "more than 16 items"},
      {"data", "a,,b", "an item of the list is empty"},
      {"max_walltime", "1:60:00", "is no duration"},
      {"max_walltime", "1:30", "expected hours:minutes:seconds"},
      {"max_walltime", "-5", "is no duration"},
      {"max_walltime", "h", "is no duration"},
      {"max_walltime", "", "is no duration"},
      {"max_walltime", "1e3h5", "is no duration"},
      {"memory", "much", "'much' is no amount of memory, expected as 8G or 500M"},
      {"memory", "", "is no amount of memory"},
      {"memory", "G", "is no amount of memory"},
      {"memory", "-1G", "is no amount of memory"},
      {"memory", "1.5.2G", "is no amount of memory"},
      {"memory", "8Gib2", "is no amount of memory"},
      {"memory", "8iB", "is no amount of memory"},
      {"memory", "8 G", "is no amount of memory"},
      {"memory", "999999999T", "is out of range, expected at least 0"},
      {"max_walltime", "1000d", "86400000 is out of range, expected 0 to 10000000"},
  };
  static settings before;
  defaults();
  REQUIRE_OK(mpp_options_set(&s, table, "data", "kept", ""));
  before = s;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    ASSERT_STATUS(mpp_options_set(&s, table, bad[i].key, bad[i].value, "c.yaml:2:1"),
                  MPP_ERR_CONFIG);
    ASSERT_MESSAGE(bad[i].message);
    CU_ASSERT(s.flag == before.flag && s.steps == before.steps && s.rate == before.rate &&
              s.mode == before.mode && s.walltime == before.walltime && s.memory == before.memory);
    CU_ASSERT_EQUAL(memcmp(&s.patch, &before.patch, sizeof s.patch), 0);
    CU_ASSERT(s.data.count == 1 && strcmp(s.data.item[0], "kept") == 0);
  }
  char *far = NULL;
  REQUIRE_OK(mpp_format(&far, "%01024d", 0));
  ASSERT_STATUS(mpp_options_set(&s, table, "output", far, ""), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("output: text of 1024 bytes, expected at most 1023");
  ASSERT_OK(mpp_options_set(&s, table, "output", far + 1, ""));
  mpp_free(far);
}

static void durations_have_units(void)
{
  static const struct {
    const char *text;
    double seconds;
  } known[] = {{"90", 90},        {"90s", 90},           {"20m", 1200},
               {"2h", 7200},      {"1d", 86400},         {"0.5h", 1800},
               {"1:30:00", 5400}, {"100:00:01", 360001}, {"1e3", 1000}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    ASSERT_OK(mpp_options_set(&s, table, "max_walltime", known[i].text, ""));
    CU_ASSERT_EQUAL(s.walltime, known[i].seconds);
  }
}

static void amounts_of_memory_have_units(void)
{
  static const struct {
    const char *text;
    double bytes;
  } known[] = {
      {"0", 0},          {"1000", 1000},        {"64000k", 65536000}, {"500M", 524288000},
      {"500B", 500},     {"8G", 8589934592.},   {"8GB", 8589934592.}, {"8GiB", 8589934592.},
      {"0.5g", 1 << 29}, {"2T", 2199023255552.}};
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    ASSERT_OK(mpp_options_set(&s, table, "memory", known[i].text, ""));
    CU_ASSERT_EQUAL(s.memory, known[i].bytes);
  }
}

static void lists_of_texts_grow_and_lists_of_numbers_are_replaced(void)
{
  defaults();
  ASSERT_OK(mpp_options_set(&s, table, "data", "a.h5:swe,b.h5", ""));
  ASSERT_OK(mpp_options_set(&s, table, "data", "c.h5", ""));
  CU_ASSERT_EQUAL(s.data.count, 3);
  CU_ASSERT_STRING_EQUAL(s.data.item[0], "a.h5:swe");
  CU_ASSERT_STRING_EQUAL(s.data.item[2], "c.h5");
  ASSERT_OK(mpp_options_set(&s, table, "patch", "8", ""));
  CU_ASSERT(s.patch.count == 1 && s.patch.item[0] == 8);
  ASSERT_OK(mpp_options_set(&s, table, "patch", "", ""));
  CU_ASSERT_EQUAL(s.patch.count, 0);
}

/* Every member written as text and set from it is the same again. */
static void every_value_comes_back_from_its_text(void)
{
  static settings other;
  char text[MPP_LIST_MAX * MPP_TEXT_MAX];
  defaults();
  REQUIRE_OK(mpp_options_set(&s, table, "resume", "yes", ""));
  REQUIRE_OK(mpp_options_set(&s, table, "steps", "123456789012", ""));
  REQUIRE_OK(mpp_options_set(&s, table, "learning-rate", "0.30000000000000004", ""));
  REQUIRE_OK(mpp_options_set(&s, table, "output", "a b=c", ""));
  REQUIRE_OK(mpp_options_set(&s, table, "mode", "extrapolate", ""));
  REQUIRE_OK(mpp_options_set(&s, table, "data", "x,y z,w", ""));
  REQUIRE_OK(mpp_options_set(&s, table, "max-walltime", "0.1", ""));
  REQUIRE_OK(mpp_options_set(&s, table, "memory", "12345678901.9", "")); /* whole bytes */
  REQUIRE_OK(mpp_options_defaults(&other, table));
  for (const mpp_option *entry = table; entry->name != NULL; entry++) {
    const size_t length = mpp_options_format(text, sizeof text, &s, entry);
    CU_ASSERT_EQUAL(length, strlen(text));
    ASSERT_OK(mpp_options_set(&other, table, entry->name, text, ""));
    char cut[4] = "###";
    CU_ASSERT_EQUAL(mpp_options_format(cut, sizeof cut, &s, entry), length); /* as snprintf */
    CU_ASSERT_EQUAL(strncmp(cut, text, 3), 0);
    CU_ASSERT_EQUAL(mpp_options_format(NULL, 0, &s, entry), length);
  }
  CU_ASSERT(other.flag == s.flag && other.steps == s.steps && other.rate == s.rate);
  CU_ASSERT(other.mode == s.mode && other.walltime == s.walltime && other.memory == s.memory);
  CU_ASSERT_STRING_EQUAL(other.text, s.text);
  CU_ASSERT_EQUAL(memcmp(&other.patch, &s.patch, sizeof s.patch), 0);
  CU_ASSERT_EQUAL(memcmp(&other.data, &s.data, sizeof s.data), 0);
}

static void choices_have_names(void)
{
  char text[8];
  mpp_options_choice(text, sizeof text, "a|bb|c", 1);
  CU_ASSERT_STRING_EQUAL(text, "bb");
  mpp_options_choice(text, sizeof text, "a|bb|c", 3);
  CU_ASSERT_STRING_EQUAL(text, "?");
  mpp_options_choice(text, 3, "extrapolate", 0);
  CU_ASSERT_STRING_EQUAL(text, "ex");
}

TESTS({"defaults come from the table", defaults_come_from_the_table},
      {"a wrong default is an internal error", a_wrong_default_is_an_internal_error},
      {"keys may have dashes or underscores", keys_may_have_dashes_or_underscores},
      {"unknown keys are answered in the manner of their origin",
       unknown_keys_are_answered_in_the_manner_of_their_origin},
      {"bad values are named and change nothing", bad_values_are_named_and_change_nothing},
      {"durations have units", durations_have_units},
      {"amounts of memory have units", amounts_of_memory_have_units},
      {"lists of texts grow and lists of numbers are replaced",
       lists_of_texts_grow_and_lists_of_numbers_are_replaced},
      {"every value comes back from its text", every_value_comes_back_from_its_text},
      {"choices have names", choices_have_names})
