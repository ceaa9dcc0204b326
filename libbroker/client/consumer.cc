#include "libbroker/client/consumer.h"

#include <algorithm>
#include <utility>

#include "libbroker/base/assert.h"

namespace kt::client {

Consumer::Consumer(Cluster& cluster, ConsumerOptions options)
    : cluster_(cluster),
      options_(std::move(options)),
      watch_(cluster, {options_.metadata_max_age_ms, options_.allows_auto_creation},
             [this](const Error&) { pump(); }),
      fetcher_(cluster, options_.fetching,
               {options_.reset, options_.group_id.has_value(), cluster.options().retry_backoff_ms},
               [this] { pump(); }),
      next_auto_commit_ms_(now_ms() + options_.auto_commit_interval_ms) {
  if (options_.group_id) coordinator_ = std::make_unique<Coordinator>(cluster, *options_.group_id);
}

Consumer::~Consumer() { cluster_.loop().cancel(timer_); }

void Consumer::assign(std::set<TopicPartition> partitions) {
  fetcher_.positions().assign(partitions);
  watch_topics();
  pump_soon();
}

void Consumer::watch_topics() {
  std::set<std::string> topics;
  for (const TopicPartition& p : assignment()) topics.insert(p.topic);
  watch_.want_only(std::move(topics));
}

void Consumer::poll(int64_t timeout_ms, Then<Polled> then) {
  KT_ASSERT(!poll_);
  poll_ = Poll{now_ms() + timeout_ms, std::move(then)};
  pump_soon();
}

void Consumer::wake() {
  if (poll_) poll_->until_ms = now_ms();
  pump_soon();
}

Result<void> Consumer::seek(const TopicPartition& p, int64_t offset, int32_t leader_epoch) {
  pump_soon();
  return fetcher_.positions().seek(p, offset, leader_epoch);
}

Result<void> Consumer::seek_to_time(const TopicPartition& p, int64_t timestamp) {
  pump_soon();
  return fetcher_.positions().seek_to_time(p, timestamp);
}

Result<void> Consumer::set_paused(const TopicPartition& p, bool is_paused) {
  pump_soon();
  return fetcher_.positions().pause(p, is_paused);
}

void Consumer::commit(Offsets offsets, Then<void> then) {
  if (!coordinator_) {
    return cluster_.loop().post([then = std::move(then)]() mutable {
      then(fail(ErrorCode::invalid_group_id,
                "To use the group management or offset commit APIs, you must provide a "
                "valid group.id in the consumer configuration."));
    });
  }
  if (offsets.empty()) return cluster_.loop().post([then = std::move(then)]() mutable { then({}); });
  commit_offsets(*coordinator_, {}, offsets, options_.api_timeout_ms, std::move(then));
}

void Consumer::committed(std::set<TopicPartition> of, Then<Offsets> then) {
  if (!coordinator_) {
    return cluster_.loop().post(
        [then = std::move(then)]() mutable { then(fail(ErrorCode::invalid_group_id)); });
  }
  fetch_offsets(*coordinator_, std::move(of), options_.fetching.reads_committed, options_.api_timeout_ms,
                std::move(then));
}

void Consumer::close(Then<void> then) {
  if (coordinator_ && options_.auto_commits) return commit(std::move(then));
  cluster_.loop().post([then = std::move(then)]() mutable { then({}); });
}

void Consumer::pump_soon() {
  if (std::exchange(is_pump_posted_, true)) return;
  cluster_.loop().post([this, alive = std::weak_ptr(alive_)] {
    if (alive.expired()) return;
    is_pump_posted_ = false;
    pump();
  });
}

void Consumer::pump() {
  look_up();
  fetcher_.pump();
  auto_commit();
  if (fetcher_.positions().take_stale_metadata()) watch_.mark_stale();
  if (finish_poll()) arm();
}

void Consumer::look_up() {
  const std::vector<TopicPartition> wanted = fetcher_.positions().to_look_up(now_ms());
  if (wanted.empty()) return;
  fetch_offsets(*coordinator_, std::set(wanted.begin(), wanted.end()), true, options_.api_timeout_ms,
                [this, alive = std::weak_ptr(alive_), wanted](Result<Offsets> offsets) {
                  if (alive.expired()) return;
                  for (const TopicPartition& p : wanted) {
                    if (!offsets) {
                      fetcher_.positions().ask_failed(p, now_ms());
                    } else {
                      const auto found = offsets->find(p);
                      fetcher_.positions().looked_up(
                          p, found == offsets->end() ? std::nullopt : std::optional(found->second));
                    }
                  }
                  if (!offsets) error_ = offsets.error();
                  pump();
                });
}

void Consumer::auto_commit() {
  if (!coordinator_ || !options_.auto_commits || is_committing_ || now_ms() < next_auto_commit_ms_) return;
  next_auto_commit_ms_ = now_ms() + options_.auto_commit_interval_ms;
  is_committing_ = true;
  commit([this,
          alive = std::weak_ptr(alive_)](Result<void>) {  // what failed is tried again at the next interval
    if (!alive.expired()) is_committing_ = false;
  });
}

bool Consumer::finish_poll() {
  for (Error& error : fetcher_.positions().take_errors()) {
    if (!error_) error_ = std::move(error);
  }
  if (!poll_) return true;
  Result<Polled> polled;
  if (error_) {
    polled = fail(*std::exchange(error_, std::nullopt));
  } else {
    polled = fetcher_.take(options_.records_max);
    if (polled->empty() && now_ms() < poll_->until_ms) return true;
  }
  Then<Polled> then = std::move(poll_->then);
  poll_.reset();
  fetcher_.pump();  // room was made
  const std::weak_ptr<bool> alive = alive_;
  then(std::move(polled));
  return !alive.expired();
}

void Consumer::arm() {
  cluster_.loop().cancel(timer_);
  int64_t at_ms = fetcher_.positions().deadline_ms(now_ms());
  if (poll_) at_ms = std::min(at_ms, poll_->until_ms);
  if (coordinator_ && options_.auto_commits && !is_committing_) at_ms = std::min(at_ms, next_auto_commit_ms_);
  if (at_ms == INT64_MAX) return;
  timer_ = cluster_.loop().after(std::max<int64_t>(at_ms - now_ms(), 0), [this] { pump(); });
}

}  // namespace kt::client
