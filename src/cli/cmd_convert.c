/* cmd_convert.c - weights from and to PyTorch; data in published layouts. */
#include "cli.h"

#include <string.h>
#include <unistd.h>

typedef struct convert_options {
  char input[MPP_TEXT_MAX], output[MPP_TEXT_MAX], adapter[MPP_TEXT_MAX];
  int dtype;
  bool overwrite;
} convert_options;

#define AT(member) offsetof(convert_options, member)
static const mpp_option convert_table[] = {
    {"input", 'i', MPP_OPT_TEXT, AT(input), NULL, 0, 0, NULL, "FILE",
     "weights: safetensors, or a checkpoint of PyTorch (.tar, .pt, .pth, .ckpt)"},
    {"output", 'o', MPP_OPT_TEXT, AT(output), NULL, 0, 0, NULL, "FILE",
     "file to write: .safetensors, or .pt, .pth, .tar or .ckpt for PyTorch"},
    {"adapter", 0, MPP_OPT_TEXT, AT(adapter), NULL, 0, 0, NULL, "FILE",
     "adapter of a finetuning with lora-rank, merged into the weights"},
    {"dtype", 0, MPP_OPT_CHOICE, AT(dtype), "f32", 0, 0, MPP_STORAGE_CHOICES, "TYPE",
     "of the numbers in the file: float32, or short floats of half the size"},
    {"overwrite", 0, MPP_OPT_FLAG, AT(overwrite), NULL, 0, 0, NULL, NULL,
     "replace the output if it exists"},
    {.name = NULL}};
#undef AT

typedef enum { TO_SAFETENSORS, TO_TORCH, TO_UNKNOWN } target;

static target target_of(const char *path)
{
  static const char *const torch[] = {".pt", ".pth", ".tar", ".ckpt"};
  const char *dot = strrchr(path, '.');
  if (dot != NULL && strcmp(dot, ".safetensors") == 0) {
    return TO_SAFETENSORS;
  }
  for (size_t i = 0; dot != NULL && i < sizeof torch / sizeof torch[0]; i++) {
    if (strcmp(dot, torch[i]) == 0) {
      return TO_TORCH;
    }
  }
  return TO_UNKNOWN;
}

static void note_losses(const mpp_model *model, const convert_options *o)
{
  const char *first = NULL;
  const size_t losses = mpp_model_storage_losses(model, (mpp_storage)o->dtype, &first);
  if (losses > 0) {
    cli_message("warning: %s: all weights of %zu tensors, first '%s', are below the normal numbers "
                "of %s, and lost digits%s",
                o->output, losses, first, o->dtype == MPP_STORE_F16 ? "float16" : "bfloat16",
                o->dtype == MPP_STORE_F16 ? "; --dtype bf16 keeps its 8 everywhere" : "");
  }
}

static mpp_status convert(const convert_options *o)
{
  mpp_model *model = NULL;
  const target to = target_of(o->output);
  mpp_status st = MPP_OK;
  CLI_TRY(mpp_model_load_adapted(&model, o->input, o->adapter));
  CLI_TRY(to == TO_TORCH ? mpp_model_export_torch(model, o->output, (mpp_storage)o->dtype)
                         : mpp_model_save_as(model, o->output, (mpp_storage)o->dtype));
  const mpp_model_config *c = mpp_model_get_config(model);
  cli_number_text count;
  printf("%s: %s weights, width %d, %d heads, %d blocks\n", o->output,
         cli_count(count, mpp_model_parameter_count(model)), c->embed_dim, c->num_heads,
         c->processor_blocks);
  note_losses(model, o);
  if (to == TO_TORCH && c->mode != MPP_MODE_FRAME) {
    cli_message("note: %s: the published network knows mode 'frame' alone; this model corrects a "
                "base, which its weights do not contain",
                o->output);
  }
done:
  mpp_model_destroy(model);
  return st;
}

/* ---- data ---- */

static void on_progress(void *context, double done)
{
  (void)context;
  cli_progress(done, "converting");
}

static mpp_status convert_data(const convert_options *o, mpp_convert_options *data,
                               const char *line)
{
  static mpp_convert_summary s;
  mpp_status st = MPP_OK;
  snprintf(data->data, sizeof data->data, "%s", o->input);
  snprintf(data->output, sizeof data->output, "%s", o->output);
  data->overwrite = o->overwrite;
  CLI_TRY(mpp_data_convert(&s, data, line, on_progress, NULL));
  cli_progress_end();
  printf("%s: %zu trajector%s of %zu frames, layout %s, %zu file%s%s\n", o->output, s.trajectories,
         s.trajectories == 1 ? "y" : "ies", s.frames, s.layout, s.files, s.files == 1 ? "" : "s",
         s.statistics ? " and stats.yaml" : "");
  for (size_t i = 0; i < s.left_out; i++) {
    cli_message("note: %s: field '%s' is constant in time and left out: layout %s has no place "
                "for it",
                o->output, s.left[i], s.layout);
  }
  if (s.masked) {
    cli_message(
        data->to == MPP_TO_WELL
            ? "note: %s: masked cells are boundary_conditions/masked (mpp masks them again); "
              "those of some fields alone are missing values (NaN: --fill mask)"
            : "note: %s: masked cells are missing values (NaN: --fill mask)",
        o->output);
  }
done:
  return st;
}

/* `convert data IN OUT`, where a model file is not called so. */
static bool is_of_data(const cli_args *args, const mpp_convert_options *data)
{
  return args->nwords > 0 && strcmp(args->word[0], "data") == 0 &&
         (data->to != MPP_TO_NOTHING || access("data", F_OK) != 0);
}

static mpp_status run(const cli_args *args)
{
  static convert_options o;
  static mpp_convert_options data;
  mpp_status st = MPP_OK;
  CLI_TRY(mpp_options_defaults(&o, convert_table));
  CLI_TRY(mpp_options_defaults(&data, mpp_convert_table));
  CLI_TRY(cli_args_apply(args, &o, &data));
  const size_t skip = is_of_data(args, &data) ? 1 : 0;
  if (args->nwords > 2 + skip || (skip == 0 && data.to != MPP_TO_NOTHING)) {
    return cli_fail(MPP_ERR_USAGE, "convert: usage: mpp convert IN OUT, or mpp convert data IN "
                                   "--to well|pdebench -o OUT");
  }
  for (size_t i = skip; i < args->nwords; i++) {
    snprintf(i == skip ? o.input : o.output, MPP_TEXT_MAX, "%s", args->word[i]);
  }
  if (o.input[0] == '\0' || o.output[0] == '\0') {
    return cli_fail(MPP_ERR_USAGE, "convert: needs an input and an output file");
  }
  if (skip > 0) {
    return convert_data(&o, &data, args->line);
  }
  if (target_of(o.output) == TO_UNKNOWN) {
    return cli_fail(MPP_ERR_USAGE,
                    "%s: expected a name that ends in .safetensors, .pt, .pth, .tar or "
                    ".ckpt",
                    o.output);
  }
  if (!o.overwrite && access(o.output, F_OK) == 0) {
    return cli_fail(MPP_ERR_EXISTS, "%s: exists; --overwrite replaces it", o.output);
  }
  st = convert(&o);
done:
  return st;
}

const cli_command cli_convert = {
    .name = "convert",
    .summary = "read or write weights as PyTorch has them, and data as The Well or PDEBench",
    .usage = "IN OUT [options]\n       mpp convert data IN --to well|pdebench -o OUT [options]",
    .details =
        "Published checkpoints (PyTorch's zip files, since version 1.6) are read without "
        "Python, and nothing in them is executed; wrapper prefixes of their names are taken "
        "off, the size is found from the shapes, and the published field names are attached. "
        "What is written as PyTorch has it, torch.load reads. Models stored as short floats are "
        "read everywhere, and computed with in float32.\n"
        "\n"
        "'convert data' writes any data that mpp reads, as the options or a description of data "
        "say, in the layout of The Well (a file, or a folder with data/train, data/valid, "
        "data/test and stats.yaml) or of PDEBench (an array a field for compressible flow and "
        "scalars, else a group a trajectory).\n"
        "\n"
        "  mpp convert ckpt.tar model.safetensors\n"
        "  mpp convert model.safetensors model.pt\n"
        "  mpp convert model.safetensors small.safetensors --dtype bf16\n"
        "  mpp convert base.safetensors merged.safetensors --adapter lab/adapter.safetensors\n"
        "  mpp convert data run.yaml --to well -o datasets/lab\n"
        "  mpp convert data 'run_*.nc' --fields u,v --stride x=2,y=2 --to pdebench -o lab.h5",
    .table = convert_table,
    .extra = mpp_convert_table,
    .max_words = 3,
    .run = run,
};
