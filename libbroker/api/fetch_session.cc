#include "libbroker/api/fetch_session.h"

#include <algorithm>
#include <functional>
#include <tuple>
#include <utility>

namespace kt::api {
namespace {

constexpr int32_t no_session = 0, first_epoch = 0, last_epoch = -1;  // of a request
constexpr size_t partitions_max = 1'000'000;                         // of all sessions, some 350 bytes each
constexpr size_t name_bytes_max = 249;                               // of a topic

size_t partitions_of(const std::map<int32_t, std::shared_ptr<FetchSession>>& sessions) {
  size_t partitions = 0;
  for (const auto& [id, session] : sessions) partitions += session->size();
  return partitions;
}

/// A name that no topic has is not kept: 1000 sessions of 100 MB, each told whole for a request of 60 bytes.
bool may_be_kept(const wire::FetchRequest& request) {
  return std::ranges::all_of(request.topics,
                             [](const auto& topic) { return topic.topic.size() <= name_bytes_max; });
}

std::vector<Wanted> named(const wire::FetchRequest& request) {
  std::vector<Wanted> wanted;
  for (const auto& topic : request.topics) {
    const auto name = std::make_shared<const std::string>(topic.topic);
    for (const auto& partition : topic.partitions) wanted.push_back({name, topic.topic_id, partition});
  }
  return wanted;
}

}  // namespace

size_t FetchSession::KeyHash::operator()(const Key& key) const {
  const size_t topic =
      key.topic.empty() ? std::hash<Uuid>()(key.topic_id) : std::hash<std::string_view>()(key.topic);
  return topic ^ static_cast<size_t>(key.partition) * 0x9E3779B97F4A7C15u;
}

FetchSession::Key FetchSession::key_of(std::string_view topic, const Uuid& topic_id,
                                       int32_t partition) const {
  return uses_topic_ids_ ? Key{"", topic_id, partition} : Key{topic, {}, partition};
}

void FetchSession::update(const wire::FetchRequest& request) {
  for (Wanted& wanted : named(request)) {
    const auto [entry, is_new] =
        by_key_.try_emplace(key_of(*wanted.topic, wanted.topic_id, wanted.at.partition), parts_.end());
    if (is_new) {
      entry->second = parts_.insert(parts_.end(), {std::move(wanted)});
      continue;
    }
    Part& part = *entry->second;
    // Who follows another leadership may have had no use for what it was told of the last one; and a follower
    // whose log has grown, none for an answer that crossed with one before it.
    const bool is_elsewhere = wanted.at.current_leader_epoch != part.wanted.at.current_leader_epoch ||
                              (is_privileged_ && wanted.at.fetch_offset != part.wanted.at.fetch_offset);
    if (is_elsewhere) part.high_watermark = part.log_start_offset = -1;
    part.wanted.at = wanted.at;  // its name stays: by_key_ views it
  }
  for (const auto& topic : request.forgotten_topics_data) {
    for (const int32_t partition : topic.partitions) {
      const auto found = by_key_.find(key_of(topic.topic, topic.topic_id, partition));
      if (found == by_key_.end()) continue;
      const auto part = found->second;
      by_key_.erase(found);
      parts_.erase(part);
    }
  }
}

std::vector<Wanted> FetchSession::wanted() const {
  std::vector<Wanted> wanted;
  wanted.reserve(parts_.size());
  for (const Part& part : parts_) wanted.push_back(part.wanted);
  return wanted;
}

void FetchSession::keep_changes(wire::FetchResponse& response, bool is_incremental, Mutants mutants) {
  const bool hides_errors = mutants.has(Mutant::api_session_hides_errors);
  for (auto& topic : response.responses) {
    std::erase_if(topic.partitions, [&](const auto& told) {
      const auto found = by_key_.find(key_of(topic.topic, topic.topic_id, told.partition_index));
      if (found == by_key_.end()) return false;
      const auto part = found->second;
      const bool has_data = told.records.size() > 0;
      const bool is_news = has_data || told.error_code != ErrorCode::none ||
                           told.preferred_read_replica != -1 || told.diverging_epoch.epoch != -1 ||
                           told.high_watermark != part->high_watermark ||
                           told.log_start_offset != part->log_start_offset;
      // An error is told again, until it is over; and who has to cut its log first hears nothing else.
      const bool is_heard = told.error_code == ErrorCode::none && told.diverging_epoch.epoch == -1;
      part->high_watermark = is_heard ? told.high_watermark : -1;
      part->log_start_offset = is_heard ? told.log_start_offset : -1;
      if (has_data) parts_.splice(parts_.end(), parts_, part);
      const bool is_hidden = hides_errors && told.error_code != ErrorCode::none;
      return is_incremental && (is_hidden || !is_news);
    });
  }
  std::erase_if(response.responses, [](const auto& topic) { return topic.partitions.empty(); });
}

Result<FetchSessions::Turn> FetchSessions::begin(const wire::FetchRequest& request, int16_t version,
                                                 bool is_privileged) {
  constexpr int16_t sessions_since = 7, topic_ids_since = 13;
  const bool uses_topic_ids = version >= topic_ids_since;
  if (version < sessions_since) return Turn{.wanted = named(request)};
  const std::lock_guard lock(mutex_);
  if (request.session_epoch != first_epoch && request.session_epoch != last_epoch)
    return go_on(request, uses_topic_ids, is_privileged);
  sessions_.erase(request.session_id);
  Turn turn{.wanted = named(request)};
  if (request.session_epoch != first_epoch) return turn;
  turn.session = open(request, uses_topic_ids, is_privileged, turn.wanted.size());
  if (turn.session) turn.next_epoch = turn.session->next_epoch;
  return turn;
}

Result<FetchSessions::Turn> FetchSessions::go_on(const wire::FetchRequest& request, bool uses_topic_ids,
                                                 bool is_privileged) {
  const auto found = sessions_.find(request.session_id);
  if (found == sessions_.end()) return fail(ErrorCode::fetch_session_id_not_found);
  const std::shared_ptr<FetchSession> session = found->second;
  if (session->uses_topic_ids() != uses_topic_ids) return fail(ErrorCode::fetch_session_topic_id_error);
  if (request.session_epoch != session->next_epoch) return fail(ErrorCode::invalid_fetch_session_epoch);
  if (!may_be_kept(request)) {
    sessions_.erase(found);
    return fail(ErrorCode::fetch_session_id_not_found);  // as below
  }
  session->update(request);
  session->last_used_ms = clock_.monotonic_ms();
  if (!is_privileged && !request.topics.empty() && partitions_of(sessions_) > partitions_max) {
    sessions_.erase(found);
    return fail(ErrorCode::fetch_session_id_not_found);  // the reader asks for a new one, and gets none
  }
  if (session->is_empty()) {
    sessions_.erase(found);
    return Turn{};
  }
  session->next_epoch = session->next_epoch == INT32_MAX ? 1 : session->next_epoch + 1;
  if (const auto earlier = std::exchange(session->waiting, {}).lock())
    earlier->loop().post([earlier] { earlier->wake(); });
  return Turn{session, true, session->next_epoch, session->wanted()};
}

bool FetchSessions::wait(const Turn& turn, std::weak_ptr<Waiter> waiter) {
  if (!turn.session) return true;
  const std::lock_guard lock(mutex_);
  if (turn.session->next_epoch != turn.next_epoch) return false;
  turn.session->waiting = std::move(waiter);
  return true;
}

// A full cache makes room by dropping a session unused for long, else the least valuable one: a consumer's
// before a follower's, the smaller one first. What is new is safe for a while, a follower's also from
// consumers as long as it is used [FetchSessionCacheShard.tryEvict].
bool FetchSessions::make_room(bool is_privileged, size_t partitions, int64_t now_ms) {
  const auto oldest =
      std::ranges::min_element(sessions_, {}, [](const auto& s) { return s.second->last_used_ms; });
  if (oldest != sessions_.end() && now_ms - oldest->second->last_used_ms > evictable_after_ms) {
    sessions_.erase(oldest);
    return true;
  }
  const auto value = [](const FetchSession& session) {
    return std::tuple(session.is_privileged(), session.size(), session.id());
  };
  auto least = sessions_.end();
  for (auto one = sessions_.begin(); one != sessions_.end(); ++one) {
    const bool is_old = now_ms - one->second->created_ms > evictable_after_ms;
    const bool is_evictable = is_old || (is_privileged && !one->second->is_privileged());
    if (is_evictable && (least == sessions_.end() || value(*one->second) < value(*least->second)))
      least = one;
  }
  if (least == sessions_.end() || std::tuple(is_privileged, partitions, 0) < value(*least->second))
    return false;
  sessions_.erase(least);
  return true;
}

std::shared_ptr<FetchSession> FetchSessions::open(const wire::FetchRequest& request, bool uses_topic_ids,
                                                  bool is_privileged, size_t partitions) {
  const int64_t now_ms = clock_.monotonic_ms();
  if (partitions == 0 || !may_be_kept(request)) return nullptr;
  if (!is_privileged && partitions_of(sessions_) + partitions > partitions_max) return nullptr;
  if (sessions_.size() >= slots_max_ && !make_room(is_privileged, partitions, now_ms)) return nullptr;
  int32_t id = no_session;
  while (id == no_session || sessions_.contains(id)) id = static_cast<int32_t>(1 + rng_.below(INT32_MAX - 1));
  auto session = std::make_shared<FetchSession>(id, uses_topic_ids, is_privileged, now_ms);
  session->update(request);
  session->last_used_ms = now_ms;
  sessions_.emplace(id, session);
  return session;
}

void FetchSessions::end(const Turn& turn, wire::FetchResponse& response) {
  if (!turn.session) return;
  const std::lock_guard lock(mutex_);
  response.session_id = turn.session->id();
  turn.session->keep_changes(response, turn.is_incremental, mutants_);
}

void FetchSessions::postpone(const Turn& turn, wire::FetchResponse& response) {
  if (!turn.session) return;
  if (turn.is_incremental) {
    response.session_id = turn.session->id();
    return;
  }
  const std::lock_guard lock(mutex_);
  sessions_.erase(turn.session->id());
}

}  // namespace kt::api
