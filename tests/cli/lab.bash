# What the tests of kt lab share. Each test has a state directory of its own, and leaves nothing.

setup() {
  KT=${KT:-$BATS_TEST_DIRNAME/../../build/dev/kt}
  KT=$(realpath "$KT")
  cd "$BATS_TEST_TMPDIR" || exit
  export XDG_STATE_HOME=$PWD/state
  unset KT_LAB KT_BOOTSTRAP_SERVERS
}
teardown() { timeout 40 "$KT" lab down --all --wipe >/dev/null; }

up() { timeout 60 "$KT" lab up --fast --port-base auto "$@"; }
lab() { timeout 90 "$KT" lab "$@"; }
bootstrap() { lab list -o json | jq -r '.items[0].bootstrap_servers'; }
state_of() { lab status -o json | jq -r ".items[] | select(.node == \"$1\").state"; }
is_now() { [ "$(state_of "$1")" = "$2" ]; }  # NODE STATE, for until_true
# Every process of the test's labs, by the folder that stands in its arguments.
nodes_alive() { pgrep -f "kt server $PWD/" || true; }
no_nodes() { [ -z "$(nodes_alive)" ]; }
# until_true COMMAND...: within ten seconds.
until_true() {
  local end=$((SECONDS + 10))
  until "$@"; do [ $SECONDS -lt $end ] || return 1; done
}
# A lab of three brokers, and topic t with one partition, led by 0, on all of them.
three_with_topic() {
  up "$@"
  eval "$(lab env)"
  "$KT" topics --create --topic t --replica-assignment 0:1:2 >/dev/null
  lab expect isr --topic t --full --within 10s
}
