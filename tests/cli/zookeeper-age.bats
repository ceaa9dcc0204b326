# Files and lines of 2017, of the time when a broker had a ZooKeeper.
setup() {
  load broker
  BROKER_DIR=unused
}
teardown() {
  stop_broker KILL
  [ ! -f "$BATS_TEST_TMPDIR/zookeeper.pid" ] || kill -KILL "$(cat "$BATS_TEST_TMPDIR/zookeeper.pid")" 2>/dev/null || true
}

# start_zookeeper: what takes its place, on a free port: ZOOKEEPER.
start_zookeeper() {
  cd "$BATS_TEST_TMPDIR" || return
  printf '%s\n' "dataDir=$PWD/zookeeper" clientPort=0 clientPortAddress=127.0.0.1 maxClientCnxns=0 >zookeeper.properties
  mkfifo zookeeper.ready
  "$KT" zookeeper-server-start zookeeper.properties --ready-fd 9 9>zookeeper.ready 3>&- 4>&- >zookeeper.log 2>&1 &
  echo $! >zookeeper.pid
  ZOOKEEPER=127.0.0.1:$(timeout 30 head -n 1 zookeeper.ready | jq '.listeners[0].port')
  rm zookeeper.ready
  cd - >/dev/null || return
}

# file_of_2017 SED...: writes out the keys of the server.properties that came with Kafka 0.10 and 1.0, with its /tmp/kafka-logs
# in the test's folder, and ZooKeeper at $ZOOKEEPER.
file_of_2017() {
  [ -n "${ZOOKEEPER:-}" ] || start_zookeeper
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
zookeeper.connect=$ZOOKEEPER
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

@test "without a controller in ZooKeeper's place --zookeeper is answered in one line that says what to do" {
  for tool in "topics --list" "groups --list" \
    "topics --create --topic t --partitions 1 --replication-factor 1"; do
    run timeout 20 "$KT" $tool --zookeeper 127.0.0.1:1/kafka
    [ "$status" -ne 0 ]
    [ "${#lines[@]}" -eq 1 ]
    [[ "$output" == *"zookeeper-server-start.sh config/zookeeper.properties"*"--bootstrap-server 127.0.0.1:9092"* ]]
  done
}

@test "with one --zookeeper finds the brokers, and outputs are those of 2017" {
  file_of_2017
  start_broker "$BATS_TEST_TMPDIR/server.properties"
  unset KT_BOOTSTRAP_SERVERS
  [ "$("$KT" topics --create --topic t --partitions 2 --replication-factor 1 --zookeeper "$ZOOKEEPER")" = 'Created topic "t".' ]
  [ "$("$KT" topics --list --zookeeper "$ZOOKEEPER/kafka")" = t ]
  [ "$("$KT" topics --describe --zookeeper "$ZOOKEEPER")" = \
    $'Topic:t\tPartitionCount:2\tReplicationFactor:1\tConfigs:\n\tTopic: t\tPartition: 0\tLeader: 0\tReplicas: 0\tIsr: 0\n\tTopic: t\tPartition: 1\tLeader: 0\tReplicas: 0\tIsr: 0' ]
  [[ "$("$KT" topics --describe --zookeeper "$ZOOKEEPER" --era modern)" == $'Topic: t\tTopicId: '* ]]
  [ "$("$KT" zookeeper-shell "$ZOOKEEPER" ls /brokers/ids | tail -n 1)" = '[0]' ]
  [ "$("$KT" zookeeper-shell "$ZOOKEEPER" get /brokers/topics/t | tail -n 1)" = '{"version":1,"partitions":{"0":[0],"1":[0]}}' ]
  [ "$(printf 'ls /brokers/topics\nget /nothing\nquit\nls /\n' | "$KT" zookeeper-shell "$ZOOKEEPER" | tail -n 2)" = $'[t]\nNode does not exist: /nothing' ]
  run "$KT" zookeeper-shell "$ZOOKEEPER" delete /brokers/topics/t
  [ "$status" -eq 2 ]
  [[ "$output" == *"kafka-topics.sh"* ]]
}

@test "without a place for ZooKeeper a broker of 2017 has a controller of its own" {
  ZOOKEEPER=127.0.0.1:1 file_of_2017 -e 's/^zookeeper.connect=.*/zookeeper.connect=/'
  start_broker "$BATS_TEST_TMPDIR/server.properties"
  "$KT" topics --create --topic t --partitions 1 --replication-factor 1
  [ "$("$KT" topics --list)" = t ]
}

@test "an observer of Kafka's age finds the same controller" {
  start_zookeeper
  printf '%s\n' process.roles=broker node.id=7 listeners=PLAINTEXT://127.0.0.1:0 controller.listener.names=ZOOKEEPER \
    "controller.quorum.bootstrap.servers=$ZOOKEEPER" "log.dirs=$BATS_TEST_TMPDIR/seven" >"$BATS_TEST_TMPDIR/seven.properties"
  "$KT" storage format --no-initial-controllers -t "$(sed -n 's/^cluster.id=//p' "$BATS_TEST_TMPDIR/zookeeper/meta.properties")" -c "$BATS_TEST_TMPDIR/seven.properties"
  OWN_LISTENERS=1 start_broker "$BATS_TEST_TMPDIR/seven.properties"
  [ "$("$KT" zookeeper-shell "$ZOOKEEPER" ls /brokers/ids | tail -n 1)" = '[7]' ]
}

@test "with --bootstrap-server beside it --zookeeper does not matter" {
  file_of_2017
  start_broker "$BATS_TEST_TMPDIR/server.properties"
  "$KT" topics --create --topic t --partitions 2 --replication-factor 1 --zookeeper 127.0.0.1:1 --bootstrap-server "$KT_BOOTSTRAP_SERVERS"
  [ "$("$KT" topics --list)" = t ]
}
