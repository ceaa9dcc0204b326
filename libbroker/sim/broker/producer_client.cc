#include "libbroker/sim/broker/producer_client.h"

#include <fmt/core.h>

#include <memory>
#include <utility>
#include <vector>

#include "libbroker/client/cluster.h"
#include "libbroker/client/producer.h"
#include "libbroker/sim/broker/client_setup.h"
#include "libbroker/sim/chance.h"
#include "libbroker/wire/19_create_topics.h"

namespace kt::sim {
namespace {

constexpr int32_t group_process_base = 1'000'000;  // producers' processes in the group's history

/// Whether time alone explains that a record was not acknowledged.
bool may_happen(ErrorCode code) {
  return code == ErrorCode::request_timed_out || code == ErrorCode::network_exception;
}

class ProducerClient {
 public:
  ProducerClient(Machine& machine, std::vector<Endpoint> brokers, Workload& workload)
      : machine_(machine),
        workload_(workload),
        cluster_(machine.loop(), machine.net(), machine.clock(),
                 cluster_options(std::move(brokers), workload)),
        producer_(cluster_, producer_options()) {
    machine_.loop().post([this] { begin(); });
  }
  ~ProducerClient() {
    for (const auto& lane : lanes_) workload_.open_bursts -= lane->is_busy ? 1 : 0;
  }

 private:
  /// One partition, one process of the history: one burst after the other.
  struct Lane {
    size_t topic;
    int32_t partition;
    int32_t process = 0;
    bool is_busy = false;
  };
  struct Burst {
    Op op;
    size_t left = 0;
    std::vector<Error> errors = {};
  };

  client::ProducerOptions producer_options() {
    client::ProducerOptions options;
    options.sending.batch_size_bytes = workload_.options().producer_batch_bytes;
    options.sending.codec = static_cast<record::Codec>(workload_.options().codec);
    options.sending.linger_ms = between(machine_.rng(), 0, 5);
    options.request_timeout_ms = static_cast<int32_t>(workload_.options().request_timeout_ms);
    options.seed = machine_.rng().next();
    return options;
  }

  void begin() {
    if (!workload_.is_ready) {
      machine_.loop().after(50, [this] { begin(); });
      return;
    }
    for (size_t topic = 0; topic < workload_.topics().size(); ++topic) {
      for (int32_t p = 0; p < workload_.topics()[topic].partitions; ++p) {
        lanes_.push_back(std::make_unique<Lane>(Lane{topic, p, recorder(topic).new_process()}));
        pause(*lanes_.back());
      }
    }
  }

  Recorder& recorder(size_t topic) { return workload_.topics()[topic].recorder; }

  void record(const Lane& lane, Op op) {
    op.process = lane.process;
    if (lane.topic == 0) {
      Op copy = op;
      copy.process += group_process_base;
      workload_.group_history().add(std::move(copy));
    }
    recorder(lane.topic).add(std::move(op));
  }

  void pause(Lane& lane) {
    machine_.loop().after(exponential(machine_.rng(), workload_.options().burst_pause_ms_mean),
                          [this, &lane] {
                            if (!workload_.is_over) send(lane);
                          });
  }

  void send(Lane& lane) {
    const WorkloadTopic& topic = workload_.topics()[lane.topic];
    auto burst = std::make_shared<Burst>();
    burst->left = 1 + machine_.rng().below(workload_.options().burst_records_max);
    burst->op.kind = OpKind::send;
    std::vector<client::ProducerRecord> records;
    for (size_t i = 0; i < burst->left; ++i) {
      Mop mop{.kind = MopKind::send,
              .key = static_cast<Key>(lane.partition),
              .value = workload_.next_value(lane.topic, lane.partition)};
      client::ProducerRecord record{.topic = topic.name, .partition = lane.partition};
      if (topic.record_keys > 0) {
        mop.record_key = static_cast<uint32_t>(machine_.rng().below(topic.record_keys));
        record.key = Slice::copy(fmt::format("key-{}", mop.record_key));
      }
      const size_t bytes = machine_.rng().below(workload_.options().record_bytes_max);
      record.value = Slice::copy(payload(topic.name, lane.partition, mop.value, bytes));
      records.push_back(std::move(record));
      burst->op.mops.push_back(mop);
    }
    lane.is_busy = true;
    ++workload_.open_bursts;
    burst->op.time_ns = workload_.now_ns();
    record(lane, burst->op);
    for (size_t i = 0; i < records.size(); ++i) {
      producer_.send(std::move(records[i]), [this, &lane, burst, i](Result<client::RecordMetadata> sent) {
        if (sent) {
          burst->op.mops[i].offset = sent->offset;
        } else {
          burst->errors.push_back(std::move(sent.error()));
        }
        if (--burst->left == 0) end(lane, *burst);
      });
    }
  }

  void end(Lane& lane, Burst& burst) {
    burst.op.time_ns = workload_.now_ns();
    burst.op.type = burst.errors.empty() ? OpType::ok : OpType::info;
    for (const Error& error : burst.errors) {
      burst.op.error = error.code;
      if (may_happen(error.code)) continue;
      workload_.violated(fmt::format("a record for {}-{} was refused: {}, {}",
                                     workload_.topics()[lane.topic].name, lane.partition, name_of(error.code),
                                     error.message));
    }
    if (burst.errors.empty()) {
      workload_.acknowledged += burst.op.mops.size();
      workload_.progressed(
          fmt::format("{} to {}-{}", machine_.host(), workload_.topics()[lane.topic].name, lane.partition));
      if (workload_.topics()[lane.topic].is_retained) {
        for (const Mop& mop : burst.op.mops)
          workload_.topics()[lane.topic].acknowledged[mop.key][mop.offset] = mop.value;
      }
      if (lane.topic == 0) {
        int64_t& end = workload_.acknowledged_end[static_cast<Key>(lane.partition)];
        for (const Mop& mop : burst.op.mops) end = std::max(end, mop.offset + 1);
      }
    }
    record(lane, burst.op);
    if (!burst.errors.empty()) lane.process = recorder(lane.topic).new_process();
    lane.is_busy = false;
    --workload_.open_bursts;
    pause(lane);
  }

  Machine& machine_;
  Workload& workload_;
  client::Cluster cluster_;
  client::Producer producer_;
  std::vector<std::unique_ptr<Lane>> lanes_;
};

class AdminClient {
 public:
  AdminClient(Machine& machine, std::vector<Endpoint> brokers, Workload& workload)
      : machine_(machine),
        workload_(workload),
        cluster_(machine.loop(), machine.net(), machine.clock(),
                 cluster_options(std::move(brokers), workload)) {
    machine_.loop().post([this] { create(); });
  }

 private:
  void create() {
    if (workload_.is_ready) return;
    wire::CreateTopicsRequest request;
    for (const WorkloadTopic& topic : workload_.topics()) {
      auto& one = request.topics.emplace_back();
      one.name = topic.name;
      one.num_partitions = topic.partitions;
      one.replication_factor = -1;  // default.replication.factor
      for (const auto& [name, value] : topic.configs) one.configs.push_back({name, value});
    }
    cluster_.call<wire::CreateTopicsResponse>(
        client::Target::controller(), std::move(request),
        [this](Result<wire::CreateTopicsResponse> response) { on_answer(response); });
  }

  void on_answer(const Result<wire::CreateTopicsResponse>& response) {
    workload_.is_ready = response.has_value();
    if (response) {
      for (const auto& topic : response->topics) {
        const bool is_there =
            topic.error_code == ErrorCode::none || topic.error_code == ErrorCode::topic_already_exists;
        workload_.is_ready &= is_there;
        const bool is_early =
            topic.error_code == ErrorCode::invalid_replication_factor;  // not all have registered
        if (!is_there && !is_early && !is_retriable(topic.error_code)) {
          workload_.violated(
              fmt::format("topic {} was refused: {}", topic.name, topic.error_message.value_or("")));
        }
      }
    }
    if (!workload_.is_ready) machine_.loop().after(100, [this] { create(); });
  }

  Machine& machine_;
  Workload& workload_;
  client::Cluster cluster_;
};

}  // namespace

Program producer_program(std::vector<Endpoint> brokers, Workload& workload) {
  return [brokers = std::move(brokers), &workload](Machine& machine) -> Process {
    return std::make_shared<ProducerClient>(machine, brokers, workload);
  };
}

Program admin_program(std::vector<Endpoint> brokers, Workload& workload) {
  return [brokers = std::move(brokers), &workload](Machine& machine) -> Process {
    return std::make_shared<AdminClient>(machine, brokers, workload);
  };
}

}  // namespace kt::sim
