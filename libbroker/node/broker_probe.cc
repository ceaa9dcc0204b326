#include "libbroker/node/broker_probe.h"

#include <array>

#include "libbroker/base/logger.h"

namespace kt::node {

/// A connection that a broker has taken, for as long as it keeps it.
class BrokerProbe::Answering final : public Stream::Handler {
 public:
  Answering(BrokerProbe& probe, const Attempt& attempt, std::unique_ptr<Stream> stream)
      : probe_(probe), attempt_(attempt), stream_(std::move(stream)) {
    stream_->start(*this);
    timer_ = probe_.control_.after(watch_ms, [this] {  // it lives
      timer_ = 0;
      probe_.probed_.erase(attempt_.broker_id);
      probe_.answering_.erase(attempt_.broker_id);
    });
  }
  ~Answering() override { probe_.control_.cancel(timer_); }
  std::span<std::byte> read_buffer() override { return ignored_; }
  void on_read(size_t) override {}
  void on_closed(std::string_view) override { probe_.on_ended(attempt_); }

 private:
  BrokerProbe& probe_;
  const Attempt attempt_;
  std::array<std::byte, 64> ignored_;
  std::unique_ptr<Stream> stream_;
  Timers::Id timer_ = 0;
};

BrokerProbe::BrokerProbe(Loop& control, Net& net, Options options)
    : control_(control), net_(net), options_(std::move(options)) {}

BrokerProbe::~BrokerProbe() = default;

void BrokerProbe::connection_ended(int32_t broker_id) {
  const metadata::Image* image = options_.image();
  const metadata::Broker* broker = image ? image->broker(broker_id) : nullptr;
  if (!broker || broker->fenced || broker_id == options_.node_id || !probed_.insert(broker_id).second) return;
  probe({broker_id, broker->epoch});
}

void BrokerProbe::became_active() {
  const metadata::Image* image = options_.image();
  if (!image) return;
  for (const auto& [id, broker] : image->brokers) connection_ended(id);
}

void BrokerProbe::probe(Attempt attempt) {
  const metadata::Image* image = options_.image();
  const metadata::Broker* broker = image ? image->broker(attempt.broker_id) : nullptr;
  const auto* at =
      broker && broker->epoch == attempt.broker_epoch ? broker->endpoint(options_.listener) : nullptr;
  if (!at) {  // another controller's business by now, or it is back
    probed_.erase(attempt.broker_id);
    return;
  }
  net_.connect(control_, {at->host, at->port}, options_.connect_timeout_ms,
               [this, alive = std::weak_ptr(alive_), attempt](Result<std::unique_ptr<Stream>> stream) {
                 if (alive.expired()) return;
                 if (stream) return watch(attempt, std::move(*stream));
                 if (stream.error().code == ErrorCode::broker_not_available)
                   return on_refused(attempt, stream.error().message);
                 probed_.erase(attempt.broker_id);
               });
}

void BrokerProbe::probe_later(Attempt attempt) {
  control_.after(pause_ms, [this, alive = std::weak_ptr(alive_), attempt] {
    if (!alive.expired()) probe(attempt);
  });
}

void BrokerProbe::on_refused(Attempt attempt, const std::string& why) {
  if (++attempt.refusals < refusals_max) return probe_later(attempt);
  probed_.erase(attempt.broker_id);
  log_info("kt.Controller", "Fencing broker {} at once: {}", attempt.broker_id, why);
  options_.fence(attempt.broker_id, attempt.broker_epoch);
}

void BrokerProbe::watch(const Attempt& attempt, std::unique_ptr<Stream> stream) {
  answering_[attempt.broker_id] = std::make_unique<Answering>(*this, attempt, std::move(stream));
}

/// Destroys who calls it.
void BrokerProbe::on_ended(Attempt attempt) {
  answering_.erase(attempt.broker_id);
  attempt.refusals = 0;
  if (++attempt.endings < endings_max) return probe_later(attempt);
  probed_.erase(attempt.broker_id);  // whoever this is, it does not end
}

}  // namespace kt::node
