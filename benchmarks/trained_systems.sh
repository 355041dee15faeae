# The systems that the model of the README was trained on, and their streams of trajectories: sourced
# by the scripts of this folder.
trained=(swe diffusion-reaction gray-scott ins-periodic kuramoto-sivashinsky wave cns-2d)
declare -A first_frame=([kuramoto-sivashinsky]=60) # chaos that has developed; else the start

# interval NAME: time between frames, as in the training data.
interval() {
  case $1 in
  swe) echo 0.01 ;;
  wave) echo 0.02 ;;
  gray-scott) echo 50 ;;
  kuramoto-sivashinsky) echo 1 ;;
  *) echo 0.05 ;;
  esac
}

# stream NAME CELLS FRAMES: the solver with the parameters of the training data, of a seed that no data
# was made with.
stream() {
  local horizon more=
  horizon=$(awk -v n="$3" -v dt="$(interval "$1")" 'BEGIN {printf "%.6g", (n - 1) * dt}')
  if [[ $1 == cns-2d ]]; then
    more=,eta=0.01,zeta=0.01,M=0.3
  fi
  echo "$1,resolution=$2,frames=$3,horizon=$horizon,seed=1007$more"
}

# program: the one in MPP, or the one of this source tree, built.
program() {
  if [[ -z ${MPP:-} ]]; then
    cmake -S "$here/.." -B "$here/../build" -G Ninja >/dev/null
    cmake --build "$here/../build" --target mpp >/dev/null
  fi
  realpath "${MPP:-$here/../build/mpp}"
}
