#include "libbroker/client/fetcher.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace kt::client {
namespace {

using consuming::Positions;

constexpr int16_t version_with_topic_ids = 13;

bool asks_for_metadata(ErrorCode code) {
  return code == ErrorCode::network_exception || code == ErrorCode::request_timed_out ||
         code == ErrorCode::not_leader_or_follower || code == ErrorCode::unknown_topic_or_partition ||
         code == ErrorCode::fenced_leader_epoch || code == ErrorCode::leader_not_available ||
         code == ErrorCode::kafka_storage_error || code == ErrorCode::replica_not_available;
}

}  // namespace

Fetcher::Fetcher(Cluster& cluster, FetchOptions options, Positions::Options positions,
                 std::function<void()> progressed)
    : cluster_(cluster),
      options_(std::move(options)),
      progressed_(std::move(progressed)),
      positions_(positions) {}

void Fetcher::pump(int64_t now_ms) {
  send_fetches(now_ms);  // which may find that a position is to be reset
  send_resets(now_ms);
}

void Fetcher::send_resets(int64_t now_ms) {
  std::map<int32_t, std::map<TopicPartition, Ask>> by_node;
  for (const Ask& ask : positions_.to_reset(now_ms)) {
    const auto leader = cluster_.topology().leader_of(ask.partition.topic, ask.partition.partition);
    if (leader) {
      by_node[leader->node_id].emplace(ask.partition, ask);
    } else {
      positions_.ask_failed(ask.partition, ask.token, now_ms, true);
    }
  }
  for (auto& [node, asked] : by_node) {
    wire::ListOffsetsRequest request;
    request.replica_id = -1;
    request.isolation_level = options_.reads_committed ? 1 : 0;
    request.timeout_ms = static_cast<int32_t>(cluster_.options().request_timeout_ms);
    for (const auto& [p, ask] : asked) {
      if (request.topics.empty() || request.topics.back().name != p.topic)
        request.topics.push_back({.name = p.topic});
      const auto leader = cluster_.topology().leader_of(p.topic, p.partition);
      request.topics.back().partitions.push_back({p.partition, leader->epoch, ask.timestamp});
    }
    cluster_.call<wire::ListOffsetsResponse>(Target::node(node), std::move(request),
                                             [this, alive = std::weak_ptr(alive_), asked = std::move(asked)](
                                                 Result<wire::ListOffsetsResponse> response) mutable {
                                               if (alive.expired()) return;
                                               on_offsets(std::move(asked), response);
                                               progressed_();
                                             });
  }
}

void Fetcher::on_offsets(std::map<TopicPartition, Ask> asked,
                         const Result<wire::ListOffsetsResponse>& response) {
  const std::vector<wire::ListOffsetsResponse::ListOffsetsTopicResponse> nothing;
  for (const auto& topic : response ? response->topics : nothing) {
    for (const auto& partition : topic.partitions) {
      const auto ask = asked.find({topic.name, partition.partition_index});
      if (ask == asked.end()) continue;
      const ErrorCode code = partition.error_code;
      if (code == ErrorCode::none) {
        positions_.found(ask->second, partition.offset, partition.leader_epoch);
      } else if (is_retriable(code)) {
        positions_.ask_failed(ask->first, ask->second.token, now_ms(), asks_for_metadata(code));
      } else {
        positions_.broken(ask->first, ask->second.token,
                          {code, fmt::format("cannot list offsets of {}-{}: {}", topic.name,
                                             partition.partition_index, text_of(code))});
      }
      asked.erase(ask);
    }
  }
  for (const auto& [p, ask] : asked) {
    if (response || is_retriable(response.error().code)) {
      positions_.ask_failed(p, ask.token, now_ms(), true);
    } else {
      positions_.broken(p, ask.token, response.error());
    }
  }
}

std::optional<int32_t> Fetcher::node_of(const TopicPartition& p) {
  if (const auto preferred = preferred_.find(p); preferred != preferred_.end()) {
    const bool is_good = now_ms() < preferred->second.until_ms &&
                         cluster_.topology().brokers.contains(preferred->second.node_id);
    if (is_good) return preferred->second.node_id;
    preferred_.erase(preferred);
  }
  const auto leader = cluster_.topology().leader_of(p.topic, p.partition);
  return leader ? std::optional(leader->node_id) : std::nullopt;
}

/// Not the one that has been fetched from: it was deleted, and its name given again.
bool Fetcher::is_another_topic(const TopicPartition& p) const {
  const auto fetched = topic_ids_.find(p);
  const auto known = cluster_.topology().topics.find(p.topic);
  return fetched != topic_ids_.end() && known != cluster_.topology().topics.end() &&
         fetched->second != known->second.topic_id;
}

size_t Fetcher::chunks_of(const TopicPartition& p) const {
  return static_cast<size_t>(std::ranges::count(chunks_, p, &Chunk::partition));
}

void Fetcher::send_fetches(int64_t now_ms) {
  std::erase_if(chunks_,
                [&](const Chunk& chunk) { return !positions_.is_current(chunk.partition, chunk.token); });
  std::map<int32_t, std::vector<Fetch>> by_node;
  for (const Fetch& fetch : positions_.to_fetch(now_ms)) {
    if (chunks_of(fetch.partition) >= chunks_max) continue;
    const auto leader = cluster_.topology().leader_of(fetch.partition.topic, fetch.partition.partition);
    // Who led before the record at the position was written may not know that it leads no more.
    const bool is_outdated = leader && leader->epoch >= 0 && leader->epoch < fetch.leader_epoch_min;
    const auto node = node_of(fetch.partition);
    if (is_outdated && is_another_topic(fetch.partition)) {
      positions_.refused(fetch, ErrorCode::offset_out_of_range, now_ms);
    } else if (is_outdated) {
      positions_.refused(fetch, ErrorCode::fenced_leader_epoch, now_ms);
    } else if (node) {
      by_node[*node].push_back(fetch);
    } else {
      positions_.refused(fetch, ErrorCode::leader_not_available, now_ms);
    }
  }
  for (const auto& [node, fetches] : by_node) {
    if (busy_nodes_.insert(node).second) send_to(node, fetches);
  }
}

void Fetcher::send_to(int32_t node_id, const std::vector<Fetch>& fetches) {
  wire::FetchRequest request{
      .max_wait_ms = options_.wait_ms_max, .min_bytes = options_.bytes_min, .max_bytes = options_.bytes_max};
  request.isolation_level = options_.reads_committed ? 1 : 0;
  request.rack_id = options_.rack;
  CallOptions call{.timeout_ms = cluster_.options().request_timeout_ms + options_.wait_ms_max,
                   .lane = Lane::fetch};
  Sent sent;
  const Topology& topology = cluster_.topology();
  for (const Fetch& fetch : fetches) {
    const TopicPartition& p = fetch.partition;
    if (request.topics.empty() || request.topics.back().topic != p.topic) {
      const auto known = topology.topics.find(p.topic);
      const Uuid id = known == topology.topics.end() ? Uuid{} : known->second.topic_id;
      if (id.is_zero()) call.version_max = version_with_topic_ids - 1;
      request.topics.push_back({.topic = p.topic, .topic_id = id});
      sent.names.emplace(id, p.topic);
    }
    const auto leader = topology.leader_of(p.topic, p.partition);
    request.topics.back().partitions.push_back({.partition = p.partition,
                                                .current_leader_epoch = leader ? leader->epoch : -1,
                                                .fetch_offset = fetch.offset,
                                                .last_fetched_epoch = fetch.last_epoch,
                                                .partition_max_bytes = options_.partition_bytes_max});
    topic_ids_[p] = request.topics.back().topic_id;
    positions_.fetching(p);
    sent.fetches.emplace(p, fetch);
  }
  cluster_.call<wire::FetchResponse>(
      Target::node(node_id), std::move(request),
      [this, alive = std::weak_ptr(alive_), node_id,
       sent = std::move(sent)](Result<wire::FetchResponse> response) mutable {
        if (alive.expired()) return;
        busy_nodes_.erase(node_id);
        on_fetched(std::move(sent), std::move(response));
        progressed_();
      },
      call);
}

void Fetcher::on_fetched(Sent sent, Result<wire::FetchResponse> response) {
  ErrorCode code = response ? response->error_code : response.error().code;
  if (response) {
    for (auto& topic : response->responses) {
      const std::string& name = topic.topic.empty() ? sent.names[topic.topic_id] : topic.topic;
      for (auto& partition : topic.partitions) {
        const auto fetch = sent.fetches.find({name, partition.partition_index});
        if (fetch == sent.fetches.end()) continue;
        on_partition(fetch->second, partition);
        sent.fetches.erase(fetch);
      }
    }
  }
  if (code == ErrorCode::none) code = ErrorCode::unknown_server_error;  // the answer left these out
  for (const auto& [p, fetch] : sent.fetches) {
    preferred_.erase(p);
    positions_.refused(fetch, code, now_ms());
  }
}

void Fetcher::on_partition(const Fetch& fetch, wire::FetchResponse::PartitionData& data) {
  if (data.error_code != ErrorCode::none) {
    const bool was_follower = preferred_.erase(fetch.partition) > 0;
    // A follower that lags, or has deleted more, does not know what is out of range.
    if (was_follower && data.error_code == ErrorCode::offset_out_of_range)
      return positions_.not_fetched(fetch, now_ms());
    return positions_.refused(fetch, data.error_code, now_ms());
  }
  if (data.diverging_epoch.end_offset >= 0) {
    return positions_.diverged(fetch, data.diverging_epoch.epoch, data.diverging_epoch.end_offset);
  }
  if (data.preferred_read_replica >= 0) {
    preferred_[fetch.partition] = {data.preferred_read_replica, now_ms() + options_.preferred_replica_age_ms};
    return positions_.not_fetched(fetch, now_ms());
  }
  const Slice bytes = data.records.slice();
  if (bytes.size() == 0) return positions_.not_fetched(fetch, now_ms());
  std::vector<consuming::AbortedTransaction> aborted;
  if (options_.reads_committed && data.aborted_transactions) {
    for (const auto& t : *data.aborted_transactions) aborted.push_back({t.producer_id, t.first_offset});
  }
  consuming::Fetched fetched(
      bytes, fetch.offset, std::move(aborted),
      {.reads_committed = options_.reads_committed, .checks_crcs = options_.checks_crcs});
  if (!positions_.fetched(fetch, fetched.end_offset(), fetched.end_epoch(), now_ms())) return;
  chunks_.push_back({fetch.partition, fetch.token, std::move(fetched)});
}

std::vector<PartitionRecords> Fetcher::take(size_t records_max) {
  std::vector<PartitionRecords> taken;
  for (auto chunk = chunks_.begin(); chunk != chunks_.end() && records_max > 0;) {
    if (!positions_.is_current(chunk->partition, chunk->token)) {
      chunk = chunks_.erase(chunk);
      continue;
    }
    if (positions_.is_paused(chunk->partition)) {
      ++chunk;
      continue;
    }
    PartitionRecords some{chunk->partition, {}};
    const bool has_more = take_from(*chunk, records_max, some);
    records_max -= some.records.size();
    if (!some.records.empty()) taken.push_back(std::move(some));
    if (has_more) break;
    chunk = chunks_.erase(chunk);
  }
  return taken;
}

bool Fetcher::take_from(Chunk& chunk, size_t records_max, PartitionRecords& into) {
  consuming::ConsumedRecord record;
  Result<bool> has_more = true;
  while (into.records.size() < records_max && (has_more = chunk.fetched.next(record, decompressor_)) &&
         *has_more) {
    into.records.push_back(std::move(record));
  }
  positions_.consumed(chunk.partition, chunk.token, chunk.fetched.position(), chunk.fetched.position_epoch());
  if (has_more) return *has_more;
  positions_.broken(
      chunk.partition, chunk.token,
      {has_more.error().code,
       fmt::format("{}-{}: {}", chunk.partition.topic, chunk.partition.partition, has_more.error().message)});
  return false;
}

}  // namespace kt::client
