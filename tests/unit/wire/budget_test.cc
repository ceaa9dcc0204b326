// The decode budget (architecture §5): the largest requests that clients really send fit, and no frame makes
// the decoder take more memory than it allows.
#include <gtest/gtest.h>

#include <string>

#include "libbroker/wire/00_produce.h"
#include "libbroker/wire/01_fetch.h"
#include "libbroker/wire/02_list_offsets.h"
#include "libbroker/wire/03_metadata.h"
#include "libbroker/wire/08_offset_commit.h"
#include "libbroker/wire/09_offset_fetch.h"
#include "libbroker/wire/14_sync_group.h"
#include "libbroker/wire/19_create_topics.h"
#include "libbroker/wire/decoder.h"
#include "libbroker/wire/encoder.h"
#include "tests/support/allocated.h"

namespace kt::wire {
namespace {

using test::allocated_height_of;

template <class M>
void expect_fits(const M& message, int16_t version) {
  SCOPED_TRACE(std::string(M::type_name) + " v" + std::to_string(version));
  const std::vector<std::byte> bytes = encode_bytes(message, version);
  M decoded;
  int64_t height = 0;
  EXPECT_NO_THROW(height = allocated_height_of([&] { decoded = decode<M>(Slice::view(bytes), version); }));
  EXPECT_LE(height, static_cast<int64_t>(Decoder::budget_for(bytes.size())));
  EXPECT_EQ(encode_bytes(decoded, version), bytes);
}

std::string topic_name(int i) { return "topic-" + std::to_string(i); }

TEST(DecodeBudget, AdmitsAConsumerOfManyPartitions) {
  FetchRequest fetch;
  ListOffsetsRequest list;
  OffsetCommitRequest commit;
  OffsetFetchRequest offsets;
  offsets.topics.emplace();
  for (int t = 0; t < 200; ++t) {
    fetch.topics.emplace_back().topic = topic_name(t);
    list.topics.emplace_back().name = topic_name(t);
    commit.topics.emplace_back().name = topic_name(t);
    offsets.topics->emplace_back().name = topic_name(t);
    for (int p = 0; p < 200; ++p) {
      fetch.topics.back().partitions.emplace_back().partition = p;
      list.topics.back().partitions.emplace_back().partition_index = p;
      commit.topics.back().partitions.emplace_back().partition_index = p;
      offsets.topics->back().partition_indexes.push_back(p);
    }
  }
  for (const int16_t version : {4, 11, 12}) expect_fits(fetch, version);
  for (const int16_t version : {1, 6, 10}) expect_fits(list, version);
  for (const int16_t version : {2, 8, 9}) expect_fits(commit, version);
  for (const int16_t version : {2, 7}) expect_fits(offsets, version);
}

TEST(DecodeBudget, AdmitsManyTopics) {
  MetadataRequest metadata;
  metadata.topics.emplace();
  CreateTopicsRequest create;
  ProduceRequest produce;
  for (int t = 0; t < 20'000; ++t) {
    metadata.topics->emplace_back().name = topic_name(t);
    create.topics.emplace_back().name = topic_name(t);
    create.topics.back().num_partitions = 1;
    create.topics.back().replication_factor = 1;
    produce.topic_data.emplace_back().name = topic_name(t);
    produce.topic_data.back().partition_data.emplace_back();
  }
  for (const int16_t version : {1, 8, 9, 12}) expect_fits(metadata, version);
  for (const int16_t version : {2, 5, 7}) expect_fits(create, version);
  for (const int16_t version : {3, 9, 12}) expect_fits(produce, version);
}

TEST(DecodeBudget, AdmitsALargeGroup) {
  SyncGroupRequest sync;
  for (int m = 0; m < 2'000; ++m) {
    sync.assignments.emplace_back().member_id =
        "consumer-group-1-" + std::to_string(m) + "-01234567-89ab-cdef";
    sync.assignments.back().assignment = Slice::copy(std::string(300, 'a'));
  }
  for (const int16_t version : {0, 3, 5}) expect_fits(sync, version);
}

// A megabyte of the smallest elements there are: it would be decoded into many times its size.
template <class M>
void expect_bounded(std::vector<std::byte> start, int16_t version) {
  constexpr size_t frame_bytes = 1 << 20;
  start.resize(frame_bytes);  // with zeros
  const int64_t height =
      allocated_height_of([&] { EXPECT_THROW(decode<M>(Slice::view(start), version), DecodeError); });
  EXPECT_LE(height, static_cast<int64_t>(Decoder::budget_for(frame_bytes)) + (16 << 10));
}

TEST(DecodeBudget, RefusesFramesThatSwell) {
  // topics: 1'000'000 of one byte each as far as the count can be checked.
  Encoder count(12, true);
  count.unsigned_varint(340'000);
  expect_bounded<MetadataRequest>(count.take_bytes(), 12);
  Encoder old_count(1, false);
  int32_t names = 500'000;
  old_count.value(names);
  expect_bounded<MetadataRequest>(old_count.take_bytes(), 1);
}

TEST(DecodeBudget, HasAFloorAndACeiling) {
  EXPECT_EQ(Decoder::budget_for(0), 256u << 10);
  EXPECT_EQ(Decoder::budget_for(1 << 20), (256u << 10) + (16u << 20));
  EXPECT_EQ(Decoder::budget_for(100 << 20), 64u << 20);
}

}  // namespace
}  // namespace kt::wire
