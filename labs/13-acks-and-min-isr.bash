#!/usr/bin/env -S kt lab run
# title:  How many have to have it
# from:   001 275
# needs:  brokers=3 fast
# time:   12s

send() { printf '%s\n' "$2" | kt produce --topic ledger --producer-property acks="$1" "${@:3}"; }

step "Two of three are enough"
kt topics --create --topic ledger --replica-assignment 0:1:2 --config min.insync.replicas=2 >/dev/null
expect isr --topic ledger --full --within 5s
send all one
kt lab kill 2
expect isr --topic ledger --is 0,1 --within 5s
send all two
expect end ledger:0 --is 2

step "One is not"
kt lab kill 1
expect isr --topic ledger --is 0 --within 5s
say "With acks=all the last broker refuses: it may not promise what it alone would have to keep."
! send all three --producer-property retries=0 2>refusal
show cat refusal
grep -q "insufficient to satisfy the min.isr requirement of 2" refusal

step "What acks=1 takes is not there yet"
say "The leader takes it, but nobody may read it: the high watermark stands still while fewer than min.insync.replicas are in sync."
send 1 four
expect end ledger:0 --is 2
kt lab start 1
expect end ledger:0 --is 3 --within 15s
kt lab start 2
expect isr --topic ledger --full --within 15s
