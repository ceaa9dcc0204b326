# kt and Apache Kafka as nodes of one cluster: each is controller to the other's broker, and they vote together.

setup() {
  load ../cli/cluster
  KAFKA=$BATS_TEST_DIRNAME/../../scripts/get-apache-kafka
}
teardown() {
  local id
  for id in kafka-*; do [ ! -d "$id" ] || "$KAFKA" kill "$PWD/$id" || true; done
  end_nodes
}

# start_kafka ID: Apache Kafka on the node's property file and directory.
start_kafka() {
  mkdir -p "kafka-$1"
  cp "node-$1.properties" "kafka-$1/server.properties"
  "$KAFKA" start "$PWD/kafka-$1" "${ports[$1]}" >/dev/null 3>&- 4>&-
}

format() { "$KT" storage format -t "$cluster" -c "node-$1.properties" "${@:2}" >/dev/null; }
# expect PATTERN: what `run` saw matches this pattern; else shows it.
expect() {
  # shellcheck disable=SC2053
  [[ $output == $1 ]] || { printf 'no match of %s in:\n%s\n' "$1" "$output" >&2; return 1; }
}
quorum() { "$KAFKA" run-tool kafka-metadata-quorum.sh --bootstrap-server "$(at "$1")" describe --status; }

@test "kt's controller has a kt broker and a Kafka broker" {
  local cluster node
  cluster=$("$KT" storage random-uuid)
  give_ports 1 2 3
  node 1 controller "controller.quorum.bootstrap.servers=127.0.0.1:${ports[11]}"
  format 1 --standalone
  for node in 2 3; do
    node $node broker "controller.quorum.bootstrap.servers=127.0.0.1:${ports[11]}"
    format $node --no-initial-controllers
  done
  start 1 2
  start_kafka 3
  topics 2 --create --topic by-kt --partitions 6
  topics 3 --create --topic by-kafka --partitions 6  # in an Envelope of Kafka's
  run topics 3 --describe --topic by-kt
  expect '*Leader: 3*Leader: 3*Leader: 3*'
  seq 1 600 | "$KT" produce --bootstrap-server "$(at 2)" --topic by-kafka
  run sh -c "'$KT' consume --bootstrap-server $(at 3) --topic by-kafka --from-beginning --max-messages 600 --group readers 2>/dev/null | sort -n"
  expect "$(seq 1 600)"
  run quorum 3
  expect '*LeaderId:               1*CurrentObservers:*"id": [23]*"id": [23]*'
  "$KAFKA" stop "$PWD/kafka-3"
  timeout 10 sh -c "until '$KT' topics --bootstrap-server $(at 2) --describe --topic by-kt | grep -q 'Leader: none'; do :; done"
}

@test "kt and Kafka vote in one quorum, and follow each other" {
  local cluster node
  cluster=$("$KT" storage random-uuid)
  give_ports 1 2 3
  # The first leader is kt: Kafka's nodes have more patience.
  for node in 1 2; do
    node $node broker,controller "controller.quorum.voters=$(voters 1 2 3)" controller.quorum.election.timeout.ms=4000
    format $node
  done
  node 3 broker,controller "controller.quorum.voters=$(voters 1 2 3)"
  format 3
  start_kafka 1 &
  local first=$!
  start_kafka 2 &
  local second=$!
  start 3
  wait $first $second
  run quorum 1
  expect '*LeaderId:               3*'
  topics 1 --create --topic under-kt --partitions 3
  run topics 3 --list
  expect under-kt
  kill -KILL "${pids[3]}"
  # Kafka's brokers name any broker as the controller, the dead one too until it is fenced.
  topics 1 --create --topic under-kafka --partitions 3
  run quorum 1
  expect '*LeaderId:               [12]*'
  start 3
  timeout 20 sh -c "until [ \"\$('$KT' topics --bootstrap-server $(at 3) --list | sort | paste -sd' ')\" = 'under-kafka under-kt' ]; do :; done" ||
    { echo "node 3 does not learn what was made while it was dead:"; topics 3 --list; cat node-3.log; false; } >&2
  # Who leads is not said: on a busy machine they may vote again. Node 3 is a voter that has what is committed.
  run quorum 3
  expect '*LeaderId:               [123]*CurrentVoters:*"id": 3*'
}

# led_by LEADER ASKED: waits until all four partitions are.
led_by() {
  timeout 30 bash -c "until [ \"\$('$KT' topics --bootstrap-server $(at "$2") --describe --topic both | grep -c 'Leader: $1')\" -eq 4 ]; do :; done"
}
# in_sync ASKED: waits until both replicas are, of all four.
in_sync() {
  timeout 60 bash -c "until [ \"\$('$KT' topics --bootstrap-server $(at "$1") --describe --topic both | grep -c 'Isr: [23],[23]')\" -eq 4 ]; do :; done"
}

# send BROKER: each line of the input, its own key, with acks of all, patiently.
send() {
  sed 's/.*/&:&/' | "$KT" produce --bootstrap-server "$(at "$1")" --topic both --property parse.key=true --property key.separator=: \
    --producer-property acks=all --producer-property retries=1000
}

@test "replicas on kt and on Kafka follow each other" {
  local cluster node
  cluster=$("$KT" storage random-uuid)
  give_ports 1 2 3
  node 1 controller "controller.quorum.bootstrap.servers=127.0.0.1:${ports[11]}"
  format 1 --standalone
  for node in 2 3; do
    node $node broker "controller.quorum.bootstrap.servers=127.0.0.1:${ports[11]}"
    sed -i 's/^offsets.topic.replication.factor=.*/offsets.topic.replication.factor=2/' node-$node.properties
    format $node --no-initial-controllers
  done
  start 1 2
  start_kafka 3
  topics 2 --create --topic both --partitions 4 --replication-factor 2 --config min.insync.replicas=2
  seq 1 2000 | send 2
  "$KT" consume --bootstrap-server "$(at 3)" --topic both --from-beginning --max-messages 2000 --timeout-ms 15000 --group readers | sort -n >got
  [ "$(cat got)" = "$(seq 1 2000)" ]
  [ "$(topics 2 --describe --topic both --under-replicated-partitions)" = "" ]
  local log
  for log in data-2/both-*/*.log; do  # byte for byte, but for what Kafka has reserved
    cmp "$log" <(head -c "$(stat -c %s "$log")" "data-3/${log#data-2/}")
  done
  "$KAFKA" kill "$PWD/kafka-3"
  led_by 2 2
  "$KT" configs --bootstrap-server "$(at 2)" --alter --entity-type topics --entity-name both --add-config min.insync.replicas=1
  seq 2001 2500 | send 2
  start_kafka 3
  in_sync 2
  kill -KILL "${pids[2]}"
  led_by 3 3
  seq 2501 3000 | send 3
  start 2
  in_sync 3
  "$KT" consume --bootstrap-server "$(at 2)" --topic both --from-beginning --max-messages 3000 --timeout-ms 15000 | sort -n >got
  [ "$(cat got)" = "$(seq 1 3000)" ]
}
