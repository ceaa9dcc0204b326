#!/usr/bin/env -S kt lab run
# title:  Unclean election
# from:   001 263
# needs:  brokers=3 fast
# time:   20s

write() { printf "$1-%d\n" {1..10} | kt produce --topic ledger --producer-property acks=1; }
# What is written from now on only the leader has, and once the others lag it is alone in the ISR.
write_alone() {
  kt lab partition 1,2:0 --api Fetch  # both ways: a fetch that waits at the leader is not answered either
  write "$1"
  expect isr --topic ledger --is 0 --within 10s
}

step "One copy is up to date"
kt topics --create --topic ledger --replica-assignment 0:1:2 --config min.insync.replicas=1 \
  --config unclean.leader.election.enable=false >/dev/null
expect isr --topic ledger --full --within 5s
write_alone first
expect end ledger:0 --is 10

step "It dies, and nobody else may lead"
say "Brokers 1 and 2 live, but they have none of the ten records. With unclean.leader.election.enable=false, the default, the partition waits for the one that has them."
ask "Who leads now?" --answer nobody
kt lab kill 0
expect no-leader --topic ledger --within 5s
kt lab heal
expect no-leader --topic ledger --for 1s
kt lab start 0
expect leader --topic ledger --is 0 --within 10s
expect isr --topic ledger --full --within 15s
expect end ledger:0 --is 10 --within 5s

step "Now others may"
say "With true, any copy may lead. What only the dead leader had is gone, and when it comes back it cuts its log to what the new leader has."
kt configs --alter --entity-type topics --entity-name ledger --add-config unclean.leader.election.enable=true >/dev/null
write_alone second
expect end ledger:0 --is 20
kt lab kill 0
expect leader --topic ledger --is 1,2 --within 10s
kt lab heal
expect end ledger:0 --is 10 --within 5s
kt lab start 0
expect isr --topic ledger --full --within 15s
expect end ledger:0 --is 10
kt consume --topic ledger --from-beginning --max-messages 10 >kept
printf 'first-%d\n' {1..10} >sent
expect lost --sent sent --got kept --is 0
