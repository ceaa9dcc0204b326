#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "libcli/commands/argv/usage_error.h"
#include "libcli/config/properties.h"

namespace kt::cli {

class Given;
struct Environment;
struct Syntax;

/// Under which name kt was called. As a Kafka script it keeps that script's exit codes and says nothing of
/// its own.
enum class Mode : uint8_t { script, kt };

/// Whose texts and layouts are printed.
enum class Era : uint8_t {
  modern,      // Kafka 4.x
  kafka_0_10,  // as tutorials of 2017 show them
};

enum class Output : uint8_t { table, wide, json, ndjson, yaml, csv, tsv, name };

/// What holds for a whole call, whichever the command.
struct Setting {
  Mode mode = Mode::kt;
  Era era = Era::modern;
  Output output = Output::table;
  bool out_has_colour = false;
  bool err_has_colour = false;
  bool hints = true;                     // may say more than the Kafka script would
  config::Properties client_properties;  // of -X, over those of files
  config::Properties era_file;           // what the .kt-era file says; empty without one
};

/// A number that the .kt-era file fixes, such as assignment.start; none where it does not.
std::optional<uint32_t> era_number(const Setting& setting, std::string_view key);

/// Reads the common options, the KT_ variables and the .kt-era file that stands beside the folder of
/// `program_path`. Errors: a value nobody knows, an output that the command does not offer.
std::expected<Setting, UsageError> setting_of(const Given& given, const Syntax& syntax, Mode mode,
                                              const std::string& program_path,
                                              const Environment& environment);

}  // namespace kt::cli
