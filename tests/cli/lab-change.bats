# kt lab: labs that change, are kept, and are told of.

load lab

@test "a broker is added, and another drained and removed" {
  three_with_topic
  seq 1 50 | "$KT" produce --topic t
  lab add --rack far
  lab expect brokers 0,1,2,3 --within 10s
  grep -q '^broker.rack=far$' "$KT_LAB_DIR/broker-3/server.properties"
  run lab remove 0 --drain
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  lab expect brokers 1,2,3 --within 10s
  lab expect isr --topic t --full --within 10s
  [ ! -e "$KT_LAB_DIR/broker-0" ]
  eval "$(lab env)"
  [ "$("$KT" consume --topic t --from-beginning --max-messages 50 | sort -n)" = "$(seq 1 50)" ]
  run lab remove 1 --drain
  [ "$status" -ne 0 ]
  [[ $output == *"-0 has nowhere to go: each other broker has a copy"* ]]
  run lab remove controller
  [ "$output" = "error: controller-100 is a controller, which stay" ]
  lab down
  timeout 60 "$KT" lab up --keep
  lab expect brokers 1,2,3
}

@test "a broker that does not come up is not added, and its id and port are free again" {
  up --brokers 1
  eval "$(lab env)"
  mkdir -p "$KT_LAB_DIR/broker-1/server.log" # which is no file to write to
  run lab add
  [ "$status" -eq 1 ]
  [[ $output == "error: broker-1 ended: cannot write to "* ]]
  [ -z "$(state_of broker-1)" ]
  [ ! -e "$KT_LAB_DIR/broker-1" ]
  lab add
  local first second
  IFS=, read -r first second <<<"$(bootstrap)"
  [ "${second##*:}" -eq $((${first##*:} + 1)) ]
  lab expect brokers 0,1
}

@test "two brokers that are added at once have an id each" {
  up --brokers 1
  local one two
  lab add >/dev/null 3>&- &
  one=$!
  lab add >/dev/null 3>&- &
  two=$!
  wait $one
  wait $two
  lab expect brokers 0,1,2 --within 10s
  [ "$(lab list -o json | jq '.items[0].brokers')" -eq 3 ]
}

@test "a lab goes back to a snapshot" {
  three_with_topic
  seq 1 5 | "$KT" produce --topic t
  lab snapshot before
  lab expect isr --topic t --full --within 15s
  seq 6 9 | "$KT" produce --topic t
  "$KT" topics --create --topic later >/dev/null
  lab restore before
  lab expect end t:0 --is 5 --within 15s
  [ "$("$KT" topics --list)" = t ]
  lab expect isr --topic t --full --within 15s
  seq 6 7 | "$KT" produce --topic t
  lab expect end t:0 --is 7
  run lab snapshot before
  [ "$output" = "error: there is a snapshot before already" ]
  run lab restore after
  [ "$status" -eq 4 ]
}

@test "a snapshot leaves a paused node paused, and takes none of a node that is about to be something else" {
  up --brokers 2
  lab pause 1
  lab snapshot one
  [ "$(state_of broker-1)" = paused ]
  [ "$(state_of broker-0)" = up ]
  [ "$(state_of controller-100)" = up ]
  lab kill 1 --signal TERM >/dev/null 2>&1 3>&- & # which a frozen node does not heed
  until_true is_now broker-1 stopping
  run lab snapshot two
  [ "$status" -ne 0 ]
  [ "$output" = "error: broker-1 is stopping: take the snapshot when it is not" ]
  [ "$(state_of broker-0)" = up ]
  [ "$(ls -A state/kt/labs/lab/snapshots)" = one ]
}

@test "a snapshot that is interrupted leaves the nodes going and nothing to restore" {
  up --brokers 1
  mkdir state/kt/labs/lab/broker-0/data/much
  (cd state/kt/labs/lab/broker-0/data/much && seq 1 50000 | xargs touch)
  "$KT" lab snapshot half >/dev/null 2>&1 3>&- &
  local pid=$!
  until_true is_now broker-0 paused
  kill -TERM $pid
  wait $pid || true
  is_now broker-0 up
  is_now controller-100 up
  [ -z "$(ls -A state/kt/labs/lab/snapshots)" ]
  run lab restore half
  [ "$status" -eq 4 ]
}

@test "a seed makes the same table twice" {
  local round
  for round in 1 2; do
    up --seed 7
    eval "$(lab env)"
    "$KT" topics --create --topic one --partitions 5 --replication-factor 3 >/dev/null
    "$KT" topics --create --topic two --partitions 5 --replication-factor 2 >/dev/null
    lab expect isr --topic one --full --within 10s
    lab expect isr --topic two --full --within 10s
    "$KT" topics --describe | sed 's/Isr: [0-9,]*//' >table-$round  # who caught up first is no part of it
    lab down
  done
  [ "$(wc -l <table-1)" -eq 12 ]
  diff table-1 table-2
}

@test "a bundle has what one needs to see what happened" {
  three_with_topic
  lab kill 1
  lab bundle all.tar.gz
  tar -tzf all.tar.gz >listing
  for file in lab.json events.ndjson supervisor.log status.txt topics.txt groups.txt broker-1/server.log \
    broker-0/server.properties controller-100/__cluster_metadata-0/00000000000000000000.log; do
    grep -qx "lab/$file" listing || { echo "no $file"; false; }
  done
  tar -xzOf all.tar.gz lab/topics.txt | grep -q 'Topic: t'
}

@test "three controllers: one is killed, then a second, and the first comes back" {
  up --controllers 3
  eval "$(lab env)"
  "$KT" topics --create --topic t --partitions 1 --replication-factor 3 >/dev/null
  lab kill controller
  local down
  down=$(lab status -o json | jq -r '.items[] | select(.state == "down").id')
  lab expect controller --is "!=$down" --within 15s
  "$KT" topics --create --topic u >/dev/null
  lab kill controller
  run timeout 20 "$KT" topics --create --topic v --command-config <(echo request.timeout.ms=3000)
  [ "$status" -ne 0 ]
  echo still | timeout 30 "$KT" produce --topic t --producer-property enable.idempotence=false  # a new id is the quorum's to give
  [ "$("$KT" consume --topic t --partition 0 --offset earliest --max-messages 1)" = still ]
  lab start "$down"
  lab expect brokers 0,1,2 --within 15s
  "$KT" topics --create --topic w >/dev/null
  "$KT" topics --list | grep -qx w
}

@test "lint tells of what is wrong, and all of kt's own exercises are right" {
  lab lint "$BATS_TEST_DIRNAME"/../../labs/*.bash
  printf '# title: x\n# needs: brokers=1\n# time: 5s\nexpect brokers 0 --within soon\nsleep 3\nif\n' >bad.bash
  run lab lint bad.bash
  [ "$status" -eq 1 ]
  [ "${lines[0]}" = "bad.bash: its header says no from: a document of the course and a line, as 004 1379" ]
  [ "${lines[1]}" = "bad.bash:4: expect before the first step" ]
  [ "${lines[2]}" = "bad.bash:4: --within soon is no time such as 5s" ]
  [ "${lines[3]}" = "bad.bash:5: sleep waits for nothing: expect ... --within, or within" ]
  [[ "${lines[4]}" == *"syntax error"* ]]
  echo 'offsets.topic.replication.factor=1' >server.properties
  run lab lint server.properties
  [[ $output == "server.properties:1: offsets.topic.replication.factor=1: "* ]]
}

@test "expect tells moved leaders, balance, assignments, coordinators, and what was lost or came twice" {
  three_with_topic
  lab expect leaders-balanced --max-skew 1
  lab expect hw-lag t:0 --is 0
  lab kill 0
  lab expect leader-moved --topic t --from 0 --to 1,2 --only 0 --within 10s
  run lab expect leader-moved --topic t --from 0 --to 0
  [ "$status" -eq 1 ]
  seq 1 3 | "$KT" produce --topic t
  "$KT" consume --topic t --group g --from-beginning >/dev/null 2>&1 3>&- &
  local consumer=$!
  lab expect assignment g --sizes 1 --within 20s
  lab expect coordinator g --is '>=1'
  kill $consumer
  printf 'a\nb\nc\n' >sent
  printf 'a\nc\nc\n' >got
  lab expect lost --sent sent --got got --is 1
  lab expect dupes --sent sent --got got --is 1
  run lab expect lost --sent sent --got got
  [ "$status" -eq 1 ]
  [ "${lines[1]}" = "  actual: lost: 1, the first is b" ]
}
