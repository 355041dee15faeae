#!/bin/bash
# Forecast files in ParaView's reader, apart from tests/run.sh, since ParaView is a gigabyte of packages
# (Debian: paraview, python3-paraview). Usage: tests/paraview.sh [PROGRAM]
set -euo pipefail
program=$(realpath "${1:-$(dirname "$0")/../build/mpp}")
if ! command -v pvpython >/dev/null; then
  echo "$0: NOT TESTED: pvpython is missing (apt-get install paraview python3-paraview)" >&2
  exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
"$program" rollout --model window:linear --data solver:swe,resolution=16,frames=24 --steps 6 -o flat.nc --quiet >/dev/null
"$program" rollout --model window:linear --data solver:cns-3d,resolution=8,frames=21 --steps 3 -o deep.nc --quiet >/dev/null
cat >look.py <<'PY'
from paraview.simple import NetCDFReader, UpdatePipeline
from paraview import servermanager

def look(path, field, records, extent):
    reader = NetCDFReader(FileName=[path])
    reader.Dimensions = "(z, y, x)" if extent[2] > 1 else "(y, x)"
    times = list(reader.TimestepValues)
    assert len(times) == records and times == sorted(set(times)), (path, times)
    UpdatePipeline(time=times[-1], proxy=reader)
    info = reader.GetDataInformation()
    kind = info.GetDataSetTypeAsString()
    # a flat picture with values at points: not a globe
    assert kind in ("vtkImageData", "vtkRectilinearGrid"), (path, kind)
    array = reader.PointData[field]
    assert array is not None and array.GetRange(0)[0] < array.GetRange(0)[1], (path, field)
    assert reader.PointData[field + "_truth"] is not None
    data = servermanager.Fetch(reader)
    assert data.GetDimensions() == extent, (path, data.GetDimensions())
    print("ParaView reads", path, kind, data.GetDimensions(), "times", times[0], "to", times[-1])

look("flat.nc", "h", 6, (16, 16, 1))
look("deep.nc", "density", 3, (8, 8, 8))
PY
QT_QPA_PLATFORM=offscreen pvpython look.py
