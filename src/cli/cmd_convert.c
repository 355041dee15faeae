/* cmd_convert.c - weights from and to PyTorch. */
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

static mpp_status run(const cli_args *args)
{
  static convert_options o;
  mpp_status st = MPP_OK;
  CLI_TRY(mpp_options_defaults(&o, convert_table));
  for (size_t i = 0; i < args->nwords; i++) {
    snprintf(i == 0 ? o.input : o.output, MPP_TEXT_MAX, "%s", args->word[i]);
  }
  CLI_TRY(cli_args_apply(args, &o, NULL));
  if (o.input[0] == '\0' || o.output[0] == '\0') {
    return cli_fail(MPP_ERR_USAGE, "convert: needs an input and an output file");
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
    .summary = "read or write weights as PyTorch has them",
    .usage = "IN OUT [options]",
    .details =
        "Published checkpoints (PyTorch's zip files, since version 1.6) are read without "
        "Python, and nothing in them is executed; wrapper prefixes of their names are taken "
        "off, the size is found from the shapes, and the published field names are attached. "
        "What is written as PyTorch has it, torch.load reads. Models stored as short floats are "
        "read everywhere, and computed with in float32.\n"
        "\n"
        "  mpp convert ckpt.tar model.safetensors\n"
        "  mpp convert model.safetensors model.pt\n"
        "  mpp convert model.safetensors small.safetensors --dtype bf16\n"
        "  mpp convert base.safetensors merged.safetensors --adapter lab/adapter.safetensors",
    .table = convert_table,
    .max_words = 2,
    .run = run,
};
