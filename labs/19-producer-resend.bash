#!/usr/bin/env -S kt lab run
# title:  The answer that never came
# from:   001 185
# needs:  brokers=1 fast
# time:   6s

step "A producer that does not number its records"
kt topics --create --topic plain --partitions 1 >/dev/null
say "The broker takes the record, and its answer is lost. The producer cannot know, and sends again."
show kt lab lose clients:0 --api Produce --answer
echo payment | kt produce --topic plain --producer-property enable.idempotence=false --producer-property acks=all \
  --producer-property retries=5
ask "How many payments are in the log?" --answer 2
expect end plain:0 --is 2

step "One that does"
say "An idempotent producer has an id, and numbers its batches. The broker knows the number already: it answers as it did, and writes nothing."
kt topics --create --topic numbered --partitions 1 >/dev/null
kt lab lose clients:0 --api Produce --answer
echo payment | kt produce --topic numbered --producer-property enable.idempotence=true
expect end numbered:0 --is 1
