#!/usr/bin/env -S kt lab run
# title:  Retention
# from:   002 40
# needs:  brokers=1 fast
# time:   8s

batch() { printf "$1-%d\n" {1..10} | kt produce --topic log; }

step "A log is cut into segments"
say "Records are not removed one by one. A segment goes when the whole of it is past retention; the one that is written to stays."
kt topics --create --topic log --partitions 1 >/dev/null
batch a; kt lab roll log
batch b; kt lab roll log
batch c; kt lab roll log
batch d
kt consume --topic log --group old --from-beginning --max-messages 5 >/dev/null
expect committed old log:0 --is 5 --within 5s

step "By size"
kt configs --alter --entity-type topics --entity-name log --add-config retention.bytes=300 >/dev/null
show kt lab retain log
expect start log:0 '>0'
kt get-offsets --topic log --time earliest >start
[ $(($(cut -d: -f3 start) % 10)) = 0 ]  # a whole number of segments

step "By age"
say "retention.ms is seven days by default. Eight days later, only what was written since is left."
kt configs --alter --entity-type topics --entity-name log --delete-config retention.bytes >/dev/null
kt lab clock advance 8d
show kt lab retain log
expect start log:0 --is 40
batch e
expect end log:0 --is 50

step "A reader that comes too late"
say "The group committed offset 5, which is gone. auto.offset.reset says where it goes on: here, at the earliest there is."
kt consume --topic log --group old --max-messages 10 --consumer-property auto.offset.reset=earliest >got
[ "$(cat got)" = "$(printf 'e-%d\n' {1..10})" ]
