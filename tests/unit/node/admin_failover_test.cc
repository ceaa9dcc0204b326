// Every admin API, at every broker, while the active controller is lost: each ends in time, none is answered
// as Kafka would not, and what a broker has said is done it shows from then on.
#include <algorithm>
#include <functional>

#include "libbroker/wire/03_metadata.h"
#include "libbroker/wire/19_create_topics.h"
#include "libbroker/wire/20_delete_topics.h"
#include "libbroker/wire/21_delete_records.h"
#include "libbroker/wire/29_describe_acls.h"
#include "libbroker/wire/30_create_acls.h"
#include "libbroker/wire/31_delete_acls.h"
#include "libbroker/wire/32_describe_configs.h"
#include "libbroker/wire/33_alter_configs.h"
#include "libbroker/wire/37_create_partitions.h"
#include "libbroker/wire/43_elect_leaders.h"
#include "libbroker/wire/44_incremental_alter_configs.h"
#include "libbroker/wire/45_alter_partition_reassignments.h"
#include "libbroker/wire/46_list_partition_reassignments.h"
#include "libbroker/wire/55_describe_quorum.h"
#include "libbroker/wire/57_update_features.h"
#include "libbroker/wire/64_unregister_broker.h"
#include "tests/unit/node/cluster_fixture.h"

namespace kt::node {
namespace {

enum class Loss { killed, stopped, cut_off };

class AdminFailover : public ClusterFixture, public testing::WithParamInterface<std::tuple<Loss, int>> {
 protected:
  static constexpr int64_t patient_ms = 32'000;          // request.timeout.ms, and a little
  static constexpr int64_t publish_wait_ms_max = 1'000;  // after it an answer is given in any case
  static constexpr int8_t topic_resource = 2;
  static constexpr const char* not_shown = "what it says is done is not shown";

  AdminFailover() : ClusterFixture(static_cast<uint64_t>(std::get<int>(GetParam()))) {}

  /// One request, and what its answer has to be like.
  struct Question {
    int32_t broker;
    std::string what;
    std::function<bool()> has_come;
    std::function<std::string()> complaint;  // "": as it should be; "connection": there is none
    int64_t asked_ms;
  };

  template <class Response, class Request>
  void ask_later(int32_t broker, std::string what, const Request& request,
                 std::function<std::string(const Response&)> complaint) {
    const auto pending = begin<Response>(broker, request);
    questions_.push_back({broker, std::move(what), [pending] { return pending.has_come(); },
                          [pending, complaint] {
                            const auto response = pending.get();
                            return response ? complaint(*response) : "connection";
                          },
                          world_.now_ms()});
  }
  /// "" or the code's name.
  static std::string unless(std::initializer_list<ErrorCode> allowed, ErrorCode code) {
    return std::ranges::find(allowed, code) != allowed.end() ? "" : std::string(name_of(code));
  }
  std::optional<size_t> partitions(int32_t by, const std::string& topic) {
    wire::MetadataRequest request;
    request.topics = {{.name = topic}};
    request.allow_auto_topic_creation = false;
    const auto response = ask<wire::MetadataResponse>(by, request);
    if (!response || response->topics.at(0).error_code != ErrorCode::none) return std::nullopt;
    return response->topics[0].partitions.size();
  }
  std::string config(int32_t by, const std::string& topic, const std::string& key) {
    wire::DescribeConfigsRequest request;
    request.resources.push_back({topic_resource, topic, {{key}}});
    const auto response = ask<wire::DescribeConfigsResponse>(by, request);
    if (!response || response->results.at(0).configs.empty()) return "none";
    return response->results[0].configs[0].value.value_or("null");
  }
  /// What a broker has said is so from then on, as it shows.
  std::string shown(int32_t broker, const std::string& what, std::function<bool()> is_so) {
    const bool is_so_now = is_so();
    promises_.push_back({broker, what, std::move(is_so)});
    return is_so_now ? "" : not_shown;
  }
  std::string name(const char* kind, int32_t broker, const std::string& wave) {
    return std::string(kind) + "-" + std::to_string(broker) + "-" + wave;
  }
  void prepare(const std::string& wave) {
    for (int32_t id = 1; id <= 3; ++id) {
      for (const char* kind : {"delete", "grow", "configure", "alter", "move"})
        ASSERT_EQ(create_topic(id, name(kind, id, wave), 1, 1), ErrorCode::none);
    }
  }

  void ask_everything(int32_t broker, const std::string& wave) {
    using enum ErrorCode;
    wire::CreateTopicsRequest create;
    const std::string created = name("create", broker, wave);
    create.topics.push_back({.name = created, .num_partitions = 2, .replication_factor = 1});
    ask_later<wire::CreateTopicsResponse>(broker, "CreateTopics " + wave, create, [=, this](const auto& r) {
      // It may have been committed by the controller that did not live to say so.
      const auto refused = unless({none, topic_already_exists}, r.topics.at(0).error_code);
      return refused.empty() ? shown(broker, created, [=, this] { return partitions(broker, created) == 2; })
                             : refused;
    });

    const std::string deleted = name("delete", broker, wave);
    ask_later<wire::DeleteTopicsResponse>(
        broker, "DeleteTopics " + wave,
        wire::DeleteTopicsRequest{.topics = {{.name = deleted}}, .timeout_ms = 30'000},
        [=, this](const auto& r) {
          const auto refused = unless({none, unknown_topic_or_partition}, r.responses.at(0).error_code);
          return refused.empty() ? shown(broker, "the end of " + deleted,
                                         [=, this] { return !has_topic(broker, deleted); })
                                 : refused;
        });

    const std::string grown = name("grow", broker, wave);
    wire::CreatePartitionsRequest grow;
    grow.topics.push_back({.name = grown, .count = 3, .assignments = std::nullopt});
    grow.timeout_ms = 30'000;
    ask_later<wire::CreatePartitionsResponse>(
        broker, "CreatePartitions " + wave, grow, [=, this](const auto& r) {
          const auto refused = unless({none, invalid_partitions}, r.results.at(0).error_code);
          return refused.empty() ? shown(broker, grown, [=, this] { return partitions(broker, grown) == 3; })
                                 : refused;
        });

    const std::string configured = name("configure", broker, wave);
    wire::IncrementalAlterConfigsRequest configure;
    configure.resources.push_back({topic_resource, configured, {{"retention.ms", 0, "12345"}}});
    ask_later<wire::IncrementalAlterConfigsResponse>(
        broker, "IncrementalAlterConfigs " + wave, configure, [=, this](const auto& r) {
          const auto refused = unless({none}, r.responses.at(0).error_code);
          return refused.empty()
                     ? shown(broker, configured,
                             [=, this] { return config(broker, configured, "retention.ms") == "12345"; })
                     : refused;
        });

    const std::string altered = name("alter", broker, wave);
    wire::AlterConfigsRequest alter;
    alter.resources.push_back({topic_resource, altered, {{"flush.ms", "54321"}}});
    ask_later<wire::AlterConfigsResponse>(broker, "AlterConfigs " + wave, alter, [=, this](const auto& r) {
      const auto refused = unless({none}, r.responses.at(0).error_code);
      return refused.empty() ? shown(broker, altered,
                                     [=, this] { return config(broker, altered, "flush.ms") == "54321"; })
                             : refused;
    });

    const std::string moved = name("move", broker, wave);
    ask_later<wire::AlterPartitionReassignmentsResponse>(
        broker, "AlterPartitionReassignments " + wave,
        wire::AlterPartitionReassignmentsRequest{
            .topics = {{.name = moved, .partitions = {{0, {{broker}}}}}}},
        [](const auto& r) {
          const auto refused = unless({none}, r.error_code);
          return refused.empty() ? unless({none}, r.responses.at(0).partitions.at(0).error_code) : refused;
        });
    ask_later<wire::ListPartitionReassignmentsResponse>(
        broker, "ListPartitionReassignments " + wave,
        wire::ListPartitionReassignmentsRequest{.topics = std::nullopt},
        [](const auto& r) { return unless({none}, r.error_code); });
    ask_later<wire::ElectLeadersResponse>(broker, "ElectLeaders " + wave,
                                          wire::ElectLeadersRequest{.topic_partitions = std::nullopt},
                                          [](const auto& r) { return unless({none}, r.error_code); });
    wire::UpdateFeaturesRequest features;
    features.feature_updates.push_back({.feature = "no.such.feature", .max_version_level = 1});
    ask_later<wire::UpdateFeaturesResponse>(broker, "UpdateFeatures " + wave, features, [](const auto& r) {
      return unless({feature_update_failed, invalid_update_version}, r.error_code);
    });
    ask_later<wire::UnregisterBrokerResponse>(
        broker, "UnregisterBroker " + wave, wire::UnregisterBrokerRequest{.broker_id = 99},
        [](const auto& r) { return unless({broker_id_not_registered}, r.error_code); });
    wire::DescribeQuorumRequest quorum;
    quorum.topics.push_back({.topic_name = "__cluster_metadata", .partitions = {{.partition_index = 0}}});
    ask_later<wire::DescribeQuorumResponse>(broker, "DescribeQuorum " + wave, quorum, [](const auto& r) {
      const auto refused = unless({none}, r.error_code);
      return refused.empty() ? unless({none}, r.topics.at(0).partitions.at(0).error_code) : refused;
    });

    // The brokers' own affair.
    wire::DeleteRecordsRequest records{.timeout_ms = 30'000};
    records.topics.push_back({.name = "t", .partitions = {{.partition_index = 0, .offset = 0}}});
    ask_later<wire::DeleteRecordsResponse>(broker, "DeleteRecords " + wave, records, [](const auto& r) {
      return unless({none, not_leader_or_follower}, r.topics.at(0).partitions.at(0).error_code);
    });
    ask_later<wire::CreateAclsResponse>(
        broker, "CreateAcls " + wave, wire::CreateAclsRequest{.creations = {{.resource_type = 2}}},
        [](const auto& r) { return unless({security_disabled}, r.results.at(0).error_code); });
    ask_later<wire::DeleteAclsResponse>(
        broker, "DeleteAcls " + wave, wire::DeleteAclsRequest{.filters = {{.resource_type_filter = 2}}},
        [](const auto& r) { return unless({security_disabled}, r.filter_results.at(0).error_code); });
    ask_later<wire::DescribeAclsResponse>(
        broker, "DescribeAcls " + wave, wire::DescribeAclsRequest{.resource_type_filter = 2},
        [](const auto& r) { return unless({security_disabled}, r.error_code); });
  }

  void lose(int32_t controller) {
    switch (std::get<Loss>(GetParam())) {
      case Loss::killed:
        return kill(controller);
      case Loss::stopped:
        machine(controller).loop(0).post([this, controller] {
          server(controller).node->stop([](const Result<void>&) {});
        });
        return;
      case Loss::cut_off:
        for (int32_t id = 1; id <= 3; ++id) {
          if (id == controller) continue;
          world_.network().links().block({machine(id).id(), machine(controller).id()});
          world_.network().links().block({machine(controller).id(), machine(id).id()});
        }
    }
  }
  /// Of those whose answer has come meanwhile; `lost` may have no answer, or a cluster's that it cannot
  /// reach, and shows nothing any more.
  void look_at_answers(int32_t lost) {
    for (size_t at = 0; at < questions_.size();) {
      if (!questions_[at].has_come()) {
        ++at;
        continue;
      }
      const Question one = std::move(questions_[at]);
      questions_.erase(questions_.begin() + static_cast<std::ptrdiff_t>(at));
      const int64_t took_ms = world_.now_ms() - one.asked_ms;
      const std::string complaint = one.complaint();
      const bool is_excused =
          complaint == not_shown
              ? one.broker == lost || took_ms >= publish_wait_ms_max
              : one.broker == lost && (complaint == "connection" || complaint == "REQUEST_TIMED_OUT");
      if (!is_excused) {
        EXPECT_EQ(complaint, "") << one.what << " at broker " << one.broker << " after " << took_ms << " ms";
      }
      if (one.broker != lost) longest_ms_ = std::max(longest_ms_, took_ms);
    }
  }

  std::vector<Question> questions_;
  struct Promise {
    int32_t broker;
    std::string what;
    std::function<bool()> is_so;
  };
  std::vector<Promise> promises_;
  int64_t longest_ms_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Losses, AdminFailover,
                         testing::Combine(testing::Values(Loss::killed, Loss::stopped, Loss::cut_off),
                                          testing::Values(1, 2, 3)));

TEST_P(AdminFailover, NobodyHearsWhatKafkaWouldNotSay) {
  start_cluster(3, {{"broker.session.timeout.ms", "3000"}});
  ASSERT_EQ(create_topic(1, "t", 1, 3), ErrorCode::none);
  for (const char* wave : {"before", "at", "after", "later"}) prepare(wave);
  const int32_t lost = wait_for_leader({1, 2, 3});
  const int64_t begun_ms = world_.now_ms();
  for (int32_t id = 1; id <= 3; ++id) ask_everything(id, "before");
  world_.run_for(2);
  for (int32_t id = 1; id <= 3; ++id) ask_everything(id, "at");
  lose(lost);
  look_at_answers(lost);
  for (int32_t id = 1; id <= 3; ++id)
    if (id != lost) ask_everything(id, "after");
  world_.run_for(300);
  look_at_answers(lost);
  for (int32_t id = 1; id <= 3; ++id)
    if (id != lost) ask_everything(id, "later");
  while (!questions_.empty() && world_.now_ms() - begun_ms < 2 * patient_ms) {
    world_.run_for(1);
    look_at_answers(lost);
  }
  for (const Question& one : questions_) {
    if (one.broker != lost) ADD_FAILURE() << one.what << " at broker " << one.broker << " has no answer";
  }
  EXPECT_LT(longest_ms_, 15'000) << "an election, and a broker's session";
  for (const Promise& promise : promises_) {
    if (promise.broker == lost) continue;
    EXPECT_TRUE(promise.is_so()) << promise.what << " at broker " << promise.broker;
  }
}

}  // namespace
}  // namespace kt::node
