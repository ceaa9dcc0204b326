# kt lab: what a lab has go wrong, inside of its nodes and without root.

load lab

@test "a link that is cut for Fetch shrinks the ISR, and nobody is fenced; healed, it is full" {
  three_with_topic
  lab partition 2:0 --one-way --api Fetch
  echo lag | "$KT" produce --topic t --producer-property acks=1  # who has all there is does not lag
  lab expect isr --topic t --is 0,1 --within 10s
  lab expect brokers 0,1,2
  lab status | grep -q 'fault 1: nothing gets through from 2 to 0 (of API 1)'
  lab heal 1
  lab expect isr --topic t --full --within 10s
  run lab heal 1
  [ "$status" -eq 1 ]
  [ "$output" = "error: there is no fault 1" ]
}

@test "a broker that is cut off from the controller is fenced; one that is isolated is reached by nobody" {
  three_with_topic
  "$KT" topics --create --topic u --replica-assignment 2:0:1 >/dev/null
  lab expect isr --topic u --full --within 10s
  lab partition 2:controller
  lab expect brokers 0,1 --within 10s
  lab expect leader --topic u --is 0,1 --within 10s
  lab heal
  lab expect brokers 0,1,2 --within 10s
  lab expect isr --topic t --full --within 15s
  lab isolate 1 --for 3s
  local at
  at=$(lab list -o json | jq -r '.items[0].bootstrap_servers' | cut -d, -f2)
  run timeout 2 "$KT" topics -b "$at" --list
  [ "$status" -ne 0 ]
  lab expect brokers 0,1,2 --within 20s  # it healed by itself
  lab events | grep -q 'a fault is over'
}

@test "a quorum that is cut in two goes on where the majority is" {
  up --controllers 3
  eval "$(lab env)"
  "$KT" topics --create --topic before >/dev/null
  local leader=""
  for id in 100 101 102; do
    if "$KT" lab expect controller --is $id >/dev/null 2>&1; then leader=$id; fi
  done
  [ -n "$leader" ]
  lab partition "$leader"
  lab expect controller --is "!=$leader" --within 20s
  "$KT" topics --create --topic after >/dev/null
  lab heal
  lab expect brokers 0,1,2 --within 20s
  [ "$("$KT" topics --list | sort | tr '\n' ' ')" = "after before " ]
}

@test "a node that was frozen while there were more orders than its channel holds hears of the last ones" {
  up --brokers 2
  lab pause 0
  local i
  for i in {1..100}; do lab slow 0:1 1ms >/dev/null; done
  lab slow clients:0 1s >/dev/null
  lab status | grep -q 'fault 101: '
  lab resume 0
  is_slow() { lab expect took '>=1s' -- kt broker-api-versions -b "$(bootstrap | cut -d, -f1)"; }
  until_true is_slow
  lab heal
  lab expect took '<900ms' --within 10s -- kt broker-api-versions -b "$(bootstrap | cut -d, -f1)"
}

@test "slow and throttled links are slower, and whole again" {
  three_with_topic
  lab slow clients:0 300ms
  lab expect took '>=300ms' -- kt get-offsets --topic t
  lab heal
  lab throttle 0:1,2 50KB/s
  head -c 150000 /dev/zero | tr '\0' x | fold -w 1000 >lines
  lab expect took '>1s' -- bash -c "kt() { '$KT' \"\$@\"; }; kt produce --topic t --producer-property acks=all <lines"
  lab heal
  lab expect hw-lag t:0 --is 0 --within 10s
}

@test "an answer that is lost makes a record double, unless its producer is idempotent" {
  three_with_topic
  lab lose clients:0 --api Produce --answer
  echo one | "$KT" produce --topic t --producer-property enable.idempotence=false
  lab expect end t:0 --is 2 --within 5s
  lab lose clients:0 --api Produce --answer
  echo two | "$KT" produce --topic t
  lab expect end t:0 --is 3 --within 5s
  lab lose clients:0 --api Produce
  echo three | "$KT" produce --topic t
  lab expect end t:0 --is 4 --within 5s
}

@test "a disk that is full ends the broker with a sentence, and the others go on; healed, it comes back" {
  three_with_topic
  lab disk-full 2
  seq 1 100 | "$KT" produce --topic t --producer-property acks=all
  lab expect isr --topic t --without 2 --within 15s
  lab expect logs 2 --match 'No space left on device' --within 10s
  lab heal
  lab kill 2 || true  # it may have ended by itself
  lab start 2
  lab expect isr --topic t --full --within 20s
  lab expect end t:0 --is 100
}

@test "faults end with the lab, which goes down at once whatever is cut" {
  three_with_topic
  lab isolate 0
  lab isolate 1
  local begun=$SECONDS
  lab down
  [ $((SECONDS - begun)) -le 5 ]
  no_nodes
}

@test "a node that comes back has the faults that it left with" {
  three_with_topic
  lab partition 2:0 --one-way --api Fetch
  echo lag | "$KT" produce --topic t --producer-property acks=1
  lab expect isr --topic t --without 2 --within 10s
  lab restart 2
  lab expect isr --topic t --without 2 --for 2s
  lab heal
  lab expect isr --topic t --full --within 15s
}

@test "only a lab's own nodes take orders" {
  run env KT_LAB_CONTROL=9 timeout 10 "$KT" server --ephemeral --override listeners=PLAINTEXT://127.0.0.1:0
  [ "$status" -eq 1 ]
  [[ $output == *"KT_LAB_CONTROL is for nodes that kt lab starts"* ]]
  run python3 - "$KT" <<'END'
import os, socket, subprocess, sys
ours, theirs = socket.socketpair()
if os.fork() == 0:  # the parent of the server made no socket
    os.set_inheritable(theirs.fileno(), True)
    sys.exit(subprocess.call([sys.argv[1], "server", "--ephemeral"], close_fds=False,
                             env={**os.environ, "KT_LAB_CONTROL": str(theirs.fileno())}))
sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
END
  [ "$status" -eq 1 ]
}

@test "what cannot be broken so is said in one line" {
  up --brokers 1
  run lab partition 7:0
  [ "$output" = "error: 7 is no node of the lab: a number, controller or clients" ]
  run lab partition 0:controller --api Guess
  [ "$output" = "error: Guess is no API of Kafka's: Produce, Fetch, Metadata, ..." ]
  run lab slow 0:controller soon
  [ "$output" = "error: soon is no delay such as 200ms or 200ms+-50ms" ]
  run lab corrupt 0 t:0@1
  [ "$output" = "error: broker-0 runs, and its files with it: kt lab kill 0 first" ]
  run lab roll nothing
  [ "$output" = "error: topic nothing does not exist" ]
  eval "$(lab env)"
  "$KT" topics --create --topic t >/dev/null
  run lab compact t
  [ "$status" -eq 1 ]
  [ "$output" = "error: t-0 on broker 0: t is not compacted: its cleanup.policy has no compact" ]
}

@test "roll, compact and retain do at once what has its time; the clock is the lab's" {
  up --brokers 1
  eval "$(lab env)"
  "$KT" topics --create --topic t --partitions 1 --config retention.ms=3600000 >/dev/null
  seq 1 10 | "$KT" produce --topic t
  [ "$(lab roll t)" = "t-0: rolled on 0" ]
  ls "$KT_LAB_DIR"/broker-0/data/t-0/00000000000000000010.log
  lab retain t
  lab expect start t:0 --is 0
  "$KT" consume --topic t --group g --from-beginning --max-messages 10 >/dev/null
  lab clock advance 2h
  lab retain t
  lab expect start t:0 --is 10
  "$KT" topics --create --topic c --partitions 1 --config cleanup.policy=compact >/dev/null
  printf 'k:%d\n' {1..5} | "$KT" produce --topic c --property parse.key=true --property key.separator=:
  lab roll c
  lab compact c
  [ "$("$KT" consume --topic c --from-beginning --max-messages 1)" = 5 ]
  "$KT" topics --create --topic now --partitions 1 --config message.timestamp.type=LogAppendTime >/dev/null
  lab clock freeze
  printf 'a\n' | "$KT" produce --topic now
  local first
  first=$("$KT" consume --topic now --from-beginning --max-messages 1 --property print.timestamp=true | cut -f1)
  [ $((${first#*:} / 1000 - $(date +%s))) -gt 7000 ]
}

@test "corrupt breaks a batch, and the replica heals from its leader" {
  three_with_topic
  printf '%d\n' {1..5} | "$KT" produce --topic t
  printf '%d\n' {6..9} | "$KT" produce --topic t
  lab expect end t:0 --is 9
  lab kill 2
  for how in --torn --truncate --bit; do
    lab corrupt 2 t:0@7 $how
    lab start 2
    lab expect isr --topic t --full --within 15s
    lab kill 2
  done
  lab start 2
  lab elect t
  lab expect isr --topic t --full --within 15s
  run lab corrupt 7 t:0@7
  [ "$status" -eq 4 ]
}
