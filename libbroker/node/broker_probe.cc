#include "libbroker/node/broker_probe.h"

#include "libbroker/base/logger.h"

namespace kt::node {

void BrokerProbe::connection_ended(int32_t broker_id) {
  const metadata::Image* image = controller_.image();
  const metadata::Broker* broker = image ? image->broker(broker_id) : nullptr;
  if (!broker || broker->fenced || broker_id == options_.node_id || !probed_.insert(broker_id).second) return;
  probe(broker_id, broker->epoch, 0);
}

void BrokerProbe::became_active() {
  const metadata::Image* image = controller_.image();
  if (!image) return;
  for (const auto& [id, broker] : image->brokers) connection_ended(id);
}

void BrokerProbe::probe(int32_t broker_id, int64_t broker_epoch, int refusals) {
  const metadata::Image* image = controller_.image();
  const metadata::Broker* broker = image ? image->broker(broker_id) : nullptr;
  const auto* at = broker && broker->epoch == broker_epoch ? broker->endpoint(options_.listener) : nullptr;
  if (!at) {  // another controller's business by now, or it is back
    probed_.erase(broker_id);
    return;
  }
  net_.connect(control_, {at->host, at->port}, options_.connect_timeout_ms,
               [this, alive = std::weak_ptr(alive_), broker_id, broker_epoch,
                refusals](Result<std::unique_ptr<Stream>> stream) mutable {
                 if (alive.expired()) return;
                 const bool is_refused = !stream && stream.error().code == ErrorCode::broker_not_available;
                 if (is_refused && ++refusals < refusals_max) {
                   control_.after(pause_ms, [this, alive, broker_id, broker_epoch, refusals] {
                     if (!alive.expired()) probe(broker_id, broker_epoch, refusals);
                   });
                   return;
                 }
                 probed_.erase(broker_id);
                 if (!is_refused) return;
                 log_info("kt.Controller", "Fencing broker {} at once: {}", broker_id,
                          stream.error().message);
                 controller_.fence(broker_id, broker_epoch);
               });
}

}  // namespace kt::node
