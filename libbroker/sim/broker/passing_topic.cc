#include "libbroker/sim/broker/passing_topic.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "libbroker/sim/broker/client_setup.h"
#include "libbroker/wire/19_create_topics.h"
#include "libbroker/wire/20_delete_topics.h"

namespace kt::sim {
namespace {

constexpr const char* topic_name = "passing";
constexpr int64_t again_ms = 200, life_ms_max = 20'000, poll_ms = 500;
constexpr Value records = 8;
constexpr size_t record_bytes = 60;

}  // namespace

PassingTopic::PassingTopic(Machine& machine, std::vector<Endpoint> brokers, Workload& workload)
    : machine_(machine), brokers_(std::move(brokers)), workload_(workload) {}

std::string PassingTopic::label() const {
  return fmt::format("{}#{}", topic_name, workload_.passing_life.number);
}

void PassingTopic::recreate(std::optional<uint32_t> absent, std::function<void()> then) {
  then_ = std::move(then);
  absent_ = absent;
  if (absent_) workload_.kill_broker(*absent_);
  late_ms_ = machine_.clock().monotonic_ms() + life_ms_max;
  consumer_.reset();
  producer_.reset();
  cluster_ = std::make_unique<client::Cluster>(machine_.loop(), machine_.net(), machine_.clock(),
                                               cluster_options(brokers_, workload_));
  workload_.passing_life.is_made ? remove() : create();
}

void PassingTopic::again(void (PassingTopic::*step)()) {
  if (is_late()) return end();
  machine_.loop().after(again_ms, [this, step] { (this->*step)(); });
}

void PassingTopic::bring_back() {
  if (absent_) workload_.start_broker(*std::exchange(absent_, std::nullopt));
}

void PassingTopic::end() {
  bring_back();
  machine_.loop().post([then = std::exchange(then_, nullptr)] {
    if (then) then();
  });
}

/// By its id: a request that comes late must not delete the next life.
void PassingTopic::remove() {
  if (!id_) return learn_id();
  wire::DeleteTopicsRequest request;
  request.topics.push_back({.name = std::nullopt, .topic_id = *id_});
  cluster_->call<wire::DeleteTopicsResponse>(
      client::Target::controller(), std::move(request),
      [this](const Result<wire::DeleteTopicsResponse>& answer) {
        const bool is_gone = answer && answer->responses.size() == 1 &&
                             (answer->responses.front().error_code == ErrorCode::none ||
                              answer->responses.front().error_code == ErrorCode::unknown_topic_id);
        if (!is_gone) return again(&PassingTopic::remove);
        workload_.passing_life.is_made = false;
        id_.reset();
        create();
      });
}

void PassingTopic::learn_id() {
  cluster_->refresh(std::vector<std::string>{topic_name}, false,
                    [this](Result<const client::Topology*> known) {
                      if (!known) return again(&PassingTopic::remove);
                      const auto topic = (*known)->topics.find(topic_name);
                      if (topic == (*known)->topics.end() || topic->second.topic_id.is_zero())
                        return again(&PassingTopic::remove);
                      id_ = topic->second.topic_id;
                      remove();
                    });
}

void PassingTopic::create() {
  wire::CreateTopicsRequest request;
  request.topics.push_back({.name = topic_name, .num_partitions = 1, .replication_factor = -1});
  workload_.passing_life.is_made = true;  // for all that is known, once it is asked for
  cluster_->call<wire::CreateTopicsResponse>(
      client::Target::controller(), std::move(request),
      [this](const Result<wire::CreateTopicsResponse>& answer) {
        if (!answer || answer->topics.size() != 1) return again(&PassingTopic::create);
        const auto& topic = answer->topics.front();
        // It is there already when an earlier attempt made it.
        if (topic.error_code != ErrorCode::none && topic.error_code != ErrorCode::topic_already_exists)
          return again(&PassingTopic::create);
        if (topic.error_code == ErrorCode::none && !topic.topic_id.is_zero()) id_ = topic.topic_id;
        fill();
      });
}

void PassingTopic::fill() {
  ++workload_.passing_life.number;
  acknowledged_.clear();
  seen_.clear();
  acknowledged_end_ = 0;
  client::ProducerOptions options;
  options.request_timeout_ms = static_cast<int32_t>(workload_.options().request_timeout_ms);
  options.seed = machine_.rng().next();
  producer_ = std::make_unique<client::Producer>(*cluster_, options);
  open_ = static_cast<size_t>(records);
  for (Value value = 1; value <= records; ++value) {
    client::ProducerRecord record{.topic = topic_name, .partition = 0};
    record.value = Slice::copy(payload(label(), 0, value, record_bytes));
    producer_->send(std::move(record), [this, value, life = workload_.passing_life.number](
                                           const Result<client::RecordMetadata>& sent) {
      if (life != workload_.passing_life.number) return;
      if (sent) {
        acknowledged_.insert(value);
        acknowledged_end_ = std::max(acknowledged_end_, sent->offset + 1);
      }
      if (--open_ == 0) machine_.loop().post([this] { read(); });
    });
  }
}

void PassingTopic::read() {
  bring_back();
  client::ConsumerOptions options;
  options.reset = consuming::Reset::earliest;
  options.auto_commits = false;
  options.allows_auto_creation = false;
  options.metadata_max_age_ms = 2 * workload_.options().request_timeout_ms;
  late_ms_ = machine_.clock().monotonic_ms() + life_ms_max;
  consumer_ = std::make_unique<client::Consumer>(*cluster_, options);
  consumer_->assign({{topic_name, 0}});
  (void)consumer_->seek_to_beginning({topic_name, 0});
  consumer_->poll(poll_ms, [this](Result<client::Consumer::Polled> polled) { on_polled(std::move(polled)); });
}

void PassingTopic::on_polled(Result<client::Consumer::Polled> polled) {
  if (!polled) return end();
  for (const client::PartitionRecords& part : *polled) {
    for (const auto& record : part.records) {
      const Value value = value_of(label(), 0, record.value);
      if (value < 1 || value > records)
        workload_.violated(
            fmt::format("the topic made again as {} shows a record of an earlier life at offset {}", label(),
                        record.offset));
      seen_.insert(value);
    }
  }
  const auto position = consumer_->position({topic_name, 0});
  const bool is_at_end = position && position->offset >= acknowledged_end_;
  if (is_at_end && !std::ranges::includes(seen_, acknowledged_))
    workload_.violated(fmt::format("{} lacks records that were acknowledged", label()));
  if (is_at_end || is_late()) return end();
  machine_.loop().post([this] {
    consumer_->poll(poll_ms, [this](Result<client::Consumer::Polled> more) { on_polled(std::move(more)); });
  });
}

}  // namespace kt::sim
