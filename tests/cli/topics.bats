setup_file() {
  load broker
  start_broker
}
teardown_file() {
  load broker
  stop_broker
}
setup() { load broker; }

@test "create, list, describe, alter, delete" {
  run "$KT" topics create orders --partitions 3
  [ "$status" -eq 0 ]
  [ "$output" = "Created topic orders." ]

  run "$KT" topics --list
  [ "$output" = "orders" ]

  run "$KT" topics describe orders
  [ "$status" -eq 0 ]
  [[ "${lines[0]}" =~ ^Topic:\ orders$'\t'TopicId:\ [A-Za-z0-9_-]{22}$'\t'PartitionCount:\ 3$'\t'ReplicationFactor:\ 1$'\t'Configs:\ min.insync.replicas=1$ ]]
  [ "${lines[1]}" = $'\tTopic: orders\tPartition: 0\tLeader: 1\tReplicas: 1\tIsr: 1\tElr: \tLastKnownElr: ' ]

  run "$KT" topics alter orders --partitions 5
  [ "$status" -eq 0 ]
  [ "$("$KT" topics describe orders -o json | jq '.items[0].partitions | length')" -eq 5 ]

  run "$KT" topics delete orders
  [ "$status" -eq 0 ]
  [ -z "$output" ]
  run "$KT" topics list
  [ -z "$output" ]
}

@test "configs stand in the order of Kafka's tool, which is that of a Java hash map" {
  "$KT" topics create configured --config retention.ms=100000 --config cleanup.policy=compact
  run "$KT" topics describe configured
  [[ "${lines[0]}" == *$'\tConfigs: min.insync.replicas=1,cleanup.policy=compact,retention.ms=100000' ]]
  "$KT" topics delete configured
}

@test "a topic that exists is refused, with Kafka's sentence under the script's name" {
  "$KT" topics create twice
  run "$KT" topics create twice
  [ "$status" -eq 1 ]
  [ "$output" = "error: Topic 'twice' already exists. (TOPIC_ALREADY_EXISTS, 36)" ]
  "$KT" topics create twice --if-not-exists

  ln -sf "$KT" "$BATS_TEST_TMPDIR/kafka-topics.sh"
  run "$BATS_TEST_TMPDIR/kafka-topics.sh" --bootstrap-server "$KT_BOOTSTRAP_SERVERS" --create --topic twice
  [ "$status" -eq 1 ]
  [ "$output" = "Error while executing topic command : Topic 'twice' already exists." ]
}

@test "bad names, unknown configs and missing topics" {
  run "$KT" topics create 'a b'
  [ "$status" -eq 1 ]
  [[ "$output" == *"Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'"* ]]
  run "$KT" topics create x --config retention.msec=1
  [ "$status" -ne 0 ]
  [[ "$output" == *"retention.msec"* ]]
  run "$KT" topics describe absent
  [ "$status" -eq 4 ]
  run "$KT" topics --bogus
  [ "$status" -eq 2 ]
  [[ "$output" == *"bogus is not a recognized option"* ]]
}

@test "nobody listens there" {
  run "$KT" topics list --bootstrap-server 127.0.0.1:1
  [ "$status" -eq 3 ]
  [ "$output" = "error: cannot connect to 127.0.0.1:1: connection refused (NETWORK_EXCEPTION, 13)" ]
}
