# kt lab: a cluster of processes from the shell.

load lab

@test "up gives brokers that know each other, and down leaves neither a process nor a port" {
  up --brokers 2
  local at
  at=$(bootstrap)
  [ "$(nodes_alive | wc -l)" -eq 3 ]
  "$KT" broker-api-versions -b "${at%%,*}" -o json | jq -e '.items | length == 2'
  "$KT" topics -b "$at" --create --topic t --partitions 4
  seq 1 20 | "$KT" produce -b "$at" --topic t
  [ "$("$KT" consume -b "$at" --topic t --from-beginning --max-messages 20 | sort -n)" = "$(seq 1 20)" ]
  lab down
  no_nodes
  [ ! -e state/kt/labs/lab/run ]
  local port
  for port in ${at//[^0-9:,]/}; do
    ! timeout 2 bash -c "exec 5<>/dev/tcp/127.0.0.1/${port##*:}" 2>/dev/null
  done
  [ "$(lab list -o json | jq -r '.items[0].state')" = down ]
}

@test "nodes are killed, stopped, paused, started and restarted, and the lab knows" {
  up --brokers 1
  lab kill 0
  [ "$(state_of broker-0)" = down ]
  run lab kill 0
  [ "$status" -eq 1 ]
  [ "$output" = "error: broker-0 is down" ]
  ! timeout 2 bash -c "exec 5<>/dev/tcp/127.0.0.1/$(bootstrap | cut -d: -f2)" 2>/dev/null  # as where nobody is
  lab start 0
  lab pause 0
  [ "$(state_of broker-0)" = paused ]
  lab resume 0
  lab stop broker-0
  lab start 0
  lab restart controller
  lab restart --rolling
  [ "$(state_of broker-0)" = up ]
  lab events | grep -q "broker-0 down: signal 9"
  lab logs 0 --grep 'Kafka Server started' | grep -q started
  run lab stop 7
  [ "$status" -eq 4 ]
  [[ $output == *"has no node 7: it has 100, 0"* ]]
}

@test "a supervisor that is killed takes its nodes along, and the next lab begins anew" {
  up --brokers 1
  kill -KILL "$(cat state/kt/labs/lab/run/lock)"
  until_true no_nodes
  run lab status
  [[ $output == *"broker-0       down"* ]]
  up --brokers 1
}

@test "a lab that was begun with --keep goes on with its data" {
  up --brokers 1
  "$KT" topics -b "$(bootstrap)" --create --topic kept
  lab down
  timeout 60 "$KT" lab up --keep
  [ "$("$KT" topics -b "$(bootstrap)" --list)" = kept ]
  lab down
  up --brokers 1
  [ -z "$("$KT" topics -b "$(bootstrap)" --list)" ]
}

@test "Ctrl-C ends a lab in the foreground; so does the death of whoever holds it" {
  local pid how
  for how in INT KILL; do
    "$KT" lab up --foreground --fast --brokers 1 --port-base auto >"said-$how" 3>&- &
    pid=$!
    until_true grep -q Ctrl-C "said-$how"
    kill -$how $pid
    wait $pid || true
    until_true no_nodes
    until_true [ ! -e state/kt/labs/lab/run ]
  done
}

@test "what is wrong is said in one line" {
  run lab status
  [ "$status" -eq 4 ]
  [ "$output" = "error: there is no lab: kt lab up makes one" ]
  run lab up --brokers 99
  [ "$status" -eq 2 ]
  python3 -c 'import socket, time
s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1], flush=True); time.sleep(60)' >port 3>&- &
  local holder=$!
  until_true [ -s port ]
  run lab up --port-base "$(cat port)"
  kill $holder
  [ "$status" -eq 3 ]
  [ "$output" = "error: port $(cat port) is in use by python3 (pid $holder)" ]
  mkdir mine && touch mine/letter
  run lab up --dir mine
  [ "$status" -eq 2 ]
  [ "$output" = "error: mine is not empty, and no lab's: give --dir a folder of its own" ]
  run up --brokers 1 --set broker.session.timeout.ms=x
  [ "$status" -eq 1 ]
  [[ $output == *"ended before it served: exit 1"* ]]
  no_nodes
}

@test "several labs have names; one is current" {
  up one --brokers 1
  up two --brokers 1 --dir here
  [ -e here/lab.json ]
  [ "$(lab list -o json | jq -r '.items[] | select(.current).lab')" = two ]
  lab use one
  eval "$(lab env)"
  [ "$KT_LAB" = one ]
  "$KT" topics --list
  run lab up one
  [ "$status" -eq 1 ]
  [ "$output" = "error: lab one is running: kt lab down one ends it" ]
  unset KT_LAB
  lab down one
  lab down two
  touch here/letter
  [ "$(lab gc)" = "$(printf 'the files of lab %s are gone\n' one two)" ]
  [ "$(ls here)" = letter ]
}

@test "a folder that is another lab's, or nobody's, is left alone" {
  up one --brokers 1 --dir here
  run up two --brokers 1 --dir here
  [ "$status" -eq 2 ]
  [ "$output" = "error: a lab is running in here: give --dir a folder of its own" ]
  [ "$(KT_LAB=one lab status -o json | jq -r '.items[].state' | sort -u)" = up ]
  lab down one
  run up two --brokers 1 --dir here
  [ "$status" -eq 2 ]
  [ "$output" = "error: here is lab one's: give --dir a folder of its own" ]
  [ -d here/broker-0/data ]
  [ "$(lab list -o json | jq -r '.items[].lab')" = one ]
  mkdir -p mine/snapshots && echo '{}' >mine/lab.json
  run up two --brokers 1 --dir mine
  [ "$status" -eq 2 ]
  [[ $output == "error: mine/lab.json is no lab's "* ]]
  [ -d mine/snapshots ]
  up one --brokers 1 --dir here
}

@test "of two ups at once one makes the lab, and gc spares a lab that is being made" {
  local first second
  up --brokers 1 >said-1 2>&1 3>&- &
  first=$!
  up --brokers 1 >said-2 2>&1 3>&- &
  second=$!
  local failed=0
  wait $first || failed=$((failed + 1))
  wait $second || failed=$((failed + 1))
  [ "$failed" -eq 1 ]
  [ "$(cat said-1 said-2 | grep '^error')" = "error: lab lab is running: kt lab down lab ends it" ]
  [ "$(state_of broker-0)" = up ]
  mkdir there
  run flock there "$KT" lab up three --dir there
  [ "$output" = "error: another kt lab is making a lab in there: give --dir a folder of its own" ]
  lab down
  [ -z "$(flock state/kt/labs/.lab.lock "$KT" lab gc)" ]
  timeout 60 "$KT" lab up --keep
  lab down --wipe
  [ ! -e state/kt/labs/.lab.lock ]
}

@test "expect looks at topics, offsets, groups, logs and commands" {
  up --brokers 2
  eval "$(lab env)"
  "$KT" topics --create --topic t --partitions 4
  lab expect isr --topic t --full
  lab expect isr --topic t --size '>=1' --without 5
  lab expect leader --topic t --is 0,1 --within 5s
  lab expect brokers 0,1
  lab expect controller --is 100
  lab expect under-replicated --is 0
  seq 1 9 | "$KT" produce --topic t
  "$KT" topics --create --topic one --partitions 1
  seq 1 5 | "$KT" produce --topic one
  lab expect end one:0 --is 5
  lab expect start one-0 0
  "$KT" consume --topic one --group g --from-beginning --max-messages 5 >/dev/null
  lab expect committed g one:0 5 --within 5s
  lab expect lag g --is 0
  lab expect group-state g Empty --within 5s
  lab expect logs 1 --match 'Kafka Server started'
  printf 'Topic: one TopicId: * PartitionCount: 1 ReplicationFactor: 1 Configs: min.insync.replicas=1\n' >table
  printf 'Topic: one Partition: 0 Leader: * Replicas: * Isr: * Elr: LastKnownElr:\n' >>table
  "$KT" topics --describe --topic one
  lab expect table --file table -- kt topics --describe --topic one
  run lab expect table --file table -- kt topics --describe --topic t
  [ "$status" -eq 1 ]
  [[ $output == *"line 1 differs:"* ]]
  lab expect took '<10s' -- kt topics --list
  lab expect error TOPIC_ALREADY_EXISTS -- kt topics --create --topic one
  lab expect error 36 -- kt topics --create --topic one
}

@test "expect says what it saw, by four exit codes" {
  up --brokers 2
  eval "$(lab env)"
  "$KT" topics --create --topic t --replica-assignment 0,1,0,1
  run lab expect leader --topic t --partition 1 --is 0
  [ "$status" -eq 1 ]
  [ "$output" = "$(printf 'expected: leader of t-1 is 0\n  actual: t-1 leader 1')" ]
  run lab expect brokers 0,1,2 --within 200ms -o json
  [ "$status" -eq 124 ]
  [ "$(jq -r '.items[0] | .verdict, .expected, .actual' <<<"$output")" = "$(printf 'timed-out\nbrokers are 0,1,2\nbrokers are 0,1')" ]
  run lab expect isr --topic nothing --full
  [ "$status" -eq 3 ]
  lab expect brokers 0,1 --for 300ms
  lab expect no-leader --topic t --never --for 200ms
  lab kill 1
  lab expect brokers 0 --within 5s
  lab expect no-leader --topic t --partition 1 --within 5s
  lab expect leader --topic t --partition 0 --is 0
  run lab expect sense
  [ "$status" -eq 2 ]
  [[ $output == "error: there is no check sense: there are isr, "* ]]
  run lab expect end t
  [ "$status" -eq 2 ]
  lab kill 0
  run lab expect brokers 0,1 --within 500ms
  [ "$status" -eq 3 ]
}
