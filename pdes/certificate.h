/* certificate.h - what a generated file says of how it came about and how good it is. */
#ifndef MPP_CERTIFICATE_H
#define MPP_CERTIFICATE_H

#include "trajectory.h"

enum { MPP_MAX_NOTES = 64 };

typedef struct mpp_notes {
  mpp_note item[MPP_MAX_NOTES];
  size_t count;
} mpp_notes;

/* How a trajectory went, or the worst of many. */
typedef struct mpp_course {
  double sample; /* index, or number of samples */
  double steps, rejected, repaired;
  double nconserved;
  double drift[MPP_PDE_MAX_CONSERVED];
  double least[MPP_PDE_MAX_POSITIVE];
} mpp_course;

mpp_course mpp_course_of(const mpp_trajectory *t);
void mpp_course_add(mpp_course *worst, const mpp_course *other); /* start from zeros */

/* Mean absolute error per cell, over all fields, of a problem of `pde` refined `doublings` times.
 * MPP_ERR_DIVERGED. */
MPP_MUST_CHECK mpp_status mpp_pde_problem_error(double *out, const mpp_pde *pde,
                                                const mpp_pde_problem *problem, int doublings);

/* What this build measures of the system's first problem: the order of its error from the coarsest
 * grid to the next. */
MPP_MUST_CHECK mpp_status mpp_certify_order(double *order, const mpp_pde *pde);

/* What all samples share: solver, scheme, boundaries, parameters; then how it went; then what was
 * drawn for a sample. Each appends. */
void mpp_note_case(mpp_notes *n, const mpp_pde_case *c);
void mpp_note_course(mpp_notes *n, const mpp_pde *pde, const mpp_course *course);
void mpp_note_details(mpp_notes *n, const mpp_pde_case *c, uint64_t sample);
void mpp_note_number(mpp_notes *n, const char *prefix, const char *key, double value);
void mpp_note_text(mpp_notes *n, const char *key, const char *text);

/* The case as lines "key=value", to know a run again; the caller owns *out. */
MPP_MUST_CHECK mpp_status mpp_case_identity(char **out, const mpp_pde_case *c);

#endif
