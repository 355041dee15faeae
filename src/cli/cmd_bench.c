/* cmd_bench.c - speed of the network on this machine. */
#include "cli.h"

#include "mpp/bench.h"

static double pass_seconds(const mpp_bench_report *r, int stage)
{
  return r->stage[stage][MPP_PASS_FORWARD] + r->stage[stage][MPP_PASS_BACKWARD];
}

static double other_seconds(const mpp_bench_report *r)
{
  double rest = r->fastest_step;
  for (int i = 0; i < MPP_STAGES; i++) { rest -= pass_seconds(r, i); }
  return rest;
}

/* Operations a second and their share of the peak are those of the median time. */
static void print_row(cli_table *t, const char *name, const mpp_bench_report *r,
                      const mpp_bench_time *time, double flops, size_t memory)
{
  cli_number_text text;
  const size_t row = cli_table_row(t);
  cli_table_set(t, row, 0, "%s", name);
  cli_table_set(t, row, 1, "%s", cli_number(text, 1e3 * time->median));
  cli_table_set(t, row, 2, "%s", cli_number(text, 1e3 * time->least));
  cli_table_set(t, row, 3, "%s", cli_number(text, (double)r->shape.B / time->median));
  cli_table_set(t, row, 4, "%s", cli_number(text, 1e-9 * flops / time->median));
  cli_table_set(t, row, 5, "%.0f%%", 100.0 * flops / time->median / r->peak_flops);
  cli_table_set(t, row, 6, "%s", cli_number(text, (double)memory / 1048576.0));
}

static void print_stage(cli_table *t, const char *name, const mpp_stage_cost *cost,
                        const double seconds[MPP_PASSES], double peak)
{
  for (int pass = 0; pass < MPP_PASSES; pass++) {
    cli_number_text text;
    if (cost->bytes[pass] == 0.0) {
      continue;
    }
    const size_t row = cli_table_row(t);
    cli_table_set(t, row, 0, "%s%s", name, pass == MPP_PASS_BACKWARD ? ", backward" : "");
    cli_table_set(t, row, 1, "%s", cli_number(text, 1e3 * seconds[pass]));
    cli_table_set(t, row, 2, "%s", cli_number(text, 1e-9 * cost->flops[pass]));
    cli_table_set(t, row, 3, "%s", cli_number(text, 1e-6 * cost->bytes[pass]));
    cli_table_set(t, row, 4, "%s", cli_number(text, 1e-9 * cost->flops[pass] / seconds[pass]));
    cli_table_set(t, row, 5, "%s", cli_number(text, 1e-9 * cost->bytes[pass] / seconds[pass]));
    cli_table_set(t, row, 6, "%.0f%%", 100.0 * cost->flops[pass] / seconds[pass] / peak);
  }
}

static void print_stages(const mpp_bench_report *r)
{
  static const char *const heads[] = {"stage", "ms", "GFLOP", "MB", "GFLOP/s", "GB/s", "of peak"};
  cli_number_text text;
  cli_table t;
  cli_table_begin(&t, 7, 1);
  const size_t head = cli_table_row(&t);
  for (size_t c = 0; c < 7; c++) { cli_table_set(&t, head, c, "%s", heads[c]); }
  for (int i = 0; i < MPP_STAGES; i++) {
    print_stage(&t, mpp_stage_name((mpp_stage)i), &r->cost.stage[i], r->stage[i], r->peak_flops);
  }
  const size_t other = cli_table_row(&t);
  cli_table_set(&t, other, 0, "loss, normalisation");
  cli_table_set(&t, other, 1, "%s", cli_number(text, 1e3 * other_seconds(r)));
  puts("");
  cli_table_print(stdout, &t, 0);
  cli_table_free(&t);
}

static void print_text(const mpp_bench_options *o, const mpp_bench_report *r)
{
  static const char *const heads[] = {"",        "ms",      "least ms", "windows/s",
                                      "GFLOP/s", "of peak", "MiB"};
  const mpp_window_shape *s = &r->shape;
  cli_number_text text;
  char size[16], precision[16];
  cli_table t;
  mpp_options_choice(size, sizeof size, MPP_SIZE_CHOICES, o->size);
  mpp_options_choice(precision, sizeof precision, MPP_PRECISION_CHOICES, o->precision);
  printf("%s, %s parameters, products in %s; %zu frames of %zux%zux%zu cells, %zu fields, %zu at a "
         "time\n",
         size, cli_count(text, r->cost.parameters), precision, s->T, s->grid[0], s->grid[1],
         s->grid[2], s->C, s->B);
  printf("%d threads, whose large products reach %s GFLOP/s\n\n", mpp_get_threads(),
         cli_number(text, 1e-9 * r->peak_flops));
  cli_table_begin(&t, 7, 1);
  const size_t head = cli_table_row(&t);
  for (size_t c = 0; c < 7; c++) { cli_table_set(&t, head, c, "%s", heads[c]); }
  print_row(&t, "prediction", r, &r->forward, r->cost.forward_flops, r->forward_memory);
  print_row(&t, "training step", r, &r->step, r->cost.step_flops, r->step_memory);
  cli_table_print(stdout, &t, 0);
  cli_table_free(&t);
  if (o->stages) {
    print_stages(r);
  }
}

static json_t *json_pass(const mpp_bench_report *r, const mpp_bench_time *time, double flops,
                         size_t memory)
{
  json_t *one = json_object();
  json_object_set_new(one, "seconds", cli_json_real(time->median));
  json_object_set_new(one, "least_seconds", cli_json_real(time->least));
  json_object_set_new(one, "most_seconds", cli_json_real(time->most));
  json_object_set_new(one, "windows_per_second", cli_json_real((double)r->shape.B / time->median));
  json_object_set_new(one, "gflop", cli_json_real(1e-9 * flops));
  json_object_set_new(one, "gflops", cli_json_real(1e-9 * flops / time->median));
  json_object_set_new(one, "share_of_peak", cli_json_real(flops / time->median / r->peak_flops));
  json_object_set_new(one, "peak_memory_bytes", json_integer((json_int_t)memory));
  return one;
}

static json_t *json_stages(const mpp_bench_report *r)
{
  json_t *list = json_array();
  for (int i = 0; i < MPP_STAGES; i++) {
    const mpp_stage_cost *cost = &r->cost.stage[i];
    for (int pass = 0; pass < MPP_PASSES; pass++) {
      if (cost->bytes[pass] > 0.0) {
        json_t *one = json_object();
        json_object_set_new(one, "stage", json_string(mpp_stage_name((mpp_stage)i)));
        json_object_set_new(one, "pass",
                            json_string(pass == MPP_PASS_FORWARD ? "forward" : "backward"));
        json_object_set_new(one, "seconds", cli_json_real(r->stage[i][pass]));
        json_object_set_new(one, "flop", cli_json_real(cost->flops[pass]));
        json_object_set_new(one, "bytes", cli_json_real(cost->bytes[pass]));
        json_array_append_new(list, one);
      }
    }
  }
  return list;
}

static mpp_status print_json(const mpp_bench_options *o, const mpp_bench_report *r)
{
  json_t *root = json_object(), *grid = json_array();
  char size[16], precision[16];
  mpp_options_choice(size, sizeof size, MPP_SIZE_CHOICES, o->size);
  mpp_options_choice(precision, sizeof precision, MPP_PRECISION_CHOICES, o->precision);
  for (int a = 0; a < 3; a++) {
    json_array_append_new(grid, json_integer((json_int_t)r->shape.grid[a]));
  }
  json_object_set_new(root, "size", cli_json_text(size));
  json_object_set_new(root, "precision", cli_json_text(precision));
  json_object_set_new(root, "parameters", json_integer((json_int_t)r->cost.parameters));
  json_object_set_new(root, "grid", grid);
  json_object_set_new(root, "frames", json_integer((json_int_t)r->shape.T));
  json_object_set_new(root, "batch", json_integer((json_int_t)r->shape.B));
  json_object_set_new(root, "fields", json_integer((json_int_t)r->shape.C));
  json_object_set_new(root, "threads", json_integer(mpp_get_threads()));
  json_object_set_new(root, "peak_gflops", cli_json_real(1e-9 * r->peak_flops));
  json_object_set_new(root, "prediction",
                      json_pass(r, &r->forward, r->cost.forward_flops, r->forward_memory));
  json_object_set_new(root, "step", json_pass(r, &r->step, r->cost.step_flops, r->step_memory));
  if (o->stages) {
    json_object_set_new(root, "stages", json_stages(r));
    json_object_set_new(root, "stages_step_seconds", cli_json_real(r->fastest_step));
  }
  return cli_json_print(root);
}

static mpp_status run(const cli_args *args)
{
  mpp_bench_options o;
  mpp_bench_report report;
  mpp_status st = MPP_OK;
  CLI_TRY(mpp_options_defaults(&o, mpp_bench_table));
  CLI_TRY(cli_args_apply(args, &o, NULL));
  CLI_TRY(mpp_bench(&report, &o));
  if (o.json) {
    st = print_json(&o, &report);
  } else {
    print_text(&o, &report);
  }
done:
  return st;
}

const cli_command cli_bench = {
    .name = "bench",
    .summary = "measure the speed of a network on this machine",
    .usage = "[--size Ti] [--grid N] [options]",
    .details = "Times predictions and training steps on random data: windows and operations a "
               "second, their share of what large float32 matrix products reach here, and the peak "
               "memory of the process. --stages adds each part of the network, in a step: two "
               "operations for each multiplication of its products, and the bytes of the arrays "
               "that its kernels read and write.\n"
               "\n"
               "  mpp bench --size S --stages",
    .table = mpp_bench_table,
    .max_words = 0,
    .run = run,
};
