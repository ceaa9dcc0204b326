#!/usr/bin/env -S kt lab run
# title:  Clients do not notice
# from:   004 2189
# needs:  brokers=3 fast
# time:   10s

keyed() { printf '%s\n' "${@:2}" | kt produce --topic "$1" --property parse.key=true --property key.separator=: --producer-property acks=all --producer-property retries=1000; }

step "Two members of a group read"
kt topics --create --topic work --partitions 13 --replication-factor 3 --config min.insync.replicas=2 >/dev/null
consumer c1 --topic work --group mygroup --from-beginning
consumer c2 --topic work --group mygroup --from-beginning
expect members mygroup --is 2 --within 10s
keyed work K5:m1 K8:m2 K1:m3 K2:m4 K6:m5 K4:m6 K3:m7
expect union-once --by c1,c2 m{1..7} --within 5s
expect lag mygroup --is 0 --within 5s

step "Each broker dies in its turn, and comes back"
say "One of them coordinates the group, each leads some partitions. What was acknowledged is on two brokers at least, and so is what the group has committed."
for broker in 0 1 2; do
  kt lab kill $broker
  keyed work K5:x$broker-1 K2:x$broker-2 K3:x$broker-3
  expect union-once --by c1,c2 x$broker-1 x$broker-2 x$broker-3 --within 20s
  kt lab start $broker
  expect isr --topic work --full --within 15s
done
expect lag mygroup --is 0 --within 15s
