#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace kt::api {

struct RequestContext;

inline constexpr std::string_view offsets_topic = "__consumer_offsets", transactions_topic = "__transaction_state";

/// Kafka's sentence about a name that no topic may have; none for a good one (K8).
std::optional<std::string> invalid_topic_name(std::string_view name);

/// Asks the controller for a topic that a Metadata request named, with the broker's defaults; nobody waits for it (K11).
void create_missing_topic(const RequestContext& ctx, const std::string& name);
/// Asks for `__consumer_offsets` as offsets.topic.* say (K12).
void create_offsets_topic(const RequestContext& ctx);

}  // namespace kt::api
