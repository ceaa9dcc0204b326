#include "libbroker/consuming/positions.h"

#include <fmt/core.h>

#include <algorithm>

#include "libbroker/base/assert.h"

namespace kt::consuming {
namespace {

std::string text(const TopicPartition& p) { return fmt::format("{}-{}", p.topic, p.partition); }

}  // namespace

void Positions::assign(const std::set<TopicPartition>& partitions) {
  std::erase_if(partitions_, [&](const auto& entry) { return !partitions.contains(entry.first); });
  for (const TopicPartition& p : partitions) {
    const auto [entry, is_new] = partitions_.try_emplace(p);
    if (!is_new) continue;
    entry->second.token = ++last_token_;
    if (!options_.has_group) {
      reset(entry->second,
            {ErrorCode::offset_out_of_range,
             fmt::format("Undefined offset with no reset policy for partitions: [{}]", text(p))});
    }
  }
}

std::vector<TopicPartition> Positions::assigned() const {
  std::vector<TopicPartition> assigned;
  for (const auto& [p, position] : partitions_) assigned.push_back(p);
  return assigned;
}

std::vector<Positions::LookUp> Positions::to_look_up(int64_t now_ms) {
  std::vector<LookUp> wanted;
  for (auto& [p, position] : partitions_) {
    if (position.state != State::unknown || position.is_asked || position.retry_at_ms > now_ms) continue;
    position.is_asked = true;
    wanted.push_back({p, position.token});
  }
  return wanted;
}

void Positions::looked_up(const LookUp& asked, const std::optional<OffsetAndEpoch>& committed) {
  Position* position = find(asked.partition, asked.token);
  if (!position || position->state != State::unknown) return;
  if (committed) return move(*position, committed->offset, committed->leader_epoch);
  reset(*position,
        {ErrorCode::offset_out_of_range,
         fmt::format("Undefined offset with no reset policy for partitions: [{}]", text(asked.partition))});
}

std::vector<Positions::Ask> Positions::to_reset(int64_t now_ms) {
  std::vector<Ask> wanted;
  for (auto& [p, position] : partitions_) {
    if (position.state != State::resetting || position.is_asked || position.retry_at_ms > now_ms) continue;
    position.is_asked = true;
    wanted.push_back({p, position.reset_timestamp, position.token});
  }
  return wanted;
}

void Positions::found(const Ask& ask, int64_t offset, int32_t leader_epoch) {
  Position* position = find(ask.partition, ask.token);
  if (!position || position->state != State::resetting) return;
  if (offset < 0) return reset_to(*position, latest_timestamp);
  move(*position, offset, leader_epoch);
  position->fetch_epoch = -1;  // its leader's epoch, in which no record need be: replicas may not know it yet
}

void Positions::ask_failed(const TopicPartition& p, Token token, int64_t now_ms, bool is_metadata_stale) {
  is_metadata_stale_ |= is_metadata_stale;
  Position* position = find(p, token);
  if (!position || position->state == State::ready) return;
  position->is_asked = false;
  position->retry_at_ms = now_ms + options_.retry_backoff_ms;
}

std::vector<Positions::Fetch> Positions::to_fetch(int64_t now_ms) const {
  std::vector<Fetch> wanted;
  for (const auto& [p, position] : partitions_) {
    if (position.state != State::ready || position.is_asked || position.is_paused) continue;
    if (position.retry_at_ms > now_ms) continue;
    wanted.push_back(
        {p, position.fetch_offset, position.fetch_epoch, position.token, position.leader_epoch_min});
  }
  return wanted;
}

void Positions::fetching(const TopicPartition& p) {
  const auto found = partitions_.find(p);
  KT_ASSERT(found != partitions_.end() && found->second.state == State::ready);
  found->second.is_asked = true;
}

bool Positions::fetched(const Fetch& fetch, int64_t end_offset, int32_t end_epoch, int64_t now_ms) {
  Position* position = find(fetch.partition, fetch.token);
  if (!position) return false;
  not_fetched(fetch, now_ms);
  position->fetch_offset = end_offset;
  if (end_epoch >= 0) position->fetch_epoch = position->leader_epoch_min = end_epoch;
  return true;
}

void Positions::not_fetched(const Fetch& fetch, int64_t retry_at_ms) {
  Position* position = find(fetch.partition, fetch.token);
  if (!position) return;
  position->is_asked = false;
  position->retry_at_ms = retry_at_ms;
}

void Positions::refused(const Fetch& fetch, ErrorCode code, int64_t now_ms) {
  Position* position = find(fetch.partition, fetch.token);
  if (!position) return;
  not_fetched(fetch, now_ms + options_.retry_backoff_ms);
  using enum ErrorCode;
  switch (code) {
    case offset_out_of_range:
      if (has_ungiven(*position)) break;  // first the caller gets what is here
      reset(*position,
            {code, fmt::format("Fetch position FetchPosition{{offset={}}} is out of range for partition {}",
                               fetch.offset, text(fetch.partition))});
      break;
    case not_leader_or_follower:
    case replica_not_available:
    case kafka_storage_error:
    case fenced_leader_epoch:
    case offset_not_available:
    case unknown_topic_or_partition:
    case unknown_topic_id:
    case inconsistent_topic_id:
    case leader_not_available:
    case network_exception:
    case request_timed_out:
    case broker_not_available:
      is_metadata_stale_ = true;
      break;
    case unknown_leader_epoch:  // the broker has not heard yet
    case unknown_server_error:  // Java's consumer goes on after it, too
    case fetch_session_id_not_found:
    case invalid_fetch_session_epoch:
      break;
    default:
      position->state = State::failed;
      errors_.push_back(
          {code, fmt::format("cannot fetch from {}: {}", text(fetch.partition), text_of(code))});
  }
}

void Positions::diverged(const Fetch& fetch, int32_t epoch, int64_t end_offset) {
  Position* position = find(fetch.partition, fetch.token);
  if (!position) return;
  const OffsetAndEpoch given = position->consumed;
  if (end_offset >= given.offset) return move(*position, given.offset, std::min(epoch, given.leader_epoch));
  const Error truncated{
      ErrorCode::offset_out_of_range,
      fmt::format("Detected truncated partition {}: offset {} of epoch {} is now beyond the end",
                  text(fetch.partition), given.offset, given.leader_epoch)};
  if (options_.reset == Reset::none || end_offset < 0) return reset(*position, truncated);
  move(*position, end_offset, epoch);
}

void Positions::broken(const TopicPartition& p, Token token, Error error) {
  Position* position = find(p, token);
  if (!position) return;
  position->state = State::failed;
  position->token = ++last_token_;
  errors_.push_back(std::move(error));
}

void Positions::consumed(const TopicPartition& p, Token token, int64_t offset, int32_t epoch) {
  if (Position* position = find(p, token)) position->consumed = {offset, epoch};
}

bool Positions::is_current(const TopicPartition& p, Token token) const {
  const auto found = partitions_.find(p);
  return found != partitions_.end() && found->second.token == token;
}

Result<void> Positions::seek(const TopicPartition& p, int64_t offset, int32_t leader_epoch) {
  const auto position = assigned(p);
  if (!position) return fail(position.error());
  move(**position, offset, leader_epoch);
  return {};
}

Result<void> Positions::seek_to_time(const TopicPartition& p, int64_t timestamp) {
  const auto position = assigned(p);
  if (!position) return fail(position.error());
  reset_to(**position, timestamp);
  return {};
}

Result<void> Positions::pause(const TopicPartition& p, bool is_paused) {
  const auto position = assigned(p);
  if (!position) return fail(position.error());
  (*position)->is_paused = is_paused;
  return {};
}

bool Positions::is_paused(const TopicPartition& p) const {
  const auto found = partitions_.find(p);
  return found != partitions_.end() && found->second.is_paused;
}

std::optional<OffsetAndEpoch> Positions::position(const TopicPartition& p) const {
  const auto found = partitions_.find(p);
  if (found == partitions_.end() || found->second.state != State::ready) return std::nullopt;
  return found->second.consumed;
}

std::map<TopicPartition, OffsetAndEpoch> Positions::positions() const {
  std::map<TopicPartition, OffsetAndEpoch> known;
  for (const auto& [p, position] : partitions_) {
    if (position.state == State::ready) known.emplace(p, position.consumed);
  }
  return known;
}

int64_t Positions::deadline_ms(int64_t now_ms) const {
  int64_t earliest = INT64_MAX;
  for (const auto& [p, position] : partitions_) {
    if (position.is_asked || position.state == State::failed || position.retry_at_ms <= now_ms) continue;
    earliest = std::min(earliest, position.retry_at_ms);
  }
  return earliest;
}

Positions::Position* Positions::find(const TopicPartition& p, Token token) {
  const auto found = partitions_.find(p);
  return found != partitions_.end() && found->second.token == token ? &found->second : nullptr;
}

void Positions::move(Position& position, int64_t offset, int32_t epoch) {
  position.state = State::ready;
  position.is_asked = false;
  position.retry_at_ms = 0;
  position.token = ++last_token_;
  position.fetch_offset = offset;
  position.fetch_epoch = position.leader_epoch_min = epoch;
  position.consumed = {offset, epoch};
}

void Positions::reset_to(Position& position, int64_t timestamp) {
  position.state = State::resetting;
  position.is_asked = false;
  position.retry_at_ms = 0;
  position.token = ++last_token_;
  position.reset_timestamp = timestamp;
}

void Positions::reset(Position& position, Error why) {
  if (options_.reset != Reset::none) {
    return reset_to(position, options_.reset == Reset::earliest ? earliest_timestamp : latest_timestamp);
  }
  position.state = State::failed;
  position.token = ++last_token_;
  errors_.push_back(std::move(why));
}

Result<Positions::Position*> Positions::assigned(const TopicPartition& p) {
  const auto found = partitions_.find(p);
  if (found == partitions_.end()) {
    return fail(ErrorCode::unknown_topic_or_partition,
                fmt::format("No current assignment for partition {}", text(p)));
  }
  return &found->second;
}

}  // namespace kt::consuming
