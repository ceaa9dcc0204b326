#include "libbroker/node/group_runtime.h"

#include <fmt/core.h>

#include <algorithm>

#include "libbroker/base/logger.h"
#include "libbroker/group/log_format.h"
#include "libbroker/record/batch_builder.h"
#include "libbroker/record/compression.h"

namespace kt::node {
namespace {

constexpr std::string_view component = "kt.GroupCoordinator";
constexpr size_t replay_bytes = 1 << 20;
constexpr size_t decompressed_bytes_max = 64 << 20;

std::vector<std::byte> batch_of(const std::vector<group::Record>& records, int64_t now_ms) {
  record::BatchBuilder batch;
  for (const group::Record& record : records) {
    record::NewRecord added{.timestamp = now_ms, .key = record.key};
    if (record.value) added.value = *record.value;
    batch.append(added);
  }
  return batch.build();
}

}  // namespace

/// An answer on its way to a loop.
struct GroupShard::Delivery {
  Loop* loop;
  Task give;

  void run() { loop->post(std::move(give)); }
  /// What it rests on will not be committed: nobody is answered, and a connection that waits for this closes.
  /// On its loop.
  void drop() {
    loop->post([dropped = std::move(give)] {});
  }
};

/// Lives on the home loop; woken there when the partition's high watermark may have moved.
class GroupShard::Held final : public api::Waiter, public std::enable_shared_from_this<GroupShard::Held> {
 public:
  Held(Loop& home, std::shared_ptr<PartitionShard> partition, int32_t leads_since)
      : Waiter(home), partition_(std::move(partition)), leads_since_(leads_since) {}

  /// Delivers when the partition is committed up to `end_offset`; at once when it is already, by way of
  /// `ready`.
  void add(int64_t end_offset, Delivery delivery, std::vector<Task>& ready) {
    const std::lock_guard lock(mutex_);
    const auto commit = partition_->wait_for_commit(end_offset, leads_since_, weak_from_this());
    if (!commit || *commit == api::Partition::Commit::done) {
      ready.push_back(ended(std::move(delivery), commit.has_value()));
    } else {
      waiting_.emplace(end_offset, std::move(delivery));
    }
  }

  void wake() override {
    std::vector<Task> ready;
    {
      const std::lock_guard lock(mutex_);
      while (!waiting_.empty()) {
        const auto commit =
            partition_->wait_for_commit(waiting_.begin()->first, leads_since_, weak_from_this());
        if (commit && *commit == api::Partition::Commit::pending) break;
        ready.push_back(ended(std::move(waiting_.extract(waiting_.begin()).mapped()), commit.has_value()));
      }
    }
    for (Task& task : ready) task();
  }

 private:
  static Task ended(Delivery delivery, bool is_committed) {
    return [delivery = std::move(delivery), is_committed]() mutable {
      is_committed ? delivery.run() : delivery.drop();
    };
  }

  const std::shared_ptr<PartitionShard> partition_;
  const int32_t leads_since_;
  std::mutex mutex_;
  std::multimap<int64_t, Delivery> waiting_;
};

GroupShard::GroupShard(Clock& clock, Loop& home, std::shared_ptr<PartitionShard> partition,
                       const group::Options& options, uint64_t seed, Mutants mutants)
    : clock_(clock),
      home_(home),
      partition_(std::move(partition)),
      leads_since_(partition_->leads_since()),
      mutants_(mutants),
      groups_(options, seed),
      held_(std::make_shared<Held>(home, partition_, leads_since_)) {}

void GroupShard::load() {
  record::Decompressor decompressor;
  std::vector<std::byte> scratch;
  int64_t offset = partition_->log_start_offset();
  try {
    for (;;) {
      const auto bytes = partition_->read_for_replay(offset, replay_bytes);
      if (!bytes) {
        const Error& error = bytes.error();
        throw std::runtime_error(error.message.empty() ? std::string(text_of(error.code)) : error.message);
      }
      const std::lock_guard lock(mutex_);  // who asks meanwhile is told at once that it is loading
      if (state_ == State::retired) return;
      const int64_t before = offset;
      for (std::span<const std::byte> rest = bytes->bytes; !rest.empty();) {
        const auto batch = record::BatchView::parse(rest);
        if (!batch) break;
        rest = rest.subspan(batch->size_bytes());
        offset = batch->next_offset();
        if (batch->is_control()) continue;
        const auto plain = record::plain_records(*batch, decompressor, scratch, decompressed_bytes_max);
        if (!plain) throw std::runtime_error(plain.error().message);
        apply(*plain, batch->record_count());
      }
      if (offset > before) continue;
      end_offset_ = offset;
      state_ = State::active;
      break;
    }
  } catch (const std::exception& error) {
    log_error(component, "the groups of {}-{} cannot be loaded at {}: {}", partition_->topic(),
              partition_->index(), offset, error.what());
  }
  home_.post([self = shared_from_this()] {
    const std::lock_guard relock(self->mutex_);
    self->arm();
  });
}

void GroupShard::apply(std::span<const std::byte> records, int32_t count) {
  if (mutants_.has(Mutant::node_groups_not_loaded)) return;
  const int64_t now_ms = clock_.session_ms();
  record::RecordView record;
  for (record::RecordReader reader(records, count); reader.next(record);) {
    group::Record applied{{record.key.begin(), record.key.end()}, std::nullopt};
    if (record.value.data()) applied.value.emplace(record.value.begin(), record.value.end());
    groups_.apply(applied, now_ms);
  }
}

void GroupShard::retire() {
  std::map<group::Token, Waiting> orphans;
  {
    const std::lock_guard lock(mutex_);
    state_ = State::retired;
    orphans.swap(waiting_);
  }
  // Nobody answers those who wait: their connections close, on their loops, and the clients look for the new
  // coordinator.
  for (auto& [token, waiting] : orphans) waiting.loop->post([dropped = std::move(waiting.give)] {});
}

ErrorCode GroupShard::readiness() {
  const std::lock_guard lock(mutex_);
  switch (state_) {
    case State::loading:
      return ErrorCode::coordinator_load_in_progress;
    case State::active:
      return ErrorCode::none;
    case State::retired:
      break;
  }
  return ErrorCode::not_coordinator;
}

void GroupShard::run(Loop& loop, const Decide& decide, Give give) {
  std::vector<Task> ready;
  {
    const std::lock_guard lock(mutex_);
    const int64_t now_ms = clock_.session_ms();
    const group::Token token = ++last_token_;
    waiting_.emplace(token, Waiting{&loop, std::move(give)});
    carry_out(decide(groups_, token, now_ms), now_ms, ready);
    arm();
  }
  for (Task& task : ready) task();
}

void GroupShard::run_all(
    const std::function<std::vector<group::Step>(group::Coordinator&, int64_t now_ms)>& decide) {
  std::vector<Task> ready;
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::active) return;
    const int64_t now_ms = clock_.session_ms();
    for (group::Step& step : decide(groups_, now_ms)) carry_out(std::move(step), now_ms, ready);
    arm();
  }
  for (Task& task : ready) task();
}

// Append, apply, and see to it that the answers leave once the records are committed.
void GroupShard::carry_out(group::Step step, int64_t now_ms, std::vector<Task>& ready) {
  while (!step.records.empty()) {
    const ErrorCode error = append(step, now_ms);
    if (error == ErrorCode::none) break;
    step = groups_.append_failed(std::move(step), error, now_ms);
  }
  for (auto& [token, answer] : step.answers) {
    auto waiting = waiting_.extract(token);
    if (waiting.empty()) continue;
    hold({waiting.mapped().loop, [give = std::move(waiting.mapped().give),
                                  answer = std::move(answer)]() mutable { give(std::move(answer)); }},
         ready);
  }
}

void GroupShard::hold(Delivery delivery, std::vector<Task>& ready) {
  held_->add(mutants_.has(Mutant::node_offsets_answered_early) ? 0 : end_offset_, std::move(delivery), ready);
}

ErrorCode GroupShard::append(const group::Step& step, int64_t now_ms) {
  const auto end_offset = partition_->append_from_coordinator(batch_of(step.records, now_ms), leads_since_);
  if (!end_offset) return told_as(end_offset.error().code);
  end_offset_ = *end_offset;
  for (const group::Record& record : step.records) groups_.apply(record, now_ms);
  return ErrorCode::none;
}

// What members are told of a failed append (semantics G2).
ErrorCode GroupShard::told_as(ErrorCode append_error) {
  using enum ErrorCode;
  switch (append_error) {
    case unknown_topic_or_partition:
    case not_enough_replicas:
    case not_enough_replicas_after_append:
    case request_timed_out:
      return coordinator_not_available;
    case not_leader_or_follower:
    case kafka_storage_error:
      return not_coordinator;
    case message_too_large:
    case record_list_too_large:
    case invalid_fetch_size:
      return unknown_server_error;
    default:
      return append_error;
  }
}

void GroupShard::read(Loop& loop, std::move_only_function<Task(const group::Coordinator&)> look,
                      std::move_only_function<void(ErrorCode)> refuse) {
  if (const ErrorCode code = readiness(); code != ErrorCode::none) return refuse(code);
  std::vector<Task> ready;
  {
    const std::lock_guard lock(mutex_);
    hold({&loop, look(groups_)}, ready);
  }
  for (Task& task : ready) task();
}

std::vector<wire::ListGroupsResponse::ListedGroup> GroupShard::list() {
  const std::lock_guard lock(mutex_);
  return groups_.list();
}

void GroupShard::arm() {
  if (state_ != State::active) return;
  const int64_t deadline_ms = groups_.deadline_ms();
  if (deadline_ms >= armed_ms_) return;
  armed_ms_ = deadline_ms;
  const int64_t delay_ms = std::max<int64_t>(0, deadline_ms - clock_.session_ms());
  home_.post([self = shared_from_this(), delay_ms, deadline_ms] {
    self->home_.after(delay_ms, [self, deadline_ms] {
      {
        const std::lock_guard lock(self->mutex_);
        if (self->armed_ms_ == deadline_ms) self->armed_ms_ = INT64_MAX;
      }
      self->run_all([](group::Coordinator& groups, int64_t now_ms) { return groups.tick(now_ms); });
    });
  });
}

void GroupRuntime::add(std::shared_ptr<PartitionShard> partition) {
  std::shared_ptr<GroupShard> shard;
  {
    const std::lock_guard lock(mutex_);
    auto& slot = shards_[partition->index()];
    if (slot) return;
    slot = shard =
        std::make_shared<GroupShard>(clock_, home_, std::move(partition), options_, rng_.next(), mutants_);
  }
  disk_pool_.run([shard] { shard->load(); });
}

void GroupRuntime::remove(int32_t partition) {
  std::shared_ptr<GroupShard> shard;
  {
    const std::lock_guard lock(mutex_);
    const auto found = shards_.find(partition);
    if (found == shards_.end()) return;
    shard = std::move(found->second);
    shards_.erase(found);
  }
  shard->retire();
}

void GroupRuntime::set_partition_count(int32_t count) {
  const std::lock_guard lock(mutex_);
  partition_count_ = count;
}

std::vector<std::shared_ptr<GroupShard>> GroupRuntime::all() {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<GroupShard>> shards;
  for (const auto& [index, shard] : shards_) shards.push_back(shard);
  return shards;
}

void GroupRuntime::topic_deleted(const std::string& topic) {
  for (const auto& shard : all()) {
    shard->run_all(
        [&](group::Coordinator& groups, int64_t now_ms) { return groups.topic_deleted(topic, now_ms); });
  }
}

void GroupRuntime::expire_offsets() {
  for (const auto& shard : all()) {
    shard->run_all([](group::Coordinator& groups, int64_t now_ms) { return groups.expire_offsets(now_ms); });
  }
}

Result<std::shared_ptr<GroupShard>> GroupRuntime::find(const std::string& group_id) {
  std::shared_ptr<GroupShard> shard;
  {
    const std::lock_guard lock(mutex_);
    if (partition_count_ == 0) return fail(ErrorCode::not_coordinator);
    const auto found = shards_.find(partition_of(group_id, partition_count_));
    if (found == shards_.end()) return fail(ErrorCode::not_coordinator);
    shard = found->second;
  }
  if (const ErrorCode code = shard->readiness(); code != ErrorCode::none) return fail(code);
  return shard;
}

void GroupRuntime::join(Loop& loop, wire::JoinGroupRequest request, group::Coordinator::Asker asker,
                        Then<wire::JoinGroupResponse> then) {
  const auto shard = find(request.group_id);
  if (!shard) return then({.error_code = shard.error().code, .member_id = request.member_id});
  (*shard)->run(
      loop,
      [&](group::Coordinator& groups, group::Token token, int64_t now_ms) {
        return groups.join(request, asker, token, now_ms);
      },
      [then = std::move(then)](group::Answer answer) mutable {
        then(std::move(std::get<wire::JoinGroupResponse>(answer)));
      });
}

void GroupRuntime::sync(Loop& loop, wire::SyncGroupRequest request, Then<wire::SyncGroupResponse> then) {
  const auto shard = find(request.group_id);
  if (!shard) return then({.error_code = shard.error().code});
  (*shard)->run(
      loop,
      [&](group::Coordinator& groups, group::Token token, int64_t now_ms) {
        return groups.sync(request, token, now_ms);
      },
      [then = std::move(then)](group::Answer answer) mutable {
        then(std::move(std::get<wire::SyncGroupResponse>(answer)));
      });
}

void GroupRuntime::heartbeat(Loop& loop, wire::HeartbeatRequest request, Then<wire::HeartbeatResponse> then) {
  const auto shard = find(request.group_id);
  if (!shard) return then({.error_code = shard.error().code});
  (*shard)->run(
      loop,
      [&](group::Coordinator& groups, group::Token token, int64_t now_ms) {
        return groups.heartbeat(request, token, now_ms);
      },
      [then = std::move(then)](group::Answer answer) mutable {
        then(std::get<wire::HeartbeatResponse>(answer));
      });
}

void GroupRuntime::leave(Loop& loop, wire::LeaveGroupRequest request, int16_t version,
                         Then<wire::LeaveGroupResponse> then) {
  const auto shard = find(request.group_id);
  if (!shard) return then({.error_code = shard.error().code});
  (*shard)->run(
      loop,
      [&](group::Coordinator& groups, group::Token token, int64_t now_ms) {
        return groups.leave(request, version, token, now_ms);
      },
      [then = std::move(then)](group::Answer answer) mutable {
        then(std::move(std::get<wire::LeaveGroupResponse>(answer)));
      });
}

void GroupRuntime::commit(Loop& loop, wire::OffsetCommitRequest request, int16_t version,
                          group::Coordinator::Refused refused, Then<wire::OffsetCommitResponse> then) {
  const auto shard = find(request.group_id);
  if (!shard) {
    wire::OffsetCommitResponse response;
    for (const auto& topic : request.topics) {
      auto& answered = response.topics.emplace_back();
      answered.name = topic.name;
      answered.topic_id = topic.topic_id;
      for (const auto& partition : topic.partitions)
        answered.partitions.push_back({partition.partition_index, shard.error().code});
    }
    return then(std::move(response));
  }
  (*shard)->run(
      loop,
      [&](group::Coordinator& groups, group::Token token, int64_t now_ms) {
        return groups.commit(request, version, refused, token, now_ms);
      },
      [then = std::move(then)](group::Answer answer) mutable {
        then(std::move(std::get<wire::OffsetCommitResponse>(answer)));
      });
}

void GroupRuntime::delete_offsets(Loop& loop, wire::OffsetDeleteRequest request,
                                  group::Coordinator::Refused refused,
                                  Then<wire::OffsetDeleteResponse> then) {
  const auto shard = find(request.group_id);
  if (!shard) return then({.error_code = shard.error().code});
  (*shard)->run(
      loop,
      [&](group::Coordinator& groups, group::Token token, int64_t now_ms) {
        return groups.delete_offsets(request, refused, token, now_ms);
      },
      [then = std::move(then)](group::Answer answer) mutable {
        then(std::move(std::get<wire::OffsetDeleteResponse>(answer)));
      });
}

void GroupRuntime::remove(Loop& loop, std::string group_id, Then<ErrorCode> then) {
  const auto shard = find(group_id);
  if (!shard) return then(shard.error().code);
  (*shard)->run(
      loop,
      [&](group::Coordinator& groups, group::Token token, int64_t now_ms) {
        return groups.delete_group(group_id, token, now_ms);
      },
      [then = std::move(then)](group::Answer answer) mutable {
        then(std::get<group::GroupDeleted>(answer).error_code);
      });
}

void GroupRuntime::fetch(Loop& loop, wire::OffsetFetchRequest::OffsetFetchRequestGroup request,
                         Then<wire::OffsetFetchResponse::OffsetFetchResponseGroup> then) {
  const auto refused = [&](ErrorCode code) {
    wire::OffsetFetchResponse::OffsetFetchResponseGroup response;
    response.group_id = request.group_id;
    response.error_code = code;
    return response;
  };
  const auto shard = find(request.group_id);
  if (!shard) return then(refused(shard.error().code));
  auto shared = std::make_shared<Then<wire::OffsetFetchResponse::OffsetFetchResponseGroup>>(std::move(then));
  (*shard)->read(
      loop,
      [&, shared](const group::Coordinator& groups) -> Task {
        return [shared, found = groups.fetch_offsets(request)]() mutable { (*shared)(std::move(found)); };
      },
      [&, shared](ErrorCode code) { (*shared)(refused(code)); });
}

void GroupRuntime::describe(Loop& loop, std::string group_id, int16_t version,
                            Then<wire::DescribeGroupsResponse::DescribedGroup> then) {
  const auto shard = find(group_id);
  if (!shard) return then({.error_code = shard.error().code, .group_id = group_id});
  auto shared = std::make_shared<Then<wire::DescribeGroupsResponse::DescribedGroup>>(std::move(then));
  (*shard)->read(
      loop,
      [&, shared](const group::Coordinator& groups) -> Task {
        return
            [shared, found = groups.describe(group_id, version)]() mutable { (*shared)(std::move(found)); };
      },
      [&, shared](ErrorCode code) { (*shared)({.error_code = code, .group_id = group_id}); });
}

api::Groups::Listed GroupRuntime::list() {
  Listed listed;
  for (const auto& shard : all()) {
    const ErrorCode code = shard->readiness();
    if (code == ErrorCode::coordinator_load_in_progress) listed.error_code = code;
    if (code != ErrorCode::none) continue;
    for (auto& group : shard->list()) listed.groups.push_back(std::move(group));
  }
  return listed;
}

}  // namespace kt::node
