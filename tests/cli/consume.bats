bats_require_minimum_version 1.5.0

setup_file() {
  load broker
  start_broker
  "$KT" topics create words
  seq 1 5 | "$KT" produce words
}
teardown_file() {
  load broker
  stop_broker
}
setup() {
  load broker
  OUT=$BATS_TEST_TMPDIR/out ERR=$BATS_TEST_TMPDIR/err
}

# in_background COMMAND...: with $IN for input, and with the signals' usual effect, which a shell without job control takes from its children.
in_background() {
  env --default-signal=INT "$@" <"${IN:-/dev/null}" >"$OUT" 2>"$ERR" 3>&- &
  PID=$!
}
# wait_until COMMAND...: until it succeeds.
wait_until() {
  local until=$((SECONDS + 60))
  until "$@"; do
    [ $SECONDS -lt $until ] || { echo "not within 60 s: $*"; cat "$OUT" "$ERR"; return 1; }
  done
}
has_lines() { [ "$(wc -l <"$1")" -ge "$2" ]; }
# The pipe is empty and the process sleeps.
waits_for_input() {
  python3 - "$PID" <<'END'
import array, fcntl, sys, termios
left = array.array("i", [0])
fcntl.ioctl(7, termios.FIONREAD, left)
state = open(f"/proc/{sys.argv[1]}/stat").read().rpartition(")")[2].split()[0]
sys.exit(left[0] != 0 or state != "S")
END
}
ended_with() {
  local status=0
  wait "$PID" || status=$?
  [ "$status" -eq "$1" ] || { echo "ended with $status"; cat "$OUT" "$ERR"; return 1; }
}

@test "a consumer that is told to end commits, leaves its group and counts" {
  local signal status
  for signal in INT/130 TERM/143; do
    status=${signal#*/} signal=${signal%/*}
    in_background "$KT" consume words --group "left-by-$signal" --from-beginning
    wait_until has_lines "$OUT" 5
    kill -"$signal" "$PID"
    ended_with "$status"
    [ "$(cat "$ERR")" = "Processed a total of 5 messages" ]
    run "$KT" groups describe "left-by-$signal" --members -o json
    [ "$(jq '.items | length' <<<"$output")" -eq 0 ]
    run "$KT" groups describe "left-by-$signal" -o json
    [ "$(jq '.items[0].current_offset' <<<"$output")" -eq 5 ]
  done
}

@test "without automatic commits a consumer that is told to end commits nothing" {
  in_background "$KT" consume words --group careful --from-beginning -X enable.auto.commit=false
  wait_until has_lines "$OUT" 5
  kill "$PID"
  ended_with 143
  run "$KT" consume words --group careful --from-beginning -n 1
  [ "${lines[0]}" = 1 ]
}

@test "Kafka's script ends the same way, and tells systems tests" {
  ln -sf "$KT" "$BATS_TEST_TMPDIR/kafka-console-consumer.sh"
  in_background "$BATS_TEST_TMPDIR/kafka-console-consumer.sh" --bootstrap-server "$KT_BOOTSTRAP_SERVERS" --topic words \
    --from-beginning --enable-systest-events
  wait_until has_lines "$OUT" 5
  kill -INT "$PID"
  ended_with 130
  [ "$(tail -n 1 "$OUT")" = shutdown_complete ]
}

@test "a consumer whose polling fails leaves its group, and Kafka's script ends with 0" {
  local reset="auto.offset.reset=none"
  run --separate-stderr "$KT" consume words --group lost -X "$reset"
  [ "$status" -eq 1 ]
  [[ "$stderr" == *OFFSET_OUT_OF_RANGE* ]]
  run "$KT" groups describe lost --members -o json
  [ "$(jq '.items | length' <<<"$output")" -eq 0 ]

  ln -sf "$KT" "$BATS_TEST_TMPDIR/kafka-console-consumer.sh"
  run --separate-stderr "$BATS_TEST_TMPDIR/kafka-console-consumer.sh" --bootstrap-server "$KT_BOOTSTRAP_SERVERS" \
    --topic words --group lost --consumer-property "$reset"
  [ "$status" -eq 0 ]
  [[ "${stderr_lines[0]}" == "Error processing message, terminating consumer process: org.apache.kafka.common.errors."* ]]
  [ "${stderr_lines[1]}" = "Processed a total of 0 messages" ]
}

@test "a record that cannot be printed ends the consumer, which keeps what follows it for later" {
  run --separate-stderr "$KT" consume words --group strict --from-beginning --value-deserializer \
    org.apache.kafka.common.serialization.LongDeserializer
  [ "$status" -eq 1 ]
  [[ "$stderr" == *"Processed a total of 1 messages"* ]]
  run "$KT" groups describe strict -o json
  [ "$(jq '.items[0].current_offset' <<<"$output")" -eq 1 ]
  [ "$(jq '.items[0].consumer_id' <<<"$output")" = null ]
}

@test "what nobody took is not committed" {
  "$KT" topics create wide
  printf '%01000d\n' $(seq 1 500) | "$KT" produce wide
  "$KT" consume wide --group impatient --from-beginning 2>"$ERR" | head -n 5 >"$OUT"
  has_lines "$OUT" 5
  # What a pipe holds, at most, besides what head read.
  local committed
  committed=$("$KT" groups describe impatient -o json | jq '.items[0].current_offset')
  [ "$committed" -ge 5 ]
  [ "$committed" -le 250 ]
  [ "$(cat "$ERR")" = "Processed a total of $committed messages" ]
  run --separate-stderr "$KT" consume wide --group impatient -n 1
  [ "$((10#$output))" -eq $((committed + 1)) ]
}

@test "a producer that is told to end delivers what it has read" {
  "$KT" topics create typed
  mkfifo "$BATS_TEST_TMPDIR/terminal"
  exec 7<>"$BATS_TEST_TMPDIR/terminal"
  IN=$BATS_TEST_TMPDIR/terminal in_background "$KT" produce typed -X linger.ms=60000
  # Read but not delivered, for linger.ms, and now waiting for the rest of a line.
  printf 'one\ntwo\nthr' >&7
  wait_until waits_for_input
  kill -INT "$PID"
  ended_with 130
  exec 7>&-
  run --separate-stderr "$KT" consume typed --from-beginning -n 2
  [ "$output" = $'one\ntwo' ]
}
