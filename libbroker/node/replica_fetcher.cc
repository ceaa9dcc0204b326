#include "libbroker/node/replica_fetcher.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "libbroker/base/logger.h"
#include "libbroker/wire/02_list_offsets.h"

namespace kt::node {
namespace {

constexpr std::string_view component = "kt.ReplicaFetcher";
constexpr int16_t version_min = 15;  // topic ids, and the follower's broker epoch (KIP-903)
constexpr int64_t latest = -1, earliest = -2;

/// The leader does not know the session, or not so.
bool is_of_session(ErrorCode code) {
  return code == ErrorCode::fetch_session_id_not_found || code == ErrorCode::invalid_fetch_session_epoch ||
         code == ErrorCode::fetch_session_topic_id_error;
}

}  // namespace

ReplicaFetcher::ReplicaFetcher(Loop& loop, Net& net, Clock& clock, Executor& disk_pool,
                               const Options& options, int32_t leader,
                               std::shared_ptr<const std::atomic<int64_t>> broker_epoch,
                               std::shared_ptr<LostBrokers> lost)
    : Waiter(loop),
      clock_(clock),
      disk_pool_(disk_pool),
      options_(options),
      leader_(leader),
      broker_epoch_(std::move(broker_epoch)),
      lost_(std::move(lost)),
      services_{loop, net, fmt::format("broker-{}-fetcher-0", leader), options_.connect_timeout_ms,
                options_.request_timeout_ms} {}

void ReplicaFetcher::lead_at(Endpoint at) {
  if (is_stopped_ || (link_ && link_->at() == at)) return;
  begin_anew();
  session_.reset();
  link_ = std::make_unique<client::Link>(services_, std::move(at));
  retry_at_ms_ = backoff_ms_ = 0;
  pump();
}

void ReplicaFetcher::begin_anew() {
  ++session_number_;
  in_flight_ = 0;
  session_.restart();
}

void ReplicaFetcher::follow(std::shared_ptr<PartitionShard> shard, int32_t leader_epoch) {
  if (is_stopped_) return;
  const Key key{shard->topic_id(), shard->index()};
  if (const auto known = by_key_.find(key); known != by_key_.end()) followings_.erase(known->second);
  by_key_[key] = followings_.insert(followings_.end(), {std::move(shard), leader_epoch});
  due_.insert(key);
  pump_soon();
}

void ReplicaFetcher::forget(const Key& key) {
  session_.forget(key);
  due_.erase(key);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return;
  followings_.erase(found->second);
  by_key_.erase(found);
}

/// The end: not followed in that epoch any more.
ReplicaFetcher::Followings::iterator ReplicaFetcher::find(const Key& key, int32_t leader_epoch) {
  const auto found = by_key_.find(key);
  const bool is_same = found != by_key_.end() && found->second->leader_epoch == leader_epoch;
  return is_same ? found->second : followings_.end();
}

void ReplicaFetcher::stop() {
  is_stopped_ = true;
  loop().cancel(timer_);
  by_key_.clear();
  followings_.clear();
  link_.reset();
}

void ReplicaFetcher::pump_soon() {
  if (is_pump_posted_) return;
  is_pump_posted_ = true;
  loop().post([self = weak_from_this()] {
    const auto fetcher = self.lock();
    if (!fetcher) return;
    fetcher->is_pump_posted_ = false;
    fetcher->pump();
  });
}

void ReplicaFetcher::pump() {
  if (is_stopped_ || !link_ || broker_epoch_->load(std::memory_order_relaxed) < 0) return;
  if (in_flight_ > 0 && (!session_.is_open() || in_flight_ == in_flight_max)) return;
  const int64_t now_ms = clock_.monotonic_ms();
  if (now_ms < retry_at_ms_) return arm(retry_at_ms_);
  Round round = look(now_ms);
  if (round.awaits_flush) return;  // all that is fetched is told of at once
  if (in_flight_ > 0 && !round.has_newcomers) return;
  for (const Key& key : round.resting) session_.forget(key);
  due_ = std::move(round.resting);
  if (round.next_ms != INT64_MAX) arm(round.next_ms);
  if (!round.named.empty() || (session_.is_open() && session_.size() > 0)) send(round);
}

ReplicaFetcher::Round ReplicaFetcher::look(int64_t now_ms) {
  Round round;
  std::vector<Key> keys;
  if (session_.is_open()) {
    keys.assign(due_.begin(), due_.end());
  } else {
    keys.reserve(followings_.size());
    for (const Following& one : followings_) keys.emplace_back(one.shard->topic_id(), one.shard->index());
  }
  for (const Key& key : keys) look_at(key, now_ms, round);
  return round;
}

void ReplicaFetcher::look_at(const Key& key, int64_t now_ms, Round& round) {
  Following& one = *by_key_.at(key);
  if (one.is_busy || now_ms < one.retry_at_ms) {
    if (!one.is_busy) round.next_ms = std::min(round.next_ms, one.retry_at_ms);
    round.resting.insert(key);
    return;
  }
  const auto at = one.shard->fetch_position(one.leader_epoch);
  if (!at) return forget(key);
  if (!at->is_flushed) {
    round.awaits_flush = true;
    return one.shard->wait_for_data(at->offset - 1, api::Isolation::log_end, std::nullopt, weak_from_this());
  }
  if (at->is_throttled) {
    one.retry_at_ms = now_ms + throttle_pause_ms;
    round.next_ms = std::min(round.next_ms, one.retry_at_ms);
    round.resting.insert(key);
    return;
  }
  const Position position{one.leader_epoch, at->offset, at->last_epoch, at->log_start};
  if (session_.is_open() && session_.is_told(key, position)) return;
  round.has_newcomers |= !session_.is_told_of(key, one.leader_epoch);
  round.named.push_back({key, position});
}

void ReplicaFetcher::send(const Round& round) {
  wire::FetchRequest request{
      .replica_state = {options_.node_id, broker_epoch_->load(std::memory_order_relaxed)},
      .max_wait_ms = options_.wait_ms_max,
      .min_bytes = options_.bytes_min,
      .max_bytes = options_.bytes_max};
  const bool is_incremental = session_.is_open();
  // Who joins while the request waits that opens the session could not be named before it is answered.
  if (!is_incremental && !session_.is_refused()) request.max_wait_ms = 0;
  const uint64_t number = session_.write(request, round.named, options_.partition_bytes_max);
  ++in_flight_;
  auto call = client::call_of(std::move(request), services_.client_id,
                              options_.request_timeout_ms + options_.wait_ms_max);
  call->version_min = version_min;
  const uint64_t session = session_number_;
  client::answer_to<wire::FetchResponse>(
      *call, [this, session, number, is_incremental](Result<wire::FetchResponse> response, int16_t) {
        if (session == session_number_) on_answer(number, is_incremental, std::move(response));
      });
  link_->when_ready([this, session, call = std::move(call)](Result<client::Link*> ready) {
    if (session != session_number_) return;
    on_ready(ready);
    if (ready) return link_->send(call);
    call->then(fail(std::move(ready.error())), 0, 0);
  });
}

/// Only where nobody listens a lost leader stays one; else it may be alive, and not to be reached from here.
void ReplicaFetcher::on_ready(const Result<client::Link*>& ready) {
  is_connected_ = ready.has_value();
  if (is_connected_ || !link_->was_refused()) lost_->forget(leader_);
}

void ReplicaFetcher::on_answer(uint64_t number, bool is_incremental, Result<wire::FetchResponse> response) {
  --in_flight_;
  const ErrorCode code = response ? response->error_code : response.error().code;
  if (code != ErrorCode::none) {
    begin_anew();
    if (is_incremental && is_of_session(code)) return pump();
    if (code == ErrorCode::network_exception && std::exchange(is_connected_, false)) lost_->lose(leader_);
    if (backoff_ms_ == 0)
      log_warn(component, "cannot fetch from broker {}: {}", leader_,
               response ? std::string(text_of(code)) : response.error().message);
    back_off();
    return pump();
  }
  backoff_ms_ = 0;
  session_.answered(response->session_id);
  for (auto& topic : response->responses) {
    for (auto& data : topic.partitions) {
      const Key key{topic.topic_id, data.partition_index};
      const auto at = session_.said(key, number);
      if (!at) continue;
      const auto one = find(key, at->leader_epoch);
      if (one == followings_.end()) continue;
      due_.insert(key);
      on_partition(one, *at, data);
    }
  }
  pump();
}

void ReplicaFetcher::on_partition(Followings::iterator one, const Position& at,
                                  wire::FetchResponse::PartitionData& data) {
  if (one->is_busy) return;  // it was not asked for
  const Key key{one->shard->topic_id(), one->shard->index()};
  switch (data.error_code) {
    case ErrorCode::none:
      break;
    case ErrorCode::offset_out_of_range:
      return ask_ends(one, at.offset);
    case ErrorCode::fenced_leader_epoch:
      return forget(key);  // newer metadata is on its way here
    default:
      return back_off(*one);
  }
  // A copy, since the log keeps its newest batches in memory: a part would keep all of the answer there.
  PartitionShard::FromLeader from{at.offset, Slice::copy(data.records.slice().bytes), data.high_watermark,
                                  data.log_start_offset, std::nullopt};
  if (data.diverging_epoch.end_offset >= 0)
    from.diverging = record::LogEnd{data.diverging_epoch.epoch, data.diverging_epoch.end_offset};
  const bool has_more = !from.batches.bytes.empty();
  const auto needed = one->shard->append_from_leader(at.leader_epoch, from);
  if (needed && needed->kind != partition::LogCut::Kind::none) {
    from.offset = needed->offset;
    // To begin anew with this batch: whoever asks for its first records is told that they are deleted.
    return has_more ? cut(one, *needed, std::move(from)) : cut(one, *needed);
  }
  if (needed) {
    one->backoff_ms = 0;
    if (has_more) followings_.splice(followings_.end(), followings_, one);  // the others come first next time
    return;
  }
  on_refused(one, needed.error());
}

void ReplicaFetcher::on_refused(Followings::iterator one, const Error& why) {
  const Key key{one->shard->topic_id(), one->shard->index()};
  if (why.code != ErrorCode::corrupt_message && why.code != ErrorCode::offset_out_of_range)
    return forget(key);
  log_error(component, "{}-{}: what broker {} sent cannot be appended: {}", one->shard->topic(), key.second,
            leader_, why.message);
  back_off(*one);
}

void ReplicaFetcher::cut(Followings::iterator one, const partition::LogCut& cut,
                         std::optional<PartitionShard::FromLeader> next) {
  one->is_busy = true;
  log_info(component, "{}-{}: parted from broker {}'s log in epoch {}, {} at offset {}", one->shard->topic(),
           one->shard->index(), leader_, one->leader_epoch,
           cut.kind == partition::LogCut::Kind::truncate ? "cut" : "begins anew", cut.offset);
  disk_pool_.run([self = weak_from_this(), &loop = loop(), shard = one->shard, epoch = one->leader_epoch, cut,
                  next = std::move(next)] {
    auto done = shard->cut(epoch, cut);
    if (done && next) {
      if (auto appended = shard->append_from_leader(epoch, *next); !appended)
        done = fail(std::move(appended.error()));
    }
    loop.post([self, key = Key{shard->topic_id(), shard->index()}, epoch, done = std::move(done)] {
      if (const auto fetcher = self.lock()) fetcher->settled(key, epoch, done);
    });
  });
}

void ReplicaFetcher::settled(const Key& key, int32_t leader_epoch, const Result<void>& done) {
  const auto one = find(key, leader_epoch);
  if (one == followings_.end()) return;
  one->is_busy = false;
  due_.insert(key);
  if (!done) on_refused(one, done.error());
  pump_soon();
}

void ReplicaFetcher::ask_ends(Followings::iterator one, int64_t own_end) {
  one->is_busy = true;
  const Key key{one->shard->topic_id(), one->shard->index()};
  const int32_t epoch = one->leader_epoch;
  ask_offset(key, epoch, latest, [=, this](Followings::iterator, int64_t end) {
    ask_offset(key, epoch, earliest, [=, this](Followings::iterator still, int64_t start) {
      const partition::LogCut needed = partition::on_out_of_range(start, end, own_end);
      if (needed.kind != partition::LogCut::Kind::none) return cut(still, needed);
      still->is_busy = false;
      back_off(*still);
      pump();
    });
  });
}

void ReplicaFetcher::ask_offset(const Key& key, int32_t leader_epoch, int64_t timestamp,
                                std::move_only_function<void(Followings::iterator, int64_t offset)> then) {
  const auto one = find(key, leader_epoch);
  if (one == followings_.end()) return;
  wire::ListOffsetsRequest request;
  request.replica_id = options_.node_id;
  request.topics.push_back({.name = one->shard->topic()});
  request.topics.back().partitions.push_back({key.second, leader_epoch, timestamp});
  auto call = client::call_of(std::move(request), services_.client_id, options_.request_timeout_ms);
  client::answer_to<wire::ListOffsetsResponse>(
      *call, [this, key, leader_epoch, then = std::move(then)](Result<wire::ListOffsetsResponse> response,
                                                               int16_t) mutable {
        const auto still = find(key, leader_epoch);
        if (still == followings_.end()) return;
        const bool has_one =
            response && response->topics.size() == 1 && response->topics.front().partitions.size() == 1;
        const auto* found = has_one ? &response->topics.front().partitions.front() : nullptr;
        if (found && found->error_code == ErrorCode::none && found->offset >= 0)
          return then(still, found->offset);
        still->is_busy = false;
        back_off(*still);
        pump();
      });
  link_->when_ready([this, call = std::move(call)](Result<client::Link*> ready) {
    if (ready) return link_->send(call);
    call->then(fail(std::move(ready.error())), 0, 0);
  });
}

void ReplicaFetcher::back_off(Following& one) {
  one.backoff_ms =
      std::clamp(2 * one.backoff_ms, backoff_ms_min, std::max(backoff_ms_min, options_.backoff_ms_max));
  one.retry_at_ms = clock_.monotonic_ms() + one.backoff_ms;
}

void ReplicaFetcher::back_off() {
  backoff_ms_ =
      std::clamp(2 * backoff_ms_, backoff_ms_min, std::max(backoff_ms_min, options_.backoff_ms_max));
  retry_at_ms_ = clock_.monotonic_ms() + backoff_ms_;
}

/// A partition whose time comes while a request waits for others is taken up by the next one.
void ReplicaFetcher::arm(int64_t at_ms) {
  if (at_ms >= armed_at_ms_) return;
  loop().cancel(timer_);
  armed_at_ms_ = at_ms;
  timer_ = loop().after(std::max<int64_t>(0, at_ms - clock_.monotonic_ms()), [self = weak_from_this()] {
    const auto fetcher = self.lock();
    if (!fetcher || fetcher->is_stopped_) return;
    fetcher->armed_at_ms_ = INT64_MAX;
    fetcher->pump();
  });
}

}  // namespace kt::node
