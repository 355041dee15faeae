# The systems that a model was trained on, as their files tell, and streams of trajectories that these do
# not hold: sourced by the scripts of this folder.
declare -A first_frame=([kuramoto-sivashinsky]=60) # chaos that has developed; else the start
declare -A interval=() cells=() settings=()
trained=()

# read_systems MODEL: solver, time between frames, cells of an axis and parameters of each dataset of the
# training, whose files are where they were, or have the same names in the folder DATA.
read_systems() {
  local file name text
  while read -r file; do
    [[ -z ${DATA:-} ]] || file=$DATA/$(basename "$file")
    text=$("$mpp" info "$file" --json)
    read -r name interval_of cells_of settings_of < <(/usr/bin/python3 -c '
import json, sys
d = json.load(sys.stdin)
a = d["attributes"]
names = list(a)
# mpp generate writes the parameters of the system between these two
own = names[names.index("computed_cells_per_axis") + 1:names.index("samples")]
step = (d["last_time"] - d["first_time"]) / (d["frames"] - 1)
settings = "".join(f",{n}={a[n]}" for n in own)
print(a["solver"], f"{step:.6g}", d["axes"][0]["cells"], settings + "," + a["boundary"])' <<<"$text")
    trained+=("$name")
    interval[$name]=$interval_of cells[$name]=$cells_of settings[$name]=$settings_of
  done < <("$mpp" info "$1" --json | /usr/bin/python3 -c '
import json, re, sys
print(*re.findall(r"(?m)^ +- path: \"(.*)\"$", json.load(sys.stdin)["attributes"]["train_config"]), sep="\n")')
}

# stream NAME CELLS FRAMES: the solver with the parameters of the training data, of a seed that no data
# was made with.
stream() {
  local horizon
  horizon=$(awk -v n="$3" -v dt="${interval[$1]}" 'BEGIN {printf "%.6g", (n - 1) * dt}')
  echo "$1,resolution=$2,frames=$3,horizon=$horizon,seed=1007${settings[$1]}"
}

# program: the one in MPP, or the one of this source tree, built.
program() {
  if [[ -z ${MPP:-} ]]; then
    cmake -S "$here/.." -B "$here/../build" -G Ninja >/dev/null
    cmake --build "$here/../build" --target mpp >/dev/null
  fi
  realpath "${MPP:-$here/../build/mpp}"
}
