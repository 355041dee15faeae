/* described.h - reading by a description (description.h): windows of fields, times, coordinates,
 * parameters. All functions are called with HDF5 locked. */
#ifndef MPP_DESCRIBED_H
#define MPP_DESCRIBED_H

#include "file_layout.h"

/* More arrays in one file than anyone writes by hand: past that it is of no layout that is
 * guessed. */
enum { MPP_MOST_ARRAYS = 16384 };

/* Part of an axis: entries from, from + step, ... (count of them). */
typedef struct mpp_part {
  size_t from, step, count;
} mpp_part;

/* Memory of a reader, kept between its calls. */
typedef struct mpp_read_buffer {
  float *value; /* [capacity] arrays in the order of the file */
  size_t capacity;
  double *wide; /* [wide_capacity] */
  size_t wide_capacity;
} mpp_read_buffer;
void mpp_read_buffer_free(mpp_read_buffer *b);

/* Takes the fields that the request asks for, in its order; and its names, units, parameters and
 * boundary. For layouts that are recognised: their description has all fields. */
MPP_MUST_CHECK mpp_status mpp_described_select(mpp_data_file *f);

/* described_mask.c: adds the masks that the request asks for, of layouts that are recognised; and
 * one of an array of the description. They come after all fields. */
MPP_MUST_CHECK mpp_status mpp_described_masks(mpp_data_file *f);
MPP_MUST_CHECK mpp_status mpp_describe_mask(mpp_data_file *f, const mpp_requested_mask *asked,
                                            size_t array);

/* Holds the description at the file: every array is there with the shape that it says, counts are
 * not 0, times and coordinates are long enough. */
MPP_MUST_CHECK mpp_status mpp_described_check(const mpp_data_file *f);

/* Where trajectories are groups: the arrays of one, held at the shapes of the description. */
MPP_MUST_CHECK mpp_status mpp_described_check_group(const mpp_data_file *f, size_t trajectory);
MPP_MUST_CHECK mpp_status mpp_described_verify(const mpp_data_file *f);

/* Reads frames `time` of the cells `space` [3] of fields first .. first + nfields - 1 into
 * x [time.count, nfields, D, H, W] (lengths of the parts). Values that the file says are missing
 * become NaN. */
MPP_MUST_CHECK mpp_status mpp_described_read(const mpp_data_file *f, mpp_read_buffer *buffer,
                                             float *x, size_t first, size_t nfields,
                                             size_t trajectory, mpp_part time,
                                             const mpp_part space[3]);

/* Name of the array that a field of a trajectory is in, for messages. */
MPP_MUST_CHECK mpp_status mpp_described_object(mpp_object_name out, const mpp_data_file *f,
                                               const mpp_described_array *a, size_t trajectory);

/* All times of a trajectory [nframes], all coordinates of grid axis 0..2. */
MPP_MUST_CHECK mpp_status mpp_described_times(const mpp_data_file *f, double *t, size_t trajectory);
MPP_MUST_CHECK mpp_status mpp_described_coordinates(const mpp_data_file *f, double *x, int axis);

/* Parameters of a trajectory [about->nparameters]; NaN for those that vary in time. */
MPP_MUST_CHECK mpp_status mpp_described_parameters(const mpp_data_file *f, double *value,
                                                   size_t trajectory);

#endif
