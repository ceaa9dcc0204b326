# Stands before each script of era.bats: what the text tells the reader to type, and ways to wait.

/mnt/kt lab scaffold ~ >/dev/null

# until_so COMMAND...: succeeds.
until_so() {
  local deadline=$((SECONDS + 30))
  until "$@"; do
    [ $SECONDS -lt $deadline ] || { echo "waited in vain for: $*" >&2; return 1; }
    sleep 0.05
  done
}
# Unlike "! COMMAND", it ends the script where the command succeeds.
fails() { ! "$@"; }
lines() { [ "$(wc -l <"$1")" -ge "$2" ]; }
ended() { ! pgrep -f "$1" >/dev/null; }
# A four-letter word to ZooKeeper's port.
word() { python3 -c 'import socket, sys
with socket.create_connection(("localhost", 2181)) as s:
    s.sendall(sys.argv[1].encode())
    while data := s.recv(4096): sys.stdout.write(data.decode())' "$1"; }
squeezed() { tr -s ' \t' ' ' | sed 's/^ //; s/ $//'; }

described_as() { diff <(./describe-topics.sh | squeezed) "$1" >describe.diff; }

# A producer whose terminal is ours: open_producer SCRIPT; say LINE...; close_producer. All lines are kept in said.
open_producer() {
  rm -f said typed
  mkfifo typed
  "$1" <typed >producer.out 2>producer.err &
  exec 5>typed
}
say() { printf '%s\n' "$@" >>said; printf '%s\n' "$@" >&5; }
# After the consumers that were started beside it: they hold its end of the pipe, too.
close_producer() { exec 5>&-; until_so ended kafka-console-producer.sh; }
end_clients() {
  kill $(pgrep -f kafka-console-consumer.sh)
  until_so ended kafka-console-consumer.sh
}
# members N: mygroup is stable and has so many.
members() {
  local rows
  rows=$(~/kafka-training/kafka/bin/kafka-consumer-groups.sh --bootstrap-server localhost:9093 --describe --group mygroup --members 2>/dev/null | grep -c '^mygroup ')
  [ "$rows" -eq "$1" ] && ~/kafka-training/kafka/bin/kafka-consumer-groups.sh --bootstrap-server localhost:9093 --describe --group mygroup --state 2>/dev/null | grep -q Stable
}
# Each of the 13 partitions has a place where mygroup goes on.
has_positions() {
  [ "$(~/kafka-training/kafka/bin/kafka-consumer-groups.sh --bootstrap-server localhost:9093 --describe --group mygroup 2>/dev/null |
    awk '$3 ~ /^[0-9]+$/ && $4 ~ /^[0-9]+$/' | wc -l)" -eq 13 ]
}
# What each consumer that got something got, a line each.
shares() { for one in consumer?.out; do [ ! -s "$one" ] || sort -V "$one" | paste -sd' '; done | sort; }

# type FILE <<TEXT: into an editor, and chmod +x.
type_in() { cat >"$1"; chmod +x "$1"; }

type_lab1() {
  cd ~/kafka-training
  type_in run-zookeeper.sh <<'TEXT'
#!/usr/bin/env bash
cd ~/kafka-training

kafka/bin/zookeeper-server-start.sh \
    kafka/config/zookeeper.properties
TEXT
  type_in run-kafka.sh <<'TEXT'
#!/usr/bin/env bash
cd ~/kafka-training

kafka/bin/kafka-server-start.sh \
    kafka/config/server.properties
TEXT
  cd lab1
  type_in create-topic.sh <<'TEXT'
#!/usr/bin/env bash

cd ~/kafka-training

# Create a topic
kafka/bin/kafka-topics.sh --create --zookeeper localhost:2181 \
--replication-factor 1 --partitions 13 --topic my-topic
TEXT
  type_in list-topics.sh <<'TEXT'
#!/usr/bin/env bash

cd ~/kafka-training

# List existing topics
kafka/bin/kafka-topics.sh --list \
  --zookeeper localhost:2181
TEXT
  type_in start-producer-console.sh <<'TEXT'
#!/usr/bin/env bash
cd ~/kafka-training

kafka/bin/kafka-console-producer.sh --broker-list \
localhost:9092 --topic my-topic
TEXT
  type_in start-consumer-console.sh <<'TEXT'
#!/usr/bin/env bash
cd ~/kafka-training

kafka/bin/kafka-console-consumer.sh --bootstrap-server localhost:9092 \
--topic my-topic --from-beginning
TEXT
}

type_lab2() {
  cd ~/kafka-training
  mkdir -p lab2/config
  cp kafka/config/server.properties kafka/lab2/config/server-0.properties
  cp kafka/config/server.properties kafka/lab2/config/server-1.properties
  cp kafka/config/server.properties kafka/lab2/config/server-2.properties
  local id
  for id in 0 1 2; do  # with your favorite text editor
    sed -i "s|^broker.id=.*|broker.id=$id\nport=$((9092 + id))|; s|^log.dirs=.*|log.dirs=./logs/kafka-$id|" lab2/config/server-$id.properties
  done
  cd lab2
  type_in start-1st-server.sh <<'TEXT'
#!/usr/bin/env bash
CONFIG=`pwd`/config

cd ~/kafka-training

## Run Kafka
kafka/bin/kafka-server-start.sh \
"$CONFIG/server-0.properties"
TEXT
  sed 's/server-0/server-1/' start-1st-server.sh | type_in start-2nd-server.sh
  sed 's/server-0/server-2/' start-1st-server.sh | type_in start-3rd-server.sh
  cp ../lab1/list-topics.sh .
  type_in create-replicated-topic.sh <<'TEXT'
#!/usr/bin/env bash

cd ~/kafka-training

kafka/bin/kafka-topics.sh --create \
  --zookeeper localhost:2181 \
  --replication-factor 3 \
  --partitions 13 \
  --topic my-failsafe-topic
TEXT
  type_in start-consumer-console-replicated.sh <<'TEXT'
#!/usr/bin/env bash
cd ~/kafka-training

kafka/bin/kafka-console-consumer.sh \
    --bootstrap-server localhost:9094,localhost:9092 \
    --topic my-failsafe-topic \
    --from-beginning
TEXT
  type_in start-consumer-producer-replicated.sh <<'TEXT'
#!/usr/bin/env bash
cd ~/kafka-training

kafka/bin/kafka-console-producer.sh \
--broker-list localhost:9092,localhost:9093 \
--topic my-failsafe-topic
TEXT
  cp start-consumer-producer-replicated.sh start-producer-console-replicated.sh  # the text has both names
  type_in describe-topics.sh <<'TEXT'
#!/usr/bin/env bash

cd ~/kafka-training

# List existing topics
kafka/bin/kafka-topics.sh --describe \
    --topic my-failsafe-topic \
    --zookeeper localhost:2181
TEXT
}

# The script as the text changes it, which forgets a backslash: --from-beginning is then a command that nobody knows.
in_one_group() {
  type_in start-consumer-console-replicated.sh <<'TEXT'
#!/usr/bin/env bash
cd ~/kafka-training

kafka/bin/kafka-console-consumer.sh \
    --bootstrap-server localhost:9094,localhost:9092 \
    --topic my-failsafe-topic \
    --consumer-property group.id=mygroup
    --from-beginning
TEXT
}

start_servers() {
  ./start-1st-server.sh >server-0.out 2>&1 &
  ./start-2nd-server.sh >server-1.out 2>&1 &
  ./start-3rd-server.sh >server-2.out 2>&1 &
  local id
  for id in 0 1 2; do until_so grep -q "\[Kafka Server $id\], started" server-$id.out; done
}
