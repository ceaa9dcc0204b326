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
  [ "$(topics 3 --describe --topic by-kt | grep -c 'Leader: 3')" -eq 3 ]
  seq 1 600 | "$KT" produce --bootstrap-server "$(at 2)" --topic by-kafka
  [ "$("$KT" consume --bootstrap-server "$(at 3)" --topic by-kafka --from-beginning --max-messages 600 --group readers | sort -n)" = "$(seq 1 600)" ]
  run quorum 3
  [[ $output == *"LeaderId:               1"* ]]
  [ "$(grep -o '"id": [23]' <<<"$(grep CurrentObservers <<<"$output")" | wc -l)" -eq 2 ]
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
  [[ $output == *"LeaderId:               3"* ]]
  topics 1 --create --topic under-kt --partitions 3
  [ "$(topics 3 --list)" = under-kt ]
  kill -KILL "${pids[3]}"
  # Kafka's brokers name any broker as the controller, the dead one too until it is fenced; kt's tool does not ask another.
  timeout 30 sh -c "until '$KT' topics --bootstrap-server $(at 1) --create --topic under-kafka --partitions 3 --if-not-exists; do :; done"
  start 3
  timeout 20 sh -c "until [ \"\$('$KT' topics --bootstrap-server $(at 3) --list | sort | paste -sd' ')\" = 'under-kafka under-kt' ]; do :; done"
  run quorum 3
  [[ $output == *"LeaderId:               "[12]* ]]
}
