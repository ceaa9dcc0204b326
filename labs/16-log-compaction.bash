#!/usr/bin/env -S kt lab run
# title:  Log compaction
# from:   002 56
# needs:  brokers=3 fast
# time:   10s

keyed() { printf '%s\n' "$@" | kt produce --topic latest --property parse.key=true --property key.separator=:; }
table() {
  kt consume --topic latest --partition 0 --offset earliest --max-messages "$1" \
    --property print.offset=true --property print.key=true
}

step "The last value of each key is what counts"
say "A compacted topic keeps, for every key, at least the last value. Twenty records of three keys are written; the last of each are at offsets 13, 17 and 19."
kt topics --create --topic latest --replica-assignment 0:1:2 --config cleanup.policy=compact >/dev/null
expect isr --topic latest --full --within 5s
keyed K1:a K5:a K2:a K1:b K5:b K2:b K1:c K5:c K2:c K1:d K5:d K2:d K1:e K1:V5 K5:f K2:f K5:g K5:V2 K2:g K2:V7
expect end latest:0 --is 20
say "The segment that is written to is never compacted, so a new one is begun first. A broker does both in its own time; here it is told to."
show kt lab roll latest
show kt lab compact latest

step "Before"
keyed K7:V1 K8:V4 K4:V6 K1:V1 K1:V2 K1:V9 K9:V6 K8:V22 K2:V25
expect end latest:0 --is 29
expect table --file "$KT_LAB_FILES/expected/16-before.txt" -- kt consume --topic latest --partition 0 --offset earliest \
  --max-messages 12 --property print.offset=true --property print.key=true
show table 12
ask "Which offsets will be left of K1?" --answer 25

step "After"
kt lab roll latest
kt lab compact latest
expect table --file "$KT_LAB_FILES/expected/16-after.txt" -- kt consume --topic latest --partition 0 --offset earliest \
  --max-messages 7 --property print.offset=true --property print.key=true
show table 7
say "Offsets stay what they were: compaction makes gaps, and never moves a record. The end of the log is where it was."
expect end latest:0 --is 29
