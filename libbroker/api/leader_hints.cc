#include "libbroker/api/leader_hints.h"

#include "libbroker/api/broker.h"

namespace kt::api {

LeaderHints::LeaderHints(const RequestContext& ctx, int16_t since)
    : broker_(ctx.broker), loop_(ctx.loop), has_room_(ctx.version() >= since), from_(vantage_of(ctx)) {}

bool LeaderHints::are_outrun() const {
  if (has_room_) return false;
  const metadata::Broker* self = broker_.image(loop_)->broker(broker_.config().node_id);
  return self && self->in_controlled_shutdown;
}

std::optional<LeaderHints::Leader> LeaderHints::find(const std::string& topic, const Uuid& topic_id,
                                                     int32_t partition) const {
  if (!has_room_) return std::nullopt;
  const auto image = broker_.image(loop_);
  const metadata::Topic* known = topic_id.is_zero() ? image->topic(topic) : image->topic(topic_id);
  const metadata::Partition* led = known ? known->partition(partition) : nullptr;
  if (!led || !led->has_leader() || broker_.is_lost(led->leader)) return std::nullopt;
  auto at = visible_broker(*image, from_, led->leader);
  if (!at) return std::nullopt;
  return Leader{std::move(*at), led->leader_epoch};
}

}  // namespace kt::api
