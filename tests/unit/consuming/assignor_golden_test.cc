// Assignments that Apache Kafka's assignors made (tests/interop/java/AssignorGolden.java), made again.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "libbroker/consuming/assignor.h"
#include "libbroker/consuming/protocol.h"
#include "tests/support/source_dir.h"

namespace kt::consuming {
namespace {

struct Case {
  int line = 0;
  PartitionCounts counts;
  std::vector<GroupMember> members;
  GroupAssignment given;
};

Slice from_hex(const std::string& hex) {
  std::vector<std::byte> bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::byte>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return Slice::own(std::move(bytes));
}

std::vector<TopicPartition> partitions_of(const std::string& text) {
  std::vector<TopicPartition> partitions;
  std::istringstream words(text);
  for (std::string word; text != "-" && std::getline(words, word, ',');) {
    const size_t colon = word.find(':');
    partitions.push_back({word.substr(0, colon), std::stoi(word.substr(colon + 1))});
  }
  return partitions;
}

class AssignorGolden : public testing::TestWithParam<const char*> {
 protected:
  void read(const std::string& line, int number) {
    std::istringstream words(line);
    std::string kind, name, text;
    words >> kind >> name;
    if (kind == "case") {
      cases.push_back({.line = number, .counts = {}, .members = {}, .given = {}});
    } else if (kind == "topic") {
      int32_t count = 0;
      words >> count;
      if (count > 0) cases.back().counts.emplace(name, count);
    } else if (kind == "member") {
      read_member(name, words);
    } else if (kind == "gets") {
      words >> text;
      cases.back().given[name] = partitions_of(text);
    }
  }
  void read_member(const std::string& id, std::istringstream& words) {
    std::string instance, hex, last, partitions;
    int32_t generation = -1;
    words >> instance >> hex;
    const Slice bytes = from_hex(hex);
    const auto told = decode_subscription(bytes);
    const bool is_newest = hex.starts_with("0003");
    if (is_newest) {
      EXPECT_EQ(encode_subscription(told), bytes);
    }
    if (words >> last >> generation >> partitions) {
      EXPECT_EQ(assignor->user_data({partitions_of(partitions), generation}), told.user_data);
    }
    cases.back().members.push_back(
        {.id = id,
         .instance_id = instance == "-" ? std::nullopt : std::optional(instance),
         .topics = told.topics,
         .owned = flat(told.owned_partitions),
         .generation = told.generation_id,
         .user_data = told.user_data.is_null() ? Slice{} : Slice::copy(told.user_data.bytes)});
  }

  /// Kafka's range lists a member's topics in no order that means anything.
  std::map<std::string, std::string> comparable(GroupAssignment assignment) const {
    std::map<std::string, std::string> texts;
    for (auto& [member, partitions] : assignment) {
      if (assignor->name() == "range") std::ranges::sort(partitions);
      std::string& text = texts[member];
      for (const TopicPartition& p : partitions) text += p.topic + ":" + std::to_string(p.partition) + " ";
    }
    return texts;
  }

  const Assignor* assignor = find_assignor(GetParam());
  std::vector<Case> cases;
};

TEST_P(AssignorGolden, AssignsAsKafkaDoes) {
  ASSERT_TRUE(assignor);
  const std::string name = std::string(GetParam()) + ".txt";
  std::ifstream file(test::source_dir() / "tests/unit/consuming/golden" / name);
  int number = 0;
  for (std::string line; std::getline(file, line);) read(line, ++number);
  ASSERT_GT(cases.size(), 20u);
  for (const Case& golden : cases) {
    EXPECT_EQ(comparable(assignor->assign(golden.counts, golden.members)), comparable(golden.given))
        << name << ":" << golden.line;
  }
}

INSTANTIATE_TEST_SUITE_P(, AssignorGolden,
                         testing::Values("range", "roundrobin", "sticky", "cooperative-sticky"));

}  // namespace
}  // namespace kt::consuming
