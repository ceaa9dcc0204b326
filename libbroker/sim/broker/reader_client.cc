#include "libbroker/sim/broker/reader_client.h"

#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "libbroker/client/cluster.h"
#include "libbroker/client/consumer.h"
#include "libbroker/sim/broker/client_setup.h"
#include "libbroker/sim/broker/polls.h"
#include "libbroker/sim/chance.h"

namespace kt::sim {
namespace {

constexpr int64_t poll_ms = 500;
constexpr int64_t end_of_log_ms = 5'000;  // an empty poll of this long, when nothing goes wrong, is the end
constexpr int64_t start_over_ms_mean = 20'000;  // between two readings from the start

client::ConsumerOptions consumer_options(const Workload& workload) {
  client::ConsumerOptions options;
  options.reset = consuming::Reset::earliest;
  options.auto_commits = false;
  options.allows_auto_creation = false;
  options.api_timeout_ms = 20'000;
  options.fetching.partition_bytes_max = workload.options().fetch_bytes_max;
  options.metadata_max_age_ms = 2 * workload.options().request_timeout_ms;
  return options;
}

/// Reads one topic.
class TopicReader {
 public:
  TopicReader(Machine& machine, std::vector<Endpoint> brokers, Workload& workload, size_t topic)
      : machine_(machine),
        workload_(workload),
        topic_(workload.topics()[topic]),
        is_committing_(topic == 0),
        cluster_(machine.loop(), machine.net(), machine.clock(),
                 cluster_options(std::move(brokers), workload)),
        history_(workload, topic_.recorder),
        commits_(workload, topic_.recorder, 0) {
    if (is_committing_) {
      workload_.next_reader_group();  // what an earlier life committed last may still arrive
      commit_later();
    }
    start_over();
  }

 private:
  void start_over() {
    client::ConsumerOptions options = consumer_options(workload_);
    if (is_committing_) {
      options.group_id = workload_.reader_group();
      options.api_timeout_ms = 0;  // one attempt: of a commit that was sent twice the first may come last
      commits_.set_group(1 + workload_.reader_group_number());
    }
    consumer_ = std::make_unique<client::Consumer>(cluster_, options);
    consumer_->assign(partitions_of(topic_));
    for (const TopicPartition& p : consumer_->assignment()) (void)consumer_->seek_to_beginning(p);
    history_.new_process();
    history_.began(OpKind::assign, topic_);
    starts_over_ns_ = workload_.now_ns() + exponential(machine_.rng(), start_over_ms_mean) * 1'000'000;
    poll();
  }

  void poll() {
    consumer_->poll(poll_ms, [this, begun_ns = workload_.now_ns()](Result<client::Consumer::Polled> polled) {
      if (!polled) {
        workload_.violated(fmt::format("a poll of {} failed: {}, {}", topic_.name,
                                       name_of(polled.error().code), polled.error().message));
        return;
      }
      const size_t records = history_.polled(begun_ns, polled_of(workload_, *polled));
      workload_.polled += records;
      if (records > 0) workload_.progressed("a reader of " + topic_.name);
      machine_.loop().post([this] {
        // A commit may have begun since; it ends with its consumer, and nobody is told.
        const bool may_start_over = !is_in_commit_ && workload_.now_ns() > starts_over_ns_;
        may_start_over ? start_over() : poll();
      });
    });
  }

  void commit_later() {
    machine_.loop().after(exponential(machine_.rng(), workload_.options().commit_interval_ms), [this] {
      if (workload_.is_over) return;
      is_in_commit_ = true;
      const auto then = [this](Result<void> outcome) {
        is_in_commit_ = false;
        if (outcome) workload_.progressed("a reader's commits");
        if (!outcome) {
          workload_.next_reader_group();
          starts_over_ns_ = 0;
        }
        commit_later();
      };
      if (machine_.rng().below(3) == 0) {
        commits_.ask(*consumer_, partitions_of(topic_), then);
      } else {
        commits_.commit(*consumer_, then);
        if (workload_.reader_commits) workload_.reader_commits();
      }
    });
  }

  Machine& machine_;
  Workload& workload_;
  WorkloadTopic& topic_;
  const bool is_committing_;
  client::Cluster cluster_;
  std::unique_ptr<client::Consumer> consumer_;
  ConsumerHistory history_;
  CommitHistory commits_;
  int64_t starts_over_ns_ = 0;
  bool is_in_commit_ = false;
};

class ReaderClient {
 public:
  ReaderClient(Machine& machine, std::vector<Endpoint> brokers, Workload& workload)
      : machine_(machine), brokers_(std::move(brokers)), workload_(workload) {
    machine_.loop().post([this] { begin(); });
  }

 private:
  void begin() {
    if (!workload_.is_ready) {
      machine_.loop().after(50, [this] { begin(); });
      return;
    }
    for (size_t topic = 0; topic < workload_.topics().size(); ++topic) {
      readers_.push_back(std::make_unique<TopicReader>(machine_, brokers_, workload_, topic));
    }
  }

  Machine& machine_;
  const std::vector<Endpoint> brokers_;
  Workload& workload_;
  std::vector<std::unique_ptr<TopicReader>> readers_;
};

/// Topic after topic, then group after group.
class FinalReader {
 public:
  FinalReader(Machine& machine, std::vector<Endpoint> brokers, Workload& workload, bool& done)
      : machine_(machine), brokers_(std::move(brokers)), workload_(workload), done_(done) {
    machine_.loop().post([this] { next_topic(); });
  }

 private:
  WorkloadTopic& topic() { return workload_.topics()[at_]; }

  void open(std::optional<std::string> group) {
    consumer_.reset();
    cluster_ = std::make_unique<client::Cluster>(machine_.loop(), machine_.net(), machine_.clock(),
                                                 cluster_options(brokers_, workload_));
    client::ConsumerOptions options = consumer_options(workload_);
    options.group_id = std::move(group);
    consumer_ = std::make_unique<client::Consumer>(*cluster_, options);
  }

  void next_topic() {
    if (at_ == workload_.topics().size()) return next_group();
    open(std::nullopt);
    history_.emplace(workload_, topic().recorder);
    history_->began(OpKind::assign, topic());
    consumer_->assign(partitions_of(topic()));
    scanned_.clear();
    positions_.clear();
    for (const Key key : keys_of(topic())) scanned_.push_back({key, {}});
    poll();
  }

  void poll() {
    consumer_->poll(end_of_log_ms,
                    [this, begun_ns = workload_.now_ns()](Result<client::Consumer::Polled> polled) {
                      if (!polled) {
                        workload_.violated(fmt::format("the final poll of {} failed: {}, {}", topic().name,
                                                       name_of(polled.error().code), polled.error().message));
                        return;
                      }
                      auto parts = polled_of(workload_, *polled);
                      for (const Polled& part : parts) {
                        auto& reads = scanned_[part.key].reads;
                        reads.insert(reads.end(), part.reads.begin(), part.reads.end());
                      }
                      const bool has_none = history_->polled(begun_ns, std::move(parts)) == 0;
                      const bool is_end = has_none && !has_moved();  // compaction may leave little in a lot
                      machine_.loop().post([this, is_end] { is_end ? end_topic() : poll(); });
                    });
  }

  /// Since it was asked last.
  bool has_moved() {
    std::vector<int64_t> now;
    for (const TopicPartition& p : consumer_->assignment()) {
      const auto position = consumer_->position(p);
      now.push_back(position ? position->offset : -1);
    }
    return std::exchange(positions_, now) != now;
  }

  void end_topic() {
    if (topic().is_retained) {
      check_retained();
    } else {
      record_scan();
    }
    ++at_;
    next_topic();
  }

  /// Retention takes a log's oldest records, and no others.
  void check_retained() {
    for (const Polled& part : scanned_) {
      if (part.reads.empty()) continue;
      const auto& acknowledged = topic().acknowledged[part.key];
      for (auto at = acknowledged.lower_bound(part.reads.front().offset); at != acknowledged.end(); ++at) {
        if (std::ranges::binary_search(part.reads, Read{at->first, at->second})) continue;
        workload_.violated(fmt::format("retention-loss: {}-{} begins at {} and lacks {} at {}", topic().name,
                                       part.key, part.reads.front().offset, at->second, at->first));
        break;
      }
    }
  }

  void record_scan() {
    const int32_t process = topic().recorder.new_process();
    for (const OpType type : {OpType::invoke, OpType::ok}) {
      Op op = op_at(workload_.now_ns(), process, OpKind::debug, type);
      op.mops.push_back(
          {.kind = MopKind::scan, .polled = type == OpType::ok ? scanned_ : std::vector<Polled>{}});
      topic().recorder.add(std::move(op));
    }
  }

  void next_group() {
    if (group_ > workload_.reader_group_number()) {
      done_ = true;
      return;
    }
    const WorkloadTopic& first = workload_.topics()[0];
    open(fmt::format("readers-{}", group_));
    commits_.emplace(workload_, workload_.topics()[0].recorder, 1 + group_);
    commits_->ask(*consumer_, partitions_of(first), [this](Result<void> asked) {
      if (!asked)
        workload_.violated(
            fmt::format("what group readers-{} committed is not told: {}", group_, asked.error().message));
      ++group_;
      machine_.loop().post([this] { next_group(); });
    });
  }

  Machine& machine_;
  const std::vector<Endpoint> brokers_;
  Workload& workload_;
  bool& done_;
  size_t at_ = 0;
  uint32_t group_ = 0;
  std::unique_ptr<client::Cluster> cluster_;
  std::unique_ptr<client::Consumer> consumer_;
  std::optional<ConsumerHistory> history_;
  std::optional<CommitHistory> commits_;
  std::vector<Polled> scanned_;
  std::vector<int64_t> positions_;  // when it was asked last whether they have moved
};

/// Polls, commits, polls.
class MemberClient {
 public:
  MemberClient(Machine& machine, std::vector<Endpoint> brokers, Workload& workload)
      : machine_(machine),
        workload_(workload),
        cluster_(machine.loop(), machine.net(), machine.clock(),
                 cluster_options(std::move(brokers), workload)),
        history_(workload, workload.group_history()),
        commits_(workload, workload.group_history(), 0, true) {
    machine_.loop().post([this] { begin(); });
  }

 private:
  void begin() {
    if (!workload_.is_ready) {
      machine_.loop().after(50, [this] { begin(); });
      return;
    }
    client::ConsumerOptions options = consumer_options(workload_);
    options.group_id = "members";
    options.session_timeout_ms = workload_.options().session_timeout_ms;
    options.heartbeat_interval_ms = options.session_timeout_ms / 4;
    options.poll_interval_ms_max = 30'000;
    consumer_ = std::make_unique<client::Consumer>(cluster_, options);
    history_.new_process();
    history_.began(OpKind::subscribe, workload_.topics()[0]);
    if (auto subscribed = consumer_->subscribe({workload_.topics()[0].name}); !subscribed) {
      return workload_.violated("a member may not subscribe: " + subscribed.error().message);
    }
    poll();
  }

  void poll() {
    consumer_->poll(poll_ms, [this, begun_ns = workload_.now_ns()](Result<client::Consumer::Polled> polled) {
      if (!polled) {
        workload_.violated(fmt::format("a member's poll failed: {}, {}", name_of(polled.error().code),
                                       polled.error().message));
        return;
      }
      for (const auto& part : *polled) {
        int64_t& end = workload_.group_end[static_cast<Key>(part.partition.partition)];
        for (const auto& record : part.records) end = std::max(end, record.offset + 1);
      }
      const bool is_empty = history_.polled(begun_ns, polled_of(workload_, *polled)) == 0;
      if (!is_empty) workload_.progressed("the group's reading");
      machine_.loop().post([this, is_empty] { is_empty ? poll() : commit(); });
    });
  }

  void commit() {
    commits_.commit(*consumer_, [this](const Result<void>& committed) {
      if (committed) workload_.progressed("the group's commits");
      machine_.loop().post([this] { poll(); });
    });
  }

  Machine& machine_;
  Workload& workload_;
  client::Cluster cluster_;
  std::unique_ptr<client::Consumer> consumer_;
  ConsumerHistory history_;
  CommitHistory commits_;
};

template <class Client>
Program program_of(std::vector<Endpoint> brokers, Workload& workload) {
  return [brokers = std::move(brokers), &workload](Machine& machine) -> Process {
    return std::make_shared<Client>(machine, brokers, workload);
  };
}

}  // namespace

Program reader_program(std::vector<Endpoint> brokers, Workload& workload) {
  return program_of<ReaderClient>(std::move(brokers), workload);
}

Program member_program(std::vector<Endpoint> brokers, Workload& workload) {
  return program_of<MemberClient>(std::move(brokers), workload);
}

Program final_reader_program(std::vector<Endpoint> brokers, Workload& workload, bool& done) {
  return [brokers = std::move(brokers), &workload, &done](Machine& machine) -> Process {
    return std::make_shared<FinalReader>(machine, brokers, workload, done);
  };
}

}  // namespace kt::sim
