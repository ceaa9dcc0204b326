# What goes wrong in a cluster is told in one clear line, and nothing is lost by it.

setup() { load cluster; }
teardown() {
  end_nodes
  ! mountpoint -q data-3 || umount data-3
}

# three LINE...: brokers and controllers 1 to 3, formatted.
three() {
  local id node
  give_ports 1 2 3
  id=$("$KT" storage random-uuid)
  for node in 1 2 3; do
    node $node broker,controller "controller.quorum.voters=$(voters 1 2 3)" broker.session.timeout.ms=3000 \
      broker.heartbeat.interval.ms=300 min.insync.replicas=2 "$@"
    sed -i 's/^offsets.topic.replication.factor=.*/offsets.topic.replication.factor=3/' node-$node.properties
    [ $node -ne 3 ] || [ -z "${BEFORE_3:-}" ] || $BEFORE_3
    "$KT" storage format -t "$id" -c node-$node.properties >/dev/null
  done
}
# refused PATTERN COMMAND...: fails, and says so in a line that matches.
refused() {
  run timeout -s KILL 30 "${@:2}"
  # shellcheck disable=SC2053
  [ "$status" -ne 0 ] && [ "$status" -ne 137 ] && [[ $output == $1 ]] ||
    { printf 'status %s, no match of %s in:\n%s\n' "$status" "$1" "$output" >&2; return 1; }
}
produce() { "$KT" produce --bootstrap-server "$(at "$1")" --topic "$2" --producer-property acks=all --producer-property retries=1000; }
consume() { "$KT" consume --bootstrap-server "$(at "$1")" --topic "$2" --from-beginning --max-messages "$3" --timeout-ms 20000; }
# in_sync ASKED TOPIC: waits until it is.
in_sync() {
  timeout 30 bash -c "until [ -z \"\$('$KT' topics --bootstrap-server $(at "$1") --describe --topic '$2' --under-replicated-partitions)\" ]; do :; done"
}

@test "a replication factor above the brokers there are, and brokers that nobody knows" {
  three
  start 1 2 3
  topics 1 --create --topic orders --replication-factor 3
  refused '*The target replication factor of 4 cannot be reached because only 3 broker(s) are registered.*' \
    "$KT" topics --bootstrap-server "$(at 2)" --create --topic four --replication-factor 4
  refused '*The manual partition assignment includes broker 9, but no such broker is registered.*' \
    "$KT" topics --bootstrap-server "$(at 2)" --create --topic nine --replica-assignment 1:9
  run "$KT" log-dirs --bootstrap-server "$(at 1)" --describe --broker-list 1,9
  [[ $output == *"The given brokers do not exist from --broker-list: 9. Current existent brokers: 1,2,3"* ]]
  [ "$(topics 1 --list --exclude-internal)" = orders ]

  # Of three registered brokers one is dead: two take part from the start, and the third when it is back.
  kill -KILL "${pids[3]}"
  timeout 20 bash -c "until '$KT' topics --bootstrap-server $(at 1) --describe --topic orders | grep -qP 'Isr: [12],[12]\\s'; do :; done"
  topics 1 --create --topic later --replication-factor 3
  topics 1 --describe --topic later | grep -qP 'Isr: [12],[12]\s'
  seq 1 100 | produce 1 later
  start 3
  in_sync 1 later
  [ "$(consume 3 later 100)" = "$(seq 1 100)" ]
}

@test "a cluster without a majority of controllers says so, and serves on what it has" {
  local id node
  give_ports 1 2 3 4 5
  id=$("$KT" storage random-uuid)
  for node in 1 2 3; do node $node controller "controller.quorum.voters=$(voters 1 2 3)"; done
  for node in 4 5; do node $node broker "controller.quorum.voters=$(voters 1 2 3)" request.timeout.ms=3000; done
  for node in 1 2 3 4 5; do "$KT" storage format -t "$id" -c node-$node.properties >/dev/null; done
  start 1 2 3 4 5
  topics 4 --create --topic orders --replication-factor 2 --partitions 2
  seq 1 100 | produce 4 orders
  [ "$(consume 5 orders 100 | sort -n)" = "$(seq 1 100)" ]
  kill -KILL "${pids[1]}" "${pids[2]}"
  refused 'error: No active controller answered within 3000 ms, and changes need a majority of the controllers: *' \
    "$KT" topics --bootstrap-server "$(at 4)" --create --topic meanwhile
  [ "$(topics 5 --list --exclude-internal)" = orders ]
  # Without idempotence, which needs a producer id: these are the controller's to give.
  seq 101 200 | "$KT" produce --bootstrap-server "$(at 5)" --topic orders --producer-property acks=all --producer-property enable.idempotence=false
  [ "$(consume 4 orders 200 | sort -n)" = "$(seq 1 200)" ]
  start 1
  topics 4 --create --topic afterwards
  # Broker 4 has answered for itself. Broker 5 may still be looking for the new leader of the quorum. What nobody answered may
  # be there after all: the controller that was left had it in its log, if it still took itself for the leader.
  timeout 20 bash -c "until '$KT' topics --bootstrap-server $(at 5) --list --exclude-internal | grep -vx meanwhile | sort | cmp -s - <(printf '%s\\n' afterwards orders); do :; done"
  [ "$(consume 5 orders 200 | sort -n)" = "$(seq 1 200)" ]
}

small_disk() {
  mkdir data-3
  mount -t tmpfs -o size=64m none data-3
}

@test "a broker whose disk is full says so and ends; the others go on, and with room it comes back" {
  [ "$(id -u)" -eq 0 ] || skip "mounts a small file system, which only root may"
  BEFORE_3=small_disk three
  start 1 2 3
  topics 1 --create --topic orders --replication-factor 3 --partitions 3
  seq 1 1000 | produce 1 orders
  fallocate -l "$(df --output=avail -B1 data-3 | tail -n 1)" data-3/filler
  seq 1001 40000 | produce 1 orders
  timeout 20 tail --pid="${pids[3]}" -f /dev/null
  [ "$(grep -c 'No space left on device' node-3.log)" -ge 1 ]
  tail -n 1 node-3.log | grep -q 'No space left on device'
  [ "$(consume 2 orders 40000 | sort -n)" = "$(seq 1 40000)" ]
  refused '*No space left on device*' "$KT" server node-3.properties
  rm data-3/filler
  start 3
  in_sync 1 orders
  kill -KILL "${pids[1]}"
  [ "$(consume 3 orders 40000 | sort -n)" = "$(seq 1 40000)" ]
}

@test "a second cluster on the ports of the first is refused, and the first serves on" {
  three
  start 1 2 3
  topics 1 --create --topic orders --replication-factor 3
  seq 1 100 | produce 1 orders
  local id asked
  id=$("$KT" storage random-uuid)
  ports[4]=${ports[2]} ports[14]=${ports[12]}
  node 4 broker,controller "controller.quorum.voters=$(voters 4)"
  "$KT" storage format -t "$id" -c node-4.properties >/dev/null
  refused "*error: port ${ports[2]} is in use at 127.0.0.1" "$KT" server node-4.properties
  seq 101 200 | produce 2 orders
  [ "$(consume 3 orders 200)" = "$(seq 1 200)" ]
  # With node 2 gone the ports are free: the others of the first cluster do not take the stranger for it. A client does, as
  # Kafka's do, so long as it is told of node 2.
  kill -KILL "${pids[2]}"
  for asked in 1 3; do
    timeout 30 bash -c "until '$KT' topics --bootstrap-server $(at $asked) --describe --topic orders | grep -qP 'Isr: [13],[13]\\s'; do :; done"
  done
  start 4
  topics 4 --create --topic stranger
  seq 201 300 | produce 1 orders
  [ "$(consume 3 orders 300)" = "$(seq 1 300)" ]
  [ "$(topics 4 --list --exclude-internal)" = stranger ]
  [ "$(topics 1 --list --exclude-internal)" = orders ]
  kill -TERM "${pids[4]}"
  wait "${pids[4]}"
  start 2
  in_sync 1 orders
  [ "$(consume 2 orders 300)" = "$(seq 1 300)" ]
}
