// How a node ends: what it leads is handed over, then nobody is served any more, then everything is on the
// medium.
#include <atomic>
#include <utility>

#include "libbroker/node/listening.h"
#include "libbroker/node/monitoring.h"
#include "libbroker/node/node.h"

namespace kt::node {

void Node::stop(std::move_only_function<void(Result<void>)> stopped) {
  monitoring_.reset();
  auto close = [this, stopped = std::move(stopped)]() mutable {
    hand_over([this, stopped = std::move(stopped)]() mutable {
      close_servers([this, stopped = std::move(stopped)]() mutable { close_storage(std::move(stopped)); });
    });
  };
  if (lifecycle_)
    lifecycle_->begin_controlled_shutdown(std::move(close));
  else
    close();
}

/// The other voters need not find out by themselves that this one leads no more.
void Node::hand_over(Task done) {
  const raft::Raft& raft = quorum_->raft();
  if (!raft.is_voter() || raft.voters().voters().size() == 1) return done();
  quorum_->resign(std::move(done));
}

void Node::close_servers(Task closed) {
  if (listening_.empty()) return closed();
  const auto left = std::make_shared<std::atomic<size_t>>(listening_.size());
  const auto shared = std::make_shared<Task>(std::move(closed));
  for (const auto& listening : listening_) {
    listening->close([this, left, shared] {
      if (--*left == 0) seams_.control.post([shared] { (*shared)(); });
    });
  }
}

void Node::close_storage(std::move_only_function<void(Result<void>)> closed) {
  if (lifecycle_) lifecycle_->stop();
  assignments_.reset();
  isr_changes_.reset();
  controller_registration_.reset();
  controller_->stop();
  route_->stop();
  quorum_service_->stop();
  snapshots_->stop();
  alive_.reset();
  if (options_.mutants.has(Mutant::node_marks_clean_first)) {
    (void)directories_.mark_clean(lifecycle_ ? lifecycle_->epoch() : -1);
  }
  replicas_->close([this, closed = std::move(closed)](Result<void> outcome) mutable {
    quorum_network_.reset();
    if (outcome) outcome = quorum_->close();
    if (outcome) outcome = directories_.mark_clean(lifecycle_ ? lifecycle_->epoch() : -1);
    closed(std::move(outcome));
  });
}

}  // namespace kt::node
