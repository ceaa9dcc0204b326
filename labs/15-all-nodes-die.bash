#!/usr/bin/env -S kt lab run
# title:  All nodes die
# from:   001 263
# needs:  brokers=3 fast
# time:   20s

step "Two have it, one has not"
kt topics --create --topic ledger --replica-assignment 0:1:2 --config min.insync.replicas=1 \
  --config unclean.leader.election.enable=false >/dev/null
expect isr --topic ledger --full --within 5s
kt lab kill 2
expect isr --topic ledger --is 0,1 --within 5s
printf 'm%d\n' {1..10} >sent
kt produce --topic ledger --producer-property acks=all <sent
expect end ledger:0 --is 10

step "The power goes"
say "Broker 1 dies, and then broker 0, the last that was in sync."
kt lab kill 1
expect isr --topic ledger --is 0 --within 5s
kt lab kill 0

step "The wrong one is back first"
say "Broker 2 was not in sync. It may not lead: it would forget what everyone was promised."
kt lab start 2
expect brokers 2 --within 10s
expect no-leader --topic ledger --for 1s

step "The right one is back"
kt lab start 0
expect leader --topic ledger --is 0 --within 10s
kt lab start 1
expect isr --topic ledger --full --within 15s
kt consume --topic ledger --from-beginning --max-messages 10 >got
expect lost --sent sent --got got --is 0
expect dupes --sent sent --got got --is 0
