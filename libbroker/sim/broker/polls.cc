#include "libbroker/sim/broker/polls.h"

#include <memory>
#include <utility>

namespace kt::sim {

std::vector<Polled> polled_of(Workload& workload, const client::Consumer::Polled& polled) {
  std::vector<Polled> parts;
  for (const client::PartitionRecords& part : polled) {
    if (!part.records.empty()) workload.was_read(part.partition, part.records.back().offset);
    Polled& one = parts.emplace_back(Polled{static_cast<Key>(part.partition.partition), {}});
    for (const auto& record : part.records) {
      one.reads.push_back(
          {record.offset, value_of(part.partition.topic, part.partition.partition, record.value)});
    }
  }
  return parts;
}

std::set<TopicPartition> partitions_of(const WorkloadTopic& topic) {
  std::set<TopicPartition> partitions;
  for (int32_t p = 0; p < topic.partitions; ++p) partitions.insert({topic.name, p});
  return partitions;
}

std::vector<Key> keys_of(const WorkloadTopic& topic) {
  std::vector<Key> keys;
  for (int32_t p = 0; p < topic.partitions; ++p) keys.push_back(static_cast<Key>(p));
  return keys;
}

Op op_at(int64_t time_ns, int32_t process, OpKind kind, OpType type) {
  return {.time_ns = time_ns, .process = process, .type = type, .kind = kind};
}

void ConsumerHistory::began(OpKind kind, const WorkloadTopic& topic) {
  for (const OpType type : {OpType::invoke, OpType::ok}) {
    Op op = op_at(workload_.now_ns(), process_, kind, type);
    op.keys = keys_of(topic);
    recorder_.add(std::move(op));
  }
}

size_t ConsumerHistory::polled(int64_t begun_ns, std::vector<Polled> polled) {
  if (polled.empty()) return 0;
  size_t records = 0;
  for (const Polled& part : polled) records += part.reads.size();
  Op begun = op_at(begun_ns, process_, OpKind::poll);
  begun.mops.push_back({.kind = MopKind::poll});
  recorder_.add(std::move(begun));
  Op ended = op_at(workload_.now_ns(), process_, OpKind::poll, OpType::ok);
  ended.mops.push_back({.kind = MopKind::poll, .polled = std::move(polled)});
  recorder_.add(std::move(ended));
  return records;
}

void CommitHistory::commit(client::Consumer& consumer, Then then) {
  Op op = op_at(workload_.now_ns(), process_, OpKind::commit);
  client::Offsets offsets;
  for (const TopicPartition& p : consumer.assignment()) {
    const auto position = consumer.position(p);
    if (!position) continue;
    offsets[p] = *position;
    op.mops.push_back({.kind = MopKind::commit,
                       .key = static_cast<Key>(p.partition),
                       .offset = position->offset,
                       .group = group_});
  }
  if (offsets.empty()) return then({});
  recorder_.add(op);
  consumer.commit(std::move(offsets), [this, op, then = std::move(then)](Result<void> committed) mutable {
    if (committed) ++workload_.committed;
    if (is_of_member_) check_order(op, committed.has_value());
    end(std::move(op), std::move(committed), then);
  });
}

void CommitHistory::check_order(const Op& begun, bool is_acknowledged) {
  for (const Mop& mop : begun.mops) {
    auto wrong = workload_.member_commits().ended(static_cast<int32_t>(mop.key), mop.offset, begun.time_ns,
                                                  workload_.now_ns(), is_acknowledged);
    if (wrong) workload_.violated(std::move(*wrong));
  }
}

void CommitHistory::ask(client::Consumer& consumer, const std::set<TopicPartition>& of, Then then) {
  ask(of, [&](auto answered) { consumer.committed(of, std::move(answered)); }, std::move(then));
}

void CommitHistory::ask(const std::set<TopicPartition>& of,
                        const std::function<void(client::Then<client::Offsets>)>& fetch, Then then) {
  Op op = op_at(workload_.now_ns(), process_, OpKind::commit);
  for (const TopicPartition& p : of) {
    op.mops.push_back({.kind = MopKind::committed, .key = static_cast<Key>(p.partition), .group = group_});
  }
  recorder_.add(op);
  fetch([this, op, then = std::move(then)](Result<client::Offsets> offsets) mutable {
    if (offsets) {
      for (const auto& [p, at] : *offsets) {
        for (Mop& mop : op.mops) {
          if (mop.key == static_cast<Key>(p.partition)) mop.offset = at.offset;
        }
      }
    }
    end(std::move(op), offsets ? Result<void>{} : fail(offsets.error()), then);
  });
}

void CommitHistory::end(Op op, Result<void> outcome, const Then& then) {
  op.time_ns = workload_.now_ns();
  op.type = outcome ? OpType::ok : OpType::info;
  if (!outcome) op.error = outcome.error().code;
  recorder_.add(std::move(op));
  if (!outcome) process_ = recorder_.new_process();
  then(std::move(outcome));
}

}  // namespace kt::sim
