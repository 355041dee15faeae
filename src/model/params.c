/* params.c - THE parameter list: published names and shapes in the order in which data meets them,
 * and the published initialisation, which is PyTorch's defaults: weights and biases of linear maps
 * and convolutions uniform in +-1/sqrt(fan_in), embeddings standard normal, norms 1 and 0, layer
 * scale 1e-6. fan_in of a transposed convolution counts its output channels times the kernel, since
 * PyTorch reads it from the second axis of the weight. */
#include "params.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "config.h"
#include "layout.h"
#include "rng.h"
#include "threads.h"

typedef enum { INIT_CONSTANT, INIT_UNIFORM, INIT_NORMAL } init_kind;

/* The list is written by the code that counts it: entry NULL counts. */
typedef struct builder {
  mpp_param *entry;
  size_t count, total;
  mpp_part part;
  int block;
  char prefix[64];
} builder;

typedef struct shape {
  size_t rank, n[4];
} shape;

static shape vector(size_t n) { return (shape){1, {n}}; }
static shape matrix(size_t rows, size_t columns) { return (shape){2, {rows, columns}}; }
static shape kernel(size_t a, size_t b, size_t f) { return (shape){4, {a, b, f, f}}; }

static double fan_in_bound(size_t fan_in) { return 1.0 / sqrt((double)fan_in); }

static void begin(builder *b, mpp_part part, int block, const char *format, ...) MPP_PRINTF(4, 5);
static void begin(builder *b, mpp_part part, int block, const char *format, ...)
{
  va_list args;
  b->part = part;
  b->block = block;
  va_start(args, format);
  vsnprintf(b->prefix, sizeof b->prefix, format, args);
  va_end(args);
}

/* Appends an entry and returns its offset. `bound` is the value of INIT_CONSTANT. */
static size_t add(builder *b, const char *name, shape s, init_kind init, double bound)
{
  size_t count = 1;
  int long_axes = 0;
  for (size_t i = 0; i < s.rank; i++) {
    count *= s.n[i];
    long_axes += s.n[i] > 1;
  }
  const size_t offset = b->total;
  if (b->entry != NULL) {
    mpp_param *p = &b->entry[b->count];
    const int length = snprintf(p->name, sizeof p->name, "%s%s", b->prefix, name);
    assert(length > 0 && (size_t)length < sizeof p->name);
    (void)length;
    p->part = b->part;
    p->block = b->block;
    p->rank = s.rank;
    memcpy(p->shape, s.n, sizeof s.n);
    p->offset = offset;
    p->count = count;
    p->field_axis = -1;
    p->decays = long_axes >= 2;
    p->used = true;
    p->init = (int)init;
    p->bound = bound;
  }
  b->count++;
  b->total += count;
  return offset;
}

static size_t add_ones(builder *b, const char *name, size_t n)
{
  return add(b, name, vector(n), INIT_CONSTANT, 1.0);
}

static size_t add_zeros(builder *b, const char *name, size_t n)
{
  return add(b, name, vector(n), INIT_CONSTANT, 0.0);
}

/* A weight [out, in] of a block; what follows is as for any other entry. */
static size_t add_map(builder *b, const char *name, shape s, mpp_map map, size_t fan_in)
{
  const size_t offset = add(b, name, s, INIT_UNIFORM, fan_in_bound(fan_in));
  if (b->entry != NULL) {
    b->entry[b->count - 1].map = map;
  }
  return offset;
}

/* The published norms without centring store a bias that they never add. */
static size_t add_unused(builder *b, const char *name, size_t n)
{
  const size_t offset = add_zeros(b, name, n);
  if (b->entry != NULL) {
    b->entry[b->count - 1].used = false;
  }
  return offset;
}

static void set_field_axis(builder *b, int axis)
{
  if (b->entry != NULL) {
    b->entry[b->count - 1].field_axis = axis;
  }
}

static void build_stem(builder *b, mpp_stem_layout *l, const mpp_model_config *config,
                       size_t n_states)
{
  char name[32];
  const size_t d = mpp_config_stem_dim(config);
  begin(b, MPP_PART_EMBED, 0, "space_bag.");
  l->bag_w = add(b, "weight", matrix(d, n_states), INIT_UNIFORM, fan_in_bound(n_states));
  set_field_axis(b, 1);
  l->bag_b = add(b, "bias", vector(d), INIT_UNIFORM, fan_in_bound(n_states));
  if (config->increments) {
    l->increment_w =
        add(b, "increment_weight", matrix(d, n_states), INIT_UNIFORM, fan_in_bound(n_states));
    set_field_axis(b, 1);
  }
  begin(b, MPP_PART_EMBED, 0, "embed.in_proj.");
  for (int i = 0; i < config->npatch; i++) {
    const size_t f = (size_t)config->patch[i];
    const size_t out = i == config->npatch - 1 ? 4 * d : d;
    snprintf(name, sizeof name, "%d.weight", 3 * i);
    l->conv[i] = add(b, name, kernel(out, d, f), INIT_UNIFORM, fan_in_bound(d * f * f));
    snprintf(name, sizeof name, "%d.weight", 3 * i + 1);
    l->norm_w[i] = add_ones(b, name, out);
    snprintf(name, sizeof name, "%d.bias", 3 * i + 1);
    l->norm_b[i] = add_unused(b, name, out);
  }
}

static void build_bias(builder *b, mpp_bias_layout *l, const mpp_model_config *config)
{
  const size_t hidden = 512, heads = (size_t)config->num_heads;
  if (config->bias == MPP_BIAS_REL) {
    l->table =
        add(b, "rel_pos_bias.relative_attention_bias.weight", matrix(32, heads), INIT_NORMAL, 1.0);
  } else {
    l->w0 = add(b, "rel_pos_bias.cpb_mlp.0.weight", matrix(hidden, 1), INIT_UNIFORM, 1.0);
    l->b0 = add(b, "rel_pos_bias.cpb_mlp.0.bias", vector(hidden), INIT_UNIFORM, 1.0);
    l->w2 = add(b, "rel_pos_bias.cpb_mlp.2.weight", matrix(heads, hidden), INIT_UNIFORM,
                fan_in_bound(hidden));
  }
}

/* `centred`: the time block's ordinary instance norms, whose bias takes part. */
static void build_attention(builder *b, mpp_attention_layout *l, const mpp_model_config *config,
                            bool centred)
{
  size_t (*add_norm_bias)(builder *, const char *, size_t) = centred ? add_zeros : add_unused;
  const size_t c = (size_t)config->embed_dim, dh = c / (size_t)config->num_heads;
  const double bound = fan_in_bound(c);
  l->norm1_w = add_ones(b, "norm1.weight", c);
  l->norm1_b = add_norm_bias(b, "norm1.bias", c);
  l->input_w = add_map(b, "input_head.weight", kernel(3 * c, c, 1), MPP_MAP_ATTENTION, c);
  l->input_b = add(b, "input_head.bias", vector(3 * c), INIT_UNIFORM, bound);
  l->qnorm_w = add_ones(b, "qnorm.weight", dh);
  l->qnorm_b = add_zeros(b, "qnorm.bias", dh);
  l->knorm_w = add_ones(b, "knorm.weight", dh);
  l->knorm_b = add_zeros(b, "knorm.bias", dh);
  build_bias(b, &l->bias, config);
  l->norm2_w = add_ones(b, "norm2.weight", c);
  l->norm2_b = add_norm_bias(b, "norm2.bias", c);
  l->output_w = add_map(b, "output_head.weight", kernel(c, c, 1), MPP_MAP_ATTENTION, c);
  l->output_b = add(b, "output_head.bias", vector(c), INIT_UNIFORM, bound);
}

static void build_block(builder *b, mpp_block_layout *l, const mpp_model_config *config, int block)
{
  const size_t c = (size_t)config->embed_dim;
  const double gamma = 1e-6;
  l->first = b->total;
  begin(b, MPP_PART_BLOCK, block, "blocks.%d.temporal.", block);
  build_attention(b, &l->time, config, true);
  l->time_gamma = add(b, "gamma", vector(c), INIT_CONSTANT, gamma);
  begin(b, MPP_PART_BLOCK, block, "blocks.%d.spatial.", block);
  build_attention(b, &l->space, config, false);
  l->space_gamma_att = add(b, "gamma_att", vector(c), INIT_CONSTANT, gamma);
  l->fc1_w = add_map(b, "mlp.fc1.weight", matrix(4 * c, c), MPP_MAP_MLP, c);
  l->fc1_b = add(b, "mlp.fc1.bias", vector(4 * c), INIT_UNIFORM, fan_in_bound(c));
  l->fc2_w = add_map(b, "mlp.fc2.weight", matrix(c, 4 * c), MPP_MAP_MLP, 4 * c);
  l->fc2_b = add(b, "mlp.fc2.bias", vector(c), INIT_UNIFORM, fan_in_bound(4 * c));
  l->mlp_norm_w = add_ones(b, "mlp_norm.weight", c);
  l->mlp_norm_b = add_unused(b, "mlp_norm.bias", c);
  l->space_gamma_mlp = add(b, "gamma_mlp", vector(c), INIT_CONSTANT, gamma);
  l->end = b->total;
}

static void build_destem(builder *b, mpp_destem_layout *l, const mpp_model_config *config,
                         size_t n_states)
{
  char name[32];
  const size_t d = mpp_config_stem_dim(config);
  const int last = config->npatch - 1;
  begin(b, MPP_PART_HEAD, 0, "debed.out_proj.");
  for (int i = 0; i < last; i++) {
    const size_t f = (size_t)config->patch[last - i];
    snprintf(name, sizeof name, "%d.weight", 3 * i);
    l->deconv[i] =
        add(b, name, kernel(i == 0 ? 4 * d : d, d, f), INIT_UNIFORM, fan_in_bound(d * f * f));
    snprintf(name, sizeof name, "%d.weight", 3 * i + 1);
    l->norm_w[i] = add_ones(b, name, d);
    snprintf(name, sizeof name, "%d.bias", 3 * i + 1);
    l->norm_b[i] = add_unused(b, name, d);
  }
  begin(b, MPP_PART_HEAD, 0, "debed.");
  /* A correction of a base starts at nothing: an untrained model equals its base. */
  const bool published = config->mode == MPP_MODE_FRAME;
  const init_kind init = published ? INIT_UNIFORM : INIT_CONSTANT;
  const size_t f = (size_t)config->patch[0];
  const double bound = published ? fan_in_bound(n_states * f * f) : 0.0;
  l->kernel = add(b, "out_kernel", kernel(last == 0 ? 4 * d : d, n_states, f), init, bound);
  set_field_axis(b, 1);
  l->bias = add(b, "out_bias", vector(n_states), init, bound);
  set_field_axis(b, 0);
}

static void build(builder *b, mpp_layout *l, const mpp_model_config *config, size_t n_states)
{
  build_stem(b, &l->stem, config, n_states);
  for (int i = 0; i < config->processor_blocks; i++) { build_block(b, &l->block[i], config, i); }
  build_destem(b, &l->destem, config, n_states);
  if (config->edges) { /* the last one: with it the others begin as they do without */
    begin(b, MPP_PART_EMBED, 0, "edge_embed.");
    l->edge = add(b, "weight", matrix(12, (size_t)config->embed_dim), INIT_CONSTANT, 0.0);
  }
}

mpp_status mpp_params_create(mpp_params **out, const mpp_model_config *config, size_t n_states)
{
  mpp_status st = MPP_OK;
  mpp_params *p = NULL;
  builder b = {.entry = NULL};
  MPP_TRY(mpp_config_check(config));
  MPP_REQUIRE(n_states >= 1 && n_states <= MPP_MAX_STATES, MPP_ERR_CONFIG,
              "vocabulary: %zu columns, expected 1 to %d", n_states, MPP_MAX_STATES);
  MPP_TRY(MPP_ALLOC(&p, 1));
  MPP_TRY(MPP_ALLOC(&p->layout, 1));
  MPP_TRY(MPP_ALLOC(&p->layout->block, (size_t)config->processor_blocks));
  build(&b, p->layout, config, n_states);
  p->count = b.count;
  p->total = b.total;
  MPP_TRY(MPP_ALLOC(&p->entry, p->count));
  b = (builder){.entry = p->entry};
  build(&b, p->layout, config, n_states);
  *out = p;
  p = NULL;
done:
  mpp_params_destroy(p);
  return st;
}

void mpp_params_destroy(mpp_params *p)
{
  if (p == NULL) {
    return;
  }
  if (p->layout != NULL) {
    mpp_free(p->layout->block);
  }
  mpp_free(p->layout);
  mpp_free(p->entry);
  mpp_free(p);
}

const mpp_param *mpp_params_find(const mpp_params *p, const char *name)
{
  for (size_t i = 0; i < p->count; i++) {
    if (strcmp(p->entry[i].name, name) == 0) {
      return &p->entry[i];
    }
  }
  return NULL;
}

void mpp_params_init(float *w, const mpp_params *p, uint64_t seed)
{
  for (size_t k = 0; k < p->count; k++) {
    const mpp_param *e = &p->entry[k];
    float *we = w + e->offset;
#pragma omp parallel for num_threads(mpp_threads()) schedule(static)
    for (size_t i = 0; i < e->count; i++) {
      const uint32_t tensor = (uint32_t)k;
      if (e->init == INIT_CONSTANT) {
        we[i] = (float)e->bound;
      } else if (e->init == INIT_NORMAL) {
        we[i] = (float)(e->bound * mpp_rng_normal(seed, MPP_STREAM_INIT, i, tensor));
      } else {
        const double u = mpp_rng_uniform(seed, MPP_STREAM_INIT, i, tensor);
        we[i] = (float)(e->bound * (2.0 * u - 1.0));
      }
    }
  }
}
