#pragma once
#include <memory>
#include <string>

#include "libbroker/base/forwarding_disk.h"
#include "libbroker/fault/board.h"

namespace kt::fault {

/// The disk as a lab has it for one of its nodes: it may be full, or broken, as the board says. Outlived by
/// what it is given.
class FaultDisk final : public ForwardingDisk {
 public:
  FaultDisk(Board& board, Disk& disk) : ForwardingDisk(disk), board_(board) {}
  Result<std::unique_ptr<File>> open(const std::string& path, Mode mode) override;

 private:
  Board& board_;
};

}  // namespace kt::fault
