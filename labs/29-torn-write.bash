#!/usr/bin/env -S kt lab run
# title:  A torn write
# from:   001 222
# needs:  brokers=3 fast
# time:   10s

batches() { kt dump-log --files "$KT_LAB_DIR/broker-$1/data/ledger-0/00000000000000000000.log" --print-data-log | tail -n +2; }

step "A follower dies in the middle of a write"
kt topics --create --topic ledger --replica-assignment 0:1:2 >/dev/null
expect isr --topic ledger --full --within 5s
for part in a b c; do printf "$part-%d\n" {1..5} | kt produce --topic ledger; done
kt lab kill 2
expect isr --topic ledger --is 0,1 --within 5s
say "Only half of its last batch has reached the disk."
show kt lab corrupt 2 ledger:0@12 --torn

step "It comes back"
say "A log that was not closed is checked batch by batch, and cut where a batch is not whole. What is missing is fetched from the leader."
printf 'd-%d\n' {1..5} | kt produce --topic ledger
kt lab start 2
expect isr --topic ledger --full --within 15s
expect end ledger:0 --is 20

step "All copies are the same, byte for byte"
kt lab stop 2
kt lab stop 0
batches 0 >leader
batches 2 >follower
[ -s leader ]
diff leader follower
