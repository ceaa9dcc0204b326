setup() { load broker; }
teardown() { stop_broker KILL; }

@test "a created topic is usable on every loop when the answer is there" {
  BROKER_DIR=$BATS_TEST_TMPDIR/data
  start_broker --override kt.io.threads=4
  run "$BATS_TEST_DIRNAME/created-topics.py" "$KT_BOOTSTRAP_SERVERS" 5
  [ "$status" -eq 0 ]
  [[ "$output" =~ ^[1-9][0-9]*\ topics$ ]]
}
