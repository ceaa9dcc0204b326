#include "libcli/commands/framework/java_exception.h"

#include <algorithm>
#include <cctype>

namespace kt::cli {
namespace {

struct Sentence {
  ErrorCode code;
  std::string_view text;  // of Errors.java
};
constexpr Sentence sentences[] = {
    {ErrorCode::unknown_topic_or_partition, "This server does not host this topic-partition."},
    {ErrorCode::request_timed_out, "The request timed out."},
    {ErrorCode::coordinator_load_in_progress, "The coordinator is loading and hence can't process requests."},
    {ErrorCode::coordinator_not_available, "The coordinator is not available."},
    {ErrorCode::not_coordinator, "This is not the correct coordinator."},
    {ErrorCode::invalid_group_id, "The group id is invalid."},
    {ErrorCode::unknown_member_id, "The coordinator is not aware of this member."},
    {ErrorCode::topic_authorization_failed, "Topic authorization failed."},
    {ErrorCode::group_authorization_failed, "Group authorization failed."},
    {ErrorCode::cluster_authorization_failed, "Cluster authorization failed."},
    {ErrorCode::non_empty_group, "The group is not empty."},
    {ErrorCode::group_id_not_found, "The group id does not exist."},
    {ErrorCode::group_subscribed_to_topic,
     "Deleting offsets of a topic is forbidden while the consumer group is actively subscribed to it."},
};

/// "GroupIdNotFound", as most classes are called after their code's name.
std::string class_of(ErrorCode code) {
  if (code == ErrorCode::non_empty_group) return "GroupNotEmpty";
  if (code == ErrorCode::request_timed_out) return "Timeout";
  std::string name;
  bool starts_word = true;
  for (const char c : name_of(code)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c != '_') name += static_cast<char>(starts_word ? byte : std::tolower(byte));
    starts_word = c == '_';
  }
  constexpr std::string_view authorization = "AuthorizationFailed";
  if (name.ends_with(authorization)) name.erase(name.size() - std::string_view("Failed").size());
  return name;
}

}  // namespace

std::string java_message(const Error& error) {
  if (!error.message.empty()) return error.message;
  const auto sentence = std::ranges::find(sentences, error.code, &Sentence::code);
  return std::string(sentence == std::end(sentences) ? text_of(error.code) : sentence->text);
}

std::string java_exception(const Error& error) {
  return "org.apache.kafka.common.errors." + class_of(error.code) + "Exception: " + java_message(error);
}

}  // namespace kt::cli
