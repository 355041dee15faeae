/* train_settings.c - where the settings of a training come from. */
#include "cli.h"

#include <unistd.h>

static void on_message(void *context, const char *text)
{
  (void)context;
  cli_message("%s", text);
}

/* The configuration of the run folder that the line says to go on with, if it has one. */
static const char *stored_config(char *out, size_t size, const mpp_train_options *o)
{
  const int n = snprintf(out, size, "%s/config.yaml", o->output);
  return o->resume && o->data_words.count == 0 && n > 0 && (size_t)n < size &&
                 access(out, F_OK) == 0
             ? out
             : NULL;
}

mpp_status cli_train_settings(mpp_train_options *o, const mpp_option **table, const cli_args *args,
                              void *extra, const char *config)
{
  const mpp_train_observer observer = {.message = on_message};
  mpp_status st = MPP_OK;
  char stored[MPP_TEXT_MAX + 16];
  CLI_TRY(mpp_options_defaults(o, *table));
  CLI_TRY(cli_args_apply(args, o, extra)); /* says which file, and which of its configurations */
  const char *file = args->nwords > 0 ? args->word[0] : stored_config(stored, sizeof stored, o);
  if (file == NULL) {
    goto done;
  }
  CLI_TRY(mpp_options_defaults(o, *table));
  CLI_TRY(mpp_train_read_named(o, table, file, config[0] != '\0' ? config : NULL, &observer));
  CLI_TRY(cli_args_apply(args, o, extra)); /* the line wins */
done:
  return st;
}
