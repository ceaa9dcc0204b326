#!/usr/bin/env -S kt lab run
# title:  The high watermark
# from:   004 948
# needs:  brokers=3 fast replica.lag.time.max.ms=60000
# time:   8s

step "What everyone has may be read"
kt topics --create --topic tide --replica-assignment 0:1:2 >/dev/null
expect isr --topic tide --full --within 5s
send tide a b
consumer reader --topic tide --from-beginning
expect consumed --by reader a b --within 5s
expect hw-lag tide:0 --is 0 --within 5s

step "The followers' fetches do not get through"
say "Followers pull. Here nothing that 1 and 2 ask of 0 arrives any more, by Fetch; everything else does, so that all three are alive. They are in the ISR until they have lagged for replica.lag.time.max.ms, a minute here."
show kt lab partition 1,2:0 --one-way --api Fetch
printf 'c\nd\ne\n' | kt produce --topic tide --producer-property acks=1
ask "The leader has taken three records more. How many of them does a consumer see?" --answer 0
expect hw-lag tide:0 --is 3
expect end tide:0 --is 2
expect isr --topic tide --full
expect consumed --by reader c --never --for 1s

step "They do again"
show kt lab heal
expect hw-lag tide:0 --is 0 --within 10s
expect exact-order --by reader a b c d e --within 5s
