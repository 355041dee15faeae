/* compressible_case.h - frames of compressible flow with numbers of one's own, and its solver. */
#ifndef COMPRESSIBLE_CASE_H
#define COMPRESSIBLE_CASE_H

#include "reference.h"
#include "test.h"

enum { FLOW_N = 16, FLOW_CELLS = FLOW_N * FLOW_N, FLOW_FRAME = 4 * FLOW_CELLS };
enum { FLOW_VX, FLOW_VY, FLOW_DENSITY, FLOW_PRESSURE };

typedef struct flow_case {
  mpp_frames *frames;
  mpp_reader *reader;
  mpp_reference reference;
  double *coordinate[3];
  double line[3][FLOW_N];
} flow_case;

static inline void flow_open(flow_case *c)
{
  *c = (flow_case){.frames = NULL};
  REQUIRE_OK(mpp_frames_open(&c->frames, "solver:cns-2d,resolution=16,frames=6,seed=2", "", NULL));
  for (int a = 0; a < 3; a++) {
    c->coordinate[a] = c->line[a];
    REQUIRE_OK(mpp_frames_coordinates(c->frames, c->line[a], a));
  }
  REQUIRE_OK(mpp_reader_open(&c->reader, c->frames, 1));
  REQUIRE_OK(mpp_reference_open(&c->reference, "", c->frames, c->coordinate, 0.2, 4, 1, c->reader));
}

static inline void flow_close(flow_case *c)
{
  mpp_reference_close(&c->reference);
  mpp_reader_close(c->reader);
  mpp_frames_close(c->frames);
}

/* Waves about 0.1 (velocities), 1 and 2. */
static inline void flow_fill(float *x, double phase)
{
  static const double mean[4] = {0.1, -0.2, 1.0, 2.0};
  for (size_t i = 0; i < FLOW_FRAME; i++) {
    const size_t f = i / FLOW_CELLS, cell = i % FLOW_CELLS;
    const double a = 2.0 * M_PI * (double)(cell / FLOW_N) / FLOW_N;
    const double b = 2.0 * M_PI * (double)(cell % FLOW_N) / FLOW_N;
    x[i] = (float)(mean[f] + 0.3 * sin(a + phase + (double)f) * cos(2.0 * b - phase));
  }
}

#endif
