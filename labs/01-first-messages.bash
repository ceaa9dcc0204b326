#!/usr/bin/env -S kt lab run
# title:  First messages
# from:   004 1048
# needs:  brokers=1 fast
# time:   5s

step "A topic"
say "A topic is a named log, cut into partitions. This one has thirteen, each kept once: there is one broker to keep it."
show kt topics --create --topic my-topic --partitions 13 --replication-factor 1
expect table --file "$KT_LAB_FILES/expected/01-topics.txt" -- kt topics --list
expect leader --topic my-topic --is 0

step "Send four lines, read four lines"
say "Every line is a record. Records without a key go to any partition, so the order in which they are read is not the order in which they were sent; none is missing, and none comes twice."
consumer reader --topic my-topic --from-beginning
send my-topic "This is message 1" "This is message 2" "This is message 3" "Message 4"
expect union-once --by reader "This is message 1" "This is message 2" "This is message 3" "Message 4" --within 5s

step "Where a group keeps its place"
ask "Which topic appears once a group has committed how far it got?" --answer "__consumer_offsets"
show kt consume --topic my-topic --group readers --from-beginning --max-messages 4
expect lag readers --is 0 --within 5s
expect table --file "$KT_LAB_FILES/expected/01-topics-and-offsets.txt" -- kt topics --list
