#!/usr/bin/env -S kt lab run
# title:  Why out of order?
# from:   004 1379
# needs:  brokers=1 fast
# time:   5s

keyed() { printf '%s\n' "${@:2}" | kt produce --topic "$1" --property parse.key=true --property key.separator=:; }

step "Thirteen partitions, a key for each record"
say "A key decides the partition: murmur2 of it, modulo 13. K3 is 12, K4 is 11, K2 is 5, K1 is 2, K8 is 1 and K5 is 0, so these six go to ever lower partitions."
kt topics --create --topic spread --partitions 13 >/dev/null
keyed spread K3:m1 K4:m2 K2:m3 K1:m4 K8:m5 K5:m6
expect end spread:12 --is 1
expect end spread:0 --is 1
say "Kafka promises an order within a partition, and none between them. A reader takes what each partition has, in turn."
consumer all --topic spread --from-beginning
expect differs-from-sent --by all m1 m2 m3 m4 m5 m6 --within 5s

step "One key"
ask "And if all six had the key K1, in which order would they be read?" --answer "as sent"
kt topics --create --topic keyed --partitions 13 >/dev/null
keyed keyed K1:m1 K1:m2 K1:m3 K1:m4 K1:m5 K1:m6
expect end keyed:2 --is 6
consumer one-key --topic keyed --from-beginning
expect exact-order --by one-key m1 m2 m3 m4 m5 m6 --within 5s

step "One partition"
kt topics --create --topic narrow --partitions 1 >/dev/null
send narrow m1 m2 m3 m4 m5 m6
consumer one-partition --topic narrow --from-beginning
expect exact-order --by one-partition m1 m2 m3 m4 m5 m6 --within 5s
