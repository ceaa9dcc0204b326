#include "libcli/lab/exercise.h"

namespace kt::lab {

/// In ci mode the runner reads "ok - ..." and "not ok - ..." from what is printed; all else is a diagnostic.
/// In narrate mode it is printed as it comes. An exercise ends at the first thing that is not as it should
/// be.
std::string_view exercise_prelude() {
  return R"bash(
set -eEuo pipefail
lab_step="" lab_pids=()
declare -A pid=()
lab_clients=$KT_LAB_DIR/clients
mkdir -p "$lab_clients"

lab_is_told() { [ "$KT_LAB_MODE" != ci ]; }
lab_is_done_by_reader() { [ "$KT_LAB_MODE" = do ]; }
lab_point() {  # ok|"not ok" TEXT
  if lab_is_told; then printf '   %s %s\n' "$([ "$1" = ok ] && echo ✓ || echo ✗)" "$2"; else printf '%s - %s\n' "$1" "$2"; fi
}
lab_wait_for_reader() {
  if lab_is_told && [ -t 0 ]; then read -r -p '   [Enter] ' _ || true; fi
}
lab_end() {
  local status=$? client
  trap - EXIT ERR
  for client in "${lab_pids[@]}"; do kill -TERM "$client" 2>/dev/null || true; done
  for client in "${lab_pids[@]}"; do wait "$client" 2>/dev/null || true; done
  exit "$status"
}
lab_failed() {
  local status=$1 line=$2 command=$3
  lab_point "not ok" "${lab_step:-the beginning}: line $line ends with $status: $command"
  exit 1
}
trap lab_end EXIT
trap 'lab_failed $? $LINENO "$BASH_COMMAND"' ERR

step() {
  lab_step=$1
  if lab_is_told; then lab_wait_for_reader; printf '\n== %s\n' "$1"; fi
}
say() { if lab_is_told; then printf '%s\n' "$*" | fmt -w 100; fi; }
hint() { if lab_is_told; then printf '   hint: %s\n' "$*"; fi; }

# ask QUESTION --answer ANSWER: a question to the reader.
ask() {
  local question=$1 answer=$3 said=""
  lab_is_told || return 0
  if [ -t 0 ]; then read -r -p "   ? $question " said || true; else printf '   ? %s\n' "$question"; fi
  if [ "$said" = "$answer" ]; then printf '   right\n'; else printf '   it is: %s\n' "$answer"; fi
}

# show COMMAND...: prints the command, as one would type it, and what it prints. Where the reader does the exercise,
# commands of kt are typed by the reader, elsewhere.
show() {
  if lab_is_done_by_reader && [ "$1" = kt ]; then printf '   type: %s\n' "$*"; return 0; fi
  lab_is_told && printf '   $ %s\n' "$*"
  "$@"
}

# bg NAME COMMAND...: a client in the background, ended with the exercise: ${pid[NAME]}. What it prints is NAME's.
bg() {
  local name=$1
  shift
  lab_is_told && printf '   $ %s   (%s)\n' "$*" "$name"
  (trap - ERR EXIT; exec "$@") >"$lab_clients/$name.out" 2>"$lab_clients/$name.err" &
  lab_pids+=($!)
  pid[$name]=$!
}
consumer() { local name=$1; shift; bg "$name" kt consume --consumer.config "$KT_LAB_DIR/client.properties" "$@"; }
producer() { local name=$1; shift; bg "$name" kt produce "$@"; }

# send TOPIC VALUE...: each in a request of its own, so that they spread over partitions as if typed one by one.
send() {
  local topic=$1 value
  shift
  lab_is_told && printf '   > %s: %s\n' "$topic" "$*"
  for value in "$@"; do printf '%s\n' "$value" | kt produce --topic "$topic"; done
}

# feed PER_SECOND FILE: prints r1, r2, ... at that rate until there is FILE.stop; what was printed is in FILE too.
feed() {
  local count=0 pause
  pause=$(awk "BEGIN { print 1 / $1 }")
  : >"$2"
  until [ -e "$2.stop" ]; do
    count=$((count + 1))
    echo "r$count" >>"$2"
    echo "r$count"
    sleep "$pause"
  done
}

# within TIME COMMAND...: again until it succeeds.
within() {
  local seconds=${1%s} end
  shift
  end=$((SECONDS + seconds))
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || return 124
    sleep 0.05  # between two looks at what tells nobody
  done
}

expect() {
  local said status=0
  # The reader takes as long as it takes.
  if lab_is_done_by_reader && [[ " $* " != *" --never "* ]]; then set -- "$@" --within 1h; fi
  said=$(kt lab expect "$@" 2>&1) || status=$?
  if [ "$status" -eq 0 ]; then lab_point ok "$lab_step: $*"; return 0; fi
  lab_point "not ok" "$lab_step: $*"
  printf '%s\n' "$said"
  kt lab events | tail -n 10
  exit "$status"
}
)bash";
}

}  // namespace kt::lab
