setup_file() {
  load broker
  start_broker
  "$KT" topics create load --partitions 2
}
teardown_file() {
  load broker
  stop_broker
}
setup() { load broker; }

# raw ARGUMENT...: one field of perf raw's answer per line: requests, records, batch bytes.
raw() { "$KT" perf raw load -o json --duration 60s "$@" | jq -r '.items[0] | .requests, .records, .batch_bytes'; }

@test "perf raw sends what it was told to, and the log has it" {
  run raw --batch-bytes 16384 --record-bytes 100 --batches 10 --connections 2
  [ "$status" -eq 0 ]
  [ "${lines[0]}" -eq 10 ]
  [ "${lines[1]}" -eq 1480 ]  # 148 of 110 bytes and a header fit
  [ "${lines[2]}" -le 163840 ]

  run raw --load single --record-bytes 100 --batches 10 --acks 1 --rate 1000
  [ "${lines[0]}" -eq 10 ]
  [ "${lines[1]}" -eq 10 ]

  run "$KT" consume --topic load --from-beginning --max-messages 1490
  [[ "$output" == *"Processed a total of 1490 messages"* ]]
}

@test "perf raw fetches what is there, and asks for metadata" {
  raw --batch-bytes 16384 --batches 20 --connections 2
  run raw --load fetch --batch-bytes 65536 --batches 10
  [ "$status" -eq 0 ]
  [ "${lines[0]}" -eq 10 ]
  [ "${lines[2]}" -gt 0 ]
  run raw --load metadata --batches 10
  [ "${lines[0]}" -eq 10 ]
  [ "${lines[2]}" -eq 0 ]
}

@test "perf raw says what is wrong" {
  run "$KT" perf raw absent
  [ "$status" -eq 4 ]
  [ "$output" = 'error: topic "absent" does not exist (UNKNOWN_TOPIC_OR_PARTITION, 3)' ]

  "$KT" topics create empty
  run "$KT" perf raw empty --load fetch
  [ "$status" -ne 0 ]
  [[ "$output" == 'error: topic "empty" holds nothing to fetch: send to it first'* ]]

  "$KT" topics create small --config max.message.bytes=1000
  run "$KT" perf raw small --batch-bytes 2000
  [ "$status" -ne 0 ]
  [[ "$output" == *MESSAGE_TOO_LARGE* ]]
}

@test "the perf tests count what they send and read" {
  "$KT" topics create counted
  run "$KT" producer-perf-test counted --num-records 1000 --record-size 10 --throughput -1 --warmup-records 400
  [ "$status" -eq 0 ]
  [ "${lines[0]}" = "Warmup first 400 records. Steady state results will print after the complete test summary." ]
  [[ "${lines[1]}" == "1000 records sent, "* ]]
  [[ "${lines[2]}" == "600 steady state records sent, "* ]]

  run "$KT" consumer-perf-test counted --messages 1000 --hide-header
  [ "$status" -eq 0 ]
  [ "$(cut -d, -f5 <<<"$output")" -eq 1000 ]
  [ "$(cut -d, -f3 <<<"$output")" = " 0.0095" ]

  run "$KT" producer-perf-test counted --num-records 1 --record-size 1 --throughput -1 --print-metrics
  [ "$status" -ne 0 ]
  [[ "$output" == *"has no producer metrics to print"* ]]
}

@test "the consumer's test takes a consumer's settings, and says which it cannot" {
  run "$KT" consumer-perf-test load --messages 1 --command-property max.poll.records=0
  [ "$status" -eq 2 ]
  [[ "$output" == *"Invalid value 0 for configuration max.poll.records: Value must be at least 1"* ]]
  run "$KT" consumer-perf-test load --messages 1 --command-property isolation.level=none
  [ "$status" -eq 2 ]
  [[ "$output" == *"isolation.level"* ]]
}
