#include "libbroker/node/group_shard.h"

#include <algorithm>

#include "libbroker/base/logger.h"
#include "libbroker/group/log_format.h"
#include "libbroker/group/open_transactions.h"
#include "libbroker/record/batch_builder.h"
#include "libbroker/record/compression.h"
#include "libbroker/record/control.h"

namespace kt::node {
namespace {

constexpr std::string_view component = "kt.GroupCoordinator";
constexpr size_t replay_bytes = 1 << 20;
constexpr size_t decompressed_bytes_max = 64 << 20;

std::vector<std::byte> batch_of(const std::vector<group::Record>& records, int64_t wall_ms) {
  record::BatchBuilder batch;
  for (const group::Record& record : records) {
    record::NewRecord added{.timestamp = wall_ms, .key = record.key};
    if (record.value) added.value = *record.value;
    batch.append(added);
  }
  return batch.build();
}

group::Record copied(const record::RecordView& record) {
  group::Record copy{{record.key.begin(), record.key.end()}, std::nullopt};
  if (record.value.data()) copy.value.emplace(record.value.begin(), record.value.end());
  return copy;
}

// What counts now that a transaction has ended.
std::vector<group::Record> ended_by(const record::BatchView& batch, group::OpenTransactions& transactions) {
  if (!batch.has_producer_id()) return {};
  const auto marker = record::decode_end_marker(batch);
  if (!marker) {
    log_warn(component, "a control batch at {} is passed over: {}", batch.base_offset(),
             marker.error().message);
    return {};
  }
  if (!*marker) return {};  // it was cleaned away, after all that it speaks of
  return transactions.end(batch.producer_id(), (*marker)->is_commit);
}

}  // namespace

GroupShard::GroupShard(Clock& clock, Loop& home, std::shared_ptr<PartitionShard> partition,
                       const Options& options, uint64_t seed)
    : clock_(clock),
      home_(home),
      partition_(std::move(partition)),
      leads_since_(partition_->leads_since()),
      mutants_(options.mutants),
      groups_(options.groups, seed),
      held_(std::make_shared<HeldAnswers>(
          home, clock,
          [partition = partition_, since = leads_since_](int64_t end_offset, auto waiter) {
            return partition->wait_for_commit(end_offset, since, std::move(waiter));
          },
          options.commit_timeout_ms)),
      unconfirmed_(std::make_shared<HeldAnswers>(
          home, clock,
          [partition = partition_, since = leads_since_](int64_t asked, auto waiter) {
            return partition->wait_for_confirmation(asked, since, std::move(waiter));
          },
          options.commit_timeout_ms)) {}

void GroupShard::load() {
  record::Decompressor decompressor;
  std::vector<std::byte> scratch;
  group::OpenTransactions transactions;  // those that are still open at the log's end never count
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
        const auto plain = record::plain_records(*batch, decompressor, scratch, decompressed_bytes_max);
        if (!plain) throw std::runtime_error(plain.error().message);
        replay(*batch, *plain, transactions);
      }
      if (offset > before) continue;
      end_offset_ = offset;
      groups_.loaded(time());
      state_ = State::active;
      break;
    }
  } catch (const std::exception& error) {
    log_error(component, "the groups of {}-{} cannot be loaded at {}: {}", partition_->topic(),
              partition_->index(), offset, error.what());
    retire();
  }
  home_.post([self = shared_from_this()] {
    const std::lock_guard relock(self->mutex_);
    self->arm();
  });
}

void GroupShard::replay(const record::BatchView& batch, std::span<const std::byte> records,
                        group::OpenTransactions& transactions) {
  if (mutants_.has(Mutant::node_groups_not_loaded)) return;
  const group::Now now = time();
  if (batch.is_control()) {
    for (const group::Record& counting : ended_by(batch, transactions)) groups_.apply(counting, now);
    return;
  }
  record::RecordView record;
  for (record::RecordReader reader(records, batch.record_count()); reader.next(record);) {
    group::Record read = copied(record);
    if (batch.is_transactional()) {
      transactions.hold(batch.producer_id(), batch.offset_of(record), std::move(read));
    } else {
      transactions.overtake(read);
      groups_.apply(read, now);
    }
  }
}

void GroupShard::retire() {
  std::map<group::Token, Waiting> orphans;
  {
    const std::lock_guard lock(mutex_);
    state_ = State::retired;
    orphans.swap(waiting_);
  }
  for (auto& [token, waiting] : orphans)
    waiting.loop->post(
        [give = std::move(waiting.give)]() mutable { give(fail(ErrorCode::not_coordinator)); });
}

ErrorCode GroupShard::readiness() const {
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
  ErrorCode refused = ErrorCode::none;
  {
    const std::lock_guard lock(mutex_);
    refused = readiness();
    if (refused == ErrorCode::none) {
      const group::Now now = time();
      const group::Token token = ++last_token_;
      waiting_.emplace(token, Waiting{&loop, std::move(give)});
      carry_out(decide(groups_, token, now), now, ready);
      arm();
    }
  }
  if (refused != ErrorCode::none) return give(fail(refused));
  for (Task& task : ready) task();
}

void GroupShard::run_all(
    const std::function<std::vector<group::Step>(group::Coordinator&, group::Now)>& decide) {
  std::vector<Task> ready;
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::active) return;
    const group::Now now = time();
    for (group::Step& step : decide(groups_, now)) carry_out(std::move(step), now, ready);
    arm();
  }
  for (Task& task : ready) task();
}

// Append, apply, and see to it that the answers leave once the records are committed.
void GroupShard::carry_out(group::Step step, group::Now now, std::vector<Task>& ready) {
  while (!step.records.empty()) {
    const ErrorCode error = append(step, now);
    if (error == ErrorCode::none) break;
    step = groups_.append_failed(std::move(step), error, now);
  }
  for (auto& [token, answer] : step.answers) {
    auto waiting = waiting_.extract(token);
    if (waiting.empty()) continue;
    hold(
        mutants_.has(Mutant::node_offsets_answered_early) ? 0 : end_offset_, *waiting.mapped().loop,
        [give = std::move(waiting.mapped().give), answer = std::move(answer)](ErrorCode code) mutable {
          give(code == ErrorCode::none ? Result<group::Answer>(std::move(answer)) : fail(code));
        },
        ready);
  }
}

void GroupShard::hold(int64_t end_offset, Loop& loop, std::move_only_function<void(ErrorCode)> give,
                      std::vector<Task>& ready) {
  held_->add(end_offset, {&loop, [give = std::move(give)](ErrorCode code) mutable { give(told_as(code)); }},
             ready);
}

void GroupShard::confirm(HeldAnswers& unconfirmed, int64_t asked, Loop& loop,
                         std::move_only_function<void(ErrorCode)> give) {
  std::vector<Task> ready;
  unconfirmed.add(asked, {&loop, std::move(give)}, ready);
  for (Task& task : ready) task();
}

ErrorCode GroupShard::append(const group::Step& step, group::Now now) {
  const auto end_offset =
      partition_->append_from_coordinator(batch_of(step.records, now.wall_ms), leads_since_);
  if (!end_offset) return told_as(end_offset.error().code);
  end_offset_ = *end_offset;
  for (const group::Record& record : step.records) groups_.apply(record, now);
  return ErrorCode::none;
}

// What members are told of an append that failed, or is not committed (semantics G2).
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

GroupShard::Listed GroupShard::list() {
  const std::lock_guard lock(mutex_);
  if (const ErrorCode code = readiness(); code != ErrorCode::none) return {code, {}};
  return {ErrorCode::none, groups_.list()};
}

void GroupShard::arm() {
  if (state_ != State::active) return;
  const int64_t deadline_ms = groups_.deadline_ms();
  if (deadline_ms >= armed_ms_) return;
  armed_ms_ = deadline_ms;
  const int64_t delay_ms = std::max<int64_t>(0, deadline_ms - clock_.monotonic_ms());
  home_.post([self = shared_from_this(), delay_ms, deadline_ms] {
    self->home_.after(delay_ms, [self, deadline_ms] {
      {
        const std::lock_guard lock(self->mutex_);
        if (self->armed_ms_ == deadline_ms) self->armed_ms_ = INT64_MAX;
      }
      self->run_all([](group::Coordinator& groups, group::Now now) { return groups.tick(now); });
    });
  });
}

}  // namespace kt::node
