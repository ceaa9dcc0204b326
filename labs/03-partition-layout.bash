#!/usr/bin/env -S kt lab run
# title:  Where the replicas lie
# from:   000 40
# needs:  brokers=3 fast
# time:   6s

step "Four partitions, three copies of each"
kt topics --create --topic layout --partitions 4 --replication-factor 3
expect isr --topic layout --full --within 5s
show kt topics --describe --topic layout
say "The first replica of a partition is its preferred leader. Leaders take turns over the brokers, so that each has its share of the work."

step "A key always lands in the same partition"
kt topics --create --topic keyed --partitions 13 --replication-factor 3 >/dev/null
printf 'K%s:v\n' 1 2 3 4 5 6 7 8 9 | kt produce --topic keyed --property parse.key=true --property key.separator=: --producer-property acks=all
expect end keyed:2 --is 1
expect end keyed:5 --is 2
expect end keyed:12 --is 1
expect end keyed:11 --is 1
expect end keyed:0 --is 3
expect end keyed:1 --is 1
say "The partition follows from the key's bytes alone: whoever sends K2 or K6, wherever, sends it to partition 5."
