# What earlier builds and Apache Kafka left on disk is served to the last record.
@test "golden data directories" {
  run timeout 300 "$BATS_TEST_DIRNAME/../golden/golden" check --kt "${KT:-$BATS_TEST_DIRNAME/../../build/dev/kt}"
  echo "$output"
  [ "$status" -eq 0 ]
}
