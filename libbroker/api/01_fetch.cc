// Fetch, key 1: reads record batches (semantics F1-F32).
#include "libbroker/wire/01_fetch.h"

#include <algorithm>
#include <memory>

#include "libbroker/api/broker.h"
#include "libbroker/api/cluster_view.h"
#include "libbroker/api/fetch_session.h"
#include "libbroker/api/handlers.h"
#include "libbroker/api/leader_hints.h"
#include "libbroker/api/topics.h"

namespace kt::api {
namespace {

constexpr int16_t any_replica_since = 11, topic_ids_since = 13, leader_hints_since = 16;
using Request = wire::FetchRequest;
using Response = wire::FetchResponse;

bool is_replica(const Request& request) {
  return request.replica_id >= 0 || request.replica_state.replica_id >= 0;
}

/// One request, from its first read to its answer: it reads, and while that gives too little it waits for its
/// partitions to move and reads again, at most for max_wait_ms; meanwhile its timer owns it. Partitions whose
/// records are not in memory are read by threads that may wait for the disk, all at the same time, and the
/// answer waits for them.
class Fetching final : public Waiter, public std::enable_shared_from_this<Fetching> {
 public:
  struct Part {
    Wanted wanted;
    std::shared_ptr<Partition> partition;  // null: `error` says why
    ErrorCode error = ErrorCode::none;
    bool is_left_out = false;  // it is not read at all, and so no reason not to wait for the others
    int64_t end_offset = 0;  // of what could be read when it was last looked at
  };
  /// `is_follower`: it asks as a replica, and may.
  Fetching(RequestContext& ctx, const Request& request, bool is_follower, FetchSessions::Turn turn,
           Answer<Response> answer)
      : Waiter(ctx.loop),
        sessions_(ctx.broker.fetch_sessions()),
        quotas_(ctx.broker.quotas()),
        principal_(ctx.principal),
        client_id_(ctx.header.client_id),
        turn_(std::move(turn)),
        hints_(ctx, leader_hints_since),
        answer_(std::move(answer)),
        bytes_max_(
            static_cast<uint32_t>(std::clamp(request.max_bytes, 0, ctx.broker.config().fetch_bytes_max))),
        bytes_min_(std::min(static_cast<uint32_t>(std::max(0, request.min_bytes)), bytes_max_)),
        isolation_(isolation_of(request)) {
    if (is_follower) follower_ = follower_of(ctx, request);
    from_any_replica_ = !is_replica(request) && ctx.version() >= any_replica_since;
    if (from_any_replica_) near_ = brokers_near(ctx, request.rack_id);
    const bool is_refused = is_replica(request) && !is_follower;
    parts_.reserve(turn_.wanted.size());
    for (Wanted& wanted : turn_.wanted) {
      parts_.push_back(is_refused
                           ? Part{std::move(wanted), nullptr, ErrorCode::topic_authorization_failed, true}
                           : find(ctx, std::move(wanted), is_follower));
    }
  }

  void start(int64_t wait_ms) {
    may_wait_ = wait_ms > 0;
    wake();
    if (is_answered_) return;
    timer_ = loop().after(wait_ms, [self = shared_from_this()] { self->may_wait_ = false, self->wake(); });
  }

  void wake() override {
    if (is_answered_ || cold_reads_ > 0) return;  // answered already, or settled by what the disk gives
    response_ = {};
    bytes_ = 0;
    has_news_ = false;
    for (Part& part : parts_) read(part);
    if (follower_) follower_->reads_again = true;
    if (cold_reads_ == 0) settle();
  }

 private:
  /// Answers, or waits for more.
  void settle() {
    if (!may_wait_ || has_news_ || bytes_ >= bytes_min_ || std::ranges::all_of(parts_, &Part::is_left_out))
      return finish();
    if (!sessions_.wait(turn_, weak_from_this())) return finish();
    const auto follower = follower_ ? std::optional(follower_->id) : std::nullopt;
    for (const Part& part : parts_) {
      if (part.is_left_out) continue;
      part.partition->wait_for_data(part.end_offset, isolation_, follower, weak_from_this());
    }
  }

  static Isolation isolation_of(const Request& request) {
    if (is_replica(request)) return Isolation::log_end;
    return request.isolation_level == 1 ? Isolation::last_stable : Isolation::high_watermark;
  }

  /// The brokers in the reader's rack; none when they do not matter (KIP-392).
  static std::vector<int32_t> brokers_near(const RequestContext& ctx, const std::string& rack) {
    std::vector<int32_t> near;
    if (rack.empty() || !ctx.broker.config().selects_replicas_by_rack) return near;
    for (const VisibleBroker& broker : visible_brokers(ctx))
      if (broker.rack == rack) near.push_back(broker.id);
    return near;
  }

  /// What the metadata says of it is looked up once: a request waits half a second at most.
  static Partition::Follower follower_of(const RequestContext& ctx, const Request& request) {
    Partition::Follower follower{.id = std::max(request.replica_id, request.replica_state.replica_id),
                                 .broker_epoch = request.replica_state.replica_epoch};
    const metadata::Broker* known = ctx.image->broker(follower.id);
    follower.is_eligible = ctx.image->is_active(follower.id) &&
                           (follower.broker_epoch < 0 || follower.broker_epoch == known->epoch);
    return follower;
  }

  static Part find(const RequestContext& ctx, Wanted wanted, bool is_follower) {
    Part part{std::move(wanted), nullptr};
    const bool by_id = ctx.version() >= topic_ids_since;
    const metadata::Topic* topic =
        by_id ? ctx.image->topic(part.wanted.topic_id) : ctx.image->topic(*part.wanted.topic);
    if (by_id && !topic) {
      part.error = ErrorCode::unknown_topic_id;
    } else if (!is_follower &&
               !ctx.allowed(Operation::read, ResourceType::topic, topic ? topic->name : *part.wanted.topic)) {
      part.error = ErrorCode::topic_authorization_failed;
    } else if (!topic || !topic->partition(part.wanted.at.partition)) {
      part.error = ErrorCode::unknown_topic_or_partition;
    } else {
      const auto found = ctx.broker.find_partition(topic->id, part.wanted.at.partition);
      if (found)
        part.partition = *found;
      else
        part.error = found.error().code;
      return part;
    }
    part.is_left_out = !is_follower;  // who leads here soon may not know it yet: a follower asks again
    return part;
  }

  void read(Part& part) {
    Response::PartitionData& data = slot_for(response_, part.wanted);
    data.partition_index = part.wanted.at.partition;
    if (part.error != ErrorCode::none) {
      if (!part.is_left_out) has_news_ = true;
      return refuse(part, data, part.error);
    }
    const auto& at = part.wanted.at;
    const size_t left = bytes_max_ > bytes_ ? bytes_max_ - bytes_ : 0;
    Partition::ReadOptions options{
        .offset = at.fetch_offset,
        .max_bytes = static_cast<uint32_t>(std::min<size_t>(left, std::max(0, at.partition_max_bytes))),
        .at_least_one_batch = bytes_ == 0,
        .isolation = isolation_,
        .current_leader_epoch = at.current_leader_epoch,
        .last_fetched_epoch = at.last_fetched_epoch,
        .from_any_replica = from_any_replica_,
        .near = near_};
    if (follower_) {
      options.follower = follower_;
      options.follower->log_start = at.log_start_offset;
    }
    auto result = part.partition->read(options);
    if (result && result->is_cold)
      read_later(part, options);
    else
      take(part, data, std::move(result));
  }

  /// Until the disk has answered, all that was asked for counts as read.
  void read_later(Part& part, const Partition::ReadOptions& options) {
    const size_t reserved = std::max<size_t>(options.max_bytes, 1);
    bytes_ += reserved;
    ++cold_reads_;
    const size_t topic = response_.responses.size() - 1,
                 partition = response_.responses.back().partitions.size() - 1;
    part.partition->read_later(
        options, loop(),
        [self = shared_from_this(), &part, reserved, topic, partition](Result<Partition::Read> read) {
          self->bytes_ -= reserved;
          self->take(part, self->response_.responses[topic].partitions[partition], std::move(read));
          if (--self->cold_reads_ == 0) self->settle();
        });
  }

  void refuse(const Part& part, Response::PartitionData& data, ErrorCode error) {
    data.error_code = error;
    data.high_watermark = -1;
    hints_.add(response_, data, *part.wanted.topic, part.wanted.topic_id, data.partition_index);
  }

  void take(Part& part, Response::PartitionData& data, Result<Partition::Read> read) {
    if (!read) {
      has_news_ = true;
      return refuse(part, data, read.error().code);
    }
    part.end_offset = read->end_offset;
    data.high_watermark = read->high_watermark;
    data.last_stable_offset = read->last_stable_offset;
    data.log_start_offset = read->log_start_offset;
    data.preferred_read_replica = read->preferred_replica;
    if (read->preferred_replica >= 0 || read->is_asked) has_news_ = true;
    if (read->diverging) {
      data.diverging_epoch = {read->diverging->epoch, read->diverging->offset};
      has_news_ = true;
    }
    if (isolation_ == Isolation::last_stable) {
      for (const auto& aborted : read->aborted)
        data.aborted_transactions->push_back({aborted.producer_id, aborted.first_offset});
    } else {
      data.aborted_transactions.reset();
    }
    data.records.pieces = std::move(read->records);
    bytes_ += data.records.size();
  }

  static Response::PartitionData& slot_for(Response& response, const Wanted& wanted) {
    if (response.responses.empty() || response.responses.back().topic != *wanted.topic ||
        response.responses.back().topic_id != wanted.topic_id) {
      auto& topic = response.responses.emplace_back();
      topic.topic = *wanted.topic;
      topic.topic_id = wanted.topic_id;
    }
    return response.responses.back().partitions.emplace_back();
  }

  void finish() {
    is_answered_ = true;
    const auto charged = static_cast<int64_t>(bytes_);
    const int32_t throttle_ms =
        follower_ ? 0 : quotas_.charge(principal_, client_id_, QuotaKind::fetch_bytes, charged);
    if (throttle_ms > 0) {  // nothing is sent, and the same may be asked for later
      quotas_.give_back(principal_, client_id_, QuotaKind::fetch_bytes, charged);
      response_ = {.throttle_time_ms = throttle_ms};
      sessions_.postpone(turn_, response_);
      answer_.throttle(throttle_ms);
    } else {
      sessions_.end(turn_, response_);
    }
    answer_(response_);
    const auto self = shared_from_this();
    loop().cancel(timer_);
  }

  FetchSessions& sessions_;
  Quotas& quotas_;
  const std::string principal_, client_id_;
  FetchSessions::Turn turn_;
  const LeaderHints hints_;
  Answer<Response> answer_;
  const uint32_t bytes_max_, bytes_min_;
  const Isolation isolation_;
  bool from_any_replica_ = false;
  std::vector<int32_t> near_;                    // brokers closer to who asks than others
  std::optional<Partition::Follower> follower_;  // who asks
  std::vector<Part> parts_;
  Response response_;      // as far as it goes
  size_t bytes_ = 0;       // in it
  bool has_news_ = false;  // an error in it, or what else is not to wait for records
  size_t cold_reads_ = 0;  // under way
  bool may_wait_ = true;
  Timers::Id timer_ = 0;
  bool is_answered_ = false;
};

}  // namespace

void handle_fetch(RequestContext& ctx, const Slice& body, net::Reply reply) {
  if (ctx.listener.is_controller) return handle_quorum_fetch(ctx, body, std::move(reply));
  const auto request = wire::decode<Request>(body, ctx.version());
  Answer<Response> answer(ctx, std::move(reply));
  const bool is_follower = is_replica(request) && ctx.allowed_on_cluster(Operation::cluster_action);
  auto turn = ctx.broker.fetch_sessions().begin(request, ctx.version(), is_follower);
  if (!turn) return answer({.error_code = turn.error().code});
  std::make_shared<Fetching>(ctx, request, is_follower, std::move(*turn), std::move(answer))
      ->start(std::max(0, request.max_wait_ms));
}

}  // namespace kt::api
