#include "libcli/lab/training.h"

#include <fmt/core.h>

namespace kt::lab {
namespace {

// What was left to chance in 2017, and how it fell when the text was written.
constexpr std::string_view era = R"(# Read by the scripts in bin/: outputs as in 2017.
era=0.10
# Where kafka-topics.sh --create --zookeeper places the first replica of partition 0, and the second behind it.
assignment.start=2
assignment.shift=0
# To which partition, by the order in which they were listed then, kafka-console-producer.sh sends its first line.
producer.start=3
)";

/// config/server.properties of Kafka 0.10.2: its keys and values, in other words.
std::string server_properties(std::string_view identity, std::string_view log_directories) {
  return fmt::format(R"(# A broker. Give every broker of a cluster an id, a port and a directory of its own.
{}
# delete.topic.enable=true

# Where it listens; with neither listeners nor port: port 9092 of every address.
# listeners=PLAINTEXT://:9092
# What clients are told, if that is another address.
# advertised.listeners=PLAINTEXT://your.host.name:9092

num.network.threads=3
num.io.threads=8
socket.send.buffer.bytes=102400
socket.receive.buffer.bytes=102400
socket.request.max.bytes=104857600

# Where the records are, and into how many partitions a topic is cut when nobody says.
log.dirs={}
num.partitions=1
num.recovery.threads.per.data.dir=1

# When records are forced to the disk; the page cache decides if this is not set.
# log.flush.interval.messages=10000
# log.flush.interval.ms=1000

# How long records are kept, by age, and by size if that is set.
log.retention.hours=168
# log.retention.bytes=1073741824
log.segment.bytes=1073741824
log.retention.check.interval.ms=300000

# Where the cluster meets.
zookeeper.connect=localhost:2181
zookeeper.connection.timeout.ms=6000
)",
                     identity, log_directories);
}

constexpr std::string_view zookeeper_properties = R"(# What takes ZooKeeper's place: its data, and its port.
dataDir=/tmp/zookeeper
clientPort=2181
maxClientCnxns=0
)";

constexpr std::string_view producer_properties = R"(# A producer.
bootstrap.servers=localhost:9092
compression.type=none
# partitioner.class=
# request.timeout.ms=
# max.block.ms=
# linger.ms=
# max.request.size=
# batch.size=
# buffer.memory=
)";

constexpr std::string_view consumer_properties = R"(# A consumer.
zookeeper.connect=127.0.0.1:2181
zookeeper.connection.timeout.ms=6000
group.id=test-consumer-group
# consumer.timeout.ms=5000
)";

/// A script that runs one of Kafka's from where the text says Kafka is.
TrainingFile script(std::string path, std::string_view command) {
  return {std::move(path), fmt::format("#!/usr/bin/env bash\ncd ~/kafka-training\n\n{}\n", command), true};
}

/// One that starts a server with the file beside it.
TrainingFile server_script(std::string_view ordinal, int id) {
  return {fmt::format("lab2/solution/start-{}-server.sh", ordinal),
          fmt::format("#!/usr/bin/env bash\nCONFIG=`pwd`/config\ncd ~/kafka-training\n\n"
                      "kafka/bin/kafka-server-start.sh \"$CONFIG/server-{}.properties\"\n",
                      id),
          true};
}

TrainingFile server_file(int id) {
  constexpr int first_port = 9092;
  return {fmt::format("lab2/solution/config/server-{}.properties", id),
          server_properties(fmt::format("broker.id={}\nport={}", id, first_port + id),
                            fmt::format("./logs/kafka-{}", id))};
}

}  // namespace

std::vector<TrainingFile> training_files() {
  std::vector<TrainingFile> files = {
      {"kafka/.kt-era", std::string(era)},
      {"kafka/config/server.properties", server_properties("broker.id=0", "/tmp/kafka-logs")},
      {"kafka/config/zookeeper.properties", std::string(zookeeper_properties)},
      {"kafka/config/producer.properties", std::string(producer_properties)},
      {"kafka/config/consumer.properties", std::string(consumer_properties)},
      script("lab1/solution/run-zookeeper.sh",
             "kafka/bin/zookeeper-server-start.sh kafka/config/zookeeper.properties"),
      script("lab1/solution/run-kafka.sh", "kafka/bin/kafka-server-start.sh kafka/config/server.properties"),
      script("lab1/solution/create-topic.sh",
             "kafka/bin/kafka-topics.sh --create --zookeeper localhost:2181 \\\n"
             "    --replication-factor 1 --partitions 13 --topic my-topic"),
      script("lab1/solution/start-producer-console.sh",
             "kafka/bin/kafka-console-producer.sh --broker-list localhost:9092 --topic my-topic"),
      script("lab1/solution/start-consumer-console.sh",
             "kafka/bin/kafka-console-consumer.sh --bootstrap-server localhost:9092 \\\n"
             "    --topic my-topic --from-beginning"),
      script("lab2/solution/create-replicated-topic.sh",
             "kafka/bin/kafka-topics.sh --create --zookeeper localhost:2181 \\\n"
             "    --replication-factor 3 --partitions 13 --topic my-failsafe-topic"),
      script("lab2/solution/describe-topics.sh",
             "kafka/bin/kafka-topics.sh --describe --topic my-failsafe-topic --zookeeper localhost:2181"),
      script("lab2/solution/start-producer-console-replicated.sh",
             "kafka/bin/kafka-console-producer.sh --broker-list localhost:9092,localhost:9093 \\\n"
             "    --topic my-failsafe-topic"),
      script("lab2/solution/start-consumer-console-replicated.sh",
             "kafka/bin/kafka-console-consumer.sh --bootstrap-server localhost:9094,localhost:9092 \\\n"
             "    --topic my-failsafe-topic --from-beginning"),
      script("lab2/solution/start-consumer-group-replicated.sh",
             "kafka/bin/kafka-console-consumer.sh --bootstrap-server localhost:9094,localhost:9092 \\\n"
             "    --topic my-failsafe-topic --consumer-property group.id=mygroup --from-beginning")};
  for (const char* lab : {"lab1", "lab2"})
    files.push_back(script(fmt::format("{}/solution/list-topics.sh", lab),
                           "kafka/bin/kafka-topics.sh --list --zookeeper localhost:2181"));
  for (const auto& [ordinal, id] : {std::pair("1st", 0), std::pair("2nd", 1), std::pair("3rd", 2)}) {
    files.push_back(server_file(id));
    files.push_back(server_script(ordinal, id));
  }
  return files;
}

std::vector<TrainingLink> training_links() {
  return {{"kafka/lab2", "../lab2"},
          // The text calls the script by both names.
          {"lab2/solution/start-consumer-producer-replicated.sh", "start-producer-console-replicated.sh"}};
}

std::vector<std::string> training_folders() { return {"lab1", "lab2"}; }

}  // namespace kt::lab
