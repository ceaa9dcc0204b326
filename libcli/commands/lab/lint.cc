#include "libcli/lab/lint.h"

#include <fmt/core.h>

#include <ostream>

#include "libbroker/base/disk.h"
#include "libcli/commands/lab/child_command.h"
#include "libcli/commands/lab/lab.h"

namespace kt::cli::lab {

Exit lint(const Options& options, Environment& environment, Streams& streams) {
  Exit exit = Exit::done;
  for (const std::string& file : options.files) {
    const auto text = environment.disk.read_all(file);
    if (!text) {
      exit = refuse(text.error(), streams);
      continue;
    }
    const bool is_properties = file.ends_with(".properties");
    auto complaints = is_properties ? kt::lab::lint_properties(*text) : kt::lab::lint_exercise(*text);
    if (!is_properties) {
      const auto parsed = run_child({"bash", "-n", file}, {});
      if (!parsed) return refuse(parsed.error(), streams);
      if (parsed->status != 0) complaints.push_back({0, parsed->err.substr(0, parsed->err.find('\n'))});
    }
    for (const auto& complaint : complaints) {
      streams.out << (complaint.line > 0 ? fmt::format("{}:{}: {}\n", file, complaint.line, complaint.text)
                                         : fmt::format("{}: {}\n", file, complaint.text));
    }
    if (!complaints.empty()) exit = Exit::failed;
  }
  return exit;
}

}  // namespace kt::cli::lab
