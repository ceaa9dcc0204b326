# What is wrong is told in one line that names it, with a status that is not 0; and nothing half-made is left.
setup() {
  load broker
  cd "$BATS_TEST_TMPDIR"
}
teardown() { stop_broker KILL; }

# refused STATUS COMMAND...: its stdout is empty and its stderr is $output.
refused() {
  local wanted=$1
  shift
  run --separate-stderr timeout 20 "$@"
  [ "$status" -eq "$wanted" ] || { echo "status $status: $output $stderr" >&2; return 1; }
  [ -z "$output" ] || { echo "stdout: $output" >&2; return 1; }
  output=$stderr
}
# The same of a server's start, and that one line is all it says.
server_refused() {
  refused 1 "$KT" server --override listeners=PLAINTEXT://127.0.0.1:0 "$@"
  [ "$(wc -l <<<"$output")" -eq 1 ]
}
# As somebody for whom permissions hold; root may read everything.
as_nobody() {
  if [ "$(id -u)" -eq 0 ]; then setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; else "$@"; fi
}

bats_require_minimum_version 1.5.0

@test "an unknown flag: did you mean" {
  refused 2 "$KT" topics create orders --partitons 3
  [ "$output" = $'partitons is not a recognized option\ndid you mean: --partitions\ntry: kt topics --help' ]
  refused 2 "$KT" server --dirr data
  [[ $output == *$'did you mean: --dir\n'* ]]
  [ ! -e data ]
  refused 2 "$KT" topics list --group readers
  [[ $output == *"--group belongs to kt "* ]]
}

@test "an unknown command: did you mean" {
  refused 2 "$KT" topcs
  [ "$output" = $'error: kt has no command topcs\n  did you mean: topics\n  try: kt help' ]
}

@test "a bad topic name makes no topic" {
  start_broker
  refused 1 "$KT" topics create 'a b'
  [ "$output" = "error: Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-' (INVALID_TOPIC_EXCEPTION, 17)" ]
  refused 1 "$KT" topics create "$(printf 'x%.0s' {1..250})"
  [[ $output == "error: Topic name is invalid: the length of 'xxx"*"' is longer than the max allowed length 249 (INVALID_TOPIC_EXCEPTION, 17)" ]]
  run "$KT" topics list
  [ -z "$output" ]
}

@test "an unknown topic config: did you mean" {
  start_broker
  refused 2 "$KT" topics create orders --config retention.msec=1
  [ "$output" = $'error: Unknown topic config name: retention.msec (INVALID_CONFIG, 40)\n  did you mean: retention.ms' ]
  run "$KT" topics list
  [ -z "$output" ]
}

@test "a port in use is named" {
  start_broker
  BROKER_DIR=$BATS_TEST_TMPDIR/other
  refused 1 "$KT" server --dir other --override "listeners=PLAINTEXT://$KT_BOOTSTRAP_SERVERS"
  [ "$output" = "error: port ${KT_BOOTSTRAP_SERVERS##*:} is in use at 127.0.0.1" ]
  # What it made by then is whole: the next start takes it.
  stop_broker TERM
  start_broker
}

@test "two brokers on one directory" {
  BROKER_DIR=$BATS_TEST_TMPDIR/data
  start_broker
  server_refused --dir "$BROKER_DIR"
  [ "$output" = "error: Failed to acquire lock on file .lock in $BROKER_DIR. A Kafka or kt instance in another process or thread is using this directory." ]
  "$KT" topics create still-served
}

@test "a data directory that cannot be made or read" {
  echo text >file
  server_refused --dir file/data
  [ "$output" = "error: cannot make directory file/data: Not a directory" ]
  open=$(mktemp -d)  # where anybody can get to, unlike bats' folders
  chmod 755 "$open"
  cp "$KT" "$open/kt"
  mkdir -m 555 "$open/locked"
  run --separate-stderr as_nobody timeout 20 "$open/kt" server --dir "$open/locked" --override listeners=PLAINTEXT://127.0.0.1:0
  left=$(ls -A "$open/locked")
  rm -rf "$open"
  [ "$status" -eq 1 ]
  [ "$stderr" = "error: cannot open $open/locked/.lock: Permission denied" ]
  [ -z "$left" ]
}

@test "a corrupt meta.properties is named and left alone" {
  mkdir bad
  printf 'version=1\nnode.id=one\ncluster.id=x\n' >bad/meta.properties
  cp bad/meta.properties before
  server_refused --dir bad
  [ "$output" = "error: bad/meta.properties: node.id is not a number" ]
  head -c 100 /dev/urandom >bad/meta.properties
  server_refused --dir bad
  [[ $output == "error: bad/meta.properties: "* ]]
  printf 'version=1\n' >bad/meta.properties
  server_refused --dir bad
  [ "$output" = "error: bad/meta.properties: node.id is missing" ]
  run find bad -name '*-*'
  [ -z "$output" ]
}

@test "a property file that is not there, or says what cannot be" {
  refused 1 "$KT" server absent.properties
  [ "$output" = "error: there is no property file absent.properties" ]
  printf 'listeners=PLAINTEXT://127.0.0.1:0\nlog.dirs=%s\nnum.partitions=many\n' "$PWD/data" >wrong.properties
  refused 1 "$KT" server wrong.properties
  [ "$output" = "error: Invalid value many for configuration num.partitions: Not a number of type INT" ]
  [ ! -e data ]
}

@test "an unknown key in a property file warns with the nearest and starts" {
  printf 'listeners=PLAINTEXT://127.0.0.1:0\nlog.dirs=%s\nnum.partitoins=3\n' "$PWD/data" >server.properties
  BROKER_DIR=unused
  start_broker "$PWD/server.properties"
  run grep -c 'warning: unknown key num.partitoins; did you mean num.partitions?' "$BATS_FILE_TMPDIR/server.log"
  [ "$output" = 1 ]
  "$KT" topics create orders
}

@test "a setting for TLS or SASL is refused before anything is sent in plain text" {
  echo 'security.protocol=SASL_SSL' >client.properties
  local plain="this build of kt connects in plain text alone; leave it out"
  refused 2 "$KT" topics list --client-config client.properties
  [ "$output" = "error: security.protocol=SASL_SSL: $plain and name a PLAINTEXT listener of the cluster (INVALID_CONFIG, 40)" ]
  refused 2 "$KT" produce t -X sasl.mechanism=PLAIN
  [ "$output" = "error: sasl.mechanism: $plain, or say security.protocol=PLAINTEXT where that is meant (INVALID_CONFIG, 40)" ]
}
