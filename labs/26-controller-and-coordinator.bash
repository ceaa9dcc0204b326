#!/usr/bin/env -S kt lab run
# title:  Without a controller
# from:   001 222
# needs:  brokers=3 fast
# time:   20s

step "The controller dies"
kt topics --create --topic orders --replica-assignment 0:1:2,1:2:0,2:0:1 >/dev/null
expect isr --topic orders --full --within 5s
consumer reader --topic orders --group readers --from-beginning
send orders a b c
expect consumed --by reader a b c --within 10s
kt lab kill controller
say "Brokers know who leads what. Reads and writes go on."
send orders d e
expect union-once --by reader a b c d e --within 10s

step "And then a broker"
ask "Broker 1 leads partition 1, and is killed now. Who leads that next?" --answer nobody
kt lab kill 1
say "Whoever would have to notice is dead itself: nothing moves."
expect leader --topic orders --partition 1 --is 1 --within 5s
expect leader --topic orders --partition 1 --is 0,2 --never --for 2s

step "The controller is back"
kt lab start 100
expect leader --topic orders --partition 1 --is 2 --within 15s
send orders f g
expect union-once --by reader a b c d e f g --within 20s

step "The group's coordinator dies"
say "A group's offsets are kept in a partition of __consumer_offsets; its leader is the coordinator. Another takes over, with all that was committed."
kt lab start 1
expect under-replicated --is 0 --within 20s
for broker in 0 1 2; do
  if kt lab expect coordinator readers --is $broker >/dev/null 2>&1; then coordinator=$broker; fi
done
kt lab kill "$coordinator"
expect coordinator readers --is "!=$coordinator" --within 15s
send orders h i
expect union-once --by reader a b c d e f g h i --within 20s
