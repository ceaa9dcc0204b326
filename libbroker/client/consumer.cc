#include "libbroker/client/consumer.h"

#include <algorithm>
#include <utility>

#include "libbroker/base/assert.h"

namespace kt::client {
namespace {

Error no_group() {
  return {
      ErrorCode::invalid_group_id,
      "To use the group management or offset commit APIs, you must provide a valid group.id in the consumer "
      "configuration."};
}

}  // namespace

Consumer::Consumer(Cluster& cluster, ConsumerOptions options)
    : cluster_(cluster),
      options_(std::move(options)),
      watch_(cluster, {options_.metadata_max_age_ms, options_.allows_auto_creation},
             [this](const Error&) { on_topology(); }),
      fetcher_(cluster, options_.fetching,
               {options_.reset, options_.group_id.has_value(), cluster.options().retry_backoff_ms},
               [this] { pump(); }),
      next_auto_commit_ms_(now_ms() + options_.auto_commit_interval_ms) {
  if (options_.group_id) coordinator_ = std::make_unique<Coordinator>(cluster, *options_.group_id);
}

Consumer::~Consumer() { cluster_.loop().cancel(timer_); }

void Consumer::assign(std::set<TopicPartition> partitions) {
  KT_ASSERT(!session_);
  fetcher_.positions().assign(partitions);
  watch_topics();
  pump_soon();
}

Result<void> Consumer::subscribe(std::set<std::string> topics, RebalanceListener listener) {
  if (auto begun = begin_membership(std::move(listener)); !begun) return begun;
  matches_ = nullptr;
  session_->subscribe(std::move(topics));
  watch_topics();
  return {};
}

Result<void> Consumer::subscribe_matching(std::function<bool(std::string_view)> matches,
                                          RebalanceListener listener) {
  if (auto begun = begin_membership(std::move(listener)); !begun) return begun;
  matches_ = std::move(matches);
  watch_topics();
  return {};
}

Result<void> Consumer::begin_membership(RebalanceListener listener) {
  if (!coordinator_) return fail(no_group());
  listener_ = std::move(listener);
  pump_soon();
  if (session_) return {};
  fetcher_.positions().assign({});
  consuming::Membership::Options membership{.group_id = *options_.group_id,
                                            .instance_id = options_.instance_id,
                                            .assignors = options_.assignors,
                                            .rack = options_.fetching.rack,
                                            .session_timeout_ms = options_.session_timeout_ms,
                                            .heartbeat_interval_ms = options_.heartbeat_interval_ms,
                                            .poll_interval_ms_max = options_.poll_interval_ms_max,
                                            .retry_backoff_ms = cluster_.options().retry_backoff_ms};
  session_ = std::make_unique<GroupSession>(
      cluster_, *coordinator_, std::move(membership),
      GroupSession::Calls{[this](const auto& what) { revoke(what); },
                          [this](const auto& what) { take_assignment(what); }, [this] { pump(); }});
  return {};
}

void Consumer::unsubscribe() {
  leave([](Result<void>) {});
  session_.reset();
  matches_ = nullptr;
  is_revoking_ = false;
  fetcher_.positions().assign({});
  watch_topics();
}

void Consumer::leave(Then<void> then) {
  if (session_) return session_->leave(std::move(then));
  cluster_.loop().post([then = std::move(then)]() mutable { then({}); });
}

void Consumer::watch_topics() {
  if (matches_) return watch_.want_only(std::nullopt);
  std::set<std::string> topics;
  if (session_) topics = session_->membership().watched_topics();
  for (const TopicPartition& p : assignment()) topics.insert(p.topic);
  watch_.want_only(std::move(topics));
}

void Consumer::on_topology() {
  if (session_) {
    const auto& topics = cluster_.topology().topics;
    if (matches_) {
      std::set<std::string> matching;
      for (const auto& [name, topic] : topics) {
        const bool is_hidden = topic.is_internal && options_.excludes_internal_topics;
        if (topic.error_code == ErrorCode::none && !is_hidden && matches_(name)) matching.insert(name);
      }
      if (!matching.empty() || session_->is_subscribed()) session_->subscribe(std::move(matching));
    }
    session_->on_topology();
  }
  pump();
}

void Consumer::revoke(const consuming::Revoke& revoke) {
  is_revoking_ = true;
  if (revoke.lost || !may_auto_commit()) return finish_revoke(revoke);
  commit([this, alive = std::weak_ptr(alive_), session = session_.get(), revoke](Result<void>) {
    if (!alive.expired() && session == session_.get()) finish_revoke(revoke);
  });
}

void Consumer::finish_revoke(const consuming::Revoke& revoke) {
  is_revoking_ = false;
  std::set<TopicPartition> kept;
  for (const TopicPartition& p : assignment()) {
    if (!revoke.partitions.contains(p)) kept.insert(p);
  }
  fetcher_.positions().assign(kept);
  const RebalanceListener::Call& call = revoke.lost && listener_.lost ? listener_.lost : listener_.revoked;
  if (call) call(revoke.partitions);
  session_->revoked();
  pump_soon();
}

void Consumer::take_assignment(const consuming::Assigned& assigned) {
  fetcher_.positions().assign(assigned.all);
  watch_topics();
  if (listener_.assigned) listener_.assigned(assigned.added);
  pump_soon();
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
  commit(std::move(offsets), options_.api_timeout_ms, std::move(then));
}

void Consumer::commit(Offsets offsets, int64_t retry_ms, Then<void> then) {
  if (!coordinator_) {
    return cluster_.loop().post([then = std::move(then)]() mutable {
      then(fail(ErrorCode::invalid_group_id,
                "To use the group management or offset commit APIs, you must provide a "
                "valid group.id in the consumer configuration."));
    });
  }
  if (offsets.empty()) return cluster_.loop().post([then = std::move(then)]() mutable { then({}); });
  const Committer by = session_ ? session_->committer() : Committer{};
  commit_offsets(
      *coordinator_, by, offsets, retry_ms,
      [this, alive = std::weak_ptr(alive_), by, then = std::move(then)](Result<void> committed) mutable {
        if (!alive.expired() && !committed && session_ && session_->committer().member_id == by.member_id) {
          session_->on_commit_error(committed.error().code);
        }
        then(std::move(committed));
      });
}

void Consumer::committed(std::set<TopicPartition> of, Then<Offsets> then) {
  if (!coordinator_) {
    return cluster_.loop().post([then = std::move(then)]() mutable { then(fail(no_group())); });
  }
  fetch_offsets(*coordinator_, std::move(of), options_.fetching.reads_committed, options_.api_timeout_ms,
                std::move(then));
}

void Consumer::close(Then<void> then) {
  auto end = [this, alive = std::weak_ptr(alive_), then = std::move(then)](Result<void> committed) mutable {
    if (alive.expired()) return;
    leave([committed = std::move(committed), then = std::move(then)](Result<void>) mutable {
      then(std::move(committed));
    });
  };
  if (may_auto_commit()) return commit(std::move(end));
  cluster_.loop().post([end = std::move(end)]() mutable { end({}); });
}

bool Consumer::may_auto_commit() const {
  if (!coordinator_ || !options_.auto_commits) return false;
  return !session_ || session_->committer().generation_id >= 0;
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
  if (session_) {
    if (poll_) session_->polled();
    session_->pump(poll_.has_value());
    if (session_->failure().code != ErrorCode::none) error_ = session_->failure();
  }
  const int64_t now_ms = this->now_ms();
  look_up(now_ms);
  fetcher_.pump(now_ms);
  auto_commit(now_ms);
  if (fetcher_.positions().take_stale_metadata()) watch_.mark_stale();
  if (finish_poll(now_ms)) arm(now_ms);
}

void Consumer::look_up(int64_t now_ms) {
  const auto wanted = fetcher_.positions().to_look_up(now_ms);
  if (wanted.empty()) return;
  std::set<TopicPartition> partitions;
  for (const auto& asked : wanted) partitions.insert(asked.partition);
  fetch_offsets(*coordinator_, std::move(partitions), true, options_.api_timeout_ms,
                [this, alive = std::weak_ptr(alive_), wanted](Result<Offsets> offsets) {
                  if (alive.expired()) return;
                  for (const auto& asked : wanted) {
                    if (!offsets) {
                      fetcher_.positions().ask_failed(asked.partition, asked.token, this->now_ms());
                    } else {
                      const auto found = offsets->find(asked.partition);
                      fetcher_.positions().looked_up(
                          asked, found == offsets->end() ? std::nullopt : std::optional(found->second));
                    }
                  }
                  if (!offsets && !is_retriable(offsets.error().code)) error_ = offsets.error();
                  pump();
                });
}

/// While a poll waits, the caller is done with what it was given before.
void Consumer::auto_commit(int64_t now_ms) {
  if (!poll_ || !may_auto_commit() || is_committing_ || is_revoking_ || now_ms < next_auto_commit_ms_) return;
  next_auto_commit_ms_ = now_ms + options_.auto_commit_interval_ms;
  is_committing_ = true;
  // Not these again: a later commit may be of more, and its partitions another member's by then.
  commit(fetcher_.positions().positions(), 0,
         [this, alive = std::weak_ptr(alive_)](const Result<void>& committed) {
           if (alive.expired()) return;
           is_committing_ = false;
           if (committed || !is_retriable(committed.error().code)) return;  // until the next interval
           next_auto_commit_ms_ = this->now_ms() + cluster_.options().retry_backoff_ms;
           pump_soon();
         });
}

bool Consumer::finish_poll(int64_t now_ms) {
  for (Error& error : fetcher_.positions().take_errors()) {
    if (!error_) error_ = std::move(error);
  }
  if (!poll_) return true;
  Result<Polled> polled;
  if (error_) {
    polled = fail(*std::exchange(error_, std::nullopt));
  } else {
    polled = is_revoking_ ? Polled{} : fetcher_.take(options_.records_max);
    if (polled->empty() && now_ms < poll_->until_ms) return true;
  }
  Then<Polled> then = std::move(poll_->then);
  poll_.reset();
  fetcher_.pump(now_ms);  // room was made
  const std::weak_ptr<bool> alive = alive_;
  then(std::move(polled));
  return !alive.expired();
}

void Consumer::arm(int64_t now_ms) {
  cluster_.loop().cancel(timer_);
  int64_t at_ms = fetcher_.positions().deadline_ms(now_ms);
  if (poll_) at_ms = std::min(at_ms, poll_->until_ms);
  if (poll_ && may_auto_commit() && !is_committing_ && !is_revoking_)
    at_ms = std::min(at_ms, next_auto_commit_ms_);
  if (session_) at_ms = std::min(at_ms, session_->deadline_ms(poll_.has_value()));
  if (at_ms == INT64_MAX) return;
  timer_ = cluster_.loop().after(std::max<int64_t>(at_ms - now_ms, 0), [this] { pump(); });
}

}  // namespace kt::client
