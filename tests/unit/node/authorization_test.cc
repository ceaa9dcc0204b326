// Every API at every version, asked by somebody who may not: which error stands where, that the right
// operation on the right resource was asked for (KafkaApis; semantics S2, Z9), and that names stay hidden.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "libbroker/wire/json.h"
#include "tests/unit/node/exchanges.h"
#include "tests/unit/node/one_node.h"

namespace kt::node {
namespace {

using api::Operation;
using api::ResourceType;
using enum api::Operation;
constexpr auto topic = ResourceType::topic, group = ResourceType::group, cluster = ResourceType::cluster,
               transactional_id = ResourceType::transactional_id;

struct Grant {
  Operation operation;
  ResourceType type;
  auto operator<=>(const Grant&) const = default;
};

/// Allows by operation and type of resource; what a test says.
class Rules final : public api::Authorizer {
 public:
  std::function<bool(const Grant&)> allow = [](const Grant&) { return true; };
  std::set<std::string> hidden_topics;

  bool is_enabled() const override { return true; }
  bool allows(std::string_view, std::string_view, Operation operation, ResourceType type,
              std::string_view name) const override {
    if (type == topic && hidden_topics.contains(std::string(name))) return false;
    return allow({operation, type});
  }
  bool allows_on_any(std::string_view, std::string_view, Operation operation,
                     ResourceType type) const override {
    return allow({operation, type});
  }
};

/// Which errors an answer has where: "topics[0].partitions[0].errorCode=29 ".
std::string errors_in(const nlohmann::json& json, const std::string& path = "") {
  std::string found;
  if (json.is_array()) {
    for (size_t i = 0; i < json.size(); ++i)
      found += errors_in(json[i], path + "[" + std::to_string(i) + "]");
  } else if (json.is_object()) {
    for (const auto& [key, value] : json.items()) {
      const std::string at = path.empty() ? key : path + "." + key;
      const bool is_error = key.ends_with("rrorCode") && value != 0;
      found += is_error ? at + "=" + value.dump() + " " : errors_in(value, at);
    }
  }
  return found;
}

/// From a version on, until the next entry.
struct Errors {
  int16_t from;
  std::string at;
};
/// One thing that is asked for: any of the grants will do, without them the answer has these errors.
struct Need {
  std::vector<Grant> any_of;
  std::vector<Errors> errors;
  const std::string& errors_at(int16_t version) const {
    const auto after = std::ranges::upper_bound(errors, version, {}, &Errors::from);
    return std::prev(after)->at;
  }
};

class Authorization : public testing::Test {
 protected:
  Authorization() {
    EXPECT_TRUE(node.start());
    node.create_topic("there");
    id = node.topic_id("there");
    wire::FindCoordinatorRequest find;
    find.coordinator_keys = {"g"};
    node.ask<wire::FindCoordinatorResponse>(find);  // and so the coordinator's topic is made
    node.world().run_for(2'000);
  }

  template <class Response, class Request, class Fill>
  nlohmann::json answer(const Fill& fill, int16_t version, const std::string& name) {
    Request request;
    fill(request, version, name);
    return nlohmann::json::parse(wire::to_json(node.ask<Response>(request, version), version));
  }

  /// Holds one API to its needs, at every version from `first` on. `fill` makes a request about a topic.
  template <class Request, class Response, class Fill>
  void check(const Fill& fill, const std::vector<Need>& needs, int16_t first = Request::min_version,
             bool hides_names = true) {
    const int16_t least = std::max(first, wire::find_api(Request::api_key)->min_version);
    for (int16_t version = least; version <= wire::find_api(Request::api_key)->max_version; ++version) {
      SCOPED_TRACE(std::string(Request::type_name) + " v" + std::to_string(version));
      for (const Need& need : needs) {
        rules->allow = [&](const Grant& grant) { return std::ranges::count(need.any_of, grant) == 0; };
        const auto refused = answer<Response, Request>(fill, version, "there");
        EXPECT_EQ(errors_in(refused), need.errors_at(version)) << refused.dump();
        for (const Grant& enough : need.any_of)
          expect_allowed<Request, Response>(fill, version, needs, need, enough);
      }
      if (!hides_names) continue;
      rules->allow = [](const Grant&) { return false; };
      const auto existing = answer<Response, Request>(fill, version, "there");
      std::string missing = answer<Response, Request>(fill, version, "gone!").dump();
      for (size_t at; (at = missing.find("gone!")) != std::string::npos;) missing.replace(at, 5, "there");
      EXPECT_EQ(existing.dump(), missing);
    }
    rules->allow = [](const Grant&) { return true; };
  }

  /// Nothing but what is needed is allowed, and of `chosen` only `enough`: that suffices.
  template <class Request, class Response, class Fill>
  void expect_allowed(const Fill& fill, int16_t version, const std::vector<Need>& needs, const Need& chosen,
                      const Grant& enough) {
    std::set<Grant> granted = {enough};
    for (const Need& need : needs) {
      if (&need != &chosen) granted.insert(need.any_of.begin(), need.any_of.end());
    }
    rules->allow = [&](const Grant& grant) { return granted.contains(grant); };
    std::string errors = errors_in(answer<Response, Request>(fill, version, "there"));
    const std::string hidden_configs = "topics[0].topicConfigErrorCode=29 ";  // of CreateTopics: no refusal
    if (const size_t at = errors.find(hidden_configs); at != std::string::npos)
      errors.erase(at, hidden_configs.size());
    for (const char* refused : {"=29 ", "=30 ", "=31 ", "=53 "})
      EXPECT_EQ(errors.find(refused), std::string::npos) << errors;
  }

  std::shared_ptr<Rules> rules = std::make_shared<Rules>();
  OneNode node{{.properties = {{"auto.create.topics.enable", "false"}}, .authorizer = rules}};
  Uuid id;
};

TEST_F(Authorization, Produce) {
  const auto fill = [&](wire::ProduceRequest& request, int16_t version, const std::string& name) {
    request.acks = 1;
    auto& asked = request.topic_data.emplace_back();
    if (version < 13)
      asked.name = name;
    else
      asked.topic_id = id;
    asked.partition_data.push_back({.index = 0, .records = {.pieces = {batch_of({"x"})}}});
  };
  check<wire::ProduceRequest, wire::ProduceResponse>(
      fill, {{{{write, topic}}, {{0, "responses[0].partitionResponses[0].errorCode=29 "}}}});
}

TEST_F(Authorization, Fetch) {
  const auto fill = [&](wire::FetchRequest& request, int16_t version, const std::string& name) {
    auto& asked = request.topics.emplace_back();
    if (version < 13)
      asked.topic = name;
    else
      asked.topic_id = id;
    asked.partitions.push_back({.partition = 0, .partition_max_bytes = 1024});
  };
  check<wire::FetchRequest, wire::FetchResponse>(
      fill, {{{{read, topic}}, {{0, "responses[0].partitions[0].errorCode=29 "}}}});
}

TEST_F(Authorization, FetchOfAReplica) {
  const auto fill = [&](wire::FetchRequest& request, int16_t version, const std::string& name) {
    if (version < 15)
      request.replica_id = 7;
    else
      request.replica_state.replica_id = 7;
    auto& asked = request.topics.emplace_back();
    if (version < 13)
      asked.topic = name;
    else
      asked.topic_id = id;
    asked.partitions.push_back({.partition = 0, .partition_max_bytes = 1024});
  };
  check<wire::FetchRequest, wire::FetchResponse>(
      fill, {{{{cluster_action, cluster}}, {{0, "responses[0].partitions[0].errorCode=29 "}}}});
}

TEST_F(Authorization, ListOffsets) {
  const auto fill = [](wire::ListOffsetsRequest& request, int16_t, const std::string& name) {
    request.replica_id = -1;
    auto& asked = request.topics.emplace_back();
    asked.name = name;
    asked.partitions.push_back({.partition_index = 0, .timestamp = -1});
  };
  check<wire::ListOffsetsRequest, wire::ListOffsetsResponse>(
      fill, {{{{describe, topic}}, {{0, "topics[0].partitions[0].errorCode=29 "}}}});
}

TEST_F(Authorization, Metadata) {
  const auto by_name = [](wire::MetadataRequest& request, int16_t, const std::string& name) {
    request.topics.emplace().push_back({.name = name});
  };
  check<wire::MetadataRequest, wire::MetadataResponse>(
      by_name, {{{{describe, topic}}, {{0, "topics[0].errorCode=29 "}}}});
  const auto by_id = [&](wire::MetadataRequest& request, int16_t, const std::string&) {
    request.topics.emplace().push_back({.topic_id = id, .name = std::nullopt});
  };
  check<wire::MetadataRequest, wire::MetadataResponse>(
      by_id, {{{{describe, topic}}, {{0, "topics[0].errorCode=29 "}}}}, 12);
}

TEST_F(Authorization, OffsetCommit) {
  const auto fill = [&](wire::OffsetCommitRequest& request, int16_t version, const std::string& name) {
    request.group_id = "g";
    auto& asked = request.topics.emplace_back();
    if (version < 10)
      asked.name = name;
    else
      asked.topic_id = id;
    asked.partitions.push_back({.partition_index = 0, .committed_offset = 3});
  };
  check<wire::OffsetCommitRequest, wire::OffsetCommitResponse>(
      fill, {{{{read, group}}, {{0, "topics[0].partitions[0].errorCode=30 "}}},
             {{{read, topic}}, {{0, "topics[0].partitions[0].errorCode=29 "}}}});
}

TEST_F(Authorization, OffsetFetch) {
  const auto fill = [&](wire::OffsetFetchRequest& request, int16_t version, const std::string& name) {
    if (version < 8) {
      request.group_id = "g";
      request.topics.emplace().push_back({.name = name, .partition_indexes = {0}});
      return;
    }
    auto& asked = request.groups.emplace_back();
    asked.group_id = "g";
    auto& one = asked.topics.emplace().emplace_back();
    if (version < 10)
      one.name = name;
    else
      one.topic_id = id;
    one.partition_indexes = {0};
  };
  // The topic in question is first asked for with a committed position, or there would be nothing to hide.
  check<wire::OffsetFetchRequest, wire::OffsetFetchResponse>(
      fill,
      {{{{describe, group}},
        {{1, "topics[0].partitions[0].errorCode=30 "}, {2, "errorCode=30 "}, {8, "groups[0].errorCode=30 "}}},
       {{{describe, topic}},
        {{1, "topics[0].partitions[0].errorCode=29 "},
         {8, "groups[0].topics[0].partitions[0].errorCode=29 "}}}});
}

TEST_F(Authorization, FindCoordinator) {
  const auto keyed = [](int8_t type) {
    return [type](wire::FindCoordinatorRequest& request, int16_t version, const std::string&) {
      if (version >= 1) request.key_type = type;
      if (version < 4)
        request.key = "k";
      else
        request.coordinator_keys = {"k"};
    };
  };
  check<wire::FindCoordinatorRequest, wire::FindCoordinatorResponse>(
      keyed(0), {{{{describe, group}}, {{0, "errorCode=30 "}, {4, "coordinators[0].errorCode=30 "}}}});
  rules->allow = [](const Grant& grant) { return grant != Grant{describe, transactional_id}; };
  for (int16_t version = 1; version <= 6; ++version) {
    const auto refused =
        answer<wire::FindCoordinatorResponse, wire::FindCoordinatorRequest>(keyed(1), version, "");
    EXPECT_EQ(errors_in(refused), version < 4 ? "errorCode=53 " : "coordinators[0].errorCode=53 ");
  }
}

template <class Request>
constexpr auto of_group = [](Request& request, int16_t, const std::string&) { request.group_id = "g"; };

TEST_F(Authorization, GroupMembership) {
  const std::vector<Need> needs = {{{{read, group}}, {{0, "errorCode=30 "}}}};
  check<wire::JoinGroupRequest, wire::JoinGroupResponse>(of_group<wire::JoinGroupRequest>, needs);
  check<wire::SyncGroupRequest, wire::SyncGroupResponse>(of_group<wire::SyncGroupRequest>, needs);
  check<wire::HeartbeatRequest, wire::HeartbeatResponse>(of_group<wire::HeartbeatRequest>, needs);
  check<wire::LeaveGroupRequest, wire::LeaveGroupResponse>(of_group<wire::LeaveGroupRequest>, needs);
}

TEST_F(Authorization, GroupsAsWhole) {
  const auto described = [](wire::DescribeGroupsRequest& request, int16_t, const std::string&) {
    request.groups = {"g"};
  };
  check<wire::DescribeGroupsRequest, wire::DescribeGroupsResponse>(
      described, {{{{describe, group}}, {{0, "groups[0].errorCode=30 "}}}});
  const auto deleted = [](wire::DeleteGroupsRequest& request, int16_t, const std::string&) {
    request.groups_names = {"g"};
  };
  check<wire::DeleteGroupsRequest, wire::DeleteGroupsResponse>(
      deleted, {{{{remove, group}}, {{0, "results[0].errorCode=30 "}}}});
}

TEST_F(Authorization, OffsetDelete) {
  node.create_topic("kept");  // its position keeps the group when the other one is deleted
  wire::OffsetCommitRequest commit;
  commit.group_id = "g";
  for (const char* name : {"there", "kept"}) {
    auto& committed = commit.topics.emplace_back();
    committed.name = name;
    committed.partitions.push_back({.partition_index = 0, .committed_offset = 3});
  }
  EXPECT_EQ(
      errors_in(nlohmann::json::parse(wire::to_json(node.ask<wire::OffsetCommitResponse>(commit, 9), 9))),
      "");
  const auto fill = [](wire::OffsetDeleteRequest& request, int16_t, const std::string& name) {
    request.group_id = "g";
    request.topics.push_back({.name = name, .partitions = {{.partition_index = 0}}});
  };
  check<wire::OffsetDeleteRequest, wire::OffsetDeleteResponse>(
      fill, {{{{remove, group}}, {{0, "errorCode=30 "}}},
             {{{read, topic}}, {{0, "topics[0].partitions[0].errorCode=29 "}}}});
}

TEST_F(Authorization, CreateTopics) {
  const auto fill = [](wire::CreateTopicsRequest& request, int16_t, const std::string& name) {
    request.topics.push_back({.name = name, .num_partitions = 1, .replication_factor = 1});
  };
  check<wire::CreateTopicsRequest, wire::CreateTopicsResponse>(
      fill, {{{{create, cluster}, {create, topic}}, {{0, "topics[0].errorCode=29 "}}}});
}

TEST_F(Authorization, DeleteTopics) {
  const auto by_name = [](wire::DeleteTopicsRequest& request, int16_t version, const std::string& name) {
    if (version < 6)
      request.topic_names = {name};
    else
      request.topics.push_back({.name = name});
  };
  // Denied first, then deleted: the second time there is nothing left, and no error of authorization either.
  check<wire::DeleteTopicsRequest, wire::DeleteTopicsResponse>(
      by_name, {{{{remove, topic}, {remove, cluster}}, {{0, "responses[0].errorCode=29 "}}}});
}

TEST_F(Authorization, PartitionsAndRecords) {
  const auto grow = [](wire::CreatePartitionsRequest& request, int16_t, const std::string& name) {
    request.topics.push_back({.name = name, .count = 2});
    request.validate_only = true;
  };
  check<wire::CreatePartitionsRequest, wire::CreatePartitionsResponse>(
      grow, {{{{alter, topic}}, {{0, "results[0].errorCode=29 "}}}});
  const auto shorten = [](wire::DeleteRecordsRequest& request, int16_t, const std::string& name) {
    request.topics.push_back({.name = name, .partitions = {{.partition_index = 0, .offset = 0}}});
  };
  check<wire::DeleteRecordsRequest, wire::DeleteRecordsResponse>(
      shorten, {{{{remove, topic}}, {{0, "topics[0].partitions[0].errorCode=29 "}}}});
  const auto epochs = [](wire::OffsetForLeaderEpochRequest& request, int16_t, const std::string& name) {
    request.topics.push_back({.topic = name, .partitions = {{.partition = 0}}});
  };
  check<wire::OffsetForLeaderEpochRequest, wire::OffsetForLeaderEpochResponse>(
      epochs,
      {{{{describe, topic}, {cluster_action, cluster}}, {{0, "topics[0].partitions[0].errorCode=29 "}}}});
  const auto producers = [](wire::DescribeProducersRequest& request, int16_t, const std::string& name) {
    request.topics.push_back({.name = name, .partition_indexes = {0}});
  };
  check<wire::DescribeProducersRequest, wire::DescribeProducersResponse>(
      producers, {{{{read, topic}}, {{0, "topics[0].partitions[0].errorCode=29 "}}}});
  const auto pages = [](wire::DescribeTopicPartitionsRequest& request, int16_t, const std::string& name) {
    request.topics.push_back({.name = name});
  };
  check<wire::DescribeTopicPartitionsRequest, wire::DescribeTopicPartitionsResponse>(
      pages, {{{{describe, topic}}, {{0, "topics[0].errorCode=29 "}}}});
}

TEST_F(Authorization, InitProducerId) {
  const auto idempotent = [](wire::InitProducerIdRequest& request, int16_t, const std::string&) {
    request.transactional_id.reset();
  };
  check<wire::InitProducerIdRequest, wire::InitProducerIdResponse>(
      idempotent, {{{{idempotent_write, cluster}, {write, topic}}, {{0, "errorCode=31 "}}}});
}

TEST_F(Authorization, Transactions) {
  const auto partitions = [](wire::AddPartitionsToTxnRequest& request, int16_t version,
                             const std::string& name) {
    if (version < 4) {
      request.v3_and_below_transactional_id = "x";
      request.v3_and_below_topics.push_back({.name = name, .partitions = {0}});
    } else {
      request.transactions.push_back(
          {.transactional_id = "x", .topics = {{.name = name, .partitions = {0}}}});
    }
  };
  for (int16_t version = 0; version <= 5; ++version) {
    const auto errors_without = [&](const Grant& denied) {
      rules->allow = [&](const Grant& grant) { return grant != denied; };
      return errors_in(answer<wire::AddPartitionsToTxnResponse, wire::AddPartitionsToTxnRequest>(
          partitions, version, "there"));
    };
    const std::string at = "resultsByTopicV3AndBelow[0].resultsByPartition[0].partitionErrorCode=";
    if (version < 4) {
      EXPECT_EQ(errors_without({write, transactional_id}), at + "53 ");
      EXPECT_EQ(errors_without({write, topic}), at + "29 ");
    } else {
      EXPECT_EQ(errors_without({cluster_action, cluster}), "errorCode=31 ");
    }
  }
  rules->allow = [](const Grant&) { return true; };
  const auto offsets = [](wire::AddOffsetsToTxnRequest& request, int16_t, const std::string&) {
    request.transactional_id = "x", request.group_id = "g";
  };
  check<wire::AddOffsetsToTxnRequest, wire::AddOffsetsToTxnResponse>(
      offsets,
      {{{{write, transactional_id}}, {{0, "errorCode=53 "}}}, {{{read, group}}, {{0, "errorCode=30 "}}}});
  const auto end = [](wire::EndTxnRequest& request, int16_t, const std::string&) {
    request.transactional_id = "x";
  };
  check<wire::EndTxnRequest, wire::EndTxnResponse>(end,
                                                   {{{{write, transactional_id}}, {{0, "errorCode=53 "}}}});
  const auto commit = [](wire::TxnOffsetCommitRequest& request, int16_t, const std::string& name) {
    request.transactional_id = "x", request.group_id = "g";
    request.topics.push_back({.name = name, .partitions = {{.partition_index = 0}}});
  };
  check<wire::TxnOffsetCommitRequest, wire::TxnOffsetCommitResponse>(
      commit, {{{{write, transactional_id}}, {{0, "topics[0].partitions[0].errorCode=53 "}}},
               {{{read, group}}, {{0, "topics[0].partitions[0].errorCode=30 "}}},
               {{{read, topic}}, {{0, "topics[0].partitions[0].errorCode=29 "}}}});
  const auto describe_them = [](wire::DescribeTransactionsRequest& request, int16_t, const std::string&) {
    request.transactional_ids = {"x"};
  };
  check<wire::DescribeTransactionsRequest, wire::DescribeTransactionsResponse>(
      describe_them, {{{{describe, transactional_id}}, {{0, "transactionStates[0].errorCode=53 "}}}});
}

TEST_F(Authorization, Acls) {
  const auto nothing = [](auto&, int16_t, const std::string&) {};
  check<wire::DescribeAclsRequest, wire::DescribeAclsResponse>(
      nothing, {{{{describe, cluster}}, {{0, "errorCode=31 "}}}});
  const auto one = [](wire::CreateAclsRequest& request, int16_t, const std::string&) {
    request.creations.emplace_back();
  };
  check<wire::CreateAclsRequest, wire::CreateAclsResponse>(
      one, {{{{alter, cluster}}, {{0, "results[0].errorCode=31 "}}}});
  const auto all = [](wire::DeleteAclsRequest& request, int16_t, const std::string&) {
    request.filters.emplace_back();
  };
  check<wire::DeleteAclsRequest, wire::DeleteAclsResponse>(
      all, {{{{alter, cluster}}, {{0, "filterResults[0].errorCode=31 "}}}});
}

TEST_F(Authorization, Configs) {
  constexpr int8_t of_topic = 2, of_broker = 4, of_group = 32;
  const std::tuple<int8_t, ResourceType, std::string> resources[] = {
      {of_topic, topic, "29"}, {of_broker, cluster, "31"}, {of_group, group, "30"}};
  for (const auto& [type, resource, code] : resources) {
    const auto fill = [type = type](auto& request, int16_t, const std::string& name) {
      auto& asked = request.resources.emplace_back();
      asked.resource_type = type;
      asked.resource_name = type == of_broker ? "1" : type == of_group ? "g" : name;
    };
    check<wire::DescribeConfigsRequest, wire::DescribeConfigsResponse>(
        fill, {{{{describe_configs, resource}}, {{0, "results[0].errorCode=" + code + " "}}}});
    check<wire::AlterConfigsRequest, wire::AlterConfigsResponse>(
        fill, {{{{alter_configs, resource}}, {{0, "responses[0].errorCode=" + code + " "}}}});
    check<wire::IncrementalAlterConfigsRequest, wire::IncrementalAlterConfigsResponse>(
        fill, {{{{alter_configs, resource}}, {{0, "responses[0].errorCode=" + code + " "}}}});
  }
}

TEST_F(Authorization, TheCluster) {
  const auto nothing = [](auto&, int16_t, const std::string&) {};
  const auto needs = [](Operation operation) {
    return std::vector<Need>{{{{operation, cluster}}, {{0, "errorCode=31 "}}}};
  };
  const auto updates = [](wire::UpdateFeaturesRequest&, int16_t, const std::string&) {};
  check<wire::DescribeLogDirsRequest, wire::DescribeLogDirsResponse>(
      nothing, {{{{describe, cluster}}, {{0, ""}, {3, "errorCode=31 "}}}});
  check<wire::DescribeQuorumRequest, wire::DescribeQuorumResponse>(nothing, needs(describe));
  check<wire::UpdateFeaturesRequest, wire::UpdateFeaturesResponse>(updates, needs(alter));
  const auto list_moves = [](wire::ListPartitionReassignmentsRequest& request, int16_t,
                             const std::string& name) {
    request.topics = {{.name = name, .partition_indexes = {0}}};
  };
  check<wire::ListPartitionReassignmentsRequest, wire::ListPartitionReassignmentsResponse>(list_moves,
                                                                                           needs(describe));
  const auto move = [](wire::AlterPartitionReassignmentsRequest& request, int16_t, const std::string& name) {
    request.topics = {{.name = name, .partitions = {{.partition_index = 0, .replicas = {{1}}}}}};
  };
  check<wire::AlterPartitionReassignmentsRequest, wire::AlterPartitionReassignmentsResponse>(
      move, {{{{alter, cluster}}, {{0, "errorCode=31 responses[0].partitions[0].errorCode=31 "}}}});
  check<wire::DescribeClientQuotasRequest, wire::DescribeClientQuotasResponse>(nothing,
                                                                               needs(describe_configs));
  check<wire::DescribeUserScramCredentialsRequest, wire::DescribeUserScramCredentialsResponse>(
      nothing, needs(describe));
  check<wire::ListConfigResourcesRequest, wire::ListConfigResourcesResponse>(nothing,
                                                                             needs(describe_configs));
  const auto unknown = [](wire::UnregisterBrokerRequest& request, int16_t, const std::string&) {
    request.broker_id = 99;
  };
  check<wire::UnregisterBrokerRequest, wire::UnregisterBrokerResponse>(unknown, needs(alter));
  const auto elect = [](wire::ElectLeadersRequest& request, int16_t, const std::string& name) {
    request.topic_partitions->push_back({.topic = name, .partitions = {0}});
  };
  const std::string at = "replicaElectionResults[0].partitionResult[0].errorCode=31 ";
  check<wire::ElectLeadersRequest, wire::ElectLeadersResponse>(
      elect, {{{{alter, cluster}}, {{0, at}, {1, "errorCode=31 " + at}}}});
}

TEST_F(Authorization, ListingsLeaveOutWhatIsHidden) {
  node.create_topic("secret");
  rules->hidden_topics = {"secret", "__consumer_offsets"};
  for (int16_t version = 0; version <= 13; ++version) {
    wire::MetadataRequest request;
    if (version >= 1) request.topics.reset();
    const auto all = node.ask<wire::MetadataResponse>(request, version);
    ASSERT_EQ(all.topics.size(), 1u) << version;
    EXPECT_EQ(*all.topics[0].name, "there");
  }
  const auto paged = node.ask<wire::DescribeTopicPartitionsResponse>(
      wire::DescribeTopicPartitionsRequest{.response_partition_limit = 10});
  ASSERT_EQ(paged.topics.size(), 1u);
  EXPECT_EQ(*paged.topics[0].name, "there");
}

TEST_F(Authorization, GroupsAreListedToWhomMayDescribeThem) {
  wire::OffsetCommitRequest commit;
  commit.group_id = "g";
  commit.topics.emplace_back().name = "there";
  commit.topics[0].partitions.push_back({.partition_index = 0, .committed_offset = 3});
  EXPECT_EQ(
      errors_in(nlohmann::json::parse(wire::to_json(node.ask<wire::OffsetCommitResponse>(commit, 9), 9))),
      "");
  const auto groups_with = [&](std::set<Grant> granted) {
    rules->allow = [granted](const Grant& grant) { return granted.contains(grant); };
    return node.ask<wire::ListGroupsResponse>(wire::ListGroupsRequest{}).groups.size();
  };
  EXPECT_EQ(groups_with({}), 0u);
  EXPECT_EQ(groups_with({{describe, group}}), 1u);
  EXPECT_EQ(groups_with({{describe, cluster}}), 1u);
  // All positions of a group: only those of topics that may be seen.
  const auto positions_with = [&](std::set<Grant> granted) {
    rules->allow = [granted](const Grant& grant) { return granted.contains(grant); };
    wire::OffsetFetchRequest fetch;
    fetch.groups.emplace_back().group_id = "g";
    fetch.groups[0].topics.reset();
    return node.ask<wire::OffsetFetchResponse>(fetch, 9).groups.at(0).topics.size();
  };
  EXPECT_EQ(positions_with({{describe, group}}), 0u);
  EXPECT_EQ(positions_with({{describe, group}, {describe, topic}}), 1u);
}

TEST_F(Authorization, ConfigsOfANewTopicAreKeptFromWhomMayNotDescribeThem) {
  rules->allow = [](const Grant& grant) { return grant.operation != describe_configs; };
  wire::CreateTopicsRequest request;
  request.topics.push_back({.name = "new", .num_partitions = 1, .replication_factor = 1});
  const auto made = node.ask<wire::CreateTopicsResponse>(request);
  EXPECT_EQ(made.topics[0].error_code, ErrorCode::none);
  EXPECT_EQ(made.topics[0].topic_config_error_code, 29);
  EXPECT_EQ(made.topics[0].num_partitions, -1);
  EXPECT_FALSE(made.topics[0].configs);
}

TEST_F(Authorization, WhatOneMayDoIsToldAsItIs) {
  rules->allow = [](const Grant& grant) { return grant.operation == describe || grant.operation == read; };
  wire::DescribeClusterRequest cluster_request;
  cluster_request.include_cluster_authorized_operations = true;
  EXPECT_EQ(node.ask<wire::DescribeClusterResponse>(cluster_request).cluster_authorized_operations, 1 << 8);
  rules->allow = [](const Grant& grant) { return grant.operation == alter; };  // and not describe
  EXPECT_EQ(node.ask<wire::DescribeClusterResponse>(cluster_request).cluster_authorized_operations, 0);
}

/// Whether the coordinator is up is nobody's business who may not read the group.
TEST(GroupAuthorization, ComesBeforeTheCoordinator) {
  const auto rules = std::make_shared<Rules>();
  OneNode node{{.authorizer = rules}};
  ASSERT_TRUE(node.start());
  node.create_topic("t");
  rules->allow = [](const Grant& grant) { return grant != Grant{read, group}; };
  wire::OffsetCommitRequest commit;
  commit.group_id = "g";
  commit.topics.emplace_back().name = "t";
  commit.topics[0].partitions.push_back({.partition_index = 0, .committed_offset = 3});
  EXPECT_EQ(node.ask<wire::OffsetCommitResponse>(commit, 9).topics.at(0).partitions.at(0).error_code,
            ErrorCode::group_authorization_failed);
}

/// Names of topics are made only by whom may create them.
TEST(AutoCreation, AsksForCreate) {
  const auto rules = std::make_shared<Rules>();
  OneNode node{{.authorizer = rules}};
  ASSERT_TRUE(node.start());
  const auto ask = [&](const char* name) {
    wire::MetadataRequest request;
    request.topics.emplace().push_back({.name = name});
    return node.ask<wire::MetadataResponse>(request).topics[0].error_code;
  };
  rules->allow = [](const Grant& grant) { return grant.operation != create; };
  EXPECT_EQ(ask("a"), ErrorCode::topic_authorization_failed);
  rules->allow = [](const Grant& grant) { return grant != Grant{create, cluster}; };
  EXPECT_EQ(ask("a"), ErrorCode::unknown_topic_or_partition);
  node.world().run_for(1'000);
  EXPECT_EQ(ask("a"), ErrorCode::none);
}

}  // namespace
}  // namespace kt::node
