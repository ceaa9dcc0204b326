#!/usr/bin/env -S kt lab run
# title:  Tombstones
# from:   002 50
# needs:  brokers=1 fast
# time:   8s

keyed() {
  printf '%s\n' "$@" |
    kt produce --topic people --property parse.key=true --property key.separator=: --property null.marker=NULL
}
offsets() {
  kt consume --topic people --partition 0 --offset earliest --max-messages "$1" \
    --property print.offset=true --property print.key=true
}

step "A key is deleted by a record without a value"
kt topics --create --topic people --partitions 1 --config cleanup.policy=compact >/dev/null
keyed K1:Ada K2:Grace K1:NULL
kt lab roll people
kt lab compact people
say "Compaction takes Ada away, and keeps the record that says so: a reader that has not been here for a while has to hear of it."
offsets 2 >first
show cat first
[ "$(cut -f1,2 first)" = "$(printf 'Offset:1\tK2\nOffset:2\tK1')" ]

step "After a day it goes too"
say "delete.retention.ms, a day by default, is how long it stays. The lab's clock is pushed by 25 hours, and the log compacted again."
show kt lab clock advance 25h
keyed K3:Barbara
kt lab roll people
kt lab compact people
offsets 2 >second
show cat second
[ "$(cut -f1,2 second)" = "$(printf 'Offset:1\tK2\nOffset:3\tK3')" ]
ask "A reader comes back that last read before K1 was deleted. Does it hear of that?" --answer no
expect end people:0 --is 4
