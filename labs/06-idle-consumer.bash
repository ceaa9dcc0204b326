#!/usr/bin/env -S kt lab run
# title:  More readers than partitions
# from:   004 960
# needs:  brokers=3 fast
# time:   12s

keyed() { printf '%s\n' "${@:2}" | kt produce --topic "$1" --property parse.key=true --property key.separator=:; }

step "Three members, two partitions"
say "A partition has one reader of a group. With two partitions the third member has nothing to do, and waits."
kt topics --create --topic narrow --partitions 2 >/dev/null
for name in c1 c2 c3; do consumer $name --topic narrow --group mygroup --from-beginning; done
expect members mygroup --is 3 --within 10s
ask "How many of the three members will read something?" --answer "2"
for i in {1..6}; do keyed narrow "a$i:m$i"; done
expect union-once --by c1,c2,c3 m{1..6} --within 5s
expect each --by c1,c2,c3 --never

step "One that works dies"
say "Its partition goes to a member that waited."
expect lag mygroup --is 0 --within 5s
for name in c1 c2 c3; do
  if [ -s "$KT_LAB_DIR/clients/$name.out" ]; then dead=$name; break; fi
done
kill -KILL "${pid[$dead]}"
expect members mygroup --is 2 --within 10s
for i in {7..12}; do keyed narrow "b$i:m$i"; done
expect union-once --by c1,c2,c3 m{1..12} --within 5s
expect each --by c1,c2,c3
