#include <algorithm>
#include <map>
#include <set>

#include "libbroker/controller/topics.h"

namespace kt::controller {
namespace {

using Wanted = wire::DeleteTopicsRequest::DeleteTopicState;
using Deleted = wire::DeleteTopicsResponse::DeletableTopicResult;

/// The topics to delete as a request names them: up to version 5 by name alone.
std::vector<Wanted> wanted_topics(const wire::DeleteTopicsRequest& request) {
  auto wanted = request.topics;
  for (const std::string& name : request.topic_names) wanted.push_back({.name = name});
  return wanted;
}

Deleted refused(const Wanted& wanted, ErrorCode code, std::optional<std::string> message = {}) {
  return {.name = wanted.name,
          .topic_id = wanted.topic_id,
          .error_code = code,
          .error_message = std::move(message)};
}

/// What is wrong with how a topic is named, or none.
std::optional<Deleted> check_naming(const State& state, const Wanted& wanted, int64_t times_given) {
  const bool by_name = wanted.name.has_value(), by_id = !wanted.topic_id.is_zero();
  const auto code = ErrorCode::invalid_request;
  if (!by_name && !by_id) return refused(wanted, code, "Neither topic name nor id were specified.");
  if (by_name && by_id) return refused(wanted, code, "You may not specify both topic name and topic id.");
  if (times_given > 1)
    return refused(wanted, code, by_name ? "Duplicate topic name." : "Duplicate topic id.");
  if (by_name && !state.image.topic(*wanted.name))
    return refused(wanted, ErrorCode::unknown_topic_or_partition);
  if (by_id && !state.image.topic(wanted.topic_id)) return refused(wanted, ErrorCode::unknown_topic_id);
  return std::nullopt;
}

/// One request: which topics it names, and how often.
class Deletion {
 public:
  Deletion(const State& state, const wire::DeleteTopicsRequest& request, int16_t api_version)
      : state_(state), api_version_(api_version), wanted_(wanted_topics(request)) {
    for (const Wanted& wanted : wanted_) ++times_given_[{wanted.name, wanted.topic_id}];
  }

  Decision<wire::DeleteTopicsResponse> decide() {
    for (const Wanted& wanted : wanted_)
      if (answered_.insert({wanted.name, wanted.topic_id}).second) decide(wanted);
    return std::move(decision_);
  }

 private:
  using Key = std::pair<std::optional<std::string>, Uuid>;

  void decide(const Wanted& wanted) {
    auto& answers = decision_.reply.responses;
    if (!state_.config.delete_topic_enable) {
      const auto code = api_version_ < 3 ? ErrorCode::invalid_request : ErrorCode::topic_deletion_disabled;
      answers.push_back(refused(wanted, code, "Topic deletion is disabled."));
      return;
    }
    if (auto refusal = check_naming(state_, wanted, times_given_[{wanted.name, wanted.topic_id}])) {
      answers.push_back(*std::move(refusal));
      return;
    }
    const metadata::Topic& topic =
        wanted.name ? *state_.image.topic(*wanted.name) : *state_.image.topic(wanted.topic_id);
    const bool by_both =
        times_given_.contains({topic.name, Uuid{}}) && times_given_.contains({std::nullopt, topic.id});
    if (by_both) {  // said once, of the name
      if (wanted.name)
        answers.push_back(
            {.name = topic.name,
             .topic_id = topic.id,
             .error_code = ErrorCode::invalid_request,
             .error_message = "The provided topic name maps to an ID that was already supplied."});
      return;
    }
    answers.push_back({.name = topic.name, .topic_id = topic.id});
    decision_.records.push_back(wire::RemoveTopicRecord{.topic_id = topic.id});
  }

  const State& state_;
  const int16_t api_version_;
  const std::vector<Wanted> wanted_;
  std::map<Key, int64_t> times_given_;
  std::set<Key> answered_;
  Decision<wire::DeleteTopicsResponse> decision_;
};

}  // namespace

Decision<wire::DeleteTopicsResponse> decide(const State& state, const wire::DeleteTopicsRequest& request,
                                            const Context& context) {
  return Deletion(state, request, context.api_version).decide();
}

}  // namespace kt::controller
