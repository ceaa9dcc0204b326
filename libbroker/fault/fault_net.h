#pragma once
#include "libbroker/fault/fault_stream.h"

namespace kt::fault {

/// The network as a lab has it for one of its nodes: `net`'s, with the board's faults on it. Outlived by what
/// it is given.
class FaultNet final : public Net {
 public:
  FaultNet(const FaultServices& services, Net& net) : services_(services), net_(net) {}
  Result<std::unique_ptr<Acceptor>> listen(std::vector<Loop*> loops, const Endpoint& at,
                                           Accepted accepted) override;
  /// Behind a link that is cut nobody answers: the attempt waits for the link, and fails at its time.
  void connect(Loop& loop, const Endpoint& to, int64_t timeout_ms, Connected connected) override;

 private:
  struct Attempt;
  /// The node of the lab that listens there; none: it is none.
  std::optional<int32_t> node_at(const Endpoint& to) const;
  bool is_cut(int32_t peer) const;
  void try_now(const std::shared_ptr<Attempt>& attempt);

  const FaultServices services_;
  Net& net_;
};

}  // namespace kt::fault
