setup() { load broker; }
teardown() { stop_broker KILL; }

produce() { seq "$1" "$2" | "$KT" produce --topic numbers; }
# Everything in the topic, by another project's client.
consumed() { kcat -b "$KT_BOOTSTRAP_SERVERS" -C -t numbers -e -q; }

@test "records survive a clean stop and kill -9" {
  BROKER_DIR=$BATS_TEST_TMPDIR/data
  start_broker
  "$KT" topics create numbers
  produce 1 100
  stop_broker TERM
  [ -f "$BROKER_DIR/.kafka_cleanshutdown" ]
  start_broker
  produce 101 200
  stop_broker KILL
  [ ! -f "$BROKER_DIR/.kafka_cleanshutdown" ]
  start_broker
  run consumed
  [ "$output" = "$(seq 1 200)" ]
}

@test "a stop waits for what the disk's threads have begun" {
  BROKER_DIR=$BATS_TEST_TMPDIR/data
  for _ in 1 2 3 4 5; do  # checkpoints are written all the time
    start_broker --override replica.high.watermark.checkpoint.interval.ms=1
    "$KT" topics create numbers --if-not-exists
    produce 1 100
    kill "$(cat "$BATS_FILE_TMPDIR/pid")"
    wait "$(cat "$BATS_FILE_TMPDIR/pid")"
  done
  start_broker
  [ "$(consumed | wc -l)" -eq 500 ]
}

# A parked request owned itself, and nobody forgot it: the stages under ASan say so.
@test "a stop forgets who waits for records" {
  BROKER_DIR=$BATS_TEST_TMPDIR/data
  start_broker
  "$KT" topics create numbers
  produce 1 10
  kcat -b "$KT_BOOTSTRAP_SERVERS" -C -t numbers -u -X fetch.wait.max.ms=60000 -X socket.timeout.ms=90000 \
    >"$BATS_TEST_TMPDIR/got" 2>/dev/null 3>&- 4>&- &
  local reader=$!
  timeout 20 sh -c "until [ \$(wc -l <'$BATS_TEST_TMPDIR/got') -eq 10 ]; do sleep 0.05; done"
  local pid
  pid=$(cat "$BATS_FILE_TMPDIR/pid")
  kill "$pid"
  wait "$pid"
  kill "$reader" 2>/dev/null || true  # it may have gone with its broker
}

@test "kt.log.format=json writes an object for each event" {
  BROKER_DIR=$BATS_TEST_TMPDIR/data
  start_broker --override kt.log.format=json
  stop_broker TERM
  jq -e -s 'all(has("time") and has("level") and has("component") and has("message")) and length > 1' "$BATS_FILE_TMPDIR/server.log"
  run timeout 20 "$KT" server --dir "$BROKER_DIR" --override kt.log.format=xml
  [ "$status" -eq 1 ]
  [[ "$output" == *"kt.log.format"* ]]
}

@test "kafka-server-start.sh -daemon returns, and the server prints to kafkaServer.out" {
  ln -s "$(realpath "$KT")" "$BATS_TEST_TMPDIR/kafka-server-start.sh"
  local logs=$BATS_TEST_TMPDIR/logs data=$BATS_TEST_TMPDIR/data ready=$BATS_TEST_TMPDIR/ready
  printf '%s\n' process.roles=broker,controller node.id=1 listeners=PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0 \
    controller.quorum.bootstrap.servers=127.0.0.1:1 \
    controller.listener.names=CONTROLLER "log.dirs=$data" >"$BATS_TEST_TMPDIR/server.properties"
  "$KT" storage format --standalone -t Qk1sZXNzT2ZNYW55SWRz0A -c "$BATS_TEST_TMPDIR/server.properties"
  LOG_DIR=$logs run timeout 20 "$BATS_TEST_TMPDIR/kafka-server-start.sh" -daemon "$BATS_TEST_TMPDIR/server.properties" \
    --ready-file "$ready"
  [ "$status" -eq 0 ]
  [ -z "$output" ]
  timeout 20 sh -c "until [ -s '$ready' ]; do sleep 0.05; done"
  jq .pid "$ready" >"$BATS_FILE_TMPDIR/pid"
  grep -q 'Kafka Server started' "$logs/kafkaServer.out"
  stop_broker TERM
}

@test "a server that cannot print in the background does not start" {
  touch "$BATS_TEST_TMPDIR/file"
  LOG_DIR=$BATS_TEST_TMPDIR/file/logs run timeout 20 "$KT" server --daemon --ephemeral
  [ "$status" -eq 1 ]
  [ "$output" = "error: cannot write to $BATS_TEST_TMPDIR/file/logs/kafkaServer.out: Not a directory" ]
}
