#include <fmt/core.h>

#include "libbroker/node/partition_shard.h"

namespace kt::node {
namespace {

using AppendError = api::Partition::AppendError;

/// Each thread has its own: it keeps the codecs' memory.
record::Validator& validator_of_this_thread() {
  static thread_local record::Validator validator;
  return validator;
}

std::optional<record::Codec> topic_codec(metadata::CompressionType type) {
  if (type == metadata::CompressionType::producer) return std::nullopt;
  return static_cast<record::Codec>(type);
}

std::optional<int> codec_level(const metadata::TopicConfig& config) {
  switch (config.compression) {
    case metadata::CompressionType::gzip:
      return config.gzip_level;
    case metadata::CompressionType::lz4:
      return config.lz4_level;
    case metadata::CompressionType::zstd:
      return config.zstd_level;
    default:
      return std::nullopt;
  }
}

// A client's batch as it may be appended: stamped in place, or made anew where the topic asks for it.
std::expected<Slice, AppendError> checked(const Slice& records, const record::ProduceRules& rules,
                                          int64_t now_ms) {
  record::Validator& validator = validator_of_this_thread();
  const auto validated = validator.validate(records.bytes, rules, now_ms);
  if (!validated) {
    AppendError error{validated.error().error};
    for (const auto& bad : validated.error().records) error.record_errors.push_back({bad.index, bad.message});
    return std::unexpected(std::move(error));
  }
  if (validated->needs_rebuild) {
    auto rebuilt = validator.rebuild(*validated, rules);
    if (!rebuilt) return std::unexpected(AppendError{rebuilt.error()});
    return Slice::own(std::move(*rebuilt));
  }
  // The request alone holds its frame, whose bytes are writable.
  if (validated->needs_stamp)
    record::stamp({const_cast<std::byte*>(records.data()), records.size()}, *validated);
  return records;
}

}  // namespace

record::ProduceRules PartitionShard::rules(const AppendOptions& options) const {
  record::ProduceRules rules;
  rules.timestamp_type = static_cast<record::TimestampType>(config_.timestamp_type);
  rules.timestamp_before_ms_max = config_.timestamp_before_ms_max;
  rules.timestamp_after_ms_max = config_.timestamp_after_ms_max;
  rules.is_compacted = config_.compact;
  rules.codec = topic_codec(config_.compression);
  rules.compression_level = codec_level(config_);
  rules.batch_bytes_max = static_cast<size_t>(config_.message_bytes_max);
  rules.decompressed_bytes_max = record::decompressed_bytes_max_of(rules.batch_bytes_max);
  rules.allows_zstd = options.zstd_allowed;
  rules.trusts_compressed_headers = services_.validate_compressed == metadata::ValidateCompressed::header;
  rules.topic_partition = name_;
  return rules;
}

std::expected<void, PartitionShard::AppendError> PartitionShard::check_in_sync() const {
  if (leader_->has_enough_in_sync()) return {};
  return std::unexpected(AppendError{
      {ErrorCode::not_enough_replicas,
       fmt::format(
           "The size of the current ISR : {} is insufficient to satisfy the min.isr requirement of {} for "
           "partition {}",
           leader_->isr().size(), leader_->effective_min_isr(), name_)}});
}

std::expected<PartitionShard::Appended, PartitionShard::AppendError> PartitionShard::append(
    const Slice& records, const AppendOptions& options) {
  const int64_t now_ms = services_.clock.wall_ms();
  record::ProduceRules rules;
  {
    const std::lock_guard lock(mutex_);
    ++traffic_.writes;
    if (auto leads = check_leader(-1); !leads) return std::unexpected(AppendError{leads.error()});
    if (options.acks == -1) {
      if (auto enough = check_in_sync(); !enough) return std::unexpected(std::move(enough.error()));
    }
    rules = this->rules(options);
  }
  auto batch = checked(records, rules, now_ms);  // the walk over the records needs no lock
  if (!batch) return std::unexpected(std::move(batch.error()));
  Wakes wakes;
  Appended result;
  {
    const std::lock_guard lock(mutex_);
    if (auto leads = check_leader(-1); !leads) return std::unexpected(AppendError{leads.error()});
    const auto appended = log_->append(*batch, {.origin = record::Origin::client,
                                                .leader_epoch = leader_->leader_epoch(),
                                                .now_ms = now_ms,
                                                .is_crc_checked = true});
    if (!appended) {
      failed(appended.error());
      AppendError refused{appended.error()};
      if (refused.error.code == ErrorCode::duplicate_sequence_number)
        refused.end_offset = log_->end_offset(), refused.leader_epoch = leader_->leader_epoch();
      // What came before the batch may have gone to a successor. The producer gives up for good when it hears
      // of a gap; so it asks again who leads.
      const bool is_gap = refused.error.code == ErrorCode::out_of_order_sequence_number;
      if (is_gap && !leader_->is_followed(services_.clock.monotonic_ms()))
        refused.error = {ErrorCode::not_leader_or_follower,
                         "no follower has fetched from this leader lately"};
      return std::unexpected(std::move(refused));
    }
    count_appended(*appended, batch->size());
    result = {appended->first_offset, appended->last_offset + 1, leader_->leader_epoch(),
              appended->log_append_time_ms, appended->log_start_offset};
    wakes = moved();
  }
  wake(wakes);
  return result;
}

Result<int64_t> PartitionShard::append_from_coordinator(std::vector<std::byte> batch, int32_t leads_since) {
  Wakes wakes;
  int64_t end_offset = 0;
  {
    const std::lock_guard lock(mutex_);
    if (auto leads = check_leader(-1); !leads) return fail(leads.error());
    if (leads_since != leads_since_) return fail(ErrorCode::not_leader_or_follower);
    if (auto enough = check_in_sync(); !enough) return fail(std::move(enough.error().error));
    const size_t bytes = batch.size();
    const auto appended = log_->append(Slice::own(std::move(batch)), {.origin = record::Origin::coordinator,
                                                                      .leader_epoch = leader_->leader_epoch(),
                                                                      .now_ms = services_.clock.wall_ms()});
    if (!appended) {
      failed(appended.error());
      return fail(appended.error());
    }
    count_appended(*appended, bytes);
    end_offset = appended->last_offset + 1;
    wakes = moved();
  }
  wake(wakes);
  return end_offset;
}

void PartitionShard::count_appended(const log::Appended& appended, size_t bytes) {
  if (appended.is_duplicate) return;
  traffic_.messages_in += static_cast<uint64_t>(appended.last_offset - appended.first_offset + 1);
  traffic_.bytes_in += bytes;
}

}  // namespace kt::node
