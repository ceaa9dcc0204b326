#pragma once
#include <memory>
#include <string>

#include "libbroker/base/forwarding_disk.h"

namespace kt::lab {

/// A disk that is never waited for: what is written is in the system's hands, and on the medium when the
/// system likes. For a lab's own files, which are made again rather than recovered; a busy disk takes many
/// milliseconds for each sync. The disk below outlives it.
class UnsyncedDisk final : public ForwardingDisk {
 public:
  using ForwardingDisk::ForwardingDisk;
  Result<std::unique_ptr<File>> open(const std::string& path, Mode mode) override;
  Result<void> sync_directory(const std::string&) override { return {}; }
};

}  // namespace kt::lab
