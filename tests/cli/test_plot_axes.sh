# Pictures of data with one axis of space (lines) and with three (a plane).
"$MPP" generate cns-1d -n 1 --resolution 64 --frames 24 -o line.h5 --quiet >/dev/null
"$MPP" rollout --model window:linear --data line.h5 --steps 6 -o line.nc --quiet >/dev/null
# Three axes of different lengths; values tell the cell: 100 z + 10 y + x, and t.
/usr/bin/python3 - <<'PY'
import h5py
import numpy as np

z, y, x = np.arange(4.0), np.arange(5.0), np.arange(6.0)
value = 100 * z[:, None, None] + 10 * y[None, :, None] + x[None, None, :]
with h5py.File("deep.h5", "w") as f:
    f["u"] = (value[None, None] + np.arange(20.0)[None, :, None, None, None]).astype("f4")
PY
"$MPP" rollout --model window:linear --data deep.h5 --axes sample,time,z,y,x --steps 2 -o deep.nc --quiet >/dev/null
for picture in line deep; do
  "$MPP" plot $picture.nc -o $picture.png >/dev/null
  "$MPP" plot $picture.nc -o $picture.webp >/dev/null
done
"$MPP" plot line.h5 -o frames.svg >/dev/null
grep -q '<path' frames.svg
for cut in z=0 z=3 y=2 x=1; do
  "$MPP" plot deep.nc --slice $cut -o "nc-$cut.png" >/dev/null
  "$MPP" plot deep.h5 --axes sample,time,z,y,x --slice $cut -o "h5-$cut.png" >/dev/null
done
# The default is the middle of the first axis, and every plane is another picture.
"$MPP" plot deep.nc --slice z=2 -o nc-middle.png >/dev/null
cmp deep.png nc-middle.png
[[ $(sha256sum nc-*.png | cut -d' ' -f1 | sort -u | wc -l) == 5 ]] || fail "planes look alike"
[[ $(sha256sum h5-*.png | cut -d' ' -f1 | sort -u | wc -l) == 4 ]] || fail "planes of data look alike"
expect 64 'no such axis' "$MPP" plot deep.nc --slice q=1 -o no.png
expect 64 'slice at 9' "$MPP" plot deep.nc --slice z=9 -o no.png
expect 64 'three are cut' "$MPP" plot line.nc --slice x=0 -o no.png
"$MPP" report line.nc deep.nc line.h5 -o report.html >/dev/null
[[ $(grep -c 'type="range"' report.html) -ge 3 ]] || fail "fields are missing in the report"
