#pragma once
#include <iosfwd>
#include <string>

#include "libbroker/base/result.h"
#include "libcli/commands/dump_log/complaints.h"
#include "libcli/commands/dump_log/options.h"

namespace kt {
class Disk;
}

namespace kt::cli::dump_log {

/// Where dumps go. Outlived by what it refers to.
struct Dump {
  Disk& disk;
  const Options& options;
  Streams& streams;
  Complaints& complaints;
};

/// One file each, by its suffix. Errors: the disk's; corrupt_message for an index that is none.
Result<void> dump_log_file(const Dump& dump, const std::string& path);
Result<void> dump_offset_index(const Dump& dump, const std::string& path);
Result<void> dump_time_index(const Dump& dump, const std::string& path);
Result<void> dump_txn_index(const Dump& dump, const std::string& path);
Result<void> dump_producer_snapshot(const Dump& dump, const std::string& path);

std::string file_name_of(const std::string& path);
/// As Java's File.getAbsolutePath.
std::string absolute(const std::string& path);
/// "OptionalLong[5]"
std::string java_optional(std::optional<int64_t> value);
/// The number that a segment's file name begins with. Errors: invalid_request, in Java's words.
Result<int64_t> offset_in_name(const std::string& path);

}  // namespace kt::cli::dump_log
