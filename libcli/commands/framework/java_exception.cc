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
    {ErrorCode::offset_out_of_range,
     "The requested offset is not within the range of offsets maintained by the server."},
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

/// Names that do not follow from the code's (clients/.../common/protocol/Errors.java); empty: it does.
std::string_view odd_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::corrupt_message:
      return "CorruptRecordException";
    case ErrorCode::request_timed_out:
      return "TimeoutException";
    case ErrorCode::message_too_large:
      return "RecordTooLargeException";
    case ErrorCode::stale_controller_epoch:
      return "ControllerMovedException";
    case ErrorCode::offset_metadata_too_large:
      return "OffsetMetadataTooLarge";
    case ErrorCode::network_exception:
      return "NetworkException";
    case ErrorCode::invalid_topic_exception:
      return "InvalidTopicException";
    case ErrorCode::record_list_too_large:
      return "RecordBatchTooLargeException";
    case ErrorCode::topic_already_exists:
      return "TopicExistsException";
    case ErrorCode::invalid_config:
      return "InvalidConfigurationException";
    case ErrorCode::sasl_authentication_failed:
      return "SaslAuthenticationException";
    case ErrorCode::non_empty_group:
      return "GroupNotEmptyException";
    default:
      return {};
  }
}

/// OFFSET_OUT_OF_RANGE as OffsetOutOfRangeException; a final ERROR is dropped, as is FAILED of an
/// authorization.
std::string regular_name(std::string_view code_name) {
  std::string name;
  bool starts_word = true;
  for (const char c : code_name) {
    const auto byte = static_cast<unsigned char>(c);
    if (c != '_') name += static_cast<char>(starts_word ? byte : std::tolower(byte));
    starts_word = c == '_';
  }
  for (const std::string_view dropped : {"Error", "Failed"}) {
    const bool is_meant = dropped == "Error" || name.ends_with("AuthorizationFailed");
    if (is_meant && name.ends_with(dropped)) name.erase(name.size() - dropped.size());
  }
  return name + "Exception";
}

}  // namespace

std::string java_message(const Error& error) {
  if (!error.message.empty()) return error.message;
  const auto sentence = std::ranges::find(sentences, error.code, &Sentence::code);
  return std::string(sentence == std::end(sentences) ? text_of(error.code) : sentence->text);
}

std::string java_class(ErrorCode code) {
  const std::string_view odd = odd_name(code);
  return "org.apache.kafka.common.errors." + (odd.empty() ? regular_name(name_of(code)) : std::string(odd));
}

std::string java_exception(const Error& error) { return java_class(error.code) + ": " + java_message(error); }

}  // namespace kt::cli
