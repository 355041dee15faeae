/* cmd_plan.c - what a training will take: memory by part, operations, time; and what fits. */
#include "cli.h"

#include <math.h>
#include <string.h>

typedef struct plan_settings {
  char config[MPP_TEXT_MAX], model[MPP_TEXT_MAX];
  long grid, fields;
  double seconds;
} plan_settings;

#define AT(member) offsetof(plan_settings, member)
static const mpp_option plan_table[] = {
    CLI_CONFIG_ROW(plan_settings, config),
    {"model", 'm', MPP_OPT_TEXT, AT(model), NULL, 0, 0, NULL, "SIZE|FILE",
     "a named size, or a checkpoint whose network is planned for"},
    {"grid", 0, MPP_OPT_LONG, AT(grid), "0", 0, 65536, NULL, "N",
     "cells along each of two axes, in the place of data; 0: the grids of the datasets"},
    {"fields", 0, MPP_OPT_LONG, AT(fields), "4", 1, MPP_MAX_FIELDS, NULL, "N",
     "fields on that grid"},
    {"measure", 0, MPP_OPT_DURATION, AT(seconds), "10", 0, 1e6, NULL, "TIME",
     "time for real steps on random data [s]; 0: none"},
    {.name = NULL}};
#undef AT

/* "S" sets the size, anything else is a checkpoint. */
static mpp_status take_model(mpp_train_options *o, const char *model)
{
  const mpp_option *size = mpp_options_find(mpp_pretrain_table, "size");
  if (model[0] == '\0') {
    return MPP_OK;
  }
  if (mpp_options_set(o, mpp_pretrain_table, size->name, model, "--model") != MPP_OK) {
    memcpy(o->model, model, sizeof o->model);
  }
  return MPP_OK;
}

/* ---- results ---- */

typedef char bytes_text[24];

static const char *mebibytes(bytes_text out, size_t bytes)
{
  snprintf(out, sizeof(bytes_text), "%.*f", bytes < (size_t)10 << 20 ? 1 : 0,
           (double)bytes / 1048576.0);
  return out;
}

static void print_memory(const mpp_plan *p)
{
  bytes_text text;
  cli_table t;
  cli_table_begin(&t, 2, 1);
  size_t row = cli_table_row(&t);
  cli_table_set(&t, row, 0, "memory");
  cli_table_set(&t, row, 1, "MiB");
  for (int i = 0; i < MPP_PLAN_PARTS; i++) {
    if (p->part[i] > 0) {
      row = cli_table_row(&t);
      cli_table_set(&t, row, 0, "%s", mpp_plan_part_name((mpp_plan_part)i));
      cli_table_set(&t, row, 1, "%s", mebibytes(text, p->part[i]));
    }
  }
  row = cli_table_row(&t);
  cli_table_set(&t, row, 0, "at the peak");
  cli_table_set(&t, row, 1, "%s", mebibytes(text, p->total));
  cli_table_print(stdout, &t, 0);
  cli_table_free(&t);
}

/* What to do about it. */
static void print_advice(const mpp_plan *p, const mpp_train_options *o)
{
  bytes_text room, least;
  char size[16];
  const size_t limit = o->memory > 0.0 ? (size_t)o->memory : p->available;
  if (p->fits) {
    if (p->batch != o->batch || p->recompute != o->recompute) {
      printf("to fit    --batch=%ld --accumulate=%ld%s\n", p->batch, p->accumulate,
             p->recompute ? " --recompute" : "");
    }
    return;
  }
  printf("does not fit into %s MiB; the least is %s MiB, with --batch=1 and --recompute\n",
         mebibytes(room, limit), mebibytes(least, p->least));
  if (p->least > limit && p->fitting >= 0) {
    mpp_options_choice(size, sizeof size, MPP_SIZE_CHOICES, p->fitting);
    printf("would fit --size=%s --batch=1 --recompute\n", size);
  } else if (p->least > limit) {
    puts("would fit a smaller grid, larger patches, or fewer frames (--context)");
  }
}

static void print_text(const mpp_plan *p, const mpp_train_options *o)
{
  cli_number_text number;
  cli_time_text time;
  bytes_text text;
  const mpp_window_shape *s = &p->largest;
  char depth[32] = "";
  if (s->grid[0] > 1) {
    snprintf(depth, sizeof depth, "%zux", s->grid[0]);
  }
  printf("network   %s parameters: width %d, %d heads, %d blocks\n",
         cli_count(number, p->parameters), p->config.embed_dim, p->config.num_heads,
         p->config.processor_blocks);
  printf(
      "windows   %zu frames of %zu fields on %s%zux%zu cells; %ld in a micro-batch, %ld of these a "
      "step%s\n",
      s->T, s->C, depth, s->grid[1], s->grid[2], p->batch, p->accumulate,
      p->recompute ? ", with recomputation" : "");
  puts("");
  print_memory(p);
  puts("");
  if (p->available < SIZE_MAX) {
    printf("available %s MiB\n", mebibytes(text, p->available));
  }
  print_advice(p, o);
  printf("a step    %s GFLOP", cli_number(number, 1e-9 * p->flops));
  if (isfinite(p->seconds)) {
    printf(", %s s", cli_number(number, p->seconds));
    printf(" (%s GFLOP/s, %zu micro-batch%s measured with %d threads)\n",
           cli_number(number, 1e-9 * p->flops / p->seconds), p->measured,
           p->measured == 1 ? "" : "es", mpp_get_threads());
    printf("%ld steps  %s, reading and validation not counted\n", o->steps,
           cli_time(time, p->seconds * (double)o->steps));
  } else {
    puts("");
  }
}

static mpp_status print_json(const mpp_plan *p, const mpp_train_options *o)
{
  json_t *root = json_object(), *memory = json_object(), *grid = json_array();
  char size[16];
  for (int a = 0; a < 3; a++) {
    json_array_append_new(grid, json_integer((json_int_t)p->largest.grid[a]));
  }
  for (int i = 0; i < MPP_PLAN_PARTS; i++) {
    json_object_set_new(memory, mpp_plan_part_name((mpp_plan_part)i),
                        json_integer((json_int_t)p->part[i]));
  }
  json_object_set_new(memory, "total", json_integer((json_int_t)p->total));
  json_object_set_new(root, "parameters", json_integer((json_int_t)p->parameters));
  json_object_set_new(root, "width", json_integer(p->config.embed_dim));
  json_object_set_new(root, "heads", json_integer(p->config.num_heads));
  json_object_set_new(root, "blocks", json_integer(p->config.processor_blocks));
  json_object_set_new(root, "frames", json_integer((json_int_t)p->largest.T));
  json_object_set_new(root, "fields", json_integer((json_int_t)p->largest.C));
  json_object_set_new(root, "grid", grid);
  json_object_set_new(root, "batch", json_integer(p->batch));
  json_object_set_new(root, "accumulate", json_integer(p->accumulate));
  json_object_set_new(root, "recompute", json_boolean(p->recompute));
  json_object_set_new(root, "memory_bytes", memory);
  json_object_set_new(root, "available_bytes",
                      p->available < SIZE_MAX ? json_integer((json_int_t)p->available)
                                              : json_null());
  json_object_set_new(root, "fits", json_boolean(p->fits));
  json_object_set_new(root, "least_bytes", json_integer((json_int_t)p->least));
  if (p->fitting >= 0) {
    mpp_options_choice(size, sizeof size, MPP_SIZE_CHOICES, p->fitting);
    json_object_set_new(root, "fitting_size", json_string(size));
  } else {
    json_object_set_new(root, "fitting_size", json_null());
  }
  json_object_set_new(root, "step_flop", cli_json_real(p->flops));
  json_object_set_new(root, "step_seconds", cli_json_real(p->seconds));
  json_object_set_new(root, "measured_micro_batches", json_integer((json_int_t)p->measured));
  json_object_set_new(root, "threads", json_integer(mpp_get_threads()));
  json_object_set_new(root, "steps", json_integer(o->steps));
  return cli_json_print(root);
}

static mpp_status run_plan(const cli_args *args)
{
  static mpp_train_options o; /* large: texts of fixed length */
  mpp_status st = MPP_OK;
  plan_settings settings;
  mpp_plan plan;
  mpp_plan_request request = {0};
  const mpp_option *table = mpp_pretrain_table;
  CLI_TRY(mpp_options_defaults(&settings, plan_table));
  CLI_TRY(cli_train_settings(&o, &table, args, &settings, settings.config));
  CLI_TRY(take_model(&o, settings.model));
  request.grid = settings.grid;
  request.fields = settings.fields;
  request.seconds = settings.seconds;
  if (request.grid == 0 && o.ndata == 0 && o.data_words.count == 0) {
    st = cli_fail(MPP_ERR_USAGE, "plan: for what? usage: mpp plan CONFIG.yaml, or "
                                 "mpp plan --model S --grid 512 --batch 4");
    goto done;
  }
  CLI_TRY(mpp_plan_training(&plan, &o, table, &request));
  if (o.json) {
    st = print_json(&plan, &o);
  } else {
    print_text(&plan, &o);
  }
done:
  return st;
}

const cli_command cli_plan = {
    .name = "plan",
    .summary = "say what a training will take: memory, operations, time",
    .usage = "[CONFIG.yaml] [--model SIZE|FILE --grid N] [--memory 8G] [--key=value ...]",
    .details =
        "Takes the settings of pretrain and trains nothing: memory at the peak by part, operations "
        "of a step, and the time of a step, measured here by a few real ones on random data. With "
        "--grid it needs no data. --memory chooses the largest micro-batch that fits, with "
        "--recompute where needed, and says what would fit where nothing does. What training "
        "then takes stays within a tenth of it.\n"
        "\n"
        "  mpp plan examples/configs/s.yaml --memory=16G\n"
        "  mpp plan --model S --grid 512 --batch 4",
    .table = mpp_pretrain_table,
    .extra = plan_table,
    .max_words = 1,
    .run = run_plan,
};
