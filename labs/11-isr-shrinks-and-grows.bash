#!/usr/bin/env -S kt lab run
# title:  In sync, or not
# from:   001 222
# needs:  brokers=3 fast
# time:   10s

step "All three are in sync"
kt topics --create --topic orders --replica-assignment 0:1:2,1:2:0,2:0:1 >/dev/null
expect isr --topic orders --full --within 5s
expect under-replicated --is 0

step "One does not get what it asks for"
say "Nothing that broker 2 asks of the others by Fetch arrives. It is alive, it leads its own partition, and it lags: after replica.lag.time.max.ms it is out of sync for the partitions of others, and for those alone."
show kt lab partition 2:0,1 --one-way --api Fetch
printf 'k%d:m\n' {1..30} | kt produce --topic orders --producer-property acks=1 --property parse.key=true --property key.separator=:
expect isr --topic orders --partition 0 --is 0,1 --within 10s
expect isr --topic orders --partition 1 --is 0,1 --within 5s
expect leader --topic orders --partition 2 --is 2
expect isr --topic orders --partition 2 --is 0,1,2
expect brokers 0,1,2
show kt lab heal
expect isr --topic orders --full --within 10s

step "One stops in its tracks"
say "A frozen broker answers nobody, and nobody knows whether it ever will. Its session with the controller runs out, after one second here and nine by default."
kt lab pause 2
expect isr --topic orders --without 2 --within 10s
expect under-replicated --is 3 --within 5s
expect leader --topic orders --partition 2 --is 0
show kt topics --describe --under-replicated-partitions
seq 1 20 | kt produce --topic orders --producer-property acks=all

step "It goes on"
say "It finds that it leads nothing, fetches what it has missed, and is in sync as soon as it has caught up."
kt lab resume 2
expect isr --topic orders --full --within 15s
expect under-replicated --is 0
