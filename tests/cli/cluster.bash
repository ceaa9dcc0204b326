# Helpers for bats: several nodes of one cluster in the test's folder, nodes 1 to 9.

KT=${KT:-$BATS_TEST_DIRNAME/../../build/dev/kt}
cd "$BATS_TEST_TMPDIR" || exit
pids=() ports=()

end_nodes() {
  local pid
  for pid in "${pids[@]}"; do kill -KILL "$pid" 2>/dev/null && wait "$pid" 2>/dev/null || true; done
}

# give_ports ID...: each node gets ports that nobody listens on, a moment ago: ports[ID] for clients, ports[ID + 10] for its
# controller. None of those that connections are given: what a dead node listened on is to be free when it comes back.
give_ports() {
  local id free
  read -r -a free <<<"$(python3 -c 'import random, socket, sys
end = int(open("/proc/sys/net/ipv4/ip_local_port_range").read().split()[0])
held = []
while len(held) < int(sys.argv[1]):
    try:
        held.append(socket.create_server(("127.0.0.1", random.randrange(10000, end))))
    except OSError:
        pass
print(*[s.getsockname()[1] for s in held])' $((2 * $#)))"
  for id in "$@"; do ports[id]=${free[-1]} && ports[id + 10]=${free[-2]} && unset 'free[-1]' 'free[-1]'; done
}

# voters ID...: as controller.quorum.voters has it.
voters() {
  local id list=()
  for id in "$@"; do list+=("$id@127.0.0.1:${ports[id + 10]}"); done
  (IFS=,; echo "${list[*]}")
}

# node ID ROLES LINE...: writes its property file.
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
