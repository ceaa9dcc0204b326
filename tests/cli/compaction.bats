setup() { load broker; }
teardown() { stop_broker KILL; }

start_cleaning_broker() {
  BROKER_DIR=$BATS_TEST_TMPDIR/data
  start_broker --override log.cleaner.backoff.ms=50
}
# segment.ms=1 below: a segment ends with the first batch that comes later than 1 ms after its first, so each kt produce
# begins one. All records as "offset key=value", by another project's client.
table() { kcat -b "$KT_BOOTSTRAP_SERVERS" -C -t "$1" -e -q -f '%o %k=%s\n'; }
put() { "$KT" produce --topic "$1" --property parse.key=true --property key.separator==; }
# table_becomes TOPIC FILE: within a minute.
table_becomes() {
  local end=$((SECONDS + 60))
  until diff <(table "$1") "$2" >"$BATS_TEST_TMPDIR/diff"; do
    ((SECONDS < end)) || { cat "$BATS_TEST_TMPDIR/diff" >&2; return 1; }
  done
}

@test "a compacted topic keeps the last value of each key, at its offset" {
  start_cleaning_broker
  "$KT" topics create numbers --config cleanup.policy=compact --config segment.ms=1 --config min.cleanable.dirty.ratio=0.01
  awk 'BEGIN { for (i = 0; i < 30000; ++i) printf "k%d=%d-%0100d\n", i * 7919 % 500, i, i }' >"$BATS_TEST_TMPDIR/sent"
  put numbers <"$BATS_TEST_TMPDIR/sent"
  [ "$(table numbers | wc -l)" -gt 0 ]
  echo "end=of it" | put numbers
  awk -F= '{ last[$1] = NR - 1 " " $0 } END { for (key in last) print last[key]; print "30000 end=of it" }' \
    "$BATS_TEST_TMPDIR/sent" | sort -n >"$BATS_TEST_TMPDIR/expected"
  table_becomes numbers "$BATS_TEST_TMPDIR/expected"
  [ -s "$BROKER_DIR/cleaner-offset-checkpoint" ]
  stop_broker KILL
  start_cleaning_broker
  table_becomes numbers "$BATS_TEST_TMPDIR/expected"
}

@test "the book's table of log compaction" {
  start_cleaning_broker
  "$KT" topics create table --config cleanup.policy=compact --config segment.ms=1 --config min.cleanable.dirty.ratio=0.01
  local i keys=(K1 K5 K2)
  { for i in {0..12}; do echo "${keys[i % 3]}=any"; done
    printf '%s\n' K1=V5 K5=x K2=x K5=x K5=V2 K2=x K2=V7; } | put table
  echo K7=V1 | put table
  printf '%s\n' '13 K1=V5' '17 K5=V2' '19 K2=V7' '20 K7=V1' >"$BATS_TEST_TMPDIR/before"
  table_becomes table "$BATS_TEST_TMPDIR/before"
  printf '%s\n' K8=V4 K4=V6 K1=V1 K1=V2 K1=V9 K9=V6 K8=V22 K2=V25 | put table
  echo roll= | put table
  printf '%s\n' '17 K5=V2' '20 K7=V1' '22 K4=V6' '25 K1=V9' '26 K9=V6' '27 K8=V22' '28 K2=V25' '29 roll=' \
    >"$BATS_TEST_TMPDIR/after"
  table_becomes table "$BATS_TEST_TMPDIR/after"
}
