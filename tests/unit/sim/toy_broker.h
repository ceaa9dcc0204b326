#pragma once
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "libbroker/sim/history/recorder.h"
#include "tests/unit/sim/toy.h"

namespace kt::sim::toy {

/// The smallest thing that can lose an acknowledged write: one log in one file. A request is a number: to
/// send it, or, with `poll_bit`, to get the value at an offset. The answer to a send is its offset, to a poll
/// the value or `nothing`. Answered sends are flushed, and only flushed records are polled, unless a mutant
/// says otherwise.
class Broker {
 public:
  static constexpr uint64_t poll_bit = uint64_t{1} << 62, nothing = ~uint64_t{0};

  Broker(Machine& machine, Mutants mutants)
      : machine_(machine),
        mutants_(mutants),
        server_(machine, [this](uint64_t connection, uint64_t number) { serve(connection, number); }) {
    if (!recover()) machine_.exit();
  }

 private:
  static constexpr size_t record_bytes = 1000;  // the value, and a check of it and its place; crosses pages

  static std::vector<std::byte> encode(uint64_t value, uint64_t offset) {
    std::vector<std::byte> bytes(record_bytes);
    store_be(bytes.data(), value);
    SeededRng noise(value * 31 + offset);
    for (size_t i = 8; i < record_bytes; ++i) bytes[i] = static_cast<std::byte>(noise.next());
    return bytes;
  }

  bool recover() {
    auto file = machine_.disk().open("wal", Disk::Mode::create);
    if (!file || !machine_.disk().sync_directory("/")) return false;
    file_ = std::move(*file);
    std::vector<std::byte> record(record_bytes), whole;
    for (;;) {
      const auto read = file_->read_at(values_.size() * record_bytes, record);
      if (!read) return false;
      const auto value = load_be<uint64_t>(record.data());
      if (*read < record_bytes || record != encode(value, values_.size())) break;
      values_.push_back(value);
      whole.insert(whole.end(), record.begin(), record.end());
    }
    flushed_ = values_.size();
    // Written again: after a flush that failed in an earlier life, the kernel may take pages for clean that
    // are not.
    const bool rewrites = !mutants_.has(Mutant::sim_wal_trusts_the_cache);
    if (rewrites && !file_->write_at(0, whole)) return false;
    return file_->truncate(whole.size()) && file_->sync();
  }

  void serve(uint64_t connection, uint64_t number) {
    if (number & poll_bit) {
      const uint64_t offset = number & ~poll_bit;
      return server_.send(connection, offset < flushed_ ? values_[offset] : nothing);
    }
    const uint64_t offset = values_.size();
    if (!file_->write_at(offset * record_bytes, encode(number, offset))) return machine_.exit();
    values_.push_back(number);
    waiting_.push_back({connection, offset});
    flush();
  }

  void flush() {
    if (is_flushing_ || flushed_ == values_.size()) return;
    is_flushing_ = true;
    machine_.executor().run([this, end = values_.size()] {
      const bool is_done = mutants_.has(Mutant::sim_wal_not_synced) || file_->sync();
      machine_.loop().post([this, end, is_done] { flushed(end, is_done); });
    });
  }

  void flushed(uint64_t end, bool is_done) {
    if (!is_done) return machine_.exit();  // never retried
    is_flushing_ = false;
    flushed_ = end;
    for (; !waiting_.empty() && waiting_.front().offset < end; waiting_.pop_front()) {
      server_.send(waiting_.front().connection, waiting_.front().offset);
    }
    flush();
  }

  struct Waiting {
    uint64_t connection, offset;
  };
  Machine& machine_;
  const Mutants mutants_;
  std::unique_ptr<File> file_;
  std::vector<uint64_t> values_;
  uint64_t flushed_ = 0;  // how many of them
  bool is_flushing_ = false;
  std::deque<Waiting> waiting_;
  Server server_;
};

/// What a run's clients share: the history, the next value to send, and whether they have polled to the end.
struct Workload {
  Recorder recorder;
  uint64_t next_value = 0, operations_left = 0;
  bool only_polls = false;
};

/// Sends and polls by turns, one at a time. Any doubt ends its process, and it goes on as another from offset
/// 0.
class Worker {
 public:
  Worker(Machine& machine, World& world, Workload& workload)
      : machine_(machine),
        world_(world),
        workload_(workload),
        client_(
            machine, "broker", [this](bool is_up) { is_up ? begin() : give_up(); },
            [this](uint64_t answer) { end(answer); }) {}
  ~Worker() { give_up(); }
  bool is_at_end() const { return is_at_end_; }

 private:
  void begin() {
    process_ = workload_.recorder.new_process();
    position_ = 0;
    next();
  }

  void next() {
    if (!workload_.only_polls && workload_.operations_left == 0) {
      idle_ = machine_.loop().after(10, [this] { next(); });
      return;
    }
    if (workload_.operations_left > 0) --workload_.operations_left;
    const bool is_send = !workload_.only_polls && machine_.rng().below(2) == 0;
    op_ = {.time_ns = world_.scheduler().now_ns(), .process = process_, .type = OpType::invoke};
    op_.kind = is_send ? OpKind::send : OpKind::poll;
    op_.mops = {{.kind = is_send ? MopKind::send : MopKind::poll}};
    if (is_send) op_.mops[0].value = static_cast<Value>(workload_.next_value++);
    is_waiting_ = true;
    workload_.recorder.add(op_);
    client_.send(is_send ? static_cast<uint64_t>(op_.mops[0].value) : Broker::poll_bit | position_);
    patience_ = machine_.loop().after(2'000, [this] { client_.reconnect(); });
  }

  void end(uint64_t answer) {
    machine_.loop().cancel(patience_);
    Mop& mop = op_.mops[0];
    if (op_.kind == OpKind::send) {
      mop.offset = static_cast<int64_t>(answer);
    } else if (answer != Broker::nothing) {
      mop.polled = {{0, {{static_cast<int64_t>(position_++), static_cast<Value>(answer)}}}};
    }
    is_at_end_ = workload_.only_polls && answer == Broker::nothing;
    complete(OpType::ok);
    idle_ =
        machine_.loop().after(workload_.only_polls ? 0 : between(machine_.rng(), 0, 40), [this] { next(); });
  }

  void give_up() {
    machine_.loop().cancel(patience_);
    machine_.loop().cancel(idle_);
    if (is_waiting_) complete(OpType::info);
  }

  void complete(OpType type) {
    is_waiting_ = false;
    op_.type = type;
    op_.time_ns = world_.scheduler().now_ns();
    workload_.recorder.add(op_);
  }

  Machine& machine_;
  World& world_;
  Workload& workload_;
  int32_t process_ = 0;
  uint64_t position_ = 0;
  Op op_;
  bool is_waiting_ = false, is_at_end_ = false;
  Timers::Id patience_ = 0, idle_ = 0;
  Client client_;
};

}  // namespace kt::sim::toy
