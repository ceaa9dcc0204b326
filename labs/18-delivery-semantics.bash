#!/usr/bin/env -S kt lab run
# title:  At most once, at least once, exactly once
# from:   001 155
# needs:  brokers=1 fast
# time:   15s

# The record at which the worker crashes is m3.
printf 'm%d\n' {1..5} >sent
kt topics --create --topic jobs --partitions 1 >/dev/null
kt produce --topic jobs <sent

# next GROUP: the next record of the group, whose offset is not committed.
next() { kt consume --topic jobs --group "$1" --from-beginning --max-messages 1 --consumer-property enable.auto.commit=false; }
commit() { kt groups reset-offsets "$1" --topic jobs --to-offset "$2" --execute >/dev/null; }

step "Commit, then work: at most once"
say "The worker notes that it has a record, and then does what it says. If it crashes in between, nobody ever does."
: >most
for offset in 0 1 2 3 4; do
  record=$(next most)
  commit most $((offset + 1))
  [ "$record" = m3 ] && continue  # the crash
  echo "$record" >>most
done
expect lost --sent sent --got most --is 1
expect dupes --sent sent --got most --is 0

step "Work, then commit: at least once"
: >least
crashed=no
for offset in 0 1 2 2 3 4; do
  record=$(next least)
  echo "$record" >>least
  if [ "$record" = m3 ] && [ $crashed = no ]; then crashed=yes; continue; fi  # the crash
  commit least $((offset + 1))
done
expect lost --sent sent --got least --is 0
expect dupes --sent sent --got least --is 1

step "The place is kept with the work: exactly once"
say "Where result and offset are written together, as one, a crash leaves both or none. The worker reads on from what its output says."
: >once
for attempt in 1 2 3 4 5 6; do
  offset=$(wc -l <once)
  record=$(kt consume --topic jobs --partition 0 --offset "$offset" --max-messages 1)
  [ "$attempt" = 3 ] && continue  # the crash: neither is written
  echo "$record" >>once
done
expect lost --sent sent --got once --is 0
expect dupes --sent sent --got once --is 0
