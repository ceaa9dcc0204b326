#include "libbroker/node/controller_driver.h"

#include "libbroker/base/logger.h"
#include "libbroker/metadata/image_builder.h"
#include "libbroker/node/quorum_description.h"

namespace kt::node {
namespace {

constexpr std::string_view component = "kt.Controller";

}  // namespace

ControllerDriver::ControllerDriver(Loop& control, Clock& clock, MetadataQuorum& quorum,
                                   controller::ControllerConfig config,
                                   std::vector<metadata::Record> bootstrap, uint64_t seed)
    : control_(control),
      clock_(clock),
      quorum_(quorum),
      config_(std::move(config)),
      bootstrap_(std::move(bootstrap)),
      rng_(seed) {}

void ControllerDriver::on_leadership(const raft::Leadership& leadership) {
  const bool leads = leadership.epoch_start_offset.has_value();
  if (!leads || leadership.epoch != epoch_) give_up();
  if (!leads) return;
  // The step that elected us is still being carried out: the controller's own records come after it.
  control_.post([this, alive = std::weak_ptr(alive_), epoch = leadership.epoch] {
    if (alive.lock()) activate(epoch);
  });
}

void ControllerDriver::activate(int32_t epoch) {
  if (!quorum_.raft().is_leader() || quorum_.raft().epoch() != epoch) return;
  std::vector<metadata::Record> first_records;
  try {
    metadata::Image image;
    const auto read = quorum_.for_each_batch(0, quorum_.log_end_offset(), [&](const MetadataBatch& batch) {
      metadata::ImageBuilder builder(image);
      for (const metadata::Record& record : batch.records) builder.apply(record);
      image = std::move(builder).freeze({batch.last_offset, batch.epoch, batch.timestamp_ms});
    });
    if (!read) return on_failure(read.error());
    epoch_ = epoch;
    first_records = controller::activation_records({config_, image, {}}, bootstrap_);
    auto next = std::make_unique<controller::Controller>(config_, std::move(image), clock_.monotonic_ms(),
                                                         rng_.next());
    first_records = next->take(std::move(first_records), context(0));
    controller_ = std::move(next);
  } catch (const metadata::ReplayError& error) {
    return on_failure({ErrorCode::kafka_storage_error,
                       std::string("the metadata log cannot be replayed: ") + error.what()});
  }
  controller_->hear_own(own_broker_epoch());
  if (!first_records.empty()) append(first_records);
  log_info(component, "Becoming the active controller at epoch {}, next write offset {}.", epoch,
           quorum_.log_end_offset());
  arm();
  on_active();
}

controller::Context ControllerDriver::context(int16_t version) {
  return {clock_.monotonic_ms(), quorum_.log_end_offset(), version,
          quorum_.raft().voters().last().kraft_version};
}

void ControllerDriver::submit(Loop& loop, api::ControllerRequest request, int16_t version,
                              std::optional<api::Asker>, Then then) {
  control_.post([this, alive = std::weak_ptr(alive_), &loop, request = std::move(request), version,
                 then = std::move(then)]() mutable {
    auto answer = [&loop, then = std::move(then)](Result<api::ControllerReply> reply) mutable {
      loop.post([then = std::move(then), reply = std::move(reply)]() mutable { then(std::move(reply)); });
    };
    if (alive.lock()) return handle(request, version, std::move(answer));
    answer(fail(ErrorCode::not_controller, "This broker is shutting down."));
  });
}

void ControllerDriver::handle(const api::ControllerRequest& request, int16_t version, Then then) {
  std::visit(
      [&]<class R>(const R& typed) {
        if constexpr (!std::is_same_v<R, wire::DescribeQuorumRequest>)
          decide(typed, version, std::move(then));
        else if (quorum_.raft().is_leader())
          then(describe_quorum(quorum_.raft(), typed, clock_));
        else
          then(fail(ErrorCode::not_controller, "Another node leads the metadata quorum."));
      },
      request);
}

/// What cannot be applied is a bug of ours; nothing of it is in the log. As after any fault of Kafka's
/// controller [EventHandlerExceptionInfo], whoever is elected next begins anew.
template <class Decide>
std::optional<std::invoke_result_t<Decide>> ControllerDriver::decided(Decide&& decide) {
  try {
    return decide();
  } catch (const std::exception& error) {
    log_error(component, "A decision at epoch {} cannot be applied: {}. Renouncing leadership.", epoch_,
              error.what());
  }
  give_up();
  quorum_.renounce();
  return std::nullopt;
}

template <class R>
void ControllerDriver::decide(const R& request, int16_t version, Then then) {
  if (!controller_) return then(fail(ErrorCode::not_controller, "No controller appears to be active."));
  auto decision = decided([&] { return controller_->handle(request, context(version)); });
  if (!decision) return then(fail(ErrorCode::unknown_server_error));
  if (decision->refusal) return then(fail(*std::move(decision->refusal)));
  const auto end_offset = append(decision->records);
  if (!end_offset) return then(fail(ErrorCode::not_controller, "The controller changed while deciding."));
  if (published_end_offset_ >= *end_offset || config_.mutants.has(Mutant::controller_answers_early))
    then(api::ControllerReply(std::move(decision->reply)));
  else
    held_.emplace(*end_offset, Held{std::move(then), api::ControllerReply(std::move(decision->reply))});
  arm();
}

std::optional<int64_t> ControllerDriver::append(const std::vector<metadata::Record>& records) {
  if (records.empty()) return quorum_.log_end_offset();
  std::optional<int64_t> end_offset;
  quorum_.propose(epoch_, records, [&](Result<int64_t> base_offset) {
    if (base_offset) end_offset = *base_offset + static_cast<int64_t>(records.size());
  });
  // The same step may have ended the leadership: what was appended may then be committed, or not.
  if (!controller_ || !quorum_.raft().is_leader() || quorum_.raft().epoch() != epoch_) end_offset.reset();
  if (!end_offset) give_up();
  return end_offset;
}

void ControllerDriver::give_up() {
  controller_.reset();
  control_.cancel(timer_);
  for (auto& [offset, held] : std::exchange(held_, {})) {
    held.then(
        fail(ErrorCode::not_controller, "The controller lost its leadership before this was committed."));
  }
}

void ControllerDriver::stop() {
  give_up();
  alive_.reset();
}

void ControllerDriver::on_published(int64_t end_offset) {
  published_end_offset_ = end_offset;
  while (!held_.empty() && held_.begin()->first <= end_offset) {
    Held held = std::move(held_.extract(held_.begin()).mapped());
    held.then(std::move(held.reply));
  }
}

void ControllerDriver::fence(int32_t broker_id, int64_t broker_epoch) {
  if (!controller_) return;
  if (const auto records = decided([&] { return controller_->fence(broker_id, broker_epoch, context(0)); }))
    append(*records);
  arm();
}

void ControllerDriver::tick() {
  if (!controller_) return;
  if (const auto records = decided([&] { return controller_->tick(context(0)); })) append(*records);
  arm();
}

void ControllerDriver::arm() {
  control_.cancel(timer_);
  if (!controller_ || controller_->deadline_ms() == INT64_MAX) return;
  const int64_t delay_ms = std::max<int64_t>(1, controller_->deadline_ms() - clock_.monotonic_ms());
  timer_ = control_.after(delay_ms, [this] { tick(); });
}

}  // namespace kt::node
