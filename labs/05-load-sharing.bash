#!/usr/bin/env -S kt lab run
# title:  One group shares the work
# from:   004 2010
# needs:  brokers=3 fast
# time:   8s

keyed() { printf '%s\n' "${@:2}" | kt produce --topic "$1" --property parse.key=true --property key.separator=:; }

step "Three members of one group"
say "Within a group each partition has one reader. Thirteen partitions over three members are five, four and four."
kt topics --create --topic work --partitions 13 >/dev/null
consumer c1 --topic work --group mygroup --from-beginning
expect members mygroup --is 1 --within 10s
consumer c2 --topic work --group mygroup --from-beginning
consumer c3 --topic work --group mygroup --from-beginning
expect members mygroup --is 3 --within 10s

step "Seven records, each read by one of them"
ask "How many of the three will read m1?" --answer "1"
keyed work K5:m1 K8:m2 K1:m3 K2:m4 K6:m5 K4:m6 K3:m7
expect union-once --by c1,c2,c3 m{1..7} --within 5s
expect each --by c1,c2,c3
