# Helpers for bats: a broker of one's own on a free port, in a temporary folder, ended with the test file.

KT=${KT:-$BATS_TEST_DIRNAME/../../build/dev/kt}

# start_broker [ARGUMENT...]: waits until it serves, and points KT_BOOTSTRAP_SERVERS at it. With OWN_LISTENERS=1 it listens
# where its file says.
start_broker() {
  local override=(--override listeners=PLAINTEXT://127.0.0.1:0)
  [ -z "${OWN_LISTENERS:-}" ] || override=()
  BROKER_DIR=${BROKER_DIR:-$BATS_FILE_TMPDIR/data}
  local ready=$BATS_FILE_TMPDIR/ready.$RANDOM
  mkfifo "$ready"
  "$KT" server --dir "$BROKER_DIR" "${override[@]}" --ready-fd 9 "$@" 9>"$ready" 3>&- 4>&- \
    >"$BATS_FILE_TMPDIR/server.log" 2>&1 &
  echo $! >"$BATS_FILE_TMPDIR/pid"
  local line
  line=$(timeout 30 head -n 1 "$ready")
  rm "$ready"
  [ -n "$line" ] || { cat "$BATS_FILE_TMPDIR/server.log" >&2; return 1; }
  export KT_BOOTSTRAP_SERVERS="127.0.0.1:$(jq -r '.listeners[] | select(.name == "PLAINTEXT") | .port' <<<"$line")"
  METRICS_PORT=$(jq -r '.metrics.port // empty' <<<"$line")  # when it was given kt.metrics.listener
  export METRICS_PORT
}

# stop_broker [SIGNAL]: and waits for its end.
stop_broker() {
  local pid
  pid=$(cat "$BATS_FILE_TMPDIR/pid")
  kill -"${1:-TERM}" "$pid" 2>/dev/null || return 0
  timeout 20 tail --pid="$pid" -f /dev/null
}
