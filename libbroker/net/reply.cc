#include "libbroker/net/reply.h"

namespace kt::net {
namespace {

class OutcomeSink final : public Reply::Sink {
 public:
  explicit OutcomeSink(Reply::Outcome outcome) : outcome_(std::move(outcome)) {}
  void answer(uint64_t, std::optional<std::vector<Piece>> bytes) override { outcome_(std::move(bytes)); }
  void dropped(uint64_t) override {}

 private:
  Reply::Outcome outcome_;
};

}  // namespace

Reply Reply::to(Outcome outcome) { return {std::make_shared<OutcomeSink>(std::move(outcome)), 0}; }

}  // namespace kt::net
