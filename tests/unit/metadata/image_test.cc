#include "libbroker/metadata/image.h"

#include <gtest/gtest.h>

#include "libbroker/base/rng.h"
#include "libbroker/metadata/image_builder.h"
#include "libbroker/wire/codec.h"

namespace kt::metadata {
namespace {

std::vector<std::byte> bytes(std::initializer_list<int> values) {
  std::vector<std::byte> out;
  for (const int value : values) out.push_back(static_cast<std::byte>(value));
  return out;
}

Image replay(const Image& base, const std::vector<Record>& records) {
  ImageBuilder builder(base);
  for (const Record& record : records) builder.apply(record);
  return std::move(builder).freeze({});
}

std::string error_of(const Image& base, const std::vector<Record>& records) {
  try {
    replay(base, records);
    return "none";
  } catch (const ReplayError& error) {
    return error.what();
  }
}

const Uuid id_a{1, 1}, id_b{1, 2};

TEST(RecordCodec, FramesRecordsAsKafkaDoes) {
  EXPECT_EQ(encode_record(wire::NoOpRecord{}, 25), bytes({1, 20, 0, 0}));
  EXPECT_EQ(encode_record(wire::TopicRecord{.name = "a", .topic_id = {0, 5}}, 25),
            bytes({1, 2, 0, 2, 'a', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0}));
}

TEST(RecordCodec, VersionFollowsTheClustersLevel) {
  const std::tuple<int16_t, int16_t, int16_t> levels[] = {{7, 1, 0},  {8, 2, 0},  {17, 3, 1},
                                                          {22, 3, 1}, {23, 3, 2}, {25, 3, 2}};
  for (const auto& [level, broker, partition] : levels) {
    EXPECT_EQ(record_version(wire::RegisterBrokerRecord{}, level), broker);
    EXPECT_EQ(record_version(wire::PartitionRecord{}, level), partition);
    EXPECT_EQ(record_version(wire::PartitionChangeRecord{}, level), partition);
    EXPECT_EQ(record_version(wire::TopicRecord{}, level), 0);
  }
}

TEST(RecordCodec, BrokerChangesAreWrittenInTheOldestVersionThatCanSayThem) {
  EXPECT_EQ(record_version(wire::BrokerRegistrationChangeRecord{.fenced = 1}, 25), 0);
  EXPECT_EQ(record_version(wire::BrokerRegistrationChangeRecord{.in_controlled_shutdown = 1}, 25), 1);
  EXPECT_EQ(record_version(wire::BrokerRegistrationChangeRecord{.log_dirs = {{8, 8}}}, 25), 2);
}

std::string decode_error(std::vector<std::byte> value) {
  try {
    decode_record(Slice::own(std::move(value)));
    return "none";
  } catch (const wire::DecodeError& error) {
    return error.what();
  }
}

TEST(RecordCodec, NamesWhatItDoesNotKnow) {
  EXPECT_EQ(decode_error(bytes({1, 99, 0, 0})), "metadata record of unknown type 99");
  EXPECT_EQ(decode_error(bytes({1, 2, 7, 0})), "TopicRecord of unknown version 7");
  EXPECT_EQ(decode_error(bytes({2, 2, 0, 0})), "metadata record with unknown frame version 2");
  EXPECT_EQ(decode_error(bytes({1, 20, 0, 0, 0})), "1 bytes left over after a NoOpRecord");
}

TEST(Image, BrokersComeChangeAndGo) {
  const wire::RegisterBrokerRecord record{.broker_id = 1,
                                          .incarnation_id = {3, 4},
                                          .broker_epoch = 10,
                                          .end_points = {{"PLAINTEXT", "h", 9092, 0}},
                                          .features = {{"metadata.version", 7, 25}},
                                          .rack = std::nullopt,
                                          .log_dirs = {{9, 9}, {8, 8}}};
  Image image = replay({}, {record});
  ASSERT_TRUE(image.broker(1));
  EXPECT_TRUE(image.broker(1)->fenced);
  EXPECT_EQ(image.broker(1)->endpoint("PLAINTEXT")->port, 9092);
  EXPECT_FALSE(image.broker(1)->endpoint("SSL"));
  EXPECT_TRUE(image.broker(1)->has_online({8, 8}));
  EXPECT_FALSE(image.broker(1)->has_online({7, 7}));
  EXPECT_FALSE(image.is_alive(1));

  image =
      replay(image, {wire::BrokerRegistrationChangeRecord{.broker_id = 1, .broker_epoch = 10, .fenced = -1}});
  EXPECT_TRUE(image.is_alive(1) && image.is_active(1));
  image = replay(image, {wire::BrokerRegistrationChangeRecord{
                            .broker_id = 1, .broker_epoch = 10, .in_controlled_shutdown = 1}});
  EXPECT_TRUE(image.is_alive(1));
  EXPECT_FALSE(image.is_active(1));
  image = replay(image, {wire::FenceBrokerRecord{.id = 1, .epoch = 10}});
  EXPECT_FALSE(image.is_alive(1));
  EXPECT_EQ(error_of(image, {wire::UnfenceBrokerRecord{.id = 1, .epoch = 9}}),
            "tried to unfence broker 1, but the given epoch, 9, is not its epoch, 10");
  EXPECT_EQ(replay(image, {wire::UnregisterBrokerRecord{.broker_id = 1, .broker_epoch = 10}}), Image{});
}

TEST(Image, TopicsWithTheirConfigsGoTogether) {
  Image image =
      replay({}, {wire::TopicRecord{.name = "a", .topic_id = id_a},
                  wire::PartitionRecord{.partition_id = 0,
                                        .topic_id = id_a,
                                        .replicas = {1, 2},
                                        .isr = {1, 2},
                                        .leader = 1,
                                        .leader_epoch = 0,
                                        .partition_epoch = 0},
                  wire::ConfigRecord{.resource_type = 2, .resource_name = "a", .name = "x", .value = "1"}});
  EXPECT_EQ(image.topic("a")->id, id_a);
  EXPECT_EQ(image.partition(id_a, 0)->directories,
            (std::vector<Uuid>{directory_migrating, directory_migrating}));
  EXPECT_EQ(image.config(ResourceType::topic, "a"), (ConfigMap{{"x", "1"}}));
  EXPECT_EQ(error_of(image, {wire::TopicRecord{.name = "a", .topic_id = id_b}}),
            "topic a with id " + id_b.text() + " exists");
  EXPECT_EQ(replay(image, {wire::RemoveTopicRecord{.topic_id = id_a}}), Image{});
  EXPECT_EQ(replay(image, {wire::RemoveTopicRecord{.topic_id = id_a},
                           wire::TopicRecord{.name = "a", .topic_id = id_b}})
                .topic("a")
                ->id,
            id_b);
}

TEST(Image, PartitionChangesRaiseEpochs) {
  const Partition before{.replicas = {1, 2},
                         .directories = {{5, 5}, {6, 6}},
                         .isr = {1, 2},
                         .leader = 1,
                         .leader_epoch = 4,
                         .partition_epoch = 7};
  Partition after = changed(before, {.isr = std::vector<int32_t>{1}});
  EXPECT_EQ(after.isr, (std::vector<int32_t>{1}));
  EXPECT_EQ(after.leader_epoch, 4);
  EXPECT_EQ(after.partition_epoch, 8);
  after = changed(before, {.leader = 1});
  EXPECT_EQ(after.leader_epoch, 5);
  after = changed(before, {.leader = no_leader, .leader_recovery_state = 1});
  EXPECT_FALSE(after.has_leader());
  EXPECT_EQ(after.leader_recovery, LeaderRecovery::recovering);
  after = changed(before, {.replicas = std::vector<int32_t>{1, 2, 3}});
  EXPECT_EQ(after.directories, std::vector<Uuid>(3, directory_migrating));
}

TEST(Image, ClearElrForgetsEligibleLeaders) {
  const auto partition = [](int32_t index, std::vector<int32_t> elr) {
    wire::PartitionRecord record{
        .partition_id = index, .topic_id = id_a, .replicas = {1}, .partition_epoch = 3};
    if (!elr.empty()) record.eligible_leader_replicas = std::move(elr);
    return record;
  };
  const Image image =
      replay({}, {wire::TopicRecord{.name = "a", .topic_id = id_a}, partition(0, {1}), partition(1, {})});
  for (const char* name : {"", "a"}) {
    const Image cleared = replay(image, {wire::ClearElrRecord{.topic_name = name}});
    EXPECT_TRUE(cleared.partition(id_a, 0)->elr.empty());
    EXPECT_EQ(cleared.partition(id_a, 0)->partition_epoch, 4);
    EXPECT_EQ(cleared.partition(id_a, 1)->partition_epoch, 3);
  }
  EXPECT_EQ(error_of(image, {wire::ClearElrRecord{.topic_name = "b"}}), "no topic has the name b");
}

TEST(Image, MetadataTransactionsTakeEffectWhenTheyEnd) {
  const wire::TopicRecord topic{.name = "a", .topic_id = id_a};
  const Image open = replay({}, {wire::BeginTransactionRecord{}, topic});
  EXPECT_FALSE(open.topic("a"));
  EXPECT_NE(open, Image{});
  EXPECT_TRUE(replay(open, {wire::EndTransactionRecord{}}).topic("a"));
  EXPECT_EQ(replay(open, {wire::AbortTransactionRecord{}}), Image{});
  EXPECT_EQ(error_of(open, {wire::BeginTransactionRecord{}}), "a metadata transaction began within another");
  EXPECT_EQ(error_of({}, {wire::EndTransactionRecord{}}), "a metadata transaction ended that never began");
}

TEST(Image, WhatIsSetCanBeTakenBack) {
  const std::pair<Record, Record> pairs[] = {
      {wire::ConfigRecord{.resource_type = 4, .resource_name = "1", .name = "x", .value = "1"},
       wire::ConfigRecord{.resource_type = 4, .resource_name = "1", .name = "x", .value = std::nullopt}},
      {wire::FeatureLevelRecord{.name = "f", .feature_level = 2},
       wire::FeatureLevelRecord{.name = "f", .feature_level = 0}},
      {wire::ClientQuotaRecord{.entity = {{"user", "u"}}, .key = "k", .value = 1.5},
       wire::ClientQuotaRecord{.entity = {{"user", "u"}}, .key = "k", .remove = true}},
      {wire::AccessControlEntryRecord{.id = id_a}, wire::RemoveAccessControlEntryRecord{.id = id_a}},
      {wire::UserScramCredentialRecord{.name = "u", .mechanism = 1},
       wire::RemoveUserScramCredentialRecord{.name = "u", .mechanism = 1}},
      {wire::DelegationTokenRecord{.token_id = "t"}, wire::RemoveDelegationTokenRecord{.token_id = "t"}},
  };
  for (const auto& [set, take_back] : pairs) {
    const Image image = replay({}, {set});
    EXPECT_NE(image, Image{}) << name_of(set);
    EXPECT_EQ(replay(image, image.to_records()).to_records().size(), 1u) << name_of(set);
    EXPECT_EQ(replay(image, {take_back}), Image{}) << name_of(take_back);
  }
}

/// Random records that may follow each other.
class Writer {
 public:
  explicit Writer(uint64_t seed) : rng_(seed) {}

  Record next(const Image& image) {
    switch (rng_.below(10)) {
      case 0:
        return topic();
      case 1:
      case 2:
      case 3:
        return image.topics.empty() ? topic() : partition(image);
      case 4:
        return image.topics.empty() ? topic() : change(image);
      case 5:
        if (image.topics.size() < 5) return topic();
        return wire::RemoveTopicRecord{.topic_id = some_topic(image).id};
      case 6:
        return broker();
      case 7:
        return wire::ConfigRecord{.resource_type = static_cast<int8_t>(rng_.below(2) ? 2 : 4),
                                  .resource_name = std::to_string(rng_.below(5)),
                                  .name = std::to_string(rng_.below(5)),
                                  .value = rng_.below(3) ? std::optional<std::string>("v") : std::nullopt};
      case 8:
        return wire::ClientQuotaRecord{
            .entity = {{"user", rng_.below(2) ? std::optional<std::string>("u") : std::nullopt},
                       {"client-id", "c"}},
            .key = std::to_string(rng_.below(3)),
            .value = 0.25,
            .remove = rng_.below(2) == 0};
      default:
        if (rng_.below(2))
          return wire::ProducerIdsRecord{.next_producer_id = static_cast<int64_t>(rng_.below(1000))};
        return wire::UserScramCredentialRecord{.name = std::to_string(rng_.below(5)),
                                               .salt = Slice::copy("salt")};
    }
  }

 private:
  const Topic& some_topic(const Image& image) {
    auto at = image.topics.begin();
    for (uint64_t i = rng_.below(image.topics.size()); i > 0; --i) ++at;
    return *at->second;
  }
  std::vector<int32_t> some_brokers() {
    std::vector<int32_t> out;
    for (uint64_t i = rng_.below(4); i > 0; --i) out.push_back(static_cast<int32_t>(rng_.below(10)));
    return out;
  }
  Record topic() {
    return wire::TopicRecord{.name = "t" + std::to_string(++topics_), .topic_id = Uuid::random(rng_)};
  }
  Record partition(const Image& image) {
    wire::PartitionRecord record{.partition_id = static_cast<int32_t>(rng_.below(200)),
                                 .topic_id = some_topic(image).id,
                                 .replicas = some_brokers(),
                                 .isr = some_brokers(),
                                 .leader = static_cast<int32_t>(rng_.below(3)),
                                 .leader_recovery_state = static_cast<int8_t>(rng_.below(2)),
                                 .leader_epoch = 1,
                                 .partition_epoch = 2};
    for (size_t i = 0; i < record.replicas.size(); ++i) record.directories.push_back(Uuid::random(rng_));
    if (rng_.below(2)) record.eligible_leader_replicas = std::vector<int32_t>{4};
    return record;
  }
  Record change(const Image& image) {
    const Topic& topic = some_topic(image);
    if (topic.partitions.empty()) return wire::NoOpRecord{};
    wire::PartitionChangeRecord record{.partition_id = topic.partitions.begin()->first, .topic_id = topic.id};
    if (rng_.below(2)) record.isr = some_brokers();
    if (rng_.below(2)) record.leader = static_cast<int32_t>(rng_.below(3)) - 1;
    if (rng_.below(2)) record.last_known_elr = some_brokers();
    return record;
  }
  Record broker() {
    return wire::RegisterBrokerRecord{.broker_id = static_cast<int32_t>(rng_.below(10)),
                                      .incarnation_id = Uuid::random(rng_),
                                      .broker_epoch = static_cast<int64_t>(rng_.below(100)),
                                      .end_points = {{"PLAINTEXT", "h", 1, 0}},
                                      .features = {{"metadata.version", 1, 25}},
                                      .rack = rng_.below(2) ? std::optional<std::string>("r") : std::nullopt,
                                      .fenced = rng_.below(2) == 0,
                                      .log_dirs = {Uuid::random(rng_), Uuid::random(rng_)}};
  }

  SeededRng rng_;
  int topics_ = 0;
};

TEST(Image, ReplayOfItsOwnRecordsMakesIt) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    Writer writer(seed);
    Image image = replay({}, {wire::FeatureLevelRecord{.name = "metadata.version", .feature_level = 25}});
    for (int i = 0; i < 300; ++i) image = replay(image, {writer.next(image)});
    ASSERT_EQ(replay({}, image.to_records()), image) << "seed " << seed;
    std::vector<Record> decoded;
    for (const Record& record : image.to_records())
      decoded.push_back(decode_record(Slice::own(encode_record(record, 25))));
    ASSERT_EQ(replay({}, decoded), image) << "seed " << seed;
  }
}

TEST(Image, OneTopicAmongThousandsSharesTheRest) {
  std::vector<Record> records;
  SeededRng rng(1);
  for (int i = 0; i < 5000; ++i)
    records.push_back(wire::TopicRecord{.name = "t" + std::to_string(i), .topic_id = Uuid::random(rng)});
  const Image before = replay({}, records);
  ImageBuilder builder(before);
  builder.apply(wire::TopicRecord{.name = "new", .topic_id = id_a});
  EXPECT_EQ(builder.changes().topics, (std::set<Uuid>{id_a}));
  const Image after = std::move(builder).freeze({.offset = 7});
  EXPECT_EQ(after.provenance.offset, 7);
  EXPECT_GE(shared_buckets(before.topics, after.topics) + 1, before.topics.bucket_count());
  EXPECT_GE(shared_buckets(before.topic_ids, after.topic_ids) + 1, before.topic_ids.bucket_count());
  EXPECT_EQ(shared_buckets(before.brokers, after.brokers), before.brokers.bucket_count());
}

}  // namespace
}  // namespace kt::metadata
