#!/usr/bin/env -S kt lab run
# title:  A reader dies, the others take over
# from:   004 2075
# needs:  brokers=3 fast
# time:   12s

keyed() { printf '%s\n' "${@:2}" | kt produce --topic "$1" --property parse.key=true --property key.separator=:; }

step "Three members share thirteen partitions"
kt topics --create --topic work --partitions 13 >/dev/null
consumer c1 --topic work --group mygroup --from-beginning
expect members mygroup --is 1 --within 10s
consumer c2 --topic work --group mygroup --from-beginning
consumer c3 --topic work --group mygroup --from-beginning
expect members mygroup --is 3 --within 10s
keyed work K5:m1 K8:m2 K1:m3 K2:m4 K6:m5 K4:m6 K3:m7
expect union-once --by c1,c2,c3 m{1..7} --within 5s
expect lag mygroup --is 0 --within 5s

step "One dies without a word"
say "Nobody tells the coordinator. It waits for the session to run out, two seconds here and forty-five by default, and gives the dead member's partitions to the others."
kill -KILL "${pid[c1]}"
expect members mygroup --is 2 --within 10s
keyed work K5:m8 K8:m9 K1:m10 K2:m11 K6:m12 K4:m13 K3:m14
expect union-once --by c2,c3 m{8..14} --within 5s

step "Another leaves as it should"
say "A reader that is told to stop leaves its group, which shares anew at once."
kill -TERM "${pid[c2]}"
expect members mygroup --is 1 --within 2s
keyed work K5:m15 K2:m16 K3:m17
expect union-once --by c3 m15 m16 m17 --within 5s
