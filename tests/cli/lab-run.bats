# kt lab run: exercises in labs of their own.

setup() {
  KT=$(realpath "${KT:-$BATS_TEST_DIRNAME/../../build/dev/kt}")
  cd "$BATS_TEST_TMPDIR" || exit
  export XDG_STATE_HOME=$PWD/state TMPDIR=$PWD/tmp
  mkdir tmp
  unset KT_LAB KT_BOOTSTRAP_SERVERS
}

# exercise NAME TIME: from the standard input.
exercise() {
  { printf '# title: %s\n# needs: brokers=1 fast\n# time: %s\n' "$1" "$2"; cat; } >"$1.bash"
}
# interrupted FILE OPTION...: runs it and, once it has begun, tells it to end, which it does within 20 s; fails as it ends.
interrupted() {
  "$KT" lab run "$@" >/dev/null 3>&- &
  local pid=$! end=$((SECONDS + 20))
  until [ -e begun ]; do [ $SECONDS -lt $end ] || return 1; done
  kill -TERM $pid
  while kill -0 $pid 2>/dev/null; do [ $SECONDS -lt $end ] || return 1; done
  wait $pid
}
# No process and no file of an exercise is left.
nothing_left() { [ -z "$(pgrep -f "kt server $PWD/")" ] && [ -z "$(ls tmp)" ]; }

@test "every exercise of kt's own holds" {
  run timeout 290 "$KT" lab run --all --mode ci --jobs 2 --junit results.xml
  [ "$status" -eq 0 ] || { echo "$output"; false; }
  [ "$(grep -c '^ok ' <<<"$output")" -eq "$(sed -n 's/^1\.\.//p' <<<"$output")" ]
  [ "$(grep -c '<testsuite ' results.xml)" -eq "$(ls "$BATS_TEST_DIRNAME"/../../labs/*.bash | wc -l)" ]
  nothing_left
}

@test "what does not hold ends the exercise, and is told with what was seen" {
  exercise wrong 5s <<'END'
step "Two is one"
expect brokers 0
expect brokers 0,1
expect brokers 0
END
  run timeout 60 "$KT" lab run wrong.bash --tap --junit results.xml
  [ "$status" -eq 1 ]
  [ "${lines[0]}" = "ok 1 - wrong: Two is one: brokers 0" ]
  [ "${lines[1]}" = "not ok 2 - wrong: Two is one: brokers 0,1" ]
  [ "${lines[2]}" = "# expected: brokers are 0,1" ]
  [ "${lines[-1]}" = "1..2" ]
  grep -q 'tests="2" failures="1"' results.xml
  nothing_left
}

@test "a command that fails, one that takes too long, and a wait that runs out each have their end" {
  exercise fails 5s <<<'kt topics --describe --topic nothing'
  run timeout 60 "$KT" lab run fails.bash --tap
  [ "$status" -eq 1 ]
  [[ $output == *"not ok 1 - fails: the beginning: line 4 ends with 4: kt topics --describe --topic nothing"* ]]
  exercise hangs 100ms <<<'consumer c --topic t; tail -f /dev/null'
  run timeout 60 "$KT" lab run hangs.bash --tap
  [ "$status" -eq 124 ]
  [[ $output == *"not ok 1 - hangs: it ends within 1000 ms"*"# still running: "*"tail -f /dev/null"* ]]
  exercise waits 5s <<<'expect brokers 0,1 --within 300ms'
  run timeout 60 "$KT" lab run waits.bash --tap
  [ "$status" -eq 124 ]
  nothing_left
}

@test "an exercise that is interrupted leaves nothing" {
  exercise hangs 60s <<<'consumer c --topic t; kt lab expect brokers 0; touch "$KT_LAB_FILES/begun"; tail -f /dev/null'
  local status=0
  interrupted hangs.bash --tap || status=$?
  [ "$status" -eq 143 ]
  nothing_left
}

# It got no signal, being born while its group was told; or it does not heed it. It ends with kt at the latest.
@test "an exercise that is interrupted does not wait for what outlives its shell" {
  exercise stays 60s <<<'(trap "" TERM; touch "$KT_LAB_FILES/begun"; exec tail --pid=$PPID -f /dev/null) & wait'
  local status=0
  interrupted stays.bash --tap || status=$?
  [ "$status" -eq 143 ]
  nothing_left
}

@test "narrated, an exercise prints its commands, its words and the answers" {
  exercise tale 5s <<'END'
step "Look"
say "There is a broker."
ask "How many?" --answer 1
show kt topics --create --topic t
expect leader --topic t --is 0
END
  run timeout 60 "$KT" lab run tale.bash --mode narrate </dev/null
  [ "$status" -eq 0 ]
  [[ $output == *"== Look"*"There is a broker."*"? How many?"*"it is: 1"*'$ kt topics --create --topic t'*"Created topic t."*"✓ Look: leader --topic t --is 0"* ]]
  nothing_left
}

@test "what is no exercise is refused" {
  echo 'expect brokers 0' >plain.bash
  run "$KT" lab run plain.bash --tap
  [ "$status" -eq 2 ]
  [[ $output == "error: plain.bash: its header says no title"* ]]
  run "$KT" lab run 99
  [ "$status" -eq 4 ]
  run "$KT" lab run
  [ "$status" -eq 2 ]
}

@test "exercises run side by side and again, and each result is a line of JSON" {
  for name in one two; do exercise $name 5s <<<'step "Look"; expect brokers 0'; done
  exercise bad 5s <<<'step "Look"; expect brokers 1'
  run timeout 60 "$KT" lab run one.bash --tap --repeat 3 --jobs 2 --ndjson lines
  [ "$status" -eq 0 ]
  [ "$(grep -c '^ok ' <<<"$output")" -eq 3 ]
  [ "${lines[-1]}" = "1..3" ]
  [ "$(jq -r .exercise lines | sort | paste -sd' ')" = "one #1 one #2 one #3" ]
  run timeout 60 "$KT" lab run bad.bash --tap --repeat 2
  [ "$status" -eq 1 ]
  [ "$(grep -c '^not ok ' <<<"$output")" -eq 2 ]
  [ "$(timeout 60 "$KT" lab run two.bash --mode ci --ndjson - | jq -r .text)" = "Look: brokers 0" ]
  run timeout 60 "$KT" lab run two.bash --mode narrate --jobs 2
  [ "$status" -eq 2 ]
  nothing_left
}

@test "exercises that run side by side end with who runs them" {
  exercise hangs 60s <<<'consumer c --topic t; kt lab expect brokers 0; touch "$KT_LAB_FILES/begun"; tail -f /dev/null'
  local status=0
  interrupted hangs.bash --tap --repeat 2 --jobs 2 || status=$?
  [ "$status" -eq 143 ]
  nothing_left
}

@test "where the reader does it, commands are typed elsewhere, and what comes true is ticked off" {
  exercise typed 5s <<'END'
step "A topic"
show kt topics --create --topic mine
expect leader --topic mine --is 0
END
  timeout 60 "$KT" lab run typed.bash --mode do >told </dev/null 3>&- &
  local pid=$! end=$((SECONDS + 20))
  until grep -q 'type: kt topics' told; do [ $SECONDS -lt $end ]; done
  ! grep -q '✓' told
  (. "$(sed -n 's/in another terminal: . //p' told)" && kt topics --create --topic mine)
  wait $pid
  grep -q '✓ A topic: leader' told
  jq -e '.done | has("typed")' state/kt/course.json
  nothing_left
}

@test "an exercise may need controllers, a seed and properties of its brokers" {
  printf '# title: x\n# needs: brokers=1 controllers=3 seed=5 log.retention.hours=1 fast\n# time: 5s\nstep S\nexpect controller --is ">=100"\ngrep -q log.retention.hours=1 "$KT_LAB_DIR/broker-0/server.properties"\n' >needs.bash
  timeout 60 "$KT" lab run needs.bash --tap
  sed -i 's/seed=5/seeds=5/' needs.bash
  run timeout 60 "$KT" lab run needs.bash --tap
  [ "$status" -eq 2 ]
}
