# Several kt processes that are one cluster: their quorum, who leads it, and what happens when one of them is gone.

KT=${KT:-$BATS_TEST_DIRNAME/../../build/dev/kt}

setup() { cd "$BATS_TEST_TMPDIR" && pids=() && ports=(); }
teardown() {
  for pid in "${pids[@]}"; do kill -KILL "$pid" 2>/dev/null && wait "$pid" 2>/dev/null || true; done
}

# free_ports COUNT: ports that nobody listens on, a moment ago.
free_ports() {
  python3 -c 'import socket, sys
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
print(*[s.getsockname()[1] for s in held])' "$1"
}

# node ID ROLES LINE...: writes its property file. Node N listens on ports[N] for clients, ports[N + 10] as a controller.
node() {
  local id=$1 roles=$2 listeners=()
  shift 2
  [[ $roles == *broker* ]] && listeners+=("PLAINTEXT://127.0.0.1:${ports[id]}")
  [[ $roles == *controller* ]] && listeners+=("CONTROLLER://127.0.0.1:${ports[id + 10]}")
  {
    echo "node.id=$id"
    echo "process.roles=$roles"
    echo "listeners=$(IFS=,; echo "${listeners[*]}")"
    echo "controller.listener.names=CONTROLLER"
    echo "log.dirs=$PWD/data-$id"
    echo "offsets.topic.replication.factor=1"
    printf '%s\n' "$@"
  } >"node-$id.properties"
}

# start ID...: at the same time, since they may need each other, and waits until all serve.
start() {
  local id waits=()
  for id in "$@"; do
    mkfifo "ready-$id"
    timeout 30 head -n 1 "ready-$id" >"said-$id" 3>&- 4>&- &
    waits+=($!)
    "$KT" server "node-$id.properties" --ready-fd 9 9>"ready-$id" 3>&- 4>&- >>"node-$id.log" 2>&1 &
    pids[id]=$!
  done
  wait "${waits[@]}"
  for id in "$@"; do
    rm "ready-$id"
    [ -s "said-$id" ] || { cat "node-$id.log" >&2; return 1; }
  done
}

at() { echo "127.0.0.1:${ports[$1]}"; }
topics() { "$KT" topics --bootstrap-server "$(at "$1")" "${@:2}"; }
# The node that was elected last.
leader() {
  grep -H "Becoming the active controller" node-*.log |
    sed 's/^node-\([0-9]*\)\.log:.* at epoch \([0-9]*\),.*/\2 \1/' | sort -n | tail -n 1 | cut -d' ' -f2
}

three_nodes() {
  read -r -a free <<<"$(free_ports 6)"
  ports=([1]=${free[0]} [2]=${free[1]} [3]=${free[2]} [11]=${free[3]} [12]=${free[4]} [13]=${free[5]})
}

@test "three nodes with static voters are one cluster, and outlive their leader" {
  three_nodes
  local voters="1@127.0.0.1:${ports[11]},2@127.0.0.1:${ports[12]},3@127.0.0.1:${ports[13]}" id
  id=$("$KT" storage random-uuid)
  for node in 1 2 3; do
    node $node broker,controller "controller.quorum.voters=$voters"
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
  read -r -a free <<<"$(free_ports 4)"
  ports=([11]=${free[0]} [2]=${free[1]} [3]=${free[2]})
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
  run topics 2 --create --topic two --replication-factor 2
  [ "$status" -ne 0 ]
  [[ $output == *"keep at most 1 replica of a partition"* ]]
}

@test "a node of another cluster, or without its directories formatted, is told so" {
  read -r -a free <<<"$(free_ports 3)"
  ports=([11]=${free[0]} [2]=${free[1]})
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
