# Any data as The Well or PDEBench: what their own readers ask for is there, and values come back.
well() { /usr/bin/python3 "$MPP_SOURCE/tests/support/check_well.py" "$@"; }
pdebench() { /usr/bin/python3 "$MPP_SOURCE/tests/support/check_pdebench.py" "$@"; }
convert() { "$MPP" convert data "$@" --quiet; }
formats=$MPP_DATA/formats
/usr/bin/python3 "$MPP_SOURCE/tests/support/make_foreign.py"

# ---- The Well ----
convert vector.h5 --to well --boundary x=periodic,y=wall:open -o vector | has '1 trajectory of 24 frames, layout the-well'
well vector | has "train 1 24 .'p', 'velocity_y', 'velocity_x'. .. ..0.0, 1.0., .2.0, 2.0.. ..nu.: .0.01.."
"$MPP" info vector/data/train | has 'velocity_x.*mean'
"$MPP" info --json vector/data/train | has '"std_delta"'
"$MPP" info vector/data/train | has 'y *18 cells, .*wall:open'
convert members.nc --to well -o members | has '1 file and stats.yaml'
convert "$formats/well.hdf5" --to well -o flags.hdf5 >/dev/null
well flags.hdf5 >flags.txt
convert "$formats/the_well_dummy.hdf5" --to well -o dummy.hdf5 >/dev/null
well dummy.hdf5 | has 'field_x'
"$MPP" generate cns-3d -n 1 --resolution 8 --frames 3 --horizon 0.02 --seed 3 -o cns3.h5 --quiet
convert cns3.h5 --to well -o cns3.hdf5 >/dev/null
well cns3.hdf5 | has 'density'
"$MPP" generate burgers -n 10 --resolution 32 --frames 5 --seed 3 -o burgers.h5 --quiet
convert burgers.h5 --to well -o burgers | has '10 trajectories .* 3 files and stats.yaml'
well burgers >parts.txt
has '^train 8' <parts.txt
has '^test 1' <parts.txt
convert cf.nc --to well --stride lon=2 --crop time=4:20 --fields t2m -o part.hdf5 >/dev/null
well part.hdf5 >/dev/null
expect 73 'vector: exists' "$MPP" convert data vector.h5 --to well -o vector
expect 73 'part.hdf5: exists' "$MPP" convert data vector.h5 --to well -o part.hdf5
convert vector.h5 --to well -o part.hdf5 --overwrite >/dev/null

# ---- PDEBench ----
convert vector.h5 --to pdebench -o groups.h5 >/dev/null
pdebench groups.h5 | has 'groups 1 (24, 18, 16, 3)'
"$MPP" info groups.h5 | has 'data:velocity_y'
convert burgers.hdf5 --to pdebench -o no.h5 2>/dev/null && fail "converted what is not there"
convert burgers/data/train --to pdebench -o burgers_again.hdf5 >/dev/null
pdebench burgers_again.hdf5 | has 'array (8, 5, 32, 1)'
convert cns3.hdf5 --to pdebench -o cns3_again.hdf5 >/dev/null
pdebench cns3_again.hdf5 | has 'array (1, 3, 8, 8, 8, 5)'
"$MPP" convert data "$formats/the_well_dummy.hdf5" --to pdebench -o dummy.h5 2>note.txt >/dev/null
has "constant_field.*left out" <note.txt
expect 64 'ends in .h5 or .hdf5' "$MPP" convert data vector.h5 --to pdebench -o folder
expect 64 '.-to is missing' "$MPP" convert data vector.h5 -o out.h5
expect 64 'usage: mpp convert IN OUT' "$MPP" convert vector.h5 out.h5 --to well
expect 65 'missing value' "$MPP" convert data "$formats/missing.nc" --to well -o missing.hdf5
[[ ! -e missing.hdf5 ]] || fail "half a file"
compgen -G '*.tmp-*' && fail "left temporary files"

# ---- the same values back through the reader, whichever way they went ----
/usr/bin/python3 - <<'PY'
import h5py, numpy as np, json, subprocess, os
mpp = os.environ["MPP"]
def digest(*data):  # of values as they are read, in the order of the fields given
    out = subprocess.run([mpp, "info", "--json", *data], capture_output=True, text=True, check=True)
    return json.loads(out.stdout)
with h5py.File("vector.h5") as f, h5py.File("vector/data/train/data.hdf5") as g, h5py.File("groups.h5") as p:
    v = f["flow/velocity"][()].astype("f4")
    assert np.array_equal(g["t1_fields/velocity"][0, ..., 1], v[..., 0])   # components: y, x
    assert np.array_equal(g["t1_fields/velocity"][0, ..., 0], v[..., 1])
    assert np.array_equal(g["t0_fields/p"][0], f["flow/p"][()].astype("f4"))
    assert np.array_equal(g["dimensions/y"], f["y"]) and np.array_equal(g["dimensions/time"], f["t"])
    assert np.array_equal(p["0000/data"][..., 1], v[..., 0]) and p.attrs["nu"] == 0.01
    assert g.attrs["mpp_source"] == "vector.h5" and "--to well" in g.attrs["mpp_conversion"]
with h5py.File("cns3.h5") as f, h5py.File("cns3.hdf5") as g, h5py.File("cns3_again.hdf5") as h:
    for name in ("density", "pressure", "Vx", "Vy", "Vz"):
        assert np.array_equal(f[name], g["t0_fields"][name]), name
        assert np.array_equal(f[name], h[name]), name
PY
roll() { "$MPP" rollout --model window --context 8 --steps 4 --no-truth --quiet "$@" >/dev/null; }
roll --data vector.h5 --boundary x=periodic,y=wall:open -o a.nc
roll --data vector/data/train --fields p,velocity_x,velocity_y -o b.nc
roll --data groups.h5 --boundary x=periodic,y=wall:open -o c.nc
/usr/bin/python3 - <<'PY'
import numpy as np, xarray as xr
a, b, c = (xr.open_dataset(x + ".nc", decode_times=False) for x in "abc")
for name in ("p", "velocity_x", "velocity_y"):
    assert np.array_equal(a[name], b[name]) and np.array_equal(a[name], c[name]), name
PY

# ---- info --check and report take what is said of the data, too ----
"$MPP" info --check members.nc --sample-axis number --fields h >check.txt
has 'read *2 trajectories' <check.txt
expect 64 "field 'q'" "$MPP" info --check members.nc --fields q
"$MPP" report members.nc --fields h --stride t=8 -o members.html --quiet >/dev/null
"$MPP" report vector/data/train -o vector.html --frames 2 --quiet >/dev/null
has '<h3>data:velocity_x</h3>' <vector.html

# ---- The Well's masks over several dimensions: sides as its reader takes them, obstacles given ----
/usr/bin/python3 - <<'PY'
import h5py, numpy as np, shutil
shutil.copy("vector/data/train/data.hdf5", "maze.hdf5")
with h5py.File("maze.hdf5", "a") as f:
    bcs = f["boundary_conditions"]
    for name in list(bcs):
        del bcs[name]
    def add(name, kind, dims, mask):
        g = bcs.create_group(name)
        g.attrs.update(associated_dims=dims, associated_fields=[], bc_type=kind,
                       sample_varying=False, time_varying=False)
        g["mask"] = mask
    wall = np.zeros((18, 16), bool)
    wall[0], wall[5:8, 3:9] = True, True      # all of the low side of y, and an obstacle
    wall[:10, -1] = True                      # a part of the high side of x: no wall there
    add("maze", "WALL", ["y", "x"], wall)
    add("outflow", "OPEN", ["x"], np.arange(16) == 15)
PY
"$MPP" info maze.hdf5 >maze.txt
has '^y .*wall:open' <maze.txt
has '^x .*, open' <maze.txt
has '^given .*maze_mask' <maze.txt
well maze.hdf5 | has '..0.0, 1.0., .1.0, 1.0..'
