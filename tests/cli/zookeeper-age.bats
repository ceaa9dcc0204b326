# Files and lines of 2017, of the time when a broker had a ZooKeeper.
setup() {
  load broker
  BROKER_DIR=unused
}
teardown() { stop_broker KILL; }

# file_of_2017 SED...: writes out the keys of the server.properties that came with Kafka 0.10 and 1.0, with its /tmp/kafka-logs
# in the test's folder.
file_of_2017() {
  cat <<TEXT | sed -e "s|/tmp/kafka-logs|$BATS_TEST_TMPDIR/kafka-logs|" "$@" >"$BATS_TEST_TMPDIR/server.properties"
broker.id=0
#delete.topic.enable=true
#listeners=PLAINTEXT://:9092
#advertised.listeners=PLAINTEXT://your.host.name:9092
num.network.threads=3
num.io.threads=8
socket.send.buffer.bytes=102400
socket.receive.buffer.bytes=102400
socket.request.max.bytes=104857600
log.dirs=/tmp/kafka-logs
num.partitions=1
num.recovery.threads.per.data.dir=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
#log.flush.interval.messages=10000
#log.flush.interval.ms=1000
log.retention.hours=168
#log.retention.bytes=1073741824
log.segment.bytes=1073741824
log.retention.check.interval.ms=300000
zookeeper.connect=localhost:2181
zookeeper.connection.timeout.ms=6000
group.initial.rebalance.delay.ms=0
TEXT
}

@test "the stock file of 1.0 runs: topics come by themselves, records and groups work" {
  file_of_2017
  start_broker "$BATS_TEST_TMPDIR/server.properties"  # on a free port, by start_broker's --override
  [ -z "$(grep -i warning "$BATS_FILE_TMPDIR/server.log")" ]
  printf 'one\ntwo\n' | kcat -b "$KT_BOOTSTRAP_SERVERS" -P -t old
  run kcat -b "$KT_BOOTSTRAP_SERVERS" -C -t old -e -q
  [ "$output" = $'one\ntwo' ]
  [ "$("$KT" topics describe old -o json | jq '.items[0].partitions[0].leader')" -eq 0 ]
  [ -f "$BATS_TEST_TMPDIR/kafka-logs/meta.properties" ]
  grep -q '^node.id=0$' "$BATS_TEST_TMPDIR/kafka-logs/meta.properties"
}

@test "port and host.name say where it listens, advertised.host.name and advertised.port what clients are told" {
  file_of_2017 -e '$a port=0\nhost.name=127.0.0.1\nadvertised.host.name=localhost'
  OWN_LISTENERS=1 start_broker "$BATS_TEST_TMPDIR/server.properties"
  [[ "$KT_BOOTSTRAP_SERVERS" == 127.0.0.1:* ]]
  run kcat -b "$KT_BOOTSTRAP_SERVERS" -L
  [[ "$output" == *"broker 0 at localhost:${KT_BOOTSTRAP_SERVERS##*:}"* ]]
}

@test "listeners of the file hold" {
  file_of_2017 -e 's|^#listeners=.*|listeners=PLAINTEXT://127.0.0.1:0|'
  OWN_LISTENERS=1 start_broker "$BATS_TEST_TMPDIR/server.properties"
  "$KT" topics --create --topic t --partitions 1 --replication-factor 1
  [ "$("$KT" topics --list)" = t ]
}

@test "--zookeeper is answered in one line that says what to give" {
  for tool in "topics --list" "groups --list" \
    "topics --create --topic t --partitions 1 --replication-factor 1"; do
    run timeout 20 "$KT" $tool --zookeeper localhost:2181/kafka
    [ "$status" -ne 0 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ "$output" == *"--bootstrap-server localhost:9092"* ]]
  done
}

@test "with --bootstrap-server beside it --zookeeper does not matter" {
  file_of_2017
  start_broker "$BATS_TEST_TMPDIR/server.properties"
  "$KT" topics --create --topic t --partitions 2 --replication-factor 1 --zookeeper localhost:2181 --bootstrap-server "$KT_BOOTSTRAP_SERVERS"
  [ "$("$KT" topics --list)" = t ]
}
