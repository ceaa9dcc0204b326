#!/usr/bin/env -S kt lab run
# title:  Everybody hears everything
# from:   004 1909
# needs:  brokers=3 fast
# time:   6s

step "Three readers, each alone"
say "A reader that names no group has one of its own. What one group has read is still there for the others: the log keeps it."
kt topics --create --topic news --partitions 13 >/dev/null
send news "Hi Mom" "How are you?" "How are things going?" "Good!"
consumer first --topic news --from-beginning
consumer second --topic news --from-beginning
consumer third --topic news --from-beginning
expect consumed --by first "Hi Mom" "How are you?" "How are things going?" "Good!" --within 5s

step "What is sent now reaches all three"
send news "message 1" "message 2" "message 3"
for reader in first second third; do
  expect union-once --by "$reader" "Hi Mom" "How are you?" "How are things going?" "Good!" "message 1" "message 2" "message 3" --within 5s
done
