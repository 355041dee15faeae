/* physics.c - exact corrections. A quantity Q is kept by adding a d to the frame, with d = 1 in the
 * cells of one field (mass: density or depth; momentum: velocity; energy: pressure), or d = the
 * field itself where it must stay positive. Q is linear in a along these, so that a = (target - Q)
 * / slope meets the target at once, but for the rounding of the frame to float32; a second round
 * takes out what that leaves of the mean. */
#include "physics.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"

void mpp_physics_free(mpp_physics *p)
{
  mpp_free(p->trial);
  *p = (mpp_physics){0};
}

/* ---- which ---- */

static size_t find_field(const mpp_dataset_info *info, const char *name)
{
  size_t f = 0;
  while (f < info->nfields && strcmp(mpp_field_short(info->field[f]), name) != 0) { f++; }
  return f;
}

/* The field that a conserved quantity is corrected by; nfields if there is none. */
static size_t field_of(const mpp_dataset_info *info, const char *quantity)
{
  static const char *const table[][2] = {
      {"mass", "density"},  {"mass", "h"},        {"momentum_x", "Vx"},
      {"momentum_y", "Vy"}, {"momentum_z", "Vz"}, {"energy", "pressure"},
      {"momentum", "v"},    {"mean", "u"},        {"A_plus_B", "A"},
  };
  size_t field = find_field(info, quantity);
  for (size_t i = 0; field == info->nfields && i < sizeof table / sizeof table[0]; i++) {
    if (strcmp(quantity, table[i][0]) == 0) {
      field = find_field(info, table[i][1]);
    }
  }
  return field;
}

/* "mass, energy; fields: density, ..." */
static void list_all(char *out, size_t size, const mpp_dataset_info *info,
                     const mpp_pde_balance *balance)
{
  size_t used = 0;
  out[0] = '\0';
  for (size_t i = 0; i < balance->count && used < size; i++) {
    if (field_of(info, balance->name[i]) < info->nfields) {
      used += (size_t)snprintf(out + used, size - used, "%s, ", balance->name[i]);
    }
  }
  for (size_t f = 0; f < info->nfields && used < size; f++) {
    used += (size_t)snprintf(out + used, size - used, "%s%s", f > 0 ? ", " : "",
                             mpp_field_short(info->field[f]));
  }
}

static double field_sum(const float *x, size_t cells)
{
  double sum = 0.0;
  for (size_t i = 0; i < cells; i++) { sum += (double)x[i]; }
  return sum;
}

/* True if `word` names the quantity: itself, all, or the word before "_x". */
static bool names(const char *word, const char *quantity)
{
  const size_t n = strlen(word);
  return strcmp(word, "all") == 0 || strcmp(word, quantity) == 0 ||
         (strncmp(word, quantity, n) == 0 && quantity[n] == '_' && strlen(quantity) == n + 2);
}

static void add_rule(mpp_physics *p, size_t field, const char *quantity, double target)
{
  for (size_t i = 0; i < p->nrules; i++) {
    if (p->rule[i].field == field) { /* two quantities by one field cannot both be kept */
      return;
    }
  }
  mpp_physics_rule *rule = &p->rule[p->nrules++];
  *rule = (mpp_physics_rule){.field = field, .target = target};
  snprintf(rule->quantity, sizeof rule->quantity, "%s", quantity);
}

/* Rules come in the order of the balance, mass first: momentum is kept with the mass corrected. */
static mpp_status add_rules(mpp_physics *p, const mpp_text_list *words,
                            const mpp_dataset_info *info, const mpp_pde_balance *balance,
                            const float *last)
{
  mpp_status st = MPP_OK;
  char list[1024];
  static const char *const late[] = {"energy"};
  for (int pass = 0; pass < 2; pass++) {
    for (size_t i = 0; i < balance->count; i++) {
      const size_t field = field_of(info, balance->name[i]);
      const bool is_late = strcmp(balance->name[i], late[0]) == 0; /* holds velocities and mass */
      for (size_t w = 0; w < words->count && is_late == (pass == 1); w++) {
        if (field < info->nfields && names(words->item[w], balance->name[i])) {
          add_rule(p, field, balance->name[i], balance->value[i]);
        }
      }
    }
  }
  for (size_t w = 0; w < words->count; w++) {
    const size_t field = find_field(info, words->item[w]);
    bool known = false;
    for (size_t i = 0; i < balance->count; i++) {
      known = known || (names(words->item[w], balance->name[i]) &&
                        field_of(info, balance->name[i]) < info->nfields);
    }
    list_all(list, sizeof list, info, balance);
    MPP_REQUIRE(known || field < info->nfields, MPP_ERR_USAGE,
                "--conserve %s: not known for %s, expected one of %s", words->item[w], info->path,
                list);
    if (!known) {
      add_rule(p, field, "", field_sum(last + field * p->cells, p->cells));
    }
  }
done:
  return st;
}

static mpp_status add_floors(mpp_physics *p, const mpp_rollout_options *o,
                             const mpp_dataset_info *info, const float *x, size_t T)
{
  static const char *const positive[] = {"density", "pressure", "h"};
  mpp_status st = MPP_OK;
  for (size_t w = 0; w < o->positive.count; w++) {
    const char *word = o->positive.item[w];
    const bool all = strcmp(word, "all") == 0;
    const size_t field = find_field(info, word);
    MPP_REQUIRE(all || field < info->nfields, MPP_ERR_USAGE, "--positive %s: %s has no such field",
                word, info->path);
    for (size_t i = 0; all && i < 3; i++) {
      const size_t f = find_field(info, positive[i]);
      if (f < info->nfields) {
        p->clips[f] = true;
      }
    }
    if (!all) {
      p->clips[field] = true;
    }
  }
  for (size_t f = 0; f < p->nfields; f++) {
    float least = INFINITY;
    for (size_t at = 0; at < T * p->nfields * p->cells; at++) {
      least = at / p->cells % p->nfields == f && x[at] < least ? x[at] : least;
    }
    MPP_REQUIRE(!p->clips[f] || least >= 0.0f, MPP_ERR_USAGE, "--positive %s: the context has %g",
                mpp_field_short(info->field[f]), (double)least);
    p->low[f] = (float)o->floor * least;
  }
done:
  return st;
}

mpp_status mpp_physics_begin(mpp_physics *p, const mpp_rollout_options *o,
                             const mpp_dataset_info *info, const mpp_reference *reference,
                             const float *x, size_t T)
{
  mpp_status st = MPP_OK;
  mpp_pde_balance balance = {0};
  p->nfields = info->nfields;
  p->cells = info->grid[0] * info->grid[1] * info->grid[2];
  p->stream = reference->stream;
  const float *last = x + (T - 1) * p->nfields * p->cells;
  MPP_TRY(MPP_ALLOC(&p->trial, p->nfields * p->cells));
  if (p->stream != NULL) {
    mpp_pde_stream_balance(p->stream, &balance, last);
  }
  MPP_TRY(add_floors(p, o, info, x, T));
  MPP_TRY(add_rules(p, &o->conserve, info, &balance, last));
done:
  return st;
}

/* ---- corrections ---- */

static double measure(mpp_physics *p, const mpp_physics_rule *rule, const float *y)
{
  mpp_pde_balance balance;
  if (rule->quantity[0] == '\0') {
    return field_sum(y + rule->field * p->cells, p->cells);
  }
  mpp_pde_stream_balance(p->stream, &balance, y);
  for (size_t i = 0; i < balance.count; i++) {
    if (strcmp(balance.name[i], rule->quantity) == 0) {
      return balance.value[i];
    }
  }
  return NAN;
}

/* y = from + a d in the cells of the rule's field. */
static void move(const mpp_physics *p, const mpp_physics_rule *rule, float *y, const float *from,
                 double a)
{
  const size_t first = rule->field * p->cells;
  const bool scales = p->clips[rule->field];
  for (size_t i = first; i < first + p->cells; i++) {
    const double x = (double)from[i];
    if (p->hidden == NULL || p->hidden[i] == 0) {
      y[i] = (float)(scales ? x * (1.0 + a) : x + a);
    }
  }
}

/* A size of step along d that float32 resolves well. */
static double probe_step(const mpp_physics *p, const mpp_physics_rule *rule, const float *y)
{
  double largest = 0.0;
  for (size_t i = 0; i < p->cells; i++) {
    largest = fmax(largest, fabs((double)y[rule->field * p->cells + i]));
  }
  return p->clips[rule->field] ? 1.0 : largest > 0.0 ? largest : 1.0;
}

static double keep(mpp_physics *p, const mpp_physics_rule *rule, float *y)
{
  double total = p->clips[rule->field] ? 1.0 : 0.0;
  for (int round = 0; round < 2; round++) {
    const double now = measure(p, rule, y), step = probe_step(p, rule, y);
    memcpy(p->trial, y, p->nfields * p->cells * sizeof *y);
    move(p, rule, p->trial, y, step);
    const double slope = (measure(p, rule, p->trial) - now) / step;
    const double a = (rule->target - now) / slope;
    if (!isfinite(a)) { /* nothing to move by: an empty field */
      break;
    }
    move(p, rule, y, y, a);
    total = p->clips[rule->field] ? total * (1.0 + a) : total + a;
  }
  return p->clips[rule->field] ? total - 1.0 : total;
}

void mpp_physics_apply(mpp_physics *p, float *y, double *clipped, double *shift)
{
  for (size_t f = 0; f < p->nfields; f++) {
    size_t raised = 0;
    for (size_t i = f * p->cells; p->clips[f] && i < (f + 1) * p->cells; i++) {
      if (y[i] < p->low[f]) {
        y[i] = p->low[f];
        raised++;
      }
    }
    clipped[f] = (double)raised;
    shift[f] = 0.0;
  }
  for (size_t i = 0; i < p->nrules; i++) { shift[p->rule[i].field] = keep(p, &p->rule[i], y); }
}
