/* report_parts.h - sections of a report. */
#ifndef MPP_REPORT_PARTS_H
#define MPP_REPORT_PARTS_H

#include "html.h"
#include "mpp/plot.h"

/* Configuration, curves, and the scores of the last validation. */
MPP_MUST_CHECK mpp_status mpp_report_training(mpp_html *h, const char *folder);

/* A forecast or a dataset: what it is, errors and spectra, each field with a slider. */
MPP_MUST_CHECK mpp_status mpp_report_fields(mpp_html *h, const char *input,
                                            const mpp_report_options *options);

#endif
