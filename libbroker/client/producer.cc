#include "libbroker/client/producer.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "libbroker/base/assert.h"
#include "libbroker/wire/22_init_producer_id.h"

namespace kt::client {
namespace {

constexpr int16_t version_with_topic_ids = 13;
constexpr int32_t idempotent_in_flight_max = 5;  // the broker remembers as many batches of a producer

ProducerOptions settled(ProducerOptions options) {
  if (options.sending.acks != -1 || options.sending.in_flight_max > idempotent_in_flight_max) {
    options.sending.is_idempotent = false;
  }
  return options;
}

record::NewRecord as_new(const ProducerRecord& record, int64_t timestamp,
                         std::vector<record::Header>& headers) {
  for (const auto& [key, value] : record.headers) headers.push_back({key, value.bytes});
  return {timestamp, record.key.bytes, record.value.bytes, headers};
}

}  // namespace

Producer::Producer(Cluster& cluster, ProducerOptions options)
    : cluster_(cluster),
      options_(settled(std::move(options))),
      sender_(options_.sending),
      partitioner_(options_.sending.batch_size_bytes, options_.seed),
      watch_(cluster, {.max_age_ms = options_.metadata_max_age_ms}, [this](const Error&) {
        topics_.clear();
        pump_soon();
      }) {}

Producer::~Producer() {
  cluster_.loop().cancel(timer_);
  cluster_.loop().cancel(id_timer_);
}

void Producer::send(ProducerRecord record, Done done) {
  if (!record.timestamp) record.timestamp = cluster_.clock().wall_ms();
  Error reason;
  if (!parked_.empty() || !place(record, done, reason, now_ms())) {
    parked_.push_back({std::move(record), std::move(done), now_ms(), std::move(reason)});
  }
  pump_soon();
}

void Producer::when_unblocked(Task then) {
  unblocked_.push_back(std::move(then));
  pump_soon();
}

void Producer::flush(Task then) {
  sender_.flush();
  flushes_.push_back({parked_.size(), last_batch_, std::move(then)});
  pump_soon();
}

bool Producer::place(ProducerRecord& record, Done& done, Error& reason, int64_t now_ms) {
  const Topic* topic = topic_of(record.topic, reason);
  if (!topic) {
    if (reason.code == ErrorCode::request_timed_out) return false;
    finish_later(std::move(done), std::move(reason));
    return true;
  }
  if (record.partition && *record.partition < 0) {
    finish_later(std::move(done),
                 {ErrorCode::invalid_partitions,
                  fmt::format("Invalid partition: {}. Partition number should always be non-negative "
                              "or null.",
                              *record.partition)});
    return true;
  }
  if (record.partition && *record.partition >= topic->partition_count) {
    reason = {ErrorCode::request_timed_out,
              fmt::format(
                  "Partition {} of topic {} with partition count {} is not present in metadata after {} ms.",
                  *record.partition, record.topic, topic->partition_count, options_.max_block_ms)};
    watch_.mark_stale();
    return false;
  }
  std::vector<record::Header> headers;
  const record::NewRecord to_add = as_new(record, *record.timestamp, headers);
  const size_t bytes = record::BatchBuilder::record_size_bytes_max(to_add);
  if (bytes > options_.sending.buffer_bytes_max) {
    finish_later(
        std::move(done),
        {ErrorCode::message_too_large,
         fmt::format("The message is {} bytes when serialized which is larger than the total memory buffer "
                     "you have configured with the buffer.memory configuration.",
                     bytes)});
    return true;
  }
  if (!sender_.has_room(bytes)) {
    reason = {ErrorCode::request_timed_out,
              fmt::format("Failed to allocate {} bytes within the configured max blocking time {} ms.",
                          std::max<size_t>(bytes, options_.sending.batch_size_bytes), options_.max_block_ms)};
    return false;
  }
  const auto placed = sender_.add({record.topic, partition_of(record, *topic, bytes)}, to_add, now_ms);
  if (!placed) {
    finish_later(std::move(done), placed.error());
    return true;
  }
  Batch& batch = batches_[placed->batch];
  KT_ASSERT(batch.waiters.size() == static_cast<size_t>(placed->index));
  batch.waiters.push_back({std::move(done), *record.timestamp});
  ++batch.left;
  last_batch_ = std::max(last_batch_, placed->batch);
  return true;
}

const Producer::Topic* Producer::topic_of(const std::string& name, Error& reason) {
  if (const auto cached = topics_.find(name); cached != topics_.end()) return &cached->second;
  watch_.want(name);
  const Topology& topology = cluster_.topology();
  const auto found = topology.topics.find(name);
  const ErrorCode code =
      found == topology.topics.end() ? ErrorCode::unknown_topic_or_partition : found->second.error_code;
  if (code != ErrorCode::none && !is_retriable(code)) {
    reason = {code};
    return nullptr;
  }
  if (code != ErrorCode::none || found->second.partitions.empty()) {
    reason = {ErrorCode::request_timed_out,
              fmt::format("Topic {} not present in metadata after {} ms.", name, options_.max_block_ms)};
    return nullptr;
  }
  Topic topic;
  topic.partition_count = static_cast<int32_t>(found->second.partitions.size());
  for (const auto& partition : found->second.partitions) {
    if (topology.brokers.contains(partition.leader_id)) topic.available.push_back(partition.partition_index);
  }
  for (int32_t p = 0; topic.available.empty() && p < topic.partition_count; ++p) topic.available.push_back(p);
  if (options_.takes_turns) producing::order_as_listed(topic.available);
  return &topics_.emplace(name, std::move(topic)).first->second;
}

int32_t Producer::partition_of(const ProducerRecord& record, const Topic& topic, size_t record_bytes) {
  if (record.partition) return *record.partition;
  if (!record.key.is_null() && !options_.ignores_keys) {
    return producing::Partitioner::by_key(record.key.bytes, topic.partition_count);
  }
  if (options_.takes_turns) return partitioner_.in_turn(record.topic, topic.available, options_.first_turn);
  return partitioner_.sticky(record.topic, topic.available, record_bytes);
}

void Producer::unpark(int64_t now_ms) {
  while (!parked_.empty()) {
    Parked& first = parked_.front();
    if (!place(first.record, first.done, first.reason, now_ms)) {
      if (now_ms < first.since_ms + options_.max_block_ms) return;
      finish_later(std::move(first.done), std::move(first.reason));
    }
    parked_.pop_front();
    for (Flush& flush : flushes_) {
      if (flush.parked_left == 0) continue;
      flush.last = last_batch_;
      if (--flush.parked_left == 0) sender_.flush();
    }
  }
}

void Producer::finish_later(Done done, Error error) {
  cluster_.loop().post(
      [done = std::move(done), error = std::move(error)]() mutable { done(fail(std::move(error))); });
}

void Producer::pump_soon() {
  if (std::exchange(is_pump_posted_, true)) return;
  cluster_.loop().post([this, alive = std::weak_ptr(alive_)] {
    if (alive.expired()) return;
    is_pump_posted_ = false;
    pump();
  });
}

void Producer::pump() {
  const int64_t now_ms = this->now_ms();
  sender_.tick(now_ms);
  unpark(now_ms);
  if (sender_.needs_producer_id()) ask_producer_id();
  send_batches(now_ms);
  if (sender_.take_stale_metadata()) watch_.mark_stale();
  if (!deliver() || !finish_flushes() || !finish_unblocked()) return;
  arm(now_ms);
}

void Producer::ask_producer_id() {
  if (std::exchange(is_asking_id_, true)) return;
  wire::InitProducerIdRequest request;
  request.transactional_id.reset();
  request.transaction_timeout_ms = INT32_MAX;
  cluster_.call<wire::InitProducerIdResponse>(
      Target::any(), std::move(request),
      [this, alive = std::weak_ptr(alive_)](Result<wire::InitProducerIdResponse> response) {
        if (alive.expired()) return;
        const ErrorCode code = response ? response->error_code : response.error().code;
        if (code == ErrorCode::none) {
          is_asking_id_ = false;
          sender_.set_producer_id(response->producer_id, response->producer_epoch);
        } else if (is_retriable(code)) {
          id_timer_ = cluster_.loop().after(options_.sending.retry_backoff_ms, [this] {
            is_asking_id_ = false;
            pump();
          });
        } else {
          is_asking_id_ = false;
          sender_.abort(response ? Error{code} : response.error());
        }
        pump_soon();
      });
}

void Producer::send_batches(int64_t now_ms) {
  const Topology& topology = cluster_.topology();
  std::set<int32_t> nodes;
  for (const TopicPartition& waiting : sender_.waiting_partitions(now_ms)) {
    if (const auto leader = topology.leader_of(waiting.topic, waiting.partition)) {
      nodes.insert(leader->node_id);
    } else {
      watch_.mark_stale();
    }
  }
  for (const int32_t node : nodes) {
    while (in_flight_[node] < options_.sending.in_flight_max && send_to(node, now_ms)) {
    }
  }
}

bool Producer::send_to(int32_t node_id, int64_t now_ms) {
  const Topology& topology = cluster_.topology();
  const auto leads = [&](const TopicPartition& to) {
    const auto leader = topology.leader_of(to.topic, to.partition);
    return leader && leader->node_id == node_id;
  };
  const std::vector<producing::Outgoing> outgoing = sender_.poll(leads, now_ms);
  if (outgoing.empty()) return false;

  wire::ProduceRequest request{.acks = options_.sending.acks, .timeout_ms = options_.request_timeout_ms};
  CallOptions call{.timeout_ms = options_.request_timeout_ms};
  Sent sent;
  for (const producing::Outgoing& batch : outgoing) {
    if (request.topic_data.empty() || request.topic_data.back().name != batch.to.topic) {
      const Uuid id = topology.topics.at(batch.to.topic).topic_id;
      if (id == Uuid{}) call.version_max = version_with_topic_ids - 1;
      sent.names.emplace(id, batch.to.topic);
      request.topic_data.push_back({.name = batch.to.topic, .topic_id = id});
    }
    request.topic_data.back().partition_data.push_back(
        {batch.to.partition, {.pieces = {Slice{*batch.bytes, batch.bytes}}}});
    sent.batches.emplace(batch.to, batch.batch);
  }
  ++in_flight_[node_id];
  if (options_.sending.acks == 0) {
    cluster_.cast(
        Target::node(node_id), std::move(request),
        [this, alive = std::weak_ptr(alive_), node_id, sent](Result<void> left) {
          if (alive.expired()) return;
          --in_flight_[node_id];
          const Error error = left ? Error{} : left.error();
          for (const auto& [to, batch] : sent.batches) sender_.answered(batch, error, -1, -1, this->now_ms());
          pump_soon();
        },
        call);
    return true;
  }
  cluster_.call<wire::ProduceResponse>(
      Target::node(node_id), std::move(request),
      [this, alive = std::weak_ptr(alive_), node_id,
       sent = std::move(sent)](Result<wire::ProduceResponse> response) mutable {
        if (alive.expired()) return;
        --in_flight_[node_id];
        on_answer(std::move(sent), response);
        pump_soon();
      },
      call);
  return true;
}

void Producer::on_answer(Sent sent, const Result<wire::ProduceResponse>& response) {
  Error missing{ErrorCode::unknown_server_error, "the broker's answer left the partition out"};
  if (!response) missing = response.error();
  const std::vector<wire::ProduceResponse::TopicProduceResponse> nothing;
  for (const auto& topic : response ? response->responses : nothing) {
    const std::string& name = topic.name.empty() ? sent.names[topic.topic_id] : topic.name;
    for (const auto& partition : topic.partition_responses) {
      const auto found = sent.batches.find({name, partition.index});
      if (found == sent.batches.end()) continue;
      sender_.answered(found->second, {partition.error_code, partition.error_message.value_or("")},
                       partition.base_offset, partition.log_append_time_ms, now_ms());
      sent.batches.erase(found);
    }
  }
  for (const auto& [to, batch] : sent.batches) sender_.answered(batch, missing, -1, -1, now_ms());
}

bool Producer::deliver() {
  for (producing::Delivery& delivery : sender_.take_deliveries()) {
    const auto found = batches_.find(delivery.batch);
    KT_ASSERT(found != batches_.end());
    std::vector<Waiter> waiters;
    const auto begin = found->second.waiters.begin() + delivery.first_index;
    std::move(begin, begin + delivery.record_count, std::back_inserter(waiters));
    if ((found->second.left -= delivery.record_count) == 0) batches_.erase(found);
    const std::weak_ptr<bool> alive = alive_;
    for (size_t i = 0; i < waiters.size(); ++i) {
      Waiter& waiter = waiters[i];
      if (delivery.error.code != ErrorCode::none) {
        waiter.done(fail(delivery.error));
      } else {
        const bool is_known = delivery.base_offset >= 0;
        waiter.done(RecordMetadata{
            delivery.to, is_known ? delivery.base_offset + static_cast<int64_t>(i) : -1,
            delivery.log_append_time_ms >= 0 ? delivery.log_append_time_ms : waiter.timestamp});
      }
      if (alive.expired()) return false;
    }
    pump_soon();  // room was made
  }
  return true;
}

bool Producer::finish_flushes() {
  const std::weak_ptr<bool> alive = alive_;
  while (!flushes_.empty() && flushes_.front().parked_left == 0 &&
         (batches_.empty() || batches_.begin()->first > flushes_.front().last)) {
    Task then = std::move(flushes_.front().then);
    flushes_.pop_front();
    then();
    if (alive.expired()) return false;
  }
  return true;
}

bool Producer::finish_unblocked() {
  if (is_blocked()) return true;
  const std::weak_ptr<bool> alive = alive_;
  for (Task& then : std::exchange(unblocked_, {})) {
    then();
    if (alive.expired()) return false;
  }
  return true;
}

void Producer::arm(int64_t now_ms) {
  cluster_.loop().cancel(timer_);
  int64_t at_ms = sender_.deadline_ms(now_ms);
  if (!parked_.empty()) at_ms = std::min(at_ms, parked_.front().since_ms + options_.max_block_ms);
  if (at_ms == INT64_MAX) return;
  timer_ = cluster_.loop().after(std::max<int64_t>(at_ms - now_ms, 0), [this] { pump(); });
}

}  // namespace kt::client
