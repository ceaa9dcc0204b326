#!/usr/bin/env -S kt lab run
# title:  Read the describe table
# from:   004 2092
# needs:  brokers=3 fast
# time:   5s

step "Thirteen partitions on three brokers"
say "One line says what the topic is, and then each partition has a line: who leads it, who has a copy, and which copies are up to date (Isr). Brokers of the ZooKeeper age would have placed the copies so, had they drawn 2 as their start."
kt topics --create --topic my-failsafe-topic --replica-assignment \
  2:0:1,0:1:2,1:2:0,2:1:0,0:2:1,1:0:2,2:0:1,0:1:2,1:2:0,2:1:0,0:2:1,1:0:2,2:0:1 >/dev/null
expect isr --topic my-failsafe-topic --full --within 5s
show kt topics --describe --topic my-failsafe-topic
expect table --file "$KT_LAB_FILES/expected/08-describe.txt" -- kt topics --describe --topic my-failsafe-topic

step "Questions to the table"
ask "Who leads partition 5?" --answer 1
expect leader --topic my-failsafe-topic --partition 5 --is 1
say "The first of a partition's replicas is its preferred leader. Three brokers share thirteen partitions: one of them leads five, the others four each."
expect leaders-balanced --topic my-failsafe-topic
ask "How many copies are there, of all partitions together?" --answer 39
[ "$(kt topics --describe --topic my-failsafe-topic | grep -o 'Replicas: [0-9,]*' | tr -cd '0-9\n' | tr -d '\n' | wc -c)" = 39 ]
