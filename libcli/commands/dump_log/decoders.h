#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "libbroker/record/record.h"
#include "libcli/commands/dump_log/options.h"

namespace kt::cli::dump_log {

/// A record as text: each part that is there.
struct RecordText {
  std::optional<std::string> key, payload;
};
/// Errors: invalid_record for what the record's decoder cannot read, in its words.
Result<RecordText> text_of(const record::RecordView& record, int64_t offset, const Options& options);

/// What the record of a control batch says, after a blank: " endTxnMarker: COMMIT coordinatorEpoch: 3".
std::string control_text(const record::RecordView& record);

}  // namespace kt::cli::dump_log
