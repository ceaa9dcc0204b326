#!/usr/bin/env -S kt lab run
# title:  A broker dies, others lead
# from:   004 2156
# needs:  brokers=3 fast
# time:   10s

step "Thirteen partitions, three replicas each"
say "Brokers of the ZooKeeper age placed them so, had they drawn 2 as their start."
kt topics --create --topic my-failsafe-topic --replica-assignment \
  2:0:1,0:1:2,1:2:0,2:1:0,0:2:1,1:0:2,2:0:1,0:1:2,1:2:0,2:1:0,0:2:1,1:0:2,2:0:1 >/dev/null
expect isr --topic my-failsafe-topic --full --within 5s
kt topics --describe --topic my-failsafe-topic >before
show cat before
ask "Who leads partition 4?" --answer 0

step "Broker 0 dies"
kt lab kill 0
expect isr --topic my-failsafe-topic --without 0 --within 5s
kt topics --describe --topic my-failsafe-topic >after
show cat after
say "Partitions 1, 4, 7 and 10 were led by broker 0. Each is led now by the first of its replicas that lives; the other nine did not notice."
leaders() { sed -n 's/.*Partition: \([0-9]*\).*Leader: \([0-9]*\).*/\1 \2/p' "$1" | sort -n; }
{ diff <(leaders before) <(leaders after) || true; } | sed -n 's/^> //p' | paste -sd, >moved
show cat moved
[ "$(cat moved)" = "1 1,4 2,7 1,10 2" ]

step "It comes back, and its leaderships later"
kt lab start 0
expect isr --topic my-failsafe-topic --full --within 10s
say "In the ISR again, it may lead again: the controller gives preferred leaders their partitions back, every few seconds here, every five minutes by default."
expect leader --topic my-failsafe-topic --partition 1 --is 0 --within 15s
kt topics --describe --topic my-failsafe-topic >again
[ "$(leaders again)" = "$(leaders before)" ]
