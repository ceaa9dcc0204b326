# The scripts of a training of 2017 (Kafka 0.10.2), typed as printed into the folder that kt lab scaffold lays out. Each test
# has a network, a /tmp and processes of its own, so that the printed ports are free, and the printed pipeline around ps and
# kill finds nobody else.

setup() {
  unshare -nmpf --mount-proc ip link set lo up 2>/dev/null || skip "needs unshare and ip, as root: namespaces are not allowed here"
  KT=$(realpath "${KT:-$BATS_TEST_DIRNAME/../../build/dev/kt}")
}

# in_2017 <<SCRIPT: runs it with bash -e in a home with a kafka-training.
in_2017() {
  cd "$BATS_TEST_TMPDIR" || return
  mkdir -p home tmp
  touch kt
  { cat "$BATS_TEST_DIRNAME/era.bash"; cat; } >script
  timeout 150 unshare -nmpf --mount-proc bash -c '
    ip link set lo up
    mount --bind . /mnt && mount --bind "$0" /mnt/kt && mount --bind /mnt/tmp /tmp && cd /mnt/home &&
      HOME=/mnt/home XDG_STATE_HOME=/mnt/home/state bash -e /mnt/script' "$KT" 3>&- 4>&- || {
    tail -n 30 "$BATS_TEST_TMPDIR"/home/kafka-training/*.out "$BATS_TEST_TMPDIR"/home/kafka-training/lab?/*.out >&2
    return 1
  }
}

@test "lab 1: one ZooKeeper, one Kafka, one topic" {
  in_2017 <<'END'
type_lab1
cd ~/kafka-training
./run-zookeeper.sh >zookeeper.out 2>&1 &
until_so grep -q 'binding to port' zookeeper.out
grep -q 'INFO Reading configuration from: kafka/config/zookeeper.properties (org.apache.zookeeper.server.quorum.QuorumPeerConfig)' zookeeper.out
[ "$(word ruok)" = imok ]
./run-kafka.sh >kafka.out 2>&1 &
until_so grep -q '\[Kafka Server 0\], started' kafka.out
grep -q 'INFO KafkaConfig values: ' kafka.out
for line in 'advertised.host.name = null' 'auto.create.topics.enable = true' 'broker.id = 0' 'zookeeper.connect = localhost:2181'; do
  grep -q $'^\t'"$line\$" kafka.out
done
cd lab1
[ "$(./create-topic.sh)" = 'Created topic "my-topic".' ]
[ "$(./list-topics.sh)" = my-topic ]
open_producer ./start-producer-console.sh
say 'This is message 1' 'This is message 2' 'This is message 3' 'Message 4' 'Message 5' 'Message 6' 'Message 7'
./start-consumer-console.sh >consumer.out 2>consumer.err &
until_so lines consumer.out 7
diff <(sort consumer.out) <(sort said)
fails cmp -s consumer.out said   # why do they come out of order?
[ ! -s producer.out ]        # there was no prompt then
until_so eval './list-topics.sh | grep -qx __consumer_offsets'
[ "$(./list-topics.sh)" = $'__consumer_offsets\nmy-topic' ]
END
}

@test "lab 2: three brokers, consumers alone and in a group, the first server is killed" {
  in_2017 <<'END'
type_lab1
type_lab2
cd ~/kafka-training
./run-zookeeper.sh >zookeeper.out 2>&1 &
cd lab2
start_servers
[ "$(./create-replicated-topic.sh)" = 'Created topic "my-failsafe-topic".' ]

# Each consumer in a group of its own sees everything.
./start-consumer-console-replicated.sh >consumer1.out 2>consumer1.err &
open_producer ./start-consumer-producer-replicated.sh
say 'Hi Mom' 'How are you?' 'How are things going?' 'Good!'
until_so lines consumer1.out 4
./start-consumer-console-replicated.sh >consumer2.out 2>consumer2.err &
./start-consumer-console-replicated.sh >consumer3.out 2>consumer3.err &
until_so lines consumer3.out 4
until_so lines consumer2.out 4
say 'message 1' 'message 2' 'message 3'
for consumer in 1 2 3; do
  until_so lines consumer$consumer.out 7
  diff <(sort consumer$consumer.out) <(sort said)
done
end_clients
close_producer

# Three in one group share the messages as printed.
in_one_group
rm consumer?.out
for consumer in 1 2 3; do ./start-consumer-console-replicated.sh >>consumer$consumer.out 2>consumer$consumer.err & done
until_so members 3
until_so has_positions   # the script reads what comes from now on
open_producer ./start-consumer-producer-replicated.sh
say m1 m2 m3 m4 m5 m6 m7
until_so eval '[ "$(cat consumer?.out | wc -l)" -eq 7 ]'
[ "$(shares)" = $'m1 m4 m7\nm2 m6\nm3 m5' ]

# One of the three ends, seven more.
for consumer in 1 2 3; do : >consumer$consumer.out; done
gone=$(pgrep -f 'kafka-console-consumer.sh' | head -n 1)
kill "$gone"
until_so members 2
say m8 m9 m10 m11 m12 m13 m14
until_so eval '[ "$(cat consumer?.out | wc -l)" -eq 7 ]'
[ "$(shares | tr ' ' '\n' | sort | tr '\n' ' ')" = 'm10 m11 m12 m13 m14 m8 m9 ' ]
[ "$(shares | wc -l)" -eq 2 ]

# The table, as printed.
[ "$(./describe-topics.sh | head -n 1)" = $'Topic:my-failsafe-topic\tPartitionCount:13\tReplicationFactor:3\tConfigs:' ]
[ "$(./describe-topics.sh | sed -n 2p)" = $'\tTopic: my-failsafe-topic\tPartition: 0\tLeader: 2\tReplicas: 2,0,1\tIsr: 2,0,1' ]
diff <(./describe-topics.sh | squeezed) - <<'TABLE'
Topic:my-failsafe-topic PartitionCount:13 ReplicationFactor:3 Configs:
Topic: my-failsafe-topic Partition: 0 Leader: 2 Replicas: 2,0,1 Isr: 2,0,1
Topic: my-failsafe-topic Partition: 1 Leader: 0 Replicas: 0,1,2 Isr: 0,1,2
Topic: my-failsafe-topic Partition: 2 Leader: 1 Replicas: 1,2,0 Isr: 1,2,0
Topic: my-failsafe-topic Partition: 3 Leader: 2 Replicas: 2,1,0 Isr: 2,1,0
Topic: my-failsafe-topic Partition: 4 Leader: 0 Replicas: 0,2,1 Isr: 0,2,1
Topic: my-failsafe-topic Partition: 5 Leader: 1 Replicas: 1,0,2 Isr: 1,0,2
Topic: my-failsafe-topic Partition: 6 Leader: 2 Replicas: 2,0,1 Isr: 2,0,1
Topic: my-failsafe-topic Partition: 7 Leader: 0 Replicas: 0,1,2 Isr: 0,1,2
Topic: my-failsafe-topic Partition: 8 Leader: 1 Replicas: 1,2,0 Isr: 1,2,0
Topic: my-failsafe-topic Partition: 9 Leader: 2 Replicas: 2,1,0 Isr: 2,1,0
Topic: my-failsafe-topic Partition: 10 Leader: 0 Replicas: 0,2,1 Isr: 0,2,1
Topic: my-failsafe-topic Partition: 11 Leader: 1 Replicas: 1,0,2 Isr: 1,0,2
Topic: my-failsafe-topic Partition: 12 Leader: 2 Replicas: 2,0,1 Isr: 2,0,1
TABLE

# Kill the first server, as printed.
kill `ps aux | grep java | grep server-0.properties | tr -s " " | cut -d " " -f2`
until_so ended server-0.properties
cat >after-kill.txt <<'TABLE'
Topic:my-failsafe-topic PartitionCount:13 ReplicationFactor:3 Configs:
Topic: my-failsafe-topic Partition: 0 Leader: 2 Replicas: 2,0,1 Isr: 2,1
Topic: my-failsafe-topic Partition: 1 Leader: 1 Replicas: 0,1,2 Isr: 1,2
Topic: my-failsafe-topic Partition: 2 Leader: 1 Replicas: 1,2,0 Isr: 1,2
Topic: my-failsafe-topic Partition: 3 Leader: 2 Replicas: 2,1,0 Isr: 2,1
Topic: my-failsafe-topic Partition: 4 Leader: 2 Replicas: 0,2,1 Isr: 2,1
Topic: my-failsafe-topic Partition: 5 Leader: 1 Replicas: 1,0,2 Isr: 1,2
Topic: my-failsafe-topic Partition: 6 Leader: 2 Replicas: 2,0,1 Isr: 2,1
Topic: my-failsafe-topic Partition: 7 Leader: 1 Replicas: 0,1,2 Isr: 1,2
Topic: my-failsafe-topic Partition: 8 Leader: 1 Replicas: 1,2,0 Isr: 1,2
Topic: my-failsafe-topic Partition: 9 Leader: 2 Replicas: 2,1,0 Isr: 2,1
Topic: my-failsafe-topic Partition: 10 Leader: 2 Replicas: 0,2,1 Isr: 2,1
Topic: my-failsafe-topic Partition: 11 Leader: 1 Replicas: 1,0,2 Isr: 1,2
Topic: my-failsafe-topic Partition: 12 Leader: 2 Replicas: 2,0,1 Isr: 2,1
TABLE
until_so described_as after-kill.txt

# The same producer and consumers go on: each of the two has one of two more.
for consumer in 1 2 3; do : >consumer$consumer.out; done
say m15 m16
until_so eval '[ "$(cat consumer?.out | wc -l)" -eq 2 ]'
[ "$(shares)" = $'m15\nm16' ]
END
}

@test "lab 2 after lab 1, whose ZooKeeper still runs" {
  in_2017 <<'END'
type_lab1
type_lab2
cd ~/kafka-training
./run-zookeeper.sh >zookeeper.out 2>&1 &
./run-kafka.sh >kafka.out 2>&1 &   # it waits for what it needs
until_so grep -q '\[Kafka Server 0\], started' kafka.out
cd lab1
./create-topic.sh
open_producer ./start-producer-console.sh
say one two three
./start-consumer-console.sh >consumer.out 2>consumer.err &
until_so lines consumer.out 3
end_clients
close_producer
kill `ps aux | grep java | grep server.properties | tr -s " " | cut -d " " -f2`
until_so ended server.properties
cd ../lab2
start_servers   # broker 0 now has other directories
./create-replicated-topic.sh
in_one_group
for consumer in 1 2; do ./start-consumer-console-replicated.sh >>consumer$consumer.out 2>consumer$consumer.err & done
until_so members 2
until_so has_positions
open_producer ./start-producer-console-replicated.sh
say m1 m2 m3 m4 m5 m6 m7
until_so eval '[ "$(cat consumer?.out | wc -l)" -eq 7 ]'
kill `ps aux | grep java | grep server-0.properties | tr -s " " | cut -d " " -f2`
until_so ended server-0.properties
say m15 m16
until_so eval '[ "$(cat consumer?.out | sort -u | wc -l)" -eq 9 ]'
END
}

@test "what is ended in any order comes back with what it had" {
  in_2017 <<'END'
type_lab1
type_lab2
cd ~/kafka-training
./run-zookeeper.sh >zookeeper.out 2>&1 &
cd lab2
start_servers
./create-replicated-topic.sh
say_by_itself() { echo "$1" | ../kafka/bin/kafka-console-producer.sh --broker-list localhost:9092,localhost:9093,localhost:9094 --topic my-failsafe-topic; }
say_by_itself before

# ZooKeeper dies: brokers serve on, and find it again.
kill -9 "$(pgrep -f QuorumPeerMain)"
say_by_itself without
(cd .. && ./run-zookeeper.sh >zookeeper2.out 2>&1) &
until_so grep -q 'binding to port' ../zookeeper2.out
until_so eval './list-topics.sh | grep -qx my-failsafe-topic'
kill -9 "$(pgrep -f server-1.properties)"
./start-2nd-server.sh >server-1-again.out 2>&1 &
until_so grep -q '\[Kafka Server 1\], started' server-1-again.out
until_so eval '[ "$(./describe-topics.sh | grep -cE "Isr: .,.,.$")" -eq 13 ]'

# ZooKeeper ends first, brokers after it: nobody hangs.
kill -INT "$(pgrep -f QuorumPeerMain)"
until_so ended QuorumPeerMain
kill -INT $(pgrep -f 'kafka[.]Kafka')
until_so ended 'kafka[.]Kafka'

# All come back, brokers before ZooKeeper; nothing is lost.
for ordinal in 1st 2nd 3rd; do ./start-$ordinal-server.sh >server-$ordinal.out 2>&1 & done
(cd .. && ./run-zookeeper.sh >zookeeper3.out 2>&1) &
for ordinal in 1st 2nd 3rd; do until_so grep -q 'started (kafka.server.KafkaServer)' server-$ordinal.out; done
say_by_itself after
./start-consumer-console-replicated.sh >consumer.out 2>consumer.err &
until_so lines consumer.out 3
[ "$(sort consumer.out)" = $'after\nbefore\nwithout' ]

# The scripts to stop them.
../kafka/bin/kafka-server-stop.sh
until_so ended 'kafka[.]Kafka'
fails ../kafka/bin/kafka-server-stop.sh >stop.out
grep -qx 'No kafka server to stop' stop.out
../kafka/bin/zookeeper-server-stop.sh
until_so ended QuorumPeerMain
fails ../kafka/bin/zookeeper-server-stop.sh >stop.out
grep -qx 'No zookeeper server to stop' stop.out
END
}

@test "what is wrong is said in one line, with the next step" {
  in_2017 <<'END'
type_lab1
cd ~/kafka-training
# Kafka first: it waits for as long as its file says, then ends.
sed -i 's/^zookeeper.connection.timeout.ms=.*/zookeeper.connection.timeout.ms=500/' kafka/config/server.properties
fails ./run-kafka.sh >kafka.out 2>kafka.err
[ "$(wc -l <kafka.err)" -eq 1 ]
grep -q 'zookeeper.connect=localhost:2181.*zookeeper-server-start.sh config/zookeeper.properties' kafka.err
fails lab1/list-topics.sh >list.out 2>list.err
[ "$(cat list.out list.err | wc -l)" -eq 1 ]
grep -q 'zookeeper-server-start.sh' list.out list.err

./run-zookeeper.sh >zookeeper.out 2>&1 &
until_so grep -q 'binding to port' zookeeper.out
# No broker yet.
fails lab1/list-topics.sh >list.out 2>list.err
grep -q 'no broker is there yet, start one with kafka-server-start.sh' list.out list.err
# The text itself starts ZooKeeper a second time where it means Kafka.
fails ./run-zookeeper.sh >second.out 2>&1
[ "$(wc -l <second.out)" -eq 1 ]
grep -q 'port 2181 is in use by .* (pid [0-9]*).*kafka-server-start.sh' second.out
# What else can be asked of that port.
[ "$(word isro)" = rw ]
word conf | grep -qx clientPort=2181
[ -z "$(word what)" ]
python3 - <<'PY'
import socket, struct
for _ in range(3):  # as a ZooKeeper client begins
    client = socket.create_connection(("localhost", 2181))
    client.sendall(struct.pack(">iiqiqi16s", 44, 0, 0, 30000, 0, 16, b""))
    assert client.recv(1) == b"", "the connection ends"
PY
[ "$(grep -c 'a ZooKeeper client at .* was turned away' zookeeper.out)" -eq 1 ]
# More replicas than brokers; a path in ZooKeeper; several of them.
./run-kafka.sh >kafka.out 2>&1 &
until_so grep -q 'started (kafka.server.KafkaServer)' kafka.out
fails kafka/bin/kafka-topics.sh --create --zookeeper localhost:2181 --replication-factor 3 --partitions 13 --topic t >create.out
grep -qF 'Error while executing topic command : Replication factor: 3 larger than available brokers: 1.' create.out
sed 's|^zookeeper.connect=.*|zookeeper.connect=localhost:2181/kafka|; s|^log.dirs=.*|log.dirs=/tmp/other|' kafka/config/server.properties >chroot.properties
fails kafka/bin/kafka-server-start.sh chroot.properties >chroot.out 2>&1
grep -q 'zookeeper.connect=localhost:2181/kafka: there are no paths' chroot.out
echo server.1=a:2888:3888 | cat kafka/config/zookeeper.properties - >ensemble.properties
fails kafka/bin/zookeeper-server-start.sh ensemble.properties >ensemble.out 2>&1
[ "$(wc -l <ensemble.out)" -eq 1 ]
# A broker of another cluster.
mkdir /tmp/strange
printf 'version=1\ncluster.id=AAAAAAAAAAAAAAAAAAAAAA\nnode.id=5\n' >/tmp/strange/meta.properties
printf '%s\n' broker.id=5 port=9095 log.dirs=/tmp/strange zookeeper.connect=localhost:2181 >strange.properties
fails kafka/bin/kafka-server-start.sh strange.properties >strange.out 2>&1
grep -q "doesn't match stored clusterId Some(AAAAAAAAAAAAAAAAAAAAAA)" strange.out
# Scaffolding again leaves what was changed.
/mnt/kt lab scaffold ~ >/dev/null
grep -qx zookeeper.connection.timeout.ms=500 kafka/config/server.properties
END
}

@test "the other tools by their options of 2017" {
  in_2017 <<'END'
type_lab1
cd ~/kafka-training
./run-zookeeper.sh >zookeeper.out 2>&1 &
sed -i 's/^broker.id=0/broker.id=-1/' kafka/config/server.properties   # picked, as it was then
./run-kafka.sh >kafka.out 2>&1 &
until_so grep -q '\[Kafka Server 1001\], started' kafka.out
bin=kafka/bin
$bin/kafka-topics.sh --create --zookeeper localhost:2181 --replication-factor 1 --partitions 1 --topic t
[[ "$($bin/kafka-topics.sh --alter --zookeeper localhost:2181 --partitions 2 --topic t)" == WARNING:*$'\nAdding partitions succeeded!' ]]
$bin/kafka-configs.sh --zookeeper localhost:2181 --alter --entity-type topics --entity-name t --add-config retention.ms=1000
[ "$($bin/kafka-topics.sh --describe --zookeeper localhost:2181 --topic t | head -n 1)" = $'Topic:t\tPartitionCount:2\tReplicationFactor:1\tConfigs:retention.ms=1000' ]
printf '1\n2\n' | $bin/kafka-console-producer.sh --broker-list localhost:9092 --topic t
[ "$($bin/kafka-console-consumer.sh --zookeeper localhost:2181 --topic t --from-beginning --max-messages 2 2>/dev/null | sort | tr '\n' ' ')" = '1 2 ' ]
$bin/kafka-console-consumer.sh --new-consumer --bootstrap-server localhost:9092 --topic t --from-beginning --max-messages 2 --consumer-property group.id=g >/dev/null 2>&1
[ "$($bin/kafka-consumer-groups.sh --new-consumer --bootstrap-server localhost:9092 --list 2>/dev/null | grep -x g)" = g ]
$bin/kafka-consumer-groups.sh --zookeeper localhost:2181 --describe --group g >groups.out 2>groups.err
grep -qE '^TOPIC {26}PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG        CONSUMER-ID {40}HOST {27}CLIENT-ID' groups.out
[ "$(grep -cE '^t {30}[01] +1 +1 +0 ' groups.out)" -eq 2 ]
grep -qx 'Note: This will only show information about consumers that use the Java consumer API (non-ZooKeeper-based consumers).' groups.err
[[ "$($bin/kafka-topics.sh --delete --zookeeper localhost:2181 --topic t)" == 'Topic t is marked for deletion.'* ]]
[ -z "$($bin/kafka-topics.sh --list --zookeeper localhost:2181 | grep -x t)" ]
# Kept when it comes back without one.
$bin/kafka-server-stop.sh
until_so ended 'kafka[.]Kafka'
./run-kafka.sh >kafka2.out 2>&1 &
until_so grep -q '\[Kafka Server 1001\], started' kafka2.out
END
}
