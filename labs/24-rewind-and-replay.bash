#!/usr/bin/env -S kt lab run
# title:  Rewind and read again
# from:   004 948
# needs:  brokers=3 fast
# time:   10s

step "A group reads ten records"
kt topics --create --topic orders --partitions 1 >/dev/null
printf 'm%d\n' {1..10} | kt produce --topic orders
kt consume --topic orders --group billing --from-beginning --max-messages 10 >/dev/null
expect committed billing orders:0 --is 10 --within 5s
expect lag billing --is 0

step "A dry run changes nothing"
say "Where a group reads on is an offset that it committed. It can be set by hand, while no member is there."
show kt groups reset-offsets billing --topic orders --to-earliest --dry-run
expect committed billing orders:0 --is 10

step "Back to the beginning"
show kt groups reset-offsets billing --topic orders --to-earliest --execute
expect committed billing orders:0 --is 0
expect lag billing --is 10
kt consume --topic orders --group billing --max-messages 10 >replayed
[ "$(cat replayed)" = "$(printf 'm%d\n' {1..10})" ]
expect lag billing --is 0 --within 5s

step "Three back"
show kt groups reset-offsets billing --topic orders --shift-by -3 --execute
expect lag billing --is 3

step "Not under a reader's feet"
consumer member --topic orders --group billing
expect exact-order --by member m8 m9 m10 --within 5s
expect members billing --is 1 --within 5s
ask "May the offsets of a group that is reading be set?" --answer "no"
if kt groups reset-offsets billing --topic orders --to-earliest --execute >refused 2>&1; then
  grep -q "current state is" refused  # Kafka's tool says so, and ends with 0
fi
expect lag billing --is 0 --within 5s
expect exact-order --by member m8 m9 m10
