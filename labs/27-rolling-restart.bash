#!/usr/bin/env -S kt lab run
# title:  A rolling restart
# from:   001 222
# needs:  brokers=3 fast
# time:   20s

step "Load"
kt topics --create --topic orders --partitions 6 --replication-factor 3 --config min.insync.replicas=2 >/dev/null
expect isr --topic orders --full --within 5s
feed 100 sent | kt produce --topic orders --producer-property acks=all --producer-property enable.idempotence=true \
  --producer.config "$KT_LAB_DIR/client.properties" &
loader=$!
within 30s grep -q r50 sent

step "Every broker is restarted, one after the other"
say "A broker that stops hands its leaderships over first. The next one has its turn only when all are in sync again."
for broker in 0 1 2; do
  kt lab restart "$broker"
  expect isr --topic orders --full --within 20s
done

step "Nothing is missing, nothing came twice"
touch sent.stop
wait "$loader"
kt consume --topic orders --from-beginning --max-messages "$(wc -l <sent)" >got
expect lost --sent sent --got got --is 0
expect dupes --sent sent --got got --is 0
