bats_require_minimum_version 1.5.0

setup_file() {
  load broker
  start_broker
  "$KT" topics create orders --partitions 3
  "$KT" topics create single
  seq 1 30 | "$KT" produce single
  seq 1 30 | sed 's/.*/k&:v&/' | "$KT" produce orders --property parse.key=true --property key.separator=:
}
teardown_file() {
  load broker
  stop_broker
}
setup() { load broker; }

# Runs a member in the background until stop_member.
start_member() {
  "$KT" consume "$@" >"$BATS_TEST_TMPDIR/$1-member" 2>&1 3>&- &
  echo $! >>"$BATS_TEST_TMPDIR/members"
}
stop_members() {
  local pid
  for pid in $(cat "$BATS_TEST_TMPDIR/members"); do
    kill "$pid" 2>/dev/null || true
    timeout 20 tail --pid="$pid" -f /dev/null
  done
}
# wait_for GROUP JQ: until the document of its members fits.
wait_for() {
  local until=$((SECONDS + 30))
  until "$KT" groups describe "$1" --members -o json 2>/dev/null | jq -e "$2" >/dev/null; do
    [ $SECONDS -lt $until ] || { "$KT" groups describe "$1" --members; return 1; }
  done
}

@test "a group goes on where it left off, and is listed and described" {
  run "$KT" consume single --group reader --from-beginning -n 10
  [ "$status" -eq 0 ]
  [ "${lines[0]}" = 1 ]
  run --separate-stderr "$KT" groups describe reader
  [ "$status" -eq 0 ]
  [[ "$stderr" == *"Consumer group 'reader' has no active members."* ]]
  [ "${lines[0]}" = "GROUP           TOPIC           PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG             CONSUMER-ID     HOST            CLIENT-ID" ]
  [ "${lines[1]}" = "reader          single          0          10              30              20              -               -               -" ]
  run "$KT" consume single --group reader -n 1
  [ "${lines[0]}" = 11 ]
  run "$KT" groups list
  [[ "$output" == *reader* ]]
}

@test "members of every strategy share the partitions" {
  local strategy
  for strategy in range roundrobin sticky org.apache.kafka.clients.consumer.CooperativeStickyAssignor; do
    start_member orders --group "with-$strategy" -X "partition.assignment.strategy=$strategy"
    start_member orders --group "with-$strategy" -X "partition.assignment.strategy=$strategy"
    wait_for "with-$strategy" '[.items[].partitions] | sort == [1, 2]'
  done
  stop_members
}

@test "a group moves from range to cooperative-sticky, member by member" {
  start_member orders --group moving -X partition.assignment.strategy=range -X session.timeout.ms=6000
  wait_for moving '.items | length == 1'
  start_member orders --group moving
  wait_for moving '[.items[].partitions] | sort == [1, 2]'
  run "$KT" groups describe moving --state -o json
  [ "$(jq -r '.items[0].assignment_strategy' <<<"$output")" = range ]
  kill "$(head -n 1 "$BATS_TEST_TMPDIR/members")"
  wait_for moving '[.items[].partitions] == [3]'
  start_member orders --group moving -X partition.assignment.strategy=cooperative-sticky
  wait_for moving '[.items[].partitions] | sort == [1, 2]'
  run "$KT" groups describe moving --state -o json
  [ "$(jq -r '.items[0].assignment_strategy' <<<"$output")" = cooperative-sticky ]
  stop_members
}

@test "a strategy that is none is refused by name" {
  run "$KT" consume orders --group g -X partition.assignment.strategy=best
  [ "$status" -eq 2 ]
  [[ "$output" == *"Invalid value best for configuration partition.assignment.strategy: no such assignor"* ]]
}

@test "offsets are planned, exported, read back and reset" {
  run "$KT" groups reset-offsets planned --topic single --to-offset 7 --export --dry-run
  [ "$status" -eq 0 ]
  [ "${lines[0]}" = single,0,7 ]
  echo "${lines[0]}" >"$BATS_TEST_TMPDIR/plan.csv"
  run "$KT" groups reset-offsets planned --from-file "$BATS_TEST_TMPDIR/plan.csv" --execute
  [ "$status" -eq 0 ]
  [ "${lines[1]}" = "planned                        single                         0          7              " ]
  run "$KT" consume single --group planned -n 1
  [ "${lines[0]}" = 8 ]

  echo single,zero,7 >"$BATS_TEST_TMPDIR/plan.csv"
  run "$KT" groups reset-offsets planned --from-file "$BATS_TEST_TMPDIR/plan.csv" --execute
  [ "$status" -eq 2 ]
  [[ "$output" == *"plan.csv: Not topic,partition,offset: single,zero,7"* ]]
  run "$KT" groups reset-offsets planned --topic single:4 --to-earliest --execute
  [ "$status" -eq 4 ]
  [[ "$output" == *"Partition single-4 does not exist"* ]]
}

@test "a group with members keeps its offsets" {
  start_member single --group busy
  wait_for busy '[.items[].partitions] == [1]'
  run "$KT" groups reset-offsets busy --all-topics --to-earliest --execute
  [ "$status" -eq 1 ]
  [[ "$output" == *"Assignments can only be reset if the group 'busy' is inactive, but the current state is Stable."* ]]
  run "$KT" groups delete busy
  [ "$status" -eq 1 ]
  [[ "$output" == *"* Group 'busy' could not be deleted due to: org.apache.kafka.common.errors.GroupNotEmptyException: The group is not empty."* ]]
  stop_members
}

@test "a group that is not there: kt fails, the script tells and ends with 0 as Kafka's does" {
  run "$KT" groups describe nobody
  [ "$status" -eq 4 ]
  [[ "$output" == *"Group nobody not found."* ]]
  ln -sf "$KT" "$BATS_TEST_TMPDIR/kafka-consumer-groups.sh"
  run "$BATS_TEST_TMPDIR/kafka-consumer-groups.sh" --bootstrap-server "$KT_BOOTSTRAP_SERVERS" --describe --group nobody
  [ "$status" -eq 0 ]
  [ "$output" = $'\nError: Executing consumer group command failed due to org.apache.kafka.common.errors.GroupIdNotFoundException: Group nobody not found.' ]
}

@test "regular expressions are checked as brokers read them" {
  run "$KT" groups --validate-regex 'orders-.*'
  [ "$status" -eq 0 ]
  [ "$output" = 'The regular expression `orders-.*` is valid.' ]
  run "$KT" groups --validate-regex '[a'
  [ "$status" -eq 1 ]
  [ "$output" = 'The regular expression `[a` is invalid: missing closing ].' ]
}
