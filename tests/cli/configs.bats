setup_file() {
  load broker
  start_broker
  "$KT" topics create orders
}
teardown_file() {
  load broker
  stop_broker
}
setup() { load broker; }

@test "alter, describe, and back" {
  run "$KT" configs alter --topic orders --add-config 'retention.ms=100000,cleanup.policy=[compact,delete]'
  [ "$status" -eq 0 ]
  [ "$output" = "Completed updating config for topic orders." ]
  run "$KT" configs describe --topic orders
  [ "${lines[0]}" = "Dynamic configs for topic orders are:" ]
  [ "${lines[1]}" = "  cleanup.policy=compact,delete sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:cleanup.policy=compact,delete, DEFAULT_CONFIG:log.cleanup.policy=delete}" ]
  [ "${lines[2]}" = "  retention.ms=100000 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:retention.ms=100000}" ]
  "$KT" configs alter --topic orders --delete-config retention.ms,cleanup.policy
  run "$KT" configs describe --topic orders
  [ "${#lines[@]}" -eq 1 ]
}

@test "the JSON of configs has the fields that are promised" {
  "$KT" configs alter --topic orders --add-config retention.ms=5000
  run "$KT" configs describe --topic orders -o json
  [ "$status" -eq 0 ]
  [ "$(jq -c '.kt' <<<"$output")" = '{"command":"configs.describe","schema":1}' ]
  [ "$(jq -c '.items' <<<"$output")" = '[{"entities":[{"type":"topics","name":"orders"}],"configs":[{"name":"retention.ms","value":"5000","source":"DYNAMIC_TOPIC_CONFIG","sensitive":false,"read_only":false,"synonyms":[{"source":"DYNAMIC_TOPIC_CONFIG","name":"retention.ms","value":"5000"}]}]}]' ]
  run "$KT" configs alter --broker-defaults --add-config log.cleaner.threads=2 -o json
  [ "$output" = '{"kt":{"command":"configs.alter","schema":1},"items":[{"entities":[{"type":"brokers","name":null}]}],"errors":[]}' ]
  "$KT" configs alter --broker-defaults --delete-config log.cleaner.threads
}

@test "what is wrong is said once, with a code that tells what kind it is" {
  run "$KT" configs describe --topic absent
  [ "$status" -eq 4 ]
  [ "$output" = "error: The topic 'absent' doesn't exist and doesn't have dynamic config. (RESOURCE_NOT_FOUND, 91)" ]
  run "$KT" configs alter --topic orders --add-config retention.msec=1
  [ "$status" -ne 0 ]
  [[ "$output" == *"Unknown topic config name: retention.msec"* ]]
  run "$KT" configs alter --topic orders --delete-config segment.bytes
  [ "$status" -eq 4 ]
  [ "$output" = "error: Invalid config(s): segment.bytes (RESOURCE_NOT_FOUND, 91)" ]
  run "$KT" configs alter --user alice --add-config 'SCRAM-SHA-256=[password=secret]'
  [ "$status" -eq 2 ]
  [[ "$output" == "SCRAM credentials cannot be changed by this build of kt"* ]]
  run "$KT" configs alter --ip nobody.invalid --add-config connection_creation_rate=1
  [ "$status" -eq 2 ]
}

@test "a script hears Kafka's sentences and 1" {
  ln -sf "$KT" "$BATS_TEST_TMPDIR/kafka-configs.sh"
  run "$BATS_TEST_TMPDIR/kafka-configs.sh" --bootstrap-server "$KT_BOOTSTRAP_SERVERS" --alter --topic orders --add-config retention.ms=abc
  [ "$status" -eq 1 ]
  [ "${lines[0]}" = "Error while executing config command with args '--bootstrap-server $KT_BOOTSTRAP_SERVERS --alter --topic orders --add-config retention.ms=abc'" ]
  [ "${lines[1]}" = "Invalid value abc for configuration retention.ms: Not a number of type LONG" ]
  run "$BATS_TEST_TMPDIR/kafka-configs.sh" --bootstrap-server "$KT_BOOTSTRAP_SERVERS" --describe --topic absent
  [ "$status" -eq 0 ]
}
