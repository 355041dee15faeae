/* reference.h - the solver of a dataset's system beside a forecast: balances of what is conserved,
 * and frames where the forecast has failed. */
#ifndef MPP_REFERENCE_H
#define MPP_REFERENCE_H

#include "frames.h"
#include "mpp/rollout.h"

typedef struct mpp_reference {
  mpp_pde_stream *stream; /* owned; NULL: no solver is known for these data */
  bool named;             /* by the user, with its parameters: it may go on from frames */
} mpp_reference;

/* The solver for the data of a track: that of `solver`, of the frames themselves, or the one whose
 * fields and axes they have. Frames are `interval` apart; at most `steps` are asked for. A solver
 * whose parameters the user did not name only tells balances. Fields that do not change are taken
 * from its own draw of the sample where that shows the data's first frame. Close it in any case.
 * MPP_ERR_USAGE: `solver` is not one for these data. */
MPP_MUST_CHECK mpp_status mpp_reference_open(mpp_reference *out, const char *solver,
                                             mpp_frames *frames, double *const coordinate[3],
                                             double interval, size_t steps, size_t sample,
                                             mpp_reader *reader);
void mpp_reference_close(mpp_reference *r); /* takes a zeroed one */

#endif
