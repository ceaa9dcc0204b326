#include "libbroker/consuming/protocol.h"

#include <algorithm>

#include "libbroker/wire/decoder.h"
#include "libbroker/wire/encoder.h"

namespace kt::consuming {
namespace {

using Subscription = wire::ConsumerProtocolSubscription;
using Assignment = wire::ConsumerProtocolAssignment;

template <class M>
Slice encode(M message) {
  wire::Encoder encoder(M::max_version, false);
  int16_t version = M::max_version;
  encoder.value(version);
  encoder.value(message);
  return Slice::own(encoder.take_bytes());
}

template <class M>
M decode(const Slice& bytes) {
  int16_t version = 0;
  wire::Decoder header(bytes, 0, false);
  header.value(version);
  if (version < M::min_version) throw wire::DecodeError("a version of the consumer protocol below 0");
  return wire::decode<M>(header.rest(), std::min(version, M::max_version));
}

}  // namespace

Slice encode_subscription(const Subscription& subscription) { return encode(subscription); }

Slice encode_assignment(const std::vector<TopicPartition>& partitions, Slice user_data) {
  return encode(Assignment{by_topic<Assignment::TopicPartition>(partitions), std::move(user_data)});
}

Subscription decode_subscription(const Slice& bytes) { return decode<Subscription>(bytes); }

std::vector<TopicPartition> decode_assignment(const Slice& bytes) {
  if (bytes.size() == 0) return {};  // a member that the leader left out
  return flat(decode<Assignment>(bytes).assigned_partitions);
}

}  // namespace kt::consuming
