# Apache Kafka's own tools on a cluster of kt: they move replicas and leaders, and see what kt's tools see.

setup() {
  load ../cli/cluster
  KAFKA=$BATS_TEST_DIRNAME/../../scripts/get-apache-kafka
}
teardown() { end_nodes; }

kafka() { "$KAFKA" run-tool "$1" --bootstrap-server "$(at 2)" "${@:2}"; }
# say PATTERN COMMAND...: its output matches, or is shown.
say() {
  run "${@:2}"
  # shellcheck disable=SC2053
  [[ $output == $1 ]] || { printf 'no match of %s in:\n%s\n' "$1" "$output" >&2; return 1; }
}

@test "Kafka's tools reassign, elect and describe on a cluster of kt" {
  local cluster node
  cluster=$("$KT" storage random-uuid)
  give_ports 1 2 3 4
  for node in 1 2 3; do node $node broker,controller "controller.quorum.voters=$(voters 1 2 3)"; done
  node 4 broker "controller.quorum.voters=$(voters 1 2 3)"
  for node in 1 2 3 4; do "$KT" storage format -t "$cluster" -c node-$node.properties >/dev/null; done
  start 1 2 3 4
  topics 1 --create --topic t --replica-assignment 1:2:3,2:3:1,3:1:2
  seq 1 1000 | "$KT" produce --bootstrap-server "$(at 2)" --topic t --producer-property acks=all

  cat >move.json <<'J'
{"version":1,"partitions":[{"topic":"t","partition":0,"replicas":[4,2,3]},{"topic":"t","partition":1,"replicas":[4,3,1]}]}
J
  say '*Successfully started partition reassignments for t-0,t-1*' \
    kafka kafka-reassign-partitions.sh --reassignment-json-file move.json --execute
  timeout 30 bash -c "until '$KT' topics --bootstrap-server $(at 1) --describe --topic t | grep -c 'Replicas: 4,[23],[31]' | grep -qx 2; do :; done"
  say '*Reassignment of partition t-0 is completed.*Reassignment of partition t-1 is completed.*' \
    kafka kafka-reassign-partitions.sh --reassignment-json-file move.json --verify
  "$KT" consume --bootstrap-server "$(at 4)" --topic t --from-beginning --max-messages 1000 --timeout-ms 10000 | sort -n >got
  [ "$(cat got)" = "$(seq 1 1000)" ]

  kill -KILL "${pids[3]}"
  timeout 20 bash -c "until '$KT' topics --bootstrap-server $(at 1) --describe --topic t --under-replicated-partitions | grep -c Isr | grep -qx 3; do :; done"
  topics 1 --describe --topic t >ours
  kafka kafka-topics.sh --describe --topic t >theirs
  diff ours theirs
  topics 1 --describe --under-replicated-partitions >ours
  kafka kafka-topics.sh --describe --under-replicated-partitions >theirs
  diff <(sort ours) <(sort theirs)  # Kafka's topics come by their hash
  start 3
  timeout 20 bash -c "until [ -z \"\$('$KT' topics --bootstrap-server $(at 1) --describe --topic t --under-replicated-partitions)\" ]; do :; done"
  say '*t-2*' kafka kafka-leader-election.sh --election-type preferred --all-topic-partitions
  say '*Partition: 2*Leader: 3*Replicas: 3,1,2*' topics 1 --describe --topic t
  say '*"broker":1*"broker":2*"broker":3*"broker":4*"partition":"t-*' kafka kafka-log-dirs.sh --describe --topic-list t
}
