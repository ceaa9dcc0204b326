bats_require_minimum_version 1.5.0

# kt's consumer and librdkafka's (kcat) in one group: what one makes of the members' metadata the other must agree with.

setup_file() {
  load broker
  start_broker --override group.initial.rebalance.delay.ms=0
}
teardown_file() {
  load broker
  stop_broker
}
setup() { load broker; }
teardown() {
  local pid
  for pid in $(jobs -p); do kill "$pid" && timeout 20 tail --pid="$pid" -f /dev/null; done
}

# wait_for GROUP JQ: until the document of its members fits.
wait_for() {
  local until=$((SECONDS + 60))
  until "$KT" groups describe "$1" --members -o json 2>/dev/null | jq -e "$2" >/dev/null; do
    [ $SECONDS -lt $until ] || { "$KT" groups describe "$1" --members; return 1; }
  done
}
# wait_until_read TOPIC N: until so many lines were read by both.
wait_until_read() {
  local until=$((SECONDS + 60))
  until [ "$(cat "$BATS_TEST_TMPDIR/$1-"* | wc -l)" -ge "$2" ]; do
    [ $SECONDS -lt $until ] || { cat "$BATS_TEST_TMPDIR/$1-"*; return 1; }
  done
}

@test "kt and librdkafka share a group, each record is read once, and who leaves hands over" {
  local strategy settings kt kcat out=$BATS_TEST_TMPDIR
  for strategy in range roundrobin cooperative-sticky; do
    "$KT" topics create "by-$strategy" --partitions 4
    settings=(-X heartbeat.interval.ms=300 -X "partition.assignment.strategy=$strategy")
    "$KT" consume "by-$strategy" --group "g-$strategy" --from-beginning "${settings[@]}" \
      >"$out/by-$strategy-kt" 2>"$out/err" 3>&- &
    kt=$!
    wait_for "g-$strategy" '[.items[].partitions] == [4]'
    kcat -q -u -b "$KT_BOOTSTRAP_SERVERS" "${settings[@]}" -X auto.offset.reset=earliest \
      -G "g-$strategy" "by-$strategy" >"$out/by-$strategy-kcat" 2>"$out/err-kcat" 3>&- &
    kcat=$!
    wait_for "g-$strategy" '[.items[].partitions] == [2, 2]'
    seq 1 400 | sed 's/.*/&:&/' | "$KT" produce "by-$strategy" --property parse.key=true --property key.separator=:
    wait_until_read "by-$strategy" 400
    [ -s "$out/by-$strategy-kt" ] && [ -s "$out/by-$strategy-kcat" ]

    kill "$kt"
    wait "$kt" || [ $? -eq 143 ]
    wait_for "g-$strategy" '[.items[].partitions] == [4]'
    seq 401 500 | sed 's/.*/&:&/' | "$KT" produce "by-$strategy" --property parse.key=true --property key.separator=:
    wait_until_read "by-$strategy" 500
    kill "$kcat"
    wait "$kcat" || true
    diff <(seq 1 500) <(cat "$out/by-$strategy-"* | sort -n)
  done
}
