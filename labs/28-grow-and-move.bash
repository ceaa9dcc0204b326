#!/usr/bin/env -S kt lab run
# title:  A broker more, and one less
# from:   001 222
# needs:  brokers=3 fast
# time:   20s

step "A fourth broker"
kt topics --create --topic orders --replica-assignment 0:1:2,1:2:0,2:0:1 >/dev/null
expect isr --topic orders --full --within 5s
printf 'm%d\n' {1..300} >sent
kt produce --topic orders <sent
show kt lab add
expect brokers 0,1,2,3 --within 10s
say "It has nothing yet: partitions stay where they are until somebody moves them."
ask "How many partitions does broker 3 lead?" --answer 0

step "The first one is drained"
say "Each of its replicas is moved to another broker: the new copy is made first, and the old one is given up when the new one is in sync."
show kt lab remove 0 --drain
expect brokers 1,2,3 --within 10s
expect isr --topic orders --full --within 10s
kt topics --describe --topic orders >moved
show cat moved
! grep -q 'Replicas: [0-9,]*0' moved
grep -q 'Replicas: [0-9,]*3' moved

step "Nothing is missing"
kt consume --topic orders --from-beginning --max-messages 300 >got
expect lost --sent sent --got got --is 0
expect dupes --sent sent --got got --is 0
