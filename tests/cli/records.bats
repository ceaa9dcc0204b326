# kt get-offsets and kt delete-records
setup_file() {
  load broker
  start_broker
  "$KT" topics create orders --partitions 2
  seq 10 | kcat -b "$KT_BOOTSTRAP_SERVERS" -P -t orders -p 0
}
teardown_file() {
  load broker
  stop_broker
}
setup() { load broker; }

@test "where partitions begin and end" {
  run "$KT" get-offsets orders
  [ "$status" -eq 0 ]
  [ "$output" = $'orders:0:10\norders:1:0' ]
  [ "$("$KT" get-offsets --topic-partitions orders:1- --time earliest)" = "orders:1:0" ]
  run "$KT" get-offsets absent
  [ "$status" -eq 4 ]
  [ "$output" = "error: Could not match any topic-partitions with the specified filters (UNKNOWN_TOPIC_OR_PARTITION, 3)" ]
}

@test "the JSON of get-offsets has a null where there is no offset" {
  run "$KT" get-offsets orders -o json
  [ "$output" = '{"kt":{"command":"get-offsets","schema":1},"items":[{"topic":"orders","partition":0,"offset":10},{"topic":"orders","partition":1,"offset":0}],"errors":[]}' ]
  run "$KT" get-offsets orders --partitions 1 --time max-timestamp -o json
  [ "$(jq -c .items <<<"$output")" = '[{"topic":"orders","partition":1,"offset":null}]' ]
}

@test "records are deleted up to an offset, and not beyond the end" {
  echo '{"partitions":[{"topic":"orders","partition":0,"offset":4}]}' >"$BATS_TEST_TMPDIR/4"
  run "$KT" delete-records "$BATS_TEST_TMPDIR/4"
  [ "$status" -eq 0 ]
  [ "$output" = $'Executing records delete operation\nRecords delete operation completed:\npartition: orders-0\tlow_watermark: 4' ]
  [ "$("$KT" get-offsets orders --partitions 0 --time earliest)" = "orders:0:4" ]
  [ "$("$KT" delete-records "$BATS_TEST_TMPDIR/4" -o json)" = \
    '{"kt":{"command":"delete-records","schema":1},"items":[{"topic":"orders","partition":0,"low_watermark":4}],"errors":[]}' ]

  echo '{"partitions":[{"topic":"orders","partition":0,"offset":99},{"topic":"absent","partition":0,"offset":1}]}' >"$BATS_TEST_TMPDIR/99"
  run "$KT" delete-records "$BATS_TEST_TMPDIR/99"
  [ "$status" -eq 1 ]
  [[ "${lines[2]}" == $'partition: absent-0\terror: org.apache.kafka.common.errors.UnknownTopicOrPartitionException: '* ]]
  [[ "${lines[3]}" == $'partition: orders-0\terror: org.apache.kafka.common.errors.OffsetOutOfRangeException: '* ]]
  [ "$("$KT" get-offsets orders --partitions 0 --time earliest)" = "orders:0:4" ]
  ln -sf "$KT" "$BATS_TEST_TMPDIR/kafka-delete-records.sh"
  "$BATS_TEST_TMPDIR/kafka-delete-records.sh" --bootstrap-server "$KT_BOOTSTRAP_SERVERS" --offset-json-file "$BATS_TEST_TMPDIR/99"
}
