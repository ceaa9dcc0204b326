#pragma once
#include <functional>
#include <memory>
#include <string>

#include "libbroker/base/result.h"
#include "libbroker/node/node.h"

namespace kt::cli::server {

class LabNode;

/// A Node on this machine: its threads (one for control, one per data loop, a pool for the disk) and its end by signal.
class Process {
 public:
  /// `lab` is null but for a lab's node; all outlive it.
  Process(Disk& disk, Clock& clock, node::Node::Options options, LabNode* lab = nullptr);
  ~Process();

  /// Starts the threads and the node; returns once it serves. Errors: one sentence on why it cannot.
  Result<node::Node::Serving> start();
  /// Waits for SIGTERM or SIGINT, or for the node's own failure, then stops cleanly; a second signal ends the process at
  /// once. Returns the failure, if that was the reason.
  Result<void> run_until_signal();

 private:
  struct Threads;
  Disk& disk_;
  Clock& clock_;
  node::Node::Options options_;
  LabNode* const lab_;
  std::unique_ptr<Threads> threads_;
};

}  // namespace kt::cli::server
