/* test_descriptions.c - wrong descriptions and broken files: each is answered with the variable or
 * axis, what was found and what was expected. */
#include <stdio.h>
#include <string.h>

#include "flags.h"
#include "mpp/dataset.h"
#include "test.h"

#define FORMAT(name) MPP_TEST_DATA "/formats/" name

/* Options that do not fit the file, or are wrong in themselves. */
static const struct {
  const char *spec, *flags, *message;
} wrong[] = {
    {FORMAT("plain.h5"), "fields=w",
     "variable 'w' of field 'w': not there (or in several groups), "
     "found mask, u, v"},
    {FORMAT("plain.h5"), "fields=u,u", "fields: field 'u' is there twice"},
    {FORMAT("plain.h5"), "fields=u,", "fields: found 'u,', which has an empty item"},
    {FORMAT("plain.h5"), "fields=u[1]", "variable 'u': component 1 of field 'u_1', expected none"},
    {FORMAT("plain.h5"), "fields=u[x]", "fields: found 'x', expected a whole number from 0 on"},
    {FORMAT("plain.h5"), "fields=a:b=u", "fields: found 'a:b', expected 1 to 63 characters"},
    {FORMAT("plain.h5"), "fields=mask,u",
     "variable 'mask' of field 'mask': found axes 4 x 6, expected all of space and time as in 'u'"},
    {FORMAT("plain.h5"), "time=z", "variable 'u': axis 'z' (time): not there, found 3 x 5 x 4 x 6"},
    {FORMAT("plain.h5"), "space=y,z", "variable 'u': axis 'z' (space): not there"},
    {FORMAT("plain.h5"), "space=x,x", "space: axis 'x' is there twice"},
    {FORMAT("plain.h5"), "space=a,b,c,d", "space: more than three axes"},
    {FORMAT("plain.h5"), "space=y", "2 axes of space, expected 1 as the command line names"},
    {FORMAT("plain.h5"), "axes=time,y,x", "variable 'u': 4 axes (3 x 5 x 4 x 6), expected 3"},
    {FORMAT("plain.h5"), "axes=time,time,y,x", "2 axes could be time: say which"},
    {FORMAT("plain.h5"), "axes=x,y,z,w", "4 axes of space, expected 1 to 3"},
    {FORMAT("plain.h5"), "sample=member", "variable 'u': axis 'member' (sample): not there"},
    {FORMAT("plain.h5"), "component=c", "variable 'u': axis 'c' (component): not there"},
    {FORMAT("plain.h5"), "at=level=0", "variable 'u': axis 'level' (at): not there"},
    {FORMAT("plain.h5"), "at=x=9", "variable 'u': entry 9 of axis 'x', expected 0 to 5"},
    {FORMAT("plain.h5"), "at=x", "at: found 'x', expected AXIS=NUMBER"},
    {FORMAT("plain.h5"), "stride=x=0",
     "stride: axis 'x': found '0', expected a whole number from 1 on"},
    {FORMAT("plain.h5"), "stride=x=9", "axis 'x': stride 9, expected at most 6"},
    {FORMAT("plain.h5"), "stride=z=2", "axis 'z' (crop, stride): not there, found time, y, x"},
    {FORMAT("plain.h5"), "stride=y=3;boundary=periodic",
     "axis 'y': stride 3 on a periodic axis of 4 cells, expected a divisor"},
    {FORMAT("plain.h5"), "crop=x=4:2",
     "crop: axis 'x': found '2', expected a whole number from 5 on"},
    {FORMAT("plain.h5"), "crop=x=2:9", "axis 'x': crop 2:9, expected part of 0:6"},
    {FORMAT("plain.h5"), "crop=x=2", "crop: found 'x=2', expected AXIS=FROM:TO"},
    {FORMAT("plain.h5"), "fill=zero", "fill: found 'zero', expected mean, nearest or mask"},
    {FORMAT("plain.h5"), "along=space", "along: found 'space', expected time or sample"},
    {FORMAT("plain.h5"), "where=eta<1", "where: parameter 'eta': not there, found Reynolds"},
    {FORMAT("plain.h5"), "where=Reynolds~1", "where: found 'Reynolds~1', expected a condition"},
    {FORMAT("plain.h5"), "where=Reynolds<big", "where: found 'Reynolds<big', expected a number"},
    {FORMAT("plain.h5"), "where=Reynolds=>1", "where: found '=>', expected <, <=, >, >=, = or !="},
    {FORMAT("plain.h5"), "where=Reynolds>1000", "no trajectory fulfils 'Reynolds>1000'"},
    {FORMAT("plain.h5"), "boundary=z=open", "boundary of axis 'z', expected one of: y x"},
    {FORMAT("plain.h5"), "boundary=x=closed", "boundary 'closed', expected 'periodic', 'open' or"},
    {FORMAT("plain.h5"), "boundary=x=periodic:open", "one side is periodic, expected both or none"},
    {FORMAT("vector.h5"), "fields=a=velocity[2]",
     "variable 'fields/velocity': component 2 of field 'a', expected 0 to 1"},
    {FORMAT("well.hdf5"), "fields=q", "field 'q': not there, found p, tiled, same, v_x"},
    {FORMAT("well.hdf5"), "fields=still", "field 'still' is constant in time"},
    {FORMAT("well.hdf5"), "where=drift>0", "where: parameter 'drift' varies in time"},
    {FORMAT("NavierStokes2D_train_42_0.38.h5"), "fields=w",
     "field 'w': not there, found u, vx, vy"},
    {FORMAT("packed.nc"), "time=hours",
     "variable 't2m': axis 'hours' (time): not there, found time=5, lat=4, lon=6"},
    {FORMAT("packed_classic.nc"), "fields=t2m;given=zz", "variable 'zz' of field 'zz': not there"},
    {FORMAT("levels.nc"), "at=level=5",
     "variable 'forecast/z': entry 5 of axis 'level', expected 0 to 1"},
    {FORMAT("series_*.nc"), "fields=hh", "series_0.nc: variable 'hh' of field 'hh': not there"},
};

static void what_does_not_fit_is_named(void)
{
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    mpp_dataset *d = NULL;
    ASSERT_STATUS(open_with(&d, wrong[i].spec, wrong[i].flags, false), MPP_ERR_USAGE);
    ASSERT_MESSAGE(wrong[i].message);
    CU_ASSERT_PTR_NULL(d);
  }
}

static const struct {
  const char *spec, *message;
} broken[] = {
    {FORMAT("bad_scale.nc"), "h: scale_factor 0 and add_offset 0, expected finite numbers"},
    {FORMAT("text_only.nc"), "unknown layout: found no array with two axes or more among 0"},
    {FORMAT("cut_packed.nc"), "cut_packed.nc: HDF5 file is damaged: truncated file"},
    {FORMAT("cut_packed_classic.nc"),
     "cut_packed_classic.nc: opening: netCDF header is cut short within a variable"},
    {FORMAT("cut_well.hdf5"), "cut_well.hdf5: HDF5 file is damaged: truncated file"},
    {FORMAT("bad_well_rank.hdf5"),
     "t0_fields/p: found 3 axes, expected 4: sample, time, 2 of space"},
    {FORMAT("bad_well_components.hdf5"), "t1_fields/v: axis 4 has 3 components, expected 2"},
    {FORMAT("bad_well_dims.hdf5"), "spatial_dims: found 4 names, expected 1 to 3"},
    {FORMAT("bad_well_scalar.hdf5"), "scalars/forcing: found 7 samples, expected 3"},
    {FORMAT("bad_well_trajectories.hdf5"),
     "n_trajectories: found 4, expected 3: samples of its fields"},
    {FORMAT("bad_well_space.hdf5"), "n_spatial_dims: found 3, expected 2: names in spatial_dims"},
    {FORMAT("*.nc"), "expected"},
};

static void what_is_broken_is_named(void)
{
  for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
    mpp_dataset *d = NULL;
    ASSERT_STATUS(mpp_dataset_open(&d, broken[i].spec, NULL), MPP_ERR_DATA);
    ASSERT_MESSAGE(broken[i].message);
    CU_ASSERT_PTR_NULL(d);
  }
}

/* Description files that are wrong, with line and column. */
static const struct {
  const char *text, *message;
} yaml[] = {
    {"format: hdf5\n", "wrong.yaml: names no files: the key 'files' is missing"},
    {"files: " FORMAT("plain.h5") "\nfeilds: u\n", "wrong.yaml:2:1: unknown key 'feilds'"},
    {"files: {a: b}\n", "wrong.yaml:1:8: files: expected a name, a pattern or a list"},
    {"files: " FORMAT("plain.h5") "\nfields: [{variable: u}]\n",
     "wrong.yaml:2:10: a field without"},
    {"files: " FORMAT("plain.h5") "\nfields: [{name: u, unit: m}]\n",
     "unknown key 'unit' of a field"},
    {"files: " FORMAT("plain.h5") "\nfields: [{name: u, component: x}]\n",
     "wrong.yaml:2:31: component 'x', expected a whole number"},
    {"files: " FORMAT("plain.h5") "\nfields: [{name: u}, v]\n", "expected a map with name"},
    {"files: " FORMAT("plain.h5") "\nspace: [y, [x]]\n", "found a nested list or map"},
    {"files: " FORMAT("plain.h5") "\nparameters: {nu: low}\n", "parameter nu: found 'low'"},
    {"files: " FORMAT("plain.h5") "\nparameters: 3\n", "expected a map of names and numbers"},
    {"files: " FORMAT("plain.h5") "\nformat: the-well\n",
     "plain.h5: is not of the format 'the-well' that "},
    {"files: " FORMAT("plain.h5") "\nfields: [w]\n",
     "plain.h5: variable 'w' of field 'w': not there"},
};

static void a_wrong_description_file_is_named_with_its_line(void)
{
  const char *path = test_path(0, "wrong.yaml");
  for (size_t i = 0; i < sizeof yaml / sizeof yaml[0]; i++) {
    mpp_dataset *d = NULL;
    FILE *f = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    fputs(yaml[i].text, f);
    fclose(f);
    ASSERT_STATUS(mpp_dataset_open(&d, path, NULL), MPP_ERR_CONFIG);
    ASSERT_MESSAGE(yaml[i].message);
    CU_ASSERT_PTR_NULL(d);
  }
}

static mpp_status use(void)
{
  mpp_dataset *d = NULL;
  static float x[2 * 24];
  mpp_status st =
      open_with(&d, FORMAT("missing.nc"), "fill=nearest;fields=t=t2m;stride=lon=1", false);
  st = st == MPP_OK ? mpp_dataset_read(d, x, 0, 2, 1) : st;
  mpp_dataset_close(d);
  return st;
}

static void every_fallible_call_may_fail(void)
{
  test_faults faults = {.each = 100, .stride = 3};
  while (test_faults_next(&faults)) { TEST_FAULT(&faults, use()); }
  CU_ASSERT(faults.failed >= 100);
}

TESTS({"what does not fit is named", what_does_not_fit_is_named},
      {"what is broken is named", what_is_broken_is_named},
      {"a wrong description file is named with its line",
       a_wrong_description_file_is_named_with_its_line},
      {"every fallible call may fail", every_fallible_call_may_fail})
