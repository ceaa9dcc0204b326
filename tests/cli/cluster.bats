# Several kt processes that are one cluster: their quorum, who leads it, and what happens when one of them is gone.

setup() { load cluster; }
teardown() { end_nodes; }

@test "three nodes with static voters are one cluster, and outlive their leader" {
  give_ports 1 2 3
  local id node
  id=$("$KT" storage random-uuid)
  for node in 1 2 3; do
    node $node broker,controller "controller.quorum.voters=$(voters 1 2 3)"
    "$KT" storage format -t "$id" -c node-$node.properties >/dev/null
  done
  start 1 2 3
  for node in 1 2 3; do
    topics $node --create --topic "by-$node" --partitions 3
    [ "$(topics $node --list | grep -c "^by-$node$")" -eq 1 ]  # at once, where it was made
  done
  local first
  first=$(leader)
  kill -KILL "${pids[first]}"
  local other=$((first % 3 + 1))
  topics $other --create --topic meanwhile
  [ "$(topics $other --list)" = "$(printf 'by-%s\n' 1 2 3; echo meanwhile)" ]
  [ "$(leader)" != "$first" ]
  start "$first"
  [ "$(topics "$first" --list)" = "$(printf 'by-%s\n' 1 2 3; echo meanwhile)" ]
  seq 1 50 | "$KT" produce --bootstrap-server "$(at "$first")" --topic by-1
  [ "$("$KT" consume --bootstrap-server "$(at $other)" --topic by-1 --from-beginning --max-messages 50 | sort -n)" = "$(seq 1 50)" ]
}

@test "a dynamic quorum, and brokers that only observe it" {
  give_ports 1 2 3
  local id node
  id=$("$KT" storage random-uuid)
  node 1 controller "controller.quorum.bootstrap.servers=127.0.0.1:${ports[11]}"
  "$KT" storage format --standalone -t "$id" -c node-1.properties >/dev/null
  for node in 2 3; do
    node $node broker "controller.quorum.bootstrap.servers=127.0.0.1:${ports[11]}"
    "$KT" storage format --no-initial-controllers -t "$id" -c node-$node.properties >/dev/null
  done
  start 1
  start 2
  start 3
  topics 2 --create --topic orders --partitions 4
  timeout 10 sh -c "until [ \"\$('$KT' topics --bootstrap-server $(at 3) --list)\" = orders ]; do :; done"
  [ "$(topics 3 --describe --topic orders | grep -c 'Leader: [23]')" -eq 4 ]
  topics 2 --create --topic two --replication-factor 2
  run topics 2 --create --topic three --replication-factor 3
  [ "$status" -ne 0 ]
  [[ $output == *"The target replication factor of 3 cannot be reached because only 2 broker(s) are registered."* ]]
}

@test "a node of another cluster, or without its directories formatted, is told so" {
  give_ports 1 2
  node 1 controller "controller.quorum.bootstrap.servers=127.0.0.1:${ports[11]}"
  node 2 broker "controller.quorum.bootstrap.servers=127.0.0.1:${ports[11]}"
  "$KT" storage format --standalone -t "$("$KT" storage random-uuid)" -c node-1.properties >/dev/null
  start 1
  run timeout 20 "$KT" server node-2.properties
  [ "$status" -eq 1 ]
  [[ $output == *"No readable meta.properties files found. Format $PWD/data-2 first"* ]]
  "$KT" storage format --no-initial-controllers -t "$("$KT" storage random-uuid)" -c node-2.properties >/dev/null
  run timeout 20 "$KT" server node-2.properties
  [ "$status" -eq 1 ]
  [[ $output == *"another cluster"* ]]
}

@test "what three replicas have acknowledged outlives the broker that leads, and the group goes on" {
  give_ports 1 2 3
  local id node
  id=$("$KT" storage random-uuid)
  for node in 1 2 3; do
    node $node broker,controller "controller.quorum.voters=$(voters 1 2 3)" broker.session.timeout.ms=3000 \
      broker.heartbeat.interval.ms=300 min.insync.replicas=2
    sed -i 's/^offsets.topic.replication.factor=.*/offsets.topic.replication.factor=3/' node-$node.properties
    "$KT" storage format -t "$id" -c node-$node.properties >/dev/null
  done
  start 1 2 3
  topics 1 --create --topic orders --partitions 1 --replication-factor 3
  seq 1 500 | "$KT" produce --bootstrap-server "$(at 2)" --topic orders --producer-property acks=all
  "$KT" consume --bootstrap-server "$(at 3)" --topic orders --group readers --from-beginning --max-messages 200 --timeout-ms 20000 >got
  local leads
  leads=$(topics 1 --describe --topic orders | sed -n 's/.*Leader: \([0-9]\).*/\1/p')
  kill -KILL "${pids[leads]}"
  local one=$((leads % 3 + 1)) two=$(((leads + 1) % 3 + 1))
  seq 501 1000 | "$KT" produce --bootstrap-server "$(at $one),$(at $two)" --topic orders --producer-property acks=all --producer-property retries=1000
  "$KT" consume --bootstrap-server "$(at $one),$(at $two)" --topic orders --group readers --max-messages 800 --timeout-ms 20000 >>got
  [ "$(cat got)" = "$(seq 1 1000)" ]
  start "$leads"
  timeout 20 bash -c "until [ -z \"\$('$KT' topics --bootstrap-server $(at $one) --describe --topic orders --under-replicated-partitions)\" ]; do :; done"
}
